"""How sales and marketing see each construct: two points a row, the gap between them written out."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Marks, Rows
from reports.figures.charting import keep_chart, row_marks, spoken, value_axis
from reports.figures.labels import Floats
from reports.figures.marks import (
    checked,
    labels_above,
    margin_texts,
    missing_rows,
    point_ranges,
    row_lines,
    rows_axis,
    shown_texts,
    unit_axis,
)
from reports.numeral import Numeral
from reports.style import RULE, Role, role_of
from reports.tables import number_text
from reports.wording import word
from survey.language import say

FUNCTIONS = ("sales", "marketing")
USUAL = ("gap_usual_low", "gap_usual_high")
OFFSETS = {"sales": -0.12, "marketing": 0.12}
"""Intervals of one row are set apart, so that neither hides the other."""


def dumbbells(ax: Axes, frame: pd.DataFrame, *, label: str = "", language: str = "") -> Axes:
    """Draw the two functions' means per construct, sorted by marketing minus sales.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(labels)` has the right height.
    frame
        Two rows per construct: ``label``, ``function`` ("sales", "marketing"), ``estimate`` (0-100),
        ``conf_low``, ``conf_high``; ``gap`` where it is not the plain difference of the two; ``gap_usual_low``,
        ``gap_usual_high`` where it is known between which ends gaps usually lie.
    label, language
        What the axis is called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, or a function stands twice for a construct.
    """
    rows = checked(frame, "dumbbells", "label", "function")
    if rows.duplicated(["label", "function"]).any():
        raise ValueError("dumbbells: a construct has two rows for one function")
    means = _by_function(rows)
    gap = _gaps(rows, means)
    order = list(gap.index)
    y = rows["label"].map(order.index).to_numpy(float)
    row_lines(ax, np.arange(len(order), dtype=float))
    _bars(ax, means.reindex(order))
    for name in FUNCTIONS:
        chosen = rows["function"].eq(name).to_numpy(dtype=bool)
        point_ranges(ax, rows[chosen], y[chosen] + OFFSETS[name], role_of(name))
    rows_axis(ax, order, above=1.0)
    unit_axis(ax, "points", label=label)
    texts = _gap_texts(rows, gap, language)
    margin_texts(ax, texts, np.arange(len(order), dtype=float), heading=word("gap", language), top=-0.95)
    silent = rows.groupby("label")["estimate"].count().reindex(order).eq(0).to_numpy(dtype=bool)
    missing_rows(ax, np.flatnonzero(silent).astype(float), language)
    _names(ax, rows, y, language)
    axis = value_axis(rows["estimate"].to_numpy(float), "points", label)
    said = shown_texts(texts, language)
    marks = _marks(rows, means.reindex(order), y, language)
    keep_chart(ax, Rows(spoken(order), axis, marks, said, word("gap", language)))
    return ax


def _marks(rows: pd.DataFrame, pairs: pd.DataFrame, y: Floats, language: str) -> tuple[Marks, ...]:
    """Return the bar between the functions, and a point with its interval for each of them."""
    low, high = (pairs.min(axis=1, skipna=False), pairs.max(axis=1, skipna=False))
    both = low.notna().to_numpy(dtype=bool)
    middle, places = ((low + high) / 2).to_numpy(float)[both], np.arange(len(pairs), dtype=float)[both]
    ends = (low.to_numpy(float)[both], high.to_numpy(float)[both])
    between = Marks("", Role(RULE, RULE, marker=""), middle, places, x_ends=ends, named=False, weight=3.0)
    chosen = {name: rows["function"].eq(name).to_numpy(dtype=bool) for name in FUNCTIONS}
    points = [
        row_marks(rows[at], y[at] + OFFSETS[name], role_of(name), word(name, language))
        for name, at in chosen.items()
    ]
    return (between, *points)


def _gap_texts(rows: pd.DataFrame, gap: pd.Series, language: str) -> list[str]:
    """Write the gap of each row, and what is usual where that is known."""
    ends = (
        rows.assign(**{end: np.nan for end in USUAL if end not in rows}).groupby("label")[list(USUAL)].first()
    )
    texts = []
    for value, low, high in zip(gap, *ends.reindex(gap.index).to_numpy(float).T, strict=True):
        text = "" if np.isnan(value) else number_text(value, "difference", language=language)
        numeral = Numeral("difference", 0, language, bare=True)
        usual = {"low": numeral.write(low), "high": numeral.write(high)} if np.isfinite(low + high) else {}
        texts.append(say("{gap}; usual {low} to {high}", gap=text, **usual) if text and usual else text)
    return texts


def _gaps(rows: pd.DataFrame, means: pd.DataFrame) -> pd.Series:
    """Marketing minus sales per label, largest first, unknown last."""
    gap = means["marketing"] - means["sales"]
    if "gap" in rows:
        gap = rows.groupby("label")["gap"].first().reindex(gap.index)
    return gap.sort_values(ascending=False, kind="stable")


def _by_function(rows: pd.DataFrame) -> pd.DataFrame:
    means = rows.pivot_table("estimate", "label", "function", aggfunc="first", dropna=False)
    return means.reindex(rows["label"].unique(), columns=list(FUNCTIONS))


def _bars(ax: Axes, pairs: pd.DataFrame) -> None:
    """Draw a bar from function to function in every row, all in one: what is missing parts one from the next."""
    y = np.arange(len(pairs))[:, None] + np.array([*OFFSETS.values(), np.nan])
    x = np.column_stack([pairs.to_numpy(float), np.full(len(pairs), np.nan)])
    ax.plot(x.ravel(), y.ravel(), color=RULE, lw=5, zorder=1)


def _names(ax: Axes, rows: pd.DataFrame, y: Floats, language: str) -> None:
    """Name the functions above the first row that has both."""
    whole = rows.assign(y=y).dropna(subset=["estimate"]).sort_values("y", kind="stable")
    first = whole.drop_duplicates("function")
    roles = [role_of(name) for name in first["function"]]
    texts = [word(name, language) for name in first["function"]]
    labels_above(ax, first["estimate"].to_numpy(float), texts, roles, y=-1.0, point_y=-0.35)
