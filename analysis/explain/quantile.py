"""Quantile regression: how the terms go with the median or another quantile of the outcome."""

import numpy as np
from scipy import optimize, stats

from analysis.explain.replicated import kept_rows, one_by_one
from analysis.explain.solution import Solution
from analysis.explain.specification import Design
from analysis.infer.columns import Floats
from survey.language import say

EXACT = 1e30
"""Density of residuals that are all zero, which leaves no error."""

ON_THE_LINE = 1e-9
"""Residuals within this share of the outcome's spread lie on the fitted line."""


def quantile_regression(design: Design, *, quantile: float = 0.5) -> Solution:
    """Minimise the tilted absolute loss by linear programming.

    ``sum w rho(y - x'b)`` with ``rho(u) = u (q - 1[u < 0])`` (Koenker and Bassett, 1978, Econometrica 46). Errors rest
    on a kernel estimate of the density at the quantile with the bandwidth of Hall and Sheather (Powell, 1991);
    clustered ones on the sums of the scores in clusters (Parente and Santos Silva, 2016, Journal of Econometric
    Methods 5).

    Parameters
    ----------
    design
        Rows and terms without absorbed effects.
    quantile
        0-1.

    Returns
    -------
    Solution
        `classical` takes the share below the quantile as given; `r_squared` is the share of the loss around the
        outcome's own quantile that the terms take away (Koenker and Machado, 1999, JASA 94).

    Notes
    -----
    Agrees with R ``quantreg::rq`` and ``summary(se = "ker")``. Under other weights each programme is solved by itself.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(outcome=np.array([0.0, 1, 2, 3, 40]), regressor=np.arange(5.0),
    ...                 others=pd.DataFrame({"Intercept": np.ones(5)}), companies=np.arange(5))
    >>> quantile_regression(design).params.round(6).tolist()
    [1.0, 0.0]
    """
    roots = design.roots
    matrix, outcome = design.matrix / roots[:, None], design.outcome / roots
    weight = roots**2
    params, found = _line(matrix, outcome, weight, quantile)
    residuals = outcome - matrix @ params
    spread = max(float(np.ptp(outcome)), np.finfo(float).tiny)
    residuals[abs(residuals) < ON_THE_LINE * spread] = 0.0
    density = _density(residuals, quantile)
    bread: Floats = np.asarray(np.linalg.inv(matrix.T @ (matrix * (weight * density)[:, None])), float)
    tilt = np.where(residuals == 0, 0.0, quantile - (residuals < 0))
    weighted = matrix * weight[:, None]
    classical = quantile * (1 - quantile) * bread @ (weighted.T @ weighted) @ bread
    alone = outcome - np.quantile(outcome, quantile, weights=weight, method="inverted_cdf")
    losses = [float(weight @ (u * (quantile - (u < 0)))) for u in (residuals, alone)]
    notes = (
        () if found else (say("the search for the quantile did not end; the best values found are shown"),)
    )
    return Solution(
        params=params, bread=bread, scores=weighted * tilt[:, None], classical=classical,
        df=float(len(outcome) - matrix.shape[1]), r_squared=1 - losses[0] / losses[1], rows=design.rows,
        companies=design.companies, terms=("", *design.others.columns), notes=(*design.notes, *notes),
        weights=design.weights, smooth=False,
        again=one_by_one(lambda own: _line(*kept_rows(own, matrix, outcome, weight), quantile)[0], matrix),
    )  # fmt: skip


def _line(matrix: Floats, outcome: Floats, weight: Floats, quantile: float) -> tuple[Floats, bool]:
    """Solve the dual programme: its multipliers are the coefficients."""
    scale = np.linalg.norm(matrix, axis=0)
    spread = np.abs(outcome).max()
    columns = matrix / scale * weight[:, None]
    found = optimize.linprog(
        -outcome / spread * weight, A_eq=columns.T, b_eq=(1 - quantile) * columns.sum(axis=0), bounds=(0, 1),
        method="highs-ds",
    )  # fmt: skip
    params = -np.asarray(found.eqlin.marginals) / scale * spread
    return _exact(matrix, outcome, params), bool(found.success)


def _exact(matrix: Floats, outcome: Floats, params: Floats) -> Floats:
    """Solve for the line through the rows that lie on it, so that no digit is left to the programme's tolerance."""
    near = np.argsort(abs(outcome - matrix @ params), kind="stable")[: matrix.shape[1]]
    if np.linalg.cond(matrix[near]) > 1e10:
        return params
    through: Floats = np.asarray(np.linalg.solve(matrix[near], outcome[near]), float)
    close = np.allclose(matrix @ through, matrix @ params, atol=1e-6 * float(np.ptp(outcome)))
    return through if close else params


def _density(residuals: Floats, quantile: float) -> Floats:
    """Kernel weight of each residual at zero."""
    n = len(residuals)
    x = stats.norm.ppf(quantile)
    f = stats.norm.pdf(x)
    width = n ** (-1 / 3) * stats.norm.ppf(0.975) ** (2 / 3) * (1.5 * f**2 / (2 * x**2 + 1)) ** (1 / 3)
    while quantile - width < 0 or quantile + width > 1:
        width /= 2
    lower, upper = np.quantile(residuals, [0.25, 0.75])
    spread = min(residuals.std(ddof=1), (upper - lower) / 1.34) or residuals.std(ddof=1)
    if not spread:
        return np.full(n, EXACT)
    h = (stats.norm.ppf(quantile + width) - stats.norm.ppf(quantile - width)) * spread
    return np.asarray(stats.norm.pdf(residuals / h) / h)
