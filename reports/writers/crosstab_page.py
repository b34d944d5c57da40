"""Crosstab books as one HTML page: a table per question, readable by machine and in print."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from reports.crosstab_book import Book, Line, grouped
from reports.tables import number_text
from reports.writers.html import environment
from reports.writers.shown import CONTROL

WITHHELD = "–"


def write_crosstab_page(books: Sequence[Book], path: Path, *, title: str) -> None:
    """Write books of crosstabs as one self-contained page.

    Parameters
    ----------
    books
        The books, in order.
    path
        The file to write; its folder must exist.
    title
        Title of the study.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.write_text(to_crosstab_page(books, title=title), encoding="utf-8", errors="replace", newline="\n")


def to_crosstab_page(books: Sequence[Book], *, title: str) -> str:
    """Return books of crosstabs as HTML text; the same books give the same text."""
    template = environment().get_template("crosstabs.html.j2")
    page = template.render(
        title=title,
        books=[(book, heads(book.columns), grouped(book)) for book in books],
        cell=cell_text,
    )
    return CONTROL.sub("\ufffd", page)


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
        return f"{value:.2f}"
    text = number_text(value, "percent" if line.unit == "percent" else "count")
    return f"{text}*" if small else text
