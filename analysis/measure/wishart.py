"""Maximum likelihood for a covariance matrix: the smallest Wishart discrepancy of a structure from it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats = NDArray[np.float64]

MAX_STEPS = 200
"""A minimum is found in some fifty steps; what takes more goes towards an endlessly negative variance."""


class Structure(Protocol):
    """How p values imply a k x k covariance matrix whose derivatives are ``u v' + v u'``."""

    def implied(self, values: Floats) -> Floats:
        """Return the k x k matrix."""

    def directions(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the columns u and v of each value's derivative, k x p each."""

    def bend(self, values: Floats, weight: Floats) -> Floats:
        """Return the second derivatives of ``trace(weight Sigma)``, `weight` held, p x p."""


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where F is smallest: values and F, which is NaN where no minimum was found."""

    values: Floats
    discrepancy: float


def minimise(structure: Structure, matrix: Floats, *, start: Floats) -> Minimum:
    """Find the values at which a structure is closest to a matrix.

    Minimises ``F = log|Sigma| - log|S| + trace(S Sigma^-1) - k`` (Jöreskog 1969, Psychometrika 34) within
    trust regions, by the exact first and second derivatives.

    Parameters
    ----------
    structure
        What is fitted.
    matrix
        k x k, positive definite; a correlation matrix is the best conditioned.
    start
        p values whose implied matrix is positive definite.
    """
    found = optimize.minimize(
        discrepancy, start, (structure, matrix), method="trust-exact", jac=gradient, hess=curvature,
        options={"gtol": 1e-7, "maxiter": MAX_STEPS},
    )  # fmt: skip
    values = _polished(np.asarray(found.x, dtype=np.float64), structure, matrix)
    flat = np.abs(gradient(values, structure, matrix)).max() < 1e-8
    least = float(np.linalg.slogdet(matrix)[1]) + len(matrix)
    value = max(0.0, discrepancy(values, structure, matrix) - least)
    return Minimum(values, value if flat and _is_bowl(values, structure, matrix) else np.nan)


def by_covariances(structure: Structure, values: Floats, matrix: Floats, *, by_value: Floats) -> Floats:
    """Return how a function of the values moves with each covariance.

    By the implicit function theorem on the gradient of F, with its exact second derivatives, so that it
    holds for a structure that does not fit, too.

    Parameters
    ----------
    structure, values, matrix
        As `minimise` took and found them.
    by_value
        Derivatives of the function by the p values.

    Returns
    -------
    ndarray
        k x k, symmetric: the function moves by the sum of its products with small changes in the matrix.
    """
    moved = np.linalg.solve(curvature(values, structure, matrix), by_value)
    u, v = structure.directions(values)
    change = (u * moved) @ v.T
    inverse = np.linalg.inv(structure.implied(values))
    return np.asarray(inverse @ (change + change.T) @ inverse)


def discrepancy(values: Floats, structure: Structure, matrix: Floats) -> float:
    """Return F without its constant; infinite where the implied matrix is no covariance matrix."""
    implied = structure.implied(values)
    try:
        half = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return np.inf
    return float(2 * np.log(np.diag(half)).sum() + np.trace(np.linalg.solve(implied, matrix)))


def gradient(values: Floats, structure: Structure, matrix: Floats) -> Floats:
    """Return the p first derivatives of F."""
    inverse, middle = _inverses(values, structure, matrix)
    u, v = structure.directions(values)
    return np.asarray(2 * (u * ((inverse - middle) @ v)).sum(axis=0))


def curvature(values: Floats, structure: Structure, matrix: Floats) -> Floats:
    """Return the p x p second derivatives of F."""
    inverse, middle = _inverses(values, structure, matrix)
    u, v = structure.directions(values)
    products = [(u.T @ x @ u, u.T @ x @ v, v.T @ x @ v) for x in (inverse, middle)]
    mixed = _traces(products[0], products[1])
    own = _traces(products[0], products[0])
    return np.asarray(mixed + mixed.T - own + structure.bend(values, inverse - middle))


def _polished(values: Floats, structure: Structure, matrix: Floats) -> Floats:
    """Take two Newton steps: F itself no longer tells points apart whose gradients still differ."""
    for _ in range(2):
        if not _is_bowl(values, structure, matrix):
            break
        slope = gradient(values, structure, matrix)
        values = values - np.linalg.solve(curvature(values, structure, matrix), slope)
    return values


def _is_bowl(values: Floats, structure: Structure, matrix: Floats) -> bool:
    return bool(np.linalg.eigvalsh(curvature(values, structure, matrix))[0] > 1e-9)


def _inverses(values: Floats, structure: Structure, matrix: Floats) -> tuple[Floats, Floats]:
    """Return ``W = Sigma^-1`` and ``W S W``."""
    inverse = np.asarray(np.linalg.inv(structure.implied(values)), dtype=np.float64)
    return inverse, inverse @ matrix @ inverse


def _traces(x: tuple[Floats, Floats, Floats], y: tuple[Floats, Floats, Floats]) -> Floats:
    """Return ``trace(D_a X D_b Y)`` for all a and b, from u'Xu, u'Xv and v'Xv and the same of Y."""
    return x[1].T * y[1] + x[2] * y[0] + x[0] * y[2] + x[1] * y[1].T
