"""Classes of companies beside each other on every construct or practice."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.chart import Rows
from reports.figures.charting import keep_chart, row_marks, value_axis
from reports.figures.marks import (
    checked,
    key_above,
    margin_texts,
    missing_rows,
    point_ranges,
    row_lines,
    rows_axis,
    unit_axis,
    zero_line,
)
from reports.report import Unit
from reports.style import ROLES, role_of
from reports.wording import known_word

SPACING = 0.22
"""Distance of two classes inside a row, in row heights."""


def class_dots(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    unit: Unit = "points",
    label: str = "",
    note: str = "",
    language: str = "",
) -> Axes:
    """Draw one point with its interval per class and row, under headings where rows have groups.

    Parameters
    ----------
    ax
        Axes to draw on; `size_for([*labels, *groups], per_row=3)` has the right height.
    frame
        One row per label and class: ``label``, ``class`` (as in `reports.style.ROLES`), ``estimate``,
        ``conf_low``, ``conf_high``, in the order of the rows; ``group`` for headings; ``note`` for a
        text to the right of the row, taken from its first class.
    unit
        "points" and "percent" show the full range, other units the range of the data.
    label, note, language
        What the axis and the texts on the right are called; language of the words.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, names an unknown class or a label twice for one class.
    """
    rows = checked(frame, "class_dots", "label", "class")
    groups = rows["group"].fillna("").tolist() if "group" in rows else [""] * len(rows)
    if rows.assign(group=groups).duplicated(["group", "label", "class"]).any():
        raise ValueError("class_dots: a label has two rows for one class")
    keys = list(dict.fromkeys(zip(groups, rows["label"], strict=True)))
    places = _places(keys)
    y = np.array([places[key] for key in zip(groups, rows["label"], strict=True)], dtype=float)
    classes = [name for name in ROLES if name in set(rows["class"])]
    for name in rows["class"].unique():
        role_of(name)
    marks = []
    for rank, name in enumerate(classes):
        chosen = rows["class"].eq(name).to_numpy(dtype=bool)
        heights = y[chosen] + (rank - (len(classes) - 1) / 2) * SPACING
        point_ranges(ax, rows[chosen], heights, role_of(name), size=5.5)
        called, named = known_word(name, language), classes != ["study"]
        marks.append(row_marks(rows[chosen], heights, role_of(name), called, named=named))
    _rows(ax, places)
    unit_axis(ax, unit, label=label)
    if unit not in ("points", "percent", "ratio"):
        zero_line(ax)
    if classes != ["study"]:
        key_above(ax, [known_word(name, language) for name in classes], [role_of(name) for name in classes])
    _sides(ax, rows, y, note=note, language=language)
    zero = unit not in ("points", "percent", "ratio")
    axis = value_axis(
        rows[["estimate", "conf_low", "conf_high"]].to_numpy(float).ravel(), unit, label, zero=zero
    )
    sides = rows.assign(y=y.astype(int)).drop_duplicates("y").set_index("y")
    texts = sides["note"].fillna("").reindex(range(len(places)), fill_value="") if "note" in rows else ()
    headings = frozenset(place for (_, name), place in places.items() if not name)
    keep_chart(
        ax,
        Rows(
            tuple(name or group for group, name in places), axis, tuple(marks), tuple(texts), note, headings
        ),
    )
    return ax


def _places(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Row number of every heading (group, "") and every label (group, label)."""
    ordered: list[tuple[str, str]] = []
    for group in dict.fromkeys(group for group, _ in keys):
        ordered += [(group, "")] if group else []
        ordered += [key for key in keys if key[0] == group]
    return {key: place for place, key in enumerate(ordered)}


def _rows(ax: Axes, places: dict[tuple[str, str], int]) -> None:
    row_lines(ax, np.array([place for (_, label), place in places.items() if label], dtype=float))
    rows_axis(ax, [label or group for group, label in places])
    for tick, (_, label) in zip(ax.get_yticklabels(), places, strict=True):
        tick.set_fontweight("normal" if label else "bold")


def _sides(ax: Axes, rows: pd.DataFrame, y: np.ndarray, *, note: str, language: str) -> None:
    table = rows.assign(y=y)
    silent = table.groupby("y")["estimate"].count()
    missing_rows(ax, silent.index[silent.eq(0)].to_numpy(float), language)
    if "note" in table:
        first = table.drop_duplicates("y")
        margin_texts(ax, first["note"].fillna("").tolist(), first["y"].to_numpy(float), heading=note)
