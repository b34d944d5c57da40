"""Who the best are, whether they differ, and whether they see work to do."""

import re
from collections.abc import Iterator

import pandas as pd

from analysis.benchmark.classes import Classes, OutcomeClasses, PracticeClasses
from analysis.benchmark.held_out import UNKNOWN_BEFORE
from reports.comparisons import verdict_on
from reports.documents.class_checks import class_checks
from reports.documents.class_tables import constructs_by_class, results_against_all, results_by_class
from reports.documents.passages import (
    base,
    class_columns,
    class_gap,
    class_years,
    classed_companies,
    estimate_column,
    has_values,
    in_class_order,
    not_available,
    sentence_list,
    side_by_side,
    too_few_in_class,
    with_titles,
    withheld_note,
)
from reports.documents.questions import how_asked
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.figures.target_bars import target_bars
from reports.findings import findings
from reports.published import Comparison, read_published
from reports.report import Block, Callout, Column, Figure, Heading, Section, Table
from reports.tables import HALF_A_POINT, declared_text, interval_text, number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, mark, say, say_n

TARGET_FIGURE = "ABE07"

HEADINGS = {"outcomes": mark("Selected on results"), "practices": mark("Selected on practices")}

LONGEST_REASON = 80
"""Letters of a reason that is told in a sentence."""


def best_in_class(evidence: Evidence) -> Section:
    """Both kinds of classes, each with what it was selected on, and the gap that selection alone gives."""
    question, name = say("Who are the best, and are they different?"), "best-in-class"
    if not evidence.classes:
        block = not_available(say("Classes"), say("the study declares no classes"))
        return Section(name, say("No classes were declared"), question, "", (block,))
    blocks: list[Block] = []
    for basis, heading in HEADINGS.items():
        if basis in evidence.classes:
            blocks += [Heading(look_up(heading)), _definition(evidence, basis)]
            blocks += _class_blocks(evidence, basis)
    lead = say(
        "Two ways to say who the best are, never mixed: by results, as in Aberdeen's reports, or by practices, as in "
        "the Miller Heiman studies. What a class was selected on differs by construction. Practices, constructs and "
        "reported outcomes come from the same people and questionnaire, which alone makes them go together."
    )
    return Section(name, _title(evidence), question, lead, tuple(blocks))


def target(evidence: Evidence) -> Section:
    """Share of each class that calls alignment a target for improvement."""
    question, name = say("Do the best see work to do?"), "target"
    if not has_values(evidence.targets):
        return _no_target(say("the study does not ask for it, or cuts no classes on outcomes"))
    frame = in_class_order(evidence.targets)
    figure = read_published()[TARGET_FIGURE]
    verdict = verdict_on(figure, evidence)
    published = pd.DataFrame(
        {
            "class": ["best in class", "laggard"],
            "estimate": [figure.values["best_in_class"], figure.values["laggard"]],
            "label": [say("published, {year}", year=figure.year or say("year unknown"))] * 2,
        }
    )
    best, last = (declared_text(figure.values[key], "percent") for key in ("best_in_class", "laggard"))
    beside = say("{best} of the best in class and {last} of laggards", best=best, last=last)
    title = next((f.headline for f in findings(evidence) if f.id == "finding-target"), "")
    if not title:
        return _no_target(too_few_in_class(evidence, "outcomes"))
    source = base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes"))
    columns = (
        Column("class", "Class"), estimate_column(say("Share"), "percent"), Column("companies", "Companies", "count"),
    )  # fmt: skip
    drawn = render(
        lambda ax: target_bars(ax, frame, published=None if verdict.verdict == "not comparable" else published),
        id="targets",
        title=_target_title(frame),
        alt="; ".join(
            f"{look_up(row['class'])}: "
            f"{interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'percent')}"
            for row in frame.to_dict("records")
        )
        + say(". Published: {beside}.", beside=beside),
        base=source,
        size=size_for(frame["class"].tolist(), per_row=5),
        data=Table(
            "targets-data", say("Alignment is a target for improvement, by class"), frame, columns, source,
        ),
        kind="target_bars",
    )  # fmt: skip
    lead = say(
        "The best in class were cut on results. A high share is no failure: whoever looks finds work to do."
    )
    asked = how_asked(evidence, "improvement_target", companies=frame["n"].sum(), waves=evidence.facts.waves)
    return Section(name, title, question, lead, (*asked, drawn, _beside(beside, verdict)))


