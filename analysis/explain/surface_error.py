"""How much the error of companies' scores flattens a response surface."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.explain.simex import ADDED, polynomial_weights
from analysis.explain.surface_design import (
    SurfaceDesign,
    SurfaceSpecification,
    quadratic,
    surface_design,
)
from analysis.explain.surface_features import CONTRASTS, SLOPES
from analysis.infer.columns import Floats

DRAWS = 40
"""Pairs of draws of error at each step."""


def surface_without_error(
    specification: SurfaceSpecification,
    frame: pd.DataFrame,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
    unavailable: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Estimate a1 to a5 as they would be without sampling error, by SIMEX.

    Error makes slopes smaller by reliability, and bends by its square: along agreement by that of the mean of both
    scores, across it by that of their difference, which is the lower one; with 0.7 half of the bend is left. This is
    exact for normal scores that err alike, without controls. SIMEX sees what is true here: normal error of the size
    there is is added to both scores, the surface is fitted again, and the means are followed back along a quadratic
    curve to where no error is left (Cook and Stefanski, 1994, JASA 89), which undoes part of the flattening.

    Parameters
    ----------
    specification
        The surface.
    frame
        Panel with ``<x>_se`` and ``<y>_se``, the sampling errors of the scores; errors of x and y are taken to be
        independent, as they come from different people.
    rng
        Source of the added error.
    draws
        Pairs of draws at each step.
    unavailable
        Why columns are absent, by column.

    Returns
    -------
    DataFrame
        ``term, measured, corrected`` and ``left``, the share (0-1) that error leaves of it by the reliabilities.
        Without intervals. Empty where the errors are not known.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.normal(60, 10, (3000, 2))
    >>> frame = pd.DataFrame(truth + rng.normal(0, 5, (3000, 2)), columns=["alignment_sales", "alignment_marketing"])
    >>> frame = frame.assign(company=range(3000), alignment_sales_se=5.0, alignment_marketing_se=5.0)
    >>> frame["growth"] = 8 - 0.01 * (truth[:, 0] - truth[:, 1]) ** 2
    >>> found = surface_without_error(SurfaceSpecification("s", "growth"), frame, rng=rng).set_index("term")
    >>> found.loc["a4", ["measured", "corrected", "left"]].round(2).tolist()
    [-0.03, -0.04, 0.65]
    """
    errors = [f"{specification.x}_se", f"{specification.y}_se"]
    empty = pd.DataFrame({"term": pd.Series(dtype="str"), "measured": [], "corrected": [], "left": []})
    if not set(errors) <= set(frame):
        return empty
    known = frame[frame[errors].notna().all(axis=1)]
    design = surface_design(specification, known, unavailable=unavailable)
    if design.obstacle:
        return empty
    noise = known[errors].to_numpy(float)[design.rows] / specification.per
    half = rng.normal(size=(draws, len(noise), 2)) * noise
    drawn = np.concatenate([half, -half])
    steps = np.array([_mean_slopes(design, np.sqrt(added) * drawn) for added in ADDED])
    corrected = polynomial_weights(2) @ steps
    columns = {"measured": steps[0], "corrected": corrected, "left": _left(design, noise)}
    return pd.DataFrame({"term": SLOPES, **columns})


def _left(design: SurfaceDesign, noise: Floats) -> Floats:
    """What error leaves of a1 to a5: the surface in sum and difference has these as its coefficients."""
    variance = float(np.average((noise**2).sum(axis=1), weights=design.weight))
    level, gap = (
        max(0.0, 1 - variance / float(np.cov(scores, aweights=design.weight)))
        for scores in (design.x + design.y, design.x - design.y)
    )
    return np.array([level, level**2, gap, gap**2, level * gap])


def _mean_slopes(design: SurfaceDesign, added: Floats) -> Floats:
    """Mean of a1 to a5 over surfaces with added error, draws x rows x 2."""
    basis = np.linalg.qr(design.weighted(design.others))[0]
    root = np.sqrt(design.weight)[:, None]
    outcome = design.weighted(design.outcome)[:, 0]
    terms = quadratic(design.x + added[..., 0], design.y + added[..., 1]) * root
    terms = terms - basis @ (basis.T @ terms)
    products = np.swapaxes(terms, 1, 2) @ terms
    b = np.linalg.solve(products, (np.swapaxes(terms, 1, 2) @ outcome)[..., None])[..., 0]
    return np.asarray((b @ CONTRASTS.T).mean(axis=0))
