"""Whether groups understand the questions alike: the lights, and the warning beside every comparison of means."""

import pandas as pd

from reports.documents.passages import not_available, sentence_list
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap
from reports.report import Block, Callout, Column, Figure, Heading, Table
from reports.titles import title_of

WORDS = {
    "holds": ("good", "alike"),
    "partial": ("fair", "mostly alike"),
    "fails": ("weak", "not alike"),
    "cannot be tested": (None, "not tested"),
}
"""Level and word of each verdict on scalar invariance, which is what means need to compare."""


def invariance(evidence: Evidence) -> list[Block]:
    """Show the verdict on means for every construct and comparison, with all levels as a table."""
    if evidence.invariance.empty:
        return []
    title = "Do groups understand the questions alike?"
    scalar = _scalar(evidence)
    if (scalar["verdict"] == "cannot be tested").all():
        return [not_available(title, str(scalar["note"].iloc[0]) or "no construct has enough statements")]
    return [Heading(title), _figure(scalar, evidence)]


def read_alike(evidence: Evidence, comparison: str, constructs: pd.Series) -> pd.Series:
    """Return for each construct whether the groups of a comparison understand it alike, in a word."""
    if evidence.invariance.empty:
        return pd.Series("not tested", index=constructs.index)
    scalar = _scalar(evidence)
    verdicts = scalar[scalar["comparison"] == comparison].set_index("construct")["verdict"]
    return (
        constructs.map(verdicts)
        .map({verdict: word for verdict, (_, word) in WORDS.items()})
        .fillna("not tested")
    )


def warning(evidence: Evidence, comparison: str) -> list[Block]:
    """Warn of the constructs whose means must not be compared over the groups of a comparison."""
    constructs = pd.Series(evidence.panel.instrument.alignment_constructs)
    alike = read_alike(evidence, comparison, constructs)
    groups = {"function": "sales and marketing", "wave": "the people of different waves"}[comparison]
    failing = [title_of(name, evidence.panel) for name in constructs[alike == "not alike"]]
    untested = [title_of(name, evidence.panel) for name in constructs[alike == "not tested"]]
    blocks: list[Block] = []
    if failing:
        said = f"{sentence_list(failing)}: {groups} do not read the questions alike, so that a difference may be one "
        blocks.append(
            Callout("caution", "Means that do not compare", f"{said}of language (no scalar invariance).")
        )
    if untested:
        said = f"{sentence_list(untested)}: whether {groups} read the questions alike could not be tested."
        blocks.append(Callout("caution", "Means of which it is not known whether they compare", said))
    return blocks


def _scalar(evidence: Evidence) -> pd.DataFrame:
    return evidence.invariance[evidence.invariance["level"] == "scalar"].reset_index(drop=True)


def _titled(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    order = {name: place for place, name in enumerate(evidence.panel.instrument.alignment_constructs)}
    titles = {name: title_of(name, evidence.panel) for name in rows["construct"].unique()}
    ordered = rows.sort_values(
        "construct", key=lambda names: names.map(order), kind="stable", ignore_index=True
    )
    return ordered.assign(
        label=ordered["construct"].map(titles), check="Across " + ordered["comparison"] + "s"
    )


def _figure(scalar: pd.DataFrame, evidence: Evidence) -> Figure:
    cells = _titled(scalar, evidence)
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
