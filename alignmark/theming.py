"""The theme file: a report in somebody's colours, checked so that it can still be read."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal

from lxml import etree
from PIL import Image

from alignmark.checked import Checked
from reports.theme import PLAIN, Theme, contrast
from survey.declaration import Fault, line_of, load_yaml, read_declaration
from survey.problems import InputError, Problem

WHITE = "#FFFFFF"
READABLE = 4.5
"""Contrast that text needs with its ground."""

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
LARGEST = 5_000_000
"""Bytes of a logo."""

Kind = Literal["PNG", "JPEG", "SVG"]

PICTURES: dict[str, Kind] = {"PNG": "PNG", "JPEG": "JPEG"}


class ThemeFile(Checked):
    """What a theme file may say; everything is optional."""

    accent: str = PLAIN.accent
    cover: str = PLAIN.cover
    cover_ink: str = PLAIN.cover_ink
    font: str = ""
    logo: str = ""
    footer: str = ""
    templates: str = ""

    def faults(self) -> Iterator[Fault]:
        """Yield colours that are none, or cannot be read on their ground."""
        said = {"accent": self.accent, "cover": self.cover, "cover_ink": self.cover_ink}
        wrong = [name for name, colour in said.items() if not COLOUR.fullmatch(colour)]
        for name in wrong:
            yield Fault(
                (name,), f"{said[name]!r} is no colour", "six hexadecimal digits, in quotes: '#004F86'"
            )
        if wrong:
            return
        yield from _pale("accent", self.accent, WHITE, "white")
        yield from _pale("cover_ink", self.cover_ink, self.cover, "the cover")
        if re.search(r"[^\w .,'-]", self.font):
            yield Fault(("font",), f"{self.font!r} is no name of a typeface", "letters, digits and spaces")


def _pale(name: str, colour: str, ground: str, said: str) -> Iterator[Fault]:
    found = contrast(colour, ground)
    if found < READABLE:
        what = f"{colour} on {said} has a contrast of {found:.1f}, which many people cannot read"
        yield Fault(
            (name,),
            what,
            f"a contrast of {READABLE} or more: a {'darker' if ground == WHITE else 'more different'} colour",
        )


def read_theme(path: Path) -> Theme:
    """Read a theme file; logo and templates are looked up beside it.

    Raises
    ------
    InputError
        If the file is missing or does not fit, the logo is no picture or the templates are no folder.
    """
    said = read_declaration(path, ThemeFile)
    logo, templates = (path.parent / name if name else None for name in (said.logo, said.templates))
    problems = [*_logo_problems(path, logo), *_template_problems(path, templates)]
    if problems:
        raise InputError(problems)
    return Theme(said.accent, said.cover, said.cover_ink, said.font, logo, said.footer, templates)


def _logo_problems(path: Path, logo: Path | None) -> Iterator[Problem]:
    if logo is None:
        return
    what = ""
    if not logo.is_file():
        what = "there is no such file"
    elif logo.stat().st_size > LARGEST:
        what = f"has {logo.stat().st_size / 1e6:.1f} MB"
    elif picture_kind(logo.read_bytes()) is None:
        what = "is no picture that can be read"
    if what:
        allowed = "a PNG, JPEG or SVG file of at most 5 MB"
        yield Problem(what, path.name, _line(path, "logo"), "logo", logo.name, allowed)


def _template_problems(path: Path, templates: Path | None) -> Iterator[Problem]:
    if templates is not None and not templates.is_dir():
        what, allowed = "there is no such folder", "a folder beside the theme"
        yield Problem(what, path.name, _line(path, "templates"), "templates", templates.name, allowed)


def _line(path: Path, key: str) -> int | None:
    return line_of(load_yaml(path, path.name), [key])


def picture_kind(content: bytes) -> Kind | None:
    """Say by its content what kind of picture a file holds; None for none that can be shown everywhere.

    Examples
    --------
    >>> picture_kind(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    'SVG'
    >>> picture_kind(b"a logo") is None
    True
    """
    try:
        with Image.open(BytesIO(content)) as image:
            image.load()
            kind = PICTURES.get(image.format or "")
    except Exception:
        return "SVG" if _is_svg(content) else None
    return kind


def _is_svg(content: bytes) -> bool:
    """Whether the content is an SVG that loads nothing and runs nothing."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return False
    names = {etree.QName(part).localname for part in root.iter() if isinstance(part.tag, str)}
    return etree.QName(root).localname == "svg" and not names & {"script", "foreignObject"}
