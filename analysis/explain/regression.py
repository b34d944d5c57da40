"""Growth models: least squares of an outcome on alignment, with honest errors and honest gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from analysis.explain.covariance import clustered, hc3, influence
from analysis.explain.measurement_error import calibrated_scores, calibration_scores
from analysis.explain.specification import Design, Specification, build_design
from analysis.infer.columns import RESULT, Floats, result_columns
from analysis.infer.linearisation import sums
from analysis.measure.panel import Panel

FEW_COMPANIES = 20
"""Below this many clusters, clustered intervals tend to be too narrow (Cameron and Miller, 2015)."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted specification.

    Parameters
    ----------
    specification
        What was fitted.
    frame
        ``term`` and `RESULT`, regressor first; empty if nothing could be fitted. Units are those of the
        outcome per point of the term.
    n, companies
        Rows and companies used.
    dropped
        Rows left out, by reason.
    r_squared
        Share of the outcome's variance; of the variance within companies where the model is.
    note
        What the reader has to know: terms left out, why there is no fit, how far to trust the interval.
    partial_r_squared
        Share of the outcome's variance that the other terms leave which the regressor explains.
    influence
        What each company (the index) moves the slope by; see `analysis.explain.comparison`.
    """

    specification: Specification
    frame: pd.DataFrame
    n: int
    companies: int
    dropped: dict[str, int]
    r_squared: float
    note: str
    partial_r_squared: float = np.nan
    influence: "pd.Series[float]" = field(default_factory=lambda: pd.Series(dtype=float))

    def slope(self, *, per: float = 1.0) -> pd.Series:
        """Return the regressor's estimate as `RESULT`, per `per` points of it; NaN without a fit."""
        row = self.frame.loc[self.frame["term"] == self.specification.regressor, list(RESULT)]
        if row.empty:
            return pd.Series(np.nan, index=list(RESULT))
        scaled = row.iloc[0].astype(float)
        scaled[["estimate", "std_error", "conf_low", "conf_high"]] *= per
        return scaled

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return the slope with its interval, its base and the notes, as text."""
        model = self.specification
        if self.frame.empty:
            return f"{model.name}: not fitted, {self.note}"
        s = self.slope(per=10)
        found = f"{s['estimate']:.2f} ({s['conf_low']:.2f} to {s['conf_high']:.2f})"
        text = (
            f"{model.name}: 10 points of {model.regressor} go with {found} of {model.outcome}, 95% interval, "
            f"{model.covariance} errors, {self.n} rows, {self.companies} companies"
        )
        return f"{text}; {self.note}" if self.note else text


def fit(specification: Specification, panel: Panel) -> Fit:
    """Fit a specification to a panel by least squares.

    Parameters
    ----------
    specification
        The model.
    panel
        Companies by wave; where a column is absent its reason goes into the note.

    Returns
    -------
    Fit
        See `fit_frame`, which does the work.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(8), "alignment": range(8), "growth": [1.0] * 8})
    >>> fit(Specification("flat", "growth"), Panel(frame, read_instrument("alignment"), {})).summary()
    'flat: not fitted, growth does not vary'
    """
    return fit_frame(specification, panel.frame, unavailable=panel.unavailable)


def fit_frame(
    specification: Specification, frame: pd.DataFrame, *, unavailable: Mapping[str, str] | None = None
) -> Fit:
    """Fit a specification to a table with one row per company and wave.

    Intervals and tests are by t: with HC3 on n - k degrees of freedom, with errors clustered by company
    on companies - 1. `within` takes each company's mean off every term (Frisch and Waugh, 1933), which with
    wave effects is the two-way fixed-effects estimator, also where companies miss waves; k and the
    leverages then count the company effects, but the clustered correction does not, as they are nested
    in the clusters. `corrected` puts the score of `calibrate` in the place of the measured one and carries
    its uncertainty into the interval by the delta method.

    Parameters
    ----------
    specification
        The model.
    frame
        Panel rows.
    unavailable
        Why columns are absent, by column.

    Returns
    -------
    Fit
        Without a table, and with a note in words, where the model cannot be estimated.

    Notes
    -----
    Agrees with R ``lm`` and ``sandwich::vcovHC(type = "HC3")`` or ``sandwich::vcovCL(type = "HC1")``, ``plm``
    with ``model = "within"``, and ``statsmodels.formula.api.ols(specification.formula, frame)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(8), "alignment": [1.0, 2, 3, 4, 5, 6, 7, 8]})
    >>> frame["growth"] = 2 * frame["alignment"] + [0, 1, 0, -1, 0, 1, 0, -1]
    >>> fitted = fit_frame(Specification("simple", "growth"), frame)
    >>> fitted.frame[["term", "estimate", "df"]].round(2).values.tolist()
    [['alignment', 1.9, 6.0], ['Intercept', 0.43, 6.0]]
    """
    design = build_design(specification, frame, unavailable=unavailable)
    if design.obstacle:
        return _unfitted(specification, design, design.obstacle)
    company = frame["company"].iloc[design.rows]
    if not specification.corrected:
        return _fitted(specification, design, company)
    calibrated = calibrated_scores(design)
    if calibrated.obstacle:
        return _unfitted(specification, design, calibrated.obstacle)
    better = replace(design, regressor=calibrated.values, notes=(calibrated.note, *design.notes))
    matrix = _matrix(better)
    slope = float(np.linalg.lstsq(matrix, design.outcome, rcond=None)[0][0])
    extra = calibration_scores(design, calibrated, matrix, slope)
    return _fitted(specification, better, company, extra=extra)


def _fitted(
    specification: Specification, design: Design, company: pd.Series, *, extra: Floats | float = 0.0
) -> Fit:
    matrix = _matrix(design)
    # A company's effect is taken out as its mean, so statsmodels' own robust covariances would not see its
    # leverage, nor what calibration adds: the coefficients come from there, the covariance from here.
    model = OLS(design.outcome, matrix).fit(method="qr")
    if specification.covariance == "cluster":
        covariance = clustered(matrix, model.resid, design.companies, extra=extra)
        df = float(design.companies.max())
    else:
        covariance = hc3(matrix, model.resid, design.leverage(matrix), extra=extra)
        df = float(len(matrix) - design.coefficients)
    columns = result_columns(model.params, np.sqrt(np.diag(covariance)), np.full(matrix.shape[1], df))
    terms = [specification.regressor, *design.others.columns]
    table = pd.DataFrame({"term": terms, **columns, "n": len(matrix)})
    notes = "; ".join([*design.notes, *_cautions(specification, design)])
    names = pd.unique(company)
    moves = influence(matrix, sums(matrix * model.resid[:, None] + extra, design.companies, len(names)))[:, 0]
    explained = float(model.params[0] ** 2 / model.normalized_cov_params[0, 0])
    return Fit(
        specification, table, len(matrix), len(names), design.dropped, float(model.rsquared), notes,
        explained / (explained + float(model.ssr)), pd.Series(moves, index=names),
    )  # fmt: skip


def _matrix(design: Design) -> Floats:
    return np.column_stack([design.regressor, design.others.to_numpy()])


def _cautions(specification: Specification, design: Design) -> list[str]:
    companies = int(design.companies.max()) + 1
    cautions = []
    if specification.covariance == "HC3" and companies < len(design.outcome):
        cautions.append("companies have several rows, which HC3 errors treat as independent")
    if specification.covariance == "cluster" and companies < FEW_COMPANIES:
        cautions.append(
            f"errors are clustered by only {companies} companies, so intervals tend to be too narrow"
        )
    return cautions


def _unfitted(specification: Specification, design: Design, reason: str) -> Fit:
    table = pd.DataFrame({"term": pd.Series(dtype="str")} | {name: pd.Series(dtype=float) for name in RESULT})
    note = "; ".join([reason, *design.notes])
    return Fit(specification, table, 0, 0, design.dropped, np.nan, note)
