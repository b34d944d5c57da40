"""Which respondents are left out of the clean answers, under which rules; the last part of cleaning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from survey.careless_flags import judge
from survey.careless_rules import CarelessRules
from survey.checks import apply_check, check_problems
from survey.cleaning_log import CleaningLog, Step, drop, make_log, one_after_another
from survey.cleaning_rules import Rules
from survey.duplicates import settle_several_companies, without_duplicates
from survey.harmonising import Harmony
from survey.instrument import Instrument
from survey.matching import MatchedExport
from survey.problems import raise_if_any
from survey.responses import SOURCE, STANDARD, Responses
from survey.stacking import questions_asked


@dataclass(frozen=True, slots=True, eq=False)
class CodedAnswers:
    """Answers of all exports as codes, with whose they are, before anybody is left out for how they answered.

    Parameters
    ----------
    waves, instrument
        Where they come from.
    read
        All rows as they were read.
    step
        The coded answers, and what was logged and found wrong on the way.
    inattentive
        Who failed an attention check.
    dont_know
        Which answers were "don't know".
    harmony
        What comparing the files has found.
    """

    waves: tuple[MatchedExport, ...]
    instrument: Instrument
    read: pd.DataFrame
    step: Step
    inattentive: pd.Series
    dont_know: pd.DataFrame
    harmony: Harmony


def exclude(coded: CodedAnswers, rules: Rules, *, careless: CarelessRules) -> tuple[Responses, CleaningLog]:
    """Leave out of coded answers whom the rules exclude; the same answers serve any number of rules.

    Parameters
    ----------
    coded
        What `survey.cleaning.code` returns.
    rules
        Of them only what concerns checks, duplicates, several companies, attention and answers too few.
    careless
        When a respondent is flagged as careless, and how many flags exclude.

    Returns
    -------
    responses : Responses
    log : CleaningLog
        As `survey.cleaning.clean` returns them.

    Raises
    ------
    InputError
        The problems of the coded answers and of the rules; all at once.
    """
    asked = questions_asked(coded.waves, coded.instrument)
    inattentive = coded.inattentive & (rules.failed_attention == "drop")
    steps: list[Callable[[pd.DataFrame], Step]] = [
        *(partial(apply_check, check=check) for check in rules.checks),
        partial(without_duplicates, waves=coded.waves, asked=asked, keep=rules.duplicates),
        partial(settle_several_companies, waves=coded.waves, rule=rules.several_companies),
        partial(_without_inattentive, failed=inattentive),
        partial(_without_few_answers, coded=coded, minimum=rules.minimum_answered),
    ]
    kept = one_after_another(coded.step.table, steps)
    raise_if_any([*check_problems(rules.checks, coded.instrument), *coded.step.problems, *kept.problems])
    judged = judge(
        kept.table, coded.waves, instrument=coded.instrument, rules=careless, failed=coded.inattentive
    )
    left, lines, _ = judged.step
    log = make_log([*coded.step.lines, *kept.lines, *lines], coded.read, left)
    frame = _in_order(left, asked)
    unsure = coded.dont_know.loc[frame.index]
    responses = Responses(
        frame.reset_index(drop=True), coded.instrument, _dont_know(frame[asked], unsure),
        labels=coded.harmony.labels, ledger=coded.harmony.ledger, flags=judged.flags,
        unsure=unsure.reset_index(drop=True),
    )  # fmt: skip
    return responses, log


def _without_inattentive(table: pd.DataFrame, *, failed: pd.Series) -> Step:
    return drop(table, failed.loc[table.index], "failed attention check")


def _without_few_answers(table: pd.DataFrame, *, coded: CodedAnswers, minimum: float) -> Step:
    questions = coded.instrument.columns.values()
    items = [
        question.id for question in questions if question.section == "construct" and question.id in table
    ]
    asked = {number: len(set(items) & set(matched.columns)) for number, matched in enumerate(coded.waves)}
    share = table[items].notna().sum(axis=1) / table["export"].map(asked)
    return drop(table, share < minimum, f"answered less than {100 * minimum:g}% of the statements")


def _in_order(table: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    known = [name for name in ("started", "duration_s", "language") if name in table and name not in asked]
    order = ["wave", "company", "function", "respondent", "file", "row"]
    return table[[*STANDARD, *SOURCE, *known, *asked]].sort_values(order)


def _dont_know(answers: pd.DataFrame, unsure: pd.DataFrame) -> pd.Series:
    given = (answers.notna() | unsure).sum()
    return (100 * unsure.sum() / given).rename("dont_know")
