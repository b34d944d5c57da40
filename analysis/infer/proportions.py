"""Intervals of proportions that stay between 0 and 1, from a proportion and its design-based variance."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logit

from analysis.infer.columns import Codes, Floats
from analysis.infer.estimates import Estimates
from analysis.infer.linearisation import sums
from analysis.infer.replicates import Replicates
from analysis.infer.variance import COMPLETE

Method = Literal["Wilson", "logit", "likelihood", "asin", "beta", "mean"]

Z = 1.959963984540054
"""The normal quantile of 97.5%."""

STEPS = 60
"""Halvings of an interval of length 1: beyond the last digit."""


def proportion_interval(
    share: Floats, variance: Floats, df: Floats, *, n: Floats | Codes, method: Method
) -> tuple[Floats, Floats]:
    """Lower and upper end of a 95% interval.

    Parameters
    ----------
    share
        Proportions, 0-1.
    variance
        Their variances under the design.
    df
        Degrees of freedom of the variances; without any there is no interval.
    n
        Rows that the proportions stand on.
    method
        "Wilson": the score interval with ``n_eff = p (1-p) / variance``, z replaced by t (Wilson, 1927; Dean
        and Pagano, 2015, J. Surv. Stat. Methodol. 3); "logit": t interval on the logit scale;
        "likelihood": where the likelihood ratio, scaled by the design effect, is as large as ``t**2`` (Rao
        and Scott, 1984); "asin": t interval on the arcsine-root scale; "beta": Clopper and Pearson's with
        an effective n (Korn and Graubard, 1998); "mean": the plain t interval, which may leave 0-1.

    Returns
    -------
    tuple of ndarray
        NaN where the variance is 0 or unknown: a proportion of 0 or 1 has no variance to go by.

    Notes
    -----
    Agrees with R ``survey::svyciprop``; its "likelihood" is interpolated there and solved here. "logit" takes the
    variance to the logit scale by its slope, which under replicate weights is R's "xlogit"; R's "logit" of a
    svrepdesign, the variance of the replicates' logits, is that of `yes_and_no`. Its "likelihood" has no interval there
    and scales by the design effect here.

    Examples
    --------
    >>> arguments = (np.array([0.25]), np.array([0.0025]), np.array([30.0]))
    >>> low, high = proportion_interval(*arguments, n=np.array([100]), method="logit")
    >>> low.round(4).item(), high.round(4).item()
    (0.162, 0.3649)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.where(variance > 0, variance, np.nan)
        t = np.asarray(stats.t.ppf(0.975, np.where(df > 0, df, np.nan)), dtype=float)
        if method == "beta":
            return _beta(share, known, t, n)
        if method == "likelihood":
            return _likelihood(share, known, t, n)
        return INTERVALS[method](share, known, t)


