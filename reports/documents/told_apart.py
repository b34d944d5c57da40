"""How far companies can be told apart at all: ranks, classes, and other ways of making the index."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import base, has_values, not_available
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.rank_ranges import rank_ranges
from reports.report import Block, Callout, Column, Figure, Heading, Section, Table
from reports.tables import number_text
from reports.titles import in_sentence
from survey.language import look_up, mark, say, say_n

KIND_WORDS = {
    "one": mark("Cannot be ruled out, for one company"),
    "all": mark("Cannot be ruled out, for all companies at once"),
    "plausible": mark("Plausible, if companies are draws of one population"),
}

WAYS = {
    "equal": mark("Equal"),
    "reliability": mark("Reliability"),
    "first principal component": mark("First principal component"),
    "arithmetic": mark("Arithmetic"),
    "geometric": mark("Geometric"),
    "gap-penalised": mark("Gap-penalised"),
}
"""What weightings and aggregations are called."""

SURE = 80
"""Per cent from which a company counts as surely in its class; `analysis.benchmark.memberships.SURE`."""


def told_apart(evidence: Evidence) -> Section:
    """Rank intervals, pairs that can be put in order, class memberships, and what hangs on the index's making."""
    name, question = "told-apart", say("Can companies be ranked?")
    found = evidence.benchmarks
    known = len(found.precision) > 0 and bool(found.precision["n"].sum())
    blocks: list[Block] = [_picture(evidence), _precision(evidence)] if known else [_unknown(evidence)]
    blocks += [*_memberships(evidence), *_composites(evidence)]
    lead = say(
        "A rank looks exact and is not: each score has an error of its own. Here is how much of an order these data "
        "carry. No company is named; each one's own numbers are in companies.csv, which is confidential."
    )
    return Section(name, _title(evidence, known=known), question, lead if known else "", tuple(blocks))


def _title(evidence: Evidence, *, known: bool) -> str:
    found = evidence.benchmarks.precision
    if not known:
        return say("How surely companies are ranked is not known")
    row = found[found["kind"] == "one"].iloc[0]
    share = number_text(row["estimate"], "percent")
    return say(
        "Taken one at a time, {share} of the comparisons between two companies have a clear answer",
        share=share,
    )


def _unknown(evidence: Evidence) -> Callout:
    unknown = say("the sampling error of the index is not known")
    reason = evidence.panel.unavailable.get("alignment_se", unknown)
    return not_available(say("Ranks with their uncertainty"), look_up(reason))


def _picture(evidence: Evidence) -> Figure:
    ranks = evidence.benchmarks.ranks
    found = {row["kind"]: row for row in evidence.benchmarks.precision.to_dict("records")}
    companies, width = found["one"]["companies"], number_text(found["one"]["width"], "count")
    plausible, ranked = found["plausible"]["width"], number_text(companies, "count")
    title = say("Of {n} ranks, the typical company may hold any of {width}", n=ranked, width=width)
    if pd.notna(plausible):
        n = round(plausible)
        title += say_n(
            n, "; {n} of them is plausible", "; {n} of them are plausible", n=number_text(plausible, "count")
        )
    return render(
        lambda ax: rank_ranges(ax, ranks),
        id="ranks",
        title=title,
        alt=say(
            "Ranks of {n} companies with intervals; the median interval holds {width} ranks.",
            n=ranked,
            width=width,
        ),
        base=base(evidence, companies),
        size=(6.8, 4.2),
        kind="rank_ranges",
    )


