"""What counts as careless, as a study declares it: cut-offs of the indices, and the flags that exclude."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import pandas as pd
from pydantic import Field, model_validator

from survey.declaration import Declared
from survey.language import digits, look_up, mark, say

LADDER: dict[str, int | None] = {"none": None, "lenient": 3, "standard": 2, "strict": 1}
"""Presets, from no exclusion to the strictest: how many flags a respondent is dropped for."""


FEWEST_STATEMENTS = 10
"""Patterns in the answers to fewer statements happen to careful people too, so that nothing is said of them."""

PEOPLE_PER_STATEMENT = 5
"""With fewer respondents a statement, what goes with what is chance: no distance, no synonyms and antonyms."""


SIDES = (mark("at least"), mark("above"), mark("below"))
"""On which side of its cut-off an index flags."""


class Cut(NamedTuple):
    """On which side of its cut-off an index flags, what that says of the answers, and what the cut-off counts."""

    side: Literal["at least", "above", "below"]
    meaning: str
    unit: str

    def beyond(self, index: pd.Series, cut: float) -> pd.Series:
        """Return where an index flags; where it is not known it does not."""
        return {"at least": index.ge, "above": index.gt, "below": index.lt}[self.side](cut)

    def in_words(self, name: str, cut: float) -> str:
        """Say when an index flags, and what that says of the answers."""
        return say(
            "{meaning} ({index}: {side} {cut} {unit})",
            meaning=look_up(self.meaning), index=look_up(name.replace("_", " ")), side=look_up(self.side),
            cut=digits(cut, "g"), unit=look_up(self.unit),
        )  # fmt: skip


CUTS = {
    "longstring": Cut(
        "at least",
        mark("one and the same answer over a long run of statements"),
        mark("of those on one scale"),
    ),
    "irv": Cut("below", mark("hardly any variation between answers"), mark("of the scale")),
    "mahalanobis": Cut(
        "below", mark("a pattern of answers that hardly anybody else has"), mark("as probability")
    ),
    "even_odd": Cut(
        "above", mark("the two halves of the constructs do not agree"), mark("as correlation, sign turned")
    ),
    "synonyms": Cut("below", mark("unlike answers to statements that go together"), mark("as correlation")),
    "antonyms": Cut(
        "above", mark("like answers to statements that contradict each other"), mark("as correlation")
    ),
    "speed": Cut("at least", mark("much faster than the median of the wave"), mark("times as fast")),
    "seconds": Cut("below", mark("too little time for a statement to read it"), mark("seconds")),
    "percent_match": Cut(
        "at least", mark("nearly the same answers as somebody else in the company"), mark("of the answers")
    ),
}
"""The indices that have a cut-off; a failed attention check needs none."""

CALLED = mark("even odd"), mark("synonyms"), mark("antonyms"), mark("speed"), mark("percent match")
"""What sentences call indices that other languages have other words for."""


class CarelessRules(Declared):
    """When a respondent is flagged as careless, and how many flags exclude.

    Nobody is dropped unless the study says so: flags are counted and reported. `preset` sets
    `drop_from` along the ladder none, lenient (3 flags), standard (2), strict (1), over the same
    cut-offs, so that a stricter rule drops all whom a milder one drops. No single index excludes
    except under strict (Curran 2016, Journal of Experimental Social Psychology 66, 4-19), which is
    there to show how far results move, not to be followed. An index is left out by ``null``.

    Parameters
    ----------
    preset
        Sets `drop_from` unless that is given.
    drop_from
        Flags from which on a respondent is dropped; nobody if null.
    longstring
        Longest run of equal answers, as a share (0-1) of the statements answered on one scale. Half: Curran (2016).
    irv
        Standard deviation of the answers, as a share of the range of the scale, below which they hardly
        vary. No published cut-off: at 0.05 at most one answer in 25 lies a point of five off the others.
    mahalanobis
        Probability of a distance as large, by chi-square. 0.001 as usual for multivariate outliers
        (Meade and Craig 2012, Psychological Methods 17, 437-455, for the index).
    even_odd
        Even-odd consistency, more being more careless, above which halves disagree. 0: they contradict
        each other. Johnson (2005, Journal of Research in Personality 39, 103-129) is stricter with -0.30, which
        flags a fifth of careful people where constructs differ little within a person.
    synonyms, antonyms
        Correlation over pairs of synonyms below, of antonyms above which answers contradict each other;
        0: chance. Known only where three pairs of statements correlate beyond `pairs`.
    pairs
        Size of the correlation from which on two statements are synonyms or antonyms. 0.60: Meade and Craig (2012).
    speed
        Times as fast as the median of the wave. 2: Leiner (2019), Survey Research Methods 13, 229-248.
    seconds
        Seconds per statement, of the whole duration, below which nobody can have read it. 2: Huang,
        Curran, Keeney, Poposki and DeShon (2012), Journal of Business and Psychology 27, 99-114.
    percent_match
        Share of answers in common with the nearest other respondent of the company and wave. Kuriakose and
        Robbins (2016, Statistical Journal of the IAOS 32, 283-291) take 0.85 for long questionnaires;
        few questions on five points come that near by chance. It flags the copy and the one who was copied.
    attention
        Whether a failed attention check is a flag, where the cleaning rules keep such rows.

    Examples
    --------
    >>> CarelessRules().drop_from, CarelessRules(preset="standard").drop_from
    (None, 2)
    >>> CarelessRules(preset="strict", even_odd=None).even_odd is None
    True
    """

    preset: Literal["none", "lenient", "standard", "strict"] = "none"
    drop_from: int | None = Field(default=None, ge=1)
    longstring: float | None = Field(default=0.5, gt=0, le=1)
    irv: float | None = Field(default=0.05, gt=0, le=0.5)
    mahalanobis: float | None = Field(default=0.001, gt=0, lt=1)
    even_odd: float | None = Field(default=0.0, ge=-1, le=1)
    synonyms: float | None = Field(default=0.0, ge=-1, le=1)
    antonyms: float | None = Field(default=0.0, ge=-1, le=1)
    pairs: float = Field(default=0.60, gt=0, lt=1)
    speed: float | None = Field(default=2.0, gt=1)
    seconds: float | None = Field(default=2.0, gt=0)
    percent_match: float | None = Field(default=0.95, gt=0, le=1)
    attention: bool = True

    @model_validator(mode="before")
    @classmethod
    def _of_the_preset(cls, declared: Any) -> Any:
        if not isinstance(declared, Mapping) or "drop_from" in declared:
            return declared
        preset = declared.get("preset", "none")
        return {**declared, "drop_from": LADDER.get(preset) if isinstance(preset, str) else None}

    def in_words(self) -> tuple[str, ...]:
        """Say what flags and what excludes, in a sentence each.

        Examples
        --------
        >>> only = {**dict.fromkeys(CUTS), "speed": 3, "attention": False, "preset": "standard"}
        >>> for sentence in CarelessRules.model_validate(only).in_words():
        ...     print(sentence)
        Flagged as careless: much faster than the median of the wave (speed: at least 3 times as fast).
        Respondents with 2 flags or more are dropped; the rest are judged again until nobody else is.
        """
        causes = [CUTS[name].in_words(name, cut) for name, cut in self.cut_offs().items()]
        causes += [say("a failed attention check")] if self.attention else []
        dropped = say("Nobody is dropped for such flags.")
        if self.drop_from:
            dropped = say(
                "Respondents with one flag or more are dropped; the rest are judged again until nobody else is."
                if self.drop_from == 1
                else "Respondents with {n} flags or more are dropped; the rest are judged again until nobody else is.",
                n=self.drop_from,
            )
        flagged = say("Flagged as careless: {causes}.", causes="; ".join(causes) or say("nobody"))
        return (flagged, *self._where_known(), dropped)

    def _where_known(self) -> Iterator[str]:
        if {*self.cut_offs()} - {"speed", "seconds"}:
            yield say(
                "Patterns of answers are judged where at least {statements} statements were asked; what depends on all "
                "respondents, where there are at least {people} of them a statement.",
                statements=FEWEST_STATEMENTS,
                people=PEOPLE_PER_STATEMENT,
            )
        if {"synonyms", "antonyms"} & {*self.cut_offs()}:
            yield say(
                "Statements go together, or contradict each other, from a correlation of {least} on.",
                least=digits(self.pairs, "g"),
            )

    def cut_offs(self) -> dict[str, float]:
        """Return the indices that can flag, with their cut-offs."""
        return {name: cut for name in CUTS if (cut := getattr(self, name)) is not None}
