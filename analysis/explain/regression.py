"""Growth models: a specification fitted to the panel, with honest errors and honest gaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.explain.design_errors import drawn_sample
from analysis.explain.errors import Errors, read_errors
from analysis.explain.logistic import logistic_regression
from analysis.explain.measurement_error import calibrated_scores, calibration_scores
from analysis.explain.mixed import mixed_model
from analysis.explain.panel_terms import is_binary, prepare
from analysis.explain.quantile import quantile_regression
from analysis.explain.random_effects import random_effects
from analysis.explain.robust import robust_regression
from analysis.explain.solution import Solution, least_squares
from analysis.explain.specification import Design, Specification, build_design
from analysis.explain.standard_errors import Results, results_under
from analysis.explain.terms import companies_behind
from analysis.infer.columns import RESULT, Codes
from analysis.infer.linearisation import clusters_of
from analysis.infer.survey_design import SurveyDesign
from analysis.measure.panel import Panel
from survey.language import say


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted specification.

    Parameters
    ----------
    specification
        What was fitted.
    frame
        ``term`` and `RESULT`, regressor first; empty if nothing could be fitted. Units are those of the
        outcome per point of the term; differences in log odds for "logistic".
    n, companies
        Rows and companies used.
    dropped
        Rows left out, by reason.
    r_squared
        Share of the outcome's variance; of the variance within companies where the model is; what other
        estimators have in its place (`analysis.explain.quantile`, `analysis.explain.logistic`).
    note
        What the reader has to know: terms left out, why there is no fit, how far to trust the interval.
    partial_r_squared
        Share of the outcome's variance that the other terms leave which the regressor explains.
    influence
        What each row (the index: company, and position in the table) moves the slope by; see
        `analysis.explain.comparison`.
    by_errors
        ``errors, term`` and `RESULT` under each kind of errors asked for, the one of `frame` first.
    measures
        Further numbers of the fit, such as variance components, by name.
    errors
        The kinds of errors that were had, the one of `frame` first: those asked for, or the nearest in their place.
    sample
        How the table was drawn, where errors come from that.
    behind
        How many companies each coefficient of a category is of (`analysis.explain.terms.companies_behind`).
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
    by_errors: pd.DataFrame = field(default_factory=pd.DataFrame)
    measures: Mapping[str, float] = field(default_factory=dict)
    errors: tuple[Errors, ...] = ()
    sample: SurveyDesign | None = None
    behind: Mapping[str, int] = field(default_factory=dict)

    def slope(self, *, per: float = 1.0) -> pd.Series:
        """Return the regressor's estimate as `RESULT`, per `per` points of it; NaN without a fit.

        Where the outcome is yes or no it is the difference in the chance, in percentage points; of a logistic
        model the average one, log odds times the mean of ``p (1 - p)``.
        """
        row = self.frame.loc[self.frame["term"] == self.specification.regressor, list(RESULT)]
        if row.empty:
            return pd.Series(np.nan, index=list(RESULT))
        scaled = row.iloc[0].astype(float)
        unit = per * 100 * self.measures.get("marginal", 1.0) if self.chance else per
        scaled[["estimate", "std_error", "conf_low", "conf_high"]] *= unit
        return scaled

    @property
    def of_what(self) -> str:
        """What the slope is of, in words: the outcome, or the chance of it."""
        model = self.specification
        if model.top:
            return f"the chance (in %) to be among the best {100 * model.top:g}% on {model.outcome}"
        return f"the chance (in %) of {model.outcome}" if self.chance else model.outcome

    @property
    def chance(self) -> bool:
        """Whether the slope is one of a chance, in percentage points, and not of the outcome itself."""
        return "marginal" in self.measures or self.specification.top > 0

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return the slope with its interval, its base and the notes, as text."""
        model = self.specification
        if self.frame.empty:
            return f"{model.name}: not fitted, {self.note}"
        s = self.slope(per=10)
        known = np.isfinite(s["conf_low"]) or np.isfinite(s["conf_high"])
        ends = f" ({s['conf_low']:.2f} to {s['conf_high']:.2f})" if known else ""
        interval = "95% interval" if known else "no interval"
        found = f"{s['estimate']:.2f}{ends} of {self.of_what}"
        text = (
            f"{model.name}: 10 points of {model.regressor} go with {found}, {interval}, "
            f"{self.errors[0].in_words}, {self.n} rows, {self.companies} companies"
        )
        return f"{text}; {self.note}" if self.note else text

    __repr__ = summary


