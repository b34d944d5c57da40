from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.measure.confirmatory import confirm
from analysis.measure.factor_fit import fit_factors
from analysis.measure.factor_model import FactorModel
from analysis.measure.factor_tables import loadings
from analysis.measure.fit_measures import fit_measures

LOADINGS = {"a": [0.8, 0.7, 0.6], "b": [0.75, 0.65, 0.55]}
CONSTRUCTS = ["a", "b"]


def seeded():
    return np.random.default_rng(9)


@pytest.fixture(scope="module")
def responses(make_instrument, make_responses):
    """Two factors that correlate by 0.2; some answers are missing, a1 and b1 share more than their factors."""
    rng, n = np.random.default_rng(3), 1200
    factors = rng.multivariate_normal([0, 0], [[1, 0.2], [0.2, 1]], n)
    columns = {"company": [f"c{i // 4}" for i in range(n)], "function": ["sales", "marketing"] * (n // 2)}
    shared = rng.normal(0, 0.35, n)
    for place, (name, own) in enumerate(LOADINGS.items()):
        for number, loading in enumerate(own, start=1):
            noise = rng.normal(0, np.sqrt(1 - loading**2), n)
            noise += shared if number == 1 else 0
            answer = loading * factors[:, place] + noise
            columns[f"{name}{number}"] = np.where(rng.random(n) < 0.04, np.nan, answer)
    scale = {"min": -9, "max": 9, "whole": False}
    return make_responses(columns, make_instrument({"a": "a1 a2 a3", "b": "b1 b2 b3"}, scale=scale))


@pytest.fixture(scope="module")
def found(responses):
    return confirm(responses, CONSTRUCTS, wave=2025, rng=seeded())


def test_planted_loadings_are_recovered(found):
    table = found.loadings.set_index(["function", "item"])
    for function in ("sales", "marketing"):
        for number, loading in enumerate(LOADINGS["a"], start=1):
            row = table.loc[(function, f"a{number}")]
            assert row["conf_low"] < row["estimate"] < row["conf_high"]
            assert row["estimate"] == pytest.approx(loading, abs=0.1)
    assert (table["note"] == "").all()


def test_it_is_the_model_of_lavaan(found, responses):
    sales = responses.frame[responses.frame["function"] == "sales"]
    model = FactorModel({"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}, identification="unit variance")
    fit = fit_factors(sales[model.items], model, clusters=sales["company"], robust=True, missing="fiml")
    row = found.fit.set_index("function").loc["sales"]
    measures = fit_measures(fit).iloc[0]
    assert row["chisq"] == pytest.approx(measures["chisq_scaled"])
    assert row[["cfi", "rmsea"]].tolist() == pytest.approx(measures[["cfi_robust", "rmsea_robust"]].tolist())
    own = found.loadings[found.loadings["function"] == "sales"]
    assert own["estimate"].tolist() == pytest.approx(loadings(fit)["standardised"].tolist())
    assert (row["n"], row["companies"]) == (len(sales), sales["company"].nunique())


def test_what_two_statements_share_besides_is_pointed_out(found):
    gains = found.misfits[found.misfits["kind"] != "residual"]
    for _, rows in gains.groupby("function"):
        assert rows["statistic"].is_monotonic_decreasing
        assert {rows["item"].iloc[0], rows["other"].iloc[0]} == {"a1", "b1"}
    left = found.misfits[found.misfits["kind"] == "residual"]
    assert {frozenset(pair) for pair in left[["item", "other"]].to_numpy().tolist()} >= {
        frozenset(("a1", "b1"))
    }


def test_parallel_analysis_counts_the_factors(found):
    assert found.fit["factors"].tolist() == [2, 2]
    assert set(found.eigenvalues["function"]) == {"sales", "marketing"}


def test_order_of_respondents_does_not_matter(found, responses):
    shuffled = replace(responses, frame=responses.frame.sample(frac=1, random_state=1))
    again = confirm(shuffled, CONSTRUCTS, wave=2025, rng=seeded())
    pd.testing.assert_frame_equal(again.fit, found.fit, rtol=1e-5)
    pd.testing.assert_frame_equal(again.loadings, found.loadings, rtol=1e-4)


def test_what_cannot_be_fitted_says_why(make_instrument, make_responses):
    rng = np.random.default_rng(1)
    columns = {name: rng.integers(1, 6, 40) for name in ("a1", "a2", "a3", "b1")} | {"a4": 3}
    columns["company"] = [f"c{i // 2}" for i in range(40)]
    responses = make_responses(columns, make_instrument({"a": "a1 a2 a3 a4", "b": "b1"}))
    table = confirm(responses, CONSTRUCTS, wave=2025, rng=seeded()).loadings.set_index("item")
    assert table.loc["a4", "note"] == "all its answers are equal, or there are none"
    assert table.loc["b1", "note"] == "its construct has no other item to tell it from"
    few = replace(responses, frame=responses.frame.head(5))
    found = confirm(few, CONSTRUCTS, wave=2025, rng=seeded())
    assert found.fit["srmr"].isna().all()
    assert found.fit["note"].iloc[0]
    assert (found.loadings["note"] != "").all()
    assert found.misfits.empty


def test_nobody_asked_is_empty(make_instrument, make_responses):
    responses = make_responses({"a1": [1, 2]}, make_instrument({"a": "a1"}))
    assert confirm(responses, CONSTRUCTS, wave=1999, rng=seeded()).fit.empty
