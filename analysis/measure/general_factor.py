"""How far the index measures one thing: omega hierarchical over constructs as group factors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.measure.item_covariance import (
    ItemCell,
    cells_by_group,
    clustered_error,
    correlation_of,
    count_companies,
    interval_below_one,
    pairwise_covariance,
    varies,
)
from analysis.measure.one_factor import unfit
from analysis.measure.wishart import by_covariances, minimise
from survey.language import say
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
    loadings
        Of the items on their constructs, in their order and the units of the matrix.
    omega_hierarchical, omega_total
        Share of the variance of the sum of all items that the general factor, and all factors, make.
    gradient
        Derivatives of omega_hierarchical by the items' covariances.
    discrepancy
        F of `minimise`; ``n * discrepancy`` is the chi-square of lavaan.
    note
        Why there is none of it; empty if there is.
    """

    frame: pd.DataFrame
    loadings: Floats
    omega_hierarchical: float
    omega_total: float
    gradient: Floats
    discrepancy: float
    note: str = ""


def general_factor(covariance: ArrayLike, constructs: Sequence[str]) -> GeneralFactor:
    """Split the variance of the sum of all items into a general factor, group factors and error.

    The second-order model by maximum likelihood: items load l on their construct, constructs load g on the
    general factor, whose loadings on the items, ``l g``, are those of Schmid and Leiman (1957, Psychometrika
    22). With V the observed variance of the sum of all items, ``omega_hierarchical = sum(l g)^2 / V``
    (Zinbarg, Revelle, Yovel and Li 2005, Psychometrika 70), and omega_total has all that the constructs hold
    in its numerator.

    Parameters
    ----------
    covariance
        k x k, of the items; weigh them by scaling rows and columns.
    constructs
        The construct of each item, at least three different, of two items or more.

    Notes
    -----
    Agrees with ``semTools::compRelSEM(fit, higher = "g", return.total = TRUE)`` in R; omegaL1 of
    ``semTools::reliabilityL2`` divides by the variance that the model implies instead.

    Examples
    --------
    >>> load, general = np.repeat([0.8, 0.7, 0.6], 3), np.repeat([0.9, 0.8, 0.7], 3)
    >>> same = np.kron(np.eye(3), np.ones((3, 3)))
    >>> r = np.outer(load, load) * (np.outer(general, general) * (1 - same) + same)
    >>> np.fill_diagonal(r, 1)
    >>> found = general_factor(r, np.repeat(["goals", "trust", "data"], 3).tolist())
    >>> found.frame["loading"].round(4).tolist(), round(found.omega_hierarchical, 4)
    ([0.9, 0.8, 0.7], 0.7458)
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    names = list(dict.fromkeys(constructs))
    member = np.array([[name == own for name in names] for own in constructs], dtype=np.float64)
    if reason := _unfit(matrix, names, member):
        return _without(names, member, reason)
    correlation, spread = correlation_of(matrix), np.sqrt(np.diag(matrix))
    structure = _SecondOrder(member)
    found = minimise(structure, correlation, start=_start(correlation, member))
    if np.isnan(found.discrepancy):
        return _without(names, member, say("the model of a general factor did not converge"))
    if improper := _improper(found.values, structure, names):
        return _without(names, member, improper)
    loadings, general, residuals = structure.parts(found.values)
    scaled = np.concatenate([loadings * spread, general, residuals * spread**2])
    return _general(matrix, names, structure=structure, values=scaled, discrepancy=found.discrepancy)


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


@dataclass(frozen=True, slots=True, eq=False)
class _SecondOrder:
    """``Sigma = L (g g' + diag(1 - g^2)) L' + diag(u)``: k loadings, m general loadings, k residual variances.

    `member` (k x m, 0/1) says to which construct each item belongs; L holds the loadings in its places.
    """

    member: Floats

    def parts(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        k, m = self.member.shape
        return values[:k], values[k : k + m], values[k + m :]

    def implied(self, values: Floats) -> Floats:
        loadings, general, residuals = self.parts(values)
        return np.asarray(np.outer(loadings, loadings) * self._between(general) + np.diag(residuals))

    def directions(self, values: Floats) -> tuple[Floats, Floats]:
        loadings, general, _ = self.parts(values)
        own = self.member * loadings[:, None]
        one = np.eye(len(loadings))
        others = (own @ general)[:, None] - own * general
        return (
            np.hstack([one, own, one]),
            np.hstack([loadings[:, None] * self._between(general), others, one / 2]),
        )

    def bend(self, values: Floats, weight: Floats) -> Floats:
        loadings, general, _ = self.parts(values)
        k, m = self.member.shape
        own = self.member * loadings[:, None]
        others = (own @ general)[:, None] - own * general
        bent = np.zeros((len(values), len(values)))
        bent[:k, :k] = 2 * weight * self._between(general)
        across = np.where(self.member > 0, weight @ others, (self.member @ general)[:, None] * (weight @ own))
        bent[:k, k : k + m] = 2 * across
        bent[k : k + m, :k] = 2 * across.T
        bent[k : k + m, k : k + m] = 2 * (own.T @ weight @ own) * (1 - np.eye(m))
        return bent

    def _between(self, general: Floats) -> Floats:
        """Return the correlation of the constructs of each two items, k x k."""
        correlations = np.outer(general, general)
        np.fill_diagonal(correlations, 1.0)
        return np.asarray(self.member @ correlations @ self.member.T)


def _unfit(matrix: Floats, names: list[str], member: Floats) -> str:
    if len(names) < 3:
        return say("a general factor needs three constructs")
    if single := [name for name, size in zip(names, member.sum(axis=0), strict=True) if size < 2]:
        return say("one item does not tell its construct from error: {single}", single=", ".join(single))
    return unfit(matrix)


def _start(correlation: Floats, member: Floats) -> Floats:
    """Return loadings by each item's correlations within its construct, and g by those between constructs."""
    same = member @ member.T - np.eye(len(member))
    within = np.sqrt(np.clip((correlation * same).sum(axis=1) / same.sum(axis=1), 0.09, 0.81))
    common = member.T @ within
    between = (member.T @ correlation @ member) / np.outer(common, common)
    np.fill_diagonal(between, 0.0)
    mean = np.clip(between.sum(axis=1) / (len(between) - 1), 0.04, 0.81)
    return np.concatenate([within, np.sqrt(mean), 1 - within**2])


def _improper(values: Floats, structure: _SecondOrder, names: list[str]) -> str:
    """Say which construct or item the factors take up more than whole; empty if none."""
    _, general, residuals = structure.parts(values)
    constructs = [names[place] for place in np.flatnonzero(general**2 >= 1 - 1e-8).tolist()]
    if constructs:
        return say(
            "a Heywood case: the general factor takes up more than the whole of {constructs}",
            constructs=", ".join(constructs),
        )
    items = (structure.member[residuals <= 1e-8] > 0).argmax(axis=1).tolist()
    homes = ", ".join(dict.fromkeys(names[place] for place in items))
    return (
        say(
            "a Heywood case: the factor takes up more than the whole variance of an item of {homes}",
            homes=homes,
        )
        if homes
        else ""
    )


def _general(
    matrix: Floats, names: list[str], *, structure: _SecondOrder, values: Floats, discrepancy: float
) -> GeneralFactor:
    loadings, general, residuals = structure.parts(values)
    member, total = structure.member, matrix.sum()
    common, by_item = member.T @ loadings, member @ general
    through = float(loadings @ by_item)
    by_value = 2 * through / total * np.concatenate([by_item, common, np.zeros(len(residuals))])
    gradient = by_covariances(structure, values, matrix, by_value=by_value) - through**2 / total**2
    held = structure.implied(values).sum() - residuals.sum()
    sizes, sign = member.sum(axis=0).astype(int), np.where(common < 0, -1.0, 1.0)
    frame = pd.DataFrame(
        {"construct": names, "n_items": sizes, "common": sign * common, "loading": sign * general}
    )
    omega, whole = float(through**2 / total), float(held / total)
    return GeneralFactor(frame, loadings * (member @ sign), omega, whole, gradient, discrepancy)


def _without(names: list[str], member: Floats, note: str) -> GeneralFactor:
    k = len(member)
    frame = pd.DataFrame({"construct": names, "n_items": member.sum(axis=0).astype(int)})
    frame = frame.assign(common=np.nan, loading=np.nan)
    return GeneralFactor(frame, np.full(k, np.nan), np.nan, np.nan, np.full((k, k), np.nan), np.nan, note)


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
        return {**row, "note": say("no item varies in {empty}", empty=", ".join(empty))}
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
    notes = [
        say(
            "left out because all its answers are equal, or there are none: {left_out}",
            left_out=", ".join(left_out),
        )
    ] * bool(left_out)
    return "; ".join([*notes, *[say("an interval needs two companies")] * (companies < 2)])
