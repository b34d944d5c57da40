"""Internal consistency of the constructs: alpha, omega and what else the items' covariances say."""

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.measure.consistency import COEFFICIENTS, Coefficient, alpha_of, coefficients
from analysis.measure.item_covariance import (
    ItemCell,
    clustered_error,
    count_companies,
    interval_below_one,
    item_cells,
    pairwise_covariance,
    varies,
)
from analysis.measure.one_factor import one_factor
from survey.language import say
from survey.responses import Responses

COLUMNS = (
    *("construct", "function", "wave", "n_items", "n", "companies", "alpha", "conf_low", "conf_high"),
    *COEFFICIENTS[1:],
    *("note", "omega_note"),
)

INTERVALS = (
    *("construct", "function", "wave", "coefficient", "estimate", "std_error", "conf_low", "conf_high"),
    *("n", "companies", "note"),
)


def cronbach_alpha(answers: NDArray[np.float64]) -> float:
    """Return Cronbach's alpha of the items in the columns.

    ``k / (k - 1) * (1 - trace(C) / sum(C))`` with C the covariance of k items (Cronbach 1951). Each
    covariance uses the rows that answered both items (pairwise). Items whose answers are all equal are left
    out. Turn reversed items first. Can be negative.

    Parameters
    ----------
    answers
        n respondents x k items, NaN where missing.

    Returns
    -------
    float
        NaN with fewer than two items that vary, or where two items were never answered together.

    Notes
    -----
    Agrees with ``psych::alpha(x)$total$raw_alpha`` in R (``use = "pairwise"``).

    Examples
    --------
    >>> round(cronbach_alpha(np.array([[1, 2], [2, 2], [3, 4.0]])), 4)
    0.9231
    """
    return alpha_of(pairwise_covariance(answers[:, varies(answers)]))


def feldt_interval(alpha: float, n: int, *, n_items: int, level: float = 0.95) -> tuple[float, float]:
    """Return the confidence interval of alpha after Feldt (1965), assuming normal answers.

    ``1 - (1 - alpha) * F`` at the quantiles of F with n - 1 and (n - 1)(k - 1) degrees of freedom.

    Parameters
    ----------
    alpha
        Cronbach's alpha.
    n, n_items
        Respondents and items (k) behind it, at least two each, else NaN.
    level
        Confidence level, 0 to 1.

    Notes
    -----
    Agrees with ``psych::alpha.ci(alpha, n, k)`` and ``psych::alpha(x)$feldt`` in R.

    Examples
    --------
    >>> low, high = feldt_interval(0.8, 100, n_items=5)
    >>> round(low, 3), round(high, 3)
    (0.731, 0.856)
    """
    if n < 2 or n_items < 2:
        return np.nan, np.nan
    tail, df = (1 - level) / 2, (n - 1, (n - 1) * (n_items - 1))
    low, high = (float(1 - (1 - alpha) * stats.f.ppf(q, *df)) for q in (1 - tail, tail))
    return low, high


def reliability(responses: Responses) -> pd.DataFrame:
    """Return alpha, omega and their companions of every construct within each function and wave.

    Function and wave are kept apart because their differences in level would count as covariance. Each
    covariance uses the respondents who answered both items; an item whose answers are all equal is left out.

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here.

    Returns
    -------
    DataFrame
        construct, function, wave, n_items (items asked in that wave), n (respondents who answered at least
        one of them), companies, alpha, conf_low, conf_high (95%; where people share companies by
        the delta method with companies as clusters, else Feldt's), the other `COEFFICIENTS`, note (why alpha is
        absent, or what was left out; empty else), omega_note (the same for what needs the one-factor
        model). Constructs without items have no row. `reliability_intervals` has the intervals of all.

    Notes
    -----
    Agrees with ``psych::alpha(x, keys)`` in R on the rows of one function and wave; the omegas, on complete
    answers, with semTools (see `coefficients`).
    """
    rows = [{**cell.keys, **_row(cell)} for cell in item_cells(responses)]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def reliability_intervals(responses: Responses) -> pd.DataFrame:
    """Return every coefficient of reliability with an interval that holds for answers of any distribution.

    By the delta method with companies as clusters (see `clustered_error`), on ``log(1 - x)``: people of
    one company resemble each other, which Feldt's interval of alpha does not know.

    Returns
    -------
    DataFrame
        construct, function, wave, coefficient (of `COEFFICIENTS`), estimate, std_error, conf_low, conf_high
        (95%), n, companies, note (why there is no estimate or no interval; empty else). No rows for
        constructs without items.
    """
    rows = [row for cell in item_cells(responses) for row in _interval_rows(cell)]
    return pd.DataFrame(rows, columns=pd.Index(INTERVALS))


