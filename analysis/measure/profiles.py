"""What sets two profiles apart: D2, elevation, scatter, shape and correlations."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEASURES = ("d2", "elevation", "scatter", "shape", "profile_r", "profile_icc")


def profile_moments(first: Floats, second: Floats) -> Floats:
    """Return what the measures are made of, for profiles x and y over the last axis.

    Returns
    -------
    ndarray
        In a new last axis: the sums of squares of x and of y about their own means, and of their products; the
        roots of elevation and of scatter with their signs, ``sqrt(k) (mean y - mean x)`` and ``s_y - s_x``; and
        their squares.
    """
    k = first.shape[-1]
    mean_x, mean_y = first.mean(axis=-1), second.mean(axis=-1)
    x, y = first - mean_x[..., None], second - mean_y[..., None]
    sums = [np.einsum("...k,...k->...", a, b) for a, b in ((x, x), (y, y), (x, y))]
    # Equal values leave sums of squares of rounding error.
    floors = [1e-24 * k * mean**2 for mean in (mean_x, mean_y)]
    square_x, square_y = (np.where(s <= floor, 0.0, s) for s, floor in zip(sums, floors, strict=False))
    height, spread = np.sqrt(k) * (mean_y - mean_x), np.sqrt(square_y) - np.sqrt(square_x)
    return np.stack([square_x, square_y, sums[2], height, spread, height**2, spread**2], axis=-1)


def measures_of(moments: Floats) -> Floats:
    """Return `MEASURES` from `profile_moments`; correlations are NaN where a profile does not vary."""
    square_x, square_y, product, _, _, elevation, scatter = np.moveaxis(moments, -1, 0)
    size = np.sqrt(np.maximum(square_x, 0.0) * np.maximum(square_y, 0.0))
    apart = square_x + square_y - 2 * product
    total = square_x + square_y + elevation / 2
    distances = [apart + elevation, elevation, scatter, apart - scatter]
    correlations = [
        product / np.where(size > 0, size, np.nan),
        (2 * product - elevation / 2) / np.where(total > 0, total, np.nan),
    ]
    parts = [np.maximum(d, 0.0) for d in distances] + [np.clip(r, -1, 1) for r in correlations]
    return np.stack(parts, axis=-1)