def _no_target(reason: str) -> Section:
    question, block = (
        say("Do the best see work to do?"),
        not_available(say("A target for improvement"), reason),
    )
    return Section("target", say("Whether alignment is a target is not known"), question, "", (block,))


def _beside(published: str, verdict: Comparison) -> Callout:
    """Say whether ours may stand beside the published shares, and why."""
    found = look_up(verdict.verdict)
    words, reasons = found[0].upper() + found[1:], sentence_list(list(verdict.reasons))
    return Callout(
        "caution",
        say("Beside the published {published}: {verdict}", published=published, verdict=found),
        say("{verdict}, because {reasons}.", verdict=words, reasons=reasons),
    )


def _target_title(frame: pd.DataFrame) -> str:
    rows = {row["class"]: row for row in frame.to_dict("records")}
    best, last = rows["best in class"], rows["laggard"]
    if best["conf_high"] < last["conf_low"]:
        return say("Laggards call alignment a target more often than the best in class")
    if last["conf_high"] < best["conf_low"]:
        return say("The best in class call alignment a target more often than laggards")
    return say("The best in class and laggards cannot be told apart")


def _title(evidence: Evidence) -> str:
    found = [finding.headline for finding in findings(evidence) if finding.id == "finding-best"]
    return found[0] if found else say("How companies were classed")


def _definition(evidence: Evidence, basis: str) -> Callout:
    classes = evidence.classes[basis]
    sizes = classes.frame["class"].value_counts()
    counted = sentence_list([f"{look_up(name)} {int(sizes.get(name, 0))}" for name in classes.names])
    told = (
        _cut_by_outcomes(classes) if basis == "outcomes" else _cut_by_practices(classes),
        say("Company-years: {counted}.", counted=counted),
        *_without(classes, evidence),
        *_of_before(classes),
        *(
            []
            if basis != next(iter(evidence.classes))
            else [
                say("The publishers of such classes have not disclosed their exact rules; this one is ours."),
            ]
        ),
    )
    return Callout("definition", say("These classes are {label}", label=classes.label), " ".join(told))


def _cut_by_outcomes(classes: Classes) -> str:
    """Say how classes are cut on outcomes, and the rules for missing outcomes and ties."""
    rule = classes.definition
    assert isinstance(rule, OutcomeClasses)
    least, count = rule.minimum_outcomes, len(classes.selected_on) or len(rule.outcomes)
    needs = say("at least {least} of the {count}", least=least, count=count)
    if least is None or least >= count:
        needs = say("all of them")
    shares = (rule.best, rule.laggard, max(1 - rule.best - rule.laggard, 0.0))
    best, laggard, middle = (number_text(100 * share, "percent") for share in shares)
    return say(
        "Each wave, companies are ranked on the mean of their standardised outcomes: the upper {best} are "
        "best in class, the lower {laggard} laggards, the {middle} between them average. A company needs "
        "{needs} to be classed; companies that are level across a cut go to the middle.",
        best=best, laggard=laggard, middle=middle, needs=needs,
    )  # fmt: skip


def _of_before(classes: Classes) -> Iterator[str]:
    """Warn of results that look back on the time in which the classes were cut."""
    if isinstance(classes.definition, OutcomeClasses) and not classes.selected_on:
        yield say(
            "What a company reports of its past year can be the very result on which it was classed the wave before: "
            "then the difference is guaranteed by the selection all the same."
        )


