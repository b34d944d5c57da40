"""Scores and information of the entries of a model's matrices, from the likelihood's derivatives by the moments."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from analysis.measure.factor_model import FACTOR, INTERCEPT, LOADING, MEAN, Floats, Ints, Moments, Slots
from analysis.measure.normal_likelihood import Block, Evaluation, Sample, fill, inverse, pattern_inverses

CHUNK = 256
"""Patterns whose matrices are summed at once."""


class Directions(NamedTuple):
    """Derivatives of the moments: covariance by ``c (u v' + v u')``, means by ``a m``.

    u, v and m are columns of `basis` (items x columns), here their numbers.
    """

    basis: Floats
    u: Ints
    v: Ints
    c: Floats
    m: Ints
    a: Floats


def directions(slots: Slots, implied: Moments) -> Directions:
    """Return how the moments of a group change with each of its entries."""
    p, f = implied.loadings.shape
    basis = np.hstack([np.eye(p), implied.loadings, implied.loadings @ implied.factors])
    kind, row, col = slots.kind, slots.row, slots.col
    factor, loading, mean = kind == FACTOR, kind == LOADING, kind == MEAN
    u = np.where(factor, p + row, np.where(mean, 0, row))
    v = np.select([loading, factor], [p + f + col, p + col], np.where(mean, 0, col))
    moves = ~(mean | (kind == INTERCEPT))
    halves = moves & ~loading & (row == col)
    a = np.where(mean | (kind == INTERCEPT), 1.0, 0.0)
    if f:
        a[loading] = implied.factor_means[col[loading]]
    return Directions(basis, u, v, np.where(halves, 0.5, moves * 1.0), np.where(mean, p + row, row), a)


def gradient(at: Directions, found: Evaluation) -> Floats:
    """Return the derivative of the log-likelihood by each entry."""
    squares, sums = at.basis.T @ found.squares @ at.basis, found.sums @ at.basis
    return np.asarray(at.c * squares[at.u, at.v] + at.a * sums[at.m])


def expected_information(at: Directions, parts: Iterator[Block]) -> Floats:
    """Return the expected information of a group's entries, given who answered what."""
    return _information(
        at, (part._replace(squares=part.n * part.inverse, sums=0 * part.sums) for part in parts)
    )


def observed_information(
    slots: Slots, implied: Moments, parts: Iterator[Block], found: Evaluation, *, curved: bool = True
) -> Floats:
    """Return minus the matrix of second derivatives of the log-likelihood by a group's entries.

    Without what comes of the moments being curved in the entries where `curved` is false.
    """
    total = _information(directions(slots, implied), parts)
    return total - _curvature(slots, implied, found) if curved else total


def _information(at: Directions, parts: Iterable[Block]) -> Floats:
    """Return minus the second derivatives for moments that are linear in the entries."""
    p, size = len(at.basis), len(at.u)
    total, weighted, mixed = np.zeros((size, size)), np.zeros((p, p)), np.zeros((p, p, p))
    row, col = np.tril_indices(p)
    products: Floats | None = None
    for chunk in _chunks(parts):
        inverses = np.stack([part.inverse for part in chunk])
        n, sums = np.array([part.n for part in chunk]), np.stack([part.sums for part in chunk])
        middles = np.stack([part.squares for part in chunk]) - n[:, None, None] / 2 * inverses
        weighted += np.tensordot(n, inverses, 1)
        mixed += np.tensordot(inverses, sums, (0, 0))
        if len(chunk) * size**2 > len(row) ** 2:
            flat = inverses[:, row, col].T @ middles[:, row, col]
            products = flat if products is None else products + flat
        else:
            total += _one_by_one(at, inverses, middles)
    if products is not None:
        total += _from_products(at, products)
    u, v, m = at.u[:, None], at.v[:, None], at.m
    means = np.outer(at.a, at.a) * _seen(at, weighted)[np.ix_(m, m)]
    seen = _seen(at, mixed)
    both = at.c[:, None] * at.a * (seen[u, m, v] + seen[v, m, u])
    return np.asarray(total + means + both + both.T)


