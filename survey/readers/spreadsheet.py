"""Plain tables with one header row: CSV, TSV, Excel, and exports of Google Forms and Kobo."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from survey.problems import Problem, raise_if_any
from survey.readers.cells import Cells, Platform, heading_key, read_cells, to_export
from survey.readers.export import Export
from survey.readers.qualtrics import METADATA, QUALTRICS
from survey.readers.surveymonkey import SURVEYMONKEY, is_metadata


def recognises(cells: Cells) -> bool:
    """Say whether the file can be a plain table, which is to say: no platform's header rows stand in it."""
    return not (QUALTRICS.recognises(cells) or SURVEYMONKEY.recognises(cells))


def read(cells: Cells) -> Export:
    """Read a table with one header row.

    A column with the heading of one that a platform adds by itself ("StartDate", "Respondent ID",
    "Timestamp") counts as metadata: such tables often come from a platform by way of a spreadsheet.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    headings = cells.records[0]
    known = {*METADATA, "timestamp"}
    metadata = [
        n for n, heading in enumerate(headings) if heading_key(heading) in known or is_metadata(heading)
    ]
    return to_export(
        cells, platform="spreadsheet", header_rows=1, headings=headings, labels=headings, metadata=metadata
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
        CSV, TSV or workbook with one header row.
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
    export = read(read_cells(path, sheet=sheet, name=name))
    frame = export.frame.set_axis(pd.Index(export.rows, name="row"))
    names = dict(columns) if columns is not None else {heading: heading for heading in frame}
    problems = [
        _missing(name, names.get(name, name), export)
        for name in dict.fromkeys((*required, *names))
        if names.get(name) not in frame
    ]
    raise_if_any(problems)
    return pd.DataFrame({name: frame[heading] for name, heading in names.items()})


def _missing(name: str, heading: str, export: Export) -> Problem:
    headings = [str(column) for column in export.frame]
    close = get_close_matches(heading, headings, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    what = (
        f"there is no column {heading!r} for {name!r}" if heading != name else f"there is no column {name!r}"
    )
    return Problem(what, file=export.file, column=heading, allowed=", ".join(headings) + hint)


SPREADSHEET = Platform(
    name="spreadsheet",
    title="a plain table",
    expected="one header row with the headings of the columns, then responses",
    recognises=recognises,
    read=read,
)
