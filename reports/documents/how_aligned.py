"""How many companies are aligned, and where the functions differ."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.alike import DOUBTFUL, MARK, means_warning, read_alike
from reports.comparisons import comparison_table
from reports.documents.invariance import warning
from reports.documents.passages import (
    FAMILY,
    base,
    estimate_column,
    family_note,
    has_values,
    not_available,
    too_few,
    with_titles,
)
from reports.documents.profiles import profiles
from reports.documents.questions import how_asked
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.dumbbells import dumbbells
from reports.figures.shares import shares
from reports.report import Block, Callout, Column, Figure, Section, Table
from reports.tables import interval_text, number_text
from reports.titles import title_of

STAGE_WORDS = (
    "Undefined (below 25 points): the functions work apart. Defined (25 to 50): rules of engagement exist. "
    "Aligned (50 to 75): they plan and review together. Integrated (75 and more): shared goals, measures and "
    "systems. The bands are those of the Kotler, Rackham and Krishnaswamy (2006) key, moved to 0-100."
)

CUT_NOTE = (
    "Shares above a cut rest on scores with error, which spread wider than the true ones: far from the middle they are "
    "too large above high cuts and too small above low ones."
)


def how_aligned(evidence: Evidence) -> Section:
    """Relationship stages, and the share adequately aligned under each definition."""
    declared = evidence.adequacy[
        (evidence.adequacy["definition"] == "index") & evidence.adequacy["declared"]
    ].iloc[0]
    index = title_of("alignment", evidence.panel)
    share = number_text(declared["estimate"], "percent", n=declared["n"])
    title = f"{share} of companies score {declared['cut']:g} points or more on {index.lower()}"
    blocks: list[Block] = []
    if not has_values(evidence.adequacy):
        blocks = [too_few("Shares of companies", evidence)]
        return Section(
            "how-aligned", "How many are aligned is not shown", "How many are aligned?", "", tuple(blocks)
        )
    if evidence.panel.instrument.relationship and has_values(evidence.stages):
        stages = evidence.stages.assign(label=evidence.stages["stage"].str.capitalize())
        upper = stages[stages["stage"].isin(["aligned", "integrated"])]["estimate"].sum(min_count=1)
        headline = f"{number_text(upper, 'percent')} of companies are aligned or integrated"
        said = _said(evidence)
        title = f"{said}; {headline} by their score" if said else headline
        blocks += [
            Callout("definition", "The four stages", STAGE_WORDS),
            _stage_figure(evidence, stages, headline),
        ]
    asked = evidence.adequacy[evidence.adequacy["definition"] == "said"]
    if has_values(asked):
        n, latest = asked.iloc[0]["n"], [evidence.facts.latest]
        blocks += how_asked(evidence, "adequately_aligned", companies=n, waves=latest)
    blocks += _adequacy(evidence)
    lead = "Where the line is drawn decides the share, so every share stands beside its definition."
    return Section("how-aligned", title, "How many are aligned?", lead, tuple(blocks))


def two_views(evidence: Evidence) -> Section:
    """Sales and marketing side by side, construct by construct."""
    question = "Where do sales and marketing see it differently?"
    if len(evidence.gaps) and not has_values(evidence.gaps):
        block = too_few("The two views", evidence)
        return Section("two-views", "The two views are not shown", question, "", (block,))
    if evidence.gaps.empty:
        reason = evidence.panel.unavailable.get("gap", "no company has answers from both functions")
        block = not_available("The two views", reason)
        return Section("two-views", "The two functions cannot be compared", question, "", (block,))
    gaps = with_titles(evidence.gaps, evidence).sort_values("estimate", ascending=False)
    gaps = gaps.assign(alike=read_alike(evidence, "function", gaps["variable"]))
    clear = gaps[(gaps["conf_low"] > 0) | (gaps["conf_high"] < 0)]
    title = f"Sales and marketing differ beyond chance on {len(clear)} of {len(gaps)} constructs"
    levels = with_titles(evidence.functions, evidence)
    marked = read_alike(evidence, "function", levels["variable"]).isin(DOUBTFUL)
    levels["label"] = levels["label"].where(~marked, levels["label"] + MARK)
    warned = means_warning(evidence, "function")
    source = base(evidence, gaps["companies"].max())
    figure = render(
        lambda ax: dumbbells(ax, levels, label="Mean of companies, 0 to 100 points"),
        id="views",
        title=_views_title(gaps),
        alt="Mean of sales and of marketing per construct with intervals. Marketing minus sales: "
        + "; ".join(
            f"{row['label']} {number_text(row['estimate'], 'difference')}" for row in gaps.to_dict("records")
        ),
        base=f"{source} † {warned}" if warned else source,
        size=size_for(gaps["label"].tolist(), extra=1.3),
        kind="dumbbells",
    )
    lead = "Each company's sales and marketing people count as one view each. A gap is not by itself a fault."
    blocks = (figure, _gaps_table(gaps, source), *warning(evidence, "function"), *profiles(evidence))
    return Section("two-views", title, question, lead, blocks)


def _gaps_table(gaps: pd.DataFrame, source: str) -> Table:
    return Table(
        "gaps", "Marketing minus sales, and how often sales is the lower one", gaps,
        (
            Column("label", "Construct"),
            estimate_column("Gap", "difference"),
            Column("sales_lower", "Companies where sales is lower", "percent", "sales_lower_low", "sales_lower_high"),
            Column("p_adjusted", "Adjusted p", "p_value"),
            Column("companies", "Companies", "count"),
            Column("alike", "Read alike?"),
        ),
        source,
        notes=(
            "Read alike: whether sales and marketing understand the questions of the construct alike (scalar "
            "invariance); where they do not, a gap can be a difference of language.",
            family_note(gaps),
        ),
        family=FAMILY,
    )  # fmt: skip


def _said(evidence: Evidence) -> str:
    rows = evidence.adequacy[evidence.adequacy["definition"] == "said"]
    if rows.empty or pd.isna(rows.iloc[0]["estimate"]):
        return ""
    share = number_text(rows.iloc[0]["estimate"], "percent", n=rows.iloc[0]["n"])
    return f"On average {share} of informants call it adequately aligned"


def _stage_figure(evidence: Evidence, stages: pd.DataFrame, title: str) -> Figure:
    source = base(evidence, stages["n"].max())
    index = title_of("alignment", evidence.panel)
    data = Table(
        "stages-data", "Companies by relationship stage", stages,
        (Column("label", "Stage"), estimate_column("Share", "percent"), Column("n", "Companies", "count")), source,
    )  # fmt: skip
    return render(
        lambda ax: shares(ax, stages),
        id="stages",
        title=title,
        alt="; ".join(
            f"{row['label']}: {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'percent')}"
            for row in stages.to_dict("records")
        ),
        base=f"{source} Stages of the {index.lower()} index.",
        size=size_for(stages["label"].tolist()),
        data=data,
        kind="shares",
    )


def _adequacy(evidence: Evidence) -> list[Block]:
    frame = evidence.adequacy.assign(
        label=[_definition(row, evidence) for row in evidence.adequacy.to_dict("records")], role="study"
    )
    published = comparison_table("adequately_aligned", evidence)
    said = frame[frame["definition"] == "said"]
    beside = published[(published["verdict"] != "not comparable") & published["estimate"].notna()]
    names = [f"Published: {row['title']}, {row['year']:.0f}" for row in beside.to_dict("records")]
    marks = beside.assign(label=names, role="published")
    shown = pd.concat([frame, marks[["label", "estimate", "role"]] if len(said) else None], ignore_index=True)
    low, high = (
        number_text(value, "percent") for value in (frame["estimate"].min(), frame["estimate"].max())
    )
    headline = f"Depending on the definition, {low} to {high} of companies are adequately aligned"
    if not evidence.panel.instrument.relationship:
        headline = f"From {high} above the lowest cut to {low} above the highest"
    columns = (
        Column("label", "Definition"),
        estimate_column("Share", "percent"),
        Column("n", "Companies", "count"),
    )
    source = base(evidence, frame["n"].max())
    figure = render(
        lambda ax: shares(ax, shown),
        id="adequacy",
        title=headline,
        alt="; ".join(
            f"{row['label']}: {number_text(row['estimate'], 'percent')}" for row in shown.to_dict("records")
        ),
        base=source,
        size=size_for(shown["label"].tolist()),
        data=Table(
            "adequacy-data", "Share adequately aligned, by definition", frame, columns, source, (CUT_NOTE,)
        ),
        kind="shares",
    )
    return [figure, *_published_table(evidence, published, asked=len(said) > 0)]


def _published_table(evidence: Evidence, published: pd.DataFrame, *, asked: bool) -> list[Block]:
    if not asked:
        reason = "the questionnaire does not ask people whether the functions are adequately aligned"
        return [not_available("Comparison with published figures", reason)]
    columns = (
        Column("title", "Figure"),
        Column("value", "Published"),
        Column("year", "Year", "year"),
        Column("n", "Base", "count"),
        Column("verdict", "Beside ours"),
        Column("reasons", "Why"),
        Column("source", "Source, grade"),
    )
    others = _other_figures(evidence)
    return [
        Table(
            "published", "Published figures of the kind, and what they can carry",
            _with_grade(pd.concat([published, others], ignore_index=True)), columns,
            "Base: as published. Grade A: read in the study itself; B: secondary source with base; C: base not found.",
        )
    ]  # fmt: skip


def _with_grade(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(source=table["source"] + " (" + table["grade"] + ")")


def _other_figures(evidence: Evidence) -> pd.DataFrame:
    """Figures often quoted for the same purpose, which ask something else."""
    names = (
        "collaborative_relationship",
        "collaboration_rating",
        "aligned_on_customer_needs",
        "three_functions_aligned",
    )
    tables = [comparison_table(name, evidence) for name in names]
    ours = [table.assign(verdict="not comparable", reasons="it asks something else") for table in tables]
    return pd.concat(ours, ignore_index=True)


def _definition(row: Mapping[Any, Any], evidence: Evidence) -> str:
    if row["definition"] == "said":
        return "Informants call it adequately aligned, company by company"
    declared = ", the cut of this study" if row["declared"] else ""
    index = title_of("alignment", evidence.panel)
    return f"{index} of {row['cut']:g} points or more{declared}"


def _views_title(gaps: pd.DataFrame) -> str:
    row = gaps.iloc[int(gaps["estimate"].abs().argmax())]
    who, other = ("Marketing", "sales") if row["estimate"] > 0 else ("Sales", "marketing")
    return (
        f"{who} rates {str(row['label']).lower()} {number_text(abs(row['estimate']), 'points')} higher than {other}, "
        "the widest gap"
    )
