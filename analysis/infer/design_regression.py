"""Regression of an outcome on terms, with errors that know how the sample was drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import RESULT, Floats, is_numeric, numeric, result_columns
from analysis.infer.design_model import DesignModel, categorical, design_model, thin_categories
from analysis.infer.model_terms import is_number, labels, term_columns
from analysis.infer.newton import maximise, maximise_anew
from analysis.infer.replicate_estimates import blocks
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign
from analysis.infer.variance import variance
from survey.language import say
from survey.problems import Problem, raise_if_any

Flags = NDArray[np.bool_]
Kind = Literal["gaussian", "logistic", "poisson", "ordinal"]


@dataclass(frozen=True, slots=True, eq=False)
class DesignRegression:
    """A fitted regression.

    Parameters
    ----------
    outcome, kind
        What was explained, and how.
    frame
        ``term`` and `RESULT`; empty where nothing could be fitted. An ordinal model has its thresholds last,
        named ``below|above``.
    covariance
        Of the coefficients, in the order of the table.
    n
        Rows used.
    dropped
        Rows left out, by reason; a row counts under its first.
    note
        What the reader has to know: terms left out, why there is no fit, which terms stand on little.
    """

    outcome: str
    kind: Kind
    frame: pd.DataFrame
    covariance: Floats
    n: int
    dropped: dict[str, int] = field(default_factory=dict)
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return what was fitted, on how many rows, and the notes, as text."""
        if self.frame.empty:
            return f"{self.kind} regression of {self.outcome}: not fitted, {self.note}"
        lines = [
            f"{row.term}: {row.estimate:.3f} ({row.conf_low:.3f} to {row.conf_high:.3f})"
            for row in self.frame.itertuples()
        ]
        head = f"{self.kind} regression of {self.outcome}, {self.n} rows, 95% intervals"
        return "\n".join([head, *lines, *([self.note] if self.note else [])])

    __repr__ = summary


def design_regression(
    frame: pd.DataFrame,
    outcome: str,
    *,
    terms: Sequence[str],
    design: SurveyDesign | Replicates,
    kind: Kind = "gaussian",
) -> DesignRegression:
    """Fit a regression to weighted rows; an association in the population, not an effect.

    Coefficients are those that would be fitted to the whole population, estimated by weighted likelihood. Their
    errors come from the linearised score of each row, summed as the design says (Binder, 1983, International
    Statistical Review 51), or from fitting anew under each replicate.

    Parameters
    ----------
    frame
        The rows of the design, in their order.
    outcome
        Numbers; with "logistic" from 0 to 1, with "poisson" 0 or more; with "ordinal" three or more categories,
        numbers or an ordered category.
    terms
        Columns: numbers as they are, words as categories against their first, ``a:b`` as a product.
    design
        Weights and what makes the variance; one that carries replicate weights has its own from these.
    kind
        "gaussian" (least squares), "logistic" (log odds), "poisson" (log rates) or "ordinal" (proportional odds:
        the log odds of a higher category, the same at every boundary).

    Returns
    -------
    DesignRegression
        Intervals and tests are by t with ``design.df + 1 - coefficients`` degrees of freedom; thresholds of an
        ordinal model count as one. Without a table, and with a note in words, where nothing can be fitted.

    Raises
    ------
    InputError
        If a column is absent, the outcome does not suit the kind, or the table has other rows than the design.

    Notes
    -----
    Agrees with R ``survey::svyglm(family = gaussian(), quasibinomial(), quasipoisson())`` and ``svyolr``, on
    ``svydesign`` and on ``svrepdesign``. A term that others determine is left out, as there, and named. Where a
    term separates the outcome, R warns or goes on; here there is no fit, and the note names the term.

    Examples
    --------
    >>> from analysis.infer.survey_design import survey_design
    >>> frame = pd.DataFrame({"company": range(6), "x": [1.0, 2, 3, 4, 5, 6], "y": [1.0, 3, 2, 5, 4, 6]})
    >>> fitted = design_regression(frame, "y", terms=["x"], design=survey_design(frame))
    >>> fitted.frame[["term", "estimate", "std_error", "df"]].round(4).values.tolist()
    [['Intercept', 0.4, 0.5914, 4.0], ['x', 0.8857, 0.1353, 4.0]]
    """
    parts = [part for term in terms for part in ([term] if term in frame else term.split(":"))]
    numeric(frame, [], keys=[outcome, *parts])
    raise_if_any(_faults(frame, outcome, parts=parts, design=design, kind=kind))
    if isinstance(design, SurveyDesign) and design.replicates is not None:
        design = design.replicates
    values, levels = _values(frame[outcome], kind)
    kept, dropped = _complete(frame, [outcome, *parts], design)
    used = frame[kept]
    model = design_model(values[kept], term_columns(used, terms), levels=levels, kind=kind)
    if isinstance(model, str):
        return _unfitted(outcome, kind, dropped, model)
    weights = design.weights[kept, None]
    parameters, found = maximise(model.likelihood, weights)
    if not found.all():
        return _unfitted(outcome, kind, dropped, "; ".join([model.why_unbounded(), *model.notes]))
    estimate = model.coefficients(parameters)[:, 0]
    if isinstance(design, Replicates):
        replicated = _replicated(model, parameters, design, kept)
        covariance = design.covariance(replicated, estimate)
    else:
        replicated = estimate[None]
        covariance = variance(_influence(model, parameters, design, kept), design)
    df = float(design.domain(kept).df + 1 - model.counted)
    asked = [*categorical(used, parts), *([outcome] if kind == "ordinal" else [])]
    notes = (*model.notes, *thin_categories(used, asked, design.clusters[kept]), *_cautions(replicated, df))
    columns = result_columns(estimate, np.sqrt(np.diag(covariance)), np.full(len(estimate), df))
    table = pd.DataFrame({"term": pd.Series(model.names, dtype="str"), **columns, "n": int(kept.sum())})
    return DesignRegression(outcome, kind, table, covariance, int(kept.sum()), dropped, "; ".join(notes))


