import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis.measure.agreement import ad, agreement, rwg, rwgj
from analysis.measure.icc import icc
from analysis.measure.null_distributions import null_variance
from survey.instrument import Scale

NAN = float("nan")
SCALES = ["COHES", "LEAD", "WBEING"]
ALL = " ".join(SCALES)

groups = st.lists(
    st.tuples(st.sampled_from("pqr"), st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=15
)


@pytest.fixture(scope="session")
def in_r(reference):
    table = pd.read_csv(reference / "agreement.csv", dtype={"group": str}, skipinitialspace=True)
    return table.set_index(["dataset", "measure", "variable"]).sort_index()


@pytest.fixture(scope="session")
def bh1996(real_data):
    return pd.read_csv(real_data / "agreement" / "bh1996.csv")


def same_as_r(values, in_r, *key):
    """Compare a series by group with R's, to more than six digits."""
    expected = in_r.loc[key].set_index("group")["value"]
    values = values.rename(index=str).loc[expected.index]
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", [*SCALES, "HRS"])
def test_rwg_and_ad_agree_with_multilevel(bh1996, in_r, name):
    same_as_r(rwg(bh1996[name], bh1996["GRP"], null=2.0), in_r, "bh1996", "rwg", name)
    same_as_r(ad(bh1996[name], bh1996["GRP"]), in_r, "bh1996", "ad", name)


def test_rwgj_and_ad_over_items_agree_with_multilevel(bh1996, in_r):
    same_as_r(rwgj(bh1996[SCALES], bh1996["GRP"], null=2.0), in_r, "bh1996", "rwg_j", ALL)
    same_as_r(ad(bh1996[SCALES], bh1996["GRP"]), in_r, "bh1996", "ad", ALL)


def test_incomplete_informants_and_groups_of_one_agree_with_multilevel(
    bh1996, in_r, make_instrument, make_responses
):
    rows = bh1996.head(300).copy()
    rows.loc[rows.index[6::7], "COHES"] = NAN
    rows.loc[rows.index[10::11], "LEAD"] = NAN
    rows.loc[rows.index[0], "GRP"] = 0
    instrument = make_instrument({"climate": ALL}, functions=False)
    columns = {"company": rows["GRP"].astype(str).tolist(), **rows[SCALES].to_dict("list")}
    table = agreement(make_responses(columns, instrument)).set_index("company")
    for measure in ("rwg_j", "ad", "n"):
        same_as_r(table[measure], in_r, "gaps", measure, ALL)
    assert table.loc["0", ["n", "n_items", "negative"]].tolist() == [1, 3, False]
    assert table.loc["0", ["rwg_j", "ad"]].isna().all()


@pytest.mark.parametrize("scale", ["comp", "cusl", "qual"])
def test_a_seven_point_scale_agrees_with_multilevel(
    *, in_r, real_data, make_instrument, make_responses, scale
):
    rows = pd.read_csv(real_data / "agreement" / "corporate_reputation.csv", na_values=-99)
    items = list(rows.filter(regex=f"^{scale}_[0-9]+$"))
    instrument = make_instrument({scale: " ".join(items)}, functions=False, scale={"min": 1, "max": 7})
    columns = {"company": rows["serviceprovider"].astype(str).tolist(), **rows[items].to_dict("list")}
    table = agreement(make_responses(columns, instrument)).set_index("company")
    for measure in ("rwg_j", "ad", "n"):
        same_as_r(table[measure], in_r, "reputation", measure, scale)
    scores = pd.DataFrame({"company": columns["company"], "function": "", "wave": 2017})
    scores[scale] = rows[items].mean(axis=1, skipna=False)
    row = icc(scores, [scale]).iloc[0]
    for measure in ("icc1", "icc2"):
        assert row[measure] == pytest.approx(
            in_r.loc[("reputation", measure, scale), "value"].item(), rel=1e-9
        )


def test_icc_agrees_with_multilevel(bh1996, in_r):
    names = [*SCALES, "HRS"]
    scores = bh1996.assign(company=bh1996["GRP"], function="", wave=1996)
    table = icc(scores, names).set_index("construct")
    assert table.index.tolist() == names
    for name in names:
        for measure in ("icc1", "icc2"):
            expected = in_r.loc[("bh1996", measure, name), "value"].item()
            assert table.loc[name, measure] == pytest.approx(expected, rel=1e-9)
    assert table[["n", "groups", "k", "note"]].iloc[0].tolist() == [7382, 99, 7382 / 99, ""]


def test_null_variance_of_whole_and_continuous_scales():
    assert null_variance(Scale(min=1, max=7)) == 4.0
    assert null_variance(Scale(min=0, max=4)) == 2.0
    assert null_variance(Scale(min=0, max=100, whole=False)) == pytest.approx(10000 / 12)


def test_agreement_by_company_wave_function_and_construct(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 -a2", "b": "b1", "outside": ""})
    columns = {
        "company": ["Y", "X", "X", "X", "X"],
        "function": ["sales", "sales", "sales", "marketing", "marketing"],
        "wave": [2025, 2025, 2025, 2025, 2026],
        "a1": [3, 4, 4, 1, 5],
        "a2": [3, 4, 5, 1, NAN],
        "b1": [3, 1, 5, 2, NAN],
    }
    table = agreement(make_responses(columns, instrument))
    assert list(table) == [
        "company",
        "wave",
        "function",
        "construct",
        "n",
        "n_items",
        "rwg_j",
        "negative",
        "ad",
    ]
    assert len(table) == 4 * 2
    table = table.set_index(["construct", "company", "wave", "function"])
    # Mean item variance 0.25 against 2: 2 * 0.875 / (2 * 0.875 + 0.125).
    assert table.loc[("a", "X", 2025, "sales"), "rwg_j"] == pytest.approx(1.75 / 1.875)
    assert table.loc[("a", "X", 2025, "sales"), "ad"] == pytest.approx(0.25)
    disagreeing = table.loc[("b", "X", 2025, "sales")]
    assert disagreeing[["rwg_j", "negative", "ad"]].tolist() == [0.0, True, 2.0]
    silent = table.loc[("b", "X", 2026, "marketing")]
    assert silent["n"] == 0
    assert np.isnan(silent["rwg_j"])
    assert not silent["negative"]
    assert table["rwg_j"].notna().sum() == 2


def test_full_agreement_is_one_and_random_answers_nothing():
    values = rwgj([[3, 3], [3, 3], [1, 5], [5, 1]], ["a", "a", "b", "b"], null=2.0)
    assert values.tolist() == [1.0, 0.0]


def test_nobody_answered(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 a2"})
    blank = agreement(make_responses({"a1": [NAN, NAN], "a2": [NAN, NAN]}, instrument))
    assert blank[["n", "negative"]].to_numpy().tolist() == [[0, False]]
    assert blank[["rwg_j", "ad"]].isna().all(axis=None)
    empty = make_responses({"a1": pd.Series(dtype=float), "a2": pd.Series(dtype=float)}, instrument)
    assert_frame_equal(agreement(empty), blank.iloc[:0], check_dtype=False)
    without_items = make_instrument({"outside": ""})
    assert len(agreement(make_responses({"x": [1.0]}, without_items))) == 0


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


@given(groups, st.randoms(use_true_random=False), st.integers(-2, 2))
@settings(max_examples=25, deadline=None)
def test_order_and_origin_do_not_matter(rows, random, shift):
    table = pd.DataFrame(rows, columns=["group", "x", "y"])
    order = list(range(len(table)))
    random.shuffle(order)
    moved = table.iloc[order]
    for measure in (lambda t, s: rwgj(t[["x", "y"]] + s, t["group"], null=2.0),
                    lambda t, s: ad(t[["x", "y"]] + s, t["group"])):  # fmt: skip
        before, after = measure(table, 0), measure(moved, shift)
        np.testing.assert_allclose(before, after, atol=1e-12)
        assert before.index.equals(after.index)


@given(groups)
@settings(max_examples=25, deadline=None)
def test_rwgj_is_a_share_and_absent_for_one(rows):
    table = pd.DataFrame(rows, columns=["group", "x", "y"])
    values = rwgj(table[["x", "y"]], table["group"], null=2.0)
    assert values.dropna().between(0, 1).all()
    assert values.isna().equals(table.groupby("group").size() < 2)


@given(groups)
@settings(max_examples=25, deadline=None)
def test_reversing_every_item_changes_nothing(make_instrument, make_responses, rows):
    columns = dict(zip(("company", "a1", "a2"), map(list, zip(*rows, strict=True)), strict=True))
    turned = columns | {key: [6 - value for value in columns[key]] for key in ("a1", "a2")}
    before = agreement(make_responses(columns, make_instrument({"a": "a1 -a2"})))
    after = agreement(make_responses(turned, make_instrument({"a": "-a1 a2"})))
    assert_frame_equal(before, after)


@given(groups)
@settings(max_examples=25, deadline=None)
def test_icc_knows_neither_origin_nor_unit(rows):
    table = pd.DataFrame(rows, columns=["company", "x", "y"]).assign(function="", wave=1)
    assume(table.groupby("company").size().max() > 1)
    assume(len(table["company"].unique()) > 1)
    before, after = icc(table, ["x"]), icc(table.assign(x=table["x"] * 10 - 7), ["x"])
    assert before["icc1"].to_numpy() == pytest.approx(after["icc1"].to_numpy(), abs=1e-9, nan_ok=True)
    assert not (before["icc1"] > 1 + 1e-12).any()
