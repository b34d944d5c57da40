import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.measure.icc import icc, informants_needed, mean_reliability

NAN = float("nan")
SCALES = ["COHES", "LEAD", "WBEING"]

groups = st.lists(
    st.tuples(st.sampled_from("pqr"), st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=15
)


@pytest.fixture(scope="session")
def informants(reference):
    """Return the simulated informants, as scores, and what R says of them."""
    data = pd.read_csv(reference / "informants_data.csv")
    data["score"] = data[["q1", "q2", "q3"]].mean(axis=1, skipna=False)
    values = pd.read_csv(reference / "informants.csv", dtype={"group": str})
    return data.assign(function="", wave=1), values.set_index(["measure", "variable"]).sort_index()


def simulated(rng, sizes, rho, waves):
    """Return scores of companies of several sizes, each wave a sample of its own."""
    company = np.repeat(np.arange(len(sizes)), sizes)
    effect = rng.normal(scale=np.sqrt(rho), size=(waves, len(sizes)))[:, company]
    answers = effect + rng.normal(scale=np.sqrt(1 - rho), size=(waves, len(company)))
    keys = {"company": np.tile(company, waves), "wave": np.repeat(np.arange(waves), len(company))}
    return pd.DataFrame({**keys, "function": "", "c": answers.ravel()})


@pytest.mark.parametrize("name", SCALES)
def test_bh1996_agrees_with_multilevel_and_lme4(real_data, in_r, name):
    bh1996 = pd.read_csv(real_data / "agreement" / "bh1996.csv")
    row = icc(bh1996.assign(company=bh1996["GRP"], function="", wave=1996), [name]).iloc[0]
    for measure in ("icc1", "icc2", "icc1_reml", "icc2_reml", "mean_reliability"):
        expected = in_r.loc[("bh1996", measure, name), "value"].item()
        assert row[measure] == pytest.approx(expected, rel=1e-6), measure


@pytest.mark.parametrize("name", ["q1", "score"])
def test_unequal_groups_with_gaps_agree_with_r(informants, name):
    scores, in_r = informants
    row = icc(scores, [name]).iloc[0]
    for measure, exact in (
        ("icc1", 1e-9),
        ("icc2", 1e-9),
        ("f", 1e-9),
        ("p_value", 1e-8),
        ("icc1_reml", 1e-6),
    ):
        assert row[measure] == pytest.approx(in_r.loc[(measure, name), "value"].item(), rel=exact), measure


def test_companies_without_a_difference_agree_with_lme4(informants):
    scores, in_r = informants
    row = icc(scores, ["even"]).iloc[0]
    assert row["icc1_reml"] == pytest.approx(in_r.loc[("icc1_reml", "even"), "value"].item(), abs=1e-12)
    assert row["note"] == "the companies do not differ"
    assert row["icc1"] == pytest.approx(in_r.loc[("icc1", "even"), "value"].item(), rel=1e-9)


def test_with_equal_groups_everything_is_the_textbook_formula():
    rng = np.random.default_rng(1)
    row = icc(simulated(rng, [4] * 12, 0.4, 1), ["c"], level=0.9).iloc[0]
    upper, lower = stats.f.ppf([0.95, 0.05], 11, 36)
    # McGraw and Wong (1996), case 1.
    assert row["icc1_low"] == pytest.approx((row["f"] / upper - 1) / (row["f"] / upper + 3))
    assert row["icc1_high"] == pytest.approx((row["f"] / lower - 1) / (row["f"] / lower + 3))
    assert row["icc2_low"] == pytest.approx(1 - upper / row["f"])
    assert row["icc2_high"] == pytest.approx(1 - lower / row["f"])
    assert row["n0"] == row["k"] == 4
    assert row["icc1_n0"] == pytest.approx(row["icc1"])
    assert row["icc1_reml"] == pytest.approx(row["icc1"])
    assert row["mean_reliability"] == pytest.approx(row["icc2"])


@pytest.mark.parametrize("rho", [0.0, 0.1, 0.4])
def test_intervals_cover_with_unequal_groups(rho):
    rng = np.random.default_rng(2)
    table = icc(simulated(rng, [1, 1, 2, 2, 3, 3, 5, 8, 20, 2, 4, 3], rho, 2000), ["c"])
    missed_low, missed_high = (table["icc1_high"] < rho).mean(), (table["icc1_low"] > rho).mean()
    # Three standard errors of 0.025 in 2,000.
    assert missed_low == pytest.approx(0.025, abs=0.0105)
    assert missed_high == pytest.approx(0.025, abs=0.0105)
    if rho == 0:
        assert (table["p_value"] <= 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_estimates_recover_what_was_planted():
    rng = np.random.default_rng(3)
    table = icc(simulated(rng, [2, 3, 5] * 200, 0.3, 4), ["c"])
    for estimate in ("icc1_n0", "icc1_reml"):
        np.testing.assert_allclose(table[estimate], 0.3, atol=0.08)
        assert table[estimate].mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("company", "score", "note"),
    [
        ("aabb", [NAN] * 4, "nobody answered"),
        ("aaaa", [1.0, 2, 3, 4], "needs two companies"),
        ("abcd", [1.0, 2, 3, 4], "no company has two informants"),
        ("aabb", [1.0, 3, 3, 1], "the companies do not differ"),
        ("aabb", [2.0, 2, 2, 2], "the companies do not differ"),
        ("aaabbbbbbb", [0.1] * 10, "the companies do not differ"),
        ("aaabbb", [0.1, 0.2, 0.3, 0.3, 0.1, 0.2], "the companies do not differ"),
    ],
)
def test_why_there_is_no_icc(company, score, note):
    scores = pd.DataFrame({"company": list(company), "function": "", "wave": 1, "c": score})
    row = icc(scores, ["c"]).iloc[0]
    assert row["note"] == note
    assert np.isnan(row["icc2"])
    assert np.isnan(row["icc1_low"])


def test_informants_that_never_differ():
    scores = pd.DataFrame({"company": list("aabbcc"), "function": "", "wave": 1, "c": [1.0, 1, 2, 2, 4, 4]})
    row = icc(scores, ["c"]).iloc[0]
    assert row[["icc1", "icc2", "icc1_reml", "mean_reliability"]].tolist() == [1.0] * 4
    assert row["note"] == "the informants of a company never differ: no interval"


def test_icc_of_functions_and_waves_apart():
    one = pd.DataFrame({"company": list("aabb"), "c": [1.0, 2, 4, 5], "d": [NAN, 2, NAN, 5]})
    scores = pd.concat(
        [one.assign(function=f, wave=w) for f in ("sales", "marketing") for w in (1, 2)], ignore_index=True
    )
    scores.loc[scores["wave"] == 2, "c"] = [1.0, 2, 1, 5] * 2
    table = icc(scores, ["d", "c"])
    assert table["construct"].tolist() == ["d"] * 4 + ["c"] * 4
    assert table.loc[table["construct"] == "d", "note"].unique().tolist() == ["no company has two informants"]
    # Between 9, within 0.5, two in each group.
    first = table[(table["construct"] == "c") & (table["wave"] == 1)]
    assert first["icc1"].tolist() == pytest.approx([8.5 / 9.5] * 2)
    assert first["icc2"].tolist() == pytest.approx([8.5 / 9] * 2)
    assert len(icc(scores.iloc[:0], ["c"])) == 0
    assert len(icc(scores, [])) == 0


def test_spearman_brown_there_and_back():
    rho = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.54])
    needed = informants_needed(rho, target=0.7)
    assert needed.tolist() == [45, 21, 14, 10, 7, 6, 2]
    assert (mean_reliability(rho, needed) >= 0.7 - 1e-12).all()
    assert (mean_reliability(rho, needed - 1) < 0.7).all()
    assert informants_needed([0.0, -0.1, NAN, 1.0])[[0, 1, 3]].tolist() == [np.inf, np.inf, 1.0]


