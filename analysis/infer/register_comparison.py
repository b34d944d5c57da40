"""Who is missing, by the register: the companies that answered against those that did not."""

from collections.abc import Collection, Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import is_numeric
from survey.language import mark, say

Mask = NDArray[np.bool_]

FLAT = 1e-12
"""Numbers that differ by less than this share of the largest are equal but for floating point."""


def register_shares(facts: pd.DataFrame, answered: Collection[str]) -> pd.DataFrame:
    """Compare the companies that answered with the others of the register, fact by fact.

    Parameters
    ----------
    facts
        One row per company of the register (the index), as `Register.firmographics`.
    answered
        Companies that answered.

    Returns
    -------
    DataFrame
        variable, category ("mean" for numbers, "not stated" where the register says nothing), answered,
        silent (per cent of the companies, or the mean), response_rate (per cent of the category's companies
        that answered), standardised_difference (of answered and silent, in standard deviations averaged over
        both; Austin 2009, Statistics in Medicine 28; 0.1 and above is worth a look), n_answered, n_silent,
        note (what could not be computed and why; empty else).

    Examples
    --------
    >>> facts = pd.DataFrame({"size": ["s", "s", "l", "l"]}, index=list("abcd"))
    >>> register_shares(facts, ["a", "b", "c"])[["category", "answered", "response_rate"]].round(1).values.tolist()
    [['l', 33.3, 50.0], ['s', 66.7, 100.0]]
    """
    inside = facts.index.isin(list(answered))
    rows = [row for name in facts for row in _fact_rows(facts[name], inside)]
    columns = ["variable", "category", "answered", "silent", "response_rate", "standardised_difference"]
    return pd.DataFrame(rows, columns=pd.Index([*columns, "n_answered", "n_silent", "note"]))


def register_tests(facts: pd.DataFrame, answered: Collection[str]) -> pd.DataFrame:
    """Test whether answering goes with a fact of the register.

    Parameters
    ----------
    facts, answered
        As in `register_shares`.

    Returns
    -------
    DataFrame
        variable, test ("chi-square" for categories, Pearson's without correction; "Welch's t" for numbers),
        statistic, df, p_value, n (companies), note (what could not be computed, or is not to be trusted, and
        why; empty else). A large register makes any difference significant: see the standardised ones.

    Notes
    -----
    Agrees with R ``chisq.test(table, correct = FALSE)`` and ``t.test(answered, silent)``.

    Examples
    --------
    >>> facts = pd.DataFrame({"size": ["s", "l"] * 20}, index=range(40))
    >>> register_tests(facts, range(20)).loc[0, ["statistic", "p_value"]].tolist()
    [0.0, 1.0]
    """
    inside = facts.index.isin(list(answered))
    rows = [{"variable": name, **_test(facts[name], inside)} for name in facts]
    columns = ["variable", "test", "statistic", "df", "p_value", "n", "note"]
    return pd.DataFrame(rows, columns=pd.Index(columns))


def _fact_rows(values: pd.Series, inside: Mask) -> list[dict[Hashable, Any]]:
    if is_numeric(values) and values.notna().any():
        numbers = values.astype("float64")
        known = numbers.notna().to_numpy()
        return [_fact_row(values.name, numbers[known & inside], numbers[known & ~inside])]
    named = _named(values)
    return [
        _category_row(values.name, category, named[inside] == category, named[~inside] == category)
        for category in sorted(named.unique())
    ]


def _fact_row(name: Hashable, answered: pd.Series, silent: pd.Series) -> dict[Hashable, Any]:
    total = len(answered) + len(silent)
    row: dict[Hashable, Any] = {
        "variable": name,
        "category": "mean",
        "answered": answered.mean(),
        "silent": silent.mean(),
    }
    row["response_rate"] = 100 * len(answered) / total
    return {**row, **_difference(answered, silent, [_variance(answered), _variance(silent)])}


def _category_row(
    name: Hashable, category: str, answered: pd.Series, silent: pd.Series
) -> dict[Hashable, Any]:
    shares = [float(side.mean()) if len(side) else np.nan for side in (answered, silent)]
    row: dict[Hashable, Any] = {
        "variable": name,
        "category": category,
        "answered": 100 * shares[0],
        "silent": 100 * shares[1],
    }
    row["response_rate"] = 100 * answered.sum() / (answered.sum() + silent.sum())
    variances = [share * (1 - share) for share in shares]
    return {**row, **_difference(answered.astype("float64"), silent.astype("float64"), variances)}


def _difference(answered: pd.Series, silent: pd.Series, variances: list[float]) -> dict[Hashable, Any]:
    """Return the standardised difference of two sides, their sizes, and why there is none."""
    spread = np.sqrt(np.mean(variances))
    row: dict[Hashable, Any] = {"n_answered": len(answered), "n_silent": len(silent)}
    if not len(answered) or not len(silent):
        return {**row, "note": say("every company is silent" if len(silent) else "every company answered")}
    if not spread > 0:
        return {**row, "note": say("no standardised difference: a side has one company, or neither varies")}
    difference = (answered.mean() - silent.mean()) / spread
    return {**row, "standardised_difference": difference, "note": ""}


def _test(values: pd.Series, inside: Mask) -> dict[Hashable, Any]:
    if is_numeric(values) and values.notna().any():
        numbers = values.astype("float64")
        return _welch(numbers[inside].dropna(), numbers[~inside].dropna())
    counts = pd.crosstab(_named(values), inside)
    row: dict[Hashable, Any] = {"test": mark("chi-square"), "n": len(values)}
    if min(counts.shape) < 2:
        return {**row, "note": say("needs two categories, and companies on both sides")}
    statistic, p_value, df, expected = stats.chi2_contingency(counts, correction=False)
    note = (
        say("fewer than five companies are expected in a cell: the p value is rough")
        if (expected < 5).any()
        else ""
    )
    return {**row, "statistic": statistic, "df": df, "p_value": p_value, "note": note}


def _welch(answered: pd.Series, silent: pd.Series) -> dict[Hashable, Any]:
    row: dict[Hashable, Any] = {"test": mark("Welch's t"), "n": len(answered) + len(silent)}
    sizes = np.array([len(answered), len(silent)])
    error = np.array([_variance(answered), _variance(silent)]) / np.maximum(sizes, 1)
    if sizes.min() < 2 or not error.sum() > 0:
        return {**row, "note": say("needs two companies on each side, and some variation")}
    df = error.sum() ** 2 / (error**2 / (sizes - 1)).sum()
    statistic = (answered.mean() - silent.mean()) / np.sqrt(error.sum())
    p_value = 2 * stats.t.sf(abs(statistic), df)
    return {**row, "statistic": statistic, "df": df, "p_value": p_value, "note": ""}


def _variance(values: pd.Series) -> float:
    """Variance of numbers, 0 where they are all equal but for floating point."""
    spread = float(values.std())
    return 0.0 if spread <= FLAT * values.abs().max() else spread**2


def _named(values: pd.Series) -> pd.Series:
    return values.astype("object").where(values.notna(), mark("not stated")).astype(str)
