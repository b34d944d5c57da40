"""Scores and information of the entries of a model's matrices, from the likelihood's derivatives by the moments."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from analysis.measure.factor_model import FACTOR, INTERCEPT, LOADING, MEAN, Floats, Ints, Moments, Slots
from analysis.measure.normal_likelihood import Block, Evaluation, Sample, fill, inverse, pattern_inverses

CHUNK = 256
"""Patterns whose matrices are summed at once."""
MOST_PAIRS = 1_500
"""Above so many covariances (54 items) one pattern after the other is faster and needs no table of their pairs, which
would take gigabytes for a hundred items."""


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
    v = np.where(loading, p + f + col, np.where(factor, p + col, np.where(mean, 0, col)))
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
    return linear_information(
        at, (part._replace(squares=part.n * part.inverse, sums=0 * part.sums) for part in parts)
    )


def linear_information(at: Directions, parts: Iterable[Block]) -> Floats:
    """Return minus the second derivatives of the log-likelihood by entries in which the moments are linear.

    The observed information is this less `curvature`.
    """
    size = len(at.u)
    found = (_of_one(at, *chunk) if len(chunk) == 1 else _of_many(at, chunk) for chunk in _chunks(parts))
    return sum(found, np.zeros((size, size)))


def _of_one(at: Directions, part: Block) -> Floats:
    """Return the information that one pattern holds."""
    u, v, m = at.u, at.v, at.m
    own = at.basis.T @ part.inverse @ at.basis
    pulled = part.sums @ at.basis
    means = part.n * np.outer(at.a, at.a) * own[np.ix_(m, m)]
    both = own[np.ix_(u, m)] * pulled[v][:, None] + own[np.ix_(v, m)] * pulled[u][:, None]
    both = np.outer(at.c, at.a) * both
    middle = at.basis.T @ (part.squares - part.n / 2 * part.inverse) @ at.basis
    return np.asarray(_crossed(at, own, middle) + means + both + both.T)


def _of_many(at: Directions, parts: Sequence[Block]) -> Floats:
    """Return the information that many patterns hold together."""
    inverses = np.stack([part.inverse for part in parts])
    n, sums = np.array([part.n for part in parts]), np.stack([part.sums for part in parts])
    middles = np.stack([part.squares for part in parts]) - n[:, None, None] / 2 * inverses
    row, col = np.tril_indices(len(at.basis))
    if len(row) <= MOST_PAIRS and len(parts) * len(at.u) ** 2 > len(row) ** 2:
        total = _from_products(at, inverses[:, row, col].T @ middles[:, row, col])
    else:
        total = _one_by_one(at, inverses, middles)
    u, v, m = at.u[:, None], at.v[:, None], at.m
    means = np.outer(at.a, at.a) * _seen(at, np.tensordot(n, inverses, 1))[np.ix_(m, m)]
    seen = _seen(at, np.tensordot(inverses, sums, (0, 0)))
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
    row, col = np.tril_indices(len(at.basis))
    of_items = sum(np.take(products, pair) for pair in _pairs(len(at.basis)))
    of_items = of_items * np.outer(*[np.where(row == col, 0.5, 1.0)] * 2)
    u, v = at.basis[:, at.u], at.basis[:, at.v]
    moved = at.c * (u[row] * v[col] + v[row] * u[col])
    return np.asarray(moved.T @ of_items @ moved)


@lru_cache(maxsize=8)
def _pairs(p: int) -> tuple[Ints, ...]:
    """Return where the four products of lower elements stand that the covariances of every two pairs of items need."""
    row, col = np.tril_indices(p)
    place = np.zeros((p, p), dtype=np.intp)
    place[row, col] = place[col, row] = np.arange(len(row))
    ii, ij, ji, jj = (place[np.ix_(one, other)] for one in (row, col) for other in (row, col))
    pairs = ((ji, ij), (jj, ii), (ii, jj), (ij, ji))
    return tuple(first * len(row) + second for first, second in pairs)


def _one_by_one(at: Directions, inverses: Floats, middles: Floats) -> Floats:
    """Return the sum over patterns of tr(D_k S D_l X) for every two entries k, l, D their directions."""
    pairs = zip(inverses, middles, strict=True)
    found = (_crossed(at, _seen(at, inner), _seen(at, outer)) for inner, outer in pairs)
    return sum(found, np.zeros((len(at.u), len(at.u))))


def _crossed(at: Directions, own: Floats, middle: Floats) -> Floats:
    """Return tr(D_k S D_l X) for every two entries, from S and X over the columns of the basis."""
    uu, vv, uv = np.ix_(at.u, at.u), np.ix_(at.v, at.v), np.ix_(at.u, at.v)
    crossed, crossed_middle = own[uv], middle[uv]
    total = crossed.T * crossed_middle + own[vv] * middle[uu]
    total += own[uu] * middle[vv] + crossed * crossed_middle.T
    return np.asarray(total * np.outer(at.c, at.c))


def curvature(slots: Slots, implied: Moments, found: Evaluation) -> Floats:
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
