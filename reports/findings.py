"""Findings: what the evidence says in a sentence, how sure that is, and the caveat that matters most."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import pandas as pd

from reports.alike import means_warning, read_alike, too_small_to_count
from reports.association import POINTS, associated, headline, slope_text
from reports.caveats import growth_caveats, rescaled_waves
from reports.comparisons import beside_published
from reports.evidence import Evidence
from reports.report import Certainty, Finding, Unit
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of

Row = Mapping[Any, Any] | pd.Series
"""One row of a result frame."""

SURE_COMPANIES = 100
"""Fewer companies than this never make a finding highly certain."""

LISTED = 6
"""Further models that a card names."""

CLOSE = {"percent": 6.0, "points": 3.0}
"""Half-width of an interval up to which a level counts as precise, by unit."""


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Return the findings that the evidence carries, the most asked-for first.

    A finding whose evidence does not exist is left out; `Evidence.absent` says why and the section it
    belongs to prints that.
    """
    makers: tuple[Callable[[Evidence], Finding | None], ...] = (
        adequate,
        level,
        two_views,
        best,
        target,
        growth,
    )
    return tuple(found for maker in makers if (found := maker(evidence)) is not None)


def adequate(evidence: Evidence) -> Finding | None:
    """How many call themselves adequately aligned, beside the published 37 per cent."""
    rows = evidence.adequacy
    rows = rows[rows["definition"] == "said"] if len(rows) else rows
    if rows.empty or not isfinite(rows.iloc[0]["estimate"]):
        return None
    row = rows.iloc[0]
    share = number_text(row["estimate"], "percent", n=row["n"])
    return Finding(
        id="finding-adequate",
        value=share,
        headline=f"On average, {share} of a company's informants call sales and marketing adequately aligned",
        detail=f"{_interval(row, 'percent')}; {_companies(row)}, {evidence.facts.latest}. {_of_whom(evidence)}",
        comparison=beside_published("MH37", evidence),
        certainty=_precision(row, "percent"),
        caveat="This is the share that a survey of one informant per company would find. People of one company "
        "disagree; other wordings and other cuts give other shares, as the section shows.",
        evidence="how-aligned",
    )


def level(evidence: Evidence) -> Finding | None:
    """Where the typical company stands."""
    table = evidence.norms
    table = table[(table["variable"] == "alignment") & (table["wave"] == evidence.facts.latest)]
    if table.empty or not isfinite(table.iloc[0]["median"]):
        return None
    row = table.iloc[0]
    index = title_of("alignment", evidence.panel)
    spread = f"The middle half lies between {row['p25']:.0f} and {row['p75']:.0f}."
    return Finding(
        id="finding-level",
        value=number_text(row["median"], "count"),
        headline=f"The typical company scores {number_text(row['median'], 'count')} of 100 on {in_sentence(index)}",
        detail=f"Median {interval_text(row['median'], row['median_low'], row['median_high'], 'points')}; "
        f"{_companies(row)}, {evidence.facts.latest}. {spread}",
        comparison=_change(evidence),
        certainty=_precision(row, "points", low="median_low", high="median_high"),
        caveat=_level_caveat(evidence),
        evidence="how-aligned",
    )


def two_views(evidence: Evidence) -> Finding | None:
    """Where sales and marketing differ most."""
    gaps = evidence.gaps
    if gaps.empty or gaps["estimate"].isna().all():
        return None
    row = gaps.iloc[int(gaps["estimate"].abs().argmax())]
    higher, lower = ("Marketing", "sales") if row["estimate"] > 0 else ("Sales", "marketing")
    construct = in_sentence(title_of(str(row["variable"]), evidence.panel))
    size = number_text(abs(row["estimate"]), "points")
    clear = int(((gaps["conf_low"] > 0) | (gaps["conf_high"] < 0)).sum())
    headline = f"{higher} rates {construct} {size} higher than {lower} does"
    if not clear:
        headline = "Sales and marketing cannot be told apart on any construct"
    return Finding(
        id="finding-views",
        value=number_text(abs(row["estimate"]), "count"),
        headline=headline,
        detail=f"Marketing minus sales {_interval(row, 'difference')}; {_companies(row)} with both functions, "
        f"{evidence.facts.latest}.",
        comparison=_differ_on(clear, gaps, evidence),
        certainty=_capped(_direction(row), "moderate"),
        caveat="The construct was chosen because its gap is the largest, so its size is likely to be overstated. "
        f"{_read_alike(str(row['variable']), evidence)} A gap is not by itself a fault.",
        evidence="two-views",
    )


