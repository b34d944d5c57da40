"""The multivariate normal likelihood of answers, some missing: its value, gradient, scores and information.

An answer that is missing leaves the likelihood (full-information maximum likelihood). Respondents with the same
answers missing share a pattern p, whose inverse covariance follows from that of all items, K, by
``S_p = K - K_m (K_mm)^-1 K_m'`` with m the missing items, so that a pattern costs what it misses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from analysis.measure.factor_model import FACTOR, INTERCEPT, LOADING, MEAN, Floats, Ints, Moments, Slots


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The answers of one group, sorted by pattern of missing answers.

    `rows` is n x items with 0 for missing, `pattern` the pattern of each row, `missing` patterns x items,
    `order` the position of each row in the answers as given. `mean` and `covariance` (divisor n) are those of
    the rows; a sample known by them alone has no rows.
    """

    n: int
    mean: Floats
    covariance: Floats
    rows: Floats
    pattern: Ints
    missing: NDArray[np.bool_]
    order: Ints

    @property
    def complete(self) -> bool:
        """Whether nobody misses an answer."""
        return not self.missing.any()

    @property
    def counts(self) -> Ints:
        """Respondents by pattern."""
        return np.bincount(self.pattern, minlength=len(self.missing))


class Evaluation(NamedTuple):
    """Log-likelihood, and its derivatives: `Q` by half the covariance matrix, `w` by the means.

    `Q` is the sum of z z' - S and `w` the sum of z = S (y - mean), over respondents.
    """

    logl: float
    Q: Floats
    w: Floats


class Block(NamedTuple):
    """Respondents of one pattern: n, S, the sum of z z' and the sum of z."""

    n: int
    S: Floats
    R: Floats
    w: Floats


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


def sample(answers: Floats) -> Sample:
    """Return answers (n x items, NaN missing, nobody without an answer) in the order of their patterns."""
    gone = np.isnan(answers)
    keys = np.packbits(gone, axis=1)
    _, first, pattern = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(pattern.ravel(), kind="stable")
    rows = np.where(gone, 0.0, answers)[order]
    mean = rows.mean(axis=0)
    covariance = (rows - mean).T @ (rows - mean) / len(rows)
    return Sample(len(rows), mean, covariance, rows, pattern.ravel()[order], gone[first], order)


def sample_of_moments(covariance: Floats, mean: Floats, *, n: int) -> Sample:
    """Return a sample of n respondents known by its moments alone."""
    p, none = len(mean), np.zeros(0, dtype=np.intp)
    return Sample(n, mean, covariance, np.zeros((0, p)), none, np.zeros((1, p), dtype=bool), none)


def evaluate(data: Sample, covariance: Floats, mean: Floats) -> Evaluation | None:
    """Return the log-likelihood and its derivatives; none where the covariance is not positive definite."""
    try:
        factor = linalg.cholesky(covariance, lower=True)
    except (linalg.LinAlgError, ValueError):
        return None
    n, p = data.n, len(mean)
    K = linalg.cho_solve((factor, True), np.eye(p))
    log_det = 2 * np.log(np.diag(factor)).sum()
    if data.complete:
        d = data.mean - mean
        T = data.covariance + np.outer(d, d)
        logl = -n / 2 * (p * np.log(2 * np.pi) + log_det + np.sum(K * T))
        return Evaluation(logl, n * (K @ T @ K - K), n * K @ d)
    filled, C, extra = fill(data, K, mean)
    z = filled @ K
    answered = n * p - data.missing.sum(axis=1) @ data.counts
    logl = -0.5 * (answered * np.log(2 * np.pi) + n * log_det + extra + np.sum(filled * z))
    return Evaluation(logl, z.T @ z - n * K + K @ C @ K, z.sum(axis=0))


def fill(data: Sample, K: Floats, mean: Floats) -> tuple[Floats, Floats, float]:
    """Return deviations from the mean with missing ones as expected from the others.

    Beside them the sum over respondents of the conditional covariance of what is missing, and of its
    log determinant's part in the likelihood.
    """
    away = np.where(data.missing[data.pattern], 0.0, data.rows - mean)
    C, extra, counts = np.zeros_like(K), 0.0, data.counts
    for patterns, at in _by_number_missing(data):
        K_mm = K[at[:, :, None], at[:, None, :]]
        V = np.linalg.inv(K_mm)
        extra += counts[patterns] @ np.linalg.slogdet(K_mm)[1]
        np.add.at(C, (at[:, :, None], at[:, None, :]), counts[patterns][:, None, None] * V)
        place = np.full(len(counts), -1)
        place[patterns] = np.arange(len(patterns))
        who = np.flatnonzero(place[data.pattern] >= 0)
        own = place[data.pattern[who]]
        pulled = np.take_along_axis(away[who] @ K, at[own], axis=1)
        away[who[:, None], at[own]] = -np.einsum("nij,nj->ni", V[own], pulled)
    return away, C, float(extra)


def _by_number_missing(data: Sample) -> Iterator[tuple[Ints, Ints]]:
    """Give the patterns that miss equally many items, with the numbers of those items."""
    sizes = data.missing.sum(axis=1)
    for size in np.unique(sizes[sizes > 0]):
        patterns = np.flatnonzero(sizes == size)
        yield patterns, np.nonzero(data.missing[patterns])[1].reshape(len(patterns), size)


