"""What a model is: its specification, and the rows and terms that the data leave of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats, is_numeric
from analysis.infer.linearisation import clusters_of, sums
from analysis.infer.model_terms import DEPENDENT, dummies, independent

SPARE_ROWS = 5
"""Rows needed beyond the number of coefficients."""


@dataclass(frozen=True, slots=True)
class Specification:
    """A linear model of an outcome, as declared before it is fitted.

    Parameters
    ----------
    name
        What reports call it.
    outcome, regressor
        Numeric panel columns; the regressor is the term of interest.
    controls
        Further terms: numeric columns as they are, columns of words as categories.
    effects
        Columns that enter as categories, such as wave and industry.
    covariance
        "HC3" (MacKinnon and White, 1985) or "cluster", by company.
    declared
        Whether the study declared it; else it is exploratory.
    corrected
        Whether the regressor's sampling error, column ``<regressor>_se``, is corrected for.
    within
        Whether every company has an effect of its own, so that only changes within companies count.

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
    covariance: Literal["HC3", "cluster"] = "HC3"
    declared: bool = True
    corrected: bool = False
    within: bool = False

    @property
    def formula(self) -> str:
        """The model in the formula language of statsmodels; with `within`, company effects as dummies."""
        effects = [*(["company"] if self.within else []), *self.effects]
        terms = [*map(_quoted, (self.regressor, *self.controls)), *(f"C({_quoted(e)})" for e in effects)]
        return f"{_quoted(self.outcome)} ~ {' + '.join(terms)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a row needs to be used."""
        error = (f"{self.regressor}_se",) if self.corrected else ()
        return tuple(dict.fromkeys((self.outcome, self.regressor, *error, *self.controls, *self.effects)))


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Arrays ready for least squares, or the `obstacle` that stands in the way, in words.

    Parameters
    ----------
    outcome, regressor
        One value a row; deviations from the company's mean where the model is within companies.
    others
        The remaining terms that the data can tell apart, named ``control`` or ``effect[level]``, with
        the intercept first; deviations, and no intercept, where the model is within companies.
    std_error
        Sampling error of the regressor; empty unless it is to be corrected for.
    rows, companies
        Position of each row in the frame it came from, and the code of its company.
    absorbed
        Number of company effects taken out as means.
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
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def coefficients(self) -> int:
        """Number of coefficients, company effects included."""
        return 1 + self.others.shape[1] + self.absorbed

    def deviations(self, values: Floats) -> Floats:
        """Return `values` (rows, or rows x columns) less their company's mean, if effects are absorbed."""
        return demeaned(values, self.companies) if self.absorbed else values

    def leverage(self, matrix: Floats) -> Floats:
        """Return the diagonal of the hat matrix of the columns of `matrix` and the company effects."""
        within: Floats = (np.linalg.qr(matrix)[0] ** 2).sum(axis=1)
        if not self.absorbed:
            return within
        return within + 1 / np.bincount(self.companies)[self.companies]


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
        The model.
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
    obstacle = next(_absences(specification, frame, unavailable or {}), "")
    if obstacle:
        return Design(obstacle=obstacle)
    rows, dropped = _complete_rows(specification, frame)
    while True:
        design, leverage = _design_of(specification, frame.iloc[rows])
        design = replace(design, rows=rows, dropped=dict(dropped))
        lone = leverage > 1 - DEPENDENT
        if design.obstacle or not lone.any():
            return design
        reason = "the only row of a company or category"
        dropped[reason] = dropped.get(reason, 0) + int(lone.sum())
        rows = rows[~lone]


def demeaned(values: Floats, companies: Codes) -> Floats:
    """Subtract each company's mean.

    Examples
    --------
    >>> demeaned(np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1])).tolist()
    [-1.0, 1.0, 0.0]
    """
    matrix = values.reshape(len(values), -1)
    count = np.bincount(companies)
    mean = sums(matrix, companies, len(count)) / np.maximum(count, 1)[:, None]
    return (matrix - mean[companies]).reshape(values.shape)


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"Q({name!r})"


