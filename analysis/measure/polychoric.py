"""Polychoric correlations: how the traits behind answers in a few ordered categories go together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from survey.language import say

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
LARGEST, STEPS, TOLERANCE = 0.9999, 60, 1e-10
FAR = 38.0
"""A threshold beyond which no normal variable falls."""
BLOCK = 200_000
"""Cells of tables times nodes of the integral held at once, in thousands of numbers: some 100 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Polychoric:
    """Polychoric correlations of items (items x items), thresholds by item, and notes on pairs.

    `pairs` has item, other, correlation, std_error, n, note.
    """

    correlations: pd.DataFrame
    thresholds: pd.DataFrame
    pairs: pd.DataFrame


def polychoric(answers: pd.DataFrame) -> Polychoric:
    """Return the polychoric correlations of ordinal items in two steps (Olsson 1979).

    Thresholds first, from each item's own shares; then the correlation of each two items by maximum
    likelihood, over those who answered both, for all pairs at once.

    Parameters
    ----------
    answers
        Items in columns, any ordered numbers, NaN where missing. Meant for up to some ten categories.

    Returns
    -------
    Polychoric
        Correlations are NaN, with a note, where an item does not vary or nobody answered both. A correlation
        at the limit of 0.9999 is said.

    Notes
    -----
    Agrees with ``lavaan::lavCor(x, ordered = names(x))`` (``missing = "pairwise"``) and
    ``psych::polychoric(x, correct = 0)`` in R. Two items of two categories with an empty cell get 0.5 in it,
    as in lavaan. Errors are of the second step, with thresholds taken as known.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trait = rng.normal(size=(2000, 1)) + rng.normal(size=(2000, 2))
    >>> answers = pd.DataFrame(np.digitize(trait, [-1.0, 0.5]), columns=["a", "b"])
    >>> round(float(polychoric(answers).correlations.loc["a", "b"]), 1)
    0.5
    """
    return polychorics([answers])[0]


def polychorics(tables: Sequence[pd.DataFrame]) -> list[Polychoric]:
    """Return `polychoric` of each table of answers, the pairs of all tables at once: faster for many small ones."""
    counted = [_counted(answers) for answers in tables]
    size = max([2, *(pairs.tables.shape[1] for pairs in counted)])
    able = [pairs.able for pairs in counted]
    wide = [_widened(pairs.tables[own], size) for pairs, own in zip(counted, able, strict=True)]
    limits = [_padded(pairs.cuts, size) for pairs in counted]
    ends = [
        (limit[pairs.first[own]], limit[pairs.second[own]])
        for limit, pairs, own in zip(limits, counted, able, strict=True)
    ]
    empty = np.zeros((0, size + 1))
    rows, cols = (np.concatenate([empty, *(end[side] for end in ends)]) for side in (0, 1))
    found = _correlations(np.concatenate([np.zeros((0, size, size)), *wide]), rows, cols)
    at = np.cumsum([int(own.sum()) for own in able])[:-1]
    parts = zip(*(np.split(values, at) for values in found), strict=True)
    return [_result(pairs, *part) for pairs, part in zip(counted, parts, strict=True)] if counted else []


class _Pairs(NamedTuple):
    """The items of one table, and the counts of the answers to each two: pairs x categories x categories."""

    names: list[str]
    codes: Ints
    sizes: Ints
    cuts: list[Floats]
    first: Ints
    second: Ints
    tables: Floats
    able: NDArray[np.bool_]


def _counted(answers: pd.DataFrame) -> _Pairs:
    names, codes, sizes = _coded(answers)
    cuts = [_thresholds(column, size) for column, size in zip(codes.T, sizes, strict=True)]
    first, second = np.triu_indices(len(names), 1)
    tables = _tables(codes, sizes, first, second)
    able = np.minimum(sizes[first], sizes[second]) > 1
    return _Pairs(names, codes, sizes, cuts, first, second, tables, able & (tables.sum(axis=(1, 2)) > 0))


def _widened(tables: Floats, size: int) -> Floats:
    """Return tables with empty categories at the end, so that all are of one size."""
    more = size - tables.shape[1]
    return np.pad(tables, ((0, 0), (0, more), (0, more)))