def blocks(data: Sample, covariance: Floats, mean: Floats) -> Iterator[Block]:
    """Give each pattern's S and sums of z; one block where nothing is missing."""
    K = np.linalg.inv(covariance)
    n = data.n
    if data.complete:
        d = data.mean - mean
        yield Block(n, K, n * K @ (data.covariance + np.outer(d, d)) @ K, n * K @ d)
        return
    z = fill(data, K, mean)[0] @ K
    ends = np.cumsum(data.counts)
    for missing, start, end in zip(data.missing, ends - data.counts, ends, strict=True):
        part = z[start:end]
        yield Block(end - start, pattern_inverse(K, missing), part.T @ part, part.sum(axis=0))


def pattern_inverse(K: Floats, missing: NDArray[np.bool_]) -> Floats:
    """Return the inverse covariance of the items answered, 0 where an item is missing."""
    if not missing.any():
        return K
    return np.asarray(K - K[:, missing] @ np.linalg.solve(K[np.ix_(missing, missing)], K[missing]))


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
    B, b = at.basis.T @ found.Q @ at.basis, found.w @ at.basis
    return np.asarray(at.c * B[at.u, at.v] + at.a * b[at.m])


def expected_information(at: Directions, parts: Iterator[Block]) -> Floats:
    """Return the expected information of a group's entries, given who answered what."""
    total = np.zeros((len(at.u), len(at.u)))
    for n, S, _, _ in parts:
        B = at.basis.T @ S @ at.basis
        total += _covariance_part(at, B, n / 2 * B) + n * _mean_part(at, B)
    return total


def observed_information(
    slots: Slots, implied: Moments, parts: Iterator[Block], found: Evaluation, *, curved: bool = True
) -> Floats:
    """Return minus the matrix of second derivatives of the log-likelihood by a group's entries.

    Without what comes of the moments being curved in the entries where `curved` is false.
    """
    at = directions(slots, implied)
    total = -_curvature(slots, implied, found) if curved else np.zeros((len(at.u), len(at.u)))
    for n, S, R, w in parts:
        B = at.basis.T @ S @ at.basis
        total += _covariance_part(at, B, at.basis.T @ R @ at.basis - n / 2 * B) + n * _mean_part(at, B)
        b = w @ at.basis
        mixed = (B[np.ix_(at.u, at.m)] * b[at.v][:, None] + B[np.ix_(at.v, at.m)] * b[at.u][:, None]) * (
            at.c[:, None] * at.a
        )
        total += mixed + mixed.T
    return total


def _covariance_part(at: Directions, S: Floats, X: Floats) -> Floats:
    """Return tr(D_k S D_l X) for every two entries k, l, with D their derivative of the covariance."""
    uu, vv, uv = np.ix_(at.u, at.u), np.ix_(at.v, at.v), np.ix_(at.u, at.v)
    S_uv, X_uv = S[uv], X[uv]
    total = S_uv.T * X_uv + S[vv] * X[uu] + S[uu] * X[vv] + S_uv * X_uv.T
    return np.asarray(total * np.outer(at.c, at.c))


def _mean_part(at: Directions, S: Floats) -> Floats:
    return np.asarray(S[np.ix_(at.m, at.m)] * np.outer(at.a, at.a))


def _curvature(slots: Slots, implied: Moments, found: Evaluation) -> Floats:
    """Return what the second derivatives of the moments add to those of the log-likelihood."""
    kind, row, col = slots.kind, slots.row, slots.col
    load, factor, mean = (np.flatnonzero(kind == k) for k in (LOADING, FACTOR, MEAN))
    total = np.zeros((len(kind), len(kind)))
    if not len(load):
        return total
    item, own = row[load], col[load]
    total[np.ix_(load, load)] = implied.factors[np.ix_(own, own)] * found.Q[np.ix_(item, item)]
    QL = found.Q @ implied.loadings
    g, h = row[factor], col[factor]
    cross = (own[:, None] == g) * QL[np.ix_(item, h)] + (own[:, None] == h) * QL[np.ix_(item, g)]
    cross = cross * np.where(g == h, 0.5, 1.0)
    means = (own[:, None] == row[mean]) * found.w[item][:, None]
    for columns, values in ((factor, cross), (mean, means)):
        total[np.ix_(load, columns)] = values
        total[np.ix_(columns, load)] = values.T
    return total


def scores(data: Sample, at: Directions, covariance: Floats, mean: Floats) -> Floats:
    """Return the derivative of each respondent's log-likelihood by each entry, in the order of `data.rows`."""
    K = np.linalg.inv(covariance)
    z = fill(data, K, mean)[0] @ K @ at.basis
    constants = np.empty((len(data.missing), len(at.u)))
    for pattern, missing in enumerate(data.missing):
        B = at.basis.T @ pattern_inverse(K, missing) @ at.basis
        constants[pattern] = B[at.u, at.v]
    return np.asarray(at.c * (z[:, at.u] * z[:, at.v] - constants[data.pattern]) + at.a * z[:, at.m])

