"""Statements as rows under the headings of their constructs, one line each, for figures that compare statements."""

from collections.abc import Sequence
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.figures.labels import Floats
from reports.style import SMALL_SIZE, WIDTH

CHARACTERS = 58
"""Longest label of a statement; what is longer is cut, and the table behind the figure has it whole."""

ROW = 0.178
"""Height of a row in inches: a line of small text and a little air."""

MOST_ROWS = 48
"""Rows of one figure, headings included, that a printed page holds."""


def item_label(text: str) -> str:
    """Cut the text of a statement to one line.

    Examples
    --------
    >>> item_label("Sales and marketing share at least one measure by which they are judged")
    'Sales and marketing share at least one measure by which…'
    """
    return shorten(text, CHARACTERS, placeholder="…")


def item_places(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return the row of every heading (group, "") and every statement (group, label), in the order of `frame`."""
    keys: list[tuple[str, str]] = []
    for group, rows in frame.groupby("group", sort=False):
        keys += [(str(group), ""), *((str(group), str(label)) for label in rows["label"].unique())]
    return {key: place for place, key in enumerate(keys)}


def heights(frame: pd.DataFrame, places: dict[tuple[str, str], int]) -> Floats:
    """Return the row of each line of `frame`."""
    pairs = zip(frame["group"], frame["label"], strict=True)
    return np.array([places[str(group), str(label)] for group, label in pairs], dtype=np.float64)


def item_axis(ax: Axes, places: dict[tuple[str, str], int]) -> None:
    """Make the vertical axis the list of statements, headings bold."""
    ax.set_yticks(list(places.values()), [label or group for group, label in places], fontsize=SMALL_SIZE)
    for tick, (_, label) in zip(ax.get_yticklabels(), places, strict=True):
        tick.set_fontweight("normal" if label else "bold")
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.spines[["left", "top", "right"]].set_visible(False)
    ax.tick_params(axis="y", length=0, pad=5)


def item_size(frame: pd.DataFrame, *, extra: float = 0.85) -> tuple[float, float]:
    """Return the size in inches of a figure of these statements."""
    return WIDTH, round(len(item_places(frame)) * ROW + extra, 2)


def pages(frame: pd.DataFrame) -> Sequence[pd.DataFrame]:
    """Part a frame by whole constructs, so that each part fits a printed page."""
    sizes = frame.groupby("group", sort=False)["label"].nunique() + 1
    page, filled, numbers = 0, 0, {}
    for group, size in sizes.items():
        if filled and filled + size > MOST_ROWS:
            page, filled = page + 1, 0
        filled += int(size)
        numbers[group] = page
    return [rows for _, rows in frame.groupby(frame["group"].map(numbers), sort=True)]
