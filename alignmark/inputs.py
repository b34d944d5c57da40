"""Inputs: everything a study names, read, matched and cleaned, with all problems of all files at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

import pandas as pd

from alignmark.answers import Answers, read_answers
from alignmark.attempts import Attempts
from alignmark.firmographics import read_firmographics
from alignmark.names import Given, name_problems
from alignmark.protecting import NOBODY, Protection, fact_problems
from alignmark.published_figures import read_published_figures
from alignmark.remarks import questions_of, remarks_on
from alignmark.study import StudyFile
from alignmark.study_files import OrganisationPanel, OutcomeRecords
from alignmark.table_names import table_problems
from alignmark.weighing import NOTHING_KNOWN, Population, read_population
from alignmark.weighing_problems import fact_faults, tried, weight_names
from analysis.measure.panel import Panel, panel_from_scores
from survey.cleaning_log import CleaningLog, dropped, make_log
from survey.companies import Register, read_register, register_of_resolved, with_spellings
from survey.dates import read_years
from survey.excluding import CodedAnswers
from survey.instrument import Instrument, read_instrument
from survey.language import counted
from survey.naming_companies import names_taken
from survey.numbers import MARKS
from survey.outcomes import growth, read_records
from survey.problems import InputError, Problem, raise_if_any, with_questions
from survey.readers.spreadsheet import read_table
from survey.responses import Responses
from survey.weighting_rules import MarginsFile

_NO_ROWS = pd.DataFrame(
    {"file": pd.Series(dtype="str"), "row": pd.Series(dtype="int64"), "wave": pd.Series(dtype="int64")}
)
_NOTHING = make_log([], _NO_ROWS, _NO_ROWS)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What the files of a study hold.

    Parameters
    ----------
    instrument
        The questionnaire.
    responses
        Clean answers, or None where the study starts from scores per organisation.
    organisations
        The panel of scores per organisation and wave, or None.
    log
        Every dropped row and changed value, and the row accounting.
    outcomes
        By name: company, year, growth, reason.
    firmographics
        company, optionally wave, then facts; from the register and the firmographics file.
    files
        Every file that was read, by the name that the study gives it.
    decisions
        What was decided in reading and matching the files, such as which of several sheets was read.
    coded
        The answers before anybody was left out, for other exclusion rules, under the ids that the files
        give, which go no further; None without answers of people.
    remarks
        Warnings and notes: the decisions, what cleaning left out, questions that changed between waves,
        waves that are small or of one company.
    protection
        What personal data were kept out, and how.
    population
        What is known of companies beyond those that answered, to weight by.
    published
        Figures that others have published of the same data: ``wave, variable, published, unit, source``.
    """

    instrument: Instrument
    responses: Responses | None
    organisations: Panel | None
    log: CleaningLog
    outcomes: dict[str, pd.DataFrame]
    firmographics: list[pd.DataFrame]
    files: dict[str, Path]
    decisions: tuple[Problem, ...] = ()
    coded: CodedAnswers | None = None
    remarks: tuple[Problem, ...] = ()
    protection: Protection = NOBODY
    population: Population = NOTHING_KNOWN
    published: pd.DataFrame = field(default_factory=pd.DataFrame)

    def summary(self) -> str:
        """Say what was read and what became of it."""
        said = [f"{self.log.summary()}."]
        if self.responses is not None and self.responses.ledger is not None:
            said.append(f"{self.responses.ledger.summary()}.")
        told = Counter(problem.severity for problem in self.remarks)
        said += [f"{counted(count, severity)} in `remarks`." for severity, count in told.items()]
        return "\n".join(said)

    __repr__ = summary

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines())
        return lines + self.log.accounting.to_html(index=False, border=0)


