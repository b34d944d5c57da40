"""One company on the norms of a pack: points that stand for neighbouring companies, and the company's interval."""

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Marks, Plane
from reports.figures.charting import keep_chart, kept_chart
from reports.figures.strip import strip
from reports.style import YOU
from reports.wording import word


def standing(
    ax: Axes,
    steps: pd.DataFrame,
    *,
    marks: pd.DataFrame,
    interval: tuple[float, float],
    label: str = "",
    stages: bool = True,
    language: str = "",
) -> Axes:
    """Draw the norms of the index with a company's score and interval among them.

    Parameters
    ----------
    ax
        Axes to draw on, about twice as wide as high.
    steps
        One row per step of a `Norm`: ``company`` (any name) and ``alignment``, the mean of neighbouring companies.
    marks
        As in `strip`: the company, the median, the best in class.
    interval
        Of the company's score; NaN where there is none.
    label, stages, language
        As in `strip`.

    Raises
    ------
    ValueError
        If there are no steps.
    """
    strip(ax, steps, marks=marks, label=label, stages=stages, language=language)
    low, high = interval
    if low < high:
        ax.axvspan(low, high, color=YOU.colour, alpha=0.13, lw=0, zorder=0.8)
        _keep_interval(ax, low, high, language)
    return ax


def _keep_interval(ax: Axes, low: float, high: float, language: str) -> None:
    """Add the interval to the native chart: a line at its foot, as charts have no bands."""
    chart = kept_chart(ax)
    if isinstance(chart, Plane):
        ends, foot = np.array([low, high]), np.full(2, 0.02 * (chart.y.high or 0.0))
        line = Marks(
            word("interval", language),
            replace(YOU, marker=""),
            ends,
            foot,
            joined=True,
            named=False,
            weight=5.0,
        )
        keep_chart(ax, replace(chart, marks=(*chart.marks, line)))
