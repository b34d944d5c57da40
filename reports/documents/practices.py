"""Which practices go with being best in class: pressures, actions, capabilities, enablers."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import (
    base,
    class_columns,
    class_gap,
    class_years,
    classed_companies,
    family_note,
    has_values,
    in_class_order,
    not_available,
    side_by_side,
    too_few_in_class,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.report import Block, Column, Figure, Section, Table
from reports.tables import number_text
from reports.titles import in_sentence, title_of

FRAME_TITLES = {
    "pressure": "Pressures: what pushes companies",
    "action": "Actions: what they do about it",
    "capability": "Capabilities: what they have in place",
    "enabler": "Enablers: what they use",
}

WIDEST = 8
"""Capabilities drawn in the figure of the competitive framework."""

LARGEST_RELATIVE = 1e6


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
    if table["estimate"].isna().all() or _gap_to_laggards(table).empty:
        block = not_available("Practices by class", too_few_in_class(evidence, "outcomes"))
        return Section(name, "Practices by class are not known", question, "", (block,))
    if len(_gap_to_laggards(capabilities)):
        blocks.append(_framework_figure(evidence, capabilities))
    blocks += _areas(evidence)
    for frame in ("pressure", "action", "capability", "enabler"):
        rows = table[table["frame"] == frame]
        if len(rows):
            blocks.append(_practice_table(evidence, rows, frame))
    lead = (
        f"A rated practice counts as in place from {evidence.facts.practice_cut:g} points of 100. Differences show "
        "what goes with good results, not what causes them; with this many practices some differ by chance."
    )
    return Section(name, _ahead(table), question, lead, tuple(blocks))


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
            f"{row['label']}, {row['class']}: {number_text(row['estimate'], 'percent')}"
            for row in ordered.to_dict("records")
        ),
        base=f"{base(evidence, classed_companies(evidence, 'outcomes'), when=class_years(evidence, 'outcomes'))} "
        f"The {len(chosen)} widest gaps of {len(wide)}.",
        size=size_for(list(dict.fromkeys(ordered["label"])), per_row=3),
        kind="class_dots",
    )


def _gap_to_laggards(rows: pd.DataFrame) -> pd.Series:
    return class_gap(rows, "best in class", "laggard")


def _ahead(table: pd.DataFrame) -> str:
    """Title of the page: on how many capabilities, or else practices, the best are ahead."""
    rated = table[table["frame"] == "capability"]
    gaps = _gap_to_laggards(rated if len(rated) else table)
    what = "capabilities" if len(rated) else "practices"
    if gaps.empty:
        return "Practices by class"
    return f"In this sample the best in class are ahead of laggards on {int((gaps > 0).sum())} of {len(gaps)} {what}"


def _practice_title(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Pressures, actions and enablers by class"
    gap = _gap_to_laggards(rows)
    if gap.empty:
        return "Capabilities by class"
    size = number_text(gap.max(), "percentage_points").lstrip("+")
    return f"“{gap.idxmax()}” separates the best from laggards most in this sample: {size}"


def _practice_table(evidence: Evidence, rows: pd.DataFrame, frame: str) -> Table:
    names = evidence.classes["outcomes"].names
    shown = side_by_side(rows, names, key="practice")
    laggards = rows[rows["class"] == "laggard"].set_index("practice")
    relative = shown["practice"].map(100 * laggards["relative"])
    shown["relative"] = relative.where(relative.abs() < LARGEST_RELATIVE)
    shown["reason"] = pd.Series("no laggard has it", index=shown.index).where(shown["relative"].isna(), "")
    shown["group"] = shown["practice"].map(laggards["group"])
    gaps = _gaps(evidence, rows)
    for column, name in (("estimate", "gap"), ("conf_low", "gap_low"), ("conf_high", "gap_high")):
        shown[name] = shown["practice"].map(gaps[column])
    columns = (
        Column("label", "Practice"),
        *class_columns(names, "percent"),
        Column("gap", "Best less laggards", "percentage_points", "gap_low", "gap_high"),
        Column("relative", "Best likelier by", "percent", reason="reason"),
    )
    return Table(
        f"practices-{frame}", FRAME_TITLES[frame], shown, columns,
        base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes")),
        (
            "Rated practices: share of companies that have it in place. Ticked ones: mean share of a "
            "company's informants.",
            "Best likelier by: the share of the best over that of laggards, less one. It makes small differences "
            "between rare practices look large.",
            *(_family(evidence) if frame == "capability" else ()),
        ),
        group="group" if frame == "capability" else "",
    )  # fmt: skip


def _gaps(evidence: Evidence, rows: pd.DataFrame) -> pd.DataFrame:
    """Differences of the best from laggards, by practice."""
    found = evidence.benchmarks.practice_gaps
    if not len(found):
        return pd.DataFrame(columns=["estimate", "conf_low", "conf_high"])
    there = found["contrast"].eq("laggard") & found["practice"].isin(rows["practice"])
    return found[there].set_index("practice")


def _family(evidence: Evidence) -> Iterator[str]:
    """Say how many practices were compared, over all tables of the page."""
    found = evidence.benchmarks.practice_gaps
    if len(found):
        yield f"Over all tables of this page: {in_sentence(family_note(found[found['contrast'] == 'laggard']))}"


def _areas(evidence: Evidence) -> Iterator[Table]:
    """The competitive framework in a row per area: share of its practices in place, by class."""
    found = evidence.benchmarks.areas
    if not has_values(found):
        return
    words = found["area"].str.replace("_", " ").str.capitalize()
    names = evidence.classes["outcomes"].names
    yield Table(
        "framework-areas", "The competitive framework: share of each area's practices in place, by class",
        side_by_side(in_class_order(found.assign(label=words)), names, key="area"),
        (Column("label", "Area"), *class_columns(names, "percent"), Column("companies", "Companies", "count")),
        base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes")),
        ("Of the practices that a company answered. Companies: those of the smallest class.",),
    )  # fmt: skip
