"""What programs write into a table where there is no value: R "NA", Python "NaN", SQL "NULL", SAS and Stata "."."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from survey.claiming import ROLE_COLUMNS
from survey.instrument import Instrument, Question
from survey.matching import MatchedExport
from survey.numbers import MARKS
from survey.recoding import recode

STANDARD = ("respondent", "function", "wave", "weight", "started", "ended", "duration_s")
"""Standard columns in which a mark is never a value; a company may be called by one."""


def without_marks(matched: MatchedExport, instrument: Instrument) -> MatchedExport:
    """Return an export whose marks for no value are blank; the same one if it has none.

    Parameters
    ----------
    matched
        An export with the meaning of its columns; those without a meaning are left alone.
    instrument
        The questionnaire: what is an answer to a question, by its label or code, stays.

    Returns
    -------
    MatchedExport
        With a line in `Export.decisions` for every mark: in how many columns and cells it stood.

    Examples
    --------
    >>> import numpy as np
    >>> from survey.instrument import read_instrument
    >>> from survey.readers.export import Export
    >>> frame = pd.DataFrame({"company": ["NA"], "function": ["sales"], "trust_2": ["NA"]}, dtype="str")
    >>> export = Export(frame, {}, "spreadsheet", "utf-8", 1, np.array([2]), "a.csv")
    >>> matched = MatchedExport(export, {name: name for name in frame}, 2025)
    >>> found = without_marks(matched, read_instrument("alignment")).export
    >>> found.frame.iloc[0].tolist(), found.decisions
    (['NA', 'sales', nan], ("has 'NA' in 1 column (1 cell), a mark of programs for no value: read as blank",))
    """
    frame, held = matched.export.frame, dict(_held(matched, instrument))
    if not held:
        return matched
    blank = {column: frame[column].mask(marks != "") for column, marks in held.items()}
    cells = pd.concat(held.values(), ignore_index=True)
    told = [_told(mark, held, int((cells == mark).sum())) for mark in MARKS if (cells == mark).any()]
    decisions = (*matched.export.decisions, *told)
    return replace(matched, export=replace(matched.export, frame=frame.assign(**blank), decisions=decisions))


def _held(matched: MatchedExport, instrument: Instrument) -> Iterator[tuple[str, pd.Series]]:
    """Yield the columns that hold marks, with the mark in each cell, "" where there is none."""
    questions = {ROLE_COLUMNS.get(q.role, q.id): q for q in instrument.columns.values()}
    for key, column in matched.columns.items():
        marks = set(MARKS) - {*matched.codes.get(key, ()), *matched.export.values.get(column, ())}
        cells = matched.export.frame[column].str.strip()
        found = set(cells[cells.isin(marks)].unique())
        if found:
            found -= _answers(found, questions.get(key), standard=key in STANDARD)
        if found:
            yield column, cells.where(cells.isin(found), "")


def _answers(marks: set[str], question: Question | None, *, standard: bool) -> set[str]:
    """Return the marks that are answers to a question, or may be words of a text."""
    if standard and (question is None or question.kind == "text"):
        return set()
    if question is None or question.kind == "text":
        return marks
    if question.kind == "tick":
        return set()
    written = pd.Series(sorted(marks), dtype="str")
    return set(written[~recode(written, question).bad])


def _told(mark: str, held: dict[str, pd.Series], cells: int) -> str:
    columns = sum((marks == mark).any() for marks in held.values())
    where = f"{columns} column{'s' if columns != 1 else ''} ({cells:,} cell{'s' if cells != 1 else ''})"
    return f"has {mark!r} in {where}, a mark of programs for no value: read as blank"
