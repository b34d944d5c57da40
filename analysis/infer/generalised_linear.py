"""Generalised linear models with canonical link: least squares, log odds, log rates."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, xlogy

from analysis.infer.columns import Floats
from analysis.infer.newton import STEPS, Point

R_EPSILON = 1e-8
"""Where R ``glm`` stops (``glm.control``)."""


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
        lambda eta: eta**2 / 2, lambda eta: eta, lambda eta: np.ones(eta.shape), lambda mean: mean,
        lambda y: np.square(y) / 2,
        lambda y, _: y,
    ),
    "logistic": Family(
        lambda eta: np.logaddexp(0, eta), expit, lambda eta: np.asarray(expit(eta) * expit(-eta)), logit,
        lambda y: np.asarray(xlogy(y, y) + xlogy(1 - y, 1 - y)), lambda y, w: (w * y + 0.5) / (w + 1),
    ),
    "poisson": Family(np.exp, np.exp, np.exp, np.log, lambda y: np.asarray(xlogy(y, y) - y), lambda y, _: y + 0.1),
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

    def at(self, parameters: Floats, weights: Floats) -> Point:
        """Value, gradient and information; see `Likelihood`."""
        eta = self.matrix @ parameters
        with np.errstate(over="ignore", invalid="ignore"):
            value = (weights * (self.outcome[:, None] * eta - self.family.cumulant(eta))).sum(axis=0)
            gradient = self.matrix.T @ (weights * (self.outcome[:, None] - self.family.mean(eta)))
            curvature = (weights * self.family.variance(eta)).T[:, None, :]
            information = (self.matrix.T * curvature) @ self.matrix
        return value, gradient, information

    def start(self, weights: Floats) -> Floats:
        """Begin with the mean outcome for everyone."""
        mean = weights.T @ self.outcome / weights.sum(axis=0)
        start = np.zeros((self.matrix.shape[1], weights.shape[1]))
        start[0] = self.family.link(mean)
        return start

    def linearised(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Take both where R ``glm`` leaves them: curvature before the last step, residuals after it.

        R stops reweighting when the deviance changes by less than 1e-8 of itself; errors at the very maximum
        would differ from its by up to 1 in 30,000. `weights` are those of the rows over their mean in the design.
        """
        curvature = weights * self.family.variance(self._before_last_step(weights))
        after = self.matrix @ parameters
        residuals = (self.outcome - self.family.mean(after)) / self.family.variance(after)
        return self.matrix * (curvature * residuals)[:, None], (self.matrix.T * curvature) @ self.matrix

    def _before_last_step(self, weights: Floats) -> Floats:
        """Linear predictor before the last step of iteratively reweighted least squares."""
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
        return before

    def _deviance(self, eta: Floats, weights: Floats) -> float:
        reached = self.outcome * eta - self.family.cumulant(eta)
        return 2 * float(weights @ (self.family.saturated(self.outcome) - reached))
