"""Response surface: an outcome over the scores of two functions, and whether their agreement matters."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
import pandas as pd

from analysis.explain.congruence_checklist import Estimates, Verdict, checklist, verdict_of
from analysis.explain.constrained_surfaces import compare_surfaces
from analysis.explain.covariance import cluster_robust, heteroscedastic
from analysis.explain.design_errors import design_covariance
from analysis.explain.errors import read_errors
from analysis.explain.solution import Solution, least_squares
from analysis.explain.specification import Design
from analysis.explain.surface_bootstrap import drawn_coefficients, percentile_interval
from analysis.explain.surface_design import (
    POLYNOMIAL,
    SurfaceDesign,
    SurfaceErrors,
    SurfaceSpecification,
    quadratic,
    surface_design,
)
from analysis.explain.surface_features import AXES, CONTRASTS, SLOPES, axes_of
from analysis.explain.surface_notes import surface_notes
from analysis.explain.surface_region import inside, outline, reach, sides_of_agreement
from analysis.infer.columns import RESULT, Floats, detectable, result_columns

DRAWS = 2000
"""Draws of companies behind the intervals of stationary point and principal axes."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A fitted response surface.

    Parameters
    ----------
    specification
        What was fitted, with the errors that were had.
    frame
        ``term`` and `RESULT`: b0 to b5 and a1 to a5, per unit of x and y. Empty if nothing could be fitted.
    axes
        ``term`` (x0, y0, p10, p11, p20, p21), ``estimate, conf_low, conf_high`` from draws of companies,
        ``undefined``, the share of draws without it, and ``flips``, the share in which it has the other sign.
    models
        Constrained models, the best first; see `compare_surfaces`.
    lines
        The checklist; see `checklist`.
    sides
        Who agrees and who differs which way; see `sides_of_agreement`.
    points
        company, wave if there is one, ``x, y``: the scores used, as they are.
    corners
        ``x, y``: the outline of the points; the surface says nothing beyond it.
    origin, constant
        The scores where x and y are zero, and the outcome there with controls as they are on average.
    n, companies, dropped, r_squared
        Rows and companies used, rows left out by reason, share of the outcome's variance.
    note
        What the reader has to know, or why there is no surface.
    """

    specification: SurfaceSpecification
    frame: pd.DataFrame = field(default_factory=lambda: _empty("term", *RESULT))
    axes: pd.DataFrame = field(default_factory=lambda: _empty("term", "estimate", "conf_low", "conf_high"))
    models: pd.DataFrame = field(default_factory=lambda: _empty("model"))
    lines: pd.DataFrame = field(default_factory=lambda: _empty("scope", "met"))
    sides: pd.DataFrame = field(default_factory=lambda: _empty("side", "n", "share", "raw"))
    points: pd.DataFrame = field(default_factory=lambda: _empty("company", "x", "y"))
    corners: pd.DataFrame = field(default_factory=lambda: _empty("x", "y"))
    origin: tuple[float, float] = (np.nan, np.nan)
    constant: float = np.nan
    n: int = 0
    companies: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    r_squared: float = np.nan
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether a congruence effect in the broad sense is supported."""
        return verdict_of(self.lines)

    def row(self, term: str) -> pd.Series:
        """Return the results of one term; NaN without a fit."""
        rows = self.frame[self.frame["term"] == term]
        return rows.iloc[0] if len(rows) else pd.Series(np.nan, index=list(RESULT))

    def detectable(self, term: str, *, power: float = 0.8) -> float:
        """Return the size of a coefficient that would be told from zero with this power (0-1), at its error."""
        row = self.row(term)
        return detectable(row["std_error"], row["df"], power=power)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table of b0 to b5 and a1 to a5."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return a4 with its interval, the verdict, the base and the notes, as text."""
        s = self.specification
        if self.frame.empty:
            return f"{s.name}: no surface, {self.note}"
        a4 = self.row("a4")
        found = f"a4 {a4['estimate']:.4g} ({a4['conf_low']:.4g} to {a4['conf_high']:.4g})"
        return (
            f"{s.name}: {s.outcome} over {s.x} and {s.y}, {found}, 95% interval, "
            f"{read_errors(s.covariance).in_words}, {self.n} rows, {self.companies} companies; "
            f"congruence effect: {self.verdict}" + (f"; {self.note}" if self.note else "")
        )

    __repr__ = summary

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.summary())}</p>{self.lines.to_html(index=False, border=0, na_rep='')}"

    def predict(self, points: Floats) -> Floats:
        """Return the outcome at scores (rows x 2), controls as they are on average; NaN beyond the data.

        Examples
        --------
        >>> Surface(SurfaceSpecification("s", "growth")).predict(np.zeros((1, 2))).tolist()
        [nan]
        """
        if self.frame.empty:
            return np.full(len(points), np.nan)
        on_data = inside(self.corners[["x", "y"]].to_numpy(float), points)
        return np.asarray(np.where(on_data, self.extended(points), np.nan))

    def extended(self, points: Floats) -> Floats:
        """Return the fitted polynomial at scores (rows x 2), beyond the data too, where it means nothing."""
        b = self.frame.set_index("term").loc[list(POLYNOMIAL), "estimate"].to_numpy(float)
        x, y = ((points - np.array(self.origin)) / self.specification.per).T
        return np.asarray(self.constant + quadratic(x, y) @ b)


