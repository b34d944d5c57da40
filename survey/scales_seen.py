"""Scales as the answers show them, and files whose answers are those of a scale that nobody declared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from survey.instrument import Instrument, Question, Scale
from survey.language import digits, say
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
        counts = {key: seen[n, key].counts for key in keys}
        for found, questions in _on_another(counts, name, scale, instrument):
            total = _added(counts[key] for key in questions)
            column = waves[n].columns[questions[0]]
            problem = _undeclared(waves[n], total, column=column, name=found, scale=scale)
            yield problem, [(n, key) for key in questions]


def _on_another(
    counts: Mapping[str, Counter[float]], name: str, scale: Scale, instrument: Instrument
) -> Iterator[tuple[str, list[str]]]:
    """Yield what was asked on another scale, and its questions: the whole scale, or some constructs on it.

    A construct is named alone where others on the same scale have answers at its upper end and none beyond.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for key in counts:
        groups[instrument.columns[key].group].append(key)
    by_group = {group: _added(counts[key] for key in keys) for group, keys in groups.items()}
    other = [group for group, found in by_group.items() if _is_other_scale(found, scale)]
    as_declared = [
        group
        for group, found in by_group.items()
        if found[scale.max] >= FEWEST and not _outside(found, scale)
    ]
    if other and as_declared:
        yield from ((group, groups[group]) for group in other)
    elif other or _is_other_scale(_added(counts.values()), scale):
        yield name, list(counts)


def _added(counts: Iterable[Counter[float]]) -> Counter[float]:
    return sum(counts, Counter())


def _undeclared(
    matched: MatchedExport, counts: Counter[float], *, column: str, name: str, scale: Scale
) -> Problem:
    low, high = _likely_ends(counts, scale)
    declared = f"scales: {{{name}: {{min: {low:g}, max: {high:g}}}}}"
    advice = f"if this file was asked on another scale, declare for it {declared}"
    allowed = f"{scale.min:g}-{scale.max:g}"
    what = say(
        "{n} of {total} answers on the scale {name!r} lie outside {allowed}; they run from {least} to {most}",
        n=_outside(counts, scale).total(), total=counts.total(), name=name, allowed=allowed,
        least=digits(min(counts), "g"), most=digits(max(counts), "g"),
    )  # fmt: skip
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
