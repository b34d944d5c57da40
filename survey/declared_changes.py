"""Changes, scales and codes that a study declares for its files, held against what there is."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from survey.dates import read_years
from survey.instrument import Instrument
from survey.ledger import Change
from survey.matching import MatchedExport
from survey.matching_problems import closest
from survey.problems import Problem
from survey.rescaling import WaveScale, runs_against, scale_name
from survey.responses import FUNCTIONS

BY_THEMSELVES = ("wave", "function")
"""Columns that codes may be declared for although the instrument does not ask for them."""


def declared_in_vain(
    waves: Sequence[MatchedExport],
    changes: Sequence[Change],
    instrument: Instrument,
    *,
    years: Collection[int],
) -> Iterator[Problem]:
    """Find declared changes, scales and codes that concern no question, wave or option."""
    groups = {question.group for question in instrument.columns.values()}
    questions = sorted({*instrument.columns, *groups})
    for change in changes:
        for name in change.questions:
            if name not in questions:
                what = "a change is declared for a question that the instrument does not have"
                yield Problem(what, column="changes", value=name, allowed=closest(name, questions))
        if change.wave not in years:
            what = "a change is declared for a wave that the study does not have"
            there = ", ".join(map(str, sorted(years)))
            yield Problem(what, column="changes", value=str(change.wave), allowed=there)
    for matched in waves:
        for name, declared in matched.scales.items():
            if name not in {*questions, *instrument.scales}:
                what = "a scale is declared that the instrument does not have"
                allowed = closest(name, instrument.scales)
                yield Problem(what, matched.export.file, column="scales", value=name, allowed=allowed)
            else:
                yield from _wrong_way(matched, name, declared, instrument)
        for name, codes in matched.codes.items():
            if name in BY_THEMSELVES and name not in instrument.columns:
                yield from _unknown_meanings(matched, name, codes)
            else:
                yield from _unknown_options(matched, name, codes, instrument)


def _wrong_way(
    matched: MatchedExport, name: str, declared: WaveScale, instrument: Instrument
) -> Iterator[Problem]:
    """Find declared labels that run the other way than is said, so that "always" would count as "never"."""
    asked = [q for q in instrument.columns.values() if name in (q.id, q.group, scale_name(q, instrument))]
    scale = next((question.scale for question in asked if question.scale), None)
    labels = {float(code): list(text.values()) for code, text in declared.labels.items()}
    if scale is None or not runs_against(labels, scale, turned=declared.turned):
        return
    way = "the same way as" if declared.turned else "the other way than"
    advice = "leave out `turned: true`" if declared.turned else "add `turned: true`"
    what = f"the labels that are declared run {way} those of the instrument"
    said, own = _in_a_row(labels), _in_a_row({code: list(t.values()) for code, t in scale.labels.items()})
    yield Problem(what, matched.export.file, None, "scales", name, f"{own}, not {said}", advice)


def _in_a_row(labels: Mapping[float, Sequence[str]]) -> str:
    return ", ".join(f"{code:g} {texts[0]!r}" for code, texts in sorted(labels.items()))


def _unknown_meanings(matched: MatchedExport, name: str, codes: Mapping[str, str]) -> Iterator[Problem]:
    """Find codes of waves that stand for no year, and of a function that stand for neither."""
    meant = pd.Series(codes, dtype="str")
    known = read_years(meant).notna() if name == "wave" else meant.isin(FUNCTIONS)
    allowed = "a year (1900-2100)" if name == "wave" else ", ".join(FUNCTIONS)
    for value in meant[~known]:
        what = f"a code of {name!r} is declared to stand for what it cannot be"
        yield Problem(what, matched.export.file, column=f"codes.{name}", value=value, allowed=allowed)


def _unknown_options(
    matched: MatchedExport, name: str, codes: Mapping[str, str], instrument: Instrument
) -> Iterator[Problem]:
    question = instrument.columns.get(name)
    choices = [q.id for q in instrument.columns.values() if q.kind == "choice"]
    if question is None or question.kind != "choice":
        what = "codes are declared for what is no choice of the instrument"
        yield Problem(what, matched.export.file, column="codes", value=name, allowed=closest(name, choices))
        return
    for option in codes.values():
        if option not in question.options:
            what = f"a code of {name!r} is declared to be an option that it does not have"
            allowed = closest(option, question.options)
            yield Problem(what, matched.export.file, column=f"codes.{name}", value=option, allowed=allowed)
