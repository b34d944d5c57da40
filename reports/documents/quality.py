"""How carefully people answered, and how far the headlines depend on whom that leaves out."""

from collections.abc import Iterator

import pandas as pd

from reports.alike import means_warning
from reports.documents.passages import not_available
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.movement import movement
from reports.provenance import ONE_BY_ONE
from reports.report import Block, Column, Figure, Heading, Table, Unit
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from survey.careless_rules import CUTS
from survey.cleaning_log import rule_said
from survey.language import digits, look_up, mark, say

UNITS: dict[str, Unit] = {
    "adequate": "percent",
    "alignment": "points",
    "gap": "difference",
    "best": "difference",
    "growth": "slope",
}
"""How the headlines are written, in their order."""

RULES = {
    "declared": mark("As declared"),
    "none": mark("None"),
    "lenient": mark("Lenient"),
    "standard": mark("Standard"),
    "strict": mark("Strict"),
}
"""Rungs of the ladder as the reader sees them."""


def quality(evidence: Evidence) -> list[Block]:
    """Flags of careless answering, and every headline under a ladder of exclusion rules."""
    title = say("How people answered")
    if evidence.flagged.empty:
        return [not_available(title, say("the study starts from scores, not from answers of people"))]
    blocks: list[Block] = [Heading(title), _flags(evidence)]
    ladder = evidence.ladder.assign(label=[_label(name, evidence) for name in evidence.ladder["headline"]])
    others = ladder[(ladder["rung"] != "declared") & ladder["moved"].notna()]
    if len(others):
        blocks.append(_figure(others))
    return [*blocks, _table(ladder, evidence)]


def _label(headline: str, evidence: Evidence) -> str:
    index = title_of("alignment", evidence.panel)
    return {
        "adequate": say("Adequately aligned"),
        "alignment": say("{index}, mean", index=index),
        "gap": say("{index}, marketing minus sales", index=index),
        "best": say("{index}, best in class less laggards", index=index),
        "growth": say("Outcome that goes with 10 points more"),
    }[headline]


def _flags(evidence: Evidence) -> Table:
    meaning = {name: look_up(cut.meaning) for name, cut in CUTS.items()}
    meaning |= {"attention": say("a failed attention check")}
    told = evidence.flagged["index"].map(meaning)
    rows = evidence.flagged.assign(meaning=told.str[:1].str.upper() + told.str[1:])
    unknown = told[(rows["known"] == 0) & (rows["index"] != "attention")]
    # Where the rules drop whoever failed a check, nobody with this sign is left to be flagged.
    shown = rows[(rows["known"] > 0) & ((rows["index"] != "attention") | (rows["n"] > 0))]
    judged = number_text(rows["known"].max(), "count")
    columns = (
        Column("meaning", "Sign of careless answering"),
        Column("known", "Respondents it is known of", "count"),
        Column("n", "Flagged", "count"),
        Column("share", "Share", "percent", n="known"),
        Column("dropped", "Of these left out for it", "count"),
    )
    notes = [
        say(
            "One sign alone proves little: careful people show some of them by chance. The cut-offs stand under "
            "“How answers were cleaned”."
        ),
        *_left_out_before(evidence),
    ]
    if evidence.panel.instrument.scored_by == "interviewer":
        notes.append(
            say(
                "The scores are an interviewer's: the signs tell of the interviewer as well as of the informant."
            )
        )
    if len(unknown):
        notes.append(say("These data cannot show: {signs}.", signs="; ".join(unknown)))
    base = say("Base: {n} respondents at most, all waves. A respondent may show several signs.", n=judged)
    return Table("careless", say("Signs of careless answering"), shown, columns, base, tuple(notes))


def _left_out_before(evidence: Evidence) -> Iterator[str]:
    """Say how many were not judged because another rule on how people answered had left them out."""
    gone = evidence.reasons[evidence.reasons["action"] == "dropped"].set_index("rule")["n"]
    for rule, n in gone[gone.index.str.startswith(("failed attention", "answered less"))].items():
        yield say(
            "Left out before, and not counted here: {n} ({rule}).",
            n=number_text(n, "count"),
            rule=rule_said(str(rule)),
        )


def _figure(rows: pd.DataFrame) -> Figure:
    drawn = rows.assign(rule=[look_up(RULES[rung]) for rung in rows["rung"]])
    low, high = (number_text(getattr(rows["respondents"], end)(), "count") for end in ("min", "max"))
    return render(
        lambda ax: movement(ax, drawn, label=say("Movement from the declared rules, in margins of error")),
        id="exclusions",
        title=_furthest(drawn),
        alt="; ".join(
            f"{row['label']}, {row['rule']}: {digits(row['moved'], '+z.2f')}" for row in drawn.to_dict("records")
        ),
        base=say(
            "Base: {low} to {high} respondents, by rule. The band is one margin of error: half the width of the 95% "
            "interval.",
            low=low, high=high,
        ),
        size=size_for(list(dict.fromkeys(drawn["label"])), per_row=3),
        kind="movement",
    )  # fmt: skip


def _furthest(drawn: pd.DataFrame) -> str:
    """Say how far the headline moves that moves furthest."""
    row = drawn.iloc[int(drawn["moved"].abs().argmax())]
    most = number_text(100 * abs(row["moved"]), "percent")
    if abs(row["moved"]) >= 1:
        return say(
            "{headline} moves by {most} of its margin of error under “{rule}”",
            headline=row["label"],
            most=most,
            rule=row["rule"],
        )
    return say(
        "No headline moves by more than {most} of its margin of error under any of these exclusion rules",
        most=most,
    )


def _table(ladder: pd.DataFrame, evidence: Evidence) -> Table:
    """One row per headline, one column per rule; numbers as text, for their units differ."""
    told = ladder.assign(
        text=[
            interval_text(
                row["estimate"], row["conf_low"], row["conf_high"], UNITS[row["headline"]], n=row["n"]
            )
            for row in ladder.to_dict("records")
        ]
    )
    frame = told.pivot_table("text", "label", "rung", aggfunc="first", sort=False).reset_index()
    people = ladder.drop_duplicates("rung").set_index("rung")["respondents"]
    last = {"label": say("Respondents kept"), **{rung: number_text(n, "count") for rung, n in people.items()}}
    frame = pd.concat([frame, pd.DataFrame([last])], ignore_index=True)
    columns = [Column(str(rung), RULES[str(rung)]) for rung in people.index]
    index = in_sentence(title_of("alignment", evidence.panel))
    notes = [
        say(
            "None keeps failed attention checks and short answers too. Lenient leaves out whoever shows three of the "
            "signs above, standard two, strict one; strict also wants 80% of the statements answered. Strict is there "
            "to show how far figures can move, not to be chosen: careful people too show one sign. Levels of {index} "
            "refer to {wave} under every rule.",
            index=index,
            wave=evidence.facts.latest,
        )
    ]
    if (ladder["headline"] == "gap").any() and (warned := means_warning(evidence, "function")):
        notes.append(warned)
    if ladder["estimate"].isna().any():
        notes.append(say("Not available: the rule leaves too few for this figure, or nobody."))
    return Table(
        "exclusion-ladder", say("Every headline under other exclusion rules"), frame,
        (Column("label", "Headline"), *columns),
        say("Source: {study}. 95% intervals.", study=evidence.facts.title), tuple(notes),
        models=tuple(fit.specification.name for fit in evidence.fits if fit.specification.declared)[:1],
        family=look_up(ONE_BY_ONE),
    )  # fmt: skip
