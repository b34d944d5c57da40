"""What to do first: importance against distance, and three steps per class, tied to constructs and weak practices."""

from collections.abc import Iterator

import pandas as pd

from analysis.measure.verdicts import HTMT_CUTS
from reports.association import associated, headline
from reports.documents.passages import (
    all_waves,
    base,
    has_values,
    not_available,
    sentence_list,
    too_few_in_class,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.priority_map import priority_map
from reports.outcome_units import slope_unit
from reports.report import Block, Callout, Column, Figure, Heading, Section, Table, Unit
from reports.steps import Advice, Standing, advice
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, mark, say

CLASS_HEADINGS: dict[str, tuple[str, Standing]] = {
    "laggard": (mark("For laggards: start"), "weak"),
    "average": (mark("For the average: strengthen"), "there"),
    "best in class": (mark("For the best in class: keep"), "strong"),
}
"""Heading of each class's steps, and how it stands in what the steps are about."""

CONSTRUCT_STEPS, ALL_STEPS = 2, 3
"""Steps per class: constructs first, the weakest practice last."""


def what_to_do(evidence: Evidence) -> Section:
    """Importance against distance, then for each class three steps and why."""
    question, name = say("What now?"), "what-to-do"
    priorities = _priorities(evidence)
    if priorities.empty:
        block = not_available(say("Priorities"), _why_none(evidence))
        return Section(name, say("What to do first is not known"), question, "", (block,))
    clear = priorities[(priorities["distance_low"] > 0) & (priorities["importance_low"] > 0)]
    if clear.empty:
        reason = say(
            "no construct both separates the best in class from laggards and goes with growth beyond chance"
        )
        blocks_without = (_map(evidence, priorities), not_available(say("Priorities"), reason))
        return Section(name, say("These data give no construct priority"), question, "", blocks_without)
    top = clear.sort_values("distance", ascending=False).head(ALL_STEPS)
    named = sentence_list([in_sentence(str(label)) for label in top["label"]])
    title = say("First candidates: {constructs}", constructs=named)
    blocks: list[Block] = [_map(evidence, priorities), *_one_or_two(evidence, top), _how_chosen(evidence)]
    for group in evidence.classes["outcomes"].names[::-1]:
        blocks += _steps(evidence, clear, group)
    lead = say(
        "{n} of {all} constructs separate the best in class from laggards and go with growth, both beyond chance; "
        "these are the furthest apart. That they go together with good results does not prove that working on them "
        "brings results: start small and measure.",
        n=len(clear),
        all=len(priorities),
    )
    found = associated(evidence)
    if found is not None and not found.carried:
        guess = say(
            "Take it as a guess, since of the index itself it holds: {finding}.",
            finding=in_sentence(headline(found, evidence)),
        )
        lead += f" {guess}"
    return Section(name, title, question, lead, tuple(blocks))


def _why_none(evidence: Evidence) -> str:
    """Say why there are no priorities."""
    if "outcomes" not in evidence.classes or not has_values(evidence.importance):
        return say("they need classes cut on outcomes and a growth model")
    return too_few_in_class(evidence, "outcomes")


def _one_or_two(evidence: Evidence, top: pd.DataFrame) -> Iterator[Callout]:
    """Say which candidates the answers do not tell apart; nothing if they all differ."""
    pairs = evidence.measurement.validity
    if pairs.empty:
        return
    both = pairs["construct_a"].isin(top["variable"]) & pairs["construct_b"].isin(top["variable"])
    close = pairs[both & (pairs["htmt"] > HTMT_CUTS[1])].drop_duplicates(["construct_a", "construct_b"])
    named = [
        say(
            "{one} and {other} (HTMT {htmt})",
            one=title_of(row["construct_a"], evidence.panel),
            other=title_of(row["construct_b"], evidence.panel),
            htmt=number_text(row["htmt"], "ratio"),
        )
        for row in close.to_dict("records")
    ]
    if named:
        text = say(
            "The answers do not tell these apart: {pairs}. Take each pair as one candidate.",
            pairs=sentence_list(named),
        )
        yield Callout("caution", say("One candidate or two?"), text)


def _how_chosen(evidence: Evidence) -> Callout:
    chosen = say(
        "For each class the {n} constructs in which it is furthest behind (for the best in class: those with most room "
        "left), of those that pass both tests above and the practice that it lacks most."
        if has_values(evidence.practices)
        else "For each class the {n} constructs in which it is furthest behind (for the best in class: those with most "
        "room left), of those that pass both tests above.",
        n=CONSTRUCT_STEPS,
    )
    tested = say(
        "The steps are common sense tied to what was measured: nobody has tested them on these companies."
    )
    return Callout("definition", say("How these steps were chosen"), f"{chosen} {tested}")


def _steps(evidence: Evidence, clear: pd.DataFrame, group: str) -> Iterator[Block]:
    """Three steps for the companies of a class, why, and how to know that they worked."""
    heading, standing = CLASS_HEADINGS[group]
    rows = [*_construct_rows(evidence, clear, group, standing)][:CONSTRUCT_STEPS]
    rows += [*_practice_rows(evidence, group)][: ALL_STEPS - len(rows)]
    if not rows:
        return
    yield Heading(look_up(heading))
    columns = (
        Column("what", "About"),
        Column("found", "What was found"),
        Column("why", "Why it matters"),
        Column("step", "First step"),
        Column("worked", "How to know that it worked"),
    )
    companies = evidence.classes["outcomes"].frame.query("`class` == @group")["company"].nunique()
    yield Table(
        f"steps-{group.replace(' ', '-')}", _caption(group, len(rows)), pd.DataFrame(rows), columns,
        base(evidence, companies, when=f"{look_up(group)}, {all_waves(evidence)}"),
    )  # fmt: skip


def _caption(group: str, steps: int) -> str:
    if steps < ALL_STEPS:
        if group == "laggard":
            return say("Steps for laggards")
        return say("Steps for average companies" if group == "average" else "Steps for the best in class")
    if group == "laggard":
        return say("Three steps for laggards")
    return say(
        "Three steps for average companies" if group == "average" else "Three steps for the best in class"
    )


def _construct_rows(
    evidence: Evidence, clear: pd.DataFrame, group: str, standing: Standing
) -> Iterator[dict[str, str]]:
    """Constructs in which the class has most ground to make up, the furthest behind first."""
    means = evidence.class_means[evidence.class_means["basis"] == "outcomes"]
    rows = {
        str(name): part.set_index("variable")
        for name, part in means[means["variable"].isin(clear["variable"])].groupby("class")
    }
    of = {name: part["estimate"] for name, part in rows.items()}
    if group not in of or "best in class" not in of:
        return
    behind = (100 - of[group]) if standing == "strong" else of["best in class"] - of[group]
    known = {row["variable"]: row for row in clear.to_dict("records")}
    for variable in map(str, behind.dropna().sort_values(ascending=False).index):
        level, best = (_bounded(rows[name], variable, "points") for name in (group, "best in class"))
        row = known[variable]
        if standing == "strong":
            room = number_text(behind[variable], "points")
            told = say("{level} on average: {size} of room", level=level, size=room)
        elif standing == "weak":
            away = interval_text(row["distance"], row["distance_low"], row["distance_high"], "points")
            told = say("{level} on average, behind the best by {away}", level=level, away=away)
        else:
            told = say("{level} on average, the best {best}", level=level, best=best)
        said = advice(
            variable, evidence.panel.instrument, standing=standing, language=evidence.facts.language
        )
        if said is not None:
            yield _row(str(row["label"]), told, said)


def _practice_rows(evidence: Evidence, group: str) -> Iterator[dict[str, str]]:
    """Capabilities that the class lacks most: against the best, or, for these, that fewest of them have."""
    table = evidence.practices
    if not has_values(table):
        return
    rated = table[table["frame"] == "capability"]
    own, best = (rated[rated["class"] == name].set_index("practice") for name in (group, "best in class"))
    behind = (100 if group == "best in class" else best["estimate"]) - own["estimate"]
    lacking = behind.dropna().sort_values(ascending=False)
    for practice in map(str, lacking.index):
        told = say("{share} have it in place", share=_bounded(own, practice, "percent"))
        if group != "best in class":
            told += say("; of the best in class {share}", share=_bounded(best, practice, "percent"))
        said = advice(practice, evidence.panel.instrument, language=evidence.facts.language)
        if said is not None and (group == "best in class" or lacking[practice] > 0):
            yield _row(title_of(practice, evidence.panel), told, said)


def _bounded(rows: pd.DataFrame, name: str, unit: Unit) -> str:
    """Write the estimate of a row of a table with its interval."""
    estimate, low, high = rows.loc[[name], ["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float)[0]
    return interval_text(estimate, low, high, unit)


def _row(what: str, found: str, said: Advice) -> dict[str, str]:
    return {"what": what, "found": found, "why": said.why, "step": said.step, "worked": said.worked}


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
    outcome = next(fit.specification.outcome for fit in evidence.fits if fit.specification.declared)
    title = say(
        "In this sample {outcome} rises most steeply with {construct}",
        outcome=in_sentence(title_of(outcome, evidence.panel)),
        construct=in_sentence(str(first["label"])),
    )
    if (others["importance_high"] > first["importance_low"]).any():
        title += say("; intervals overlap")
    said = say("{outcome} with 10 points more", outcome=title_of(outcome, evidence.panel))
    return render(
        lambda ax: priority_map(
            ax, rows, x_label=say("Laggards behind the best in class, points"),
            y_label=", ".join(filter(None, (said, slope_unit(evidence, outcome)))),
        ),
        id="priorities",
        title=title,
        alt="; ".join(
            say(
                "{construct}: {distance} points behind, {slope} points of growth", construct=row["label"],
                distance=number_text(row["distance"], "count"), slope=number_text(row["importance"], "number"),
            )
            for row in rows.to_dict("records")
        ),
        base=say(
            "Base: companies with an outcome, {waves}. One construct at a time, first declared model; exploratory. 95% "
            "intervals.", waves=all_waves(evidence),
        ),
        size=(6.8, 5.2),
        kind="priority_map",
    )  # fmt: skip
