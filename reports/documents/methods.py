"""How it was done and what it cannot show, written from what was run."""

from collections.abc import Iterator

import pandas as pd

from analysis.benchmark.classes import OutcomeClasses, PracticeClasses
from analysis.explain.errors import read_errors
from analysis.explain.regression import Fit
from reports.documents.comparability import comparability
from reports.documents.disclosed import disclosed
from reports.documents.model_columns import estimator_text
from reports.documents.modelling import modelling
from reports.documents.passages import all_waves, sentence_list
from reports.documents.questions import wordings
from reports.documents.reported import reported
from reports.documents.weighting import weighting
from reports.documents.withheld import withheld
from reports.evidence import Evidence
from reports.report import Block, Bullets, Column, Heading, Paragraph, Section, Table
from reports.titles import title_of

QUANTILES = (
    "Medians and other percentiles of companies are of type 7 (Hyndman and Fan, 1996; R quantile), weighted where "
    "companies are (qrule hf7 of R survey). The interval of a median is Woodruff's, that of the share below on the "
    "logit scale read back through the distribution; in norms of companies that count alike it is the binomial one."
)
"""Which of the definitions of a quantile."""


def methods(evidence: Evidence) -> Section:
    """Design, definitions, rules and limits, in words."""
    blocks: list[Block] = [
        Heading("Who was asked"),
        Paragraph(_asked(evidence)),
        Heading("From answers to numbers"),
        Bullets(tuple(_definitions(evidence))),
        *modelling(evidence),
        *_cleaned(evidence),
        *weighting(evidence),
        *withheld(evidence),
        *disclosed(evidence),
        *reported(evidence),
        *wordings(evidence),
        Heading("Which questions compare between waves"),
        *comparability(evidence),
        Heading("What cannot be shown"),
        Bullets(tuple(_limits(evidence))),
    ]
    if evidence.panel.unavailable:
        blocks.append(_unavailable(evidence))
    if evidence.set_aside["n"].any():
        blocks.append(_set_aside(evidence))
    lead = "Everything here follows from the study file; the same file, data and seed give the same report."
    return Section("methods", "Methods and limits", "Could I repeat this?", lead, tuple(blocks))


def _cleaned(evidence: Evidence) -> Iterator[Block]:
    if evidence.cleaning:
        yield Heading("How answers were cleaned")
        yield Bullets(evidence.cleaning, ordered=True)
    if len(evidence.reasons):
        yield _rules(evidence)


def _asked(evidence: Evidence) -> str:
    facts = evidence.facts
    sponsor = f"Sponsor: {facts.sponsor}." if facts.sponsor else "The study names no sponsor."
    fieldwork = facts.fieldwork or "The study does not describe its fieldwork."
    return f"{facts.population} {fieldwork} {sponsor} Levels refer to {facts.latest}, models to {all_waves(evidence)}."


def _definitions(evidence: Evidence) -> list[str]:
    facts, index = evidence.facts, title_of("alignment", evidence.panel)
    names = [name for name in evidence.panel.instrument.alignment_constructs if name in evidence.panel.frame]
    constructs = sentence_list([title_of(name, evidence.panel) for name in names])
    made = f"the mean of {len(names)} constructs ({constructs})"
    if facts.index_supplied:
        made = "taken from the file as it stands"
    told = [
        f"{index} is {made}, from 0 to 100, the per cent of the most that could be answered.",
        _counts(evidence),
        f"Levels refer to {facts.latest}, the latest wave with at least half as many companies as the largest.",
        f"Adequately aligned by the index: {facts.adequate_cut:g} points or more.",
        "Intervals are 95%: t intervals over companies, Wilson's for shares of companies; where companies come in "
        "several waves they are clusters. They take the sample as if it had been drawn at random.",
        *([QUANTILES] if len(evidence.norms) else []),
    ]
    if evidence.panel.instrument.with_role("function") is not None:
        told.insert(1, "A company's value is the mean of its sales people's mean and its marketing people's mean, each "
                    "function counting once; companies in which one function is silent have none.")  # fmt: skip
    told += [f"Outcome {definition}." for definition in evidence.definitions]
    told += [*evidence.not_asked, *_companies_set_aside(evidence)]
    told += [f"Classes {found.label}: {_cuts(found.definition)}." for found in evidence.classes.values()]
    for fit in (fit for fit in evidence.fits if fit.specification.declared):
        told.append(f"Model “{fit.specification.name}”: {fit.specification.formula}, {_how(fit)}.")
    return told


