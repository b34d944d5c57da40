"""How figures look: colours as roles, each with a second cue, and the settings that make them repeatable."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import matplotlib as mpl
import seaborn as sns
from matplotlib.font_manager import fontManager

FONTS = Path(__file__).parent / "fonts"
"""The typefaces that ship with the reports: figures are drawn and pages are set in them."""

FAMILIES = ["Inter", "DejaVu Sans"]
"""Families of letters in figures, in the order in which a letter is looked for."""

INK = "#1F2933"
MUTED = "#52606D"
RULE = "#D5DAE1"
BAND = "#F3F5F8"
PAPER = "#FFFFFF"

TEXT_SIZE = 9.0
SMALL_SIZE = 8.0
WIDTH = 6.8
"""Width of a figure in inches: the text column of the report, and of A4."""


LineStyle: TypeAlias = Literal["-", "--", ":"]


@dataclass(frozen=True, slots=True)
class Role:
    """What a colour stands for, with the marker and line that say the same without colour.

    Parameters
    ----------
    colour
        Fill and line.
    ink
        The colour for text on white, with a contrast of at least 4.5.
    marker, line
        Marker shape and line style of matplotlib.
    hollow
        True where the marker is an outline.
    """

    colour: str
    ink: str
    marker: str = "o"
    line: LineStyle = "-"
    hollow: bool = False

    @property
    def face(self) -> str:
        """Colour inside the marker."""
        return PAPER if self.hollow else self.colour


YOU = Role("#0072B2", "#005A8C", marker="P")
ALL = Role("#666666", "#52606D")
BEST = Role("#D55E00", "#B34700", marker="D")
AVERAGE = ALL
LAGGARD = Role("#332288", "#332288", marker="s", hollow=True)
SALES = Role("#0072B2", "#005A8C")
MARKETING = Role("#E69F00", "#8A5F00", marker="s")
PUBLISHED = Role(INK, INK, marker="v", line=":", hollow=True)
STUDY = Role(INK, INK)
EXPLORATORY = replace(STUDY, colour=MUTED, ink=MUTED, line="--", hollow=True)

ROLES: dict[str, Role] = {
    "you": YOU,
    "all": ALL,
    "median": ALL,
    "best in class": BEST,
    "average": AVERAGE,
    "laggard": LAGGARD,
    "world-class": BEST,
    "rest": AVERAGE,
    "sales": SALES,
    "marketing": MARKETING,
    "published": PUBLISHED,
    "study": STUDY,
}
"""Roles by the name that frames give them."""

SETTINGS: dict[str, Any] = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": TEXT_SIZE,
    "axes.linewidth": 0.8,
    "axes.titlesize": TEXT_SIZE,
    "figure.facecolor": PAPER,
    "font.family": FAMILIES,
    "font.size": TEXT_SIZE,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "hatch.linewidth": 0.6,
    "legend.fontsize": SMALL_SIZE,
    "svg.fonttype": "path",
    "svg.hashsalt": "alignmark",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelsize": SMALL_SIZE,
    "xtick.major.size": 3.0,
    "xtick.major.width": 0.8,
    "ytick.color": INK,
    "ytick.labelsize": TEXT_SIZE,
    "ytick.left": False,
}
"""Settings of matplotlib on top of seaborn's "ticks"; the salt makes the ids inside an SVG repeatable."""


def _make_known() -> None:
    """Tell the drawing library of the typeface that ships, whose semi-bold stands for bold."""
    for file in sorted(FONTS.glob("Inter-*.otf")):
        fontManager.addfont(file)
    for entry in [entry for entry in fontManager.ttflist if entry.name == "Inter" and entry.weight == 600]:
        fontManager.ttflist.append(replace(entry, weight=700))


_make_known()


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the style of the report for as long as the context lasts.

    Examples
    --------
    >>> with house_style():
    ...     mpl.rcParams["svg.hashsalt"]
    'alignmark'
    """
    with mpl.rc_context(sns.axes_style("ticks") | SETTINGS):
        yield


def role_of(name: str) -> Role:
    """Return the role that a frame names.

    Raises
    ------
    ValueError
        If there is no such role.

    Examples
    --------
    >>> role_of("best in class").marker
    'D'
    """
    if name not in ROLES:
        raise ValueError(f"{name!r} is no role; roles are {', '.join(ROLES)}")
    return ROLES[name]
