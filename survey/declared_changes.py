"""Changes, scales and codes that a study declares for its files, held against what there is."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from survey.instrument import Instrument
from survey.ledger import Change
from survey.matching import MatchedExport
from survey.matching_problems import closest
from survey.problems import Problem


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
        for name in matched.scales:
            if name not in {*questions, *instrument.scales}:
                what = "a scale is declared that the instrument does not have"
                allowed = closest(name, instrument.scales)
                yield Problem(what, matched.export.file, column="scales", value=name, allowed=allowed)
        for name, codes in matched.codes.items():
            yield from _unknown_options(matched, name, codes, instrument)


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
