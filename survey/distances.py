"""How a weight changes with the auxiliary variables: linear, raking, logit (Deville and Sarndal 1992)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Bounds = tuple[float, float]

NO_BOUNDS: Bounds = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True)
class Distance:
    """A calibration function and its derivative.

    Parameters
    ----------
    ratio
        Weight after divided by weight before, given ``u = auxiliary @ eta`` and the bounds; 1 at u = 0.
    slope
        Its derivative by u.
    """

    ratio: Callable[[Floats, Bounds], Floats]
    slope: Callable[[Floats, Bounds], Floats]


def _linear(u: Floats, bounds: Bounds) -> Floats:
    return np.asarray(np.clip(1 + u, *bounds), dtype=np.float64)


def _linear_slope(u: Floats, bounds: Bounds) -> Floats:
    return np.asarray((1 + u > bounds[0]) & (1 + u < bounds[1]), dtype=np.float64)


def _raking(u: Floats, bounds: Bounds) -> Floats:
    return np.asarray(np.clip(np.exp(u), *bounds), dtype=np.float64)


def _raking_slope(u: Floats, bounds: Bounds) -> Floats:
    grown = np.exp(u)
    return np.where((grown > bounds[0]) & (grown < bounds[1]), grown, 0.0)


def _logit(u: Floats, bounds: Bounds) -> Floats:
    low, high = bounds
    return low + (high - low) * _between(u, bounds)


def _logit_slope(u: Floats, bounds: Bounds) -> Floats:
    low, high = bounds
    share = _between(u, bounds)
    return share * (1 - share) * (high - low) ** 2 / ((high - 1) * (1 - low))


def _between(u: Floats, bounds: Bounds) -> Floats:
    """Return where between the bounds a ratio lies, from 0 to 1."""
    low, high = bounds
    steep = (high - low) / ((high - 1) * (1 - low))
    return np.asarray(expit(steep * u + np.log((1 - low) / (high - 1))), dtype=np.float64)


DISTANCES = {
    "linear": Distance(_linear, _linear_slope),
    "raking": Distance(_raking, _raking_slope),
    "logit": Distance(_logit, _logit_slope),
}
