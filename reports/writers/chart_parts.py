"""Long charts parted, so that each part can be read: whole rows, headings with the rows below them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reports.chart import Bars, Chart, Ends, Grid, Marks, Part, Rows

MOST_ROWS = 16
"""Rows of a chart that can be read across a room."""


def parts_of(chart: Chart, *, most: int = MOST_ROWS) -> list[Chart]:
    """Return charts of at most `most` rows each, about equally long; a plane has no rows and stays whole.

    Examples
    --------
    >>> from reports.chart import Axis
    >>> chart = Bars(tuple("abcde"), Axis(), (Part("n", np.arange(5.0)),))
    >>> [part.labels for part in parts_of(chart, most=3)]
    [('a', 'b', 'c'), ('d', 'e')]
    """
    if not isinstance(chart, Rows | Bars | Grid) or len(chart.labels) <= most:
        return [chart]
    headings = chart.headings if isinstance(chart, Rows) else frozenset()
    pieces = _pieces(len(chart.labels), headings, most)
    return [_piece(chart, rows) for rows in pieces]


def _pieces(count: int, headings: frozenset[int], most: int) -> list[range]:
    """Cut rows where a heading begins, if there is one near, so that no part is longer than `most`."""
    found: list[range] = []
    start = 0
    while start < count:
        parts = int(np.ceil((count - start) / most))
        stop = min(start + int(np.ceil((count - start) / parts)), count)
        before = [row for row in headings if start < row <= stop]
        if headings and stop < count and before:
            after = [row for row in headings if stop <= row <= start + most]
            stop = min(after) if after else max(before)
        found.append(range(start, stop))
        start = stop
    return found


def _piece(chart: Rows | Bars | Grid, rows: range) -> Chart:
    cut = slice(rows.start, rows.stop)
    if isinstance(chart, Grid):
        return replace(chart, labels=chart.labels[cut], texts=chart.texts[cut], levels=chart.levels[cut])
    if isinstance(chart, Bars):
        parts = tuple(_part(part, cut) for part in chart.parts)
        return replace(chart, labels=chart.labels[cut], parts=parts, texts=chart.texts[cut])
    return replace(
        chart, labels=chart.labels[cut], texts=chart.texts[cut], marks=tuple(_marks(chart.marks, rows)),
        headings=frozenset(row - rows.start for row in chart.headings if row in rows),
    )  # fmt: skip


def _part(part: Part, cut: slice) -> Part:
    ends = part.ends and (part.ends[0][cut], part.ends[1][cut])
    return replace(part, values=part.values[cut], ends=ends, labels=part.labels[cut], roles=part.roles[cut])


def _marks(marks: Sequence[Marks], rows: range) -> list[Marks]:
    """Keep the points of these rows; a point may stand a little above or below the middle of its row."""
    found = []
    for each in marks:
        at = (each.y > rows.start - 0.5) & (each.y < rows.stop - 0.5)
        labels = tuple(text for text, here in zip(each.labels, at, strict=False) if here)
        found.append(
            replace(
                each, x=each.x[at], y=each.y[at] - rows.start, labels=labels, x_ends=_kept(each.x_ends, at),
                y_ends=_kept(each.y_ends, at),
            )
        )  # fmt: skip
    return found


def _kept(ends: Ends | None, at: np.ndarray) -> Ends | None:
    return ends and (ends[0][at], ends[1][at])
