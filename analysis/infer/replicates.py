"""Replicate weights: how the weights of clusters change between replicates, and the variance that this gives."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from survey.distances import Bounds, Distance

BLOCK = 4_000_000
"""Weights of rows in replicates that are held at once."""

NEGLIGIBLE = 1e-5
"""A direction of the factors is counted in the degrees of freedom above this share of the largest, as R ``degf``."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalibration:
    """What turns the factors of clusters into weights that meet the totals: ratios, of ``auxiliary @ slopes``.

    Parameters
    ----------
    before
        Weight of each row that the factors multiply.
    auxiliary
        Rows x variables with known totals.
    slopes
        Variables x replicates.
    distance, bounds
        How a ratio comes of ``auxiliary @ slopes``, and within which limits.
    """

    before: Floats
    auxiliary: Floats
    slopes: Floats
    distance: Distance
    bounds: Bounds

    def ratios(self, auxiliary: Floats, which: slice = slice(None)) -> Floats:
        """Ratio of weights after to before of units with these auxiliary values, in some of the replicates."""
        return self.distance.ratio(auxiliary @ self.slopes[:, which], self.bounds)


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Weights of a sample, and the factors that change them in each replicate.

    The variance of a statistic is ``scale * sum_r rscales_r (theta_r - centre)^2``, with theta_r the statistic under
    the weights of replicate r (Wolter, 2007, Introduction to Variance Estimation).

    Parameters
    ----------
    weights
        What each row stands for in the population; a row outside a domain keeps its place with weight 0.
    clusters
        Code of each row's cluster, from 0 without gaps.
    factors
        Clusters x replicates. Rows of a cluster share their factors, so that a thousand replicates of a total
        cost one product of matrices as large as there are clusters.
    scale, rscales
        Scale of all squared deviations, and of those of each replicate.
    kind
        "JK1", "JKn", "BRR", "Fay", "Rao-Wu", "Canty-Davison" or what the study says.
    combined
        Whether the factors hold the weights already (R ``combined.weights``); else they multiply them.
    mse
        Whether the centre is the statistic of the sample; else it is the mean of the replicates.
    recalibration
        How each replicate meets known totals; None where the weights know of none.
    """

    weights: Floats
    clusters: Codes
    factors: Floats
    scale: float
    rscales: Floats
    kind: str
    combined: bool = False
    mse: bool = False
    recalibration: Recalibration | None = None

    @property
    def df(self) -> int:
        """Degrees of freedom: the rank of the replicate weights less one (R ``survey::degf``)."""
        used = np.zeros((len(self.factors), 1), dtype=bool)
        used[self.clusters if self.combined else self.clusters[self.weights > 0]] = True
        return self.df_of(used)[0]

    def df_of(self, clusters: NDArray[np.bool_]) -> list[int]:
        """Degrees of freedom of parts of the population, from which clusters have someone in them.

        Parameters
        ----------
        clusters
            Clusters x parts. A rank is found once for each set of clusters.
        """
        sets, which = np.unique(clusters, axis=1, return_inverse=True)
        ranks = ranks_of_rows(self.factors, sets)
        return [ranks[place] - 1 for place in which.ravel()]

    def domain(self, inside: NDArray[np.bool_]) -> "Replicates":
        """Return the replicates of a part of the population: rows outside keep their place with weight 0.

        Examples
        --------
        >>> ones = np.ones(3)
        >>> jack = Replicates(ones, np.arange(3), 1.5 * (1 - np.eye(3)), 2 / 3, ones, "JK1")
        >>> jack.df, jack.domain(np.array([True, True, False])).df
        (2, 1)
        """
        factors = self.factors * inside[:, None] if self.combined else self.factors
        return replace(self, weights=np.where(inside, self.weights, 0.0), factors=factors)

    @property
    def multiplied(self) -> Floats:
        """What the factors multiply, one number a row; 0 outside a domain."""
        if self.combined:
            return np.ones(len(self.weights))
        return (
            np.where(self.weights > 0, self.recalibration.before, 0.0) if self.recalibration else self.weights
        )

    def of_rows(self, which: slice, rows: Codes | None = None) -> Floats:
        """Weights of rows, all if not said, in some of the replicates: rows x replicates."""
        places = slice(None) if rows is None else rows
        weights = self.factors[self.clusters[places], which] * self.multiplied[places, None]
        if self.recalibration is None:
            return weights
        return weights * self.recalibration.ratios(self.recalibration.auxiliary[places], which)

    def totals(self, values: Floats, rows: Codes) -> Floats:
        """Totals of values of some rows in each replicate: rows x k to replicates x k.

        Examples
        --------
        >>> jack = Replicates(np.ones(2), np.arange(2), 2 * (1 - np.eye(2)), 0.5, np.ones(2), "JK1")
        >>> jack.totals(np.array([[1.0], [3.0]]), np.arange(2)).ravel().tolist()
        [6.0, 2.0]
        """
        if self.recalibration is not None:
            step = max(1, BLOCK // max(len(rows), 1))
            blocks = [slice(first, first + step) for first in range(0, len(self.rscales), step)]
            return np.vstack([self.of_rows(which, rows).T @ values for which in blocks])
        touched, at = np.unique(self.clusters[rows], return_inverse=True)
        weighted = values * self.multiplied[rows, None]
        found: Floats = self.factors[touched].T @ sums(weighted, at, len(touched))
        return found

    def covariance(self, replicated: Floats, sample: Floats) -> Floats:
        """Covariance of statistics: replicates x k and k to k x k.

        A replicate without a value for one of them (no one of a domain is left, say) is not counted.
        """
        known = ~np.isnan(replicated).any(axis=1)
        deviations = self._deviations(replicated[known], sample, self.rscales[known])
        return (
            self.scale * (deviations.T @ deviations) if known.any() else np.full((len(sample),) * 2, np.nan)
        )

    def variance(self, replicated: Floats, sample: Floats) -> Floats:
        """Variance of each statistic: replicates x k and k to k, each from the replicates that have a value."""
        known = ~np.isnan(replicated)
        rscales = np.where(known, self.rscales[:, None], 0.0)
        squares = self._deviations(np.where(known, replicated, 0.0), sample, rscales) ** 2
        return np.where(known.any(axis=0), self.scale * squares.sum(axis=0), np.nan)

    def column_covariances(self, deviations: Floats) -> Floats:
        """Covariance between the columns of a table, estimate by estimate.

        Parameters
        ----------
        deviations
            Replicates x columns x estimates: of each replicate from the sample; NaN where it has no value.

        Examples
        --------
        >>> jack = Replicates(np.ones(2), np.arange(2), 2 * (1 - np.eye(2)), 0.5, np.ones(2), "JK1")
        >>> jack.column_covariances(np.array([[[1.0], [2.0]], [[-1.0], [-2.0]]])).tolist()
        [[[1.0, 2.0], [2.0, 4.0]]]
        """
        flat = deviations.reshape(len(deviations), -1)
        known = ~np.isnan(flat)
        rscales = np.where(known, self.rscales[:, None], 0.0)
        moved = self._deviations(np.where(known, flat, 0.0), np.zeros(flat.shape[1]), rscales)
        wide = np.ascontiguousarray(moved.reshape(deviations.shape).transpose(2, 1, 0))
        found: Floats = self.scale * wide @ wide.transpose(0, 2, 1)
        return found

    def _deviations(self, replicated: Floats, sample: Floats, rscales: Floats) -> Floats:
        """Deviations from the centre times the root of `rscales`, which has one number for each replicate."""
        scales = rscales if rscales.ndim == 2 else rscales[:, None]
        counted = np.broadcast_to(scales > 0, replicated.shape)
        mean = np.where(counted, replicated, 0.0).sum(axis=0) / np.maximum(counted.sum(axis=0), 1)
        return (replicated - (sample if self.mse else mean)) * np.sqrt(scales)


def ranks_of_rows(matrix: Floats, sets: NDArray[np.bool_]) -> list[int]:
    """Count the directions that are not negligible among sets of rows of a matrix.

    Where rows are fewer than columns, it is asked once which rows others determine: a set loses one direction for
    each way to make nothing of its rows alone.

    Parameters
    ----------
    matrix
        Rows x columns.
    sets
        Rows x sets.

    Examples
    --------
    >>> matrix = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]])
    >>> ranks_of_rows(matrix, np.array([[True, True], [True, False], [True, True]]))
    [2, 2]
    """
    if matrix.shape[0] > matrix.shape[1]:
        return [_rank(_smaller(matrix[rows])) for rows in sets.T]
    nothings = _nothings(matrix @ matrix.T)
    # Combinations that need a row outside the set are not its own.
    foreign = [_rank(nothings[:, ~rows] @ nothings[:, ~rows].T) for rows in sets.T]
    return [int(rows.sum()) - len(nothings) + f for rows, f in zip(sets.T, foreign, strict=True)]


def _smaller(matrix: Floats) -> Floats:
    """Product of a matrix with itself, of as many rows as the matrix has rows or columns, whichever are fewer."""
    return matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix


def _rank(product: Floats) -> int:
    """Rank of a product of a matrix with itself."""
    return _factored(product)[2]


def _nothings(product: Floats) -> Floats:
    """Combinations of rows that make nothing, from the product of the rows with themselves: as many x rows."""
    factor, order, found = _factored(product)
    if not found:
        return np.eye(len(product))
    others = np.zeros((len(product), len(product) - found))
    others[:found] = factor[found:, :found].T
    # With ones in their place the rows that others determine stay in the factor, which is solved where it lies.
    factor[found:] = np.eye(len(product))[found:]
    below = blas.dtrsm(1.0, factor, others, lower=1, trans_a=1)[:found].T
    nothings = np.zeros((len(product) - found, len(product)))
    nothings[:, order[:found]] = -below
    nothings[np.arange(len(nothings)), order[found:]] = 1.0
    return nothings


def _factored(product: Floats) -> tuple[Floats, Codes, int]:
    """Cholesky factor with pivots (its lower triangle), their order, how many are not negligible; uses `product` up."""
    largest = float(product.diagonal().max(initial=0.0))
    if largest == 0:
        return np.zeros_like(product), np.arange(len(product)), 0
    tolerance = NEGLIGIBLE**2 * largest
    # A product with itself is its own transpose, which LAPACK can take without a copy.
    factor, order, found, _ = lapack.dpstrf(product.T, tol=tolerance, lower=1, overwrite_a=1)
    return factor, order - 1, int(found)