def read_inputs(file: StudyFile) -> Inputs:
    """Read, match and clean everything that a study names.

    Raises
    ------
    InputError
        Every problem of the study and of every file, raised once.
    """
    study, found = file.study, Attempts(list(file.problems))
    instrument = found.attempt(read_instrument_of, file)
    register = found.attempt(read_register_of, file)
    answers = read_answers(file, instrument, register=register, found=found)
    responses, log = answers.responses, answers.log or _NOTHING
    scored = found.attempt(_read_organisations, instrument, file)
    panel, log = scored or (None, log)
    declared = study.register_of_companies is not None
    companies = _known_companies(register, responses, panel, log, declared=declared)
    firmographics = _fact_tables(register, found.attempt(read_firmographics, file, companies))
    frame = responses.frame if responses is not None else panel.frame if panel is not None else None
    found.problems += fact_problems(file, firmographics)
    population = found.attempt(read_population, file, register, companies)
    known = population or NOTHING_KNOWN
    unnamed = (
        [] if population is None else list(weight_names(file, known.register, known.margins, firmographics))
    )
    found.problems += [*unnamed, *fact_faults(file, companies, frame)]
    waves = _waves(answers, panel)
    grown = {
        name: found.attempt(_read_outcome, records, file, companies, waves)
        for name, records in study.outcomes.items()
    }
    published = found.attempt(read_published_figures, file)
    if instrument is not None:
        found.problems += name_problems(file, instrument, Given(answers.asked, _words(firmographics)))
        found.problems += table_problems(file, instrument, answers.asked, firmographics)
    asked = questions_of(answers.matched, instrument)
    remarks = with_questions(
        remarks_on(
            answers, log, panel=panel, minimum_companies=study.disclosure.minimum_companies,
            dominating=study.companies.dominating,
        ), asked,
    )  # fmt: skip
    if found.problems and population is not None and not unnamed and frame is not None:
        found.problems += tried(file, known.margins, known.register, answered=frame, tables=firmographics)
    if found.problems:
        raise InputError(with_questions(dict.fromkeys(found.problems), asked), remarks=remarks)
    assert instrument is not None  # or else its problems were raised
    outcomes = {name: table for name, table in grown.items() if table is not None}
    return Inputs(
        instrument, responses, panel, log, outcomes, firmographics, _files(file), answers.decisions,
        answers.coded, tuple(remarks), answers.protection, known,
        pd.DataFrame() if published is None else published,
    )  # fmt: skip


def _fact_tables(register: Register | None, facts: pd.DataFrame | None) -> list[pd.DataFrame]:
    """Return the facts of the register and those of a file of their own, as far as there are any."""
    of_register = [] if register is None else [register.firmographics.reset_index()]
    return of_register if facts is None else [*of_register, facts]


def read_instrument_of(file: StudyFile) -> Instrument:
    """Read the questionnaire of a study; what is wrong with its name is told at its place in the study."""
    try:
        return read_instrument(file.instrument_source)
    except InputError as error:
        raise InputError(
            p if p.file else file.problem(["instrument"], p.what, allowed=p.allowed) for p in error.problems
        ) from None


def read_register_of(file: StudyFile) -> Register | None:
    """Read the companies of a study; None if it names none."""
    table = file.study.register_of_companies
    if table is None:
        return None
    return read_register(
        file.locate(table.file), table.columns, name=table.file, same_name=file.study.companies.same_name
    )


def _read_organisations(
    instrument: Instrument | None, file: StudyFile
) -> tuple[Panel | None, CleaningLog] | None:
    declared = file.study.panel
    if declared is None:
        return None
    table = read_table(
        file.locate(declared.file), declared.columns, required=("company", "wave"), name=declared.file
    )
    raise_if_any(_exclusions_of_nobody(declared, table, file))
    years = read_years(table["wave"])
    waves = table["wave"].where(years.isna(), years.astype("str"))
    read = table.assign(wave=waves, file=declared.file, row=table.index, respondent="").reset_index(drop=True)
    reasons = read["company"].map(declared.exclude)
    kept = read[reasons.isna()]
    lines = [dropped(read[reasons.notna()], "excluded: " + reasons[reasons.notna()].astype("str"))]
    if instrument is None:
        return None
    scored = [
        name for name in ("n", "alignment", *instrument.constructs, *instrument.outcomes) if name in kept
    ]
    kept = kept.assign(**{name: kept[name].mask(kept[name].str.strip().isin(MARKS)) for name in scored})
    try:
        panel = panel_from_scores(kept.drop(columns="respondent").reset_index(drop=True), instrument)
    except InputError as error:
        raise InputError(_under_its_heading(problem, declared, file) for problem in error.problems) from None
    return panel, make_log(lines, read, kept)


