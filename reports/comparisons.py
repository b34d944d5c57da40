"""Our figures beside published ones: what may stand side by side, what may not, and why."""

import pandas as pd

from reports.evidence import Evidence
from reports.published import Comparison, Measure, PublishedFigure, comparable, read_published, spaced
from reports.titles import at_start
from survey.language import digits, look_up, mark, say
from survey.responses import FUNCTIONS

SELECTED_ON_OUTCOMES = {"improvement_target", "growth"}
"""Measures that the report shows by classes which were cut on outcomes; all others are shown for all."""


VERDICTS = (mark("comparable"), mark("comparable with caution"), mark("not comparable"))


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
        return Comparison("not comparable", (say("these data are invented"), *found.reasons))
    return found


def beside_published(figure_id: str, evidence: Evidence) -> str:
    """Put a published figure and the verdict on its comparability, with its first reason, into one sentence."""
    figure = read_published()[figure_id]
    found = verdict_on(figure, evidence)
    return say(
        "Published elsewhere: {values} ({source}). {verdict}.",
        values=_values(figure),
        source=figure.source,
        verdict=_verdict(found),
    )


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
                    "title": look_up(figure.title),
                    "value": _values(figure),
                    "population": look_up(figure.population),
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
    order = {name: place for place, name in enumerate(VERDICTS)}
    return table.sort_values("verdict", key=lambda v: v.map(order), kind="stable", ignore_index=True)


def _values(figure: PublishedFigure) -> str:
    percent = figure.unit.startswith("%")
    rest = look_up(figure.unit.removeprefix("%").strip())
    if list(figure.values) == ["all"]:
        value = digits(figure.values["all"], "g")
        return " ".join(filter(None, (say("{share}%", share=value) if percent else value, rest)))
    values = ", ".join(
        f"{look_up(spaced(name))} {digits(value, 'g')}" for name, value in figure.values.items()
    )
    return f"{values} ({' '.join(filter(None, ('%' * percent, rest)))})"


def _verdict(found: Comparison) -> str:
    words = at_start(look_up(found.verdict))
    return f"{words}: {found.reasons[0]}" if found.reasons else words
