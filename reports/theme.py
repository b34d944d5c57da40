"""How a report is dressed: colours, typeface, logo, footer; what it says never depends on it."""

from dataclasses import dataclass
from pathlib import Path


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
    """

    accent: str = "#004F86"
    cover: str = "#0F2A43"
    cover_ink: str = "#FFFFFF"
    font: str = ""
    logo: Path | None = None
    footer: str = ""


PLAIN = Theme()
"""The dress of a report that names none."""