def best(evidence: Evidence) -> Finding | None:
    """How the best differ from the last on the index."""
    row = _class_gap(evidence, "alignment")
    if row is None or row["circular"]:
        return None
    size = number_text(abs(row["estimate"]), "points")
    more = "more" if row["estimate"] >= 0 else "less"
    index = in_sentence(title_of("alignment", evidence.panel))
    return Finding(
        id="finding-best",
        value=number_text(row["estimate"], "difference").split()[0],
        headline=f"The best in class score {size} {more} on {index} than laggards"
        if row["conf_low"] > 0 or row["conf_high"] < 0
        else f"The best in class and laggards cannot be told apart on {index}",
        detail=f"{_interval(row, 'difference')}; {_companies(row)}, all waves.",
        comparison=f"Classes were {evidence.classes['outcomes'].label}, not on {index}.",
        certainty=_capped(_direction(row), "moderate"),
        caveat=f"The classes were cut on results. {_colouring(evidence)}",
        evidence="best-in-class",
    )


def _colouring(evidence: Evidence) -> str:
    """Say how results may colour the scores, by who gave them."""
    if evidence.panel.instrument.scored_by == "interviewer":
        return "An interviewer who knows that a company does well may score it better."
    return "That companies with better results rate themselves better may also be the result colouring the rating."


def target(evidence: Evidence) -> Finding | None:
    """Whether the best see work to do, beside the published 56 and 62 per cent."""
    table = evidence.targets
    if table.empty:
        return None
    by_class = {row["class"]: row for row in table.to_dict("records")}
    if not {"best in class", "laggard"} <= {
        name for name, row in by_class.items() if isfinite(row["estimate"])
    }:
        return None
    top, last = by_class["best in class"], by_class["laggard"]
    shares = [number_text(row["estimate"], "percent", n=row["n"]) for row in (top, last)]
    return Finding(
        id="finding-target",
        value=shares[0],
        headline=f"On average, {shares[0]} of the informants of the best in class call alignment a target for "
        f"improvement; {shares[1]} of those of laggards do",
        detail=f"Best in class {_interval(top, 'percent')}, laggards {_interval(last, 'percent')}; "
        f"{top['n']:.0f} and {last['n']:.0f} company-years. {_of_whom(evidence)}",
        comparison=beside_published("ABE07", evidence),
        certainty=_apart(top, last),
        caveat="Calling something a target is an intention. The classes were cut on results of the same companies.",
        evidence="target",
    )


def _of_whom(evidence: Evidence) -> str:
    """Say what a share of informants is of; the page of the finding says it in full."""
    known = evidence.panel.instrument.with_role("function") is not None
    within = (
        "the functions of a company count equally" if known else "the informants of a company count equally"
    )
    over = "companies equally" if evidence.weights is None else "companies by weight"
    return f"Of those who said yes or no, without “don't know”; {within}, {over}."


def growth(evidence: Evidence) -> Finding | None:
    """Whether the index goes with the outcome: no more than the weakest declared model allows."""
    found = associated(evidence)
    if found is None:
        return None
    caveats, main = growth_caveats(evidence), found.main
    others = [
        f"{fit.specification.name} {slope_text(fit, evidence)}" for fit in found.fits if fit is not main
    ]
    clear = sum(map(abs, found.directions))
    only = slope_text(main, evidence).split(" ")[0]
    return Finding(
        id="finding-growth",
        value=only if found.declared == 1 else f"{clear} of {found.declared}",
        headline=headline(found, evidence),
        detail=f"{main.specification.name}: {slope_text(main, evidence)} for {POINTS} points; "
        f"{number_text(main.companies, 'count')} companies, {number_text(main.n, 'count')} company-years.",
        comparison=_other_models(others),
        certainty="moderate" if found.carried and caveats[0][0] == "What this cannot show" else "low",
        caveat=caveats[0][1],
        evidence="growth",
    )


def _other_models(others: list[str]) -> str:
    """List the other declared models, as many as a card has room for."""
    if not others:
        return ""
    more = f"; {len(others) - LISTED} more in the section" if len(others) > LISTED else ""
    return f"Other declared models: {'; '.join(others[:LISTED])}{more}."


