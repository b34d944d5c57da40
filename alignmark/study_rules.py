"""Rules that a study declares: scoring, classes, models, the report, disclosure."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from alignmark.checked import Checked
from reports.wording import WORDS
from survey.declaration import Declared, Fault, suggest

SLACK = 1e-9
"""Shares that add up to 1 but for floating point do."""


class OutcomeClassRule(Checked):
    """Aberdeen-style classes: the mean standardised outcome, cut at the best and the last share."""

    outcomes: list[str] = Field(min_length=1)
    best: float = Field(default=0.2, gt=0, lt=1)
    laggard: float = Field(default=0.3, gt=0, lt=1)
    minimum_outcomes: int | None = Field(default=None, ge=1)
    """Outcomes a company must have; all of them if not said."""

    def faults(self) -> Iterator[Fault]:
        """Yield shares that overlap, and counts that cannot be reached."""
        if self.best + self.laggard > 1 + SLACK:
            what = f"best {self.best:g} and laggard {self.laggard:g} add up to more than all companies"
            yield Fault(("best",), what, "shares that add up to at most 1, such as 0.2 and 0.3")
        yield from _repeated(self.outcomes, "outcomes")
        if self.minimum_outcomes is not None and self.minimum_outcomes > len(self.outcomes):
            what = f"{self.minimum_outcomes} is more than the outcomes that are listed"
            yield Fault(("minimum_outcomes",), what, f"1 to {len(self.outcomes)}")


class PracticeClassRule(Checked):
    """World-class in the Miller Heiman manner: `cut` points or more on `share` of the practices."""

    practices: list[str] = Field(default_factory=list)
    cut: float = Field(default=75, ge=0, le=100)
    share: float = Field(default=0.9, gt=0, le=1)
    minimum_practices: int | None = Field(default=None, ge=1)
    """Practices a company must have answered; all of them if not said."""

    def faults(self) -> Iterator[Fault]:
        """Yield practices that are listed twice."""
        yield from _repeated(self.practices, "practices")


class ClassRules(Declared):
    """Both ways to say who the best are; each is optional and they are never mixed."""

    on_outcomes: OutcomeClassRule | None = None
    on_practices: PracticeClassRule | None = None


class Model(Declared):
    """One declared growth model; the regressor is the index unless said otherwise."""

    name: str = Field(min_length=1)
    outcome: str
    regressor: str = "alignment"
    controls: list[str] = Field(default_factory=list)
    effects: list[str] = Field(default_factory=list)
    errors: Literal["HC3", "cluster"] = "cluster"
    within: bool = False
    corrected: bool = False


class AlignmentRule(Declared):
    """Scoring: answered share a construct needs, share of constructs the index needs, and the adequate cut.

    The cut is the index points (0-100) from which a company counts as adequately aligned.
    """

    minimum_answered: float = Field(default=0.5, gt=0, le=1)
    minimum_constructs: float = Field(default=1.0, gt=0, le=1)
    adequate: float = Field(default=50, ge=0, le=100)


DISCLOSED = ("strategy", "conductor", "funder", "sample_source", "recruitment", "mode", "field_dates")
"""Keys of `ReportRule` that state what the AAPOR Code asks for and nothing else in a study file says."""


class ReportRule(Checked):
    """What the report is called and says of the study; `limits` are sentences of the researcher."""

    title: str
    subtitle: str = ""
    language: str = "en"
    population: str = ""
    fieldwork: str = ""
    sponsor: str = ""
    strategy: str = ""
    conductor: str = ""
    funder: str = ""
    sample_source: str = ""
    recruitment: str = ""
    mode: str = ""
    field_dates: str = ""
    limits: list[str] = Field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """Yield an empty title, and a language without fixed words."""
        if not self.title.strip():
            yield Fault(("title",), "is empty", "what stands on the first page")
        if self.language.replace("_", "-").split("-")[0].lower() not in WORDS:
            what = f"there are no reports in {self.language!r}"
            yield Fault(("language",), what, suggest(self.language, WORDS))


class Disclosure(Declared):
    """The smallest number of companies a published cell may stand for."""

    minimum_companies: int = Field(default=5, ge=1)


class Privacy(Checked):
    """What becomes of personal data; see the README.

    `key_file` holds the secret under which ids of respondents are hashed, beside the study and never in it;
    `keep` names columns and questions whose free text is written out, reviewed.
    """

    key_file: str | None = Field(default=None, min_length=1)
    keep: list[str] = Field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """Yield what is to be kept twice."""
        yield from _repeated(self.keep, "keep")


def _repeated(names: list[str], key: str) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Fault((key, number), f"{name!r} is listed twice", "each once")
