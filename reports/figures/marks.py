"""What the figures are drawn with: rows with labels, points with intervals, texts beside and above them."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from reports.figures.labels import Floats, axes_box, point_positions, spread, text_width, wrap
from reports.numeral import Numeral
from reports.report import Column, Unit
from reports.style import INK, MUTED, RULE, SMALL_SIZE, Role
from reports.tables import column_decimals
from reports.wording import word
from survey.language import digits, say

INTERVAL = ["conf_low", "conf_high"]


def checked(frame: pd.DataFrame, figure: str, *columns: str, drawn: str = "estimate") -> pd.DataFrame:
    """Return a copy with rows numbered from 0 and both ends of an interval, or say why nothing can be drawn.

    Raises
    ------
    ValueError
        If the frame is empty, lacks one of `columns`, or `drawn` has no value in it.

    Examples
    --------
    >>> checked(pd.DataFrame({"estimate": []}), "shares", "label")
    Traceback (most recent call last):
    ValueError: shares: there is nothing to draw, the frame is empty
    """
    if frame.empty:
        raise ValueError(f"{figure}: there is nothing to draw, the frame is empty")
    missing = [name for name in (*columns, drawn) if name not in frame]
    if missing:
        raise ValueError(f"{figure}: the frame has no column {', '.join(missing)}")
    if frame[drawn].isna().all():
        raise ValueError(f"{figure}: there is nothing to draw, every {drawn} is missing")
    rows = frame.reset_index(drop=True)
    return rows.assign(**{end: np.nan for end in INTERVAL if end not in rows})


def rows_axis(ax: Axes, labels: Sequence[str], *, above: float = 0.0, below: float = 0.0) -> None:
    """Make the vertical axis a list of wrapped labels, the first on top, with room in row heights."""
    places = np.arange(len(labels))
    ax.set_yticks(places, [wrap(label) for label in labels])
    ax.set_ylim(len(labels) - 0.5 + below, -0.5 - above)
    ax.spines[["left", "top", "right"]].set_visible(False)
    ax.tick_params(axis="y", length=0, pad=6)


def row_lines(ax: Axes, y: Floats) -> None:
    """Draw a thin line through the rows at heights `y`, for the eye to follow."""
    ax.hlines(y, 0, 1, transform=ax.get_yaxis_transform(), color=RULE, lw=0.7, zorder=0)


def unit_axis(ax: Axes, unit: Unit, *, label: str = "", limits: tuple[float, float] | None = None) -> None:
    """Write the horizontal axis in `unit`; percentages and points keep their full range."""
    if limits is None and unit in ("percent", "points"):
        limits = (0.0, 100.0)
        ax.set_xticks(np.arange(0, 101, 20))
    if limits is not None:
        ax.set_xlim(*limits)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, unit)))
    if label:
        ax.set_xlabel(label, labelpad=6)


def tick_text(value: float, unit: Unit) -> str:
    """Write a tick: no more decimals than it needs, a true minus, a percent sign but no words."""
    sign, text = "−" if value < -1e-9 else "", digits(abs(value), ".6g")
    return sign + (say("{share}%", share=text) if unit in ("percent", "growth") else text)


def point_ranges(ax: Axes, rows: pd.DataFrame, y: Floats, role: Role, *, size: float = 6.5) -> None:
    """Draw points with their intervals at heights `y`; without an interval, the point alone."""
    low, high = (rows[end].to_numpy(float) for end in INTERVAL)
    known = np.isfinite(low) & np.isfinite(high)
    ax.hlines(y[known], low[known], high[known], color=role.colour, lw=1.8, linestyle=role.line, zorder=2)
    ax.plot(
        rows["estimate"].to_numpy(float), y, role.marker, color=role.colour, markerfacecolor=role.face,
        markeredgecolor=role.ink, markeredgewidth=1.0, markersize=size, linestyle="none", zorder=3,
    )  # fmt: skip


def margin_texts(ax: Axes, texts: Sequence[str], y: Floats, *, heading: str = "", top: float = -0.75) -> None:
    """Write one text per row to the right of the axes, under a heading."""
    for text, height in zip(texts, y, strict=True):
        ax.annotate(
            text, (1, height), xycoords=ax.get_yaxis_transform(), xytext=(10, 0),
            textcoords="offset points", va="center", fontsize=SMALL_SIZE, annotation_clip=False,
        )  # fmt: skip
    if heading:
        ax.annotate(
            heading, (1, top), xycoords=ax.get_yaxis_transform(), xytext=(10, 0), color=MUTED,
            textcoords="offset points", va="center", fontsize=SMALL_SIZE, annotation_clip=False,
        )  # fmt: skip


def interval_texts(rows: pd.DataFrame, unit: Unit, language: str) -> list[str]:
    """Write the estimate and interval of every row; nothing where there is no estimate."""
    low, high = INTERVAL
    column = Column("estimate", "Estimate", unit, low, high, n="n" if "n" in rows else "")
    numeral = Numeral(unit, column_decimals(rows, column), language, bare=True)
    values = rows[["estimate", *INTERVAL]].to_numpy(float)
    return ["" if np.isnan(row[0]) else numeral.interval(row[0], row[1], row[2]) for row in values]


def shown_texts(texts: Sequence[str], language: str) -> tuple[str, ...]:
    """Return texts beside rows, with words where a row has no value."""
    return tuple(text or word("unavailable", language) for text in texts)


def missing_rows(ax: Axes, y: Floats, language: str) -> None:
    """Write that a row has no value, where its points would be."""
    for height in y:
        ax.text(
            0.01, height, word("unavailable", language), transform=ax.get_yaxis_transform(), va="center",
            fontsize=SMALL_SIZE, color=MUTED, style="italic",
        )  # fmt: skip


def labels_above(
    ax: Axes, x: Floats, texts: Sequence[str], roles: Sequence[Role], *, y: float, point_y: float
) -> None:
    """Write labels at height `y`, moved apart, each joined by a thin line to its point at (x, point_y)."""
    settle(ax)
    box = axes_box(ax)
    widths = np.array([text_width(text, SMALL_SIZE, bold=True) for text in texts])
    wanted = point_positions(ax, x, np.full(len(x), y))
    centres = spread(wanted[:, 0], widths, low=box[0], high=box[2], gap=8.0)
    for centre, target, text, role in zip(centres, wanted, texts, roles, strict=True):
        ax.annotate(
            text, point_of(ax, target), xytext=(centre - target[0], 0), textcoords="offset points",
            ha="center", va="center", fontsize=SMALL_SIZE, fontweight="bold", color=role.ink,
        )  # fmt: skip
    for value, centre, target, role in zip(x, centres, wanted, roles, strict=True):
        start = point_of(ax, np.array([centre, target[1] - 7]))
        ax.plot(
            [start[0], value], [start[1], point_y], color=role.ink, lw=0.7, zorder=1.5, solid_capstyle="butt"
        )


def point_of(ax: Axes, points: Floats) -> tuple[float, float]:
    """Return the data position of a position in points."""
    pixels = points * canvas_of(ax).dpi / 72
    x, y = ax.transData.inverted().transform(pixels)
    return float(x), float(y)


def canvas_of(ax: Axes) -> Canvas:
    """Return the figure that the axes stand in."""
    return cast(Canvas, ax.get_figure(root=True))


def settle(ax: Axes) -> None:
    """Let the layout find the size of the axes, so that labels can be measured against it."""
    canvas = canvas_of(ax)
    engine = canvas.get_layout_engine()
    if engine is None:
        canvas.draw_without_rendering()
    else:
        # Drawing would do the same, and then draw everything for nobody.
        engine.execute(canvas)


def zero_line(ax: Axes, *, vertical: bool = True, value: float = 0.0) -> None:
    """Draw the line of no difference."""
    draw = ax.axvline if vertical else ax.axhline
    draw(value, color=MUTED, lw=1.0, zorder=1)


def key_above(ax: Axes, names: Sequence[str], roles: Sequence[Role]) -> None:
    """Write the key of several roles in one line above the axes, marker before name."""
    handles = [
        Line2D(
            [], [], color=role.colour, marker=role.marker, markerfacecolor=role.face,
            markeredgecolor=role.ink, lw=1.8, linestyle=role.line, markersize=6.5, label=name,
        )
        for name, role in zip(names, roles, strict=True)
    ]  # fmt: skip
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(names), frameon=False,
        borderaxespad=0.2, handlelength=2.2, columnspacing=1.6, labelcolor=INK,
    )  # fmt: skip