def _result(pairs: _Pairs, correlations: Floats, errors: Floats) -> Polychoric:
    names, first, second, able = pairs.names, pairs.first, pairs.second, pairs.able
    rho, error = np.full(len(first), np.nan), np.full(len(first), np.nan)
    rho[able], error[able] = correlations, errors
    matrix = np.eye(len(names))
    matrix[first, second] = matrix[second, first] = rho
    matrix[np.diag_indices(len(names))] = np.where(pairs.sizes > 1, 1.0, np.nan)
    columns = {"item": [names[a] for a in first], "other": [names[b] for b in second]}
    counted = {"correlation": rho, "std_error": error, "n": _together(pairs.codes, first, second)}
    notes = _notes(names, pairs.sizes, zip(first, second, strict=True), rho)
    return Polychoric(
        pd.DataFrame(matrix, index=pd.Index(names), columns=pd.Index(names)),
        _threshold_table(names, pairs.cuts),
        pd.DataFrame(columns | counted | {"note": notes}),
    )


def _coded(answers: pd.DataFrame) -> tuple[list[str], Ints, Ints]:
    """Return names, categories numbered from 0 (-1 missing), and how many each item has."""
    values = answers.to_numpy(dtype=np.float64)
    codes, sizes = np.full(values.shape, -1, dtype=np.intp), np.zeros(values.shape[1], dtype=np.intp)
    for number, column in enumerate(values.T):
        present = ~np.isnan(column)
        levels, codes[present, number] = np.unique(column[present], return_inverse=True)
        sizes[number] = len(levels)
    return list(answers.columns), codes, sizes


def _thresholds(codes: Ints, size: int) -> Floats:
    counts = np.bincount(codes[codes >= 0], minlength=max(size, 1))
    return np.asarray(special.ndtri(np.cumsum(counts)[:-1] / max(counts.sum(), 1)))


def _padded(cuts: Sequence[Floats], size: int) -> Floats:
    """Return each item's category limits, the last repeated beyond its own: categories without width."""
    limits = np.full((len(cuts), size + 1), FAR)
    limits[:, 0] = -FAR
    for row, own in zip(limits, cuts, strict=True):
        row[1 : len(own) + 1] = own
    return limits


def _tables(codes: Ints, sizes: Ints, first: Ints, second: Ints) -> Floats:
    """Return the table of each two items: pairs x categories x categories."""
    size = max([*sizes.tolist(), 2])
    indicator = (codes[:, :, None] == np.arange(size)).astype(np.float64)
    flat = indicator.reshape(len(codes), codes.shape[1] * size)
    cross = (flat.T @ flat).reshape(codes.shape[1], size, codes.shape[1], size)
    tables = cross[first, :, second, :]
    empty = (sizes[first] == 2) & (sizes[second] == 2) & (tables[:, :2, :2] == 0).any(axis=(1, 2))
    tables[empty] = np.stack([_filled(table) for table in tables[empty]]) if empty.any() else tables[empty]
    return np.asarray(tables)


def _filled(table: Floats) -> Floats:
    """Return a two by two table with 0.5 in its empty cells, taken from and given to the others."""
    own = table[:2, :2]
    after = table.copy()
    if (own == 0).sum() == 1:
        on_main = own[0, 0] == 0 or own[1, 1] == 0
        after[:2, :2] += 0.5 * np.array([[1, -1], [-1, 1]]) * (1 if on_main else -1)
    return after


def _together(codes: Ints, first: Ints, second: Ints) -> Ints:
    present = (codes >= 0).astype(np.float64)
    return np.asarray((present.T @ present)[first, second], dtype=np.intp)


