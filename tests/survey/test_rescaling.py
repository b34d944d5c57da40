import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from survey.instrument import Instrument, Scale
from survey.rescaling import (
    WaveScale,
    as_asked,
    declared_scale,
    expected_answer,
    is_rescaled,
    rescale,
    scale_name,
)

ENDS = st.tuples(st.integers(-5, 10), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(ENDS, ENDS, st.floats(0, 1), st.booleans())
def test_the_percentage_of_the_maximum_possible_is_kept(
    own: tuple[int, int], other: tuple[int, int], share: float, turned: bool
) -> None:
    scale, asked = Scale(min=own[0], max=own[1]), WaveScale(min=other[0], max=other[1], turned=turned)
    answer = pd.Series([asked.min + share * (asked.max - asked.min)])
    found = rescale(answer, scale, asked=asked)
    pomp = (found - scale.min) / (scale.max - scale.min)
    assert pomp.iloc[0] == pytest.approx(1 - share if turned else share, abs=1e-9)


def test_the_ends_are_exact_and_blanks_stay_blank() -> None:
    answers = pd.Series([1.0, None, 7.0], index=[3, 2, 1])
    found = rescale(answers, Scale(min=1, max=5), asked=WaveScale(min=1, max=7))
    assert found.index.tolist() == [3, 2, 1]
    assert found.tolist()[::2] == [1.0, 5.0]
    assert found.isna().tolist() == [False, True, False]


def test_the_narrowest_declaration_rules(small: Instrument) -> None:
    question = small.columns["trust_1"]
    scales = {
        name: WaveScale(min=0, max=n) for n, name in enumerate(("agreement", "trust", "trust_1"), start=5)
    }
    for name in ("trust_1", "trust", "agreement"):
        assert declared_scale(question, scales, small) == scales.pop(name)
    assert declared_scale(question, scales, small) is None
    assert scale_name(question, small) == "agreement"
    assert scale_name(small.columns["comment"], small) == ""


def test_what_the_declaration_leaves_out_is_the_instruments(small: Instrument) -> None:
    question = small.columns["goals_1"]
    relabelled = as_asked(question, WaveScale(min=1, max=5, missing_codes=[9]))
    assert relabelled.labels == question.scale.labels
    assert relabelled.dont_know == question.scale.dont_know
    assert relabelled.missing_codes == [9]
    assert not is_rescaled(question.scale, WaveScale(min=1, max=5))
    turned = WaveScale(min=1, max=5, turned=True)
    assert is_rescaled(question.scale, turned)
    assert as_asked(question, turned).labels == {}


def test_a_declared_scale_must_be_one() -> None:
    with pytest.raises(ValidationError, match="must be below"):
        WaveScale(min=7, max=1)
    with pytest.raises(ValidationError, match="outside 1-7"):
        WaveScale(min=1, max=7, labels={8: {"en": "Far too much"}})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, 2.0),
        (WaveScale(min=1, max=5), 2.0),
        (WaveScale(min=1, max=7), None),
        (WaveScale(min=1, max=7, labels={3: {"de": "stimme NICHT zu"}}), 3.0),
        (WaveScale(min=1, max=7, labels={3: {"en": "Rather not"}}), None),
        (WaveScale(min=1, max=5, labels={4: {"en": "Disagree"}}), 4.0),
    ],
)
def test_which_answer_passes_an_attention_check(
    small: Instrument, asked: WaveScale | None, expected: float | None
) -> None:
    assert expected_answer(small.columns["check"], asked) == expected
