"""From the frame of a drawing to the chart that it is, kept beside the axes until the figure is made."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Axis, Chart, Ends, Floats, Marks, whole_steps
from reports.style import Role

_KEPT: WeakKeyDictionary[Axes, Chart] = WeakKeyDictionary()
FULL = ("percent", "points")
"""Units whose axes show the full range."""


def keep_chart(ax: Axes, chart: Chart) -> None:
    """Keep what a drawing on `ax` consists of, for as long as the axes live."""
    _KEPT[ax] = chart


def kept_chart(ax: Axes) -> Chart | None:
    """Return what was kept for `ax`; None where the drawing has no native form."""
    return _KEPT.get(ax)


def ends_of(rows: pd.DataFrame, low: str = "conf_low", high: str = "conf_high") -> Ends:
    """Return both ends of the intervals of `rows`."""
    return rows[low].to_numpy(float, na_value=np.nan), rows[high].to_numpy(float, na_value=np.nan)


def value_axis(values: Floats, unit: str, label: str = "", *, zero: bool = False) -> Axis:
    """Return the axis for `values`: the full range of points and percentages, else round numbers around them.

    Examples
    --------
    >>> value_axis(np.array([12.0, 40.0]), "points", "Score").high
    100.0
    """
    percent = unit in ("percent", "growth")
    if unit in FULL:
        return Axis(label, 0.0, 100.0, 20.0, percent=percent)
    known = values[np.isfinite(values)]
    known = np.append(known, 0.0) if zero or not len(known) else known
    return Axis(label, *whole_steps(float(known.min()), float(known.max())), percent=percent, zero=zero)


def row_marks(
    rows: pd.DataFrame,
    y: Floats,
    role: Role,
    name: str = "",
    *,
    named: bool = True,
    estimate: str = "estimate",
) -> Marks:
    """Return points with intervals, those without an estimate left out, at the heights `y`."""
    known = rows[estimate].notna().to_numpy(dtype=bool)
    shown = rows[known]
    ends = ends_of(shown) if {"conf_low", "conf_high"} <= set(rows) else None
    return Marks(name, role, shown[estimate].to_numpy(float), y[known], x_ends=ends, named=named)


def upright_lines(x: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the corners of upright lines, one at each `x`, with gaps between them.

    Examples
    --------
    >>> x, y = upright_lines(np.array([1.0, 2.0]), np.zeros(2), np.ones(2))
    >>> x.tolist(), y.tolist()
    ([1.0, 1.0, 1.0, 2.0, 2.0, 2.0], [0.0, 1.0, nan, 0.0, 1.0, nan])
    """
    return np.repeat(x, 3), np.column_stack([low, high, np.full_like(x, np.nan)]).ravel()


def spoken(labels: Iterable[object]) -> tuple[str, ...]:
    """Return labels as text."""
    return tuple(map(str, labels))
