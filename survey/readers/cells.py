"""The cells of an export, whatever the file: text of every record and the row where it starts."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from survey.problems import InputError, Problem, problems_at, raise_if_any
from survey.readers.export import Export
from survey.readers.workbook import OLE, ZIP, sheet_cells

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Records of a file before any of them is taken for a heading.

    `records` are of equal length; `rows` says for each where it starts (from 1); the other fields are
    those of `Export`.
    """

    records: list[list[str]]
    rows: list[int]
    file: str
    encoding: str
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Platform:
    """How the exports of one platform are known and read.

    `title` and `expected` complete the sentences "this looks like ..." and "expected ..."; `recognises`
    looks at the header rows.
    """

    name: str
    title: str
    expected: str
    recognises: Callable[[Cells], bool]
    read: Callable[[Cells], Export]


def read_cells(
    path: Path, *, encoding: str = "auto", delimiter: str = "auto", sheet: str | None = None, name: str = ""
) -> Cells:
    """Read a CSV, TSV or workbook file as text.

    Parameters
    ----------
    path
        The file; its content, not its ending, decides whether it is a workbook.
    encoding
        A Python encoding name. "auto": byte order mark, UTF-16 by its zero bytes, UTF-8, else cp1252.
    delimiter
        "comma", "semicolon", "tab", "pipe" or the character. "auto": the one that cuts the first records
        into most columns of equal number.
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
    data = _content(path, file)
    if data.startswith((ZIP, OLE)):
        file = f"{file} [{sheet}]" if sheet else file
        records, rows, decisions = sheet_cells(data, file, sheet=sheet)
        cells = Cells(records, rows, file, "xlsx", tuple(decisions))
    elif path.suffix.lower() in _WORKBOOKS:
        advice = "a workbook; if it is a text file, let its name end in .csv"
        raise InputError(
            [Problem(f"is named {path.suffix} but is not a workbook", file=file, allowed=advice)]
        )
    else:
        cells = _text_cells(data, file, encoding, delimiter)
    if not cells.records:
        raise InputError([Problem("is empty", file=file, allowed="a header row and answers")])
    return cells


def to_export(
    cells: Cells,
    *,
    platform: str,
    header_rows: int,
    headings: Sequence[str],
    labels: Sequence[str],
    stems: Sequence[str] = (),
    metadata: Iterable[int] = (),
) -> Export:
    """Make an `Export` of cells whose headings have been understood.

    Parameters
    ----------
    cells
        All records; the first `header_rows` are left out.
    platform, header_rows
        As in `Export`.
    headings, labels, stems
        Heading, question text and shared heading of each column. Headings are made unique here.
    metadata
        Positions of the columns that the platform added. A column with neither heading nor answers
        counts as one.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    ids, decisions = _unique(headings)
    body = cells.records[header_rows:]
    if not body:
        what = "is an empty wave: it has a header but no responses"
        raise InputError(
            [Problem(what, file=cells.file, row=cells.rows[-1], allowed="at least one response")]
        )
    columns = {
        name: pd.Series([cell if cell and not cell.isspace() else None for cell in column], dtype="str")
        for name, column in zip(ids, zip(*body, strict=True), strict=True)
    }
    frame = pd.DataFrame(columns)
    empty = {n for n, heading in enumerate(headings) if not heading.strip() and columns[ids[n]].isna().all()}
    return Export(
        frame=frame,
        labels={name: label.strip() or name for name, label in zip(ids, labels, strict=True)},
        platform=platform,
        encoding=cells.encoding,
        header_rows=header_rows,
        rows=np.array(cells.rows[header_rows:], dtype=np.int64),
        file=cells.file,
        decisions=(*cells.decisions, *decisions),
        metadata=tuple(ids[n] for n in sorted({*metadata, *empty})),
        stems={name: stem for name, stem in zip(ids, stems, strict=False) if stem},
    )


