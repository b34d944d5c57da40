"""How often each answer was given, statement by statement: one bar of 100 per cent each, the points in their order."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Patch

from reports.chart import Bars, Part
from reports.figures.charting import keep_chart, value_axis
from reports.figures.item_rows import heights, item_axis, item_places
from reports.figures.marks import checked, unit_axis
from reports.style import INK, PAPER, SMALL_SIZE, Role

COLOURS = ("#E08A4F", "#F6C9A8", "#E9ECF0", "#BFDDF0", "#6FAFD8")
"""From the lowest answer to the highest; dark text stands out on each."""

NARROW = 4.5
"""Per cent below which the number of the answer does not fit into its part of the bar."""


def answer_bars(ax: Axes, frame: pd.DataFrame, *, ends: tuple[str, str] = ("", ""), label: str = "") -> Axes:
    """Draw a bar per statement, its parts in the order of the scale, each with the number of its answer.

    Parameters
    ----------
    ax
        Axes to draw on; `reports.figures.item_rows.item_size` has the right height.
    frame
        One row per statement and answer: ``group`` (construct), ``label`` (statement), ``answer`` (a point of
        the scale), ``share`` (per cent), in the order of the rows.
    ends
        What the lowest and the highest answer are called.
    label
        What the axis is called.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, or an answer stands twice for a statement.
    """
    rows = checked(frame, "answer_bars", "group", "label", "answer", drawn="share")
    if rows.duplicated(["group", "label", "answer"]).any():
        raise ValueError("answer_bars: an answer stands twice for a statement")
    places = item_places(rows)
    table = rows.assign(y=heights(rows, places), share=rows["share"].fillna(0.0))
    table = table.sort_values(["y", "answer"], kind="stable")
    left = (table.groupby("y")["share"].cumsum() - table["share"]).to_numpy(float)
    points = np.sort(table["answer"].unique())
    colours = _colours(len(points))
    for colour, point in zip(colours, points, strict=True):
        at = table["answer"].eq(point).to_numpy(dtype=bool)
        part = table[at].assign(left=left[at], middle=left[at] + table.loc[at, "share"] / 2)
        ax.barh(
            part["y"], part["share"], left=part["left"], height=0.82, color=colour, edgecolor=PAPER, lw=0.8
        )
        for x, y in part.loc[part["share"] >= NARROW, ["middle", "y"]].to_numpy(float).tolist():
            ax.text(x, y, f"{point:g}", ha="center", va="center", fontsize=6.5, color=INK)
    item_axis(ax, places)
    unit_axis(ax, "percent", label=label)
    _key(ax, points, colours, ends)
    keep_chart(ax, _chart(table, places, points, colours, _names(points, ends), label))
    return ax


def _chart(  # noqa: PLR0917
    table: pd.DataFrame,
    places: dict[tuple[str, str], int],
    points: np.ndarray,
    colours: list[str],
    names: list[str],
    label: str,
) -> Bars:
    """Return the statements, without the headings of their constructs, and a part per answer."""
    shares = table.pivot_table("share", "y", "answer", aggfunc="first", fill_value=0.0)
    parts = []
    for point, colour, name in zip(points, colours, names, strict=True):
        values = shares[point].to_numpy(float)
        inside = tuple(f"{point:g}" if value >= NARROW else "" for value in values)
        parts.append(Part(name, values, Role(colour, INK), labels=inside))
    items = tuple(item for _, item in places if item)
    return Bars(items, value_axis(np.array([100.0]), "percent", label), tuple(parts))


def _colours(count: int) -> list[str]:
    ramp = LinearSegmentedColormap.from_list("answers", COLOURS)
    return [to_hex(ramp(value)) for value in np.linspace(0, 1, max(count, 2))[:count]]


def _names(points: np.ndarray, ends: tuple[str, str]) -> list[str]:
    """Return what the answers are called; the ends in words."""
    names = [f"{point:g}" for point in points]
    for place, words in ((0, ends[0]), (-1, ends[1])):
        names[place] = f"{names[place]} {words}".strip()
    return names


def _key(ax: Axes, points: np.ndarray, colours: list[str], ends: tuple[str, str]) -> None:
    """Name the answers above the axes."""
    names = _names(points, ends)
    handles = [Patch(facecolor=colour, label=name) for colour, name in zip(colours, names, strict=True)]
    ax.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 1.0), ncols=len(handles), frameon=False,
        borderaxespad=0.2, handlelength=1.1, columnspacing=1.1, fontsize=SMALL_SIZE, labelcolor=INK,
    )  # fmt: skip
