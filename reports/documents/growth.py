"""Does alignment go with growth: every declared model, and what they cannot show."""

from collections.abc import Iterator

import pandas as pd

from analysis.benchmark.classes import OutcomeClasses
from analysis.explain.regression import Fit
from reports.association import associated, headline, in_words
from reports.caveats import confounder_strength, growth_caveats
from reports.documents.few_informants import few_informants
from reports.documents.model_columns import main_errors, model_columns
from reports.documents.passages import (
    all_waves,
    base,
    common_ground,
    has_values,
    not_available,
    sentence_list,
)
from reports.evidence import Evidence
from reports.figures.binned_scatter import binned_scatter
from reports.figures.drawing import render, size_for
from reports.figures.forest import forest
from reports.figures.marks import interval_texts
from reports.outcome_units import in_percent, outcome_unit, slope_unit
from reports.report import Block, Callout, Column, Figure, Heading, Paragraph, Section, Table, Unit
from reports.tables import number_text
from reports.titles import in_sentence, title_of
from survey.language import digits, say, spoken


def growth(evidence: Evidence) -> Section:
    """The association in every declared model, and what it cannot show."""
    question, name = say("Does it go with growth?"), "growth"
    declared = [fit for fit in evidence.fits if fit.specification.declared]
    if not declared:
        block = not_available(say("Growth models"), say("the study declares none, or has no outcome"))
        return Section(name, say("Whether it goes with growth is not known"), question, "", (block,))
    found = associated(evidence)
    title = headline(found, evidence) if found else say("No declared model could be estimated")
    blocks: list[Block] = [Paragraph(in_words(found, evidence))] if found else []
    if has_values(evidence.bins):
        blocks.append(_scatter(evidence))
    rows = _models(evidence)
    alike = rows[rows["alike"]]
    if alike["estimate"].notna().any():
        blocks.append(_forest(evidence, alike))
    blocks.append(_model_table(evidence, rows))
    blocks += model_columns(evidence)
    blocks += few_informants(evidence)
    blocks += [Callout("caution", heading, text) for heading, text in growth_caveats(evidence)]
    if strength := confounder_strength(evidence):
        blocks += [Heading(say("How strong a confounder would have to be")), Paragraph(strength)]
    lead = say(
        "Every declared model is shown, whatever it says, and no more is said than the weakest of them allows. Scores "
        "from few informants pull slopes towards zero; corrected models undo that."
    )
    return Section(name, title, question, lead, tuple(blocks))


def _scatter(evidence: Evidence) -> Figure:
    first = next(fit for fit in evidence.fits if fit.specification.declared).specification
    index, outcome = title_of("alignment", evidence.panel), title_of(first.outcome, evidence.panel)
    bins = evidence.bins
    kind: Unit = "growth" if in_percent(evidence, first.outcome) else "number"
    low, high = (number_text(bins.iloc[place]["estimate"], kind) for place in (0, -1))
    told = "; ".join(
        f"{number_text(row['x'], 'points')}: {number_text(row['estimate'], kind)}"
        for row in bins.to_dict("records")
    )
    source = say(
        "Base: {n} company-years, {waves}. Groups are of companies of like score.",
        n=number_text(bins["n"].sum(), "count"),
        waves=all_waves(evidence),
    )
    counted = [] if evidence.weights is None else [say("Companies count by their weights.")]
    return render(
        lambda ax: binned_scatter(
            ax, bins, evidence.line if len(evidence.line) else None,
            x_label=say("{index}, 0 to 100 points", index=index), y_unit=kind,
            y_label=_with_unit(outcome, outcome_unit(evidence, first.outcome)),
        ),
        id="growth-bins",
        title=say(
            "With nothing held constant, {outcome} averages {low} in the lowest group and {high} in the highest"
            if len(bins) > 1
            else "With nothing held constant, {outcome} averages {low}",
            outcome=in_sentence(outcome), low=low, high=high,
        ),
        alt=say(
            "Mean {outcome} of {n} groups of companies sorted by {index}, with a fitted line: {points}",
            outcome=in_sentence(outcome), n=len(bins), index=in_sentence(index), points=told,
        ),
        base=" ".join([source, *counted, *common_ground(evidence)]),
        size=(6.8, 3.3),
        kind="binned_scatter",
    )  # fmt: skip


def _counted(evidence: Evidence) -> list[str]:
    """Say how companies count in the models of a study with weights."""
    if evidence.weights is None:
        return []
    declared = [fit for fit in evidence.fits if fit.specification.declared]
    once = [fit.specification.name for fit in declared if not fit.specification.weights]
    if not once:
        return [say("Companies count by their weights.")]
    if len(once) == len(declared):
        return [say("Companies count once each; the models are not weighted.")]
    return [say("Companies count by their weights, but once each in: {models}.", models=sentence_list(once))]


