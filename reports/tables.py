"""Numbers written for people: one rule for decimals, units, intervals and what is missing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from math import floor, isfinite, log10
from typing import Any

import numpy as np
import pandas as pd
from babel import Locale
from babel.numbers import NumberPattern, parse_pattern

from reports.report import Column, Table, Unit
from reports.wording import word
from survey.language import look_up, spoken

DECIMALS: dict[Unit, int] = {
    "count": 0, "year": 0, "number": 1, "percent": 0, "points": 0, "growth": 1,
    "difference": 0, "percentage_points": 0, "growth_points": 1, "slope": 1, "ratio": 2, "fit": 3, "p_value": 3,
}  # fmt: skip
SIGNED: frozenset[Unit] = frozenset({"difference", "percentage_points", "growth_points", "slope"})
PERCENT: frozenset[Unit] = frozenset({"percent", "growth"})
WORDED: dict[Unit, str] = {
    "points": "point", "difference": "point",
    "percentage_points": "percentage_point", "growth_points": "percentage_point",
}  # fmt: skip
"""Units that are written as a word after the number."""

EXACT = Context(prec=350)
"""Enough digits for every float, so that rounding for the eye is the only rounding."""

LARGE_BASE = 1000
"""From this base on, percentages carry a decimal."""

MOST_DECIMALS = 6
"""Of a slope, however narrow its interval."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """How numbers are written: unit, decimals, language, and bare or with the word for the unit.

    Examples
    --------
    >>> Numeral("points", 0, "en", bare=True).interval(62.0, 58.1, 65.9)
    '62 (58 to 66)'
    """

    unit: Unit
    decimals: int
    language: str
    bare: bool = False

    def write(self, value: float) -> str:
        """Write one finite number."""
        text = self._digits(value)
        if self.bare or self.unit not in WORDED:
            return text
        singular = self._digits(abs(value)).lstrip("+") == self._digits(1.0).lstrip("+")
        return f"{text} {word(WORDED[self.unit] + ('' if singular else 's'), self.language)}"

    def interval(self, estimate: float, low: float, high: float, *, reason: str = "") -> str:
        """Write an estimate with its interval, or say that it is missing and why."""
        if absent(estimate):
            return missing_text(reason, self.language)
        if absent(low) or absent(high):
            return f"{self.write(estimate)} ({word('no_interval', self.language)})"
        unit: Unit = "number" if self.unit in PERCENT else self.unit
        ends = Numeral(unit, self.decimals, self.language, bare=True)
        return f"{self.write(estimate)} ({ends.write(low)} {word('to', self.language)} {ends.write(high)})"

    def _digits(self, value: float) -> str:
        step = Decimal(1).scaleb(-self.decimals)
        number = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP, context=EXACT)
        if self.unit == "p_value" and number == 0:
            return f"<{_localise(step, self)}"
        sign = "−" if number < 0 else "+" if number > 0 and self.unit in SIGNED else ""
        return sign + _localise(abs(number), self)


def number_text(
    value: float, unit: Unit, *, n: float | None = None, language: str = "", reason: str = ""
) -> str:
    """Write one number with its unit, for a sentence.

    Parameters
    ----------
    value
        The number; percentages as 0-100.
    unit
        How it is written.
    n
        Its base, which decides on the decimals of percentages.
    language
        Locale of the digits, language of the words.
    reason
        Why it is missing, if it is.

    Raises
    ------
    ValueError
        If the unit or the language is unknown.

    Examples
    --------
    >>> number_text(37.4, "percent"), number_text(37.44, "percent", n=2400), number_text(61.7, "points")
    ('37%', '37.4%', '62 points')
    >>> number_text(4.25, "growth_points"), number_text(-3.2, "difference"), number_text(12345, "count")
    ('+4.3 percentage points', '−3 points', '12,345')
    >>> number_text(float("nan"), "points", reason="one informant only")
    'not available (one informant only)'
    """
    if absent(value):
        return missing_text(reason, language)
    return Numeral(unit, decimals(unit, n), language).write(float(value))


def interval_text(
    estimate: float,
    low: float,
    high: float,
    unit: Unit,
    *,
    n: float | None = None,
    language: str = "",
    reason: str = "",
) -> str:
    """Write an estimate with its interval, for a sentence.

    Parameters
    ----------
    estimate, low, high
        The number and the ends of its interval; percentages as 0-100.
    unit, n, language, reason
        As in `number_text`.

    Raises
    ------
    ValueError
        If the unit or the language is unknown.

    Examples
    --------
    >>> interval_text(37.4, 31.2, 43.1, "percent")
    '37% (31 to 43)'
    >>> interval_text(4.2, -0.4, 8.8, "difference", language="de")
    '+4 Punkte (0 bis +9)'
    >>> interval_text(62.0, float("nan"), float("nan"), "points")
    '62 points (no interval)'
    """
    return Numeral(unit, decimals(unit, n), language).interval(estimate, low, high, reason=reason)


def declared_text(value: float, unit: Unit = "number", *, language: str = "") -> str:
    """Write a number that somebody has set or published with the digits that it was given with, at most six.

    Examples
    --------
    >>> declared_text(75), declared_text(62.5, language="de"), declared_text(12.5, "percent")
    ('75', '62,5', '12.5%')
    """
    places = len(f"{value:g}".partition(".")[2])
    return Numeral(unit, places, language, bare=True).write(float(value))


def missing_text(reason: str = "", language: str = "") -> str:
    """Say that a value is missing, and why.

    Examples
    --------
    >>> missing_text(), missing_text("no records for 2023")
    ('not available', 'not available (no records for 2023)')
    """
    text = word("unavailable", language)
    return f"{text} ({reason})" if reason.strip() else text


def absent(value: Any) -> bool:
    """Say whether a cell holds nothing that could be shown: missing, not a number, or infinite.

    Examples
    --------
    >>> absent(None), absent(float("nan")), absent(0.0), absent("")
    (True, True, False, False)
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and not isfinite(value)


