"""How much companies differ against how much their informants do, in the one-way random-effects model.

An informant's score is ``y = mu + u + e``, with u the company's deviation (variance tau2) and e the informant's
(variance sigma2). Everything depends on the ratio ``theta = tau2 / sigma2``; ICC(1) is ``theta / (1 + theta)``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.measure.one_way import SIZES, Floats, OneWay, adder

STEPS = 60
"""Halvings of an interval of length 1 or 2 until neighbouring floating point numbers are reached."""
NODES = 64
"""Ratios over which a result is averaged."""
UNLIKELY = 25.0
"""Deviance above the smallest from which a ratio is left out: its likelihood is below 4 in a million."""
GRID = np.concatenate([[0.0], np.linspace(0.01, 0.99, 50), [0.999]])
"""Values of ICC(1) between which the largest restricted likelihood is looked for."""


def theta_reml(model: OneWay) -> Floats:
    """Return the restricted maximum likelihood estimate of tau2 / sigma2 of each cell.

    The likelihood is scanned over ICC(1), then its slope is halved to zero around the best point, so that a
    second peak is not taken for the first.

    Returns
    -------
    ndarray
        0 or more; infinite where informants of a company never differ but companies do; NaN where the model
        cannot be estimated.

    Notes
    -----
    Agrees with ``lme4::lmer(y ~ 1 + (1 | company))`` in R.
    """
    scan = np.array([_deviance(model, _theta(np.full(len(model.cells), at))) for at in GRID])
    best = scan.argmin(axis=0)
    low, high = GRID[np.maximum(best - 1, 0)], np.append(GRID, 1.0)[best + 1]
    rho = halved(lambda at: _slope(model, _theta(at)) < 0, low, high)
    at_zero = (best == 0) & (_slope(model, np.zeros(len(rho))) >= 0)
    flat = (model.cells["within"] <= 0).to_numpy()
    differs = (model.cells["between"] > 0).to_numpy()
    theta = np.where(at_zero, 0.0, _theta(rho))
    theta = np.where(flat, np.where(differs, np.inf, np.nan), theta)
    return np.where(model.estimable, theta, np.nan)


def components(model: OneWay, theta: Floats) -> pd.DataFrame:
    """Return mu, its standard error, tau2 and sigma2 of each cell at a ratio of the variances.

    Parameters
    ----------
    model
        From `one_way`.
    theta
        Ratio per cell, such as from `theta_reml`.

    Returns
    -------
    DataFrame
        mu, mu_se, tau2, sigma2 by cell. Where the ratio is infinite sigma2 is 0 and companies count alike.
    """
    finite = np.where(np.isfinite(theta), theta, 0.0)
    pieces = _pieces(model, finite)
    sigma2 = (model.cells["within"].to_numpy() + pieces.spread) / (model.cells["n"].to_numpy() - 1.0).clip(
        min=1
    )
    alike, between = _unweighted(model)
    groups = model.cells["groups"].to_numpy()
    table = {
        "mu": np.where(np.isinf(theta), alike, pieces.mu),
        "mu_se": np.where(
            np.isinf(theta), np.sqrt(between / np.maximum(groups, 1)), np.sqrt(sigma2 / pieces.weight)
        ),
        "tau2": np.where(np.isinf(theta), between, finite * sigma2),
        "sigma2": np.where(np.isinf(theta), 0.0, sigma2),
    }
    return pd.DataFrame({name: np.where(np.isnan(theta), np.nan, values) for name, values in table.items()})


def theta_interval(model: OneWay, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wald's (1940) confidence interval of tau2 / sigma2 of each cell.

    The weighted sum of squares of company means, with weights ``n_i / (1 + n_i theta)``, over the mean square
    within is F distributed whatever the group sizes, so the interval is exact for normal scores. With equal
    sizes it is the F interval of Searle (1971) and McGraw and Wong (1996).

    Returns
    -------
    low, high : ndarray
        Can be negative, down to minus one over the largest group size; NaN where it cannot be estimated.
    """
    n, groups = model.cells["n"].to_numpy(), model.cells["groups"].to_numpy()
    possible = model.estimable & ((model.cells["within"] > 0) & (model.cells["between"] > 0)).to_numpy()
    df1, df2 = np.where(possible, groups - 1.0, 1.0), np.where(possible, n - groups, 1.0)
    within = np.where(possible, model.cells["within"].to_numpy() / df2, 1.0)
    lowest = -1.0 / np.maximum(model.cells["largest"].to_numpy() - 1.0, 1.0)
    ends = []
    for tail in ((1 + level) / 2, (1 - level) / 2):
        target = stats.f.ppf(tail, df1, df2) * df1 * within
        ends.append(np.where(possible, _ratio_with_spread(model, target, lowest), np.nan))
    return ends[0], ends[1]


