import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from analysis.measure.scoring import score, score_frame, scored_questions
from survey.problems import InputError

NAN = float("nan")
WORD = {"en": "..."}
YES_NO = {"yes": WORD, "no": WORD, "unsure": WORD}

answers = st.lists(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, NAN]), min_size=4, max_size=4), min_size=1, max_size=8
)


@pytest.fixture(scope="session")
def instrument(make_instrument):
    return make_instrument(
        {"trust": "t1 -t2 t3", "goals": "g1", "outside": ""},
        functions=True,
        scale={"min": 1, "max": 7},
        questions={
            "name": {"text": WORD, "kind": "text"},
            "rating": {"text": WORD, "kind": "scale", "scale": "agree"},
            "check": {"text": WORD, "kind": "scale", "scale": "agree", "role": "attention", "expected": 2},
            "adequate": {"text": WORD, "kind": "choice", "options": YES_NO},
            "region": {"text": WORD, "kind": "choice", "options": {"north": WORD, "south": WORD}},
            "minutes": {"text": WORD, "kind": "number", "role": "duration"},
        },
        outcomes={"win_rate": {"title": WORD, "text": WORD, "unit": WORD, "range": [0, 100]}},
        practices={
            "tools": {"frame": "enabler", "title": WORD, "text": WORD, "answer": "tick",
                      "items": {"crm": {"text": WORD}}},
            "habits": {"frame": "capability", "title": WORD, "text": WORD, "answer": "scale",
                       "scale": "agree", "items": {"blame": {"text": WORD, "reverse": True}}},
        },
    )  # fmt: skip


def columns(n=3):
    return {
        "t1": [7.0, 4.0, NAN][:n],
        "t2": [1.0, NAN, NAN][:n],
        "t3": [7.0, NAN, 1.0][:n],
        "g1": [NAN, 1.0, 7.0][:n],
        "name": ["a", None, "c"][:n],
        "rating": [4.0, NAN, 7.0][:n],
        "check": [2.0, 2.0, 2.0][:n],
        "adequate": ["yes", "no", "unsure"][:n],
        "region": ["north", None, "south"][:n],
        "minutes": [3.0, 4.0, NAN][:n],
        "win_rate": [33.0, NAN, 20.5][:n],
        "crm": [1.0, 0.0, NAN][:n],
        "blame": [7.0, 1.0, 4.0][:n],
    }


def test_scores_are_per_cent_of_the_maximum(instrument, make_responses):
    scores = score(make_responses(columns(), instrument), min_answered=0.3)
    assert scores["trust"].tolist() == [100.0, 50.0, 0.0]
    assert_series_equal(scores["goals"], pd.Series([NAN, 0.0, 100.0], name="goals"))


def test_every_scorable_question_and_no_other_has_a_column(instrument, make_responses):
    scores = score(make_responses(columns(), instrument))
    expected = ["trust", "goals", "rating", "adequate", "win_rate", "crm", "blame"]
    assert list(scores) == ["respondent", "company", "function", "wave", "weight", *expected]
    assert_frame_equal(
        scores[["rating", "adequate", "win_rate", "crm", "blame"]],
        pd.DataFrame(
            {
                "rating": [50.0, NAN, 100.0],
                "adequate": [100.0, 0.0, NAN],
                "win_rate": [33.0, NAN, 20.5],
                "crm": [100.0, 0.0, NAN],
                "blame": [0.0, 100.0, 50.0],
            }
        ),
    )


@pytest.mark.parametrize(
    ("min_answered", "scored"), [(0, 3), (1 / 3, 3), (0.34, 1), (2 / 3, 1), (0.67, 1), (1, 1)]
)
def test_the_share_of_items_that_must_be_answered(instrument, make_responses, min_answered, scored):
    scores = score(make_responses(columns(), instrument), min_answered=min_answered)
    assert scores["trust"].notna().sum() == scored


def test_nobody_gets_a_score_from_no_answer(instrument, make_responses):
    frame = columns() | {"t1": [NAN] * 3, "t2": [NAN] * 3, "t3": [NAN] * 3}
    assert score(make_responses(frame, instrument), min_answered=0)["trust"].isna().all()


def test_items_that_were_not_asked_do_not_count(instrument, make_responses):
    asked = {key: value for key, value in columns().items() if key not in ("t2", "t3", "g1", "adequate")}
    scores = score(make_responses(asked, instrument), min_answered=1)
    assert scores["trust"].tolist()[:2] == [100.0, 50.0]
    assert "goals" not in scores
    assert "adequate" not in scores


def test_a_fractional_scale(make_instrument, make_responses):
    instrument = make_instrument({"lean": "a -b"}, scale={"min": 0, "max": 10, "whole": False})
    scores = score(make_responses({"a": [2.5], "b": [2.5]}, instrument))
    assert scores["lean"].tolist() == [50.0]


