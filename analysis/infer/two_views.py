"""Where sales and marketing see it differently: each function's level and the gap, per construct."""

from collections.abc import Sequence

import pandas as pd

from analysis.infer.tabulation import means, shares


def function_levels(by_function: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    """Mean of each function per construct over the companies in which both functions answered.

    Parameters
    ----------
    by_function
        company, wave, function and constructs, from `analysis.measure.alignment.function_means`.
    constructs
        Columns to take.

    Returns
    -------
    DataFrame
        ``function, variable`` and the columns of `means`. Both functions stand on the same companies,
        construct by construct, so that the difference of the two levels is the mean gap.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "a", "b"], "wave": 1, "goals": [40.0, 60.0, 90.0],
    ...                       "function": ["sales", "marketing", "sales"]})
    >>> function_levels(frame, ["goals"])[["function", "estimate", "n"]].values.tolist()
    [['marketing', 60.0, 1], ['sales', 40.0, 1]]
    """
    keys = [by_function["company"], by_function["wave"]]
    paired = by_function.copy()
    for construct in constructs:
        both = by_function[construct].notna().groupby(keys).transform("sum") == 2
        paired[construct] = by_function[construct].where(both)
    return means(paired, constructs, by=["function"])


def function_gaps(frame: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    """Mean gap per construct, marketing minus sales, and the share of companies where sales is lower.

    Parameters
    ----------
    frame
        Panel rows of one wave with ``gap_<construct>``.
    constructs
        Constructs to take; those without a gap column are left out.

    Returns
    -------
    DataFrame
        ``variable`` (the construct), the columns of `means` for the gap in points, and ``sales_lower,
        sales_lower_low, sales_lower_high`` in per cent of the companies.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abc"), "gap_goals": [10.0, 6.0, -1.0]})
    >>> function_gaps(frame, ["goals"])[["variable", "estimate", "sales_lower"]].round(1).values.tolist()
    [['goals', 5.0, 66.7]]
    """
    present = [construct for construct in constructs if f"gap_{construct}" in frame]
    columns = [f"gap_{construct}" for construct in present]
    gaps = frame[columns].astype(float)
    lower = frame.assign(**(100.0 * (gaps > 0)).where(gaps.notna()))
    names = {"estimate": "sales_lower", "conf_low": "sales_lower_low", "conf_high": "sales_lower_high"}
    table = means(frame, columns).assign(variable=present)
    return pd.concat([table, shares(lower, columns)[list(names)].rename(columns=names)], axis=1)