def _seen(at: Directions, of_items: Floats) -> Floats:
    """Return an array over items as one over the columns of the basis, axis by axis."""
    for _ in range(of_items.ndim):
        of_items = np.tensordot(of_items, at.basis, (0, 0))
    return of_items


def _chunks(parts: Iterable[Block]) -> Iterator[list[Block]]:
    chunk: list[Block] = []
    for part in parts:
        chunk.append(part)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _from_products(at: Directions, products: Floats) -> Floats:
    """Return what `_one_by_one` does, from sums over patterns of products of the lower elements of S and of X.

    First for the covariance of every two items, then for the entries, which move these covariances.
    """
    p = len(at.basis)
    row, col = np.tril_indices(p)
    place = np.zeros((p, p), dtype=np.intp)
    place[row, col] = place[col, row] = np.arange(len(row))
    ii, ij, ji, jj = (place[np.ix_(one, other)] for one in (row, col) for other in (row, col))
    pairs = ((ji, ij), (jj, ii), (ii, jj), (ij, ji))
    of_items = sum(np.take(products, first * len(row) + second) for first, second in pairs)
    of_items = of_items * np.outer(*[np.where(row == col, 0.5, 1.0)] * 2)
    u, v = at.basis[:, at.u], at.basis[:, at.v]
    moved = at.c * (u[row] * v[col] + v[row] * u[col])
    return np.asarray(moved.T @ of_items @ moved)


def _one_by_one(at: Directions, inverses: Floats, middles: Floats) -> Floats:
    """Return the sum over patterns of tr(D_k S D_l X) for every two entries k, l, D their directions."""
    u, v = at.u, at.v
    uu, vv, uv = np.ix_(u, u), np.ix_(v, v), np.ix_(u, v)
    total = np.zeros((len(u), len(u)))
    for inner, outer in zip(inverses, middles, strict=True):
        own, middle = _seen(at, inner), _seen(at, outer)
        crossed, crossed_middle = own[uv], middle[uv]
        total += crossed.T * crossed_middle + own[vv] * middle[uu]
        total += own[uu] * middle[vv] + crossed * crossed_middle.T
    return np.asarray(total * np.outer(at.c, at.c))


def _curvature(slots: Slots, implied: Moments, found: Evaluation) -> Floats:
    """Return what the second derivatives of the moments add to those of the log-likelihood."""
    kind, row, col = slots.kind, slots.row, slots.col
    load, factor, mean = (np.flatnonzero(kind == k) for k in (LOADING, FACTOR, MEAN))
    total = np.zeros((len(kind), len(kind)))
    if not len(load):
        return total
    item, own = row[load], col[load]
    total[np.ix_(load, load)] = implied.factors[np.ix_(own, own)] * found.squares[np.ix_(item, item)]
    pulled = found.squares @ implied.loadings
    g, h = row[factor], col[factor]
    cross = (own[:, None] == g) * pulled[np.ix_(item, h)] + (own[:, None] == h) * pulled[np.ix_(item, g)]
    cross = cross * np.where(g == h, 0.5, 1.0)
    means = (own[:, None] == row[mean]) * found.sums[item][:, None]
    for columns, values in ((factor, cross), (mean, means)):
        total[np.ix_(load, columns)] = values
        total[np.ix_(columns, load)] = values.T
    return total


def scores(data: Sample, at: Directions, covariance: Floats, mean: Floats) -> Floats:
    """Return the derivative of each respondent's log-likelihood by each entry, in the order of `data.rows`."""
    precision = inverse(covariance)
    z = fill(data, precision, mean)[0] @ precision @ at.basis
    constants = np.empty((len(data.missing), len(at.u)))
    for start, own in pattern_inverses(precision, data.missing):
        seen = at.basis.T @ own @ at.basis
        constants[start : start + len(own)] = seen[:, at.u, at.v]
    return np.asarray(at.c * (z[:, at.u] * z[:, at.v] - constants[data.pattern]) + at.a * z[:, at.m])