def _read_alike(construct: str, evidence: Evidence) -> str:
    """Say whether both functions read the questions of a construct alike."""
    p = too_small_to_count(evidence, "function").get(construct)
    tested = (
        "" if p is None else f"(p {number_text(p, 'p_value')}), too small for the usual cut-offs to count."
    )
    but = f" The test finds a difference in how they read them all the same {tested}" if tested else ""
    more = f" The test finds a further difference beside those {tested}" if tested else ""
    return {
        "alike": f"Both functions read its questions alike.{but}",
        "mostly alike": f"Both functions read most of its questions alike.{more}",
        "not alike": "The functions do not read its questions alike: part of the gap may be one of language.",
        "not tested": "Whether both functions read its questions alike could not be tested.",
    }[read_alike(evidence, "function", pd.Series([construct])).iloc[0]]


def _differ_on(clear: int, gaps: pd.DataFrame, evidence: Evidence) -> str:
    """Count the constructs on which the functions differ, and those of which a gap may be one of language."""
    said = f"The functions differ beyond chance on {clear} of {len(gaps)} constructs."
    apart = int((read_alike(evidence, "function", gaps["variable"]) == "not alike").sum())
    return f"{said} They do not read {apart} of these {len(gaps)} alike." if apart else said


def _class_gap(evidence: Evidence, variable: str) -> Row | None:
    table = evidence.class_gaps
    if table.empty:
        return None
    rows = table[
        (table["basis"] == "outcomes") & (table["variable"] == variable) & (table["contrast"] == "laggard")
    ]
    return None if rows.empty or pd.isna(rows.iloc[0]["estimate"]) else rows.iloc[0]


def _change(evidence: Evidence) -> str:
    table = evidence.changes
    if table.empty:
        return ""
    rows = table[(table["variable"] == "alignment") & (table["wave_to"] == evidence.facts.latest)]
    if rows.empty or not isfinite(rows.iloc[0]["estimate"]):
        return ""
    row = rows.iloc[0]
    change = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference")
    years = f"{row['wave_from']:.0f} and {row['wave_to']:.0f}"
    text = f"Between {years} the {row['n']:.0f} companies in both changed by {change}."
    if rescaled_waves(evidence, row["wave_from"], row["wave_to"]):
        text += " The scale of the answers changed between them, which alone can move scores."
    warned = means_warning(evidence, "wave")
    return f"{text} {warned}" if warned else text


def _level_caveat(evidence: Evidence) -> str:
    if "reliability" in evidence.panel.unavailable:
        return f"The error of one company's score is not known: {evidence.panel.unavailable['reliability']}."
    typical = evidence.panel.wave(evidence.facts.latest).frame["reliability"].median()
    return (
        f"A company's score rests on a few informants; half of the companies have a reliability below {typical:.2f} "
        "on a scale from 0 to 1."
    )


def _interval(row: Row, unit: Unit) -> str:
    return interval_text(row["estimate"], row["conf_low"], row["conf_high"], unit, n=row.get("n"))


def _companies(row: Row) -> str:
    count = row["companies"] if "companies" in row else row["n"]
    return f"{number_text(count, 'count')} companies"


def _precision(row: Row, unit: str, *, low: str = "conf_low", high: str = "conf_high") -> Certainty:
    """A level is highly certain if its interval is narrow and its base is not small."""
    half = (row[high] - row[low]) / 2
    if half <= CLOSE[unit] and row["n"] >= SURE_COMPANIES:
        return "high"
    return "moderate" if half <= 2 * CLOSE[unit] else "low"


def _direction(row: Row) -> Certainty:
    """A difference is highly certain if its interval leaves no doubt about the sign and the base is not small."""
    if not (row["conf_low"] > 0 or row["conf_high"] < 0):
        return "low"
    return "high" if row["companies"] >= SURE_COMPANIES else "moderate"


def _apart(a: Row, b: Row) -> Certainty:
    apart = a["conf_low"] > b["conf_high"] or a["conf_high"] < b["conf_low"]
    return "moderate" if apart else "low"


def _capped(found: Certainty, most: Certainty) -> Certainty:
    order: tuple[Certainty, ...] = ("low", "moderate", "high")
    return order[min(order.index(found), order.index(most))]
