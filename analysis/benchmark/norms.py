"""Norms: how a score is distributed over companies, and how sure each percentile is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import Floats, numeric, result_columns
from analysis.infer.estimates import Estimates, mean_estimates, variance_estimates
from analysis.infer.linearisation import cells_of, long_table
from analysis.infer.proportions import simple_samples
from analysis.infer.quantiles import cell_quantiles, woodruff
from analysis.infer.survey_design import survey_design

PERCENTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}


def norms(frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = ("wave",)) -> pd.DataFrame:
    """Mean and percentiles of each variable per cell, with intervals.

    Percentiles are Hyndman and Fan's (1996) type 7, weighted where the table has weights; intervals are those of
    `percentile`, and t of the mean.

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
        ``*by, variable, n, mean, sd, p10, p25, median, p75, p90``, then the ends of all intervals, ``mean_low,
        mean_high, p10_low, p10_high, ...``.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``quantile(x, type = 7)`` and ``sort(x)[qbinom(0.025, n, p)]``, and under a design with
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
    columns: dict[str, NDArray[np.generic]] = {"n": found.n, "mean": found.estimate, "sd": np.sqrt(spread)}
    each = {name: percentile(values, found, share) for name, share in PERCENTILES.items()}
    columns |= {name: estimate for name, (estimate, _, _) in each.items()}
    of_mean = result_columns(found.estimate, found.std_error, found.df)
    columns |= {"mean_low": of_mean["conf_low"], "mean_high": of_mean["conf_high"]}
    for name, (_, low, high) in each.items():
        columns |= {f"{name}_low": low, f"{name}_high": high}
    return long_table(keys, variables, columns)


def percentile(values: Floats, found: Estimates, share: float) -> tuple[Floats, Floats, Floats]:
    """Percentile of each variable in each cell and the ends of its interval, each cells x variables.

    The interval runs from the value of rank d to that of rank u, with d the largest rank with ``P(B < d) <= 0.025`` and
    u the smallest with ``P(B >= u) <= 0.025`` for B binomial (n, share): at least 95% whatever the distribution (David
    and Nagaraja, 2003, Order Statistics, 7.1). Under weights, strata or companies that repeat it is Woodruff's
    (`analysis.infer.quantiles.woodruff`, on the logit scale). An end is NaN where so few companies cannot say how far
    the tail goes, and where it would be the smallest or the largest value, which is that of one company: the lower end
    of the 10th percentile needs 54 companies, the ends of the median 9.

    Parameters
    ----------
    values
        Rows x variables.
    found
        From `mean_estimates` of these values: cells and design.
    share
        Of the companies below, 0-1.

    Notes
    -----
    In simulation of skewed values the ends hold the percentile of all companies 95 to 98 times in 100 where both are
    known; Woodruff's, read off few companies, would do so for 70 (10th percentile) to 86 times (25th) with 21.
    """
    n = found.clusters
    asked = np.full(found.n.shape, share)
    estimate = cell_quantiles(values, found.design.weights, found.cells, asked, rule="hf7")
    ranks = [np.asarray(stats.binom.ppf(end, n, share), dtype=float) + (end > 0.5) for end in (0.025, 0.975)]
    by_rank = (_at_rank(values, found, rank) for rank in ranks)
    by_design = woodruff(values, estimate, found, "logit", rule="hf7")
    simple = simple_samples(found)[0]
    low, high = (
        np.where((rank > 1) & (rank < n), np.where(simple, own, end), np.nan)
        for rank, own, end in zip(ranks, by_rank, by_design, strict=True)
    )
    return estimate, low, high


def _at_rank(values: Floats, found: Estimates, place: Floats) -> Floats:
    """Values at a rank of each cell; NaN where there is none."""
    wide, cells = pd.DataFrame(values), found.cells
    chosen = wide.where(wide.groupby(cells).rank(method="first") == place[cells])
    return chosen.groupby(cells).max().reindex(range(len(place))).to_numpy()
