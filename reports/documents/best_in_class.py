"""Who the best are, whether they differ, and whether they see work to do."""

import pandas as pd

from analysis.benchmark.classes import Classes, OutcomeClasses, PracticeClasses
from reports.comparisons import verdict_on
from reports.documents.class_checks import class_checks
from reports.documents.passages import (
    FAMILY,
    base,
    class_columns,
    class_gap,
    class_years,
    classed_companies,
    estimate_column,
    family_note,
    has_values,
    in_class_order,
    not_available,
    sentence_list,
    side_by_side,
    too_few_in_class,
    with_titles,
)
from reports.documents.questions import how_asked
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.figures.target_bars import target_bars
from reports.findings import findings
from reports.published import Comparison, read_published
from reports.report import Block, Callout, Column, Figure, Heading, Section, Table
from reports.tables import interval_text, number_text

TARGET_FIGURE = "ABE07"

LONGEST_REASON = 80
"""Letters of a reason that is told in a sentence."""

SELECTED = " †"
"""Mark of variables that the classes were selected on."""


def best_in_class(evidence: Evidence) -> Section:
    """Both kinds of classes, each with what it was selected on, and the gap that selection alone gives."""
    question, name = "Who are the best, and are they different?", "best-in-class"
    if not evidence.classes:
        block = not_available("Classes", "the study declares no classes")
        return Section(name, "No classes were declared", question, "", (block,))
    blocks: list[Block] = []
    for basis, heading in (("outcomes", "Selected on results"), ("practices", "Selected on practices")):
        if basis in evidence.classes:
            blocks += [Heading(heading), _definition(evidence.classes[basis], basis)]
            blocks += _class_blocks(evidence, basis)
    lead = (
        "Two ways to say who the best are, never mixed: by results, as in Aberdeen's reports, or by practices, as in "
        "the Miller Heiman studies. What a class was selected on differs by construction. Practices, constructs and "
        "reported outcomes come from the same people and questionnaire, which alone makes them go together."
    )
    return Section(name, _title(evidence), question, lead, tuple(blocks))


def target(evidence: Evidence) -> Section:
    """Share of each class that calls alignment a target for improvement."""
    question, name = "Do the best see work to do?", "target"
    if not has_values(evidence.targets):
        block = not_available(
            "A target for improvement", "the study does not ask for it, or cuts no classes on outcomes"
        )
        return Section(name, "Whether alignment is a target is not known", question, "", (block,))
    frame = in_class_order(evidence.targets)
    figure = read_published()[TARGET_FIGURE]
    verdict = verdict_on(figure, evidence)
    published = pd.DataFrame(
        {
            "class": ["best in class", "laggard"],
            "estimate": [figure.values["best_in_class"], figure.values["laggard"]],
            "label": [f"published, {figure.year or 'year unknown'}"] * 2,
        }
    )
    beside = f"{figure.values['best_in_class']:g}% of the best in class and {figure.values['laggard']:g}% of laggards"
    title = next((f.headline for f in findings(evidence) if f.id == "finding-target"), "")
    if not title:
        block = not_available("A target for improvement", too_few_in_class(evidence, "outcomes"))
        return Section(name, "Whether alignment is a target is not known", question, "", (block,))
    source = base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes"))
    drawn = render(
        lambda ax: target_bars(ax, frame, published=None if verdict.verdict == "not comparable" else published),
        id="targets",
        title=_target_title(frame),
        alt="; ".join(
            f"{row['class']}: {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'percent')}"
            for row in frame.to_dict("records")
        )
        + f". Published: {beside}.",
        base=source,
        size=size_for(frame["class"].tolist(), per_row=5),
        data=Table(
            "targets-data", "Alignment is a target for improvement, by class", frame,
            (Column("class", "Class"), estimate_column("Share", "percent"), Column("companies", "Companies", "count")),
            source,
        ),
        kind="target_bars",
    )  # fmt: skip
    lead = (
        "The best in class were cut on results. A high share is no failure: whoever looks finds work to do."
    )
    asked = how_asked(evidence, "improvement_target", companies=frame["n"].sum(), waves=evidence.facts.waves)
    return Section(name, title, question, lead, (*asked, drawn, _beside(beside, verdict)))


