"""Answers of all files turned into codes: each file by the scales and lists that it asked."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from survey.answer_labels import value_labels
from survey.claiming import tick_groups
from survey.cleaning_log import changed
from survey.instrument import Instrument, Question
from survey.language import look_up, mark, say
from survey.matching import MatchedExport
from survey.problems import Problem
from survey.recoding import Recoded, allowed_answers, fill_ticks, recode
from survey.rescaling import WaveScale, as_asked, declared_scale, expected_answer, is_rescaled, rescale
from survey.several_choices import split_choices
from survey.stacking import bad_cells, questions_asked

_NO_ANSWER = mark("is outside the scale or not an answer to this question")
_EMPTY = (
    "correct this cell; or empty all such cells, each in the log, with `cleaning: {outside_scale: missing}`"
)


class Coded(NamedTuple):
    """Answers as codes.

    `answers` and `dont_know` have a column per question asked; `inattentive` marks who failed an attention
    check; `lines` and `problems` are what became of the answers that fit nothing, and the rescaled ones.
    """

    answers: pd.DataFrame
    dont_know: pd.DataFrame
    inattentive: pd.Series
    lines: list[pd.DataFrame]
    problems: list[Problem]


class _Coding(NamedTuple):
    """What the coding of a question works on, and what it adds to."""

    table: pd.DataFrame
    waves: Sequence[MatchedExport]
    instrument: Instrument
    error: bool
    lines: list[pd.DataFrame]
    problems: list[Problem]

    def report(self, question: Question, bad: pd.Series) -> None:
        """Make problems, or lines of the log, of answers that are none of the question's."""
        if not bad.any():
            return
        key = question.id
        if self.error:
            allowed = allowed_answers(question)
            found = bad_cells(self.table, key, bad, self.waves, what=look_up(_NO_ANSWER), allowed=allowed)
            self.problems.extend(_with_advice(problem) for problem in found)
        else:
            rows, rule = self.table[bad], "outside the scale"
            self.lines.append(changed(rows, key, before=rows[key], after="", rule=rule))


def _with_advice(problem: Problem) -> Problem:
    return replace(problem, to_do=_EMPTY, rest=tuple(map(_with_advice, problem.rest)))


def code_answers(
    table: pd.DataFrame,
    waves: Sequence[MatchedExport],
    instrument: Instrument,
    *,
    error: bool,
    unread: Collection[tuple[int, str]] = (),
) -> Coded:
    """Turn the text of every answer into a code.

    Numbers are read file by file, so that one with decimal commas does not change how another is read;
    scales that a file declares for itself (`MatchedExport.scales`) are read as asked and brought to the
    scale of the instrument, every changed value in the log; cells that hold several choices are split.

    Parameters
    ----------
    table
        A table as `survey.stacking.stack` makes it, or what later steps left of it.
    waves
        The exports that were stacked.
    instrument
        The questionnaire.
    error
        Whether an answer that is none of the question's is a problem, or missing and in the log.
    unread
        Position of the export and question whose answers are not to be complained of, because the whole
        column is a problem already.
    """
    coding = _Coding(table, waves, instrument, error, [], [])
    recoded: dict[str, Recoded] = {}
    inattentive = pd.Series(data=False, index=table.index)
    for key in questions_asked(waves, instrument):
        question = instrument.columns[key]
        recoded[key] = _recoded(coding, question, unread)
        if question.role == "attention" and question.expected is not None:
            inattentive |= _failed(coding, question, recoded[key])
    recoded = _on_one_scale(coding, recoded)
    answers = pd.DataFrame({key: found.answers for key, found in recoded.items()}, index=table.index)
    answers = _with_ticks(coding, answers)
    unsure = pd.DataFrame({key: found.dont_know for key, found in recoded.items()}, index=table.index)
    return Coded(answers, unsure, inattentive, coding.lines, coding.problems)


def _recoded(coding: _Coding, question: Question, unread: Collection[tuple[int, str]]) -> Recoded:
    """Recode one question, each part of the files that asked it alike together."""
    table, key = coding.table, question.id
    own = {n: _own_scale(coding, question, n) for n in range(len(coding.waves))}
    apart = [n for n in own if own[n] is not None or question.kind == "number"]
    answers, dont_know, bad = recode(table[key], question)
    skipped = _several(coding, question) | {n for n, other in unread if other == key}
    for n in apart:
        rows = table["export"] == n
        scale = own[n]
        asked = replace(question, scale=as_asked(question, scale)) if scale else question
        found = recode(table.loc[rows, key], asked)
        answers[rows], dont_know[rows], bad[rows] = found
        coding.report(asked, bad & rows & (n not in skipped))
    if bad.any():
        coding.report(question, bad & ~table["export"].isin([*apart, *skipped]))
    return Recoded(answers, dont_know, bad)


