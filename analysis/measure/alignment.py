"""The alignment indices of a company: level, gap, profile similarity, sampling error and stage."""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.measure.sampling_error import mean_variances, pooled_covariances
from survey.instrument import Instrument
from survey.responses import FUNCTIONS

KEYS = ["company", "wave"]

STAGES = ("undefined", "defined", "aligned", "integrated")
"""Relationship stages of Kotler, Rackham & Krishnaswamy (2006), lowest first."""

STAGE_CUTS = (25.0, 50.0, 75.0)
"""Where they begin on 0-100: 40, 60 and 80 on the authors' 20-100."""


def functions_of(instrument: Instrument) -> tuple[str, ...]:
    """Return the functions whose views are compared: one without a name if the instrument asks for none."""
    return FUNCTIONS if instrument.with_role("function") else ("",)


def function_means(scores: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the mean of each function's respondents in each company and wave.

    Every respondent counts once; weights serve the estimates over companies, not the mean of a company.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    columns
        What to average.

    Returns
    -------
    DataFrame
        company, wave, function, n (respondents), then `columns`, NaN where nobody answered. Sorted.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": "X", "wave": 2025, "function": ["sales", "sales", "marketing"],
    ...                        "trust": [40.0, 60.0, 80.0]})
    >>> function_means(scores, ["trust"])[["function", "n", "trust"]].to_dict("split")["data"]
    [['marketing', 1, 80.0], ['sales', 2, 50.0]]
    """
    grouped = scores.groupby([*KEYS, "function"], sort=True)
    means = grouped[list(columns)].mean()
    means.insert(0, "n", grouped.size())
    return means.reset_index()


def company_means(
    scores: pd.DataFrame, columns: Sequence[str], *, functions: Sequence[str], require_both: bool = True
) -> pd.DataFrame:
    """Return the company's value of each column: the mean of its functions' means.

    Each function counts once, however many of its people answered.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    columns
        What to average.
    functions
        From `functions_of`.
    require_both
        NaN unless every function answered. If False, a function that is silent is left out, and the value
        is not comparable with those of other companies.

    Returns
    -------
    DataFrame
        One row per company and wave (the index), `columns`.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": "X", "wave": 2025, "function": ["sales", "sales", "marketing"],
    ...                        "trust": [40.0, 60.0, 80.0]})
    >>> company_means(scores, ["trust"], functions=("sales", "marketing")).loc[("X", 2025), "trust"]
    np.float64(65.0)
    """
    return _over_functions(_views(scores, columns, functions), require_both=require_both)


def indices(
    scores: pd.DataFrame, instrument: Instrument, *, require_both: bool = True, min_share: float = 1.0
) -> pd.DataFrame:
    """Return the alignment indices of each company and wave.

    With m the mean of a function's respondents on a construct: the level of a construct is the mean of the
    functions' m, each function counting once; its gap is m of marketing minus m of sales; alignment is the
    mean of the levels of the alignment constructs, gap the mean of their gaps.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    instrument
        The questionnaire, which names constructs and functions.
    require_both
        Levels and alignment are NaN unless both functions answered, if the instrument has functions.
    min_share
        Share, above 0 to 1, of the alignment constructs that must have a value for alignment and gap.

    Returns
    -------
    DataFrame
        company, wave, one column of levels per construct (0-100), alignment, alignment_se (see
        `alignment_error`), stage; with functions also gap_<construct>, gap and abs_gap (points),
        alignment_sales and alignment_marketing, and d2, elevation, scatter, shape and profile_icc (see
        `profile_similarity`). NaN where a function that is needed is silent.
    """
    constructs = [key for key in instrument.constructs if key in scores]
    parts = [key for key in instrument.alignment_constructs if key in scores]
    functions, needed = functions_of(instrument), max(1, ceil(min_share * len(parts) - 1e-9))
    views = _views(scores, constructs, functions)
    levels = _over_functions(views, require_both=require_both)
    alignment = levels[parts].pipe(_row_mean, needed)
    error = alignment_error(scores, parts).reindex(levels.index)
    result = levels.assign(alignment=alignment, alignment_se=error.where(alignment.notna()))
    if len(functions) > 1:
        result = result.join(_two_views(views["sales"][parts], views["marketing"][parts], needed))
    return result.assign(stage=stage(alignment)).reset_index()


def alignment_error(scores: pd.DataFrame, constructs: Sequence[str]) -> "pd.Series[float]":
    """Return the standard error of alignment that comes from having asked only some people.

    Each respondent's index is the mean over constructs. Its variance s2 within companies is pooled over the
    companies of a wave, function by function (a company has too few informants for one of its own). For F
    functions with n informants each, ``se^2 = sum(s2 / n) / F^2``. Where respondents have no score on some
    constructs, s2 / n is the variance of the mean of the construct means, from the pooled covariances of
    the constructs and from how many answered each and both; with complete scores the two are the same.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    constructs
        Those that make up alignment.

    Returns
    -------
    Series
        Points, by company and wave, over the functions that answered. NaN where no company of the wave has
        two informants in a function.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("XXYY"), "wave": 2025, "function": "",
    ...                        "trust": [40.0, 60.0, 50.0, 50.0]})
    >>> alignment_error(scores, ["trust"]).round(3).tolist()
    [7.071, 7.071]
    """
    cell = [*KEYS, "function"]
    answered = scores[scores[list(constructs)].notna().any(axis=1)]
    groups = answered.groupby(cell, sort=True)
    cells = groups.size().index.to_frame(index=False)
    strata = cells.groupby(["wave", "function"]).ngroup().to_numpy()
    values = answered[list(constructs)].to_numpy(dtype=np.float64)
    codes = groups.ngroup().to_numpy()
    cells["variance"] = mean_variances(values, codes, strata, pooled_covariances(values, codes, strata))
    by_company = cells.groupby(KEYS)["variance"]
    total, functions = by_company.sum(skipna=False), by_company.size()
    return (total.where(total >= 0) ** 0.5 / functions).rename("alignment_se")


def view_errors(scores: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    """Return the standard error of each function's view of alignment, as `alignment_error` finds that of both.

    Parameters
    ----------
    scores, constructs
        As for `alignment_error`.

    Returns
    -------
    DataFrame
        company, wave, alignment_sales_se, alignment_marketing_se; NaN where nobody of the function answered.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("XXYYX"), "wave": 2025, "function": ["sales"] * 4 + ["marketing"],
    ...                        "trust": [40.0, 60.0, 50.0, 50.0, 70.0]})
    >>> view_errors(scores, ["trust"])["alignment_sales_se"].round(3).tolist()
    [7.071, 7.071]
    """
    errors = {
        f"alignment_{function}_se": alignment_error(scores[scores["function"] == function], constructs)
        for function in FUNCTIONS
    }
    return pd.DataFrame(errors).reset_index()


def profile_similarity(first: ArrayLike, second: ArrayLike) -> pd.DataFrame:
    """Compare two profiles over the same k constructs, row by row.

    The squared distance ``D2 = sum((x - y)^2)`` splits into what differs in height, in spread and in form
    (Cronbach & Gleser 1953): elevation ``k (mean x - mean y)^2``, scatter ``(s_x - s_y)^2`` and shape
    ``2 s_x s_y (1 - r)``, with s the root of the sum of squares about the profile's own mean. The
    double-entry intraclass correlation (McCrae 2008) correlates (x, y) with (y, x).

    Parameters
    ----------
    first, second
        n x k values of the two profiles.

    Returns
    -------
    DataFrame
        d2, elevation, scatter, shape (squared units, 0 or more) and profile_icc (-1 to 1), n rows. NaN where
        either profile has a gap; profile_icc also with fewer than two constructs or no variation at all.

    Examples
    --------
    >>> profile_similarity([[10, 20, 30]], [[20, 20, 50]]).round(2).to_dict("records")
    [{'d2': 500.0, 'elevation': 300.0, 'scatter': 107.18, 'shape': 92.82, 'profile_icc': 0.47}]
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    k = x.shape[1]
    if k == 0:
        x = y = np.full((len(x), 1), np.nan)
    mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
    from_x, from_y = x - mean_x[:, None], y - mean_y[:, None]
    s_x, s_y = np.sqrt((from_x**2).sum(axis=1)), np.sqrt((from_y**2).sum(axis=1))
    centre = ((mean_x + mean_y) / 2)[:, None]
    total = ((x - centre) ** 2 + (y - centre) ** 2).sum(axis=1)
    shared = 2 * ((x - centre) * (y - centre)).sum(axis=1)
    defined = (total > 0) & (k > 1)
    return pd.DataFrame(
        {
            "d2": ((x - y) ** 2).sum(axis=1),
            "elevation": k * (mean_x - mean_y) ** 2,
            "scatter": (s_x - s_y) ** 2,
            "shape": np.maximum(0.0, 2 * (s_x * s_y - (from_x * from_y).sum(axis=1))),
            "profile_icc": np.divide(shared, total, out=np.full(len(x), np.nan), where=defined),
        }
    )


