"""One factor behind the items of a construct: the congeneric model by maximum likelihood, from a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measure.item_covariance import correlation_of
from analysis.measure.wishart import by_covariances, minimise
from survey.language import look_up, mark, say

Floats = NDArray[np.float64]

INDEFINITE = mark(
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
    if reason := unfit(matrix):
        return _without(k, reason)
    correlation, spread = correlation_of(matrix), np.sqrt(np.diag(matrix))
    found = minimise(_Congeneric(), correlation, start=_start(correlation))
    if np.isnan(found.discrepancy):
        return _without(k, say("the one-factor model did not converge"))
    loadings, residuals = np.split(found.values, 2)
    if improper := [names[i] if names else str(i + 1) for i in np.flatnonzero(residuals <= 1e-8).tolist()]:
        reason = say(
            "a Heywood case: the factor takes up more than the whole variance of {improper}",
            improper=", ".join(improper),
        )
        return _without(k, reason)
    sign = -1.0 if (loadings * spread).sum() < 0 else 1.0
    return OneFactor(sign * loadings * spread, residuals * spread**2, found.discrepancy, k * (k - 3) // 2)


def coefficient_gradient(
    fit: OneFactor, covariance: ArrayLike, *, by_loading: Floats, by_residual: Floats
) -> Floats:
    """Return how a coefficient of a fitted model moves with each covariance, k x k (see `by_covariances`).

    `by_loading` and `by_residual` are its derivatives by the k loadings and residual variances of `fit`, which
    `one_factor` found for `covariance`.
    """
    values = np.concatenate([fit.loadings, fit.residuals])
    by_value = np.concatenate([by_loading, by_residual])
    return by_covariances(_Congeneric(), values, np.asarray(covariance, dtype=np.float64), by_value=by_value)


class _Congeneric:
    """``Sigma = l l' + diag(u)``: k loadings, then k residual variances."""

    def implied(self, values: Floats) -> Floats:
        loadings, residuals = np.split(values, 2)
        return np.asarray(np.outer(loadings, loadings) + np.diag(residuals))

    def directions(self, values: Floats) -> tuple[Floats, Floats]:
        loadings = np.split(values, 2)[0]
        one = np.eye(len(loadings))
        return np.hstack([one, one]), np.hstack([np.tile(loadings[:, None], len(loadings)), one / 2])

    def bend(self, values: Floats, weight: Floats) -> Floats:
        bent = np.zeros((len(values), len(values)))
        bent[: len(weight), : len(weight)] = 2 * weight
        return bent


def unfit(matrix: Floats) -> str:
    """Say why no factor model can be fitted to a matrix; empty if one can."""
    if len(matrix) < 3:
        return say("a factor needs three items")
    if np.isnan(matrix).any():
        return say("no respondent answered two of the items together")
    if (np.diag(matrix) <= 0).any() or np.linalg.eigvalsh(correlation_of(matrix))[0] < 1e-10:
        return look_up(INDEFINITE)
    return ""


def _without(k: int, note: str) -> OneFactor:
    return OneFactor(np.full(k, np.nan), np.full(k, np.nan), np.nan, max(0, k * (k - 3) // 2), note)


def _start(correlation: Floats) -> Floats:
    """First principal axis, with each item's multiple correlation for its communality."""
    communality = 1 - 1 / np.diag(np.linalg.inv(correlation))
    reduced = correlation - np.diag(1 - communality)
    root, axes = np.linalg.eigh(reduced)
    loadings = np.clip(axes[:, -1] * np.sqrt(max(root[-1], 0.01)), -0.95, 0.95)
    return np.concatenate([loadings, 1 - loadings**2])
