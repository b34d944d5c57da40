"""Who the best are, whether they differ, whether they see work to do, and what they do."""

import pandas as pd

from analysis.benchmark.classes import Classes
from reports.comparisons import our_measure
from reports.documents.passages import (
    all_waves,
    base,
    class_columns,
    classed_companies,
    estimate_column,
    in_class_order,
    not_available,
    sentence_list,
    side_by_side,
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

WIDEST = 8
"""Capabilities drawn in the figure of the competitive framework."""

LARGEST_RELATIVE = 1e6

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
    source = base(evidence, classed_companies(evidence, "outcomes"), when=all_waves(evidence))
    drawn = render(
        lambda ax: target_bars(ax, frame, published=published),
        id="targets",
        title=_target_title(frame),
        alt="; ".join(
            f"{row['class']}: {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'percent')}"
            for row in frame.to_dict("records")
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
    lead = (
        "The best in class were cut on results. A high share is no failure: whoever looks finds work to do."
    )
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
    return Section(name, _ahead(table), question, lead, tuple(blocks))


def _target_title(frame: pd.DataFrame) -> str:
    shares = frame.set_index("class")["estimate"]
    gap = shares["laggard"] - shares["best in class"]
    more = "laggards than of the best" if gap >= 0 else "the best than of laggards"
    return f"{number_text(abs(gap), 'percentage_points').lstrip('+')} more of {more} call alignment a target"


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
    title = f"{gap.index[0]} separates {first} from {last} most: {number_text(gap.iloc[0], 'points')}"
    source = base(evidence, classed_companies(evidence, basis), when=all_waves(evidence))
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
        for column, suffix in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
            rows[f"less_{contrast}{suffix}"] = rows["variable"].map(part[column])
    circular = set(gaps.loc[gaps["circular"], "variable"])
    rows["label"] = [
        _with_unit(name, label, evidence) + (SELECTED if name in circular else "")
        for name, label in zip(rows["variable"], rows["label"], strict=True)
    ]
    columns = [Column("label", "What")]
    columns += [Column(name, name.capitalize(), "number") for name in classes.names]
    columns += [
        Column(f"less_{name}", f"First less {name}", "number", f"less_{name}_low", f"less_{name}_high")
        for name in contrasts
    ]
    columns += [Column("companies", "Companies", "count")]
    notes = (
        f"{SELECTED.strip()} The classes were selected on this: the difference is guaranteed and shows nothing.",
        "“All” contains the first class, as in the published studies, which makes differences look smaller.",
        f"{len(rows) - len(circular)} variables are compared; about one difference in twenty lies outside its "
        "interval by chance. Companies: those of the smallest class.",
    )
    return Table(
        f"class-gaps-{basis}", f"{classes.names[0].capitalize()} against the others, {classes.label}", rows,
        tuple(columns), base(evidence, classed_companies(evidence, basis), when=all_waves(evidence)), notes,
    )  # fmt: skip


def _with_unit(name: str, label: str, evidence: Evidence) -> str:
    outcome = evidence.panel.instrument.outcomes.get(name)
    return f"{label}, {next(iter(outcome.unit.values()))}" if outcome else f"{label}, points"


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
    """The capabilities on which the best differ most; all of them stand in the table."""
    wide = _gap_to_laggards(rows)
    chosen = wide.abs().nlargest(WIDEST).index
    ordered = rows[rows["label"].isin(chosen)].sort_values(
        "label", key=lambda labels: -labels.map(wide), kind="stable", ignore_index=True
    )
    return render(
        lambda ax: class_dots(
            ax, ordered.drop(columns="group"), unit="percent", label="Companies with it in place"
        ),
        id="framework",
        title=_practice_title(rows),
        alt="Share of each class with the capability in place: "
        + "; ".join(
            f"{row['label']}, {row['class']}: {row['estimate']:.0f}%" for row in ordered.to_dict("records")
        ),
        base=f"{base(evidence, classed_companies(evidence, 'outcomes'), when=all_waves(evidence))} "
        f"The {len(chosen)} widest gaps of {len(wide)}.",
        size=size_for(list(dict.fromkeys(ordered["label"])), per_row=3),
        kind="class_dots",
    )


def _gap_to_laggards(rows: pd.DataFrame) -> pd.Series:
    wide = rows.pivot_table("estimate", "label", "class", sort=False)
    return wide["best in class"] - wide["laggard"]


def _ahead(table: pd.DataFrame) -> str:
    """Title of the page: on how many capabilities, or else practices, the best are ahead."""
    rated = table[table["frame"] == "capability"]
    gaps = _gap_to_laggards(rated if len(rated) else table)
    what = "capabilities" if len(rated) else "practices"
    return f"The best in class are ahead of laggards on {int((gaps > 0).sum())} of {len(gaps)} {what}"


def _practice_title(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Pressures, actions and enablers by class"
    gap = _gap_to_laggards(rows)
    size = number_text(gap.max(), "percentage_points").lstrip("+")
    return f"“{gap.idxmax()}” separates the best from laggards most: {size}"


def _practice_table(evidence: Evidence, rows: pd.DataFrame, frame: str) -> Table:
    names = evidence.classes["outcomes"].names
    shown = side_by_side(rows, names, key="practice")
    laggards = rows[rows["class"] == "laggard"].set_index("practice")
    relative = shown["practice"].map(100 * laggards["relative"])
    shown["relative"] = relative.where(relative.abs() < LARGEST_RELATIVE)
    shown["reason"] = "no laggard has it"
    shown["group"] = shown["practice"].map(laggards["group"])
    columns = (
        Column("label", "Practice"),
        *class_columns(names, "percent"),
        Column("relative", "Best likelier than laggards by", "percent", reason="reason"),
    )
    return Table(
        f"practices-{frame}", FRAME_TITLES[frame], shown, columns,
        base(evidence, classed_companies(evidence, "outcomes"), when=all_waves(evidence)),
        ("A relative likelihood makes small differences between rare practices look large.",),
        group="group" if frame == "capability" else "",
    )  # fmt: skip
