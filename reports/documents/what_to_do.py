"""What to do first: importance against distance, and steps tied to the constructs that are furthest behind."""

import pandas as pd

from reports.association import associated, headline
from reports.documents.passages import all_waves, not_available, sentence_list, with_titles
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.priority_map import priority_map
from reports.report import Block, Bullets, Figure, Heading, Section
from reports.titles import in_sentence, title_of

STAGE_OF_CLASS = (
    ("Where it is weak: start", 0),
    ("Where it exists: strengthen", 1),
    ("Where it is strong: keep", 2),
)


def what_to_do(evidence: Evidence) -> Section:
    """Importance against distance, and first steps tied to the constructs that are furthest behind."""
    question, name = "What now?", "what-to-do"
    priorities = _priorities(evidence)
    if priorities.empty:
        block = not_available("Priorities", "they need classes cut on outcomes and a growth model")
        return Section(name, "What to do first is not known", question, "", (block,))
    clear = priorities[(priorities["distance_low"] > 0) & (priorities["importance_low"] > 0)]
    if clear.empty:
        reason = (
            "no construct both separates the best in class from laggards and goes with growth beyond chance"
        )
        blocks_without = (_map(evidence, priorities), not_available("Priorities", reason))
        return Section(name, "These data give no construct priority", question, "", blocks_without)
    top = clear.sort_values("distance", ascending=False).head(3)
    title = f"First candidates: {sentence_list([str(label).lower() for label in top['label']])}"
    blocks: list[Block] = [_map(evidence, priorities)]
    instrument, language = evidence.panel.instrument, evidence.panel.instrument.languages[0]
    for heading, step in STAGE_OF_CLASS:
        items = [
            f"{row['label']}: {instrument.constructs[row['variable']].steps[step][language]}"
            for row in top.to_dict("records")
            if len(instrument.constructs[row["variable"]].steps) > step
        ]
        if items:
            blocks += [Heading(heading), Bullets(tuple(items), ordered=True)]
    lead = (
        f"{len(clear)} of {len(priorities)} constructs separate the best in class from laggards and go with growth, "
        "both beyond chance; these are the furthest apart. That they go together with good results does not prove that "
        "working on them brings results: start small and measure."
    )
    found = associated(evidence)
    if found is not None and not found.carried:
        lead += f" Take it as a guess, since of the index itself it holds: {in_sentence(headline(found, evidence))}."
    return Section(name, title, question, lead, tuple(blocks))


def _priorities(evidence: Evidence) -> pd.DataFrame:
    """How far laggards are behind the best, beside how strongly each construct goes with the outcome."""
    if evidence.importance.empty or evidence.class_gaps.empty or "outcomes" not in evidence.classes:
        return pd.DataFrame()
    gaps = evidence.class_gaps
    far = gaps[(gaps["basis"] == "outcomes") & (gaps["contrast"] == "laggard")]
    names = {"estimate": "distance", "conf_low": "distance_low", "conf_high": "distance_high"}
    matters = {"estimate": "importance", "conf_low": "importance_low", "conf_high": "importance_high"}
    table = evidence.importance[["variable", *matters]].rename(columns=matters)
    table = table.merge(far[["variable", *names]].rename(columns=names), on="variable")
    return with_titles(table.dropna(subset=["distance", "importance"]), evidence)


def _map(evidence: Evidence, rows: pd.DataFrame) -> Figure:
    place = int(rows["importance"].argmax())
    first, others = rows.iloc[place], rows.drop(index=rows.index[place])
    overlap = "; intervals overlap" if (others["importance_high"] > first["importance_low"]).any() else ""
    outcome = next(fit.specification.outcome for fit in evidence.fits if fit.specification.declared)
    return render(
        lambda ax: priority_map(
            ax, rows, x_label="Laggards behind the best in class, points",
            y_label="Outcome that goes with 10 points more",
        ),
        id="priorities",
        title=f"In this sample {in_sentence(title_of(outcome, evidence.panel))} rises most steeply with "
        f"{in_sentence(str(first['label']))}{overlap}",
        alt="; ".join(
            f"{row['label']}: {row['distance']:.0f} points behind, {row['importance']:.1f} points of growth"
            for row in rows.to_dict("records")
        ),
        base=f"Base: companies with an outcome, {all_waves(evidence)}. One construct at a time, first declared model; "
        "exploratory. 95% intervals.",
        size=(6.8, 5.2),
        kind="priority_map",
    )  # fmt: skip
