"""Inputs: everything a study names, read, matched and cleaned, with all problems of all files at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import pandas as pd

from alignmark.firmographics import read_firmographics
from alignmark.names import Given, name_problems
from alignmark.study import (
    Keys,
    OrganisationPanel,
    OutcomeRecords,
    StudyFile,
    WaveFile,
)
from analysis.measure.panel import Panel, panel_from_scores
from survey.cleaning import MatchedExport, Rules, clean
from survey.cleaning_log import CleaningLog, dropped, make_log
from survey.companies import Register, read_register, register_of
from survey.instrument import Instrument, read_instrument
from survey.matching import STANDARD_COLUMNS, match
from survey.outcomes import growth, read_records
from survey.problems import InputError, Problem, raise_if_any
from survey.readers.detect import read_export
from survey.readers.export import Export
from survey.readers.spreadsheet import read_table
from survey.responses import Responses
from survey.stacking import years

P = ParamSpec("P")
T = TypeVar("T")

_NO_ROWS = pd.DataFrame(
    {"file": pd.Series(dtype="str"), "row": pd.Series(dtype="int64"), "wave": pd.Series(dtype="int64")}
)
_NOTHING = (None, make_log([], _NO_ROWS, _NO_ROWS))


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
        What was decided in reading the files, in words, such as which of several sheets was read.
    """

    instrument: Instrument
    responses: Responses | None
    organisations: Panel | None
    log: CleaningLog
    outcomes: dict[str, pd.DataFrame]
    firmographics: list[pd.DataFrame]
    files: dict[str, Path]
    decisions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """Problems found so far; where a step fails, the steps that can do without it are still tried."""

    problems: list[Problem] = field(default_factory=list)

    def attempt(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what `step` gives, or None and keep its problems."""
        try:
            return step(*args, **kwargs)
        except InputError as error:
            self.problems.extend(error.problems)
            return None


def read_inputs(file: StudyFile) -> Inputs:
    """Read, match and clean everything that a study names.

    Raises
    ------
    InputError
        Every problem of the study and of every file, raised once.
    """
    study, found = file.study, _Found(list(file.problems))
    instrument = found.attempt(_read_instrument, file)
    register = found.attempt(_read_register, file)
    exports = [(wave, found.attempt(_read_export, wave, file)) for wave in study.waves]
    tried = [found.attempt(_match, wave, export, instrument) for wave, export in exports]
    whole = None not in tried and (register is None) == (study.register_of_companies is None)
    matched = [
        read
        for (wave, export), strict in zip(exports, tried, strict=True)
        if (read := strict or _match_what_fits(wave, export, instrument)) is not None
    ]
    responses, log = found.attempt(_clean, matched, instrument, register, file, whole=whole) or _NOTHING
    scored = found.attempt(_read_organisations, instrument, file)
    panel, log = scored or (None, log)
    companies = _known_companies(file, register, responses, panel)
    facts = found.attempt(read_firmographics, file, companies)
    firmographics = [register.firmographics.reset_index()] if register is not None else []
    firmographics += [facts] if facts is not None else []
    waves = _waves(matched, responses, panel)
    grown = {
        name: found.attempt(_read_outcome, records, file, companies, waves)
        for name, records in study.outcomes.items()
    }
    asked = {key for read in matched for key in read.columns} if whole else None
    if instrument is not None:
        found.problems += name_problems(file, instrument, Given(asked, _words(firmographics)))
    raise_if_any(dict.fromkeys(found.problems))
    assert instrument is not None  # or else its problems were raised
    outcomes = {name: table for name, table in grown.items() if table is not None}
    decisions = tuple(f"{read.export.file}: {said}" for read in matched for said in read.export.decisions)
    return Inputs(instrument, responses, panel, log, outcomes, firmographics, _files(file), decisions)


def _read_instrument(file: StudyFile) -> Instrument:
    try:
        return read_instrument(file.instrument_source)
    except InputError as error:
        raise InputError(
            p if p.file else file.problem(["instrument"], p.what, allowed=p.allowed) for p in error.problems
        ) from None


def _read_register(file: StudyFile) -> Register | None:
    table = file.study.register_of_companies
    if table is None:
        return None
    return read_register(file.locate(table.file), table.columns, name=table.file)


def _read_export(wave: WaveFile, file: StudyFile) -> Export:
    return read_export(
        file.locate(wave.file), platform=wave.platform, encoding=wave.encoding, delimiter=wave.delimiter,
        sheet=wave.sheet, name=wave.file,
    )  # fmt: skip


def _match(wave: WaveFile, export: Export | None, instrument: Instrument | None) -> MatchedExport | None:
    if export is None or instrument is None:
        return None
    ignore = wave.unknown_columns == "ignore"
    columns = match(export, instrument, columns=wave.columns, ignore_unknown=ignore).columns
    return MatchedExport(export, columns, wave.wave)


def _match_what_fits(
    wave: WaveFile, export: Export | None, instrument: Instrument | None
) -> MatchedExport | None:
    """Match without what cannot be matched, so that the answers in the other columns are looked at all the same."""
    if export is None or instrument is None:
        return None
    questions = {*instrument.columns, *STANDARD_COLUMNS}
    columns = {
        key: heading
        for key, heading in wave.columns.items()
        if key in questions and heading in {*export.frame, *export.labels.values()}
    }
    return _Found().attempt(
        _match, wave.model_copy(update={"columns": columns, "unknown_columns": "ignore"}), export, instrument
    )


def _clean(
    matched: list[MatchedExport], instrument: Instrument | None, register: Register | None, file: StudyFile,
    *, whole: bool,
) -> tuple[Responses, CleaningLog] | None:  # fmt: skip
    """Clean what could be read; unless that is all, companies to exclude may be named in the rest."""
    if not matched or instrument is None:
        return None
    rules = Rules(**file.study.cleaning.model_dump())
    if not whole:
        rules = rules.model_copy(update={"exclude_companies": {}})
    try:
        responses, log = clean(matched, instrument, register=register, rules=rules)
    except InputError as error:
        raise InputError(_in_the_study(problem, file) for problem in error.problems) from None
    raise_if_any(_emptied(log))
    return responses, log


def _in_the_study(problem: Problem, file: StudyFile) -> Problem:
    """Give a problem with a rule of the study its place there."""
    if problem.file or problem.column != "exclude_companies":
        return problem
    keys: Keys = ["cleaning", "exclude_companies", problem.value]
    return file.problem(keys, problem.what, value=problem.value, allowed=problem.allowed)


def _emptied(log: CleaningLog) -> Iterator[Problem]:
    """Find the files of which cleaning has kept nothing."""
    kept = log.accounting.groupby("file")["rows_kept"].sum()
    for file in kept.index[kept == 0]:
        rules = log.frame.loc[(log.frame["file"] == file) & (log.frame["action"] == "dropped"), "rule"]
        why = "; ".join(f"{count} dropped: {rule}" for rule, count in rules.value_counts().items())
        advice = "a wave with at least one response to keep; see the rules under `cleaning`"
        yield Problem(f"no response is left after cleaning ({why})", str(file), allowed=advice)


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
    read = table.assign(file=declared.file, row=table.index, respondent="").reset_index(drop=True)
    reasons = read["company"].map(declared.exclude)
    kept = read[reasons.isna()]
    lines = [dropped(read[reasons.notna()], "excluded: " + reasons[reasons.notna()].astype("str"))]
    if instrument is None:
        return None
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
    file: StudyFile, register: Register | None, responses: Responses | None, panel: Panel | None
) -> Register | None:
    """Return the register, or one made of the companies that the answers name; None if neither could be read."""
    if file.study.register_of_companies is not None:
        return register
    frame = responses.frame if responses is not None else panel.frame if panel is not None else None
    return None if frame is None else register_of(frame["company"])


def _waves(matched: list[MatchedExport], responses: Responses | None, panel: Panel | None) -> list[int]:
    """Return the waves there are; as the files have it, if the answers could not be cleaned."""
    if panel is not None:
        return panel.waves
    if responses is not None:
        return sorted(map(int, responses.frame["wave"].unique()))
    stated = {read.wave for read in matched if read.wave is not None}
    mapped = [read.export.frame[read.columns["wave"]] for read in matched if read.wave is None]
    return sorted(stated | {int(wave) for written in mapped for wave in years(written).dropna()})


def _files(file: StudyFile) -> dict[str, Path]:
    study = file.study
    tables = [study.panel, study.register_of_companies, study.firmographics, *study.outcomes.values()]
    names = [wave.file for wave in study.waves] + [table.file for table in tables if table is not None]
    source = file.instrument_source
    instrument = {study.instrument: source} if isinstance(source, Path) else {}
    return {file.path.name: file.path, **instrument, **{name: file.locate(name) for name in names}}
