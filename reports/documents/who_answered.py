"""Who answered: the sample, what was lost on the way, and who has an outcome."""

import pandas as pd

from reports.documents.nonresponse import nonresponse
from reports.documents.passages import all_waves, base, not_available, sentence_list
from reports.documents.quality import quality
from reports.evidence import Evidence
from reports.figures.coverage import coverage
from reports.figures.drawing import render, size_for
from reports.figures.flow import flow
from reports.report import Block, Callout, Column, Figure, Paragraph, Section, Table
from reports.tables import number_text
from reports.titles import at_start, in_sentence, title_of
from survey.cleaning_log import rule_said
from survey.language import mark, recognise, say, say_n
from survey.outcomes import NO_END

FACTS = {"industry": mark("Industry"), "size": mark("Size"), "region": mark("Region")}
"""Facts that every study names alike, as headings."""


def who_answered(evidence: Evidence) -> Section:
    """Sample, losses on the way, and who has an outcome."""
    blocks: list[Block] = []
    companies = number_text(evidence.panel.frame["company"].nunique(), "count")
    waves = len(evidence.facts.waves)
    title = say_n(
        waves,
        "{companies} companies took part in {n} wave",
        "{companies} companies took part in {n} waves",
        companies=companies,
        n=waves,
    )
    if len(evidence.accounting):
        blocks.append(_flow_figure(evidence))
    if evidence.not_asked:
        blocks.append(
            Callout("caution", say("Not every wave asked everything"), " ".join(evidence.not_asked))
        )
    blocks += [
        _sample_table(evidence),
        *_dominated(evidence),
        *quality(evidence),
        *_composition(evidence),
        *nonresponse(evidence),
        *_coverage(evidence),
    ]
    lead = say(
        "Nothing was dropped silently: every dropped row and every changed value stands in the cleaning log."
    )
    return Section("who-answered", title, say("Can I trust the sample?"), lead, tuple(blocks))


def _dominated(evidence: Evidence) -> list[Block]:
    """Point out, without its name, a company that gave most of the responses of a wave."""
    if evidence.dominated.empty:
        return []
    shares = [
        say(
            "{share} of the responses of {wave}",
            share=number_text(100 * row["share"], "percent"),
            wave=row["wave"],
        )
        for row in evidence.dominated.to_dict("records")
    ]
    text = say(
        "A single company gave {shares}. Levels, gaps and models count every company once, however many of its people "
        "answered; the signs of careless answering and the reliability of the scales are mostly those of its people.",
        shares=sentence_list(shares),
    )
    return [Callout("caution", say("Most responses came from one company"), text)]


def _flow_figure(evidence: Evidence) -> Figure:
    came, kept = (int(evidence.accounting[name].sum()) for name in ("rows_in", "rows_kept"))
    dropped = evidence.reasons[evidence.reasons["action"] == "dropped"]
    dropped = dropped.assign(rule=dropped["rule"].map(rule_said))
    frame = pd.concat(
        [
            pd.DataFrame({"label": [say("Responses read")], "count": [came], "kind": ["start"]}),
            pd.DataFrame({"label": dropped["rule"], "count": dropped["n"], "kind": "dropped"}),
            pd.DataFrame({"label": [say("Kept")], "count": [kept], "kind": ["kept"]}),
        ],
        ignore_index=True,
    )
    frame["label"] = frame["label"].map(at_start)
    files = evidence.accounting["file"].nunique()
    source = say_n(files, "Base: all rows of {n} file.", "Base: all rows of {n} files.", n=files)
    data = Table(
        "flow-data", say("Responses read, dropped by reason and kept"), frame,
        (Column("label", "Step"), Column("count", "Responses", "count")), source,
    )  # fmt: skip
    return render(
        lambda ax: flow(ax, frame),
        id="flow",
        title=say(
            "{kept} of {read} rows were kept ({share})",
            kept=number_text(kept, "count"),
            read=number_text(came, "count"),
            share=number_text(100 * kept / max(came, 1), "percent"),
        ),
        alt=_losses(dropped, came, kept),
        base=source,
        size=size_for(frame["label"].tolist()),
        data=data,
        kind="flow",
    )


