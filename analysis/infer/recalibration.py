"""Known totals met anew in each replicate, so that its variance knows what calibration leaves to chance."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from analysis.infer.columns import Codes, Floats
from analysis.infer.replicates import Recalibration
from analysis.infer.survey_design import SurveyDesign
from survey.distances import DISTANCES

STEPS, HALVINGS, TOLERANCE, SINGULAR = 100, 12, 1e-10, 1e-10
"""Of the search for calibrated weights: most steps, most halvings of one, the relative distance from totals at which it
ends, and the share of the largest direction up to which others are none."""

MISSED = 1e-3
"""Relative distance from a known total at which a replicate misses it."""


def recalibration(factors: Floats, design: SurveyDesign) -> Recalibration | None:
    """Calibrate each replicate to the totals that the weights of the design meet; None where there are none.

    In replicate r rows weigh ``w f_r g(x b_r)``, with w the weight before, g the distance and bounds of the sample's
    calibration, and b_r such that the totals of x are met (Deville and Sarndal, 1992, JASA 87). Of a design that was
    calibrated more than once, the last time counts. A replicate that has nobody left of a category, or whose totals
    lie beyond the bounds, misses its totals, by `MISSED` or more: it comes as near as Newton's steps get.

    Parameters
    ----------
    factors
        Clusters x replicates.
    design
        Weights, clusters and known totals, of all units that were calibrated.

    Raises
    ------
    ValueError
        If the design is that of a part of a table.

    Notes
    -----
    Agrees with R ``survey::calibrate`` of ``as.svrepdesign``, with ``calfun = "linear"``, "raking" and "logit" and
    ``bounds``, and with ``postStratify``.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.infer.survey_design import survey_design
    >>> from survey.calibration import poststratify
    >>> design = survey_design(pd.DataFrame({"company": ["a", "b", "c"]}))
    >>> tied = design.calibrated(poststratify(design.weights, [0, 0, 1], [4, 6]))
    >>> found = recalibration(np.array([[2.0], [1.0], [1.0]]), tied)
    >>> found.ratios(found.auxiliary).round(6).ravel().tolist()
    [1.333333, 1.333333, 6.0]
    """
    if not design.calibration:
        return None
    if design.units is not None:
        raise ValueError("replicates that meet known totals are made of all companies that were weighted")
    step = design.calibration[-1]
    distance = DISTANCES[step.method if step.method in DISTANCES else "linear"]
    start = np.zeros((step.auxiliary.shape[1], factors.shape[1]))
    unmoved = Recalibration(step.before * step.scaled, step.auxiliary, start, distance, step.bounds)
    return replace(unmoved, slopes=_searched(factors, unmoved, step.totals, design.clusters))


def _searched(factors: Floats, unmoved: Recalibration, totals: Floats, clusters: Codes) -> Floats:
    """Newton's steps for all replicates at once, over the kinds of rows: variables x replicates."""
    kinds, kind = np.unique(unmoved.auxiliary, axis=0, return_inverse=True)
    held = sparse.csr_array((unmoved.before, (kind, clusters)), shape=(len(kinds), len(factors)))
    weights: Floats = np.asarray(held @ factors, dtype=float)
    variables, scale = kinds.shape[1], 1 + np.abs(totals[:, None])
    squares = (kinds[:, :, None] * kinds[:, None, :]).reshape(len(kinds), variables**2)

    def misfit(slopes: Floats, weights: Floats) -> Floats:
        """What is missing of each total, divided by 1 + the total; infinite where a step went too far."""
        with np.errstate(over="ignore", invalid="ignore"):
            reached = kinds.T @ (weights * unmoved.distance.ratio(kinds @ slopes, unmoved.bounds))
        return np.where(np.isfinite(reached), (totals[:, None] - reached) / scale, np.inf)

    slopes, which = unmoved.slopes.copy(), np.arange(factors.shape[1])
    for _ in range(STEPS):
        off = misfit(slopes[:, which], weights[:, which])
        far = np.abs(off).max(axis=0, initial=0.0) > TOLERANCE
        which, off = which[far], off[:, far]
        if not len(which):
            break
        steep = weights[:, which] * unmoved.distance.slope(kinds @ slopes[:, which], unmoved.bounds)
        products = (squares.T @ steep).T.reshape(-1, variables, variables)
        # Margins hold one another's sums, so that their products are singular.
        inverse = np.linalg.pinv(products, rcond=SINGULAR, hermitian=True)
        step = (inverse @ (off * scale).T[:, :, None])[:, :, 0].T
        size = _sizes(slopes[:, which], step, off, weights=weights[:, which], misfit=misfit)
        slopes[:, which] += size * step
        which = which[size > 0]
    return slopes


def _sizes(
    slopes: Floats, step: Floats, off: Floats, *, weights: Floats, misfit: Callable[[Floats, Floats], Floats]
) -> Floats:
    """Share of Newton's step that each replicate takes: halved until it comes nearer to the totals, else 0."""
    size, left = np.ones(step.shape[1]), np.arange(step.shape[1])
    before = np.linalg.norm(off, axis=0)
    for _ in range(HALVINGS):
        moved = misfit(slopes[:, left] + size[left] * step[:, left], weights[:, left])
        left = left[~(np.linalg.norm(moved, axis=0) < before[left])]
        size[left] /= 2
    size[left] = 0.0
    return size
