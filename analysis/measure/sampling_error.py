"""The sampling error of a company's scores: what its informants' disagreement leaves unsure, pooled over companies."""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def pooled_covariances(
    values: Floats, codes: NDArray[np.integer], strata: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return the covariances of columns within cells, pooled over the cells of each stratum.

    Parameters
    ----------
    values
        Informants x k columns; NaN where there is no score.
    codes
        The cell of each row: a company, or the people of one function in it.
    strata
        The stratum of each cell.

    Returns
    -------
    ndarray, strata x k x k
        From the rows that have both columns; NaN where no cell has two of them.

    Examples
    --------
    >>> pooled_covariances(np.array([[40.0], [60], [50], [50]]), np.array([0, 0, 1, 1]), np.array([0, 0]))
    array([[[100.]]])
    """
    cells, size, columns = len(strata), int(strata.max(initial=-1)) + 1, range(values.shape[1])
    present = ~np.isnan(values)
    centred = np.where(present, values - np.nansum(values, axis=0) / np.maximum(1, present.sum(axis=0)), 0)
    pooled = np.full((size, len(columns), len(columns)), np.nan)
    for c, d in combinations_with_replacement(columns, 2):
        both = present[:, c] & present[:, d]
        at, x, y = codes[both], centred[both, c], centred[both, d]
        n, sum_x, sum_y, cross = (
            np.bincount(at, weights=w, minlength=cells) for w in (np.ones(len(at)), x, y, x * y)
        )
        products = np.bincount(strata, weights=cross - sum_x * sum_y / np.maximum(1, n), minlength=size)
        df = np.bincount(strata, weights=np.maximum(0, n - 1), minlength=size)
        pooled[:, c, d] = pooled[:, d, c] = np.where(df > 0, products / np.maximum(1, df), np.nan)
    return pooled


def mean_variances(
    values: Floats, codes: NDArray[np.integer], strata: NDArray[np.integer], pooled: Floats
) -> Floats:
    """Return the variance of each cell's mean of column means.

    Parameters
    ----------
    values, codes, strata
        As in `pooled_covariances`.
    pooled
        What that returned, of these companies or of a study that they are compared with.

    Returns
    -------
    ndarray, cells
        Squared units; NaN where a covariance that is needed is not known.
    """
    cells, columns = len(strata), range(values.shape[1])
    present = ~np.isnan(values)
    counts = _counts(present, codes, cells)
    variance = np.zeros(cells)
    for c, d in combinations_with_replacement(columns, 2):
        n = np.bincount(codes[present[:, c] & present[:, d]], minlength=cells)
        share = n / np.maximum(1, counts[c] * counts[d])
        variance += np.where(n > 0, pooled[strata, c, d] * share, 0.0) * (1 if c == d else 2)
    return np.asarray(variance / np.maximum(1, (counts > 0).sum(axis=0)) ** 2)


MOST = 0.5
"""Share of the degrees of freedom of a pooled covariance above which it is that of one company, near enough."""


def within_covariances(
    scores: pd.DataFrame, constructs: Sequence[str], *, functions: Sequence[str], minimum: int = 1
) -> dict[str, Floats]:
    """Return the covariances of constructs within companies by function, k x k, of one wave.

    Parameters
    ----------
    scores
        Scores of the respondents of one wave, from `score`.
    constructs
        Those that make up the index.
    functions
        From `functions_of`.
    minimum
        Companies that a covariance stands for at least: those in which two people answered both constructs. From two
        on, none of them may have more than `MOST` of it either. What stands for fewer is NaN.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("XXYYZ"), "function": "", "trust": [40.0, 60.0, 50.0, 50.0, 10.0]})
    >>> within_covariances(scores, ["trust"], functions=[""])[""].tolist()
    [[100.0]]
    >>> within_covariances(scores, ["trust"], functions=[""], minimum=3)[""].tolist()
    [[nan]]
    """
    pooled = {}
    for function in functions:
        people = _answered(scores[scores["function"] == function], constructs)
        codes, companies = pd.factorize(people["company"])
        values = people[list(constructs)].to_numpy(dtype=np.float64)
        found = pooled_covariances(values, codes, np.zeros(len(companies), dtype=np.int64))
        every = found[0] if len(found) else np.full((len(constructs),) * 2, np.nan)
        pooled[function] = np.where(_of_many(values, codes, len(companies), minimum), every, np.nan)
    return pooled


def _of_many(values: Floats, codes: NDArray[np.integer], companies: int, minimum: int) -> NDArray[np.bool_]:
    """Tell which pairs of columns have enough companies with two people, none of which has most of them."""
    present = ~np.isnan(values)
    enough = np.zeros((values.shape[1], values.shape[1]), dtype=np.bool_)
    for c, d in combinations_with_replacement(range(values.shape[1]), 2):
        both = np.bincount(codes[present[:, c] & present[:, d]], minlength=companies)
        apart = np.maximum(0, both - 1)
        shared = minimum < 2 or apart.max(initial=0) <= MOST * apart.sum()
        enough[c, d] = enough[d, c] = shared and np.count_nonzero(apart) >= minimum
    return enough


def company_errors(
    scores: pd.DataFrame, constructs: Sequence[str], *, pooled: Mapping[str, Floats]
) -> pd.DataFrame:
    """Return the standard errors of what `indices` makes of companies, from covariances known beforehand.

    With the variance v of a function's mean, on the index or on one construct, the error of the level over F
    functions is ``sqrt(sum(v)) / F`` and that of the gap between two ``sqrt(sum(v))``.

    Parameters
    ----------
    scores
        Scores of the companies' respondents, of one wave.
    constructs
        Those that make up the index, in the order of `pooled`.
    pooled
        From `within_covariances`, of the study that the companies are compared with.

    Returns
    -------
    DataFrame
        By company: ``alignment_se, gap_se``, ``<construct>_se`` and ``gap_<construct>_se``, in points. NaN where
        a function is silent or its covariances are not known.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": "X", "function": "", "trust": [40.0, 60.0]})
    >>> company_errors(scores, ["trust"], pooled={"": np.array([[100.0]])}).round(3).loc["X", "alignment_se"]
    np.float64(7.071)
    """
    companies = pd.Index(sorted(scores["company"].unique()), name="company")
    sums = np.zeros((len(companies), 1 + len(constructs)))
    for function, covariances in pooled.items():
        people = _answered(scores[scores["function"] == function], constructs)
        codes = companies.get_indexer(people["company"])
        values = people[list(constructs)].to_numpy(dtype=np.float64)
        whole = mean_variances(values, codes, np.zeros(len(companies), dtype=np.int64), covariances[None])
        counts = _counts(~np.isnan(values), codes, len(companies)).T
        alone = np.diag(covariances) / np.where(counts > 0, counts, np.nan)
        silent = np.bincount(codes, minlength=len(companies)) == 0
        sums += np.column_stack([np.where(silent, np.nan, whole), alone])
    gap = np.sqrt(np.where(sums >= 0, sums, np.nan))
    names = ["alignment", *constructs]
    levels = pd.DataFrame(gap / len(pooled), companies, [f"{name}_se" for name in names])
    gaps = [f"gap_{name}_se" if name != "alignment" else "gap_se" for name in names]
    return levels.join(pd.DataFrame(gap, companies, gaps))


def _answered(scores: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    return scores[scores[list(constructs)].notna().any(axis=1)]


def _counts(present: NDArray[np.bool_], codes: NDArray[np.integer], cells: int) -> NDArray[np.integer]:
    """Count the scores of each column in each cell: columns x cells."""
    return np.array([np.bincount(codes[column], minlength=cells) for column in present.T])