def _losses(dropped: pd.DataFrame, came: int, kept: int) -> str:
    losses = "; ".join(
        f"{label}: {count}" for label, count in zip(dropped["rule"], dropped["n"], strict=True)
    )
    if not losses:
        return say("{read} responses were read, {kept} kept. Dropped: none.", read=came, kept=kept)
    return say(
        "{read} responses were read, {kept} kept. Dropped: {losses}.", read=came, kept=kept, losses=losses
    )


def _sample_table(evidence: Evidence) -> Table:
    headings = {
        "respondents": mark("Respondents"),
        "companies": mark("Companies"),
        "sales": mark("From sales"),
        "marketing": mark("From marketing"),
        "both": mark("Companies with both functions"),
    }
    columns = [Column("wave", "Wave", "year")]
    columns += [Column(key, heading, "count") for key, heading in headings.items() if key in evidence.sample]
    return Table(
        "sample",
        say("Who answered, wave by wave"),
        evidence.sample,
        tuple(columns),
        say("Source: {title}.", title=evidence.facts.title),
    )


def _composition(evidence: Evidence) -> list[Block]:
    if evidence.composition.empty:
        title, reason = say("Companies by industry, size and region"), say("the study names no such facts")
        return [not_available(title, reason)]
    variable = evidence.composition["variable"].map(lambda name: FACTS.get(name, name.capitalize()))
    frame = evidence.composition.assign(variable=variable)
    columns = (
        Column("category", "Segment"),
        Column("n", "Companies", "count"),
        Column("share", "Share", "percent"),
    )
    total = evidence.panel.wave(evidence.facts.latest).frame["company"].nunique()
    caption = say("Companies by segment")
    return [Table("composition", caption, frame, columns, base(evidence, total), group="variable")]


def _coverage(evidence: Evidence) -> list[Block]:
    if evidence.coverage.empty:
        reason = say("the study names no outcome from records")
        return [not_available(say("Who has an outcome"), reason)]
    return [
        _coverage_figure(str(outcome), rows, evidence)
        if rows["with_outcome"].sum() < rows["companies"].sum()
        else Paragraph(_known_throughout(str(outcome), rows, evidence))
        for outcome, rows in evidence.coverage.groupby("outcome", sort=False)
    ]


def _known_throughout(outcome: str, rows: pd.DataFrame, evidence: Evidence) -> str:
    """Say what a figure of full bars would."""
    return say(
        "{outcome} is known for all {n} company-years.",
        outcome=title_of(outcome, evidence.panel),
        n=number_text(rows["companies"].sum(), "count"),
    )


def _coverage_figure(outcome: str, rows: pd.DataFrame, evidence: Evidence) -> Figure:
    label = title_of(outcome, evidence.panel)
    frame = rows.assign(label=rows["wave"].astype(str))
    source = base(evidence, evidence.panel.frame["company"].nunique(), when=all_waves(evidence))
    shares = "; ".join(
        say(
            "{wave}: {known} of {all}",
            wave=row["label"],
            known=row["with_outcome"],
            all=row["companies"],
        )
        for row in frame.to_dict("records")
    )
    share = 100 * rows["with_outcome"].sum() / rows["companies"].sum()
    return render(
        lambda ax: coverage(ax, frame),
        id=f"coverage-{outcome}",
        title=say(
            "{outcome} is known for {share} of company-years",
            outcome=label,
            share=number_text(share, "percent"),
        ),
        alt=say(
            "Share of companies with {outcome} per wave: {shares}", outcome=in_sentence(label), shares=shares
        ),
        base=source,
        size=size_for(frame["label"].tolist()),
        data=Table(
            f"coverage-{outcome}-data",
            say("Who has {outcome}, and why others do not", outcome=in_sentence(label)),
            frame.fillna(0), _coverage_columns(rows), source,
        ),
        kind="coverage",
    )  # fmt: skip


def _coverage_columns(rows: pd.DataFrame) -> tuple[Column, ...]:
    """Columns of who has an outcome, and of each reason that some companies lack it for."""
    reasons = [str(name) for name in rows if name not in ("outcome", "wave", "companies", "with_outcome")]
    told = [name for name in reasons if rows[name].notna().any() and rows[name].sum() > 0]
    said = [recognise(name, NO_END) for name in told]
    return (
        Column("wave", "Wave", "year"),
        Column("companies", "Companies", "count"),
        Column("with_outcome", "With outcome", "count"),
        *(Column(name, at_start(text), "count") for name, text in zip(told, said, strict=True)),
    )
