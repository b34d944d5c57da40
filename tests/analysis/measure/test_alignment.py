import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pandas.testing import assert_frame_equal, assert_series_equal

from analysis.measure.alignment import (
    STAGES,
    alignment_error,
    company_means,
    function_means,
    indices,
    mean_of,
    profile_similarity,
    stage,
)

NAN = float("nan")
BOTH = ("sales", "marketing")

profiles = st.integers(1, 6).flatmap(
    lambda k: st.tuples(*[arrays(float, (3, k), elements=st.floats(0, 100, width=16)) for _ in BOTH])
)


@pytest.fixture(scope="session")
def instrument(make_instrument):
    return make_instrument(
        {"trust": "t1", "goals": "g1", "weather": "w1", "outside": ""}, markers=("weather",)
    )


@pytest.fixture
def scores():
    """Company X with three people in sales and one in marketing, Y with sales only."""
    return pd.DataFrame(
        {
            "company": ["X", "X", "X", "X", "Y"],
            "function": ["sales", "sales", "sales", "marketing", "sales"],
            "wave": 2025,
            "weight": 1.0,
            "trust": [30.0, 50.0, 40.0, 80.0, 10.0],
            "goals": [20.0, 20.0, NAN, 40.0, 30.0],
            "weather": [50.0, 50.0, 50.0, 70.0, 90.0],
        }
    )


def test_function_means_count_everybody_and_average_the_answers(scores):
    means = function_means(scores, ["trust", "goals"])
    assert means.to_dict("split")["data"] == [
        ["X", 2025, "marketing", 1, 80.0, 40.0],
        ["X", 2025, "sales", 3, 40.0, 20.0],
        ["Y", 2025, "sales", 1, 10.0, 30.0],
    ]


def test_each_function_counts_once(scores):
    means = company_means(scores, ["trust"], functions=BOTH)["trust"]
    assert means.loc[("X", 2025)] == 60.0
    assert np.isnan(means.loc[("Y", 2025)])
    assert (
        company_means(scores, ["trust"], functions=BOTH, require_both=False).loc[("Y", 2025), "trust"] == 10
    )


def test_without_functions_everybody_counts_once(scores):
    means = company_means(scores.assign(function=""), ["trust"], functions=("",))
    assert means.loc[("X", 2025), "trust"] == 50.0


def test_indices_by_hand(scores, instrument):
    table = indices(scores, instrument)
    x = table.iloc[0]
    assert x[["company", "wave", "trust", "goals", "weather"]].tolist() == ["X", 2025, 60.0, 30.0, 60.0]
    assert x[["gap_trust", "gap_goals", "gap", "abs_gap"]].tolist() == [40.0, 20.0, 30.0, 30.0]
    assert x[["alignment", "alignment_sales", "alignment_marketing"]].tolist() == [45.0, 30.0, 60.0]
    assert x[["d2", "elevation", "stage"]].tolist() == [2000.0, 1800.0, "defined"]
    assert "gap_weather" not in table
    assert "outside" not in table


def test_a_silent_function_leaves_no_index(scores, instrument):
    y = indices(scores, instrument).iloc[1]
    assert y.drop(["company", "wave", "alignment_sales"]).isna().all()
    assert y["alignment_sales"] == 20.0


def test_the_rules_can_be_loosened_by_name(scores, instrument):
    y = indices(scores, instrument, require_both=False).iloc[1]
    assert y[["trust", "goals", "alignment", "stage"]].tolist() == [10.0, 30.0, 20.0, "undefined"]
    assert np.isnan(y["gap"])
    scores.loc[3, "goals"] = NAN
    assert np.isnan(indices(scores, instrument)["alignment"][0])
    half = indices(scores, instrument, min_share=0.5).iloc[0]
    assert half[["alignment", "gap", "alignment_sales"]].tolist() == [60.0, 40.0, 30.0]
    assert np.isnan(half["d2"])


