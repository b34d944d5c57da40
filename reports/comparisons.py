"""Our figures beside published ones: what may stand side by side, what may not, and why."""

import pandas as pd

from reports.evidence import Evidence
from reports.published import Comparison, Measure, PublishedFigure, comparable, read_published
from survey.responses import FUNCTIONS

SELECTED_ON_OUTCOMES = {"improvement_target", "growth"}
"""Measures that the report shows by classes which were cut on outcomes; all others are shown for all."""


def our_measure(measure: str, evidence: Evidence) -> Measure:
    """Say how our figure of `measure` came about."""
    asked_both = evidence.panel.instrument.with_role("function") is not None
    return Measure(
        measure,
        question_type="yes_share",
        unit_of_analysis="organisation",
        respondents=FUNCTIONS if asked_both else (),
        year=evidence.facts.latest,
        segment="selected on outcomes" if measure in SELECTED_ON_OUTCOMES else "all",
        population=evidence.facts.population,
    )


def verdict_on(figure: PublishedFigure, evidence: Evidence) -> Comparison:
    """Judge whether a published figure may stand beside ours; invented data are comparable with nothing."""
    found = comparable(figure, our_measure(figure.measure, evidence))
    if evidence.facts.simulated:
        return Comparison("not comparable", ("these data are invented", *found.reasons))
    return found


def beside_published(figure_id: str, evidence: Evidence) -> str:
    """Put a published figure and the verdict on its comparability into one sentence."""
    figure = read_published()[figure_id]
    found = verdict_on(figure, evidence)
    return f"Published elsewhere: {_values(figure)} ({figure.source}). {_verdict(found)}."


def comparison_table(measure: str, evidence: Evidence) -> pd.DataFrame:
    """Every published figure of `measure`, with its verdict.

    Returns
    -------
    DataFrame
        ``id, title, value, population, n, year, source, grade, verdict, reasons, estimate``; the comparable
        ones first. `estimate` is the value for all where there is one, else NaN.
    """
    rows = []
    for key, figure in read_published().items():
        if figure.measure == measure:
            found = verdict_on(figure, evidence)
            rows.append(
                {
                    "id": key,
                    "title": figure.title,
                    "value": _values(figure),
                    "population": figure.population,
                    "n": figure.n,
                    "year": figure.year,
                    "source": figure.source,
                    "grade": figure.grade,
                    "verdict": found.verdict,
                    "reasons": "; ".join(found.reasons),
                    "estimate": figure.values.get("all", float("nan")),
                }
            )
    table = pd.DataFrame(rows)
    order = {"comparable": 0, "comparable with caution": 1, "not comparable": 2}
    return table.sort_values("verdict", key=lambda v: v.map(order), kind="stable", ignore_index=True)


def _values(figure: PublishedFigure) -> str:
    unit = figure.unit if figure.unit.startswith("%") else f" {figure.unit}"
    if list(figure.values) == ["all"]:
        return f"{figure.values['all']:g}{unit}"
    values = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in figure.values.items())
    return f"{values} ({figure.unit})"


def _verdict(found: Comparison) -> str:
    words = found.verdict[0].upper() + found.verdict[1:]
    return f"{words}: {'; '.join(found.reasons)}" if found.reasons else words
