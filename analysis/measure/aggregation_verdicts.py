"""Whether answers may stand for their company: the verdicts on a construct, a gap and a company, with reasons."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from analysis.measure.aggregation_rule import AggregationRule
from analysis.measure.icc import ALIKE
from survey.language import digits, look_up, mark, say

YES, CARE, NO, UNKNOWN = "yes", "with care", "no", "cannot be said"
"""Verdicts; with care: the mean may be taken, and something is to be said beside it."""

UNTOLD = mark("Whether companies differ cannot be said: {why}.")
"""The reason that says why numbers of a construct are absent."""


def construct_verdict(row: dict[Hashable, Any], rule: AggregationRule) -> tuple[str, list[str]]:
    """Return the verdict of one construct, function and wave, and its reasons."""
    if row["n"] == 0:
        why = say("No company has two informants who answered all of its items: agreement cannot be said.")
        return UNKNOWN, [why]
    agree = row["median_rwg_j"] >= rule.rwg_j and row["agreeing"] >= rule.agreeing
    reasons = _agreed(row, rule)
    if np.isnan(row["icc1"]) and row["note"] == look_up(ALIKE):
        return NO, [*reasons, say("Companies do not differ at all: the mean would be of nothing.")]
    if np.isnan(row["icc1"]):
        return (UNKNOWN if agree else NO), [*reasons, look_up(UNTOLD).format(why=row["note"])]
    differ = row["icc1"] >= rule.icc1 and row["p_value"] <= rule.significance
    reliable = row["icc2"] >= rule.icc2
    reasons += _differ(row, differ=differ)
    if differ and not reliable:
        reasons.append(
            say(
                "The mean of so few is unreliable (ICC(2) {icc2}); {needed} informants a company would reach {asked}. "
                "Use shrunken scores.",
                icc2=digits(row["icc2"], ".2f"),
                needed=f"{row['needed']:.0f}",
                asked=digits(rule.icc2, ".2f"),
            )
        )
    return (NO if not (agree and differ) else YES if reliable else CARE), reasons


def _agreed(row: dict[Hashable, Any], rule: AggregationRule) -> list[str]:
    """Say in how many companies informants agree."""
    said = say(
        "Informants agree in {share} of {n} companies (rwg(j) of {asked} or more; median {median}).",
        share=digits(row["agreeing"], ".0%"),
        n=row["n"],
        asked=digits(rule.rwg_j, ".2f"),
        median=digits(row["median_rwg_j"], ".2f"),
    )
    if not row["n_negative"]:
        return [said]
    return [said, say("In {n} they differ more than at random (counted as 0).", n=row["n_negative"])]


def _differ(row: dict[Hashable, Any], *, differ: bool) -> list[str]:
    """Say whether companies differ."""
    said = say(
        "Companies differ (ICC(1) {icc1}, p {p})."
        if differ
        else "Companies do not differ clearly (ICC(1) {icc1}, p {p}).",
        icc1=digits(row["icc1"], ".2f"),
        p=_p_text(row["p_value"]),
    )
    if not row["below"]:
        return [said]
    return [
        said,
        say("They differ less than chance alone would make them (ICC(1) and ICC(2) counted as 0)."),
    ]


def gap_verdict(row: dict[Hashable, Any], rule: AggregationRule) -> tuple[str, list[str]]:
    """Return whether one number may stand for both functions, and the reasons."""
    within = (YES, CARE, NO, UNKNOWN)[int(row["rank"])]
    if within in (NO, UNKNOWN):
        return within, [
            say(
                "Within a function the verdict is: {verdict}. The gap comes after that.",
                verdict=look_up(within),
            )
        ]
    if row["note"]:
        return UNKNOWN, [say("The gap cannot be judged: {why}.", why=row["note"])]
    most = rule.largest_gap
    size = {name: digits(row[name], "+.1f") for name in ("gap", "gap_low", "gap_high")}
    if row["gap_low"] > most or row["gap_high"] < -most:
        return NO, [
            say(
                "The functions lie apart by {gap} points ({gap_low} to {gap_high}): show both, not their mean.",
                **size,
            )
        ]
    reasons = [
        say("The gap is {gap} points ({gap_low} to {gap_high}) over {n} companies.", n=row["n"], **size)
    ]
    if within == CARE:
        reasons.insert(0, say("Within a function the verdict is: {verdict}.", verdict=look_up(CARE)))
    small, alike = -most <= row["gap_low"] and row["gap_high"] <= most, row["gap_sd"] <= most
    reasons += _spread_of_gaps(row["gap_sd"], most=most, small=small)
    return (YES if small and alike and within == YES else CARE), reasons


def _spread_of_gaps(sd: float, *, most: float, small: bool) -> list[str]:
    """Say what speaks against one number: a gap that may be large, or differs from company to company."""
    reasons = []
    if not small:
        reasons.append(
            say(
                "That it is within {most} points is not beyond doubt: show both beside their mean.",
                most=digits(most, "g"),
            )
        )
    if pd.isna(sd):
        reasons.append(say("How far it varies from company to company is not known."))
    elif sd > most:
        reasons.append(
            say(
                "From company to company it varies by {sd} points: show each company's own gap.",
                sd=digits(sd, ".1f"),
            )
        )
    return reasons


def company_verdict(row: dict[Hashable, Any], rule: AggregationRule) -> tuple[str, list[str]]:
    """Return the verdict of one company and wave, and its reasons."""
    alone = say("One informant or none, agreement cannot be said: {what}.", what=row["untested"])
    untested = [alone] if isinstance(row["untested"], str) else []
    if row["tested"] == 0:
        return UNKNOWN, untested
    share = float(row["agreeing"])
    reasons = [say("Informants agree on {share} of {n}.", share=digits(share, ".0%"), n=row["tested"])]
    if isinstance(row["failing"], str):
        reasons.append(say("They do not on {what}.", what=row["failing"]))
    verdict = NO if share < rule.agreeing else CARE if untested or share < 1 else YES
    return verdict, [*reasons, *untested]


def _p_text(p: float) -> str:
    return say("below {p}", p=digits(0.001, ".3f")) if p < 0.001 else digits(p, ".3f")
