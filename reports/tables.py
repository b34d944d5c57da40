"""Numbers written for people: one rule for decimals, units, intervals and what is missing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from reports.numeral import WORDED, Numeral, absent, decimals, missing_text, slope_decimals
from reports.report import Column, Table, Unit
from reports.wording import word
from survey.language import look_up

HALF_A_POINT = 0.5
"""The least difference that is not printed as none."""


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
        said = str if column.names else look_up
        return [_text(value, reason, language, said) for value, reason in zip(values, reasons, strict=True)]
    numeral = Numeral(column.unit, column_decimals(frame, column), language, bare=True)
    ends = _ends(frame, column)
    return [
        _cell((_number(value), *end), numeral, reason)
        for value, end, reason in zip(values, ends, reasons, strict=True)
    ]


WITHHELD = {"differencing": "protects"}
"""What is said where a cell is withheld for another reason than too few cases."""


def missing_reasons(frame: pd.DataFrame, column: Column, *, language: str = "") -> list[str]:
    """Say for each row why a value of `column` would be missing; "" where nobody knows."""
    given = frame[column.reason].tolist() if column.reason else [""] * len(frame)
    words = ["" if absent(reason) else str(reason) for reason in given]
    if "suppressed" not in frame:
        return words
    withheld = frame["suppressed"].eq(True).tolist()
    why = frame["withheld"].tolist() if "withheld" in frame else [""] * len(frame)
    return [
        word(WITHHELD.get(rule, "suppressed"), language) if hidden and not said else said
        for hidden, said, rule in zip(withheld, words, why, strict=True)
    ]


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


def _text(value: Any, reason: str, language: str, said: Callable[[str], str]) -> str:
    if isinstance(value, bool | np.bool_):
        return word("yes" if value else "no", language)
    if absent(value):
        return missing_text(reason, language)
    return said(str(value))


def _number(value: Any) -> float:
    return float("nan") if absent(value) else float(value)
