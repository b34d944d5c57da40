import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.similar_wording import MARGIN, TAKEN, Candidate, candidates, settle

WORDINGS = {
    "we share our goals for the year": {"goals"},
    "we share our office": {"office"},
    "sales passes leads to marketing": {"leads"},
    "crm": {"crm"},
}


def test_an_open_question_is_taken_when_nothing_else_comes_near() -> None:
    taken, ambiguous = settle(candidates({"Q": ["we share our gaols for the year"]}, WORDINGS), {"goals"})
    assert taken["Q"].target == "goals"
    assert TAKEN <= taken["Q"].score < 100
    assert not ambiguous


@pytest.mark.parametrize(
    ("reading", "word"),
    [
        ("we do not share our goals for the year", "not"),
        ("they share our goals for the year", "they"),
        ("marketing passes leads to sales", "marketing"),
        ("we share our goals for the year 2025", "2025"),
        ("we never share our goals for the year", "never"),
    ],
)
def test_words_that_turn_the_sense_are_named_and_never_passed_over(reading: str, word: str) -> None:
    found = candidates({"Q": [reading]}, WORDINGS, cutoff=60)
    assert word in found["Q"][0].differs
    assert settle(found, {"goals", "leads"})[0] == {}


def test_short_wordings_must_be_the_same() -> None:
    assert candidates({"Q": ["crms"]}, WORDINGS)["Q"] == []
    assert candidates({"Q": ["crm"]}, WORDINGS)["Q"] == [Candidate("crm", 100.0)]


def test_two_questions_or_two_columns_close_together_are_ambiguous() -> None:
    two = {"Q": [Candidate("a", 96), Candidate("b", 93)]}
    assert settle(two, {"a"}) == ({}, {"Q": two["Q"]})
    clear = {"Q": [Candidate("a", 99), Candidate("b", 99 - MARGIN)]}
    assert list(settle(clear, {"a", "b"})[0]) == ["Q"]
    rivals = {"Q": [Candidate("a", 96)], "R": [Candidate("a", 95)]}
    assert set(settle(rivals, {"a"})[1]) == {"Q", "R"}


def test_what_is_answered_already_is_neither_taken_nor_in_doubt() -> None:
    found = {"Q": [Candidate("a", 99)]}
    assert settle(found, {"b"}) == ({}, {})


def test_nothing_to_compare() -> None:
    assert candidates({}, WORDINGS) == {}
    assert candidates({"Q": [""]}, WORDINGS) == {"Q": []}
    assert candidates({"Q": ["we share our office"]}, {}) == {"Q": []}
    assert settle({"Q": []}, {"a"}) == ({}, {})


@given(st.dictionaries(st.sampled_from("QRS"), st.lists(
    st.builds(Candidate, st.sampled_from("abc"), st.floats(80, 100)), max_size=3, unique_by=lambda c: c.target,
)))  # fmt: skip
def test_no_question_is_taken_twice_and_nothing_is_both(found: dict[str, list[Candidate]]) -> None:
    ranked = {column: sorted(given, key=lambda c: -c.score) for column, given in found.items()}
    taken, ambiguous = settle(ranked, {"a", "b"})
    targets = [candidate.target for candidate in taken.values()]
    assert len(targets) == len(set(targets))
    assert not set(taken) & set(ambiguous)
    assert all(candidate.score >= TAKEN for candidate in taken.values())
