"""The finding on where sales and marketing differ most, and whether both read the questions alike."""

import pandas as pd

from reports.alike import read_alike, too_small_to_count
from reports.certainty import Row, capped, companies, direction, interval
from reports.evidence import Evidence
from reports.report import Finding
from reports.tables import number_text
from reports.titles import in_sentence, title_of
from survey.language import say, say_n


def two_views(evidence: Evidence) -> Finding | None:
    """Where sales and marketing differ most."""
    gaps = evidence.gaps[evidence.gaps["estimate"].notna()] if len(evidence.gaps) else evidence.gaps
    if gaps.empty:
        return None
    every = len(gaps) == len(evidence.gaps)
    row = gaps.iloc[int(gaps["estimate"].abs().argmax())]
    clear = int(((gaps["conf_low"] > 0) | (gaps["conf_high"] < 0)).sum())
    return Finding(
        id="finding-views",
        value=number_text(abs(row["estimate"]), "count"),
        headline=views_headline(row, evidence)
        if clear
        else say(
            "Sales and marketing cannot be told apart on any construct"
            if every
            else "Sales and marketing cannot be told apart on any construct that may be shown"
        ),
        detail=say(
            "Marketing minus sales {interval}; {n} companies with both functions, {wave}.",
            interval=interval(row, "difference"),
            n=companies(row),
            wave=evidence.facts.latest,
        ),
        comparison=_differ_on(clear, gaps, evidence),
        certainty=capped(direction(row), "moderate"),
        caveat=_caveat(row, evidence, chosen=bool((gaps["estimate"].abs() < abs(row["estimate"])).any())),
        evidence="two-views",
    )


def _caveat(row: Row, evidence: Evidence, *, chosen: bool) -> str:
    parts = (
        say(
            "The construct was chosen because its gap is the largest, so its size is likely to be overstated."
        )
        if chosen
        else "",
        _read_alike(str(row["variable"]), evidence),
        say("A gap is not by itself a fault."),
    )
    return " ".join(filter(None, parts))


def views_headline(row: Row, evidence: Evidence) -> str:
    """Say which function rates a construct higher, and by how much."""
    return say(
        "Marketing rates {construct} {size} higher than sales does"
        if row["estimate"] > 0
        else "Sales rates {construct} {size} higher than marketing does",
        construct=in_sentence(title_of(str(row["variable"]), evidence.panel)),
        size=number_text(abs(row["estimate"]), "points"),
    )


def _read_alike(construct: str, evidence: Evidence) -> str:
    """Say whether both functions read the questions of a construct alike."""
    p = too_small_to_count(evidence, "function").get(construct)
    match read_alike(evidence, "function", pd.Series([construct])).iloc[0]:
        case "alike" if p is not None:
            return say(
                "Both functions read its questions alike. The test finds a difference in how they read them all the "
                "same (p {p}), too small for the usual cut-offs to count.",
                p=number_text(p, "p_value"),
            )
        case "alike":
            return say("Both functions read its questions alike.")
        case "mostly alike" if p is not None:
            return say(
                "Both functions read most of its questions alike. The test finds a further difference beside those (p "
                "{p}), too small for the usual cut-offs to count.",
                p=number_text(p, "p_value"),
            )
        case "mostly alike":
            return say("Both functions read most of its questions alike.")
        case "not alike":
            return say(
                "The functions do not read its questions alike: part of the gap may be one of language."
            )
    return say("Whether both functions read its questions alike could not be tested.")


def _differ_on(clear: int, gaps: pd.DataFrame, evidence: Evidence) -> str:
    """Count the constructs on which the functions differ, and those of which a gap may be one of language."""
    apart = int((read_alike(evidence, "function", gaps["variable"]) == "not alike").sum())
    told = say_n(
        len(gaps),
        "The functions differ beyond chance on {clear} of {n} construct.",
        "The functions differ beyond chance on {clear} of {n} constructs.",
        clear=clear,
        n=len(gaps),
    )
    unlike = say("They do not read {apart} of these {n} alike.", apart=apart, n=len(gaps)) if apart else ""
    return " ".join(filter(None, (told, unlike)))
