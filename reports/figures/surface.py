"""The outcome over the scores of two functions as a map: isolines over the data, and nothing beyond them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.contour import ContourSet
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.labels import Floats, point_positions
from reports.figures.marks import checked, settle, tick_text
from reports.report import Unit
from reports.style import INK, MUTED, PAPER, SMALL_SIZE
from reports.wording import word

SHADES = LinearSegmentedColormap.from_list("shades", ["#FBFCFD", "#BCC6D0"])
"""Light to dark grey: lightness alone says which is more, so that no colour has to be told from another."""

ISOLINES = 6
APART = 24.0
"""Points of the page by which labels of isolines keep apart."""

MANY = 1000
"""From so many points on they are kept as a picture."""


def surface(  # noqa: PLR0913
    ax: Axes,
    grid: pd.DataFrame,
    *,
    points: pd.DataFrame,
    corners: pd.DataFrame,
    origin: tuple[float, float],
    x_label: str,
    y_label: str,
    unit: Unit = "growth",
    language: str = "",
) -> Axes:
    """Draw isolines of the outcome within the outline of the companies, the companies, and two lines.

    The line of agreement joins equal scores; along the line across it the scores differ more and more at the
    same mean.

    Parameters
    ----------
    ax
        Axes to draw on, best about as high as wide.
    grid
        ``x, y, estimate`` on a regular grid, from `analysis.explain.response_surface.surface_grid`.
    points
        ``x, y``: one company and wave each.
    corners
        ``x, y``: the outline; nothing of the surface is drawn beyond it.
    origin
        Where the line across agreement meets the line of agreement.
    x_label, y_label, unit
        What the axes are called, and how the outcome is written on the isolines.
    language
        Language of the key.

    Raises
    ------
    ValueError
        If a frame is empty or lacks a column.
    """
    known = checked(grid, "surface", "x", "y").sort_values(["y", "x"])
    dots = checked(points, "surface", "x", drawn="y")
    border = Path(np.vstack([corners[["x", "y"]].to_numpy(float)] * 2)[: len(corners) + 1], closed=True)
    _frame(ax, pd.concat([dots, corners], ignore_index=True), x_label, y_label)
    lines = _isolines(ax, known, border)
    ax.plot(
        dots["x"], dots["y"], "o", color=INK, markersize=3.4, alpha=0.5, markeredgecolor=PAPER, zorder=3,
        markeredgewidth=0.4, linestyle="none", label=word("one_company", language), rasterized=len(dots) > MANY,
    )  # fmt: skip
    _two_lines(ax, border, origin, language)
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, borderaxespad=0.2, handlelength=2.2,
        columnspacing=1.6, labelcolor=INK,
    )  # fmt: skip
    if lines is not None:
        _label(ax, lines, border, unit)
    return ax


def _frame(ax: Axes, drawn: pd.DataFrame, x_label: str, y_label: str) -> None:
    """Give both scores the same range and the same length, so that agreement is a diagonal."""
    values = drawn[["x", "y"]].to_numpy(float)
    margin = 0.04 * (values.max() - values.min())
    ax.set_xlim(values.min() - margin, values.max() + margin)
    ax.set_ylim(values.min() - margin, values.max() + margin)
    ax.set_aspect("equal", adjustable="box", anchor="W")
    ax.set_xlabel(x_label, labelpad=6)
    ax.set_ylabel(y_label, labelpad=6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(axis="y", colors=MUTED, labelsize=SMALL_SIZE)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6))
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, "points")))


def _isolines(ax: Axes, grid: pd.DataFrame, border: Path) -> ContourSet | None:
    """Fill and draw isolines, clipped to the outline; None where the surface is flat."""
    x, y = grid["x"].unique(), grid["y"].unique()
    height = grid["estimate"].to_numpy(float).reshape(len(y), len(x))
    on_data = border.contains_points(grid[["x", "y"]].to_numpy(float)).reshape(height.shape)
    seen = height[on_data] if on_data.any() else height
    clip = PathPatch(border, transform=ax.transData, facecolor=SHADES(0.0), edgecolor=MUTED, lw=0.6, zorder=1)
    ax.add_patch(clip)
    if np.ptp(seen) <= 1e-9 * max(1.0, float(np.abs(seen).max())):
        return None
    levels = MaxNLocator(ISOLINES).tick_values(float(seen.min()), float(seen.max()))
    filled = ax.contourf(x, y, height, levels=levels, cmap=SHADES, extend="both", zorder=1)
    drawn = ax.contour(x, y, height, levels=levels, colors=MUTED, linewidths=0.8, linestyles="-", zorder=2)
    for part in (filled, drawn):
        part.set_clip_path(clip)
    return drawn


def _two_lines(ax: Axes, border: Path, origin: tuple[float, float], language: str) -> None:
    """Draw the line of agreement and the one across it, over the data only."""
    length = float(np.ptp(ax.get_xlim())) + float(np.ptp([*ax.get_xlim(), *origin]))
    span = np.linspace(-length, length, 2000)
    for sign, style, name in ((1, "-", "agreement"), (-1, "--", "incongruence")):
        line = np.column_stack([origin[0] + span, origin[1] + sign * span])
        line[~border.contains_points(line)] = np.nan
        ax.plot(*line.T, color=INK, lw=1.6, linestyle=style, zorder=4, label=word(name, language))


def _label(ax: Axes, lines: ContourSet, border: Path, unit: Unit) -> None:
    """Write its value on every branch of an isoline, where it lies furthest from the labels before."""
    settle(ax)
    taken: list[Floats] = []
    levels = np.asarray(lines.levels, dtype=float)
    branches = [
        (level, np.asarray(corners))
        for level, path in zip(levels, lines.get_paths(), strict=True)
        for corners in path.to_polygons(closed_only=False)
    ]
    for level, corners in branches:
        found = _free_place(ax, corners, border, taken)
        if found is not None:
            place, at = found
            taken.append(at)
            ax.text(
                float(place[0]), float(place[1]), tick_text(level, unit), ha="center", va="center", zorder=5,
                fontsize=SMALL_SIZE,
                color=INK, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
            )  # fmt: skip


def _free_place(
    ax: Axes, corners: Floats, border: Path, taken: Sequence[Floats]
) -> tuple[Floats, Floats] | None:
    """Return the point of an isoline on the data that is furthest from the labels, in data and in page units."""
    on_data = corners[border.contains_points(corners)]
    if not len(on_data):
        return None
    at = point_positions(ax, on_data[:, 0], on_data[:, 1])
    others = np.array(taken) if taken else at.mean(axis=0, keepdims=True) + 1e3
    distance = np.linalg.norm(at[:, None] - others[None], axis=2).min(axis=1)
    # Between places as good as one another the one in the middle of the line is the steadiest.
    good = np.flatnonzero(distance >= min(3 * APART, float(distance.max())))
    best = int(good[len(good) // 2])
    return (on_data[best], at[best]) if distance[best] >= APART else None
