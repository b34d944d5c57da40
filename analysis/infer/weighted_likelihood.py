"""Likelihoods of weighted rows and where they are largest, for many sets of weights at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, xlogy

from analysis.infer.columns import Codes, Floats

FLAT = 1e-6
"""Information per row, in some direction of standardised terms, below which a likelihood has no clear maximum."""

STEPS, HALVINGS = 50, 30

R_EPSILON = 1e-8
"""Where R ``glm`` stops (``glm.control``)."""


class Likelihood(Protocol):
    """What `maximise` climbs; parameters are k x sets, weights rows x sets."""

    def at(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Value (sets), gradient (k x sets) and information (sets x k x k) of the weighted sum over the rows."""
        ...

    def start(self, weights: Floats) -> Floats:
        """Where to begin: k x sets."""
        ...

    def linearised(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Gradient of each weighted row (rows x k) and information (k x k) at one set of parameters."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """An exponential family with its canonical link: log-likelihood ``y eta - b(eta)``, mean b', variance b''.

    `saturated` is the log-likelihood where the mean is the outcome itself, `first` a mean to start from, given
    outcome and weight.
    """

    cumulant: Callable[[Floats], Floats]
    mean: Callable[[Floats], Floats]
    variance: Callable[[Floats], Floats]
    link: Callable[[Floats], Floats]
    saturated: Callable[[Floats], Floats]
    first: Callable[[Floats, Floats], Floats]


FAMILIES = {
    "gaussian": Family(
        lambda eta: eta**2 / 2, lambda eta: eta, np.ones_like, lambda mean: mean, lambda y: y**2 / 2,
        lambda y, _: y,
    ),
    "logistic": Family(
        lambda eta: np.logaddexp(0, eta), expit, lambda eta: np.asarray(expit(eta) * expit(-eta)), logit,
        lambda y: xlogy(y, y) + xlogy(1 - y, 1 - y), lambda y, w: (w * y + 0.5) / (w + 1),
    ),
    "poisson": Family(np.exp, np.exp, np.exp, np.log, lambda y: xlogy(y, y) - y, lambda y, _: y + 0.1),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class GeneralisedLinear:
    """A generalised linear model with canonical link (McCullagh and Nelder, 1989).

    Parameters
    ----------
    matrix
        Rows x k, a column of ones first.
    outcome
        One value a row.
    family
        See `FAMILIES`.
    """

    matrix: Floats
    outcome: Floats
    family: Family

    def at(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
        eta = self.matrix @ parameters
        with np.errstate(over="ignore", invalid="ignore"):
            value = (weights * (self.outcome[:, None] * eta - self.family.cumulant(eta))).sum(axis=0)
            gradient = self.matrix.T @ (weights * (self.outcome[:, None] - self.family.mean(eta)))
            curvature = (weights * self.family.variance(eta)).T[:, None, :]
            information = (self.matrix.T * curvature) @ self.matrix
        return value, gradient, information

    def start(self, weights: Floats) -> Floats:
        mean = weights.T @ self.outcome / weights.sum(axis=0)
        start = np.zeros((self.matrix.shape[1], weights.shape[1]))
        start[0] = self.family.link(mean)
        return start

    def linearised(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Take both where R ``glm`` leaves them: curvature before the last step, residuals after it.

        R stops reweighting when the deviance changes by less than 1e-8 of itself; errors at the very maximum
        would differ from its by up to 1 in 30,000. `weights` are those of the rows over their mean in the design.
        """
        before, after = self._last_step(weights)
        curvature = weights * self.family.variance(before)
        residuals = (self.outcome - self.family.mean(after)) / self.family.variance(after)
        return self.matrix * (curvature * residuals)[:, None], (self.matrix.T * curvature) @ self.matrix

    def _last_step(self, weights: Floats) -> tuple[Floats, Floats]:
        """Linear predictors before and after the last step of iteratively reweighted least squares."""
        mean = self.family.first(self.outcome, weights)
        eta, deviance = self.family.link(mean), self._deviance(self.family.link(mean), weights)
        for _ in range(STEPS):
            before, old = eta, deviance
            curvature = self.family.variance(before)
            root = np.sqrt(weights * curvature)
            target = before + (self.outcome - self.family.mean(before)) / curvature
            fitted = np.linalg.lstsq(self.matrix * root[:, None], target * root, rcond=None)[0]
            eta = self.matrix @ fitted
            deviance = self._deviance(eta, weights)
            if abs(deviance - old) / (abs(deviance) + 0.1) < R_EPSILON:
                break
        return before, eta

    def _deviance(self, eta: Floats, weights: Floats) -> float:
        reached = self.outcome * eta - self.family.cumulant(eta)
        return 2 * float(weights @ (self.family.saturated(self.outcome) - reached))


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalOdds:
    """Ordered categories by one slope over all their boundaries (McCullagh, 1980, JRSS B 42).

    ``P(y <= c) = expit(threshold_c - x slope)``; parameters are the slopes, then the thresholds.

    Parameters
    ----------
    upper, lower
        Rows x k: the boundary above and below each row's category as a sum of parameters; all zero in rows of
        the last category, or the first.
    first, last
        Whether a row is in the first or last category.
    shares
        Rows x boundaries: 1 where a row is at or below the boundary.
    """

    upper: Floats
    lower: Floats
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    shares: Floats

    @classmethod
    def of(cls, matrix: Floats, codes: Codes) -> "ProportionalOdds":
        """Build from terms (rows x slopes, no intercept) and categories coded from 0."""
        boundaries = int(codes.max())
        above = np.eye(boundaries + 1)[codes]
        first, last = codes == 0, codes == boundaries
        upper = np.hstack([-matrix, above[:, :boundaries]]) * ~last[:, None]
        lower = np.hstack([-matrix, above[:, 1:]]) * ~first[:, None]
        shares = (codes[:, None] <= np.arange(boundaries)).astype(float)
        return cls(upper, lower, first, last, shares)

    def at(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
        share, above, below, curves = self._parts(parameters)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = (weights * np.log(share)).sum(axis=0)
        gradient = self.upper.T @ (weights * above) + self.lower.T @ (weights * below)
        uu, ll, ul = ((weights * curve).T[:, None, :] for curve in curves)
        information = (self.upper.T * uu + self.lower.T * ul) @ self.upper
        information += (self.lower.T * ll + self.upper.T * ul) @ self.lower
        return value, gradient, -information

    def start(self, weights: Floats) -> Floats:
        thresholds = logit(self.shares.T @ weights / weights.sum(axis=0))
        slopes = np.zeros((self.upper.shape[1] - len(thresholds), weights.shape[1]))
        return np.vstack([slopes, thresholds])

    def linearised(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        _, above, below, _ = self._parts(parameters[:, None])
        scores = weights[:, None] * (self.upper * above + self.lower * below)
        return scores, self.at(parameters[:, None], weights[:, None])[2][0]

    def _parts(self, parameters: Floats) -> tuple[Floats, Floats, Floats, tuple[Floats, Floats, Floats]]:
        """Share of each row's category; derivatives of its logarithm by the boundaries above and below it."""
        upper = np.where(self.last[:, None], np.inf, self.upper @ parameters)
        lower = np.where(self.first[:, None], -np.inf, self.lower @ parameters)
        # Far above zero both shares are close to 1: their difference is taken on the other side.
        share = np.where(lower > 0, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
        u, v = (expit(edge) * expit(-edge) for edge in (upper, lower))
        with np.errstate(invalid="ignore", divide="ignore"):
            above, below = u / share, -v / share
            uu = above * (expit(-upper) - expit(upper)) - above**2
            ll = below * (expit(-lower) - expit(lower)) - below**2
        return share, above, below, (uu, ll, -above * below)


def maximise(
    likelihood: Likelihood, weights: Floats, *, start: Floats | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Find the parameters under each set of weights by Newton's method, steps halved where they overshoot.

    Parameters
    ----------
    likelihood
        What to maximise, on standardised terms.
    weights
        Rows x sets.
    start
        Where to begin, k x sets.

    Returns
    -------
    parameters
        K x sets.
    found
        Whether there is a maximum: not where categories are separated, a term is gone or the search did not end.

    Examples
    --------
    >>> model = GeneralisedLinear(np.ones((4, 1)), np.array([0.0, 1.0, 1.0, 1.0]), FAMILIES["logistic"])
    >>> parameters, found = maximise(model, np.ones((4, 1)))
    >>> float(parameters[0, 0].round(6)), found.tolist()
    (1.098612, [True])
    """
    weights = weights / weights.mean(axis=0)
    parameters = likelihood.start(weights) if start is None else start
    value, gradient, information = likelihood.at(parameters, weights)
    small = np.full(weights.shape[1], False)
    for _ in range(STEPS):
        step = _newton(gradient, information)
        small = np.abs((gradient * step).sum(axis=0)) < 1e-16 * len(weights)
        for _ in range(HALVINGS):
            ahead, new_gradient, new_information = likelihood.at(parameters + step, weights)
            worse = ~(ahead >= value - 1e-12 * (1 + np.abs(value)))
            if not worse.any():
                break
            step = np.where(worse, step / 2, step)
        else:
            step, ahead = np.where(worse, 0.0, step), np.where(worse, value, ahead)
            ahead, new_gradient, new_information = likelihood.at(parameters + step, weights)
        parameters, value, gradient, information = parameters + step, ahead, new_gradient, new_information
        if small.all():
            break
    return parameters, small & (_weakest(information) > FLAT * len(weights))


def _newton(gradient: Floats, information: Floats) -> Floats:
    """Solve for the step of each set; none where the information is singular."""
    sound = _weakest(information) > 1e-14 * np.maximum(np.trace(information, axis1=1, axis2=2), 1e-300)
    safe = np.where(sound[:, None, None], information, np.eye(information.shape[1]))
    step = np.linalg.solve(safe, gradient.T[..., None])[..., 0].T
    return np.where(sound, step, 0.0)


def _weakest(information: Floats) -> Floats:
    """Smallest eigenvalue of each information; none where it is not finite."""
    finite = np.isfinite(information).all(axis=(1, 2))
    return np.where(finite, np.linalg.eigvalsh(np.where(finite[:, None, None], information, 0.0))[:, 0], -np.inf)
