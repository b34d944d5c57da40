"""Charts that Excel and PowerPoint draw themselves and people can edit: one way from a Chart to both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.chart import Chart as Drawn

from reports.chart import Axis, Bars, Floats, Marks, Part, Plane, Rows
from reports.figures.labels import lines_in, text_width, wrap
from reports.style import INK, MUTED, PAPER, RULE, Role
from reports.wording import word
from reports.writers.cell_text import clean_text
from reports.writers.chart_cells import (
    CellBlock,
    error_bars,
    interval_lines,
    label_text,
    marks_series,
    texts_beside,
)
from reports.writers.label_sides import numbered, sides_of

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
    language: str = "en"
    x_bars: bool = True

    def letters(self, colour: str = INK, *, bold: bool = False) -> dict[str, Any]:
        """Return a font as charts take it."""
        return {"name": self.font, "size": self.size, "color": colour, "bold": bold}

    def share(self, points: float, *, across: bool) -> float:
        """Return a length in points as a share of the width or the height."""
        return points / POINTS / (self.width if across else self.height)


def native_chart(workbook: Workbook, block: CellBlock, chart: Rows | Plane | Bars, paper: Paper) -> Drawn:
    """Write the cells of a chart into a sheet and return the chart that draws them.

    Parameters
    ----------
    workbook
        Where the chart will be inserted.
    block
        Where its cells are written.
    chart
        What is drawn. A grid of levels is a table, not a chart.
    paper
        Its size, typeface and language.
    """
    if isinstance(chart, Bars):
        drawn = _bars(workbook, block, chart, paper)
    elif isinstance(chart, Rows):
        drawn = _rows(workbook, block, chart, paper)
    else:
        drawn = _plane(workbook, block, chart, paper)
    drawn.set_title(NOTHING)
    drawn.set_chartarea({"border": NOTHING, "fill": NOTHING})
    return drawn


def _bars(workbook: Workbook, block: CellBlock, chart: Bars, paper: Paper) -> Drawn:
    stacked = len(chart.parts) > 1
    drawn = workbook.add_chart({"type": "bar", **({"subtype": "stacked"} if stacked else {})})
    names = [f"{name}\n{text}" if stacked and text else name for name, text in _with_texts(chart)]
    categories = block.put(word("rows", paper.language), names)
    for part in chart.parts:
        drawn.add_series(_part_series(block, part, categories, paper) | {"gap": 55, "overlap": 100})
    named = [part.name for part in chart.parts if part.name and not part.hidden]
    _key(drawn, [None if part.hidden or not part.name else part.name for part in chart.parts], paper)
    right = 0.03
    if chart.texts and not stacked:
        drawn.add_series(_texts_series(block, chart, categories, paper))
        right = paper.share(_widest(chart.texts, paper) + 16, across=True)
    left = min(paper.share(_widest([wrap(name) for name in names], paper) + 14, across=True), WIDEST_LABELS)
    _layout(drawn, left=left, right=right, axis=chart.axis, paper=paper, key=bool(named))
    line = {"color": MUTED, "width": 0.75}
    names_axis = {"reverse": True, "num_font": paper.letters(), "line": line, "major_tick_mark": "none"} | {
        "minor_tick_mark": "none"
    }
    drawn.set_y_axis(names_axis | {"major_gridlines": {"visible": False}})
    drawn.set_x_axis(_axis(chart.axis, paper) | {"label_position": "high"})
    return drawn


def _with_texts(chart: Bars) -> list[tuple[str, str]]:
    texts = chart.texts or ("",) * len(chart.labels)
    return list(zip(chart.labels, texts, strict=True))


def _part_series(block: CellBlock, part: Part, categories: str, paper: Paper) -> dict[str, Any]:
    """Return one part of the bars; a hollow one is hatched, a hidden one not to be seen."""
    name = part.name or "–"
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
    heading = chart.heading or "–"
    values = block.put(heading, [high] * len(chart.labels))
    labels = texts_beside(chart.texts, position="outside_end", font=paper.letters())
    return {
        "name": block.heading(), "categories": categories, "values": values, "fill": NOTHING, "border": NOTHING,
        "data_labels": labels,
    }  # fmt: skip


def _rows(workbook: Workbook, block: CellBlock, chart: Rows, paper: Paper) -> Drawn:
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
    names = _row_names(chart.labels, paper)
    nobody = Role(INK, INK, marker="")
    places = np.arange(count, dtype=float)[::-1]
    beside = [Marks("", nobody, np.full(count, low), places, labels=names, side="left", named=False)]
    if chart.texts:
        beside.append(Marks("", nobody, np.full(count, high), places, labels=chart.texts, named=False))
    if chart.heading:
        above = Role(MUTED, MUTED, marker="")
        at = np.array([high]), np.array([count - 0.15])
        guides.append(Marks("", above, *at, labels=(chart.heading,), named=False))
    everything = _ordered([*beside, *guides, *_with_lines(shown, paper)])
    _add_marks(drawn, block, everything, paper, size=8 if count <= 14 else 6)
    if chart.headings:
        _embolden(drawn, everything.index(beside[0]), chart.headings)
    _key(drawn, [marks.name if marks.named else None for marks in everything], paper)
    left = min(paper.share(_widest(names, paper) + 14, across=True), WIDEST_LABELS)
    right = paper.share(_widest((*chart.texts, chart.heading), paper) + 16, across=True)
    named = any(marks.named for marks in shown)
    _layout(
        drawn,
        left=left,
        right=max(right, 0.03),
        axis=chart.axis,
        paper=paper,
        key=named or bool(chart.heading),
    )
    drawn.set_x_axis(_axis(replace(chart.axis, low=low, high=high), paper))
    top = count - 0.5 + (0.7 if chart.heading else 0.0)
    drawn.set_y_axis(
        {"min": -0.5, "max": top, "major_unit": 1, "crossing": -0.5, "label_position": "none", "line": NOTHING,
         "major_tick_mark": "none", "minor_tick_mark": "none", "major_gridlines": GRID}
    )  # fmt: skip
    return drawn


def _with_lines(marks: Sequence[Marks], paper: Paper) -> list[Marks]:
    """Draw intervals along x as lines where error bars would be lost; what has no marker is then a line alone."""
    if paper.x_bars:
        return list(marks)
    lines = [interval_lines(each, word("interval", paper.language)) for each in marks]
    points = [
        each if line is None else replace(each, x_ends=None) for each, line in zip(marks, lines, strict=True)
    ]
    return [
        *filter(None, lines),
        *(each for each in points if each.role.marker or each.joined or each.labels or each.y_ends),
    ]


def _ordered(marks: Sequence[Marks]) -> list[Marks]:
    """Put the longest first: some programs lose the points of a series that is shorter than a later one."""
    return sorted(marks, key=lambda each: -len(each.x))


def _row_names(labels: Sequence[str], paper: Paper) -> tuple[str, ...]:
    """Break names of rows into as many lines as a row has room for."""
    room = 0.8 * paper.height * POINTS / max(len(labels), 1)
    for width in (30, 38, 48):
        names = tuple(wrap(name, width) for name in labels)
        if lines_in(names) * 1.25 * paper.size <= room:
            return names
    return tuple(wrap(name, 60) for name in labels)


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


def _plane(workbook: Workbook, block: CellBlock, chart: Plane, paper: Paper) -> Drawn:
    drawn = workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    left = 0.03 if not chart.y.shown else paper.share(44 + 1.6 * paper.size, across=True)
    marks: list[Marks] = list(chart.marks)
    listed: tuple[Marks, ...] = ()
    crowded = max((len(each.labels) for each in marks if not each.joined and each.role.marker), default=0) > 1
    right = 0.04
    if crowded:
        room = (paper.width * (1 - left - right) * POINTS, paper.height * 0.75 * POINTS)
        placed = sides_of(marks, chart.x, chart.y, room=room, size=paper.size)
        marks, listed = (placed, ()) if placed is not None else numbered(marks, chart.x, chart.y)
    names = [each for each in marks if each.joined and each.labels and each.side == "right"]
    if listed:
        right = paper.share(
            _widest([wrap(text, 30) for each in listed for text in each.labels], paper) + 16, across=True
        )
    elif names and chart.y.shown:
        right = max(
            right,
            paper.share(_widest([text for each in names for text in each.labels], paper) + 10, across=True),
        )
    everything = _ordered([*_with_lines(marks, paper), *listed])
    dots = max(len(each.x) for each in everything)
    size = 9 if dots <= 60 else 6 if dots <= 250 else 4
    _add_marks(drawn, block, everything, paper, size=size)
    _key(drawn, [each.name if each.named and each.name else None for each in everything], paper)
    key = any(each.named and each.name for each in marks) or not chart.y.shown
    _layout(drawn, left=left, right=min(right, 0.4), axis=chart.x, paper=paper, key=key)
    drawn.set_x_axis(
        _axis(chart.x, paper) | {"major_gridlines": {"visible": False}, "line": {"color": MUTED}}
    )
    up = (
        _axis(chart.y, paper)
        if chart.y.shown
        else {"min": chart.y.low, "max": chart.y.high, "visible": False}
    )
    drawn.set_y_axis(up | {"major_gridlines": GRID if chart.y.shown else {"visible": False}})
    return drawn


def _add_marks(drawn: Drawn, block: CellBlock, marks: Sequence[Marks], paper: Paper, *, size: int) -> None:
    words = (word("lower_end", paper.language), word("upper_end", paper.language))
    for each in marks:
        drawn.add_series(marks_series(block, each, font=paper.letters(), size=size, words=words))


def _axis(axis: Axis, paper: Paper) -> dict[str, Any]:
    """Return a value axis: its ends, its ticks, its name."""
    if not axis.shown:
        return {"visible": False, "min": axis.low, "max": axis.high, "major_gridlines": {"visible": False}}
    options: dict[str, Any] = {
        "num_font": paper.letters(MUTED), "num_format": '0.######"%"' if axis.percent else "0.######",
        "line": NOTHING, "major_gridlines": GRID, "major_tick_mark": "none", "minor_tick_mark": "none",
        "label_position": "low",
    }  # fmt: skip
    if axis.step is not None and float(axis.step).is_integer():
        options["num_format"] = '0"%"' if axis.percent else "0"
    elif axis.step is not None:
        places = "0" * max(1, int(np.ceil(-np.log10(axis.step) - 1e-9)))
        options["num_format"] = f'0.{places}"%"' if axis.percent else f"0.{places}"
    if axis.label:
        options |= {"name": label_text(axis.label), "name_font": paper.letters(MUTED)}
    limits = {"min": axis.low, "max": axis.high, "major_unit": axis.step}
    return options | {name: value for name, value in limits.items() if value is not None}


def _key(drawn: Drawn, names: Sequence[str | None], paper: Paper) -> None:
    """Show a key above the chart that names those series that have a name."""
    hidden = [place for place, name in enumerate(names) if name is None]
    if len(hidden) == len(names):
        drawn.set_legend(NOTHING)
    else:
        layout = {"x": 0.02, "y": 0.0, "width": 0.96, "height": paper.share(2.0 * paper.size, across=False)}
        drawn.set_legend(
            {"position": "top", "delete_series": hidden, "font": paper.letters(), "layout": layout}
        )


def _layout(drawn: Drawn, *, left: float, right: float, axis: Axis, paper: Paper, key: bool) -> None:
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


def _widest(texts: Sequence[str], paper: Paper) -> float:
    return max((text_width(clean_text(text), paper.size) for text in texts), default=0.0)