def decimals(unit: Unit, n: float | None = None) -> int:
    """Return the decimals of a unit; percentages have one from a base of 1,000 on.

    Raises
    ------
    ValueError
        If the unit is unknown.

    Examples
    --------
    >>> decimals("percent", 999), decimals("percent", 1000), decimals("growth")
    (0, 1, 1)
    """
    if unit not in DECIMALS:
        raise ValueError(f"{unit!r} is no unit of numbers; units are {', '.join(DECIMALS)}")
    large = unit in ("percent", "percentage_points") and n is not None and n >= LARGE_BASE
    return DECIMALS[unit] + int(large)


def heading_text(column: Column, language: str = "") -> str:
    """Heading of a column with the unit that its cells leave out.

    Examples
    --------
    >>> heading_text(Column("gap", "Gap", "difference")), heading_text(Column("n", "Companies", "count"))
    ('Gap (points)', 'Companies')
    """
    heading = look_up(column.heading)
    if column.unit not in WORDED:
        return heading
    unit = word(f"{WORDED[column.unit]}s", language)
    return heading if unit.lower() in heading.lower() else f"{heading} ({unit})"


def format_cells(table: Table, *, language: str = "") -> pd.DataFrame:
    """Write every cell of a table as text.

    Parameters
    ----------
    table
        The table with its unrounded numbers.
    language
        Locale of the digits, language of the words.

    Returns
    -------
    DataFrame of str
        One column per shown column, by key, one row per row of the frame, numbered from 0. Numbers of
        one column have equal decimals; intervals stand in the cell; a missing number is words.

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["aligned"], "estimate": [41.2], "low": [35.0], "high": [47.6]})
    >>> columns = (Column("stage", "Stage"), Column("estimate", "Share", "percent", "low", "high"))
    >>> format_cells(Table("stages", "Companies by stage", frame, columns, "250 companies"))
         stage        estimate
    0  aligned  41% (35 to 48)
    """
    frame = table.frame.reset_index(drop=True)
    return pd.DataFrame(
        {place: cells(frame, column, language=language) for place, column in enumerate(table.columns)},
        index=frame.index,
        dtype="str",
    ).set_axis([column.key for column in table.columns], axis=1)


