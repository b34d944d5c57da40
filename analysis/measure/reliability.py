"""Internal consistency of the constructs: Cronbach's alpha with its interval."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from survey.responses import Responses

COLUMNS = ("construct", "function", "wave", "n_items", "n", "alpha", "conf_low", "conf_high", "note")


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
    covariance = _pairwise_covariance(answers[:, _varies(answers)])
    k, own, total = len(covariance), np.trace(covariance), covariance.sum()
    # Items that cancel out leave a total of rounding error, whose inverse would be an alpha of any size.
    return float(k / (k - 1) * (1 - own / total)) if k > 1 and total > 1e-12 * own else np.nan


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
    """Return alpha of every construct within each function and wave.

    Function and wave are kept apart because their differences in level would count as covariance.

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here.

    Returns
    -------
    DataFrame
        construct, function, wave, n_items (items asked in that wave), n (respondents who answered at least
        one of them), alpha, conf_low, conf_high (Feldt, 95%), note (why alpha is absent, or what was left
        out; empty else). Constructs without items have no row.

    Notes
    -----
    Agrees with ``psych::alpha(x, keys)`` in R on the rows of one function and wave.
    """
    frame = responses.frame
    groups = list(frame.groupby(["function", "wave"], sort=True)) if len(frame) else []
    rows = [
        {"construct": construct, "function": function, "wave": wave, **_row(_keyed(responses, items, group))}
        for construct in responses.instrument.constructs
        if (items := responses.items_of(construct))
        for (function, wave), group in groups
    ]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _keyed(responses: Responses, items: list[str], group: pd.DataFrame) -> pd.DataFrame:
    """Return the answers of a group with reversed items negated, which turns their covariances."""
    signs = [-1.0 if responses.instrument.columns[item].reverse else 1.0 for item in items]
    return group[items].astype("float64").mul(signs, axis=1).dropna(axis=1, how="all")


def _row(answers: pd.DataFrame) -> dict[Hashable, Any]:
    values = answers.to_numpy()
    varies = _varies(values)
    alpha = cronbach_alpha(values)
    n, k = int((~np.isnan(values)).any(axis=1).sum()), int(varies.sum())
    low, high = feldt_interval(alpha, n, n_items=k)
    constant = [str(item) for item in answers.columns[~varies]]
    note = _note(alpha, len(constant), n_items=len(varies)) or (
        f"left out because all its answers are equal: {', '.join(constant)}" if constant else ""
    )
    return {
        "n_items": len(varies), "n": n, "alpha": alpha, "conf_low": low, "conf_high": high, "note": note,
    }  # fmt: skip


def _note(alpha: float, constant: int, *, n_items: int) -> str:
    if not np.isnan(alpha):
        return "negative: the items contradict each other" if alpha < 0 else ""
    if n_items == 0:
        return "nobody answered an item"
    if n_items == 1:
        return "alpha needs two items"
    if n_items - constant < 2:
        return "fewer than two items vary"
    return "the items do not covary, or no respondent answered two of them together"


def _varies(answers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which columns hold at least two different answers."""
    lowest = np.where(np.isnan(answers), np.inf, answers).min(axis=0, initial=np.inf)
    highest = np.where(np.isnan(answers), -np.inf, answers).max(axis=0, initial=-np.inf)
    return np.asarray(highest > lowest)


def _pairwise_covariance(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance of each two columns over the rows that have both, NaN where fewer than two."""
    present = ~np.isnan(answers)
    centre = np.nansum(answers, axis=0) / np.maximum(present.sum(axis=0), 1)
    deviation = np.where(present, answers - centre, 0.0)
    mask = present.astype(np.float64)
    n, sums = mask.T @ mask, deviation.T @ mask
    cross = deviation.T @ deviation - sums * sums.T / np.maximum(n, 1)
    return np.asarray(np.where(n > 1, cross / np.maximum(n - 1, 1), np.nan))
