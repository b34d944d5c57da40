"""ProblemTable: every problem found in an input as one table for people."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import PurePath
from typing import Any

import pandas as pd

from survey.language import digits, say, say_n
from survey.problems import SEVERITIES, Problem, Severity, every_one

HEADINGS = {
    "severity": "Severity",
    "file": "File",
    "row": "Row",
    "column": "Column",
    "question": "Question",
    "value": "Value",
    "problem": "What was found",
    "allowed": "Allowed",
    "to_do": "What to do",
}
"""Columns of the table, and their headings for people."""

CUT = 160
"""Longer texts are cut where the table is shown; where it is written as CSV they are whole."""

SHOWN = 10
"""A notebook shows so many problems of a kind."""

_VARYING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\d[\d.,]*(?: (?:value|row|response)s?)?")
"""What differs between problems of one kind: quoted texts and numbers, with the singular or plural after them."""

_JOINERS = "\u200c\u200d"
"""Unprintable, but part of words in Persian and of some emoji."""


@dataclass(frozen=True, slots=True, eq=False)
class ProblemTable:
    """Every problem of a study, the worst first.

    Parameters
    ----------
    frame
        Columns `HEADINGS`: severity ("error", "warning", "note"); file, row (missing where it is the whole
        file), column and the text of its question; the value found; the problem, what was allowed, and
        what to do. By severity, then file, row and column. All but the row are text, empty where they do
        not apply, whole and as found: hostile input included.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def count(self, severity: Severity) -> int:
        """Return how many problems are of this severity."""
        return int((self.frame["severity"] == severity).sum())

    def counted(self, severity: Severity) -> str:
        """Say how many problems are of this severity: "2 errors"."""
        count = self.count(severity)
        n = digits(count, ",d")
        match severity:
            case "error":
                return say_n(count, "{n} error", "{n} errors", n=n)
            case "warning":
                return say_n(count, "{n} warning", "{n} warnings", n=n)
            case "note":
                return say_n(count, "{n} note", "{n} notes", n=n)

    def summary(self) -> str:
        """Say in a few words how many problems there are.

        Examples
        --------
        >>> problem_table([Problem("is empty", "a.csv"), Problem("is odd", severity="warning")]).summary()
        '1 error, 1 warning'
        >>> problem_table([]).summary()
        'no problems'
        """
        return ", ".join(self.counted(severity) for severity in self.severities()) or "no problems"

    __repr__ = summary

    def severities(self) -> list[Severity]:
        """Return the severities that there are, the worst first."""
        return [severity for severity in SEVERITIES if self.count(severity)]

    def shown(self, severity: Severity, per_kind: int) -> pd.DataFrame:
        """Return the problems of one severity with at most `per_kind` of each kind, for a screen.

        Of one kind are problems of one file that differ in nothing but row, column and the values they
        quote. Those that are kept come from as many columns as can be, and stand together.

        Returns
        -------
        pandas.DataFrame
            As `frame`, with ``more`` in the last row of a kind: how many of it were left out, 0 elsewhere.
        """
        frame = self.frame[self.frame["severity"] == severity].reset_index(drop=True)
        like = frame["problem"].str.replace(_VARYING, "", regex=True)
        kind = frame.groupby([frame["file"], like], sort=False).ngroup().rename("kind")
        among_its_column = frame.groupby([kind, frame["column"]], sort=False).cumcount()
        order = among_its_column.sort_values(kind="stable").index
        rank = kind[order].groupby(kind[order], sort=False).cumcount().reindex(frame.index)
        kept = kind[rank < per_kind].sort_values(kind="stable")
        left = (kept.map(kind.value_counts()) - per_kind).clip(lower=0)
        more = left.where(~kept.duplicated(keep="last"), 0).astype("int64")
        return frame.loc[kept.index].assign(more=more).reset_index(drop=True)

    def _repr_html_(self) -> str:
        shown = [self.shown(severity, SHOWN) for severity in self.severities()]
        rows = "".join(_html_row(row) for part in shown for row in part.to_dict("records"))
        left = sum(int(part["more"].sum()) for part in shown)
        more = f"; {left} more of the same kinds are in to_frame()" if left else ""
        headings = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS.values())
        caption = f"<caption>{escape(self.summary().capitalize() + more)}</caption>"
        return f"<table>{caption}<thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table>"


def problem_table(problems: Iterable[Problem]) -> ProblemTable:
    """Put problems into a table, the worst first, each of those that another only counts on its own.

    Examples
    --------
    >>> found = [Problem("is empty", "b.csv"), Problem("9 is outside the scale", "a.csv", 40, "Q7", "9", "1-5")]
    >>> problem_table(found).to_frame()[["file", "row", "allowed", "to_do"]].values.tolist()
    [['a.csv', 40, '1-5', 'correct this cell, or empty it'], ['b.csv', <NA>, '', 'correct or replace this file']]
    """
    every = list(every_one(problems))
    told = [
        (p.severity, p.file, p.column, p.question, p.value, p.what, p.allowed, what_to_do(p)) for p in every
    ]
    texts = [name for name in HEADINGS if name != "row"]
    frame = pd.DataFrame([tuple(map(_encodable, line)) for line in told], columns=texts, dtype="str")
    frame["row"] = pd.array([p.row for p in every], dtype="Int64")
    frame = frame[list(HEADINGS)]
    rank = frame["severity"].map({severity: n for n, severity in enumerate(SEVERITIES)})
    order = frame.assign(severity=rank).sort_values(
        ["severity", "file", "row", "column"], kind="stable", na_position="first"
    )
    return ProblemTable(frame.loc[order.index].reset_index(drop=True))


def what_to_do(problem: Problem) -> str:
    """Return what the problem says is to be done, or what is plain from where it stands."""
    if problem.to_do or problem.severity != "error":
        return problem.to_do
    if PurePath(problem.file).suffix in (".yaml", ".yml"):
        return say("correct this line" if problem.row is not None else "correct this file")
    if problem.row is not None and problem.column:
        return say("correct this cell, or empty it")
    if problem.row is not None:
        return say("correct the file there")
    if problem.column:
        return say("correct this column, or name another in the study")
    return say("correct or replace this file" if problem.file else "correct the study")


def as_line(text: str, longest: int = CUT) -> str:
    r"""Return a text as one line that is safe to show: nothing in it steers a terminal or turns the line round.

    Examples
    --------
    >>> as_line("two\nlines, \x1b[31mred\u202e", 60), as_line("x" * 500, 10)
    ('two lines, \\x1b[31mred\\u202e', 'xxxxxxxxx…')
    """
    line = " ".join(text[: 4 * longest].split())
    line = "".join(char if char.isprintable() or char in _JOINERS else ascii(char)[1:-1] for char in line)
    return line if len(line) <= longest and len(text) <= 4 * longest else line[: longest - 1].rstrip() + "…"


def _encodable(text: str) -> str:
    """Replace halves of characters, which no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _html_row(row: dict[Hashable, Any]) -> str:
    cells = ["" if pd.isna(row[name]) else escape(as_line(str(row[name]))) for name in HEADINGS]
    return (
        f'<tr><th scope="row">{cells[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in cells[1:]) + "</tr>"
    )
