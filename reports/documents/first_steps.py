"""Three priorities of a company, each with what was found, why it matters and a first step."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import bare, beyond_chance, points, source_of
from reports.documents.passages import sentence_list
from reports.outcome_units import difference_text, unit_of_differences
from reports.report import Block, Bullets, Column, Heading, Section, Table
from reports.tables import interval_text, number_text
from reports.wording import text_in
from survey.language import say, spoken


def priorities(found: Comparison, *, more: tuple[Block, ...] = ()) -> Section:
    """Up to three constructs to begin with, each with its reasons and a first step."""
    question, name, rows = say("What now?"), "priorities", found.priorities
    if rows.empty:
        return Section(name, *_nothing_behind(found, question), more)
    blocks: list[Block] = []
    for row in rows.assign(sure=beyond_chance(rows)).to_dict("records"):
        blocks += [Heading(str(row["label"])), Bullets(tuple(_reasons(row, found)))]
    known = found.pack.benchmarks.importance is not None
    lead = say(
        "Chosen by how far you are behind, times how strongly the subject goes with the outcome in the "
        "study. That they go together does not prove that one brings the other."
        if known
        else "Chosen by how far you are behind: the study says nothing of what goes with results."
    )
    if not beyond_chance(rows).any():
        guess = say(
            "This is a guess, as how sure the distances are is not known: ask more people before you act."
            if rows["distance_low"].isna().all()
            else "This is a guess, as no distance is beyond chance: ask more people before you act."
        )
        lead = f"{guess} {lead}"
    title = say("Begin with: {labels}", labels=sentence_list([str(label) for label in rows["label"]]))
    return Section(name, title, question, lead, (*blocks, *more))


def _nothing_behind(found: Comparison, question: str) -> tuple[str, str, str]:
    """Title, question and lead where no subject is behind the best in class, or who they are is not known."""
    rows = found.constructs[found.constructs["variable"] != "alignment"].dropna(subset=["distance"])
    if rows.empty:
        return (
            say("Priorities cannot be chosen"),
            question,
            say("Not available: too few companies are best in class, so a distance to them is not known."),
        )
    least = rows.nsmallest(1, "distance").iloc[0]
    distance = number_text(least["distance"], "difference")
    lead = say(
        "Keep what works. Your lead is smallest on {label}: {distance}.",
        label=least["label"],
        distance=distance,
    )
    return say("No subject is behind the best in class"), question, lead


def _reasons(row: dict[Any, Any], found: Comparison) -> Iterator[str]:
    """What was found, why it matters, how the best in class answer it, the first step."""
    distance = number_text(row["distance"], "difference")
    if pd.notna(row["distance_low"]):
        ends = row["distance"], row["distance_low"], row["distance_high"]
        distance = interval_text(*ends, "difference")
    sure = say("beyond chance" if row["sure"] else "perhaps by chance")
    if pd.isna(row["distance_low"]):
        sure = say("how surely is not known")
    yield say(
        "Found: {score}, {distance} against the best in class, {sure}.",
        score=points(row["estimate"]),
        distance=distance,
        sure=sure,
    )
    importance = found.pack.benchmarks.importance
    if importance is not None and pd.notna(row["importance"]):
        ends = row["importance"], row["importance_low"], row["importance_high"]
        clear = say("beyond chance" if row["importance_low"] > 0 else "perhaps by chance")
        declared = found.pack.benchmarks.key.instrument.outcomes.get(importance.outcome)
        outcome = text_in(declared.title, spoken()) if declared else importance.title
        unit = unit_of_differences(text_in(declared.unit, spoken())) if declared else ""
        yield say(
            "Why: 10 points more go with {slope} of {outcome}, {clear}.",
            slope=difference_text(*ends, unit),
            outcome=outcome,
            clear=clear,
        )
    yield say(
        "The best in class answer it with {best}, the typical company with {median}.",
        best=interval_text(row["best"], row["best_low"], row["best_high"], "points")
        if pd.notna(row["best_low"])
        else points(row["best"]),
        median=bare(row["median"]),
    )
    if row["step"]:
        yield say("First step: {step}", step=row["step"])


def practices(found: Comparison) -> tuple[Block, ...]:
    """Show the practices on which the company is furthest behind."""
    rows = found.practices
    rows = rows[rows["estimate"] < rows["mean"]].head(5) if len(rows) else rows
    if rows.empty:
        return ()
    columns = [
        Column("label", say("Practice")), Column("estimate", say("You"), "points"),
        Column("mean", say("Mean of companies"), "points"),
    ]  # fmt: skip
    columns += (
        [Column("best", say("In place among the best"), "percent")] if rows["best"].notna().any() else []
    )
    caption, note = (
        say("Practices on which you are furthest behind"),
        say("0 is never, 100 always; of what is ticked, the share of your people who ticked it."),
    )
    table = Table("practices", caption, rows, tuple(columns), source_of(found), (note,))
    return (Heading(say("What you do less than others")), table)
