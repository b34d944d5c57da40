"""Every company as a point on the index, with the stages of the relationship behind it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Axis, Marks, Plane, Side
from reports.figures.charting import keep_chart
from reports.figures.labels import Floats, text_width
from reports.figures.marks import checked, labels_above, unit_axis
from reports.numeral import Numeral
from reports.style import BAND, MUTED, RULE, SMALL_SIZE, YOU, Role, role_of
from reports.wording import word

STAGES = (
    ("undefined", 0.0, 25.0),
    ("defined", 25.0, 50.0),
    ("aligned", 50.0, 75.0),
    ("integrated", 75.0, 100.0),
)
"""Stages of the relationship with their bounds on the index of 0-100."""

CROWD = 1000
"""From so many companies on, the points are drawn as one picture inside the SVG."""

AXIS_POINT = 4.6
"""How long a point of the index is on the page, in typographic points."""

SWARM_HALF = 35.0
"""Half the height that points take at least, in typographic points."""


def strip(  # noqa: PLR0913
    ax: Axes,
    frame: pd.DataFrame,
    *,
    marks: pd.DataFrame | None = None,
    you: str = "",
    value: str = "alignment",
    label: str = "",
    stages: bool = True,
    language: str = "",
) -> Axes:
    """Draw all companies on the index; points are set apart where companies are alike.

    Parameters
    ----------
    ax
        Axes to draw on, about twice as wide as high.
    frame
        One row per company: ``company``, `value` (0-100) and, if companies are to be told apart,
        ``class``: those "best in class" or "world-class" are drawn as such.
    marks
        Lines to draw: ``role`` (as in `reports.style.ROLES`), ``label``, ``estimate``.
    you
        Company to be marked.
    value, label
        Column drawn, and what the axis is called.
    stages
        Whether the relationship stages are drawn as bands behind the points.
    language
        Language of the stages.

    Raises
    ------
    ValueError
        If the frame is empty or lacks a column.
    """
    rows = checked(frame, "strip", "company", drawn=value).dropna(subset=[value])
    x = rows[value].to_numpy(float)
    diameter = _diameter(len(x))
    height = swarm_heights(x, 1.15 * diameter / AXIS_POINT)
    top = max(float(np.abs(height).max()) * 1.1, SWARM_HALF / diameter)
    if stages:
        _stages(ax, top, language)
    names = rows.get("class", pd.Series("", index=rows.index)).astype("object").fillna("").to_numpy()
    best = np.isin(names, ["best in class", "world-class"])
    for chosen, role in ((~best, role_of("all")), (best, role_of("best in class"))):
        ax.scatter(
            x[chosen], height[chosen], s=diameter**2, marker=role.marker, color=role.colour, alpha=0.8,
            linewidths=0, rasterized=len(x) > CROWD, zorder=2,
        )  # fmt: skip
    _highlight(ax, x, height, rows["company"].eq(you).to_numpy(dtype=bool))
    ax.set_yticks([])
    ax.set_ylim(-top, top * 1.95)
    unit_axis(ax, "points", label=label)
    ax.spines[["left", "top", "right"]].set_visible(False)
    lines = (
        pd.DataFrame(columns=["role", "label", "estimate"])
        if marks is None
        else marks.dropna(subset=["estimate"])
    )
    if len(lines):
        _marks(ax, lines, top, language)
    own = rows["company"].eq(you).to_numpy(dtype=bool)
    keep_chart(ax, _chart(x, best, own, lines, label=label, stages=stages, language=language))
    return ax


def _chart(
    x: Floats,
    best: np.ndarray,
    own: np.ndarray,
    lines: pd.DataFrame,
    *,
    label: str,
    stages: bool,
    language: str,
) -> Plane:
    """Return the companies stacked on whole points, so that no value of a company is told more exactly."""
    whole = np.floor(x + 0.5)
    order = np.lexsort((~best, whole))
    stack = pd.Series(whole[order]).groupby(whole[order]).cumcount().to_numpy(float)[np.argsort(order)] + 1.0
    top = float(max(np.ceil(stack.max() * 1.3), 8.0))
    found = [
        Marks("", role_of(name), whole[chosen], stack[chosen], named=False)
        for name, chosen in (("all", ~best & ~own), ("best in class", best & ~own), ("you", own))
        if chosen.any()
    ]
    found += _line_marks(lines, top, language)
    if stages:
        found += _stage_marks(top, language)
    return Plane(
        Axis(label, 0.0, 100.0, 25.0 if stages else 20.0), Axis(low=0.0, high=top, shown=False), tuple(found)
    )


def _line_marks(lines: pd.DataFrame, top: float, language: str) -> list[Marks]:
    """Return a line for each mark, with its label to the right of it, as high as no other line crosses the label."""
    numeral = Numeral("points", 0, language, bare=True)
    values = lines["estimate"].to_numpy(float)
    texts = [f"{label} {numeral.write(value)}" for label, value in zip(lines["label"], values, strict=True)]
    rooms = [(text_width(text, SMALL_SIZE, bold=True) + 8) / AXIS_POINT for text in texts]
    sides: list[Side] = [
        "left" if value + room > 100 else "right" for value, room in zip(values, rooms, strict=True)
    ]
    spans = [
        (value - room, value) if side == "left" else (value, value + room)
        for value, room, side in zip(values, rooms, sides, strict=True)
    ]
    found = []
    for value, text, side, step, name in zip(
        values, texts, sides, _steps(values, spans), lines["role"], strict=True
    ):
        role = role_of(name)
        line = replace(role, marker="", colour=role.ink)
        ends = np.array([value, value]), np.array([0.0, top * (0.92 - 0.08 * step)])
        found.append(Marks("", line, *ends, labels=("", text), side=side, joined=True, named=False))
    return found


def _steps(values: Floats, spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return how many steps each line ends below the top: below every label that it would cross.

    Examples
    --------
    >>> _steps(np.array([68.0, 54.0, 57.0]), [(68, 76), (54, 64), (57, 72)])
    [2, 0, 1]
    """
    steps = [0] * len(values)
    for _ in values:
        for (low, high), (place, step) in zip(spans, enumerate(list(steps)), strict=True):
            for other, value in enumerate(values):
                if other != place and low <= value <= high:
                    steps[other] = max(steps[other], step + 1)
    return [min(step, len(values) - 1) for step in steps]


