"""How unequal weights are, what that costs, and extreme weights cut with what is cut spread over the others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.problems import Problem, raise_if_any

Floats = NDArray[np.float64]

ROUNDS = 1000


class Trimmed(NamedTuple):
    """Weights within limits, the rows that were cut to the upper and raised to the lower, and the rounds it took."""

    weights: Floats
    cut: NDArray[np.bool_]
    raised: NDArray[np.bool_]
    rounds: int


def trim_weights(
    weights: ArrayLike, *, lower: float = -np.inf, upper: float = np.inf, strict: bool = False
) -> Trimmed:
    """Cut weights to limits and spread what is cut evenly over the others, so that the sum stays.

    Parameters
    ----------
    weights
        Weight of each row.
    lower, upper
        The limits, in units of the weights.
    strict
        Repeat until what is spread pushes no weight beyond the limits.

    Raises
    ------
    InputError
        If lower is above upper, or the limits leave no room for the sum of the weights.

    Notes
    -----
    Agrees with R ``survey::trimWeights(design, upper, lower, strict)``, but where every weight is beyond a limit: R
    loses what is cut then, here those take it that have room. Margins that were met before are met no
    longer.

    Examples
    --------
    >>> trim_weights([1.0, 1.0, 2.0, 8.0], upper=5.0).weights.tolist()
    [2.0, 2.0, 3.0, 5.0]
    """
    w = np.asarray(weights, dtype=float)
    raise_if_any(_faults(w, lower, upper, strict))
    cut, raised = np.zeros((2, len(w)), dtype=bool)
    for number in range(1, ROUNDS + 1):
        outside = (w < lower) | (w > upper)
        if not outside.any():
            return Trimmed(w, cut, raised, number - 1)
        cut, raised = cut | (w > upper), raised | (w < lower)
        within = np.clip(w, lower, upper)
        left = (w - within).sum()
        others = ~outside if not outside.all() else within < upper if left > 0 else within > lower
        w = np.where(others, within + left / max(others.sum(), 1), within)
        if not strict:
            return Trimmed(w, cut, raised, number)
    return Trimmed(np.clip(w, lower, upper), cut, raised, ROUNDS)


def effective_n(weights: ArrayLike) -> float:
    """Kish's effective number of units: how many with equal weights tell as much, ``sum(w)**2 / sum(w**2)``.

    Kish (1965, Survey Sampling, 11.7); of a mean that has nothing to do with the weights.

    Examples
    --------
    >>> effective_n([1.0, 1.0, 1.0, 1.0]), effective_n([3.0, 1.0])
    (4.0, 1.6)
    """
    w = np.asarray(weights, dtype=float)
    squares = float((w**2).sum())
    return float(w.sum()) ** 2 / squares if squares > 0 else 0.0


def design_effect(weights: ArrayLike) -> float:
    """Return by how much unequal weights raise the variance of a mean, ``n / effective n``, of weights above 0.

    Examples
    --------
    >>> design_effect([3.0, 1.0]), design_effect([2.0, 2.0, 0.0])
    (1.25, 1.0)
    """
    used = np.asarray(weights, dtype=float)
    used = used[used != 0]
    return len(used) / effective_n(used) if len(used) else np.nan


def _faults(w: Floats, lower: float, upper: float, strict: bool) -> list[Problem]:
    if not lower < upper:
        return [
            Problem(
                "are no limits", column="trim", value=f"{lower:g}, {upper:g}", allowed="the lower one first"
            )
        ]
    mean = float(w.mean()) if len(w) else 1.0
    if strict and not lower <= mean <= upper:
        what = f"weights with a mean of {mean:g} do not fit between {lower:g} and {upper:g}"
        return [Problem(what, column="trim", allowed="limits on both sides of the mean weight")]
    return []
