"""How constructs moved from wave to wave."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from reports.chart import Axis, Marks, Plane, whole_steps
from reports.figures.charting import ends_of, keep_chart
from reports.figures.labels import LINE_HEIGHT, Floats, axes_box, point_positions, spread, wrap
from reports.figures.marks import INTERVAL, checked, point_of, settle
from reports.numeral import Numeral, decimals
from reports.report import Unit
from reports.style import ALL, INK, MUTED, SMALL_SIZE, STUDY, Role

LOOKS: dict[str, tuple[Role, float]] = {
    "plain": (ALL, 1.3),
    "strong": (STUDY, 2.4),
    "dashed": (Role(ALL.colour, ALL.ink, line="--", hollow=True), 1.3),
}
"""Role and width of a line by the style that the frame asks for."""

LEAST_SPAN = 20.0
"""Points of 0-100 that the drawing spans at least, so that a small change looks small."""

APART = 0.06
"""Share of the height of a native chart that a label takes."""

NEAR = 0.05
"""Share of that height by which a value stands above its point, clear of line and interval."""

CHARACTERS = 26
"""Longest line of a label beside the axes."""


def slopes(
    ax: Axes, frame: pd.DataFrame, *, unit: Unit = "points", label: str = "", language: str = ""
) -> Axes:
    """Draw one line per label through the waves, named at its last wave, with its value at both ends.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(labels)` has the right height.
    frame
        One row per label and wave: ``label``, ``wave``, ``estimate``, ``conf_low``, ``conf_high``;
        ``style`` "strong" for the line that matters, "dashed" for one with another base, else "plain".
    unit
        How the values are written.
    label, language
        What the values are; locale of the numbers.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, holds one wave only, or a label twice in a wave.
    """
    rows = checked(frame, "slopes", "label", "wave").dropna(subset=["estimate"])
    if rows.duplicated(["label", "wave"]).any():
        raise ValueError("slopes: a label has two rows in one wave")
    names = rows["label"].drop_duplicates().tolist()
    waves = np.sort(rows["wave"].unique())
    if len(waves) < 2:
        raise ValueError("slopes: there is one wave only, so no change to draw")
    shift = np.linspace(-1, 1, len(names)) * min(0.004 * len(names), 0.03) * np.ptp(waves)
    for name, offset in zip(names, shift, strict=True):
        _line(ax, rows[rows["label"].eq(name)].sort_values("wave"), offset)
    ax.set_xticks(waves, [f"{wave:g}" for wave in waves])
    ax.margins(x=0.04)
    _limits(ax, rows, unit)
    ax.set_yticks([])
    ax.spines[["left", "top", "right"]].set_visible(False)
    ax.vlines(waves, 0, 1, transform=ax.get_xaxis_transform(), color=INK, alpha=0.12, lw=0.8, zorder=0)
    if label:
        ax.set_title(label, loc="left", color=MUTED, fontsize=SMALL_SIZE, pad=8)
    numeral = Numeral(unit, decimals(unit), language, bare=True)
    ends = rows.sort_values("wave").groupby("label", sort=False)
    last, first = ends.last().reset_index(), ends.first().reset_index()
    first = first[first["wave"].eq(waves[0])]
    written = _written(ax, last, numeral, right=True), _written(ax, first, numeral, right=False)
    settle(ax)
    _spread(ax, last, written[0], right=True)
    _spread(ax, first, written[1], right=False)
    keep_chart(ax, _chart(rows, names, numeral, unit=unit, label=label))
    return ax


def _chart(rows: pd.DataFrame, names: list[str], numeral: Numeral, *, unit: Unit, label: str) -> Plane:
    """Return a line per label, named at its last wave; the line that matters has all its values."""
    marks, several, (low, high) = [], len(names) > 1, _range(rows, unit)
    for name in names:
        line = rows[rows["label"].eq(name)].sort_values("wave")
        said = [numeral.write(value) for value in line["estimate"]]
        role, weight = LOOKS[_style(line)]
        x, y = (line[column].to_numpy(float) for column in ("wave", "estimate"))
        marks.append(Marks(name, role, x, y, None, ends_of(line), joined=True, named=False, weight=weight))
        if not several or _style(line) == "strong":
            shown = said[:-1] if several else said
            at, above = x[: len(shown)], y[: len(shown)] + NEAR * (high - low)
            unseen = replace(role, marker="")
            marks.append(Marks("", unseen, at, above, labels=tuple(shown), side="right", named=False))
    up = Axis(label, *whole_steps(low, high, room=0.0))
    if several:
        marks += _last(rows, numeral, up)
    first, last = float(rows["wave"].min()), float(rows["wave"].max())
    step = float(np.diff(np.sort(rows["wave"].unique())).min())
    return Plane(Axis("", first, last, step), up, tuple(marks))


def _last(rows: pd.DataFrame, numeral: Numeral, up: Axis) -> list[Marks]:
    """Return value and name of each line beside its last wave, moved apart."""
    ends = rows.sort_values("wave").groupby("label", sort=False).last().reset_index()
    low, high = up.low or 0.0, up.high or 1.0
    y = spread(
        ends["estimate"].to_numpy(float),
        np.full(len(ends), APART * (high - low)),
        low=low,
        high=high,
        gap=0.0,
    )
    return [
        Marks(
            "", replace(LOOKS[str(row["style"]) if row.get("style") in LOOKS else "plain"][0], marker=""),
            np.array([float(row["wave"])]), np.array([height]),
            labels=(f"\u2002{numeral.write(row['estimate'])}  {row['label']}",), side="right", named=False,
        )
        for row, height in zip(ends.to_dict("records"), y, strict=True)
    ]  # fmt: skip


def _line(ax: Axes, rows: pd.DataFrame, offset: float) -> None:
    role, width = LOOKS[_style(rows)]
    x = rows["wave"].to_numpy(float) + offset
    ax.plot(
        x, rows["estimate"], marker=role.marker, color=role.colour, lw=width, linestyle=role.line,
        markerfacecolor=role.face, markersize=5, zorder=3,
    )  # fmt: skip
    low, high = (rows[end].to_numpy(float) for end in INTERVAL)
    known = np.isfinite(low) & np.isfinite(high)
    ax.vlines(x[known], low[known], high[known], color=role.colour, lw=1.0, alpha=0.6, zorder=2)


def _limits(ax: Axes, rows: pd.DataFrame, unit: Unit) -> None:
    ax.set_ylim(*_range(rows, unit))


def _range(rows: pd.DataFrame, unit: Unit) -> tuple[float, float]:
    """Return the ends of the vertical axis, which spans a least number of points."""
    values = rows[["estimate", *INTERVAL]].to_numpy(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    least = LEAST_SPAN if unit in ("points", "percent") else 0.0
    room = max(0.03 * (high - low), (least - (high - low)) / 2, 1e-6)
    return low - room, high + room


def _style(rows: pd.DataFrame) -> str:
    style = str(rows["style"].iloc[0]) if "style" in rows else "plain"
    return style if style in LOOKS else "plain"


def _written(ax: Axes, rows: pd.DataFrame, numeral: Numeral, *, right: bool) -> list[Annotation]:
    """Write values (and names, on the right) beside the axes."""
    values = [numeral.write(value) for value in rows["estimate"]]
    texts = [wrap(f"{value}  {name}", CHARACTERS) for value, name in zip(values, rows["label"], strict=True)]
    styles = [LOOKS[_style(rows[rows["label"].eq(name)])][0] for name in rows["label"]]
    return [
        ax.annotate(
            text, (1 if right else 0, 0.5), xycoords="axes fraction", xytext=(16 if right else -16, 0),
            textcoords="offset points", ha="left" if right else "right", va="center", fontsize=SMALL_SIZE,
            color=role.ink, fontweight="bold" if role is STUDY else "normal", annotation_clip=False,
        )
        for text, role in zip(texts if right else values, styles, strict=True)
    ]  # fmt: skip


def _spread(ax: Axes, rows: pd.DataFrame, written: list[Annotation], *, right: bool) -> None:
    """Move what is written apart, and join it to the points."""
    if rows.empty:
        return
    heights = np.array([(note.get_text().count("\n") + 1) * SMALL_SIZE * LINE_HEIGHT for note in written])
    box = axes_box(ax)
    wanted = point_positions(ax, rows["wave"].to_numpy(float), rows["estimate"].to_numpy(float))
    centres = spread(wanted[:, 1], heights, low=box[1], high=box[3], gap=1.5)
    edge = box[2] if right else box[0]
    for note, centre, target in zip(written, centres, wanted, strict=True):
        note.xy = (float(right), (centre - box[1]) / (box[3] - box[1]))
        _leader(ax, target, np.array([edge + (13 if right else -13), centre]), np.array([edge, target[1]]))


def _leader(ax: Axes, target: Floats, end: Floats, edge: Floats) -> None:
    path = np.array([point_of(ax, point) for point in (target, edge, end)])
    ax.plot(
        path[:, 0],
        path[:, 1],
        color=ALL.colour,
        lw=0.6,
        alpha=0.6,
        zorder=1,
        clip_on=False,
        scalex=False,
        scaley=False,
    )
