"""Shares of companies as points with intervals, beside published figures where these compare."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Bars, Part
from reports.figures.charting import ends_of, keep_chart, spoken, value_axis
from reports.figures.marks import (
    checked,
    interval_texts,
    margin_texts,
    missing_rows,
    point_ranges,
    row_lines,
    rows_axis,
    shown_texts,
    unit_axis,
)
from reports.report import Unit
from reports.style import role_of
from reports.wording import word


def shares(
    ax: Axes, frame: pd.DataFrame, *, unit: Unit = "percent", label: str = "", language: str = ""
) -> Axes:
    """Draw one point with its interval per row, and write the numbers beside it.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(frame["label"])` has the right height.
    frame
        ``label``, ``estimate``, ``conf_low``, ``conf_high`` (missing for published figures without an
        interval), in the order of the rows; ``n`` if known; ``role`` as in `reports.style.ROLES`
        ("study" without it, "published" is drawn hollow); ``reason`` why a value is missing.
    unit
        "percent" or "points": the axis shows the full range.
    label, language
        What the axis is called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column or names an unknown role.
    """
    rows = checked(frame, "shares", "label")
    y = np.arange(len(rows), dtype=float)
    roles = rows.get("role", pd.Series("study", index=rows.index))
    row_lines(ax, y)
    for name in roles.unique():
        chosen = roles.eq(name).to_numpy(dtype=bool)
        point_ranges(ax, rows[chosen], y[chosen], role_of(name), size=7)
    rows_axis(ax, rows["label"].tolist(), above=0.6)
    unit_axis(ax, unit, label=label)
    texts = interval_texts(rows, unit, language)
    margin_texts(ax, texts, y, heading=word("interval", language))
    missing_rows(ax, y[rows["estimate"].isna()], language)
    values = rows["estimate"].to_numpy(float)
    bar = Part("", values, ends=ends_of(rows), roles=tuple(map(role_of, roles)))
    axis = value_axis(values, unit, label)
    keep_chart(
        ax,
        Bars(spoken(rows["label"]), axis, (bar,), shown_texts(texts, language), word("interval", language)),
    )
    return ax
