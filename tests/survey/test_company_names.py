import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.company_names import (
    content_words,
    legal_form,
    name_with_form,
    names_no_company,
    normalise_name,
)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "-",
        "?",
        "...",
        "n/a",
        "N.A.",
        "NA",
        "none",
        "Test",
        "XXX",
        "keine Angabe",
        "Prefer not to say",
        "don't know",
        "Weiß nicht",
        "CONFIDENTIAL",
        "нет",
        "なし",
        None,
    ],
)
def test_answers_that_name_no_company(name: str | None) -> None:
    assert names_no_company(pd.Series([name], dtype="str")).tolist() == [True]


@pytest.mark.parametrize(
    "name",
    ["Acme", "Test & Measurement Ltd", "Confidential Shredding Ltd", "3M", "None Such GmbH", "X-ray AG"],
)
def test_names_that_look_a_little_like_none(name: str) -> None:
    assert names_no_company(pd.Series([name])).tolist() == [False]


def test_a_study_can_say_what_else_is_no_company() -> None:
    assert names_no_company(pd.Series(["Musterfirma", "Acme"]), ["MUSTERFIRMA"]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dept. for Business & Skills", "Department of Business and Skills"),
        ("Home Office (excluding agencies)", "Home Office"),
        ("Acme (ohne Töchter) GmbH", "Acme"),
        ("Policy Unit (formerly known as Policy HQ)", "Policy Unit"),
        ("DVLA (Driver and Vehicle Licensing Agency)", "DVLA"),
        ("Univ. of Bolt", "Université de Bolt"),
        ("Acme Works Acme Works", "Acme Works"),
        ("P & G", "PG"),
        ("Digitisation Works", "Digitization Works"),
    ],
)
def test_one_set_of_words(one: str, other: str) -> None:
    assert content_words(one).words == content_words(other).words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Home Office (HQ)", "Home Office"),
        ("Statistics Authority (including ONS)", "Statistics Authority"),
        ("La Fitness", "Fitness"),
        ("Acme Holding", "Acme"),
    ],
)
def test_words_that_say_something_stay(one: str, other: str) -> None:
    assert content_words(one).words != content_words(other).words


def test_legal_forms_agree_whatever_their_spelling() -> None:
    spellings = pd.Series(["Bolt plc", "BOLT P.L.C.", "Bolt public limited company"])
    assert set(name_with_form(spellings)) == {"bolt (plc)"}
    assert legal_form("华为有限公司") == "有限公司"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=30))
def test_any_text_has_words_and_a_form(name: str) -> None:
    assert all(content_words(name).words) or not content_words(name).words
    assert legal_form(name) == legal_form(name.strip())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("7", "7.0", True), ("7", "-7", False), ("70", "7.0", False), ("< 12 years", "<12 years", True),
     ("<12 years", "12 years", False), (">16 years", "<16 years", False), ("Team - 7", "Team 7", True)],
)  # fmt: skip
def test_signs_of_numbers_tell_names_apart(one: str, other: str, *, same: bool) -> None:
    first, second = normalise_name(pd.Series([one, other]))
    assert (first == second) is same
