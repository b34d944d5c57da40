"""Passages that the pages of a comparison and of a scorecard share."""

import re
from collections.abc import Mapping

import pandas as pd

from reports.comparison import Comparison
from reports.tables import interval_text, number_text
from survey.language import say, say_n

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that change what a reader or a terminal shows of the text around them."""

HALF = 0.5
"""Points from which the end of an interval is not printed as 0."""

ENDS = {"alignment": ("conf_low", "conf_high")}


def plain(text: str) -> str:
    r"""Return a text from outside without what could steer a terminal or turn the order of letters.

    Examples
    --------
    >>> plain("A\x1b[31mcme \u202eTD")
    'A[31mcme TD'
    """
    return UNSEEN.sub("", text)


def points(value: float) -> str:
    """Write a score."""
    return number_text(value, "points")


def bare(value: float) -> str:
    """Write a score without its unit, large beside the sentence that names it."""
    return number_text(value, "count")


def share(value: float) -> str:
    """Write a share of 0 to 100."""
    return number_text(value, "percent")


def interval_words(row: "Mapping[str, float] | pd.Series[float]", name: str) -> str:
    """Write a score with its interval; the score alone where there is none."""
    low, high = (row[end] for end in ENDS.get(name, (f"{name}_low", f"{name}_high")))
    if pd.isna(low):
        return number_text(row[name], "points")
    return interval_text(row[name], low, high, "points")


def people_words(found: Comparison) -> str:
    """Say how many people of each function answered."""
    parts = [
        say("{n} from sales" if name == "sales" else "{n} from marketing", n=count) if name
        else say_n(count, "{n} person", "{n} people", n=count)
        for name, count in found.people.items()
    ]  # fmt: skip
    return ", ".join(parts)


def base_of(found: Comparison) -> str:
    """Base and source of what stands beside the norms of the index."""
    provenance = found.pack.provenance
    return say(
        "Base: {n} companies, {wave}. {source}",
        n=provenance.companies,
        wave=provenance.wave,
        source=source_of(found),
    )


def source_of(found: Comparison) -> str:
    """Say where the norms come from."""
    provenance = found.pack.provenance
    return say(
        "Source: {study}, simulated data." if provenance.simulated else "Source: {study}, benchmark pack.",
        study=plain(provenance.title),
    )


def beyond_chance(distances: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which distances have an interval that leaves out 0 as it is printed, in whole points.

    Examples
    --------
    >>> ends = pd.DataFrame({"distance_low": [-24.0, -24.0, 0.6], "distance_high": [-0.4, -0.6, 9.0]})
    >>> beyond_chance(ends).tolist()
    [False, True, True]
    """
    return (distances["distance_low"] >= HALF) | (distances["distance_high"] <= -HALF)


def probability_text(value: float) -> str:
    """Write a probability as per cent, never as certain.

    Examples
    --------
    >>> probability_text(0.001), probability_text(0.85), probability_text(0.999)
    ('under 1%', '85%', 'over 99%')
    """
    if value < 0.01:
        return say("under {share}", share=number_text(1, "percent"))
    if value > 0.99:
        return say("over {share}", share=number_text(99, "percent"))
    return number_text(100 * value, "percent")
