"""Columns in and columns out: numbers taken from a table, and the columns of every table of results."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from survey.problems import Problem, raise_if_any

RESULT = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "n")
"""Columns of every table of estimates, after its keys; intervals are 95%."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def numeric(frame: pd.DataFrame, columns: Sequence[str], *, keys: Sequence[str] = ()) -> Floats:
    """Return `columns` as floats, rows x columns, once they and `keys` are known to be there.

    Raises
    ------
    InputError
        Naming every column that is absent, not numeric or infinite somewhere.

    Examples
    --------
    >>> numeric(pd.DataFrame({"gap": [1, 2]}), ["gapp"])
    Traceback (most recent call last):
    survey.problems.InputError: 1 problem
    gapp: is not a column of the table. Allowed: gap (did you mean 'gap'?)
    """
    known = list(map(str, frame.columns))
    raise_if_any(_absent(name, known) for name in (*columns, *keys) if name not in frame)
    raise_if_any(
        Problem("does not hold numbers", column=name) for name in columns if not is_numeric(frame[name])
    )
    arrays = [pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan) for name in columns]
    values = np.column_stack(arrays) if arrays else np.empty((len(frame), 0))
    infinite = [name for name, array in zip(columns, arrays, strict=True) if np.isinf(array).any()]
    raise_if_any(Problem("holds infinite values", column=name) for name in infinite)
    return values


def is_numeric(column: pd.Series) -> bool:
    """Tell whether a column holds numbers only; one without any value does.

    Examples
    --------
    >>> is_numeric(pd.Series([1.5, None])), is_numeric(pd.Series(["1.5"]))
    (True, False)
    """
    return bool(pd.api.types.is_numeric_dtype(column.dtype) or column.isna().all())


def result_columns(estimate: Floats, std_error: Floats, df: Floats) -> dict[str, Floats]:
    """Test statistic, p value and 95% t interval: the columns of `RESULT` but n, in its order.

    Parameters
    ----------
    estimate, std_error, df
        Arrays of one shape. A standard error of zero has no statistic, df below 1 or NaN no interval.

    Examples
    --------
    >>> columns = result_columns(np.array([2.0]), np.array([1.0]), np.array([10.0]))
    >>> round(float(columns["p_value"][0]), 4), round(float(columns["conf_high"][0]), 3)
    (0.0734, 4.228)
    """
    flat = std_error <= 1e-13 * np.abs(estimate)
    degrees = np.where(df > 0, df, np.nan)
    statistic = np.divide(estimate, std_error, out=np.full_like(estimate, np.nan), where=~flat)
    reach = np.where(flat, 0.0, stats.t.ppf(0.975, degrees) * std_error)
    p_value = np.asarray(2 * stats.t.sf(np.abs(statistic), degrees), dtype=np.float64)
    low, high = estimate - reach, estimate + reach
    return dict(zip(RESULT, (estimate, std_error, statistic, df, p_value, low, high), strict=False))


def detectable(std_error: float, df: float, *, power: float = 0.8) -> float:
    """Return the size from which an estimate with this error is told from zero with this power (0-1), at 5%.

    Bloom (1995, Evaluation Review 19): ``(t(0.975) + t(power)) * std_error``; NaN where df is not above 0.

    Examples
    --------
    >>> round(detectable(1.0, 1e9), 2)
    2.8
    """
    return float((stats.t.ppf(0.975, df) + stats.t.ppf(power, df)) * std_error) if df > 0 else float("nan")


def _absent(name: str, known: list[str]) -> Problem:
    close = get_close_matches(name, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return Problem("is not a column of the table", column=name, allowed=", ".join(known) + hint)