def test_a_company_below_the_mean_has_a_negative_gap_and_the_same_size(scores, instrument):
    swapped = scores.replace({"function": {"sales": "marketing", "marketing": "sales"}})
    before, after = indices(scores, instrument).iloc[0], indices(swapped, instrument).iloc[0]
    assert after["gap"] == -before["gap"]
    assert after["abs_gap"] == before["abs_gap"]
    assert after[["d2", "profile_icc"]].tolist() == pytest.approx(before[["d2", "profile_icc"]].tolist())


def test_without_functions_there_is_nothing_to_compare(scores, make_instrument):
    plain = make_instrument({"trust": "t1", "goals": "g1"}, functions=False)
    table = indices(scores.assign(function=""), plain)
    assert list(table) == ["company", "wave", "trust", "goals", "alignment", "alignment_se", "stage"]
    assert table["alignment"].tolist() == pytest.approx([(50 + 80 / 3) / 2, 20.0])


def test_a_construct_without_any_answer(scores, instrument):
    table = indices(scores.assign(goals=NAN), instrument)
    assert table[["goals", "alignment", "gap", "d2", "alignment_se", "stage"]].isna().all(axis=None)
    assert table["gap_trust"].tolist()[0] == 40.0


def test_no_alignment_construct_at_all(scores, make_instrument):
    table = indices(scores, make_instrument({"other": "o1"}))
    assert table[["alignment", "gap", "d2", "profile_icc", "stage"]].isna().all(axis=None)


def test_no_respondents(scores, instrument):
    assert len(indices(scores.iloc[:0], instrument)) == 0


def test_stages_begin_at_their_cuts():
    values = pd.Series([0, 24.999, 25, 49.9, 50, 74.9, 75, 100, NAN, 75 - 1e-13])
    stages = stage(values)
    expected = [STAGES[0]] * 2 + [STAGES[1]] * 2 + [STAGES[2]] * 2 + [STAGES[3]] * 2
    assert stages[:8].tolist() == expected
    assert pd.isna(stages[8])
    assert stages[9] == "integrated"
    assert stages.cat.ordered


