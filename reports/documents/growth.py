"""Does alignment go with growth, is it getting better, and what to do."""

from collections.abc import Iterator

import pandas as pd

from analysis.benchmark.classes import OutcomeClasses
from analysis.explain.regression import Fit
from reports.alike import means_warning, read_alike
from reports.association import associated, headline, in_words, slope_unit
from reports.caveats import growth_caveats, rescaled_waves
from reports.documents.comparability import left_out_callout
from reports.documents.few_informants import few_informants
from reports.documents.invariance import warning
from reports.documents.model_columns import main_errors, model_columns
from reports.documents.passages import (
    all_waves,
    base,
    common_ground,
    estimate_column,
    has_values,
    not_available,
    sentence_list,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.binned_scatter import binned_scatter
from reports.figures.drawing import render, size_for
from reports.figures.forest import forest
from reports.figures.marks import interval_texts
from reports.figures.slopes import slopes
from reports.report import Block, Callout, Column, Figure, Paragraph, Section, Table, Unit
from reports.tables import number_text
from reports.titles import in_sentence, title_of

READ_ALIKE = (
    "Read alike: whether the people of the waves understand the questions of the construct alike (scalar invariance); "
    "where they do not, a change can be one of language."
)


def growth(evidence: Evidence) -> Section:
    """The association in every declared model, and what it cannot show."""
    question, name = "Does it go with growth?", "growth"
    declared = [fit for fit in evidence.fits if fit.specification.declared]
    if not declared:
        block = not_available("Growth models", "the study declares none, or has no outcome")
        return Section(name, "Whether it goes with growth is not known", question, "", (block,))
    found = associated(evidence)
    title = headline(found, evidence) if found else "No declared model could be estimated"
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
    lead = (
        "Every declared model is shown, whatever it says, and no more is said than the weakest of them allows. Scores "
        "from few informants pull slopes towards zero; corrected models undo that. No model shows what makes what."
    )
    return Section(name, title, question, lead, tuple(blocks))


def change(evidence: Evidence) -> Section:
    """From wave to wave, in the companies that are in both."""
    question, name = "Is it getting better?", "change"
    index = title_of("alignment", evidence.panel)
    rows = with_titles(evidence.changes, evidence)
    rows = rows.assign(alike=read_alike(evidence, "wave", rows["variable"]))
    last = rows[(rows["wave_to"] == rows["wave_to"].max()) & (rows["variable"] == "alignment")]
    if not has_values(last):
        blocks = (not_available("Change", _why_unknown(evidence)), *left_out_callout(evidence))
        return Section(name, "Change is not known", question, "", blocks)
    total = last.iloc[0]
    moved = "did not change beyond chance"
    if total["conf_low"] > 0 or total["conf_high"] < 0:
        size = number_text(abs(total["estimate"]), "points")
        moved = f"{'rose' if total['estimate'] > 0 else 'fell'} by {size}"
    title = f"{index} {moved} between {total['wave_from']:.0f} and {total['wave_to']:.0f}"
    columns = (
        Column("label", "What"),
        Column("wave_from", "From", "year"),
        Column("wave_to", "To", "year"),
        Column("mean_from", "Before", "points"),
        Column("mean_to", "After", "points"),
        estimate_column("Change", "difference"),
        Column("companies", "Companies", "count"),
        Column("alike", "Read alike?"),
    )
    shown = rows[(rows["variable"] == "alignment") | (rows["wave_to"] == rows["wave_to"].max())]
    table = Table(
        "changes", "Change between consecutive waves, companies in both", shown, columns,
        base(evidence, total["companies"], when=f"{total['wave_from']:.0f} and {total['wave_to']:.0f}"),
        (READ_ALIKE,),
    )  # fmt: skip
    lead = (
        "The figure shows all companies of each wave. The change counts only companies that took part in both, so that "
        "newcomers and leavers make none."
    )
    cautions = [*_rescaled(evidence, rows), *left_out_callout(evidence), *warning(evidence, "wave")]
    return Section(name, title, question, lead, (*_slopes(evidence), table, *cautions))


def _why_unknown(evidence: Evidence) -> str:
    if len(evidence.facts.waves) < 2:
        return "there is one wave only"
    if (evidence.changes["left_out"] != "").any():
        return "too few companies are in two consecutive waves, or too few statements compare between them"
    return "too few companies are in two consecutive waves"


def _rescaled(evidence: Evidence, changes: pd.DataFrame) -> list[Block]:
    """Say that a change between waves on different scales may be one of the scale; nothing if there is none."""
    pairs = changes[["wave_from", "wave_to"]].drop_duplicates().itertuples(index=False)
    waves = sorted({wave for before, after in pairs for wave in rescaled_waves(evidence, before, after)})
    if not waves:
        return []
    asked = f"Statements of the index were asked on another scale in {', '.join(map(str, waves))}"
    why = "people use a longer or shorter scale differently, so that a change may be one of the scale alone"
    return [
        Callout(
            "caution",
            "The scale of the answers changed",
            f"{asked} and brought linearly to that of the questionnaire: {why}.",
        )
    ]


def _scatter(evidence: Evidence) -> Figure:
    first = next(fit for fit in evidence.fits if fit.specification.declared).specification
    index, outcome = title_of("alignment", evidence.panel), title_of(first.outcome, evidence.panel)
    bins, unit = evidence.bins, slope_unit(evidence, first.outcome)
    kind: Unit = "growth" if unit.startswith("percentage points") else "number"
    low, high = (number_text(bins.iloc[place]["estimate"], kind) for place in (0, -1))
    return render(
        lambda ax: binned_scatter(
            ax, bins, evidence.line if len(evidence.line) else None,
            x_label=f"{index}, 0 to 100 points", y_unit=kind,
            y_label=_with_unit(outcome, unit.replace("percentage points", "%", 1)),
        ),
        id="growth-bins",
        title=f"With nothing held constant, {in_sentence(outcome)} averages {low} in the lowest group and {high} in "
        "the highest",
        alt=f"Mean {outcome.lower()} of {len(bins)} groups of companies sorted by {index.lower()}, with a fitted line: "
        + "; ".join(f"{row['x']:.0f} points: {number_text(row['estimate'], kind)}" for row in bins.to_dict("records")),
        base=f"Base: {number_text(bins['n'].sum(), 'count')} company-years, {all_waves(evidence)}. "
        + " ".join(["Groups are of companies of like score.", *common_ground(evidence)]),
        size=(6.8, 3.8),
        kind="binned_scatter",
    )  # fmt: skip


def _models(evidence: Evidence) -> pd.DataFrame:
    rows = []
    for fit in evidence.fits:
        model = fit.specification
        label = (
            model.name if model.declared else f"{title_of(model.regressor, evidence.panel)} (unrelated scale)"
        )
        rows.append(
            {
                **fit.slope(per=10).to_dict(), "label": label, "declared": model.declared, "note": fit.note,
                "n": fit.n, "companies": fit.companies, "r_squared": fit.r_squared, "formula": model.formula,
                "errors": main_errors(fit), "alike": _alike(fit, evidence),
                "outcome": _outcome(fit, evidence),
                "status": "declared" if model.declared else "exploratory",
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
    name += f", top {100 * model.top:g}% of the wave" if model.top else ""
    return f"{name} (chance, %)" if fit.chance else name


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
    said = f"The classes of companies are cut on {sentence_list(cut)} as well"
    return [f"{said}: that they differ in it is no further evidence."]


def _forest(evidence: Evidence, rows: pd.DataFrame) -> Figure:
    declared = rows[rows["declared"]]
    more, less = int((declared["conf_low"] > 0).sum()), int((declared["conf_high"] < 0).sum())
    found = f"{more} of {len(declared)} declared models find more"
    found = f"{less} of {len(declared)} declared models find less" if less and not more else found
    against = f", {less} find less" if more and less else ""
    outcome = str(declared.iloc[0]["outcome"])
    unit = slope_unit(
        evidence, next(fit for fit in evidence.fits if fit.specification.declared).specification.outcome
    )
    return render(
        lambda ax: forest(
            ax, rows, label=_with_unit(f"{outcome} that goes with 10 points more", unit), unit="slope"
        ),
        id="models",
        title=f"{found} {in_sentence(outcome)} beyond chance with a higher score{against}",
        alt="; ".join(map(": ".join, zip(rows["label"], interval_texts(rows, "slope", "en"), strict=True))),
        base=f"Base: {number_text(declared['companies'].max(), 'count')} companies, {all_waves(evidence)}.",
        size=size_for(rows["label"].tolist()),
        kind="forest",
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
    notes += [*_units(evidence), *_left_out(evidence), *_classed_too(evidence)]
    return Table(
        "model-table", "Outcome that goes with 10 points more, model by model", rows, columns,
        base(evidence, rows.loc[rows["declared"], "companies"].max(), when=all_waves(evidence)), tuple(notes),
        models=tuple(fit.specification.name for fit in evidence.fits),
    )  # fmt: skip


def _units(evidence: Evidence) -> Iterator[str]:
    """Say in which units slopes are."""
    for name in dict.fromkeys(fit.specification.outcome for fit in evidence.fits if not fit.chance):
        unit = slope_unit(evidence, name)
        yield f"Slopes of {in_sentence(title_of(name, evidence.panel))}: {unit or 'in the unit of its records'}."
    if any(fit.chance for fit in evidence.fits):
        yield "Slopes of a chance: percentage points."


def _left_out(evidence: Evidence) -> Iterator[str]:
    """Say which models leave out rows that have outcome and score."""
    for fit in evidence.fits:
        model = fit.specification
        common = (f"{model.outcome} ", f"{model.outcome}, top", f"{model.regressor} is missing")
        rest = {reason: rows for reason, rows in fit.dropped.items() if not reason.startswith(common)}
        if rest and model.declared and fit.n:
            why = sentence_list([f"{rows:,} as {reason}" for reason, rows in rest.items()])
            yield f"{model.name} leaves out company-years: {why}."


def _slopes(evidence: Evidence) -> tuple[Block, ...]:
    """Draw the index of the waves that can stand side by side; nothing where there are no two of them."""
    index = title_of("alignment", evidence.panel)
    known = evidence.index_by_wave.dropna(subset=["estimate"])
    if len(known) < 2:
        return ()
    first, last = known.iloc[0], known.iloc[-1]
    title = (
        f"All companies averaged {number_text(first['estimate'], 'number')} points in {first['wave']:.0f} and "
        f"{number_text(last['estimate'], 'number')} in {last['wave']:.0f}"
    )
    source = base(evidence, known["companies"].max(), when=f"at most, {all_waves(evidence)}")
    everyone = known.assign(label=f"{index}, all companies", style="strong")
    figure = render(
        lambda ax: slopes(ax, everyone, label=f"{index}, mean of companies"),
        id="waves",
        title=title,
        alt="; ".join(f"{row['wave']:.0f}: {row['estimate']:.1f}" for row in everyone.to_dict("records")),
        base=" ".join([source, *filter(None, (means_warning(evidence, "wave"),))]),
        size=(6.8, 2.8),
        kind="slopes",
    )
    return (figure,)