def _correlations(tables: Floats, rows: Floats, cols: Floats) -> tuple[Floats, Floats]:
    """Return the likeliest correlation of each table and its standard error, in blocks of pairs."""
    block = max(1, BLOCK * 1000 // (tables[0].size * len(NODES))) if len(tables) else 1
    parts = [
        _block(tables[i : i + block], rows[i : i + block], cols[i : i + block])
        for i in range(0, len(tables), block)
    ]
    found = [np.concatenate(part) for part in zip(*parts, strict=True)] or [np.zeros(0), np.zeros(0)]
    return found[0], found[1]


def _block(tables: Floats, rows: Floats, cols: Floats) -> tuple[Floats, Floats]:
    """Return correlations by Fisher scoring on the inverse hyperbolic tangent, where steps stay inside."""
    rho = np.clip(_product_moment(tables), -0.9, 0.9)
    n, moving = tables.sum(axis=(1, 2)), np.arange(len(tables))
    for _ in range(STEPS):
        before = rho[moving]
        slope, information = _score(tables[moving], rows[moving], cols[moving], before)
        # Where nothing can be learnt of a correlation any more, it stays.
        full = np.divide(slope, n[moving] * information, out=np.zeros_like(before), where=information > 0)
        step = np.clip(full / (1 - before**2), -1.0, 1.0)
        rho[moving] = np.clip(np.tanh(np.arctanh(before) + step), -LARGEST, LARGEST)
        moving = moving[np.abs(rho[moving] - before) >= TOLERANCE]
        if not len(moving):
            break
    known = n * _score(tables, rows, cols, rho)[1]
    return rho, np.divide(1, np.sqrt(known), out=np.full(len(rho), np.nan), where=known > 0)


def _product_moment(tables: Floats) -> Floats:
    """Return the correlations of the category numbers."""
    n, k = tables.sum(axis=(1, 2)), np.arange(tables.shape[1])
    share = tables / n[:, None, None]
    x, y = share.sum(axis=2), share.sum(axis=1)
    mx, my = x @ k, y @ k
    cov = np.einsum("pij,i,j->p", share, k, k) - mx * my
    spread = (x @ k**2 - mx**2) * (y @ k**2 - my**2)
    return np.asarray(cov / np.sqrt(np.where(spread > 0, spread, 1.0)))


def _score(tables: Floats, rows: Floats, cols: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """Return the slope of each log-likelihood by the correlation, and the information of one respondent."""
    h, k = np.broadcast_arrays(rows[:, :, None], cols[:, None, :])
    cell = np.maximum(_cells(_normal_cdf(h, k, rho)), 1e-300)
    change = _cells(_density(h, k, rho))
    change = np.where(cell > 1e-290, change, 0.0)
    return np.sum(tables * change / cell, axis=(1, 2)), np.sum(change**2 / cell, axis=(1, 2))


def _cells(corners: Floats) -> Floats:
    """Return differences over categories of values at their limits."""
    return np.diff(np.diff(corners, axis=1), axis=2)


def _density(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return the bivariate normal density, the derivative of the distribution by the correlation."""
    r = rho[:, None, None]
    exponent = (h**2 - 2 * r * h * k + k**2) / (2 * (1 - r**2))
    return np.asarray(np.exp(-exponent) / (2 * np.pi * np.sqrt(1 - r**2)))


def _normal_cdf(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return the bivariate normal distribution function (Drezner & Wesolowsky 1990)."""
    half = np.arcsin(rho) / 2
    angle = half[:, None] * (1 + NODES)
    total = np.zeros(h.shape)
    for node, weight in enumerate(WEIGHTS):
        sine = np.sin(angle[:, node])[:, None, None]
        exponent = (h**2 + k**2 - 2 * h * k * sine) / (2 * (1 - sine**2))
        total += weight * np.exp(-exponent)
    return np.asarray(special.ndtr(h) * special.ndtr(k) + total * half[:, None, None] / (2 * np.pi))


def _threshold_table(names: Sequence[str], cuts: Sequence[Floats]) -> pd.DataFrame:
    rows = [
        {"item": name, "threshold": number + 1, "estimate": value}
        for name, own in zip(names, cuts, strict=True)
        for number, value in enumerate(own)
    ]
    return pd.DataFrame(rows, columns=["item", "threshold", "estimate"])


def _notes(names: Sequence[str], sizes: Ints, pairs: Iterable[tuple[int, int]], rho: Floats) -> list[str]:
    notes = []
    for (a, b), value in zip(pairs, rho, strict=True):
        constant = [str(names[i]) for i in (a, b) if sizes[i] < 2]
        if constant:
            notes.append(say("no two different answers to {constant}", constant=", ".join(constant)))
        elif np.isnan(value):
            notes.append(say("nobody answered both"))
        else:
            notes.append(say("at its limit: answers go together completely") if abs(value) >= LARGEST else "")
    return notes
