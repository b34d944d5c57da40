import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.instrument import Instrument
from survey.recoding import allowed_answers, fill_ticks, recode

BAD, NOTHING = "bad", "nothing"


def outcome(instrument: Instrument, question: str, text: str | None) -> object:
    """The code, or in a word why there is none."""
    column = pd.Series(["1", text, None], index=[7, 5, 3], dtype="str")
    answers, dont_know, bad = recode(column, instrument.columns[question])
    assert answers.index.tolist() == dont_know.index.tolist() == bad.index.tolist() == [7, 5, 3]
    if bad[5] or (dont_know[5] and pd.isna(answers[5])):
        assert pd.isna(answers[5])
        return BAD if bad[5] else "don't know"
    return NOTHING if pd.isna(answers[5]) else answers[5]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4", 4), (" 4.0 ", 4), ("4,0", 4), ("Agree", 4), ("  aGREE. ", 4), ("stimme ZU", 4),
        ("4 - Agree", 4),
        ("4: Stimme zu", 4), ("Agree (4)", 4), ("4 = Disagree", BAD), ("3 - neither", 3), ("3 - Agree", BAD),
        ("Weiß nicht", "don't know"), ("don’t know", "don't know"), ("-99", NOTHING), (None, NOTHING),
        ("6", BAD),
        ("0", BAD), ("3.5", BAD), ("Agre", BAD), ("-", BAD),
    ],
)  # fmt: skip
def test_scale_answers(small: Instrument, text: str | None, code: object) -> None:
    assert outcome(small, "goals_1", text) == code


@pytest.mark.parametrize(("text", "code"), [("66.7", 66.7), ("66,7", 66.7), ("0", 0), ("100.1", BAD)])
def test_a_scale_that_is_not_whole_takes_what_lies_between(
    small: Instrument, text: str, code: object
) -> None:
    assert outcome(small, "mood", text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("Ja", "yes"), ("NO", "no"), ("TRUE", "yes"), ("dont_know", "dont_know"), ("perhaps", BAD),
     (None, NOTHING)],
)  # fmt: skip
def test_choices(small: Instrument, text: str | None, code: object) -> None:
    assert outcome(small, "adequate", text) == code


def test_a_choice_of_dont_know_is_counted_and_kept(small: Instrument) -> None:
    answers, dont_know, bad = recode(pd.Series(["Don't know", "Yes"]), small.columns["adequate"])
    assert answers.tolist() == ["dont_know", "yes"]
    assert dont_know.tolist() == [True, False]
    assert not bad.any()


@pytest.mark.parametrize(
    ("text", "code"), [("CRM", 1), ("1", 1), ("x", 1), ("TRUE", 1), ("0", 0), ("0.0", 0), ("No", 0), ("-", 0)]
)
def test_ticks(small: Instrument, text: str, code: float) -> None:
    assert outcome(small, "tool_crm", text) == code


@pytest.mark.parametrize(("text", "code"), [("12,5 %", 12.5), ("100", 100), ("101", BAD), ("most", BAD)])
def test_numbers_keep_to_the_range_of_the_question(small: Instrument, text: str, code: object) -> None:
    assert outcome(small, "win_rate", text) == code


def test_tick_lists_left_blank_stay_blank(small: Instrument) -> None:
    coded = pd.DataFrame({"tool_crm": [1.0, np.nan, 0.0], "tool_chat": [np.nan, np.nan, np.nan]})
    filled = fill_ticks(coded, small)
    assert filled["tool_chat"].iloc[[0, 2]].tolist() == [0.0, 0.0]
    assert filled.iloc[1].isna().all()
    assert coded["tool_chat"].isna().all()


def test_a_blank_column_is_recoded_to_nothing(small: Instrument) -> None:
    for question in small.columns.values():
        answers, dont_know, bad = recode(pd.Series([None, None], dtype="str"), question)
        assert answers.isna().all()
        assert not (dont_know | bad).any()


def test_messages_say_the_codes_and_the_labels(small: Instrument) -> None:
    assert allowed_answers(small.columns["goals_1"]).startswith(
        "1-5; Strongly disagree / Stimme gar nicht zu;"
    )
    assert allowed_answers(small.columns["mood"]) == "0-100, decimals too"
    assert "no (No / Nein)" in allowed_answers(small.columns["adequate"])


WRITTEN = st.lists(
    st.sampled_from(["1", "Agree", "stimme nicht zu", "9", "Don't know", None, "x"]), max_size=30
)


@settings(deadline=None, max_examples=30)
@given(WRITTEN)
def test_each_answer_is_coded_alone_whatever_stands_beside_it(
    small: Instrument, texts: list[str | None]
) -> None:
    question = small.columns["goals_1"]
    together = recode(pd.Series(texts, dtype="str"), question)
    for position, text in enumerate(texts):
        alone = recode(pd.Series([text], dtype="str"), question)
        code, other = together.answers.iloc[position], alone.answers.iloc[0]
        assert code == other or (math.isnan(code) and math.isnan(other))
        assert together.bad.iloc[position] == alone.bad.iloc[0]


@settings(deadline=None, max_examples=30)
@given(WRITTEN)
def test_every_answer_is_one_of_code_blank_dont_know_or_bad(
    small: Instrument, texts: list[str | None]
) -> None:
    column = pd.Series(texts, dtype="str")
    answers, dont_know, bad = recode(column, small.columns["goals_1"])
    kinds = answers.notna().astype(int) + dont_know + bad + column.isna()
    assert (kinds == 1).all()
    again = recode(answers.map(str, na_action="ignore").astype("str"), small.columns["goals_1"])
    pd.testing.assert_series_equal(again.answers, answers)