def _counts(evidence: Evidence) -> str:
    if evidence.weights is None:
        return "Every respondent of a function and every company counts the same; weights are not used."
    return "Every respondent of a function counts the same within the company; companies are weighted, as said below."


def _companies_set_aside(evidence: Evidence) -> Iterator[str]:
    """Say how many companies of each wave are left out because their informants do not agree."""
    if evidence.verdicts.empty:
        return
    aside = evidence.verdicts[evidence.verdicts["action"] == "set aside"]
    for wave, count in aside.groupby("wave").size().items():
        yield f"{count} of the companies of {wave} are set aside, as the study declares: their informants do not agree."


def _cuts(definition: OutcomeClasses | PracticeClasses) -> str:
    if isinstance(definition, OutcomeClasses):
        return f"the best {definition.best:.0%} and the last {definition.laggard:.0%} of each wave"
    return f"{definition.cut:g} points or more on {definition.share:.0%} of the practices"


def _how(fit: Fit) -> str:
    """Say how a model was fitted and with which errors."""
    model = fit.specification
    told = [estimator_text(fit)]
    told += ["company effects"] if model.within else []
    told += [f"the best {100 * model.top:g}% of each wave as outcome"] if model.top else []
    told += ["the outcome of the wave before as a term"] if model.lagged_outcome else []
    told += [f"{model.regressor} {model.lag} waves before"] if model.lag else []
    asked = (read_errors(kind) for kind in (model.covariance, *model.also))
    kinds = dict.fromkeys(kind.label for kind in fit.errors or asked)
    return ", ".join([*told, f"errors: {sentence_list(list(kinds))}"])


def _limits(evidence: Evidence) -> list[str]:
    general = [
        "Who answers is not a random sample unless the fieldwork says so; people who care may answer more.",
        "Ratings may be coloured by how well the company does (halo), and something unobserved may drive both.",
        "Many numbers are shown. About one in twenty intervals misses its true value by chance.",
    ]
    return [*evidence.facts.limits, *general]


def _unavailable(evidence: Evidence) -> Table:
    reasons: dict[str, list[str]] = {}
    for column, reason in evidence.panel.unavailable.items():
        reasons.setdefault(reason, []).append(title_of(column, evidence.panel).lower())
    rows = pd.DataFrame([{"what": ", ".join(names), "reason": reason} for reason, names in reasons.items()])
    columns = (Column("what", "Not available"), Column("reason", "Because"))
    return Table(
        "unavailable", "What these data cannot give", rows, columns, f"Source: {evidence.facts.title}."
    )


def _rules(evidence: Evidence) -> Table:
    columns = (
        Column("rule", "Rule"),
        Column("action", "What it did"),
        Column("n", "Rows or values", "count"),
    )
    rows = evidence.reasons.assign(
        rule=evidence.reasons["rule"].str[:1].str.upper() + evidence.reasons["rule"].str[1:]
    )
    return Table(
        "rules",
        "Cleaning rules, and what each did",
        rows,
        columns,
        "Base: all rows read. Every line is in cleaning_log.csv.",
    )


def _set_aside(evidence: Evidence) -> Table:
    columns = (
        Column("file", "File"),
        Column("column", "Column"),
        Column("kind", "What it holds"),
        Column("n", "Cells", "count"),
    )
    rows = evidence.set_aside[evidence.set_aside["n"] > 0].reset_index(drop=True)
    return Table(
        "set_aside",
        "What was set aside: personal data and answers in free words",
        rows.assign(kind=rows["kind"].str[:1].str.upper() + rows["kind"].str[1:]),
        columns,
        "Base: all rows read. No value of these columns is in any output; respondents bear pseudonyms.",
    )
