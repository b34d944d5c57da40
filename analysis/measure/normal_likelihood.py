"""The multivariate normal likelihood of answers, some missing, and its derivatives by the moments.

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

from analysis.measure.factor_model import Floats, Ints

AT_ONCE = 256
"""Patterns whose matrices are made together."""


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
    """Log-likelihood and its derivatives: `squares` by half the covariance matrix, `sums` by the means.

    `squares` is the sum of z z' - S over respondents and `sums` that of z = S (y - mean).
    """

    logl: float
    squares: Floats
    sums: Floats


class Block(NamedTuple):
    """Respondents of one pattern: n, S, the sum of z z' and the sum of z."""

    n: int
    inverse: Floats
    squares: Floats
    sums: Floats


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
    precision = linalg.cho_solve((factor, True), np.eye(p))
    log_det = 2 * np.log(np.diag(factor)).sum()
    if data.complete:
        away = data.mean - mean
        about = data.covariance + np.outer(away, away)
        logl = -n / 2 * (p * np.log(2 * np.pi) + log_det + np.sum(precision * about))
        return Evaluation(logl, n * (precision @ about @ precision - precision), n * precision @ away)
    filled, unseen, extra = fill(data, precision, mean)
    z = filled @ precision
    answered = n * p - data.missing.sum(axis=1) @ data.counts
    logl = -0.5 * (answered * np.log(2 * np.pi) + n * log_det + extra + np.sum(filled * z))
    squares = z.T @ z - n * precision + precision @ unseen @ precision
    return Evaluation(logl, squares, z.sum(axis=0))


def fill(data: Sample, precision: Floats, mean: Floats) -> tuple[Floats, Floats, float]:
    """Return deviations from the mean with missing ones as expected from the others.

    Beside them the sum over respondents of the conditional covariance of what is missing, and of its
    log determinant's part in the likelihood.
    """
    away = np.where(data.missing[data.pattern], 0.0, data.rows - mean)
    unseen, extra, counts = np.zeros_like(precision), 0.0, data.counts
    for patterns, at in _by_number_missing(data.missing):
        own_precision = precision[at[:, :, None], at[:, None, :]]
        own_covariance = np.linalg.inv(own_precision)
        extra += counts[patterns] @ np.linalg.slogdet(own_precision)[1]
        weighted = counts[patterns][:, None, None] * own_covariance
        np.add.at(unseen, (at[:, :, None], at[:, None, :]), weighted)
        place = np.full(len(counts), -1)
        place[patterns] = np.arange(len(patterns))
        who = np.flatnonzero(place[data.pattern] >= 0)
        own = place[data.pattern[who]]
        pulled = np.take_along_axis(away[who] @ precision, at[own], axis=1)
        away[who[:, None], at[own]] = -np.einsum("nij,nj->ni", own_covariance[own], pulled)
    return away, unseen, float(extra)


def _by_number_missing(missing: NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
    """Give the patterns that miss equally many items, with the numbers of those items."""
    sizes = missing.sum(axis=1)
    for size in np.unique(sizes[sizes > 0]):
        patterns = np.flatnonzero(sizes == size)
        yield patterns, np.nonzero(missing[patterns])[1].reshape(len(patterns), size)


def blocks(data: Sample, covariance: Floats, mean: Floats) -> Iterator[Block]:
    """Give each pattern's S and sums of z; one block where nothing is missing."""
    precision, n = inverse(covariance), data.n
    if data.complete:
        away = data.mean - mean
        about = data.covariance + np.outer(away, away)
        yield Block(n, precision, n * precision @ about @ precision, n * precision @ away)
        return
    z = fill(data, precision, mean)[0] @ precision
    ends = np.cumsum(data.counts)
    for first, inverses in pattern_inverses(precision, data.missing):
        for pattern, own in enumerate(inverses, start=first):
            part = z[ends[pattern] - data.counts[pattern] : ends[pattern]]
            yield Block(len(part), own, part.T @ part, part.sum(axis=0))


def pattern_inverses(precision: Floats, missing: NDArray[np.bool_]) -> Iterator[tuple[int, Floats]]:
    """Give the inverse covariances of the items that each pattern answered, 0 where an item is missing.

    So many patterns at a time, as a stack with the number of its first pattern.
    """
    for first in range(0, len(missing), AT_ONCE):
        part = missing[first : first + AT_ONCE]
        found = np.repeat(precision[None], len(part), axis=0)
        for patterns, at in _by_number_missing(part):
            own = precision[at]
            taken = np.linalg.solve(precision[at[:, :, None], at[:, None, :]], own)
            found[patterns] -= own.transpose(0, 2, 1) @ taken
        yield first, found


def inverse(covariance: Floats) -> Floats:
    """Return the inverse of a covariance matrix."""
    return np.asarray(np.linalg.inv(covariance), dtype=np.float64)