def test_engines_agree_and_polars_keeps_nulls(instrument, make_responses):
    responses = make_responses(columns(), instrument)
    expected = score(responses)
    table = pl.DataFrame(responses.frame.to_dict("list"), strict=False)  # keeps NaN as NaN
    assert table["t1"].is_nan().any()
    eager = score_frame(table, instrument)
    lazy = score_frame(table.lazy(), instrument)
    assert isinstance(lazy, pl.LazyFrame)
    assert eager["trust"].null_count() == 2
    assert not eager["trust"].is_nan().any()
    assert_frame_equal(eager.to_pandas(), expected, check_dtype=False)
    assert_frame_equal(lazy.collect().to_pandas(), expected, check_dtype=False)


def test_the_index_stays_and_the_input_is_not_changed(instrument, make_responses):
    responses = make_responses(columns(), instrument)
    responses.frame.index = pd.Index([7, 3, 3])
    before = responses.frame.copy()
    assert score(responses).index.tolist() == [7, 3, 3]
    assert_frame_equal(responses.frame, before)


@pytest.mark.parametrize("kind", [str, object, "float64"])
def test_no_respondents(instrument, make_responses, kind):
    empty = {key: pd.Series([], dtype=kind) for key in columns()}
    scores = score(make_responses(empty, instrument))
    assert len(scores) == 0
    assert scores["trust"].dtype == np.float64


def test_columns_without_any_answer_of_whatever_type(instrument, make_responses):
    blank = {key: [None, None, None] for key in columns()}
    assert score(make_responses(blank, instrument))[["trust", "adequate", "crm"]].isna().all(axis=None)


def test_nothing_to_score(make_instrument, make_responses):
    instrument = make_instrument({"outside": ""})
    assert len(score(make_responses({"x": [1, 2]}, instrument))) == 2


def test_bad_arguments_are_said_all_at_once(instrument):
    with pytest.raises(InputError, match="2 problems") as caught:
        score_frame(pd.DataFrame({"t1": [1.0]}), instrument, asked=["t1", "t2"], min_answered=50)
    assert [problem.column for problem in caught.value.problems] == ["t2", "min_answered"]


def test_scored_questions_leave_out_constructs_and_administration(instrument):
    found = scored_questions(instrument, ["t1", "rating", "check", "f", "region", "crm"])
    assert [question.id for question in found] == ["rating", "crm"]


@given(answers)
@settings(max_examples=40, deadline=None)
def test_scores_stay_in_range_and_match_the_definition(make_instrument, make_responses, rows):
    instrument = make_instrument({"score": "a b -c d"})
    table = np.array(rows)
    scores = score(make_responses(dict(zip("abcd", table.T, strict=True)), instrument))["score"].to_numpy()
    turned = np.where([False, False, True, False], 6 - table, table)
    answered = (~np.isnan(table)).sum(axis=1)
    for row, count, value in zip(turned, answered, scores, strict=True):
        if count < 2:
            assert np.isnan(value)
        else:
            assert 0 <= value <= 100
            assert value == pytest.approx((np.nanmean(row) - 1) * 25)


@given(answers)
@settings(max_examples=25, deadline=None)
def test_turning_answers_and_keys_together_changes_nothing(make_instrument, make_responses, rows):
    table = np.array(rows)
    plain, turned = make_instrument({"score": "a b -c d"}), make_instrument({"score": "-a -b c -d"})
    before = score(make_responses(dict(zip("abcd", table.T, strict=True)), plain))["score"]
    after = score(make_responses(dict(zip("abcd", (6 - table).T, strict=True)), turned))["score"]
    assert_series_equal(before, after)


@given(answers, st.integers(-3, 3))
@settings(max_examples=25, deadline=None)
def test_moving_scale_and_answers_together_changes_nothing(make_instrument, make_responses, rows, shift):
    table = np.array(rows)
    plain = make_instrument({"score": "a b -c d"})
    moved = make_instrument({"score": "a b -c d"}, scale={"min": 1 + shift, "max": 5 + shift})
    before = score(make_responses(dict(zip("abcd", table.T, strict=True)), plain))["score"]
    after = score(make_responses(dict(zip("abcd", (table + shift).T, strict=True)), moved))["score"]
    assert_series_equal(before, after)


@given(st.permutations(range(6)))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_does_not_matter(instrument, make_responses, order):
    frame = {key: value * 2 for key, value in columns().items()}
    responses = make_responses(frame, instrument)
    shuffled = make_responses(responses.frame.iloc[list(order)].to_dict("list"), instrument)
    expected = score(responses).iloc[list(order)].reset_index(drop=True)
    assert_frame_equal(score(shuffled), expected)
