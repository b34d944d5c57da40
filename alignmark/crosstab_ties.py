"""Which values of crosstabs are sums of others: the columns of a head, and the questions of a construct."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from alignmark.crossed_people import ANSWERS, Crossed, of_panel
from analysis.benchmark.movements import Booleans
from analysis.benchmark.tied_cells import TIE
from analysis.measure.panel import Panel

Value = tuple[str, str]
"""Question, and the part of a company that it is of: "" for all of it."""


def crosstab_ties(
    book: Crossed, cells: pd.DataFrame, told: Mapping[str, str], panel: Panel
) -> Iterator[pd.DataFrame]:
    """Yield where the columns of a head make a total, and where questions make a construct.

    Parameters
    ----------
    book
        From `alignmark.crossed_people.cross`.
    cells
        Its columns that are cells: ``question, head, place``.
    told
        What other tables call the questions that they tell of.
    panel
        Companies by wave.

    Yields
    ------
    DataFrame
        `TIE`.
    """
    for (question, head), columns in cells.groupby(["question", "head"], sort=False):
        yield from _of_columns(book, str(question), str(head), columns["place"].tolist())
    of_construct = [(q.group, q.id) for q in panel.instrument.columns.values() if q.section == "construct"]
    for construct in dict.fromkeys(told.values()):
        asked = [question for group, question in of_construct if group == construct]
        if asked and set(asked) <= set(cells["question"]):
            known = of_panel(panel, construct, book.units).notna().to_numpy()
            yield from _of_questions(book, construct, asked, known)


def _of_columns(book: Crossed, question: str, head: str, places: list[int]) -> Iterator[pd.DataFrame]:
    """Yield the parts of the companies whose people a head parts, if each of them stands in one column."""
    found = [book.answered(question, place) for place in places]
    inside, answered = np.array([one for one, _ in found]), found[0][1]
    parted = (inside.sum(axis=0) == answered) & (inside.max(axis=0) < answered)
    if not parted.any():
        return
    family, whole = f"{question or ANSWERS} by {head}", (question, "")
    yield _tie(book, family, {"": whole}, which=parted, whole=whole)
    for place, there in zip(places, inside > 0, strict=True):
        part = book.parts[place]
        yield _tie(book, family, {part: (question, f"|{part}")}, which=parted & there, whole=whole)


def _of_questions(book: Crossed, construct: str, asked: list[str], known: Booleans) -> Iterator[pd.DataFrame]:
    """Yield a construct and its questions, of the companies of which everybody answered all of these."""
    complete = np.logical_and.reduce([book.rated[question] for question in asked])
    whole = known & ~(book.count(~complete) > 0)
    function = book.people["function"]
    yield _parts_of(book, construct, asked, which=whole)
    for side in function.dropna().unique():
        theirs = book.count(function.eq(side))
        both = whole & (theirs > 0) & (theirs < np.bincount(book.place))
        yield _parts_of(book, construct, asked, which=both, side=str(side))


def _parts_of(
    book: Crossed, construct: str, asked: list[str], *, which: Booleans, side: str = ""
) -> pd.DataFrame:
    """Return a construct as the mean of its questions, all of one function where it is named."""
    family = f"{construct} of {side} by question" if side else f"{construct} by question"
    part = f"|{side}" if side else ""
    roles = {"": construct, **{question: question for question in asked}}
    values = {role: (called, part) for role, called in roles.items()}
    return _tie(book, family, values, which=which, whole=(construct, part))


def _tie(
    book: Crossed, family: str, roles: Mapping[str, Value], *, which: Booleans, whole: Value
) -> pd.DataFrame:
    """Return the values of some companies that are, in each role, parts of a whole."""
    company, mean = book.units["company"][which], book.values(which, *whole)
    parts = [
        pd.DataFrame({"family": family, "role": role, "company": company, "whole": mean,
                      "of": book.values(which, *value)})
        for role, value in roles.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[list(TIE)]
