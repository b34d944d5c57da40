"""Points in rows and in a plane, as Excel and PowerPoint draw them themselves."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart as Drawn

from reports.chart import Axis, Floats, Marks, Plane, Rows
from reports.figures.labels import wrap
from reports.style import INK, MUTED, Role
from reports.wording import word
from reports.writers.chart_cells import (
    CellBlock,
    interval_lines,
    marks_series,
)
from reports.writers.chart_paper import (
    GRID,
    NOTHING,
    POINTS,
    WIDEST_LABELS,
    Paper,
    axis_options,
    row_names,
    set_key,
    set_layout,
    widest,
)
from reports.writers.label_sides import NEAR, numbered, shared, sides_of


def row_chart(workbook: Workbook, block: CellBlock, chart: Rows, paper: Paper) -> Drawn:
    """Draw rows as a scatter, the first on top; names and texts are labels of points that are not to be seen."""
    drawn = workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    count = len(chart.labels)
    low, high = _reach(chart.axis, chart.marks)
    shown = [_turned(marks, count) for marks in chart.marks]
    bounds = np.array([-0.5, count - 0.5])
    lines = [*(chart.band or ()), *([0.0] if chart.axis.zero else ())]
    guides = [
        Marks("", Role(MUTED, MUTED, marker="", line="-" if at == 0 else ":"), np.array([at, at]), bounds, joined=True,
              named=False, weight=1.0)
        for at in lines
    ]  # fmt: skip
    names = row_names(chart.labels, paper)
    nobody = Role(INK, INK, marker="")
    places = np.arange(count, dtype=float)[::-1]
    beside = [Marks("", nobody, np.full(count, low), places, labels=names, side="left", named=False)]
    if chart.texts:
        apart = tuple(f"\u2002\u2002{text}" for text in chart.texts)
        beside.append(Marks("", nobody, np.full(count, high), places, labels=apart, named=False))
    if chart.heading:
        above = Role(MUTED, MUTED, marker="")
        at = np.array([high]), np.array([count - 0.15])
        guides.append(Marks("", above, *at, labels=(chart.heading,), named=False))
    everything = _ordered([*beside, *guides, *_with_lines(shown, paper)])
    _add_marks(drawn, block, everything, paper, size=8 if count <= 14 else 6)
    if chart.headings:
        _embolden(drawn, everything.index(beside[0]), chart.headings)
    set_key(drawn, [marks.name if marks.named else None for marks in everything], paper)
    left = min(paper.share(widest(names, paper) + 14, across=True), WIDEST_LABELS)
    right = paper.share(widest((*chart.texts, chart.heading), paper) + 16, across=True)
    named = any(marks.named for marks in shown)
    set_layout(
        drawn,
        left=left,
        right=max(right, 0.03),
        axis=chart.axis,
        paper=paper,
        key=named or bool(chart.heading),
    )
    drawn.set_x_axis(axis_options(replace(chart.axis, low=low, high=high), paper))
    top = count - 0.5 + (0.7 if chart.heading else 0.0)
    drawn.set_y_axis(
        {"min": -0.5, "max": top, "major_unit": 1, "crossing": -0.5, "label_position": "none", "line": NOTHING,
         "major_tick_mark": "none", "minor_tick_mark": "none", "major_gridlines": GRID}
    )  # fmt: skip
    return drawn


def plane_chart(workbook: Workbook, block: CellBlock, chart: Plane, paper: Paper) -> Drawn:
    """Draw points over two axes; labels that find no room become numbers with a list."""
    drawn = workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    left = 0.03 if not chart.y.shown else paper.share(44 + 1.6 * paper.size, across=True)
    right = 0.04
    room = (paper.width * (1 - left - right) * POINTS, paper.height * 0.75 * POINTS)
    marks, listed = _labelled(chart, room, paper.size)
    names = [
        each
        for each in marks
        if (each.joined or not each.role.marker) and each.labels and each.side == "right"
    ]
    if listed:
        right = paper.share(
            widest([wrap(text, 30) for each in listed for text in each.labels], paper) + 16, across=True
        )
    elif names and chart.y.shown:
        right = max(
            right,
            paper.share(widest([text for each in names for text in each.labels], paper) + 10, across=True),
        )
    everything = _ordered([*_with_lines(marks, paper), *listed])
    dots = max(len(each.x) for each in everything)
    size = 9 if dots <= 60 else 6 if dots <= 250 else 4
    _add_marks(drawn, block, everything, paper, size=size)
    set_key(drawn, [each.name if each.named and each.name else None for each in everything], paper)
    key = any(each.named and each.name for each in marks) or not chart.y.shown
    set_layout(drawn, left=left, right=min(right, 0.4), axis=chart.x, paper=paper, key=key)
    drawn.set_x_axis(
        axis_options(chart.x, paper)
        | {"major_gridlines": {"visible": False}, "line": {"color": MUTED}}
        | ({"label_position": "high"} if chart.y.down else {})
    )
    up = (
        axis_options(chart.y, paper)
        if chart.y.shown
        else {"min": chart.y.low, "max": chart.y.high, "visible": False}
    )
    drawn.set_y_axis(up | {"major_gridlines": GRID if chart.y.shown else {"visible": False}})
    return drawn


def _labelled(chart: Plane, room: tuple[float, float], size: float) -> tuple[list[Marks], tuple[Marks, ...]]:
    """Place the labels of points beside each other; where they find no room, number them, and return the list."""
    marks: list[Marks] = list(chart.marks)
    if max((len(each.labels) for each in marks if not each.joined and each.role.marker), default=0) <= 1:
        return marks, ()
    placed = sides_of(marks, chart.x, chart.y, room=room, size=size)
    if placed is not None:
        return placed, ()
    numbers, listed = numbered(marks, chart.x, chart.y)
    ways = (numbers, *(shared(numbers, chart.x, chart.y, room=room, near=near) for near in NEAR))
    found = (sides_of(way, chart.x, chart.y, room=room, size=size) for way in ways)
    return next(filter(None, found), numbers), listed


def _with_lines(marks: Sequence[Marks], paper: Paper) -> list[Marks]:
    """Draw intervals as lines where error bars would be lost: along x, and of what has no points of its own."""
    if paper.x_bars:
        return list(marks)
    said = word("interval", paper.language)
    bare = [each for each in marks if not (each.role.marker or each.joined or each.labels)]
    lines = [interval_lines(each, "x", said) for each in marks]
    lines += [interval_lines(each, "y", said) for each in bare]
    points = [
        each if line is None else replace(each, x_ends=None) for each, line in zip(marks, lines, strict=False)
    ]
    return [*filter(None, lines), *(each for each, own in zip(points, marks, strict=True) if own not in bare)]


def _ordered(marks: Sequence[Marks]) -> list[Marks]:
    """Put the longest first: some programs lose the points of a series that is shorter than a later one."""
    return sorted(marks, key=lambda each: -len(each.x))


def _embolden(drawn: Drawn, place: int, headings: frozenset[int]) -> None:
    """Set the names of headings in bold."""
    labels = drawn.series[place]["labels"]["custom"]
    for heading in headings:
        if labels[heading] and labels[heading].get("font"):
            labels[heading]["font"]["bold"] = 1


def _turned(marks: Marks, count: int) -> Marks:
    """Count rows from below, as the axes of charts do."""
    return replace(marks, y=count - 1 - marks.y)


def _reach(axis: Axis, marks: Sequence[Marks]) -> tuple[float, float]:
    found: Floats = np.concatenate(
        [np.concatenate([each.x, *(each.x_ends or ())]) for each in marks] or [np.zeros(1)]
    )
    known = found[np.isfinite(found)]
    low = axis.low if axis.low is not None else float(known.min(initial=0.0))
    high = axis.high if axis.high is not None else float(known.max(initial=1.0))
    return low, high


def _add_marks(drawn: Drawn, block: CellBlock, marks: Sequence[Marks], paper: Paper, *, size: int) -> None:
    for each in marks:
        drawn.add_series(marks_series(block, each, font=paper.letters(), size=size, language=paper.language))
