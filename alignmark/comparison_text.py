"""A comparison as lines of text, for the terminal."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_constructs import who_is_best
from reports.documents.compared_passages import beyond_chance, interval_words, plain, probability_text, share
from reports.report import Unit
from reports.tables import interval_text
from reports.wording import known_word
from survey.cleaning_log import rule_said
from survey.language import look_up, mark, say, speaking

LABELS = PEOPLE, SCORE, PERCENTILE, BEST, VIEWS = (
    mark("People"), mark("Score"), mark("Percentile"), mark("Among the best"), mark("Two views"),
)  # fmt: skip
"""What stands before the first lines."""

LEVELS = {"estimate": "conf", "median": "median", "best": "best"}
"""Columns of levels, and what their ends are named after."""

WIDEST = 40
"""Letters of a subject."""


def said(found: Comparison) -> list[str]:
    """Say where the company stands, how its functions see it, how far the best are, and what to do first."""
    with speaking(found.language):
        return list(_lines(found))


def _lines(found: Comparison) -> Iterator[str]:
    provenance = found.pack.provenance
    yield say(
        "{company} beside {n} companies: {study}, {wave}",
        company=plain(found.company) or say("Your company"),
        n=provenance.companies,
        study=plain(provenance.title),
        wave=provenance.wave,
    )
    if provenance.simulated:
        yield say("The companies of this pack are invented.")
    width = max(len(look_up(label)) for label in LABELS)
    yield from (f"{look_up(label):{width}} {text}" for label, text in _standing(found))
    yield ""
    yield from _table(found.constructs)
    if (best := found.pack.benchmarks.best) is not None:
        yield plain(who_is_best(best, found))
    if len(found.priorities):
        yield ""
        yield say("Begin with")
        yield from (
            f"  {number}. {_priority(row)}" for number, (_, row) in enumerate(found.priorities.iterrows(), 1)
        )
    for reason, count in found.dropped.items():
        yield say("Left out: {n} ({reason})", n=count, reason=plain(rule_said(reason)))
    yield say("Terms: {what}", what=plain(look_up(provenance.terms)))


def _standing(found: Comparison) -> Iterator[tuple[str, str]]:
    """Yield who answered, score, percentile, chance to be among the best and gap, each with its label."""
    row, pack = found.index, found.pack.benchmarks
    yield PEOPLE, ", ".join(_people(count, name) for name, count in found.people.items())
    stage = f", {known_word(str(row['stage']))}" if pack.key.stages else ""
    yield SCORE, interval_words(row, "alignment") + stage
    yield PERCENTILE, _percentile(row)
    if pd.notna(row["best_probability"]):
        chance, best = probability_text(row["best_probability"]), share(100 * pack.best_share)
        yield (
            BEST,
            say(
                "{probability} probability to be among the best {share} by the index",
                probability=chance,
                share=best,
            ),
        )
    if "gap" in row and pd.notna(row["gap"]):
        yield VIEWS, _gap(found)


def _people(count: int, function: str) -> str:
    return say("{n} of {function}", n=count, function=look_up(function)) if function else str(count)


def _percentile(row: "pd.Series[float]") -> str:
    at, low, high = (f"{row[f'percentile{end}']:.0f}" for end in ("", "_low", "_high"))
    if pd.isna(row["percentile_low"]):
        return at
    return say("{at} (plausible: {low} to {high})", at=at, low=low, high=high)


def _gap(found: Comparison) -> str:
    """Marketing less sales, unless too few of a function answered for its view to be shown."""
    least = found.pack.benchmarks.minimum_respondents
    if min(found.people.values()) < least:
        return say("not shown: fewer than {least} people of a function answered", least=least)
    row = found.constructs.iloc[0]
    gap = interval_text(row["gap"], row["gap_low"], row["gap_high"], "difference")
    return say("marketing less sales {gap}", gap=gap)


def _table(constructs: pd.DataFrame) -> Iterator[str]:
    """Every subject beside median and best, each number with its 95% interval."""
    heads = ("", say("you"), say("median"), say("best in class"), say("you less best"))
    rows = [_cells(row) for row in constructs.assign(sure=beyond_chance(constructs)).to_dict("records")]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for cells in (heads, *rows):
        line = "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
        yield line.rstrip()
    yield say("In brackets: 95% intervals. Differences are taken before rounding.")


def _cells(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    sure = f", {say('beyond chance')}" if row["sure"] else ""
    levels = [_cell(row, name, ends, "count") for name, ends in LEVELS.items()]
    return plain(str(row["label"]))[:WIDEST], *levels, _cell(row, "distance", "distance", "difference") + sure


def _cell(row: Mapping[Hashable, Any], name: str, ends: str, unit: Unit) -> str:
    """Write a number with its interval; a dash where it is not known."""
    if pd.isna(row[name]):
        return "-"
    return interval_text(row[name], row[f"{ends}_low"], row[f"{ends}_high"], unit)


def _priority(row: "pd.Series[float]") -> str:
    step = f" {plain(str(row['step']))}" if row["step"] else ""
    away = interval_text(row["distance"], row["distance_low"], row["distance_high"], "difference")
    return (
        say("{subject}, {distance} against the best.", subject=plain(str(row["label"])), distance=away) + step
    )
