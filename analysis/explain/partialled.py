"""A regressor without what the other terms explain of it, and the slope that is corrected for its error."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.explain.design_errors import drawn_sample, linearised_covariance
from analysis.explain.measurement_error import UNCERTAIN
from analysis.explain.specification import Design, Specification
from analysis.infer.columns import RESULT, Floats, result_columns
from analysis.infer.linearisation import sums
from analysis.infer.survey_design import SurveyDesign
from survey.language import digits, look_up, mark, say

RESTS_ON_MODEL = mark(
    "reliability given the other terms is only {reliability}, so that the correction rests on its model"
)
TOO_NARROW = mark("the reliability is itself uncertain, so that the interval is too narrow")

LOW = 0.5
"""Reliability given the other terms below which a correction more than doubles the slope."""


@dataclass(frozen=True, slots=True, eq=False)
class Partialled:
    """Regressor and outcome of a design, each without its least-squares fit on the other terms.

    A slope is then the slope of one column on one column (Frisch and Waugh, 1933).

    Parameters
    ----------
    regressor, outcome
        Residuals, one a row.
    leverage
        Diagonal of the hat matrix of the other terms.
    noise
        Sampling variance of each row's regressor; empty if it is not known.
    basis
        Orthonormal columns that span the other terms.
    design
        Where they come from; with weights all columns are times their root.
    sample
        How the rows were drawn; None unless errors are to come from it.
    """

    regressor: Floats
    outcome: Floats
    leverage: Floats
    noise: Floats
    basis: Floats
    design: Design
    sample: SurveyDesign | None = None

    @property
    def companies(self) -> int:
        """Number of companies."""
        return int(self.design.companies.max()) + 1

    def apart(self, values: Floats) -> Floats:
        """Return columns (rows x columns) without what the other terms explain of them."""
        moved = self.design.weighted(values)
        return np.asarray(moved - self.basis @ (self.basis.T @ moved))


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedSlope:
    """A slope corrected for measurement error.

    Parameters
    ----------
    method
        How it was corrected.
    slope
        `RESULT`, per point of the regressor; NaN where it cannot be corrected.
    reliability
        Share (0-1) of the regressor's variance, given the other terms, that is not error.
    note
        Why there is no slope, or how far to trust it; empty if nothing speaks against it.
    trace
        For SIMEX, ``added, estimate``: the slope as error is added, in shares of what there is.
    """

    method: str
    slope: "pd.Series[float]" = field(default_factory=lambda: pd.Series(np.nan, index=list(RESULT)))
    reliability: float = np.nan
    note: str = ""
    trace: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"added": [], "estimate": []}))

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``method``, `RESULT`, ``reliability`` and ``note``."""
        row = {"method": self.method, **self.slope.to_dict(), "reliability": self.reliability}
        return pd.DataFrame([{**row, "note": self.note}])

    def summary(self) -> str:
        """Return the slope with its interval and the note, as text."""
        if self.slope.isna().all():
            return f"{self.method}: no slope, {self.note}"
        low, high = self.slope["conf_low"], self.slope["conf_high"]
        text = f"{self.method}: {self.slope['estimate']:.4g} ({low:.4g} to {high:.4g}), 95% interval"
        return f"{text}; {self.note}" if self.note else text

    __repr__ = summary


def partialled(design: Design, sample: SurveyDesign | None = None) -> Partialled:
    """Take the other terms off regressor and outcome.

    Examples
    --------
    >>> made = Design(regressor=np.array([1.0, 2.0, 3.0]), outcome=np.array([2.0, 4.0, 6.0]),
    ...               others=pd.DataFrame({"Intercept": np.ones(3)}), companies=np.arange(3))
    >>> partialled(made).regressor.round(6).tolist()
    [-1.0, 0.0, 1.0]
    """
    terms = design.others.to_numpy()
    basis = np.linalg.qr(terms)[0] if terms.shape[1] else np.zeros((len(terms), 0))
    columns = np.column_stack([design.regressor, design.outcome])
    regressor, outcome = (columns - basis @ (basis.T @ columns)).T
    noise = design.std_error**2
    return Partialled(regressor, outcome, design.leverage(terms), noise, basis, design, sample)


