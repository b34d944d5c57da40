"""What is an identifier and what only looks like one; nothing planted survives."""

import string

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.identifiers import (
    PATTERNS,
    PERSONAL,
    consists_of,
    holds,
    is_number,
    may_identify,
    redact,
    redacted,
)

IDENTIFIERS = {
    "e-mail": (
        "jane.doe+x@acme.co.uk",
        "JANE@ACME.ORG",
        "jürgen@müller.de",
        "jane (at) acme (dot) org",
        "a@b.io",
    ),
    "web address": ("https://acme.org/a?b=1", "www.acme.de", "acme.com", "my-shop.net/jane"),
    "handle": ("@jane_doe",),
    "ip address": (
        "203.0.113.7",
        "255.255.255.255",
        "fe80::1ff:fe23:4567:890a",
        "2001:db8:85a3:0:0:8a2e:370:7334",
    ),
    "phone": (
        *("+49 170 1234567", "+49 (0)341/123-456", "0049 341 123456", "0341/123456", "(0341) 123 456"),
        *("01709876543", "06 12 34 56 78", "555-123-4567", "1-800-555-1234", "+1 (555) 123-4567"),
    ),
    "account number": ("DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "4111 1111 1111 1111"),
    "number": ("123456789",),
}
NOT_IDENTIFIERS = (
    *(
        "4",
        "12,5",
        "3.3333333333333335",
        "1,234,567,890",
        "1 234 567 890",
        "1.234.567.890",
        "1e+06",
        "-71.119300842285",
    ),
    *(
        "05.06.2018",
        "13/08/2019",
        "2018-05-06",
        "2018-05-06 10:10:10",
        "2021-07-05T10:58:34.147+0300",
        "10:10:10",
    ),
    *(
        "88.0.4324.41",
        "30 - 44",
        "$50,000 - $99,999",
        "100 - 250",
        "Q1_Browser",
        "note::bad",
        "+5 to 10",
        "it works.It is",
    ),
    *(
        "Strongly agree",
        "Acme Ltd",
        "R_9RWrgh1F9m7488l",
        "Head of Sales",
        "1366x768",
        "we meet @ 9",
        "goals_1",
        "24/7",
    ),
)


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in IDENTIFIERS.items() for text in texts]
)
def test_an_identifier_is_found_alone_and_in_a_sentence(kind: str, text: str) -> None:
    texts = pd.Series([text, f"please ask {text}, thank you"])
    assert holds(texts)[kind].all()
    if kind != "number":
        assert consists_of(texts)[kind].tolist() == [True, False]
    marked = redact(texts[1], tuple(PATTERNS))
    assert marked == f"please ask [{kind}], thank you"


@pytest.mark.parametrize("text", NOT_IDENTIFIERS)
def test_what_only_looks_like_one_stays(text: str) -> None:
    texts = pd.Series([text])
    assert not consists_of(texts).to_numpy().any()
    assert redacted(texts).tolist() == [text]


def test_a_phone_without_signs_is_no_number_to_calculate_with() -> None:
    assert is_number(pd.Series(["01709876543", "+491709876543", "3292953864", "0.5", "007"])).tolist() == [
        *(False, False, True, True, True)
    ]


def test_missing_text_stays_missing() -> None:
    texts = pd.Series([None, "a@b.io"], dtype="str", index=[7, 3])
    assert redacted(texts).isna().tolist() == [True, False]
    assert holds(texts).index.tolist() == [7, 3]


WORDS = st.text(string.ascii_letters + " .,;!?()äß", max_size=30)
USERS = st.from_regex(r"[a-z]{3,9}(?:[._-][a-z]{2,9})?[0-9]{0,3}", fullmatch=True)
HOSTS = st.from_regex(r"[a-z]{3,9}(?:-[a-z]{2,5})?\.(?:de|com|co\.uk|museum)", fullmatch=True)
PHONES = st.from_regex(r"\+[1-9][0-9] ?\(?[0-9]{2,4}\)?[ /-]?[0-9]{4,7}", fullmatch=True)
OCTETS = st.integers(0, 255).map(str)


@settings(max_examples=40, deadline=None)
@given(WORDS, st.builds("{}@{}".format, USERS, HOSTS), WORDS)
def test_no_planted_address_survives(before: str, address: str, after: str) -> None:
    assert address not in redact(f"{before} {address} {after}")


@settings(max_examples=40, deadline=None)
@given(WORDS, PHONES, WORDS)
def test_no_planted_telephone_survives(before: str, phone: str, after: str) -> None:
    marked = redact(f"{before} {phone} {after}")
    assert "[phone]" in marked
    assert phone[-4:] not in marked


@settings(max_examples=40, deadline=None)
@given(st.lists(OCTETS, min_size=4, max_size=4).map(".".join))
def test_no_planted_ip_address_survives(address: str) -> None:
    assert redact(f"from {address}!") == "from [ip address]!"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(string.printable, max_size=25), min_size=1))
def test_traces_are_there_wherever_a_pattern_is(written: list[str]) -> None:
    texts = pd.Series(written, dtype="str")
    if not may_identify(texts):
        assert [redact(text, tuple(PATTERNS)) for text in written] == written


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40)))
def test_redacting_twice_changes_nothing(written: list[str]) -> None:
    once = redacted(pd.Series(written, dtype="str"))
    pd.testing.assert_series_equal(redacted(once), once)
    assert not holds(once[~is_number(once)])[list(PERSONAL)].to_numpy().any()
