"""Norms: how a score is distributed over companies, and how sure each percentile is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from analysis.infer.columns import Floats, numeric, result_columns
from analysis.infer.estimates import Estimates, mean_estimates, variance_estimates
from analysis.infer.linearisation import cells_of, long_table, sums
from analysis.infer.proportions import simple_samples
from analysis.infer.quantiles import cell_quantiles
from analysis.infer.survey_design import survey_design

PERCENTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}

TAIL = 0.025
"""Probability beyond each end of an interval."""

SLACK = 1e-9
"""A share that equals the edge of a tail but for floating point is off it."""


def norms(
    frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = ("wave",), fewest: int = 1
) -> pd.DataFrame:
    """Mean and percentiles of each variable per cell, with intervals.

    Percentiles are Hyndman and Fan's (1996) type 7, weighted where the table has weights; intervals are those of
    `percentile`, and t of the mean, which few companies that count very differently, or whose values are very skewed,
    hold less often than 95 times in 100 (see `analysis.benchmark.norm_table.norm_table`).

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

    The interval inverts the binomial test: it runs from the value of rank d to that of rank u, with d the largest rank
    with ``P(B < d) <= 0.025`` and u the smallest with ``P(B >= u) <= 0.025`` for B binomial (n, share), at least 95%
    whatever the distribution (David and Nagaraja, 2003, Order Statistics, 7.1). Under weights, strata or companies
    that repeat n is the effective number of companies, in general no whole number, and a value's rank is that number
    times the share of the weight up to it (as Korn and Graubard, 1998, Survey Methodology 24, did for proportions). An
    end is NaN where so few companies cannot say how far the tail goes, and where it would be the smallest or the
    largest value, which is that of one company: the lower end of the 10th percentile needs 54 companies that count
    alike, the ends of the median 9.

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
    Coverage over 2,000 samples each of normal, exponential and bounded scores: the lowest and the highest of the five
    percentiles, where an end that is not known is no end; and the lowest if it were Woodruff's (1952) on the logit
    scale, which reads the variance in the tail off few companies.

    ===============================  ============  ============  ============  =========
    weights of the companies         of 20         of 40         of 100        Woodruff
    ===============================  ============  ============  ============  =========
    all the same                     95.7 to 99.4  95.7 to 98.4  95.6 to 96.9  no need
    1 or 3                           97.5 to 99.0  96.2 to 99.0  96.0 to 97.7  85.8
    lognormal, deviation 0.5         97.6 to 99.4  96.7 to 99.2  95.9 to 98.3  84.9
    lognormal, deviation 1           98.3 to 99.5  97.5 to 99.4  96.5 to 99.2  77.1
    larger where the score is        96.1 to 99.5  95.3 to 99.6  95.3 to 99.7  73.6
    ===============================  ============  ============  ============  =========

    Agrees with R, where the shares are ``survey::svymean`` and the binomial is ``pbeta`` of a number that need not be
    whole; of companies that count alike with ``sort(x)[qbinom(0.025, n, p)]``.
    """
    asked = np.full(found.n.shape, share)
    estimate = cell_quantiles(values, found.design.weights, found.cells, asked, rule="hf7")
    tail, tail_of_ends = tail_shares(found, fewest=max(fewest, 2))
    told = _within(asked, tail if fewest > 1 else np.zeros_like(tail))
    low, high = (
        cell_quantiles(
            values, found.design.weights, found.cells,
            np.where(told & _within(end, tail_of_ends + 2 * SLACK), end, np.nan), rule="math",
        )
        for end in _binomial_ends(_effective_number(values, estimate, found), share)
    )  # fmt: skip
    # Type 7 leaves out the weight of the largest value: under very unequal weights that can lead out of the interval.
    return np.where(told, estimate, np.nan), np.minimum(low, estimate), np.maximum(high, estimate)


def _effective_number(values: Floats, estimate: Floats, found: Estimates) -> Floats:
    """How many companies that count alike would know the share below the estimate as well as these do.

    The design's variance of that share says so, with Korn and Graubard's factor for its degrees of freedom. In the tail
    it stands on few companies and can be too small by chance, so unequal weights alone set a limit (Kish, 1965).
    """
    below = np.where(np.isnan(values), np.nan, values <= estimate[found.cells])
    there = mean_estimates(below, found.design, cells=found.cells, size=len(estimate))
    limit = there.n * simple_samples(there)[1]
    t = [stats.t.ppf(0.975, np.where(df > 0, df, np.nan)) for df in (there.n - 1.0, there.df)]
    with np.errstate(invalid="ignore", divide="ignore"):
        # The variance divides by one company less; the binomial's does not.
        variance = there.std_error**2 * (1 - 1 / there.clusters)
        number = there.estimate * (1 - there.estimate) / variance * (t[0] / t[1]) ** 2
    if found.design.replicates is not None:
        return np.asarray(number, dtype=np.float64)
    with np.errstate(divide="ignore"):
        limit = limit / found.design.unsampled.min(initial=1.0)
    return np.asarray(np.where(variance > 0, np.minimum(number, limit), limit), dtype=np.float64)


def _binomial_ends(number: Floats, share: float) -> tuple[Floats, Floats]:
    """Shares of the weight up to ranks d and u, for a number that need not be whole; NaN where there is no d."""
    known = (1 - share) ** number <= TAIL
    counted = np.where(known, number, np.nan)
    low, high = special.bdtrik(TAIL, counted, share), special.bdtrik(1 - TAIL, number, share) + 1
    return np.asarray(low / number), np.asarray(high / number)


def tail_shares(found: Estimates, *, fewest: int) -> tuple[Floats, Floats]:
    """Shares of a cell's weight up to which a quantile, and an end of its interval, may have too few companies beyond.

    From this share to one less it, a quantile of type 7 has `fewest` companies or more at or below it and at or above
    it, in whatever order they come: even if the heaviest were the lowest, or the highest. So which percentiles are
    withheld hangs on the weights and never on answers; which ends, on how many companies are effective as well. With
    companies that count alike the share is ``(fewest - 1) / (n - 1)``: for five, the 10th percentile needs 41
    companies, a quartile 17, the median 9. Ends are values of the distribution function, whose share is that of the
    heaviest ``fewest - 1`` in all.

    Parameters
    ----------
    found, fewest
        As in `percentile`, with a row per company in each cell.

    Returns
    -------
    tuple of ndarray
        Cells x variables each; above 0.5 where no quantile has so many on both sides.
    """
    weights = found.present * found.design.weights[:, None]
    place = pd.DataFrame(-weights).groupby(found.cells).rank(method="first").to_numpy()
    heaviest, heavy, every = (
        sums(np.where(place <= count, weights, 0.0), found.cells, len(found.n))
        for count in (1, fewest - 1, np.inf)
    )
    rest = every - heaviest
    of_ends = np.divide(heavy, every, out=np.zeros_like(heavy), where=every > 0)
    return np.divide(heavy, rest, out=np.where(heavy > 0, np.inf, 0.0), where=rest > 0), of_ends


def _within(share: Floats, tail: Floats) -> NDArray[np.bool_]:
    """Tell whether shares lie off both tails; one at the edge of a tail does, whatever its last binary digit."""
    return np.asarray((share >= tail - SLACK) & (share <= 1 - tail + SLACK))