def stage(alignment: "pd.Series[float]") -> pd.Series:
    """Return the relationship stage of each alignment score (Kotler, Rackham & Krishnaswamy 2006).

    On ``20 + 0.8 * alignment``: undefined below 40, defined below 60, aligned below 80, integrated from 80.

    Parameters
    ----------
    alignment
        0-100.

    Returns
    -------
    Series
        Ordered categories `STAGES`; missing where alignment is.

    Examples
    --------
    >>> stage(pd.Series([24.9, 25, 50, 75])).tolist()
    ['undefined', 'defined', 'aligned', 'integrated']
    """
    # A mean of thirds may miss its cut by the last binary digit.
    steady = alignment.round(9)
    return pd.cut(steady, [-np.inf, *STAGE_CUTS, np.inf], right=False, labels=list(STAGES))


def mean_of(values: NDArray[np.float64], *, axis: int, at_least: int) -> NDArray[np.float64]:
    """Return the mean of what is there along an axis, NaN where fewer than `at_least` are.

    Examples
    --------
    >>> mean_of(np.array([[1.0, 3.0], [np.nan, 4.0]]), axis=1, at_least=2).tolist()
    [2.0, nan]
    """
    count = (~np.isnan(values)).sum(axis=axis)
    total = np.nansum(values, axis=axis)
    enough = count >= max(1, at_least)
    return np.asarray(np.where(enough, total / np.maximum(count, 1), np.nan))


