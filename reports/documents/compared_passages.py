"""Passages that the pages of a comparison and of a scorecard share."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from reports.comparison import Comparison
from reports.phrases import phrase
from reports.tables import interval_text, number_text

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that change what a reader or a terminal shows of the text around them."""

ENDS = {"alignment": ("conf_low", "conf_high")}


def say(key: str, found: Comparison, **values: object) -> str:
    """Say a sentence in the language of the comparison."""
    return phrase("comparison", key, found.language, **values)


def plain(text: str) -> str:
    r"""Return a text from outside without what could steer a terminal or turn the order of letters.

    Examples
    --------
    >>> plain("A\x1b[31mcme \u202eTD")
    'A[31mcme TD'
    """
    return UNSEEN.sub("", text)


def points(value: float, found: Comparison) -> str:
    """Write a score."""
    return number_text(value, "points", language=found.language)


def bare(value: float, found: Comparison) -> str:
    """Write a score without its unit, large beside the sentence that names it."""
    return number_text(value, "count", language=found.language)


def share(value: float, found: Comparison) -> str:
    """Write a share of 0 to 100."""
    return number_text(value, "percent", language=found.language)


def interval_words(row: "Mapping[str, float] | pd.Series[float]", name: str, language: str = "") -> str:
    """Write a score with its interval; the score alone where there is none."""
    low, high = (row[end] for end in ENDS.get(name, (f"{name}_low", f"{name}_high")))
    if pd.isna(low):
        return number_text(row[name], "points", language=language)
    return interval_text(row[name], low, high, "points", language=language)


def people_words(found: Comparison) -> str:
    """Say how many people of each function answered."""
    parts = [
        say("people_of", found, n=count, function=say(f"function_{name}", found)) if name
        else say("people_only_one" if count == 1 else "people_only", found, n=count)
        for name, count in found.people.items()
    ]  # fmt: skip
    return ", ".join(parts)


def listed(labels: Sequence[str], found: Comparison) -> str:
    """Join labels with commas and a final "and"."""
    *first, last = labels
    return say("and", found).join([", ".join(first), last] if first else [last])


def base_of(found: Comparison) -> str:
    """Base and source of what stands beside the norms of the index."""
    provenance = found.pack.provenance
    return say("base", found, n=provenance.companies, wave=provenance.wave, source=source_of(found))


def source_of(found: Comparison) -> str:
    """Say where the norms come from."""
    provenance = found.pack.provenance
    key = "source_simulated" if provenance.simulated else "source"
    return say(key, found, study=plain(provenance.title))


def probability_text(value: float, language: str = "") -> str:
    """Write a probability as per cent, never as certain.

    Examples
    --------
    >>> probability_text(0.001), probability_text(0.85), probability_text(0.999)
    ('under 1%', '85%', 'over 99%')
    """
    if value < 0.01:
        return phrase("comparison", "under_one", language, share=number_text(1, "percent", language=language))
    if value > 0.99:
        return phrase("comparison", "over_99", language, share=number_text(99, "percent", language=language))
    return number_text(100 * value, "percent", language=language)