def _absences(
    specification: Specification, frame: pd.DataFrame, unavailable: Mapping[str, str]
) -> Iterator[str]:
    terms = (specification.regressor, *specification.controls, *specification.effects)
    if specification.outcome in terms:
        yield f"{specification.outcome} stands on both sides"
    for name in (*specification.columns, "company"):
        if name not in frame:
            yield f"{name} is not in the panel" + (f": {unavailable[name]}" if name in unavailable else "")
        elif frame[name].isna().all():
            yield f"{name} has no values" + (f": {unavailable[name]}" if name in unavailable else "")
    for name in (specification.outcome, specification.regressor):
        if name in frame and not is_numeric(frame[name]):
            yield f"{name} does not hold numbers"


def _complete_rows(specification: Specification, frame: pd.DataFrame) -> tuple[Codes, dict[str, int]]:
    """Positions of the rows with every value, and how many were left out for which reason."""
    kept = np.ones(len(frame), dtype=bool)
    dropped: dict[str, int] = {}
    for name in specification.columns:
        column = frame[name]
        infinite = np.isinf(column.to_numpy(float, na_value=np.nan)) if _is_number(column) else ~kept & kept
        for reason, bad in (("missing", column.isna().to_numpy()), ("infinite", infinite)):
            if (kept & bad).any():
                dropped[f"{name} is {reason}"] = int((kept & bad).sum())
            kept &= ~bad
    return np.flatnonzero(kept), dropped


def _design_of(specification: Specification, data: pd.DataFrame) -> tuple[Design, Floats]:
    """Build the arrays of complete rows, and each row's leverage in the whole model."""
    companies = clusters_of(data, "company")
    outcome, regressor = (
        data[name].to_numpy(float) for name in (specification.outcome, specification.regressor)
    )
    raw, notes = _terms(specification, data)
    absorbed = int(companies.max(initial=-1)) + 1 if specification.within else 0
    design = Design(companies=companies, absorbed=absorbed)
    matrix = np.column_stack([raw.to_numpy(), regressor])
    moved = design.deviations(matrix)
    keep, leverage = independent(moved, np.linalg.norm(matrix, axis=0))
    last = matrix.shape[1] - 1
    kept = keep[keep != last]
    left_out = raw.columns.delete(kept).tolist()
    if left_out:
        notes.append(f"left out, as other terms determine them: {', '.join(left_out)}")
    design = replace(
        design, others=pd.DataFrame(moved[:, kept], columns=raw.columns[kept]), notes=tuple(notes)
    )
    obstacle = _obstacle(specification, design, outcome, regressor)
    if not obstacle and last not in keep:
        obstacle = f"{specification.regressor} cannot be told apart from the other terms"
    error = data[f"{specification.regressor}_se"].to_numpy(float) if specification.corrected else np.empty(0)
    design = replace(design, outcome=design.deviations(outcome), regressor=moved[:, last], std_error=error)
    if absorbed:
        leverage = leverage + 1 / np.bincount(companies)[companies]
    return replace(design, obstacle=obstacle), leverage


def _obstacle(specification: Specification, design: Design, outcome: Floats, regressor: Floats) -> str:
    where = " within companies" if specification.within else ""
    n, k = len(outcome), design.coefficients
    if n < k + SPARE_ROWS:
        return f"too few rows: {n} for {k} coefficients, {k + SPARE_ROWS} needed"
    if specification.covariance == "cluster" and design.companies.max() < 1:
        return "errors cannot be clustered: there is one company"
    for name, values in ((specification.outcome, outcome), (specification.regressor, regressor)):
        if np.linalg.norm(design.deviations(values - values.mean())) <= DEPENDENT * np.linalg.norm(values):
            return f"{name} does not vary{where}"
    return ""


def _terms(specification: Specification, data: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """All terms but the regressor as numbers: intercept, controls, and categories without their first."""
    parts, notes = [] if specification.within else [pd.Series(1.0, index=data.index, name="Intercept")], []
    for name in dict.fromkeys((*specification.controls, *specification.effects)):
        if name not in specification.effects and _is_number(data[name]):
            parts.append(data[name].astype(float))
            continue
        coded = dummies(data[name])
        if coded.empty:
            notes.append(f"{name} has one category only")
        parts.extend(coded[level] for level in coded)
    return pd.concat(parts, axis=1) if parts else pd.DataFrame(index=data.index), notes


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column.dtype))
