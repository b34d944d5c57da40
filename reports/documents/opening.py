"""The first pages: what was found, and who answered."""

import pandas as pd

from analysis.benchmark.rounding import blurred
from reports.documents.nonresponse import nonresponse
from reports.documents.passages import all_waves, base, has_values, not_available, sentence_list, too_few
from reports.documents.quality import quality
from reports.evidence import Evidence
from reports.figures.coverage import coverage
from reports.figures.drawing import render, size_for
from reports.figures.flow import flow
from reports.figures.strip import strip
from reports.findings import findings
from reports.report import Block, Callout, Column, Figure, Section, Table
from reports.tables import number_text
from reports.titles import title_of


def summary(evidence: Evidence) -> Section:
    """The findings on one page, over the strip of all companies."""
    facts = evidence.facts
    companies = evidence.panel.frame["company"].nunique()
    lead = (
        f"{number_text(companies, 'count')} companies, {all_waves(evidence)}. {facts.population} {facts.fieldwork}"
    ).strip()
    norm = evidence.norms[
        (evidence.norms["variable"] == "alignment") & (evidence.norms["wave"] == facts.latest)
    ]
    strip_block = (
        strip_figure(evidence)
        if has_values(norm, "median")
        else too_few("The strip of all companies", evidence)
    )
    blocks: list[Block] = [*_simulated(evidence), *findings(evidence), strip_block]
    return Section("summary", "Summary", "What did you find?", lead, tuple(blocks))


def strip_figure(evidence: Evidence) -> Figure:
    """All companies on the index, with the median and the best in class marked."""
    facts, index = evidence.facts, title_of("alignment", evidence.panel)
    staged = evidence.panel.instrument.relationship
    now = evidence.panel.wave(facts.latest).frame
    frame = blurred(now[["company", "alignment"]], ["alignment"], fewest=facts.minimum_companies)
    if "outcomes" in evidence.classes:
        found = evidence.classes["outcomes"].frame
        frame = frame.merge(
            found.loc[found["wave"] == facts.latest, ["company", "class"]], on="company", how="left"
        )
    norm = evidence.norms[
        (evidence.norms["variable"] == "alignment") & (evidence.norms["wave"] == facts.latest)
    ]
    median, low, high = (float(norm.iloc[0][name]) for name in ("median", "p10", "p90"))
    marks = [{"role": "median", "label": "Median", "estimate": median}]
    best = _best_level(evidence)
    if best is not None:
        marks.append({"role": "best in class", "label": "Best in class, all waves", "estimate": best})
    title = f"Four in five companies score between {low:.0f} and {high:.0f} on {index.lower()}"
    return render(
        lambda ax: strip(
            ax, frame, marks=pd.DataFrame(marks), label=f"{index}, 0 to 100 points", stages=staged
        ),
        id="all-companies",
        title=title,
        alt=f"Every company as a point on the {index.lower()} index from 0 to 100"
        f"{', over bands of the four relationship stages' if staged else ''}. The median is {median:.0f}; eight in "
        f"ten lie between {low:.0f} and {high:.0f}.",
        base=base(evidence, frame["alignment"].notna().sum())
        + f" Points to the nearest 2; the {facts.minimum_companies} lowest stand together, as do the highest."
        + (f" Diamonds: best in class in {facts.latest}." if "class" in frame else ""),
        size=(6.8, 2.9),
        kind="strip",
    )


def who_answered(evidence: Evidence) -> Section:
    """Sample, losses on the way, and who has an outcome."""
    rows = evidence.accounting[["rows_in", "rows_kept"]].sum()
    blocks: list[Block] = []
    companies = number_text(evidence.panel.frame["company"].nunique(), "count")
    waves = len(evidence.facts.waves)
    title = f"{companies} companies took part in {waves} wave{'s' if waves > 1 else ''}"
    if len(evidence.accounting):
        share = 100 * rows["rows_kept"] / max(rows["rows_in"], 1)
        kept, read = (number_text(rows[name], "count") for name in ("rows_kept", "rows_in"))
        blocks.append(_flow_figure(evidence, f"{kept} of {read} rows were kept ({share:.0f}%)"))
    if evidence.not_asked:
        blocks.append(Callout("caution", "Not every wave asked everything", " ".join(evidence.not_asked)))
    blocks += [
        _sample_table(evidence),
        *_dominated(evidence),
        *quality(evidence),
        *_composition(evidence),
        *nonresponse(evidence),
        *_coverage(evidence),
    ]
    lead = (
        "Nothing was dropped silently: every dropped row and every changed value stands in the cleaning log."
    )
    return Section("who-answered", title, "Can I trust the sample?", lead, tuple(blocks))


def _dominated(evidence: Evidence) -> list[Block]:
    """Point out, without its name, a company that gave most of the responses of a wave."""
    if evidence.dominated.empty:
        return []
    shares = [
        f"{number_text(100 * row['share'], 'percent')} of the responses of {row['wave']}"
        for row in evidence.dominated.to_dict("records")
    ]
    text = (
        f"A single company gave {sentence_list(shares)}. Levels, gaps and models count every company once, however "
        "many of its people answered; the signs of careless answering and the reliability of the scales are mostly "
        "those of its people."
    )
    return [Callout("caution", "Most responses came from one company", text)]


