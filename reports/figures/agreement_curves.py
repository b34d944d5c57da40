"""How many companies agree, wherever the cut-off is put: one curve per function and kind of answers at random."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Axis, Marks, Plane
from reports.figures.charting import keep_chart
from reports.figures.marks import checked, key_above, tick_text, unit_axis
from reports.style import ALL, MUTED, SMALL_SIZE, LineStyle, Role, role_of
from reports.wording import known_word

LINES: tuple[LineStyle, ...] = ("-", "--", ":")
"""Styles of the kinds of answers at random, in their order; more cannot be told apart."""

MARKED = 4
"""Every so many points of a curve carry the marker of the function."""


def agreement_curves(
    ax: Axes, frame: pd.DataFrame, *, cut: float, label: str = "", language: str = ""
) -> Axes:
    """Draw the share of groups that reach each value of rwg(j), with the cut-off marked.

    Parameters
    ----------
    ax
        Axes to draw on.
    frame
        ``class`` (function, as in `reports.style.ROLES`), ``null`` (what answers at random look like, in
        words), ``rwg_j`` (0-1) and ``share`` (per cent), in the order of the curves; at most three nulls.
    cut
        The rwg(j) from which informants count as agreeing.
    label, language
        What the vertical axis is called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, names an unknown class, or has more nulls than line styles.
    """
    rows = checked(frame, "agreement_curves", "class", "null", "rwg_j", drawn="share")
    nulls, classes = (list(dict.fromkeys(rows[name])) for name in ("null", "class"))
    if len(nulls) > len(LINES):
        raise ValueError(f"agreement_curves: there are {len(nulls)} nulls and {len(LINES)} line styles")
    marks = []
    for (null, name), curve in rows.groupby(["null", "class"], sort=False):
        styled = replace(role_of(str(name)), line=LINES[nulls.index(null)])
        _curve(ax, curve, styled)
        called = [known_word(str(name), language)] if len(classes) > 1 else []
        called += [str(null)] if len(nulls) > 1 or not called else []
        x, y = (curve[column].to_numpy(float) for column in ("rwg_j", "share"))
        marks.append(Marks(", ".join(called), replace(styled, marker=""), x, y, joined=True))
    ax.axvline(cut, color=MUTED, lw=1.0, zorder=1)
    ax.annotate(
        tick_text(cut, "ratio"), (cut, 1), xycoords=ax.get_xaxis_transform(), xytext=(3, -2), color=MUTED,
        textcoords="offset points", ha="left", va="top", fontsize=SMALL_SIZE,
    )  # fmt: skip
    ax.set(ylim=(0, 103), yticks=range(0, 101, 20))
    ax.set_ylabel(label, labelpad=6)
    ax.yaxis.set_major_formatter(lambda value, _: tick_text(value, "percent"))
    ax.spines[["top", "right"]].set_visible(False)
    unit_axis(ax, "ratio", label="rwg(j)", limits=(0.0, 1.0))
    roles = [role_of(name) for name in classes] if len(classes) > 1 else []
    kinds = [Role(ALL.colour, ALL.ink, marker="", line=line) for line in LINES[: len(nulls)]]
    names = [known_word(name, language) for name in classes[: len(roles)]]
    key_above(ax, [*names, *nulls], [*roles, *kinds])
    line = Role(MUTED, MUTED, marker="", line=":")
    end = ("", tick_text(cut, "ratio"))
    x, y = np.array([cut, cut]), np.array([0.0, 100.0])
    marks.append(Marks("", line, x, y, labels=end, joined=True, named=False, side="right"))
    axes = Axis("rwg(j)", 0.0, 1.0, 0.2), Axis(label, 0.0, 100.0, 20.0, percent=True)
    keep_chart(ax, Plane(*axes, tuple(marks)))
    return ax


def _curve(ax: Axes, curve: pd.DataFrame, styled: Role) -> None:
    ax.plot(
        curve["rwg_j"], curve["share"], color=styled.colour, linestyle=styled.line, lw=1.8,
        marker=styled.marker, markevery=MARKED, markersize=4, markeredgecolor=styled.ink, clip_on=False,
    )  # fmt: skip
