"""Who did not answer, and whether it matters: the register, late answers, companies with one silent function."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from reports.documents.passages import all_waves, has_values, not_available, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Heading, Paragraph, Table
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of

CHANCE = 0.05

NOTABLE = 0.1
"""Standardised difference from which a fact is worth a look (Austin 2009)."""


def nonresponse(evidence: Evidence) -> list[Block]:
    """Say in words, with intervals, what can be known of those who did not answer; where nothing, why."""
    heading, why = Heading("Who did not answer, and does it matter?"), evidence.missing.why
    blocks: list[Block] = [heading, *_register(evidence)]
    if "late" in why and why["late"] == why.get("silent"):
        return [*blocks, not_available("Late answers, and companies with one silent function", why["late"])]
    return [*blocks, *_late(evidence), *_silent(evidence)]


def _register(evidence: Evidence) -> list[Block]:
    title, found = "The companies that did not answer", evidence.missing
    if found.register.empty:
        return [not_available(title, found.why["register"])]
    rows = found.register
    answered, silent = (int(rows[name].max()) for name in ("n_answered", "n_silent"))
    total = answered + silent
    share = number_text(100 * answered / total, "percent", n=total)
    said = (
        f"Of the {number_text(total, 'count')} companies on the study's list {number_text(answered, 'count')} "
        f"({share}) answered in {evidence.facts.latest}. {_widest(rows, found.tests)}"
    )
    return [Paragraph(said), _register_table(evidence)]


def _widest(rows: pd.DataFrame, tests: pd.DataFrame) -> str:
    """Say in which fact those that answered differ most from the others."""
    known = rows.dropna(subset=["standardised_difference"])
    if known.empty:
        return "Whether they differ from the others in what the list says of them cannot be shown."
    row = known.iloc[int(known["standardised_difference"].abs().argmax())]
    size = number_text(abs(row["standardised_difference"]), "ratio")
    if abs(row["standardised_difference"]) < NOTABLE:
        return f"In what the list says they hardly differ from the others: by {size} standard deviations at most."
    if row["category"] == "mean":
        what = f"{row['variable']}, on average {row['answered']:.3g} against {row['silent']:.3g}"
    else:
        shares = [number_text(row[name], "percent") for name in ("answered", "silent")]
        what = f"{row['category']} ({row['variable']}), {shares[0]} of them against {shares[1]} of the others"
    return (
        f"They differ most from the others in {what}: {size} standard deviations, where 0.1 is worth a look"
        f"{_within_chance(str(row['variable']), tests)}."
    )


def _within_chance(variable: str, tests: pd.DataFrame) -> str:
    """Say that the largest of several differences is no more than chance would make it."""
    p = (
        tests.loc[tests["variable"] == variable, "p_value"].dropna()
        if len(tests)
        else pd.Series(dtype="float64")
    )
    if p.empty or p.iloc[0] < CHANCE:
        return ""
    return f", but within chance (p {number_text(p.iloc[0], 'p_value')})"


def _register_table(evidence: Evidence) -> Table:
    rows = evidence.missing.register
    shown = rows.assign(
        fact=rows["variable"].str.capitalize(),
        category=rows["category"].mask(rows["category"] == "mean", "mean (a number)"),
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
        "Per cent of the companies on either side, or the mean of a number.",
        *(_test_text(row) for row in evidence.missing.tests.to_dict("records")),
    )
    total = number_text(rows["n_answered"].max() + rows["n_silent"].max(), "count")
    base = f"Base: {total} companies of the study's list, {evidence.facts.latest}."
    caption = "Companies that answered and companies that did not"
    return Table("register", caption, shown, columns, base, notes, group="fact")


def _test_text(row: Mapping[Hashable, Any]) -> str:
    name = str(row["variable"]).capitalize()
    if pd.isna(row["p_value"]):
        return f"{name}: no test, {row['note'] or 'too few companies to show'}."
    note = f" ({row['note']})" if row["note"] else ""
    return f"{name}: {row['test']}, p {number_text(row['p_value'], 'p_value')}{note}."


def _late(evidence: Evidence) -> list[Block]:
    title, found = "Late against early answers", evidence.missing
    if found.late.empty:
        return [not_available(title, found.why["late"])]
    rows = with_titles(found.late, evidence)
    now = rows[(rows["variable"] == "alignment") & (rows["wave"] == evidence.facts.latest)]
    if not has_values(now):
        reason = str(now["note"].iloc[0]) if len(now) else ""
        return [not_available(title, reason or "too few companies answered early or late")]
    row = now.iloc[0]
    index = in_sentence(title_of("alignment", evidence.panel))
    gap = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference")
    said = (
        "Late answers are taken to resemble those that never came, which is an assumption (Armstrong and Overton "
        f"1977). In {evidence.facts.latest} the last to answer differ from "
        f"the first by {gap} on {index}: {_verdict(str(row['verdict']), found.margin)}. {_open_constructs(rows)}"
    )
    return [Paragraph(said.strip()), _late_table(rows, evidence)]


def _verdict(verdict: str, margin: float) -> str:
    within = f"the {margin:g} points that would not matter"
    return {
        "equivalent": f"less than {within}, beyond chance",
        "different": f"different beyond chance, and perhaps by more than {within}",
        "different, but by less than the margin": f"different beyond chance, but by less than {within}",
        "open": f"whether this is less than {within} is open",
    }[verdict]


def _open_constructs(rows: pd.DataFrame) -> str:
    single = rows[(rows["variable"] != "alignment") & rows["estimate"].notna()]
    settled = int(single["verdict"].isin(["equivalent", "different, but by less than the margin"]).sum())
    if single.empty:
        return ""
    return f"On {settled} of {len(single)} constructs the difference is less than that beyond chance."


def _late_table(rows: pd.DataFrame, evidence: Evidence) -> Table:
    shown = rows.assign(
        verdict=rows["verdict"].where(rows["estimate"].notna(), ""),
        why=rows["note"].where(rows["note"] != "", "too few companies to show"),
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
    declared = (
        "the study's own" if evidence.missing.margin_declared else "the default, not declared by the study"
    )
    notes = (
        f"Equivalent: two one-sided tests exclude that the difference is {evidence.missing.margin:g} points or more "
        f"(90% interval within the margin, which is {declared}). Open: neither that nor a difference is certain. "
        "First and last: the same share of each wave's respondents. Companies are clusters.",
    )
    base = f"Base: respondents who say when they began, {all_waves(evidence)}."
    caption = "The last to answer against the first"
    return Table("early-late", caption, shown, columns, base, notes)


def _silent(evidence: Evidence) -> list[Block]:
    title, found = "Companies in which one function was silent", evidence.missing
    if found.silent.empty:
        return [not_available(title, found.why["silent"])]
    rows = found.silent.assign(
        label=[f"Only {name} answered" for name in found.silent["function"]],
        why=found.silent["note"].where(found.silent["note"] != "", "too few companies to show"),
    )
    counts = [
        f"in {number_text(row['n_alone'], 'count')} only {row['function']}" for row in rows.to_dict("records")
    ]
    index = in_sentence(title_of("alignment", evidence.panel))
    said = (
        f"Both functions answered in {number_text(rows['n_both'].max(), 'count')} companies, {' and '.join(counts)}. "
        f"{_silent_text(rows, index)} Gaps and the index stand on companies with both."
    )
    columns = (
        Column("label", "Companies"),
        Column("alone", "There", "points", reason="why"),
        Column("both", "Where both answered", "points", reason="why"),
        Column("estimate", "Difference", "difference", "conf_low", "conf_high", reason="why"),
        Column("n_alone", "Companies with one function", "count"),
        Column("n_both", "Companies with both", "count"),
    )
    base = f"Base: companies of {evidence.facts.latest}; means of the function that answered."
    caption = f"How the same function rates {index} where the other is silent"
    return [Paragraph(said), Table("silent-functions", caption, rows, columns, base)]


def _silent_text(rows: pd.DataFrame, index: str) -> str:
    """Say how a function rates where the other is silent, as far as it can be shown."""
    told = [
        f"Where {row['silent']} is silent, {row['function']} rates {index} "
        f"{interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'difference')} against where it is not."
        for row in rows[rows["conf_low"].notna()].to_dict("records")
    ]
    return " ".join(told) or "Those with one are too few to be compared with the others."
