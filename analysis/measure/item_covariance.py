"""Answers to the items of a construct, turned, and their covariance; what a coefficient of it is uncertain by."""

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from survey.responses import Responses

Floats = NDArray[np.float64]


class ItemCell(NamedTuple):
    """Answers of one function and wave to one construct.

    `answers` has a row per respondent and a column per item, reversed items turned, NaN where missing, also
    columns that nobody answered; `companies` holds the code of each row's company; `unsure` marks the answers
    that were "don't know", in the shape of `answers`, None if that is not known.
    """

    construct: str
    function: str
    wave: int
    answers: pd.DataFrame
    companies: NDArray[np.int64]
    unsure: pd.DataFrame | None = None

    @property
    def keys(self) -> dict[Hashable, Any]:
        """What the cell is called in a table."""
        return {"construct": self.construct, "function": self.function, "wave": self.wave}


def item_cells(responses: Responses) -> Iterator[ItemCell]:
    """Yield every construct that has items, within each function and wave.

    Function and wave are kept apart because their differences in level would count as covariance.
    """
    frame, unsure = responses.frame, responses.unsure
    groups: list[tuple[Any, pd.DataFrame]] = list(frame.groupby(["function", "wave"], sort=True))
    companies = [pd.factorize(group["company"])[0].astype(np.int64) for _, group in groups]
    for construct in responses.instrument.constructs:
        items = responses.items_of(construct)
        if not items:
            continue
        for ((function, wave), group), codes in zip(groups, companies, strict=True):
            dont_know = None if unsure is None else unsure.loc[group.index, items]
            answers = turned(responses, items, group)
            yield ItemCell(construct, function, wave, answers, codes, dont_know)


def cells_by_group(responses: Responses) -> Iterator[list[ItemCell]]:
    """Yield the cells of one function and wave together: the same respondents, construct by construct."""
    groups: dict[tuple[str, int], list[ItemCell]] = {}
    for cell in item_cells(responses):
        groups.setdefault((cell.function, cell.wave), []).append(cell)
    yield from groups.values()


