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
from reports.tables import declared_text, number_text
from reports.titles import at_start, in_sentence, title_of
from survey.cleaning_log import rule_said
from survey.language import look_up, mark, say, say_n

QUANTILES = mark(
    "Medians and other percentiles of companies are of type 7 (Hyndman and Fan, 1996; R quantile), weighted where "
    "companies are (qrule hf7 of R survey). Their intervals turn the binomial test round; where companies count "
    "differently, or come in several waves, it takes the effective number of companies."
)
"""Which of the definitions of a quantile."""


def methods(evidence: Evidence) -> Section:
    """Design, definitions, rules and limits, in words."""
    blocks: list[Block] = [
        Heading(say("Who was asked")),
        Paragraph(_asked(evidence)),
        Heading(say("From answers to numbers")),
        Bullets(tuple(_definitions(evidence))),
        *modelling(evidence, _models(evidence)),
        *_percentiles(evidence),
        *_cleaned(evidence),
        *weighting(evidence),
        *withheld(evidence),
        *disclosed(evidence),
        *reported(evidence),
        *wordings(evidence),
        Heading(say("Which questions compare between waves")),
        *comparability(evidence),
        Heading(say("What cannot be shown")),
        Bullets(tuple(_limits(evidence))),
    ]
    if evidence.panel.unavailable:
        blocks.append(_unavailable(evidence))
    if evidence.set_aside["n"].any():
        blocks.append(_set_aside(evidence))
    lead = say(
        "Everything here follows from the study file; the same file, data and seed give the same report."
    )
    return Section("methods", say("Methods and limits"), say("Could I repeat this?"), lead, tuple(blocks))


def _percentiles(evidence: Evidence) -> Iterator[Block]:
    if len(evidence.norms):
        yield Heading(say("Which percentiles are meant"))
        yield Paragraph(look_up(QUANTILES))


def _cleaned(evidence: Evidence) -> Iterator[Block]:
    if evidence.cleaning:
        yield Heading(say("How answers were cleaned"))
        yield Bullets(evidence.cleaning, ordered=True)
    if len(evidence.reasons):
        yield _rules(evidence)


def _asked(evidence: Evidence) -> str:
    facts = evidence.facts
    sponsor = say("The study names no sponsor.")
    if facts.sponsor:
        sponsor = say("Sponsor: {sponsor}.", sponsor=facts.sponsor)
    fieldwork = facts.fieldwork or say("The study does not describe its fieldwork.")
    waves = say("Levels refer to {wave}, models to {waves}.", wave=facts.latest, waves=all_waves(evidence))
    return f"{facts.population} {fieldwork} {sponsor} {waves}"


def _definitions(evidence: Evidence) -> list[str]:
    facts, index = evidence.facts, title_of("alignment", evidence.panel)
    names = [name for name in evidence.panel.instrument.alignment_constructs if name in evidence.panel.frame]
    constructs = sentence_list([title_of(name, evidence.panel) for name in names])
    made = (
        say(
            "{index} is taken from the file as it stands, from 0 to 100, the per cent of the most that could be "
            "answered.",
            index=index,
        )
        if facts.index_supplied
        else say_n(
            len(names),
            "{index} is the score of {constructs} alone, from 0 to 100, the per cent of the most that could be "
            "answered.",
            "{index} is the mean of {n} constructs ({constructs}), from 0 to 100, the per cent of the most that could "
            "be answered.",
            index=index, n=len(names), constructs=constructs,
        )
    )  # fmt: skip
    told = [
        made,
        _counts(evidence),
        say(
            "Levels refer to {wave}, the latest wave with at least half as many companies as the largest.",
            wave=facts.latest,
        ),
        say("Adequately aligned by the index: {cut} points or more.", cut=declared_text(facts.adequate_cut)),
        say(
            "Intervals are 95%: t intervals over companies, Wilson's for shares of companies; where companies come in "
            "several waves they are clusters. They take the sample as if it had been drawn at random."
        ),
    ]
    if evidence.panel.instrument.with_role("function") is not None:
        told.insert(1, say("A company's value is the mean of its sales people's mean and its marketing people's mean, "
                    "each function counting once; companies in which one function is silent have none."))  # fmt: skip
    told += [say("Outcome {definition}.", definition=definition) for definition in evidence.definitions]
    told += [*evidence.not_asked, *_companies_set_aside(evidence)]
    told += [
        say("Classes {label}: {cuts}.", label=found.label, cuts=_cuts(found.definition))
        for found in evidence.classes.values()
    ]
    return told