@given(groups, st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_icc_knows_neither_origin_nor_unit_nor_order_nor_direction(rows, random):
    table = pd.DataFrame(rows, columns=["company", "x", "y"]).assign(function="", wave=1)
    assume(table.groupby("company").size().max() > 1)
    assume(len(table["company"].unique()) > 1)
    order = list(range(len(table)))
    random.shuffle(order)
    before = icc(table, ["x"])
    for other in (table.assign(x=table["x"] * 10 - 7), table.assign(x=6 - table["x"]), table.iloc[order]):
        after = icc(other, ["x"])
        for name in ("icc1", "icc1_n0", "icc1_reml", "icc1_low", "icc1_high"):
            assert before[name].to_numpy() == pytest.approx(after[name].to_numpy(), abs=1e-6, nan_ok=True), (
                name
            )
        assert before["note"].equals(after["note"])
    assert not (before["icc1"] > 1 + 1e-12).any()


def test_companies_that_differ_while_their_people_do_not_differ_beyond_chance():
    scores = pd.DataFrame(
        {"company": list("aabbcc"), "function": "", "wave": 1, "c": [10.0, 10, 50, 50, 90, 90]}
    )
    row = icc(scores, ["c"]).iloc[0]
    assert (row["icc1"], row["icc2"], row["p_value"]) == (1.0, 1.0, 0.0)
    same = icc(scores.assign(c=50.0), ["c"]).iloc[0]
    assert np.isnan(same["p_value"])
