"""Sales and marketing of each company as two profiles: how far apart, in what, and how far beyond noise."""

from math import isfinite, sqrt

import pandas as pd

from analysis.measure.icc import FEWEST_COMPANIES
from reports.alike import means_warning, read_alike
from reports.documents.passages import not_available, sentence_list, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Heading, Paragraph, Table, Unit
from reports.tables import number_text

TITLES = {
    "d2": "Distance (D²)",
    "elevation": "of it elevation: one function rates all of it higher",
    "scatter": "of it scatter: one function tells constructs apart more",
    "shape": "of it shape: highs and lows lie elsewhere",
    "profile_r": "Profile correlation: the same highs and lows",
    "profile_icc": "Double-entry intraclass correlation: the same values",
}
"""Measures as the reader sees them; the first four are squared points summed over the constructs."""

CORRELATIONS = ("profile_r", "profile_icc")


def profiles(evidence: Evidence) -> list[Block]:
    """Summarise the profiles of the latest wave; every company's own are in profiles.csv."""
    found, heading = evidence.profiles, "Two profiles in one company"
    if found.measures.empty:
        return [not_available(heading, found.why)]
    row = found.measures[found.measures["measure"] == "d2"].iloc[0]
    if not isfinite(row["median"]):
        return [not_available(heading, str(row["note"]) or "too few companies to show")]
    return [
        Heading(heading),
        Paragraph(_words(row, len(evidence.panel.instrument.alignment_constructs))),
        *_measures(evidence),
        _differences(evidence),
    ]


def _words(row: pd.Series, constructs: int) -> str:
    apart = number_text(sqrt(row["median"] / constructs), "points")
    said = f"In the typical company the functions lie {apart} apart on a construct."
    if isfinite(row["corrected"]):
        own = number_text(sqrt(row["corrected"] / constructs), "points")
        clear = number_text(row["clear"], "percent", n=row["with_interval"])
        said += (
            f" Most of such a distance can be that few people were asked: without what that adds it is {own}. In "
            f"{clear} of the companies the interval of the distance leaves out 0; chance alone would give "
            f"{number_text(row['chance'], 'growth')}."
        )
    return f"{said} A single company's gap is to be read with its interval, in profiles.csv."


def _measures(evidence: Evidence) -> list[Block]:
    rows = evidence.profiles.measures
    shown = rows.assign(
        label=rows["measure"].map(TITLES), why=rows["note"].where(rows["note"] != "", "too few companies to show")
    )  # fmt: skip
    related = shown["measure"].isin(CORRELATIONS)
    base = f"Base: companies of {evidence.facts.latest} with people in both functions who scored every construct."
    notes = (
        "Median and quartiles of the companies. Without the noise: less what drawing few respondents adds, median. "
        "Clear: companies whose 95% interval leaves out 0, respondents drawn anew from all of the function; by chance, "
        "as many would where there is nothing, of correlations at most.",
        "In simulations with two to ten informants of each function 95 to 99% of the intervals hold the true value; "
        "scatter is clear less often than chance says where informants are few. Supposed is that answers spread as "
        "much in one company as in another.",
        *filter(None, (means_warning(evidence, "function"),)),
    )
    captions = (
        "How far the two profiles of a company lie apart, in squared points over all constructs",
        "How alike the two profiles of a company are, from −1 to 1",
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


def _below(rows: pd.DataFrame) -> str:
    """Name the constructs whose reliability was negative."""
    names = rows.loc[rows["below"].eq(True) & rows["estimate"].notna(), "label"].tolist()
    return f" ({sentence_list(names)})" if names else ""


def _differences(evidence: Evidence) -> Table:
    rows = with_titles(evidence.profiles.differences, evidence, key="construct")
    shown = rows.assign(why=rows["note"].where(rows["note"] != "", "too few companies to show"))
    shown["alike"] = read_alike(evidence, "function", shown["construct"])
    shown["label"] = shown["label"].mask(shown["construct"] == "gap", "All constructs together")
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
    notes = (
        "How far companies' gaps are more than noise (Johns 1981): 1 where they are all of it, 0 where companies with "
        "few informants would differ as much by chance; below 0.70 single companies should not be ranked by their gap. "
        "Counted as 0 where gaps are smaller than noise alone would make them"
        f"{_below(shown)}; fewer than {FEWEST_COMPANIES} companies tell none unless it is clear. The mean "
        "gap over all companies can be certain all the same.",
    )
    base = f"Base: companies of {evidence.facts.latest} with both functions."
    caption = "How reliable a single company's gap is, construct by construct"
    return Table("gap-reliability", caption, shown, columns, base, notes)
