"""Who answered, for which function, when, and with what weight."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from survey.cleaning_log import Step, changed, dropped
from survey.dates import read_times, read_years
from survey.identifiers import redacted
from survey.instrument import Instrument, Question
from survey.job_titles import TitleTable, functions_of_people
from survey.language import look_up, say
from survey.matching import MatchedExport
from survey.numbers import read_numbers
from survey.problems import Problem, first_of
from survey.recoding import allowed_answers, recode
from survey.responses import FUNCTIONS
from survey.stacking import bad_cells


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
            found = bad_cells(table, "function", strange, waves, what=what, allowed=allowed)
            problems += map(_with_advice, found)
        problems += _untold_titles(table.assign(why=why)[why.notna()], waves)
    return Step(table.assign(function=answers)[answers.isin(FUNCTIONS)], lines, problems)


def _with_advice(problem: Problem) -> Problem:
    """Say how a study tells what the codes of a file, or words that its questionnaire has not, stand for."""
    code = f'"{problem.value}"' if problem.value else "<code>"
    to_do = f"if it stands for one of them, say so in the wave: `codes: {{function: {{{code}: sales}}}}`"
    return replace(problem, to_do=to_do, rest=tuple(map(_with_advice, problem.rest)))


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
    problems += bad_cells(
        table,
        "wave",
        unclear & ~table["export"].isin(silent),
        waves,
        what=say("is not a year"),
        written=table["wave_text"],
        allowed=say("a year (1900-2100) or a date"),
    )
    for stated in table.loc[other, "wave"].unique():
        what = f"is another wave than the {stated} that the study states for this file"
        problems += bad_cells(
            table, "wave", other & (table["wave"] == stated), waves, what=what, allowed=str(stated),
            written=table["wave_text"],
        )  # fmt: skip
    return Step(table[~unclear].astype({"wave": "int64"}).drop(columns="wave_text"), [], problems)


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
