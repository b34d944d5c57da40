"""Crosstab books as one HTML page: a table per question, readable by machine and in print."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from reports.crosstab_book import Book, Line, grouped
from reports.tables import number_text
from reports.theme import PLAIN, Theme
from reports.wording import word
from reports.writers.html import dress, rendered
from survey.language import digits, look_up, mark, speaking, spoken

WITHHELD = "–"

WORDS = {
    "crosstabs": mark("crosstabs"),
    "skip": mark("Skip to the tables"),
    "lead": mark("Crosstabs of the answers. The same tables, as numbers, are in crosstabs.xlsx."),
    "tables": mark("Tables"),
    "how": mark("How to read the tables"),
    "scrolls": mark("scrolls sideways"),
    "answer": mark("Answer"),
}
"""Fixed words of the page."""


def write_crosstab_page(
    books: Sequence[Book], path: Path, *, title: str, language: str = "", theme: Theme = PLAIN
) -> None:
    """Write books of crosstabs as one self-contained page.

    Parameters
    ----------
    books
        The books, in order.
    path
        The file to write; its folder must exist.
    title, language, theme
        Title of the study; language of the words, if not the one that is being written; how the page is dressed.

    Raises
    ------
    InputError
        If a template of the theme fails.
    OSError
        If the file cannot be written.
    """
    page = to_crosstab_page(books, title=title, language=language, theme=theme)
    path.write_text(page, encoding="utf-8", errors="replace", newline="\n")


def to_crosstab_page(books: Sequence[Book], *, title: str, language: str = "", theme: Theme = PLAIN) -> str:
    """Return books of crosstabs as HTML text; the same books give the same text."""
    with speaking(language or spoken()):
        values = {
            "title": title,
            "books": [(book, heads(book.columns), grouped(book)) for book in books],
            "cell": cell_text,
            "language": spoken().replace("_", "-"),
            "words": {key: look_up(text) for key, text in WORDS.items()} | {"logo": word("logo")},
            "look_up": look_up,
            **dress(theme),
        }
        return rendered("crosstabs.html.j2", values, folder=theme.templates)


def heads(columns: pd.DataFrame) -> list[tuple[str, int]]:
    """Return each head of a banner with how many columns it spans.

    Examples
    --------
    >>> heads(pd.DataFrame({"head": ["Total", "Size", "Size"]}))
    [('Total', 1), ('Size', 2)]
    """
    return [(head, len(list(members))) for head, members in groupby(columns["head"])]


def cell_text(line: Line, place: int, *, small: bool = False) -> str:
    """Write a number as people read it; a dash where it is withheld.

    Examples
    --------
    >>> line = Line("Agree", "percent", (41.6, float("nan")), ("B", ""))
    >>> cell_text(line, 0), cell_text(line, 1), cell_text(Line("n", "count", (12.0,), ("",)), 0, small=True)
    ('42%', '–', '12*')
    """
    value = line.values[place]
    if np.isnan(value):
        return WITHHELD
    if line.unit in ("mean", "error"):
        return digits(value, ".2f")
    text = number_text(value, "percent" if line.unit == "percent" else "count")
    return f"{text}*" if small else text
