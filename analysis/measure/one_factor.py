"""One factor behind the items of a construct: the congeneric model by maximum likelihood, from a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from analysis.measure.item_covariance import correlation_of

Floats = NDArray[np.float64]

INDEFINITE = (
    "the matrix is not positive definite: fewer respondents than items, an item that others make up, "
    "or pairs of items answered by different people"
)


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """A one-factor model of k items, the factor's variance one.

    Parameters
    ----------
    loadings, residuals
        k loadings and residual variances in the units of the matrix; NaN where there is no solution.
    discrepancy
        F of `one_factor`; ``n * discrepancy`` is the chi-square of lavaan.
    df
        ``k (k - 3) / 2``.
    note
        Why there is no solution; empty if there is one.
    """

    loadings: Floats
    residuals: Floats
    discrepancy: float
    df: int
    note: str = ""

    @property
    def implied(self) -> Floats:
        """The k x k matrix that the model implies."""
        return np.asarray(np.outer(self.loadings, self.loadings) + np.diag(self.residuals))


def one_factor(covariance: ArrayLike, *, names: Sequence[str] = ()) -> OneFactor:
    """Fit one factor to a covariance or correlation matrix by maximum likelihood.

    Minimises ``F = log|Sigma| - log|S| + trace(S Sigma^-1) - k`` with ``Sigma = l l' + diag(u)`` over the
    loadings l and residual variances u, which are free to be negative (Jöreskog 1969, Psychometrika 34). A
    polychoric matrix gives the model of the latent answers. The loadings' sum is positive.

    Parameters
    ----------
    covariance
        k x k, symmetric.
    names
        What to call the items in the note; their positions from 1 if not given.

    Returns
    -------
    OneFactor
        Without a solution, and with a note, where k is below three, the matrix has gaps or is not positive
        definite, the model does not converge, or a residual variance is not positive (a Heywood case).

    Notes
    -----
    Agrees with ``lavaan::cfa("f =~ ...", std.lv = TRUE, sample.cov = S)`` and, on correlations, with
    ``psych::fa(R, fm = "ml")`` in R.

    Examples
    --------
    >>> fit = one_factor([[1, 0.42, 0.35], [0.42, 1, 0.3], [0.35, 0.3, 1]])
    >>> fit.loadings.round(4).tolist(), fit.residuals.round(4).tolist()
    ([0.7, 0.6, 0.5], [0.51, 0.64, 0.75])
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    k = len(matrix)
    if reason := _unfit(matrix):
        return _without(k, reason)
    correlation, spread = correlation_of(matrix), np.sqrt(np.diag(matrix))
    values, discrepancy = _minimise(correlation)
    if np.isnan(discrepancy):
        return _without(k, "the one-factor model did not converge")
    loadings, residuals = values[:k], values[k:]
    if improper := [names[i] if names else str(i + 1) for i in np.flatnonzero(residuals <= 1e-8).tolist()]:
        reason = f"a Heywood case: the factor takes up more than the whole variance of {', '.join(improper)}"
        return _without(k, reason)
    sign = -1.0 if (loadings * spread).sum() < 0 else 1.0
    return OneFactor(sign * loadings * spread, residuals * spread**2, discrepancy, k * (k - 3) // 2)


def by_covariances(
    fit: OneFactor, covariance: ArrayLike, *, by_loading: Floats, by_residual: Floats
) -> Floats:
    """Return how a coefficient of a fitted model moves with each covariance.

    By the implicit function theorem on the gradient of F, with its exact second derivatives, so that it
    holds for a model that does not fit, too.

    Parameters
    ----------
    fit
        As `one_factor` returns it for `covariance`.
    covariance
        k x k.
    by_loading, by_residual
        Derivatives of the coefficient by the k loadings and residual variances.

    Returns
    -------
    ndarray
        k x k, symmetric: the coefficient moves by the sum of its products with small changes in the matrix.
    """
    matrix, loadings = np.asarray(covariance, dtype=np.float64), fit.loadings
    values = np.concatenate([loadings, fit.residuals])
    moved = np.linalg.solve(_curvature(values, matrix), np.concatenate([by_loading, by_residual]))
    k, inverse = len(matrix), np.linalg.inv(fit.implied)
    direction = np.outer(moved[:k], loadings)
    return np.asarray(inverse @ (direction + direction.T + np.diag(moved[k:])) @ inverse)


def _unfit(matrix: Floats) -> str:
    """Say why a matrix cannot be fitted; empty if it can."""
    if len(matrix) < 3:
        return "a factor needs three items"
    if np.isnan(matrix).any():
        return "no respondent answered two of the items together"
    if (np.diag(matrix) <= 0).any() or np.linalg.eigvalsh(correlation_of(matrix))[0] < 1e-10:
        return INDEFINITE
    return ""


def _without(k: int, note: str) -> OneFactor:
    return OneFactor(np.full(k, np.nan), np.full(k, np.nan), np.nan, max(0, k * (k - 3) // 2), note)


def _minimise(correlation: Floats) -> tuple[Floats, float]:
    """Return loadings and residual variances, and F; NaN for F where no minimum was found."""
    found = optimize.minimize(
        _discrepancy, _start(correlation), (correlation,), method="trust-exact", jac=_gradient, hess=_curvature,
        options={"gtol": 1e-11, "maxiter": 500},
    )  # fmt: skip
    values = np.asarray(found.x, dtype=np.float64)
    flat = np.abs(_gradient(values, correlation)).max() < 1e-7
    bowl = np.linalg.eigvalsh(_curvature(values, correlation))[0] > 1e-9
    k = len(correlation)
    shift = np.linalg.slogdet(correlation)[1] + k
    return values, float(max(0.0, found.fun - shift)) if flat and bowl else np.nan


def _start(correlation: Floats) -> Floats:
    """First principal axis, with each item's multiple correlation for its communality."""
    communality = 1 - 1 / np.diag(np.linalg.inv(correlation))
    reduced = correlation - np.diag(1 - communality)
    root, axes = np.linalg.eigh(reduced)
    loadings = np.clip(axes[:, -1] * np.sqrt(max(root[-1], 0.01)), -0.95, 0.95)
    return np.concatenate([loadings, 1 - loadings**2])


def _discrepancy(values: Floats, matrix: Floats) -> float:
    """Return F without its constant; infinite where the implied matrix is no covariance matrix."""
    k = len(matrix)
    implied = np.outer(values[:k], values[:k]) + np.diag(values[k:])
    try:
        half = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return np.inf
    return float(2 * np.log(np.diag(half)).sum() + np.trace(np.linalg.solve(implied, matrix)))


def _parts(values: Floats, matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the loadings, ``W = Sigma^-1`` and ``M = W S W``."""
    k = len(matrix)
    implied = np.outer(values[:k], values[:k]) + np.diag(values[k:])
    inverse = np.asarray(np.linalg.inv(implied), dtype=np.float64)
    return values[:k], inverse, inverse @ matrix @ inverse


def _gradient(values: Floats, matrix: Floats) -> Floats:
    loadings, inverse, middle = _parts(values, matrix)
    misfit = inverse - middle
    return np.concatenate([2 * misfit @ loadings, np.diag(misfit)])


def _curvature(values: Floats, matrix: Floats) -> Floats:
    """Return the second derivatives of F, 2k x 2k."""
    loadings, inverse, middle = _parts(values, matrix)
    w, m = inverse @ loadings, middle @ loadings
    a, b = loadings @ w, loadings @ m
    mixed = np.outer(w, m)
    turn = inverse * (b - a) - np.outer(w, w) + mixed + mixed.T + middle * a
    by_loading = 2 * (inverse - middle) + 2 * turn
    across = 2 * (inverse * (m - w)[:, None] + middle * w[:, None])
    by_residual = 2 * inverse * middle - inverse**2
    return np.block([[by_loading, across.T], [across, by_residual]])
