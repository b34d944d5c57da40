"""A comparison as lines of text, for the terminal."""

from collections.abc import Iterator

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import interval_words, plain, probability_text
from reports.tables import interval_text, number_text


def said(found: Comparison) -> Iterator[str]:
    """Say where the company stands, how its functions see it, how far the best are, and what to do first."""
    row, pack, provenance = found.index, found.pack.benchmarks, found.pack.provenance
    whose = plain(found.company) or "Your company"
    yield f"{whose} beside {provenance.companies} companies: {plain(provenance.title)}, {provenance.wave}"
    if provenance.simulated:
        yield "The companies of this pack are invented."
    people = ", ".join(f"{count} of {name}" if name else str(count) for name, count in found.people.items())
    yield f"People        {people}"
    yield f"Score         {interval_words(row, 'alignment')}" + (
        f", {row['stage']}" if pack.key.stages else ""
    )
    yield f"Percentile    {_percentile(row)}"
    if pd.notna(row["best_probability"]):
        share = f"{100 * pack.best_share:.0f}%"
        yield f"Best in class {probability_text(row['best_probability'])} probability to be among the best {share}"
    if "gap" in row and pd.notna(row["gap"]):
        yield f"Two views     {_gap(found)}"
    yield ""
    yield from _table(found.constructs)
    if len(found.priorities):
        yield ""
        yield "Begin with"
        yield from (
            f"  {number}. {_priority(row)}" for number, (_, row) in enumerate(found.priorities.iterrows(), 1)
        )
    yield from (f"Left out: {count} ({plain(reason)})" for reason, count in found.dropped.items())
    yield f"Terms: {plain(provenance.terms)}"


def _percentile(row: "pd.Series[float]") -> str:
    if pd.isna(row["percentile_low"]):
        return f"{row['percentile']:.0f}"
    return f"{row['percentile']:.0f} (plausible: {row['percentile_low']:.0f} to {row['percentile_high']:.0f})"


def _gap(found: Comparison) -> str:
    """Marketing less sales, unless too few of a function answered for its view to be shown."""
    least = found.pack.benchmarks.minimum_respondents
    if min(found.people.values()) < least:
        return f"not shown: fewer than {least} people of a function answered"
    row = found.constructs.iloc[0]
    return "marketing less sales " + interval_text(row["gap"], row["gap_low"], row["gap_high"], "difference")


def _table(constructs: pd.DataFrame) -> Iterator[str]:
    width = min(max(len(label) for label in constructs["label"]), 40)
    yield f"{'':{width}}  you  median  best  you less best"
    for row in constructs.to_dict("records"):
        best = "-" if pd.isna(row["best"]) else f"{row['best']:.0f}"
        away = "-" if pd.isna(row["distance"]) else number_text(row["distance"], "difference")
        sure = ", beyond doubt" if row["beyond_doubt"] else ""
        label = plain(str(row["label"]))[:width]
        yield f"{label:{width}}  {row['estimate']:3.0f}  {row['median']:6.0f}  {best:>4}  {away}{sure}"
    yield "Differences are taken before rounding."


def _priority(row: "pd.Series[float]") -> str:
    step = f" {plain(str(row['step']))}" if row["step"] else ""
    return f"{plain(str(row['label']))}, {number_text(row['distance'], 'difference')} against the best.{step}"
