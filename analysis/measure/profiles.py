"""What sets two profiles apart, and the intervals of it: D2, elevation, scatter, shape and correlations."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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


def intervals(
    first: Floats, second: Floats, drawn: tuple[Floats, Floats], *, level: float
) -> tuple[Floats, Floats, Floats]:
    """Return the measures without what sampling adds, and the ends of their intervals.

    Few respondents make profiles look more different than they are: noise adds to distances and takes from
    correlations. Moments in which the noise adds up are mirrored at the observed ones (the basic bootstrap,
    Davison & Hinkley 1997), so that it is taken off. D2 and shape get a score interval (see `_score_interval`),
    elevation and scatter that of their signed root, folded at 0, correlations that of the mirrored moments.

    Parameters
    ----------
    first, second
        Companies x constructs, observed.
    drawn
        The same of the resamples: resamples x companies x constructs.
    level
        Confidence level, 0 to 1.

    Returns
    -------
    corrected, low, high : ndarray
        Companies x `MEASURES`.
    """
    observed, estimate = profile_moments(first, second), measures_of(profile_moments(first, second))
    moments = profile_moments(*drawn)
    mirrored = 2 * observed - moments
    low, high = _mirrored_interval(mirrored, level)
    resampled = measures_of(moments)
    for at, noise in zip((0, 3), _noise(first, second, *drawn), strict=True):
        low[:, at], high[:, at] = _score_interval(estimate[:, at], resampled[..., at], noise, level)
    return measures_of(mirrored.mean(axis=0)), low, high


def _mirrored_interval(mirrored: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the ends of the intervals from mirrored moments, resamples first.

    Elevation and scatter are squares: their intervals are those of the signed root, folded at 0.
    """
    tails = ((1 - level) / 2, (1 + level) / 2)
    values = measures_of(mirrored)
    low, high = np.quantile(np.where(np.isnan(values), 0.0, values), tails, axis=0)
    under, over = np.quantile(mirrored[..., 3:5], tails, axis=0)
    near = np.where(under * over < 0, 0.0, np.minimum(np.abs(under), np.abs(over)))
    low[..., 1:3], high[..., 1:3] = near**2, np.maximum(np.abs(under), np.abs(over)) ** 2
    return low, high


def _noise(first: Floats, second: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return D2 and shape of what the resamples add to the difference of two profiles."""
    noise = (y - second) - (x - first)
    from_mean = noise - noise.mean(axis=-1, keepdims=True)
    common = first + second
    common = common - common.mean(axis=-1, keepdims=True)
    along = np.einsum("bck,ck->bc", from_mean, common) ** 2
    length = (common**2).sum(axis=-1)
    along = np.where(length > 0, along / np.where(length > 0, length, 1.0), 0.0)
    return (noise**2).sum(axis=-1), (from_mean**2).sum(axis=-1) - along


def _score_interval(value: Floats, drawn: Floats, noise: Floats, level: float) -> tuple[Floats, Floats]:
    """Return Wilson's interval of a squared distance t, whose estimate has mean t + B and variance a + b t.

    B and a are mean and variance of the distance that noise alone makes, b is what the variance of the resamples
    has above a for each unit of distance.
    """
    z = stats.norm.ppf((1 + level) / 2)
    above, a = value - noise.mean(axis=0), noise.var(axis=0)
    b = np.maximum(drawn.var(axis=0) - a, 0.0) / np.where(value > 0, value, np.inf)
    centre = above + z**2 * b / 2
    reach = z * np.sqrt(np.maximum(a + b * above + z**2 * b**2 / 4, 0.0))
    return np.maximum(centre - reach, 0.0), np.maximum(centre + reach, 0.0)
