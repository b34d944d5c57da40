"""Regression calibration: a slope corrected for the sampling error of the companies' scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.explain.specification import Design, Specification, build_design
from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from survey.language import digits, look_up, mark, say

ALL_ERROR = mark("no correction: given the other terms, scores vary no more than sampling error would")
UNSURE = mark("the reliability is itself uncertain, so the interval is too narrow")

UNCERTAIN = 2.0
"""Below this many standard errors of its own, the variance left after controls carries no correction."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Best guesses of the companies' true scores.

    Parameters
    ----------
    frame
        company, wave if there is one, measured, std_error, reliability (0-1, given the other terms) and
        calibrated, one row per row used. With company effects the scores are deviations from the
        company's mean.
    between
        Variance of the true score given the other terms, in squared points.
    note
        What was done, or why nothing could be.
    """

    frame: pd.DataFrame
    between: float
    note: str

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedScores:
    """Arrays of a calibration, one value a row; an `obstacle` in words stands instead of them.

    Values and residuals are times the root of the weights, as the design's are.
    """

    values: Floats = field(default_factory=lambda: np.empty(0))
    reliability: Floats = field(default_factory=lambda: np.empty(0))
    residuals: Floats = field(default_factory=lambda: np.empty(0))
    between: float = np.nan
    between_influence: Floats = field(default_factory=lambda: np.empty(0))
    note: str = ""
    obstacle: str = ""


def calibrate(
    frame: pd.DataFrame, specification: Specification, *, unavailable: Mapping[str, str] | None = None
) -> Calibration:
    """Replace a score measured with error by its expectation given the measurement and the other terms.

    With W the measured score, ``se`` its sampling error and Z the other terms of the model, W is
    regressed on Z; r is the residual, h its leverage, n and k count rows and terms. Then

    - ``tau2 = (sum(r ** 2) - sum((1 - h) * se ** 2)) / (n - k)``, the true variance given Z; with weights w
      ``(sum(w * r ** 2) - sum(w * (1 - h) * se ** 2)) / sum(w * (1 - h))``, which does not depend on their unit,
    - ``lambda = tau2 / (tau2 + se ** 2)``, each row's reliability given Z,
    - ``calibrated = fitted + lambda * r``.

    Least squares of the outcome on the calibrated score and Z estimates the slope of the true score
    (Carroll, Ruppert, Stefanski and Crainiceanu, 2006, Measurement Error in Nonlinear Models, ch. 4),
    if errors are independent of the outcome, which a halo would break.

    Parameters
    ----------
    frame
        Panel with ``<regressor>_se``.
    specification
        The model; whether it says `corrected` does not matter here.
    unavailable
        Why columns are absent, by column.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.normal(50, 10, 200)
    >>> frame = pd.DataFrame({"company": range(200), "alignment_se": 5.0, "growth": 0.2 * truth})
    >>> frame["alignment"] = truth + rng.normal(0, 5, 200)
    >>> round(float(calibrate(frame, Specification("m", "growth")).frame["reliability"].mean()), 1)
    0.8
    """
    design = build_design(replace(specification, corrected=True), frame, unavailable=unavailable)
    scores = calibrated_scores(design)
    if scores.obstacle:
        columns = ["company", "measured", "std_error", "reliability", "calibrated"]
        return Calibration(pd.DataFrame(columns=columns), scores.between, scores.obstacle)
    keys = [key for key in ("company", "wave") if key in frame]
    table = frame[keys].iloc[design.rows].reset_index(drop=True)
    table = table.assign(measured=design.regressor / design.roots, std_error=design.std_error)
    table = table.assign(reliability=scores.reliability, calibrated=scores.values / design.roots)
    return Calibration(table, scores.between, scores.note)


def calibrated_scores(design: Design) -> CalibratedScores:
    """Calibrate the regressor of a design, as `calibrate` describes.

    Examples
    --------
    >>> calibrated_scores(Design(obstacle="growth does not vary")).obstacle
    'growth does not vary'
    """
    if design.obstacle:
        return CalibratedScores(obstacle=design.obstacle)
    terms = design.others.to_numpy()
    residuals = design.regressor - terms @ np.linalg.lstsq(terms, design.regressor, rcond=None)[0]
    noise, spare = design.std_error**2, design.spare
    between = float((residuals**2).sum() - (spare * noise).sum()) / float(spare.sum())
    if between <= 0:
        return CalibratedScores(between=between, obstacle=look_up(ALL_ERROR))
    reliability = between / (between + noise)
    roots = design.roots
    values = design.weighted((design.regressor - (1 - reliability) * residuals) / roots)
    influence = (residuals**2 - spare * (between + noise)) / spare.sum()
    note = say(
        "corrected for sampling error by regression calibration, mean reliability {reliability}",
        reliability=digits(np.average(reliability, weights=roots**2), ".2f"),
    )
    if between < UNCERTAIN * _std_error(influence, design.companies):
        note += f"; {look_up(UNSURE)}"
    return CalibratedScores(values, reliability, residuals, between, influence, note)


def calibration_scores(design: Design, calibrated: CalibratedScores, matrix: Floats, slope: float) -> Floats:
    """Add to each row's least-squares score what the estimated calibration contributes.

    The calibration's parameters, tau2 and the coefficients of W on Z, are estimated from the same
    companies. The delta method on the stacked estimating equations (Carroll et al., 2006, appendix A)
    adds to a row's score its influence on these parameters times the derivative of the slope's equation
    with respect to them. The sampling errors themselves count as known: they are pooled over the
    wave's informants.

    Parameters
    ----------
    design, calibrated
        The design and its calibrated scores.
    matrix
        Rows x terms of the outcome's regression, with the calibrated score as regressor.
    slope
        Coefficient of the calibrated score.

    Returns
    -------
    ndarray
        Rows x terms, for `analysis.explain.covariance`.

    Examples
    --------
    >>> design = Design(regressor=np.arange(4.0), others=pd.DataFrame({"Intercept": np.ones(4)}),
    ...                 std_error=np.full(4, 0.5), companies=np.arange(4))
    >>> calibrated = calibrated_scores(design)
    >>> matrix = np.column_stack([calibrated.values, np.ones(4)])
    >>> np.abs(calibration_scores(design, calibrated, matrix, 0.0)).max(axis=0).tolist()
    [0.0, 0.0]
    """
    terms, noise = design.others.to_numpy(), design.std_error**2
    roots = design.roots
    by_between = calibrated.residuals / roots * noise / (calibrated.between + noise) ** 2
    by_terms = ((1 - calibrated.reliability) / roots)[:, None] * terms
    slope_by_between = -slope * matrix.T @ design.weighted(by_between)
    slope_by_terms = -slope * matrix.T @ design.weighted(by_terms)
    terms_influence = np.linalg.pinv(terms).T * calibrated.residuals[:, None]
    return np.outer(calibrated.between_influence, slope_by_between) + terms_influence @ slope_by_terms.T


def _std_error(influence: Floats, companies: Codes) -> float:
    return float(np.sqrt((sums(influence[:, None], companies, int(companies.max()) + 1) ** 2).sum()))
