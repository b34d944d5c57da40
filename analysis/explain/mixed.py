"""Mixed models: companies differ in level, and in how strongly the regressor goes with the outcome."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from analysis.explain.covariance import cluster_sums
from analysis.explain.random_effects import ONE_ROW, repeated
from analysis.explain.solution import Solution, least_squares, squared_correlation, with_note
from analysis.explain.specification import Design
from analysis.infer.columns import Floats
from survey.language import look_up, say

SETTLED = 1e-6
"""The search has ended where a last round of steps lowers the deviance by less than this."""


def mixed_model(design: Design, *, slopes: bool = True, reml: bool = True) -> Solution:
    """Solve a design with a random intercept and, if `slopes`, a random slope of each company.

    ``y = X beta + Z b + e`` with Z the intercept and the regressor less its mean, b normal with any covariance, e
    normal. The deviance is a function of the relative covariance factor of b alone, the rest being profiled out
    (Bates, Mächler, Bolker and Walker, 2015, Journal of Statistical Software 67); restricted maximum likelihood
    unless said otherwise.

    Parameters
    ----------
    design
        Rows and terms, without weights or absorbed effects.
    slopes
        Whether companies also differ in slope; else only in level.
    reml
        Restricted likelihood; else the full one.

    Returns
    -------
    Solution
        Least squares of rows that are rotated so that their errors are alike, so that clustered errors can be had
        as well; `measures` has ``within`` (residual variance), ``between`` (variance of the levels at the mean of
        the regressor), ``slopes`` (variance of the slopes), ``log_likelihood``.

    Notes
    -----
    Agrees with R ``lme4::lmer(y ~ x + (1 + x | company))``, x centred.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> companies, x = np.repeat(np.arange(40), 5), rng.normal(size=200)
    >>> y = np.repeat(rng.normal(1, 0.5, 40), 5) * x + rng.normal(size=200)
    >>> design = Design(outcome=y, regressor=x, others=pd.DataFrame({"Intercept": np.ones(200)}), companies=companies)
    >>> {name: round(value, 1) for name, value in mixed_model(design).measures.items()}
    {'within': 0.8, 'between': 0.0, 'slopes': 0.2, 'log_likelihood': -279.5}
    """
    if not repeated(design):
        return with_note(least_squares(design), look_up(ONE_ROW))
    parts = _parts(design, slopes)
    start = np.array([1.0, 0.0, 1.0]) if slopes else np.array([1.0])
    theta, converged = _search(parts, start, reml)
    profile = parts.profile(theta)
    rotated = _rotated(design, parts, theta)
    solved = least_squares(rotated)
    variance = profile.residual / (parts.n - (parts.k if reml else 0))
    relative = _factor(theta) @ _factor(theta).T * variance
    notes = list(design.notes)
    if not converged:
        notes.append(say("the search for the variances did not converge; the best values found are shown"))
    if min(np.diag(_factor(theta))) < 1e-4:
        notes.append(
            say("companies differ no more than chance would make them in level or slope (singular fit)")
        )
    return replace(
        solved, classical=variance * solved.bread, notes=tuple(notes), again=None,
        r_squared=squared_correlation(design.matrix @ solved.params, design.outcome),
        measures={
            "within": variance, "between": float(relative[0, 0]),
            **({"slopes": float(relative[1, 1])} if slopes else {}),
            "log_likelihood": float(-profile.deviance(parts, reml) / 2),
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """What is left once the fixed coefficients are at their best for a covariance of the effects."""

    residual: float
    log_determinants: float
    information: Floats

    def deviance(self, parts: "_Parts", reml: bool) -> float:
        df = parts.n - (parts.k if reml else 0)
        penalty = float(np.linalg.slogdet(self.information)[1]) if reml else 0.0
        return float(self.log_determinants + penalty + df * (1 + np.log(2 * np.pi * self.residual / df)))


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Products of the columns by company; the outcome is the last column of `cross` and `total`."""

    n: int
    k: int
    design: Floats  # rows x effects
    square: Floats  # companies x effects x effects
    cross: Floats  # companies x effects x (terms + 1)
    total: Floats  # (terms + 1) x (terms + 1)

    def profile(self, theta: Floats) -> _Profile:
        factor = _factor(theta)
        lower = np.linalg.cholesky(factor.T @ self.square @ factor + np.eye(len(factor)))
        pulled = np.linalg.solve(lower, factor.T @ self.cross)
        stacked = pulled.reshape(-1, self.k + 1)
        left = self.total - stacked.T @ stacked
        information, toward = left[:-1, :-1], left[:-1, -1]
        residual = float(left[-1, -1] - toward @ np.linalg.solve(information, toward))
        logs = 2 * float(np.log(np.diagonal(lower, axis1=1, axis2=2)).sum())
        return _Profile(max(residual, np.finfo(float).tiny), logs, information)


