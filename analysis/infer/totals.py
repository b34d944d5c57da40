"""Totals, ratios and variances of a population, per cell, with t intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats, numeric, result_columns
from analysis.infer.estimates import Estimates, ratio_estimates, total_estimates, variance_estimates
from analysis.infer.linearisation import cells_of, long_table
from analysis.infer.survey_design import SurveyDesign, survey_design


def totals(
    frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = (), cluster: str | None = "company"
) -> pd.DataFrame:
    """Total of each variable in the population of each cell.

    Parameters
    ----------
    frame, variables, by, cluster
        As in `analysis.infer.tabulation.means`; the weights say how many units of the population a row
        stands for.

    Returns
    -------
    DataFrame
        ``*by, variable``, `RESULT` and ``companies``.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``survey::svytotal``, in ``svyby`` too.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abc"), "weight": 10.0, "staff": [5, 7, 9]})
    >>> totals(frame, ["staff"])[["estimate", "std_error"]].round(3).values.tolist()
    [[210.0, 34.641]]
    """
    values, cells, keys, design = _read(frame, variables, by, cluster)
    found = total_estimates(values, design, cells=cells, size=len(keys))
    return _table(found, np.sqrt(found.variance), keys, variables)


def ratios(
    frame: pd.DataFrame,
    pairs: Mapping[str, tuple[str, str]],
    *,
    by: Sequence[str] = (),
    cluster: str | None = "company",
) -> pd.DataFrame:
    """Ratio of two totals in the population of each cell.

    Parameters
    ----------
    frame, by, cluster
        As in `analysis.infer.tabulation.means`.
    pairs
        Name of each ratio: its numerator's and denominator's column.

    Returns
    -------
    DataFrame
        ``*by, variable`` (the name), `RESULT` and ``companies``.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``survey::svyratio``, per cell but for `Estimates.few`.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abc"), "won": [2, 3, 5], "bids": [10, 10, 20]})
    >>> ratios(frame, {"win_rate": ("won", "bids")})[["variable", "estimate"]].values.tolist()
    [['win_rate', 0.25]]
    """
    names = [name for pair in pairs.values() for name in pair]
    values, cells, keys, design = _read(frame, names, by, cluster)
    found = ratio_estimates(values[:, ::2], values[:, 1::2], design, cells=cells, size=len(keys))
    return _table(found, found.std_error, keys, list(pairs))


def variances(
    frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = (), cluster: str | None = "company"
) -> pd.DataFrame:
    """Variance of each variable in the population of each cell, with its own error.

    Parameters
    ----------
    frame, variables, by, cluster
        As in `analysis.infer.tabulation.means`.

    Returns
    -------
    DataFrame
        ``*by, variable``, `RESULT` and ``companies``.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``survey::svyvar``, per cell but for `Estimates.few`.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(4), "gap": [1.0, 2.0, 3.0, 6.0]})
    >>> variances(frame, ["gap"])["estimate"].round(4).item()
    4.6667
    """
    values, cells, keys, design = _read(frame, variables, by, cluster)
    found = variance_estimates(values, design, cells=cells, size=len(keys))
    return _table(found, found.std_error, keys, variables)


def _read(
    frame: pd.DataFrame, columns: Sequence[str], by: Sequence[str], cluster: str | None
) -> tuple[Floats, Codes, pd.DataFrame, SurveyDesign]:
    values = numeric(frame, columns, keys=(*by, cluster) if cluster else by)
    cells, keys = cells_of(frame, by)
    return values, cells, keys, survey_design(frame, cluster=cluster)


def _table(found: Estimates, std_error: Floats, keys: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    columns = result_columns(found.estimate, std_error, found.df)
    return long_table(keys, names, {**columns, "n": found.n, "companies": found.clusters})
