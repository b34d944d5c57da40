"""The share of each class that sees work to do, above the published figures it may be held against."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Bars, Part
from reports.figures.charting import ends_of, keep_chart, value_axis
from reports.figures.labels import Floats
from reports.figures.marks import (
    INTERVAL,
    checked,
    interval_texts,
    margin_texts,
    missing_rows,
    rows_axis,
    shown_texts,
    unit_axis,
)
from reports.style import INK, PUBLISHED, SMALL_SIZE, Role, role_of
from reports.tables import number_text
from reports.wording import known_word, word


def target_bars(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    published: pd.DataFrame | None = None,
    label: str = "",
    language: str = "",
) -> Axes:
    """Draw a bar with its interval per class, and published figures as marks below the bar.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(frame["class"], per_row=5)` has the right height.
    frame
        One row per class: ``class`` (as in `reports.style.ROLES`), ``estimate`` (0-100), ``conf_low``,
        ``conf_high``; ``n`` if known.
    published
        ``class``, ``estimate`` and ``label`` (who and when), at most one row per class.
    label, language
        What the axis is called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column or names an unknown class.
    """
    rows = checked(frame, "target_bars", "class")
    y = np.arange(len(rows), dtype=float)
    marked = set() if published is None else set(published["class"])
    shift = 0.16 if marked else 0.0
    _bars(ax, rows, y - shift)
    rows_axis(ax, [known_word(name, language) for name in rows["class"]], above=0.3)
    ax.set_yticks(y - shift, [text.get_text() for text in ax.get_yticklabels()])
    unit_axis(ax, "percent", label=label)
    margin_texts(
        ax, interval_texts(rows, "percent", language), y - shift, heading=word("interval", language), top=-0.6
    )
    missing_rows(ax, y[rows["estimate"].isna()] - shift, language)
    if published is not None:
        _published(ax, published.assign(y=published["class"].map(rows["class"].tolist().index)), language)
    keep_chart(ax, _chart(rows, published, label, language))
    return ax


def _chart(rows: pd.DataFrame, published: pd.DataFrame | None, label: str, language: str) -> Bars:
    """Each class as a bar, the published figure it may be held against as a hollow bar below it."""
    names = [known_word(name, language) for name in rows["class"]]
    values, roles = rows["estimate"].tolist(), [role_of(name) for name in rows["class"]]
    ends = ends_of(rows)
    texts = list(shown_texts(interval_texts(rows, "percent", language), language))
    if published is not None and len(published):
        names += [str(text) for text in published["label"]]
        values += published["estimate"].tolist()
        texts += [number_text(value, "percent", language=language) for value in published["estimate"]]
        roles += [PUBLISHED] * len(published)
        nothing = np.full(len(published), np.nan)
        ends = (np.append(ends[0], nothing), np.append(ends[1], nothing))
    bar = Part("", np.array(values, dtype=float), ends=ends, roles=tuple(roles))
    axis = value_axis(bar.values, "percent", label)
    return Bars(tuple(names), axis, (bar,), tuple(texts), word("interval", language))


def _bars(ax: Axes, rows: pd.DataFrame, y: Floats) -> None:
    roles: list[Role] = [role_of(name) for name in rows["class"]]
    for height, estimate, role in zip(y, rows["estimate"], roles, strict=True):
        ax.barh(
            height, estimate, height=0.36, facecolor=role.face, edgecolor=role.colour, linewidth=1.2,
            alpha=0.85, zorder=1,
        )  # fmt: skip
    low, high = (rows[end].to_numpy(float) for end in INTERVAL)
    known = np.isfinite(low) & np.isfinite(high)
    ax.hlines(y[known], low[known], high[known], color=INK, lw=1.6, zorder=2)
    ax.plot(np.r_[low[known], high[known]], np.r_[y[known], y[known]], "|", color=INK, ms=7, zorder=2)


def _published(ax: Axes, marks: pd.DataFrame, language: str) -> None:
    y = marks["y"].to_numpy(float) + 0.24
    ax.plot(
        marks["estimate"], y, PUBLISHED.marker, color=PUBLISHED.colour, markerfacecolor=PUBLISHED.face,
        markersize=7, zorder=3,
    )  # fmt: skip
    for estimate, height, text in zip(marks["estimate"], y, marks["label"], strict=True):
        right = estimate <= 55
        ax.annotate(
            f"{text}: {number_text(estimate, 'percent', language=language)}", (estimate, height),
            xytext=(8 if right else -8, 0), textcoords="offset points", ha="left" if right else "right",
            va="center", fontsize=SMALL_SIZE, color=PUBLISHED.ink,
        )  # fmt: skip
