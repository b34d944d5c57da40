"""What can be wrong with the columns of an export, said so that the study can be mended."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process

from survey.instrument import Instrument
from survey.language import look_up, mark, say
from survey.problems import Problem, first_of, meant
from survey.readers.export import Export
from survey.similar_wording import ALIKE, Candidate
from survey.wording import wording_key

PASS_OVER = "pass over it: `-` in the column map, or `unknown_columns: ignore` in the wave"
"""What to write in a study for columns that belong to no question."""

_SAYS = {
    "company": mark("no column says the company of a respondent"),
    "function": mark("no column says the function of a respondent"),
}


def export_row(export: Export) -> int:
    """Row of the first heading, which is where a wrong heading is mended."""
    return max(int(export.rows[0]) - export.header_rows, 1)


def closest(word: str, known: Iterable[str]) -> str:
    """List what is known, with the nearest to `word` as a question."""
    names = list(known)
    near = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=60.0)
    hint = f" ({meant(near[0])})" if near else ""
    return ", ".join(names) + hint


def contradictions(
    export: Export, pairs: Sequence[tuple[str, str]], wordings: Mapping[str, set[str]]
) -> Iterator[Problem]:
    """Find columns whose heading is the id of one question and whose text is the wording of another."""
    for target, column in pairs:
        said = wordings.get(wording_key(export.label(column)), {target})
        if column.strip().casefold() == target.casefold() and target not in said:
            other = say(" or ").join(sorted(said))
            what = say("has the id of {id!r} and the wording of {other!r}", id=target, other=other)
            yield Problem(what, export.file, export_row(export), column, to_do="map the column in the study")


def claimed_twice(export: Export, pairs: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    """Find questions that several columns answer."""
    by_target: dict[str, list[str]] = defaultdict(list)
    for target, column in pairs:
        by_target[target].append(column)
    for target, columns in by_target.items():
        if len(columns) > 1:
            named = ", ".join(map(repr, columns))
            what = say("several columns answer {question!r}: {columns}", question=target, columns=named)
            advice = f"say which under columns: {target}"
            yield Problem(what, export.file, export_row(export), columns[1], to_do=advice)


def ambiguities(export: Export, ambiguous: Mapping[str, Sequence[Candidate]]) -> Iterator[Problem]:
    """Refuse columns whose wording is near that of a question, where it is not clear which."""
    for column, found in ambiguous.items():
        near = say(" or ").join(map(str, found))
        what = say(
            "could be {near}; a wording that is not the same is taken only where it is clear", near=near
        )
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
            what = look_up(_SAYS[target])
            advice = f"map one under columns: {target}"
            advice += ", or job_title or department" if target == "function" else ""
            yield Problem(what, export.file, export_row(export), to_do=advice)
    if not set(found) - set(standard):
        what = say("no column answers a question of the instrument {name!r}", name=instrument.instrument)
        allowed = say("question ids, or their wording")
        yield Problem(what, export.file, export_row(export), allowed=allowed)


def _close_id(column: str, targets: Sequence[str]) -> str:
    near = process.extractOne(column.casefold(), targets, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return repr(str(near[0])) if near else ""