def heading_key(heading: str) -> str:
    """Return a heading without case, spaces and punctuation: "Start Date" and "StartDate" are one."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def _content(path: Path, file: str) -> bytes:
    if path.is_dir():
        raise InputError([Problem("is a folder, not a file", file=str(path))])
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError([Problem("there is no such file", file=str(path), allowed=_nearby(path))]) from None
    except OSError as error:
        raise InputError([Problem(f"cannot be read: {error.strerror}", file=str(path))]) from None
    if not data.strip():
        raise InputError([Problem("is empty", file=file, allowed="a header row and answers")])
    return data


def _nearby(path: Path) -> str:
    """Say which files of the folder have a similar name."""
    if not path.parent.is_dir():
        return f"a file in an existing folder; there is no folder {path.parent}"
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    close = get_close_matches(path.name, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(repr(name) for name in close)}?" if close else ""


def _text_cells(data: bytes, file: str, encoding: str, delimiter: str) -> Cells:
    text, encoding, decisions = _decoded(data, file, encoding)
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        advice = "a text file (CSV, TSV) or a workbook"
        raise InputError([Problem("is not text: it holds NUL bytes", file=file, row=row, allowed=advice)])
    mark = _delimiter(text, file, delimiter)
    records, rows = _records(text, mark, file)
    _check_lengths(records, rows, file)
    return Cells(records, rows, file, encoding, tuple(decisions))


def _decoded(data: bytes, file: str, encoding: str) -> tuple[str, str, list[str]]:
    """Return text, encoding and what was decided about it."""
    guess = _encoding(data) if encoding == "auto" else encoding
    try:
        text = data.decode(guess).removeprefix("\ufeff")
    except LookupError:
        advice = 'a Python encoding such as "utf-8", "cp1252", "utf-16", or "auto"'
        raise InputError([Problem(f"unknown encoding {encoding!r}", file=file, allowed=advice)]) from None
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        what = f"cannot be read as {guess}: byte 0x{data[error.start]:02X} has no meaning there"
        advice = "state the encoding of the file, or save it as UTF-8"
        raise InputError([Problem(what, file=file, row=row, allowed=advice)]) from None
    guessed = encoding == "auto" and guess == "cp1252"
    return text, guess, ["is not UTF-8; read as cp1252 (Western European)"] if guessed else []


def _encoding(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:1000]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and head[start::2].count(0) > 0.3 * len(head[start::2]):
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str, file: str, delimiter: str) -> str:
    if delimiter != "auto":
        mark = DELIMITERS.get(delimiter, delimiter)
        if len(mark) != 1:
            allowed = ", ".join(DELIMITERS) + ', one character, or "auto"'
            raise InputError([Problem(f"unknown delimiter {delimiter!r}", file=file, allowed=allowed)])
        return mark
    if text.startswith("sep=") and len(text.splitlines()[0]) == 5:
        return text[4]
    return max(DELIMITERS.values(), key=lambda mark: _fit(text[:100_000], mark))


def _fit(text: str, mark: str) -> tuple[float, int]:
    """How evenly a delimiter cuts the first records, and into how many cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        widths = [len(record) for record, _ in zip(reader, range(50), strict=False) if record]
    except csv.Error:
        return 0.0, 0
    width = widths[0] if widths else 0
    return (widths.count(width) / len(widths) if width > 1 else 0.0), width


def _records(text: str, delimiter: str, file: str) -> tuple[list[list[str]], list[int]]:
    """Return records and the lines where they start, without empty lines above and below."""
    records: list[list[str]] = []
    rows: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for record in reader:
            records.append(record)
            rows.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        unclosed = "a quotation mark that opens here is never closed"
        what = unclosed if "unexpected end" in str(error) else f"is not valid CSV: {error}"
        raise InputError([Problem(what, file=file, row=start)]) from None
    first = 1 if records and records[0] == ["sep=", ""] else 0
    filled = [n for n in range(first, len(records)) if any(records[n])]
    last = max((n for n, record in enumerate(records) if record), default=-1)
    span = slice(filled[0], last + 1) if filled else slice(0, 0)
    return _padded(records[span]), rows[span]


def _padded(records: list[list[str]]) -> list[list[str]]:
    """Turn an empty line between responses into a response without answers."""
    width = len(records[0]) if records else 0
    return [record or [""] * width for record in records]


def _check_lengths(records: list[list[str]], rows: list[int], file: str) -> None:
    width = len(records[0]) if records else 0
    ragged = [(row, len(record)) for record, row in zip(records, rows, strict=True) if len(record) != width]
    what = f"cell(s) where the header has {width}"
    raise_if_any(problems_at(what, ragged, file=file, allowed="rows of equal length"))


def _unique(headings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Name every column: blank headings by position, repeated ones with a number."""
    ids: list[str] = []
    decisions: list[str] = []
    taken = {heading.strip() for heading in headings}
    for position, heading in enumerate(headings, start=1):
        name = heading.strip() or f"column {position}"
        if name in ids:
            name = next(_numbered(name, taken))
            taken.add(name)
            decisions.append(
                f"the heading {heading.strip()!r} occurs again in column {position}: called {name!r}"
            )
        ids.append(name)
    return ids, decisions


def _numbered(name: str, taken: set[str]) -> Iterator[str]:
    number = 1
    while True:
        if f"{name}.{number}" not in taken:
            yield f"{name}.{number}"
        number += 1
