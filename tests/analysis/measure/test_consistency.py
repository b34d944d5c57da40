import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.consistency import (
    COEFFICIENTS,
    alpha_of,
    alphas_if_dropped,
    coefficients,
    item_rest,
)
from analysis.measure.item_covariance import clustered_error, correlation_of, pairwise_covariance

CONSTRUCTS = {"goals": 4, "trust": 3, "data": 4, "plans": 3}
cases = [(name, function) for name in CONSTRUCTS for function in ("sales", "marketing")]


def answers_to(questionnaire, construct, function):
    table = questionnaire.assign(goals3=6 - questionnaire["goals3"])
    names = [f"{construct}{i}" for i in range(1, CONSTRUCTS[construct] + 1)]
    return table.loc[table["function"] == function, ["company", *names]]


@pytest.fixture(scope="module")
def misfit():
    """A covariance matrix that one factor does not fit, from few people."""
    rng = np.random.default_rng(8)
    shared = rng.normal(size=(90, 1))
    return np.cov(shared + rng.normal(size=(90, 5)) * [0.8, 1, 1.2, 1.5, 2], rowvar=False)


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_derivatives_are_those_of_the_coefficient(misfit, name):
    rng = np.random.default_rng(2)
    change = rng.normal(size=misfit.shape)
    change += change.T
    step = 1e-6
    up, down = (coefficients(misfit + sign * step * change)[name].value for sign in (1, -1))
    found = coefficients(misfit)[name]
    assert (found.gradient * change).sum() == pytest.approx((up - down) / (2 * step), rel=1e-5)


@pytest.mark.parametrize(("construct", "function"), cases)
def test_alphas_agree_with_psych_on_pairs(*, questionnaire, reliability_in_r, construct, function):
    answers = answers_to(questionnaire, construct, function).drop(columns="company")
    found = coefficients(pairwise_covariance(answers.to_numpy(dtype=float)))
    for name in ("alpha", "alpha_standardised", "mean_r"):
        assert found[name].value == pytest.approx(reliability_in_r[construct, function, name], rel=1e-10)


@pytest.mark.parametrize(("construct", "function"), cases)
def test_omegas_agree_with_semtools(*, questionnaire, reliability_in_r, construct, function):
    complete = answers_to(questionnaire, construct, function).dropna()
    values = complete.drop(columns="company").to_numpy(dtype=float)
    found = coefficients(pairwise_covariance(values))
    expected = reliability_in_r[construct, function]
    assert len(complete) == expected["complete_n"]
    for name in ("omega_total", "omega_hierarchical", "composite_reliability", "ave"):
        assert found[name].value == pytest.approx(expected[name], abs=5e-7)
    assert found["omega_total"].value == pytest.approx(expected["omega_total_semtools"], abs=5e-7)


@pytest.mark.parametrize(("construct", "function"), cases)
def test_the_clustered_error_agrees_with_lavaan(*, questionnaire, reliability_in_r, construct, function):
    complete = answers_to(questionnaire, construct, function).dropna()
    values = complete.drop(columns="company").to_numpy(dtype=float)
    gradient = coefficients(pairwise_covariance(values))["omega_total"].gradient
    error = clustered_error(values, gradient, pd.factorize(complete["company"])[0])
    assert error == pytest.approx(reliability_in_r[construct, function, "omega_total_se"], rel=1e-6)


