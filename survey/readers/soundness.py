"""Whether a file of SPSS or Stata is sound where the library that reads it relies on that."""

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from survey.language import say

_HEADER = 176
_LAYOUT = slice(64, 68)
_VARIABLE, _LABELS, _LABELLED, _DOCUMENT, _EXTENSION = 2, 3, 4, 6, 7
_ENCODING = 20
_LARGEST = 1 << 26
_ZLIB, _STEEPEST = 2, 1032
"""How many times its packed size anything can unpack to by zlib."""
_STATA = re.compile(
    rb"<stata_dta><header><release>\d{3}</release><byteorder>(MSF|LSF)</byteorder>"
    rb"<K>(.{2}|.{4})</K><N>(.{4}|.{8})</N>",
    re.DOTALL,
)


@dataclass(slots=True)
class _Dictionary:
    """Width of each variable by its place, codes and variables of each set of labels, encoding.

    A text of more than eight bytes has several places; `places` counts them all.
    """

    places: int = 0
    widths: dict[int, int] = field(default_factory=dict)
    codes: list[list[bytes]] = field(default_factory=list)
    labelled: list[tuple[int, ...]] = field(default_factory=list)
    encoding: str = "cp1252"


def damage(path: Path, kind: str, encoding: str = "auto") -> str:
    """Say what is wrong with a file of SPSS or Stata that its reader would not survive; "" if nothing.

    ReadStat takes memory for all responses that a file announces, and ends the whole program over a code
    that is no text where labels are given to texts or to a variable that does not exist. Whatever else is
    wrong with a file it says itself.

    Parameters
    ----------
    path
        The file.
    kind, encoding
        As in `survey.readers.spss_stata.read_spss_stata`.
    """
    with path.open("rb") as stream:
        content = stream.read(_LARGEST)
    if kind == "por":
        return ""
    size = path.stat().st_size
    if kind == "dta":
        return _too_many(*_announced_by_stata(content), size)
    found = _Dictionary()
    with suppress(struct.error):
        for _ in _records(content, found):
            pass
    packing, _, responses = struct.unpack_from(f"{_order(content)}3i", content.ljust(84), 72)
    size *= _STEEPEST if packing == _ZLIB else 1
    return _too_many(found.places, responses, size) or _mislabelled(found, encoding)


def _announced_by_stata(content: bytes) -> tuple[int, int]:
    """Return the numbers of variables and responses in the first lines of a Stata file."""
    found = _STATA.match(content)
    big = found[1] == b"MSF" if found else content[1:2] == b"\1"
    counts = (found[2], found[3]) if found else (content[4:6], content[6:10])
    variables, responses = (int.from_bytes(count, "big" if big else "little") for count in counts)
    return variables, responses


def _too_many(variables: int, responses: int, size: int) -> str:
    """Refuse more answers than the file has bytes: each takes one or more."""
    if responses * max(variables, 1) <= size:
        return ""
    return say("announces {n} responses, more than fit into it: it is cut off or damaged", n=responses)


def _mislabelled(found: _Dictionary, encoding: str) -> str:
    if found.labelled and found.places != sum(max(-(-width // 8), 1) for width in found.widths.values()):
        return say("has value labels, and more or less room for its texts than these are wide")
    name = found.encoding if encoding == "auto" else encoding
    for codes, variables in zip(found.codes, found.labelled, strict=False):
        widths = [found.widths[variable] for variable in variables if variable in found.widths]
        if not widths:
            return say("has value labels for a variable that it does not have")
        if widths[-1] and not all(_is_text(code, name) for code in codes):
            return say("has value labels for codes that are no text, of a variable that is")
    return ""


def _order(content: bytes) -> str:
    return ">" if content[_LAYOUT] in (b"\0\0\0\2", b"\0\0\0\3") else "<"


def _is_text(code: bytes, encoding: str) -> bool:
    try:
        return code.rstrip(b" \0").decode(encoding).isprintable()
    except UnicodeDecodeError:
        return False
    except (LookupError, ValueError):
        return code.isascii()


def _records(content: bytes, found: _Dictionary) -> Iterator[int]:
    """Read record by record into `found`; yield where each ends."""
    order = _order(content)

    def integers(at: int, count: int = 1) -> tuple[int, ...]:
        return struct.unpack_from(f"{order}{count}i", content, at)

    at = begin = _HEADER
    while begin <= at < len(content):
        begin = at
        kind, count = integers(at, 2)
        at += 8
        if kind == _VARIABLE:
            labelled, missing = integers(at, 2)
            found.places += 1
            found.widths |= {found.places: count} if count >= 0 else {}
            at += 24
            at += 4 + -(-integers(at)[0] // 4) * 4 if labelled else 0
            at += 8 * abs(missing)
        elif kind == _LABELS:
            found.codes.append([])
            for _ in range(count):
                found.codes[-1].append(content[at : at + 8])
                at += 8 + (struct.unpack_from("B", content, at + 8)[0] + 8) // 8 * 8
        elif kind == _LABELLED:
            found.labelled.append(integers(at, count))
            at += 4 * count
        elif kind == _DOCUMENT:
            at += 80 * count
        elif kind == _EXTENSION:
            size, number = integers(at, 2)
            if count == _ENCODING:
                found.encoding = content[at + 8 : at + 8 + number].decode("ascii", errors="replace")
            at += 8 + size * number
        else:
            return
        yield at