def slope_results(
    parts: Partialled, specification: Specification, *, estimate: float, scores: Floats, information: float
) -> "pd.Series[float]":
    """Return `RESULT` of a slope from its rows' scores in the errors that a specification asks for.

    Clustered errors sum the scores by company, times ``G / (G - 1) * (n - 1) / (n - k)``; t has companies - 1
    degrees of freedom. With HC3 `scores` are expected to be divided by one less the leverage; t has n - k. Errors
    from the design take scores over `information` as linearised values (`analysis.explain.design_errors`).

    Parameters
    ----------
    parts, specification
        The data and the errors.
    estimate
        The slope.
    scores
        One a row; they sum to zero at the slope.
    information
        What the scores are divided by to give each row's influence.
    """
    n, k, groups = len(scores), parts.design.coefficients, parts.companies
    if parts.sample is not None:
        others = parts.design.others
        terms = 1 + others.shape[1] - ("Intercept" in others)
        covariance, df = linearised_covariance(scores[:, None], parts.design.rows, parts.sample, terms=terms)
        variance = float(covariance[0, 0])
    elif specification.covariance == "HC3":
        variance, df = float((scores**2).sum()), float(n - k)
    else:
        absorbed = parts.design.absorbed
        total = sums(scores[:, None], parts.design.companies, groups)[:, 0]
        correction = groups / (groups - 1) * (n - 1) / (n - k + absorbed)
        variance, df = correction * float((total**2).sum()), float(groups - 1)
    std_error = np.sqrt(variance) / abs(information)
    columns = result_columns(np.array([estimate]), np.array([std_error]), np.array([df]))
    return pd.Series({name: float(values[0]) for name, values in columns.items()} | {"n": float(n)})


def row_residuals(parts: Partialled, residuals: Floats, regressor: Floats, *, hc3: bool) -> Floats:
    """Return residuals, with HC3 divided by one less the leverage of each row in the whole model."""
    if not hc3:
        return residuals
    leverage = parts.leverage + regressor**2 / float(regressor @ regressor)
    return np.asarray(residuals / (1 - leverage))


def cautions(parts: Partialled, *, between: float, reliability: float) -> str:
    """Say why a correction is not to be trusted: low or uncertain reliability, few companies.

    Parameters
    ----------
    parts
        The data.
    between
        Variance of the true score given the other terms.
    reliability
        Share of the score's variance given the other terms that it makes up.
    """
    said = []
    if reliability < LOW:
        said.append(look_up(RESTS_ON_MODEL).format(reliability=digits(reliability, ".2f")))
    if between < UNCERTAIN * _between_error(parts, between):
        said.append(look_up(TOO_NARROW))
    return "; ".join(said)


def sample_of(design: Design, specification: Specification, frame: pd.DataFrame) -> SurveyDesign | None:
    """Return how the rows of a table were drawn where the errors of a model are those of the design; else None."""
    if design.obstacle or specification.covariance not in ("design", "replicates"):
        return None
    return drawn_sample(frame, design.rows, weights=specification.weights)


def without_error(design: Design) -> str:
    """Say why a design's regressor cannot be corrected by its sampling errors; empty if it can."""
    if design.obstacle:
        return design.obstacle
    return (
        "" if np.isfinite(design.std_error).all() else say("the sampling error of some scores is not known")
    )


def corrected_specification(specification: Specification) -> Specification:
    """Return the specification that asks for the regressor's sampling error."""
    return replace(specification, corrected=True)


def _between_error(parts: Partialled, between: float) -> float:
    noise = parts.noise if len(parts.noise) else np.zeros(len(parts.regressor))
    moves = parts.regressor**2 - parts.design.spare * (between + noise)
    total = sums(moves[:, None] / parts.design.spare.sum(), parts.design.companies, parts.companies)
    return float(np.sqrt((total**2).sum()))
