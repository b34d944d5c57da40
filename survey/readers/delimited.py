"""Records of a text file whose cells stand between delimiters."""

import csv
import io
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from survey.language import say
from survey.problems import InputError, Problem, problems_at, raise_if_any
from survey.readers.columnar import read_table

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_HEAD = 100_000
_LONGEST_CELL = 1 << 27
_PEEK = 50


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records of equal length, and the line where each starts, from 1.

    `records` holds all of them, or the first few where `table` holds all in columns.
    """

    records: list[list[str]]
    rows: np.ndarray
    decisions: tuple[str, ...]
    table: pa.Table | None = None


def read_records(text: bytes, file: str, delimiter: str = "auto") -> Records:
    r"""Cut a text into records and cells as RFC 4180 says.

    A regular file is read in columns (see `survey.readers.columnar`); any other record by record, so that
    what is wrong with it can be said. Empty lines above the first and below the last record are not
    records; one between them is a record without answers. Empty cells at the end of a record that is
    longer than the header are left out.

    Parameters
    ----------
    text
        UTF-8 without byte order mark.
    file
        How messages call the file.
    delimiter
        "comma", "semicolon", "tab", "pipe" or the character. "auto": the one that cuts the first records
        into most columns of equal number.

    Raises
    ------
    InputError
        If quotation marks stand where they must not, or records are of unequal length.

    Examples
    --------
    >>> read = read_records(b'company;share\nAcme;"12,5"\n', "2025.csv")
    >>> read.records, read.rows.tolist()
    ([['company', 'share'], ['Acme', '12,5']], [1, 2])
    """
    begin, mark, said = _mark(text, file, delimiter)
    regular = read_table(text, mark, begin=begin, first_row=1 + (begin > 0))
    if regular is not None:
        table, rows = regular
        head = zip(*(column.to_pylist() for column in table.slice(0, _PEEK).columns), strict=True)
        return Records([[cell or "" for cell in record] for record in head], rows, (said,), table)
    records, lines = _by_record(text[begin:].decode("utf-8"), mark, file)
    rows = np.array(lines, dtype=np.int64) + (begin > 0)
    decisions = (said, *_without_empty_ends(records), *_empty_lines(records, rows))
    records = [record or [""] * len(records[0]) for record in records]
    _check_lengths(records, rows, file)
    return Records(records, rows, decisions)


def _mark(text: bytes, file: str, delimiter: str) -> tuple[int, str, str]:
    """Return where the records begin, the delimiter, and how it was found."""
    first = text[: text.find(b"\n") + 1] if b"\n" in text[:10] else b""
    stated = first.rstrip(b"\r\n")
    begin = len(first) if stated.startswith(b"sep=") and len(stated) == 5 else 0
    if delimiter != "auto":
        mark = DELIMITERS.get(delimiter, delimiter)
        if len(mark) != 1 or mark in '"\r\n\0':
            allowed = ", ".join(DELIMITERS) + ', one character, or "auto"'
            raise InputError([Problem(f"unknown delimiter {delimiter!r}", file=file, allowed=allowed)])
        return begin, mark, f"separates cells by {_name(mark)}, as stated"
    if begin:
        mark = stated[4:].decode("utf-8")
        return begin, mark, f"separates cells by {_name(mark)}: its first line says so"
    head = text[:_HEAD].decode("utf-8", errors="ignore")
    fits = {mark: _fit(head, mark, whole=len(text) <= _HEAD) for mark in DELIMITERS.values()}
    mark = max(fits, key=lambda candidate: fits[candidate][:2])
    even, width, count = fits[mark]
    if width < 2:
        return 0, mark, "has one column: no delimiter cuts its first records"
    reason = f"it cuts {round(even * count)} of the first {count} records into {width} cells each"
    return 0, mark, f"separates cells by {_name(mark)}: {reason}"


def _name(mark: str) -> str:
    return next((name for name, known in DELIMITERS.items() if known == mark), repr(mark))


def _fit(head: str, mark: str, *, whole: bool) -> tuple[float, int, int]:
    """How evenly a delimiter cuts the first records, into how many cells, and how many records."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=mark)
    try:
        widths = [len(record) for record, _ in zip(reader, range(_PEEK), strict=False) if record]
    except csv.Error:
        return 0.0, 0, 0
    if not whole and 1 < len(widths) < _PEEK:
        widths.pop()
    width = widths[0] if widths else 0
    return (widths.count(width) / len(widths) if width > 1 else 0.0), width, len(widths)


def _by_record(text: str, mark: str, file: str) -> tuple[list[list[str]], list[int]]:
    """Return records and the lines where they start, without empty ones above and empty lines below."""
    records: list[list[str]] = []
    lines: list[int] = []
    limit = csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    start = 1
    try:
        for record in reader:
            records.append(record)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        unclosed = say("a quotation mark that opens here is never closed")
        what = unclosed if "unexpected end" in str(error) else say("is not valid CSV: {reason}", reason=error)
        advice = say("a whole copy of the export, with quotation marks inside a quoted cell doubled")
        raise InputError([Problem(what, file=file, row=start, allowed=advice)]) from None
    finally:
        csv.field_size_limit(limit)
    filled = [n for n, record in enumerate(records) if any(record)]
    last = max((n for n, record in enumerate(records) if record), default=-1)
    span = slice(filled[0], last + 1) if filled else slice(0, 0)
    return records[span], lines[span]


def _without_empty_ends(records: list[list[str]]) -> list[str]:
    """Cut empty cells beyond the width of the header, in place, and say of how many records."""
    width = len(records[0]) if records else 0
    count = 0
    for record in records:
        if len(record) > width and not any(record[width:]):
            del record[width:]
            count += 1
    said = f"has empty cells beyond the last heading in {count} row{'s' if count > 1 else ''}: left out"
    return [said] if count else []


def _empty_lines(records: list[list[str]], rows: np.ndarray) -> list[str]:
    empty = [row for record, row in zip(records, rows.tolist(), strict=True) if not record]
    said = f"has {len(empty)} empty line(s) between responses, the first in row {empty[0]}" if empty else ""
    return [said + ": each counts as a response without answers"] if empty else []


def _check_lengths(records: list[list[str]], rows: np.ndarray, file: str) -> None:
    widths = np.array([len(record) for record in records])
    ragged = np.flatnonzero(widths != widths[0]) if len(widths) else np.array([], dtype=int)
    if not len(ragged):
        return
    width, first, last = int(widths[0]), int(ragged[0]), len(records) - 1
    other = int(widths[first])
    if first == last and other < width:
        what = say("ends after {n} of {width} cells: is the file cut off?", n=other, width=width)
        allowed = say("a whole copy of the export")
        raise InputError([Problem(what, file=file, row=int(rows[first]), allowed=allowed)])
    if other > 1 and last > first and bool((widths[first:] == other).all()):
        what = say(
            "has {n} cells from here to the end where the header has {width}: two exports in one file?",
            n=other, width=width,
        )  # fmt: skip
        allowed = say("one file for each export")
        raise InputError([Problem(what, file=file, row=int(rows[first]), allowed=allowed)])
    what = say("cell(s) where the header has {width}", width=width)
    cells = zip(rows[ragged].tolist(), widths[ragged].tolist(), strict=True)
    raise_if_any(problems_at(what, cells, file=file, allowed=say("rows of equal length")))
