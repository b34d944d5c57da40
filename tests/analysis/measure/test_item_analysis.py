from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.item_analysis import (
    NOT_TOLD_APART,
    against_the_others,
    answer_distribution,
    answer_points,
    construct_answers,
    item_statistics,
    of_all,
)

NAN = float("nan")


@pytest.fixture(scope="module")
def responses(questionnaire, as_questionnaire):
    return as_questionnaire(questionnaire)


@pytest.fixture
def small(make_instrument, make_responses):
    columns = {"a1": [1, 5, 5, NAN], "a2": [5, 5, 1, NAN], "a3": [3, 3, 3, NAN], "b1": [1, 2, 2, 2]}
    return make_responses(columns, make_instrument({"a": "a1 -a2 a3", "b": "b1"}))


def test_items_agree_with_psych(responses, reference):
    expected = pd.read_csv(reference / "reliability_items.csv").set_index(["function", "item"])
    found = item_statistics(responses).set_index(["function", "item"]).reindex(expected.index)
    for name in ("n", "item_rest", "alpha_if_dropped", "mean", "sd"):
        np.testing.assert_allclose(found[name].astype(float), expected[name], rtol=1e-10)
    assert (found["note"] == NOT_TOLD_APART).all()


def test_order_of_respondents_and_items_does_not_matter(responses):
    found = item_statistics(responses).set_index(["function", "item"])
    shuffled = replace(responses, frame=responses.frame.sample(frac=1, random_state=1))
    again = item_statistics(shuffled).set_index(["function", "item"])
    pd.testing.assert_frame_equal(again, found, rtol=1e-7)


def test_ends_of_the_scale_and_notes(small):
    table = item_statistics(small).set_index("item")
    assert table.loc[["a1", "a2"], "floor"].tolist() == pytest.approx([100 / 3, 200 / 3])  # a2 is turned
    assert table.loc[["a1", "a2"], "ceiling"].tolist() == pytest.approx([200 / 3, 100 / 3])
    assert table["missing"].tolist() == [25, 25, 25, 0]
    notes = table["note"].str.removesuffix(NOT_TOLD_APART).str.removesuffix("; ")
    assert notes["a3"] == "all its answers are equal"
    assert notes["b1"] == "no other item varies"
    assert notes["a1"] == "alpha if dropped needs three items; no loading: a factor needs three items"


def test_every_empty_cell_has_a_note(small):
    known = replace(small, unsure=pd.DataFrame(False, index=small.frame.index, columns=small.asked))
    table = item_statistics(known)
    blank = table.isna().any(axis=1)
    assert (blank == (table["note"] != "")).all()
    assert table["dont_know"].eq(0).all()


