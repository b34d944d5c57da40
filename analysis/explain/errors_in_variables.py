"""Errors in variables: the slope from moments less what sampling error adds to them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.explain.measurement_error import ALL_ERROR
from analysis.explain.partialled import (
    CorrectedSlope,
    Partialled,
    cautions,
    corrected_specification,
    partialled,
    row_residuals,
    sample_of,
    slope_results,
    without_error,
)
from analysis.explain.specification import Specification, build_design
from analysis.infer.columns import Floats
from survey.language import digits, look_up, mark, say

BETWEEN_ONLY = mark("a reliability among companies says nothing of changes within them")


def errors_in_variables(
    specification: Specification,
    frame: pd.DataFrame,
    *,
    reliability: float | None = None,
    unavailable: Mapping[str, str] | None = None,
) -> CorrectedSlope:
    """Estimate the slope of the true score by correcting moments (Fuller, 1987, Measurement Error Models, ch. 2).

    With r the regressor and y the outcome without what the other terms explain, h their leverage and ``se`` the
    sampling error: ``slope = sum(r y) / (sum(r ** 2) - sum((1 - h) se ** 2))``, each term of the sums times the row's
    weight where there are weights. Given a `reliability` such as
    ICC(2), ``(1 - reliability) * sum((W - mean W) ** 2)`` of the measured score W stands for the sum of error
    variances, as in ``eivreg`` of Stata. Standard errors are the sandwich of the estimating equations, in the
    form that the specification asks for; error variances count as known.

    Parameters
    ----------
    specification
        The model; whether it says `corrected` does not matter here.
    frame
        Panel, with ``<regressor>_se`` unless a reliability is given.
    reliability
        0-1, of the score as it is; not for models within companies.
    unavailable
        Why columns are absent, by column.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.normal(50, 10, 2000)
    >>> frame = pd.DataFrame({"company": range(2000), "alignment_se": 5.0, "growth": 0.2 * truth})
    >>> frame["alignment"] = truth + rng.normal(0, 5, 2000)
    >>> found = errors_in_variables(Specification("m", "growth"), frame)
    >>> round(float(found.slope["estimate"]), 2), round(found.reliability, 1)
    (0.2, 0.8)
    """
    given = reliability is not None
    name = say("Errors in variables")
    if reliability is not None:
        name = say("Errors in variables, reliability {reliability}", reliability=digits(reliability, ".2f"))
    wanted = replace(specification, corrected=False) if given else corrected_specification(specification)
    design = build_design(wanted, frame, unavailable=unavailable)
    obstacle = design.obstacle if given else without_error(design)
    if not obstacle and given and design.absorbed:
        obstacle = look_up(BETWEEN_ONLY)
    if obstacle:
        return CorrectedSlope(name, note=obstacle)
    parts = partialled(design, sample_of(design, specification, frame))
    if reliability is None:
        error = design.spare * parts.noise
    else:
        mean = np.average(design.regressor / design.roots, weights=design.roots**2)
        error = (1 - reliability) * (design.regressor - mean * design.roots) ** 2
    return _corrected(name, parts, specification, error)


def _corrected(name: str, parts: Partialled, specification: Specification, error: Floats) -> CorrectedSlope:
    """Solve the corrected moment; `error` is each row's part of what error adds to it."""
    total = float(parts.regressor @ parts.regressor)
    information = total - float(error.sum())
    if information <= 0:
        return CorrectedSlope(name, reliability=information / total, note=look_up(ALL_ERROR))
    estimate = float(parts.regressor @ parts.outcome) / information
    residuals = parts.outcome - estimate * parts.regressor
    residuals = row_residuals(parts, residuals, parts.regressor, hc3=specification.covariance == "HC3")
    scores = parts.regressor * residuals + estimate * error
    slope = slope_results(parts, specification, estimate=estimate, scores=scores, information=information)
    reliability = information / total
    note = cautions(parts, between=information / parts.design.spare.sum(), reliability=reliability)
    return CorrectedSlope(name, slope, reliability, note)
