"""clean(): the one pass from matched exports to clean responses, with a log of all it did."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from survey.careless_rules import CarelessRules
from survey.cleaning_log import CleaningLog, Step, drop, one_after_another
from survey.cleaning_rules import Rules
from survey.coding import code_answers
from survey.companies import Register
from survey.company_review import NOBODY_DECIDED, Decisions
from survey.empty_marks import without_marks
from survey.entity_resolution import CompanyRules
from survey.excluding import CodedAnswers, exclude
from survey.harmonising import harmonise
from survey.identifying import resolve_functions, settle_languages, settle_times, settle_waves, settle_weights
from survey.instrument import Instrument
from survey.job_titles import TitleTable
from survey.ledger import Change
from survey.matching import MatchedExport
from survey.naming_companies import resolve_companies
from survey.responses import Responses
from survey.stacking import stack

__all__ = ["CleaningLog", "MatchedExport", "Rules", "clean"]


DEFAULT = Rules()
FLAGGED_AND_KEPT = CarelessRules()
NAMES = CompanyRules()


def clean(  # noqa: PLR0913 - each is a part of the study that cleaning depends on
    waves: Sequence[MatchedExport],
    instrument: Instrument,
    *,
    register: Register | None = None,
    rules: Rules = DEFAULT,
    careless: CarelessRules = FLAGGED_AND_KEPT,
    companies: CompanyRules = NAMES,
    decisions: Decisions = NOBODY_DECIDED,
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
        The companies of the study; without one, they are found among the names of all waves.
    rules
        What happens to what does not fit.
    careless
        When a respondent is flagged as careless, and how many flags exclude; none do by default.
    companies, decisions
        When similar names are one company, and what somebody decided where that cannot be told; see
        `survey.company_review`.
    changes
        What the researcher knows to be different between waves; see `survey.harmonising.comparability`.
    titles
        How job titles and departments become functions, in files without a question for it; the table that
        ships if None.

    Returns
    -------
    responses : Responses
        One row per respondent kept, sorted by wave, company, function and respondent. Besides the
        columns of `Responses` the frame has ``started`` (UTC where the export names a zone), ``duration_s``
        and ``language`` (in which somebody answered) if an export has them. `Responses.dont_know` is in per
        cent (0-100) of the answers given, "don't know" among them; `Responses.ledger` says which questions
        compare between waves, `Responses.flags` who was flagged as careless and why, dropped for it or not.
    log : CleaningLog
        Every dropped row and changed value, and the account of the rows.

    Raises
    ------
    InputError
        If values do not fit and the rules do not say what else to do, of all exports at once: a problem
        for each of the first 20 cells of a column, then the number of the rest. Also whatever
        `survey.harmonising.comparability` raises.
    """
    coded = code(
        waves, instrument, register=register, rules=rules, companies=companies, decisions=decisions,
        changes=changes, titles=titles,
    )  # fmt: skip
    return exclude(coded, rules, careless=careless)


def code(  # noqa: PLR0913 - as in `clean`
    waves: Sequence[MatchedExport],
    instrument: Instrument,
    *,
    register: Register | None = None,
    rules: Rules = DEFAULT,
    companies: CompanyRules = NAMES,
    decisions: Decisions = NOBODY_DECIDED,
    changes: Sequence[Change] = (),
    titles: TitleTable | None = None,
) -> CodedAnswers:
    """Say whose every answer is and turn it into a code; see `clean`, of which this is the first part.

    Problems are kept, not raised: `exclude` raises them with its own.
    """
    waves = [without_marks(matched, instrument) for matched in waves]
    read = stack(waves, instrument)
    harmony = harmonise(waves, instrument, changes=changes)
    who: list[Callable[[pd.DataFrame], Step]] = [
        _without_previews,
        partial(_without_blank_rows, waves=waves),
        partial(
            resolve_companies, waves=waves, register=register, unknown=rules.unknown_company,
            exclude=rules.exclude_companies, rules=companies, decisions=decisions, instrument=instrument,
        ),
        partial(
            resolve_functions, waves=waves, instrument=instrument, unknown=rules.unknown_function,
            titles=titles,
        ),
        partial(settle_waves, waves=waves),
        partial(settle_weights, waves=waves),
        partial(settle_languages, instrument=instrument),
        partial(settle_times, longest_h=rules.longest_duration_h),
    ]  # fmt: skip
    identified = one_after_another(read, who)
    found = code_answers(
        identified.table, waves, instrument, error=rules.outside_scale == "error", unread=harmony.unread
    )
    answered = pd.concat([identified.table.drop(columns=list(found.answers)), found.answers], axis=1)
    problems = [*harmony.problems, *identified.problems, *found.problems]
    step = Step(answered, [*identified.lines, *found.lines], problems)
    return CodedAnswers(tuple(waves), instrument, read, step, found.inattentive, found.dont_know, harmony)


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
