"""Every company's rank with the ranks that the data cannot rule out, in the order of ranks, without a name."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reports.chart import Axis, Marks, Plane, whole_steps
from reports.figures.charting import ends_of, keep_chart, upright_lines
from reports.figures.marks import checked, key_above
from reports.style import ALL, INK, YOU, Role
from survey.language import say

Span: TypeAlias = tuple[str, str, str, Role, str]
"""Columns with both ends of ranks, what they are called, how they look, their colour."""

WIDEST = 2.4
"""Width of the line of one company where there are few, in points."""

CROWD = 1000
"""From so many companies on, the lines are drawn as one picture inside the SVG."""


def rank_ranges(ax: Axes, frame: pd.DataFrame, *, label: str = "") -> Axes:
    """Draw one upright line per company: the ranks it may have, sure and plausible, and the rank of its score.

    Parameters
    ----------
    ax
        Axes to draw on.
    frame
        ``rank``, ``rank_low, rank_high`` (what cannot be ruled out) and, if known, ``plausible_rank_low,
        plausible_rank_high``; one row per company, in any order, with nothing that names it.
    label
        What the horizontal axis is called, if not the order of ranks.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column or holds no rank.
    """
    rows = checked(frame, "rank_ranges", "rank_low", "rank_high", drawn="rank")
    rows = rows.sort_values(["rank", "rank_low"], ignore_index=True)
    x, many = np.arange(1, len(rows) + 1), len(rows) > CROWD
    width = min(WIDEST, 300 / max(len(rows), 1))
    names, roles = [say("rank of the score")], [Role(INK, INK)]
    spans = (("rank_low", "rank_high", say("cannot be ruled out"), ALL, "#CBD1D9"),
             ("plausible_rank_low", "plausible_rank_high", say("plausible"), YOU, YOU.colour))  # fmt: skip
    shown = [span for span in spans if span[0] in rows and rows[span[0]].notna().any()]
    for low, high, name, role, colour in shown:
        ax.vlines(x, rows[low], rows[high], color=colour, lw=width, rasterized=many, zorder=1)
        names, roles = [*names, name], [*roles, Role(colour, role.ink, marker="")]
    ax.plot(x, rows["rank"], linestyle="", marker="o", markersize=2.2, color=INK, rasterized=many, zorder=3)
    ax.set_ylim(len(rows) + 1, 0)
    ax.set_xlim(0, len(rows) + 1)
    for axis in (ax.xaxis, ax.yaxis):
        steps = np.asarray(MaxNLocator(6, integer=True).tick_values(1, len(rows)), dtype=float)
        axis.set_ticks(np.unique(np.append(steps[(steps > 0) & (steps <= len(rows))], 1)))
    ax.set_xlabel(label or say("Companies in the order of their rank"), labelpad=6)
    ax.set_ylabel(say("Rank, 1 the highest"))
    ax.spines[["top", "right"]].set_visible(False)
    key_above(ax, names, roles)
    if not many:
        keep_chart(ax, _chart(rows, shown, names[0], across=ax.get_xlabel(), down=ax.get_ylabel()))
    return ax


def _chart(rows: pd.DataFrame, spans: Sequence[Span], name: str, *, across: str, down: str) -> Plane:
    """Return the ranks that are possible as upright lines, and the ranks of the scores as one line.

    What is plausible parts the line of what cannot be ruled out, as programs differ in which line lies above.
    """
    x, count = np.arange(1.0, len(rows) + 1), len(rows)
    ends = [ends_of(rows, low, high) for low, high, *_ in spans]
    lines = [upright_lines(x, *found) for found in ends]
    if len(ends) > 1:
        (low, high), (inner_low, inner_high) = ends
        above, below = upright_lines(x, low, inner_low), upright_lines(x, inner_high, high)
        lines[0] = np.concatenate([above[0], below[0]]), np.concatenate([above[1], below[1]])
    marks = [
        Marks(said, Role(colour, role.ink, marker=""), *line, joined=True, weight=min(WIDEST, 700 / count))
        for (_, _, said, role, colour), line in zip(spans, lines, strict=True)
    ]
    line = Marks(name, Role(INK, INK, marker=""), x, rows["rank"].to_numpy(float), joined=True, weight=2.25)
    *_, step = whole_steps(0.0, float(count))
    end = float(count + 1)
    return Plane(Axis(across, 0.0, end, step), Axis(down, 0.0, end, step, down=True), (*marks, line))
