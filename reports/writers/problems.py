"""A ProblemTable as a page to read and as a CSV file for a spreadsheet."""

import csv
from pathlib import Path

from reports.writers.html import CONTROL, environment
from survey.problem_table import HEADINGS, ProblemTable, as_line
from survey.problems import SEVERITIES

FORMULA = r"^(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
"""Where a cell begins so that a spreadsheet could take it for a formula."""

PER_KIND = 100
"""The page shows so many problems of a kind; the CSV file holds every one."""


def write_problems_csv(table: ProblemTable, path: Path) -> None:
    """Write every problem, whole, as a CSV file that spreadsheets open as UTF-8 text.

    A cell that a spreadsheet could take for a formula gets an apostrophe in front.

    Parameters
    ----------
    table
        The problems.
    path
        The file to write; its folder must exist.
    """
    frame = table.to_frame()
    texts = frame.columns.drop("row")
    frame[texts] = frame[texts].apply(lambda column: column.str.replace(FORMULA, "'", regex=True))
    # The line ends of RFC 4180: only with these does the writer quote a lone carriage return in a cell.
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)


def write_problems_html(table: ProblemTable, path: Path, *, study: str) -> None:
    """Write the problems as one self-contained page: the worst first, with what to do next on top.

    Parameters
    ----------
    table
        The problems; of each kind the first `PER_KIND` are shown.
    path
        The file to write; its folder must exist.
    study
        How the page calls the study: the name of its file.
    """
    path.write_text(problems_page(table, study=study), encoding="utf-8", errors="replace", newline="\n")


def problems_page(table: ProblemTable, *, study: str) -> str:
    """Return the page as HTML text.

    Examples
    --------
    >>> from survey.problem_table import problem_table
    >>> from survey.problems import Problem
    >>> page = problems_page(problem_table([Problem("is <empty>", "a.csv")]), study="study.yaml")
    >>> "1 error" in page, "is &lt;empty&gt;" in page
    (True, True)
    """
    page = (
        environment()
        .get_template("problems.html.j2")
        .render(
            study=study,
            summary=table.summary(),
            errors=table.count("error"),
            warnings=table.count("warning"),
            severities=SEVERITIES,
            counts={severity: table.count(severity) for severity in SEVERITIES},
            rows_of=lambda severity: table.shown(severity, PER_KIND).to_dict("records"),
            headings=HEADINGS,
            cut=as_line,
        )
    )
    return CONTROL.sub("\ufffd", page)
