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
    bounded,
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
from reports.tables import declared_text, interval_text, number_text
from reports.titles import at_start, in_sentence, title_of
from reports.views_finding import views_headline
from reports.wording import known_word
from survey.language import look_up, mark, say, say_n

STAGE_WORDS = mark(
    "Undefined (below 25 points): the functions work apart. Defined (25 to 50): rules of engagement exist. "
    "Aligned (50 to 75): they plan and review together. Integrated (75 and more): shared goals, measures and "
    "systems. The bands are those of the Kotler, Rackham and Krishnaswamy (2006) key, moved to 0-100."
)

CUT_NOTE = mark(
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
    title = say(
        "{share} of companies score {cut} points or more on {index}",
        share=share,
        cut=declared_text(declared["cut"]),
        index=in_sentence(index),
    )
    question = say("How many are aligned?")
    blocks: list[Block] = []
    if not has_values(evidence.adequacy):
        blocks = [too_few(say("Shares of companies"), evidence)]
        return Section("how-aligned", say("How many are aligned is not shown"), question, "", tuple(blocks))
    if evidence.panel.instrument.relationship and has_values(evidence.stages):
        stages = evidence.stages.assign(label=evidence.stages["stage"].map(known_word).map(at_start))
        upper = stages[stages["stage"].isin(["aligned", "integrated"])]["estimate"].sum(min_count=1)
        share = number_text(upper, "percent")
        headline = title = say("{share} of companies are aligned or integrated", share=share)
        if said := _said(evidence):
            title = say(
                "On average {said} of informants call it adequately aligned; {share} of companies are aligned or "
                "integrated by their score",
                said=said,
                share=share,
            )
        blocks += [
            Callout("definition", say("The four stages"), look_up(STAGE_WORDS)),
            _stage_figure(evidence, stages, headline),
        ]
    asked = evidence.adequacy[evidence.adequacy["definition"] == "said"]
    if has_values(asked):
        n, latest = asked.iloc[0]["n"], [evidence.facts.latest]
        blocks += how_asked(evidence, "adequately_aligned", companies=n, waves=latest)
    blocks += _adequacy(evidence)
    lead = say("Where the line is drawn decides the share, so every share stands beside its definition.")
    beside = [_beside(block) for block in blocks if isinstance(block, Table) and block.id == "published"]
    return Section("how-aligned", title, question, " ".join([lead, *beside]), tuple(blocks))


def _beside(published: Table) -> str:
    """Say how many of the published figures may be held beside those of this study."""
    n, may = len(published.frame), int((published.frame["verdict"] != "not comparable").sum())
    if not may:
        return say(
            "None of {n} figures published elsewhere may be held beside these; the appendix says why.", n=n
        )
    return say(
        "{may} of {n} figures published elsewhere may be held beside these; the appendix says why.",
        may=may,
        n=n,
    )


def two_views(evidence: Evidence) -> Section:
    """Sales and marketing side by side, construct by construct."""
    question, views = say("Where do sales and marketing see it differently?"), say("The two views")
    if len(evidence.gaps) and not has_values(evidence.gaps):
        block = too_few(views, evidence)
        return Section("two-views", say("The two views are not shown"), question, "", (block,))
    if evidence.gaps.empty:
        reason = evidence.panel.unavailable.get("gap") or say("no company has answers from both functions")
        block = not_available(views, look_up(reason))
        return Section("two-views", say("The two functions cannot be compared"), question, "", (block,))
    gaps = with_titles(evidence.gaps, evidence).sort_values("estimate", ascending=False)
    gaps = gaps.assign(alike=read_alike(evidence, "function", gaps["variable"]))
    source = base(evidence, gaps["companies"].max())
    lead = say(
        "Each company's sales and marketing people count as one view each. A gap is not by itself a fault."
    )
    blocks = (
        _views_figure(evidence, gaps, source), _gaps_table(gaps, source), *warning(evidence, "function"),
        *profiles(evidence),
    )  # fmt: skip
    return Section("two-views", _beyond_chance(gaps), question, lead, blocks)


def _beyond_chance(gaps: pd.DataFrame) -> str:
    """Say on how many constructs the functions differ."""
    clear = int(((gaps["conf_low"] > 0) | (gaps["conf_high"] < 0)).sum())
    shown = int(gaps["estimate"].notna().sum())
    if shown < len(gaps):
        return say(
            "Sales and marketing differ beyond chance on {clear} of the {n} constructs that may be shown",
            clear=clear,
            n=shown,
        )
    return say_n(
        shown,
        "Sales and marketing differ beyond chance on {clear} of {n} construct",
        "Sales and marketing differ beyond chance on {clear} of {n} constructs",
        clear=clear,
        n=shown,
    )


def _views_figure(evidence: Evidence, gaps: pd.DataFrame, source: str) -> Figure:
    levels = with_titles(evidence.functions, evidence)
    marked = read_alike(evidence, "function", levels["variable"]).isin(DOUBTFUL)
    levels["label"] = levels["label"].where(~marked, levels["label"] + MARK)
    warned = means_warning(evidence, "function")
    return render(
        lambda ax: dumbbells(ax, levels, label=say("Mean of companies, 0 to 100 points")),
        id="views",
        title=_views_title(gaps, evidence),
        alt=say(
            "Mean of sales and of marketing per construct with intervals. Marketing minus sales: {gaps}",
            gaps="; ".join(
                f"{row['label']} {number_text(row['estimate'], 'difference')}"
                for row in gaps.to_dict("records")
            ),
        ),
        base=f"{source} † {warned}" if warned else source,
        size=size_for(gaps["label"].tolist(), extra=1.3),
        kind="dumbbells",
    )


def _gaps_table(gaps: pd.DataFrame, source: str) -> Table:
    return Table(
        "gaps", say("Marketing minus sales, and how often sales is the lower one"), gaps,
        (
            Column("label", "Construct"),
            estimate_column(mark("Gap"), "difference"),
            bounded("sales_lower", "Companies where sales is lower", "percent"),
            Column("p_adjusted", "Adjusted p", "p_value"),
            Column("companies", "Companies", "count"),
            Column("alike", "Read alike?"),
        ),
        source,
        notes=(
            say(
                "Read alike: whether sales and marketing understand the questions of the construct alike (scalar "
                "invariance); where they do not, a gap can be a difference of language."
            ),
            *filter(None, [family_note(gaps)]),
        ),
        family=look_up(FAMILY),
    )  # fmt: skip


def _said(evidence: Evidence) -> str:
    """Share of informants who call it adequately aligned; "" where nobody was asked."""
    rows = evidence.adequacy[evidence.adequacy["definition"] == "said"]
    if rows.empty or pd.isna(rows.iloc[0]["estimate"]):
        return ""
    return number_text(rows.iloc[0]["estimate"], "percent", n=rows.iloc[0]["n"])


def _stage_figure(evidence: Evidence, stages: pd.DataFrame, title: str) -> Figure:
    source = base(evidence, stages["n"].max())
    index = title_of("alignment", evidence.panel)
    data = Table(
        "stages-data", say("Companies by relationship stage"), stages,
        (Column("label", "Stage"), estimate_column(mark("Share"), "percent"), Column("n", "Companies", "count")),
        source,
    )  # fmt: skip
    return render(
        lambda ax: shares(ax, stages),
        id="stages",
        title=title,
        alt="; ".join(
            f"{row['label']}: {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'percent')}"
            for row in stages.to_dict("records")
        ),
        base=f"{source} {say('Stages of the {index} index.', index=in_sentence(index))}",
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
    names = [
        say("Published: {title}, {year}", title=row["title"], year=f"{row['year']:.0f}")
        for row in beside.to_dict("records")
    ]
    marks = beside.assign(label=names, role="published")
    shown = pd.concat([frame, marks[["label", "estimate", "role"]] if len(said) else None], ignore_index=True)
    low, high = (
        number_text(value, "percent") for value in (frame["estimate"].min(), frame["estimate"].max())
    )
    headline = say(
        "Depending on the definition, {low} to {high} of companies are adequately aligned"
        if evidence.panel.instrument.relationship
        else "From {high} above the lowest cut to {low} above the highest",
        low=low,
        high=high,
    )
    figure = _adequacy_figure(frame, shown, headline, base(evidence, frame["n"].max()))
    return [figure, *_published_table(evidence, published, asked=len(said) > 0)]


def _adequacy_figure(frame: pd.DataFrame, shown: pd.DataFrame, title: str, source: str) -> Figure:
    """Draw the shares of this study, and what was published beside them; only ours stand in the table behind it."""
    columns = (
        Column("label", "Definition"),
        estimate_column(mark("Share"), "percent"),
        Column("n", "Companies", "count"),
    )
    return render(
        lambda ax: shares(ax, shown),
        id="adequacy",
        title=title,
        alt="; ".join(
            f"{row['label']}: {number_text(row['estimate'], 'percent')}" for row in shown.to_dict("records")
        ),
        base=source,
        size=size_for(shown["label"].tolist()),
        data=Table(
            "adequacy-data",
            say("Share adequately aligned, by definition"),
            frame,
            columns,
            source,
            (look_up(CUT_NOTE),),
        ),
        kind="shares",
    )


def _published_table(evidence: Evidence, published: pd.DataFrame, *, asked: bool) -> list[Block]:
    if not asked:
        reason = say("the questionnaire does not ask people whether the functions are adequately aligned")
        return [not_available(say("Comparison with published figures"), reason)]
    columns = (
        Column("title", "Published figure"),
        Column("value", "Published"),
        Column("year", "Year", "year"),
        Column("n", "Base", "count"),
        Column("verdict", "Beside ours"),
        Column("reasons", "Why"),
        Column("source", "Source, grade"),
    )
    rows = pd.concat([published, _other_figures(evidence)], ignore_index=True)
    return [
        Table(
            "published", say("Published figures of the kind, and what they can carry"), _with_grade(rows), columns,
            say("Base: as published. Grade A: read in the study itself; B: secondary source with base; C: base not "
                "found."),
        ),
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
    ours = [table.assign(verdict="not comparable", reasons=say("it asks something else")) for table in tables]
    return pd.concat(ours, ignore_index=True)


def _definition(row: Mapping[Any, Any], evidence: Evidence) -> str:
    if row["definition"] == "said":
        return say("Informants call it adequately aligned, company by company")
    return say(
        "{index} of {cut} points or more, the cut of this study"
        if row["declared"]
        else "{index} of {cut} points or more",
        index=title_of("alignment", evidence.panel),
        cut=declared_text(row["cut"]),
    )


def _views_title(gaps: pd.DataFrame, evidence: Evidence) -> str:
    row, alone = gaps.iloc[int(gaps["estimate"].abs().argmax())], int(gaps["estimate"].notna().sum()) == 1
    told = {
        "construct": in_sentence(str(row["label"])),
        "size": number_text(abs(row["estimate"]), "points"),
    }
    if not (row["conf_low"] > 0 or row["conf_high"] < 0):
        return say(
            "The gap on {construct}, {size}, is not beyond chance"
            if alone
            else "No gap is beyond chance, not even the widest: {size} on {construct}",
            **told,
        )
    if alone:
        return views_headline(row, evidence)
    return say(
        "Marketing rates {construct} {size} higher than sales, the widest gap"
        if row["estimate"] > 0
        else "Sales rates {construct} {size} higher than marketing, the widest gap",
        **told,
    )