def fit(specification: Specification, panel: Panel, *, rng: np.random.Generator | None = None) -> Fit:
    """Fit a specification to a panel; `fit_frame` does the work.

    Parameters
    ----------
    specification
        The model.
    panel
        Companies by wave; where a column is absent its reason goes into the note.
    rng
        Source of chance, for the wild bootstrap.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(8), "alignment": range(8), "growth": [1.0] * 8})
    >>> fit(Specification("flat", "growth"), Panel(frame, read_instrument("alignment"), {})).summary()
    'flat: not fitted, growth does not vary'
    """
    less = panel.less_is_better(specification.outcome)
    return fit_frame(specification, panel.frame, unavailable=panel.unavailable, less_is_better=less, rng=rng)


def model_terms(fits: Sequence[Fit]) -> pd.DataFrame:
    """Every term of every fitted model under every kind of errors: ``model, declared, errors, term`` and `RESULT`.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(8), "alignment": range(8), "growth": [0.0, 2, 1, 3, 5, 4, 6, 8]})
    >>> model_terms([fit_frame(Specification("m", "growth", also=("HC0",)), frame)])["errors"].tolist()
    ['HC3', 'HC3', 'HC0', 'HC0']
    """
    tables = [
        fit.by_errors.assign(model=fit.specification.name, declared=fit.specification.declared)
        for fit in fits
        if len(fit.by_errors)
    ]
    columns = ["model", "declared", "errors", "term", *RESULT]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def fit_frame(
    specification: Specification,
    frame: pd.DataFrame,
    *,
    unavailable: Mapping[str, str] | None = None,
    less_is_better: bool = False,
    rng: np.random.Generator | None = None,
) -> Fit:
    """Fit a specification to a table with one row per company and wave.

    `estimator` says how:

    - "ols": least squares, weighted if there are `weights`; `within` takes each company's (weighted) mean off every
      term (Frisch and Waugh, 1933), which with wave effects is the two-way fixed-effects estimator, also where
      companies miss waves; `corrected` puts the score of `calibrate` in the place of the measured one and carries
      its uncertainty into the interval by the delta method;
    - "quantile", "robust", "logistic": `quantile_regression`, `robust_regression`, `logistic_regression`;
    - "first_differences", "between", "within_between": least squares of differences or company means, and random
      intercepts on both parts of the terms, made by `prepare`;
    - "random_effects", "mixed": `random_effects`; `mixed_model` with random slopes of the regressor.

    Intervals and tests are those of `results_under`. All kinds of errors share the design and its solution. Those of
    the "design" know how the table's companies were drawn, as its standard columns say (`drawn_sample`).

    Parameters
    ----------
    specification
        The model.
    frame
        Panel rows.
    unavailable
        Why columns are absent, by column.
    less_is_better
        Whether `top` means the lowest values of the outcome.
    rng
        Source of chance, for the wild bootstrap.

    Returns
    -------
    Fit
        Without a table, and with a note in words, where the model cannot be estimated.

    Notes
    -----
    Agrees with R ``lm``, ``plm``, ``lme4::lmer``, ``quantreg::rq``, ``MASS::rlm``, ``glm``, ``survey::svyglm``, and
    with ``statsmodels.formula.api.ols(specification.formula, frame)`` where the estimator is "ols".

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(8), "alignment": [1.0, 2, 3, 4, 5, 6, 7, 8]})
    >>> frame["growth"] = 2 * frame["alignment"] + [0, 1, 0, -1, 0, 1, 0, -1]
    >>> fitted = fit_frame(Specification("simple", "growth"), frame)
    >>> fitted.frame[["term", "estimate", "df"]].round(2).values.tolist()
    [['alignment', 1.9, 6.0], ['Intercept', 0.43, 6.0]]
    """
    ready = prepare(specification, frame, less_is_better=less_is_better)
    if ready.obstacle:
        return _unfitted(specification, Design(), ready.obstacle)
    design = build_design(ready.specification, ready.frame, unavailable=unavailable)
    design = replace(design, dropped={**ready.dropped, **design.dropped}, notes=(*ready.notes, *design.notes))
    obstacle = design.obstacle or _not_binary(ready.specification, design)
    if obstacle:
        return _unfitted(specification, design, obstacle)
    solution = _solve(ready.specification, design)
    if isinstance(solution, str):
        return _unfitted(specification, design, solution)
    used = ready.frame.iloc[design.rows]
    sample = _sample(ready.specification, solution, ready.frame)
    results = _results(ready.specification, solution, used, rng=rng, sample=sample)
    found = _fitted(specification, solution, used, results)
    behind = companies_behind(used, ready.specification.controls, ready.specification.effects)
    return replace(found, dropped=design.dropped, sample=sample, behind=behind)


