"""Whether the numbers are solid: each construct against the field's cut-offs."""

import pandas as pd

from reports.documents.aggregation import aggregation
from reports.documents.invariance import invariance
from reports.documents.passages import not_available, with_titles
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap
from reports.report import Column, Section, Table
from reports.tables import number_text

CHECK_TITLES = {
    "alpha": "Items hang together (alpha)",
    "rwg_j": "Informants agree (median rwg(j))",
    "icc1": "Companies differ (ICC(1))",
    "icc2": "Company score is reliable (ICC(2))",
}


def is_it_measured(evidence: Evidence) -> Section:
    """Reliability and agreement per construct, in three levels."""
    question, name = "Are these numbers solid?", "measured"
    checks = evidence.checks
    if len(checks):
        checks = checks[checks["construct"].isin(evidence.panel.instrument.alignment_constructs)]
    if checks.empty or checks["value"].isna().all():
        reason = evidence.panel.unavailable.get("reliability", "there are no answers of several people")
        block = not_available("Checks of the measurement", reason)
        return Section(name, "The measurement cannot be checked", question, "", (block,))
    shown = with_titles(checks, evidence, key="construct")
    shown["check_title"] = shown["check"].map(CHECK_TITLES)
    shown["reason"] = shown["reason"].fillna("")
    shown["text"] = [number_text(value, "ratio") for value in shown["value"]]
    weak = shown[shown["level"] == "weak"]
    title = _measured_title(shown)
    cells = shown.assign(check=shown["check_title"])
    figure = render(
        lambda ax: heatmap(ax, cells),
        id="checks",
        title=f"{len(weak)} of {shown['level'].notna().sum()} checks fall short of the field's cut-offs",
        alt="Construct by check: "
        + "; ".join(
            f"{row['label']}, {row['check']}: {row['text']} ({row['level']})"
            for row in cells.to_dict("records")
        ),
        base=f"Base: respondents of {evidence.facts.latest}; the weaker function counts.",
        size=size_for(list(dict.fromkeys(cells["label"])), extra=1.5),
        data=_checks_table(shown, evidence),
        kind="heatmap",
    )
    lead = _measured_lead(evidence)
    return Section(name, title, question, lead, (figure, *invariance(evidence), *aggregation(evidence)))


def _measured_title(shown: pd.DataFrame) -> str:
    alpha = shown[(shown["check"] == "alpha") & shown["level"].notna()]
    company = shown[(shown["check"] == "icc2") & shown["level"].notna()]
    together = f"{int((alpha['level'] != 'weak').sum())} of {len(alpha)} constructs hang together"
    if company.empty:
        return f"{together}; how reliable one company's score is cannot be known"
    solid = int((company["level"] == "good").sum())
    return f"{together}; {solid} of {len(company)} reach .70 for one function of one company"


def _measured_lead(evidence: Evidence) -> str:
    if "reliability" in evidence.panel.unavailable:
        return (
            f"The reliability of a company's index is not known: {evidence.panel.unavailable['reliability']}."
        )
    typical = evidence.panel.wave(evidence.facts.latest).frame["reliability"].median()
    return (
        "Averages over many companies are solid even where single company scores are not. The index as a whole, "
        f"over all constructs and both functions, has a median reliability of {typical:.2f} for a single company."
    )


def _checks_table(shown: pd.DataFrame, evidence: Evidence) -> Table:
    columns = (
        Column("label", "Construct"),
        Column("check_title", "Check"),
        Column("value", "Value", "ratio", reason="reason"),
        Column("level", "Level", reason="reason"),
        Column("n", "Respondents or groups", "count"),
    )
    note = (
        "Cut-offs, good and fair: alpha .80, .70; rwg(j) .71, .51; ICC(1) .25, .10; ICC(2) .70, .50. "
        "Of the two functions the weaker one counts, with its respondents."
    )
    return Table(
        "checks-data",
        "Checks of the measurement",
        shown,
        columns,
        f"Base: respondents of {evidence.facts.latest}.",
        (note,),
    )
