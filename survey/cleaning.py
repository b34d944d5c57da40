"""clean(): the one pass from matched exports to clean responses, with a log of all it did."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from survey.careless_flags import judge
from survey.careless_rules import CarelessRules
from survey.checks import apply_check, check_problems
from survey.cleaning_log import CleaningLog, Step, drop, make_log
from survey.cleaning_rules import Rules
from survey.coding import code_answers
from survey.companies import Register
from survey.duplicates import settle_several_companies, without_duplicates
from survey.harmonising import harmonise
from survey.identifying import (
    resolve_companies,
    resolve_functions,
    settle_times,
    settle_waves,
    settle_weights,
)
from survey.instrument import Instrument
from survey.job_titles import TitleTable
from survey.ledger import Change
from survey.matching import MatchedExport
from survey.problems import Problem, raise_if_any
from survey.responses import SOURCE, STANDARD, Responses
from survey.stacking import questions_asked, stack

__all__ = ["CleaningLog", "MatchedExport", "Rules", "clean"]


DEFAULT = Rules()
FLAGGED_AND_KEPT = CarelessRules()


def clean(
    waves: Sequence[MatchedExport],
    instrument: Instrument,
    *,
    register: Register | None = None,
    rules: Rules = DEFAULT,
    careless: CarelessRules = FLAGGED_AND_KEPT,
    changes: Sequence[Change] = (),
    titles: TitleTable | None = None,
) -> tuple[Responses, CleaningLog]:
    """Turn matched exports into clean responses.

    In this order: previews and blank rows are dropped; companies resolved, excluded ones dropped;
    functions resolved; waves, weights and times read; answers recoded; the declared checks applied, in
    their order; duplicates, failed attention checks and rows with too few answers dropped; the rest flagged
    as careless, and dropped for it where the study says so. Answers that a file asked on another scale are
    brought to that of the instrument. The order of the rows and columns of the files has no influence on
    the result, and cleaning clean answers again changes nothing.

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
    careless
        When a respondent is flagged as careless, and how many flags exclude; none do by default.
    changes
        What the researcher knows to be different between waves; see `survey.harmonising.comparability`.
    titles
        How job titles and departments become functions, in files without a question for it; the table that
        ships if None.

    Returns
    -------
    responses : Responses
        One row per respondent kept, sorted by wave, company, function and respondent. Besides the
        columns of `Responses` the frame has ``started`` (UTC where the export names a zone) and
        ``duration_s`` if an export has them. `Responses.dont_know` is in per cent (0-100) of the answers
        given, "don't know" among them; `Responses.ledger` says which questions compare between waves,
        `Responses.flags` who was flagged as careless and why, dropped for it or not.
    log : CleaningLog
        Every dropped row and changed value, and the account of the rows.

    Raises
    ------
    InputError
        If values do not fit and the rules do not say what else to do, of all exports at once: a problem
        for each of the first 20 cells of a column, then the number of the rest. Also whatever
        `survey.harmonising.comparability` raises.
    """
    read = stack(waves, instrument)
    asked = questions_asked(waves, instrument)
    harmony = harmonise(waves, instrument, changes=changes)
    who: list[Callable[[pd.DataFrame], Step]] = [
        _without_previews,
        partial(_without_blank_rows, waves=waves),
        partial(
            resolve_companies, waves=waves, register=register, unknown=rules.unknown_company,
            exclude=rules.exclude_companies,
        ),
        partial(
            resolve_functions, waves=waves, instrument=instrument, unknown=rules.unknown_function,
            titles=titles,
        ),
        partial(settle_waves, waves=waves),
        partial(settle_weights, waves=waves),
        partial(settle_times, longest_h=rules.longest_duration_h),
    ]  # fmt: skip
    identified = _one_after_another(read, who)
    coded = code_answers(
        identified.table, waves, instrument, error=rules.outside_scale == "error", unread=harmony.unread
    )
    answered = pd.concat([identified.table.drop(columns=list(coded.answers)), coded.answers], axis=1)
    inattentive = coded.inattentive & (rules.failed_attention == "drop")
    which: list[Callable[[pd.DataFrame], Step]] = [
        *(partial(apply_check, check=check) for check in rules.checks),
        partial(without_duplicates, waves=waves, asked=asked, keep=rules.duplicates),
        partial(settle_several_companies, waves=waves, rule=rules.several_companies),
        partial(_without_inattentive, failed=inattentive),
        partial(_without_few_answers, waves=waves, instrument=instrument, minimum=rules.minimum_answered),
    ]
    kept = _one_after_another(answered, which)
    declared = check_problems(rules.checks, instrument)
    raise_if_any([*declared, *harmony.problems, *identified.problems, *coded.problems, *kept.problems])
    judged = judge(kept.table, waves, instrument=instrument, rules=careless, failed=coded.inattentive)
    left, lines, _ = judged.step
    log = make_log([*identified.lines, *coded.lines, *kept.lines, *lines], read, left)
    frame = _in_order(left, asked)
    dont_know = _dont_know(frame[asked], coded.dont_know.loc[frame.index])
    frame = frame.reset_index(drop=True)
    responses = Responses(
        frame, instrument, dont_know, labels=harmony.labels, ledger=harmony.ledger, flags=judged.flags
    )
    return responses, log


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


def _without_inattentive(table: pd.DataFrame, *, failed: pd.Series) -> Step:
    return drop(table, failed.loc[table.index], "failed attention check")


def _without_few_answers(
    table: pd.DataFrame, *, waves: Sequence[MatchedExport], instrument: Instrument, minimum: float
) -> Step:
    items = [q.id for q in instrument.columns.values() if q.section == "construct" and q.id in table]
    asked = {number: len(set(items) & set(matched.columns)) for number, matched in enumerate(waves)}
    share = table[items].notna().sum(axis=1) / table["export"].map(asked)
    return drop(table, share < minimum, f"answered less than {100 * minimum:g}% of the statements")


def _in_order(table: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    times = [name for name in ("started", "duration_s") if name in table]
    order = ["wave", "company", "function", "respondent", "file", "row"]
    return table[[*STANDARD, *SOURCE, *times, *asked]].sort_values(order)


def _dont_know(answers: pd.DataFrame, unsure: pd.DataFrame) -> pd.Series:
    given = (answers.notna() | unsure).sum()
    return (100 * unsure.sum() / given).rename("dont_know")
