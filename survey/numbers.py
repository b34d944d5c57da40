"""Numbers as people and spreadsheets write them."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

_SIGN = r"[+-]?"
_PLAIN = re.compile(rf"{_SIGN}\d+|{_SIGN}(\d+\.?\d*|\.\d+)[eE]{_SIGN}\d+")
_EITHER = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}[.,]\d{{3}}")
_SPACED = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?:\D|$))")
_DRESS = re.compile(r"^[€$£¥]\s*|\s*[€$£¥%]$")


def _marked(mark: str, group: str) -> re.Pattern[str]:
    """Numbers that can only be read with `mark` before the decimals and `group` between thousands."""
    grouped = rf"\d{{1,3}}(?:\{group}\d{{3}})+\{mark}\d+|\d{{1,3}}(?:\{group}\d{{3}}){{2,}}"
    decimals = rf"\d*\{mark}(?:\d{{1,2}}|\d{{4,}})|0\{mark}\d+|\d{{4,}}\{mark}\d+|\d+\{mark}"
    return re.compile(rf"{_SIGN}(?:{grouped}|{decimals})")


_COMMA = _marked(",", ".")
_POINT = _marked(".", ",")

MARKS = ("NA", "<NA>", "NaN", "nan", "NULL", "null", "#N/A", "#NULL!", ".")
"""What programs write where there is no value: R, Python, SQL, Excel, SPSS, SAS and Stata. What people type ("n/a",
"-", "none") is not among it: it may be an answer."""


def read_numbers(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a column of written numbers.

    Understood are decimal points and commas, thousands marked by commas, points, spaces or
    apostrophes, a percent or currency sign at either end and exponents. "1,234" and "1.234" can be
    read both ways: the other numbers of the column decide. Where they do not, "1.234" has three
    decimals, as machines write it, and "1,234" is not read; where they contradict one another,
    neither is. `MARKS` stand for no number, as a blank does.

    Parameters
    ----------
    texts
        Text, or NA where there is none.

    Returns
    -------
    values : pandas.Series
        Floats; NaN where there is no number.
    bad : pandas.Series
        True where there is text that is no number.

    Examples
    --------
    >>> values, bad = read_numbers(pd.Series(["12,5", "12.5 %", "1.234.567", "many", None], dtype="str"))
    >>> values.tolist(), bad.tolist()
    ([12.5, 12.5, 1234567.0, nan, nan], [False, False, False, True, False])
    """
    codes, uniques = pd.factorize(texts)
    cells = [_undressed(str(text)) for text in uniques]
    comma, point = (any(pattern.fullmatch(cell) for cell in cells) for pattern in (_COMMA, _POINT))
    numbers = np.array([*_parsed(cells, comma=comma, point=point), np.nan])
    values = pd.Series(numbers[codes], index=texts.index, name=texts.name)
    return values, values.isna() & texts.notna() & ~texts.astype("str").str.strip().isin(MARKS)


def undecided(texts: pd.Series) -> "pd.Series[bool]":
    """Tell which texts, such as "1.200", are 1200 as much as 1.2, in a column whose other numbers do not say.

    Examples
    --------
    >>> undecided(pd.Series(["300", "1.200", None])).tolist(), undecided(pd.Series(["0.5", "1.200"])).tolist()
    ([False, True, False], [False, False])
    """
    cells = texts.fillna("").map(lambda text: _undressed(str(text)))
    either = cells.map(lambda cell: _EITHER.fullmatch(cell) is not None)
    said = cells.map(lambda cell: (_COMMA.fullmatch(cell) or _POINT.fullmatch(cell)) is not None)
    decided: pd.Series[bool] = either & (not said.any())
    return decided


def _undressed(text: str) -> str:
    bare = _DRESS.sub("", _DRESS.sub("", text.strip().replace("−", "-")))
    return _SPACED.sub("", bare)


def _parsed(cells: Iterable[str], *, comma: bool, point: bool) -> Iterable[float]:
    for cell in cells:
        if _PLAIN.fullmatch(cell):
            yield float(cell)
        elif _POINT.fullmatch(cell):
            yield float(cell.replace(",", ""))
        elif _COMMA.fullmatch(cell):
            yield float(cell.replace(".", "").replace(",", "."))
        elif _EITHER.fullmatch(cell):
            yield _either(cell, comma=comma, point=point)
        else:
            yield np.nan


def _either(cell: str, *, comma: bool, point: bool) -> float:
    """Read "1,234" or "1.234" as the rest of the column does."""
    if (comma and point) or ("," in cell and not comma and not point):
        return np.nan
    mark = "," if comma else "."
    group = "." if comma else ","
    return float(cell.replace(group, "").replace(mark, "."))
