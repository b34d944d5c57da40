"""How wide the columns of a table are on paper, and how small its letters."""

from collections.abc import Sequence

from reports.writers.shown import Cell

BOLD = 1.1
"""Width of a letter of a heading, in letters of a cell."""

PAPER, TURNED = 487.0, 734.0
"""Points across which a table stands on A4, upright and turned."""

LETTER = 0.55
"""Width of a letter as a share of its size, on the wide side."""

NUMBER = 24
PIECE = 9
"""Letters of a word that stay together where words are hyphenated."""

SETTINGS = (
    *(
        (8.2, 10.0, 0.35, NUMBER),
        (7.6, 10.0, 0.35, NUMBER),
        (7.0, 10.0, 0.35, NUMBER),
        (6.6, 10.0, 0.35, NUMBER),
    ),
    *((6.6, 10.0, 0.0, NUMBER), (6.6, 7.0, 0.0, NUMBER), (6.0, 6.0, 0.0, NUMBER)),
    *((6.6, 6.0, 0.0, PIECE + 4), (6.6, 6.0, 0.0, PIECE), (6.0, 5.0, 0.0, PIECE), (5.6, 4.0, 0.0, PIECE)),
)
"""Size of letters and space beside a cell in points, the share of what columns ask for, beyond the least, that they
must have, and the letters of a word that are not broken: the first that fits. The last four hyphenate words, so that
columns stay apart where there are many."""

LARGEST = SETTINGS[0][0]
"""Points of letters where there is room."""

SHORT = 10
"""Numbers with their intervals, and texts, of so many letters or fewer are not broken."""

PROSE, SHORTEST_LINE = 34, 16
"""Letters of a line that is still read with ease; longer texts are broken, but into lines of no fewer letters."""

SMALL = 6.6
"""Points below which letters are a strain to read, so that a table is turned where it may be."""


def column_widths(
    headings: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    across: float = PAPER,
    largest: float = LARGEST,
) -> tuple[list[float], float, float, int]:
    """Return each column's share of the width, the size of letters, the space beside a cell, the longest word.

    The space is that of both sides together; longer words than the last number of letters are hyphenated.

    Parameters
    ----------
    headings
        The headings of the columns.
    rows
        The cells, row by row; a cell that spans several columns asks for no width.
    across
        Points that the table may be wide.
    largest
        Points of the letters where there is room.

    Examples
    --------
    >>> cells = [Cell("Leads and hand-off", False, False), Cell("41% (35 to 48)", True, False)]
    >>> widths, size, beside, whole = column_widths(["Construct", "Share"], [cells])
    >>> [round(width) for width in widths], size, beside, whole
    ([20, 16], 8.2, 10.0, 24)
    """
    columns = _by_column(len(headings), rows)
    desired = [
        max([min(len(heading), 14), *(_wanted(cell) for cell in cells)])
        for heading, cells in zip(headings, columns, strict=True)
    ]
    for wished, beside, enough, whole in SETTINGS:
        size = min(wished, largest)
        least = [
            max([BOLD * _longest_word(heading, whole), *(_unbroken(cell, whole) for cell in cells)])
            for heading, cells in zip(headings, columns, strict=True)
        ]
        wanted = list(map(max, least, desired))
        asked = sum(wanted) - sum(least)
        spare = (across - beside * len(headings)) / (LETTER * size) - sum(least)
        if spare >= enough * asked:
            break
    share = min(max(spare, 0.0) / asked, 1.0) if asked else 0.0
    space = beside / (LETTER * size)
    widths = [space + need + (want - need) * share for need, want in zip(least, wanted, strict=True)]
    return widths, size, beside, whole


def _by_column(count: int, rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    columns: list[list[Cell]] = [[] for _ in range(count)]
    for row in rows:
        place = 0
        for cell in row:
            if cell.span == 1:
                columns[place].append(cell)
            place += cell.span
    return columns


def _longest_word(text: str, whole: int) -> int:
    """Letters of the longest word, or of the longest piece where words of more letters than `whole` are broken."""
    return min(max((len(part) for part in text.split()), default=1), whole)


def _unbroken(cell: Cell, whole: int) -> int:
    """Letters that stay on one line: all of a number with its interval or of a short text, else the longest word."""
    fixed = NUMBER if cell.number and not cell.missing else SHORT
    if len(cell.text) <= fixed:
        return len(cell.text)
    return max(_longest_word(cell.text, whole), SHORTEST_LINE if len(cell.text) > PROSE else 1)


def _wanted(cell: Cell) -> float:
    """Letters across which a cell reads well: a long text asks for more, but not for as many as it has.

    Why a number is missing asks for no more than numbers do.
    """
    length = min(len(cell.text), NUMBER) if cell.number and cell.missing else len(cell.text)
    return length if length <= PROSE else PROSE + 2.5 * (length - PROSE) ** 0.5
