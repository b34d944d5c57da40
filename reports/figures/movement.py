"""How far estimates move when a rule changes, in their own margins of error."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from reports.chart import Axis, Marks, Rows, whole_steps
from reports.figures.charting import keep_chart, spoken
from reports.figures.marks import checked, key_above, row_lines, rows_axis, tick_text, zero_line
from reports.style import BAND, INK, Role

MARKERS = ("o", "^", "s", "D", "v")
"""Shapes of the rules, in their order; they are told apart by shape alone."""

SPACING = 0.16
"""Distance of two rules inside a row, in row heights."""


def movement(ax: Axes, frame: pd.DataFrame, *, label: str = "") -> Axes:
    """Draw one point per estimate and rule over the band of one margin of error to either side.

    Parameters
    ----------
    ax
        Axes to draw on.
    frame
        One row per estimate and rule: ``label``, ``rule``, ``moved`` (margins of error), in the order of
        rows and rules. At most five rules.
    label
        What the axis is called.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, or has more rules than there are shapes.
    """
    rows = checked(frame, "movement", "label", "rule", drawn="moved")
    labels, rules = (list(dict.fromkeys(rows[name])) for name in ("label", "rule"))
    if len(rules) > len(MARKERS):
        raise ValueError(f"movement: there are {len(rules)} rules and {len(MARKERS)} shapes")
    roles = [
        Role(INK, INK, marker=marker, hollow=n % 2 == 0)
        for n, marker in zip(range(len(rules)), MARKERS, strict=False)
    ]
    ax.axvspan(-1, 1, color=BAND, zorder=0)
    row_lines(ax, np.arange(len(labels), dtype=float))
    marks = []
    for n, (rule, role) in enumerate(zip(rules, roles, strict=True)):
        chosen = rows[rows["rule"] == rule]
        y = chosen["label"].map(labels.index) + (n - (len(rules) - 1) / 2) * SPACING
        ax.plot(
            chosen["moved"], y, role.marker, color=role.colour, markerfacecolor=role.face,
            markeredgecolor=role.ink, markersize=5.5, linestyle="none", zorder=3,
        )  # fmt: skip
        marks.append(Marks(str(rule), role, chosen["moved"].to_numpy(float), y.to_numpy(float)))
    rows_axis(ax, labels)
    zero_line(ax)
    reach = max(1.15, 1.1 * float(rows["moved"].abs().max()))
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value, "number")))
    ax.set_xlabel(label, labelpad=6)
    key_above(ax, rules, roles)
    axis = Axis(label, *whole_steps(-reach, reach, room=0.0), zero=True)
    keep_chart(ax, Rows(spoken(labels), axis, tuple(marks), band=(-1.0, 1.0)))
    return ax
