"""Logistic regression of an outcome that is yes or no, such as being among the best fifth."""

import numpy as np

from analysis.explain.solution import Solution
from analysis.explain.specification import Design
from analysis.infer.columns import Floats
from analysis.infer.generalised_linear import FAMILIES, GeneralisedLinear
from analysis.infer.newton import maximise_anew
from survey.language import look_up, mark, say

STEPS = 100

SEPARATED = mark(
    "some rows' outcome follows from the terms without exception (separation), so that the likelihood has no maximum; "
    "Firth's penalised likelihood stands in its place"
)

PER_TERM = 10
"""Rows of the rarer outcome per term below which logistic slopes are rough (Peduzzi et al., 1996)."""

FEW = 5
"""Rows of the rarer outcome from which errors can be made of residuals."""


def logistic_regression(design: Design) -> Solution:
    """Maximise the likelihood of ``P(y = 1) = 1 / (1 + exp(-x'b))``; coefficients are differences in log odds.

    Newton's method. Where residuals vanish, by separation or as hardly any row has the rarer outcome, only errors of
    the likelihood are had. With separation no maximum exists and Firth's penalised likelihood is maximised, whose
    scores are ``x (y - p + h (1/2 - p))``, h the leverage (Firth, 1993, Biometrika 80; Heinze and Schemper, 2002,
    Statistics in Medicine 21).

    Parameters
    ----------
    design
        Rows and terms without absorbed effects; the outcome is 0 or 1, times the root of the weight.

    Returns
    -------
    Solution
        `r_squared` is McFadden's; `measures` has ``marginal``, the mean of ``p (1 - p)``: times a coefficient it is
        the average difference in the probability that goes with one point.

    Notes
    -----
    Agrees with R ``glm(family = binomial)`` and ``sandwich::vcovHC`` and ``vcovCL`` of it. Under other weights
    (`Solution.again`) Newton's method takes all sets at once; a set in which the outcome is separated has no fit.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(outcome=np.array([0.0, 1, 0, 1, 0, 1, 1, 1]), regressor=np.repeat([0.0, 1.0], 4),
    ...                 others=pd.DataFrame({"Intercept": np.ones(8)}), companies=np.arange(8))
    >>> round(float(logistic_regression(design).params[0]), 4)
    1.0986
    """
    roots = design.roots
    scale = np.linalg.norm(design.matrix / roots[:, None], axis=0)
    matrix, outcome, weight = design.matrix / roots[:, None] / scale, design.outcome / roots, roots**2
    params, converged = _newton(matrix, outcome, weight, firth=False)
    notes = []
    if not converged:
        params, converged = _newton(matrix, outcome, weight, firth=True)
        notes.append(look_up(SEPARATED))
    if not converged:
        notes.append(say("the search did not converge; the last values are shown"))
    rarer = int(min(outcome.sum(), (1 - outcome).sum()))
    if rarer < PER_TERM * (matrix.shape[1] - 1):
        notes.append(
            say(
                "the rarer outcome is that of {rarer} rows only, for {terms} terms: take the slope as rough",
                rarer=rarer,
                terms=matrix.shape[1],
            )
        )
    p = _probability(matrix @ params)
    bread: Floats = np.asarray(np.linalg.inv(_information(matrix, p, weight)), float)
    scores = matrix * (weight * (outcome - p))[:, None]
    if look_up(SEPARATED) in notes:
        scores += matrix * (_leverage(matrix, p, weight, bread) * (0.5 - p))[:, None]
    return Solution(
        params=params / scale, bread=bread / np.outer(scale, scale), scores=scores * scale,
        classical=bread / np.outer(scale, scale), df=float(len(p) - matrix.shape[1]),
        r_squared=_mcfadden(p, outcome, weight), rows=design.rows, companies=design.companies,
        terms=("", *design.others.columns), notes=(*design.notes, *notes), weights=design.weights,
        measures={"marginal": float(np.average(p * (1 - p), weights=weight))},
        likelihood_only=_vanishing(notes, rarer),
        again=lambda factors: _anew(matrix, outcome, weight[:, None] * factors, start=params) / scale,
    )  # fmt: skip


def _anew(matrix: Floats, outcome: Floats, weights: Floats, *, start: Floats) -> Floats:
    """Coefficients under other weights, sets x terms, by way of terms that are orthonormal over the rows."""
    orthogonal, triangular = np.linalg.qr(matrix)
    unit = np.sqrt(len(matrix))
    model = GeneralisedLinear(orthogonal * unit, outcome, FAMILIES["logistic"])
    parameters, found = maximise_anew(model, weights, start=(triangular @ start / unit)[:, None])
    coefficients = np.linalg.solve(triangular, parameters * unit).T
    return np.asarray(np.where(found[:, None], coefficients, np.nan))


def _vanishing(notes: list[str], rarer: int) -> str:
    """Say why residuals tell nothing of the error: they are near zero, or those of a handful of rows."""
    if look_up(SEPARATED) in notes:
        return say("with separation residuals vanish, and errors made of them")
    return (
        say("{rarer} rows of the rarer outcome are too few for errors made of residuals", rarer=rarer)
        if rarer < FEW
        else ""
    )


def _newton(matrix: Floats, outcome: Floats, weight: Floats, *, firth: bool) -> tuple[Floats, bool]:
    """Coefficients, and whether the steps came to an end; with separation they never do."""
    params: Floats = np.zeros(matrix.shape[1])
    for _ in range(STEPS if firth else STEPS // 4):
        p = _probability(matrix @ params)
        information = _information(matrix, p, weight)
        if np.linalg.cond(information) > 1e14:
            return params, False
        score = matrix.T @ (weight * (outcome - p))
        if firth:
            bread: Floats = np.asarray(np.linalg.inv(information), float)
            score = score + matrix.T @ (_leverage(matrix, p, weight, bread) * (0.5 - p))
        step = np.linalg.solve(information, score)
        moved = abs(matrix @ step).max()
        params = params + step * min(1.0, 5.0 / max(moved, 1e-300))
        if moved < (1e-10 if firth else 1e-8):
            return params, True
    return params, False


def _probability(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds.clip(-500, 500))))


def _information(matrix: Floats, p: Floats, weight: Floats) -> Floats:
    return np.asarray(matrix.T @ (matrix * (weight * p * (1 - p))[:, None]))


def _leverage(matrix: Floats, p: Floats, weight: Floats, bread: Floats) -> Floats:
    return np.asarray(weight * p * (1 - p) * ((matrix @ bread) * matrix).sum(axis=1))


def _mcfadden(p: Floats, outcome: Floats, weight: Floats) -> float:
    mean = np.average(outcome, weights=weight)
    fits = (np.where(outcome > 0, p, 1 - p), np.where(outcome > 0, mean, 1 - mean))
    found, alone = (float(weight @ np.log(share.clip(1e-300))) for share in fits)
    return 1 - found / alone
