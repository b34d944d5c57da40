import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analysis.measure.agreement import agreement
from analysis.measure.agreement_significance import (
    FEW,
    agreement_significance,
    latent_correlation,
    simulate_spread,
    within_correlation,
)
from analysis.measure.agreement_summary import significant_share
from analysis.measure.null_distributions import SHAPES, null_shares, null_variance
from survey.instrument import Scale

FIVE = Scale(min=1, max=5)


def at_random(rng, *, companies, informants, items, r=0.0, shape="uniform"):
    """Return answers of people who answer at random, each person's items going together."""
    people = companies * informants
    latent = np.sqrt(r) * rng.normal(size=(people, 1)) + np.sqrt(1 - r) * rng.normal(size=(people, items))
    cuts = np.quantile(rng.normal(size=200_000), np.cumsum(null_shares(5, shape))[:-1].clip(0, 1))
    answers = 1 + np.searchsorted(cuts, latent)
    company = np.repeat([f"c{i:04}" for i in range(companies)], informants)
    return {"company": company.tolist(), **{f"a{i + 1}": answers[:, i] for i in range(items)}}


def test_simulated_values_agree_with_multilevel():
    rng = np.random.default_rng(1)
    # multilevel::rwg.sim(10, 5, ...), rwg.j.sim(10, 6, 5, ...) and ad.m of such answers: simulated too, hence the
    # tolerance. Few values exist for one item, so shares are compared and not quantiles, which would jump.
    variance, deviation = simulate_spread(10, n_items=1, scale=FIVE, rng=rng, draws=40_000)
    assert np.maximum(1 - variance / 2, 0).mean() == pytest.approx(0.1198, abs=0.01)
    assert (1 - variance / 2 >= 0.5055).mean() == pytest.approx(0.0516, abs=0.006)
    assert (deviation <= 0.7601).mean() == pytest.approx(0.0501, abs=0.006)
    variance, _ = simulate_spread(10, n_items=6, scale=FIVE, rng=rng, draws=40_000)
    q = np.quantile(variance, 0.05) / 2
    assert 6 * (1 - q) / (6 * (1 - q) + q) == pytest.approx(0.6014, abs=0.015)
    # rwg.j.sim(10, 3, 5, itemcors) with 0.5 between the normal scores, which is 0.451 between the answers.
    variance, _ = simulate_spread(10, n_items=3, scale=FIVE, rng=rng, item_r=0.451, draws=40_000)
    q = np.quantile(variance, 0.05) / 2
    assert 3 * (1 - q) / (3 * (1 - q) + q) == pytest.approx(0.588, abs=0.015)


@pytest.mark.parametrize("shape", SHAPES)
def test_simulated_answers_have_the_variance_of_their_null(shape):
    variance, _ = simulate_spread(
        4, n_items=2, scale=FIVE, rng=np.random.default_rng(2), shape=shape, item_r=0.4, draws=30_000
    )
    assert variance.mean() == pytest.approx(null_variance(FIVE, shape), rel=0.03)


def test_a_continuous_scale_is_simulated_too():
    scale = Scale(min=0, max=100, whole=False)
    variance, _ = simulate_spread(5, n_items=1, scale=scale, rng=np.random.default_rng(3))
    assert variance.mean() == pytest.approx(10000 / 12, rel=0.05)


@pytest.mark.parametrize("r", [0.2, 0.5, 0.8])
def test_latent_correlation_gives_answers_their_correlation(r):
    rng, shares = np.random.default_rng(4), null_shares(5, "slight_skew")
    latent = latent_correlation(r, shares)
    scores = rng.multivariate_normal([0, 0], [[1, latent], [latent, 1]], size=200_000)
    cuts = np.quantile(rng.normal(size=500_000), np.cumsum(shares)[:-1])
    assert np.corrcoef(np.searchsorted(cuts, scores).T)[0, 1] == pytest.approx(r, abs=0.015)


@pytest.mark.parametrize(("items", "r"), [(1, 0.0), (3, 0.0), (4, 0.6)])
def test_people_who_answer_at_random_seldom_agree_significantly(make_instrument, make_responses, items, r):
    rng = np.random.default_rng(5)
    columns = at_random(rng, companies=1500, informants=8, items=items, r=r)
    names = " ".join(f"a{i + 1}" for i in range(items))
    responses = make_responses(columns, make_instrument({"a": names}, functions=False))
    tested = agreement_significance(responses, agreement(responses), rng=rng, draws=4000)
    row = significant_share(tested).iloc[0]
    assert row["n"] == 1500
    # Few values of one item's variance exist: the test then stays below its level.
    assert row["share"] <= 0.065
    if items > 1:
        assert row["share"] >= 0.035
        assert (tested["p_ad"] <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert tested["item_r"].iloc[0] == pytest.approx(0.9 * r, abs=0.06)


def test_independent_items_would_find_too_much(make_instrument, make_responses):
    rng = np.random.default_rng(6)
    columns = at_random(rng, companies=800, informants=6, items=4, r=0.7)
    responses = make_responses(columns, make_instrument({"a": "a1 a2 a3 a4"}, functions=False))
    table = agreement(responses)
    independent, _ = simulate_spread(6, n_items=4, scale=FIVE, rng=rng)
    assert (table["variance"] <= np.quantile(independent, 0.05)).mean() > 0.10


def test_people_who_agree_are_found_and_one_cannot_be_tested(make_instrument, make_responses):
    columns = {
        "company": ["x"] * 5 + ["y"] + ["z"] * 5,
        "a1": [4, 4, 4, 5, 4, 3, 1, 5, 1, 5, 3],
        "a2": [4, 4, 4, 4, 4, 3, 1, 5, 1, 5, 3],
    }
    responses = make_responses(columns, make_instrument({"a": "a1 a2"}, functions=False))
    table = agreement(responses)
    tested = agreement_significance(responses, table, rng=np.random.default_rng(7), draws=2000)
    tested = tested.set_index("company")
    assert tested.loc["x", ["p_value", "p_ad"]].max() < 0.02
    assert tested.loc["z", "p_value"] > 0.5
    assert tested.loc["y", "note"] == FEW
    assert tested.loc[["y"], ["p_value", "p_ad"]].isna().all(axis=None)
    again = agreement_significance(responses, table, rng=np.random.default_rng(7), draws=2000)
    assert_frame_equal(tested.reset_index(), again[tested.reset_index().columns])
    assert significant_share(again)["n"].tolist() == [2]


def test_reversed_items_are_turned_before_they_correlate(make_instrument, make_responses):
    rng = np.random.default_rng(8)
    columns = at_random(rng, companies=50, informants=6, items=2, r=0.6)
    plain = within_correlation(make_responses(columns, make_instrument({"a": "a1 a2"}, functions=False)), "a")
    columns["a2"] = 6 - columns["a2"]
    turned = within_correlation(
        make_responses(columns, make_instrument({"a": "a1 -a2"}, functions=False)), "a"
    )
    assert turned == pytest.approx(plain)
    assert plain > 0.4
    same = make_responses({"a1": [3, 3, 3, 3], "a2": [2, 2, 2, 2]}, make_instrument({"a": "a1 a2"}))
    assert within_correlation(same, "a") == 0.0


def test_nobody_to_test(make_instrument, make_responses):
    responses = make_responses({"a1": pd.Series(dtype=float)}, make_instrument({"a": "a1"}))
    assert len(agreement_significance(responses, agreement(responses), rng=np.random.default_rng(1))) == 0
