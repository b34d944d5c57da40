"""clean(): the one pass from matched exports to clean responses, with a log of all it did."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import pandas as pd
from pydantic import Field

from survey.cleaning_log import CleaningLog, Step, changed, drop, make_log
from survey.companies import Register
from survey.declaration import Declared
from survey.identifying import (
    resolve_companies,
    resolve_functions,
    settle_times,
    settle_waves,
    settle_weights,
)
from survey.instrument import Instrument
from survey.matching import STANDARD_COLUMNS, MatchedExport
from survey.problems import Problem, raise_if_any
from survey.recoding import allowed_answers, fill_ticks, recode
from survey.responses import SOURCE, STANDARD, Responses
from survey.stacking import bad_cells, questions_asked, stack

__all__ = ["CleaningLog", "MatchedExport", "Rules", "clean"]


class Rules(Declared):
    """What happens to rows and answers that do not fit.

    Parameters
    ----------
    outside_scale
        An answer that is none of the question's: a problem, or missing (and in the log).
    unknown_company, unknown_function
        A company that the register does not know, a function that is neither sales nor marketing: a
        problem, or the row is dropped.
    minimum_answered
        Share (0 to 1) of the rated statements of the constructs, among those the export asks, that a
        respondent must have answered. "Don't know" is no answer in this.
    failed_attention
        Rows with another than the expected answer to an attention check. One left blank is not failed.
    duplicates
        Which row stays where a respondent appears more than once in a company and wave. First and last
        go by start time where the export has one, then by file and row; they also settle equally
        complete rows.
    exclude_companies
        Reason by company (id or name).
    """

    outside_scale: Literal["error", "missing"] = "error"
    unknown_company: Literal["error", "drop"] = "error"
    unknown_function: Literal["error", "drop"] = "error"
    failed_attention: Literal["drop", "keep"] = "drop"
    duplicates: Literal["first", "last", "most_complete"] = "most_complete"
    minimum_answered: float = Field(default=0.5, ge=0, le=1)
    exclude_companies: dict[str, str] = Field(default_factory=dict)


DEFAULT = Rules()


def clean(
    waves: Sequence[MatchedExport],
    instrument: Instrument,
    *,
    register: Register | None = None,
    rules: Rules = DEFAULT,
) -> tuple[Responses, CleaningLog]:
    """Turn matched exports into clean responses.

    In this order: previews and blank rows are dropped; companies resolved, excluded ones dropped;
    functions resolved; waves, weights and times read; answers recoded; duplicates, failed attention
    checks and rows with too few answers dropped. The order of the rows and columns of the files has no
    influence on the result, and cleaning clean answers again changes nothing.

    Parameters
    ----------
    waves
        The exports with their column maps.
    instrument
        The questionnaire.
    register
        The companies of the study; without one, spellings with the same normalised form are one
        company, called by the most frequent spelling.
    rules
        What happens to what does not fit.

    Returns
    -------
    responses : Responses
        One row per respondent kept, sorted by wave, company, function and respondent. Besides the
        columns of `Responses` the frame has ``started`` (UTC where the export names a zone) and
        ``duration_s`` if an export has them. `Responses.dont_know` is in per cent (0-100) of the answers
        given, "don't know" among them.
    log : CleaningLog
        Every dropped row and changed value, and the account of the rows.

    Raises
    ------
    InputError
        If values do not fit and the rules do not say what else to do, of all exports at once: a problem
        for each of the first 20 cells of a column, then the number of the rest.
    """
    read = stack(waves, instrument)
    asked = questions_asked(waves, instrument)
    who: list[Callable[[pd.DataFrame], Step]] = [
        _without_previews,
        partial(_without_blank_rows, waves=waves),
        partial(
            resolve_companies, waves=waves, register=register, unknown=rules.unknown_company,
            exclude=rules.exclude_companies,
        ),
        partial(resolve_functions, waves=waves, instrument=instrument, unknown=rules.unknown_function),
        partial(settle_waves, waves=waves),
        partial(settle_weights, waves=waves),
        settle_times,
    ]  # fmt: skip
    identified = _one_after_another(read, who)
    answered, unsure = _recode_answers(
        identified.table, waves, instrument, error=rules.outside_scale == "error"
    )
    which: list[Callable[[pd.DataFrame], Step]] = [
        partial(_without_duplicates, asked=asked, keep=rules.duplicates),
        partial(_without_inattentive, instrument=instrument, keep=rules.failed_attention == "keep"),
        partial(_without_few_answers, waves=waves, instrument=instrument, minimum=rules.minimum_answered),
    ]
    kept = _one_after_another(answered.table, which)
    raise_if_any([*identified.problems, *answered.problems, *kept.problems])
    log = make_log([*identified.lines, *answered.lines, *kept.lines], read, kept.table)
    return _responses(kept.table, unsure, asked, instrument), log


def _one_after_another(table: pd.DataFrame, steps: Sequence[Callable[[pd.DataFrame], Step]]) -> Step:
    lines: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for step in steps:
        table, new_lines, new_problems = step(table)
        lines += new_lines
        problems += new_problems
    return Step(table, lines, problems)


def _without_previews(table: pd.DataFrame) -> Step:
    return drop(table, table["preview"], "preview or test response")


def _without_blank_rows(table: pd.DataFrame, *, waves: Sequence[MatchedExport]) -> Step:
    """Drop rows in which the respondent wrote nothing; what the platform adds does not count."""
    written = pd.Series(data=False, index=table.index)
    for number, matched in enumerate(waves):
        own = [
            key
            for key, column in matched.columns.items()
            if column not in matched.export.metadata and key not in ("respondent", "wave", "weight")
        ]
        rows = table["export"] == number
        written |= rows & table.loc[rows, own].notna().any(axis=1).reindex(table.index, fill_value=False)
    return drop(table, ~written, "blank row")


def _recode_answers(
    table: pd.DataFrame, waves: Sequence[MatchedExport], instrument: Instrument, *, error: bool
) -> tuple[Step, pd.DataFrame]:
    """Turn text into codes; also return where "don't know" was answered."""
    questions = [instrument.columns[key] for key in questions_asked(waves, instrument)]
    answers, unsure, lines, problems = {}, {}, [], []
    for question in questions:
        key = question.id
        answers[key], unsure[key], bad = recode(table[key], question)
        if not bad.any():
            continue
        if error:
            allowed = allowed_answers(question)
            what = "is outside the scale or not an answer to this question"
            problems += bad_cells(table, key, bad, waves, what=what, allowed=allowed)
        else:
            before = table[key][bad]
            lines.append(changed(table[bad], key, before=before, after="", rule="outside the scale"))
    coded = pd.DataFrame(answers, index=table.index)
    for number, rows in table.groupby("export").groups.items():
        ticks = [q.id for q in questions if q.kind == "tick" and q.id in waves[int(str(number))].columns]
        coded.loc[rows, ticks] = fill_ticks(coded.loc[rows, ticks], instrument)
    rest = table.drop(columns=list(answers))
    return Step(pd.concat([rest, coded], axis=1), lines, problems), pd.DataFrame(unsure, index=table.index)


def _without_duplicates(table: pd.DataFrame, *, asked: Sequence[str], keep: str) -> Step:
    """Keep one row of each respondent per company and wave."""
    order = pd.DataFrame(
        {
            "blank": table[list(asked)].isna().sum(axis=1) if keep == "most_complete" else 0,
            "started": table.get("started", pd.NaT),
            "file": table["file"],
            "row": table["row"],
        }
    ).sort_values(["blank", "started", "file", "row"])
    person = table.loc[order.index, ["wave", "company", "respondent"]]
    again = person.duplicated(keep="last" if keep == "last" else "first").reindex(table.index)
    return drop(table, again, f"respondent answered more than once; kept: {keep.replace('_', ' ')}")


def _without_inattentive(table: pd.DataFrame, *, instrument: Instrument, keep: bool) -> Step:
    failed = pd.Series(data=False, index=table.index)
    for question in instrument.columns.values():
        if question.role == "attention" and question.expected is not None and question.id in table:
            failed |= table[question.id].notna() & (table[question.id] != question.expected)
    return drop(table, failed & (not keep), "failed attention check")


def _without_few_answers(
    table: pd.DataFrame, *, waves: Sequence[MatchedExport], instrument: Instrument, minimum: float
) -> Step:
    items = [q.id for q in instrument.columns.values() if q.section == "construct" and q.id in table]
    asked = {number: len(set(items) & set(matched.columns)) for number, matched in enumerate(waves)}
    share = table[items].notna().sum(axis=1) / table["export"].map(asked)
    return drop(table, share < minimum, f"answered less than {100 * minimum:g}% of the statements")


def _responses(
    table: pd.DataFrame, unsure: pd.DataFrame, asked: Sequence[str], instrument: Instrument
) -> Responses:
    times = [name for name in STANDARD_COLUMNS if name in table and name not in STANDARD]
    order = ["wave", "company", "function", "respondent", "file", "row"]
    frame = table[[*STANDARD, *SOURCE, *times, *asked]].sort_values(order)
    unsure = unsure.loc[frame.index]
    given = (frame[list(asked)].notna() | unsure).sum()
    dont_know = (100 * unsure.sum() / given).rename("dont_know")
    return Responses(frame.reset_index(drop=True), instrument, dont_know)
