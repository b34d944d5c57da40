import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.numbers import read_numbers


def read(*texts: str | None) -> list[float]:
    return read_numbers(pd.Series(texts, dtype="str"))[0].tolist()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4", 4), ("4.0", 4), ("-3", -3), ("−3", -3), ("+5", 5), (" 12.5 ", 12.5), ("12,5", 12.5),
        ("0,125", 0.125),
        ("0.125", 0.125), ("12 %", 12), ("12,5%", 12.5), ("€ 1.200,50", 1200.5), ("$1,200.50", 1200.5),
        ("1 234 567", 1234567), ("1\u202f234", 1234), ("1'234.5", 1234.5), ("1,234,567", 1234567),
        ("1.234.567", 1234567), ("1e+06", 1e6), ("1.5E3", 1500), (".5", 0.5), ("1.234", 1.234),
        ("1234,567", 1234.567),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, number: float) -> None:
    assert read(text) == [pytest.approx(number, abs=0)]


@pytest.mark.parametrize("text", ["1,234", "many", "1,23,4", "12-15", "inf", "1.2.3", "--4", "%", "4 k"])
def test_what_is_no_number_or_two_is_bad(text: str) -> None:
    values, bad = read_numbers(pd.Series([text, None], dtype="str"))
    assert values.isna().all()
    assert bad.tolist() == [True, False]


def test_the_column_decides_what_a_mark_means() -> None:
    assert read("1,234", "12,5") == [1.234, 12.5]
    assert read("1,234", "12.5") == [1234, 12.5]
    assert read("1.234", "12,5") == [1234, 12.5]
    assert read("1.234", "12.5") == [1.234, 12.5]
    assert math.isnan(read("1,234", "12.5", "12,5")[0])


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(min_value=-(10**12), max_value=10**12), min_size=1, max_size=20),
    st.sampled_from(",. '"),
)
def test_grouped_whole_numbers_beyond_a_million_are_read_in_any_style(numbers: list[int], mark: str) -> None:
    big = [n if abs(n) >= 10**6 else n + 10**7 for n in numbers]
    assert read(*(f"{n:,}".replace(",", mark) for n in big)) == [float(n) for n in big]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_what_python_writes_is_read_back_exactly(numbers: list[float]) -> None:
    np.testing.assert_array_equal(read(*map(repr, numbers)), numbers)


def test_marks_of_programs_are_no_numbers_and_no_faults() -> None:
    values, bad = read_numbers(pd.Series(["1.5", " NA", "NaN", "n/a", None], dtype="str"))
    assert values.isna().tolist() == [False, True, True, True, True]
    assert bad.tolist() == [False, False, False, True, False]
