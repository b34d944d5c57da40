"""Who did not answer, and whether it matters: the register, late answers, companies with one silent function."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from reports.documents.passages import all_waves, has_values, not_available, sentence_list, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Heading, Paragraph, Table
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from survey.language import digits, look_up, mark, say

CHANCE = 0.05

NOTABLE = 0.1
"""Standardised difference from which a fact is worth a look (Austin 2009)."""


def nonresponse(evidence: Evidence) -> list[Block]:
    """Say in words, with intervals, what can be known of those who did not answer; where nothing, why."""
    heading, why = Heading(say("Who did not answer, and does it matter?")), evidence.missing.why
    blocks: list[Block] = [heading, *_register(evidence)]
    if "late" in why and why["late"] == why.get("silent"):
        title = say("Late answers, and companies with one silent function")
        return [*blocks, not_available(title, why["late"])]
    return [*blocks, *_late(evidence), *_silent(evidence)]


def _register(evidence: Evidence) -> list[Block]:
    title, found = say("The companies that did not answer"), evidence.missing
    if found.register.empty:
        return [not_available(title, found.why["register"])]
    rows = found.register
    answered, silent = (int(rows[name].max()) for name in ("n_answered", "n_silent"))
    total = answered + silent
    said = say(
        "Of the {total} companies on the study's list {answered} ({share}) answered in {wave}.",
        total=number_text(total, "count"),
        answered=number_text(answered, "count"),
        share=number_text(100 * answered / total, "percent", n=total),
        wave=evidence.facts.latest,
    )
    return [Paragraph(f"{said} {_widest(rows, found.tests)}"), _register_table(evidence)]


def _widest(rows: pd.DataFrame, tests: pd.DataFrame) -> str:
    """Say in which fact those that answered differ most from the others."""
    known = rows.dropna(subset=["standardised_difference"])
    if known.empty:
        return say("Whether they differ from the others in what the list says of them cannot be shown.")
    row = known.iloc[int(known["standardised_difference"].abs().argmax())]
    size = number_text(abs(row["standardised_difference"]), "ratio")
    if abs(row["standardised_difference"]) < NOTABLE:
        return say(
            "In what the list says they hardly differ from the others: by {size} standard deviations at most.",
            size=size,
        )
    what, p = _what_differs(row), _beyond_chance(str(row["variable"]), tests)
    if p.empty or p.iloc[0] < CHANCE:
        return say(
            "They differ most from the others in {what}: {size} standard deviations, where 0.1 is worth a look.",
            what=what,
            size=size,
        )
    return say(
        "They differ most from the others in {what}: {size} standard deviations, where 0.1 is worth a look, but within "
        "chance (p {p}).",
        what=what,
        size=size,
        p=number_text(p.iloc[0], "p_value"),
    )


def _what_differs(row: "pd.Series[Any]") -> str:
    if row["category"] == "mean":
        return say(
            "{fact}, on average {answered} against {silent}",
            fact=look_up(str(row["variable"])),
            answered=digits(row["answered"], ".3g"),
            silent=digits(row["silent"], ".3g"),
        )
    return say(
        "{category} ({fact}), {answered} of them against {silent} of the others",
        category=row["category"],
        fact=look_up(str(row["variable"])),
        answered=number_text(row["answered"], "percent"),
        silent=number_text(row["silent"], "percent"),
    )


def _beyond_chance(variable: str, tests: pd.DataFrame) -> "pd.Series[float]":
    """Return the p value of the test of a fact, if there is one."""
    if tests.empty:
        return pd.Series(dtype="float64")
    return tests.loc[tests["variable"] == variable, "p_value"].dropna()


def _register_table(evidence: Evidence) -> Table:
    rows = evidence.missing.register
    shown = rows.assign(
        fact=[_fact(str(name)) for name in rows["variable"]],
        category=rows["category"].mask(rows["category"] == "mean", say("mean (a number)")),
    )
    columns = (
        Column("category", "Segment"),
        Column("answered", "Of those that answered", "number", reason="note"),
        Column("silent", "Of those that did not", "number", reason="note"),
        Column("response_rate", "Response rate", "percent", reason="note"),
        Column("standardised_difference", "Standardised difference", "ratio", reason="note"),
        Column("n", "Companies that answered", "count"),
    )
    notes = (
        say("Per cent of the companies on either side, or the mean of a number."),
        *(_test_text(row) for row in evidence.missing.tests.to_dict("records")),
    )
    total = number_text(rows["n_answered"].max() + rows["n_silent"].max(), "count")
    base = say("Base: {n} companies of the study's list, {wave}.", n=total, wave=evidence.facts.latest)
    caption = say("Companies that answered and companies that did not")
    return Table("register", caption, shown, columns, base, notes, group="fact")


def _fact(name: str) -> str:
    return look_up(name).capitalize()


def _test_text(row: Mapping[Hashable, Any]) -> str:
    name = _fact(str(row["variable"]))
    if pd.isna(row["p_value"]):
        return say("{fact}: no test, {why}.", fact=name, why=row["note"] or say("too few companies to show"))
    note = f" ({row['note']})" if row["note"] else ""
    return f"{name}: {look_up(row['test'])}, p {number_text(row['p_value'], 'p_value')}{note}."


def _late(evidence: Evidence) -> list[Block]:
    title, found = say("Late against early answers"), evidence.missing
    if found.late.empty:
        return [not_available(title, found.why["late"])]
    rows = with_titles(found.late, evidence)
    now = rows[(rows["variable"] == "alignment") & (rows["wave"] == evidence.facts.latest)]
    if not has_values(now):
        reason = str(now["note"].iloc[0]) if len(now) else ""
        return [not_available(title, reason or say("too few companies answered early or late"))]
    row = now.iloc[0]
    said = say(
        "Late answers are taken to resemble those that never came, which is an assumption (Armstrong and Overton "
        "1977). In {wave} the last to answer differ from the first by {gap} on {index}: {verdict}.",
        wave=evidence.facts.latest,
        gap=interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference"),
        index=in_sentence(title_of("alignment", evidence.panel)),
        verdict=look_up(VERDICTS[str(row["verdict"])]).format(margin=digits(found.margin, "g")),
    )
    return [Paragraph(f"{said} {_open_constructs(rows)}".strip()), _late_table(rows, evidence)]


EQUIVALENT, SMALL = mark("equivalent"), mark("different, but by less than the margin")

VERDICTS = {
    EQUIVALENT: mark("less than the {margin} points that would not matter, beyond chance"),
    SMALL: mark("different beyond chance, but by less than the {margin} points that would not matter"),
    mark("different"): mark(
        "different beyond chance, and perhaps by more than the {margin} points that would not matter"
    ),
    mark("open"): mark("whether this is less than the {margin} points that would not matter is open"),
}
"""What is known of a difference, beside the margin that would not matter."""


def _open_constructs(rows: pd.DataFrame) -> str:
    single = rows[(rows["variable"] != "alignment") & rows["estimate"].notna()]
    if single.empty:
        return ""
    settled = int(single["verdict"].isin([EQUIVALENT, SMALL]).sum())
    return say(
        "On {n} of {of} constructs the difference is less than that beyond chance.", n=settled, of=len(single)
    )


def _late_table(rows: pd.DataFrame, evidence: Evidence) -> Table:
    shown = rows.assign(
        verdict=rows["verdict"].where(rows["estimate"].notna(), ""),
        why=rows["note"].where(rows["note"] != "", say("too few companies to show")),
    )
    columns = (
        Column("label", "What"),
        Column("wave", "Wave", "year"),
        Column("early", "First to answer", "points", reason="why"),
        Column("late", "Last to answer", "points", reason="why"),
        Column("estimate", "Late minus early", "difference", "conf_low", "conf_high", reason="why"),
        Column("verdict", "Verdict"),
        Column("n", "Respondents", "count"),
    )
    margin = digits(evidence.missing.margin, "g")
    notes = (
        say(
            "Equivalent: two one-sided tests exclude that the difference is {margin} points or more (90% interval "
            "within the margin, which is the study's own)."
            if evidence.missing.margin_declared
            else "Equivalent: two one-sided tests exclude that the difference is {margin} points or more (90% interval "
            "within the margin, which is the default, not declared by the study).",
            margin=margin,
        )
        + " "
        + say(
            "Open: neither that nor a difference is certain. First and last: the same share of each wave's "
            "respondents. Companies are clusters."
        ),
    )
    base = say("Base: respondents who say when they began, {waves}.", waves=all_waves(evidence))
    caption = say("The last to answer against the first")
    return Table("early-late", caption, shown, columns, base, notes)


def _silent(evidence: Evidence) -> list[Block]:
    title, found = say("Companies in which one function was silent"), evidence.missing
    if found.silent.empty:
        return [not_available(title, found.why["silent"])]
    rows = found.silent.assign(
        label=[say("Only {function} answered", function=look_up(name)) for name in found.silent["function"]],
        why=found.silent["note"].where(found.silent["note"] != "", say("too few companies to show")),
    )
    index = in_sentence(title_of("alignment", evidence.panel))
    said = " ".join(
        (
            _counts(rows),
            _silent_text(rows, index),
            say("Gaps and the index stand on companies with both."),
        )
    )
    columns = (
        Column("label", "Companies"),
        Column("alone", "There", "points", reason="why"),
        Column("both", "Where both answered", "points", reason="why"),
        Column("estimate", "Difference", "difference", "conf_low", "conf_high", reason="why"),
        Column("n_alone", "Companies with one function", "count"),
        Column("n_both", "Companies with both", "count"),
    )
    base = say("Base: companies of {wave}; means of the function that answered.", wave=evidence.facts.latest)
    caption = say("How the same function rates {index} where the other is silent", index=index)
    return [Paragraph(said), Table("silent-functions", caption, rows, columns, base)]


def _counts(rows: pd.DataFrame) -> str:
    """Say in how many companies both functions answered, and in how many one of them."""
    counts = [
        say(
            "in {n} only {function}",
            n=number_text(row["n_alone"], "count"),
            function=look_up(row["function"]),
        )
        for row in rows.to_dict("records")
    ]
    both = number_text(rows["n_both"].max(), "count")
    return say("Both functions answered in {n} companies, {others}.", n=both, others=sentence_list(counts))


def _silent_text(rows: pd.DataFrame, index: str) -> str:
    """Say how a function rates where the other is silent, as far as it can be shown."""
    told = [
        say(
            "Where {silent} is silent, {function} rates {index} {difference} against where it is not.",
            silent=look_up(row["silent"]),
            function=look_up(row["function"]),
            index=index,
            difference=interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference"),
        )
        for row in rows[rows["conf_low"].notna()].to_dict("records")
    ]
    return " ".join(told) or say("Those with one are too few to be compared with the others.")
