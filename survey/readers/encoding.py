"""How the bytes of a text file become characters."""

import codecs
from typing import NamedTuple

from survey.language import say
from survey.problems import InputError, Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 22
_C1 = bytes(range(0x80, 0xA0))
_UNDEFINED_IN_CP1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
_NO_SIGNS = bytes({*range(1, 0x20)} - set(b"\t\n\v\f\r\x1a\x1b"))
_FEW = 0.01
"""Share of bytes that stand for no sign from which a file is no text."""


class Decoded(NamedTuple):
    """Text as UTF-8 without byte order mark, the encoding that it had, and how that was found."""

    text: bytes
    encoding: str
    decision: str


def decode(data: bytes, file: str, encoding: str = "auto") -> Decoded:
    """Find the encoding of a text and bring it to UTF-8.

    A byte order mark decides; else zero bytes in every other place mean UTF-16; else what can be read as
    UTF-8 is UTF-8. Anything else is Western European with one byte for each character: cp1252 where
    bytes 0x80-0x9F occur, which mean quotation marks and the like there, otherwise latin-1. A file that
    is UTF-8 for the most part is damaged and is refused: reading it as cp1252 would spoil every letter
    with an accent.

    Parameters
    ----------
    data
        Content of the file.
    file
        How messages call it.
    encoding
        A Python encoding name, or "auto".

    Raises
    ------
    InputError
        If the encoding is unknown or does not fit the bytes.

    Examples
    --------
    >>> text, encoding, decision = decode("Café".encode("cp1252"), "2025.csv")
    >>> text.decode(), encoding, decision
    ('Café', 'latin-1', 'is not UTF-8: read as latin-1 (Western European)')
    """
    if encoding == "auto":
        encoding, decision = _found(data, file)
    else:
        decision = f"is read as {encoding}, as stated"
    if encoding in ("utf-8", "utf-8-sig") and _utf8_error(data) is None:
        return Decoded(_without_marks(data), encoding, decision)
    try:
        text = data.decode(encoding).lstrip("\ufeff")
        return Decoded(text.encode("utf-8"), encoding, decision)
    except LookupError:
        advice = 'a Python encoding such as "utf-8", "cp1252", "utf-16", or "auto"'
        raise InputError([Problem(f"unknown encoding {encoding!r}", file=file, allowed=advice)]) from None
    except UnicodeDecodeError as error:
        raise InputError([_unreadable(data, file, encoding, error)]) from None
    except UnicodeError as error:
        what = f"cannot be read as {encoding}: {error}"
        raise InputError([Problem(what, file=file, to_do="state another encoding")]) from None


def _without_marks(data: bytes) -> bytes:
    """Leave out byte order marks; programs that do not know them put one before another."""
    while data.startswith(codecs.BOM_UTF8):
        data = data.removeprefix(codecs.BOM_UTF8)
    return data


def _found(data: bytes, file: str) -> tuple[str, str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, f"is {name.removesuffix('-sig').upper()}: it begins with a byte order mark"
    head = data[:1000]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and head[start::2].count(0) > 0.3 * len(head[start::2]):
            return name, f"is {name.upper()}: every other byte is zero"
    error = _utf8_error(data)
    if error is None:
        return "utf-8", "is UTF-8: all of it can be read so"
    damaged = _damage(data, file, error)
    if damaged:
        raise InputError([damaged])
    if _binary(data):
        raise InputError([_no_text(file)])
    if not data.translate(None, delete=bytes(set(range(256)) - set(_C1))):
        return "latin-1", "is not UTF-8: read as latin-1 (Western European)"
    return "cp1252", "is not UTF-8: read as cp1252 (Western European)"


def _utf8_error(data: bytes) -> int | None:
    """Position of the first byte that is not UTF-8; in blocks, to hold no second copy of a large file."""
    if data.isascii():
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _BLOCK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _BLOCK], final=start + _BLOCK >= len(data))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _damage(data: bytes, file: str, start: int) -> Problem | None:
    """Say that a file is damaged UTF-8, if letters that only UTF-8 writes so outweigh what is not UTF-8."""
    sample = data[:_BLOCK] + data[max(start - _BLOCK, _BLOCK) : start + 1000]
    text = sample.decode("utf-8", errors="surrogateescape")
    strange = sum(1 for character in text if "\udc80" <= character <= "\udcff")
    good = sum(1 for character in text if not character.isascii()) - strange
    if good <= strange:
        return None
    what = say("is UTF-8 but for byte 0x{byte}: it is cut off or damaged there", byte=f"{data[start]:02X}")
    row, advice = data.count(b"\n", 0, start) + 1, say("state its encoding, if that is another one")
    return Problem(what, file=file, row=row, allowed=say("a whole copy of the export"), to_do=advice)


def _binary(data: bytes) -> bool:
    """Tell pictures, programs and noise from text by bytes that no encoding of one byte a letter uses."""
    head = data[:4096]
    return len(head) - len(head.translate(None, delete=_NO_SIGNS)) > _FEW * len(head)


def _broken(head: bytes, encoding: str) -> bool:
    """Tell what is no text at all from a text that is damaged in one place."""
    return head.decode(encoding, errors="replace").count("\ufffd") > max(1, _FEW * len(head))


def _no_text(file: str) -> Problem:
    what, allowed = (
        say("is not a text file: it holds bytes that no text has"),
        say("a text file (CSV, TSV) or a workbook"),
    )
    return Problem(what, file=file, allowed=allowed)


def _unreadable(data: bytes, file: str, encoding: str, error: UnicodeDecodeError) -> Problem:
    if encoding.startswith("utf-16") and _broken(data[:4096], encoding):
        return _no_text(file)
    row = data.count(b"\n", 0, error.start) + 1
    byte = f"{data[error.start]:02X}"
    what = say(
        "cannot be read as {encoding}: byte 0x{byte} has no meaning there", encoding=encoding, byte=byte
    )
    if encoding == "cp1252" and data[error.start] in _UNDEFINED_IN_CP1252:
        what += say(", nor is the file UTF-8")
    return Problem(what, file=file, row=row, to_do=say("state the encoding of the file, or save it as UTF-8"))
