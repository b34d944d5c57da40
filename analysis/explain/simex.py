"""SIMEX: what the slope would be without sampling error, seen from what more of it does."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

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

AT_ITS_LIMIT = mark("the extrapolation runs to its limit, so that the slope is not determined")
"""Says that a correction is not to be trusted."""

Extrapolation = Literal["linear", "quadratic", "nonlinear"]

NAMES: dict[Extrapolation, str] = {
    "linear": mark("SIMEX, linear"),
    "quadratic": mark("SIMEX, quadratic"),
    "nonlinear": mark("SIMEX, nonlinear"),
}
"""What reports call it, by the curve that is followed back."""

ADDED = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Error variance added, in shares of what there is."""

DRAWS = 100
"""Pairs of draws of error, each with its mirror image."""

NEAR = 8.0
"""How many times nearer or further than the reliability says the pole of the nonlinear curve may lie."""


def simex(
    specification: Specification,
    frame: pd.DataFrame,
    *,
    rng: np.random.Generator,
    extrapolation: Extrapolation = "quadratic",
    draws: int = DRAWS,
    unavailable: Mapping[str, str] | None = None,
) -> CorrectedSlope:
    """Estimate the slope of the true score by simulation and extrapolation.

    Normal error with ``added`` times the sampling variance of each row is added to the regressor, the slope is
    estimated again, and the mean slope as a function of ``added`` is followed back to -1, where no error is left
    (Cook and Stefanski, 1994, JASA 89). The curve is linear, quadratic, or ``a + b / (c + added)``, which is
    exact for least squares if all rows err alike. Standard errors come from the stacked estimating equations
    (Carroll, Küchenhoff, Lombard and Stefanski, 1996, JASA 91): each row's mean score at every step, carried
    through the extrapolation and summed by company, or as the design says. With weights each slope is one of weighted
    least squares.

    Parameters
    ----------
    specification
        The model; whether it says `corrected` does not matter here.
    frame
        Panel with ``<regressor>_se``.
    rng
        Source of the added error.
    extrapolation
        The curve; a linear one corrects too little, a quadratic one too if reliability is low.
    draws
        Pairs of draws at each step.
    unavailable
        Why columns are absent, by column.

    Notes
    -----
    With the same draws it agrees with R ``lm`` at each step and ``lm`` or ``nls`` as extrapolation, which is what
    R's ``simex`` does.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.normal(50, 10, 2000)
    >>> frame = pd.DataFrame({"company": range(2000), "alignment_se": 5.0, "growth": 0.2 * truth})
    >>> frame["alignment"] = truth + rng.normal(0, 5, 2000)
    >>> found = simex(Specification("m", "growth"), frame, rng=rng, extrapolation="nonlinear")
    >>> round(float(found.slope["estimate"]), 2)
    0.2
    """
    name = look_up(NAMES[extrapolation])
    design = build_design(corrected_specification(specification), frame, unavailable=unavailable)
    obstacle = without_error(design)
    if obstacle:
        return CorrectedSlope(name, note=obstacle)
    half = rng.normal(size=(len(design.regressor), draws))
    parts = partialled(design, sample_of(design, specification, frame))
    return simex_of_draws(parts, specification, error=np.hstack([half, -half]), extrapolation=extrapolation)


def simex_of_draws(
    parts: Partialled, specification: Specification, *, error: Floats, extrapolation: Extrapolation
) -> CorrectedSlope:
    """Follow the slope back from given draws of standard normal error, rows x draws; see `simex`."""
    name = look_up(NAMES[extrapolation])
    reliability = 1 - float((parts.design.spare @ parts.noise) / (parts.regressor @ parts.regressor))
    if reliability <= 0:
        return CorrectedSlope(name, reliability=reliability, note=look_up(ALL_ERROR))
    noise = parts.apart(error * np.sqrt(parts.noise)[:, None])
    hc3 = specification.covariance == "HC3"
    steps = [_step(parts, np.sqrt(added) * noise, hc3=hc3) for added in ADDED]
    slopes, moves = np.array([slope for slope, _ in steps]), np.array([move for _, move in steps])
    estimate, weights, edge = _EXTRAPOLATED[extrapolation](slopes, reliability)
    slope = slope_results(parts, specification, estimate=estimate, scores=weights @ moves, information=1.0)
    between = reliability * float(parts.regressor @ parts.regressor) / float(parts.design.spare.sum())
    notes = [cautions(parts, between=between, reliability=reliability)]
    if edge:
        notes.append(look_up(AT_ITS_LIMIT))
    if extrapolation != "nonlinear" and reliability < 2 / 3:
        notes.append(
            say(
                "with reliability {reliability} this curve corrects too little",
                reliability=digits(reliability, ".2f"),
            )
        )
    trace = pd.DataFrame({"added": ADDED, "estimate": slopes})
    return CorrectedSlope(name, slope, reliability, "; ".join(filter(None, notes)), trace)


