"""Answers: the exports that a study names, read, matched and cleaned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from alignmark.attempts import Attempts
from alignmark.protecting import (
    NOBODY,
    Protection,
    company_problems,
    id_notes,
    keep_problems,
    protect,
    study_key,
)
from alignmark.study import Keys, StudyFile
from alignmark.study_files import WaveFile
from survey.cleaning import code
from survey.cleaning_log import CleaningLog
from survey.column_map import ColumnMap, read_map
from survey.companies import Register
from survey.company_review import NOBODY_DECIDED, Decisions, read_review
from survey.empty_marks import without_marks
from survey.excluding import CodedAnswers, exclude
from survey.instrument import Instrument
from survey.job_titles import TitleTable, read_title_table
from survey.matching import STANDARD_COLUMNS, MatchedExport, match
from survey.problems import InputError, Problem, raise_if_any
from survey.readers.detect import read_export
from survey.readers.export import Export
from survey.responses import Responses
from survey.withholding import Withheld, withhold


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the exports of a study hold.

    Parameters
    ----------
    matched
        The exports with the meaning of their columns, as far as they could be read and matched.
    responses, log
        Clean answers and what cleaning did; None where they could not be cleaned, or there are none.
    coded
        The answers before anybody was left out; None as for `responses`.
    decisions
        What was decided in reading and matching: warnings where it is a guess, and notes.
    whole
        Whether every export could be read and matched.
    protection
        What personal data were kept out, and how.
    """

    matched: list[MatchedExport]
    responses: Responses | None
    log: CleaningLog | None
    coded: CodedAnswers | None
    decisions: tuple[Problem, ...]
    whole: bool
    protection: Protection = NOBODY

    @property
    def asked(self) -> set[str] | None:
        """Return the questions that at least one wave asks; None where not every file could be read."""
        return {key for read in self.matched for key in read.columns} if self.whole else None


def read_answers(
    file: StudyFile, instrument: Instrument | None, *, register: Register | None, found: Attempts
) -> Answers:
    """Read, match and clean the exports of a study.

    Parameters
    ----------
    file
        The study.
    instrument
        The questionnaire; None where it could not be read, and then only the files are.
    register
        The companies of the study, if it names them and they could be read.
    found
        Takes the problems of every step.
    """
    parts = [_read_part(wave, file, instrument, found=found) for wave in file.study.waves]
    titles = found.attempt(read_titles, file)
    read = [part.matched for part in parts if part.matched is not None]
    known = (register is None) == (file.study.register_of_companies is None)
    whole = known and all(part.whole for part in parts)
    decisions = tuple(said for part in parts for said in part.decisions)
    key = found.attempt(study_key, file)
    withheld = [part.withheld for part in parts if part.withheld is not None]
    found.problems += keep_problems(file, withheld) if whole else []
    cleaned = found.attempt(_clean, read, instrument, register, titles, file=file, whole=whole)
    if cleaned is None:
        return Answers(read, None, None, None, decisions, whole)
    responses, log, coded = cleaned
    found.problems += company_problems(responses)
    keep = file.study.privacy.keep
    responses, log, protection = protect(responses, log, withheld, key=key, register=register, keep=keep)
    return Answers(read, responses, log, coded, decisions, whole, protection)


def read_exports(file: StudyFile, instrument: Instrument | None, *, found: Attempts) -> list[MatchedExport]:
    """Read and match the exports of a study as far as they can be; personal columns are left out."""
    parts = [_read_part(wave, file, instrument, found=found) for wave in file.study.waves]
    return [part.matched for part in parts if part.matched is not None]


class _Part(NamedTuple):
    """One export, matched as far as it can be, and what was decided on the way."""

    matched: MatchedExport | None = None
    decisions: tuple[Problem, ...] = ()
    whole: bool = False
    withheld: Withheld | None = None


def _read_part(wave: WaveFile, file: StudyFile, instrument: Instrument | None, *, found: Attempts) -> _Part:
    export = found.attempt(_read_export, wave, file)
    if instrument is None:
        return _Part()
    columns = found.attempt(_read_map, wave, file, instrument)
    if export is None:
        return _Part()
    strict = columns and found.attempt(
        _match, wave, export, columns, instrument, keep=file.study.privacy.keep
    )
    return strict or _match_what_fits(wave, export, instrument)


def _read_export(wave: WaveFile, file: StudyFile) -> Export:
    labels = file.locate(wave.questionnaire) if wave.questionnaire else None
    return read_export(
        file.locate(wave.file), platform=wave.platform, encoding=wave.encoding, delimiter=wave.delimiter,
        sheet=wave.sheet, labels=labels, decimal=wave.decimal, header_rows=wave.header_rows, name=wave.file,
    )  # fmt: skip


def read_titles(file: StudyFile) -> TitleTable:
    """Read how a study reads job titles: the table that ships or its own, and the titles that it declares."""
    declared = file.study.job_titles
    table = read_title_table(file.locate(declared.file) if declared.file else None)
    return table.with_titles(declared.titles)