def _precision(evidence: Evidence) -> Table:
    rows, few = evidence.benchmarks.precision, evidence.facts.minimum_companies
    rows = rows.assign(
        label=rows["kind"].map(KIND_WORDS),
        reason=pd.Series(say("it compares no pairs"), index=rows.index).where(
            rows["kind"].eq("plausible"), ""
        ),
    )
    columns = (
        Column("label", "Ranks that a company may hold"),
        Column("width", "Of the typical company", "count"),
        Column("share", "Of all ranks", "percent"),
        Column("narrowest", say("Mean of the {n} narrowest", n=few), "count"),
        Column("widest", say("Mean of the {n} widest", n=few), "count"),
        Column("estimate", "Pairs with an order", "percent", reason="reason"),
        Column("n", "Companies", "count"),
    )
    return Table(
        "rank-precision", say("How wide the ranks are, and how many pairs of companies can be put in order"), rows,
        columns, base(evidence, rows["companies"].max()),
        (say("Cannot be ruled out: confidence sets for ranks (Mogstad, Romano, Shaikh and Wilhelm 2024), 95%, whatever "
             "the other companies are like. For all at once: the whole list is right with 95%."),
         say("Plausible: true scores drawn from scores and sampling errors together, 95% on average over companies.")),
        family=say("all companies at once where a row says so; else each company by itself"),
    )  # fmt: skip


def _memberships(evidence: Evidence) -> Iterator[Block]:
    """How surely companies are in the class into which their index puts them."""
    found = evidence.benchmarks.memberships
    if not len(found) or not found["n"].sum():
        return
    every = found[found["class"] == "all"].iloc[0]
    share, sure = number_text(every["estimate"], "percent"), number_text(SURE, "percent")
    yield Heading(say("How surely is a company in its class?"))
    columns = (
        Column("label", "Class, cut on the index"),
        Column("companies", "Companies", "count"),
        Column("surely", say("With more than {sure} probability", sure=sure), "count"),
        Column("estimate", "Share of them", "percent"),
        Column("mean", "Mean probability", "percent"),
    )
    yield Table(
        "class-membership",
        say("{share} of companies are in their class with a probability above {sure}", share=share, sure=sure),
        found.assign(label=[look_up(name).capitalize() for name in found["class"]]), columns,
        base(evidence, every["companies"]),
        (say("These classes are cut on the index, of which the sampling error is known. Classes cut on outcomes take "
             "what was reported as exact, so that no probability can be given for them."),),
    )  # fmt: skip


def _composites(evidence: Evidence) -> Iterator[Block]:
    """Ranks and classes under every declared weighting and aggregation."""
    found, steady = evidence.benchmarks.composites, evidence.benchmarks.steadiness
    if not has_values(steady) or found["n"].max() == 0:
        return
    rows = {row["kept"]: row for row in steady.to_dict("records")}
    shares = {name: number_text(100 - row["estimate"], "percent") for name, row in rows.items()}
    yield Heading(say("Does it hang on how the index is made?"))
    table = found.assign(
        label=[_word(name) for name in found["weighting"]], how=[_word(name) for name in found["aggregation"]]
    )
    columns = (
        Column("label", "Weights"),
        Column("how", "Put together"),
        Column("rank_correlation", "Rank correlation with the index", "ratio"),
        Column("mean_shift", "Places moved, on average", "number"),
        Column("largest_shift", "At most", "number"),
        Column("class_changes", "Companies in another class", "percent"),
    )
    notes = [
        say("Geometric: a weak construct is not made good by a strong one. Gap-penalised: half a point off for each "
            "point between the functions, unless the study says otherwise. The first row is the index itself."),
        *(say("Not available: {name}, as {why}.", name=in_sentence(_word(name)), why=look_up(why))
          for name, why in evidence.benchmarks.unavailable.items()),
    ]  # fmt: skip
    caption = say(
        "Under {count} ways to make the index, {classes} of companies change their class at least once and {quartiles} "
        "their quartile", count=steady["composites"].max(), classes=shares["class"], quartiles=shares["quartile"],
    )  # fmt: skip
    yield Table("composites", caption, table, columns, base(evidence, found["n"].max()), tuple(notes))


def _word(name: str) -> str:
    """Return what a way to make the index is called; a weighting of the study's own has its name."""
    return look_up(WAYS[name]) if name in WAYS else name.capitalize()
