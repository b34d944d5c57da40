"""Robust regression: an M estimator, on which rows far from the others have bounded influence."""

import numpy as np

from analysis.explain.replicated import kept_rows, one_by_one
from analysis.explain.solution import Solution, least_squares, squared_correlation, with_note
from analysis.explain.specification import Design
from analysis.infer.columns import Floats
from survey.language import say

BEND = 1.345
"""Standardised residuals beyond this count as if they were there: 95% efficient with normal errors (Huber, 1981)."""

STEPS = 1_000

HALF = 1e-12
"""Within this of one half a share of the weight is half of it."""


def robust_regression(design: Design) -> Solution:
    """Solve ``sum w psi((y - x'b) / s) x = 0`` with Huber's psi and s the median absolute residual over 0.6745.

    The median is weighted where rows are. Iteratively reweighted least squares from the least-squares fit (Huber, 1964,
    Annals of Mathematical Statistics 35; Huber, 1981, Robust Statistics).

    Parameters
    ----------
    design
        Rows and terms without absorbed effects.

    Returns
    -------
    Solution
        `classical` has Huber's correction for the number of terms; `r_squared` is the squared correlation of
        outcome and fit. Where half of the rows lie on the line there is no scale: least squares, and a note.

    Notes
    -----
    Agrees with R ``MASS::rlm`` run to convergence (weights as those of cases), and ``sandwich::sandwich`` of it.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(outcome=np.array([0.1, 0.9, 2.1, 2.9, 4.1, 50]), regressor=np.arange(6.0),
    ...                 others=pd.DataFrame({"Intercept": np.ones(6)}), companies=np.arange(6))
    >>> [round(float(solve(design).params[0]), 1) for solve in (least_squares, robust_regression)]
    [7.4, 1.6]
    """
    start = least_squares(design)
    roots = design.roots
    matrix, outcome, weight = design.matrix / roots[:, None], design.outcome / roots, roots**2
    params, scale, converged = _iterate(matrix, outcome, weight, start.params)
    if scale <= 1e-10 * float(np.ptp(outcome)):
        note = say(
            "half of the rows lie on one line, so that there is no robust scale: least squares instead"
        )
        return with_note(start, note)
    standard = (outcome - matrix @ params) / scale
    psi, slope = standard.clip(-BEND, BEND), (abs(standard) <= BEND).astype(float)
    n, k = matrix.shape
    bread = np.linalg.inv(matrix.T @ (matrix * (weight * slope)[:, None]) / scale)
    mean = slope.mean()
    kappa = 1 + k * slope.var(ddof=1) / (n * mean**2)
    residual = float(((psi * scale) ** 2 * weight).sum()) / (n - k) * (kappa / mean) ** 2
    fitted = matrix @ params
    solved = Solution(
        params=params, bread=bread, scores=matrix * (weight * psi)[:, None],
        classical=residual * start.bread, df=float(n - k), r_squared=squared_correlation(fitted, outcome),
        rows=design.rows, companies=design.companies, terms=start.terms, notes=design.notes,
        weights=design.weights, measures={"scale": scale},
        again=one_by_one(lambda own: _iterate(*kept_rows(own, matrix, outcome, weight), params)[0], matrix),
    )  # fmt: skip
    return solved if converged else with_note(solved, say("the iterations did not converge"))


def _iterate(matrix: Floats, outcome: Floats, weight: Floats, params: Floats) -> tuple[Floats, float, bool]:
    """Reweight until the coefficients stay."""
    for _ in range(STEPS):
        residuals = outcome - matrix @ params
        scale = _middle(abs(residuals), weight) / 0.6745
        if scale <= 1e-10 * float(np.ptp(outcome)):
            return params, 0.0, True
        with np.errstate(divide="ignore"):
            share = np.minimum(1.0, BEND * scale / abs(residuals))
        roots = np.sqrt(weight * share)
        before = params
        params = np.asarray(np.linalg.lstsq(matrix * roots[:, None], outcome * roots, rcond=None)[0], float)
        if np.linalg.norm(matrix @ (params - before)) <= 1e-12 * np.linalg.norm(outcome):
            return params, scale, True
    return params, scale, False


def _middle(values: Floats, weight: Floats) -> float:
    """Weighted median; the mean of two values where exactly half of the weight lies below the upper one."""
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(weight[order]) / weight.sum()
    at, after = np.searchsorted(up_to, [0.5 - HALF, 0.5 + HALF])
    return float((values[order[at]] + values[order[min(after, len(order) - 1)]]) / 2)
