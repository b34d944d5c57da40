"""Who answered, for which function, when, and with what weight."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from survey.cleaning_log import Step, changed, dropped
from survey.dates import read_times, read_years
from survey.identifiers import redact, redacted
from survey.instrument import Instrument, Question
from survey.job_titles import TitleTable, functions_of_people
from survey.language import look_up, say
from survey.matching import MatchedExport
from survey.numbers import read_numbers
from survey.problems import Problem, first_of, problems_at
from survey.recoding import allowed_answers, recode
from survey.responses import FUNCTIONS
from survey.stacking import bad_cells

_A_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def resolve_functions(
    table: pd.DataFrame,
    waves: Sequence[MatchedExport],
    *,
    instrument: Instrument,
    unknown: Literal["error", "drop"],
    titles: TitleTable | None = None,
) -> Step:
    """Put "sales" or "marketing" in the place of the answers; "" where no export has a function.

    Files without a question for the function are read by job title and department. Rows without an
    answer, and with an option of the questionnaire that is neither, are dropped; any other value is a
    problem, or dropped where the rules say so.
    """
    by_title = [n for n, matched in enumerate(waves) if says_title(matched)]
    if "function" not in table and not by_title:
        return Step(table.assign(function=""), [], [])
    question = instrument.with_role("function")
    if question is None or question.kind != "choice":
        options = {function: {"en": function} for function in FUNCTIONS}
        question = Question("function", "question", "function", "choice", {}, options=options)
    answers, _, strange = recode(_text(table, "function"), question)
    read = table["export"].isin(by_title)
    people = table[read]
    functions, why = functions_of_people(_text(people, "job_title"), _text(people, "department"), titles)
    answers[read] = functions
    why = why.reindex(table.index)
    neither = answers.notna() & ~answers.isin(FUNCTIONS)
    lines = [
        dropped(table[answers.isna() & ~strange & why.isna()], "no function given"),
        dropped(table[neither], "function is neither sales nor marketing"),
    ]
    problems: list[Problem] = []
    if unknown == "drop":
        lines.append(dropped(table[strange], "unknown function"))
        lines.append(dropped(table[why.notna()], "job title: " + why.dropna()))
    else:
        if strange.any():
            what, allowed = say("is neither sales nor marketing"), allowed_answers(question)
            problems += _by_value(
                table[strange], "function", waves, what=what, allowed=allowed,
                to_do=partial(_stands_for, question.id), more=say("more words that are neither sales nor marketing"),
            )  # fmt: skip
        problems += _untold_titles(table.assign(why=why)[why.notna()], waves)
    return Step(table.assign(function=answers)[answers.isin(FUNCTIONS)], lines, problems)


def _stands_for(question: str, written: str) -> str:
    """Say how a study tells what the codes of a file, or words that its questionnaire has not, stand for."""
    codes = _codes(question, written, "sales")
    return f"if it stands for one of them, say so in the wave: {codes}"


def says_title(matched: MatchedExport) -> bool:
    """Whether job titles or departments stand for the function in a file."""
    return "function" not in matched.columns and bool({"job_title", "department"} & set(matched.columns))


def _text(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of text; blank where no export has it."""
    return table[column] if column in table else pd.Series(dtype="str", index=table.index)


def _untold_titles(rows: pd.DataFrame, waves: Sequence[MatchedExport]) -> list[Problem]:
    """Make one problem of each title of which it cannot be told whether it is sales or marketing."""
    allowed, advice = (
        say("sales, marketing or other"),
        "say which for this title in the study, under job_titles: titles",
    )
    titles = redacted(_text(rows, "job_title").fillna(_text(rows, "department")))
    problems = []
    for (number, written), found in rows.groupby(["export", titles], sort=False):
        matched, title = waves[int(str(number))], str(written)
        heading = matched.columns.get("job_title", matched.columns.get("department", ""))
        what = f"{title!r}: {look_up(found['why'].iloc[0])}"
        what += (
            say(" ({n} rows, down to row {row})", n=len(found), row=found["row"].max())
            if len(found) > 1
            else ""
        )
        row = int(found["row"].min())
        problems.append(Problem(what, matched.export.file, row, heading, title, allowed, advice))
    return first_of(
        problems, say("more titles of which it cannot be told whether they are sales or marketing")
    )


def settle_waves(table: pd.DataFrame, waves: Sequence[MatchedExport]) -> Step:
    """Check that every row has a wave, and that a column of waves does not contradict the stated one."""
    said = read_years(table["wave_text"])
    unclear = table["wave"].isna()
    other = said.notna() & ~unclear & (said != table["wave"]).fillna(value=False)
    silent = [n for n, matched in enumerate(waves) if matched.wave is None and "wave" not in matched.columns]
    allowed = say("the year of its answers, or a column that says it row by row")
    problems = [Problem(say("has no wave"), waves[n].export.file, allowed=allowed) for n in silent]
    problems += _no_years(table[unclear & ~table["export"].isin(silent)], waves)
    for stated in table.loc[other, "wave"].unique():
        what = f"is another wave than the {stated} that the study states for this file"
        problems += bad_cells(
            table, "wave", other & (table["wave"] == stated), waves, what=what, allowed=str(stated),
            written=table["wave_text"],
        )  # fmt: skip
    return Step(table[~unclear].astype({"wave": "int64"}).drop(columns="wave_text"), [], problems)