def _exclusions_of_nobody(
    declared: OrganisationPanel, table: pd.DataFrame, file: StudyFile
) -> Iterator[Problem]:
    for company in declared.exclude:
        if company not in set(table["company"]):
            what = f"{company!r} is to be excluded, but no row of {declared.file} has this id"
            allowed = f"an id in the column {declared.columns['company']}"
            yield file.problem(["panel", "exclude", company], what, value=company, allowed=allowed)


def _under_its_heading(problem: Problem, declared: OrganisationPanel, file: StudyFile) -> Problem:
    """Say the file's own heading instead of the standard name."""
    if problem.file:
        return replace(problem, column=declared.columns.get(problem.column, problem.column))
    what = f"does not say which column of {declared.file} holds {problem.column}"
    allowed = f"`{problem.column}: <heading in the file>`, or `alignment:` for an index that is given"
    return file.problem(["panel", "columns"], what, allowed=allowed)


def _read_outcome(
    records: OutcomeRecords, file: StudyFile, companies: Register | None, waves: list[int]
) -> pd.DataFrame:
    """Growth by company and year; companies that no answer names are left out unless a register rules."""
    table = read_records(
        file.locate(records.file), records.columns, register=companies, name=records.file,
        unknown_company="drop" if file.study.register_of_companies is None else "error",
        begins={wave: wave + records.lead for wave in waves},
    )  # fmt: skip
    table["value"] = table["value"] * records.multiply
    return growth(table, kind=records.growth, years=records.years)


def _words(firmographics: list[pd.DataFrame]) -> set[str]:
    """Facts that are not numbers."""
    return {str(name) for table in firmographics for name in table.select_dtypes(exclude="number")}


def _known_companies(
    register: Register | None,
    responses: Responses | None,
    panel: Panel | None,
    log: CleaningLog,
    *,
    declared: bool,
) -> Register | None:
    """Return the companies with every spelling that the answers taught; None if they could not be read.

    Without a register they are those that the answers or the scores name.
    """
    frame = responses.frame if responses is not None else panel.frame if panel is not None else None
    named = None if frame is None else register_of_resolved(frame["company"], frame["company"])
    known = register if declared else named
    taken = names_taken(log)
    return None if known is None else with_spellings(known, taken["name"], taken["company"])


def _waves(answers: Answers, panel: Panel | None) -> list[int]:
    """Return the waves there are; as the files have it, if the answers could not be cleaned."""
    if panel is not None:
        return panel.waves
    if answers.responses is not None:
        return sorted(map(int, answers.responses.frame["wave"].unique()))
    stated = {read.wave for read in answers.matched if read.wave is not None}
    mapped = [read.export.frame[read.columns["wave"]] for read in answers.matched if "wave" in read.columns]
    return sorted(stated | {int(wave) for written in mapped for wave in read_years(written).dropna()})


def _files(file: StudyFile) -> dict[str, Path]:
    study = file.study
    tables = [
        study.panel, study.register_of_companies, study.firmographics, study.published, *study.outcomes.values()
    ]  # fmt: skip
    named = [table.file for table in tables if table is not None]
    named += [name for wave in study.waves for name in (wave.file, wave.questionnaire, wave.map) if name]
    named += [study.job_titles.file] if study.job_titles.file else []
    margins = study.weights.margins if study.weights is not None else None
    named += [margins.file] if isinstance(margins, MarginsFile) else []
    supplied = study.weights.replicates if study.weights is not None else None
    named += [supplied.file] if supplied is not None and supplied.file else []
    review = study.companies.review_file
    named += [review] if review and file.locate(review).exists() else []
    named += [study.disclosure.ledger] if study.disclosure.ledger else []
    theme = {study.report.theme: file.path.parent / study.report.theme} if study.report.theme else {}
    source = file.instrument_source
    instrument = {study.instrument: source} if isinstance(source, Path) else {}
    return {file.path.name: file.path, **theme, **instrument, **{name: file.locate(name) for name in named}}
