"""The tests behind CFI, TLI and RMSEA as they would be had no answer been missing (Zhang & Savalei 2022)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.measure.factor_fit import Solution
from analysis.measure.factor_likelihood import Likelihood, gathered
from analysis.measure.factor_model import Floats, saturated
from analysis.measure.normal_information import directions
from analysis.measure.saturated_moments import log_likelihood
from analysis.measure.scaled_test import (
    Saturated,
    independence_likelihood,
    saturated_groups,
    saturated_theta,
)


def corrected_tests(solution: Solution) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return chi-square and its factor for the model and for the baseline.

    Chi-square: the distance of the model, with the parameters that fit the answers, from the saturated
    moments, as if those were of complete answers. Factor: its expected value under the model per degree of
    freedom, which is ``FIML-C (V6)``, or ``(V3)`` where robust, of R lavaan.
    """
    complete = _complete_information(solution)
    groups = [
        _Moments.of(group, unmissed, robust=solution.robust)
        for group, unmissed in zip(saturated_groups(solution.data, means=True), complete, strict=True)
    ]
    baseline, theta = independence_likelihood(solution.data, means=True)
    size, found = len(groups) * len(complete[0]), []
    for likelihood, at in ((solution.likelihood, solution.theta), (baseline, theta)):
        expected = _expected(_delta(likelihood, at), groups)
        df = size - likelihood.n_free
        found.append((_chisq(solution, likelihood, at), expected / df if df else 1.0))
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
        free = slots.free >= 0
        found.append(gathered(by_entry[:, free], slots.free[free], len(theta)))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """What the expected chi-square of every model of a group needs: W, C, J, ``C W^-1 J`` and its trace with W^-1."""

    information: Floats
    complete: Floats
    noise: Floats
    half: Floats
    trace: float

    @classmethod
    def of(cls, group: Saturated, complete: Floats, *, robust: bool) -> "_Moments":
        scaled = np.linalg.solve(group.information, complete).T
        if not robust:
            trace = float(np.trace(scaled))
            return cls(group.information, complete, group.information, complete, trace)
        half = scaled @ group.meat
        trace = float(np.trace(np.linalg.solve(group.information, half.T)))
        return cls(group.information, complete, group.meat, half, trace)


def _expected(delta: Sequence[Floats], groups: Sequence[_Moments]) -> float:
    """Return the expected chi-square: what the moments vary beyond what the parameters follow.

    With W the information on the moments, C that of complete answers, J the cross products of scores (W where
    not robust) and D the derivatives of the moments, E = D'WD: the trace of ``P C P' W^-1 J W^-1``, where
    ``P = I - W D E^-1 D'``.
    """
    own, crossed = np.zeros((2, delta[0].shape[1], delta[0].shape[1]))
    mixed, spread, total = np.zeros_like(own), np.zeros_like(own), 0.0
    for derivatives, group in zip(delta, groups, strict=True):
        total += group.trace
        own += derivatives.T @ group.information @ derivatives
        crossed += derivatives.T @ group.noise @ derivatives
        mixed += derivatives.T @ group.half @ derivatives
        spread += derivatives.T @ group.complete @ derivatives
    inverse = np.linalg.inv(own)
    return float(total - 2 * np.trace(inverse @ mixed) + np.trace(inverse @ spread @ inverse @ crossed))
