"""Canonical JSON is that of RFC 8785, whose test values these are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.canonical_json import canonical, sha256_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"), (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"), (1e21, "1e+21"), (1e-6, "0.000001"), (1e-7, "1e-7"),
        (333333333.33333325, "333333333.33333325"),
        (0.002, "0.002"), (4.5, "4.5"), (1e30, "1e+30"), (100, "100"), (True, "true"), (None, "null"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_does(value: float | None, text: str) -> None:
    assert canonical(value) == text


def test_keys_are_sorted_by_utf_16() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert list(json.loads(canonical(value))) == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(value, as_given=True))) == list(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="no JSON number"):
        canonical(value)


TEXTS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(TEXTS, part, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_it_reads_back_as_the_same_and_has_one_form(value: object) -> None:
    text = canonical(value)
    assert json.loads(text, parse_int=float) == value
    assert canonical(json.loads(text)) == text
    assert sha256_of(value) == sha256_of(json.loads(canonical(value, as_given=True)))
