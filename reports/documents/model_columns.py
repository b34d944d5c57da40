"""Models side by side as a journal prints them: terms in rows, models in columns, coefficient over error."""

from collections.abc import Iterator
from math import floor, log10

import pandas as pd

from analysis.explain.errors import read_errors
from analysis.explain.regression import Fit
from reports.documents.passages import all_waves, base
from reports.evidence import Evidence
from reports.numeral import absent
from reports.provenance import ONE_BY_ONE
from reports.report import Column, Table
from reports.tables import number_text
from reports.titles import title_of
from reports.wording import word
from survey.language import digits, look_up, mark, say

ESTIMATORS = {
    "ols": mark("least squares"),
    "quantile": mark("quantile regression"),
    "robust": mark("robust (M)"),
    "logistic": mark("logistic"),
    "first_differences": mark("first differences"),
    "between": mark("between companies"),
    "random_effects": mark("random effects"),
    "within_between": mark("within and between"),
    "mixed": mark("mixed, random slopes"),
}
"""What reports call each estimator."""

TERMS = (mark("company mean"), mark("wave before"))
"""What stands behind the name of a variable in terms that are made of it."""

Row = tuple[str, str, list[str]]
"""Part of the table, label, one cell a model."""


ACROSS = 5
"""Models in one table, so that it keeps to the width of a page."""


def model_columns(evidence: Evidence) -> list[Table]:
    """Lay all fitted models out in columns, a few to a table; an empty list if there is none."""
    fits = [fit for fit in evidence.fits if not fit.frame.empty]
    starts = range(0, len(fits), ACROSS)
    return [_side_by_side(evidence, fits[start : start + ACROSS], start, len(fits)) for start in starts]


def _side_by_side(evidence: Evidence, fits: list[Fit], start: int, total: int) -> Table:
    rows = [*_coefficients(fits, evidence), *_effects(fits, evidence), *_facts(fits, evidence)]
    rows = [row for row in rows if any(row[2])]
    keys = [f"model_{number}" for number in range(start + 1, start + len(fits) + 1)]
    frame = pd.DataFrame(
        [{"part": part, "label": label, **dict(zip(keys, cells, strict=True))} for part, label, cells in rows]
    )
    heads = [
        Column(key, f"({n}) {_name(fit, evidence)}")
        for n, (key, fit) in enumerate(zip(keys, fits, strict=True), start + 1)
    ]
    caption = (
        say(
            "The models side by side, models {first} to {last}: coefficients over their errors, in brackets",
            first=start + 1,
            last=start + len(fits),
        )
        if total > ACROSS
        else say("The models side by side: coefficients over their errors, in brackets")
    )
    return Table(
        f"model-columns-{start // ACROSS + 1}" if start else "model-columns", caption, frame,
        (Column("label", "Term"), *heads), base(evidence, max(fit.companies for fit in fits), when=all_waves(evidence)),
        tuple(_notes(fits, evidence)), models=tuple(fit.specification.name for fit in fits),
        family=look_up(ONE_BY_ONE),
    )  # fmt: skip


def estimator_text(fit: Fit, evidence: Evidence) -> str:
    """Say how a model was fitted: "median regression, weighted"; in a study without weights nothing is said of them."""
    model = fit.specification
    told = [look_up(ESTIMATORS[model.estimator])]
    if model.estimator == "quantile":
        share = digits(100 * model.quantile, "g")
        told = [
            say(
                "median regression" if model.quantile == 0.5 else "quantile regression, {share}% below",
                share=share,
            )
        ]
    told += [say("corrected for few informants")] if model.corrected else []
    if model.weights not in ("", "weight"):
        told.append(say("weighted by {weight}", weight=title_of(model.weights, evidence.panel)))
    elif evidence.weights is not None:
        told.append(say("weighted" if model.weights else "not weighted"))
    return ", ".join(told)


def _name(fit: Fit, evidence: Evidence) -> str:
    model = fit.specification
    if model.declared:
        return model.name
    return say("{scale} (exploratory)", scale=title_of(model.regressor, evidence.panel))


def _coefficients(fits: list[Fit], evidence: Evidence) -> Iterator[Row]:
    """Yield each term's coefficients and errors; under those of the regressors the errors of other kinds."""
    regressors = list(dict.fromkeys(fit.specification.regressor for fit in fits))
    terms = [term for fit in fits for term in fit.frame["term"] if "[" not in term and term != "Intercept"]
    for term in dict.fromkeys([*regressors, *terms, "Intercept"]):
        found = [_under(fit, term) for fit in fits]
        label = say("Constant") if term == "Intercept" else _term_title(term, evidence)
        yield "coefficients", label, [_estimate(row) for row in found]
        yield "coefficients", say("(error)"), [_error(row) for row in found]
        if term in regressors:
            yield "coefficients", "p", [_p_value(row) for row in found]
            yield from _other_errors(fits, term)


