"""Whether two things go together: means of groups of companies along the line fitted to all of them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from reports.chart import Axis, Floats, Marks, Plane, whole_steps
from reports.figures.charting import FULL, ends_of, keep_chart, value_axis
from reports.figures.marks import INTERVAL, checked, key_above, tick_text, zero_line
from reports.report import Unit
from reports.style import ALL, STUDY, Role
from reports.wording import word


def binned_scatter(  # noqa: PLR0913
    ax: Axes,
    bins: pd.DataFrame,
    line: pd.DataFrame | None = None,
    *,
    x_label: str,
    y_label: str,
    x_unit: Unit = "points",
    y_unit: Unit = "growth",
    language: str = "",
) -> Axes:
    """Draw group means with intervals, and a fitted line with its band.

    Parameters
    ----------
    ax
        Axes to draw on.
    bins
        One row per group of companies: ``x``, ``estimate``, ``conf_low``, ``conf_high``.
    line
        Points of the line in order of ``x``: ``x``, ``estimate``, ``conf_low``, ``conf_high``.
    x_label, y_label, x_unit, y_unit
        What the axes are called and how their numbers are written.
    language
        Language of the key.

    Raises
    ------
    ValueError
        If a frame is empty or lacks a column.
    """
    groups = checked(bins, "binned_scatter", "x")
    names, roles = [word("bins", language)], [ALL]
    if line is not None:
        _line(ax, checked(line, "binned_scatter", "x").sort_values("x"))
        names, roles = [*names, word("fit", language)], [*roles, Role(STUDY.colour, STUDY.ink, marker="")]
    known = groups.dropna(subset=INTERVAL)
    ax.vlines(known["x"], known["conf_low"], known["conf_high"], color=ALL.colour, lw=1.6, zorder=3)
    ax.plot(groups["x"], groups["estimate"], ALL.marker, color=ALL.colour, markersize=6.5, zorder=4)
    ax.margins(x=0.05, y=0.1)
    bottom, top = ax.get_ylim()
    ax.set_ylim(min(bottom, 0), max(top, 0))
    zero_line(ax, vertical=False)
    ax.grid(visible=True, axis="y", zorder=0)
    ax.set_axisbelow(True)
    ax.spines[["left", "top", "right"]].set_visible(False)
    ax.set_xlabel(x_label, labelpad=6)
    ax.set_ylabel(y_label, labelpad=6)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, x_unit)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, y_unit)))
    key_above(ax, names, roles)
    axes = (
        _axis(groups, line, "x", unit=x_unit, label=x_label),
        _axis(groups, line, "y", unit=y_unit, label=y_label),
    )
    keep_chart(ax, Plane(*axes, _marks(groups, line, language)))
    return ax


def _axis(groups: pd.DataFrame, line: pd.DataFrame | None, which: str, *, unit: Unit, label: str) -> Axis:
    """Return an axis with round ends around the data; zero belongs to the vertical one."""
    columns = ["x"] if which == "x" else ["estimate", *INTERVAL]
    frames = [groups] if line is None else [groups, line]
    values: Floats = np.concatenate([frame[columns].to_numpy(float).ravel() for frame in frames])
    if which == "y":
        return value_axis(values, "growth" if unit == "growth" else "number", label, zero=True)
    low, high, step = whole_steps(float(np.nanmin(values)), float(np.nanmax(values)))
    if unit in FULL:
        low, high = max(low, 0.0), min(high, 100.0)
    return Axis(label, low, high, step, percent=unit == "percent")


def _marks(groups: pd.DataFrame, line: pd.DataFrame | None, language: str) -> tuple[Marks, ...]:
    """Return the groups with their intervals, the line, and the edges of its band."""
    found = []
    if line is not None:
        ordered = line.sort_values("x")
        x = ordered["x"].to_numpy(float)
        edge, fit = Role(ALL.colour, ALL.ink, marker="", line=":"), Role(STUDY.colour, STUDY.ink, marker="")
        looks = (
            (INTERVAL[0], edge, "", 1.0),
            (INTERVAL[1], edge, "", 1.0),
            ("estimate", fit, word("fit", language), 2.0),
        )
        found += [
            Marks(
                name, role, x, ordered[column].to_numpy(float), joined=True, named=bool(name), weight=weight
            )
            for column, role, name, weight in looks
        ]
    x, y = (groups[column].to_numpy(float) for column in ("x", "estimate"))
    return (*found, Marks(word("bins", language), ALL, x, y, y_ends=ends_of(groups)))


def _line(ax: Axes, line: pd.DataFrame) -> None:
    values = line[["x", "estimate", *INTERVAL]].to_numpy(float)
    known = np.isfinite(values).all(axis=1)
    ax.fill_between(values[known, 0], values[known, 2], values[known, 3], color=ALL.colour, alpha=0.18, lw=0)
    ax.plot(values[:, 0], values[:, 1], color=STUDY.colour, lw=1.8, zorder=2)
