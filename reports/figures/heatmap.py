"""Constructs against checks of their measurement, in three levels, with the value in every cell."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from reports.chart import Grid
from reports.figures.charting import keep_chart, spoken
from reports.figures.labels import wrap
from reports.figures.marks import checked
from reports.style import INK, MUTED, PAPER, SMALL_SIZE
from reports.wording import word

LEVELS: dict[str, tuple[str, str]] = {
    "weak": ("#F6C9A8", "▼"),
    "fair": ("#E9ECF0", "●"),
    "good": ("#BFDDF0", "▲"),
}
"""Colour and symbol of each level, from the worst to the best."""

CHARACTERS, FEWEST = 72, 12
"""Letters of headings beside one another, and the fewest that a line of one may have."""


def heatmap(ax: Axes, frame: pd.DataFrame, *, language: str = "") -> Axes:
    """Draw a grid of levels; colour, symbol and the value in words say the same.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for(labels, extra=1.3)` has the right height.
    frame
        One row per cell: ``label`` (row), ``check`` (column), ``level`` ("good", "fair", "weak", or
        missing where the check cannot be made), ``text`` (the value as written), in order.
    language
        Language of the levels.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, names an unknown level or a cell twice.
    """
    cells = _checked_cells(frame)
    labels, checks = (cells[name].drop_duplicates().tolist() for name in ("label", "check"))
    codes = cells.assign(code=cells["level"].map(list(LEVELS).index, na_action="ignore").astype(float))
    grid = codes.pivot_table("code", "label", "check", aggfunc="first", dropna=False)
    grid = grid.reindex(index=labels, columns=checks)
    sns.heatmap(
        grid, ax=ax, vmin=0, vmax=len(LEVELS) - 1, cbar=False, linewidths=2.5, linecolor=PAPER,
        xticklabels=False, yticklabels=False,
        cmap=ListedColormap([colour for colour, _ in LEVELS.values()]),
    )  # fmt: skip
    _cell_texts(ax, cells, labels, checks, language=language)
    headings = [wrap(check, line_characters(len(checks))) for check in checks]
    ax.set_xticks(np.arange(len(checks)) + 0.5, headings, rotation=0)
    ax.set_yticks(np.arange(len(labels)) + 0.5, [wrap(label) for label in labels], rotation=0)
    ax.tick_params(length=0, labeltop=True, labelbottom=False, labelsize=SMALL_SIZE, labelcolor=INK)
    ax.set(ylabel="")
    key = "     ".join(f"{symbol} {word(level, language)}" for level, (_, symbol) in reversed(LEVELS.items()))
    ax.set_xlabel(key, labelpad=8, color=MUTED, fontsize=SMALL_SIZE)
    keep_chart(ax, _grid(cells, labels, checks, key=key, language=language))
    return ax


def _grid(
    cells: pd.DataFrame, labels: Sequence[str], checks: Sequence[str], *, key: str, language: str
) -> Grid:
    """Return every cell with its symbol and value; cells that nobody made are empty."""
    found = {(row["label"], row["check"]): row for row in cells.to_dict("records")}
    texts = [[_cell_text(found.get((label, check)), language) for check in checks] for label in labels]
    levels = [[_level(found.get((label, check))) for check in checks] for label in labels]
    rows = tuple(map(tuple, texts)), tuple(map(tuple, levels))
    return Grid(spoken(labels), spoken(checks), *rows, key=key)


def line_characters(columns: int) -> int:
    """Longest line inside one of so many columns.

    Examples
    --------
    >>> line_characters(4), line_characters(9)
    (18, 12)
    """
    return max(FEWEST, CHARACTERS // max(columns, 1))


def _level(cell: Mapping[Hashable, Any] | None) -> str:
    return cell["level"] if cell is not None and isinstance(cell["level"], str) else ""


def _cell_text(cell: Mapping[Hashable, Any] | None, language: str) -> str:
    if cell is None:
        return ""
    text = cell["text"]
    value = text if isinstance(text, str) and text else word("unavailable", language)
    return f"{LEVELS[_level(cell)][1]} {value}" if _level(cell) else value


def _checked_cells(frame: pd.DataFrame) -> pd.DataFrame:
    cells = checked(frame, "heatmap", "label", "check", "level", drawn="text")
    unknown = sorted(set(cells["level"].dropna()) - set(LEVELS))
    if unknown:
        raise ValueError(f"heatmap: level {', '.join(unknown)} is none of {', '.join(LEVELS)}")
    if cells.duplicated(["label", "check"]).any():
        raise ValueError("heatmap: a cell stands twice")
    return cells


def _cell_texts(
    ax: Axes, cells: pd.DataFrame, labels: Sequence[str], checks: Sequence[str], *, language: str
) -> None:
    for label, check, level, text in zip(
        cells["label"], cells["check"], cells["level"], cells["text"], strict=True
    ):
        known = isinstance(level, str)
        value = text if isinstance(text, str) and text else word("unavailable", language)
        ax.text(
            checks.index(check) + 0.5, labels.index(label) + 0.5,
            f"{LEVELS[level][1]} {value}" if known else wrap(value, line_characters(len(checks))),
            ha="center", va="center",
            fontsize=SMALL_SIZE, color=INK if known else MUTED, style="normal" if known else "italic",
        )  # fmt: skip
