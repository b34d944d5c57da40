"""Which export column answers which question of the instrument."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from survey.instrument import Instrument, Question
from survey.problems import Problem, raise_if_any
from survey.readers.cells import heading_key
from survey.readers.export import Export
from survey.wording import wording_key

STANDARD_COLUMNS = ("respondent", "company", "function", "wave", "weight", "started", "duration_s")
"""What an export column can be, besides the answer to a question."""

ROLE_COLUMNS = {
    "respondent": "respondent",
    "company": "company",
    "function": "function",
    "started": "started",
    "duration": "duration_s",
}
"""Standard column that the question of a role fills."""

_FROM_PLATFORM = {
    "respondent": ("responseid", "respondentid"),
    "started": ("startdate",),
    "duration_s": ("durationinseconds",),
}
_ALIKE = 80.0


@dataclass(frozen=True, slots=True, eq=False)
class MatchedExport:
    """An export with the meaning of its columns.

    Parameters
    ----------
    export
        The answers as they were read.
    columns
        Export column by question id or standard column, as `match` returns it.
    wave
        The year of all its responses; None where the column matched to "wave" says it row by row.
    """

    export: Export
    columns: dict[str, str]
    wave: int | None = None


@dataclass(slots=True, eq=False)
class _Claims:
    """Pairs of target and export column found so far, and what was wrong."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def claimed(self) -> set[str]:
        return {column for _, column in self.pairs}

    def targets(self) -> set[str]:
        return {target for target, _ in self.pairs}


def match(
    export: Export,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
    ignore_unknown: bool = False,
) -> dict[str, str]:
    """Find the export column of every question that the export asks.

    A column is claimed, in this order: by the study's `columns`; by its heading, if that is a question
    id or the name of a standard column; by its question text in any language of the instrument, alone
    or with the stem of its group, and in a matrix also by the part that is its own. What the platform
    adds itself supplies respondent, start and duration. Wordings are compared by `wording_key`,
    exactly; similar ones are only ever suggested.

    Parameters
    ----------
    export
        The export.
    instrument
        The questionnaire.
    columns
        Export heading (or full question text) by question id or standard column.
    ignore_unknown
        Pass over columns that no question claims.

    Returns
    -------
    dict of str to str
        Export column by question id or standard column. A question with the role respondent, company,
        function, started or duration appears under that standard column.

    Raises
    ------
    InputError
        If `columns` names an unknown column or question, a column is claimed by nothing (unless it is
        metadata), several columns claim one question, wording and id contradict each other, or company,
        function or every question is missing; all at once.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"Q1": ["Acme"], "Q2": ["Sales"], "Q3": ["4"]}, dtype="str")
    >>> labels = {"Q3": "The other function respects our work."}
    >>> export = Export(frame, labels, "spreadsheet", "utf-8", 1, np.array([2]), "2025.csv")
    >>> match(export, read_instrument("alignment"), columns={"company": "Q1", "function": "Q2"})
    {'company': 'Q1', 'function': 'Q2', 'trust_2': 'Q3'}
    """
    targets = _targets(instrument)
    claims = _Claims()
    _claim_mapped(claims, export, instrument, columns or {})
    mapped = claims.targets()
    _claim_by_heading(claims, export, targets)
    _claim_by_wording(claims, export, targets, mapped)
    _claim_metadata(claims, export)
    claims.problems += _contradictions(claims, export, targets)
    claims.problems += _claimed_twice(claims, export)
    if not ignore_unknown:
        claims.problems += _unclaimed(claims, export, targets)
    claims.problems += _missing(claims, export, instrument)
    raise_if_any(claims.problems)
    return dict(claims.pairs)


def _targets(instrument: Instrument) -> dict[str, Question | None]:
    """Everything that a column can be, with its question if it has one."""
    questions = {ROLE_COLUMNS.get(q.role, q.id): q for q in instrument.columns.values()}
    return {**dict.fromkeys(STANDARD_COLUMNS), **questions}


def _claim_mapped(
    claims: _Claims, export: Export, instrument: Instrument, columns: Mapping[str, str]
) -> None:
    by_label = {label: column for column, label in export.labels.items()}
    known = {q.id: ROLE_COLUMNS.get(q.role, q.id) for q in instrument.columns.values()}
    known |= {name: name for name in STANDARD_COLUMNS}
    for key, heading in columns.items():
        column = heading if heading in export.frame else by_label.get(heading, "")
        if key not in known:
            what = "the column map names a question that the instrument does not have"
            claims.problems.append(Problem(what, export.file, None, key, key, _closest(key, known)))
        elif not column:
            what = f"there is no such column, mapped to {key!r}"
            allowed = _closest(heading, map(str, export.frame))
            claims.problems.append(Problem(what, export.file, export_row(export), heading, heading, allowed))
        else:
            claims.pairs.append((known[key], column))


