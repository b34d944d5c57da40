"""What can be wrong with the columns of an export, said so that the study can be mended."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process

from survey.instrument import Instrument
from survey.problems import Problem, first_of
from survey.readers.export import Export
from survey.similar_wording import ALIKE, Candidate
from survey.wording import wording_key

PASS_OVER = "pass over it: `-` in the column map, or `unknown_columns: ignore` in the wave"
"""What to write in a study for columns that belong to no question."""


def export_row(export: Export) -> int:
    """Row of the first heading, which is where a wrong heading is mended."""
    return max(int(export.rows[0]) - export.header_rows, 1)


def closest(word: str, known: Iterable[str]) -> str:
    """List what is known, with the nearest to `word` as a question."""
    names = list(known)
    near = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=60.0)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return ", ".join(names) + hint


def contradictions(
    export: Export, pairs: Sequence[tuple[str, str]], wordings: Mapping[str, set[str]]
) -> Iterator[Problem]:
    """Find columns whose heading is the id of one question and whose text is the wording of another."""
    for target, column in pairs:
        said = wordings.get(wording_key(export.label(column)), {target})
        if column.strip().casefold() == target.casefold() and target not in said:
            other = " or ".join(sorted(said))
            what = f"has the id of {target!r} and the wording of {other!r}"
            yield Problem(what, export.file, export_row(export), column, to_do="map the column in the study")


def claimed_twice(export: Export, pairs: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    """Find questions that several columns answer."""
    by_target: dict[str, list[str]] = defaultdict(list)
    for target, column in pairs:
        by_target[target].append(column)
    for target, columns in by_target.items():
        if len(columns) > 1:
            what = f"several columns answer {target!r}: {', '.join(map(repr, columns))}"
            advice = f"say which under columns: {target}"
            yield Problem(what, export.file, export_row(export), columns[1], to_do=advice)


def ambiguities(export: Export, ambiguous: Mapping[str, Sequence[Candidate]]) -> Iterator[Problem]:
    """Refuse columns whose wording is near that of a question, where it is not clear which."""
    for column, found in ambiguous.items():
        near = " or ".join(map(str, found))
        what = f"could be {near}; a wording that is not the same is taken only where it is clear"
        advice = "map the column under columns, or pass over it"
        yield Problem(what, export.file, export_row(export), column, export.label(column), to_do=advice)


def unclaimed(
    export: Export,
    left: Sequence[str],
    *,
    near: Mapping[str, Sequence[Candidate]],
    answered: Mapping[str, str],
    targets: Iterable[str],
) -> list[Problem]:
    """Name the columns that no question claims, with the question that each resembles most."""
    names = list(targets)
    row = export_row(export)
    problems = []
    for column in left:
        label, found = export.label(column), near[column]
        hint = str(found[0]) if found else _close_id(column, names)
        advice = f"map it under columns, or {PASS_OVER}"
        advice += f" (did you mean {hint}?)" if hint else ""
        what = "the instrument has no question with this heading or wording"
        if found and found[0].score == 100 and found[0].target in answered:
            target = found[0].target
            what = f"has the wording of {target!r}, which {answered[target]!r} answers already"
        problems.append(Problem(what, export.file, row, column, label, to_do=advice))
    more = f"more columns without a question, down to {left[-1]!r}" if left else ""
    return first_of(problems, more, to_do=f"map them under columns, or {PASS_OVER}")


def missing(
    export: Export,
    found: Collection[str],
    *,
    standard: Collection[str],
    instrument: Instrument,
) -> Iterator[Problem]:
    """Say what no column gives: the company, the function (by a job title, if need be), every question."""
    needed = ["company"] + ["function"] * (instrument.with_role("function") is not None)
    titles = {"job_title", "department"} & set(found)
    for target in needed:
        if target not in found and not (target == "function" and titles):
            what = f"no column says the {target} of a respondent"
            advice = f"map one under columns: {target}"
            advice += ", or job_title or department" if target == "function" else ""
            yield Problem(what, export.file, export_row(export), to_do=advice)
    if not set(found) - set(standard):
        what = f"no column answers a question of the instrument {instrument.instrument!r}"
        yield Problem(what, export.file, export_row(export), allowed="question ids, or their wording")


def _close_id(column: str, targets: Sequence[str]) -> str:
    near = process.extractOne(column.casefold(), targets, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return repr(str(near[0])) if near else ""
