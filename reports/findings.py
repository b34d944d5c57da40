"""Findings: what the evidence says in a sentence, how sure that is, and the caveat that matters most."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import pandas as pd

from reports.comparisons import beside_published
from reports.evidence import Evidence
from reports.report import Certainty, Finding, Unit
from reports.tables import interval_text, number_text
from reports.titles import title_of

Row = Mapping[Any, Any] | pd.Series
"""One row of a result frame."""

SURE_COMPANIES = 100
"""Fewer companies than this never make a finding highly certain."""

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
        headline=f"{share} of companies call their sales and marketing adequately aligned",
        detail=f"{_interval(row, 'percent')}; {_companies(row)}, {evidence.facts.latest}.",
        comparison=beside_published("MH37", evidence),
        certainty=_precision(row, "percent"),
        caveat="This is what people say of their own company. Other wordings and other cuts give other shares, "
        "as the section shows.",
        evidence="how-aligned",
    )


def level(evidence: Evidence) -> Finding | None:
    """Where the typical company stands."""
    table = evidence.norms
    table = table[(table["variable"] == "alignment") & (table["wave"] == evidence.facts.latest)]
    if table.empty:
        return None
    row = table.iloc[0]
    median = number_text(row["median"], "points")
    index = title_of("alignment", evidence.panel)
    spread = f"The middle half lies between {row['p25']:.0f} and {row['p75']:.0f}."
    return Finding(
        id="finding-level",
        value=number_text(row["median"], "count"),
        headline=f"The typical company scores {number_text(row['median'], 'count')} of 100 on {_lower(index)}",
        detail=f"Median {interval_text(row['median'], row['median_low'], row['median_high'], 'points')}; "
        f"{_companies(row)}, {evidence.facts.latest}. {spread}",
        comparison="" if not median else _change(evidence),
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
    construct = _lower(title_of(str(row["variable"]), evidence.panel))
    size = number_text(abs(row["estimate"]), "points")
    clear = int(((gaps["conf_low"] > 0) | (gaps["conf_high"] < 0)).sum())
    return Finding(
        id="finding-views",
        value=number_text(abs(row["estimate"]), "count"),
        headline=f"{higher} rates {construct} {size} higher than {lower} does",
        detail=f"Marketing minus sales {_interval(row, 'difference')}; {_companies(row)} with both functions, "
        f"{evidence.facts.latest}.",
        comparison=f"The functions differ beyond chance on {clear} of {len(gaps)} constructs.",
        certainty=_direction(row),
        caveat="The construct was chosen because its gap is the largest, so its size is likely to be overstated; "
        "a gap is a difference of view, not by itself a fault.",
        evidence="two-views",
    )


def best(evidence: Evidence) -> Finding | None:
    """How the best differ from the last on the index."""
    row = _class_gap(evidence, "alignment")
    if row is None:
        return None
    size = number_text(abs(row["estimate"]), "points")
    more = "more" if row["estimate"] >= 0 else "less"
    index = _lower(title_of("alignment", evidence.panel))
    return Finding(
        id="finding-best",
        value=number_text(row["estimate"], "difference").split()[0],
        headline=f"The best in class score {size} {more} on {index} than laggards",
        detail=f"{_interval(row, 'difference')}; {_companies(row)}, all waves.",
        comparison=f"Classes were {evidence.classes['outcomes'].label}, not on {index}.",
        certainty=_capped(_direction(row), "moderate"),
        caveat="The classes were cut on results. That companies with better results rate themselves better may "
        "also be the result colouring the rating.",
        evidence="best-in-class",
    )


def target(evidence: Evidence) -> Finding | None:
    """Whether the best see work to do, beside the published 56 and 62 per cent."""
    table = evidence.targets
    if table.empty:
        return None
    by_class = {row["class"]: row for row in table.to_dict("records")}
    if not {"best in class", "laggard"} <= set(by_class):
        return None
    top, last = by_class["best in class"], by_class["laggard"]
    shares = [number_text(row["estimate"], "percent", n=row["n"]) for row in (top, last)]
    return Finding(
        id="finding-target",
        value=shares[0],
        headline=f"{shares[0]} of the best in class call alignment a target for improvement; "
        f"{shares[1]} of laggards do",
        detail=f"Best in class {_interval(top, 'percent')}, laggards {_interval(last, 'percent')}; "
        f"{top['n']:.0f} and {last['n']:.0f} company-years.",
        comparison=beside_published("ABE07", evidence),
        certainty=_apart(top, last),
        caveat="Calling something a target is an intention. The classes were cut on results of the same companies.",
        evidence="target",
    )


def growth(evidence: Evidence) -> Finding | None:
    """Whether the index goes with growth, in the words that the weakest declared model allows."""
    declared = [fit for fit in evidence.fits if fit.specification.declared and not fit.frame.empty]
    slopes = [fit.slope(per=10) for fit in declared]
    if not slopes:
        return None
    first = slopes[0]
    agree = all(row["conf_low"] > 0 for row in slopes) or all(row["conf_high"] < 0 for row in slopes)
    index = _lower(title_of("alignment", evidence.panel))
    size = number_text(abs(first["estimate"]), "growth_points").lstrip("+")
    faster = "faster" if first["estimate"] >= 0 else "more slowly"
    headline = f"Companies 10 points higher on {index} grew {size} a year {faster}"
    clear = [row["conf_low"] > 0 or row["conf_high"] < 0 for row in slopes]
    if not any(clear):
        headline = f"No declared model finds a clear link between {index} and growth"
    elif not agree:
        headline += f", in {sum(clear)} of {len(clear)} declared models"
    others = [
        f"{fit.specification.name.lower()}: {_interval(row, 'growth_points', per='')}"
        for fit, row in zip(declared[1:], slopes[1:], strict=True)
    ]
    return Finding(
        id="finding-growth",
        value=number_text(first["estimate"], "growth_points").split()[0],
        headline=headline,
        detail=f"{_interval(first, 'growth_points')} a year; {declared[0].companies} companies, "
        f"{declared[0].n} company-years, {_lower(title_of(declared[0].specification.outcome, evidence.panel))}.",
        comparison=("In the other declared models, " + "; ".join(others) + ".") if others else "",
        certainty="moderate" if agree else "low",
        caveat=" ".join(text for _, text in growth_caveats(evidence)[:1]),
        evidence="growth",
    )


def growth_caveats(evidence: Evidence) -> list[tuple[str, str]]:
    """Say what stands between the association and an effect, what the data show of it first."""
    declared = [fit for fit in evidence.fits if fit.specification.declared and not fit.frame.empty]
    markers = [fit for fit in evidence.fits if not fit.specification.declared and not fit.frame.empty]
    caveats = []
    for fit in markers:
        row = fit.slope(per=10)
        if row["conf_low"] > 0 or row["conf_high"] < 0:
            scale = _lower(title_of(fit.specification.regressor, evidence.panel))
            text = (
                f"The unrelated scale ({scale}) goes with growth as well, {_interval(row, 'growth_points')}: a sign of "
                "halo, that companies which do well rate everything better. The slope is then too large."
            )
            caveats.append(("Halo: the answers seem coloured by growth", text))
    pooled = [fit for fit in declared if not fit.specification.within]
    within = [fit for fit in declared if fit.specification.within]
    if pooled and within and _shrinks(pooled[0].slope(per=10), within[0].slope(per=10)):
        row = within[0].slope(per=10)
        text = (
            f"Within companies the association is {_interval(row, 'growth_points')}, not clear of zero: something that "
            "does not change about companies may drive both (an unobserved confounder)."
        )
        caveats.append(("Something unobserved may drive both", text))
    general = (
        "This is an association, not an effect. People who know that their company grows may rate it better (halo), "
        "and something unobserved may drive both."
    )
    return [*caveats, ("What this cannot show", general)]


def _shrinks(pooled: Row, within: Row) -> bool:
    clear = pooled["conf_low"] > 0 or pooled["conf_high"] < 0
    return bool(clear and within["conf_low"] <= 0 <= within["conf_high"])


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
    table = table[table["variable"] == "alignment"] if len(table) else table
    if table.empty:
        return ""
    row = table.iloc[-1]
    change = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference")
    years = f"{row['wave_from']:.0f} and {row['wave_to']:.0f}"
    return f"Between {years} the {row['n']:.0f} companies in both changed by {change}."


def _level_caveat(evidence: Evidence) -> str:
    if "reliability" in evidence.panel.unavailable:
        return f"The error of one company's score is not known: {evidence.panel.unavailable['reliability']}."
    typical = evidence.panel.wave(evidence.facts.latest).frame["reliability"].median()
    return (
        f"A company's score rests on a few informants; half of the companies have a reliability below {typical:.2f} "
        "on a scale from 0 to 1."
    )


def _interval(row: Row, unit: Unit, *, per: str = "") -> str:
    return interval_text(row["estimate"], row["conf_low"], row["conf_high"], unit, n=row.get("n")) + per


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
    return "high" if row["n"] >= SURE_COMPANIES else "moderate"


def _apart(a: Row, b: Row) -> Certainty:
    apart = a["conf_low"] > b["conf_high"] or a["conf_high"] < b["conf_low"]
    return "moderate" if apart else "low"


def _capped(found: Certainty, most: Certainty) -> Certainty:
    order: tuple[Certainty, ...] = ("low", "moderate", "high")
    return order[min(order.index(found), order.index(most))]


def _lower(title: str) -> str:
    """Begin a title in lower case, as inside a sentence; abbreviations stay."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