def response_surface(
    specification: SurfaceSpecification,
    frame: pd.DataFrame,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
    unavailable: Mapping[str, str] | None = None,
) -> Surface:
    """Fit a response surface and evaluate what a congruence effect asks of it.

    Least squares of the outcome on x, y, their squares and their product. With classical and HC3 errors t has
    n - k degrees of freedom, with errors clustered by company companies - 1, with those of the design its own less the
    terms (`analysis.explain.design_errors`). Weights are those of weighted least squares. Stationary point and
    principal axes are ratios whose errors are far from normal: their intervals are percentiles of surfaces of companies
    drawn anew.

    Parameters
    ----------
    specification
        The surface.
    frame
        Panel, one row per company and wave. One imputed data set is one such frame.
    rng
        Source of the draws.
    draws
        Number of draws.
    unavailable
        Why columns are absent, by column.

    Returns
    -------
    Surface
        Without tables, and with a note in words, where no surface can be fitted.

    Notes
    -----
    Agrees with R ``lm`` and ``survey::svyglm`` on ``RSA``'s terms, ``sandwich::vcovHC(type = "HC3")`` and
    ``sandwich::vcovCL(type = "HC1")``; models and axes agree with ``RSA``.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(rng.normal(60, 10, (300, 2)), columns=["alignment_sales", "alignment_marketing"])
    >>> gap = frame["alignment_marketing"] - frame["alignment_sales"]
    >>> frame = frame.assign(company=range(300), growth=8 - 0.01 * gap**2 + rng.normal(0, 1, 300))
    >>> response_surface(SurfaceSpecification("s", "growth"), frame, rng=rng).verdict
    'supported'
    """
    design = surface_design(specification, frame, unavailable=unavailable)
    if design.obstacle:
        return Surface(specification, dropped=dict(design.dropped), note=design.obstacle)
    specification = replace(specification, covariance=design.errors(specification.covariance))
    terms = quadratic(design.x, design.y)
    b, covariance, df, r_squared = _least_squares(design, terms, errors=specification.covariance)
    table = _table(b, covariance, df, n=len(design.x))
    axes = _axes(b[:5], drawn_coefficients(design, draws, rng=rng))
    corners = outline(*_scores(design, specification).T)
    across = reach((corners - np.array(design.origin)) / specification.per, (0.0, 0.0), (1.0, -1.0))
    higher = _cubic(design, terms, errors=specification.covariance)
    sides = sides_of_agreement(design)
    lines = checklist(
        Estimates(table, axes, b[:5], covariance[:5, :5], df, *higher, sides=sides, across=across)
    )
    constant = float(np.average(design.outcome - terms @ b[:5], weights=design.weight))
    keys = [name for name in ("company", "wave") if name in frame]
    points = frame[keys].iloc[design.rows].reset_index(drop=True)
    points[["x", "y"]] = _scores(design, specification)
    note = surface_notes(design, specification, axes=axes, corners=corners, across=across)
    return Surface(
        specification, table, axes, compare_surfaces(design), lines, sides, points,
        pd.DataFrame(corners, columns=["x", "y"]), design.origin, constant, len(design.x), design.groups,
        dict(design.dropped), r_squared, note,
    )  # fmt: skip


