"""What a drawing consists of, so that formats with charts of their own can draw it: points, bars or cells."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from reports.style import STUDY, Role

Floats: TypeAlias = npt.NDArray[np.float64]
Ends: TypeAlias = tuple[Floats, Floats]
"""Lower and upper ends of intervals, missing where there are none."""

Side: TypeAlias = Literal["left", "right", "above", "below"]


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis.

    Parameters
    ----------
    label
        What it is called, with its unit.
    low, high, step
        Its ends and the distance of its ticks; left to whoever draws where missing.
    percent
        Whether ticks carry a percent sign.
    shown
        Whether it is drawn at all.
    zero
        Whether the line of no difference belongs to it.
    down
        Whether it counts downwards, as ranks do.
    """

    label: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    percent: bool = False
    shown: bool = True
    zero: bool = False
    down: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Points of one role, with their intervals.

    Parameters
    ----------
    name, role
        What they are, and how they look.
    x, y
        Where they stand, each of shape (n,).
    x_ends, y_ends
        Ends of their intervals along each axis.
    labels, side
        What is written beside each point, and where.
    joined
        Whether a line joins them; `role.marker` "" leaves the line alone.
    named
        Whether the key names them.
    weight
        Width of lines, and of intervals, in points.
    """

    name: str
    role: Role
    x: Floats
    y: Floats
    x_ends: Ends | None = None
    y_ends: Ends | None = None
    labels: tuple[str, ...] = ()
    side: Side = "right"
    joined: bool = False
    named: bool = True
    weight: float = 1.8


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Points over two value axes."""

    x: Axis
    y: Axis
    marks: tuple[Marks, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Points with intervals in rows that have names; `y` of the marks counts rows from 0, top down.

    Parameters
    ----------
    labels
        Names of the rows.
    axis
        The value axis.
    marks
        The points.
    texts, heading
        What is written to the right of each row, and above these texts.
    headings
        Rows that are headings of those below them.
    band
        Values between which the ground is shaded.
    """

    labels: tuple[str, ...]
    axis: Axis
    marks: tuple[Marks, ...]
    texts: tuple[str, ...] = ()
    heading: str = ""
    headings: frozenset[int] = field(default_factory=frozenset)
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One bar per row, or one part of it where bars are stacked.

    Parameters
    ----------
    name, values
        What it is, and its length per row.
    role
        Its colour; hollow parts are hatched.
    ends
        Ends of the intervals of the values.
    labels
        What is written into it.
    hidden
        Whether it only holds the place before the next part.
    roles
        A role per row where rows differ.
    """

    name: str
    values: Floats
    role: Role = STUDY
    ends: Ends | None = None
    labels: tuple[str, ...] = ()
    hidden: bool = False
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Horizontal bars from the top down, or stacks of parts."""

    labels: tuple[str, ...]
    axis: Axis
    parts: tuple[Part, ...]
    texts: tuple[str, ...] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells in levels: rows by columns, each with a text, a level ("" where there is none) and a key to the levels."""

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    levels: tuple[tuple[str, ...], ...]
    key: str = ""


Chart: TypeAlias = Plane | Rows | Bars | Grid


def whole_steps(
    low: float, high: float, *, room: float = 0.06, at_most: int = 7
) -> tuple[float, float, float]:
    """Ends and step of an axis that takes in `low` and `high` with ticks at round numbers.

    Examples
    --------
    >>> whole_steps(-0.4, 3.1)
    (-1.0, 4.0, 1.0)
    >>> whole_steps(12.0, 12.0)
    (11.0, 13.0, 0.5)
    """
    span = high - low or 2.0
    low, high = (low - 1.0, high + 1.0) if high == low else (low - room * span, high + room * span)
    raw = (high - low) / at_most
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(next(power * times for times in (1.0, 2.0, 2.5, 5.0, 10.0) if power * times >= raw - 1e-12))
    # Rounded, so that a point at the end of an axis is not beyond it by the last digit.
    ends = (
        float(np.round(np.floor(low / step) * step, 12)),
        float(np.round(np.ceil(high / step) * step, 12)),
    )
    return *ends, float(np.round(step, 12))


def numbers_in(chart: Chart) -> Floats:
    """Every number that a chart draws, missing ones left out; what a test holds against the table behind it.

    Examples
    --------
    >>> numbers_in(Bars(("a",), Axis(), (Part("n", np.array([3.0])),))).tolist()
    [3.0]
    """
    parts: list[Floats] = []
    if isinstance(chart, Bars):
        for part in chart.parts:
            parts += [] if part.hidden else [part.values, *(part.ends or ())]
    elif isinstance(chart, Rows | Plane):
        for marks in chart.marks:
            parts += [marks.x, *(marks.x_ends or ()), *(marks.y_ends or ())]
            parts += [marks.y] if isinstance(chart, Plane) else []
    whole: Floats = np.concatenate(parts) if parts else np.array([])
    known: Floats = whole[np.isfinite(whole)]
    return known
