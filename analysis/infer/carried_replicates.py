"""Replicate weights carried by a table: one column, in which each row points at its own."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats
from analysis.infer.replicates import Replicates

REPLICATES = "replicates"
"""The column."""


@dataclass(frozen=True, slots=True, eq=False)
class RowReplicates:
    """One row of replicate weights: what the weight of a row of a table is multiplied by in each replicate.

    Parts of a table, tables joined to it and respondents of a company thereby keep what is theirs.

    Parameters
    ----------
    of
        The replicate weights of all rows, not `combined`, from `relative`.
    row
        Which is this.
    """

    of: Replicates
    row: int


def relative(replicates: Replicates) -> Replicates:
    """Give each row its own factors, relative to its weight, with known totals worked in.

    Examples
    --------
    >>> ones = np.ones(2)
    >>> given = Replicates(np.array([2.0, 4.0]), np.arange(2), np.array([[4.0, 0], [0, 8]]), 0.5, ones, "JK1", True)
    >>> relative(given).factors.tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    weights = replicates.weights[:, None]
    own = replicates.of_rows(slice(None))
    factors = np.divide(own, weights, out=np.zeros_like(own), where=weights > 0)
    rows = np.arange(len(own))
    return replace(replicates, clusters=rows, factors=factors, combined=False, recalibration=None)


def as_column(replicates: Replicates) -> list[RowReplicates]:
    """Return what the column `REPLICATES` of a table holds, row by row; `replicates` are `relative`.

    Examples
    --------
    >>> jack = Replicates(np.ones(2), np.arange(2), 2 * (1 - np.eye(2)), 0.5, np.ones(2), "JK1")
    >>> [cell.row for cell in as_column(jack)]
    [0, 1]
    """
    return [RowReplicates(replicates, row) for row in range(len(replicates.factors))]


def carried(cells: pd.Series, weights: Floats) -> Replicates:
    """Read the replicate weights that the rows of a table point at.

    Parameters
    ----------
    cells
        The column `REPLICATES`; all of it points into the same replicate weights. Rows that point at the same row
        share its factors, as respondents of a company do.
    weights
        Of the rows of the table.

    Examples
    --------
    >>> jack = Replicates(np.ones(2), np.arange(2), 2 * (1 - np.eye(2)), 0.5, np.ones(2), "JK1")
    >>> one = as_column(jack)[1]
    >>> found = carried(pd.Series([one, one]), np.array([0.5, 0.5]))
    >>> found.clusters.tolist(), found.factors.tolist()
    ([0, 0], [[2.0, 0.0]])
    """
    places, clusters = np.unique([cell.row for cell in cells], return_inverse=True)
    whole: Replicates = cells.iloc[0].of
    return replace(whole, weights=weights, clusters=clusters, factors=whole.factors[places])
