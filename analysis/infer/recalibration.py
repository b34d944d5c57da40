"""Known totals met anew in each replicate, so that its variance knows what calibration leaves to chance."""

import numpy as np
from scipy import sparse

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from analysis.infer.replicates import Recalibration
from analysis.infer.survey_design import SurveyDesign
from survey.calibration import Calibration

STEPS, TOLERANCE, RIDGE = 60, 1e-10, 1e-12
"""Of the search for raked weights: most steps, the relative distance from totals at which it ends, and what keeps
singular equations solvable."""

MISSED = 1e-3
"""Relative distance from a known total at which a replicate misses it."""


def recalibration(factors: Floats, design: SurveyDesign) -> Recalibration | None:
    """Calibrate each replicate to the totals that the weights of the design meet; None where there are none.

    In replicate r rows weigh ``w f_r g(x b_r)`` with b_r such that the totals of x are met (Deville and Sarndal, 1992,
    JASA 87). With linear calibration and post-stratification g is ``1 + u`` and w the weight before, with raking
    ``exp(u)``, as in the sample. With logit, bounds or trimming it is one step of regression from the weights after,
    which gives the same variance to first order (Stukel, Hidiroglou and Sarndal, 1996, Survey Methodology 22). Of a
    design that was calibrated more than once, the last time counts. A replicate that has nobody left of a category
    misses its total, by `MISSED` or more.

    Parameters
    ----------
    factors
        Clusters x replicates.
    design
        Weights, clusters and known totals.

    Notes
    -----
    Agrees with R ``survey::calibrate(calfun = "linear")``, ``calfun = "raking"`` and ``postStratify`` of
    ``as.svrepdesign``.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.infer.survey_design import survey_design
    >>> from survey.calibration import poststratify
    >>> design = survey_design(pd.DataFrame({"company": ["a", "b", "c"]}))
    >>> tied = design.calibrated(poststratify(design.weights, [0, 0, 1], [4, 6]))
    >>> found = recalibration(np.array([[2.0], [1.0], [1.0]]), tied)
    >>> (1 + found.auxiliary @ found.slopes).round(6).ravel().tolist()
    [1.333333, 1.333333, 6.0]
    """
    if not design.calibration:
        return None
    step = design.calibration[-1]
    if step.method == "raking":
        return Recalibration(step.weights, step.auxiliary, _raked(factors, step, design.clusters), raked=True)
    before = step.before if step.method in ("linear", "poststratification") else step.weights
    x = step.auxiliary
    rows, variables = x.shape
    squares = (x[:, :, None] * x[:, None, :]).reshape(rows, variables**2)
    reached = factors.T @ _of_clusters(before, x, design.clusters, len(factors))
    products = factors.T @ _of_clusters(before, squares, design.clusters, len(factors))
    # Margins hold one another's sums, so that their products are singular.
    inverse = np.linalg.pinv(products.reshape(-1, variables, variables), rcond=1e-10, hermitian=True)
    slopes = inverse @ (step.totals - reached)[:, :, None]
    return Recalibration(before, x, slopes[:, :, 0].T)


def _raked(factors: Floats, step: Calibration, clusters: Codes) -> Floats:
    """Newton's steps of raking for all replicates at once, over the kinds of rows: variables x replicates."""
    kinds, kind = np.unique(step.auxiliary, axis=0, return_inverse=True)
    held = sparse.csr_array((step.weights, (kind, clusters)), shape=(len(kinds), len(factors)))
    weights: Floats = np.asarray(held @ factors, dtype=float)
    count = kinds.shape[1]
    squares = (kinds[:, :, None] * kinds[:, None, :]).reshape(len(kinds), count**2)
    slopes = np.zeros((count, factors.shape[1]))
    for _ in range(STEPS):
        now = weights * np.exp(kinds @ slopes)
        missing = step.totals[:, None] - kinds.T @ now
        if (np.abs(missing) <= TOLERANCE * (1 + np.abs(step.totals[:, None]))).all():
            break
        products = (squares.T @ now).T.reshape(-1, count, count)
        # Margins hold one another's sums, so that their products are singular.
        products += RIDGE * (1 + np.trace(products, axis1=1, axis2=2))[:, None, None] * np.eye(count)
        slopes += np.clip(np.linalg.solve(products, missing.T[:, :, None])[:, :, 0].T, -1, 1)
    return slopes


def _of_clusters(weights: Floats, values: Floats, clusters: Codes, count: int) -> Floats:
    return sums(values * weights[:, None], clusters, count)