def _asked(cell: ItemCell) -> pd.DataFrame:
    """Return the answers to the items that anybody in the cell answered."""
    return cell.answers.dropna(axis=1, how="all")


def _found(answers: pd.DataFrame) -> dict[str, Coefficient]:
    """Return the coefficients of the items that vary."""
    varied = answers.loc[:, varies(answers.to_numpy())]
    covariance = pairwise_covariance(varied.to_numpy())
    return coefficients(covariance, one_factor(covariance, names=[str(item) for item in varied]))


def _row(cell: ItemCell) -> dict[Hashable, Any]:
    answers = _asked(cell)
    values = answers.to_numpy()
    varied = varies(values)
    found = _found(answers)
    alpha = found["alpha"].value
    n = int((~np.isnan(values)).any(axis=1).sum())
    low, high = _interval(values[:, varied], found["alpha"], cell, n=n)
    constant = [str(item) for item in answers.columns[~varied]]
    left_out = (
        say("left out because all its answers are equal: {constant}", constant=", ".join(constant))
        if constant
        else ""
    )
    return {
        "n_items": len(varied), "n": n, "companies": count_companies(values, cell.companies),
        "alpha": alpha, "conf_low": low, "conf_high": high,
        **{name: found[name].value for name in COEFFICIENTS[1:]},
        "note": _note(alpha, len(constant), n_items=len(varied)) or left_out or found["alpha_standardised"].note,
        "omega_note": found["omega_total"].note or left_out,
    }  # fmt: skip


def _interval(
    values: NDArray[np.float64], alpha: Coefficient, cell: ItemCell, *, n: int
) -> tuple[float, float]:
    """Return alpha's interval, by company where people of one company answered, else Feldt's."""
    companies = count_companies(values, cell.companies)
    if not 1 < companies < n or alpha.note:
        return feldt_interval(alpha.value, n, n_items=values.shape[1])
    error = clustered_error(values, alpha.gradient, cell.companies)
    return interval_below_one(alpha.value, error, companies=companies)


def _interval_rows(cell: ItemCell) -> Iterator[dict[Hashable, Any]]:
    answers = _asked(cell)
    values = answers.to_numpy()[:, varies(answers.to_numpy())]
    answered = ~np.isnan(answers.to_numpy()).all(axis=1)
    companies = count_companies(answers.to_numpy(), cell.companies)
    for name, found in _found(answers).items():
        error = np.nan if found.note else clustered_error(values, found.gradient, cell.companies)
        low, high = interval_below_one(found.value, error, companies=companies)
        one = "" if companies > 1 else say("an interval needs two companies")
        yield {
            **cell.keys, "coefficient": name, "estimate": found.value, "std_error": error, "conf_low": low,
            "conf_high": high, "n": int(answered.sum()), "companies": companies, "note": found.note or one,
        }  # fmt: skip


def _note(alpha: float, constant: int, *, n_items: int) -> str:
    if not np.isnan(alpha):
        return say("negative: the items contradict each other") if alpha < 0 else ""
    if n_items == 0:
        return say("nobody answered an item")
    if n_items == 1:
        return say("alpha needs two items")
    if n_items - constant < 2:
        return say("fewer than two items vary")
    return say("the items do not covary, or no respondent answered two of them together")