def turned(responses: Responses, items: list[str], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the answers to `items` in `frame` as floats, reversed items turned about the scale's middle."""
    answers = frame[items].astype("float64")
    questions = [responses.instrument.columns[item] for item in items]
    ends = [q.scale.min + q.scale.max if q.reverse and q.scale else 0.0 for q in questions]
    signs = [-1.0 if question.reverse else 1.0 for question in questions]
    return answers.mul(signs, axis=1).add(ends, axis=1)


def varies(answers: Floats) -> NDArray[np.bool_]:
    """Tell which columns hold at least two different answers.

    Examples
    --------
    >>> varies(np.array([[1.0, 2.0], [3.0, 2.0]])).tolist()
    [True, False]
    """
    lowest = np.where(np.isnan(answers), np.inf, answers).min(axis=0, initial=np.inf)
    highest = np.where(np.isnan(answers), -np.inf, answers).max(axis=0, initial=-np.inf)
    return np.asarray(highest > lowest)


def pairwise_covariance(answers: Floats) -> Floats:
    """Return the covariance of each two columns over the rows that have both, NaN where fewer than two.

    Notes
    -----
    Agrees with ``cov(x, use = "pairwise")`` in R.

    Examples
    --------
    >>> pairwise_covariance(np.array([[1.0, 2], [2, 4], [3, np.nan]])).tolist()
    [[1.0, 1.0], [1.0, 2.0]]
    """
    deviation, mask = _deviations(answers)
    n, sums = mask.T @ mask, deviation.T @ mask
    cross = deviation.T @ deviation - sums * sums.T / np.maximum(n, 1)
    return np.asarray(np.where(n > 1, cross / np.maximum(n - 1, 1), np.nan))


def correlation_of(covariance: Floats) -> Floats:
    """Return the correlation matrix of a covariance matrix.

    Examples
    --------
    >>> correlation_of(np.array([[4.0, 1.0], [1.0, 1.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def on_covariance(covariance: Floats, gradient: Floats) -> Floats:
    """Return the gradient by the covariances of what has `gradient` by the correlations (k x k each)."""
    correlation = correlation_of(covariance)
    spread = np.sqrt(np.diag(covariance))
    own = (gradient * correlation).sum(axis=1) / spread**2
    return np.asarray(gradient / np.outer(spread, spread) - np.diag(own))


def clustered_error(answers: Floats, gradient: Floats, companies: ArrayLike) -> float:
    """Return the standard error of a coefficient of the covariance matrix, with companies as clusters.

    The delta method on the covariances without assuming that answers are normal (Maydeu-Olivares, Coffman &
    Hartmann 2007, Psychological Methods 12). A respondent moves the coefficient by
    ``sum_jk g_jk (d_j d_k - s_jk) / (n_jk - 1)``, summed over the pairs of items answered; the variance is
    ``G / (G - 1)`` times the sum of squares of the sums over G companies.

    Parameters
    ----------
    answers
        n respondents x k items, NaN where missing.
    gradient
        k x k derivatives of the coefficient by each covariance, the matrix symmetric.
    companies
        Code of each respondent's company.

    Returns
    -------
    float
        NaN with fewer than two companies.

    Notes
    -----
    For a coefficient of a model, agrees with ``lavaan(estimator = "MLR", cluster = "company")`` in R on
    complete answers.

    Examples
    --------
    >>> answers, variance = np.array([[1.0], [2], [3], [6]]), np.array([[1.0]])
    >>> round(clustered_error(answers, variance, [0, 1, 2, 3]), 3)
    2.694
    """
    groups, codes = count_companies(answers, companies), np.asarray(companies)
    if groups < 2:
        return np.nan
    deviation, mask = _deviations(answers)
    pairs = np.maximum(mask.T @ mask, 2)
    weight = gradient / (pairs - 1)
    centre = weight * (deviation.T @ deviation) / pairs
    moved = ((deviation @ weight) * deviation).sum(axis=1) - ((mask @ centre) * mask).sum(axis=1)
    by_company = np.bincount(codes, weights=moved)
    return float(np.sqrt(groups / (groups - 1) * (by_company**2).sum()))


def count_companies(answers: Floats, companies: ArrayLike) -> int:
    """Count the companies with a respondent who answered an item.

    Examples
    --------
    >>> count_companies(np.array([[1.0], [np.nan], [2.0]]), [0, 1, 0])
    1
    """
    return len(np.unique(np.asarray(companies)[~np.isnan(answers).all(axis=1)]))


def interval_below_one(
    estimate: float, std_error: float, *, companies: int, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of a coefficient that is at most one, by t on ``log(1 - x)`` (Bonett 2002).

    Parameters
    ----------
    estimate, std_error
        Of the coefficient.
    companies
        Clusters behind it; degrees of freedom are one fewer.
    level
        Confidence level, 0 to 1.

    Examples
    --------
    >>> low, high = interval_below_one(0.8, 0.04, companies=40)
    >>> round(low, 3), round(high, 3)
    (0.7, 0.867)
    """
    if companies < 2 or not estimate < 1:
        return np.nan, np.nan
    reach = stats.t.ppf((1 + level) / 2, companies - 1) * std_error / (1 - estimate)
    return float(1 - (1 - estimate) * np.exp(reach)), float(1 - (1 - estimate) * np.exp(-reach))


def _deviations(answers: Floats) -> tuple[Floats, Floats]:
    """Return answers about the item's mean, 0 where missing, and 1 where there is one."""
    present = ~np.isnan(answers)
    centre = np.nansum(answers, axis=0) / np.maximum(present.sum(axis=0), 1)
    return np.where(present, answers - centre, 0.0), present.astype(np.float64)
