"""Norms: how a score is distributed over companies, and how sure its median is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import Floats, numeric
from analysis.infer.estimates import Estimates, mean_estimates, variance_estimates
from analysis.infer.linearisation import cells_of, long_table
from analysis.infer.proportions import simple_samples
from analysis.infer.quantiles import cell_quantiles, woodruff
from analysis.infer.survey_design import survey_design

PERCENTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}


def norms(frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = ("wave",)) -> pd.DataFrame:
    """Percentiles of each variable per cell, with a distribution-free interval for the median.

    Percentiles are Hyndman and Fan's (1996) type 7, weighted where the table has weights. The interval runs
    from the d-th smallest to the d-th largest value, d being the largest rank with ``P(B < d) <= 0.025`` for
    B binomial (n, 1/2): at least 95% whatever the distribution (David and Nagaraja, 2003, Order Statistics,
    7.1). Under weights, strata or companies that repeat it is Woodruff's (`quantiles`, on the logit scale).

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
        ``*by, variable, n, mean, sd, p10, p25, median, p75, p90, median_low, median_high``. The binomial
        interval is NaN below six values.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``quantile(x, type = 7)`` and ``sort(x)[qbinom(0.025, n, 0.5)]``, and under a design with
    ``survey::svyquantile(qrule = "hf7")``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(11), "wave": 2025, "alignment": range(0, 110, 10)})
    >>> norms(frame, ["alignment"])[["n", "p10", "median", "median_low", "median_high"]].values.tolist()
    [[11.0, 10.0, 50.0, 10.0, 90.0]]
    """
    values = numeric(frame, variables, keys=by)
    cells, keys = cells_of(frame, by)
    design = survey_design(frame, cluster="company" if "company" in frame else None)
    found = mean_estimates(values, design, cells=cells, size=len(keys))
    spread = variance_estimates(values, design, cells=cells, size=len(keys)).estimate
    percentiles = {
        name: cell_quantiles(values, design.weights, cells, np.full(found.n.shape, share), rule="hf7")
        for name, share in PERCENTILES.items()
    }
    columns: dict[str, NDArray[np.generic]] = {"n": found.n, "mean": found.estimate, "sd": np.sqrt(spread)}
    columns |= percentiles
    simple = simple_samples(found)[0]
    by_rank, by_design = (
        _ranked(values, found),
        woodruff(values, percentiles["median"], found, "logit", rule="hf7"),
    )
    for name, rank, end in zip(("median_low", "median_high"), by_rank, by_design, strict=True):
        columns[name] = np.where(simple, rank, end)
    return long_table(keys, variables, columns)


def _ranked(values: Floats, found: Estimates) -> tuple[Floats, Floats]:
    """Values at the binomial ranks from both ends; NaN below six values."""
    wide, cells = pd.DataFrame(values), found.cells
    depth = np.asarray(stats.binom.ppf(0.025, found.n, 0.5), dtype=float)
    rank = wide.groupby(cells).rank(method="first")
    ends = []
    for place in (depth, found.n + 1 - depth):
        chosen = wide.where((rank == place[cells]) & (depth[cells] > 0))
        ends.append(chosen.groupby(cells).max().reindex(range(len(depth))).to_numpy())
    return ends[0], ends[1]
