"""What answers at random look like: the null distributions that agreement is measured against."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from survey.instrument import Scale

Shape = Literal["uniform", "slight_skew", "moderate_skew", "heavy_skew", "triangular"]

SHAPES: tuple[Shape, ...] = get_args(Shape)
"""Uniform: everybody answers at random. Skewed: everybody is somewhat too kind. Triangular: everybody keeps to the
middle (James, Demaree & Wolf 1984; LeBreton & Senter 2008)."""

FIVE_POINTS: dict[Shape, tuple[float, ...]] = {
    "uniform": (0.2, 0.2, 0.2, 0.2, 0.2),
    "slight_skew": (0.05, 0.15, 0.20, 0.35, 0.25),
    "moderate_skew": (0.0, 0.10, 0.15, 0.40, 0.35),
    "heavy_skew": (0.0, 0.0, 0.10, 0.40, 0.50),
}
"""Shares of the answers on five points, lowest first."""

PRINTED: dict[Shape, tuple[float, ...]] = {
    "slight_skew": (1.34, 1.85, 2.90, 3.47, 5.66, 6.30, 7.31),
    "moderate_skew": (0.90, 1.26, 2.14, 2.79, 4.73, 5.09, 6.32),
    "heavy_skew": (0.44, 0.69, 1.39, 2.35, 3.16, 3.46, 4.02),
    "triangular": (1.32, 1.45, 2.10, 2.81, 3.00, 2.89, 3.32),
}
"""Variances for 5 to 11 points as LeBreton and Senter (2008, table 2) print them."""


def null_variance(scale: Scale, shape: Shape = "uniform") -> float:
    """Return the variance of answers at random, the reference of rwg.

    Uniform: ``(A^2 - 1) / 12`` for A scale points. The others: as printed by LeBreton and Senter (2008) for 5
    to 11 points, else that of `null_shares`. Where answers between the points are allowed (`whole` is false):
    the variance of the density with the same shape, for the uniform ``(max - min)^2 / 12``.

    Parameters
    ----------
    scale
        Its ends, and whether only whole points are allowed.
    shape
        One of `SHAPES`.

    Returns
    -------
    float
        In squared units of the scale.

    Examples
    --------
    >>> null_variance(Scale(min=1, max=5)), null_variance(Scale(min=0, max=12, whole=False))
    (2.0, 12.0)
    >>> null_variance(Scale(min=1, max=7), "slight_skew")
    2.9
    """
    width = scale.max - scale.min
    if not scale.whole:
        return _continuous_variance(shape) * width**2
    points = round(width) + 1
    if shape == "uniform":
        return (points**2 - 1) / 12
    if 5 <= points <= 11:
        return PRINTED[shape][points - 5]
    shares, at = null_shares(points, shape), np.arange(points)
    return float(shares @ at**2 - (shares @ at) ** 2)


def null_shares(points: int, shape: Shape = "uniform") -> NDArray[np.float64]:
    """Return the share of answers at random on each of several points, lowest first.

    Uniform and triangular by their formula. The skewed shapes are published on five points; on others the
    five shares are spread evenly over a fifth of the scale each and counted again per point.

    Examples
    --------
    >>> null_shares(5, "slight_skew").tolist(), null_shares(3, "triangular").tolist()
    ([0.05, 0.15, 0.2, 0.35, 0.25], [0.25, 0.5, 0.25])
    """
    if shape == "triangular":
        rise = np.minimum(np.arange(1, points + 1), np.arange(points, 0, -1)).astype(np.float64)
        return np.asarray(rise / rise.sum())
    if points == 5:
        return np.array(FIVE_POINTS[shape])
    below = np.concatenate([[0.0], np.cumsum(FIVE_POINTS[shape])])
    edges = np.interp(np.linspace(0, 1, points + 1), np.linspace(0, 1, 6), below)
    shares = np.diff(edges)
    return np.asarray(shares / shares.sum())


def _continuous_variance(shape: Shape) -> float:
    """Return the variance on a scale of width 1."""
    if shape == "uniform":
        return 1 / 12
    if shape == "triangular":
        return 1 / 24
    shares, centre = np.array(FIVE_POINTS[shape]), np.linspace(0.1, 0.9, 5)
    return float(shares @ centre**2 - (shares @ centre) ** 2 + 0.2**2 / 12)
