"""Confirmatory factor analysis by maximum likelihood: estimates, standard errors, the test of the model."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import linalg

from analysis.measure.factor_likelihood import Likelihood, meat
from analysis.measure.factor_model import FactorModel, Floats, layout
from analysis.measure.factor_sample import GroupedAnswers, grouped_answers
from analysis.measure.factor_search import Found, newton, quasi_newton
from analysis.measure.factor_start import start
from analysis.measure.normal_likelihood import Sample, sample_of_moments
from analysis.measure.saturated_moments import log_likelihood, saturated_sample
from survey.language import say


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A model fitted: the free parameters `theta`, the answers they rest on, and how sure they are.

    `moments` holds each group's saturated moments, `inverse` the inverse information (expected; observed where
    `robust` or `fiml`), `covariance` the covariance of theta: equal to `inverse`, or the sandwich where
    `robust`; then `meat` holds the cross products of scores.
    """

    data: GroupedAnswers
    likelihood: Likelihood
    moments: Sequence[Sample]
    robust: bool
    fiml: bool
    theta: Floats
    logl: float
    logl_saturated: float
    inverse: Floats
    covariance: Floats
    meat: Floats | None

    @property
    def chisq(self) -> float:
        """Twice the distance to the saturated log-likelihood."""
        return max(2 * (self.logl_saturated - self.logl), 0.0)

    @property
    def df(self) -> int:
        """Moments less free parameters."""
        p = self.likelihood.n_items
        each = p * (p + 1) // 2 + (p if self.likelihood.means else 0)
        return each * len(self.likelihood.samples) - self.likelihood.n_free

    @property
    def n(self) -> int:
        """Respondents of all groups."""
        return sum(data.n for data in self.likelihood.samples)


@dataclass(frozen=True, slots=True, eq=False)
class FactorFit:
    """A factor model and what came of fitting it: `solution` is absent where `note` says why.

    `inadmissible` says what no population can have about a solution (a negative residual variance); `note` tells
    that too, and who was left out.
    """

    model: FactorModel
    groups: tuple[Hashable, ...]
    solution: Solution | None
    note: str
    inadmissible: str = ""


def fit_factors(
    answers: pd.DataFrame,
    model: FactorModel,
    *,
    groups: pd.Series | None = None,
    clusters: pd.Series | None = None,
    robust: bool = False,
    missing: str = "listwise",
) -> FactorFit:
    """Fit a confirmatory factor model by maximum likelihood (Jöreskog 1969).

    Parameters
    ----------
    answers
        One row per respondent, items in columns, NaN where missing; reversed items turned.
    model
        The factors and what groups have in common.
    groups
        The group of each respondent: moments are fitted within groups. Who has none is left out.
    clusters
        The company of each respondent: errors allow for dependence within it, and are robust.
    robust
        Standard errors and test that hold when answers are not normal: Huber-White sandwich, Yuan-Bentler
        scaled chi-square (Yuan & Bentler 2000), as estimator MLR of Mplus and lavaan.
    missing
        "listwise", or "fiml": full-information maximum likelihood, valid where what is missing depends on
        what is not (missing at random).

    Returns
    -------
    FactorFit
        With `loadings`, `fit_measures`, `modification_indices` to read it. Without solution, and a note that
        says why, where nothing could be computed.

    Notes
    -----
    Agrees with ``cfa(model, data, estimator = "ML" or "MLR", missing =, cluster =, group =, group.equal =)``
    in R lavaan, standard errors included: expected information, or observed where robust or answers are
    missing. With clusters it is ``estimator = "MLR", cluster =``, chi-square included. Where a cluster has respondents
    in several groups, the scores of all free parameters are added over the groups before they are squared, so that a
    company counts once; lavaan takes its parts for independent.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trait = rng.normal(size=(500, 1))
    >>> answers = pd.DataFrame(trait + rng.normal(size=(500, 3)), columns=["a", "b", "c"])
    >>> fit = fit_factors(answers, FactorModel({"trust": ["a", "b", "c"]}))
    >>> fit.solution.df, fit.note
    (0, '')
    """
    data = grouped_answers(answers, model.items, groups=groups, clusters=clusters, missing=missing)
    return fit_grouped(data, model, robust=robust or clusters is not None, fiml=missing == "fiml")


