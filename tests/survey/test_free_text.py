"""Free text: what leads to a person or a company is marked, the rest stays as it was."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.free_text import review_free_text


def texts_of(*texts: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"file": "2025.csv", "row": range(2, 2 + len(texts)), "column": "Q9", "text": list(texts)}
    )


def marked(*texts: str, **known: list[str]) -> list[str]:
    return review_free_text(texts_of(*texts), **known).frame["text"].tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mail me: jane@acme.org", "Mail me: [e-mail]"),
        ("See https://acme.org/a, @jdoe.", "See [web address], [handle]."),
        ("+49 (0)89 1234-567 or 10.0.0.1", "[phone] or [ip address]"),
        ("My customer number is 12345678", "My customer number is [number]"),
        ("IBAN DE89 3704 0044 0532 0130 00!", "IBAN [account number]!"),
        ("Frau Müller-Lüdenscheid und Herr Dr. Meier", "Frau [name] und Herr Dr. [name]"),
        ("ask Mr. Bean, Mme Curie", "ask Mr. [name], Mme [name]"),
        ("Ask Mary O'Brien.", "Ask [name?]."),
        ("Wir arbeiten mit Anna Schmidt zusammen", "Wir arbeiten mit [name?] zusammen"),
        ("We plan 3 meetings a week since 2021, 24/7", "We plan 3 meetings a week since 2021, 24/7"),
        ("The CRM and SAP are slow", "The CRM and SAP are slow"),
        ("We trust Sales. Marketing is new.", "We trust Sales. Marketing is new."),
        ("", ""),
    ],
)
def test_marks(text: str, expected: str) -> None:
    assert marked(text) == [expected]


def test_companies_are_found_with_and_without_legal_form_in_any_case() -> None:
    found = marked(
        "acme is slow",
        "ACME LTD'S price",
        "Acme-Vertrieb",
        "acmeology",
        "at Blue  Sky",
        companies=["Acme Ltd", "Blue Sky GmbH"],
    )
    assert found == [
        "[company] is slow",
        "[company]'S price",
        "[company]-Vertrieb",
        "acmeology",
        "at [company]",
    ]


def test_names_that_other_columns_give_are_found_whole_and_in_part() -> None:
    found = marked("ask Zyx", "ZYX CANARY said", "will he? Will Long did", people=["Zyx Canary", "Will Long"])
    assert found == ["ask [name]", "[name] said", "will he? [name] did"]


def test_words_in_use_are_no_names() -> None:
    texts = ("The Sales Team and the sales team", "Key Account is good", "Marketing Leadership")
    assert marked(*texts, vocabulary=["account", "leadership"]) == list(texts)


def test_companies_called_like_a_mark_do_not_break_it() -> None:
    assert marked("mail a@b.io, call 0341/123456", companies=["Mail Ltd", "Phone Inc"]) == [
        "[company] [e-mail], call [phone]"
    ]


def test_brackets_that_somebody_typed_hide_nothing() -> None:
    assert marked("we [Acme] agree", companies=["Acme"]) == ["we ([company]) agree"]


def test_the_review_lists_cells_and_never_a_value() -> None:
    texts = texts_of("jane@acme.org and joe@acme.org", "fine", "0341/123456")
    review = review_free_text(texts).review
    assert review.values.tolist() == [["2025.csv", 2, "Q9", "e-mail", 2], ["2025.csv", 4, "Q9", "phone", 1]]


def test_nothing_is_reviewed_where_nothing_is_written() -> None:
    found = review_free_text(texts_of(), companies=["Acme"])
    assert found.frame.empty
    assert found.review.columns.tolist() == ["file", "row", "column", "kind", "n"]


TEXTS = st.lists(st.text(st.sampled_from("aäbZ éN.@[]()1234567890+- acme Jane Doe"), max_size=40), max_size=6)


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_reviewing_twice_changes_nothing(texts: list[str]) -> None:
    once = marked(*texts, companies=["Acme"], people=["Jane Doe"])
    assert marked(*once, companies=["Acme"], people=["Jane Doe"]) == once


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.data())
def test_the_order_of_the_answers_has_no_influence(texts: list[str], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(texts))))
    one, other = marked(*texts), marked(*(texts[n] for n in order))
    assert other == [one[n] for n in order]


@settings(max_examples=40, deadline=None)
@given(
    before=st.text("abc .,!", max_size=20),
    name=st.from_regex(r"[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}", fullmatch=True),
    after=st.text("abc .,!", max_size=20),
)
def test_no_known_name_survives(before: str, name: str, after: str) -> None:
    assert name not in marked(f"{before} {name} {after}", people=[name])[0]
