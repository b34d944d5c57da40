"""Where the data lie under a surface: on which side of agreement, inside which outline, along which lines."""

import numpy as np
import pandas as pd
from scipy.spatial import ConvexHull

from analysis.explain.surface_design import SurfaceDesign
from analysis.infer.columns import Floats

APART = 0.5
"""Standard deviations of difference from which two scores count as different (Shanock et al., 2010)."""

ENOUGH = 0.1
"""Share of companies that must lie on each side for a line across agreement to rest on data."""

SIDES = ("agree", "x higher", "y higher")


def sides_of_agreement(design: SurfaceDesign) -> pd.DataFrame:
    """Count who agrees, ``|z_x - z_y| <= 0.5`` with both scores standardised, and who differs which way.

    (Shanock, Baran, Gentry, Pattison and Heggestad, 2010, Journal of Business and Psychology 25.) As each score
    is measured from its own mean, companies can differ here although one of their scores is always the
    higher one; ``raw`` counts the scores as they are.

    Returns
    -------
    DataFrame
        ``side`` (`SIDES`), ``n`` rows, ``share`` and ``raw``, both 0-1: without the allowance of half a standard
        deviation in ``raw``, where to agree is to be equal.

    Examples
    --------
    >>> made = SurfaceDesign(x=np.array([0.0, 1.0, 2.0]), y=np.array([2.0, 1.0, 0.0]), origin=(50.0, 50.0))
    >>> sides_of_agreement(made)["n"].tolist()
    [1, 1, 1]
    """
    x, y = design.x, design.y
    apart = x / x.std(ddof=1) - x.mean() / x.std(ddof=1) - (y - y.mean()) / y.std(ddof=1)
    raw = (x - y) + (design.origin[0] - design.origin[1])
    counts = [np.abs(apart) <= APART, apart > APART, apart < -APART]
    signs = [raw == 0, raw > 0, raw < 0]
    return pd.DataFrame(
        {
            "side": SIDES,
            "n": [int(found.sum()) for found in counts],
            "share": [float(found.mean()) for found in counts],
            "raw": [float(found.mean()) for found in signs],
        }
    )


def outline(x: Floats, y: Floats) -> Floats:
    """Return the corners of the convex hull of points, counter-clockwise: corners x 2.

    Examples
    --------
    >>> len(outline(np.array([0.0, 2.0, 1.0, 1.0]), np.array([0.0, 0.0, 2.0, 0.5])))
    3
    """
    points = np.column_stack([x, y])
    return np.asarray(points[ConvexHull(points).vertices])


def inside(corners: Floats, points: Floats) -> "np.typing.NDArray[np.bool_]":
    """Tell which points (rows x 2) lie within a convex outline or on it.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> inside(square, np.array([[0.5, 0.5], [1.0, 0.2], [1.5, 0.5]])).tolist()
    [True, True, False]
    """
    normals, limits = _half_planes(corners)
    return np.asarray((points @ normals.T <= limits + 1e-9 * np.abs(corners).max()).all(axis=1))


def reach(
    corners: Floats, through: tuple[float, float], direction: tuple[float, float]
) -> tuple[float, float]:
    """Return from where to where a line lies within a convex outline, in steps of `direction`; NaN if it misses it.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> reach(square, (0.5, 0.5), (1.0, -1.0))
    (-0.5, 0.5)
    """
    normals, limits = _half_planes(corners)
    speed, room = normals @ np.array(direction), limits - normals @ np.array(through)
    along = np.abs(speed) < 1e-12
    if (along & (room < 0)).any():
        return (np.nan, np.nan)
    steps = room[~along] / speed[~along]
    low = float(np.max(steps[speed[~along] < 0], initial=-np.inf))
    high = float(np.min(steps[speed[~along] > 0], initial=np.inf))
    return (low, high) if low <= high else (np.nan, np.nan)


def _half_planes(corners: Floats) -> tuple[Floats, Floats]:
    """Outward normals of the edges of a counter-clockwise outline, and how far it reaches along each."""
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.column_stack([edges[:, 1], -edges[:, 0]])
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    return normals, (normals * corners).sum(axis=1)
