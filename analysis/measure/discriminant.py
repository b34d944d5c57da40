"""Are two constructs two: the heterotrait-monotrait ratio, within each function and wave."""

from collections.abc import Hashable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.measure.item_covariance import (
    ItemCell,
    cells_by_group,
    clustered_error,
    correlation_of,
    count_companies,
    on_covariance,
    pairwise_covariance,
    varies,
)
from survey.language import say
from survey.responses import Responses

Floats = NDArray[np.float64]

PAIRS = (
    *("construct_a", "construct_b", "function", "wave", "htmt", "conf_low", "conf_high", "htmt2"),
    *("n", "companies", "note"),
)


class _Blocks(NamedTuple):
    """0/1 masks, k x k: correlations within the first construct, within the second, and between them."""

    first: Floats
    second: Floats
    between: Floats


def htmt(correlation: Floats, first: NDArray[np.bool_], *, geometric: bool = False) -> float:
    """Return the heterotrait-monotrait ratio of two constructs.

    The mean absolute correlation between items of different constructs over the geometric mean of the two
    mean absolute correlations within (Henseler, Ringle and Sarstedt 2015, Journal of the Academy of
    Marketing Science 43). Near one, the two are hardly two; 0.85 and 0.90 are the usual limits.

    Parameters
    ----------
    correlation
        k x k, of the items of both; a polychoric matrix serves as well.
    first
        Which of them are the first construct's.
    geometric
        HTMT2: geometric means of the correlations, for items that load unequally (Roemer, Schuberth and
        Henseler 2021, Industrial Management and Data Systems 121).

    Returns
    -------
    float
        0 or more; NaN where a construct has one item, or nothing within it correlates.

    Notes
    -----
    Agrees with ``semTools::htmt(model, sample.cov = R, htmt2 = geometric)`` in R.

    Examples
    --------
    >>> r = np.array([[1, 0.5, 0.2, 0.3], [0.5, 1, 0.3, 0.2], [0.2, 0.3, 1, 0.5], [0.3, 0.2, 0.5, 1]])
    >>> htmt(r, np.array([True, True, False, False]))
    0.5
    """
    blocks, size = _blocks(first), np.abs(correlation)
    if not all(block.any() for block in blocks):
        return np.nan
    if geometric:
        size = np.log(size, out=np.full_like(size, -np.inf), where=size > 0)
    within, other, between = (float((size[block > 0]).mean()) for block in blocks)
    if geometric:
        within, other, between = np.exp([within, other, between])
    return float(between / np.sqrt(within * other)) if within * other > 1e-24 else np.nan


def discriminant_validity(responses: Responses) -> pd.DataFrame:
    """Return HTMT of each two constructs within each function and wave.

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here.

    Returns
    -------
    DataFrame
        construct_a, construct_b, function, wave, htmt, conf_low, conf_high (95%, delta method on the
        logarithm, companies as clusters), htmt2, n (respondents who answered an item of either), companies,
        note (why there is no ratio or no interval; empty else). Correlations are pairwise.
    """
    rows = [_pair(a, b) for cells in cells_by_group(responses) for a, b in combinations(cells, 2)]
    return pd.DataFrame(rows, columns=pd.Index(PAIRS))


def _blocks(first: NDArray[np.bool_]) -> _Blocks:
    one, other = first.astype(np.float64), (~first).astype(np.float64)
    off = 1 - np.eye(len(first))
    return _Blocks(
        np.outer(one, one) * off, np.outer(other, other) * off, np.outer(one, other) + np.outer(other, one)
    )


def _pair(a: ItemCell, b: ItemCell) -> dict[Hashable, Any]:
    both = np.column_stack([a.answers.to_numpy(), b.answers.to_numpy()])
    kept = varies(both)
    values, first = both[:, kept], (np.arange(both.shape[1]) < a.answers.shape[1])[kept]
    companies = count_companies(values, a.companies)
    row: dict[Hashable, Any] = {
        "construct_a": a.construct, "construct_b": b.construct, "function": a.function, "wave": a.wave,
        "n": int((~np.isnan(values)).any(axis=1).sum()), "companies": companies,
    }  # fmt: skip
    if min(first.sum(), (~first).sum()) < 2:
        return {**row, "note": say("each construct needs two items that vary")}
    covariance = pairwise_covariance(values)
    if np.isnan(covariance).any():
        return {**row, "note": say("no respondent answered two of the items together")}
    correlation = correlation_of(covariance)
    ratio = htmt(correlation, first)
    if np.isnan(ratio):
        return {**row, "note": say("the items of a construct do not correlate")}
    squared = htmt(correlation, first, geometric=True)
    notes = {
        say("an interval needs two companies"): companies < 2,
        say("no HTMT2: two items within a construct do not correlate"): np.isnan(squared),
    }
    row |= {
        "htmt": ratio,
        "htmt2": squared,
        "note": "; ".join(note for note, holds in notes.items() if holds),
    }
    if companies < 2:
        return row
    error = clustered_error(values, _log_gradient(covariance, first), a.companies)
    reach = stats.t.ppf(0.975, companies - 1) * error
    return {**row, "conf_low": ratio * np.exp(-reach), "conf_high": ratio * np.exp(reach)}


def _log_gradient(covariance: Floats, first: NDArray[np.bool_]) -> Floats:
    """Return the derivatives of the ratio's logarithm by the covariances."""
    correlation = correlation_of(covariance)
    size = np.abs(correlation)
    # Nothing between the constructs: the ratio is zero, and its logarithm has no derivative to speak of.
    shares = [block / max((size * block).sum(), 1e-300) for block in _blocks(first)]
    by_correlation = np.sign(correlation) * (shares[2] - shares[0] / 2 - shares[1] / 2)
    return on_covariance(covariance, by_correlation)
