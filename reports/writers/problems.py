"""A ProblemTable as a page to read and as a CSV file for a spreadsheet."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports.writers.html import rendered
from reports.writers.shown import CONTROL
from survey.problem_table import HEADINGS, ProblemTable, as_line
from survey.problems import SEVERITIES, Severity

FORMULA = r"^(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
"""Where a cell begins so that a spreadsheet could take it for a formula."""

PER_KIND = 25
"""The page shows so many problems of a kind; the CSV file holds every one."""

COLUMNS = ("file", "row", "column", "value", "problem", "allowed", "to_do")
"""Columns of the page; the severity is in the heading and the question under the column."""

SIGNS: dict[Severity, str] = {"error": "✖", "warning": "▲", "note": "●"}
"""A shape beside the word, for who does not see its colour."""


def write_problems_csv(table: ProblemTable, path: Path) -> None:
    r"""Write every problem, whole, as a CSV file that spreadsheets open as UTF-8 text.

    A cell that a spreadsheet could take for a formula gets an apostrophe in front; control characters
    other than tabs and line ends are written as \x1b.

    Parameters
    ----------
    table
        The problems.
    path
        The file to write; its folder must exist.
    """
    frame = without_formulas(table.to_frame(), but=("row",))
    # The line ends of RFC 4180: only with these does the writer quote a lone carriage return in a cell.
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def without_formulas(table: pd.DataFrame, *, but: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table of text for a spreadsheet: what could be a formula has an apostrophe in front.

    Control characters other than tabs and line ends are written as codes. Columns in `but` stay.
    """
    found = table.copy()
    for name in found.columns.drop(list(but)):
        plain = found[name].str.replace(CONTROL, lambda sign: ascii(sign[0])[1:-1], regex=True)
        found[name] = plain.str.replace(FORMULA, "'", regex=True)
    return found


def write_problems_html(table: ProblemTable, path: Path, *, study: str, typed: str) -> None:
    """Write the problems as one self-contained page: the worst first, with what to do next on top.

    Parameters
    ----------
    table
        The problems; of each kind the first `PER_KIND` are shown.
    path
        The file to write; its folder must exist.
    study
        Name of the study file.
    typed
        How to name it on the command line, with its options.
    """
    path.write_text(
        problems_page(table, study=study, typed=typed), encoding="utf-8", errors="replace", newline="\n"
    )


def problems_page(table: ProblemTable, *, study: str, typed: str) -> str:
    """Return the page as HTML text.

    Examples
    --------
    >>> from survey.problem_table import problem_table
    >>> from survey.problems import Problem
    >>> page = problems_page(problem_table([Problem("is <empty>", "a.csv")]), study="study.yaml", typed="study.yaml")
    >>> "1 error" in page, "is &lt;empty&gt;" in page
    (True, True)
    """
    values = {
        "study": study,
        "table": table,
        "severities": SEVERITIES,
        "signs": SIGNS,
        "parts": [_part(table, severity) for severity in table.severities()],
        "headings": HEADINGS,
        "typed": typed,
        "cut": as_line,
    }
    return rendered("problems.html.j2", values)


def _part(table: ProblemTable, severity: Severity) -> tuple[Severity, list[str], list[dict[Hashable, Any]]]:
    """Return the columns that say anything of the problems of one severity, and its rows."""
    rows = table.shown(severity, PER_KIND)
    said = rows[["row"]].notna().join(rows.drop(columns="row") != "")
    names = [name for name in COLUMNS if name == "file" or said[name].any()]
    return severity, names, rows.to_dict("records")
