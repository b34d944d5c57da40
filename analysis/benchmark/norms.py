"""Norms: how a score is distributed over companies, and how sure its median is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import numeric
from analysis.infer.linearisation import cell_means, cells_of, clusters_of, long_table

PERCENTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}


def norms(frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = ("wave",)) -> pd.DataFrame:
    """Percentiles of each variable per cell, with a distribution-free interval for the median.

    Percentiles are Hyndman and Fan's (1996) type 7. The interval runs from the d-th smallest to the d-th
    largest value, d being the largest rank with ``P(B < d) <= 0.025`` for B binomial (n, 1/2): at least
    95% whatever the distribution (David and Nagaraja, 2003, Order Statistics, 7.1).

    Parameters
    ----------
    frame
        One row per company and wave.
    variables
        Numeric columns.
    by
        Key columns of the cells.

    Returns
    -------
    DataFrame
        ``*by, variable, n, mean, sd, p10, p25, median, p75, p90, median_low, median_high``. The interval
        is NaN below six values, and where a company repeats in a cell, as it needs independent values.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``quantile(x, type = 7)`` and ``sort(x)[qbinom(0.025, n, 0.5)]``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(11), "wave": 2025, "alignment": range(0, 110, 10)})
    >>> norms(frame, ["alignment"])[["n", "p10", "median", "median_low", "median_high"]].values.tolist()
    [[11.0, 10.0, 50.0, 10.0, 90.0]]
    """
    values = numeric(frame, variables, keys=by)
    cells, keys = cells_of(frame, by)
    clusters = clusters_of(frame, "company" if "company" in frame else None)
    counted = cell_means(values, cells, len(keys), clusters)
    wide = pd.DataFrame(values)
    groups = wide.groupby(cells)
    columns: dict[str, NDArray[np.generic]] = {"n": counted.n, "mean": counted.mean}
    columns["sd"] = groups.std().reindex(range(len(keys))).to_numpy()
    for name, share in PERCENTILES.items():
        columns[name] = groups.quantile(share).reindex(range(len(keys))).to_numpy()
    depth = np.where(counted.n == counted.clusters, stats.binom.ppf(0.025, counted.n, 0.5), 0)
    rank = groups.rank(method="first")
    for name, place in {"median_low": depth, "median_high": counted.n + 1 - depth}.items():
        chosen = wide.where((rank == place[cells]) & (depth[cells] > 0))
        columns[name] = chosen.groupby(cells).max().reindex(range(len(keys))).to_numpy()
    return long_table(keys, variables, columns)
