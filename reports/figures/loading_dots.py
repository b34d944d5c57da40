"""How strongly each statement measures its construct: loadings with intervals, function by function."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Axis, Rows
from reports.figures.charting import keep_chart, row_marks
from reports.figures.item_rows import heights, item_axis, item_places
from reports.figures.marks import checked, key_above, missing_rows, point_ranges, row_lines, unit_axis
from reports.style import BAND, ROLES, role_of
from reports.wording import known_word

APART = 0.3
"""Distance of the functions inside a row, in row heights."""


def loading_dots(
    ax: Axes, frame: pd.DataFrame, *, weak: float = 0.5, label: str = "", language: str = ""
) -> Axes:
    """Draw one point with its interval per statement and function, under the headings of the constructs.

    Parameters
    ----------
    ax
        Axes to draw on; `reports.figures.item_rows.item_size` has the right height.
    frame
        One row per statement and function: ``group`` (construct), ``label`` (statement), ``class`` (as in
        `reports.style.ROLES`), ``estimate``, ``conf_low``, ``conf_high``, in the order of the rows.
    weak
        Loadings below it are in the shaded band.
    label, language
        What the axis is called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, names an unknown class or a statement twice for one class.
    """
    rows = checked(frame, "loading_dots", "group", "label", "class")
    if rows.duplicated(["group", "label", "class"]).any():
        raise ValueError("loading_dots: a statement has two rows for one class")
    for name in rows["class"].unique():
        role_of(name)
    places = item_places(rows)
    y = heights(rows, places)
    classes = [name for name in ROLES if name in set(rows["class"])]
    low = min(0.0, float(np.nanmin(rows[["estimate", "conf_low"]].to_numpy(float))) - 0.02)
    ax.axvspan(low, weak, color=BAND, zorder=0)
    row_lines(ax, np.array([place for (_, item), place in places.items() if item], dtype=float))
    marks = []
    for rank, name in enumerate(classes):
        chosen = rows["class"].eq(name).to_numpy(dtype=bool)
        lines = y[chosen] + (rank - (len(classes) - 1) / 2) * APART
        point_ranges(ax, rows[chosen], lines, role_of(name), size=4)
        called = known_word(name, language)
        marks.append(row_marks(rows[chosen], lines, role_of(name), called, named=len(classes) > 1))
    item_axis(ax, places)
    high = max(1.0, float(np.nanmax(rows[["estimate", "conf_high"]].to_numpy(float))) + 0.02)
    unit_axis(ax, "ratio", label=label, limits=(low, high))
    if len(classes) > 1:
        key_above(ax, [known_word(name, language) for name in classes], [role_of(name) for name in classes])
    known = rows.assign(y=y).groupby("y")["estimate"].count()
    missing_rows(ax, known.index[known.eq(0)].to_numpy(float), language)
    axis = Axis(label, min(0.0, float(np.floor(low * 5) / 5)), float(np.ceil(high * 5 - 0.2) / 5), 0.2)
    headings = frozenset(place for (_, item), place in places.items() if not item)
    names = tuple(item or group for group, item in places)
    keep_chart(ax, Rows(names, axis, tuple(marks), headings=headings, band=(axis.low or 0.0, weak)))
    return ax
