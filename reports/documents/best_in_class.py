"""Who the best are, whether they differ, whether they see work to do, and what they do."""

import pandas as pd

from analysis.benchmark.classes import Classes
from reports.comparisons import our_measure
from reports.documents.passages import (
    all_waves,
    base,
    class_table,
    estimate_column,
    in_class_order,
    not_available,
    sentence_list,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.figures.target_bars import target_bars
from reports.findings import findings
from reports.published import comparable, read_published
from reports.report import Block, Callout, Column, Figure, Heading, Section, Table
from reports.tables import interval_text, number_text
from reports.titles import title_of

FRAME_TITLES = {
    "pressure": "Pressures: what pushes companies",
    "action": "Actions: what they do about it",
    "capability": "Capabilities: what they have in place",
    "enabler": "Enablers: what they use",
}

TARGET_FIGURE = "ABE07"


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
        "the Miller Heiman studies. What a class was selected on differs by construction; only the rest is news."
    )
    return Section(name, _title(evidence), question, lead, tuple(blocks))


def target(evidence: Evidence) -> Section:
    """Share of each class that calls alignment a target for improvement."""
    question, name = "Do the best see work to do?", "target"
    if evidence.targets.empty:
        block = not_available(
            "A target for improvement", "the study does not ask for it, or cuts no classes on outcomes"
        )
        return Section(name, "Whether alignment is a target is not known", question, "", (block,))
    frame = in_class_order(evidence.targets)
    figure = read_published()[TARGET_FIGURE]
    verdict = comparable(figure, our_measure(figure.measure, evidence))
    published = pd.DataFrame(
        {
            "class": ["best in class", "laggard"],
            "estimate": [figure.values["best_in_class"], figure.values["laggard"]],
            "label": ["Aberdeen, about 2007"] * 2,
        }
    )
    title = next(f.headline for f in findings(evidence) if f.id == "finding-target")
    source = base(evidence, frame["companies"].sum(), when=all_waves(evidence))
    drawn = render(
        lambda ax: target_bars(ax, frame, published=published),
        id="targets",
        title=title,
        alt="; ".join(
            f"{row['class']}: {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'percent')}"
            for _, row in frame.iterrows()
        )
        + ". Published: 56% of the best in class, 62% of laggards.",
        base=source,
        size=size_for(frame["class"].tolist(), per_row=5),
        data=Table(
            "targets-data", "Alignment is a target for improvement, by class", frame,
            (Column("class", "Class"), estimate_column("Share", "percent"), Column("companies", "Companies", "count")),
            source,
        ),
        kind="target_bars",
    )  # fmt: skip
    words = verdict.verdict[0].upper() + verdict.verdict[1:]
    told = Callout(
        "caution",
        f"Beside the published 56% and 62%: {verdict.verdict}",
        f"{words}, because {sentence_list(list(verdict.reasons))}.",
    )
    lead = "The best in class were cut on results. A high share is no failure: whoever looks finds something to improve."
    return Section(name, title, question, lead, (drawn, told))


def what_the_best_do(evidence: Evidence) -> Section:
    """Practices by class, in the order of the competitive framework."""
    question, name = "Which practices go with it?", "practices"
    if evidence.practices.empty:
        block = not_available(
            "Practices by class", "the study asks for no practices, or cuts no classes on outcomes"
        )
        return Section(name, "Practices by class are not known", question, "", (block,))
    table = with_titles(in_class_order(evidence.practices), evidence, key="practice")
    table["group"] = [title_of(name, evidence.panel) for name in table["group"]]
    capabilities = table[table["frame"] == "capability"]
    blocks: list[Block] = []
    if len(capabilities):
        blocks.append(_framework_figure(evidence, capabilities))
    for frame in ("pressure", "action", "capability", "enabler"):
        rows = table[table["frame"] == frame]
        if len(rows):
            blocks.append(_practice_table(evidence, rows, frame))
    lead = (
        "A practice counts as in place where a company follows it mostly or always. Differences show what goes with "
        "good results, not what causes them; with this many practices some differ by chance."
    )
    return Section(name, _practice_title(capabilities), question, lead, tuple(blocks))


def _title(evidence: Evidence) -> str:
    found = [finding.headline for finding in findings(evidence) if finding.id == "finding-best"]
    return found[0] if found else "How companies were classed"


def _definition(classes: Classes, basis: str) -> Callout:
    sizes = classes.frame["class"].value_counts()
    counted = sentence_list([f"{name} {int(sizes.get(name, 0))}" for name in classes.names])
    missing = sum(classes.unclassified.values())
    left = f" {missing} company-years could not be classed because a value is missing." if missing else ""
    if basis == "outcomes":
        how = "Each wave, companies are ranked on the mean of the standardised outcomes and cut at the declared shares."
    else:
        how = "A company is world-class if nearly all of its practices reach the declared cut."
    return Callout(
        "definition", f"These classes are {classes.label}", f"{how} Company-years: {counted}.{left} The publishers of "
        "such classes have not disclosed their exact rules; this one is ours."
    )  # fmt: skip


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
    blocks.append(_gap_table(evidence, basis))
    if basis == "outcomes":
        blocks.append(_selection_table(evidence))
    return blocks