def _ratio_with_spread(model: OneWay, target: Floats, lowest: Floats) -> Floats:
    """Return the ratio at which the weighted sum of squares, which falls with it, is `target`."""
    rho = halved(lambda at: _pieces(model, _theta(at)).spread > target, lowest, np.ones(len(target)))
    return _theta(rho)


def likely_nodes(model: OneWay) -> tuple[Floats, Floats]:
    """Return values of tau2 / sigma2 that are likely in each cell, and their weights.

    The weights are the restricted likelihood times the step, so that sums over the nodes are integrals with a
    flat prior on the ratio.

    Returns
    -------
    theta, weight : ndarray
        `NODES` x cells; the weights of a cell add up to 1.
    """
    cells = len(model.cells)
    scan = np.array([_deviance(model, _theta(np.full(cells, at))) for at in GRID])
    best = GRID[scan.argmin(axis=0)]
    enough = scan.min(axis=0) + UNLIKELY
    low = halved(lambda at: _deviance(model, _theta(at)) > enough, np.zeros(cells), best)
    high = halved(lambda at: _deviance(model, _theta(at)) < enough, best, np.full(cells, 0.9999))
    middle = (np.arange(NODES) + 0.5)[:, None] / NODES
    rho = low + middle * (high - low)
    theta = _theta(rho)
    deviance = np.array([_deviance(model, row) for row in theta])
    weight = np.exp(-0.5 * (deviance - deviance.min(axis=0))) / (1 - rho) ** 2
    return theta, weight / weight.sum(axis=0)


def moments(model: OneWay, theta: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mu, its variance and the mean of sigma2 in each cell, given a ratio (flat priors on mu, log sigma2)."""
    pieces, df = _pieces(model, theta), np.maximum(model.cells["n"].to_numpy() - 3.0, 1.0)
    sigma2 = (model.cells["within"].to_numpy() + pieces.spread) / df
    return pieces.mu, sigma2 / pieces.weight, sigma2


def halved(above: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Return where `above` turns from true to false between `low` and `high`, by halving, all at once."""
    low, high = low.astype(np.float64), high.astype(np.float64)
    for _ in range(STEPS):
        middle = (low + high) / 2
        right = above(middle)
        low, high = np.where(right, middle, low), np.where(right, high, middle)
    return np.asarray((low + high) / 2)


def _theta(rho: Floats) -> Floats:
    return np.asarray(rho / np.maximum(1 - rho, 1e-16))


class Pieces(NamedTuple):
    """Sums over the companies of each cell, each weighted by ``w_i = n_i / (1 + n_i theta)``."""

    weight: Floats
    mu: Floats
    spread: Floats
    spread_squared: Floats
    weight_squared: Floats
    log_size: Floats


def _pieces(model: OneWay, theta: Floats) -> Pieces:
    """Return the sum of weights, the weighted mean, the sums of squares about it, and the log determinant."""
    cell, size, companies, mean, square = (model.sizes[name].to_numpy() for name in SIZES)
    total = adder(cell, len(model.cells))
    stretch = np.maximum(1 + size * theta[cell], 1e-12)
    weight = size / stretch
    sum_weight = total(companies * weight)
    safe = np.where(sum_weight > 0, sum_weight, 1.0)
    mu = total(companies * weight * mean) / safe
    about = square + companies * (mean - mu[cell]) ** 2
    return Pieces(
        weight=safe,
        mu=mu,
        spread=total(weight * about),
        spread_squared=total(weight**2 * about),
        weight_squared=total(companies * weight**2),
        log_size=total(companies * np.log(stretch)),
    )


def _deviance(model: OneWay, theta: Floats) -> Floats:
    """Return minus twice the restricted log-likelihood, but for a constant."""
    pieces, df = _pieces(model, theta), np.maximum(model.cells["n"].to_numpy() - 1.0, 1.0)
    residual = np.maximum(model.cells["within"].to_numpy() + pieces.spread, 1e-300)
    return np.asarray(df * np.log(residual) + pieces.log_size + np.log(pieces.weight))


def _slope(model: OneWay, theta: Floats) -> Floats:
    """Return the derivative of `_deviance` by theta."""
    pieces, df = _pieces(model, theta), np.maximum(model.cells["n"].to_numpy() - 1.0, 1.0)
    residual = np.maximum(model.cells["within"].to_numpy() + pieces.spread, 1e-300)
    fit = df * pieces.spread_squared / residual
    return np.asarray(pieces.weight - pieces.weight_squared / pieces.weight - fit)


def _unweighted(model: OneWay) -> tuple[Floats, Floats]:
    """Return the plain mean and variance of company means of each cell."""
    cell, _, companies, mean, square = (model.sizes[name].to_numpy() for name in SIZES)
    groups = model.cells["groups"].to_numpy()
    centre = np.bincount(cell, weights=companies * mean, minlength=len(groups)) / np.maximum(groups, 1)
    about = square + companies * (mean - centre[cell]) ** 2
    return centre, np.bincount(cell, weights=about, minlength=len(groups)) / np.maximum(groups - 1, 1)
