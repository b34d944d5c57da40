"""Which practices go with being best in class: pressures, actions, capabilities, enablers."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import (
    base,
    bounded,
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
    withheld_note,
)
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.report import Block, Column, Figure, Section, Table
from reports.tables import HALF_A_POINT, declared_text, number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, mark, say

FRAME_TITLES = {
    "pressure": mark("Pressures: what pushes companies"),
    "action": mark("Actions: what they do about it"),
    "capability": mark("Capabilities: what they have in place"),
    "enabler": mark("Enablers: what they use"),
}

AREAS = {
    "process": mark("Process"),
    "organisation": mark("Organisation"),
    "knowledge": mark("Knowledge"),
    "technology": mark("Technology"),
    "performance_management": mark("Performance management"),
}
"""What the areas of the competitive framework are called."""

WIDEST = 8
"""Capabilities drawn in the figure of the competitive framework."""

LARGEST_RELATIVE = 1e6


def what_the_best_do(evidence: Evidence) -> Section:
    """Practices by class, in the order of the competitive framework."""
    question, name = say("Which practices go with it?"), "practices"
    if evidence.practices.empty:
        return _unknown(say("the study asks for no practices, or cuts no classes on outcomes"))
    table = with_titles(in_class_order(evidence.practices), evidence, key="practice")
    table["group"] = [title_of(name, evidence.panel) for name in table["group"]]
    capabilities = table[table["frame"] == "capability"]
    blocks: list[Block] = []
    if table["estimate"].isna().all() or _gap_to_laggards(table).empty:
        return _unknown(too_few_in_class(evidence, "outcomes"))
    if len(_gap_to_laggards(capabilities)):
        blocks.append(_framework_figure(evidence, capabilities))
    blocks += _areas(evidence)
    for frame in ("pressure", "action", "capability", "enabler"):
        rows = table[table["frame"] == frame]
        if len(rows):
            blocks.append(_practice_table(evidence, rows, frame))
    lead = say(
        "A rated practice counts as in place from {cut} points of 100. Differences show what goes with good results, "
        "not what causes them; with this many practices some differ by chance.",
        cut=declared_text(evidence.facts.practice_cut),
    )
    return Section(name, _ahead(table), question, lead, tuple(blocks))


def _unknown(reason: str) -> Section:
    question, block = say("Which practices go with it?"), not_available(say("Practices by class"), reason)
    return Section("practices", say("Practices by class are not known"), question, "", (block,))


def _framework_figure(evidence: Evidence, rows: pd.DataFrame) -> Figure:
    """The capabilities on which the best differ most; all of them stand in the table."""
    wide = _gap_to_laggards(rows)
    chosen = wide.abs().nlargest(WIDEST).index
    ordered = rows[rows["label"].isin(chosen)].sort_values(
        "label", key=lambda labels: -labels.map(wide), kind="stable", ignore_index=True
    )
    source = base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes"))
    widest = say("The {shown} widest gaps of {all}.", shown=len(chosen), all=len(wide))
    label = say("Companies with it in place")
    return render(
        lambda ax: class_dots(ax, ordered.drop(columns="group"), unit="percent", label=label),
        id="framework",
        title=_practice_title(rows),
        alt=say("Share of each class with the capability in place: ")
        + "; ".join(
            f"{row['label']}, {look_up(row['class'])}: {number_text(row['estimate'], 'percent')}"
            for row in ordered.to_dict("records")
        ),
        base=" ".join([source, widest, *withheld_note(ordered)]),
        size=size_for(list(dict.fromkeys(ordered["label"])), per_row=3),
        kind="class_dots",
    )


def _gap_to_laggards(rows: pd.DataFrame) -> pd.Series:
    return class_gap(rows, "best in class", "laggard")


def _ahead(table: pd.DataFrame) -> str:
    """Title of the page: on how many capabilities, or else practices, the best are ahead."""
    rated = table[table["frame"] == "capability"]
    gaps = _gap_to_laggards(rated if len(rated) else table)
    if gaps.empty:
        return say("Practices by class")
    return say(
        "In this sample the best in class are ahead of laggards on {ahead} of {n} capabilities"
        if len(rated)
        else "In this sample the best in class are ahead of laggards on {ahead} of {n} practices",
        ahead=int((gaps > 0).sum()),
        n=len(gaps),
    )


def _practice_title(rows: pd.DataFrame) -> str:
    if rows.empty:
        return say("Pressures, actions and enablers by class")
    gap = _gap_to_laggards(rows)
    if gap.empty:
        return say("Capabilities by class")
    if gap.max() < HALF_A_POINT:
        return say("In this sample no capability is more common among the best than among laggards")
    size = number_text(gap.max(), "percentage_points").lstrip("+")
    return say(
        "“{practice}” separates the best from laggards most in this sample: {size}",
        practice=gap.idxmax(),
        size=size,
    )


def _practice_table(evidence: Evidence, rows: pd.DataFrame, frame: str) -> Table:
    names = evidence.classes["outcomes"].names
    shown = side_by_side(rows, names, key="practice")
    laggards = rows[rows["class"] == "laggard"].set_index("practice")
    for name in ("relative", "relative_low", "relative_high"):
        shown[name] = shown["practice"].map(100 * laggards[name])
    shown["relative"] = shown["relative"].where(shown["relative"].abs() < LARGEST_RELATIVE)
    shown["reason"] = pd.Series(say("no laggard has it"), index=shown.index).where(
        shown["relative"].isna(), ""
    )
    shown["group"] = shown["practice"].map(laggards["group"])
    gaps = _gaps(evidence, rows)
    for column, name in (("estimate", "gap"), ("conf_low", "gap_low"), ("conf_high", "gap_high")):
        shown[name] = shown["practice"].map(gaps[column])
    columns = (
        Column("label", "Practice"),
        *class_columns(names, "percent"),
        bounded("gap", "Best less laggards", "percentage_points"),
        bounded("relative", "Best likelier by", "percent", reason="reason"),
    )
    return Table(
        f"practices-{frame}", look_up(FRAME_TITLES[frame]), shown, columns,
        base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes")),
        (
            say("Rated practices: share of companies that have it in place. Ticked ones: mean share of a "
                "company's informants."),
            say("Best likelier by: the share of the best over that of laggards, less one. It makes small differences "
                "between rare practices look large. Its interval is made of those of both shares."),
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
        told = family_note(found[found["contrast"] == "laggard"])
        if told:
            yield say("Over all tables of this page: {family}", family=in_sentence(told))


def _areas(evidence: Evidence) -> Iterator[Table]:
    """The competitive framework in a row per area: share of its practices in place, by class."""
    found = evidence.benchmarks.areas
    if not has_values(found):
        return
    words = [look_up(AREAS[name]) for name in found["area"]]
    names = evidence.classes["outcomes"].names
    yield Table(
        "framework-areas", say("The competitive framework: share of each area's practices in place, by class"),
        side_by_side(in_class_order(found.assign(label=words)), names, key="area"),
        (Column("label", "Area"), *class_columns(names, "percent"), Column("companies", "Companies", "count")),
        base(evidence, classed_companies(evidence, "outcomes"), when=class_years(evidence, "outcomes")),
        (say("Of the practices that a company answered. Companies: those of the smallest class."),),
    )  # fmt: skip