def _read_map(wave: WaveFile, file: StudyFile, instrument: Instrument) -> ColumnMap:
    """Return the column map of a file: the one it names, overruled by what the study says itself."""
    if wave.map is None:
        return ColumnMap(dict(wave.columns), ())
    written = read_map(file.locate(wave.map), instrument, name=wave.map)
    said = set(wave.columns.values())
    kept = {key: column for key, column in written.columns.items() if column not in said}
    columns = kept | wave.columns
    if wave.wave is None and "wave" not in columns:
        what = "has no wave, and neither has its column map"
        advice = f"`wave: 2025`, or a column in {wave.map} whose question is wave"
        raise InputError([Problem(what, wave.file, allowed=advice)])
    return ColumnMap(columns, tuple(column for column in written.ignored if column not in said))


def _match(
    wave: WaveFile, export: Export, columns: ColumnMap, instrument: Instrument, *, keep: Sequence[str]
) -> _Part:
    found = match(
        export, instrument, columns=columns.columns, ignored=columns.ignored, free_text=keep,
        ignore_unknown=wave.unknown_columns == "ignore",
    )  # fmt: skip
    rest, withheld = withhold(export, found, instrument, keep=keep)
    matched = without_marks(
        MatchedExport(rest, found.columns, wave.wave, wave.scales, wave.codes), instrument
    )
    read = [Problem(said, export.file, severity="note") for said in matched.export.decisions]
    decisions = (*read, *found.decisions(export, keep=keep), *id_notes(export.file, withheld))
    return _Part(matched, decisions, whole=True, withheld=withheld)


def _match_what_fits(wave: WaveFile, export: Export, instrument: Instrument) -> _Part:
    """Match without what cannot be matched, so that the answers in the other columns are looked at all the same."""
    questions = {*instrument.columns, *STANDARD_COLUMNS}
    columns = {
        key: heading
        for key, heading in wave.columns.items()
        if key in questions and heading in {*export.frame, *export.labels.values()}
    }
    lenient = wave.model_copy(update={"unknown_columns": "ignore"})
    fitting = Attempts().attempt(_match, lenient, export, ColumnMap(columns, ()), instrument, keep=())
    if (
        fitting is None
        or fitting.matched is None
        or (wave.wave is None and "wave" not in fitting.matched.columns)
    ):
        return _Part()
    return fitting._replace(whole=False)


def _clean(
    matched: Sequence[MatchedExport], instrument: Instrument | None, register: Register | None,
    titles: TitleTable | None,
    *, file: StudyFile, whole: bool,
) -> tuple[Responses, CleaningLog, CodedAnswers] | None:  # fmt: skip
    """Clean what could be read; unless that is all, companies to exclude may be named in the rest."""
    if not matched or instrument is None:
        return None
    study = file.study
    rules = study.cleaning if whole else study.cleaning.model_copy(update={"exclude_companies": {}})
    changes = study.changes if whole else []
    try:
        coded = code(
            matched, instrument, register=register, rules=rules, companies=study.companies,
            decisions=read_decisions(file), changes=changes, titles=titles,
        )  # fmt: skip
        responses, log = exclude(coded, rules, careless=study.careless)
    except InputError as error:
        raise InputError(_in_the_study(problem, file) for problem in error.problems) from None
    raise_if_any(_emptied(log))
    return responses, log, coded


def read_decisions(file: StudyFile) -> Decisions:
    """Read what somebody decided of names of companies; nothing if no review file is named, or there is none yet.

    Raises
    ------
    InputError
        As `survey.company_review.read_review`.
    """
    name = file.study.companies.review_file
    return read_review(file.locate(name), name=name) if name else NOBODY_DECIDED


def _in_the_study(problem: Problem, file: StudyFile) -> Problem:
    """Give a problem with what the study declares its place there."""
    keys = _place(problem, file)
    if keys is None:
        return problem
    return file.problem(keys, problem.what, value=problem.value, allowed=problem.allowed, to_do=problem.to_do)


def _place(problem: Problem, file: StudyFile) -> Keys | None:
    """Return the way to what a problem is about; None if it is about a file."""
    kind, _, question = problem.column.partition(".")
    if not problem.file and kind == "exclude_companies":
        return ["cleaning", kind, problem.value]
    if not problem.file and kind == "checks":
        return ["cleaning", kind, int(question)]
    if not problem.file and kind == "changes":
        meant = [
            str(change.wave) == problem.value or problem.value in change.questions
            for change in file.study.changes
        ]
        return ["changes", meant.index(True)]
    names = [wave.file if wave.sheet is None else f"{wave.file} [{wave.sheet}]" for wave in file.study.waves]
    if kind in ("scales", "codes") and problem.file in names:
        return ["waves", names.index(problem.file), kind, question or problem.value]
    return None


def _emptied(log: CleaningLog) -> Iterator[Problem]:
    """Find the files of which cleaning has kept nothing."""
    kept = log.accounting.groupby("file")["rows_kept"].sum()
    for file in kept.index[kept == 0]:
        rules = log.frame.loc[(log.frame["file"] == file) & (log.frame["action"] == "dropped"), "rule"]
        why = "; ".join(f"{count} dropped: {rule}" for rule, count in rules.value_counts().items())
        allowed, advice = "a wave with at least one response to keep", "see the rules under `cleaning`"
        yield Problem(f"no response is left after cleaning ({why})", str(file), allowed=allowed, to_do=advice)
