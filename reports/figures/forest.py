"""One coefficient as every declared model estimates it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Rows
from reports.figures.charting import keep_chart, row_marks, spoken, value_axis
from reports.figures.marks import (
    INTERVAL,
    checked,
    interval_texts,
    key_above,
    margin_texts,
    missing_rows,
    point_ranges,
    row_lines,
    rows_axis,
    shown_texts,
    unit_axis,
    zero_line,
)
from reports.report import Unit
from reports.style import EXPLORATORY, STUDY
from reports.wording import word


def forest(
    ax: Axes, frame: pd.DataFrame, *, label: str, unit: Unit = "growth_points", language: str = ""
) -> Axes:
    """Draw one point with its interval per model, against the line of no association.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(frame["label"])` has the right height.
    frame
        One row per model: ``label``, ``estimate``, ``conf_low``, ``conf_high``; ``declared`` (bool):
        models that were not declared beforehand are drawn hollow and dashed.
    label, unit, language
        What the axis is called, how its numbers are written, language of the words.

    Raises
    ------
    ValueError
        If the frame is empty or lacks a column.
    """
    rows = checked(frame, "forest", "label")
    y = np.arange(len(rows), dtype=float)
    declared = rows.get("declared", pd.Series(True, index=rows.index)).astype(bool).to_numpy()
    row_lines(ax, y)
    zero_line(ax)
    marks = []
    for chosen, role, name in ((declared, STUDY, "declared"), (~declared, EXPLORATORY, "exploratory")):
        point_ranges(ax, rows[chosen], y[chosen], role)
        marks += [row_marks(rows[chosen], y[chosen], role, word(name, language), named=not declared.all())]
    rows_axis(ax, rows["label"].tolist(), above=0.6)
    _limits(ax, rows)
    unit_axis(ax, unit, label=label)
    texts = interval_texts(rows, unit, language)
    margin_texts(ax, texts, y, heading=word("interval", language))
    missing_rows(ax, y[rows["estimate"].isna()], language)
    if not declared.all():
        key_above(ax, [word("declared", language), word("exploratory", language)], [STUDY, EXPLORATORY])
    axis = value_axis(rows[["estimate", *INTERVAL]].to_numpy(float).ravel(), unit, label, zero=True)
    shown = tuple(each for each in marks if len(each.x))
    said = shown_texts(texts, language)
    keep_chart(ax, Rows(spoken(rows["label"]), axis, shown, said, word("interval", language)))
    return ax


def _limits(ax: Axes, rows: pd.DataFrame) -> None:
    """Take in zero and every interval, with a little room at both ends."""
    values = np.append(rows[["estimate", *INTERVAL]].to_numpy(float).ravel(), 0.0)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.06 * (high - low) or 1.0
    ax.set_xlim(low - room, high + room)