def yes_and_no(found: Estimates, method: Method | None) -> dict[str, NDArray[np.generic]]:
    """Columns of shares that count yeses, for `analysis.infer.tabulation.shares`.

    Parameters
    ----------
    found
        Means of columns of 0 and 100.
    method
        One of `proportion_interval`; None for Wilson's, with n where the sample is a simple one and else
        with an effective n that is at most n (over the unsampled share of a finite population), save with replicate
        weights, which know what the sample gains by strata, finite populations and known totals.

    Returns
    -------
    dict
        ``std_error, conf_low, conf_high`` in per cent and ``method``, cells x variables. Where there is no
        variance to go by (all said the same, or no degrees of freedom) it is Wilson's with the number of
        clusters, times what Kish (1965) leaves of it under unequal weights. In a cell whose strata are all
        complete nothing is left to chance: the interval is the share itself.

    Examples
    --------
    >>> from analysis.infer.estimates import mean_estimates
    >>> from analysis.infer.survey_design import SurveyDesign
    >>> design = SurveyDesign(np.ones(4), np.zeros(4, dtype=np.int64), np.arange(4), np.array([np.inf]))
    >>> found = yes_and_no(mean_estimates(np.array([[100.0], [0.0], [0.0], [0.0]]), design), None)
    >>> found["conf_low"].round(1).item(), found["method"].item()
    (4.6, 'Wilson')
    """
    share, spread = found.estimate / 100, found.estimate / 100 * (1 - found.estimate / 100)
    simple, even = simple_samples(found)
    bare = np.isin(share, (0, 1)) | ~(found.df > 0)
    n = np.where(bare, found.clusters * even, found.n)
    variance = own = (found.std_error / 100) ** 2
    if method is None and found.design.replicates is None:
        least = found.design.unsampled.min(initial=1.0) * spread / np.maximum(found.n, 1)
        variance = np.maximum(variance, least)
    if method == "logit" and found.design.replicates is not None:
        variance = _of_logits(found, found.design.replicates, variance)
    by_count = bare | (simple & (method is None))
    ends = proportion_interval(share, variance, found.df, n=found.n, method=method or "Wilson")
    low, high = (np.where(by_count, *pair) for pair in zip(wilson(share, n, Z), ends, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        std_error = 100 * np.sqrt(np.where(by_count, spread / n, own))
    complete = _complete(found, bare)
    low, high, std_error = (
        np.where(complete, known, column) for known, column in ((share, low), (share, high), (0.0, std_error))
    )
    label = np.where(simple, "Wilson", "Wilson, effective n")
    label = label if method is None else np.where(by_count, label, method)
    return {"std_error": std_error, "conf_low": 100 * low, "conf_high": 100 * high, "method": label}


def _of_logits(found: Estimates, replicates: Replicates, variance: Floats) -> Floats:
    """Variance of the replicates' logits, brought back by the slope of the logit, which the interval divides by again.

    Where a replicate's share is 0 or 1 it has no logit, and `variance` stays; R ``svyciprop`` takes as its logit
    where ``glm`` gave up.
    """
    share = found.estimate / 100
    replicated = (share + found.deviations / 100).reshape(len(replicates.rscales), -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logits, own = logit(replicated), logit(share)
        finite = np.isfinite(np.where(np.isnan(replicated), 0.0, logits)).all(axis=0).reshape(share.shape)
        of_logits = replicates.variance(np.where(np.isfinite(logits), logits, np.nan), own.ravel())
    return np.where(finite, of_logits.reshape(share.shape) * (share * (1 - share)) ** 2, variance)


def _complete(found: Estimates, bare: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which cells have values, and all of them from strata whose whole population is in the sample."""
    if found.design.replicates is not None:
        return np.asarray(~bare & (found.variance == 0))
    sampled = (found.design.unsampled >= COMPLETE)[found.design.strata]
    drawn = sums(found.present * sampled[:, None], found.cells, len(found.estimate))
    return np.asarray((found.n > 0) & (drawn == 0))


def simple_samples(found: Estimates) -> tuple[NDArray[np.bool_], Floats]:
    """Tell which cells are simple random samples, and what is left of n under unequal weights (Kish, 1965).

    Returns
    -------
    tuple of ndarray
        Cells x variables: whether no cluster repeats, all weights are equal, and there are neither strata
        nor a finite population nor replicate weights; and ``sum(w)**2 / sum(w**2) / n``.

    Examples
    --------
    >>> from analysis.infer.estimates import mean_estimates
    >>> from analysis.infer.survey_design import SurveyDesign
    >>> design = SurveyDesign(np.array([1.0, 3.0]), np.zeros(2, dtype=np.int64), np.arange(2), np.array([np.inf]))
    >>> simple, left = simple_samples(mean_estimates(np.array([[1.0], [2.0]]), design))
    >>> simple.item(), left.item()
    (False, 0.8)
    """
    weights = found.present * found.design.weights[:, None]
    total, squares = (sums(matrix, found.cells, len(found.estimate)) for matrix in (weights, weights**2))
    with np.errstate(invalid="ignore", divide="ignore"):
        even = total**2 / squares / found.n
    plain = len(found.design.population) == 1 and bool(np.isinf(found.design.population).all())
    plain &= found.design.replicates is None
    return plain & (found.n == found.clusters) & (even > 1 - 1e-12), even


def wilson(share: Floats, n: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    """Wilson's (1927) score interval of a proportion of `n`.

    Examples
    --------
    >>> low, high = wilson(np.array([0.5]), np.array([10.0]), 1.959964)
    >>> low.round(4).item(), high.round(4).item()
    (0.2366, 0.7634)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # At 0 and 1 the two terms are equal, but for floating point.
    low, high = np.where(share == 0, 0.0, centre - reach), np.where(share == 1, 1.0, centre + reach)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def _effective(share: Floats, variance: Floats, t: Floats) -> tuple[Floats, Floats]:
    return wilson(share, share * (1 - share) / variance, t)


def _mean(share: Floats, variance: Floats, t: Floats) -> tuple[Floats, Floats]:
    return share - t * np.sqrt(variance), share + t * np.sqrt(variance)


def _logit(share: Floats, variance: Floats, t: Floats) -> tuple[Floats, Floats]:
    centre, reach = np.log(share / (1 - share)), t * np.sqrt(variance) / (share * (1 - share))
    return 1 / (1 + np.exp(reach - centre)), 1 / (1 + np.exp(-reach - centre))


def _asin(share: Floats, variance: Floats, t: Floats) -> tuple[Floats, Floats]:
    centre, reach = np.arcsin(np.sqrt(share)), t * np.sqrt(variance / (4 * share * (1 - share)))
    return np.sin(centre - reach) ** 2, np.sin(centre + reach) ** 2


def _beta(share: Floats, variance: Floats, t: Floats, n: Floats | Codes) -> tuple[Floats, Floats]:
    n_eff = share * (1 - share) / variance * (stats.t.ppf(0.975, np.maximum(n - 1.0, 1.0)) / t) ** 2
    yes, no = n_eff * share, n_eff * (1 - share)
    low, high = stats.beta.ppf(0.025, yes, no + 1), stats.beta.ppf(0.975, yes + 1, no)
    return np.asarray(low, dtype=float), np.asarray(high, dtype=float)


def _likelihood(share: Floats, variance: Floats, t: Floats, n: Floats | Codes) -> tuple[Floats, Floats]:
    # R divides the deviance by the dispersion, n / (n - 1), and the variance by the plain one of n rows.
    wanted = t**2 * variance / (share * (1 - share)) * n / (n - 1.0)

    def too_far(candidate: Floats) -> Floats:
        apart = share * np.log(share / candidate) + (1 - share) * np.log((1 - share) / (1 - candidate))
        return 2 * apart - wanted

    zero, one = np.zeros_like(share), np.ones_like(share)
    low, high = _crossing(too_far, zero, share), _crossing(too_far, one, share)
    known = np.isfinite(wanted)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _crossing(excess: Callable[[Floats], Floats], outside: Floats, inside: Floats) -> Floats:
    """Halve between a point too far out and one that is not."""
    for _ in range(STEPS):
        middle = (outside + inside) / 2
        far = excess(middle) > 0
        outside, inside = np.where(far, middle, outside), np.where(far, inside, middle)
    return inside


INTERVALS: dict[str, Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]] = {
    "Wilson": _effective,
    "mean": _mean,
    "logit": _logit,
    "asin": _asin,
}
"""Those that need no n beside the variance."""