def _beside(published: str, verdict: Comparison) -> Callout:
    """Say whether ours may stand beside the published shares, and why."""
    words = verdict.verdict[0].upper() + verdict.verdict[1:]
    return Callout(
        "caution",
        f"Beside the published {published}: {verdict.verdict}",
        f"{words}, because {sentence_list(list(verdict.reasons))}.",
    )


def _target_title(frame: pd.DataFrame) -> str:
    rows = {row["class"]: row for row in frame.to_dict("records")}
    best, last = rows["best in class"], rows["laggard"]
    if best["conf_high"] < last["conf_low"]:
        return "Laggards call alignment a target more often than the best in class"
    if last["conf_high"] < best["conf_low"]:
        return "The best in class call alignment a target more often than laggards"
    return "The best in class and laggards cannot be told apart"


def _title(evidence: Evidence) -> str:
    found = [finding.headline for finding in findings(evidence) if finding.id == "finding-best"]
    return found[0] if found else "How companies were classed"


def _definition(classes: Classes, basis: str) -> Callout:
    sizes = classes.frame["class"].value_counts()
    counted = sentence_list([f"{name} {int(sizes.get(name, 0))}" for name in classes.names])
    how = (
        _cut_by_outcomes(classes)
        if basis == "outcomes"
        else f"A company is world-class if {_cut_of(classes)}."
    )
    return Callout(
        "definition", f"These classes are {classes.label}", f"{how} Company-years: {counted}.{_without(classes)} The "
        "publishers of such classes have not disclosed their exact rules; this one is ours."
    )  # fmt: skip


def _cut_by_outcomes(classes: Classes) -> str:
    """Say how classes are cut on outcomes, and the rules for missing outcomes and ties."""
    rule = classes.definition
    assert isinstance(rule, OutcomeClasses)
    least, count = rule.minimum_outcomes, len(classes.selected_on) or len(rule.outcomes)
    needs = "all of them" if least is None or least >= count else f"at least {least} of the {count}"
    middle = max(1 - rule.best - rule.laggard, 0.0)
    return (
        f"Each wave, companies are ranked on the mean of their standardised outcomes: the upper {rule.best:.0%} are "
        f"best in class, the lower {rule.laggard:.0%} laggards, the {middle:.0%} between them average. A company needs "
        f"{needs} to be classed; companies that are level across a cut go to the middle."
    )


def _without(classes: Classes) -> str:
    """Say how many company-years have no class, and what they lack most often."""
    missing = sum(classes.unclassified.values())
    if not missing:
        return ""
    why, count = max(classes.unclassified.items(), key=lambda item: item[1])
    most = f", {count} of them {why.replace('_', ' ')}" if len(why) < LONGEST_REASON else ""
    return f" {missing} company-years could not be classed because a value is missing{most}."


def _cut_of(classes: Classes) -> str:
    definition = classes.definition
    assert isinstance(definition, PracticeClasses)
    return f"{definition.share:.0%} of its practices reach {definition.cut:g} points"


def _class_blocks(evidence: Evidence, basis: str) -> list[Block]:
    classes = evidence.classes[basis]
    means = evidence.class_means[evidence.class_means["basis"] == basis]
    constructs = [
        name for name in evidence.panel.instrument.alignment_constructs if name not in classes.selected_on
    ]
    shown = with_titles(in_class_order(means[means["variable"].isin(constructs)]), evidence)
    blocks: list[Block] = []
    if len(shown):
        blocks.append(_dots(evidence, shown, basis))
    return [*blocks, _gap_table(evidence, basis), *class_checks(evidence, basis)]


