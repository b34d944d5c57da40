"""What replicate weights make of means, ratios and totals: how far each replicate's is from that of the sample."""

import numpy as np
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from analysis.infer.replicates import Replicates


def replicate_deviations(
    influence: Floats, replicates: Replicates, *, base: Floats | None, cells: Codes, size: int
) -> Floats:
    """Estimates under the weights of each replicate, less those of the sample.

    A ratio ``R = sum(w y) / sum(w x)`` has the linearised values ``z = w (y - R x) / sum(w x)`` and the base
    ``b = w x / sum(w x)``; with factors f of a replicate its own ratio is ``R + sum(f z) / sum(f b)``, exactly. A
    total has no base: its linearised values add up to itself.

    Parameters
    ----------
    influence
        Rows x estimates: the linearised value of each row in the estimate of its own cell, weight included.
    replicates
        Not combined: the factors multiply weights.
    base
        Rows x estimates: b, or None for totals and what is linear in them.
    cells
        Code of each row's cell, below `size`.
    size
        Number of cells.

    Returns
    -------
    ndarray
        Replicates x cells x estimates; NaN where no one of a cell is left in a replicate.

    Notes
    -----
    Agrees with R ``survey::withReplicates(return.replicates = TRUE)`` for means, ratios and totals.

    Examples
    --------
    >>> jack = Replicates(np.ones(3), np.arange(3), 1.5 * (1 - np.eye(3)), 2 / 3, np.ones(3), "JK1")
    >>> influence = (np.array([[1.0], [2.0], [6.0]]) - 3) / 3
    >>> base, cells = np.full((3, 1), 1 / 3), np.zeros(3, dtype=np.int64)
    >>> replicate_deviations(influence, jack, base=base, cells=cells, size=1).ravel().round(6).tolist()
    [1.0, 0.5, -1.5]
    """
    count, width = len(replicates.factors), influence.shape[1]
    values = influence if base is None else np.hstack([influence, base])
    pairs, pair = np.unique(cells * max(count, 1) + replicates.clusters, return_inverse=True)
    totals = sums(values, pair, len(pairs))
    starts = np.searchsorted(pairs // max(count, 1), np.arange(size + 1))
    found = np.zeros((len(replicates.rscales), size, values.shape[1]))
    for cell in range(size):
        here = slice(starts[cell], starts[cell + 1])
        found[:, cell] = replicates.factors[pairs[here] % max(count, 1)].T @ totals[here]
    sample = sums(influence, cells, size)
    if base is None:
        return found - sample
    left = found[..., width:]
    ratio = np.divide(found[..., :width], left, out=np.full_like(left, np.nan), where=left != 0)
    return ratio - sample


def cell_degrees(present: NDArray[np.bool_], cells: Codes, size: int, replicates: Replicates) -> Floats:
    """Degrees of freedom of many domains: rows x variables that have a value to cells x variables.

    Examples
    --------
    >>> jack = Replicates(np.ones(3), np.arange(3), 1.5 * (1 - np.eye(3)), 2 / 3, np.ones(3), "JK1")
    >>> cell_degrees(np.array([[True], [True], [False]]), np.zeros(3, dtype=np.int64), 1, jack).item()
    1.0
    """
    row, variable = np.nonzero(present)
    touched = np.zeros((len(replicates.factors), size, present.shape[1]), dtype=bool)
    touched[replicates.clusters[row], cells[row], variable] = True
    found = replicates.df_of(touched.reshape(len(touched), -1))
    return np.array(found, dtype=float).reshape(size, present.shape[1])