def cells(frame: pd.DataFrame, column: Column, *, language: str = "") -> list[str]:
    """Write one column of a frame as text, a missing value as words with the reason where known.

    Examples
    --------
    >>> frame = pd.DataFrame({"icc2": [0.714, float("nan")], "note": ["", "one company"]})
    >>> cells(frame, Column("icc2", "ICC(2)", "ratio", reason="note"))
    ['0.71', 'not available (one company)']
    """
    reasons = missing_reasons(frame, column, language=language)
    values = frame[column.key].tolist()
    if column.unit == "text":
        return [_text(value, reason, language) for value, reason in zip(values, reasons, strict=True)]
    numeral = Numeral(column.unit, column_decimals(frame, column), language, bare=True)
    ends = _ends(frame, column)
    return [
        _cell((_number(value), *end), numeral, reason)
        for value, end, reason in zip(values, ends, reasons, strict=True)
    ]


def missing_reasons(frame: pd.DataFrame, column: Column, *, language: str = "") -> list[str]:
    """Say for each row why a value of `column` would be missing; "" where nobody knows."""
    given = frame[column.reason].tolist() if column.reason else [""] * len(frame)
    words = ["" if absent(reason) else str(reason) for reason in given]
    if "suppressed" not in frame:
        return words
    withheld = frame["suppressed"].eq(True).tolist()
    return [
        word("suppressed", language) if hidden and not said else said
        for hidden, said in zip(withheld, words, strict=True)
    ]


def slope_decimals(reach: Sequence[float]) -> int:
    """Decimals of slopes: the first digit of the typical half of an interval, at least one decimal.

    Examples
    --------
    >>> slope_decimals([1.4, 0.9, 0.8]), slope_decimals([0.031]), slope_decimals([float("nan"), 0.0])
    (1, 2, 1)
    """
    known = sorted(half for half in reach if isfinite(half) and half > 0)
    if not known:
        return DECIMALS["slope"]
    return min(max(-floor(log10(known[len(known) // 2])), DECIMALS["slope"]), MOST_DECIMALS)


def column_decimals(frame: pd.DataFrame, column: Column) -> int:
    """Decimals that all numbers of a column share, decided by its smallest base, or by the intervals of slopes."""
    if column.unit == "slope":
        return slope_decimals([(high - low) / 2 for low, high in filter(None, _ends(frame, column))])
    base = pd.to_numeric(frame[column.n]).min() if column.n and len(frame) else None
    return decimals(column.unit, None if base is None or pd.isna(base) else float(base))


def _ends(frame: pd.DataFrame, column: Column) -> list[tuple[float, ...]]:
    if not column.low:
        return [()] * len(frame)
    low, high = (
        pd.to_numeric(frame[name]).to_numpy(float, na_value=np.nan) for name in (column.low, column.high)
    )
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _cell(values: tuple[float, ...], numeral: Numeral, reason: str) -> str:
    if len(values) == 3:
        return numeral.interval(values[0], values[1], values[2], reason=reason)
    return missing_text(reason, numeral.language) if absent(values[0]) else numeral.write(values[0])


def _text(value: Any, reason: str, language: str) -> str:
    if isinstance(value, bool | np.bool_):
        return word("yes" if value else "no", language)
    if absent(value):
        return missing_text(reason, language)
    return look_up(str(value))


def _number(value: Any) -> float:
    return float("nan") if absent(value) else float(value)


def _localise(number: Decimal, numeral: Numeral) -> str:
    language = numeral.language or spoken()
    pattern = _pattern(numeral.unit in PERCENT, numeral.decimals, language)
    if numeral.unit == "year":
        return str(number)
    with localcontext(EXACT):
        amount = number / 100 if numeral.unit in PERCENT else number
        return str(pattern.apply(amount, _locale(language)))


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


@lru_cache
def _pattern(percent: bool, places: int, language: str) -> NumberPattern:
    """Return the locale's own pattern with a fixed number of decimals."""
    locale = _locale(language)
    patterns = locale.percent_formats if percent else locale.decimal_formats
    fraction = "." + "0" * places if places else ""
    return parse_pattern(re.sub(r"0(\.[#0]+)?", "0" + fraction, patterns[None].pattern, count=1))
