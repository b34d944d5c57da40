"""Where a score stands among the companies of a study, and how sure that is, from published norms alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.benchmark.plausible_ranks import DECIMALS, FEWEST, likely_spreads
from analysis.benchmark.published_norms import Norm
from analysis.infer.columns import Floats

POINTS = 100
"""Equally likely values of a true score that are tried at each plausible spread."""

UNLIKELY = 1e-6
"""Spreads of so small a share of the likelihood of the likeliest are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class TrueSpread:
    """How the true scores of a study's companies may be spread: a row per plausible standard deviation.

    Parameters
    ----------
    frame
        ``tau`` (standard deviation between companies), ``weight`` (they add up to 1), ``mu, mu_variance`` (the mean
        of the population and its uncertainty there), ``centre, sd`` (mean and standard deviation of the true scores of
        the companies of the study), ``kept`` (mean share of a company's deviation that is not noise).
    """

    frame: pd.DataFrame


def true_spread(scores: Floats, errors: Floats, *, weights: Floats | None = None) -> TrueSpread | None:
    """Summarise the model of `plausible_ranks` without its companies.

    All of them have the root mean square of their errors here. A company with an error of its own would count more in
    the mean of one spread than in that of another, and the means of several spreads would give its score away.

    Parameters
    ----------
    scores, errors
        Of the companies of the study; NaN where there is none.
    weights
        What each company counts in the mean and spread of the true scores; all the same if not said.

    Returns
    -------
    TrueSpread or None
        None where fewer than `FEWEST` companies have an error, or none of them differ.
    """
    known, sure = np.isfinite(scores), np.isfinite(errors)
    if np.count_nonzero(known & sure) < FEWEST:
        return None
    x = scores[known]
    s = np.full(len(x), np.sqrt(np.mean(errors[known & sure] ** 2))).round(DECIMALS)
    count = np.ones(len(x)) if weights is None else weights[known]
    taus, chances = likely_spreads(x, s)
    likely = (taus > 0) & (chances > UNLIKELY * chances.max())
    taus, chances = taus[likely], chances[likely]
    if not len(taus):
        return None
    precision = 1 / (taus[:, None] ** 2 + s**2)
    total = precision.sum(axis=1)
    mu = precision @ x / total
    kept = taus[:, None] ** 2 * precision
    true = mu[:, None] + kept * (x - mu[:, None])
    centre = np.average(true, axis=1, weights=count)
    spread = np.average((true - centre[:, None]) ** 2 + kept * s**2, axis=1, weights=count)
    return TrueSpread(pd.DataFrame({
        "tau": taus, "weight": chances / chances.sum(), "mu": mu, "mu_variance": 1 / total,
        "centre": centre, "sd": np.sqrt(spread), "kept": kept.mean(axis=1),
    }))  # fmt: skip


def standings(
    scores: Floats, errors: Floats, *, norm: Norm, spread: TrueSpread | None, best: float, level: float = 0.95
) -> pd.DataFrame:
    """Return percentile, its plausible interval and the probability of being among the best.

    For each plausible spread of the true scores the company's own true score is normal about its shrunk score; its
    percentile there is that of the observed norms, which are drawn together to the spread of the true scores (Louis
    1984, JASA 79). The interval holds the middle of all of these percentiles.

    Parameters
    ----------
    scores, errors
        Of the companies, and their standard errors; NaN where there is none.
    norm
        Of the observed scores of the study.
    spread
        Of its true scores; without it there is no interval.
    best
        Share of the companies that are the best in class, 0 to 1.
    level
        Probability of the interval.

    Returns
    -------
    DataFrame
        ``percentile, percentile_low, percentile_high`` (0-100), ``best_probability`` (0-1).

    Examples
    --------
    >>> from analysis.benchmark.published_norms import norm_of
    >>> study = np.arange(10.0, 90.0)
    >>> norm, spread = norm_of(study, minimum=5), true_spread(study, np.full(80, 5.0))
    >>> found = standings(np.array([49.5]), np.array([5.0]), norm=norm, spread=spread, best=0.2)
    >>> found.round(0).to_numpy().tolist()
    [[50.0, 38.0, 62.0, 0.0]]
    """
    found = pd.DataFrame({"percentile": norm.percentile(scores)})
    if spread is None or not norm.steps:
        return found.assign(percentile_low=np.nan, percentile_high=np.nan, best_probability=np.nan)
    share = np.repeat(spread.frame["weight"].to_numpy() / POINTS, POINTS)
    ends = np.full((len(found), 3), np.nan)
    for at in np.flatnonzero(np.isfinite(scores) & np.isfinite(errors)):
        percentile = _plausible(scores[at], errors[at], norm, spread)
        order = np.argsort(percentile, kind="stable")
        places = np.searchsorted(np.cumsum(share[order]), [(1 - level) / 2, (1 + level) / 2])
        ends[at, :2] = percentile[order][places]
        ends[at, 2] = share[percentile >= 100 * (1 - best)].sum()
    names = ["percentile_low", "percentile_high", "best_probability"]
    return found.join(pd.DataFrame(ends, columns=names, index=found.index))


def _plausible(score: float, error: float, norm: Norm, spread: TrueSpread) -> Floats:
    """Return percentiles of plausible true scores of a company, `POINTS` for each spread, one after another."""
    tau, _, mu, mu_variance, centre, sd, kept = spread.frame.to_numpy().T
    own = tau**2 / (tau**2 + error**2)
    away = mu + own * (score - mu) - centre
    reach = np.sqrt(own * error**2 + (kept - own) ** 2 * mu_variance)
    normal = stats.norm.ppf((np.arange(POINTS) + 0.5) / POINTS)
    true = (away[:, None] + reach[:, None] * normal) / sd[:, None]
    return norm.percentile(norm.mean + norm.sd * true).ravel()