def _parts(design: Design, slopes: bool) -> _Parts:
    columns = [np.ones(len(design.outcome))]
    if slopes:
        columns.append(design.regressor - design.regressor.mean())
    effects = np.column_stack(columns)
    data = np.column_stack([design.matrix, design.outcome])
    q, width = effects.shape[1], data.shape[1]
    square = cluster_sums(
        (effects[:, :, None] * effects[:, None, :]).reshape(len(data), -1), design.companies
    )
    cross = cluster_sums((effects[:, :, None] * data[:, None, :]).reshape(len(data), -1), design.companies)
    return _Parts(
        len(data), width - 1, effects, square.reshape(-1, q, q), cross.reshape(-1, q, width), data.T @ data
    )


def _search(parts: _Parts, start: Floats, reml: bool) -> tuple[Floats, bool]:
    """Minimise the deviance over the factor, in units in which an effect is as large as the residual."""
    unit = np.sqrt(np.diagonal(parts.square, axis1=1, axis2=2).sum(axis=0) / parts.n)
    scale = 1 / unit if len(start) == 1 else np.array([1 / unit[0], 1 / unit[1], 1 / unit[1]])
    bounds = optimize.Bounds(np.where(np.arange(len(start)) == 1, -np.inf, 0.0), np.full(len(start), np.inf))

    def deviance(theta: Floats) -> float:
        return parts.profile(theta * scale).deviance(parts, reml)

    first = optimize.minimize(
        deviance,
        start,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
    )
    theta = _polished(deviance, first.x)
    return theta * scale, bool(first.success or deviance(first.x) - deviance(theta) < SETTLED)


def _polished(deviance: Callable[[Floats], float], theta: Floats) -> Floats:
    """Take Newton's steps with derivatives by differences of the fourth order.

    Near its minimum the deviance itself tells values apart to half of its digits only, its derivative to most.
    """
    unit, width = np.eye(len(theta)), 3e-3
    if (theta < 2 * width)[[0, -1]].any():
        return theta  # at the bound, where the derivative need not vanish

    def slope(at: Floats) -> Floats:
        ahead = [deviance(at + step * width * e) for e in unit for step in (-2, -1, 1, 2)]
        return np.asarray(np.array(ahead).reshape(-1, 4) @ np.array([1, -8, 8, -1]) / (12 * width))

    for _ in range(4):
        curvature = np.stack([(slope(theta + 1e-4 * e) - slope(theta - 1e-4 * e)) / 2e-4 for e in unit])
        step = np.linalg.lstsq((curvature + curvature.T) / 2, slope(theta), rcond=None)[0]
        if deviance(theta - step) > deviance(theta) + 1e-6 or ((theta - step)[[0, -1]] < 0).any():
            break
        theta = theta - step
    return theta


def _factor(theta: Floats) -> Floats:
    """Lower triangle whose square is the covariance of the effects over the residual variance."""
    if len(theta) == 1:
        return np.array([[theta[0]]])
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])


def _rotated(design: Design, parts: _Parts, theta: Floats) -> Design:
    """Multiply each company's rows by the symmetric root of the inverse of their covariance.

    With U the left singular vectors of ``Z F`` and d its singular values, it is ``I - U (1 - 1 / sqrt(1 + d^2)) U'``.
    """
    factor = _factor(theta)
    values, vectors = np.linalg.eigh(factor.T @ parts.square @ factor)
    values = values.clip(min=0.0)
    # U d = Z F V, so the middle is V ((1 - (1 + d^2)^-1/2) / d^2) V', with its limit 1/2 at d = 0.
    small = values < 1e-12
    share = np.where(small, 0.5, (1 - (1 + values) ** -0.5) / np.where(small, 1.0, values))
    middle = factor @ (vectors * share[:, None, :]) @ vectors.transpose(0, 2, 1) @ factor.T
    data = np.column_stack([design.matrix, design.outcome])
    pulled = middle @ parts.cross
    data = data - np.einsum("ie,iea->ia", parts.design, pulled[design.companies])
    others = pd.DataFrame(data[:, 1:-1], columns=design.others.columns)
    return replace(design, outcome=data[:, -1], regressor=data[:, 0], others=others)
