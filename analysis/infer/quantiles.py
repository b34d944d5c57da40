"""Quantiles of a population, and Woodruff's intervals for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Codes, Floats, numeric, result_columns
from analysis.infer.estimates import Estimates, mean_estimates
from analysis.infer.linearisation import cells_of, long_table
from analysis.infer.proportions import Method, proportion_interval
from analysis.infer.survey_design import survey_design

Rule = Literal["math", "hf7"]
"""R's ``qrule``: the inverse of the distribution function, or Hyndman and Fan's (1996) type 7 with weights."""

ROUNDING = 1e-12
"""A share of the weight that equals a probability but for floating point reaches it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """The values of one variable in order within cells: value, cell, weight up to and including it.

    `first` and `last` are the places of each cell's smallest and largest value, `total` its weight; a cell
    without values has a total of 0.
    """

    value: Floats
    cell: Codes
    weight: Floats
    up_to: Floats
    first: Codes
    last: Codes
    total: Floats


def quantiles(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    by: Sequence[str] = (),
    cluster: str | None = "company",
    rule: Rule = "math",
    interval: Method = "mean",
) -> pd.DataFrame:
    """Quantiles of each variable per cell, with Woodruff's (1952) interval.

    The interval of the share at or below the quantile is read back through the distribution function. In the tails
    of few rows of unequal weight it is too short (norms do otherwise: `analysis.benchmark.norms.percentile`).

    Parameters
    ----------
    frame, variables, by, cluster
        As in `analysis.infer.tabulation.means`.
    probabilities
        Shares of the population below, 0-1.
    rule
        "math": the smallest value at or below which that share lies; "hf7": interpolated, R's usual type 7.
    interval
        How the share's interval is made, as in `proportion_interval`; "logit" is R's "xlogit".

    Returns
    -------
    DataFrame
        ``*by, variable, quantile``, `RESULT` and ``companies``. The standard error is the interval's width
        over twice the t quantile. An end that would lie outside the sample is NaN, and with it the error.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``survey::svyquantile(qrule = , interval.type = )``, for cells but for the factor
    `Estimates.few`. R survey 4.1.1 gives the second smallest value where the smallest has a larger share, and of a
    ``svrepdesign`` intervals of "mean" whatever is asked.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(100), "alignment": range(100)})
    >>> quantiles(frame, ["alignment"])[["quantile", "estimate", "conf_low", "conf_high"]].values.tolist()
    [[0.25, 24.0, 16.0, 33.0], [0.5, 49.0, 40.0, 59.0], [0.75, 74.0, 66.0, 83.0]]
    """
    values = numeric(frame, variables, keys=(*by, cluster) if cluster else by)
    design = survey_design(frame, cluster=cluster)
    cells, keys = cells_of(frame, by)
    counted = mean_estimates(values, design, cells=cells, size=len(keys))
    width = 2 * stats.t.ppf(0.975, np.where(counted.df > 0, counted.df, np.nan))
    parts = []
    for probability in probabilities:
        asked = np.full((len(keys), len(variables)), float(probability))
        estimate = cell_quantiles(values, design.weights, cells, asked, rule=rule)
        low, high = woodruff(values, estimate, counted, interval, rule=rule)
        columns = result_columns(estimate, (high - low) / width, counted.df)
        columns |= {"conf_low": low, "conf_high": high}
        table = long_table(keys, variables, {**columns, "n": counted.n, "companies": counted.clusters})
        table.insert(len(by) + 1, "quantile", probability)
        parts.append(table)
    order = np.arange(len(parts) * len(keys) * len(variables)).reshape(len(parts), -1).T.ravel()
    return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)