def fit_moments(
    covariance: ArrayLike, model: FactorModel, *, n: int, means: ArrayLike | None = None
) -> FactorFit:
    """Fit a factor model to the covariance (divisor n) or correlation matrix of n respondents.

    Agrees with ``cfa(model, sample.cov = , sample.nobs = n, sample.cov.rescale = FALSE)`` in R lavaan. On
    polychoric correlations the estimates hold; errors and tests do not.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    centre = np.zeros(len(matrix)) if means is None else np.asarray(means, dtype=np.float64)
    smallest = np.linalg.eigvalsh(matrix)[0] if np.isfinite(matrix).all() else np.nan
    problems = () if smallest > 0 else (say("the covariance matrix is not positive definite"),)
    data = GroupedAnswers(("all",), (sample_of_moments(matrix, centre, n=n),), None, (), problems)
    return fit_grouped(data, model, robust=False, fiml=False)


def fit_grouped(data: GroupedAnswers, model: FactorModel, *, robust: bool, fiml: bool) -> FactorFit:
    """Fit a factor model to answers that are grouped already, as several models of the same answers need."""
    if data.problems:
        return FactorFit(model, data.labels, None, "; ".join([*data.problems, *data.notes]))
    default = len(data.labels) > 1 or data.clusters is not None
    means = fiml or (default if model.means is None else model.means)
    slots = layout(model, len(data.labels), means=means)
    likelihood = Likelihood(data.samples, slots, len(model.factors))
    if problems := _unidentified(likelihood):
        return FactorFit(model, data.labels, None, "; ".join([*problems, *data.notes]))
    solution, why = _solve(model, likelihood, data, robust=robust, fiml=fiml)
    note, odd = "; ".join([*why, *data.notes]), "" if solution is None else "; ".join(why)
    return FactorFit(model, data.labels, solution, note, odd)


def _unidentified(likelihood: Likelihood) -> list[str]:
    """Return why the data cannot tell the parameters of a model apart, by counting."""
    p, groups = likelihood.n_items, len(likelihood.samples)
    n, n_free = sum(data.n for data in likelihood.samples), likelihood.n_free
    moments = groups * (p * (p + 1) // 2 + (p if likelihood.means else 0))
    if n_free > moments:
        return [
            say(
                "{parameters} parameters are too many for {moments} variances, covariances and means",
                parameters=n_free,
                moments=moments,
            )
        ]
    return (
        [say("{n} respondents are too few for {parameters} parameters", n=n, parameters=n_free)]
        if n <= n_free
        else []
    )


def _solve(
    model: FactorModel, likelihood: Likelihood, data: GroupedAnswers, *, robust: bool, fiml: bool
) -> tuple[Solution | None, list[str]]:
    ready = [saturated_sample(own) for own in data.samples]
    moments = [own for own, _ in ready]
    if not all(converged for _, converged in ready):
        return None, [say("too much is missing: means and covariances did not converge")]
    found = _search(model, likelihood, moments)
    if not found.converged:
        return None, [say("the model did not converge in {steps} steps", steps=found.steps)]
    information = likelihood.information(found.theta, "observed" if robust or fiml else "expected")
    inverse = inverse_information(information)
    if inverse is None:
        return None, [say("the answers cannot tell the parameters apart: the model is not identified")]
    crossed = meat(likelihood, found.theta, data.clusters) if robust else None
    covariance = inverse if crossed is None else inverse @ crossed @ inverse
    best = sum(log_likelihood(own, moment) for own, moment in zip(data.samples, moments, strict=True))
    solution = Solution(
        data, likelihood, moments, robust, fiml, found.theta, found.logl, best, inverse, covariance, crossed,
    )  # fmt: skip
    return solution, _oddities(model, solution)


def _search(model: FactorModel, likelihood: Likelihood, moments: Sequence[Sample]) -> Found:
    """Return the best parameters; where answers are missing, searched for from those of the moments."""
    at_moments = Likelihood(moments, likelihood.slots, likelihood.n_factors)
    flat = start(model, likelihood.slots, moments, flat=True)
    found = newton(at_moments, start(model, likelihood.slots, moments))
    if not found.converged:
        found = newton(at_moments, flat)
    if not found.converged:
        found = quasi_newton(at_moments, flat, at_moments.information(flat, "expected")) or found
    if not found.converged or all(data.complete for data in likelihood.samples):
        return found
    information = at_moments.information(found.theta, "expected")
    return quasi_newton(likelihood, found.theta, information) or newton(likelihood, found.theta)


def inverse_information(information: Floats) -> Floats | None:
    """Return the inverse of an information matrix, none where it is singular or not positive."""
    scale = np.sqrt(np.abs(np.diag(information)))
    if not (scale > 0).all():
        return None
    scaled = information / np.outer(scale, scale)
    if linalg.eigvalsh(scaled, subset_by_index=(0, 0))[0] < 1e-9:
        return None
    return np.asarray(linalg.inv(scaled) / np.outer(scale, scale))


def _oddities(model: FactorModel, solution: Solution) -> list[str]:
    """Return what no population can have: negative variances, correlations beyond 1."""
    found = []
    implied = solution.likelihood.implied(solution.theta)
    residuals = [m.covariance - m.loadings @ m.factors @ m.loadings.T for m in implied]
    lowest = np.min([np.diag(r) for r in residuals], axis=0)
    if heywood := [item for item, value in zip(model.items, lowest, strict=True) if value < -1e-8]:
        found.append(say("negative residual variance (Heywood case): {heywood}", heywood=", ".join(heywood)))
    if min(np.linalg.eigvalsh(m.factors)[0] for m in implied) < 0:
        found.append(
            say("the factors' covariances are impossible: a negative variance or a correlation beyond 1")
        )
    return found
