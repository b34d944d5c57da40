import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis.measure.shrinkage import ALONE, FEW, FLAT, SAME, SILENT, shrink, shrink_index

NAN = float("nan")
BOTH = ("sales", "marketing")


@pytest.fixture(scope="session")
def informants(reference):
    data = pd.read_csv(reference / "informants_data.csv")
    data["score"] = data[["q1", "q2", "q3"]].mean(axis=1, skipna=False)
    values = pd.read_csv(reference / "informants.csv", dtype={"group": str})
    return data.assign(function="", wave=1), values.set_index(["measure", "variable"]).sort_index()


def planted(rng, companies, informants, rho, waves):
    """Return scores with unit variance in which each wave is a sample of its own, and the companies' effects."""
    effect = rng.normal(scale=np.sqrt(rho), size=(waves, companies))
    wave = np.repeat(np.arange(waves), companies * informants)
    company = np.tile(np.repeat(np.arange(companies), informants), waves)
    values = effect[wave, company] + rng.normal(scale=np.sqrt(1 - rho), size=len(wave))
    return pd.DataFrame({"company": company, "wave": wave, "function": "", "c": values}), effect


def covered(table, truth):
    true = truth[table["wave"], table["company"]]
    return ((table["conf_low"] <= true) & (true <= table["conf_high"])).mean()


@pytest.mark.parametrize("name", ["q1", "score"])
def test_estimates_and_reliability_agree_with_lme4(informants, name):
    scores, in_r = informants
    table = shrink(scores, [name]).assign(company=lambda t: t["company"].astype(str)).set_index("company")
    effects = in_r.loc[("ranef", name)].set_index("group")["value"]
    mu = in_r.loc[("mu", name), "value"].item()
    np.testing.assert_allclose(table.loc[effects.index, "estimate"], mu + effects, rtol=1e-7)
    expected = in_r.loc[("reliability", name)].set_index("group")["value"]
    np.testing.assert_allclose(table.loc[expected.index, "reliability"], expected, rtol=1e-6)
    # Averaging over the variances can only add to the conditional error of lme4.
    conditional = in_r.loc[("cond_se", name)].set_index("group")["value"]
    extra = table.loc[conditional.index, "std_error"] / conditional
    assert extra.between(1.0, 1.15).all()


def test_real_companies_agree_with_lme4(real_data, reference):
    in_r = pd.read_csv(reference / "agreement.csv", dtype={"group": str}, skipinitialspace=True)
    in_r = in_r[in_r["measure"] == "shrunk"].set_index(["variable", "group"])["value"]
    bh1996 = pd.read_csv(real_data / "agreement" / "bh1996.csv")
    scales = ["COHES", "LEAD", "WBEING"]
    table = shrink(bh1996.assign(company=bh1996["GRP"].astype(str), function="", wave=1), scales)
    found = table.set_index(["construct", "company"])["estimate"]
    np.testing.assert_allclose(found.loc[in_r.index], in_r, rtol=1e-6)


@pytest.mark.parametrize("informants_of_each", [2, 3, 5])
@pytest.mark.parametrize("rho", [0.1, 0.25, 0.5])
def test_intervals_cover(informants_of_each, rho):
    rng = np.random.default_rng(5)
    scores, truth = planted(rng, 40, informants_of_each, rho, 150)
    table = shrink(scores, ["c"])
    assert 0.925 <= covered(table, truth) <= 0.985
    error = (table["estimate"] - truth[table["wave"], table["company"]]) ** 2
    raw = (table["observed"] - truth[table["wave"], table["company"]]) ** 2
    assert error.mean() < raw.mean()


def test_companies_that_do_not_differ_still_have_an_interval():
    scores, truth = planted(np.random.default_rng(6), 20, 3, 0.0, 100)
    table = shrink(scores, ["c"])
    assert (table["std_error"] > 0).all()
    assert covered(table, truth) >= 0.95


