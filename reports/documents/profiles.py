"""Sales and marketing of each company as two profiles: how far apart, in what, and how far beyond noise."""

from math import isfinite, sqrt

import pandas as pd

from analysis.measure.icc import FEWEST_COMPANIES
from reports.alike import means_warning, read_alike
from reports.documents.passages import not_available, sentence_list, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Heading, Paragraph, Table, Unit
from reports.tables import number_text
from survey.language import look_up, mark, say

TITLES = {
    "d2": mark("Distance (D²)"),
    "elevation": mark("of it elevation: one function rates all of it higher"),
    "scatter": mark("of it scatter: one function tells constructs apart more"),
    "shape": mark("of it shape: highs and lows lie elsewhere"),
    "profile_r": mark("Profile correlation: the same highs and lows"),
    "profile_icc": mark("Double-entry intraclass correlation: the same values"),
}
"""Measures as the reader sees them; the first four are squared points summed over the constructs."""

MEASURES_NOTE = mark(
    "Median and quartiles of the companies. Without the noise: less what drawing few respondents adds, median. "
    "Clear: companies whose 95% interval leaves out 0, respondents drawn anew from all of the function; by chance, "
    "as many would where there is nothing, of correlations at most."
)
INTERVALS_NOTE = mark(
    "In simulations with two to ten informants of each function 95 to 99% of the intervals hold the true value; "
    "scatter is clear less often than chance says where informants are few. Supposed is that answers spread as "
    "much in one company as in another."
)
TOO_FEW = mark("too few companies to show")

CORRELATIONS = ("profile_r", "profile_icc")


def profiles(evidence: Evidence) -> list[Block]:
    """Summarise the profiles of the latest wave; every company's own are in profiles.csv."""
    found, heading = evidence.profiles, say("Two profiles in one company")
    if found.measures.empty:
        return [not_available(heading, look_up(found.why))]
    row = found.measures[found.measures["measure"] == "d2"].iloc[0]
    if not isfinite(row["median"]):
        return [not_available(heading, look_up(str(row["note"]) or TOO_FEW))]
    return [
        Heading(heading),
        Paragraph(_words(row, len(evidence.panel.instrument.alignment_constructs))),
        *_measures(evidence),
        _differences(evidence),
    ]


def _words(row: pd.Series, constructs: int) -> str:
    apart = number_text(sqrt(row["median"] / constructs), "points")
    told = [say("In the typical company the functions lie {size} apart on a construct.", size=apart)]
    if isfinite(row["corrected"]):
        own = number_text(sqrt(row["corrected"] / constructs), "points")
        clear = number_text(row["clear"], "percent", n=row["with_interval"])
        told.append(
            say(
                "Most of such a distance can be that few people were asked: without what that adds it is {size}. In "
                "{clear} of the companies the interval of the distance leaves out 0; chance alone would give {chance}.",
                size=own,
                clear=clear,
                chance=number_text(row["chance"], "growth"),
            )
        )
    told.append(say("A single company's gap is to be read with its interval, in profiles.csv."))
    return " ".join(told)


def _why(rows: pd.DataFrame) -> pd.Series:
    """Why a value would be missing."""
    return rows["note"].where(rows["note"] != "", TOO_FEW).map(look_up)


def _measures(evidence: Evidence) -> list[Block]:
    rows = evidence.profiles.measures
    shown = rows.assign(
        label=rows["measure"].map(TITLES), why=_why(rows)
    )  # fmt: skip
    related = shown["measure"].isin(CORRELATIONS)
    base = say(
        "Base: companies of {wave} with people in both functions who scored every construct.",
        wave=evidence.facts.latest,
    )
    notes = (
        look_up(MEASURES_NOTE),
        look_up(INTERVALS_NOTE),
        *filter(None, (means_warning(evidence, "function"),)),
    )
    captions = (
        say("How far the two profiles of a company lie apart, in squared points over all constructs"),
        say("How alike the two profiles of a company are, from −1 to 1"),
    )
    distances, correlations = (part.reset_index(drop=True) for part in (shown[~related], shown[related]))
    return [
        Table("profile-distances", captions[0], distances, _measure_columns("count"), base, notes),
        Table(
            "profile-correlations",
            captions[1],
            correlations,
            _measure_columns("ratio"),
            base,
            (notes[0], *notes[2:]),
        ),
    ]


def _measure_columns(unit: Unit) -> tuple[Column, ...]:
    return (
        Column("label", "What"),
        Column("median", "Typical company", unit, reason="why"),
        Column("p25", "Lower quartile", unit, reason="why"),
        Column("p75", "Upper quartile", unit, reason="why"),
        Column("corrected", "Without the noise", unit, reason="why"),
        Column("clear", "Clear", "percent", n="with_interval", reason="why"),
        Column("chance", "Clear by chance", "growth", reason="why"),
        Column("n", "Companies", "count"),
    )


def _differences(evidence: Evidence) -> Table:
    rows = with_titles(evidence.profiles.differences, evidence, key="construct")
    shown = rows.assign(why=_why(rows))
    shown["alike"] = read_alike(evidence, "function", shown["construct"])
    shown["label"] = shown["label"].mask(shown["construct"] == "gap", say("All constructs together"))
    columns = (
        Column("label", "Construct"),
        Column("estimate", "Reliability of the gap", "ratio", "conf_low", "conf_high", reason="why"),
        Column("r_first", "Of sales' mean", "ratio", reason="why"),
        Column("r_second", "Of marketing's mean", "ratio", reason="why"),
        Column("correlation", "Correlation of the two", "ratio", reason="why"),
        Column("gap_sd", "True gaps spread by", "points", reason="why"),
        Column("n", "Companies", "count"),
        Column("alike", "Read alike?"),
    )
    below = sentence_list(shown.loc[shown["below"].eq(True) & shown["estimate"].notna(), "label"].tolist())
    note = say(
        "How far companies' gaps are more than noise (Johns 1981): 1 where they are all of it, 0 where companies with "
        "few informants would differ as much by chance; below 0.70 single companies should not be ranked by their gap. "
        "Counted as 0 where gaps are smaller than noise alone would make them ({below}); fewer than {fewest} companies "
        "tell none unless it is clear. The mean gap over all companies can be certain all the same."
        if below
        else "How far companies' gaps are more than noise (Johns 1981): 1 where they are all of it, 0 where companies "
        "with few informants would differ as much by chance; below 0.70 single companies should not be ranked by "
        "their gap. Counted as 0 where gaps are smaller than noise alone would make them; fewer than {fewest} "
        "companies tell none unless it is clear. The mean gap over all companies can be certain all the same.",
        below=below,
        fewest=FEWEST_COMPANIES,
    )
    base = say("Base: companies of {wave} with both functions.", wave=evidence.facts.latest)
    caption = say("How reliable a single company's gap is, construct by construct")
    return Table("gap-reliability", caption, shown, columns, base, (note,))