def _claim_by_heading(claims: _Claims, export: Export, targets: Mapping[str, Question | None]) -> None:
    names = {target.casefold(): target for target in targets}
    names |= {q.id.casefold(): target for target, q in targets.items() if q}
    claimed, taken = claims.claimed(), claims.targets()
    for column in map(str, export.frame):
        target = names.get(column.strip().casefold())
        if target and target not in taken and column not in claimed and column not in export.metadata:
            claims.pairs.append((target, column))


def _claim_by_wording(
    claims: _Claims, export: Export, targets: Mapping[str, Question | None], mapped: Set[str]
) -> None:
    wordings = _wordings(targets)
    stems = list(export.stems.values())
    claimed = claims.claimed()
    for column in map(str, export.frame):
        if column in claimed or column in export.metadata:
            continue
        alone = stems.count(export.stems.get(column, "")) == 1
        for key in _readings(export, column, stem_alone=alone):
            found = wordings.get(key, set())
            if len(found) == 1 and not found <= mapped:
                claims.pairs.append((next(iter(found)), column))
                break


def _wordings(targets: Mapping[str, Question | None]) -> dict[str, set[str]]:
    """Targets by the key of each of their wordings, in every language, alone and after the stem."""
    wordings: dict[str, set[str]] = defaultdict(set)
    for target, question in targets.items():
        for language, text in question.text.items() if question else ():
            stem = question.stem.get(language, "") if question else ""
            for wording in (text, f"{stem} {text}"):
                wordings[wording_key(wording)].add(target)
    return wordings


def _readings(export: Export, column: str, *, stem_alone: bool) -> Iterator[str]:
    """Keys of what a column may be asking: its whole text, its own part of a matrix, its heading."""
    label = export.label(column)
    yield wording_key(label)
    for dash in re.finditer(r"\s?[-–—:]\s?", label):
        yield wording_key(label[dash.end() :])
    if stem_alone and column in export.stems:
        yield wording_key(export.stems[column])
    yield wording_key(column)


def _claim_metadata(claims: _Claims, export: Export) -> None:
    taken = claims.targets()
    for target, names in _FROM_PLATFORM.items():
        columns = [column for column in export.metadata if heading_key(column) in names]
        if columns and target not in taken:
            claims.pairs.append((target, columns[0]))


def _contradictions(
    claims: _Claims, export: Export, targets: Mapping[str, Question | None]
) -> Iterator[Problem]:
    """Columns whose heading is the id of one question and whose text is the wording of another."""
    wordings = _wordings(targets)
    for target, column in claims.pairs:
        said = wordings.get(wording_key(export.label(column)), {target})
        if column.strip().casefold() == target.casefold() and target not in said:
            other = " or ".join(sorted(said))
            what = f"has the id of {target!r} and the wording of {other!r}"
            yield Problem(
                what, export.file, export_row(export), column, allowed="map the column in the study"
            )


def _claimed_twice(claims: _Claims, export: Export) -> Iterator[Problem]:
    by_target: dict[str, list[str]] = defaultdict(list)
    for target, column in claims.pairs:
        by_target[target].append(column)
    for target, columns in by_target.items():
        if len(columns) > 1:
            what = f"several columns answer {target!r}: {', '.join(map(repr, columns))}"
            advice = f"say which under columns: {target}"
            yield Problem(what, export.file, export_row(export), columns[1], allowed=advice)


def _unclaimed(claims: _Claims, export: Export, targets: Mapping[str, Question | None]) -> Iterator[Problem]:
    left = [c for c in map(str, export.frame) if c not in claims.claimed() and c not in export.metadata]
    keys = {key: target for key, found in _wordings(targets).items() for target in found} if left else {}
    answered = dict(claims.pairs)
    for column in left:
        label = export.label(column)
        near = process.extractOne(wording_key(label), keys.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
        target = keys[near[0]] if near else _close_id(column, targets)
        advice = "map it under columns, or ignore unknown columns"
        advice += f" (did you mean {target!r}?)" if target else ""
        what = "the instrument has no question with this heading or wording"
        if near and near[1] == 100 and target in answered:
            what = f"has the wording of {target!r}, which {answered[target]!r} answers already"
        yield Problem(what, export.file, export_row(export), column, label, advice)


def _missing(claims: _Claims, export: Export, instrument: Instrument) -> Iterator[Problem]:
    found = claims.targets()
    needed = ["company"] + ["function"] * (instrument.with_role("function") is not None)
    for target in needed:
        if target not in found:
            what = f"no column says the {target} of a respondent"
            yield Problem(what, export.file, export_row(export), allowed=f"map one under columns: {target}")
    if not found - set(STANDARD_COLUMNS):
        what = f"no column answers a question of the instrument {instrument.instrument!r}"
        yield Problem(what, export.file, export_row(export), allowed="question ids, or their wording")


def export_row(export: Export) -> int:
    """Row of the first heading, which is where a wrong heading is mended."""
    return max(int(export.rows[0]) - export.header_rows, 1)


def _closest(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=60.0)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return ", ".join(names) + hint


def _close_id(column: str, targets: Iterable[str]) -> str:
    near = process.extractOne(column.casefold(), list(targets), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return str(near[0]) if near else ""