def _models(evidence: Evidence) -> pd.DataFrame:
    rows = []
    for fit in evidence.fits:
        model = fit.specification
        label = (
            model.name
            if model.declared
            else say("{scale} (unrelated scale)", scale=title_of(model.regressor, evidence.panel))
        )
        rows.append(
            {
                **fit.slope(per=10).to_dict(), "label": label, "declared": model.declared, "note": fit.note,
                "n": fit.n, "companies": fit.companies, "r_squared": fit.r_squared, "formula": model.formula,
                "errors": main_errors(fit), "alike": _alike(fit, evidence),
                "outcome": _outcome(fit, evidence),
                "status": say("declared" if model.declared else "exploratory"),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _alike(fit: Fit, evidence: Evidence) -> bool:
    """Tell whether a slope is in the unit of the first declared model, so that both can stand on one axis."""
    first = next(fit for fit in evidence.fits if fit.specification.declared).specification
    return not fit.chance and fit.specification.outcome == first.outcome


def _with_unit(name: str, unit: str) -> str:
    return f"{name}, {unit}" if unit else name


def _outcome(fit: Fit, evidence: Evidence) -> str:
    model = fit.specification
    name = title_of(model.outcome, evidence.panel)
    if model.top:
        share = digits(100 * model.top, "g")
        name = say(
            "{outcome}, top {share}% of the wave's weight"
            if model.weights
            else "{outcome}, top {share}% of the wave",
            outcome=name,
            share=share,
        )
    return say("{outcome} (chance, %)", outcome=name) if fit.chance else name


def _classed_too(evidence: Evidence) -> list[str]:
    """Say which outcomes the classes are cut on as well."""
    found = evidence.classes.get("outcomes")
    if found is None or not isinstance(found.definition, OutcomeClasses):
        return []
    cut = [
        in_sentence(title_of(name, evidence.panel))
        for name in dict.fromkeys(fit.specification.outcome for fit in evidence.fits)
        if name in found.definition.outcomes
    ]
    if not cut:
        return []
    return [
        say(
            "The classes of companies are cut on {outcomes} as well: that they differ in it is no further evidence.",
            outcomes=sentence_list(cut),
        )
    ]


def _forest(evidence: Evidence, rows: pd.DataFrame) -> Figure:
    declared = rows[rows["declared"]]
    outcome = str(declared.iloc[0]["outcome"])
    unit = slope_unit(
        evidence, next(fit for fit in evidence.fits if fit.specification.declared).specification.outcome
    )
    label = _with_unit(say("{outcome} that goes with 10 points more", outcome=outcome), unit)
    return render(
        lambda ax: forest(ax, rows, label=label, unit="slope"),
        id="models",
        title=_beyond_chance(declared, in_sentence(outcome)),
        alt="; ".join(
            map(": ".join, zip(rows["label"], interval_texts(rows, "slope", spoken()), strict=True))
        ),
        base=" ".join(
            [
                say(
                    "Base: {n} companies, {waves}.",
                    n=number_text(declared["companies"].max(), "count"),
                    waves=all_waves(evidence),
                ),
                *_counted(evidence),
            ]
        ),
        size=size_for(rows["label"].tolist()),
        kind="forest",
    )


def _beyond_chance(declared: pd.DataFrame, outcome: str) -> str:
    """Say how many models find more of the outcome, or less, where the score is higher."""
    more, less = int((declared["conf_low"] > 0).sum()), int((declared["conf_high"] < 0).sum())
    values = {"of": len(declared), "outcome": outcome}
    if more and less:
        return say(
            "{n} of {of} declared models find more {outcome} beyond chance with a higher score, {less} find less",
            n=more,
            less=less,
            **values,
        )
    if less:
        return say(
            "{n} of {of} declared models find less {outcome} beyond chance with a higher score",
            n=less,
            **values,
        )
    return say(
        "{n} of {of} declared models find more {outcome} beyond chance with a higher score", n=more, **values
    )


def _model_table(evidence: Evidence, rows: pd.DataFrame) -> Table:
    columns = (
        Column("label", "Model"),
        Column("outcome", "Outcome"),
        Column("estimate", "Per 10 points more", "slope", "conf_low", "conf_high", reason="note"),
        Column("p_value", "p", "p_value"),
        Column("n", "Company-years", "count"),
        Column("companies", "Companies", "count"),
        Column("errors", "Errors"),
        Column("status", "Status"),
    )
    notes = [f"{row['label']}: {row['note']}." for row in rows.to_dict("records") if row["note"] and row["n"]]
    notes += [*_counted(evidence), *_units(evidence), *_left_out(evidence), *_classed_too(evidence)]
    return Table(
        "model-table", say("Outcome that goes with 10 points more, model by model"), rows, columns,
        base(evidence, rows.loc[rows["declared"], "companies"].max(), when=all_waves(evidence)), tuple(notes),
        models=tuple(fit.specification.name for fit in evidence.fits),
    )  # fmt: skip


def _units(evidence: Evidence) -> Iterator[str]:
    """Say in which units slopes are."""
    for name in dict.fromkeys(fit.specification.outcome for fit in evidence.fits if not fit.chance):
        unit = slope_unit(evidence, name)
        outcome = in_sentence(title_of(name, evidence.panel))
        yield (
            say("Slopes of {outcome}: {unit}.", outcome=outcome, unit=unit)
            if unit
            else say("Slopes of {outcome}: in the unit of its records.", outcome=outcome)
        )
    if any(fit.chance for fit in evidence.fits):
        yield say("Slopes of a chance: percentage points.")


def _left_out(evidence: Evidence) -> Iterator[str]:
    """Say which models leave out rows that have outcome and score."""
    for fit in evidence.fits:
        model = fit.specification
        missing = say("{name} is missing", name=model.regressor)
        common = (f"{model.outcome} ", f"{model.outcome}, top", missing)
        rest = {reason: rows for reason, rows in fit.dropped.items() if not reason.startswith(common)}
        if rest and model.declared and fit.n:
            why = sentence_list(
                [
                    say("{n} as {reason}", n=number_text(rows, "count"), reason=reason)
                    for reason, rows in rest.items()
                ]
            )
            yield say("{model} leaves out company-years: {why}.", model=model.name, why=why)