@pytest.mark.parametrize("scale", ["agree", "conscientious", "extraversion", "neuroticism", "openness"])
def test_bfi_agrees_with_psych_and_semtools(real_data, scale):
    folder = real_data / "psychometrics"
    expected = json.loads((folder / "reference.json").read_text())["bfi"][scale]
    keys = json.loads((folder / "bfi_keys.json").read_text())[scale]
    signs = np.array([-1.0 if key.startswith("-") else 1.0 for key in keys])
    answers = pd.read_csv(folder / "bfi.csv")[[key.removeprefix("-") for key in keys]]
    pairs = pairwise_covariance(answers.to_numpy(dtype=float) * signs)
    found, in_psych = coefficients(pairs), expected["pairwise"]
    assert found["alpha"].value == pytest.approx(in_psych["raw_alpha"], rel=1e-9)
    assert found["alpha_standardised"].value == pytest.approx(in_psych["std_alpha"], rel=1e-9)
    assert found["mean_r"].value == pytest.approx(in_psych["average_r"], rel=1e-9)
    np.testing.assert_allclose(item_rest(pairs), list(in_psych["item_r_drop"].values()), rtol=1e-9)
    np.testing.assert_allclose(
        alphas_if_dropped(pairs), list(in_psych["alpha_if_dropped"].values()), rtol=1e-9
    )
    complete, in_r = answers.dropna().to_numpy(dtype=float) * signs, expected["listwise"]
    found = coefficients(pairwise_covariance(complete))
    # lavaan stops about 1e-6 from the minimum.
    assert found["omega_hierarchical"].value == pytest.approx(in_r["omega_compRelSEM"], abs=2e-6)
    assert found["ave"].value == pytest.approx(in_r["AVE"], abs=2e-6)
    assert found["composite_reliability"].value == pytest.approx(in_r["CR_std"], abs=2e-6)


def test_a_polychoric_matrix_serves_as_well(reliability_in_r):
    expected = reliability_in_r["polychoric", "both"]
    matrix = np.eye(4)
    for name, value in expected.filter(like="r_").items():
        i, j = int(name[2]) - 1, int(name[3]) - 1
        matrix[i, j] = matrix[j, i] = value
    found = coefficients(matrix)
    for name in ("omega_total", "omega_hierarchical"):
        assert found[name].value == pytest.approx(expected[name], abs=1e-6)


def test_a_true_model_gives_back_its_omega():
    load, error = np.array([1.0, 0.8, 1.5, 0.7]), np.array([0.5, 1.0, 2.0, 0.3])
    found = coefficients(np.outer(load, load) + np.diag(error))
    for name in ("omega_total", "omega_hierarchical"):
        assert found[name].value == pytest.approx(16 / (16 + 3.8))
    assert found["ave"].value == pytest.approx(np.mean(load**2 / (load**2 + error)))
    assert found["alpha"].value < found["omega_total"].value


@given(st.lists(st.floats(0.1, 10), min_size=5, max_size=5), st.permutations(range(5)))
@settings(max_examples=30, deadline=None)
def test_units_leave_the_standardised_alone_and_order_everything(misfit, units, order):
    moved = coefficients((misfit * np.outer(units, units))[np.ix_(order, order)])
    for name in ("alpha_standardised", "mean_r", "composite_reliability", "ave"):
        assert moved[name].value == pytest.approx(coefficients(misfit)[name].value, rel=1e-6)
    again = coefficients(misfit[np.ix_(order, order)])
    for name in COEFFICIENTS:
        assert again[name].value == pytest.approx(coefficients(misfit)[name].value, rel=1e-7)


def test_what_is_absent_says_why():
    found = coefficients(np.array([[1.0, 0.5], [0.5, 1.0]]))
    assert found["alpha"].value == pytest.approx(2 / 3)
    assert found["omega_total"].note == found["ave"].note == "a factor needs three items"
    nobody = coefficients(np.empty((0, 0)))
    assert all(found.note and np.isnan(found.value) for found in nobody.values())
    apart = coefficients(np.array([[1.0, np.nan], [np.nan, 1.0]]))
    assert apart["mean_r"].note == "no two items were answered together"
    assert np.isnan(alpha_of(np.array([[1.0, -1.0], [-1.0, 1.0]])))


def test_item_rest_by_hand():
    # Items of variance 1, 4 and 9; covariances 1, 0 and 2.
    matrix = np.array([[1.0, 1, 0], [1, 4, 2], [0, 2, 9]])
    rest = np.array([17.0, 10.0, 7.0])  # variances of the sums of the other two
    np.testing.assert_allclose(item_rest(matrix), np.array([1, 3, 2]) / np.sqrt([1, 4, 9] * rest))
    np.testing.assert_allclose(alphas_if_dropped(matrix), [2 * 4 / 17, 0, 2 * 2 / 7])
    assert correlation_of(matrix)[1, 2] == pytest.approx(1 / 3)
