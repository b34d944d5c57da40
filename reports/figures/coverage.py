"""Who has an outcome, wave by wave or segment by segment."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Bars, Part
from reports.figures.charting import keep_chart, spoken, value_axis
from reports.figures.marks import checked, margin_texts, rows_axis, unit_axis
from reports.style import ALL, PAPER, STUDY, Role
from reports.tables import number_text
from reports.wording import word

WITHOUT = Role(ALL.colour, ALL.ink, hollow=True)


def coverage(ax: Axes, frame: pd.DataFrame, *, label: str = "", language: str = "") -> Axes:
    """Draw the share of companies with the outcome per row, and the rest hatched.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(frame["label"])` has the right height.
    frame
        ``label`` (wave or segment), ``companies`` and ``with_outcome`` (counts).
    label, language
        What the axis is called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, or more companies have the outcome than there are.
    """
    rows = checked(frame, "coverage", "label", "companies", drawn="with_outcome")
    have, all_of = rows["with_outcome"].to_numpy(float), rows["companies"].to_numpy(float)
    if (have > all_of).any():
        raise ValueError("coverage: more companies have the outcome than there are")
    share = np.divide(100 * have, all_of, out=np.zeros(len(rows)), where=all_of > 0)
    y = np.arange(len(rows), dtype=float)
    ax.barh(y, share, height=0.56, color=STUDY.colour)
    ax.barh(
        y, 100 - share, left=share, height=0.56, facecolor=PAPER, edgecolor=ALL.colour, hatch="////", lw=0.8
    )
    rows_axis(ax, [str(name) for name in rows["label"]])
    unit_axis(ax, "percent", label=label)
    texts = [_text(a, b, c, language) for a, b, c in zip(have, all_of, share, strict=True)]
    margin_texts(ax, texts, y)
    parts = (
        Part(word("with_outcome", language), share),
        Part(word("without_outcome", language), 100 - share, WITHOUT),
    )
    keep_chart(ax, Bars(spoken(rows["label"]), value_axis(share, "percent", label), parts, tuple(texts)))
    return ax


def _text(have: float, all_of: float, share: float, language: str) -> str:
    counts = [number_text(value, "count", language=language) for value in (have, all_of)]
    text = f"{counts[0]} {word('of', language)} {counts[1]}"
    return f"{text} ({number_text(share, 'percent', language=language)})" if all_of else text
