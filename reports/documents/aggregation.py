"""Whether answers of people may stand for their company: the verdict per construct, and what companies get."""

import pandas as pd

from analysis.measure.aggregation_verdicts import UNTOLD
from analysis.measure.icc import FEWEST_COMPANIES
from reports.documents.agreement import base_of_pairs
from reports.documents.one_number import one_number
from reports.documents.passages import grouped, in_functions, not_available, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Heading, Paragraph, Table
from reports.tables import number_text
from reports.titles import in_sentence
from survey.language import look_up, mark, say

VERDICTS = (mark("yes"), mark("with care"), mark("no"), mark("cannot be said"))
"""From the best to what nobody can say."""

ACTIONS = {
    "kept": mark("Of those with a no: they stay, without a mark."),
    "flagged": mark("Of those with a no: they stay, and companies.csv marks them."),
    "set aside": mark("Of those with a no: they are set aside: no benchmark or model counts them."),
}
"""What becomes of companies whose informants do not agree."""


def aggregation(evidence: Evidence) -> list[Block]:
    """Show the verdicts of the latest wave; nothing where there are no answers of people."""
    rows = evidence.aggregation
    if rows.empty:
        return []
    now = rows[rows["wave"] == evidence.facts.latest]
    title = say("May answers stand for the company?")
    if (now["verdict"] == VERDICTS[-1]).all():
        return [not_available(title, in_sentence(" ".join(dict.fromkeys(now["reasons"])).rstrip(".")))]
    return [
        Heading(title),
        Paragraph(_companies(evidence)),
        _constructs(now, evidence),
        *one_number(evidence),
    ]


def _companies(evidence: Evidence) -> str:
    """Count companies by verdict, and say what is done about those that fail."""
    now = evidence.verdicts[evidence.verdicts["wave"] == evidence.facts.latest]
    counts = now["verdict"].value_counts()
    told = [
        say("{verdict} for {n}", verdict=look_up(verdict), n=number_text(counts[verdict], "count"))
        for verdict in VERDICTS
        if verdict in counts
    ]
    said = say(
        "An average of people says something of their company only where they agree with one another and companies "
        "differ. Asked of each company of {wave}, the answer is {counts}.",
        wave=evidence.facts.latest,
        counts="; ".join(told),
    )
    failing = now.loc[now["verdict"] == "no", "action"]
    return f"{said} {look_up(ACTIONS[failing.iloc[0]])}" if len(failing) else said


def _constructs(now: pd.DataFrame, evidence: Evidence) -> Table:
    shown = with_titles(now, evidence, key="construct").assign(
        agreeing=100 * now["agreeing"],
        who=now["function"].str.capitalize(),
        why=now["reasons"].map(_why),
    )
    shown["text"] = [
        number_text(needed, "count")
        if pd.notna(needed)
        else say("no number would do" if icc1 == 0 else "not known")
        for needed, icc1 in zip(now["needed"], now["icc1"], strict=True)
    ]
    columns = [
        Column("label", "Construct"),
        Column("verdict", "May they?"),
        Column("agreeing", "Companies that agree", "percent", n="n", reason="why"),
        Column("median_rwg_j", "Median rwg(j)", "ratio", reason="why"),
        Column("icc1", "ICC(1)", "ratio", reason="why"),
        Column("icc2", "ICC(2)", "ratio", reason="why"),
        Column("text", "Informants needed"),
        Column("n", "Companies with two informants or more", "count"),
    ]
    note = say(
        "Yes: informants of most companies agree, companies differ, and the mean of those who answered is reliable. "
        "With care: the first two hold, but the mean of so few is not reliable; companies.csv has the score shrunk "
        "towards the mean for that. No: the mean would be of nothing. The cut-offs stand under `aggregation` in the "
        "study file; informants needed are those that reach its ICC(2), in the function, by company. Negative ICCs are "
        "counted as 0, and fewer than {fewest} companies tell none unless they differ clearly.",
        fewest=FEWEST_COMPANIES,
    )
    return Table(
        "aggregation", say("May answers be averaged, construct by construct"), in_functions(shown), tuple(columns),
        base_of_pairs(evidence), (note,), group=grouped(shown),
    )  # fmt: skip


def _why(reasons: str) -> str:
    """Return the reason for which a number is absent, out of the sentences of a verdict."""
    _, _, said = reasons.rpartition(look_up(UNTOLD).partition("{why}")[0])
    return in_sentence((said or reasons).rstrip("."))
