"""What all native charts share: the area, the axes, the key, the room that everything takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xlsxwriter.chart import Chart as Drawn

from reports.chart import Axis
from reports.figures.labels import lines_in, text_width, wrap
from reports.style import INK, MUTED, RULE
from reports.writers.cell_text import clean_text
from reports.writers.chart_cells import label_text
from reports.writers.fitting import WIDER, wider

NOTHING = {"none": True}
GRID = {"visible": True, "line": {"color": RULE, "width": 0.75}}
WIDEST_LABELS = 0.42
"""Share of the width that the names of rows take at most."""

POINTS = 72


@dataclass(frozen=True, slots=True)
class Paper:
    """The area that a chart is drawn on.

    Parameters
    ----------
    width, height
        In inches.
    font
        Typeface.
    size
        Size of its texts in points.
    language
        Language of the words.
    x_bars
        Whether intervals along x are error bars; in slides some programs lose these, so that they are lines.
    """

    width: float
    height: float
    font: str
    size: float = 12.0
    language: str = ""
    x_bars: bool = True

    def letters(self, colour: str = INK, *, bold: bool = False) -> dict[str, Any]:
        """Return a font as charts take it."""
        return {"name": self.font, "size": self.size, "color": colour, "bold": bold}

    def share(self, points: float, *, across: bool) -> float:
        """Return a length in points as a share of the width or the height."""
        return points / POINTS / (self.width if across else self.height)


def axis_options(axis: Axis, paper: Paper) -> dict[str, Any]:
    """Return a value axis: its ends, its ticks, its name."""
    if not axis.shown:
        return {"visible": False, "min": axis.low, "max": axis.high, "major_gridlines": {"visible": False}}
    suffix = '"%"' if axis.percent else ""
    options: dict[str, Any] = {
        "num_font": paper.letters(MUTED), "num_format": f"0.######{suffix}",
        "line": NOTHING, "major_gridlines": GRID, "major_tick_mark": "none", "minor_tick_mark": "none",
        "label_position": "low",
    }  # fmt: skip
    if axis.step is not None:
        options["num_format"] = f"{decimals_format(axis.step)}{suffix}"
    if axis.label:
        options |= {"name": label_text(axis.label), "name_font": paper.letters(MUTED)}
    if axis.down:
        options |= {"reverse": True, "crossing": "max"}
    limits = {"min": axis.low, "max": axis.high, "major_unit": axis.step}
    return options | {name: value for name, value in limits.items() if value is not None}


def decimals_format(step: float) -> str:
    """Return the number format with as many decimals as ticks at this distance need.

    Examples
    --------
    >>> decimals_format(20.0), decimals_format(0.25)
    ('0', '0.00')
    """
    places = next((places for places in range(6) if np.isclose(step, round(step, places), rtol=1e-9)), 6)
    return f"0.{'0' * places}" if places else "0"


def set_key(drawn: Drawn, names: Sequence[str | None], paper: Paper) -> None:
    """Show a key above the chart that names those series that have a name."""
    hidden = [place for place, name in enumerate(names) if name is None]
    if len(hidden) == len(names):
        drawn.set_legend(NOTHING)
    else:
        layout = {"x": 0.02, "y": 0.0, "width": 0.96, "height": paper.share(2.0 * paper.size, across=False)}
        drawn.set_legend(
            {"position": "top", "delete_series": hidden, "font": paper.letters(), "layout": layout}
        )


def set_layout(drawn: Drawn, *, left: float, right: float, axis: Axis, paper: Paper, key: bool) -> None:
    """Place the plot so that names, texts, key and the axis below have their room."""
    top = paper.share((2.6 if key else 0.8) * paper.size, across=False)
    lines = (1.9 if axis.shown else 0.4) + (1.9 if axis.shown and axis.label else 0.0)
    bottom = paper.share(lines * paper.size, across=False)
    drawn.set_plotarea(
        {
            "layout": {"x": left, "y": top, "width": 1 - left - right, "height": 1 - top - bottom},
            "fill": NOTHING,
        }
    )


def widest(texts: Sequence[str], paper: Paper) -> float:
    """Width of the longest of `texts` in points; what is measured runs wide enough for most typefaces."""
    wide = max(WIDER * wider(paper.font), 1.0)
    return max((wide * text_width(clean_text(text), paper.size) for text in texts), default=0.0)


def row_names(labels: Sequence[str], paper: Paper) -> tuple[str, ...]:
    """Break names of rows into as many lines as a row has room for."""
    room = 0.8 * paper.height * POINTS / max(len(labels), 1)
    for width in (30, 38, 48):
        names = tuple(wrap(name, width) for name in labels)
        if lines_in(names) * 1.25 * paper.size <= room:
            return names
    return tuple(wrap(name, 60) for name in labels)
