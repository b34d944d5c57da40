"""Findings: what the evidence says in a sentence, how sure that is, and the caveat that matters most."""

from collections.abc import Callable
from math import isfinite

import pandas as pd

from reports.alike import means_warning
from reports.association import POINTS, associated, headline, slope_text
from reports.caveats import biased, growth_caveats, rescaled_waves
from reports.certainty import (
    Row,
    apart,
    capped,
    companies,
    direction,
    interval,
    no_typical_reliability,
    precision,
)
from reports.comparisons import beside_published
from reports.evidence import Evidence
from reports.report import Finding
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from reports.views_finding import two_views
from survey.language import look_up, say, say_n

LISTED = 6
"""Further models that a card names."""


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
        headline=say(
            "On average, {share} of a company's informants call sales and marketing adequately aligned",
            share=share,
        ),
        detail=say(
            "{interval}; {n} companies, {wave}. {of_whom}",
            interval=interval(row, "percent"),
            n=companies(row),
            wave=evidence.facts.latest,
            of_whom=_of_whom(evidence),
        ),
        comparison=beside_published("MH37", evidence),
        certainty=precision(row, "percent"),
        caveat=say(
            "A survey of one informant per company would find this share. People of one company disagree; other "
            "wordings and cuts give other shares."
        ),
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
    return Finding(
        id="finding-level",
        value=number_text(row["median"], "count"),
        headline=say(
            "The typical company scores {median} of 100 on {index}",
            median=number_text(row["median"], "count"),
            index=in_sentence(index),
        ),
        detail=say(
            "Median {interval}; {n} companies, {wave}. The middle half lies between {low} and {high}.",
            interval=interval_text(row["median"], row["median_low"], row["median_high"], "points"),
            n=companies(row),
            wave=evidence.facts.latest,
            low=number_text(row["p25"], "count"),
            high=number_text(row["p75"], "count"),
        ),
        comparison=_change(evidence),
        certainty=precision(row, "points", low="median_low", high="median_high"),
        caveat=_level_caveat(evidence),
        evidence="norms",
    )


def best(evidence: Evidence) -> Finding | None:
    """How the best differ from the last on the index."""
    row = _class_gap(evidence, "alignment")
    if row is None or row["circular"]:
        return None
    index = in_sentence(title_of("alignment", evidence.panel))
    return Finding(
        id="finding-best",
        value=number_text(row["estimate"], "difference").split()[0],
        headline=_best_headline(row, index),
        detail=say(
            "{interval}; {n} companies, all waves.", interval=interval(row, "difference"), n=companies(row)
        ),
        comparison=say(
            "Classes were {selected}; {index} took no part.",
            selected=evidence.classes["outcomes"].label,
            index=index,
        ),
        certainty=capped(direction(row), "moderate"),
        caveat=_colouring(evidence),
        evidence="best-in-class",
    )


def _best_headline(row: Row, index: str) -> str:
    size = number_text(abs(row["estimate"]), "points")
    if not (row["conf_low"] > 0 or row["conf_high"] < 0):
        return say("The best in class and laggards cannot be told apart on {index}", index=index)
    return say(
        "The best in class score {size} more on {index} than laggards"
        if row["estimate"] >= 0
        else "The best in class score {size} less on {index} than laggards",
        size=size,
        index=index,
    )


def _colouring(evidence: Evidence) -> str:
    """Say how results may colour the scores, by who gave them."""
    return say(
        "The classes were cut on results. An interviewer who knows that a company does well may score it better."
        if evidence.panel.instrument.scored_by == "interviewer"
        else "The classes were cut on results. That companies with better results rate themselves better may also be "
        "the result colouring the rating."
    )


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
        headline=say(
            "On average, {best} of the informants of the best in class call alignment a target for improvement; {last} "
            "of those of laggards do",
            best=shares[0],
            last=shares[1],
        ),
        detail=say(
            "Best in class {best}, laggards {last}; {n_best} and {n_last} company-years. {of_whom}",
            best=interval(top, "percent"),
            last=interval(last, "percent"),
            n_best=number_text(top["n"], "count"),
            n_last=number_text(last["n"], "count"),
            of_whom=_of_whom(evidence),
        ),
        comparison=beside_published("ABE07", evidence),
        certainty=apart(top, last),
        caveat=say(
            "Calling something a target is an intention. The classes were cut on results of the same companies."
        ),
        evidence="target",
    )


def _of_whom(evidence: Evidence) -> str:
    """Say what a share of informants is of; the page of the finding says it in full."""
    within = (
        say("Of those who said yes or no; the functions of a company count equally.")
        if evidence.panel.instrument.with_role("function") is not None
        else say("Of those who said yes or no; the informants of a company count equally.")
    )
    return within if evidence.weights is None else f"{within} {say('Companies count by their weights.')}"


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
        value=only if found.declared == 1 else say("{n} of {total}", n=clear, total=found.declared),
        headline=headline(found, evidence),
        detail=say(
            "{model}: {slope} for {points} points; {companies} companies, {n} company-years.",
            model=main.specification.name,
            slope=slope_text(main, evidence),
            points=POINTS,
            companies=number_text(main.companies, "count"),
            n=number_text(main.n, "count"),
        ),
        comparison=_other_models(others),
        certainty="moderate" if found.carried and not biased(evidence) else "low",
        caveat=caveats[0][1],
        evidence="growth",
    )


def _other_models(others: list[str]) -> str:
    """List the other declared models, as many as a card has room for."""
    if not others:
        return ""
    return say(
        "Other declared models: {models}; {n} more in the section."
        if len(others) > LISTED
        else "Other declared models: {models}.",
        models="; ".join(others[:LISTED]),
        n=len(others) - LISTED,
    )


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
    told = [
        say(
            "Between {first} and {last} the {n} companies in both changed by {change}.",
            first=f"{row['wave_from']:.0f}",
            last=f"{row['wave_to']:.0f}",
            n=number_text(row["n"], "count"),
            change=interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference"),
        )
    ]
    if rescaled_waves(evidence, row["wave_from"], row["wave_to"]):
        told.append(say("The scale of the answers changed between them, which alone can move scores."))
    return " ".join(filter(None, (*told, means_warning(evidence, "wave"))))


def _level_caveat(evidence: Evidence) -> str:
    if "reliability" in evidence.panel.unavailable:
        why = look_up(evidence.panel.unavailable["reliability"])
        return say("The error of one company's score is not known: {why}.", why=why)
    companies = evidence.panel.wave(evidence.facts.latest).frame
    if why := no_typical_reliability(companies["reliability"], evidence.facts):
        return why
    told = companies.loc[companies["reliability"].notna(), ["n", "reliability"]].median()
    return say_n(
        round(told["n"]),
        "The typical company's score rests on {n} informant; half of the companies have a reliability below {typical} "
        "on a scale from 0 to 1.",
        "The typical company's score rests on {n} informants; half of the companies have a reliability below {typical} "
        "on a scale from 0 to 1.",
        n=number_text(told["n"], "count"),
        typical=number_text(told["reliability"], "ratio"),
    )
