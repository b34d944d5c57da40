"""Whether a zipped workbook is safe to unpack: small files can hold sheets that fill the memory."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from survey.language import say
from survey.problems import InputError, Problem

LARGEST = 1 << 31
"""Bytes that all parts of a workbook together may unpack to."""
STEEPEST = 200
"""How many times its packed size a large workbook may unpack to; surveys reach about 50."""
_LARGE = 100_000_000
_AREA = 20_000_000
_SPARSE = 20
_BLOCK = 1 << 20
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE = re.compile(rb"""r=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_COLUMNS = ((re.compile(rb"""r=["'][A-Z]{3}\d"""), 16_384), (re.compile(rb"""r=["'][A-Z]{2}\d"""), 702))
_ROWS = (
    (re.compile(rb"""r=["'][A-Z]{0,3}\d{7}"""), 1_048_576),
    (re.compile(rb"""r=["'][A-Z]{0,3}\d{6}"""), 999_999),
    (re.compile(rb"""r=["'][A-Z]{0,3}\d{5}"""), 99_999),
)


def check_archive(data: bytes, file: str) -> None:
    """Refuse a zip file that unpacks to far more than it seems.

    The sizes that the directory of the file declares are added up before anything is unpacked; then the
    parts are unpacked piece by piece and counted, because a directory can lie. A sheet with a few cells
    a million rows apart is refused too: to read it would take the memory of the whole rectangle.

    Parameters
    ----------
    data
        Content of the file.
    file
        How messages call it.

    Raises
    ------
    InputError
        If the file is no sound zip file or unpacks to too much.
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
        _check_size(sum(part.file_size for part in parts), data, file)
        size = 0
        if any(part.flag_bits & 1 for part in parts):
            locked = Problem(
                say("is protected by a password"), file=file, allowed=say("a copy saved without one")
            )
            raise InputError([locked])
        for part in parts:
            sheet = _Extent() if _SHEET.fullmatch(part.filename) else None
            for block in _unpacked(data, part):
                size += len(block)
                _check_size(size, data, file)
                if sheet:
                    sheet.add(block)
            if sheet:
                _check_extent(sheet, data, part, file)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, ValueError, OSError) as error:
        what = say("cannot be opened as a workbook: {reason}", reason=error)
        advice = say("an .xlsx, .xls or .ods workbook, or a CSV file; unpack other archives first")
        raise InputError([Problem(what, file=file, allowed=advice)]) from None


class _Extent:
    """Cells of a sheet, counted as its text passes by, and bounds of how far they may reach."""

    def __init__(self) -> None:
        self.cells = 0
        self._width, self._height = 26, 9_999
        self._tail = b""

    def add(self, block: bytes) -> None:
        text = self._tail + block
        self.cells += block.count(b'r="') + block.count(b"r='")
        self._width = _bound(_COLUMNS, text, self._width)
        self._height = _bound(_ROWS, text, self._height)
        self._tail = text[-16:]

    def is_dense(self) -> bool:
        """Whether the cells fill a good part even of the largest rectangle that they may span."""
        return self._width * self._height <= max(_AREA, _SPARSE * self.cells)


def _bound(classes: Sequence[tuple[re.Pattern[bytes], int]], text: bytes, known: int) -> int:
    """Return the bound of the first, largest class of references that occurs, if larger than the known."""
    larger = ((pattern, bound) for pattern, bound in classes if bound > known)
    return next((bound for pattern, bound in larger if pattern.search(text)), known)


def _check_size(size: int, data: bytes, file: str) -> None:
    if size > LARGEST or (size > _LARGE and size > STEEPEST * len(data)):
        what = say(
            "unpacks to {size} MB or more from {packed} kB: not read",
            size=size // 1_000_000, packed=max(len(data) // 1000, 1),
        )  # fmt: skip
        advice = say("the sheet with the responses alone, or a CSV file")
        raise InputError([Problem(what, file=file, allowed=advice)])


def _check_extent(sheet: _Extent, data: bytes, part: zipfile.ZipInfo, file: str) -> None:
    """Refuse a sheet whose cells lie so far apart that the space between them would fill the memory."""
    if sheet.is_dense():
        return
    width = height = 0
    tail = b""
    for block in _unpacked(data, part):
        text = tail + block
        for letters, digits in _PLACE.findall(text):
            width, height = max(width, _number(letters)), max(height, int(digits))
        tail = text[-16:]
    if width * height > max(_AREA, _SPARSE * sheet.cells):
        what = say(
            "has cells as far apart as row {row} and column {column}, and almost none between: not read",
            row=height, column=width,
        )  # fmt: skip
        advice = say("a sheet without stray cells below and beside the responses")
        raise InputError([Problem(what, file=file, row=height, allowed=advice)])


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _unpacked(data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of one part piece by piece, however long it is said to be."""
    start = part.header_offset
    name, extra = struct.unpack("<HH", data[start + 26 : start + 30])
    begin = start + 30 + name + extra
    packed = data[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        for position in range(0, len(packed), _BLOCK):
            yield packed[position : position + _BLOCK]
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError(f"{part.filename} is packed in a way that workbooks do not use")
    unpacker = zlib.decompressobj(-15)
    while packed and not unpacker.eof:
        yield unpacker.decompress(packed, _BLOCK)
        packed = unpacker.unconsumed_tail
