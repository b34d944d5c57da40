import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from analysis.measure.one_factor import INDEFINITE, _Congeneric, coefficient_gradient, one_factor
from analysis.measure.wishart import curvature, discrepancy, gradient

loadings = st.lists(st.floats(0.3, 0.9), min_size=3, max_size=6)


def implied(values):
    load = np.array(values)
    return np.outer(load, load) + np.diag(1 - load**2)


@given(loadings, st.floats(0.1, 20), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_a_matrix_of_one_factor_is_taken_apart_whatever_unit_and_order(values, unit, random):
    order = list(range(len(values)))
    random.shuffle(order)
    fit = one_factor(unit * implied(values)[np.ix_(order, order)])
    assert fit.note == ""
    np.testing.assert_allclose(fit.loadings, np.sqrt(unit) * np.array(values)[order], rtol=1e-6)
    assert fit.discrepancy == pytest.approx(0, abs=1e-10)
    np.testing.assert_allclose(fit.implied, unit * implied(values)[np.ix_(order, order)], rtol=1e-6)


@given(loadings)
@settings(max_examples=30, deadline=None)
def test_turning_an_item_turns_its_loading(values):
    turned = np.ones(len(values))
    turned[0] = -1
    matrix = implied(values) + 0.02 * np.eye(len(values))
    fit, other = one_factor(matrix), one_factor(matrix * np.outer(turned, turned))
    sign = np.sign((turned * fit.loadings).sum())
    np.testing.assert_allclose(other.loadings, sign * turned * fit.loadings, rtol=1e-7)
    np.testing.assert_allclose(other.residuals, fit.residuals, rtol=1e-7)


def test_derivatives_are_those_of_the_discrepancy():
    rng = np.random.default_rng(3)
    matrix = np.cov(rng.normal(size=(4, 50)) + rng.normal(size=50))
    values = np.array([0.7, 0.4, 0.9, 0.6, 0.8, 1.1, 0.7, 1.3])
    numeric = approx_fprime(values, discrepancy, 1e-7, _Congeneric(), matrix)
    np.testing.assert_allclose(gradient(values, _Congeneric(), matrix), numeric, atol=1e-5)
    second = [
        approx_fprime(values, lambda v, i=i: gradient(v, _Congeneric(), matrix)[i], 1e-7) for i in range(8)
    ]
    np.testing.assert_allclose(curvature(values, _Congeneric(), matrix), second, atol=1e-4)


def test_the_answer_moves_with_the_matrix_as_said():
    rng = np.random.default_rng(4)
    matrix = np.cov(rng.normal(size=(5, 60)) + rng.normal(size=60))  # a model that does not fit
    change = rng.normal(size=(5, 5))
    change += change.T
    fit, step = one_factor(matrix), 1e-6
    moved = [one_factor(matrix + sign * step * change) for sign in (1, -1)]
    for name in ("loadings", "residuals"):
        weight = {"by_loading": np.zeros(5), "by_residual": np.zeros(5)}
        weight[f"by_{name[:-1]}"] = np.arange(1.0, 6)
        numeric = (getattr(moved[0], name) - getattr(moved[1], name)) @ np.arange(1.0, 6) / (2 * step)
        assert (coefficient_gradient(fit, matrix, **weight) * change).sum() == pytest.approx(
            numeric, rel=1e-5
        )


@pytest.mark.parametrize("scale", ["agree", "conscientious", "extraversion", "neuroticism", "openness"])
def test_loadings_and_chi_square_agree_with_lavaan_on_bfi(real_data, scale):
    folder = real_data / "psychometrics"
    expected = json.loads((folder / "reference.json").read_text())["bfi"][scale]["listwise"]
    answers, signs = keyed_bfi(folder, scale)
    fit = one_factor((answers * signs).cov())
    assert len(answers) * fit.discrepancy == pytest.approx(expected["cfa_fit"]["chisq"], rel=1e-9)
    assert fit.df == expected["cfa_fit"]["df"]
    standardised = fit.loadings / answers.std().to_numpy()
    np.testing.assert_allclose(standardised, list(expected["std_loadings"].values()), atol=3e-6)


def keyed_bfi(folder, scale):
    """Complete answers to a scale of bfi, and each item's direction."""
    keys = json.loads((folder / "bfi_keys.json").read_text())[scale]
    answers = pd.read_csv(folder / "bfi.csv")[[key.removeprefix("-") for key in keys]].dropna()
    return answers, [-1.0 if key.startswith("-") else 1.0 for key in keys]


@pytest.mark.parametrize("function", ["sales", "marketing"])
@pytest.mark.parametrize(("construct", "k"), [("goals", 4), ("trust", 3), ("data", 4), ("plans", 3)])
def test_loadings_agree_with_lavaan_and_psych(*, questionnaire, reliability_in_r, construct, k, function):
    names = [f"{construct}{i}" for i in range(1, k + 1)]
    rows = questionnaire.loc[questionnaire["function"] == function, names].dropna()
    rows = rows.assign(goals3=6 - rows["goals3"]) if construct == "goals" else rows
    fit = one_factor(rows.cov())
    expected = [reliability_in_r[construct, function, f"loading_{i}"] for i in range(1, k + 1)]
    np.testing.assert_allclose(fit.loadings / rows.std().to_numpy(), expected, atol=1e-6)
    correlations = one_factor(rows.corr())
    assert correlations.loadings[0] == pytest.approx(
        reliability_in_r[construct, function, "psych_loading_1"], abs=1e-5
    )


@pytest.mark.parametrize(
    ("matrix", "note"),
    [
        ([[1, 0.5], [0.5, 1]], "a factor needs three items"),
        ([[1, 0.5, np.nan], [0.5, 1, 0.2], [np.nan, 0.2, 1]],
         "no respondent answered two of the items together"),
        (np.ones((3, 3)), INDEFINITE),
        ([[1, 0, 0], [0, 0, 0], [0, 0, 1]], INDEFINITE),
        ([[1, 0.9, 0.2], [0.9, 1, 0.9], [0.2, 0.9, 1]], INDEFINITE),
        ([[1, 0.7, 0.6], [0.7, 1, 0.2], [0.6, 0.2, 1]],
         "a Heywood case: the factor takes up more than the whole variance of 1"),
        (np.eye(4), "the one-factor model did not converge"),
        ([[1, 0.4, 0.4], [0.4, 1, -0.4], [0.4, -0.4, 1]], "the one-factor model did not converge"),
    ],
)  # fmt: skip
def test_why_there_is_no_solution(matrix, note):
    fit = one_factor(matrix)
    assert fit.note == note
    assert np.isnan([*fit.loadings, *fit.residuals, fit.discrepancy]).all()


def test_a_heywood_case_names_the_item():
    fit = one_factor([[1, 0.7, 0.6], [0.7, 1, 0.2], [0.6, 0.2, 1]], names=["a1", "a2", "a3"])
    assert fit.note.endswith("variance of a1")