def _own_scale(coding: _Coding, question: Question, number: int) -> WaveScale | None:
    matched = coding.waves[number]
    if question.scale is None or question.id not in matched.columns:
        return None
    return declared_scale(question, matched.scales, coding.instrument)


def _failed(coding: _Coding, question: Question, found: Recoded) -> pd.Series:
    """Mark who gave another than the expected answer, as each file asked it."""
    failed = pd.Series(data=False, index=coding.table.index)
    for n, matched in enumerate(coding.waves):
        if question.id not in matched.columns:
            continue
        expected = expected_answer(question, _own_scale(coding, question, n))
        if expected is None:
            what = say("nobody can say which answer passes this attention check on the scale of this file")
            allowed = say(
                "labels of the scale, one of them that of {code} in the instrument", code=question.expected
            )
            column = matched.columns[question.id]
            advice = say(
                "delete the column or pass over it (`-` in the column map); then nobody in this file is dropped for "
                "failing it"
            )
            coding.problems.append(
                Problem(what, matched.export.file, column=column, allowed=allowed, to_do=advice)
            )
        rows = coding.table["export"] == n
        failed |= rows & found.answers.notna() & (found.answers != expected)
    return failed


def _on_one_scale(coding: _Coding, recoded: dict[str, Recoded]) -> dict[str, Recoded]:
    """Bring answers that a file asked on another scale to that of the instrument."""
    for key, found in recoded.items():
        question = coding.instrument.columns[key]
        for n in range(len(coding.waves)):
            asked = _own_scale(coding, question, n)
            if asked is None or question.scale is None or not is_rescaled(question.scale, asked):
                continue
            rows = (coding.table["export"] == n) & found.answers.notna()
            after = rescale(found.answers[rows], question.scale, asked=asked)
            rule = f"rescaled from {_span(asked)} to {question.scale.min:g}-{question.scale.max:g}"
            before, written = coding.table.loc[rows, key], after.astype("str")
            coding.lines.append(changed(coding.table[rows], key, before=before, after=written, rule=rule))
            found.answers[rows] = after
    return recoded


def _span(asked: WaveScale) -> str:
    ends = (asked.max, asked.min) if asked.turned else (asked.min, asked.max)
    return f"{ends[0]:g}-{ends[1]:g}"


def _with_ticks(coding: _Coding, answers: pd.DataFrame) -> pd.DataFrame:
    """Fill the blanks of tick lists, file by file, and split the cells that hold several choices."""
    for number, rows in coding.table.groupby("export").groups.items():
        matched = coding.waves[int(str(number))]
        for group, options in tick_groups(coding.instrument).items():
            ids = [option.id for option in options if option.id in matched.columns]
            if matched.several_choices(ids):
                answers.loc[rows, ids] = _split(coding, int(str(number)), group, options)[ids]
            else:
                answers.loc[rows, ids] = fill_ticks(answers.loc[rows, ids], coding.instrument)
    return answers


def _split(coding: _Coding, number: int, group: str, options: Sequence[Question]) -> pd.DataFrame:
    matched = coding.waves[number]
    key = next(option.id for option in options if option.id in matched.columns)
    column = matched.columns[key]
    rows = coding.table["export"] == number
    written = coding.table.loc[rows, key]
    between, labels = matched.export.multiple.get(column, ""), value_labels(matched.export, column)
    ticks, strange = split_choices(written, options, between=between, labels=labels)
    odd = strange.notna().reindex(coding.table.index, fill_value=False)
    if coding.error:
        what, allowed = say("is not an option of this list"), "; ".join(map(_wording, options))
        said = strange.reindex(coding.table.index)
        coding.problems.extend(
            bad_cells(coding.table, key, odd, coding.waves, what=what, allowed=allowed, written=said)
        )
    else:
        rule = "not an option of the list"
        before = strange.dropna()
        coding.lines.append(changed(coding.table[odd], group, before=before, after="", rule=rule))
    return ticks


def _wording(option: Question) -> str:
    return " / ".join(dict.fromkeys(option.text.values()))


def _several(coding: _Coding, question: Question) -> set[int]:
    """Positions of the exports in which one column holds all ticks of the question's list."""
    if question.kind != "tick":
        return set()
    ids = [option.id for option in tick_groups(coding.instrument)[question.group]]
    return {n for n, matched in enumerate(coding.waves) if matched.several_choices(ids)}
