"""Terms of a model as columns of numbers: categories without their first, nothing that other terms determine."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats

DEPENDENT = 1e-8
"""A term whose part outside the other terms is smaller than this share of it is determined by them."""


def term_columns(frame: pd.DataFrame, terms: Sequence[str]) -> pd.DataFrame:
    """Return the columns of terms: numbers as they are, words as categories, ``a:b`` as products of both.

    A category is named ``term[level]``; the first in order has no column, the others are set against it.

    Parameters
    ----------
    frame
        Rows without missing values in the columns of `terms`.
    terms
        Columns of `frame`, or two joined by a colon.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [1.0, 2.0, 3.0], "region": ["south", "north", "south"]})
    >>> term_columns(frame, ["size", "region", "size:region"]).values.tolist()
    [[1.0, 1.0, 1.0], [2.0, 0.0, 0.0], [3.0, 1.0, 3.0]]
    """
    parts = [part for term in terms for part in _columns_of(frame, term)]
    return pd.concat(parts, axis=1) if parts else pd.DataFrame(index=frame.index)


def labels(column: pd.Series) -> pd.Series:
    """Categories named by text, in their order: declared, else sorted.

    Examples
    --------
    >>> labels(pd.Series([2025.0, 2024.0])).tolist()
    ['2025', '2024']
    """
    categorical = column.astype("category")
    names = [
        f"{c:.0f}" if isinstance(c, float) and c.is_integer() else str(c) for c in categorical.cat.categories
    ]
    return categorical.cat.rename_categories(names)


def dummies(column: pd.Series) -> pd.DataFrame:
    """Return one column of 0 and 1 for each category but the first, named ``column[category]``."""
    levels = labels(column).cat.remove_unused_categories()
    codes = levels.cat.codes.to_numpy()
    coded = {
        f"{column.name}[{level}]": (codes == code).astype(float)
        for code, level in enumerate(levels.cat.categories)
        if code > 0
    }
    return pd.DataFrame(coded, index=column.index)


def is_number(column: pd.Series) -> bool:
    """Tell whether a term enters as numbers; answers of yes and no do not."""
    return bool(pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype))


def independent(matrix: Floats, scale: Floats) -> tuple[Codes, Floats]:
    """Columns that those before them do not determine, and the diagonal of the hat matrix of these.

    Parameters
    ----------
    matrix
        Rows x columns.
    scale
        Length of each column against which its own part is judged.

    Examples
    --------
    >>> independent(np.array([[1.0, 2.0], [1.0, 2.0]]), np.ones(2))[0].tolist()
    [0]
    """
    scaled = matrix / np.where(scale > 0, scale, 1.0)
    keep = np.flatnonzero(np.linalg.norm(scaled, axis=0) > DEPENDENT)
    while True:
        orthogonal, triangular = np.linalg.qr(scaled[:, keep])
        small = np.flatnonzero(np.abs(np.diag(triangular)) < DEPENDENT)
        if not len(small):
            return keep[: len(matrix)], (orthogonal**2).sum(axis=1)
        keep = np.delete(keep, small[0])


def _columns_of(frame: pd.DataFrame, term: str) -> list[pd.Series]:
    if term not in frame and ":" in term:
        first, second = term.split(":", 1)
        return [
            (a * b).rename(f"{a.name}:{b.name}")
            for a in _columns_of(frame, first)
            for b in _columns_of(frame, second)
        ]
    column = frame[term]
    if is_number(column):
        return [column.astype(float)]
    coded = dummies(column)
    return [coded[name] for name in coded]
