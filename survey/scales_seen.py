"""Scales as the answers show them, and files whose answers are those of a scale that nobody declared."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from survey.instrument import Instrument, Question, Scale
from survey.matching import MatchedExport
from survey.matching_problems import export_row
from survey.problems import Problem
from survey.recoding import scale_codes
from survey.rescaling import as_asked, declared_scale, scale_name

LONGER, FEWEST = 0.05, 5
"""Share and number of answers just outside a scale from which a file was asked on a longer one."""
MOST_POINTS = 11
"""A scale with a higher code is likely to end at 100."""
OTHER, DIFFERENT = 0.25, 4
"""Share of answers outside a scale, and how many codes they use, from which it was asked on another."""


class AnswersSeen(NamedTuple):
    """Answers to a scale question in one file.

    `counts` is how often each number was written, labels as their codes, by number; declared missing codes
    are left out. `span` is the lowest and the highest answer on the scale as asked, "1-5".
    """

    counts: Counter[float]
    span: str


def answers_seen(matched: MatchedExport, question: Question, instrument: Instrument) -> AnswersSeen:
    """Count the answers to a scale question in one file that asks it."""
    written = matched.export.frame[matched.columns[question.id]].value_counts()
    scale = scale_as_asked(matched, question, instrument)
    codes = scale_codes([str(text) for text in written.index], scale)
    counts: Counter[float] = Counter()
    for code, count in zip(codes.tolist(), written.tolist(), strict=True):
        if not np.isnan(code) and code not in scale.missing_codes:
            counts[code] += count
    inside = [code for code in counts if scale.min <= code <= scale.max]
    return AnswersSeen(counts, f"{min(inside):g}-{max(inside):g}" if inside else "")


def scale_as_asked(matched: MatchedExport, question: Question, instrument: Instrument) -> Scale:
    """Return the scale on which a file asked a question: the declared one, or that of the instrument."""
    declared = declared_scale(question, matched.scales, instrument)
    if declared is not None:
        return as_asked(question, declared)
    assert question.scale is not None  # only scale questions come here
    return question.scale


def undeclared_scales(
    waves: Sequence[MatchedExport], seen: Mapping[tuple[int, str], AnswersSeen], instrument: Instrument
) -> Iterator[tuple[Problem, list[tuple[int, str]]]]:
    """Find files in which the answers on a scale are those of another one, which was not declared.

    Yields a problem that says what to declare, and the position of the export and the questions it
    concerns. A few slips are not enough: answers just beyond the scale, without a gap, must be `LONGER`
    of all and at least `FEWEST`, or answers anywhere outside `OTHER` of all, with `DIFFERENT` codes.
    """
    pools: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for n, key in seen:
        question = instrument.columns[key]
        asked = scale_as_asked(waves[n], question, instrument).model_dump_json()
        pools[n, scale_name(question, instrument), asked].append(key)
    for (n, name, _), keys in pools.items():
        scale = scale_as_asked(waves[n], instrument.columns[keys[0]], instrument)
        counts: Counter[float] = Counter()
        for key in keys:
            counts.update(seen[n, key].counts)
        if _is_other_scale(counts, scale):
            column = waves[n].columns[keys[0]]
            yield (
                _undeclared(waves[n], counts, column=column, name=name, scale=scale),
                [(n, key) for key in keys],
            )


def _undeclared(
    matched: MatchedExport, counts: Counter[float], *, column: str, name: str, scale: Scale
) -> Problem:
    low, high = _likely_ends(counts, scale)
    what = (
        f"{_outside(counts, scale).total()} of {counts.total()} answers on the scale {name!r} lie outside "
        f"{scale.min:g}-{scale.max:g}; they run from {min(counts):g} to {max(counts):g}"
    )
    declared = f"scales: {{{name}: {{min: {low:g}, max: {high:g}}}}}"
    advice = f"if this file was asked on another scale, declare for it {declared}"
    allowed = f"{scale.min:g}-{scale.max:g}"
    return Problem(
        what, matched.export.file, export_row(matched.export), column, allowed=allowed, to_do=advice
    )


def _outside(counts: Counter[float], scale: Scale) -> Counter[float]:
    return Counter({code: count for code, count in counts.items() if not scale.min <= code <= scale.max})


def _is_other_scale(counts: Counter[float], scale: Scale) -> bool:
    """Say whether answers outside a scale are too many, and too well ordered, to be slips."""
    outside = _outside(counts, scale)
    if not outside:
        return False
    share = outside.total() / counts.total()
    if len(outside) >= DIFFERENT and share >= OTHER:
        return True
    run = set(outside) == set(_run(scale, min(outside), max(outside)))
    return run and share >= LONGER and outside.total() >= FEWEST


def _run(scale: Scale, low: float, high: float) -> list[float]:
    """Every whole step from the ends of a scale out to `low` and `high`."""
    below = np.arange(scale.min - 1, min(low, scale.min) - 1, -1)
    above = np.arange(scale.max + 1, max(high, scale.max) + 1)
    return [*below.tolist(), *above.tolist()]


def _likely_ends(counts: Counter[float], scale: Scale) -> tuple[float, float]:
    """Guess the scale of a file by its answers: both ends as used, round where it is a long one."""
    low, high = min(counts), max(counts)
    if high > scale.max:
        low = min(low, scale.min)
    if high > MOST_POINTS:
        return min(low, 0.0), max(100.0, high)
    return low, high