def _without(classes: Classes, evidence: Evidence) -> Iterator[str]:
    """Say how many company-years have no class, and what they lack most often."""
    missing = sum(classes.unclassified.values())
    if not missing:
        return
    if list(classes.unclassified) == [UNKNOWN_BEFORE]:
        yield say(
            "{missing} company-years have no class, for want of one in the wave before.", missing=missing
        )
        return
    why, count = max(classes.unclassified.items(), key=lambda item: item[1])
    if len(why) >= LONGEST_REASON:
        yield say_n(
            missing,
            "{missing} company-year could not be classed because a value is missing.",
            "{missing} company-years could not be classed because a value is missing.",
            missing=missing,
        )
        return
    titles = {name: in_sentence(title_of(name, evidence.panel)) for name in classes.selected_on}
    why = re.sub(r"\w+", lambda found: titles.get(found[0], found[0]), look_up(why)).replace("_", " ")
    yield say_n(
        missing,
        "{missing} company-year could not be classed because a value is missing: {why}.",
        "{missing} company-years could not be classed because a value is missing, {count} of them {why}.",
        missing=missing, count=count, why=why,
    )  # fmt: skip


def _cut_by_practices(classes: Classes) -> str:
    rule = classes.definition
    assert isinstance(rule, PracticeClasses)
    return say(
        "A company is world-class if {share} of its practices reach {cut} points.",
        share=number_text(100 * rule.share, "percent"), cut=declared_text(rule.cut),
    )  # fmt: skip


def _class_blocks(evidence: Evidence, basis: str) -> list[Block]:
    classes = evidence.classes[basis]
    if not has_values(evidence.class_gaps[evidence.class_gaps["basis"] == basis]):
        what = say("Comparisons of these classes")
        return [not_available(what, too_few_in_class(evidence, basis))]
    means = evidence.class_means[evidence.class_means["basis"] == basis]
    constructs = [
        name for name in evidence.panel.instrument.alignment_constructs if name not in classes.selected_on
    ]
    shown = with_titles(in_class_order(means[means["variable"].isin(constructs)]), evidence)
    blocks: list[Block] = [*results_by_class(evidence, basis)]
    if len(shown):
        blocks.append(_dots(evidence, shown, basis))
    blocks += [constructs_by_class(evidence, basis), *results_against_all(evidence, basis)]
    return [*blocks, *class_checks(evidence, basis)]


def _dots(evidence: Evidence, shown: pd.DataFrame, basis: str) -> Figure | Callout:
    classes = evidence.classes[basis]
    first, last = look_up(classes.names[0]), look_up(classes.names[-1])
    by_class = say("Constructs by class, {label}", label=classes.label)
    gap = class_gap(shown, classes.names[0], classes.names[-1]).sort_values(ascending=False)
    if gap.empty:
        return not_available(by_class, too_few_in_class(evidence, basis))
    order = {label: place for place, label in enumerate(gap.index)}
    rows = shown.sort_values("label", key=lambda labels: labels.map(order), kind="stable", ignore_index=True)
    title = say("In this sample no construct is higher in {first} than in {last}", first=first, last=last)
    if gap.iloc[0] >= HALF_A_POINT:
        title = say(
            "{construct} separates {first} from {last} most in this sample: {size}",
            construct=gap.index[0], first=first, last=last, size=number_text(gap.iloc[0], "points"),
        )  # fmt: skip
    source = base(evidence, classed_companies(evidence, basis), when=class_years(evidence, basis))
    return render(
        lambda ax: class_dots(ax, rows, label=say("Mean of companies, 0 to 100 points")),
        id=f"classes-{basis}",
        title=title,
        alt=say(
            "Mean of each class per construct with intervals. {first} minus {last}: {gaps}", first=first, last=last,
            gaps="; ".join(f"{label} {value:+.0f}" for label, value in gap.items()),
        ),
        base=" ".join([source, say("Classes {label}.", label=classes.label), *withheld_note(rows)]),
        size=size_for(list(order), per_row=len(classes.names)),
        data=Table(
            f"classes-{basis}-data", by_class, side_by_side(rows, classes.names, key="variable"),
            (Column("label", "Construct"), *class_columns(classes.names, "points")), source,
        ),
        kind="class_dots",
    )  # fmt: skip
