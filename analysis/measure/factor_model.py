"""The confirmatory factor model: what is free, fixed or equal between groups, and the moments that it implies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Identification = Literal["marker", "unit variance"]
Crossing = Literal["none", "equal", "free"]

LOADING, FACTOR, RESIDUAL, INTERCEPT, MEAN = range(5)
KINDS = ("loading", "factor covariance", "residual", "intercept", "factor mean")
EQUAL = {"loadings": LOADING, "intercepts": INTERCEPT, "residuals": RESIDUAL}
"""What can be held equal between groups."""


@dataclass(frozen=True, slots=True, eq=False)
class FactorModel:
    """A factor model of simple structure: each item measures one factor, factors correlate.

    Parameters
    ----------
    factors
        Items of each factor. A factor of one item takes it for a perfect measure.
    equal
        What is equal in all groups: "loadings", "intercepts", "residuals".
    released
        Pairs of what and item that stay free although `equal` holds them, e.g. ("loadings", "q3").
    identification
        "marker": the first loading of a factor (the first that is not released) is 1. "unit variance": the
        variance of a factor is 1, in the first group only where loadings are equal.
    means
        Whether item means belong to the model; by default only where there are groups, clusters or, always,
        missing answers, as in lavaan.
    method
        One of `factors` that correlates with no other. It may have no items of its own; its variance is then 1.
    crossing
        How `method` acts on the items of all other factors: not at all, by one loading for all, or by a loading
        of its own for each.

    Examples
    --------
    >>> FactorModel({"trust": ["q1", "q2", "q3"], "goals": ["q4", "q5"]}).items
    ['q1', 'q2', 'q3', 'q4', 'q5']
    """

    factors: Mapping[str, Sequence[str]]
    equal: Sequence[str] = ()
    released: Sequence[tuple[str, str]] = ()
    identification: Identification = "marker"
    means: bool | None = None
    method: str = ""
    crossing: Crossing = "none"

    @property
    def items(self) -> list[str]:
        """The items in the order of their factors."""
        return [item for items in self.factors.values() for item in items]

    @property
    def factor_of(self) -> Ints:
        """The position of the factor that each item measures."""
        sizes = [len(items) for items in self.factors.values()]
        return np.repeat(np.arange(len(sizes)), sizes)

    @property
    def method_at(self) -> int:
        """The position of the method factor, -1 where there is none."""
        return list(self.factors).index(self.method) if self.method else -1


class Slots(NamedTuple):
    """The entries of one group's matrices that are not zero.

    `kind` tells the matrix, `row` and `col` the place in it, `free` the number of the free parameter there (-1:
    fixed at `value`). Entries with the same number are equal.
    """

    kind: Ints
    row: Ints
    col: Ints
    free: Ints
    value: Floats


class Moments(NamedTuple):
    """Loadings, factor covariances and means of a group, and the covariances and means they imply."""

    loadings: Floats
    factors: Floats
    factor_means: Floats
    covariance: Floats
    means: Floats


def layout(model: FactorModel, n_groups: int, *, means: bool) -> list[Slots]:
    """Return the entries of every group's matrices, the free ones numbered from 0.

    Latent means are 0, and free after the first group where intercepts are equal.
    """
    taken: dict[tuple[int, ...], int] = {}
    kind, row, col = _entries(model, means=means)
    fixed_item = _fixed_items(model)
    groups = []
    for group in range(n_groups):
        value, is_fixed = _fixed(model, group, (kind, row, col), fixed_item)
        shared = _crossing(model, kind, row, col) & (model.crossing == "equal")
        keys = [
            (k, -1 if same else r, c, -1 if _held(model, k, r) else group)
            for k, r, c, same in zip(kind.tolist(), row.tolist(), col.tolist(), shared.tolist(), strict=True)
        ]
        free = [-1 if is_fixed[i] else taken.setdefault(keys[i], len(taken)) for i in range(len(keys))]
        groups.append(Slots(kind, row, col, np.array(free, dtype=np.intp), value))
    return groups


def _entries(model: FactorModel, *, means: bool) -> tuple[Ints, Ints, Ints]:
    p, m, factor = len(model.items), len(model.factors), model.factor_of
    row, col = np.tril_indices(m)
    related = (row == col) | ((row != model.method_at) & (col != model.method_at))
    crossed = np.flatnonzero(factor != model.method_at) if model.crossing != "none" else np.zeros(0, int)
    blocks = [
        (LOADING, np.arange(p), factor),
        (LOADING, crossed, np.full(len(crossed), model.method_at)),
        (FACTOR, row[related], col[related]),
        (RESIDUAL, np.arange(p), np.arange(p)),
    ]
    if means:
        blocks += [(INTERCEPT, np.arange(p), np.zeros(p, int)), (MEAN, np.arange(m), np.zeros(m, int))]
    kind = np.concatenate([np.full(len(rows), kind) for kind, rows, _ in blocks])
    return kind, np.concatenate([b[1] for b in blocks]), np.concatenate([b[2] for b in blocks])


def _crossing(model: FactorModel, kind: Ints, row: Ints, col: Ints) -> NDArray[np.bool_]:
    """Tell which entries are loadings of the method factor on items of other factors."""
    at = np.minimum(row, len(model.items) - 1)
    return np.asarray((kind == LOADING) & (col == model.method_at) & (model.factor_of[at] != col))


def _fixed(
    model: FactorModel, group: int, entries: tuple[Ints, Ints, Ints], markers: set[int]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the values of a group's fixed entries, and which are fixed."""
    kind, row, col = entries
    alone = np.bincount(model.factor_of, minlength=len(model.factors)) == 1
    marker = (kind == LOADING) & np.isin(row, list(markers)) & ~_crossing(model, kind, row, col)
    unit = np.zeros(len(kind), bool)
    if model.identification == "unit variance" and not (group and "loadings" in model.equal):
        unit = (kind == FACTOR) & (row == col)
    if model.method and not model.factors[model.method]:
        unit |= (kind == FACTOR) & (row == model.method_at)
    perfect = (kind == RESIDUAL) & alone[model.factor_of[np.minimum(row, len(model.items) - 1)]]
    no_mean = (kind == MEAN) & (group == 0 or "intercepts" not in model.equal)
    return np.where(marker | unit, 1.0, 0.0), marker | unit | perfect | no_mean