def _simulated(evidence: Evidence) -> list[Block]:
    if not evidence.facts.simulated:
        return []
    return [
        Callout("caution", "These data are invented", "They were simulated to show and to test the methods.")
    ]


def _best_level(evidence: Evidence) -> float | None:
    table = evidence.class_means
    if table.empty:
        return None
    rows = table[(table["class"] == "best in class") & (table["variable"] == "alignment")]
    return None if rows.empty or rows["estimate"].isna().all() else float(rows.iloc[0]["estimate"])


def _flow_figure(evidence: Evidence, title: str) -> Figure:
    rows = evidence.accounting[["rows_in", "rows_kept"]].sum()
    dropped = evidence.reasons[evidence.reasons["action"] == "dropped"]
    frame = pd.concat(
        [
            pd.DataFrame({"label": ["Responses read"], "count": [rows["rows_in"]], "kind": ["start"]}),
            pd.DataFrame({"label": dropped["rule"], "count": dropped["n"], "kind": "dropped"}),
            pd.DataFrame({"label": ["Kept"], "count": [rows["rows_kept"]], "kind": ["kept"]}),
        ],
        ignore_index=True,
    )
    frame["label"] = frame["label"].str[:1].str.upper() + frame["label"].str[1:]
    losses = "; ".join(
        f"{label}: {count}" for label, count in zip(dropped["rule"], dropped["n"], strict=True)
    )
    source = f"Base: all rows of {len(evidence.accounting)} files and waves."
    data = Table(
        "flow-data", "Responses read, dropped by reason and kept", frame,
        (Column("label", "Step"), Column("count", "Responses", "count")), source,
    )  # fmt: skip
    return render(
        lambda ax: flow(ax, frame),
        id="flow",
        title=title,
        alt=f"{rows['rows_in']} responses were read, {rows['rows_kept']} kept. Dropped: {losses or 'none'}.",
        base=source,
        size=size_for(frame["label"].tolist()),
        data=data,
        kind="flow",
    )


def _sample_table(evidence: Evidence) -> Table:
    headings = {
        "respondents": "Respondents",
        "companies": "Companies",
        "sales": "From sales",
        "marketing": "From marketing",
        "both": "Companies with both functions",
    }
    columns = [Column("wave", "Wave", "year")]
    columns += [Column(key, heading, "count") for key, heading in headings.items() if key in evidence.sample]
    return Table(
        "sample",
        "Who answered, wave by wave",
        evidence.sample,
        tuple(columns),
        f"Source: {evidence.facts.title}.",
    )


def _composition(evidence: Evidence) -> list[Block]:
    if evidence.composition.empty:
        return [not_available("Companies by industry, size and region", "the study names no such facts")]
    frame = evidence.composition.assign(variable=evidence.composition["variable"].str.capitalize())
    columns = (
        Column("category", "Segment"),
        Column("n", "Companies", "count"),
        Column("share", "Share", "percent"),
    )
    total = evidence.panel.wave(evidence.facts.latest).frame["company"].nunique()
    caption = "Companies by segment"
    return [Table("composition", caption, frame, columns, base(evidence, total), group="variable")]


def _coverage(evidence: Evidence) -> list[Block]:
    if evidence.coverage.empty:
        return [not_available("Who has an outcome", "the study names no outcome from records")]
    blocks: list[Block] = []
    for outcome, rows in evidence.coverage.groupby("outcome", sort=False):
        label = title_of(str(outcome), evidence.panel)
        share = 100 * rows["with_outcome"].sum() / rows["companies"].sum()
        frame = rows.assign(label=rows["wave"].astype(str))
        reasons = [str(name) for name in rows if name not in ("outcome", "wave", "companies", "with_outcome")]
        told = [name for name in reasons if rows[name].notna().any() and rows[name].sum() > 0]
        columns = [Column("wave", "Wave", "year"), Column("companies", "Companies", "count")]
        columns += [
            Column("with_outcome", "With outcome", "count"),
            *(Column(n, n.capitalize(), "count") for n in told),
        ]
        source = base(evidence, evidence.panel.frame["company"].nunique(), when=all_waves(evidence))
        caption = f"Who has {label.lower()}, and why others do not"
        blocks.append(
            render(
                lambda ax, drawn=frame: coverage(ax, drawn),  # type: ignore[misc]
                id=f"coverage-{outcome}",
                title=f"{label} is known for {share:.0f}% of company-years",
                alt=f"Share of companies with {label.lower()} per wave: "
                + "; ".join(
                    f"{row['label']}: {row['with_outcome']} of {row['companies']}"
                    for row in frame.to_dict("records")
                ),
                base=source,
                size=size_for(frame["label"].tolist()),
                data=Table(f"coverage-{outcome}-data", caption, frame.fillna(0), tuple(columns), source),
                kind="coverage",
            )
        )
    return blocks
