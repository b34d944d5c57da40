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

    def __post_init__(self) -> None:
        for name in ("accent", "cover", "cover_ink"):
            if not COLOUR.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} of the theme: {getattr(self, name)!r} is no colour such as #004F86")
        if not FAMILY.fullmatch(self.font):
            raise ValueError(f"font of the theme: {self.font!r} is no name of a family of letters")


PLAIN = Theme()
"""The dress of a report that names none."""