def test_mean_of_needs_enough_values():
    values = np.array([[1.0, NAN, 3.0], [NAN, NAN, 5.0], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(mean_of(values, axis=1, at_least=2), [2.0, NAN, NAN])
    np.testing.assert_array_equal(mean_of(values, axis=1, at_least=0), [2.0, 5.0, NAN])


@given(profiles)
@settings(max_examples=60, deadline=None)
def test_the_squared_distance_is_elevation_scatter_and_shape(pair):
    table = profile_similarity(*pair)
    parts = table[["elevation", "scatter", "shape"]]
    np.testing.assert_allclose(parts.sum(axis=1), table["d2"], atol=1e-6)
    np.testing.assert_allclose(table["d2"], ((pair[0] - pair[1]) ** 2).sum(axis=1))
    assert (parts >= 0).all(axis=None)


@given(profiles)
@settings(max_examples=60, deadline=None)
def test_profile_icc_is_the_correlation_of_double_entries(pair):
    for x, y, value in zip(*pair, profile_similarity(*pair)["profile_icc"], strict=True):
        together = np.concatenate([x, y])
        if len(x) < 2 or np.ptp(together) == 0:
            assert np.isnan(value)
        elif np.ptp(together) > 0.01:
            assert value == pytest.approx(np.corrcoef(together, np.concatenate([y, x]))[0, 1], abs=1e-6)


def test_profiles_with_a_gap_have_no_similarity():
    assert profile_similarity([[1, 2], [NAN, 2]], [[1, 2], [1, 2]]).isna().all(axis=1).tolist() == [
        False,
        True,
    ]
    assert profile_similarity([[1, 2]], [[1, 2]])["profile_icc"].tolist() == [1.0]
    assert profile_similarity(np.empty((2, 0)), np.empty((2, 0))).isna().all(axis=None)


def simulated(rng, *, companies, waves, informants, missing=0.0):
    """Draw respondents around fixed company means, one wave per draw; return them and the true alignment."""
    cells = pd.MultiIndex.from_product(
        [range(waves), range(companies), BOTH], names=["wave", "company", "function"]
    ).to_frame(index=False)
    truth = rng.normal(60, 10, (companies, 2, 3))
    n = rng.integers(1, informants + 1, (companies, 2))
    function = cells["function"].eq("marketing").to_numpy(dtype=int)
    rows = cells.index.repeat(n[cells["company"], function])
    company, function = cells["company"].to_numpy()[rows], function[rows]
    person = rng.normal(0, np.array([8.0, 14.0])[function])
    scores = truth[company, function] + person[:, None] + rng.normal(0, 10, (len(rows), 3))
    scores[rng.random(scores.shape) < missing] = NAN
    table = cells.iloc[rows].reset_index(drop=True)
    return table.assign(**dict(zip("abc", scores.T, strict=True))), truth.mean(axis=(1, 2))


@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_the_standard_error_is_the_spread_over_samples(make_instrument, missing):
    scores, truth = simulated(
        np.random.default_rng(7), companies=25, waves=400, informants=6, missing=missing
    )
    table = indices(scores, make_instrument({"a": "a1", "b": "b1", "c": "c1"}))
    known = table.dropna(subset=["alignment"])
    error = known["alignment"] - truth[known["company"]]
    assert error.mean() == pytest.approx(0, abs=0.3)
    assert (known["alignment_se"] ** 2).mean() == pytest.approx((error**2).mean(), rel=0.05)
    by_company = pd.DataFrame({"said": known["alignment_se"] ** 2, "seen": error**2}).groupby(
        known["company"]
    )
    assert np.corrcoef(*by_company.mean().to_numpy().T)[0, 1] > 0.95
    inside = (error.abs() < 1.96 * known["alignment_se"]).mean()
    assert inside == pytest.approx(0.95, abs=0.015)


def test_the_standard_error_by_its_formula():
    scores, _ = simulated(np.random.default_rng(3), companies=8, waves=2, informants=4)
    index = scores[["a", "b", "c"]].mean(axis=1)
    cells = index.groupby([scores[key] for key in ("wave", "function", "company")])
    squares, n = cells.agg(lambda x: ((x - x.mean()) ** 2).sum()), cells.size()
    wave = ["wave", "function"]
    pooled = squares.groupby(wave).sum() / (n - 1).groupby(wave).sum()
    share = (pooled / n.reorder_levels(["company", *wave])).groupby(["company", "wave"]).sum()
    assert_series_equal(alignment_error(scores, ["a", "b", "c"]), np.sqrt(share / 4), check_names=False)


def test_one_informant_has_no_standard_error():
    scores = pd.DataFrame({"company": list("XYY"), "wave": [1, 1, 2], "function": "", "a": [1.0, 2, 3]})
    assert alignment_error(scores, ["a"]).isna().all()
    assert len(alignment_error(scores.assign(a=NAN), ["a"])) == 0


@given(st.permutations(range(5)), st.floats(-20, 20))
@settings(max_examples=12, deadline=None)
def test_order_does_not_matter_and_a_constant_moves_levels_only(instrument, order, shift):
    scores = pd.DataFrame(
        {
            "company": ["X", "X", "X", "X", "X"],
            "function": ["sales", "sales", "sales", "marketing", "marketing"],
            "wave": 2025,
            "trust": [30.0, 50.0, 40.0, 80.0, 60.0],
            "goals": [20.0, 20.0, 35.0, 40.0, 45.0],
        }
    )
    before = indices(scores, instrument)
    assert_frame_equal(indices(scores.iloc[list(order)], instrument), before)
    moved = scores.assign(trust=scores["trust"] + shift, goals=scores["goals"] + shift)
    after = indices(moved, instrument)
    same = ["gap", "d2", "elevation", "scatter", "shape", "profile_icc", "alignment_se"]
    assert_frame_equal(after[same], before[same])
    levels = ["trust", "goals", "alignment", "alignment_sales", "alignment_marketing"]
    assert_frame_equal(after[levels], before[levels] + shift)
