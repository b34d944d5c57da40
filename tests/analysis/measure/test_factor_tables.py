import json

import numpy as np
import pandas as pd
import pytest

from analysis.measure.factor_fit import fit_factors, fit_moments
from analysis.measure.factor_model import FactorModel
from analysis.measure.factor_tables import loadings, parameters, residual_correlations

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
ONE = ["ml", "mlr", "cluster", "fiml", "fiml_mlr", "fiml_cluster", "unit"]
GROUPS = [
    f"{s} {level}"
    for s in ("ml", "mlr", "fiml_mlr", "cluster")
    for level in ("configural", "metric", "scalar", "residual")
]
WHATS = ["estimate", "std_error", "standardised", "standardised_error"]


def in_lavaan_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters by the names that lavaan gives them."""
    forms = {"loading": "{factor}=~{term}", "factor covariance": "{factor}~~{term}", "residual": "{term}~~{term}",
             "intercept": "{term}~1", "factor mean": "{term}~1"}  # fmt: skip
    names = [forms[row.kind].format(factor=row.factor, term=row.term) for row in table.itertuples()]
    groups = [f"{g}: " if g != "all" else "" for g in table["group"]]
    return table.assign(name=[g + n for g, n in zip(groups, names, strict=True)]).set_index("name")


@pytest.mark.parametrize("name", [*ONE, *GROUPS, "ml partial"])
def test_estimates_and_errors_equal_lavaan(name, factor_fits, factor_reference):
    table = in_lavaan_words(parameters(factor_fits(name)))
    known = factor_reference[(factor_reference["model"] == name) & factor_reference["what"].isin(WHATS)]
    expected = known.pivot_table(index="term", columns="what", values="value", sort=False)[WHATS]
    assert set(table.index) == set(expected.index)
    found = table.loc[expected.index, WHATS]
    # What is fixed has no error: lavaan writes 0.
    found["std_error"] = found["std_error"].where(found["std_error"].notna(), 0.0)
    np.testing.assert_allclose(found, expected, rtol=3e-5, atol=3e-6)
    assert (table["note"] == "fixed").eq(expected.loc[table.index, "std_error"] == 0).all()


@pytest.mark.parametrize("robust", [False, True])
def test_holzinger_swineford_equals_lavaan(robust, real_data):
    folder = real_data / "psychometrics"
    known = pd.DataFrame(json.loads((folder / "reference.json").read_text())["HS"]["params"])
    known.index = known["lhs"] + known["op"] + known["rhs"]
    fit = fit_factors(pd.read_csv(folder / "HolzingerSwineford1939.csv"), FactorModel(HS), robust=robust)
    found = in_lavaan_words(parameters(fit)).loc[known.index]
    np.testing.assert_allclose(found["estimate"], known["est"], rtol=1e-5)
    np.testing.assert_allclose(found["standardised"], known["std.all"], rtol=1e-5)
    agree = np.allclose(found["std_error"].fillna(0), known["se"], rtol=1e-5)
    assert agree is not robust, "robust errors differ from the standard ones, which the reference holds"


def test_residual_correlations_equal_lavaan(factor_fits, factor_reference):
    found = residual_correlations(factor_fits("ml"))
    known = factor_reference[(factor_reference["model"] == "ml") & (factor_reference["what"] == "residual")]
    pairs = (found["item"] + " " + found["other"]).tolist()
    expected = known.set_index("term")["value"].loc[pairs]
    np.testing.assert_allclose(found["residual"], expected, atol=2e-6)
    np.testing.assert_allclose(found["observed"] - found["implied"], found["residual"])


def test_intervals_are_estimate_and_errors_at_the_asked_level(factor_fits):
    narrow, wide = (loadings(factor_fits("unit"), level=level) for level in (0.5, 0.95))
    np.testing.assert_allclose(wide["conf_high"] - wide["conf_low"], 2 * 1.959964 * wide["std_error"])
    np.testing.assert_allclose(narrow["conf_high"] - narrow["conf_low"], 2 * 0.6744898 * narrow["std_error"])
    assert (wide["kind"] == "loading").all()
    assert len(wide) == 9


def test_exact_moments_give_back_their_loadings():
    weights = np.array([0.9, 0.8, 0.7, -0.6])
    r = np.outer(weights, weights)
    np.fill_diagonal(r, 1.0)
    model = FactorModel({"trust": [0, 1, 2, 3]}, identification="unit variance")
    found = loadings(fit_moments(r, model, n=100))
    np.testing.assert_allclose(found["estimate"], weights, atol=1e-7)
    np.testing.assert_allclose(found["standardised"], weights, atol=1e-7)


def test_without_solution_there_are_no_rows():
    fit = fit_moments(np.ones((3, 3)), FactorModel({"trust": [0, 1, 2]}), n=50)
    assert "positive definite" in fit.note
    assert parameters(fit).empty
    assert residual_correlations(fit).empty