def _dots(evidence: Evidence, shown: pd.DataFrame, basis: str) -> Figure | Callout:
    classes = evidence.classes[basis]
    first, last = classes.names[0], classes.names[-1]
    gap = class_gap(shown, first, last).sort_values(ascending=False)
    if gap.empty:
        return not_available(f"Constructs by class, {classes.label}", too_few_in_class(evidence, basis))
    order = {label: place for place, label in enumerate(gap.index)}
    rows = shown.sort_values("label", key=lambda labels: labels.map(order), kind="stable", ignore_index=True)
    title = f"{gap.index[0]} separates {first} from {last} most in this sample: {number_text(gap.iloc[0], 'points')}"
    source = base(evidence, classed_companies(evidence, basis), when=class_years(evidence, basis))
    return render(
        lambda ax: class_dots(ax, rows, label="Mean of companies, 0 to 100 points"),
        id=f"classes-{basis}",
        title=title,
        alt=f"Mean of each class per construct with intervals. {first} minus {last}: "
        + "; ".join(f"{label} {value:+.0f}" for label, value in gap.items()),
        base=f"{source} Classes {evidence.classes[basis].label}.",
        size=size_for(list(order), per_row=len(evidence.classes[basis].names)),
        data=Table(
            f"classes-{basis}-data", f"Constructs by class, {evidence.classes[basis].label}",
            side_by_side(rows, evidence.classes[basis].names, key="variable"),
            (Column("label", "Construct"), *class_columns(evidence.classes[basis].names, "points")), source,
        ),
        kind="class_dots",
    )  # fmt: skip


def _gap_table(evidence: Evidence, basis: str) -> Table:
    """Classes side by side, with the difference from the last class, the rest, and all."""
    classes = evidence.classes[basis]
    means = evidence.class_means[evidence.class_means["basis"] == basis]
    rows = side_by_side(with_titles(means, evidence), classes.names, key="variable")
    gaps = evidence.class_gaps[evidence.class_gaps["basis"] == basis]
    contrasts = list(dict.fromkeys(gaps["contrast"]))
    for contrast in contrasts:
        part = gaps[gaps["contrast"] == contrast].set_index("variable")
        suffixes = {"estimate": "", "conf_low": "_low", "conf_high": "_high", "p_adjusted": "_p_adjusted"}
        for column, suffix in suffixes.items():
            rows[f"less_{contrast}{suffix}"] = rows["variable"].map(part[column])
    circular = set(gaps.loc[gaps["circular"], "variable"])
    guaranteed = _guaranteed(evidence, basis)
    rows["selection"] = rows["variable"].map(guaranteed)
    rows["reason"] = pd.Series("not selected on", index=rows.index).where(
        ~rows["variable"].isin(circular), ""
    )
    rows["label"] = [
        _with_unit(name, label, evidence) + (SELECTED if name in circular else "") + guaranteed.get(name, "")
        for name, label in zip(rows["variable"], rows["label"], strict=True)
    ]
    columns = [Column("label", "What")]
    columns += [Column(name, name.capitalize(), "number") for name in classes.names]
    columns += [
        Column(
            f"less_{name}",
            f"{classes.names[0].capitalize()} less {name}",
            "number",
            f"less_{name}_low",
            f"less_{name}_high",
        )
        for name in contrasts
    ]
    columns += [Column("companies", "Companies", "count")]
    notes = (
        f"{SELECTED.strip()} The classes were selected on this: the difference is guaranteed and shows nothing; beside "
        f"it the difference from {contrasts[0]} that selection alone gives.",
        "“All” contains the first class, as in the published studies, which makes differences look smaller.",
        f"{family_note(gaps)} Each adjusted p stands in tables/class-gaps-{basis}.csv.",
        "Companies: those of the smallest class; a company can be in different classes in different waves.",
    )
    return Table(
        f"class-gaps-{basis}", f"{classes.names[0].capitalize()} against the others, {classes.label}", rows,
        tuple(columns), base(evidence, classed_companies(evidence, basis), when=class_years(evidence, basis)), notes,
        family=FAMILY,
    )  # fmt: skip


def _guaranteed(evidence: Evidence, basis: str) -> dict[str, str]:
    """Say, by outcome that the classes were selected on, what gap selection alone gives."""
    if basis != "outcomes" or not len(evidence.selection):
        return {}
    found = evidence.selection.dropna(subset=["selection_gap"]).to_dict("records")
    return {
        row["outcome"]: f" {number_text(row['selection_gap'], 'number')} by selection alone" for row in found
    }


def _with_unit(name: str, label: str, evidence: Evidence) -> str:
    outcome = evidence.panel.instrument.outcomes.get(name)
    return f"{label}, {next(iter(outcome.unit.values()))}" if outcome else f"{label}, points"
