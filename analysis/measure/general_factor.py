"""How far the index measures one thing: omega hierarchical over constructs as group factors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.measure.item_covariance import (
    ItemCell,
    cells_by_group,
    clustered_error,
    count_companies,
    interval_below_one,
    pairwise_covariance,
    varies,
)
from analysis.measure.one_factor import OneFactor, by_covariances, one_factor
from survey.responses import Responses

Floats = NDArray[np.float64]

INDEX_COLUMNS = (
    *("function", "wave", "n_constructs", "n_items", "n", "companies", "omega_hierarchical", "std_error"),
    *("conf_low", "conf_high", "omega_total", "note"),
)


@dataclass(frozen=True, slots=True, eq=False)
class GeneralFactor:
    """A general factor behind several constructs.

    Parameters
    ----------
    frame
        Per construct: construct, n_items, common (standard deviation of what its items' sum holds of it),
        loading (on the general factor, of the construct in standard units).
    correlations
        Of the constructs, corrected for unreliability.
    omega_hierarchical, omega_total
        Share of the variance of the sum of all items that the general factor, and all factors, make.
    gradient
        Derivatives of omega_hierarchical by the items' covariances.
    note
        Why there is none of it; empty if there is.
    """

    frame: pd.DataFrame
    correlations: pd.DataFrame
    omega_hierarchical: float
    omega_total: float
    gradient: Floats
    note: str = ""


class _Common(NamedTuple):
    """What a construct's items have in common: the sum of loadings, its derivatives, why there is none."""

    value: float
    gradient: Floats
    note: str = ""


def general_factor(covariance: ArrayLike, constructs: Sequence[str]) -> GeneralFactor:
    """Split the variance of the sum of all items into a general factor, group factors and error.

    The second-order model in two steps. One factor per construct gives ``L``, the sum of its items' loadings
    (`one_factor`; two items load equally). The covariances of the constructs' sums over ``L_c L_d`` are the
    constructs' correlations corrected for unreliability (the multiple-group method of Thurstone 1945), and
    one factor of these their loadings g on the general factor, which on the items are those of Schmid and
    Leiman (1957). With V the observed variance of the sum of all items, ``omega_hierarchical = sum(g L)^2 / V``
    (Zinbarg, Revelle, Yovel and Li 2005, Psychometrika 70) and omega_total has all that the constructs share
    and hold in its numerator.

    Parameters
    ----------
    covariance
        k x k, of the items; weigh them by scaling rows and columns.
    constructs
        The construct of each item, at least three different.

    Notes
    -----
    Where a second-order model fits exactly, agrees with ``semTools::reliabilityL2(fit, "g")`` (omegaL1) and
    ``semTools::compRelSEM(fit, higher = "g", return.total = TRUE)`` in R, which estimate it in one step.

    Examples
    --------
    >>> load, general = np.repeat([0.8, 0.7, 0.6], 3), np.repeat([0.9, 0.8, 0.7], 3)
    >>> same = np.kron(np.eye(3), np.ones((3, 3)))
    >>> between = np.outer(general, general) * (1 - same) + same
    >>> r = np.outer(load, load) * between
    >>> np.fill_diagonal(r, 1)
    >>> found = general_factor(r, np.repeat(["goals", "trust", "data"], 3))
    >>> found.frame["loading"].round(4).tolist(), round(found.omega_hierarchical, 4)
    ([0.9, 0.8, 0.7], 0.7458)
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    names = list(dict.fromkeys(constructs))
    member = np.array([[name == own for own in constructs] for name in names], dtype=np.float64)
    commons = [_common(matrix[np.ix_(own, own)]) for own in member.astype(bool)]
    if len(names) < 3:
        return _without(names, member, "a general factor needs three constructs")
    if notes := [
        f"{name}: {common.note}" for name, common in zip(names, commons, strict=True) if common.note
    ]:
        return _without(names, member, "; ".join(notes))
    common = np.array([found.value for found in commons])
    correlations = (member @ matrix @ member.T) / np.outer(common, common)
    np.fill_diagonal(correlations, 1.0)
    if merged := _merged(correlations, names):
        return _without(names, member, merged)
    fit = one_factor(correlations, names=names)
    if fit.note:
        return _without(names, member, f"the general factor: {fit.note}")
    return _general(matrix, names, member=member, commons=commons, correlations=correlations, fit=fit)


def index_reliability(responses: Responses) -> pd.DataFrame:
    """Return omega of the index within each function and wave, hierarchical and total.

    The index is the mean of the alignment constructs, each a mean of its items in per cent of the maximum
    possible, so each item counts by the inverse of its scale's width and its construct's number of items.

    Returns
    -------
    DataFrame
        function, wave, n_constructs, n_items, n (respondents who answered any item), companies,
        omega_hierarchical with std_error, conf_low and conf_high (95%, delta method, companies as clusters),
        omega_total, note (why there is none; empty else).
    """
    parts = responses.instrument.alignment_constructs
    groups = [[cell for cell in cells if cell.construct in parts] for cells in cells_by_group(responses)]
    rows = [_index_row(cells, responses) for cells in groups if cells]
    return pd.DataFrame(rows, columns=pd.Index(INDEX_COLUMNS))


def _common(covariance: Floats) -> _Common:
    k = len(covariance)
    if k == 1:
        return _Common(np.nan, covariance, "one item does not tell its construct from error")
    if k == 2:
        shared = covariance[0, 1]
        if not shared > 0:
            return _Common(np.nan, covariance, "its two items do not covary")
        return _Common(float(2 * np.sqrt(shared)), (1 - np.eye(2)) / (2 * np.sqrt(shared)))
    fit = one_factor(covariance)
    if fit.note:
        return _Common(np.nan, covariance, fit.note)
    gradient = by_covariances(fit, covariance, by_loading=np.ones(k), by_residual=np.zeros(k))
    return _Common(float(fit.loadings.sum()), gradient)


def _merged(correlations: Floats, names: list[str]) -> str:
    rows, columns = np.nonzero(np.triu(np.abs(correlations) >= 1, 1))
    pairs = ", ".join(f"{names[a]} and {names[b]}" for a, b in zip(rows, columns, strict=True))
    return f"corrected for unreliability, these correlate at one or more: {pairs}" if pairs else ""


def _general(
    matrix: Floats, names: list[str], *, member: Floats, commons: list[_Common], correlations: Floats, fit: OneFactor
) -> GeneralFactor:  # fmt: skip
    common, total = np.array([found.value for found in commons]), matrix.sum()
    through = float(fit.loadings @ common)
    shared = common @ correlations @ common
    by_loading = 2 * through / total * common
    by_correlation = by_covariances(
        fit, correlations, by_loading=by_loading, by_residual=np.zeros(len(names))
    )
    np.fill_diagonal(by_correlation, 0.0)
    by_sums = by_correlation / np.outer(common, common)
    by_common = 2 * through / total * fit.loadings - 2 * (by_correlation * correlations).sum(axis=1) / common
    gradient = member.T @ by_sums @ member - through**2 / total**2
    for own, found, weight in zip(member.astype(bool), commons, by_common, strict=True):
        gradient[np.ix_(own, own)] += weight * found.gradient
    frame = pd.DataFrame(
        {
            "construct": names,
            "n_items": member.sum(axis=1).astype(int),
            "common": common,
            "loading": fit.loadings,
        }
    )
    table = pd.DataFrame(correlations, index=names, columns=names)
    return GeneralFactor(frame, table, float(through**2 / total), float(shared / total), gradient)


def _without(names: list[str], member: Floats, note: str) -> GeneralFactor:
    frame = pd.DataFrame({"construct": names, "n_items": member.sum(axis=1).astype(int)})
    k = member.shape[1]
    empty = pd.DataFrame(index=names, columns=names, dtype="float64")
    return GeneralFactor(
        frame.assign(common=np.nan, loading=np.nan), empty, np.nan, np.nan, np.full((k, k), np.nan), note
    )


def _index_row(cells: list[ItemCell], responses: Responses) -> dict[str, Any]:
    weighed = [_weighed(cell, responses) for cell in cells]
    values = np.column_stack([table.to_numpy() for table in weighed])
    constructs = [cell.construct for cell, table in zip(cells, weighed, strict=True) for _ in table.columns]
    companies = count_companies(values, cells[0].companies)
    row = {
        "function": cells[0].function, "wave": cells[0].wave, "n_constructs": len(set(constructs)),
        "n_items": values.shape[1], "n": int((~np.isnan(values)).any(axis=1).sum()), "companies": companies,
    }  # fmt: skip
    if empty := [cell.construct for cell in cells if cell.construct not in constructs]:
        return {**row, "note": f"no item varies in {', '.join(empty)}"}
    found = general_factor(pairwise_covariance(values), constructs)
    if found.note:
        return {**row, "note": found.note}
    error = clustered_error(values, found.gradient, cells[0].companies)
    low, high = interval_below_one(found.omega_hierarchical, error, companies=companies)
    return {
        **row, "omega_hierarchical": found.omega_hierarchical, "omega_total": found.omega_total,
        "std_error": error, "conf_low": low, "conf_high": high, "note": _remarks(cells, weighed, companies),
    }  # fmt: skip


def _weighed(cell: ItemCell, responses: Responses) -> pd.DataFrame:
    """Return the answers to the items that vary, each as its part in the index."""
    varied = cell.answers.loc[:, varies(cell.answers.to_numpy())]
    scale = responses.instrument.columns[str(cell.answers.columns[0])].scale
    assert scale is not None  # every item of a construct has its scale
    return varied / (max(1, varied.shape[1]) * (scale.max - scale.min))


def _remarks(cells: list[ItemCell], weighed: list[pd.DataFrame], companies: int) -> str:
    left_out = [
        str(item)
        for cell, kept in zip(cells, weighed, strict=True)
        for item in cell.answers.columns.difference(kept.columns, sort=False)
    ]
    notes = [f"left out because all its answers are equal, or there are none: {', '.join(left_out)}"] * bool(
        left_out
    )
    return "; ".join([*notes, *["an interval needs two companies"] * (companies < 2)])
