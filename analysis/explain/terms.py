"""Terms of a model as numbers: columns as they are, categories as indicators, none that the others determine."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums

DEPENDENT = 1e-8
"""A term whose part outside the other terms is smaller than this share of it is determined by them."""


def term_columns(
    data: pd.DataFrame, controls: Sequence[str], effects: Sequence[str], *, intercept: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Return the intercept, controls and categories without their first as numbers, and notes on them.

    Examples
    --------
    >>> data = pd.DataFrame({"size": [1.0, 2.0, 3.0], "industry": ["b", "a", "b"]})
    >>> term_columns(data, ["size"], ["industry"], intercept=True)[0].columns.tolist()
    ['Intercept', 'size', 'industry[b]']
    """
    columns: dict[str, Floats] = {"Intercept": np.ones(len(data))} if intercept else {}
    notes = []
    for name in dict.fromkeys((*controls, *effects)):
        if name not in effects and is_number(data[name]):
            columns[name] = data[name].to_numpy(float)
            continue
        codes, labels = _levels(data[name])
        if len(labels) < 2:
            notes.append(f"{name} has one category only")
        columns |= {
            f"{name}[{label}]": (codes == code).astype(float) for code, label in enumerate(labels) if code > 0
        }
    return pd.DataFrame(columns, index=data.index), notes


def independent(matrix: Floats, scale: Floats) -> tuple[Codes, Floats]:
    """Columns that those before them do not determine, and the diagonal of the hat matrix of these.

    Examples
    --------
    >>> kept, leverage = independent(np.array([[1.0, 2.0], [1.0, 2.0]]), np.ones(2))
    >>> kept.tolist(), leverage.round(6).tolist()
    ([0], [0.5, 0.5])
    """
    scaled = matrix / np.where(scale > 0, scale, 1.0)
    keep = np.flatnonzero(np.linalg.norm(scaled, axis=0) > DEPENDENT)
    while True:
        orthogonal, triangular = np.linalg.qr(scaled[:, keep])
        small = np.flatnonzero(np.abs(np.diag(triangular)) < DEPENDENT)
        if not len(small):
            return keep[: len(matrix)], (orthogonal**2).sum(axis=1)
        keep = np.delete(keep, small[0])


def demeaned(values: Floats, groups: Codes, weights: Floats | None = None) -> Floats:
    """Subtract each group's mean, weighted if there are weights.

    Examples
    --------
    >>> demeaned(np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1])).tolist()
    [-1.0, 1.0, 0.0]
    """
    matrix = values.reshape(len(values), -1)
    counts = np.ones(len(values)) if weights is None else weights
    total = np.bincount(groups, counts)
    mean = sums(matrix * counts[:, None], groups, len(total)) / np.where(total > 0, total, 1.0)[:, None]
    return np.asarray((matrix - mean[groups]).reshape(values.shape))


def is_number(column: pd.Series) -> bool:
    """Tell whether a column enters as it is, not as a category."""
    return bool(pd.api.types.is_numeric_dtype(column.dtype))


def quoted(name: str) -> str:
    """Return a column's name as a formula has it.

    Examples
    --------
    >>> quoted("size"), quoted("log size")
    ('size', "Q('log size')")
    """
    return name if name.isidentifier() else f"Q({name!r})"


def _levels(column: pd.Series) -> tuple[Codes, list[str]]:
    """Code of each value in the order of the categories, declared or sorted, and what these are called."""
    categorical = column.astype("category").cat.remove_unused_categories()
    labels = [
        f"{c:.0f}" if isinstance(c, float) and c.is_integer() else str(c) for c in categorical.cat.categories
    ]
    codes: Codes = np.asarray(categorical.cat.codes, dtype=np.int64)
    return codes, labels