def _stage_marks(top: float, language: str) -> list[Marks]:
    """Return a line where each stage begins, and the names of the stages above the companies."""
    edge, none = Role(RULE, MUTED, marker=""), Role(MUTED, MUTED, marker="")
    lines = [
        Marks("", edge, np.array([low, low]), np.array([0.0, top]), joined=True, named=False, weight=1.0)
        for _, low, _ in STAGES[1:]
    ]
    middles = np.array([(low + high) / 2 for _, low, high in STAGES])
    names = tuple(word(stage, language) for stage, _, _ in STAGES)
    at_top = np.full(len(STAGES), top)
    return [*lines, Marks("", none, middles, at_top, labels=names, side="above", named=False)]


def swarm_heights(x: Floats, width: float) -> Floats:
    """Rows for points that would cover each other: the row nearest to the middle with room.

    Parameters
    ----------
    x
        Positions, shape (n,).
    width
        How much of the axis a point takes.

    Returns
    -------
    ndarray, shape (n,)
        Row numbers, 0 in the middle, 1 above, -1 below and so on.

    Examples
    --------
    >>> swarm_heights(np.array([50.1, 90.0, 50.2, 50.3]), 2.0)
    array([ 0.,  0.,  1., -1.])
    """
    heights = np.zeros(len(x))
    ends = np.full(len(x) + 1, -np.inf)
    # Each point takes the room that the ones before it left, so the points come one after the other.
    for index in np.argsort(x, kind="stable"):
        row = int(np.argmax(ends <= x[index]))
        ends[row] = x[index] + width
        heights[index] = np.ceil(row / 2) * (1 if row % 2 else -1)
    return heights + 0.0


def _diameter(count: int) -> float:
    """Width of a point in typographic points, smaller where there are many companies."""
    return float(np.clip(60 / np.sqrt(count), 1.8, 8.0))


def _stages(ax: Axes, top: float, language: str) -> None:
    for index, (stage, low, high) in enumerate(STAGES):
        if index % 2 == 1:
            ax.axvspan(low, high, color=BAND, zorder=0, lw=0)
        if low > 0:
            ax.axvline(low, color=RULE, lw=0.8, zorder=0.5)
        ax.text(
            (low + high) / 2, top * 1.75, word(stage, language), ha="center", va="center",
            fontsize=SMALL_SIZE, color=MUTED,
        )  # fmt: skip


def _highlight(ax: Axes, x: Floats, y: Floats, chosen: np.ndarray) -> None:
    ax.scatter(
        x[chosen], y[chosen], s=110, marker=YOU.marker, color=YOU.colour, edgecolors="white", linewidths=1,
        zorder=4,
    )  # fmt: skip


def _marks(ax: Axes, marks: pd.DataFrame, top: float, language: str) -> None:
    roles = [role_of(name) for name in marks["role"]]
    x = marks["estimate"].to_numpy(float)
    for position, role in zip(x, roles, strict=True):
        ax.vlines(position, -top, top, color=role.ink, lw=1.4, linestyle=role.line, zorder=3)
    numeral = Numeral("points", 0, language, bare=True)
    texts = [f"{label} {numeral.write(value)}" for label, value in zip(marks["label"], x, strict=True)]
    labels_above(ax, x, texts, roles, y=top * 1.38, point_y=top)
