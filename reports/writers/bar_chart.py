"""Bars that lie down, as Excel and PowerPoint draw them themselves."""

from typing import Any

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart as Drawn

from reports.chart import Bars, Part
from reports.style import INK, MUTED, PAPER, Role
from reports.wording import word
from reports.writers.chart_cells import (
    CellBlock,
    error_bars,
    texts_beside,
)
from reports.writers.chart_paper import (
    NOTHING,
    WIDEST_LABELS,
    Paper,
    axis_options,
    row_names,
    set_key,
    set_layout,
    widest,
)


def bar_chart(workbook: Workbook, block: CellBlock, chart: Bars, paper: Paper) -> Drawn:
    """Draw bars from the top down, with their intervals and a text beside each."""
    stacked, gap = len(chart.parts) > 1, 55 if len(chart.labels) > 3 else 110
    drawn = workbook.add_chart({"type": "bar", **({"subtype": "stacked"} if stacked else {})})
    names = [f"{name}\n{text}" if stacked and text else name for name, text in _with_texts(chart)]
    categories = block.put(word("rows", paper.language), names)
    for part in chart.parts:
        drawn.add_series(_part_series(block, part, categories, paper) | {"gap": gap, "overlap": 100})
    named = [part.name for part in chart.parts if part.name and not part.hidden]
    set_key(drawn, [None if part.hidden or not part.name else part.name for part in chart.parts], paper)
    right = 0.03
    if chart.texts and not stacked:
        drawn.add_series(_texts_series(block, chart, categories, paper))
        right = paper.share(widest(chart.texts, paper) + 16, across=True)
    left = min(paper.share(widest(row_names(names, paper), paper) + 14, across=True), WIDEST_LABELS)
    set_layout(drawn, left=left, right=right, axis=chart.axis, paper=paper, key=bool(named))
    line = {"color": MUTED, "width": 0.75}
    names_axis = {
        "reverse": True, "interval_unit": 1, "num_font": paper.letters(), "line": line, "major_tick_mark": "none",
        "minor_tick_mark": "none",
    }  # fmt: skip
    drawn.set_y_axis(names_axis | {"major_gridlines": {"visible": False}})
    drawn.set_x_axis(axis_options(chart.axis, paper) | {"label_position": "high"})
    return drawn


def _with_texts(chart: Bars) -> list[tuple[str, str]]:
    texts = chart.texts or ("",) * len(chart.labels)
    return list(zip(chart.labels, texts, strict=True))


def _part_series(block: CellBlock, part: Part, categories: str, paper: Paper) -> dict[str, Any]:
    """Return one part of the bars; a hollow one is hatched, a hidden one not to be seen."""
    name = part.name or word("drawn_bars", paper.language)
    values = block.put(name, part.values)
    series: dict[str, Any] = {"name": block.heading(), "categories": categories, "values": values}
    if part.hidden:
        return series | {"fill": NOTHING, "border": NOTHING}
    series |= _fill(part.role)
    if part.roles:
        series["points"] = [_fill(role) for role in part.roles]
    ink = Role(INK, INK)
    ends = (word("lower_end", paper.language), word("upper_end", paper.language))
    names = (f"{name} − {ends[0]}", f"{ends[1]} − {name}")
    bars = error_bars(block, part.values, part.ends, ink, names=names, weight=1.75)
    if bars:
        # Bars that lie down have their values along the axis that the library calls y.
        series["y_error_bars"] = bars | {"end_style": 1}
    if part.labels:
        series["data_labels"] = texts_beside(
            part.labels, position="center", font=paper.letters(part.role.ink)
        )
    return series


def _fill(role: Role) -> dict[str, Any]:
    if role.hollow:
        pattern = {"pattern": "wide_upward_diagonal", "fg_color": role.colour, "bg_color": PAPER}
        return {"pattern": pattern, "border": {"color": role.colour, "width": 0.75}}
    return {"fill": {"color": role.colour}, "border": NOTHING}


def _texts_series(block: CellBlock, chart: Bars, categories: str, paper: Paper) -> dict[str, Any]:
    """Return bars that are not to be seen and reach the end of the axis, where the texts of the rows stand."""
    high = chart.axis.high if chart.axis.high is not None else float(np.nanmax(chart.parts[0].values))
    heading = chart.heading or word("drawn_texts", paper.language)
    values = block.put(heading, [high] * len(chart.labels))
    labels = texts_beside(chart.texts, position="outside_end", font=paper.letters())
    return {
        "name": block.heading(), "categories": categories, "values": values, "fill": NOTHING, "border": NOTHING,
        "data_labels": labels,
    }  # fmt: skip
