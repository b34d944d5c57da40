"""From rows to cells: codes of cells and companies, sums per code, and cells laid out as a table."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats


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
