"""Tables on slides: widths of columns, a size of letters at which all rows fit, or fewer rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.writers.fitting import text_height, word_width

SIZES = (14.0, 13.0, 12.0, 11.0)
"""Sizes of letters in points, the largest that fits is taken."""

INSET, ABOVE = 0.08, 0.045
"""Inches between a text and the edges of its cell."""

LEAST, MOST = 0.7, 5.6
"""Narrowest and widest column in inches."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as it is shown.

    Parameters
    ----------
    heads, rows
        Texts of the head and of the rows; a line break begins a new paragraph.
    numeric
        Which columns are numbers.
    shares
        Relative widths of the columns; by what stands in them where empty.
    levels
        Level of each cell, "" for none, where cells are coloured by levels.
    strong
        Columns whose first paragraph is bold.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    shares: tuple[float, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Measured:
    """How large a table is set: letters in points, columns and rows (the head first) in inches."""

    size: float
    widths: tuple[float, ...]
    heights: tuple[float, ...]


def measured(cells: Cells, width: float, height: float) -> Measured | None:
    """Return the largest setting of a table that fits a box in inches; None where none does."""
    for size in SIZES:
        widths = _widths(cells, width, size)
        heights = tuple(_row_height(row, cells, widths, size) for row in (cells.heads, *cells.rows))
        if sum(widths) <= width + 1e-6 and sum(heights) <= height:
            return Measured(size, widths, heights)
    return None


def fitting(cells: Cells, width: float, height: float) -> Iterator[Cells]:
    """Part a table by rows so that each part fits; nothing where not even one row does."""
    if not cells.rows or measured(cells, width, height) is not None:
        yield cells
        return
    if len(cells.rows) == 1:
        return
    half = (len(cells.rows) + 1) // 2
    for part in (slice(0, half), slice(half, None)):
        yield from fitting(replace(cells, rows=cells.rows[part], levels=cells.levels[part]), width, height)


def _widths(cells: Cells, width: float, size: float) -> tuple[float, ...]:
    """Give every column what its longest text needs; where that is too much, texts share what numbers leave."""
    columns = list(zip(cells.heads, *cells.rows, strict=True))
    if cells.shares:
        asked = tuple(width * share / sum(cells.shares) for share in cells.shares)
        return _with_room(asked, [_longest_word(column, size) + 2 * INSET for column in columns])
    needs = [min(max(_need(column, size, place), LEAST), MOST) for place, column in enumerate(columns)]
    # A head may be broken between its words, so that it asks for no more than its longest word.
    if sum(needs) > width:
        words = [max(_longest_word(column, size) + 2 * INSET, LEAST) for column in columns]
        spare, wanted = (
            width - sum(words),
            [max(need - word, 0.0) for need, word in zip(needs, words, strict=True)],
        )
        if spare < 0:
            return tuple(words)
        total = sum(wanted) or 1.0
        return tuple(word + spare * more / total for word, more in zip(words, wanted, strict=True))
    return tuple(needs) if sum(needs) < 0.6 * width else tuple(need * width / sum(needs) for need in needs)


def _with_room(widths: tuple[float, ...], words: Sequence[float]) -> tuple[float, ...]:
    """Widen columns to their longest word by what the others do not need; where that is too little, words break."""
    lacks = sum(max(word - width, 0.0) for word, width in zip(words, widths, strict=True))
    spare = sum(max(width - word, 0.0) for word, width in zip(words, widths, strict=True))
    if lacks == 0 or lacks > spare:
        return widths
    kept = 1 - lacks / spare
    return tuple(word + max(width - word, 0.0) * kept for word, width in zip(words, widths, strict=True))


def _need(column: Sequence[str], size: float, place: int) -> float:
    longest = max(
        (
            sum(word_width(word) + 0.3 for word in line.split())
            for text in column[1:]
            for line in text.split("\n")
        ),
        default=0.0,
    )
    head = sum(word_width(word, bold=True) + 0.3 for word in column[0].split())
    return max(longest, min(head, 12.0 if place else head)) * size / 72 + 2 * INSET


def _longest_word(column: Sequence[str], size: float) -> float:
    return (
        max((word_width(word, bold=True) for text in column for word in text.split()), default=1.0)
        * size
        / 72
    )


def _row_height(row: Sequence[str], cells: Cells, widths: Sequence[float], size: float) -> float:
    """Height of a row in inches; heads and the first paragraph of strong columns are measured in bold."""
    head = row is cells.heads
    tallest = 0.0
    for place, (text, wide) in enumerate(zip(row, widths, strict=True)):
        first, *others = text.split("\n")
        room = wide - 2 * INSET
        high = text_height([first], room, size, bold=head or place in cells.strong)
        tallest = max(tallest, high + text_height(others, room, size, bold=head))
    return tallest + 2 * ABOVE