def test_dont_know_is_counted_apart_by_function(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 a2"})
    columns = {"function": ["sales", "sales", "marketing"], "a1": [NAN, 2, 3], "a2": [NAN, NAN, 3]}
    responses = make_responses(columns, instrument)
    unsure = pd.DataFrame({"a1": [True, False, False], "a2": [False, True, False]})
    responses = replace(responses, unsure=unsure)
    items = item_statistics(responses).set_index(["function", "item"])
    assert items.loc[("sales", "a1"), ["missing", "dont_know"]].tolist() == [0, 50]
    assert items.loc[("sales", "a2"), ["missing", "dont_know"]].tolist() == [50, 50]
    whole = construct_answers(responses).set_index("function")
    assert whole.loc["sales", ["n", "silent", "missing", "dont_know"]].tolist() == [1, 50, 25, 50]
    assert whole.loc["marketing", ["missing", "dont_know", "note"]].tolist() == [0, 0, ""]


def test_people_at_the_ends_of_a_construct(small):
    table = construct_answers(small).set_index("construct")
    assert table.loc["a", ["n", "silent", "floor", "ceiling"]].tolist() == [3, 25, 0, 0]
    assert table.loc["b", ["n", "silent", "floor", "ceiling"]].tolist() == [4, 0, 25, 0]


def test_missing_answers_do_not_keep_people_from_the_ends(make_instrument, make_responses):
    columns = {"a1": [1, 5, NAN], "a2": [NAN, 1, NAN]}
    row = construct_answers(make_responses(columns, make_instrument({"a": "a1 -a2"}))).iloc[0]
    assert row[["n", "floor", "ceiling"]].tolist() == [2, 50, 50]


def test_distribution_lists_every_point_as_answered(small):
    table = answer_distribution(small)
    reversed_item = table[table["item"] == "a2"]
    assert reversed_item["answer"].tolist() == [1, 2, 3, 4, 5]
    assert reversed_item["n"].tolist() == [1, 0, 0, 0, 2]
    assert reversed_item["share"].tolist() == pytest.approx([100 / 3, 0, 0, 0, 200 / 3])
    assert table["construct"].unique().tolist() == ["a", "b"]


def test_distribution_has_no_rows_where_nobody_answered(make_instrument, make_responses):
    columns = {"function": ["sales", "marketing"], "a1": [1, 2], "a2": [NAN, 2.5]}
    scale = {"min": 0, "max": 10, "whole": False}
    table = answer_distribution(make_responses(columns, make_instrument({"a": "a1 a2"}, scale=scale)))
    assert set(table["answer"]) == {1, 2, 2.5}
    assert table.groupby(["function", "item"])["n"].sum().to_dict() == {
        ("sales", "a1"): 1, ("marketing", "a1"): 1, ("marketing", "a2"): 1,
    }  # fmt: skip


def test_nobody_and_nothing(make_instrument, make_responses):
    empty = {name: pd.Series(dtype=float) for name in ("a1", "a2")}
    responses = make_responses(empty, make_instrument({"a": "a1 a2"}))
    for table in (item_statistics(responses), construct_answers(responses), answer_distribution(responses)):
        assert len(table) == 0
        assert {"construct", "function", "wave"} <= set(table)
    silent = make_responses({"a1": [NAN, NAN], "a2": [NAN, NAN]}, make_instrument({"a": "a1 a2"}))
    assert item_statistics(silent)["note"].str.startswith("nobody answered it").all()
    assert construct_answers(silent)["note"].str.startswith("nobody answered an item").all()
    assert len(answer_distribution(silent)) == 0


@given(st.lists(st.lists(st.sampled_from([1, 2, 3, 4, 5, NAN]), min_size=3, max_size=3), max_size=8))
@settings(max_examples=20, deadline=None)
def test_shares_add_up_and_nothing_crashes(make_instrument, make_responses, rows):
    columns = pd.DataFrame(rows, columns=["a1", "a2", "a3"], dtype=float).to_dict("list")
    responses = make_responses(columns, make_instrument({"a": "a1 -a2 a3"}))
    shares = answer_distribution(responses).groupby("item")["share"].sum()
    np.testing.assert_allclose(shares, 100)
    table = item_statistics(responses)
    gaps = table[["item_rest", "alpha_if_dropped", "loading"]].isna().any(axis=1)
    assert table.loc[gaps, "note"].str.removesuffix(NOT_TOLD_APART).ne("").all()


def test_companies_behind_an_item_are_those_with_an_answer(make_instrument, make_responses):
    columns = {"company": list("xxyz"), "a1": [1, 2, NAN, 3], "a2": [1, 2, 3, 3]}
    responses = make_responses(columns, make_instrument({"a": "a1 a2"}))
    assert item_statistics(responses)["companies"].tolist() == [2, 3]
    assert construct_answers(responses)["companies"].tolist() == [3]
    counted = answer_distribution(responses).drop_duplicates("item").set_index("item")["companies"]
    assert counted.to_dict() == {"a1": 2, "a2": 3}


def test_points_and_functions_together(make_instrument, make_responses):
    columns = {"company": list("xyzz"), "function": ["sales", "sales", "marketing", "marketing"]}
    responses = make_responses(
        {**columns, "a1": [1.0, 1.5, 2.4, 5.0]},
        make_instrument({"a": "a1"}, scale={"min": 1, "max": 5, "whole": False}),
    )
    points = answer_points(answer_distribution(responses))
    assert points[points["n"] > 0].set_index(["function", "answer"])["n"].to_dict() == {
        ("marketing", 2.0): 1, ("marketing", 5.0): 1, ("sales", 1.0): 1, ("sales", 2.0): 1,
    }  # fmt: skip
    both = of_all(points)
    assert both.groupby("item")["share"].sum().tolist() == [100]
    assert both.set_index("answer").loc[2.0, ["n", "share"]].tolist() == [2, 50]
    assert both["companies"].eq(1).all(), "what one company's function answered could be found by subtraction"


def test_a_statement_declared_the_wrong_way_round_is_found(make_instrument, make_responses):
    rng = np.random.default_rng(4)
    trait = rng.normal(size=(200, 1)) + rng.normal(size=(200, 4))
    columns = dict(zip(("a1", "a2", "a3", "a4"), trait.T, strict=True))
    for declared, wrong in (("a1 a2 a3 a4", []), ("a1 a2 -a3 a4", ["a3"])):
        statistics = item_statistics(make_responses(columns, make_instrument({"a": declared})))
        assert against_the_others(statistics)["item"].tolist() == wrong
