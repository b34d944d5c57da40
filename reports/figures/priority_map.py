"""What to work on: how strongly a construct goes with the outcome against how far behind the best it is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from reports.chart import Axis, Marks, Plane, whole_steps
from reports.figures.charting import ends_of, keep_chart, spoken
from reports.figures.labels import LINE_HEIGHT, Floats, axes_box, lines_in, place, point_positions, wrap
from reports.figures.marks import checked, settle, tick_text, zero_line
from reports.report import Unit
from reports.style import INK, MUTED, RULE, SMALL_SIZE, STUDY, Role
from reports.wording import word

NEAR = 0.2
"""How far outside the points a zero line is still drawn, as a share of their range."""

ENDS = ("distance_low", "distance_high", "importance_low", "importance_high")
"""Columns with the ends of both intervals."""

CHARACTERS = 22
LIST_CHARACTERS = 34
"""Longest line of a label beside its point, and in the list."""


def priority_map(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    x_label: str,
    y_label: str,
    x_unit: Unit = "difference",
    y_unit: Unit = "growth_points",
    language: str = "",
) -> Axes:
    """Draw one labelled point per construct with the uncertainty of both its values.

    Labels stand beside their points; where they find no room, points are numbered and named in a list.

    Parameters
    ----------
    ax
        Axes to draw on, best about as high as wide; (6.8, 5.2) inches hold 12 constructs.
    frame
        ``label``, ``distance`` (points behind the best in class, to the right is further), ``importance``
        (slope on the outcome), and where known ``distance_low``, ``distance_high``,
        ``importance_low``, ``importance_high``.
    x_label, y_label, x_unit, y_unit
        What the axes are called and how their numbers are written.
    language
        Language of the words.

    Raises
    ------
    ValueError
        If the frame is empty or lacks a column.
    """
    rows = checked(frame, "priority_map", "label", "distance", drawn="importance")
    rows = rows.dropna(subset=["importance", "distance"]).reset_index(drop=True)
    x, y = rows["distance"].to_numpy(float), rows["importance"].to_numpy(float)
    _crosses(ax, rows)
    ax.plot(x, y, STUDY.marker, color=STUDY.colour, markersize=6.5, zorder=4)
    ax.margins(0.12)
    _zero_lines(ax)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel(x_label, labelpad=6)
    ax.set_ylabel(y_label, labelpad=6)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, x_unit)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, y_unit)))
    ax.set_title(f"{word('start_here', language)}  ↗", loc="right", fontsize=SMALL_SIZE, color=MUTED, pad=6)
    _labels(ax, x, y, rows["label"].tolist())
    ends = rows.assign(**{end: np.nan for end in ENDS if end not in rows})
    reach = (ends_of(ends, *ENDS[:2]), ends_of(ends, *ENDS[2:]))
    crosses = Marks("", Role(RULE, RULE, marker=""), x, y, *reach, named=False, weight=1.25)
    marks = Marks("", STUDY, x, y, labels=spoken(rows["label"]), named=False)
    across, up = (
        Axis(name, *whole_steps(float(np.nanmin(reach)), float(np.nanmax(reach))), percent=unit == "percent")
        for name, unit, reach in (
            (x_label, x_unit, ends[["distance", *ENDS[:2]]].to_numpy(float)),
            (y_label, y_unit, ends[["importance", *ENDS[2:]]].to_numpy(float)),
        )
    )
    keep_chart(ax, Plane(across, up, (crosses, marks), note=f"{word('start_here', language)}  ↗"))
    return ax


def _zero_lines(ax: Axes) -> None:
    """Draw the lines of no difference where they are near enough not to crowd the points."""
    for vertical, (low, high) in ((True, ax.get_xlim()), (False, ax.get_ylim())):
        near = NEAR * (high - low)
        if low - near <= 0 <= high + near:
            zero_line(ax, vertical=vertical)


def _crosses(ax: Axes, rows: pd.DataFrame) -> None:
    ends = list(ENDS)
    known = rows.assign(**{end: np.nan for end in ends if end not in rows})
    across = known.dropna(subset=ends[:2])
    upright = known.dropna(subset=ends[2:])
    ax.hlines(across["importance"], across[ends[0]], across[ends[1]], color=RULE, lw=1.4, zorder=2)
    ax.vlines(upright["distance"], upright[ends[2]], upright[ends[3]], color=RULE, lw=1.4, zorder=2)


def _labels(ax: Axes, x: Floats, y: Floats, labels: Sequence[str]) -> None:
    settle(ax)
    texts = [wrap(label, CHARACTERS) for label in labels]
    offsets = place(point_positions(ax, x, y), texts, within=axes_box(ax))
    if offsets is None:
        _list_beside(ax, labels)
        settle(ax)
        texts = [str(number) for number in range(1, len(texts) + 1)]
        offsets = place(point_positions(ax, x, y), texts, within=axes_box(ax), mark=6.0)
        offsets = np.tile([0.0, 9.0], (len(texts), 1)) if offsets is None else offsets
    for text, offset, across, up in zip(texts, offsets, x, y, strict=True):
        leader = {"arrowstyle": "-", "color": MUTED, "lw": 0.5} if np.hypot(*offset) > 60 else None
        ax.annotate(
            text, (across, up), xytext=tuple(offset), textcoords="offset points", ha="center", va="center",
            fontsize=SMALL_SIZE, zorder=5, arrowprops=leader,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8}, color=INK,
        )  # fmt: skip


def _list_beside(ax: Axes, labels: Sequence[str]) -> None:
    """Name the numbered points in a list to the right of the axes, as small as its length asks."""
    names = [wrap(f"{number}  {label}", LIST_CHARACTERS) for number, label in enumerate(labels, start=1)]
    text = "\n".join(name.replace("\n", "\n     ") for name in names)
    room = (axes_box(ax)[3] - axes_box(ax)[1]) / (lines_in([text]) * LINE_HEIGHT)
    ax.annotate(
        text, (1, 1), xycoords="axes fraction", xytext=(14, 0), textcoords="offset points", va="top",
        ha="left", fontsize=min(SMALL_SIZE, room), annotation_clip=False, linespacing=1.0,
    )  # fmt: skip
