import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from analysis.measure.one_way import one_way
from analysis.measure.variance_ratio import components, likely_nodes, moments, theta_interval, theta_reml


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(4)
    sizes = rng.integers(1, 7, 25)
    company = np.repeat(np.arange(25), sizes)
    values = 50 + 8 * rng.normal(size=25)[company] + 12 * rng.normal(size=len(company))
    return pd.DataFrame({"company": company, "function": "", "wave": 1, "c": values})


def normal_likelihood(scores, theta):
    """Return minus twice the restricted log-likelihood from the full covariance matrix."""
    y, n = scores["c"].to_numpy(), len(scores)
    together = scores["company"].to_numpy()[:, None] == scores["company"].to_numpy()
    inverse = np.linalg.inv(np.eye(n) + theta * together)
    one = np.ones(n)
    residual = y - (one @ inverse @ y) / (one @ inverse @ one)
    logdet = -np.linalg.slogdet(inverse)[1]
    return (n - 1) * np.log(residual @ inverse @ residual) + logdet + np.log(one @ inverse @ one)


def test_reml_is_the_top_of_the_full_likelihood(scores):
    best = optimize.minimize_scalar(
        lambda theta: normal_likelihood(scores, theta),
        bounds=(0, 5),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert theta_reml(one_way(scores, ["c"]))[0] == pytest.approx(best.x, abs=1e-6)


def test_nodes_integrate_the_full_likelihood(scores):
    theta, weight = likely_nodes(one_way(scores, ["c"]))
    assert weight.sum(axis=0) == pytest.approx(1)
    grid = np.linspace(0, 6, 3001)
    density = np.array([normal_likelihood(scores, value) for value in grid[::10]])
    density = np.exp(-0.5 * (density - density.min()))
    mean = (density * grid[::10]).sum() / density.sum()
    assert (theta * weight).sum() == pytest.approx(mean, rel=0.01)


def test_components_and_moments_are_generalised_least_squares(scores):
    model = one_way(scores, ["c"])
    theta = theta_reml(model)
    found = components(model, theta).iloc[0]
    n = scores.groupby("company")["c"].agg(["size", "mean"])
    weight = n["size"] / (1 + n["size"] * theta[0])
    assert found["mu"] == pytest.approx(np.average(n["mean"], weights=weight))
    assert found["tau2"] / found["sigma2"] == pytest.approx(theta[0])
    assert found["mu_se"] == pytest.approx(np.sqrt(found["sigma2"] / weight.sum()))
    mu, variance, sigma2 = (part[0] for part in moments(model, theta))
    assert mu == pytest.approx(found["mu"])
    assert sigma2 == pytest.approx(found["sigma2"] * (len(scores) - 1) / (len(scores) - 3))
    assert variance == pytest.approx(sigma2 / weight.sum())


def test_interval_is_where_the_f_test_of_the_ratio_turns(scores):
    model = one_way(scores, ["c"])
    msw = model.mean_squares[1][0]
    n = scores.groupby("company")["c"].agg(["size", "mean"])
    for theta, tail in zip(theta_interval(model, level=0.9), (0.95, 0.05), strict=True):
        weight = n["size"] / (1 + n["size"] * theta[0])
        spread = (weight * (n["mean"] - np.average(n["mean"], weights=weight)) ** 2).sum()
        assert stats.f.cdf(spread / 24 / msw, 24, len(scores) - 25) == pytest.approx(tail, abs=1e-9)


def test_cells_do_not_disturb_one_another(scores):
    other = scores.assign(wave=2, c=-3 * scores["c"] + 1)
    silent = scores.assign(wave=3, c=np.nan)
    model = one_way(pd.concat([silent, other, scores]), ["c"])
    assert model.cells["wave"].tolist() == [1, 2, 3]
    theta = theta_reml(model)
    assert theta[0] == pytest.approx(theta_reml(one_way(scores, ["c"]))[0])
    assert theta[1] == pytest.approx(theta[0])
    assert np.isnan(theta[2])
    assert np.isnan(theta_interval(model)[0][2])
