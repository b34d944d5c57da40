"""The tests behind CFI, TLI and RMSEA as they would be had no answer been missing (Zhang & Savalei 2022)."""

from collections.abc import Sequence

import numpy as np
from scipy import linalg

from analysis.measure.factor_fit import Solution
from analysis.measure.factor_likelihood import Likelihood
from analysis.measure.factor_model import Floats, saturated
from analysis.measure.normal_likelihood import directions
from analysis.measure.saturated_moments import log_likelihood
from analysis.measure.scaled_test import independence_likelihood, saturated_groups, saturated_theta


def corrected_tests(solution: Solution) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return chi-square and its factor for the model and for the baseline.

    Chi-square: the distance of the model, with the parameters that fit the answers, from the saturated
    moments, as if those were of complete answers. Factor: its expected value under the model per degree of
    freedom, which is ``FIML-C (V6)``, or ``(V3)`` where robust, of R lavaan.
    """
    groups = saturated_groups(solution)
    information = [s.information for s in groups]
    crossed = [s.meat for s in groups] if solution.robust else None
    complete = _complete_information(solution)
    baseline, theta = independence_likelihood(solution)
    found = []
    for likelihood, at in ((solution.likelihood, solution.theta), (baseline, theta)):
        size = len(likelihood.samples) * len(complete[0]) - likelihood.n_free
        factor = _expected(_delta(likelihood, at), information, complete, crossed) / size if size else 1.0
        found.append((_chisq(solution, likelihood, at), factor))
    return found[0], found[1]


def _chisq(solution: Solution, likelihood: Likelihood, theta: Floats) -> float:
    at_moments = Likelihood(solution.moments, likelihood.slots, likelihood.n_factors)
    best = sum(log_likelihood(data, data) for data in solution.moments)
    return 2 * (best - at_moments.value(theta)[0])


def _complete_information(solution: Solution) -> list[Floats]:
    """Return each group's information on its moments, had no answer been missing."""
    slots = saturated(solution.likelihood.n_items, means=True)
    return [
        Likelihood([data], [slots], 0).information(saturated_theta(data, means=True), "expected")
        for data in solution.moments
    ]


def _delta(likelihood: Likelihood, theta: Floats) -> list[Floats]:
    """Return the derivatives of each group's moments (rows) by the free parameters."""
    found = []
    for slots, m in zip(likelihood.slots, likelihood.implied(theta), strict=True):
        at = directions(slots, m)
        u, v = at.basis[:, at.u], at.basis[:, at.v]
        row, col = np.tril_indices(len(m.means))
        covariances = at.c * (u[row] * v[col] + v[row] * u[col])
        by_entry = np.vstack([covariances, at.a * at.basis[:, at.m]])
        total, free = np.zeros((len(by_entry), len(theta))), slots.free >= 0
        total[:, slots.free[free]] = by_entry[:, free]
        found.append(total)
    return found


def _expected(
    delta: Sequence[Floats],
    information: Sequence[Floats],
    complete: Sequence[Floats],
    crossed: Sequence[Floats] | None,
) -> float:
    """Return the expected chi-square: what the moments vary beyond what the parameters follow."""
    D, W, C = np.vstack(delta), linalg.block_diag(*information), linalg.block_diag(*complete)
    followed = W @ D @ np.linalg.solve(D.T @ W @ D, D.T)
    if crossed is None:
        return float(np.trace(np.linalg.solve(W, C)) - np.sum(C * np.linalg.solve(W, followed).T))
    beyond = np.eye(len(W)) - followed
    half = np.linalg.solve(W, linalg.block_diag(*crossed))
    spread = np.linalg.solve(W, half.T)
    return float(np.sum((beyond @ C @ beyond.T) * spread))