def _step(parts: Partialled, added: Floats, *, hc3: bool) -> tuple[float, Floats]:
    """Mean slope over the draws of added error (rows x draws), and what each row moves it by."""
    regressor = parts.regressor[:, None] + added
    square = (regressor**2).sum(axis=0)
    slopes = parts.outcome @ regressor / square
    residuals = parts.outcome[:, None] - regressor * slopes
    moves = (regressor * residuals / square).mean(axis=1)
    return float(slopes.mean()), row_residuals(parts, moves, parts.regressor, hc3=hc3)


def polynomial_weights(degree: int) -> Floats:
    """Return what the value at -1 of a least-squares polynomial through the steps takes of each.

    Examples
    --------
    >>> float((polynomial_weights(2) @ (1 + np.array(ADDED) ** 2)).round(6))
    2.0
    """
    powers = np.vander(np.array(ADDED), degree + 1, increasing=True)
    return np.asarray((-1.0) ** np.arange(degree + 1) @ np.linalg.pinv(powers))


def _polynomial(degree: int) -> Callable[[Floats, float], tuple[float, Floats, bool]]:
    weights = polynomial_weights(degree)
    return lambda slopes, _: (float(weights @ slopes), weights, False)


def _rational(slopes: Floats, reliability: float) -> tuple[float, Floats, bool]:
    """Value at -1 of ``a + b / (c + added)``, its derivatives by the slopes, and whether c is at its limit."""
    # If all rows err alike, c - 1 is the odds of the reliability: c is looked for around it.
    odds = min(reliability / max(1 - reliability, 1e-12), 1e4)
    estimate, distance = _rational_fit(slopes, odds)
    step = 1e-5 * max(float(np.abs(slopes).max()), 1e-12)
    shifted = [
        _rational_fit(slopes + step * row, odds)[0] - _rational_fit(slopes - step * row, odds)[0]
        for row in np.eye(len(slopes))
    ]
    return estimate, np.array(shifted) / (2 * step), distance < 1.01 * odds / NEAR and reliability < 1


def _rational_fit(slopes: Floats, odds: float) -> tuple[float, float]:
    """Least squares over c, which is profiled: given c, the curve is linear in a and b."""
    size = float(np.abs(slopes).max()) or 1.0
    scaled = slopes / size

    def fitted(log_distance: float) -> tuple[float, float]:
        distance = np.exp(log_distance)
        # In this form b is the slope's change per unit added, so that a straight line is no limit without digits.
        bent = -distance * np.array(ADDED) / (1 + distance + np.array(ADDED))
        terms = np.column_stack([np.ones(len(ADDED)), bent])
        coefficients, *_ = np.linalg.lstsq(terms, scaled, rcond=None)
        left = scaled - terms @ coefficients
        return float(left @ left), float(coefficients[0] + coefficients[1])

    grid = np.log(odds) + np.linspace(-np.log(NEAR), np.log(NEAR), 30)
    place = int(np.argmin([fitted(point)[0] for point in grid]))
    around = (grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)])
    best = minimize_scalar(
        lambda point: fitted(point)[0], bounds=around, method="bounded", options={"xatol": 1e-12}
    )
    return size * fitted(float(best.x))[1], float(np.exp(best.x))


_EXTRAPOLATED: Mapping[str, Callable[[Floats, float], tuple[float, Floats, bool]]] = {
    "linear": _polynomial(1), "quadratic": _polynomial(2), "nonlinear": _rational,
}  # fmt: skip
