"""Figures that others have published, and whether ours may stand beside them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from survey.declaration import Declared, read_declaration
from survey.language import look_up, mark, say, say_n

SHIPPED = Path(__file__).with_name("published.yaml")

YEARS_ALIKE = 5
"""Figures further apart than this many years are compared with a caution."""

QuestionType = Literal["yes_share", "top_box", "top_2_box", "mean", "class_mean", "scoring_key", "unknown"]
Unit = Literal["organisation", "person", "unknown"]
Selection = Literal[
    "all", "selected on outcomes", "selected on practices", "selected on alignment", "by function", "unknown"
]
Verdict = Literal["comparable", "comparable with caution", "not comparable"]

QUESTION_WORDS: dict[QuestionType, str] = {
    "yes_share": mark("a share of yes"),
    "top_box": mark("a share of the best answer"),
    "top_2_box": mark("a share of the two best answers"),
    "mean": mark("a mean rating"),
    "class_mean": mark("a mean by class"),
    "scoring_key": mark("a scoring key"),
    "unknown": mark("not published"),
}
UNIT_WORDS: dict[Unit, str] = {
    "organisation": mark("organisations"),
    "person": mark("people"),
    "unknown": mark("not published"),
}
SELECTION_WORDS: dict[Selection, str] = {
    "all": mark("of all"),
    "selected on outcomes": mark("selected on outcomes"),
    "selected on practices": mark("selected on practices"),
    "selected on alignment": mark("selected on alignment"),
    "by function": mark("by function"),
    "unknown": mark("chosen in an unknown way"),
}
UNSAID = {
    "question_type": mark("question wording"),
    "n": mark("base"),
    "unit_of_analysis": mark("unit of analysis"),
    "year": mark("year"),
}
"""What calls for caution where it was not published: None or "unknown"."""


class PublishedFigure(Declared):
    """One published figure with what is known of how it came about.

    `values` go by segment of the population or, where `selection` is "all", by answer. An empty
    `respondents`, an `n` of None and "unknown" mean that it was not published. `grade` is A for the study
    itself or close to it, B for a secondary source, C where the base was not found.
    """

    title: str
    measure: str
    values: dict[str, float] = Field(min_length=1)
    unit: str
    question_type: QuestionType
    unit_of_analysis: Unit
    respondents: tuple[str, ...]
    population: str
    n: int | None = Field(gt=0)
    year: int | None
    year_note: str = ""
    selection: Selection
    source: str
    url: str
    grade: Literal["A", "B", "C"]
    caution: str


class NotShipped(Declared):
    """A figure in circulation that is left out, and why; its value is not repeated."""

    topic: str
    reason: str


class Published(Declared):
    """The file of published figures."""

    figures: dict[str, PublishedFigure]
    not_shipped: dict[str, NotShipped]


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure of our own came about, in the terms of `PublishedFigure`.

    `respondents` are functions or levels ("sales", "marketing", "top executives"); `segment` says how
    the companies behind the figure were chosen; `population` may be empty.
    """

    measure: str
    question_type: QuestionType
    unit_of_analysis: Unit
    respondents: tuple[str, ...]
    year: int
    segment: Selection = "all"
    population: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two figures may stand side by side, and each reason against it, in words."""

    verdict: Verdict
    reasons: tuple[str, ...]


def read_published(path: Path = SHIPPED) -> dict[str, PublishedFigure]:
    """Read the published figures by id.

    Raises
    ------
    InputError
        If the file does not fit; names file, line and key.

    Examples
    --------
    >>> read_published()["ABE07"].values
    {'best_in_class': 56.0, 'laggard': 62.0}
    """
    return dict(_shipped()) if path == SHIPPED else read_declaration(path, Published).figures


def texts_shown() -> Iterator[str]:
    """Texts of the shipped figures that reports show: English, to be looked up; sources stay as they are.

    Examples
    --------
    >>> "Sales and marketing adequately aligned" in set(texts_shown())
    True
    """
    for figure in _shipped().values():
        yield from (figure.title, figure.population, figure.unit.removeprefix("%").strip())
        yield from map(spaced, (figure.measure, *figure.values))
        yield from figure.respondents


def spaced(name: str) -> str:
    """Return a name as words.

    Examples
    --------
    >>> spaced("world_class")
    'world class'
    """
    return name.replace("_", " ")


@cache
def _shipped() -> dict[str, PublishedFigure]:
    return read_declaration(SHIPPED, Published).figures


def comparable(figure: PublishedFigure, ours: Measure) -> Comparison:
    """Judge whether a figure of ours may stand beside a published one.

    Measure, question type, unit of analysis, respondents and the choice of companies must match: any
    mismatch makes the two "not comparable". Where the published side leaves one of these, its base or its
    year unsaid, where the populations are not declared to be the same, where more than `YEARS_ALIKE` years
    lie between, or where a secondary source was read, it is "comparable with caution".

    Parameters
    ----------
    figure
        The published figure.
    ours
        How our own came about.

    Returns
    -------
    Comparison
        The verdict and its reasons: the mismatches if there are any, else what calls for caution.

    Examples
    --------
    >>> ours = Measure("adequately_aligned", "yes_share", "organisation", ("sales", "marketing"), 2012)
    >>> comparison = comparable(read_published()["MH37"], ours)
    >>> comparison.verdict
    'comparable with caution'
    >>> comparison.reasons[0]
    'its question wording and base were not published'
    >>> comparable(read_published()["FOR11_top"], ours).reasons[1]
    'it is a share of the best answer, ours a share of yes'
    """
    mismatches = tuple(_mismatches(figure, ours))
    if mismatches:
        return Comparison("not comparable", mismatches)
    cautions = tuple(_cautions(figure, ours))
    return Comparison("comparable with caution" if cautions else "comparable", cautions)


def _mismatches(figure: PublishedFigure, ours: Measure) -> Iterator[str]:
    if figure.measure != ours.measure:
        theirs, own = (look_up(spaced(name)) for name in (figure.measure, ours.measure))
        yield say("it measures “{theirs}”, ours “{ours}”", theirs=theirs, ours=own)
    if figure.question_type not in ("unknown", ours.question_type):
        theirs, own = (look_up(QUESTION_WORDS[each.question_type]) for each in (figure, ours))
        yield say("it is {theirs}, ours {ours}", theirs=theirs, ours=own)
    if figure.unit_of_analysis not in ("unknown", ours.unit_of_analysis):
        theirs, own = (look_up(UNIT_WORDS[each.unit_of_analysis]) for each in (figure, ours))
        yield say("it counts {theirs}, ours {ours}", theirs=theirs, ours=own)
    if figure.respondents and set(figure.respondents) != set(ours.respondents):
        theirs, own = _joined(figure.respondents), _joined(ours.respondents)
        yield say("it asked {theirs}, ours {ours}", theirs=theirs, ours=own)
    yield from _selection_mismatch(figure, ours)


def _selection_mismatch(figure: PublishedFigure, ours: Measure) -> Iterator[str]:
    """Whoever asks for all needs a figure for all; classes need classes chosen in the same way."""
    if ours.segment == "all":
        if "all" not in figure.values and figure.selection != "all":
            groups = look_up(SELECTION_WORDS[figure.selection])
            yield say("it gives no figure for all, only groups {groups}", groups=groups)
    elif figure.selection not in ("unknown", ours.segment):
        yield say(
            "its groups are {theirs}, ours {ours}",
            theirs=look_up(SELECTION_WORDS[figure.selection]),
            ours=look_up(SELECTION_WORDS[ours.segment]),
        )


def _cautions(figure: PublishedFigure, ours: Measure) -> Iterator[str]:
    missing = [words for name, words in UNSAID.items() if getattr(figure, name) in (None, "unknown")]
    if missing:
        what = _joined(missing)
        yield say_n(len(missing), "its {what} was not published", "its {what} were not published", what=what)
    if not figure.respondents:
        yield say("who answered was not published")
    if figure.selection == "unknown":
        yield say("how its groups were chosen was not published")
    if ours.population not in (figure.population, look_up(figure.population)):
        yield say("it describes {population}", population=look_up(figure.population))
    if figure.year is not None and abs(figure.year - ours.year) > YEARS_ALIKE:
        yield say("it is from {year}, ours from {own}", year=figure.year, own=ours.year)
    if figure.grade != "A":
        yield say("it was read in a secondary source")


def _joined(names: Iterable[str]) -> str:
    return say(" and ").join(map(look_up, names))
