"""Passages that the pages of a comparison share."""

import re

import pandas as pd

from reports.comparison import Comparison
from reports.tables import interval_text, number_text

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that change what a reader or a terminal shows of the text around them."""

ENDS = {"alignment": ("conf_low", "conf_high")}


def plain(text: str) -> str:
    r"""Return a text from outside without what could steer a terminal or turn the order of letters.

    Examples
    --------
    >>> plain("A\x1b[31mcme \u202eTD")
    'A[31mcme TD'
    """
    return UNSEEN.sub("", text)


def interval_words(row: "pd.Series[float]", name: str) -> str:
    """Write a score with its interval; the score alone where there is none."""
    low, high = (row[end] for end in ENDS.get(name, (f"{name}_low", f"{name}_high")))
    if pd.isna(low):
        return number_text(row[name], "points")
    return interval_text(row[name], low, high, "points")


def base_of(found: Comparison) -> str:
    """Base and source of what stands beside the norms of the index."""
    provenance = found.pack.provenance
    return f"Base: {provenance.companies} companies, {provenance.wave}. {source_of(found)}"


def source_of(found: Comparison) -> str:
    """Say where the norms come from."""
    provenance = found.pack.provenance
    kind = "simulated data" if provenance.simulated else "benchmark pack"
    return f"Source: {plain(provenance.title)}, {kind}."


def probability_text(value: float) -> str:
    """Write a probability as per cent, never as certain.

    Examples
    --------
    >>> probability_text(0.001), probability_text(0.85), probability_text(0.999)
    ('under 1%', '85%', 'over 99%')
    """
    if value < 0.01:
        return "under 1%"
    return "over 99%" if value > 0.99 else f"{100 * value:.0f}%"