def woodruff(
    values: Floats, estimate: Floats, counted: Estimates, interval: Method, *, rule: Rule = "math"
) -> tuple[Floats, Floats]:
    """Ends of the interval of a quantile, each cells x variables.

    Parameters
    ----------
    values
        Rows x variables.
    estimate
        The quantiles.
    counted
        From `mean_estimates` of these values: cells and design.
    interval, rule
        As in `quantiles`.
    """
    cells, design = counted.cells, counted.design
    below = np.where(np.isnan(values), np.nan, values <= estimate[cells])
    share = mean_estimates(below, design, cells=cells, size=len(estimate))
    ends = proportion_interval(share.estimate, share.std_error**2, share.df, n=share.n, method=interval)
    low, high = (cell_quantiles(values, design.weights, cells, end, rule=rule) for end in ends)
    return low, high


def cell_quantiles(
    values: Floats, weights: Floats, cells: Codes, probabilities: Floats, *, rule: Rule
) -> Floats:
    """Weighted quantile of each variable in each cell.

    Parameters
    ----------
    values
        Rows x variables, NaN where missing.
    weights, cells
        Of each row.
    probabilities
        Cells x variables; NaN or outside 0-1 gives NaN.
    rule
        As in `quantiles`.

    Examples
    --------
    >>> arguments = np.array([[1.0], [2.0], [9.0]]), np.array([1.0, 1.0, 2.0]), np.zeros(3, dtype=np.int64)
    >>> cell_quantiles(*arguments, np.array([[0.5]]), rule="math").item()
    2.0
    """
    found = np.full(probabilities.shape, np.nan)
    for column in range(values.shape[1]):
        ordered = _sorted(values[:, column], weights, cells, len(probabilities))
        asked = probabilities[:, column]
        read = _interpolated if rule == "hf7" else _reached
        known = (ordered.total > 0) & (asked >= 0) & (asked <= 1)
        if known.any():
            found[known, column] = read(ordered, np.where(known, asked, 0.5))[known]
    return found


def _sorted(values: Floats, weights: Floats, cells: Codes, size: int) -> Sorted:
    used = np.flatnonzero(~np.isnan(values) & (weights > 0))
    # Type 7 knows the weights of single values: equal values in the order of the rows would not do.
    order = used[np.lexsort((weights[used], values[used], cells[used]))]
    cell, weight = cells[order], weights[order]
    count = np.bincount(cell, minlength=size)
    first = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)[:size]
    total = np.bincount(cell, weights=weight, minlength=size).astype(float)
    before = np.concatenate([[0.0], np.cumsum(total)[:-1]])[:size]
    up_to = np.cumsum(weight) - before[cell]
    return Sorted(values[order], cell, weight, up_to, first, np.maximum(first + count - 1, 0), total)


def _reached(ordered: Sorted, asked: Floats) -> Floats:
    """Take the smallest value at or below which the share lies."""
    wanted = (asked * ordered.total * (1 - ROUNDING))[ordered.cell]
    below = np.bincount(ordered.cell, weights=ordered.up_to < wanted, minlength=len(asked)).astype(np.int64)
    place = np.minimum(ordered.first + below, ordered.last)
    return np.asarray(ordered.value[np.minimum(place, len(ordered.value) - 1)], dtype=float)


def _interpolated(ordered: Sorted, asked: Floats) -> Floats:
    """Interpolate between the values at the shares of the weight before them, of all but the largest's."""
    last = np.minimum(ordered.last, len(ordered.value) - 1)
    rest = (ordered.total - ordered.weight[last])[ordered.cell]
    # A cell of one value has no rest, but for floating point.
    some = rest > ROUNDING * ordered.total[ordered.cell]
    share = np.divide(ordered.up_to - ordered.weight, rest, out=np.zeros_like(rest), where=some)
    at = np.bincount(ordered.cell, weights=share <= asked[ordered.cell] + ROUNDING, minlength=len(asked))
    lower = np.clip(ordered.first + at.astype(np.int64) - 1, np.minimum(ordered.first, last), last)
    upper = np.minimum(lower + 1, last)
    step = share[upper] - share[lower]
    part = np.divide(asked - share[lower], step, out=np.zeros_like(asked), where=step > 0)
    found = ordered.value[lower] + part * (ordered.value[upper] - ordered.value[lower])
    return np.asarray(found, dtype=np.float64)
