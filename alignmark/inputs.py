"""Inputs: everything a study names, read, matched and cleaned, with all problems of all files at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from alignmark.names import name_problems
from alignmark.study import Firmographics, OrganisationPanel, OutcomeRecords, StudyFile, WaveFile
from survey.cleaning import MatchedExport, Rules, clean
from survey.cleaning_log import CleaningLog, dropped, make_log
from survey.companies import Register, read_register, register_of, resolve
from survey.instrument import Instrument, read_instrument
from survey.matching import match
from survey.numbers import read_numbers
from survey.outcomes import growth, read_records
from survey.problems import InputError, Problem, raise_if_any
from survey.readers.detect import read_export
from survey.readers.spreadsheet import read_table
from survey.responses import Responses

SEGMENTS = ("industry", "size", "region")
"""Facts that group companies: kept as text, even where they are codes such as 308."""

_NO_ROWS = pd.DataFrame(
    {"file": pd.Series(dtype="str"), "row": pd.Series(dtype="int64"), "wave": pd.Series(dtype="int64")}
)


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
        Scores per organisation and wave (company, wave, constructs), or None.
    log
        Every dropped row and changed value, and the row accounting.
    outcomes
        By name: company, year, value.
    firmographics
        company, optionally wave, then facts; from the register and the firmographics file.
    files
        Every file that was read.
    """

    instrument: Instrument
    responses: Responses | None
    organisations: pd.DataFrame | None
    log: CleaningLog
    outcomes: dict[str, pd.DataFrame]
    firmographics: list[pd.DataFrame]
    files: tuple[Path, ...]


@dataclass(slots=True)
class _Found:
    """Problems found so far; a failing step adds its own and the next step is still tried."""

    problems: list[Problem] = field(default_factory=list)

    @contextmanager
    def collect(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            self.problems.extend(error.problems)


def read_inputs(file: StudyFile) -> Inputs:
    """Read, match and clean everything that a study names.

    Raises
    ------
    InputError
        Every problem of every file, raised once.
    """
    study, found = file.study, _Found()
    instrument = read_instrument(file.instrument_source)
    found.problems.extend(name_problems(file, instrument))
    register: Register | None = None
    matched: list[MatchedExport] = []
    responses: Responses | None = None
    organisations: pd.DataFrame | None = None
    log = make_log([], _NO_ROWS, _NO_ROWS)
    if study.register_of_companies is not None:
        with found.collect():
            table = study.register_of_companies
            register = read_register(file.locate(table.file), table.columns, name=table.file)
    for wave in study.waves:
        with found.collect():
            matched.append(_read_wave(wave, instrument, file))
    if study.panel is not None:
        with found.collect():
            organisations, log = _read_organisations(study.panel, file)
    if matched:
        with found.collect():
            rules = Rules(**study.cleaning.model_dump())
            responses, log = clean(matched, instrument, register=register, rules=rules)
    companies = _known_companies(register, responses, organisations)
    outcomes: dict[str, pd.DataFrame] = {}
    for name, records in study.outcomes.items():
        with found.collect():
            outcomes[name] = _read_outcome(records, file, companies, strict=register is not None)
    firmographics = [register.firmographics.reset_index()] if register is not None else []
    if study.firmographics is not None:
        with found.collect():
            firmographics.append(_read_firmographics(study.firmographics, file, companies))
    raise_if_any(found.problems)
    return Inputs(instrument, responses, organisations, log, outcomes, firmographics, _files(file))


def _read_wave(wave: WaveFile, instrument: Instrument, file: StudyFile) -> MatchedExport:
    export = read_export(
        file.locate(wave.file), platform=wave.platform, encoding=wave.encoding, delimiter=wave.delimiter,
        sheet=wave.sheet, name=wave.file,
    )  # fmt: skip
    ignore = wave.unknown_columns == "ignore"
    return MatchedExport(
        export, match(export, instrument, columns=wave.columns, ignore_unknown=ignore), wave.wave
    )


def _read_organisations(panel: OrganisationPanel, file: StudyFile) -> tuple[pd.DataFrame, CleaningLog]:
    needed = ("company", "wave")
    table = read_table(file.locate(panel.file), panel.columns, required=needed, name=panel.file)
    read = table.assign(file=panel.file, row=table.index, respondent="").reset_index(drop=True)
    reasons = read["company"].map(panel.exclude)
    kept = read[reasons.isna()]
    out = read[reasons.notna()]
    lines = [dropped(out, "excluded: " + reasons[reasons.notna()].astype("str"))]
    return kept.drop(columns="respondent").reset_index(drop=True), make_log(lines, read, kept)


def _read_outcome(
    records: OutcomeRecords, file: StudyFile, register: Register, *, strict: bool
) -> pd.DataFrame:
    """Growth by company and year; companies that no answer names are left out unless a register rules."""
    table = read_records(
        file.locate(records.file), records.columns, register=register, name=records.file,
        unknown_company="error" if strict else "drop",
    )  # fmt: skip
    table["value"] = table["value"] * records.multiply
    return growth(table, kind=records.growth, years=records.years)


def _read_firmographics(declared: Firmographics, file: StudyFile, register: Register) -> pd.DataFrame:
    """Facts by company, and wave if mapped; what is a number in every row becomes one, but for segments."""
    table = read_table(
        file.locate(declared.file), declared.columns, required=("company",), name=declared.file
    )
    facts = pd.DataFrame(
        {name: values if name in SEGMENTS else _number_or_text(values) for name, values in table.items()}
    ).drop(columns="company")
    facts.insert(0, "company", resolve(table["company"], register))
    for name, source in declared.log.items():
        facts[name] = np.log(facts[source].where(facts[source] > 0))
    known = facts[facts["company"].notna()]
    if "wave" in known:
        known = known.astype({"wave": "int64"})
    return known.reset_index(drop=True)


def _number_or_text(values: pd.Series) -> pd.Series:
    numbers, wrong = read_numbers(values)
    return values if wrong.any() else numbers


def _known_companies(
    register: Register | None, responses: Responses | None, organisations: pd.DataFrame | None
) -> Register:
    """Return the register, or one made of the companies that the answers name."""
    if register is not None:
        return register
    frame = responses.frame if responses is not None else organisations
    return register_of([] if frame is None else frame["company"])


def _files(file: StudyFile) -> tuple[Path, ...]:
    study = file.study
    tables = [study.panel, study.register_of_companies, study.firmographics, *study.outcomes.values()]
    names = [wave.file for wave in study.waves] + [table.file for table in tables if table is not None]
    source = file.instrument_source
    instrument = [source] if isinstance(source, Path) else []
    return (file.path, *instrument, *(file.locate(name) for name in dict.fromkeys(names)))