def _models(evidence: Evidence) -> Iterator[str]:
    """Say of every declared model what it is."""
    for model, fit in ((fit.specification, fit) for fit in evidence.fits if fit.specification.declared):
        yield say(
            "Model “{name}”: {formula}, {how}.",
            name=model.name,
            formula=model.formula,
            how=_how(fit, evidence),
        )


def _counts(evidence: Evidence) -> str:
    if evidence.weights is None:
        return say("Every respondent of a function and every company counts the same; weights are not used.")
    return say(
        "Every respondent of a function counts the same within the company; companies are weighted, as said below."
    )


def _companies_set_aside(evidence: Evidence) -> Iterator[str]:
    """Say how many companies of each wave are left out because their informants do not agree."""
    if evidence.verdicts.empty:
        return
    aside = evidence.verdicts[evidence.verdicts["action"] == "set aside"]
    for wave, count in aside.groupby("wave").size().items():
        yield say(
            "{n} of the companies of {wave} are set aside, as the study declares: their informants do not agree.",
            n=count,
            wave=wave,
        )


def _cuts(definition: OutcomeClasses | PracticeClasses) -> str:
    if isinstance(definition, OutcomeClasses):
        best, last = (number_text(100 * share, "percent") for share in (definition.best, definition.laggard))
        return say("the best {best} and the last {last} of each wave", best=best, last=last)
    return say(
        "{cut} points or more on {share} of the practices",
        cut=declared_text(definition.cut),
        share=number_text(100 * definition.share, "percent"),
    )


def _how(fit: Fit, evidence: Evidence) -> str:
    """Say how a model was fitted and with which errors."""
    model = fit.specification
    told = [estimator_text(fit, evidence)]
    told += [say("company effects")] if model.within else []
    if model.top:
        top = declared_text(100 * model.top, "percent")
        told.append(say("the best {share} of each wave as outcome", share=top))
    told += [say("the outcome of the wave before as a term")] if model.lagged_outcome else []
    told += (
        [say("{regressor} {lag} waves before", regressor=model.regressor, lag=model.lag)] if model.lag else []
    )
    asked = (read_errors(kind) for kind in (model.covariance, *model.also))
    kinds = [look_up(label) for label in dict.fromkeys(kind.label for kind in fit.errors or asked)]
    return ", ".join([*told, say("errors: {kinds}", kinds=sentence_list(kinds))])


def _limits(evidence: Evidence) -> list[str]:
    general = [
        say(
            "Who answers is not a random sample unless the fieldwork says so; people who care may answer more."
        ),
        say(
            "Ratings may be coloured by how well the company does (halo), and something unobserved may drive both."
        ),
        say("Many numbers are shown. About one in twenty intervals misses its true value by chance."),
    ]
    return [*evidence.facts.limits, *general]


def _unavailable(evidence: Evidence) -> Table:
    reasons: dict[str, list[str]] = {}
    for column, reason in evidence.panel.unavailable.items():
        reasons.setdefault(reason, []).append(in_sentence(title_of(column, evidence.panel)))
    rows = pd.DataFrame([{"what": ", ".join(names), "reason": why} for why, names in reasons.items()])
    columns = (Column("what", "Not available"), Column("reason", "Because"))
    source = say("Source: {study}.", study=evidence.facts.title)
    return Table("unavailable", say("What these data cannot give"), rows, columns, source)


def _rules(evidence: Evidence) -> Table:
    columns = (
        Column("rule", "Rule"),
        Column("action", "What it did"),
        Column("n", "Rows or values", "count"),
    )
    rows = evidence.reasons.assign(rule=[at_start(rule_said(rule)) for rule in evidence.reasons["rule"]])
    base = say("Base: all rows read. Every line is in cleaning_log.csv.")
    return Table("rules", say("Cleaning rules, and what each did"), rows, columns, base)


ACTIONS = (mark("dropped"), mark("changed"), mark("noted"))
"""What a rule of cleaning does."""

KINDS = (
    mark("Respondent id"),
    mark("E-mail"),
    mark("Place of a company"),
    mark("Name"),
    mark("Ip address"),
    mark("Coordinates"),
    mark("Phone"),
    mark("Postal address"),
    mark("Personal number"),
    mark("Date of birth"),
    mark("Web address"),
    mark("Handle"),
    mark("Free text"),
    mark("Other platform metadata"),
)
"""What columns that are set aside can hold (`survey.withholding`)."""


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
        say("What was set aside: personal data and answers in free words"),
        rows.assign(kind=[look_up(kind[:1].upper() + kind[1:]) for kind in rows["kind"]]),
        columns,
        say("Base: all rows read. No value of these columns is in any output; respondents bear pseudonyms."),
    )
