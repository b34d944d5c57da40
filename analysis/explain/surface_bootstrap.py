"""Surfaces of companies drawn anew: the intervals of what has no standard error worth the name."""

import numpy as np

from analysis.explain.surface_design import SurfaceDesign, quadratic
from analysis.infer.columns import Floats

SINGULAR = 1e-10
"""Directions in which a draw has less than this share of its information have no say in it."""


def drawn_coefficients(design: SurfaceDesign, draws: int, *, rng: np.random.Generator) -> Floats:
    """Return b1 to b5 of surfaces fitted to companies drawn with replacement: draws x 5.

    Companies are drawn whole, with all their waves, so that the draws vary as the clustered errors do
    (Efron and Tibshirani, 1993, An introduction to the bootstrap, ch. 9). A draw is a number of times for
    each company; its normal equations are the sum of the companies' own, so all draws are solved at once.

    Parameters
    ----------
    design
        Without an obstacle.
    draws
        How many.
    rng
        Source of the draws.

    Examples
    --------
    >>> x, y = np.meshgrid(np.arange(4.0), np.arange(4.0))
    >>> made = SurfaceDesign(x=x.ravel(), y=y.ravel(), outcome=(x * y).ravel(), weight=np.ones(16),
    ...                      others=np.ones((16, 1)), companies=np.arange(16), rows=np.arange(16))
    >>> drawn_coefficients(made, 3, rng=np.random.default_rng(1))[:, 3].round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    terms = design.weighted(quadratic(design.x, design.y), design.others)
    outcome = design.weighted(design.outcome)[:, 0]
    # In orthogonal coordinates the normal equations keep their digits, whatever the centring.
    orthogonal, triangular = np.linalg.qr(terms)
    k, groups = terms.shape[1], design.groups
    order = np.argsort(design.companies, kind="stable")
    starts = np.searchsorted(design.companies[order], np.arange(groups))
    joined = np.column_stack([orthogonal, outcome])[order]
    products = np.add.reduceat(joined[:, :k, None] * joined[:, None, :], starts, axis=0)
    times = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(float)
    sums = (times @ products.reshape(groups, -1)).reshape(draws, k, k + 1)
    inverse = np.linalg.pinv(sums[..., :k], rcond=SINGULAR, hermitian=True)
    turned = (inverse @ sums[..., k:])[..., 0]
    return np.asarray(np.linalg.solve(triangular, turned.T).T[:, :5])


def percentile_interval(draws: Floats, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the ends of percentile intervals, draws first; NaN where fewer than half of the draws exist.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0)[:, None])
    (array([2.5]), array([97.5]))
    """
    known = np.isfinite(draws).mean(axis=0) >= 0.5
    ends = np.full((2, draws.shape[1]), np.nan)
    if known.any():
        ends[:, known] = np.nanquantile(draws[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends[0], ends[1]
