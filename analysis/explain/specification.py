"""What a model is: its specification, and the rows and terms that the data leave of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis.explain.errors import read_errors
from analysis.explain.obstacles import absent, not_told_apart, without_values
from analysis.explain.terms import demeaned, quoted, terms_of
from analysis.infer.columns import Codes, Floats, is_numeric
from analysis.infer.linearisation import clusters_of
from analysis.infer.model_terms import DEPENDENT, independent, is_number
from survey.language import say

SPARE_ROWS = 5
"""Rows needed beyond the number of coefficients."""

Estimator = Literal[
    "ols", "quantile", "robust", "logistic", "first_differences", "between", "random_effects",
    "within_between", "mixed",
]  # fmt: skip
"""How a model is fitted; `analysis.explain.regression.fit_frame` says what each is."""


@dataclass(frozen=True, slots=True)
class Specification:
    """A model of an outcome, as declared before it is fitted.

    Parameters
    ----------
    name
        What reports call it.
    outcome, regressor
        Numeric panel columns; the regressor is the term of interest.
    controls
        Further terms: numeric columns as they are, columns of words as categories; ``a:b`` is a product.
    effects
        Columns that enter as categories, such as wave and industry.
    covariance
        The errors, as `analysis.explain.errors.read_errors` reads them: "HC3", "cluster", "CR2 by industry", "design".
    declared
        Whether the study declared it; else it is exploratory.
    corrected
        Whether the regressor's sampling error, column ``<regressor>_se``, is corrected for.
    within
        Whether every company has an effect of its own, so that only changes within companies count.
    estimator
        How it is fitted; "ols" with `weights` is weighted least squares.
    weights
        Column of weights; empty for none.
    also
        Further kinds of errors to be shown beside `covariance`.
    quantile
        Which quantile (0-1) a quantile regression is of.
    top
        If above 0, the outcome is whether a row is among this share (0-1) of its wave, or of the wave's weight.
    lagged_outcome
        Whether the outcome of the wave before is a control.
    lag
        How many waves before its outcome the regressor was measured, beyond what the outcome's join says.

    Examples
    --------
    >>> Specification("by wave", "revenue_growth", controls=("log size",), effects=("wave",)).formula
    "revenue_growth ~ alignment + Q('log size') + C(wave)"
    """

    name: str
    outcome: str
    regressor: str = "alignment"
    controls: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    covariance: str = "HC3"
    declared: bool = True
    corrected: bool = False
    within: bool = False
    estimator: Estimator = "ols"
    weights: str = ""
    also: tuple[str, ...] = ()
    quantile: float = 0.5
    top: float = 0.0
    lagged_outcome: bool = False
    lag: int = 0

    @property
    def formula(self) -> str:
        """The model in the formula language of statsmodels; with `within`, company effects as dummies."""
        effects = [*(["company"] if self.within else []), *self.effects]
        products = [":".join(map(quoted, name.split(":"))) for name in (self.regressor, *self.controls)]
        terms = [*products, *(f"C({quoted(e)})" for e in effects)]
        return f"{quoted(self.outcome)} ~ {' + '.join(terms)}"

    @property
    def contradiction(self) -> str:
        """Why its parts do not go together, and what is nearest, in words; "" if they do."""
        kind = self.estimator
        faults = {
            f"company effects are taken out of ols only, not of {kind}: take ols, or leave out `within`": (
                self.within and kind != "ols"
            ),
            f"{kind} takes no weights: leave them out, or take ols": (
                bool(self.weights) and kind in ("random_effects", "within_between", "mixed")
            ),
            f"the correction for few informants is for ols, not for {kind}: leave out the one or the other": (
                self.corrected and kind != "ols"
            ),
            f"a top share is yes or no, which {kind} does not take: take logistic or ols": (
                self.top > 0 and kind not in ("ols", "logistic")
            ),
            "a top share has no outcome of the wave before: leave out `lagged_outcome`": (
                self.top > 0 and self.lagged_outcome
            ),
            f"{kind} takes no lagged outcome: leave it out, or take ols": (
                self.lagged_outcome and kind in ("first_differences", "between")
            ),
        }
        return next((fault for fault, holds in faults.items() if holds), "")

    @property
    def clusters(self) -> tuple[str, ...]:
        """Columns that the errors are clustered by."""
        kinds = (self.covariance, *self.also)
        return tuple(dict.fromkeys(name for kind in kinds for name in read_errors(kind).by))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a row needs to be used."""
        extra = (*((f"{self.regressor}_se",) if self.corrected else ()), *self.controls, *self.effects)
        weights = (self.weights,) if self.weights else ()
        return tuple(dict.fromkeys((self.outcome, self.regressor, *extra, *weights, *self.clusters)))


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Arrays ready for least squares, or the `obstacle` that stands in the way, in words.

    Parameters
    ----------
    outcome, regressor
        One value a row; deviations from the company's mean where the model is within companies, times the
        root of the row's weight where there are weights.
    others
        The remaining terms that the data can tell apart, named ``control`` or ``effect[level]``, with
        the intercept first; deviations, and no intercept, where the model is within companies; times the
        root of the weights.
    std_error
        Sampling error of the regressor; empty unless it is to be corrected for.
    rows, companies
        Position of each row in the frame it came from, and the code of its company.
    absorbed
        Number of company effects taken out as means.
    weights
        One a row; empty where all count the same.
    dropped
        Rows left out, by reason; a row counts under its first reason.
    notes
        What the reader has to know about the terms.
    """

    outcome: Floats = field(default_factory=lambda: np.empty(0))
    regressor: Floats = field(default_factory=lambda: np.empty(0))
    others: pd.DataFrame = field(default_factory=pd.DataFrame)
    std_error: Floats = field(default_factory=lambda: np.empty(0))
    rows: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    companies: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    absorbed: int = 0
    weights: Floats = field(default_factory=lambda: np.empty(0))
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def coefficients(self) -> int:
        """Number of coefficients, company effects included."""
        return 1 + self.others.shape[1] + self.absorbed

    @property
    def roots(self) -> Floats:
        """Root of each row's weight; ones where all count the same."""
        return np.sqrt(self.weights) if len(self.weights) else np.ones(len(self.companies))

    @property
    def matrix(self) -> Floats:
        """Rows x terms, the regressor first."""
        return np.column_stack([self.regressor, self.others.to_numpy()])

    def deviations(self, values: Floats) -> Floats:
        """Return `values` (rows, or rows x columns) less their company's mean, if effects are absorbed."""
        weights = self.weights if len(self.weights) else None
        return demeaned(values, self.companies, weights) if self.absorbed else values

    def weighted(self, values: Floats) -> Floats:
        """Return `values` (rows, or rows x columns) as least squares takes them: deviations times root of weight."""
        roots = self.roots if values.ndim == 1 else self.roots[:, None]
        return np.asarray(self.deviations(values) * roots)

    @property
    def spare(self) -> Floats:
        """What each row's error adds to the squares that the other terms leave: its weight, less its part in them."""
        return np.asarray(self.roots**2 * (1 - self.leverage(self.others.to_numpy())))

    def leverage(self, matrix: Floats) -> Floats:
        """Return the diagonal of the hat matrix of the columns of `matrix` and the company effects."""
        return np.asarray((np.linalg.qr(matrix)[0] ** 2).sum(axis=1) + self.absorbed_leverage)

    @property
    def absorbed_leverage(self) -> Floats | float:
        """Return the leverage of each row in its company's effect; zero if none are absorbed."""
        if not self.absorbed:
            return 0.0
        weights = self.roots**2
        return np.asarray(weights / np.bincount(self.companies, weights)[self.companies])


