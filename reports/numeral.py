"""How one number is written: its decimals, its unit, the digits of a language, and words where it is missing."""

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

from reports.report import Unit
from reports.wording import word
from survey.language import spoken

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
        unit: Unit = "number" if self.unit in PERCENT else self.unit
        ends = Numeral(unit, self.decimals, self.language, bare=True)
        if absent(low) and absent(high):
            return f"{self.write(estimate)} ({word('no_interval', self.language)})"
        if absent(low) or absent(high):
            side, end = ("at_most", high) if absent(low) else ("at_least", low)
            return f"{self.write(estimate)} ({word(side, self.language)} {ends.write(end)})"
        return f"{self.write(estimate)} ({ends.write(low)} {word('to', self.language)} {ends.write(high)})"

    def _digits(self, value: float) -> str:
        step = Decimal(1).scaleb(-self.decimals)
        number = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP, context=EXACT)
        if self.unit == "p_value" and number == 0:
            return f"<{_localise(step, self)}"
        sign = "−" if number < 0 else "+" if number > 0 and self.unit in SIGNED else ""
        return sign + _localise(abs(number), self)


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
