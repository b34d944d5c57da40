"""Three priorities of a company, each with what was found, why it matters and a first step."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import bare, listed, points, say, source_of
from reports.report import Block, Bullets, Column, Heading, Section, Table
from reports.tables import interval_text, number_text
from reports.wording import text_in


def priorities(found: Comparison, *, more: tuple[Block, ...] = ()) -> Section:
    """Up to three constructs to begin with, each with its reasons and a first step."""
    question, name, rows = say("steps_question", found), "priorities", found.priorities
    if rows.empty:
        return Section(name, *_nothing_behind(found, question), more)
    blocks: list[Block] = []
    for row in rows.to_dict("records"):
        blocks += [Heading(str(row["label"])), Bullets(tuple(_reasons(row, found)))]
    known = found.pack.benchmarks.importance is not None
    lead = say("steps_lead" if known else "steps_lead_distance", found)
    if not rows["beyond_doubt"].any():
        lead = f"{say('steps_guess', found)} {lead}"
    title = say("steps_title", found, labels=listed([str(label) for label in rows["label"]], found))
    return Section(name, title, question, lead, (*blocks, *more))


def _nothing_behind(found: Comparison, question: str) -> tuple[str, str, str]:
    """Title, question and lead where no subject is behind the best in class, or who they are is not known."""
    rows = found.constructs[found.constructs["variable"] != "alignment"].dropna(subset=["distance"])
    if rows.empty:
        return say("steps_unknown_title", found), question, say("steps_unknown", found)
    least = rows.nsmallest(1, "distance").iloc[0]
    distance = number_text(least["distance"], "difference", language=found.language)
    lead = say("steps_none", found, label=least["label"], distance=distance)
    return say("steps_none_title", found), question, lead


def _reasons(row: dict[Any, Any], found: Comparison) -> Iterator[str]:
    """What was found, why it matters, how the best do, the first step."""
    language = found.language
    distance = number_text(row["distance"], "difference", language=language)
    if pd.notna(row["distance_low"]):
        ends = row["distance"], row["distance_low"], row["distance_high"]
        distance = interval_text(*ends, "difference", language=language)
    known = "sure_yes" if row["beyond_doubt"] else "sure_no"
    sure = say(known if pd.notna(row["distance_low"]) else "sure_unknown", found)
    yield say(
        "steps_found",
        found,
        score=points(row["estimate"], found),
        distance=distance,
        sure=sure,
        best=bare(row["best"], found),
    )
    importance = found.pack.benchmarks.importance
    if importance is not None and pd.notna(row["importance"]):
        ends = row["importance"], row["importance_low"], row["importance_high"]
        slope = interval_text(*ends, "slope", language=language)
        clear = say("clear_yes" if row["importance_low"] > 0 else "clear_no", found)
        declared = found.pack.benchmarks.key.instrument.outcomes.get(importance.outcome)
        outcome = text_in(declared.title, language) if declared else importance.title
        yield say("steps_why", found, slope=slope, outcome=outcome, clear=clear)
    if row["step"]:
        yield say("steps_first", found, step=row["step"])


def practices(found: Comparison) -> tuple[Block, ...]:
    """Show the practices on which the company is furthest behind."""
    rows = found.practices
    rows = rows[rows["estimate"] < rows["mean"]].head(5) if len(rows) else rows
    if rows.empty:
        return ()
    columns = [
        Column("label", say("practices_practice", found)), Column("estimate", say("you", found), "points"),
        Column("mean", say("practices_mean", found), "points"),
    ]  # fmt: skip
    columns += [Column("best", say("practices_best", found), "percent")] if rows["best"].notna().any() else []
    caption, note = say("practices_caption", found), say("practices_note", found)
    table = Table("practices", caption, rows, tuple(columns), source_of(found), (note,))
    return (Heading(say("practices_heading", found)), table)
