"""Means of cells and their variance with companies as clusters, on arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats


@dataclass(frozen=True, slots=True, eq=False)
class CellMeans:
    """Means of several variables in several cells.

    Parameters
    ----------
    n, clusters, mean, std_error
        Arrays of cells x variables; without two clusters there is no standard error.
    present, influence
        Arrays of rows x variables: whether there is a value, and its linearised part in its cell's
        mean. Summed per cluster, squared and summed, the influence values give the variance.
    """

    n: Codes
    clusters: Codes
    mean: Floats
    std_error: Floats
    present: NDArray[np.bool_]
    influence: Floats


def cell_means(values: Floats, cells: Codes, size: int, clusters: Codes) -> CellMeans:
    """Mean per cell and its cluster-linearised standard error.

    With ``z = (y - mean) / n``, summed per cluster, the variance is ``G / (G - 1) * sum(z ** 2)``
    over the G clusters that have a value in the cell (Woodruff, 1971, JASA 66; Binder, 1983, ISR 51).

    Parameters
    ----------
    values
        Rows x variables, NaN where missing.
    cells, clusters
        Code of each row's cell, below `size`, and of its cluster.
    size
        Number of cells.

    Examples
    --------
    >>> values, cells = np.array([[1.0], [3.0], [5.0]]), np.zeros(3, dtype=np.int64)
    >>> result = cell_means(values, cells, 1, np.arange(3))
    >>> float(result.mean[0, 0]), round(float(result.std_error[0, 0]), 4)
    (3.0, 1.1547)
    """
    present = ~np.isnan(values)
    pairs, pair = np.unique(np.column_stack([cells, clusters]), axis=0, return_inverse=True)
    n = sums(present, cells, size)
    count = sums(sums(present, pair, len(pairs)) > 0, pairs[:, 0], size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums(np.where(present, values, 0.0), cells, size) / n
        scale = np.sqrt(np.where(count > 1, count / (count - 1), np.nan)) / n
    influence = np.where(present, values - mean[cells], 0.0) * scale[cells]
    variance = sums(sums(influence, pair, len(pairs)) ** 2, pairs[:, 0], size)
    std_error = np.where(count > 1, np.sqrt(variance), np.nan)
    return CellMeans(n.astype(np.int64), count.astype(np.int64), mean, std_error, present, influence)


def cells_of(frame: pd.DataFrame, by: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Code of each row's cell, and the keys of the cells in order; without `by`, one cell.

    Examples
    --------
    >>> codes, keys = cells_of(pd.DataFrame({"wave": [2025, 2024, 2025]}), ["wave"])
    >>> codes.tolist(), keys["wave"].tolist()
    ([1, 0, 1], [2024, 2025])
    """
    if not by:
        return np.zeros(len(frame), dtype=np.int64), pd.DataFrame(index=[0])
    groups = frame.groupby(list(by), dropna=False, observed=True, sort=True)
    codes: Codes = np.asarray(groups.ngroup(), dtype=np.int64)
    first = np.unique(codes, return_index=True)[1]
    return codes, frame[list(by)].iloc[first].reset_index(drop=True)


def clusters_of(frame: pd.DataFrame, column: str | None) -> Codes:
    """Code of each row's cluster: the values of `column`, or each row its own without one.

    Examples
    --------
    >>> clusters_of(pd.DataFrame({"company": ["b", "a", "b"]}), "company").tolist()
    [0, 1, 0]
    """
    if column is None:
        return np.arange(len(frame), dtype=np.int64)
    return pd.factorize(frame[column], use_na_sentinel=False)[0].astype(np.int64)


def long_table(
    keys: pd.DataFrame, variables: Sequence[str], columns: Mapping[str, NDArray[np.generic]]
) -> pd.DataFrame:
    """Lay arrays of cells x variables out as one row per cell and variable.

    Examples
    --------
    >>> long_table(pd.DataFrame({"wave": [1, 2]}), ["gap"], {"n": np.array([[3], [4]])}).values.tolist()
    [[1, 'gap', 3], [2, 'gap', 4]]
    """
    table = keys.loc[keys.index.repeat(len(variables))].reset_index(drop=True)
    table["variable"] = pd.Series(list(variables) * len(keys), index=table.index, dtype="str")
    return table.assign(**{name: array.ravel() for name, array in columns.items()})


def sums(matrix: NDArray[np.generic], codes: Codes, size: int) -> Floats:
    """Sum the rows of each code: `size` x columns, zero where a code has no rows.

    Examples
    --------
    >>> sums(np.array([[1.0], [2.0], [4.0]]), np.array([0, 2, 2]), 3).ravel().tolist()
    [1.0, 0.0, 6.0]
    """
    total = np.zeros((size, matrix.shape[1]))
    for column in range(matrix.shape[1]):
        total[:, column] = np.bincount(codes, weights=matrix[:, column], minlength=size)
    return total
