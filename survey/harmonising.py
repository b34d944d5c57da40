"""Waves made comparable: what changed from file to file, found or declared, and what that allows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd
from rapidfuzz import fuzz

from survey.answer_labels import labels_by_code, scale_labels
from survey.claiming import begun_by, readings, wordings
from survey.dates import read_years
from survey.declared_changes import declared_in_vain
from survey.instrument import Instrument, Question
from survey.label_conflicts import conflicts
from survey.ledger import COLUMNS, STATUSES, Change, Ledger, Status
from survey.matching import MatchedExport
from survey.problems import Problem, raise_if_any
from survey.readers.cells import heading_key
from survey.rescaling import WaveScale, declared_scale, is_rescaled
from survey.scales_seen import MOST_POINTS, AnswersSeen, answers_seen, undeclared_scales
from survey.stacking import questions_asked
from survey.wording import wording_key

MANY = 100
"""Answers from which an end of the scale that nobody chose is worth a remark."""


class Harmony(NamedTuple):
    """What comparing the files has found.

    `labels` is the label of each answer by question; `unread` names the position of the export and the
    question of columns asked on another scale than the instrument's, which a problem names as a whole.
    """

    ledger: Ledger
    labels: dict[str, dict[str, str]]
    problems: list[Problem]
    unread: set[tuple[int, str]]


def comparability(
    waves: Sequence[MatchedExport], instrument: Instrument, *, changes: Sequence[Change] = ()
) -> Ledger:
    """Say for every question and wave whether it may be compared with other waves.

    Found are wordings other than those of the instrument (in any of its languages), and scales and labels
    that a file declares for itself (`MatchedExport.scales`). What cannot be seen in a file (routing, mode,
    order) is declared; a declared status stands instead of the one that was found, except that nothing
    makes a rescaled question the same.

    Parameters
    ----------
    waves
        The exports with their column maps.
    instrument
        The questionnaire.
    changes
        What the researcher knows to be different.

    Raises
    ------
    InputError
        If a code has two labels or a label two codes, in one file or in two; if answers run beyond the
        scale so often that the file was asked on another one, with what to declare; if a declared change
        or scale concerns no question or wave. All at once.
    """
    found = harmonise(waves, instrument, changes=changes)
    raise_if_any(found.problems)
    return found.ledger


def harmonise(
    waves: Sequence[MatchedExport], instrument: Instrument, *, changes: Sequence[Change] = ()
) -> Harmony:
    """Compare the files as `comparability` does; problems are returned, not raised."""
    asked = [instrument.columns[key] for key in questions_asked(waves, instrument)]
    seen = {
        (n, question.id): answers_seen(matched, question, instrument)
        for question in asked
        for n, matched in enumerate(waves)
        if question.scale and question.id in matched.columns
    }
    undeclared = list(undeclared_scales(waves, seen, instrument))
    in_files = [_waves_of(matched) for matched in waves]
    rows = [
        (question.id, wave, *found)
        for question in asked
        for n, matched in enumerate(waves)
        if question.id in matched.columns
        for found in [_compared(matched, question, seen.get((n, question.id)), instrument)]
        for wave in in_files[n]
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"wave": "int64"})
    there = {wave for found in in_files for wave in found}
    labels = scale_labels(waves, instrument)
    problems = [
        *declared_in_vain(waves, changes, instrument, years=there),
        *(problem for problem, _ in undeclared),
        *conflicts(waves, instrument, seen=labels),
    ]
    unread = {place for _, places in undeclared for place in places}
    ledger = Ledger(_as_declared(frame, changes, instrument))
    return Harmony(ledger, labels_by_code(instrument, seen=labels), problems, unread)


def _waves_of(matched: MatchedExport) -> list[int]:
    if matched.wave is not None:
        return [matched.wave]
    written = (
        matched.export.frame[matched.columns["wave"]] if "wave" in matched.columns else pd.Series(dtype="str")
    )
    return sorted(map(int, read_years(written).dropna().unique()))


def _compared(
    matched: MatchedExport, question: Question, answers: AnswersSeen | None, instrument: Instrument
) -> tuple[object, ...]:
    """Return the rest of a row of the ledger, from the file on."""
    column = matched.columns[question.id]
    declared = declared_scale(question, matched.scales, instrument) if question.scale else None
    wording = _wording_seen(matched, question, column)
    found = [*_wording_change(matched, question, wording), *_scale_change(question, declared)]
    status = max((status for status, _ in found), key=STATUSES.index, default="same")
    remarks = [*(reason for _, reason in found), *_unused(question, answers, declared)]
    span = answers.span if answers else ""
    return matched.export.file, column, status, "; ".join(remarks), span, wording


def _wording_seen(matched: MatchedExport, question: Question, column: str) -> str:
    """Return the question as the file words it; empty where it gives an id and no wording."""
    label = matched.export.label(column).strip()
    is_id = heading_key(label) in {heading_key(question.id), heading_key(question.group)}
    is_words = " " in label or not label.isascii() or wording_key(label) in wordings(question)
    return label if is_words and not is_id else ""


def _wording_change(matched: MatchedExport, question: Question, wording: str) -> Iterator[tuple[Status, str]]:
    """Compare the wording of a file with those of the instrument, whole or cut short."""
    if not wording:
        return
    stems = [wording_key(stem) for stem in question.stem.values()] if question.kind == "tick" else []
    known = {key: {question.id} for key in (*wordings(question), *stems)}
    asking = readings(matched.export, matched.columns[question.id])
    if any(key in known or begun_by(key, known) for key in asking):
        return
    alike = max(fuzz.ratio(one, two) for one in asking for two in known)
    yield "reworded", f"the wording is not that of the instrument (similarity {alike:.0f} of 100)"


def _scale_change(question: Question, declared: WaveScale | None) -> Iterator[tuple[Status, str]]:
    scale = question.scale
    if scale is None or declared is None:
        return
    if is_rescaled(scale, declared):
        turned = ", turned round" if declared.turned else ""
        asked = f"{declared.min:g}-{declared.max:g}{turned}"
        yield "rescaled", f"asked on {asked}, brought linearly to {scale.min:g}-{scale.max:g}"
        return
    for code, texts in declared.labels.items():
        known = scale.labels.get(code, {})
        if not set(map(wording_key, texts.values())) & set(map(wording_key, known.values())):
            there = next(iter(known.values()), "no label")
            yield "reworded", f"the label of {code} is {next(iter(texts.values()))!r}, not {there!r}"


def _unused(question: Question, answers: AnswersSeen | None, declared: WaveScale | None) -> Iterator[str]:
    """Remark on ends of the scale that nobody chose: the file may have been asked on a shorter one."""
    scale = declared or question.scale
    if answers is None or scale is None or answers.counts.total() < MANY:
        return
    for end in (scale.min, scale.max):
        if end not in answers.counts and scale.max - scale.min < MOST_POINTS:
            yield f"none of {answers.counts.total()} answers is {end:g}"


def _as_declared(frame: pd.DataFrame, changes: Iterable[Change], instrument: Instrument) -> pd.DataFrame:
    """Put declared statuses, the worst last, in the place of those found; rescaled stays at least that."""
    for change in sorted(changes, key=lambda change: STATUSES.index(change.status)):
        items = _meant(change, instrument)
        rows = (frame["wave"] == change.wave) & (frame["item"].isin(items) | (not change.questions))
        kept = rows & (frame["status"] == "rescaled") & (change.status != "not comparable")
        said = f"{change.what}: {change.reason}"
        reason = frame["reason"].where(frame["reason"] == "", frame["reason"] + "; ") + said
        frame = frame.assign(
            status=frame["status"].mask(rows & ~kept, change.status),
            reason=frame["reason"].mask(rows, reason),
        )
    return frame


def _meant(change: Change, instrument: Instrument) -> set[str]:
    return {q.id for q in instrument.columns.values() if {q.id, q.group} & set(change.questions)}
