"""Terms that tell the outcome apart so well that no finite coefficient is the best."""

import numpy as np
from scipy.optimize import linprog

from analysis.infer.columns import Codes, Floats


def separating(never_worse: Floats, unchanged: Floats) -> Codes:
    """Find a direction in which the likelihood never falls and somewhere rises, and the parameters that it moves.

    With it the likelihood has no maximum: it grows for ever (Albert and Anderson, 1984, Biometrika 71). Found by a
    linear programme (Konis, 2007).

    Parameters
    ----------
    never_worse
        Rows x k: the likelihood of a row grows with ``row @ parameters``.
    unchanged
        Rows x k whose ``row @ parameters`` has a best value that must be kept.

    Returns
    -------
    ndarray
        Places of the parameters that go to infinity; empty where there is a maximum.

    Examples
    --------
    >>> x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1])
    >>> separating(np.column_stack([np.ones(4), x]) * (2 * y - 1)[:, None], np.empty((0, 2))).tolist()
    [0, 1]
    """
    grows, stays = np.unique(never_worse, axis=0), np.unique(unchanged, axis=0)
    found = linprog(
        -grows.sum(axis=0),
        A_ub=-grows if len(grows) else None,
        b_ub=np.zeros(len(grows)) if len(grows) else None,
        A_eq=stays if len(stays) else None,
        b_eq=np.zeros(len(stays)) if len(stays) else None,
        bounds=(-1, 1),
    )
    moved = np.zeros(never_worse.shape[1]) if found.x is None else np.asarray(found.x)
    if (grows @ moved).sum() < 1e-7:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.abs(moved) > 1e-7)


def directions(outcome: Floats, matrix: Floats, family: str) -> tuple[Floats, Floats]:
    """Rows that can only gain along a direction, and rows that must stay, for a model with `matrix` as its terms.

    Examples
    --------
    >>> grows, stays = directions(np.array([0.0, 2.0]), np.ones((2, 1)), "poisson")
    >>> grows.tolist(), stays.tolist()
    ([[-1.0]], [[1.0]])
    """
    least = outcome == 0
    most = (outcome == 1) & (family == "logistic")
    return np.vstack([-matrix[least], matrix[most]]), matrix[~(least | most)]
