"""What one company gets to see: itself, and of the others only what still stands for enough without it."""

import numpy as np
import pandas as pd

from analysis.benchmark.primary_rules import PrimaryRules
from analysis.infer.columns import numeric


def own_rows(companies: pd.DataFrame, company: object, *, rules: PrimaryRules | None = None) -> pd.DataFrame:
    """Return the rows of one company, without the means of a function in which too few have answered.

    Parameters
    ----------
    companies
        One row per company (and wave): ``company``; where there is a count ``n_<function>``, every other float
        column that ends in ``_<function>`` is that function's.
    company
        Who looks.
    rules
        Minimum of respondents of a function.

    Returns
    -------
    DataFrame
        Its rows, with ``reason`` ("respondents" where something is blanked, else "").

    Raises
    ------
    InputError
        If ``company`` is absent or a count is not numeric.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["Acme", "Apex"], "n_sales": [2, 9], "n_marketing": [4, 9]})
    >>> frame = frame.assign(trust_sales=[50.0, 60.0], trust_marketing=[40.0, 70.0])
    >>> own_rows(frame, "Acme")[["trust_sales", "trust_marketing", "reason"]].values.tolist()
    [[nan, 40.0, 'respondents']]
    """
    rules = rules or PrimaryRules()
    counts = [str(name) for name in companies if str(name).startswith("n_")]
    numeric(companies, counts, keys=["company"])
    own = companies[companies["company"] == company].copy()
    few_anywhere = np.zeros(len(own), dtype=bool)
    for count in counts:
        few = ~(own[count] >= rules.minimum_respondents).to_numpy()
        theirs = [name for name in own.select_dtypes("float") if str(name).endswith(count.removeprefix("n"))]
        theirs = [name for name in theirs if name not in counts]
        few_anywhere |= few & own[theirs].notna().any(axis=1).to_numpy()
        own.loc[few, theirs] = np.nan
    return own.assign(reason=np.where(few_anywhere, "respondents", ""))


def seen_by(
    cells: pd.DataFrame, members: pd.DataFrame, *, company: object, rules: PrimaryRules | None = None
) -> pd.DataFrame:
    """Blank the cells in which a company, taking itself off, would see fewer others than the minimum.

    Parameters
    ----------
    cells
        One row per cell, as published.
    members
        ``cell`` (position of the row in `cells`, from 0) and ``company``.
    company
        Who looks.
    rules
        Minimum of companies; it holds for the others alone.

    Returns
    -------
    DataFrame
        `cells` with ``others`` (companies but for the own) and ``reason`` ("companies" or ""); where there is a
        reason every float column is NaN.

    Raises
    ------
    InputError
        If a column of `members` is absent.

    Examples
    --------
    >>> cells = pd.DataFrame({"region": ["n", "s"], "median": [50.0, 60.0]})
    >>> members = pd.DataFrame({"cell": [0] * 5 + [1] * 6, "company": [*"abcde", *"afghij"]})
    >>> seen_by(cells, members, company="a")["median"].tolist()
    [nan, 60.0]
    """
    rules = rules or PrimaryRules()
    numeric(members, ["cell"], keys=["company"])
    others = members[members["company"] != company].drop_duplicates(["cell", "company"])
    count = np.bincount(others["cell"].to_numpy(dtype=np.int64), minlength=len(cells))
    few = count < rules.minimum_companies
    floats = [str(name) for name in cells.select_dtypes("float")]
    seen = cells.copy()
    seen.loc[few, floats] = np.nan
    return seen.assign(others=count, reason=np.where(few, "companies", ""))
