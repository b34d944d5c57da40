import pytest

from reports.wording import WORDS, known_word, word


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_language_says_everything(language):
    assert set(WORDS[language]) == set(WORDS["en"])
    assert all(text.strip() for text in WORDS[language].values())


def test_unknown_language_is_refused_not_replaced():
    with pytest.raises(ValueError, match="no wording in 'fr'; known languages are en, de"):
        word("to", "fr")


def test_unknown_key():
    with pytest.raises(ValueError, match="no wording for 'too'"):
        word("too")


def test_names_of_the_study_stay_as_they_are():
    assert known_word("Vorreiter", "de") == "Vorreiter"