def surface_grid(surface: Surface, *, size: int = 60, corners: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the surface at size x size points over the range of the scores, for drawing.

    Parameters
    ----------
    surface
        The surface.
    size
        Points along each score.
    corners
        Where the drawing ends, ``x, y``: by default the corners of the data, each of which is one company.

    Returns
    -------
    DataFrame
        ``x, y, estimate`` and ``inside``, whether the point lies within the outline of the data: what is drawn
        has to end there. Empty without a surface.
    """
    if surface.frame.empty:
        return pd.DataFrame({"x": [], "y": [], "estimate": [], "inside": []})
    ends = (surface.corners if corners is None else corners)[["x", "y"]].to_numpy(float)
    low, high = ends.min(axis=0), ends.max(axis=0)
    x, y = np.meshgrid(*(np.linspace(a, b, size) for a, b in zip(low, high, strict=True)))
    points = np.column_stack([x.ravel(), y.ravel()])
    columns = {"x": points[:, 0], "y": points[:, 1], "estimate": surface.extended(points)}
    return pd.DataFrame(columns | {"inside": inside(ends, points)})


def _least_squares(
    design: SurfaceDesign, terms: Floats, *, errors: SurfaceErrors
) -> tuple[Floats, Floats, float, float]:
    """Coefficients of `terms`, then of the others; their covariance, its degrees of freedom, R squared."""
    matrix = design.weighted(terms, design.others)
    names = [f"b{place}" for place in range(2, terms.shape[1] + 1)] + ["Intercept"]
    names += [f"control {place}" for place in range(1, design.others.shape[1])]
    solved = least_squares(
        Design(
            outcome=design.weighted(design.outcome)[:, 0], regressor=matrix[:, 0], rows=design.rows,
            others=pd.DataFrame(matrix[:, 1:], columns=names), companies=design.companies,
            weights=design.weight,
        )
    )  # fmt: skip
    return solved.params, *_covariance(design, solved, errors), solved.r_squared


def _covariance(design: SurfaceDesign, solved: Solution, errors: SurfaceErrors) -> tuple[Floats, float]:
    """Covariance of the coefficients and its degrees of freedom."""
    if design.sample is not None:
        return design_covariance(solved, design.sample)[:2]
    if errors == "HC3":
        return heteroscedastic(solved, "HC3"), solved.df
    if errors == "classical":
        return solved.classical, solved.df
    return cluster_robust(solved, [design.companies])[0], float(design.groups - 1)


def _table(b: Floats, covariance: Floats, df: float, *, n: int) -> pd.DataFrame:
    pick = np.zeros((11, len(b)))
    pick[0, 5], pick[1:6, :5], pick[6:, :5] = 1.0, np.eye(5), CONTRASTS
    estimate, spread = pick @ b, np.sqrt(np.einsum("ij,jk,ik->i", pick, covariance, pick))
    columns = result_columns(estimate, spread, np.full(11, df))
    return pd.DataFrame({"term": ["b0", *POLYNOMIAL, *SLOPES], **columns, "n": n})


def _axes(b: Floats, drawn: Floats) -> pd.DataFrame:
    estimate, values = axes_of(b), axes_of(drawn)
    low, high = percentile_interval(values)
    return pd.DataFrame(
        {
            "term": AXES, "estimate": estimate, "conf_low": low, "conf_high": high,
            "undefined": np.isnan(values).mean(axis=0),
            "flips": (np.sign(values) * np.sign(estimate) < 0).mean(axis=0),
        }
    )  # fmt: skip


def _cubic(design: SurfaceDesign, terms: Floats, *, errors: SurfaceErrors) -> tuple[Floats, Floats]:
    """Coefficients of the four cubic terms beside the surface; NaN where the data cannot tell them apart."""
    x, y = (v / max(float(np.abs(v).max()), 1e-300) for v in (design.x, design.y))
    higher = np.column_stack([x**3, x**2 * y, x * y**2, y**3])
    every = np.column_stack([higher, terms])
    matrix = design.weighted(every, design.others)
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    if len(matrix) <= matrix.shape[1] or np.linalg.matrix_rank(scaled, tol=1e-9) < matrix.shape[1]:
        return np.full(4, np.nan), np.full((4, 4), np.nan)
    b, covariance, _, _ = _least_squares(design, every, errors=errors)
    return b[:4], covariance[:4, :4]


def _scores(design: SurfaceDesign, specification: SurfaceSpecification) -> Floats:
    return np.asarray(np.column_stack([design.x, design.y]) * specification.per + np.array(design.origin))


def _empty(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str" if name == "term" else float) for name in columns})