def _dots(evidence: Evidence, shown: pd.DataFrame, basis: str) -> Figure:
    first, last = evidence.classes[basis].names[0], evidence.classes[basis].names[-1]
    wide = shown.pivot_table("estimate", "label", "class", sort=False)
    gap = (wide[first] - wide[last]).sort_values(ascending=False)
    order = {label: place for place, label in enumerate(gap.index)}
    rows = shown.sort_values("label", key=lambda labels: labels.map(order), kind="stable", ignore_index=True)
    title = (
        f"{first[0].upper() + first[1:]} and {last} companies lie furthest apart on {gap.index[0].lower()}: "
        f"{number_text(gap.iloc[0], 'points')}"
    )
    source = base(evidence, shown.groupby("class")["companies"].max().sum(), when=all_waves(evidence))
    return render(
        lambda ax: class_dots(ax, rows, label="Mean of companies, 0 to 100 points"),
        id=f"classes-{basis}",
        title=title,
        alt=f"Mean of each class per construct with intervals. {first} minus {last}: "
        + "; ".join(f"{label} {value:+.0f}" for label, value in gap.items()),
        base=f"{source} Classes {evidence.classes[basis].label}.",
        size=size_for(list(order), per_row=len(evidence.classes[basis].names)),
        data=class_table(
            f"classes-{basis}-data", f"Constructs by class, {evidence.classes[basis].label}", rows, source,
            unit="points", notes=(),
        ),
        kind="class_dots",
    )  # fmt: skip


def _gap_table(evidence: Evidence, basis: str) -> Table:
    classes = evidence.classes[basis]
    gaps = evidence.class_gaps[evidence.class_gaps["basis"] == basis]
    rows = with_titles(gaps, evidence)
    rows["how"] = rows["circular"].map({True: "selected on this: guaranteed", False: "not selected on this"})
    outcomes = set(evidence.panel.outcomes)
    rows["unit"] = rows["variable"].map(lambda name: "own unit" if name in outcomes else "points")
    columns = (
        Column("label", "What"),
        Column("contrast", "Against"),
        Column("mean_a", classes.names[0].capitalize(), "number"),
        Column("mean_b", "Compared with", "number"),
        Column("estimate", "Difference", "number", "conf_low", "conf_high"),
        Column("how", "Selection"),
        Column("companies", "Companies", "count"),
    )
    notes = [
        "“All” contains the first class, as in the published studies, which makes differences look smaller."
    ]
    family = int((~rows["circular"]).sum())
    notes.append(
        f"{family} differences are shown; about one in twenty would lie outside its interval by chance."
    )
    return Table(
        f"class-gaps-{basis}", f"{classes.names[0].capitalize()} against the others, {classes.label}", rows, columns,
        base(evidence, rows["companies"].max(), when=all_waves(evidence)), tuple(notes),
    )  # fmt: skip


def _selection_table(evidence: Evidence) -> Table:
    rows = with_titles(evidence.selection, evidence, key="outcome")
    columns = (
        Column("label", "Outcome that defines the class"),
        Column("observed_gap", "Gap found, best in class less laggards", "number"),
        Column("selection_gap", "Gap that selection alone gives", "number"),
        Column("correlation", "Correlation with the class score", "ratio"),
        Column("n", "Company-years", "count"),
    )
    note = (
        "Sorting companies by a result and then comparing that result proves nothing, however large the gap."
    )
    count = evidence.classes["outcomes"].frame["company"].nunique()
    return Table(
        "selection", "Gaps that the sorting itself makes", rows, columns,
        base(evidence, count, when=all_waves(evidence)), (note,),
    )  # fmt: skip


def _framework_figure(evidence: Evidence, rows: pd.DataFrame) -> Figure:
    ordered = rows.sort_values(["group", "practice"], kind="stable", ignore_index=True)
    labels = list(dict.fromkeys(ordered["label"])) + list(dict.fromkeys(ordered["group"]))
    source = base(evidence, rows.groupby("class")["companies"].max().sum(), when=all_waves(evidence))
    return render(
        lambda ax: class_dots(ax, ordered, unit="percent", label="Companies with the practice in place"),
        id="framework",
        title=_practice_title(rows),
        alt="Share of each class with each capability in place: "
        + "; ".join(
            f"{row['label']}, {row['class']}: {row['estimate']:.0f}%" for _, row in ordered.iterrows()
        ),
        base=source,
        size=size_for(labels, per_row=3),
        kind="class_dots",
    )


def _practice_title(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Pressures, actions and enablers by class"
    wide = rows.pivot_table("estimate", "label", "class", sort=False)
    gap = wide["best in class"] - wide["laggard"]
    label = str(gap.idxmax())
    return (
        f"The widest gap between best in class and laggards, {number_text(gap.max(), 'percentage_points').lstrip('+')}: "
        f"“{label}”"
    )


def _practice_table(evidence: Evidence, rows: pd.DataFrame, frame: str) -> Table:
    shown = rows.assign(relative=100 * rows["relative"].where(rows["class"] != "best in class"))
    shown["relative"] = shown["relative"].where(shown["relative"].abs() < 1e6)
    shown["none"] = shown["class"].map({"best in class": "the class itself"}).fillna("none has it")
    columns = (
        Column("label", "Practice"),
        Column("class", "Class"),
        estimate_column("Share", "percent"),
        Column("relative", "Best in class are likelier by", "percent", reason="none"),
        Column("companies", "Companies", "count"),
    )
    return Table(
        f"practices-{frame}", FRAME_TITLES[frame], shown, columns,
        base(evidence, rows.groupby("class")["companies"].max().sum(), when=all_waves(evidence)),
        ("A relative likelihood makes small differences between rare practices look large.",),
        group="group" if frame == "capability" else "",
    )  # fmt: skip
