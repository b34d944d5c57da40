"""The questionnaire page by page, as survey platforms ask it: matrices, tick lists, single questions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from survey.instrument import Instrument, Question, Scale, Text
from survey.recoding import DONT_KNOW
from survey.responses import FUNCTIONS

MOST_POINTS = 11
"""A scale with more points, or with answers between them, is answered by typing a number."""
ANSWER_NEEDED = ("company", "function")
"""Roles of the questions that nobody may leave blank: without them an answer belongs nowhere."""
NUMBER_WORDS = (
    {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
    | {"eine": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6}
)  # fmt: skip

_LIMIT = re.compile(r"\b(?:up to|at most|no more than|bis zu|höchstens|maximal)\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """Questions that are asked together under one heading.

    Parameters
    ----------
    id
        The construct or practice group, or the question that stands alone.
    layout
        "matrix": statements rated on one scale. "ticks": a list of which several may be ticked.
        "single": one question.
    title
        Name of the page.
    text
        What stands above the statements or the list, or the question itself.
    questions
        At least one.
    most
        How many of a list may be ticked; None: as many as one likes.
    hint
        Unit of a number; empty where there is none.
    """

    id: str
    layout: Literal["matrix", "ticks", "single"]
    title: Text
    text: Text
    questions: tuple[Question, ...]
    most: int | None = None
    hint: Text = field(default_factory=dict)


def pages(instrument: Instrument) -> list[Page]:
    """Return the pages of a questionnaire in its order.

    How many of a list may be ticked is read from its wording ("choose up to two"), so that what is
    enforced is what people are told. Statements rated on a scale that is answered by typing a number
    are pages of their own.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> found = pages(read_instrument("alignment"))
    >>> [(page.id, page.layout, len(page.questions)) for page in found[5:8]]
    [('attention', 'single', 1), ('goals', 'matrix', 4), ('leads', 'matrix', 4)]
    >>> [(page.id, page.most) for page in found if page.layout == "ticks"]
    [('pressures', 2), ('actions', 2), ('enablers', None)]
    """
    return [
        page
        for _, run in groupby(instrument.columns.values(), lambda question: question.group)
        for page in _of_group(instrument, tuple(run))
    ]


def answer_options(question: Question, languages: list[str]) -> dict[str, Text]:
    """Return what can be chosen, by code: empty where the answer is typed.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> instrument = read_instrument("alignment")
    >>> list(answer_options(instrument.columns["goals_1"], ["en"]))
    ['1', '2', '3', '4', '5', 'dont_know']
    """
    if question.kind == "choice":
        return dict(question.options)
    scale = question.scale
    if question.kind != "scale" or scale is None or not _points(scale):
        return {}
    options = {str(point): scale.labels.get(point, _same(str(point), languages)) for point in _points(scale)}
    return options | ({DONT_KNOW: scale.dont_know} if scale.dont_know else {})


def number_range(question: Question) -> tuple[float, float] | None:
    """Return the lowest and highest number that may be typed; None where any may, or no number is asked."""
    if question.kind == "scale" and question.scale:
        return question.scale.min, question.scale.max
    return question.range


def asks_number(question: Question) -> bool:
    """Say whether the answer is a number that is typed."""
    if question.kind == "scale" and question.scale:
        return not _points(question.scale)
    return question.kind == "number"


def is_needed(question: Question) -> bool:
    """Say whether the question must be answered."""
    return question.role in ANSWER_NEEDED


def screened_from(instrument: Instrument) -> tuple[Question, tuple[str, ...]] | None:
    """Return the question that sends some people to the end, and the answers that let one go on.

    That is the question for the function, where it offers others than sales and marketing.
    """
    asked = instrument.with_role("function")
    if asked is None or set(asked.options) <= set(FUNCTIONS):
        return None
    return asked, tuple(option for option in asked.options if option in FUNCTIONS)


def one_line(text: str) -> str:
    """Return a wording without line breaks and doubled spaces."""
    return " ".join(text.split())


def plain_name(name: str) -> str:
    """Return a name for files: letters, digits, `.`, `-` and `_`.

    Examples
    --------
    >>> plain_name("My survey, 2nd edition")
    'My_survey_2nd_edition'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "questionnaire"


def _of_group(instrument: Instrument, questions: tuple[Question, ...]) -> Iterator[Page]:
    first = questions[0]
    group = instrument.practices.get(first.group)
    rated = group or instrument.constructs.get(first.group)
    if group and group.answer == "tick":
        most = _most_ticks(group.text)
        yield Page(first.group, "ticks", group.title, group.text, questions, most)
    elif rated and answer_options(first, instrument.languages):
        title = rated.title
        yield Page(first.group, "matrix", title, first.stem or title, questions)
    else:
        yield from (_alone(instrument, question) for question in questions)


def _alone(instrument: Instrument, question: Question) -> Page:
    outcome = instrument.outcomes.get(question.id)
    title = outcome.title if outcome else question.text
    text = {
        language: f"{question.stem[language]} {wording}" if question.stem else wording
        for language, wording in question.text.items()
    }
    return Page(question.id, "single", title, text, (question,), hint=outcome.unit if outcome else {})


def _points(scale: Scale) -> range:
    """Codes of a scale whose points are chosen, not typed."""
    if not scale.whole or scale.max - scale.min >= MOST_POINTS or scale.min % 1 or scale.max % 1:
        return range(0)
    return range(int(scale.min), int(scale.max) + 1)


def _same(text: str, languages: list[str]) -> Text:
    return dict.fromkeys(languages, text)


def _most_ticks(text: Text) -> int | None:
    """Read "choose up to two": None where a wording sets no limit, or languages set different ones."""
    found = [_LIMIT.search(wording) for wording in text.values()]
    limits = {_number(match[1]) if match else None for match in found}
    stated = limits - {None}
    return stated.pop() if len(stated) == 1 else None


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() else NUMBER_WORDS.get(word.casefold())
