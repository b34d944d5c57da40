"""How wide the columns of a table are on paper, and how small its letters."""

from collections.abc import Sequence

from reports.writers.shown import Cell

BOLD = 1.1
"""Width of a letter of a heading, in letters of a cell."""

PAPER = 487.0
"""Points across which a table stands on A4."""

LETTER = 0.55
"""Width of a letter as a share of its size, on the wide side."""

SETTINGS = (
    *((8.2, 10.0, 0.35), (7.6, 10.0, 0.35), (7.0, 10.0, 0.35), (6.6, 10.0, 0.35)),
    *((6.6, 10.0, 0.0), (6.6, 7.0, 0.0), (6.0, 6.0, 0.0), (5.6, 4.0, 0.0)),
)
"""Size of letters and space beside a cell in points, and the share of what columns ask for, beyond the least, that they
must have: the first that fits. The last four keep columns apart where there are many."""

NUMBER = 24
SHORT = 10
"""Numbers with their intervals, and texts, of so many letters or fewer are not broken."""

PROSE = 34
"""Letters of a line that is still read with ease; longer texts are broken."""


def column_widths(
    headings: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> tuple[list[float], float, float]:
    """Return each column's share of the width, the size of the letters and the space to both sides of a cell together.

    Parameters
    ----------
    headings
        The headings of the columns.
    rows
        The cells, row by row; a cell that spans several columns asks for no width.

    Examples
    --------
    >>> cells = [Cell("Leads and hand-off", False, False), Cell("41% (35 to 48)", True, False)]
    >>> widths, size, beside = column_widths(["Construct", "Share"], [cells])
    >>> [round(width) for width in widths], size, beside
    ([20, 16], 8.2, 10.0)
    """
    columns = _by_column(len(headings), rows)
    least = [
        max([BOLD * _longest_word(heading), *(_unbroken(cell) for cell in cells)], default=1)
        for heading, cells in zip(headings, columns, strict=True)
    ]
    wanted = [
        max([need, min(len(heading), 14), *(_wanted(cell) for cell in cells)])
        for heading, need, cells in zip(headings, least, columns, strict=True)
    ]
    asked = sum(wanted) - sum(least)
    for size, beside, enough in SETTINGS:
        spare = (PAPER - beside * len(headings)) / (LETTER * size) - sum(least)
        if spare >= enough * asked:
            break
    share = min(max(spare, 0.0) / asked, 1.0) if asked else 0.0
    space = beside / (LETTER * size)
    widths = [space + need + (want - need) * share for need, want in zip(least, wanted, strict=True)]
    return widths, size, beside


def _by_column(count: int, rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    columns: list[list[Cell]] = [[] for _ in range(count)]
    for row in rows:
        place = 0
        for cell in row:
            if cell.span == 1:
                columns[place].append(cell)
            place += cell.span
    return columns


def _longest_word(text: str) -> int:
    return max((len(part) for part in text.split()), default=1)


def _unbroken(cell: Cell) -> int:
    """Letters that stay on one line: all of a number with its interval or of a short text, else the longest word."""
    whole = NUMBER if cell.number and not cell.missing else SHORT
    return len(cell.text) if len(cell.text) <= whole else min(_longest_word(cell.text), NUMBER)


def _wanted(cell: Cell) -> float:
    """Letters across which a cell reads well: a long text asks for more, but not for as many as it has."""
    length = len(cell.text)
    return length if length <= PROSE else PROSE + 2.5 * (length - PROSE) ** 0.5
