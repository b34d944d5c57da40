"""The cells that a native chart draws from, and the series that point to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from xlsxwriter.utility import xl_range_formula
from xlsxwriter.worksheet import Worksheet

from reports.chart import Ends, Floats, Marks
from reports.style import Role
from reports.wording import word
from reports.writers.cell_text import clean_text

MARKERS = {
    "o": "circle",
    "s": "square",
    "D": "diamond",
    "^": "triangle",
    "v": "triangle",
    "P": "x",
    "": "none",
}
DASHES = {"-": "solid", "--": "dash", ":": "round_dot"}
"""Shapes of matplotlib as Excel and PowerPoint call them; a "P" is the only cross."""

SIDES = {"left": "left", "right": "right", "above": "above", "below": "below"}


@dataclass(slots=True)
class CellBlock:
    """Columns of cells, filled from left to right under one row of headings.

    Parameters
    ----------
    sheet, name
        The sheet, and its name in formulas.
    row, column
        Where the next heading stands.
    styles
        Cell formats of headings and numbers, if any.
    """

    sheet: Worksheet
    name: str
    row: int = 0
    column: int = 0
    styles: dict[str, Any] = field(default_factory=dict)

    def put(self, heading: str, values: Sequence[float] | Sequence[str] | Floats) -> str:
        """Write one column and return the formula of its values; a missing number leaves its cell empty."""
        self.sheet.write_string(self.row, self.column, clean_text(heading), self.styles.get("heading"))
        for row, value in enumerate(values, start=self.row + 1):
            if isinstance(value, str):
                self.sheet.write_string(row, self.column, clean_text(value), self.styles.get("text"))
            elif np.isfinite(value):
                self.sheet.write_number(row, self.column, float(value), self.styles.get("number"))
        formula: str = xl_range_formula(
            self.name, self.row + 1, self.column, self.row + max(len(values), 1), self.column
        )
        self.column += 1
        return formula

    def heading(self) -> str:
        """Return the formula of the heading of the column written last, by which a series is named."""
        formula: str = xl_range_formula(self.name, self.row, self.column - 1, self.row, self.column - 1)
        return f"={formula}"


def marker_of(role: Role, size: int) -> dict[str, Any]:
    """Return a role's marker as series take it."""
    kind = MARKERS[role.marker]
    if kind == "none":
        return {"type": "none"}
    inside = pale(role.colour) if role.hollow else role.colour
    return {
        "type": kind, "size": size, "border": {"color": role.ink, "width": 1.25}, "fill": {"color": inside},
    }  # fmt: skip


def pale(colour: str) -> str:
    """Return a colour mixed with white, which shows on paper whatever a program does with outlines.

    Examples
    --------
    >>> pale("#332288")
    '#ADA7CF'
    """
    return "#" + "".join(f"{round(255 - 0.4 * (255 - part)):02X}" for part in bytes.fromhex(colour[1:]))


def line_of(role: Role, weight: float) -> dict[str, Any]:
    """Return a role's line as series and error bars take it."""
    return {"color": role.colour, "width": weight, "dash_type": DASHES[role.line]}


def error_bars(
    block: CellBlock,
    values: Floats,
    ends: Ends | None,
    role: Role,
    *,
    names: tuple[str, str],
    weight: float = 1.8,
) -> dict[str, Any]:
    """Write how far an interval reaches from its value and return the error bars that show it; none without ends."""
    if ends is None or not np.isfinite(np.concatenate(ends)).any():
        return {}
    reach = [np.nan_to_num(np.abs(values - ends[0])), np.nan_to_num(np.abs(ends[1] - values))]
    minus, plus = (block.put(name, length) for name, length in zip(names, reach, strict=True))
    return {
        "type": "custom", "minus_values": minus, "minus_data": reach[0].tolist(), "plus_values": plus,
        "plus_data": reach[1].tolist(), "end_style": 0, "line": line_of(role, weight),
    }  # fmt: skip


def texts_beside(
    texts: Sequence[str], *, position: str, font: dict[str, Any], bold: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """Return data labels with these texts; an empty text writes none."""
    return {
        "value": True,
        "position": position,
        "font": font,
        "custom": [
            {"value": label_text(text), "font": font | {"bold": place in bold}}
            if text.strip()
            else {"delete": True}
            for place, text in enumerate(texts)
        ],
    }


def label_text(text: str) -> str:
    """Make a text one that a label shows as it is: what begins with = would be taken for a formula.

    Examples
    --------
    >>> label_text("=1+1"), label_text("Trust")
    (' =1+1', 'Trust')
    """
    clean = clean_text(text)
    return f" {clean}" if clean.startswith("=") else clean


def called(marks: Marks, language: str) -> str:
    """Return what marks are called above the cells that they are drawn from, also where no key names them.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> called(Marks("", Role("#000000", "#000000", marker=""), one, one, labels=("Median 54",)), "en")
    'Median 54'
    """
    texts = {text.strip() for text in marks.labels} - {""}
    if marks.name or len(texts) == 1:
        return marks.name or texts.pop()
    if marks.role.marker:
        return word("drawn_points", language)
    return word("drawn_texts" if texts else "drawn_line", language)


def marks_series(
    block: CellBlock, marks: Marks, *, font: dict[str, Any], size: int, language: str
) -> dict[str, Any]:
    """Write the points of one role and return them as a series of a scatter chart."""
    name = called(marks, language)
    words = word("lower_end", language), word("upper_end", language)
    series: dict[str, Any] = {
        "categories": block.put(f"{name}: x", marks.x),
        "values": block.put(name, marks.y),
        "name": block.heading(),
        "marker": marker_of(marks.role, size),
        "line": line_of(marks.role, marks.weight) if marks.joined else {"none": True},
    }
    for axis, values, ends in (("x", marks.x, marks.x_ends), ("y", marks.y, marks.y_ends)):
        names = (f"{name}: {axis} − {words[0]}", f"{name}: {words[1]} − {axis}")
        bars = error_bars(block, values, ends, marks.role, names=names, weight=marks.weight)
        if bars:
            series[f"{axis}_error_bars"] = bars
    if marks.labels:
        own = font | {"color": marks.role.ink}
        series["data_labels"] = texts_beside(marks.labels, position=SIDES[marks.side], font=own)
    return series


def interval_lines(marks: Marks, along: Literal["x", "y"], name: str) -> Marks | None:
    """Return the intervals along an axis as lines with gaps between them; None where there are none.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> lines = interval_lines(Marks("", Role("#000000", "#000000"), one, one, x_ends=(one - 1, one + 1)), "x", "95%")
    >>> lines.x.tolist(), lines.y.tolist()
    ([0.0, 2.0, 2.0], [1.0, 1.0, nan])
    """
    ends, beside = (marks.x_ends, marks.y) if along == "x" else (marks.y_ends, marks.x)
    if ends is None:
        return None
    known = np.isfinite(ends[0]) & np.isfinite(ends[1])
    if not known.any():
        return None
    low, high, place = ends[0][known], ends[1][known], beside[known]
    reach, across = (np.column_stack(three).ravel() for three in ((low, high, high), (place, place, place)))
    x, y = (reach, across) if along == "x" else (across, reach)
    y[2::3] = np.nan
    role = replace(marks.role, marker="")
    return Marks(
        f"{marks.name}: {name}" if marks.name else name,
        role,
        x,
        y,
        joined=True,
        named=False,
        weight=marks.weight,
    )