def build_design(
    specification: Specification, frame: pd.DataFrame, *, unavailable: Mapping[str, str] | None = None
) -> Design:
    """Find the rows and terms of a specification that the data can estimate.

    Rows that lack a value are left out and counted. So are rows that a term fits by itself, such as the
    only company of an industry or the only wave of a company: they say nothing about the other terms.
    Terms that the others determine are left out in their declared order; a regressor that the others
    determine is an obstacle.

    Parameters
    ----------
    specification
        The model; its columns are taken as they stand (`analysis.explain.panel_terms` makes those of
        differences, means and waves before).
    frame
        Panel, one row per company and wave.
    unavailable
        Why columns are absent, by column.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcdefgh"), "alignment": range(8), "growth": [1.0] * 8})
    >>> build_design(Specification("m", "growth"), frame).obstacle
    'growth does not vary'
    """
    obstacle = next(_absences(specification, frame, unavailable or {}), specification.contradiction)
    if obstacle:
        return Design(obstacle=obstacle)
    rows, dropped = complete_rows(specification, frame)
    while True:
        design, leverage = _design_of(specification, frame.iloc[rows])
        design = replace(design, rows=rows, dropped=dict(dropped))
        lone = leverage > 1 - DEPENDENT
        if design.obstacle or not lone.any():
            return design
        reason = say("the only row of a company or category")
        dropped[reason] = dropped.get(reason, 0) + int(lone.sum())
        rows = rows[~lone]