def _other_errors(fits: list[Fit], term: str) -> Iterator[Row]:
    others = [dict.fromkeys(kind for kind in fit.errors if kind != fit.errors[0]) for fit in fits]
    for kind in dict.fromkeys(kind for kinds in others for kind in kinds):
        found = [
            _under(fit, term, kind.name) if kind in kinds else None
            for fit, kinds in zip(fits, others, strict=True)
        ]
        yield "coefficients", say("(error) {kind}", kind=kind.label), [_error(row) for row in found]
        yield "coefficients", say("p {kind}", kind=kind.label), [_p_value(row) for row in found]


def _effects(fits: list[Fit], evidence: Evidence) -> Iterator[Row]:
    """Say which model has effects of what, absorbed or as categories."""
    had = [
        {term.split("[")[0] for term in fit.frame["term"] if "[" in term}
        | ({"company"} if fit.specification.within else set())
        for fit in fits
    ]
    others = dict.fromkeys(name for names in had for name in sorted(names - {"company"}))
    for name in ("company", *others):
        title = look_up(name).capitalize() if name in ("company", "wave") else title_of(name, evidence.panel)
        yield (
            "effects",
            say("{variable} effects", variable=title),
            [word("yes" if name in names else "no") for names in had],
        )


def _facts(fits: list[Fit], evidence: Evidence) -> Iterator[Row]:
    outcomes = [title_of(fit.specification.outcome, evidence.panel) for fit in fits]
    yield "facts", say("Outcome"), [_top(name, fit) for name, fit in zip(outcomes, fits, strict=True)]
    yield "facts", say("Estimator"), [estimator_text(fit, evidence) for fit in fits]
    yield "facts", say("Errors"), [main_errors(fit) for fit in fits]
    yield "facts", say("Company-years"), [number_text(fit.n, "count") for fit in fits]
    yield "facts", say("Companies"), [number_text(fit.companies, "count") for fit in fits]
    shares = ["–" if absent(fit.r_squared) else number_text(fit.r_squared, "ratio") for fit in fits]
    yield "facts", "R²", shares
    status = [say("declared" if fit.specification.declared else "exploratory") for fit in fits]
    yield "facts", say("Status"), status


def _top(outcome: str, fit: Fit) -> str:
    if not fit.specification.top:
        return outcome
    return say("{outcome}, top {share}%", outcome=outcome, share=digits(100 * fit.specification.top, "g"))


def _notes(fits: list[Fit], evidence: Evidence) -> Iterator[str]:
    yield say(
        "Coefficients are differences in the outcome per unit of the term: per point of 0 to 100 for scores."
    )
    if any(fit.chance for fit in fits):
        yield say("Those of logistic models are differences in log odds; their R² is McFadden's.")
    if any(fit.specification.estimator == "quantile" for fit in fits):
        yield say("R² of quantile regressions is the share of the loss that the terms take away.")
    if any(fit.specification.within for fit in fits):
        yield say("R² with company effects is that of the variance within companies.")
    yield from (f"{_name(fit, evidence)}: {fit.note}." for fit in fits if fit.note)


def main_errors(fit: Fit) -> str:
    """Return what the errors of a model are called: those asked for, or the nearest that could be had."""
    kind = fit.errors[0] if fit.errors else read_errors(fit.specification.covariance)
    return kind.label


def _under(fit: Fit, term: str, errors: str = "") -> pd.Series | None:
    table = fit.frame if not errors else fit.by_errors[fit.by_errors["errors"] == errors]
    rows = table[table["term"] == term]
    return None if rows.empty or absent(rows["estimate"].iloc[0]) else rows.iloc[0]


def _estimate(row: pd.Series | None) -> str:
    return "" if row is None else _plain(row["estimate"], row["std_error"])


def _error(row: pd.Series | None) -> str:
    if row is None:
        return ""
    exact = row["std_error"] <= 1e-9 * abs(row["estimate"])
    return "(0)" if exact else f"({_plain(row['std_error'], row['std_error'])})"


def _p_value(row: pd.Series | None) -> str:
    if row is None:
        return ""
    return "–" if absent(row["p_value"]) else number_text(row["p_value"], "p_value")


def _plain(value: float, error: float) -> str:
    """Write a number with as many decimals as give its error three digits."""
    places = 2 if not error > 1e-9 * abs(value) else min(max(2 - floor(log10(error)), 0), 8)
    return digits(value, f".{places}f").replace("-", "−")


def _term_title(term: str, evidence: Evidence) -> str:
    name, comma, rest = term.partition(", ")
    parts = " × ".join(title_of(part, evidence.panel) for part in name.split(":"))
    return parts + comma + look_up(rest)
