"""Norms: how a score is distributed over companies, and how sure each percentile is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import Floats, numeric, result_columns
from analysis.infer.estimates import Estimates, mean_estimates, variance_estimates
from analysis.infer.linearisation import cells_of, long_table, sums
from analysis.infer.proportions import simple_samples
from analysis.infer.quantiles import cell_quantiles, woodruff_shares
from analysis.infer.survey_design import survey_design

PERCENTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}

SLACK = 1e-9
"""A share that equals the edge of a tail but for floating point is off it."""


def norms(
    frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = ("wave",), fewest: int = 1
) -> pd.DataFrame:
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
    fewest
        As in `percentile`.

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
    each = {name: percentile(values, found, share, fewest=fewest) for name, share in PERCENTILES.items()}
    columns |= {name: estimate for name, (estimate, _, _) in each.items()}
    of_mean = result_columns(found.estimate, found.std_error, found.df)
    columns |= {"mean_low": of_mean["conf_low"], "mean_high": of_mean["conf_high"]}
    for name, (_, low, high) in each.items():
        columns |= {f"{name}_low": low, f"{name}_high": high}
    return long_table(keys, variables, columns)


def percentile(
    values: Floats, found: Estimates, share: float, *, fewest: int = 1
) -> tuple[Floats, Floats, Floats]:
    """Percentile of each variable in each cell and the ends of its interval, each cells x variables.

    The interval runs from the value of rank d to that of rank u, with d the largest rank with ``P(B < d) <= 0.025`` and
    u the smallest with ``P(B >= u) <= 0.025`` for B binomial (n, share): at least 95% whatever the distribution (David
    and Nagaraja, 2003, Order Statistics, 7.1). Under weights, strata or companies that repeat it is Woodruff's
    (`analysis.infer.quantiles.woodruff`, on the logit scale). An end is NaN where so few companies cannot say how far
    the tail goes, and where it would be the smallest or the largest value, which is that of one company: the lower end
    of the 10th percentile needs 54 companies, the ends of the median 9.

    To be published, a percentile needs `fewest` companies at or below it and as many at or above it, and so does each
    end: who is at the top of a trade, or at its bottom, is known there (Brandt et al., 2010, Guidelines for the
    checking of output based on microdata research). What has fewer is NaN, so that an interval goes on to that side
    without an end and holds the percentile no less often.

    Parameters
    ----------
    values
        Rows x variables.
    found
        From `mean_estimates` of these values: cells and design.
    share
        Of the companies below, 0-1.
    fewest
        Companies at or beyond each number on either side, at least; of an end never less than two.

    Notes
    -----
    In simulation of skewed values the ends hold the percentile of all companies 95 to 98 times in 100 where both are
    known; Woodruff's, read off few companies, would do so for 70 (10th percentile) to 86 times (25th) with 21.
    """
    n, least = found.clusters, max(fewest, 2)
    asked = np.full(found.n.shape, share)

    def read(at: Floats) -> Floats:
        return cell_quantiles(values, found.design.weights, found.cells, at, rule="hf7")

    tail, simple = tail_share(found, fewest=least), simple_samples(found)[0]
    estimate, told = read(asked), _within(asked, tail if fewest > 1 else np.zeros_like(tail))
    ranks = [np.asarray(stats.binom.ppf(end, n, share), dtype=float) + (end > 0.5) for end in (0.025, 0.975)]
    by_rank = [(rank - 1) / np.maximum(n - 1, 1) for rank in ranks]
    by_design = by_rank if simple.all() else woodruff_shares(values, estimate, found, "logit")
    low, high = (
        read(np.where(told & (rank >= least) & (rank <= n + 1 - least) & _within(place, tail), place, np.nan))
        for rank, place in zip(ranks, np.where(simple, by_rank, by_design), strict=True)
    )
    return np.where(told, estimate, np.nan), low, high


def tail_share(found: Estimates, *, fewest: int) -> Floats:
    """Share of a cell's companies, or of their weight, up to which a quantile may have too few of them beyond it.

    From this share to one less it, a quantile of type 7 has `fewest` companies or more at or below it and at or above
    it, in whatever order they come: even if the heaviest were the lowest, or the highest. So which percentiles are
    withheld hangs on the weights and never on answers; which of Woodruff's ends, on how far off they are as well. With
    companies that count alike the share is ``(fewest - 1) / (n - 1)``: for five, the 10th percentile needs 41
    companies, a quartile 17, the median 9.

    Parameters
    ----------
    found, fewest
        As in `percentile`, with a row per company in each cell.

    Returns
    -------
    ndarray
        Cells x variables; above 0.5 where no quantile has so many on both sides.
    """
    weights = found.present * found.design.weights[:, None]
    place = pd.DataFrame(-weights).groupby(found.cells).rank(method="first").to_numpy()
    heaviest, heavy, every = (
        sums(np.where(place <= count, weights, 0.0), found.cells, len(found.n))
        for count in (1, fewest - 1, np.inf)
    )
    rest = every - heaviest
    return np.divide(heavy, rest, out=np.where(heavy > 0, np.inf, 0.0), where=rest > 0)


def _within(share: Floats, tail: Floats) -> NDArray[np.bool_]:
    """Tell whether shares lie off both tails; one at the edge of a tail does, whatever its last binary digit."""
    return np.asarray((share >= tail - SLACK) & (share <= 1 - tail + SLACK))
