"""A logo as every format can show it: read once, and refused in words where it is no image."""

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError

from survey.problems import InputError, Problem

Format = Literal["png", "jpeg", "svg"]
ALLOWED = "a PNG, JPEG or SVG file"
LARGEST = 5_000_000
"""Bytes of a logo: every company's scorecard carries it."""


@dataclass(frozen=True, slots=True)
class Logo:
    """An image with its size in pixels."""

    content: bytes
    format: Format
    width: float
    height: float

    @property
    def data_uri(self) -> str:
        """The logo as an address that carries it."""
        kind = "svg+xml" if self.format == "svg" else self.format
        return f"data:image/{kind};base64," + base64.b64encode(self.content).decode("ascii")

    @property
    def svg(self) -> str:
        """The logo as an SVG, in which pixels are wrapped."""
        if self.format == "svg":
            return self.content.decode("utf-8")
        size = f'width="{self.width:g}" height="{self.height:g}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{self.data_uri}"/></svg>'


def read_logo(path: Path) -> Logo:
    """Read a logo.

    Raises
    ------
    InputError
        If the file cannot be read, is no image of a kind that every format can show, or is too large.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError([_problem(f"cannot be read: {error.strerror}", path)]) from None
    if len(content) > LARGEST:
        raise InputError([_problem("is too large for a logo", path, f"at most {LARGEST // 1_000_000} MB")])
    found = _svg(content) if content.lstrip()[:1] == b"<" else _pixels(content)
    if found is None:
        raise InputError([_problem("is no image that a report can show", path)])
    return found


def _problem(what: str, path: Path, allowed: str = ALLOWED) -> Problem:
    return Problem(
        f"the logo {what}", str(path), allowed=allowed, to_do="name another file, or leave the logo out"
    )


def _pixels(content: bytes) -> Logo | None:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            image.load()
            format: Format = "png" if image.format == "PNG" else "jpeg"  # noqa: A001
            return Logo(content, format, float(image.width), float(image.height))
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        return None


def _svg(content: bytes) -> Logo | None:
    """Read an SVG; one with a document type, through which other files could come in, is none."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return None
    try:
        root = ElementTree.fromstring(content.decode("utf-8"))
    except (ElementTree.ParseError, UnicodeDecodeError):
        return None
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return None
    box = [float(part) for part in re.findall(r"[\d.]+", root.get("viewBox", ""))][-2:]
    sides = [re.match(r"[\d.]+", root.get(name, "")) for name in ("width", "height")]
    width, height = box if len(box) == 2 else (float(side[0]) if side else 0.0 for side in sides)
    return Logo(content, "svg", width, height) if width > 0 and height > 0 else None
