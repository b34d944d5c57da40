"""The cells of an Excel or OpenDocument sheet, as text."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from difflib import get_close_matches
from math import isfinite
from typing import Any

import python_calamine

from survey.language import say
from survey.problems import InputError, Problem, meant
from survey.readers.archive import check_archive

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def sheet_cells(
    data: bytes, file: str, *, sheet: str | None = None
) -> tuple[list[list[str]], list[int], list[str]]:
    """Read one sheet of a workbook as text.

    Whole numbers lose their ".0", dates and times become ISO 8601, truth values TRUE and FALSE; a cell
    formatted as a percentage shows its stored fraction, because the sheet stores no more than that.

    Parameters
    ----------
    data
        Content of the file.
    file
        How messages call it.
    sheet
        Name of the sheet; the first that holds more than a title if None.

    Returns
    -------
    records : list of list of str
        Rows of equal length, from the first to the last that holds anything.
    rows : list of int
        Their row numbers, from 1.
    decisions : list of str
        What was decided on the way.

    Raises
    ------
    InputError
        If the file is protected by a password or is no workbook, or there is no such sheet.
    """
    if data.startswith(ZIP):
        check_archive(data, file)
    with _refused(file):
        workbook = _open(data, file)
        name, decisions = _chosen(workbook, file, sheet)
        values = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    records = [[_text(value) for value in row] for row in values]
    filled = [number for number, record in enumerate(records) if any(record)]
    if not filled:
        return [], [], decisions
    width = 1 + max(position for record in records for position, cell in enumerate(record) if cell)
    span = range(filled[0], filled[-1] + 1)
    return [records[number][:width] for number in span], [number + 1 for number in span], decisions


@contextmanager
def _refused(file: str) -> Iterator[None]:
    """Say what the reader of workbooks cannot read; it panics over some damaged files."""
    try:
        yield
    except python_calamine.PasswordError:
        locked = Problem(
            say("is protected by a password"), file=file, allowed=say("a copy saved without one")
        )
        raise InputError([locked]) from None
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        raise InputError([_unreadable(file, str(error))]) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise InputError([_unreadable(file, say("it is damaged"))]) from None


def _unreadable(file: str, reason: str) -> Problem:
    what = say("cannot be opened as a workbook: {reason}", reason=reason)
    advice = say("an .xlsx, .xls or .ods workbook, or a CSV file; unpack other archives first")
    return Problem(what, file=file, allowed=advice)


def _open(data: bytes, file: str) -> Any:
    if data.startswith(OLE) and _ENCRYPTED in data:
        locked = Problem(
            say("is protected by a password"), file=file, allowed=say("a copy saved without one")
        )
        raise InputError([locked])
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))


def _chosen(workbook: Any, file: str, sheet: str | None) -> tuple[str, list[str]]:
    """Return the sheet to read, and what to say about the others."""
    names = list(workbook.sheet_names)
    if not names:
        raise InputError([_unreadable(file, say("it has no sheets"))])
    if sheet is not None:
        if sheet not in names:
            close = get_close_matches(sheet, names, n=1)
            hint = f" ({meant(close[0])})" if close else ""
            what = f"has no sheet called {sheet!r}"
            raise InputError([Problem(what, file=file, value=sheet, allowed=", ".join(names) + hint)])
        return sheet, []
    filled = [name for name in names if workbook.get_sheet_by_name(name).height]
    if len(filled) < 2:
        return (filled or names)[0], []
    tables = [name for name in filled if workbook.get_sheet_by_name(name).height > 1]
    chosen = (tables or filled)[0]
    others = ", ".join(repr(name) for name in filled if name != chosen)
    first = "first sheet" if chosen == filled[0] else "first sheet of more than one row"
    return chosen, [f"read the {first}, {chosen!r}; the others are {others}"]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if not isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