def _absences(
    specification: Specification, frame: pd.DataFrame, unavailable: Mapping[str, str]
) -> Iterator[str]:
    terms = (specification.regressor, *specification.controls, *specification.effects)
    if specification.outcome in terms:
        yield say("{outcome} stands on both sides", outcome=specification.outcome)
    for name in (*specification.columns, "company"):
        if name not in frame:
            yield absent(name, unavailable)
        elif frame[name].isna().all():
            yield without_values(name, unavailable)
    weights = (specification.weights,) if specification.weights else ()
    for name in (specification.outcome, specification.regressor, *weights):
        if name in frame and not is_numeric(frame[name]):
            yield say("{name} does not hold numbers", name=name)


def complete_rows(specification: Specification, frame: pd.DataFrame) -> tuple[Codes, dict[str, int]]:
    """Return the positions of the rows with every value, and how many were left out for which reason.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "b"], "growth": [1.0, None], "alignment": [50.0, 60.0]})
    >>> complete_rows(Specification("m", "growth"), frame)
    (array([0]), {'growth is missing': 1})
    """
    kept = np.ones(len(frame), dtype=bool)
    dropped: dict[str, int] = {}
    for name in specification.columns:
        column = frame[name]
        faults = {say("{name} is missing", name=name): column.isna().to_numpy()}
        if is_number(column):
            values = column.to_numpy(float, na_value=np.nan)
            faults[say("{name} is infinite", name=name)] = np.isinf(values)
            if name == specification.weights:
                faults[say("{name} is not above zero", name=name)] = values <= 0
        for reason, bad in faults.items():
            if (kept & bad).any():
                dropped[reason] = int((kept & bad).sum())
            kept &= ~bad
    return np.flatnonzero(kept), dropped


def _design_of(specification: Specification, data: pd.DataFrame) -> tuple[Design, Floats]:
    """Build the arrays of complete rows, and each row's leverage in the whole model."""
    outcome, regressor = (
        data[name].to_numpy(float) for name in (specification.outcome, specification.regressor)
    )
    raw, notes = terms_of(
        data, specification.controls, specification.effects, intercept=not specification.within
    )
    companies = clusters_of(data, "company")
    absorbed = int(companies.max(initial=-1)) + 1 if specification.within else 0
    weights = data[specification.weights].to_numpy(float) if specification.weights else np.empty(0)
    design = Design(companies=companies, absorbed=absorbed, weights=weights)
    matrix, roots = np.column_stack([raw.to_numpy(), regressor]), design.roots
    moved = design.weighted(matrix)
    keep, leverage = independent(moved, np.linalg.norm(matrix * roots[:, None], axis=0))
    last = matrix.shape[1] - 1
    kept = keep[keep != last]
    left_out = raw.columns.delete(kept).tolist()
    if left_out:
        notes.append(say("left out, as other terms determine them: {left_out}", left_out=", ".join(left_out)))
    design = replace(
        design, others=pd.DataFrame(moved[:, kept], columns=raw.columns[kept]), notes=tuple(notes)
    )
    obstacle = _obstacle(specification, design, outcome, regressor)
    if not obstacle and last not in keep:
        obstacle = not_told_apart(specification.regressor)
    error = data[f"{specification.regressor}_se"].to_numpy(float) if specification.corrected else np.empty(0)
    design = replace(
        design, outcome=design.weighted(outcome), regressor=moved[:, last], std_error=error, obstacle=obstacle
    )
    return design, np.asarray(leverage + design.absorbed_leverage)


def _obstacle(specification: Specification, design: Design, outcome: Floats, regressor: Floats) -> str:
    n, k = len(outcome), design.coefficients
    if n < k + SPARE_ROWS:
        return say("too few rows: {n} for {k} coefficients, {needed} needed", n=n, k=k, needed=k + SPARE_ROWS)
    if "company" in specification.clusters and design.companies.max() < 1:
        return say("errors cannot be clustered: there is one company")
    for name, values in ((specification.outcome, outcome), (specification.regressor, regressor)):
        if np.linalg.norm(design.deviations(values - values.mean())) <= DEPENDENT * np.linalg.norm(values):
            if specification.within:
                return say("{name} does not vary within companies", name=name)
            return say("{name} does not vary", name=name)
    return ""
