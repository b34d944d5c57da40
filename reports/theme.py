"""How a report is dressed: colours, typeface, logo, footer; what it says never depends on it."""

import re
from dataclasses import dataclass
from pathlib import Path

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
FAMILY = re.compile(r"[\w .-]*")


@dataclass(frozen=True, slots=True)
class Theme:
    """The dress of a report, the same in every format.

    Parameters
    ----------
    accent
        Colour of links, headings' rules and table heads, ``#RRGGBB``; dark enough to be read on white.
    cover, cover_ink
        Ground of the title page, and the letters on it.
    font
        Family for text; the family that ships with the reports is used where it is empty.
    logo
        PNG, JPEG or SVG file for the title page, or None.
    footer
        Line at the foot of every page; empty for none.
    templates
        Folder with templates that take the place of those that ship, by file name; None for none.
    language
        Code such as "de-AT" of the reports that wear it; empty for what the study says.

    Raises
    ------
    ValueError
        If a colour is not written as ``#RRGGBB``, or the name of the family holds other signs than letters,
        digits, spaces, points and hyphens.
    """

    accent: str = "#004F86"
    cover: str = "#0F2A43"
    cover_ink: str = "#FFFFFF"
    font: str = ""
    logo: Path | None = None
    footer: str = ""
    templates: Path | None = None
    language: str = ""

    def __post_init__(self) -> None:
        for name in ("accent", "cover", "cover_ink"):
            if not COLOUR.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} of the theme: {getattr(self, name)!r} is no colour such as #004F86")
        if not FAMILY.fullmatch(self.font):
            raise ValueError(f"font of the theme: {self.font!r} is no name of a family of letters")


def contrast(colour: str, ground: str) -> float:
    """Contrast ratio of two colours ``#RRGGBB``, 1 to 21 (WCAG 2.2, success criterion 1.4.3 asks for 4.5).

    Examples
    --------
    >>> contrast("#000000", "#FFFFFF")
    21.0
    >>> round(contrast("#E69F00", "#FFFFFF"), 1)
    2.3
    """
    light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of a colour in sRGB, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PLAIN = Theme()
"""The dress of a report that names none."""
