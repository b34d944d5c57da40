"""Solution: the coefficients of a model and what their errors are made of, whatever estimator found them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.explain.specification import Design
from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums

FLAT = 1e-24
"""Variation below this share of the sum of squares is floating point."""

ALIKE = 1e-11
"""Share of the largest below which a direction of the terms is none (R ``glm.fit``)."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A solved model.

    Every estimator here solves ``sum of scores = 0``. To first order a row moves the coefficients by its score
    times `bread`, and all robust covariances are sums of squares of such moves (Huber, 1967; White, 1980).

    Parameters
    ----------
    params
        One value a term, the regressor first.
    bread
        Terms x terms; ``(X'X)^-1`` for least squares.
    scores
        Rows x terms.
    classical
        Covariance if the model is right in every respect, terms x terms.
    df
        Rows less coefficients, absorbed effects included.
    r_squared
        Share of the variance, or what the estimator has in its place.
    extra
        What estimated regressors add to each row's score, rows x terms.
    matrix, residuals, leverage
        Rows x terms and one value a row each, as they enter least squares (times the root of the weight);
        empty for estimators that are not linear.
    weights
        One a row; empty where all count the same.
    absorbed
        Code of the effect that was taken out of each row as a mean; empty without.
    rows, companies
        Position of each row in the frame, and the code of its company.
    terms
        Names, the regressor first.
    notes
        What the reader has to know.
    measures
        Further numbers of the fit, such as variance components, by name.
    likelihood_only
        Why errors made of residuals cannot be relied on, in words; "" where they can.
    again
        Fits the model anew: factors that multiply the rows' weights, rows x sets, to coefficients, sets x terms, NaN
        where a set has none. None for estimators that take no weights, and where a score was corrected.
    smooth
        Whether coefficients are smooth in the weights, as the jackknife needs; quantiles are not.
    """

    params: Floats
    bread: Floats
    scores: Floats
    classical: Floats
    df: float
    r_squared: float
    rows: Codes
    companies: Codes
    terms: tuple[str, ...]
    extra: Floats | float = 0.0
    matrix: Floats = field(default_factory=lambda: np.empty((0, 0)))
    residuals: Floats = field(default_factory=lambda: np.empty(0))
    leverage: Floats = field(default_factory=lambda: np.empty(0))
    weights: Floats = field(default_factory=lambda: np.empty(0))
    absorbed: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    notes: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    likelihood_only: str = ""
    again: Callable[[Floats], Floats] | None = None
    smooth: bool = True

    @property
    def linear(self) -> bool:
        """Whether it is least squares of rows, so that leverages exist."""
        return len(self.matrix) > 0

    @property
    def unweightable(self) -> bool:
        """Whether its estimator takes no weights; a score corrected for its error takes them, if not anew."""
        return self.again is None and isinstance(self.extra, float)

    @property
    def moves(self) -> Floats:
        """What each row moves the coefficients by, rows x terms."""
        return np.asarray((self.scores + self.extra) @ self.bread)


def least_squares(design: Design, *, extra: Floats | float = 0.0) -> Solution:
    """Solve a design by least squares; with weights, by weighted least squares.

    Parameters
    ----------
    design
        Rows and terms; company effects, if any, are taken out of them (Frisch and Waugh, 1933).
    extra
        What estimated regressors add to each row's score.

    Notes
    -----
    Agrees with R ``lm``, with ``weights`` or company dummies where the design has them.

    Examples
    --------
    >>> import pandas as pd
    >>> ones = pd.DataFrame({"Intercept": np.ones(4)})
    >>> design = Design(outcome=np.array([1.0, 3, 5, 7]), regressor=np.arange(4.0), others=ones,
    ...                 companies=np.arange(4))
    >>> least_squares(design).params.round(6).tolist()
    [2.0, 1.0]
    """
    matrix = design.matrix
    orthogonal, triangular = np.linalg.qr(matrix)
    projected = orthogonal.T @ design.outcome
    inverse = np.linalg.inv(triangular)
    residuals = design.outcome - orthogonal @ projected
    bread = inverse @ inverse.T
    params, df = inverse @ projected, float(len(matrix) - design.coefficients)
    left = float(residuals @ residuals)
    return Solution(
        params=params, bread=bread, scores=matrix * residuals[:, None], classical=left / df * bread,
        df=df, r_squared=_explained(left, design), rows=design.rows, companies=design.companies,
        terms=("", *design.others.columns), extra=extra, matrix=matrix, residuals=residuals,
        leverage=(orthogonal**2).sum(axis=1) + design.absorbed_leverage, weights=design.weights,
        absorbed=design.companies if design.absorbed else np.empty(0, dtype=np.int64), notes=design.notes,
        again=None if isinstance(extra, np.ndarray)
        else lambda factors: params + moved(orthogonal, residuals, factors, within=design) @ inverse.T,
    )  # fmt: skip


def moved(orthogonal: Floats, residuals: Floats, factors: Floats, *, within: Design | None = None) -> Floats:
    """How far least squares of the residuals under other weights move from zero: sets x terms.

    All sets at once: their cross-products are one product of matrices, near the identity as terms are orthonormal.

    Parameters
    ----------
    orthogonal
        Rows x terms, orthonormal, times the root of the weights.
    residuals
        Likewise.
    factors
        What multiplies the weights, rows x sets.
    within
        The design, if companies have effects that are taken out anew.

    Returns
    -------
    ndarray
        NaN where the terms cannot be told apart under a set.

    Examples
    --------
    >>> half = np.full((4, 1), 0.5)
    >>> moved(half, np.array([-3.0, -1, 1, 3]), np.array([[2.0, 0], [2, 0], [0, 0], [0, 0]])).ravel().tolist()
    [-4.0, nan]
    """
    n, k = orthogonal.shape
    both = np.column_stack([orthogonal, residuals])
    products = factors.T @ (orthogonal[:, :, None] * both[:, None, :]).reshape(n, -1)
    products = products.reshape(-1, k, k + 1)
    if within is not None and within.absorbed:
        products = products - _of_means(within, both, factors)
    information, score = products[..., :k], products[..., k:]
    values = np.linalg.eigvalsh(information)
    sound = (values[:, 0] > ALIKE * np.maximum(values[:, -1], np.finfo(float).tiny))[:, None]
    safe = np.where(sound[..., None], information, np.eye(k))
    return np.asarray(np.where(sound, np.linalg.solve(safe, score)[..., 0], np.nan))


def _of_means(design: Design, both: Floats, factors: Floats) -> Floats:
    """Cross-products of the companies' means under other weights, which their effects take: sets x k x (k + 1)."""
    count, (n, width) = design.absorbed, both.shape
    wide = (factors[:, :, None] * (both * design.roots[:, None])[:, None, :]).reshape(n, -1)
    total = sums(wide, design.companies, count).reshape(count, -1, width)
    weight = sums(factors * design.roots[:, None] ** 2, design.companies, count)
    mean = np.divide(total, weight[..., None], out=np.zeros_like(total), where=weight[..., None] > 0)
    return np.asarray(np.einsum("crk,crl->rkl", total[..., :-1], mean))


def with_note(solution: Solution, note: str) -> Solution:
    """Add what the reader has to know."""
    return replace(solution, notes=(*solution.notes, note))


def squared_correlation(fitted: Floats, outcome: Floats) -> float:
    """Share of the outcome's variance that goes with the fitted values, for estimators that do not maximise it.

    Examples
    --------
    >>> squared_correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    if np.ptp(fitted) <= 1e-12 * abs(fitted).max():
        return 0.0
    return float(np.corrcoef(fitted, outcome)[0, 1] ** 2)


def _explained(left: float, design: Design) -> float:
    """Share of the outcome's variation that is not left; NaN where an outcome does not vary but for floating point."""
    variation, whole = _variation(design), float(design.outcome @ design.outcome)
    return 1 - left / variation if variation > FLAT * whole else float("nan")


def _variation(design: Design) -> float:
    """Sum of squares of the outcome around its mean; around the companies' means where these are absorbed."""
    roots = design.roots
    if design.absorbed or "Intercept" not in design.others:
        return float(design.outcome @ design.outcome)
    mean = float(design.outcome @ roots / (roots @ roots))
    return float(((design.outcome - mean * roots) ** 2).sum())