@pytest.mark.parametrize("common", [0.0, 0.8])
def test_intervals_of_the_index_cover(common):
    rng = np.random.default_rng(7)
    waves, companies = 120, 40
    sizes = np.resize([1, 2, 3, 6], companies)
    root = np.linalg.cholesky(0.3 * np.array([[1, common], [common, 1]]))
    effect = rng.normal(size=(waves, companies, 2)) @ root.T
    wave = np.repeat(np.arange(waves), sizes.sum())
    company = np.tile(np.repeat(np.arange(companies), sizes), waves)
    parts = [
        pd.DataFrame({"company": company, "wave": wave, "function": name,
                      "c": effect[wave, company, f] + np.sqrt(0.7) * rng.normal(size=len(wave))})
        for f, name in enumerate(BOTH)
    ]  # fmt: skip
    table = shrink_index(pd.concat(parts), ["c"], functions=BOTH)
    assert 0.925 <= covered(table, effect.mean(axis=2)) <= 0.975
    # Var of the true index 0.3 (1 + common) / 2, noise 0.7 / n / 2.
    true = 0.15 * (1 + common)
    expected = (true / (true + 0.35 / sizes)).mean()
    assert table["reliability"].mean() == pytest.approx(expected, abs=0.04)


def test_index_is_the_mean_of_the_functions():
    """With as many informants everywhere the models of the functions are those of `shrink`, which lme4 agrees with."""
    scores, _ = planted(np.random.default_rng(8), 20, 3, 0.3, 1)
    both = pd.concat(
        [scores.assign(function="sales"), scores.assign(function="marketing", c=scores["c"] * 2 + 1)]
    )
    by_function = shrink(both, ["c"])
    table = shrink_index(both, ["c"], functions=BOTH).set_index("company")
    expected = by_function.groupby("company")["estimate"].mean()
    np.testing.assert_allclose(table["estimate"], expected)
    np.testing.assert_allclose(table["n"], by_function.groupby("company")["n"].sum())


@pytest.mark.parametrize(
    ("company", "values", "note"),
    [
        ("aabbcc", [1.0, 2, 3, 4, 5, 7], FEW),
        ("abcd", [1.0, 2, 3, 4], ALONE),
        ("aabbccdd", [1.0, 1, 2, 2, 3, 3, 5, 5], FLAT),
        ("aabbccdd", [3.0] * 8, SAME),
    ],
)
def test_why_there_is_no_interval(company, values, note):
    scores = pd.DataFrame({"company": list(company), "function": "", "wave": 1, "c": values})
    table = shrink(scores, ["c"])
    assert table["note"].unique().tolist() == [note]
    assert table[["std_error", "conf_low", "conf_high"]].isna().all(axis=None)
    assert table["estimate"].notna().all() == (note in (FEW, FLAT))
    if note == FLAT:
        assert table["estimate"].tolist() == table["observed"].tolist()


def test_a_silent_function_has_no_index():
    scores = pd.DataFrame(
        {"company": list("aabbccddee"), "function": "sales", "wave": 1, "c": [1.0, 2, 3, 5, 6, 4, 7, 8, 2, 9]}
    )
    table = shrink_index(scores, ["c"], functions=BOTH)
    assert table["note"].unique().tolist() == [SILENT]
    assert table["n"].tolist() == [2] * 5
    assert table[["observed", "estimate", "reliability", "conf_low"]].isna().all(axis=None)
    nobody = shrink_index(scores.assign(c=NAN), ["c"], functions=BOTH)
    assert nobody["note"].unique().tolist() == [SILENT]
    assert len(shrink(scores.assign(c=NAN), ["c"])) == 0


@given(
    st.lists(st.tuples(st.sampled_from("pqrst"), st.integers(0, 20)), min_size=6, max_size=20),
    st.randoms(use_true_random=False),
)
@settings(max_examples=8, deadline=None)
def test_order_and_direction_do_not_matter(rows, random):
    scores = pd.DataFrame(rows, columns=["company", "c"]).assign(function="", wave=1)
    order = list(range(len(scores)))
    random.shuffle(order)
    before = shrink(scores, ["c"])
    assert_frame_equal(before, shrink(scores.iloc[order], ["c"]), rtol=1e-6, atol=1e-6)
    turned = shrink(scores.assign(c=20 - scores["c"]), ["c"])
    np.testing.assert_allclose(20 - turned["estimate"], before["estimate"], atol=1e-5)
    np.testing.assert_allclose(20 - turned["conf_high"], before["conf_low"], atol=1e-5)
