"""Whether groups understand the questions alike: the lights, and the warning beside every comparison of means."""

import pandas as pd

from reports.alike import WORDS, means_warning, scalar
from reports.documents.passages import not_available
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap
from reports.report import Block, Callout, Column, Figure, Heading, Paragraph, Table
from reports.titles import title_of

PLURALS = {
    "function": "functions",
    "wave": "waves",
    "size": "sizes",
    "industry": "industries",
    "region": "regions",
    "language": "languages",
}


def invariance(evidence: Evidence) -> list[Block]:
    """Show the verdict on means for every construct and comparison, with all levels as a table."""
    if evidence.invariance.empty:
        return []
    title = "Do groups understand the questions alike?"
    means = scalar(evidence)
    if (means["verdict"] == "cannot be tested").all():
        reason = str(means["note"].iloc[0]) or "no construct has enough statements"
        return [not_available(title, reason), *_not_compared(evidence)]
    return [Heading(title), _figure(means, evidence), *_not_compared(evidence)]


def warning(evidence: Evidence, comparison: str) -> list[Block]:
    """Warn of the constructs whose means may not compare over the groups of a comparison."""
    said = means_warning(evidence, comparison)
    return [Callout("caution", "Means that may not compare", said)] if said else []


def _not_compared(evidence: Evidence) -> list[Block]:
    """Say which comparisons and groups are not made, and why; nothing if all are."""
    if not evidence.not_compared:
        return []
    return [Paragraph(f"Not compared: {'; '.join(evidence.not_compared)}.")]


def _titled(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    order = {name: place for place, name in enumerate(evidence.panel.instrument.alignment_constructs)}
    titles = {name: title_of(name, evidence.panel) for name in rows["construct"].unique()}
    ordered = rows.sort_values(
        "construct", key=lambda names: names.map(order), kind="stable", ignore_index=True
    )
    return ordered.assign(
        label=ordered["construct"].map(titles), check="Across " + ordered["comparison"].map(PLURALS)
    )


def _figure(means: pd.DataFrame, evidence: Evidence) -> Figure:
    cells = _titled(means, evidence)
    cells["level"] = cells["verdict"].map({verdict: level for verdict, (level, _) in WORDS.items()})
    cells["text"] = cells["verdict"].map({verdict: word for verdict, (_, word) in WORDS.items()})
    tested = cells[cells["level"].notna()]
    fine = int(tested["level"].isin(("good", "fair")).sum())
    return render(
        lambda ax: heatmap(ax, cells),
        id="invariance",
        title=f"In {fine} of {len(tested)} comparisons groups read a construct alike, at least mostly",
        alt="; ".join(
            f"{row['label']}, {row['check'].lower()}: {row['text']}" for row in cells.to_dict("records")
        ),
        base="Base: respondents of all waves who answered every statement of the construct.",
        size=size_for(list(dict.fromkeys(cells["label"])), extra=1.5),
        data=_table(evidence),
        kind="heatmap",
    )


def _table(evidence: Evidence) -> Table:
    rows = _titled(evidence.invariance, evidence)
    columns = (
        Column("label", "Construct"),
        Column("comparison", "Across"),
        Column("level", "Level"),
        Column("verdict", "Verdict"),
        Column("released", "Statements that differ"),
        Column("delta_cfi", "Change of CFI", "ratio", reason="note"),
        Column("delta_rmsea", "Change of RMSEA", "ratio", reason="note"),
        Column("delta_srmr", "Change of SRMR", "ratio", reason="note"),
        Column("n", "Respondents", "count"),
    )
    note = (
        "Levels: configural, the same statements; metric, equal loadings; scalar, equal intercepts, which means need "
        "to compare; residual, equal errors. A level holds within the cut-offs of Cheung and Rensvold (2002) and Chen "
        "(2007). Partial: some statements differ and the rest carry the comparison; which ones was looked for in the "
        "same answers."
    )
    base = "Base: respondents of all waves; errors clustered by company."
    return Table("invariance-data", "Measurement invariance, level by level", rows, columns, base, (note,))
