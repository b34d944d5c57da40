import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis.measure.agreement import (
    ad,
    agreement,
    awg,
    rwg,
    rwgj,
    rwgj_lindell,
    sd_wg,
)
from analysis.measure.icc import icc
from survey.instrument import Scale

NAN = float("nan")
SCALES = ["COHES", "LEAD", "WBEING"]
ALL = " ".join(SCALES)

groups = st.lists(
    st.tuples(st.sampled_from("pqr"), st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=15
)


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


def test_lindell_awg_and_ad_from_the_median_agree_with_multilevel(bh1996, in_r):
    answers, group = bh1996[SCALES], bh1996["GRP"]
    same_as_r(rwgj_lindell(answers, group, null=2.0), in_r, "bh1996", "rwg_lindell", ALL)
    same_as_r(awg(answers, group, scale=Scale(min=1, max=5)), in_r, "bh1996", "awg", ALL)
    same_as_r(ad(answers, group, median=True), in_r, "bh1996", "ad_median", ALL)


def test_simulated_informants_agree_with_multilevel(reference, make_instrument, make_responses):
    data = pd.read_csv(reference / "informants_data.csv")
    in_r = pd.read_csv(reference / "informants.csv", dtype={"group": str}).set_index(["measure", "variable"])
    items = ["q1", "q2", "q3"]
    instrument = make_instrument({"q": "q1 q2 q3"}, functions=False, scale={"min": 1, "max": 7})
    columns = {"company": data["company"].astype(str).tolist(), **data[items].to_dict("list")}
    table = agreement(make_responses(columns, instrument)).set_index("company")
    measures = [
        "n",
        "rwg_j",
        "rwg_lindell",
        "ad",
        "ad_median",
        "awg",
        "rwg_j_slight_skew",
        "rwg_j_triangular",
    ]
    for measure in measures:
        expected = in_r.loc[(measure, "q")].set_index("group")["value"]
        np.testing.assert_allclose(table[measure].loc[expected.index], expected, rtol=1e-9, atol=1e-10)
    # Company 4 gave nothing but sevens; two people cannot have a mean of 6.5 and disagree fully.
    assert table.loc["4", ["rwg_j", "awg", "ad"]].tolist() == [1.0, 1.0, 0.0]
    for item in items:
        answers = data.dropna(subset=[item])
        for measure, values in (
            ("rwg", rwg(answers[item], answers["company"], null=4.0)),
            ("awg", awg(answers[item], answers["company"], scale=Scale(min=1, max=7))),
        ):
            expected = in_r.loc[(measure, item)].set_index("group")["value"]
            found = values.rename(index=str).loc[expected.index]
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)


def test_sdwg_is_the_mean_standard_deviation():
    table = pd.DataFrame({"g": list("aaabbc"), "x": [1.0, 2, 4, 3, 5, 2], "y": [2.0, 2, 5, 3, 3, 1]})
    expected = table.groupby("g")[["x", "y"]].std().mean(axis=1)
    np.testing.assert_allclose(sd_wg(table[["x", "y"]], table["g"]), expected)


def test_awg_where_the_mean_is_at_the_end_of_the_scale():
    five = Scale(min=1, max=5)
    # All fives; a mean of 4.5 of two, nearer to the end than (5 - 1) / 2; and opposite ends.
    values = awg([5, 5, 4, 5, 1, 5], list("aabbcc"), scale=five)
    assert values.tolist()[0] == 1.0
    assert np.isnan(values.tolist()[1])
    assert values.tolist()[2] == -1.0


def test_one_item_and_one_null(make_instrument, make_responses):
    columns = {"company": ["x", "x", "y"], "a1": [4, 5, 3]}
    responses = make_responses(columns, make_instrument({"a": "a1"}, functions=False))
    table = agreement(responses, nulls=()).set_index("company")
    assert table.loc["x", "rwg_j"] == pytest.approx(rwg([4, 5], ["x", "x"], null=2.0).item())
    assert table.loc["x", "rwg_j"] == table.loc["x", "rwg_lindell"]
    assert not [name for name in table if name.startswith("rwg_j_")]
    assert table.loc["x", "note"] == "awg: the answers are too near an end of the scale"


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
    assert list(table)[:9] == [
        *("company", "wave", "function", "construct"),
        *("n", "n_items", "rwg_j", "negative", "ad"),
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
    assert silent["note"] == "nobody answered all of its items"
    alone = table.loc[("b", "Y", 2025, "sales")]
    assert alone["note"] == "one informant: agreement cannot be said"
    assert table["rwg_j"].notna().sum() == 2
    # Every measure is absent where the note says so, and nowhere else.
    measures = table[["rwg_j", "ad", "ad_median", "rwg_lindell", "awg", "sd_wg", "rwg_j_heavy_skew"]]
    assert measures.isna().any(axis=1).equals(table["note"] != "")


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


@given(groups, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_neither_reversing_every_item_nor_the_order_changes_anything(
    make_instrument, make_responses, rows, random
):
    columns = dict(zip(("company", "a1", "a2"), map(list, zip(*rows, strict=True)), strict=True))
    turned = columns | {key: [6 - value for value in columns[key]] for key in ("a1", "a2")}
    before = agreement(make_responses(columns, make_instrument({"a": "a1 -a2"})))
    after = agreement(make_responses(turned, make_instrument({"a": "-a1 a2"})))
    assert_frame_equal(before, after)
    random.shuffle(rows)
    shuffled = dict(zip(("company", "a1", "a2"), map(list, zip(*rows, strict=True)), strict=True))
    assert_frame_equal(before, agreement(make_responses(shuffled, make_instrument({"a": "a1 -a2"}))))


def test_a_statement_that_a_wave_did_not_ask_is_no_part_of_its_agreement(make_instrument, make_responses):
    columns = {"wave": [1, 1, 1, 2, 2, 2], "a": [1.0, 2, 3, 1, 2, 3], "b": [np.nan] * 3 + [4, 4, 5]}
    instrument = make_instrument({"goals": "a b", "trust": "c"})
    table = agreement(make_responses(columns | {"c": [np.nan] * 6}, instrument)).set_index(
        ["construct", "wave"]
    )
    alone = agreement(make_responses({"a": [1.0, 2, 3]}, make_instrument({"goals": "a"})))
    assert table["n_items"].tolist() == [1, 2, 1, 1]
    assert table["n"].tolist() == [3, 3, 0, 0]
    assert table.loc[("goals", 1), "rwg_j"] == pytest.approx(alone["rwg_j"].item())
    assert table.loc[("goals", 2), "rwg_j"] == pytest.approx(
        rwgj([[1, 4], [2, 4], [3, 5]], [0, 0, 0], null=2).item()
    )