def _views(scores: pd.DataFrame, columns: Sequence[str], functions: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return each function's means, all by the same index of company and wave."""
    means = function_means(scores, columns).set_index(KEYS)
    index = pd.MultiIndex.from_frame(scores[KEYS].drop_duplicates().sort_values(KEYS))
    return {
        function: means.loc[means["function"] == function, list(columns)].reindex(index)
        for function in functions
    }


def _over_functions(views: Mapping[str, pd.DataFrame], *, require_both: bool) -> pd.DataFrame:
    """Return the mean of the functions' means; NaN where one that is needed is silent."""
    first = next(iter(views.values()))
    values = mean_of(np.stack(list(views.values())), axis=0, at_least=len(views) if require_both else 1)
    return pd.DataFrame(values, index=first.index, columns=first.columns)


def _two_views(sales: pd.DataFrame, marketing: pd.DataFrame, needed: int) -> pd.DataFrame:
    """Return what compares the two functions, by company and wave."""
    gaps = marketing - sales
    gap = _row_mean(gaps, needed)
    views = {"alignment_sales": _row_mean(sales, needed), "alignment_marketing": _row_mean(marketing, needed)}
    profile = profile_similarity(sales.to_numpy(), marketing.to_numpy()).set_index(sales.index)
    named = gaps.add_prefix("gap_")
    return pd.concat([named.assign(gap=gap, abs_gap=gap.abs(), **views), profile], axis=1)


def _row_mean(table: pd.DataFrame, at_least: int) -> "pd.Series[float]":
    values = mean_of(table.to_numpy(dtype=np.float64), axis=1, at_least=at_least)
    return pd.Series(values, index=table.index)
