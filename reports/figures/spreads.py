"""How companies spread on each construct: the middle half, the middle four fifths, the median, the best in class."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Floats, Marks, Rows
from reports.figures.charting import ends_of, keep_chart, spoken, upright_lines, value_axis
from reports.figures.marks import checked, key_above, row_lines, rows_axis, unit_axis
from reports.report import Unit
from reports.style import ALL, BEST, INK, Role
from reports.wording import known_word
from survey.language import say

OUTER, INNER = 1.6, 7.0
"""Width of the lines for the middle four fifths and the middle half, in points."""

HALF = "#B8BFC8"
"""Colour of the middle half."""

STROKE = 0.28
"""Half the height of the stroke at the median in a native chart, in rows."""


def spreads(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    unit: Unit = "points",
    label: str = "",
    best: str = "best in class",
    language: str = "",
) -> Axes:
    """Draw one row per variable with its percentiles, and where the best in class stand.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(frame["label"])` has the right height.
    frame
        ``label, p10, p25, median, p75, p90`` in the order of the rows; ``best`` (mean of the best in class) if known.
    unit, label
        "points" and "percent" show the full range; what the axis is called.
    best, language
        What the best in class are called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column or has no median.

    Notes
    -----
    A range is not drawn where an end of it is NaN.
    """
    rows = checked(frame, "spreads", "label", "p10", "p25", "p75", "p90", drawn="median")
    y = np.arange(len(rows), dtype=float)
    row_lines(ax, y)
    ax.hlines(y, rows["p10"], rows["p90"], color=ALL.colour, lw=OUTER, zorder=1)
    ax.hlines(y, rows["p25"], rows["p75"], color=HALF, lw=INNER, zorder=2)
    ax.plot(
        rows["median"], y, linestyle="", marker="|", markersize=11, markeredgewidth=2.2, color=INK, zorder=3
    )
    wide = rows[["p10", "p90"]].notna().all(axis=1).any()
    first = say("median, middle half, middle four fifths") if wide else say("median, middle half")
    names, roles = [first], [Role(INK, INK, marker="|")]
    if "best" in rows and rows["best"].notna().any():
        ax.plot(
            rows["best"], y, linestyle="", marker=BEST.marker, markersize=6.5, color=BEST.colour,
            markeredgecolor=BEST.ink, zorder=4,
        )  # fmt: skip
        names, roles = [*names, say("mean of the {best}", best=known_word(best, language))], [*roles, BEST]
    rows_axis(ax, rows["label"].tolist(), above=0.3)
    unit_axis(ax, unit, label=label)
    key_above(ax, names, roles)
    values = rows[["p10", "p90"]].to_numpy(float).ravel()
    keep_chart(
        ax, Rows(spoken(rows["label"]), value_axis(values, unit, label), tuple(_marks(rows, y, names)))
    )
    return ax


def _marks(rows: pd.DataFrame, y: Floats, names: Sequence[str]) -> Iterator[Marks]:
    """Yield both ranges as lines without points, the median as a stroke across them, and the best in class."""
    median = rows["median"].to_numpy(float)
    for colour, weight, ends in ((ALL.colour, 1.25, ("p10", "p90")), (HALF, 4.0, ("p25", "p75"))):
        line, low, high = Role(colour, colour, marker=""), *ends_of(rows, *ends)
        known = np.isfinite(low) & np.isfinite(high)
        if known.any():
            both = (low[known], high[known])
            yield Marks("", line, median[known], y[known], x_ends=both, named=False, weight=weight)
    stroke = upright_lines(median, y - STROKE, y + STROKE)
    yield Marks(names[0], Role(INK, INK, marker=""), *stroke, joined=True, weight=2.5)
    if len(names) > 1:
        known = rows["best"].notna().to_numpy(dtype=bool)
        yield Marks(names[1], BEST, rows["best"].to_numpy(float)[known], y[known])
