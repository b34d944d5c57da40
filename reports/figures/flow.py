"""How many responses came in, how many were dropped and why, and how many were kept."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Axis, Bars, Part
from reports.figures.charting import keep_chart, spoken
from reports.figures.marks import checked, margin_texts, rows_axis
from reports.style import ALL, PAPER, STUDY, Role
from reports.tables import number_text

LOOKS: dict[str, dict[str, Any]] = {
    "start": {"color": ALL.colour},
    "dropped": {"facecolor": PAPER, "edgecolor": ALL.colour, "hatch": "////", "linewidth": 0.8},
    "kept": {"color": STUDY.colour},
}
"""How a bar looks by its kind; what was dropped is hatched."""

ROLES = {"start": ALL, "dropped": Role(ALL.colour, ALL.ink, hollow=True), "kept": STUDY}
"""The same as roles, of which the hollow one is hatched."""


def flow(ax: Axes, frame: pd.DataFrame, *, language: str = "") -> Axes:
    """Draw responses as bars from the top down: what came in, each loss where it fell, what was kept.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(frame["label"])` has the right height.
    frame
        ``label``, ``count`` and ``kind``: one row "start", any number "dropped", one "kept", in order.
    language
        Locale of the counts.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, or what came in is not what was dropped and kept.
    """
    rows = checked(frame, "flow", "label", "kind", drawn="count")
    counts = rows["count"].to_numpy(float)
    total = _accounted(rows)
    kinds = rows["kind"].to_numpy(dtype=object)
    lost = np.where(kinds == "dropped", counts, 0.0)
    left = np.where(kinds == "dropped", total - lost.cumsum(), 0.0)
    for place, (kind, start, width) in enumerate(zip(kinds, left, counts, strict=True)):
        ax.barh(place, width, left=start, height=0.62, **LOOKS[kind])
    after = np.append(total - lost.cumsum(), 0.0)
    ax.vlines(
        after[:-2], np.arange(len(rows) - 1) - 0.31, np.arange(len(rows) - 1) + 1.31, color=ALL.colour, lw=0.7
    )
    rows_axis(ax, rows["label"].tolist())
    ax.set_xlim(0, total or 1.0)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    texts = [_count(value, total, language) for value in counts]
    margin_texts(ax, texts, np.arange(len(rows), dtype=float))
    roles = tuple(ROLES[kind] for kind in kinds)
    parts = (Part("", left, hidden=True), Part("", counts, ALL, roles=roles))
    keep_chart(
        ax, Bars(spoken(rows["label"]), Axis(low=0.0, high=total or 1.0, shown=False), parts, tuple(texts))
    )
    return ax


def _accounted(rows: pd.DataFrame) -> float:
    """Return what came in, once it is sure that it equals what was dropped and kept."""
    unknown = sorted(set(rows["kind"]) - set(LOOKS))
    if unknown:
        raise ValueError(f"flow: kind {', '.join(unknown)} is none of {', '.join(LOOKS)}")
    sums = rows.groupby("kind")["count"].sum()
    came, went = float(sums.get("start", 0)), float(sums.get("dropped", 0) + sums.get("kept", 0))
    if came != went:
        raise ValueError(f"flow: {came:.0f} came in, but {went:.0f} were dropped or kept")
    return came


def _count(value: float, total: float, language: str) -> str:
    count = number_text(value, "count", language=language)
    if value == total:
        return count
    return f"{count} ({number_text(100 * value / total, 'percent', n=total, language=language)})"
