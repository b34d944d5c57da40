"""Text fitted into a box: lines counted with the measures of a typeface, a size chosen, cut as a last resort."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from reports.figures.labels import text_width

LINE = 1.2
"""Distance of two lines, in text sizes."""

WIDER, WIDER_BOLD = 0.97, 1.02
"""Width of Arial's letters in those of the letters measured, with a margin of 3% for how programs set them."""

POINTS = 72

CHARACTER, CELL_SIZE = 7 / 96, 10
"""Inches of a character as widths of columns of a spreadsheet count them; points of letters in its cells."""

WIDE = 1.2
"""How much wider than those of Arial the letters of an unknown typeface are taken to be: as wide as Verdana's."""

KNOWN_WIDTHS = {
    "arial": 1.0, "helvetica": 1.0, "helvetica neue": 1.0, "liberation sans": 1.0, "segoe ui": 1.0, "tahoma": 1.02,
    "calibri": 0.92, "carlito": 0.92, "times new roman": 0.92, "georgia": 1.06, "trebuchet ms": 1.0, "inter": 1.1,
    "open sans": 1.08, "noto sans": 1.08, "roboto": 1.0, "verdana": 1.2, "dejavu sans": 1.17,
}  # fmt: skip
"""Widths of usual typefaces in those of Arial; the same on every machine, whatever typefaces it has."""


def wider(family: str) -> float:
    """Return how much wider than those of Arial the letters of a typeface run, at least 1.

    Examples
    --------
    >>> wider("Arial"), wider("Calibri"), wider("Nobody Knows")
    (1.0, 1.0, 1.2)
    """
    return max(KNOWN_WIDTHS.get(family.strip().lower(), WIDE), 1.0)


@lru_cache(maxsize=20000)
def word_width(word: str, *, bold: bool = False) -> float:
    """Width of a word at a size of one point; letters of the east take a whole square."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in word)
    shown = WIDER_BOLD if bold else WIDER
    return shown * text_width(word, 100.0, bold=bold) / 100 + wide * 0.5


def lines_needed(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """Return how many lines a text takes.

    Parameters
    ----------
    text
        Its own line breaks are kept.
    width
        In inches.
    size
        In points.

    Examples
    --------
    >>> lines_needed("one", 2.0, 12), lines_needed("one two three four five six", 1.0, 12)
    (1, 3)
    """
    room = width * POINTS / size + 1e-6
    space = word_width("n n", bold=bold) - word_width("nn", bold=bold)
    count = 0
    for line in text.split("\n"):
        filled, count = 0.0, count + 1
        for word in line.split():
            length = word_width(word, bold=bold)
            if filled and filled + space + length > room:
                count, filled = count + 1, 0.0
            # A word longer than the line is broken where the line ends.
            broken = int(length // room) if length > room else 0
            count, filled = count + broken, filled + (space if filled else 0.0) + length - broken * room
    return count


def cell_lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a cell of a spreadsheet, in Arial of 10 points or Calibri of 11.

    Parameters
    ----------
    text
        What the cell says.
    width
        Of its columns, in characters.

    Examples
    --------
    >>> cell_lines("short", 46), cell_lines("word " * 20, 46)
    (1, 3)
    """
    return lines_needed(text, CHARACTER * width, CELL_SIZE)


def text_height(
    texts: Sequence[str], width: float, size: float, *, bold: bool = False, between: float = 0.0
) -> float:
    """Height of paragraphs in inches, with `between` points after each but the last."""
    lines = sum(lines_needed(text, width, size, bold=bold) for text in texts)
    return (lines * LINE * size + between * max(len(texts) - 1, 0)) / POINTS


def fitted(
    text: str, width: float, height: float, *, sizes: Sequence[float], bold: bool = False
) -> tuple[str, float]:
    """Return a text and the largest of `sizes` at which it fits; at the smallest it is cut after a word.

    Examples
    --------
    >>> fitted("Short", 3.0, 0.5, sizes=(24, 18))
    ('Short', 24)
    >>> fitted("many words that are far too long for this box", 1.0, 0.4, sizes=(12,))
    ('many words that are far…', 12)
    """
    for size in sizes:
        if text_height([text], width, size, bold=bold) <= height:
            return text, size
    return shortened(text, width, height, sizes[-1], bold=bold), sizes[-1]


def shortened(text: str, width: float, height: float, size: float, *, bold: bool = False) -> str:
    """Cut a text after the last word with which it fits, and say so with an ellipsis."""
    words = text.split()
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_height([" ".join(words[:middle]) + "…"], width, size, bold=bold) <= height
        low, high = (middle, high) if fits else (low, middle - 1)
    if low:
        return text if low == len(words) else " ".join(words[:low]).rstrip(",;:.") + "…"
    letters = max(int(width * POINTS / size / 0.7), 1)
    return text[:letters] + "…" if len(text) > letters else text
