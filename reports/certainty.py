"""How sure a finding is: by its interval, its base, and whether its sign is beyond doubt."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.benchmark.disclosure import BOTH_SIDES
from reports.evidence import Facts
from reports.report import Certainty, Unit
from reports.tables import interval_text, number_text
from survey.language import look_up, mark

Row = Mapping[Any, Any] | pd.Series
"""One row of a result frame."""

SURE_COMPANIES = 100
"""Fewer companies than this never make a finding highly certain."""

NO_TWO_INFORMANTS = mark(
    "How reliable the index of a single company is cannot be said for {wave}: no company has two informants."
)

TOO_FEW_WITH_TWO = mark(
    "How reliable the index of a single company is cannot be shown for {wave}: too few companies have two informants."
)

CLOSE = {"percent": 6.0, "points": 3.0}
"""Half-width of an interval up to which a level counts as precise, by unit."""


def no_typical_reliability(known: "pd.Series[float]", facts: Facts) -> str:
    """Say why the median of the reliabilities of companies is not told; "" where it is."""
    if known.count() >= BOTH_SIDES * facts.minimum_companies:
        return ""
    why = TOO_FEW_WITH_TWO if known.notna().any() else NO_TWO_INFORMANTS
    return look_up(why).format(wave=facts.latest)


def interval(row: Row, unit: Unit) -> str:
    """Write the estimate of a row with its interval."""
    return interval_text(row["estimate"], row["conf_low"], row["conf_high"], unit, n=row.get("n"))


def companies(row: Row) -> str:
    """Write how many companies a row stands on."""
    return number_text(row["companies"] if "companies" in row else row["n"], "count")


def precision(row: Row, unit: str, *, low: str = "conf_low", high: str = "conf_high") -> Certainty:
    """A level is highly certain if its interval is narrow and its base is not small."""
    half = (row[high] - row[low]) / 2
    if half <= CLOSE[unit] and row["n"] >= SURE_COMPANIES:
        return "high"
    return "moderate" if half <= 2 * CLOSE[unit] else "low"


def direction(row: Row) -> Certainty:
    """A difference is highly certain if its interval leaves no doubt about the sign and the base is not small."""
    if not (row["conf_low"] > 0 or row["conf_high"] < 0):
        return "low"
    return "high" if row["companies"] >= SURE_COMPANIES else "moderate"


def apart(a: Row, b: Row) -> Certainty:
    """Two levels that differ are moderately certain to do so if their intervals do not meet."""
    apart = a["conf_low"] > b["conf_high"] or a["conf_high"] < b["conf_low"]
    return "moderate" if apart else "low"


def capped(found: Certainty, most: Certainty) -> Certainty:
    """Return a certainty, or the most that a known weakness allows."""
    order: tuple[Certainty, ...] = ("low", "moderate", "high")
    return order[min(order.index(found), order.index(most))]
