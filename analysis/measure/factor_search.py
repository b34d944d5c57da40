"""The search for the parameters with the highest likelihood."""

from typing import NamedTuple

import numpy as np
from scipy import linalg, optimize

from analysis.measure.factor_likelihood import Likelihood
from analysis.measure.factor_model import Floats

MAX_STEPS, HALVINGS, SCORING_STEPS = 100, 30, 2
RIDGE = 20
"""After so many steps in a row that had to be cut short, a search follows a ridge that has no top."""
CLOSE = 1e-8
"""The search ends with the step that promises less than this of log-likelihood: 1e-4 standard errors."""


class Found(NamedTuple):
    """The best parameters, their log-likelihood, whether the search converged, and its steps."""

    theta: Floats
    logl: float
    converged: bool
    steps: int


def newton(likelihood: Likelihood, start: Floats) -> Found:
    """Climb by Fisher scoring, then by Newton's method, halving steps that do not climb."""
    theta, (logl, slope), short = start, likelihood.value(start), 0
    for step in range(MAX_STEPS):
        if not np.isfinite(logl):
            break
        direction = _direction(likelihood, theta, slope, observed=step >= SCORING_STEPS)
        promised = float(slope @ direction)
        if promised < CLOSE:
            return Found(theta + direction, likelihood.value(theta + direction)[0], True, step)
        halvings, theta_after, logl_after, slope_after = _climb(likelihood, theta, logl, direction)
        short = short + 1 if halvings else 0
        if logl_after <= logl or short == RIDGE:
            break
        theta, logl, slope = theta_after, logl_after, slope_after
    return Found(theta, logl, False, step)


def _direction(likelihood: Likelihood, theta: Floats, slope: Floats, *, observed: bool) -> Floats:
    """Return the step of Newton's method, of Fisher scoring where that would not climb."""
    if observed:
        factor = _cholesky(likelihood.information(theta, "observed"))
        if factor is not None:
            return np.asarray(linalg.cho_solve((factor, True), slope))
    information = likelihood.information(theta, "expected")
    factor = _cholesky(information)
    if factor is not None:
        return np.asarray(linalg.cho_solve((factor, True), slope))
    return np.asarray(np.linalg.lstsq(information, slope, rcond=1e-10)[0])


def _climb(
    likelihood: Likelihood, theta: Floats, logl: float, direction: Floats
) -> tuple[int, Floats, float, Floats]:
    """Return the first of the full step and its halves that climbs, after its halvings; the last tried if none does."""
    for halving in range(HALVINGS):
        after = theta + direction / 2**halving
        value, slope = likelihood.value(after)
        if value > logl:
            break
    return halving, after, value, slope


def _cholesky(matrix: Floats) -> Floats | None:
    try:
        return np.asarray(linalg.cholesky(matrix, lower=True))
    except (linalg.LinAlgError, ValueError):
        return None


def quasi_newton(likelihood: Likelihood, start: Floats, information: Floats) -> Found | None:
    """Climb by BFGS in coordinates where the given information is the identity; None where it is not positive.

    Where answers are missing, information costs far more than the likelihood and its gradient.
    """
    factor = _cholesky(information)
    if factor is None:
        return None

    def fall(x: Floats) -> tuple[float, Floats]:
        logl, slope = likelihood.value(start + linalg.solve_triangular(factor, x, trans="T", lower=True))
        return -logl, -linalg.solve_triangular(factor, slope, lower=True)

    # The gradient is in standard errors: 1e-4 of one is beyond any digit that is reported.
    done = optimize.minimize(
        fall, np.zeros(len(start)), jac=True, method="BFGS", options={"gtol": 1e-5, "maxiter": 500}
    )
    theta = start + linalg.solve_triangular(factor, done.x, trans="T", lower=True)
    return Found(theta, -float(done.fun), bool(np.abs(done.jac).max() < 1e-3), int(done.nit))