def _influence(model: DesignModel, parameters: Floats, design: SurveyDesign, kept: Flags) -> Floats:
    """What each row of the whole sample moves the coefficients by: rows x coefficients."""
    weights = design.weights / design.weights[design.weights > 0].mean()
    scores, information = model.likelihood.linearised(parameters[:, 0], weights[kept])
    moves = np.linalg.solve(information, scores.T)
    influence = np.zeros((len(kept), len(parameters)))
    influence[kept] = (model.back @ moves).T
    return influence


def _replicated(model: DesignModel, parameters: Floats, design: Replicates, kept: Flags) -> Floats:
    """Coefficients under the weights of each replicate, replicates x coefficients; NaN where there is no fit."""
    rows = np.flatnonzero(kept)
    found = []
    for block in blocks(design, len(rows) * len(parameters)):
        fitted, reached = maximise_anew(model.likelihood, design.of_rows(block, rows), start=parameters)
        found.append(np.where(reached[:, None], model.coefficients(fitted).T, np.nan))
    return np.vstack(found)


def _values(column: pd.Series, kind: Kind) -> tuple[Floats, list[str]]:
    """Outcome as numbers, NaN where missing; of an ordinal model the codes of its categories, and their names."""
    if kind != "ordinal":
        return numeric(column.to_frame(), [str(column.name)])[:, 0], []
    categories = labels(column)
    codes = categories.cat.codes.to_numpy(float, copy=True)
    codes[codes < 0] = np.nan
    return np.asarray(codes, dtype=np.float64), [str(name) for name in categories.cat.categories]


def _complete(
    frame: pd.DataFrame, columns: Sequence[str], design: SurveyDesign | Replicates
) -> tuple[Flags, dict[str, int]]:
    """Rows with a weight and every value, and how many were left out for which reason."""
    missing = {
        say("{name} is missing", name=name): frame[name].isna().to_numpy() for name in dict.fromkeys(columns)
    }
    reasons = {say("the weight is 0"): design.weights <= 0, **missing}
    kept = np.full(len(frame), True)
    dropped: dict[str, int] = {}
    for reason, bad in reasons.items():
        if (kept & bad).any():
            dropped[reason] = int((kept & bad).sum())
        kept &= ~bad
    return kept, dropped


def _cautions(replicated: Floats, df: float) -> Iterator[str]:
    lost = int(np.isnan(replicated).any(axis=1).sum())
    if lost:
        yield say("{lost} of {n} replicates have no fit and are not counted", lost=lost, n=len(replicated))
    if df < 1:
        yield say("the design has too few clusters for so many coefficients: no intervals")


def _faults(
    frame: pd.DataFrame,
    outcome: str,
    *,
    parts: Sequence[str],
    design: SurveyDesign | Replicates,
    kind: Kind,
) -> Iterator[Problem]:
    if kind not in get_args(Kind):
        yield Problem(
            "is no kind of regression", column="kind", value=kind, allowed=", ".join(get_args(Kind))
        )
        return
    if len(frame) != len(design.weights):
        yield Problem(f"the table has {len(frame)} rows, its design {len(design.weights)}")
    if outcome in parts:
        yield Problem("stands on both sides", column=outcome)
    yield from _outcome_faults(frame[outcome], kind)
    for name in dict.fromkeys(parts):
        if is_number(frame[name]) and np.isinf(frame[name].to_numpy(float, na_value=np.nan)).any():
            yield Problem("holds infinite values", column=name)


def _outcome_faults(column: pd.Series, kind: Kind) -> Iterator[Problem]:
    name = str(column.name)
    if kind == "ordinal":
        words = not is_numeric(column) and not getattr(column.dtype, "ordered", False)
        if words:
            to_do = "make it an ordered category, lowest first"
            yield Problem("holds words without an order", column=name, to_do=to_do)
        elif column.nunique() < 3:
            yield Problem(f"has {column.nunique()} categories", column=name, allowed="three or more")
        return
    if not is_numeric(column):
        yield Problem("does not hold numbers", column=name)
        return
    highest = 1.0 if kind == "logistic" else np.inf
    values = column.to_numpy(float, na_value=np.nan)
    lowest = -np.inf if kind == "gaussian" else 0.0
    bad = np.flatnonzero((values < lowest) | (values > highest))
    if bad.size:
        yield Problem(
            f"{bad.size} value{'s do' if bad.size > 1 else ' does'} not suit a {kind} regression",
            row=int(bad[0]) + 1, column=name, value=f"{values[bad[0]]:g}",
            allowed="0 to 1" if kind == "logistic" else "0 or more",
        )  # fmt: skip


def _unfitted(outcome: str, kind: Kind, dropped: dict[str, int], reason: str) -> DesignRegression:
    table = pd.DataFrame({"term": pd.Series(dtype="str")} | {name: pd.Series(dtype=float) for name in RESULT})
    return DesignRegression(outcome, kind, table, np.empty((0, 0)), 0, dropped, reason)
