import pytest

from reports.wording import known_word, word
from survey.language import speaking


def test_fixed_words_follow_the_language_asked_for_or_else_the_one_written_whatever_a_study_calls_things():
    with speaking("de-AT", names=frozenset({"Sales"})):
        assert (word("sales"), word("sales", "en")) == ("Vertrieb", "Sales")
    assert word("sales") == "Sales"


def test_unknown_language_is_refused_not_replaced():
    with pytest.raises(ValueError, match="no wording in 'fr'; known languages are en, de"):
        word("to", "fr")


def test_unknown_key():
    with pytest.raises(ValueError, match="no wording for 'too'"):
        word("too")


def test_names_of_the_study_stay_as_they_are():
    assert known_word("Vorreiter", "de") == "Vorreiter"
