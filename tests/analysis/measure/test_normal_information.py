"""Derivatives of the likelihood against numerical ones, with and without missing answers."""

import numpy as np
import pytest
from scipy import stats

from analysis.measure.factor_likelihood import Likelihood, meat, numbered
from analysis.measure.factor_model import FactorModel, layout, saturated
from analysis.measure.factor_start import start
from analysis.measure.normal_likelihood import sample

MODEL = FactorModel({"a": [0, 1, 2], "b": [3, 4]}, equal=("loadings", "intercepts"))


def answers(seed: int, *, gone: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(60, 2)) @ np.array([[1, 0.5], [0, 0.8]])
    values = traits[:, [0, 0, 0, 1, 1]] + rng.normal(size=(60, 5)) + 3
    values[rng.random(values.shape) < gone] = np.nan
    return values[~np.isnan(values).all(axis=1)]


def likelihood(gone: float) -> tuple[Likelihood, np.ndarray]:
    samples = [sample(answers(seed, gone=gone)) for seed in (1, 2)]
    slots = layout(MODEL, 2, means=True)
    whole = [sample(answers(seed, gone=0.0)) for seed in (1, 2)]
    theta = start(MODEL, slots, whole)
    rng = np.random.default_rng(5)
    return Likelihood(samples, slots, 2), theta + 0.05 * rng.random(len(theta))


def numerical(function, theta: np.ndarray) -> np.ndarray:
    moves = np.diag(1e-5 * np.maximum(np.abs(theta), 0.1))
    return np.stack([(function(theta + d) - function(theta - d)) / (2 * d.sum()) for d in moves])


@pytest.mark.parametrize("gone", [0.0, 0.25])
def test_gradient_and_information_are_derivatives(gone):
    own, theta = likelihood(gone)
    gradient = own.value(theta)[1]
    np.testing.assert_allclose(gradient, numerical(lambda t: own.value(t)[0], theta), rtol=1e-5, atol=1e-5)
    second = -numerical(lambda t: own.value(t)[1], theta)
    np.testing.assert_allclose(own.information(theta, "observed"), second, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("gone", [0.0, 0.25])
def test_scores_add_up_to_the_gradient(gone):
    own, theta = likelihood(gone)
    total = sum(scores.sum(axis=0) for scores in own.scores(theta))
    np.testing.assert_allclose(total, own.value(theta)[1], rtol=1e-9, atol=1e-9)


def test_expected_information_is_the_mean_of_the_observed():
    own, theta = likelihood(0.0)
    implied, rng = own.implied(theta), np.random.default_rng(8)
    drawn = [sample(rng.multivariate_normal(m.means, m.covariance, size=200_000)) for m in implied]
    large = Likelihood(drawn, own.slots, 2)
    observed, expected = (large.information(theta, kind) / 200_000 for kind in ("observed", "expected"))
    np.testing.assert_allclose(observed, expected, atol=0.02)
    np.testing.assert_allclose(meat(large, theta, None) / 200_000, expected, atol=0.03)


def test_patterns_summed_first_give_the_same():
    """The saturated model takes the sums over patterns first, one group of one pattern does not."""
    data = sample(answers(3, gone=0.3))
    slots = numbered(saturated(5, means=True), 1)
    theta = np.concatenate([np.eye(5)[np.tril_indices(5)] * 1.5, np.full(5, 3.0)])
    whole = Likelihood([data], slots, 0).information(theta, "observed")
    parts = np.zeros_like(whole)
    values = np.where(data.missing[data.pattern], np.nan, data.rows)
    for pattern in range(len(data.missing)):
        alone = Likelihood([sample(values[data.pattern == pattern])], slots, 0)
        parts += alone.information(theta, "observed")
    np.testing.assert_allclose(whole, parts, rtol=1e-9, atol=1e-9)


def test_likelihood_of_missing_answers_is_that_of_those_given():
    values, covariance, mean = answers(4, gone=0.4), np.eye(5) + 0.5, np.full(5, 3.0)
    expected = 0.0
    for row in values:
        there = ~np.isnan(row)
        expected += stats.multivariate_normal.logpdf(
            row[there], mean[there], covariance[np.ix_(there, there)]
        )
    theta = np.concatenate([covariance[np.tril_indices(5)], mean])
    found = Likelihood([sample(values)], numbered(saturated(5, means=True), 1), 0).value(theta)[0]
    assert found == pytest.approx(expected, rel=1e-10)


def test_many_patterns_give_the_same_with_and_without_a_table_of_pairs(monkeypatch):
    own, theta = likelihood(0.25)
    quick = own.information(theta, "observed")
    monkeypatch.setattr("analysis.measure.normal_information.MOST_PAIRS", 1)
    np.testing.assert_allclose(own.information(theta, "observed"), quick, rtol=1e-10, atol=1e-10)
