"""The cells of an export, whatever the file: text of every record and the row where it starts."""

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa

from survey.language import look_up, mark, say
from survey.problems import InputError, Problem
from survey.readers.content import read_content
from survey.readers.delimited import read_records
from survey.readers.encoding import decode
from survey.readers.export import Export
from survey.readers.workbook import OLE, ZIP, sheet_cells

_NO_TABLES = {
    b"%pdf-": mark("is a PDF document, not a table"),
    b"{\\rtf": mark("is an RTF document, not a table"),
    b"<?xml": mark("is an XML file, not a table"),
    b"<!doctype html": mark("is a web page, not a table"),
    b"<html": mark("is a web page, not a table"),
    b'{"responses"': mark("is a JSON file, not a table"),
    b'{"surveyentry"': mark("is a Qualtrics questionnaire, not a table"),
}
"""What files begin with that hold no table of text, in small letters, without blanks."""
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Records of a file before any of them is taken for a heading.

    `records` are of equal length; `rows` says for each where it starts (from 1); `table` holds all of
    them in columns where `records` holds only the first few. The other fields are those of `Export`.
    """

    records: list[list[str]]
    rows: Sequence[int] | np.ndarray
    file: str
    encoding: str
    decisions: tuple[str, ...] = ()
    table: pa.Table | None = None

    def below(self, count: int) -> "Cells":
        """Return the records below the first `count`."""
        table = None if self.table is None else self.table.slice(count)
        rows = self.rows[count:]
        return Cells(self.records[count:], rows, self.file, self.encoding, self.decisions, table)


class Reader(Protocol):
    """Reads cells that are known to come from one platform; `header_rows` 0: as the platform writes."""

    def __call__(self, cells: Cells, header_rows: int = 0) -> Export:
        """Return the export."""
        ...


@dataclass(frozen=True, slots=True)
class Platform:
    """How the exports of one platform are known and read.

    `title` and `expected` complete the sentences "this looks like ..." and "expected ..."; `recognises`
    returns the number of header rows, 0 if they are not the platform's. `loose`: whatever has one header
    row may be of this platform, if the study says so.
    """

    name: str
    title: str
    expected: str
    recognises: Callable[[Cells], int]
    read: Reader
    loose: bool = False


def read_cells(
    path: Path, *, encoding: str = "auto", delimiter: str = "auto", sheet: str | None = None, name: str = ""
) -> Cells:
    """Read a CSV, TSV or workbook file as text.

    Parameters
    ----------
    path
        The file; its content, not its ending, decides whether it is a workbook.
    encoding
        As in `survey.readers.encoding.decode`.
    delimiter
        As in `survey.readers.delimited.read_records`.
    sheet
        Sheet of a workbook; the first that holds anything if None.
    name
        How messages call the file; its name if empty.

    Returns
    -------
    Cells
        At least one record.

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, no text and no workbook, or has rows of unequal length.
    """
    file = name or path.name
    data = read_content(path, file)
    if data.startswith((ZIP, OLE)):
        file = f"{file} [{sheet}]" if sheet else file
        records, rows, decisions = sheet_cells(data, file, sheet=sheet)
        cells = Cells(records, rows, file, "xlsx", tuple(decisions))
    elif path.suffix.lower() in _WORKBOOKS:
        what = say("is named {ending} but is not a workbook", ending=path.suffix)
        advice = say("a workbook; if it is a text file, let its name end in .csv")
        raise InputError([Problem(what, file=file, allowed=advice)])
    else:
        _check_table(data, file)
        cells = _text_cells(data, file, encoding, delimiter)
    if not cells.records:
        raise InputError([Problem(say("is empty"), file=file, allowed=say("a header row and answers"))])
    return cells


def heading_key(heading: str) -> str:
    """Return a heading without case, spaces and punctuation: "Start Date" and "StartDate" are one."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def _check_table(data: bytes, file: str) -> None:
    head = b"".join(data[:100].removeprefix(BOM_UTF8).lower().split(b"\n")[:3]).strip()
    found = next((kind for begin, kind in _NO_TABLES.items() if head.startswith(begin)), "")
    if found:
        advice = say("the responses as a CSV file, a workbook, or a file of SPSS, Stata or Parquet")
        raise InputError([Problem(look_up(found), file=file, row=1, allowed=advice)])


def _text_cells(data: bytes, file: str, encoding: str, delimiter: str) -> Cells:
    text, encoding, decision = decode(data, file, encoding)
    zero = text.find(b"\0")
    if zero >= 0:
        row = text.count(b"\n", 0, zero) + 1
        what, advice = say("is not text: it holds NUL bytes"), say("a text file (CSV, TSV) or a workbook")
        raise InputError([Problem(what, file=file, row=row, allowed=advice)])
    read = read_records(text, file, delimiter)
    return Cells(read.records, read.rows, file, encoding, (decision, *read.decisions), read.table)