def _fixed_items(model: FactorModel) -> set[int]:
    """Return the positions of the marker items."""
    if model.identification == "unit variance":
        return set()
    released = {item for what, item in model.released if what == "loadings"}
    position = {item: i for i, item in enumerate(model.items)}
    return {
        position[next((item for item in items if item not in released), items[0])]
        for items in model.factors.values()
        if items
    }


def _held(model: FactorModel, kind: int, row: int) -> bool:
    """Tell whether an entry is the same in all groups."""
    return any(EQUAL[what] == kind and (what, model.items[row]) not in model.released for what in model.equal)


def moments(slots: Slots, values: Floats, *, n_items: int, n_factors: int) -> Moments:
    """Return what a group's entries imply: Lambda Phi Lambda' + Theta and nu + Lambda alpha.

    Entries at the same place add up.
    """
    loadings = _placed(slots, values, LOADING, (n_items, n_factors))
    factors = _mirrored(_placed(slots, values, FACTOR, (n_factors, n_factors)))
    residuals = _mirrored(_placed(slots, values, RESIDUAL, (n_items, n_items)))
    intercepts = _placed(slots, values, INTERCEPT, (n_items, 1))[:, 0]
    means = _placed(slots, values, MEAN, (n_factors, 1))[:, 0]
    covariance = loadings @ factors @ loadings.T + residuals
    return Moments(loadings, factors, means, covariance, intercepts + loadings @ means)


def _placed(slots: Slots, values: Floats, kind: int, shape: tuple[int, int]) -> Floats:
    """Return the matrix of one kind of entries."""
    at = slots.kind == kind
    place = slots.row[at] * shape[1] + slots.col[at]
    found = np.bincount(place, weights=values[at], minlength=shape[0] * shape[1])
    return np.asarray(found.reshape(shape), dtype=np.float64)


def _mirrored(lower: Floats) -> Floats:
    """Return the symmetric matrix of which each pair of elements is given once."""
    return lower + lower.T - np.diag(np.diag(lower))


def saturated(n_items: int, *, means: bool) -> Slots:
    """Return the entries of the model that leaves every covariance and mean free."""
    row, col = np.tril_indices(n_items)
    kind = np.full(len(row), RESIDUAL)
    if means:
        kind = np.concatenate([kind, np.full(n_items, INTERCEPT)])
        row = np.concatenate([row, np.arange(n_items)])
        col = np.concatenate([col, np.zeros(n_items, int)])
    return Slots(kind, row, col, np.arange(len(kind)), np.zeros(len(kind)))


def independence(n_items: int, *, means: bool) -> Slots:
    """Return the entries of the model that leaves variances and means free, and no covariance."""
    full = saturated(n_items, means=means)
    keep = (full.kind == INTERCEPT) | (full.row == full.col)
    kind, row, col = full.kind[keep], full.row[keep], full.col[keep]
    return Slots(kind, row, col, np.arange(len(kind)), np.zeros(len(kind)))
