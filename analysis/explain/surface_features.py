"""What a quadratic surface looks like: slopes and curves along its lines, stationary point, principal axes."""

import numpy as np

from analysis.infer.columns import Floats

SLOPES = ("a1", "a2", "a3", "a4", "a5")
AXES = ("x0", "y0", "p10", "p11", "p20", "p21")

CONTRASTS = np.array(
    [
        [1.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 1.0, 1.0],
        [1.0, -1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, -1.0, 1.0],
        [0.0, 0.0, 1.0, 0.0, -1.0],
    ]
)
"""What makes a1 to a5 of b1 to b5.

Along the line of congruence, y = x, the outcome is ``b0 + a1 x + a2 x^2``; along the line of incongruence,
y = -x, it is ``b0 + a3 x + a4 x^2``; a5 is not zero where the lines of equal outcome are turned against them.
"""


def axes_of(b: Floats) -> Floats:
    """Return stationary point and principal axes of quadratic surfaces (Edwards and Parry, 1993).

    Parameters
    ----------
    b
        b1 to b5 in the last axis.

    Returns
    -------
    ndarray
        `AXES` in the last axis: the point (x0, y0) where the surface is flat; intercept and slope of the first
        principal axis, ``y = p10 + p11 x``, along which the surface bends upwards most or downwards least, and of
        the second, p20 and p21. NaN where they do not exist: b4 is zero, or there is no single flat point.

    Notes
    -----
    Agrees with ``RSA::RSA`` in R.

    Examples
    --------
    >>> axes_of(np.array([0.0, 0.0, -1.0, 2.0, -2.0])).round(3).tolist()
    [0.0, 0.0, 0.0, 0.618, 0.0, -1.618]
    """
    b1, b2, b3, b4, b5 = np.moveaxis(b, -1, 0)
    across = b5 - b3
    root = np.hypot(across, b4)
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = 4 * b3 * b5 - b4**2
        x0, y0 = (b2 * b4 - 2 * b1 * b5) / flat, (b1 * b4 - 2 * b2 * b3) / flat
        # The same slope written two ways: each loses digits where the other keeps them.
        p11 = np.where(across >= 0, (across + root) / b4, b4 / (root - across))
        p21 = np.where(across >= 0, -b4 / (root + across), (across - root) / b4)
        values = np.stack([x0, y0, y0 - p11 * x0, p11, y0 - p21 * x0, p21], axis=-1)
    values[..., 2:][b4 == 0] = np.nan
    return np.asarray(np.where(np.isfinite(values), values, np.nan))
