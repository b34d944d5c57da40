"""Wild cluster bootstrap with the null imposed: a test of one coefficient that holds with few clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from analysis.explain.covariance import cluster_sums
from analysis.infer.columns import Codes, Floats

DRAWS = 9_999

FEW = 12
"""With fewer clusters than this signs alone take too few values, and Webb's six points stand in their place."""

WEBB = np.sqrt(np.array([1.5, 1.0, 0.5, 0.5, 1.0, 1.5])) * np.array([-1, -1, -1, 1, 1, 1])

CHUNK = 4_000_000
"""Weights drawn at a time, clusters x draws."""

ALPHA = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class WildTest:
    """What the bootstrap says of one coefficient.

    Parameters
    ----------
    p_value
        Of no association.
    low, high
        95% interval: all values that the test does not reject; infinite where it rejects none on that side.
    draws
        Number of vectors of weights; all there are if `complete`.
    complete
        Whether every vector of weights was used, so that chance plays no part.
    points
        "Rademacher" or "Webb".
    """

    p_value: float
    low: float
    high: float
    draws: int
    complete: bool
    points: str


def wild_cluster_test(
    matrix: Floats,
    residuals: Floats,
    clusters: Codes,
    *,
    estimate: float,
    rng: np.random.Generator,
    draws: int = DRAWS,
    points: Literal["Rademacher", "Webb"] | None = None,
) -> WildTest:
    """Test the coefficient of the first column by the wild cluster bootstrap, and invert the test.

    For a value r of the coefficient, residuals of the model that holds it at r are multiplied by one random
    weight a cluster and added to its fitted values; the model is fitted to each such outcome, and the share
    of the t statistics (with clustered errors, CR1) that are as far from zero as that of the data is the p value of r
    (Cameron, Gelbach and Miller, 2008, REStat 90). Every t statistic is a ratio of polynomials in r whose
    coefficients are products of matrices with the weights, so that the interval costs no further draws
    (Roodman, MacKinnon, Nielsen and Webb, 2019, Stata Journal 19).

    Parameters
    ----------
    matrix, residuals
        Rows x terms and one value a row, as they enter least squares: with weights, times their roots; absorbed
        effects, each in one cluster, taken out.
    clusters
        Code of each row's cluster.
    estimate
        Coefficient of the first column.
    rng
        Source of the weights; not used where all vectors of weights are fewer than `draws`.
    draws
        Number of vectors of weights.
    points
        Distribution of the weights: -1 and 1 ("Rademacher"), or the six points of Webb (2023, Canadian Journal
        of Economics 56); by default Webb's with fewer than 12 clusters.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, clusters = rng.normal(size=60), np.repeat(np.arange(15), 4)
    >>> y = 0.5 * x + rng.normal(size=60)
    >>> slope = x @ y / (x @ x)
    >>> test = wild_cluster_test(x[:, None], y - slope * x, clusters, estimate=slope, rng=rng, draws=999)
    >>> test.low < 0.5 < test.high, test.p_value < 0.05
    (True, True)
    """
    groups = int(clusters.max()) + 1
    points = points or ("Webb" if groups < FEW else "Rademacher")
    values = WEBB if points == "Webb" else np.array([-1.0, 1.0])
    complete = len(values) ** groups <= draws
    draws = len(values) ** groups if complete else draws
    null = _Null.of(matrix, residuals, clusters)
    found = [null.drawn(weights) for weights in _weights(values, groups, draws, rng)]
    top, below = (np.concatenate([pair[place] for pair in found], axis=1) for place in (0, 1))
    scale = float(
        np.sqrt((null.own**2).sum()) / null.size
    )  # the standard error but for the correction of CR1

    def p_value(distance: float) -> float:
        powers = np.array([1.0, distance, distance**2])
        spread = np.sqrt(np.maximum(powers @ below, np.finfo(float).tiny))
        beyond = np.abs(powers[:2] @ top) * null.size >= abs(distance) / scale * spread * (1 - 1e-9)
        return float(beyond.mean() if complete else (beyond.sum() + 1) / (draws + 1))

    low, high = (float(estimate - _last_kept(p_value, side * scale)) for side in (1, -1))
    return WildTest(p_value(estimate), low, high, draws, complete, points)


@dataclass(frozen=True, slots=True, eq=False)
class _Null:
    """Sums by cluster out of which the statistics under any null are made.

    With d the regressor less its projection on the other terms, residuals of the model that holds the
    coefficient at ``estimate - distance`` are ``e + distance * d``.
    """

    own: Floats  # clusters: d'e
    lever: Floats  # clusters: d'd
    size: float  # d'd of all
    by_residual: Floats  # terms x clusters: M X'e
    by_regressor: Floats  # terms x clusters: M X'd
    cross: Floats  # clusters x terms: d'X

    @classmethod
    def of(cls, matrix: Floats, residuals: Floats, clusters: Codes) -> "_Null":
        inverse = np.linalg.inv(np.linalg.qr(matrix, mode="r"))
        bread = inverse @ inverse.T
        d = matrix @ bread[:, 0] / bread[0, 0]
        sums = cluster_sums(
            np.column_stack([d * residuals, d * d, matrix * residuals[:, None], matrix * d[:, None]]),
            clusters,
        )
        k = matrix.shape[1]
        cross = sums[:, 2 + k :]
        return cls(sums[:, 0], sums[:, 1], float(d @ d), bread @ sums[:, 2 : 2 + k].T, bread @ cross.T, cross)

    def drawn(self, weights: Floats) -> tuple[Floats, Floats]:
        """Coefficients of the polynomials in the distance, a column a draw.

        Returns the bootstrapped estimate less the null (of degree 1) and the sum of its squared clustered
        scores (of degree 2): a score is ``s v - d'X z``, z what the weighted residuals move all terms by.
        """
        s0, s1, cross = self.own, self.lever, self.cross
        z0, z1 = self.by_residual @ weights, self.by_regressor @ weights
        g0, g1 = (cross * s0[:, None]).T @ weights, (cross * s1[:, None]).T @ weights
        y0, y1 = (cross.T @ cross) @ z0, (cross.T @ cross) @ z1
        squares = np.stack([s0**2, 2 * s0 * s1, s1**2]) @ weights**2
        mixed = [(g0 * z0).sum(axis=0), (g0 * z1 + g1 * z0).sum(axis=0), (g1 * z1).sum(axis=0)]
        fitted = [(z0 * y0).sum(axis=0), 2 * (z0 * y1).sum(axis=0), (z1 * y1).sum(axis=0)]
        return np.stack([z0[0], z1[0]]), squares - 2 * np.stack(mixed) + np.stack(fitted)


def _weights(values: Floats, groups: int, draws: int, rng: np.random.Generator) -> list[Floats]:
    """Vectors of weights, clusters x draws, in pieces that fit in memory; all if there are just so many."""
    if len(values) ** groups == draws:
        return [np.array(list(product(values, repeat=groups))).T]
    size = max(1, CHUNK // groups)
    sizes = [min(size, draws - start) for start in range(0, draws, size)]
    return [values[rng.integers(0, len(values), (groups, size), dtype=np.int8)] for size in sizes]


def _last_kept(p_value: Callable[[float], float], step: float) -> float:
    """Return the distance from the estimate, towards `step`, at which the test begins to reject."""
    inside, outside = 0.0, 2 * step
    while p_value(outside) > ALPHA:
        inside, outside = outside, 2 * outside
        if abs(outside) > 1e6 * abs(step):
            return float(np.copysign(np.inf, step))
    while abs(outside - inside) > 1e-7 * abs(step):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p_value(middle) > ALPHA else (inside, middle)
    return inside
