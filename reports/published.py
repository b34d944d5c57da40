"""Figures that others have published, and whether ours may stand beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from survey.declaration import Declared, read_declaration

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
    "yes_share": "a share of yes",
    "top_box": "a share of the best answer",
    "top_2_box": "a share of the two best answers",
    "mean": "a mean rating",
    "class_mean": "a mean by class",
    "scoring_key": "a scoring key",
    "unknown": "not published",
}
UNIT_WORDS: dict[Unit, str] = {
    "organisation": "organisations",
    "person": "people",
    "unknown": "not published",
}


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
        yield f"it measures “{_words(figure.measure)}”, ours “{_words(ours.measure)}”"
    if figure.question_type not in ("unknown", ours.question_type):
        theirs = QUESTION_WORDS[figure.question_type]
        yield f"it is {theirs}, ours {QUESTION_WORDS[ours.question_type]}"
    if figure.unit_of_analysis not in ("unknown", ours.unit_of_analysis):
        yield f"it counts {UNIT_WORDS[figure.unit_of_analysis]}, ours {UNIT_WORDS[ours.unit_of_analysis]}"
    if figure.respondents and set(figure.respondents) != set(ours.respondents):
        yield f"it asked {' and '.join(figure.respondents)}, ours {' and '.join(ours.respondents)}"
    yield from _selection_mismatch(figure, ours)


def _selection_mismatch(figure: PublishedFigure, ours: Measure) -> Iterator[str]:
    """Whoever asks for all needs a figure for all; classes need classes chosen in the same way."""
    if ours.segment == "all":
        if "all" not in figure.values and figure.selection != "all":
            yield f"it gives no figure for all, only groups {_chosen(figure.selection)}"
    elif figure.selection not in ("unknown", ours.segment):
        yield f"its groups are {_chosen(figure.selection)}, ours {_chosen(ours.segment)}"


def _cautions(figure: PublishedFigure, ours: Measure) -> Iterator[str]:
    unsaid = {
        "question wording": figure.question_type == "unknown",
        "base": figure.n is None,
        "unit of analysis": figure.unit_of_analysis == "unknown",
        "year": figure.year is None,
    }
    missing = [name for name, absent in unsaid.items() if absent]
    if missing:
        yield f"its {' and '.join(missing)} {'was' if len(missing) == 1 else 'were'} not published"
    if not figure.respondents:
        yield "who answered was not published"
    if figure.selection == "unknown":
        yield "how its groups were chosen was not published"
    if figure.population != ours.population:
        yield f"it describes {figure.population}"
    if figure.year is not None and abs(figure.year - ours.year) > YEARS_ALIKE:
        yield f"it is from {figure.year}, ours from {ours.year}"
    if figure.grade != "A":
        yield "it was read in a secondary source"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _chosen(selection: Selection) -> str:
    return {"all": "of all", "by function": "by function", "unknown": "chosen in an unknown way"}.get(
        selection, selection
    )