def _not_binary(specification: Specification, design: Design) -> str:
    if specification.estimator != "logistic" or is_binary(design.outcome / design.roots):
        return ""
    return say(
        "{outcome} is not yes or no (1 or 0), which logistic needs; `top` makes it so",
        outcome=specification.outcome,
    )


def _solve(specification: Specification, design: Design) -> Solution | str:
    """Solve a design as its specification says, or say what stands in the way."""
    match specification.estimator:
        case "quantile":
            return quantile_regression(design, quantile=specification.quantile)
        case "robust":
            return robust_regression(design)
        case "logistic":
            return logistic_regression(design)
        case "random_effects":
            return random_effects(design)
        case "within_between" | "mixed":
            return mixed_model(design, slopes=specification.estimator == "mixed")
    return _calibrated(design) if specification.corrected else least_squares(design)


def _calibrated(design: Design) -> Solution | str:
    """Least squares on the score corrected for its sampling error."""
    calibrated = calibrated_scores(design)
    if calibrated.obstacle:
        return calibrated.obstacle
    better = replace(design, regressor=calibrated.values, notes=(calibrated.note, *design.notes))
    slope = float(least_squares(better).params[0])
    return least_squares(better, extra=calibration_scores(design, calibrated, better.matrix, slope))


def _sample(specification: Specification, solution: Solution, frame: pd.DataFrame) -> SurveyDesign | None:
    """How the table was drawn, where errors are to come from that and its rows are those that were drawn."""
    kinds = {specification.covariance, *specification.also}
    if not {"design", "replicates"} & kinds or specification.estimator == "between" or solution.unweightable:
        return None
    return drawn_sample(frame, solution.rows, weights=specification.weights)


def _results(
    specification: Specification,
    solution: Solution,
    used: pd.DataFrame,
    *,
    rng: np.random.Generator | None,
    sample: SurveyDesign | None,
) -> dict[str, Results]:
    """Results under each kind of errors asked for, the main one first."""
    names = dict.fromkeys(("company", *specification.clusters))
    clusters: dict[str, Codes] = {name: clusters_of(used, name) for name in names}
    kinds = dict.fromkeys((specification.covariance, *specification.also))
    return {
        kind: results_under(read_errors(kind), solution, clusters, rng=rng, sample=sample) for kind in kinds
    }


def _fitted(
    specification: Specification, solution: Solution, used: pd.DataFrame, results: dict[str, Results]
) -> Fit:
    terms, n = [specification.regressor, *solution.terms[1:]], len(used)
    tables = [
        pd.DataFrame({"errors": found.errors.name, "term": terms, **found.columns, "n": n})
        for found in results.values()
    ]
    notes = [*solution.notes, *_notes_of_errors(specification, results)]
    rows = pd.MultiIndex.from_arrays([used["company"], solution.rows], names=["company", "row"])
    return Fit(
        specification, tables[0].drop(columns="errors"), n, used["company"].nunique(), {}, solution.r_squared,
        "; ".join(dict.fromkeys(notes)), _partial_r_squared(solution), pd.Series(solution.moves[:, 0], index=rows),
        pd.concat(tables, ignore_index=True), solution.measures, tuple(found.errors for found in results.values()),
    )  # fmt: skip


def _notes_of_errors(specification: Specification, results: Mapping[str, Results]) -> Iterator[str]:
    """Yield each note once: bare if it is of the main kind of errors, else after the kinds that it is of."""
    kinds: dict[str, list[str]] = {note: [] for note in results[specification.covariance].notes}
    main = set(kinds)
    for found in results.values():
        for note in found.notes:
            kinds.setdefault(note, []).append(found.errors.label)
    yield from (note if note in main else f"{', '.join(labels)}: {note}" for note, labels in kinds.items())


def _partial_r_squared(solution: Solution) -> float:
    """Share of what the other terms leave of the outcome that the regressor explains; NaN if not linear."""
    if not solution.linear:
        return np.nan
    explained = float(solution.params[0] ** 2 / solution.bread[0, 0])
    return explained / (explained + float(solution.residuals @ solution.residuals))


def _unfitted(specification: Specification, design: Design, reason: str) -> Fit:
    table = pd.DataFrame({"term": pd.Series(dtype="str")} | {name: pd.Series(dtype=float) for name in RESULT})
    note = "; ".join([reason, *design.notes])
    return Fit(
        specification, table, 0, 0, design.dropped, np.nan, note,
        by_errors=table.assign(errors=pd.Series(dtype="str"))[["errors", "term", *RESULT]],
    )  # fmt: skip
