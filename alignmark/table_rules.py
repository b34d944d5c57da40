"""Crosstab books that a study declares: which questions, by which columns, tested how."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from alignmark.checked import Checked
from analysis.infer.letters import Family
from analysis.infer.multiplicity import Multiplicity
from survey.declaration import Fault
from survey.language import mark


class TableBook(Checked):
    """One book of crosstabs.

    `questions` are "rated" (all rated statements, and whether people find the functions aligned and want to improve
    that), "all", or ids of questions, constructs and groups of practices.
    `banner` are columns: function, wave, class, facts such as industry, or questions with one answer; if not said,
    function, wave and the segments that are known. `boxes` points make a top and a bottom box, `nets` gather points
    under a name of their own. Letters are adjusted by `multiplicity` ("bh", "holm", or "none", the custom of market
    research) within a `family` of tests: a "table" (a question by all heads), a "row" (by one head) or the "book".
    """

    title: str = Field(default=mark("Crosstabs"), min_length=1)
    questions: Literal["rated", "all"] | list[str] = "rated"
    banner: list[str] = Field(default_factory=list)
    boxes: int = Field(default=2, ge=0, le=5)
    nets: dict[str, list[float]] = Field(default_factory=dict)
    dont_know: Literal["show", "exclude"] = "exclude"
    levels: list[float] = Field(default_factory=lambda: [0.95, 0.90])
    multiplicity: Multiplicity = "bh"
    family: Family = "table"
    counted: Literal["respondents", "companies"] = "respondents"

    def faults(self) -> Iterator[Fault]:
        """Yield levels that make no sense, and what is listed twice."""
        falling = self.levels == sorted(set(self.levels), reverse=True)
        if not 1 <= len(self.levels) <= 2 or not falling or not all(0.5 < level < 1 for level in self.levels):
            yield Fault(
                ("levels",), "are no levels of confidence", "one or two falling, such as [0.95, 0.90]"
            )
        for key in ("banner", "questions"):
            names = getattr(self, key)
            for number, name in enumerate(names if isinstance(names, list) else ()):
                if name in names[:number]:
                    yield Fault((key, number), f"{name!r} is listed twice", "each once")
