import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.measure.factor_fit import fit_factors, fit_moments
from analysis.measure.factor_model import FactorModel
from analysis.measure.fit_measures import (
    MEASURES,
    UNSCALED,
    Statistic,
    cfi,
    fit_measures,
    rmsea_interval,
    tli,
)

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
BFI = {name: [f"{name}{i}" for i in range(1, 6)] for name in "ACENO"}
ONE = ["ml", "mlr", "cluster", "fiml", "fiml_mlr", "fiml_cluster", "unit"]
GROUPS = [
    f"{s} {level}"
    for s in ("ml", "mlr", "fiml_mlr", "cluster")
    for level in ("configural", "metric", "scalar", "residual")
]


@pytest.mark.parametrize("name", [*ONE, *GROUPS, "ml partial"])
def test_measures_equal_lavaan(name, factor_fits, factor_reference):
    own = factor_reference[(factor_reference["model"] == name) & (factor_reference["what"] == "fit")]
    expected = own.set_index("term")["value"].loc[list(MEASURES)]
    found = fit_measures(factor_fits(name)).iloc[0][list(MEASURES)].astype(float)
    if " " in name and not name.endswith("configural"):
        # lavaan counts parameters that are held equal one by one.
        expected = expected.drop("n_free")
        found = found.drop("n_free")
    np.testing.assert_allclose(found, expected, rtol=5e-5, atol=1e-6, err_msg=str(found.index))


def test_holzinger_swineford_equals_lavaan(real_data):
    folder = real_data / "psychometrics"
    known = json.loads((folder / "reference.json").read_text())["HS"]
    answers = pd.read_csv(folder / "HolzingerSwineford1939.csv")
    found = fit_measures(fit_factors(answers, FactorModel(HS))).iloc[0]
    renamed = {"npar": "n_free", "pvalue": "p_value", "baseline.chisq": "baseline_chisq",
               "baseline.df": "baseline_df", "rmsea.ci.lower": "rmsea_low", "rmsea.ci.upper": "rmsea_high"}  # fmt: skip
    for name, value in known["fit"].items():
        assert found[renamed.get(name, name)] == pytest.approx(value, rel=1e-6), name
    robust = fit_measures(fit_factors(answers, FactorModel(HS), robust=True)).iloc[0]
    renamed = {"chisq.scaled": "chisq_scaled", "chisq.scaling.factor": "scaling_factor"}
    for name, value in known["MLR"].items():
        assert robust[renamed.get(name, name.replace(".", "_"))] == pytest.approx(value, rel=1e-6), name


def test_big_five_equal_lavaan(real_data):
    folder = real_data / "psychometrics"
    reference = json.loads((folder / "reference.json").read_text())["bfi"]
    answers = pd.read_csv(folder / "bfi.csv")
    found = fit_measures(fit_factors(answers, FactorModel(BFI))).iloc[0]
    for name, value in reference["cfa5_listwise"].items():
        assert found["n" if name == "ntotal" else name] == pytest.approx(value, rel=1e-6), name
    single = fit_measures(fit_factors(answers, FactorModel({"N": BFI["N"]}))).iloc[0]
    for name in ("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic"):
        assert single[name] == pytest.approx(reference["neuroticism"]["listwise"]["cfa_fit"][name], rel=1e-6)


def test_a_saturated_model_says_that_it_cannot_be_tested(factor_data):
    found = fit_measures(fit_factors(factor_data, FactorModel({"f1": ["q1", "q2", "q3"]}))).iloc[0]
    assert (found["df"], found["cfi"], found["rmsea"]) == (0, 1.0, 0.0)
    assert found["chisq"] == pytest.approx(0, abs=1e-6)
    assert "cannot fail" in found["note"]


def test_without_solution_every_measure_is_absent_and_the_note_says_why(factor_data):
    found = fit_measures(fit_factors(factor_data.assign(q1=3.0), FactorModel({"f": ["q1", "q2", "q3"]})))
    assert found[list(MEASURES)].isna().all(axis=None)
    assert "all answers are equal: q1" in found["note"].iloc[0]


def test_robust_columns_are_empty_only_where_they_do_not_apply(factor_fits):
    robust = [name for name in MEASURES if "robust" in name]
    assert fit_measures(factor_fits("ml"))[robust].isna().all(axis=None)
    assert fit_measures(factor_fits("fiml"))[robust].notna().all(axis=None)
    assert fit_measures(factor_fits("mlr"))[list(MEASURES)].notna().all(axis=None)


def test_a_scaling_factor_below_zero_leaves_no_robust_test(factor_fits, monkeypatch):
    monkeypatch.setattr("analysis.measure.fit_measures.factor_at", lambda *_, **__: -0.2)
    solution = replace(factor_fits("mlr").solution)  # a copy, for which nothing is known yet
    found = fit_measures(replace(factor_fits("mlr"), solution=solution)).iloc[0]
    scaled = [name for name in MEASURES if "scaled" in name or "robust" in name]
    assert found[scaled].isna().all()
    assert found[["cfi", "rmsea", "srmr"]].notna().all()
    assert UNSCALED in found["note"]


def test_indices_by_hand():
    model, baseline = Statistic(30.0, 10), Statistic(220.0, 20)
    assert cfi(model, baseline) == pytest.approx(1 - 20 / 200)
    assert tli(model, baseline) == pytest.approx((11 - 3) / (11 - 1))
    assert cfi(Statistic(5.0, 10), baseline) == 1.0
    low, high = rmsea_interval(30.0, 10, n=500, groups=1)
    assert low < np.sqrt(20 / (10 * 500)) < high
    assert rmsea_interval(2.0, 10, n=500, groups=1) == (0.0, 0.0)


def test_a_perfect_fit_has_no_residuals():
    weights = np.array([0.9, 0.8, 0.7, 0.6])
    r = np.outer(weights, weights)
    np.fill_diagonal(r, 1.0)
    found = fit_measures(fit_moments(r, FactorModel({"trust": [0, 1, 2, 3]}), n=300)).iloc[0]
    assert found["chisq"] == pytest.approx(0, abs=1e-8)
    assert found["srmr"] == pytest.approx(0, abs=1e-7)
    assert found["cfi"] == 1.0
