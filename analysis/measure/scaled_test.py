"""Yuan-Bentler scaling of a chi-square, for answers that are not normal or are dependent within companies."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.measure.factor_fit import inverse_information
from analysis.measure.factor_likelihood import Likelihood, meat, numbered
from analysis.measure.factor_model import Floats, independence, saturated
from analysis.measure.factor_sample import GroupedAnswers
from analysis.measure.normal_likelihood import Sample
from analysis.measure.saturated_moments import saturated_sample


@dataclass(frozen=True, slots=True, eq=False)
class Saturated:
    """One group's model with every moment free, at its best: information and cross products of scores."""

    information: Floats
    meat: Floats


def saturated_theta(moments: Sample, *, means: bool) -> Floats:
    """Return the free moments of a group in the order of `saturated`."""
    lower = moments.covariance[np.tril_indices(len(moments.mean))]
    return np.concatenate([lower, moments.mean]) if means else lower


@lru_cache(maxsize=16)  # every model of the same answers, and each of its tests, asks in turn
def saturated_groups(answers: GroupedAnswers, *, means: bool) -> list[Saturated]:
    """Return each group's saturated model."""
    found = []
    for group, data in enumerate(answers.samples):
        alone = Likelihood([data], [saturated(len(data.mean), means=means)], 0)
        theta = saturated_theta(saturated_sample(data)[0], means=means)
        clusters = None if answers.clusters is None else [answers.clusters[group]]
        found.append(Saturated(alone.information(theta, "observed"), meat(alone, theta, clusters)))
    return found


@lru_cache(maxsize=16)  # every model of the same answers and their baseline ask in turn
def trace_saturated(answers: GroupedAnswers, *, means: bool) -> float:
    """Return the trace of inverse information times cross products of scores in the saturated model."""
    if answers.clusters is None and all(data.complete for data in answers.samples):
        return sum(_trace_complete(data, means=means) for data in answers.samples)
    groups = saturated_groups(answers, means=means)
    return sum(float(np.trace(np.linalg.solve(s.information, s.meat))) for s in groups)


def _trace_complete(data: Sample, *, means: bool) -> float:
    """Return the trace from Mahalanobis distances, which say it all where answers are complete."""
    away, p = data.rows - data.mean, len(data.mean)
    distance = np.sum(away @ np.linalg.inv(data.covariance) * away, axis=1)
    return float(np.mean((distance**2 - 2 * distance + p) / 2 + (distance if means else 0.0)))


def factor_at(
    answers: GroupedAnswers, likelihood: Likelihood, theta: Floats, *, df: int, crossed: Floats | None = None
) -> float:
    """Return the factor that the chi-square of a model of the same answers is divided by.

    ``(tr(A1^-1 B1) - tr(A0^-1 B0)) / df``, with A the information and B the cross products of scores of the
    saturated model (1) and of the model (0): Yuan & Bentler (2000) as Mplus computes it. `crossed` is B0 where
    it is known already. NaN where the information is singular.

    Notes
    -----
    Agrees with ``chisq.scaling.factor`` (test "yuan.bentler.mplus") in R lavaan, ``estimator = "MLR"``, without and
    with ``cluster =``. With clusters ``estimator = "ML"`` differs a little: it takes the information of the moments
    for the Hessian.
    """
    inverse = inverse_information(likelihood.information(theta, "observed"))
    if inverse is None:
        return np.nan
    crossed = meat(likelihood, theta, answers.clusters) if crossed is None else crossed
    own = float(np.sum(inverse * crossed))
    return (trace_saturated(answers, means=likelihood.means) - own) / df


def independence_likelihood(answers: GroupedAnswers, *, means: bool) -> tuple[Likelihood, Floats]:
    """Return the baseline model, in which items do not covary, and its best parameters."""
    slots = independence(len(answers.samples[0].mean), means=means)
    each = numbered(slots, len(answers.samples))
    theta = np.concatenate([_own_moments(data, means=means) for data in answers.samples])
    return Likelihood(answers.samples, each, 0), theta


def _own_moments(data: Sample, *, means: bool) -> Floats:
    """Return each item's variance, and mean, over those who answered it."""
    if len(data.rows) == 0:
        variance, mean = np.diag(data.covariance), data.mean
    else:
        answered = ~data.missing[data.pattern]
        n = answered.sum(axis=0)
        mean = data.rows.sum(axis=0) / n
        variance = (np.where(answered, data.rows - mean, 0.0) ** 2).sum(axis=0) / n
    return np.concatenate([variance, mean]) if means else np.asarray(variance)