def _no_years(rows: pd.DataFrame, waves: Sequence[MatchedExport]) -> list[Problem]:
    """Make one problem of each name of a wave in which no year can be read."""

    def to_do(name: str) -> str:
        year = _A_YEAR.search(name)
        return say(
            "say in the wave which year it stands for: {codes}; parts of one year are one wave",
            codes=_codes("wave", name, year[0] if year else "<year>"),
        )

    return _by_value(
        rows.assign(wave=rows["wave_text"]), "wave", waves, what=say("is not a year"),
        allowed=say("a year (1900-2100) or a date"), to_do=to_do,
        more=say("more names of waves in which no year can be read"),
    )  # fmt: skip


def _codes(question: str, written: str, meant: str) -> str:
    return f'`codes: {{{question}: {{"{redact(written)}": {meant}}}}}`'


def _by_value(
    rows: pd.DataFrame,
    key: str,
    waves: Sequence[MatchedExport],
    *,
    what: str,
    allowed: str,
    to_do: Callable[[str], str],
    more: str,
) -> list[Problem]:
    """Make one problem of each value of a column that is wrong, at its first row, however many rows have it."""
    problems = []
    for (number, value), found in rows.groupby(["export", rows[key].fillna("")], sort=False):
        matched, written = waves[int(str(number))], str(value)
        wrong = what
        if len(found) > 1:
            wrong += say(" ({n} rows, down to row {row})", n=len(found), row=found["row"].max())
        advice = (
            to_do(written)
            if written
            else say("correct this cell, or leave the person out (cleaning: checks)")
        )
        problems += problems_at(
            wrong, [(int(found["row"].min()), written)], file=matched.export.file,
            column=matched.columns.get(key, key), allowed=allowed, to_do=advice,
        )  # fmt: skip
    return first_of(problems, more)


def settle_weights(table: pd.DataFrame, waves: Sequence[MatchedExport]) -> Step:
    """Read the weights, which must be positive; 1 in exports that have none."""
    if "weight" not in table:
        return Step(table.assign(weight=1.0), [], [])
    values, _ = read_numbers(table["weight"])
    weighted = table["export"].isin([n for n, matched in enumerate(waves) if "weight" in matched.columns])
    bad = weighted & ~(values > 0)
    found = bad_cells(
        table, "weight", bad, waves, what=say("is not a weight"), allowed=say("a number above 0 in every row")
    )
    to_do = say("correct this cell, or leave the person out (cleaning: checks)")
    problems = [replace(problem, to_do=to_do) for problem in found]
    return Step(table.assign(weight=values.where(weighted, 1.0)), [], problems)


def settle_languages(table: pd.DataFrame, *, instrument: Instrument) -> Step:
    """Write the language in which somebody answered alike in all files ("EN" is "en"), unless it is a question."""
    if "language" not in table or "language" in instrument.columns:
        return Step(table, [], [])
    return Step(table.assign(language=table["language"].str.strip().str.casefold()), [], [])


def settle_times(table: pd.DataFrame, *, longest_h: float = 24) -> Step:
    """Read start times and durations in seconds; what is none becomes missing and goes into the log.

    Where a file has the end instead of the duration, the time between start and end is the duration. One
    that is not above zero, because a clock ran backwards, or is longer than `longest_h` hours, because the
    questionnaire was left open, is not known.
    """
    lines = []
    if "started" in table:
        started = read_times(table["started"])
        lost = table["started"].notna() & started.isna()
        lines.append(
            changed(table[lost], "started", before=table["started"][lost], after="", rule="not a time")
        )
        table = table.assign(started=started)
    written, measured = _text(table, "duration_s"), _measured(table)
    if "duration_s" not in table and measured.isna().all():
        return Step(table, lines, [])
    seconds = read_numbers(written)[0].where(written.notna(), measured)
    before = written.fillna(measured.map("{:.15g}".format).astype("str"))
    wrong = {
        "not a duration in seconds": written.notna() & seconds.isna(),
        "ended before it started: duration not known": seconds < 0,
        "took no time: duration not known": seconds == 0,
        f"took more than {longest_h:g} hours: duration not known": seconds > 3600 * longest_h,
    }
    for rule, rows in wrong.items():
        lines.append(changed(table[rows], "duration_s", before=before[rows], after="", rule=rule))
    lost = pd.concat(wrong, axis=1).any(axis=1)
    return Step(table.assign(duration_s=seconds.mask(lost)), lines, [])


def _measured(table: pd.DataFrame) -> pd.Series:
    """Seconds from start to end; NaN where one of them is not known."""
    if "started" not in table or "ended" not in table:
        return pd.Series(np.nan, index=table.index)
    return (read_times(table["ended"]) - table["started"]).dt.total_seconds()
