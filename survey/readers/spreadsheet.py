"""Plain tables with one header row: CSV, TSV, Excel, and files that keep their headings apart."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from survey.language import look_up, mark, say
from survey.problems import InputError, Problem, meant, raise_if_any
from survey.readers.assembly import to_export
from survey.readers.cells import Cells, Platform, heading_key, read_cells
from survey.readers.export import Export
from survey.readers.google_forms import TIMESTAMPS
from survey.readers.qualtrics import METADATA
from survey.readers.surveymonkey import is_metadata
from survey.readers.typed import read_typed

_TITLE_ROWS = 10


def recognises(cells: Cells) -> int:
    """Return 1: any table can be read as a plain one, if no platform recognises it before."""
    return int(bool(cells.records))


def read(cells: Cells, header_rows: int = 0) -> Export:
    """Read a table with one header row.

    Rows above it that fill one cell of many are a title and are left out. Of several header rows, as a
    study may state, upper ones are joined to those below: "group - heading". A column with the heading
    of one that a platform adds by itself ("StartDate", "Respondent ID", "Timestamp") counts as metadata:
    such tables often come from a platform by way of a spreadsheet.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    title = 0 if header_rows else _title_rows(cells)
    count = header_rows or 1
    if title:
        said = f"has a title above its headings, in row {int(cells.rows[0])}: {cells.records[0][0][:60]!r}"
        cells = replace(cells.below(title), decisions=(*cells.decisions, said))
    headings = _joined(cells.records[:count])
    known = {*METADATA, *TIMESTAMPS}
    metadata = [
        n for n, heading in enumerate(headings) if heading_key(heading) in known or is_metadata(heading)
    ]
    return to_export(
        cells,
        platform="spreadsheet",
        header_rows=count,
        headings=headings,
        labels=headings,
        metadata=metadata,
    )


def read_table(
    path: Path,
    columns: Mapping[str, str] | None = None,
    *,
    required: Collection[str] = (),
    sheet: str | None = None,
    name: str = "",
) -> pd.DataFrame:
    """Read a table of facts, such as a company register or revenue records.

    Parameters
    ----------
    path
        CSV, TSV or workbook with one header row; Parquet, SPSS or Stata.
    columns
        File heading by the name it is to have; every column by its own heading if None.
    required
        Names without which the table is of no use.
    sheet, name
        As in `read_cells`.

    Returns
    -------
    pandas.DataFrame
        Text or NA; the index, called ``row``, holds the row numbers of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or a required or mapped column is not in it.
    """
    try:
        export = read_typed(path, name=name) or read(read_cells(path, sheet=sheet, name=name))
    except InputError as error:
        raise InputError(_of_a_table(problem) for problem in error.problems) from None
    frame = export.frame.set_axis(pd.Index(export.rows, name="row"))
    names = dict(columns) if columns is not None else {heading: heading for heading in frame}
    problems = [
        _missing(name, names.get(name, name), export)
        for name in dict.fromkeys((*required, *names))
        if names.get(name) not in frame
    ]
    raise_if_any(problems)
    return pd.DataFrame({name: frame[heading] for name, heading in names.items()})


def _of_a_table(problem: Problem) -> Problem:
    """Say of a table of facts what readers say of answers."""
    rows = {look_up(answers): look_up(facts) for answers, facts in _ROWS.items()}
    what, allowed = (rows.get(text, text) for text in (problem.what, problem.allowed))
    return replace(problem, what=what, allowed=allowed)


_ROWS = {
    "is an empty wave: it has a header but no responses": mark("has headings but no rows below them"),
    "is an empty wave: it has no responses": mark("has headings but no rows below them"),
    "at least one response": mark("at least one row below the headings"),
    "a header row and answers": mark("a row of headings, and rows below it"),
}


def _title_rows(cells: Cells) -> int:
    """Count the rows on top that fill one cell, if the first below fills at least three and most."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in cells.records[: _TITLE_ROWS + 1]]
    title = next((n for n, count in enumerate(filled) if count > 1), 0)
    headings = filled[title] if filled else 0
    return title if headings >= 3 and headings * 2 > len(cells.records[0]) else 0


def _joined(header: list[list[str]]) -> list[str]:
    """Join header rows; a blank cell of an upper row continues the cell before it."""
    headings = header[-1]
    for upper in reversed(header[:-1]):
        group, groups = "", []
        for cell in upper:
            group = cell.strip() or group
            groups.append(group)
        headings = [" - ".join(filter(None, pair)) for pair in zip(groups, headings, strict=True)]
    return headings


def _missing(name: str, heading: str, export: Export) -> Problem:
    headings = [str(column) for column in export.frame]
    close = get_close_matches(heading, headings, n=1)
    hint = f" ({meant(close[0])})" if close else ""
    what = (
        say("there is no column {heading!r} for {name!r}", heading=heading, name=name)
        if heading != name
        else say("there is no column {name!r}", name=name)
    )
    return Problem(what, file=export.file, column=heading, allowed=", ".join(headings) + hint)


SPREADSHEET = Platform(
    name="spreadsheet",
    title="a plain table",
    expected="one header row with the headings of the columns, then responses",
    recognises=recognises,
    read=read,
    loose=True,
)
