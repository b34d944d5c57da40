"""Every company's rank with the ranks that the data cannot rule out, in the order of ranks, without a name."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reports.figures.marks import checked, key_above
from reports.style import ALL, INK, YOU, Role
from survey.language import say

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
    for low, high, name, role, colour in spans:
        if low in rows and rows[low].notna().any():
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
    return ax
