"""Many matched exports laid one under another, in standard columns and still as text."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from survey.answer_labels import platform_codes, spelled_out, value_labels
from survey.claiming import ROLE_COLUMNS, STANDARD_COLUMNS
from survey.dates import read_years
from survey.instrument import Instrument, Question
from survey.matching import MatchedExport
from survey.problems import InputError, Problem, problems_at
from survey.readers.cells import heading_key
from survey.readers.export import Export

_PREVIEW = (
    "survey preview",
    "survey test",
    "survey preview spam",
    "offline survey preview",
    "preview",
    "test",
)
_PREVIEW_CODES = ("1", "2", "9", "17")
_STATUS = ("status", "responsetype")


def stack(waves: Sequence[MatchedExport], instrument: Instrument) -> pd.DataFrame:
    """Lay exports one under another.

    Parameters
    ----------
    waves
        The exports with their column maps.
    instrument
        The questionnaire.

    Returns
    -------
    pandas.DataFrame
        ``export`` (position in `waves`), ``file``, ``row``, ``preview`` (a preview or test response),
        ``wave`` (Int64, NA where none can be read), ``wave_text``, the other standard columns that at
        least one export has, then one column of text per question asked, in questionnaire order. Codes of
        choices that the file or the study labels are spelled out. Whoever has no respondent id is called
        "file:row".

    Raises
    ------
    InputError
        If there is no export, or two are called the same.
    """
    _check_files(waves)
    asked = questions_asked(waves, instrument)
    questions = {ROLE_COLUMNS.get(q.role, q.id): q for q in instrument.columns.values()}
    parts = [_part(number, matched, asked, questions) for number, matched in enumerate(waves)]
    table = pd.concat(parts, ignore_index=True)
    unnamed = table["file"] + ":" + table["row"].astype("str")
    table["respondent"] = table["respondent"].str.strip().fillna(unnamed)
    standard = [name for name in (*STANDARD_COLUMNS, "wave_text") if name in table and name not in asked]
    order = ["export", "file", "row", "preview", *standard, *asked]
    return table[order]


def questions_asked(waves: Sequence[MatchedExport], instrument: Instrument) -> list[str]:
    """Ids of the questions that at least one export asks, in questionnaire order; no standard columns."""
    matched = {key for wave in waves for key in wave.columns}
    return [q.id for q in instrument.columns.values() if q.role not in ROLE_COLUMNS and q.id in matched]


def bad_cells(
    table: pd.DataFrame,
    key: str,
    mask: pd.Series,
    waves: Sequence[MatchedExport],
    *,
    what: str,
    allowed: str,
    written: pd.Series | None = None,
) -> list[Problem]:
    """Name the cells of one column that are wrong, under the heading that their file gives it.

    Ids of respondents, which may be names, are not quoted: file and row lead to them.

    Parameters
    ----------
    table
        A table as `stack` makes it, or what later steps left of it.
    key
        The question id or standard column.
    mask
        Which rows are wrong.
    waves
        The exports that were stacked.
    what, allowed
        What is wrong with each value, and what would be right.
    written
        The values; the column `key` if None.
    """
    said = table[key] if written is None else written
    rows = table[["export", "row"]].assign(value="[id]" if key == "respondent" else said)[mask]
    problems = []
    for number, cells in rows.groupby("export"):
        matched = waves[int(str(number))]
        found = zip(cells["row"].tolist(), cells["value"].fillna(""), strict=True)
        heading = matched.columns.get(key, key)
        problems += problems_at(what, found, file=matched.export.file, column=heading, allowed=allowed)
    return problems


def _check_files(waves: Sequence[MatchedExport]) -> None:
    if not waves:
        raise InputError([Problem("there are no responses to clean", allowed="at least one export")])
    counts = Counter(matched.export.file for matched in waves)
    raise_for = [file for file, count in counts.items() if count > 1]
    if raise_for:
        what = "is read more than once, so that its rows would count twice"
        advice = "each file, or sheet of a file, in one wave only"
        raise InputError([Problem(what, file=file, allowed=advice) for file in raise_for])


def _part(
    number: int, matched: MatchedExport, asked: Sequence[str], questions: Mapping[str, Question]
) -> pd.DataFrame:
    export, columns = matched.export, matched.columns
    wanted = dict.fromkeys(name for name in (*STANDARD_COLUMNS, *asked) if name in columns)
    texts = {name: _written(matched, name, questions.get(name)) for name in wanted}
    part = pd.DataFrame(texts, index=export.frame.index)
    written = part["wave"].str.strip() if "wave" in part else pd.Series(dtype="str", index=part.index)
    read = read_years(written)
    wave = read if matched.wave is None else pd.Series(matched.wave, index=part.index, dtype="Int64")
    if "respondent" not in part:
        part = part.assign(respondent=pd.Series(dtype="str", index=part.index))
    return part.assign(
        export=number,
        file=export.file,
        row=export.rows,
        preview=_previews(export, set(columns.values())),
        wave=wave,
        wave_text=written,
    )


def _written(matched: MatchedExport, name: str, question: Question | None) -> pd.Series:
    """Return the answers to one question as text, with what their codes mean in this file."""
    export, column = matched.export, matched.columns[name]
    text = export.frame[column]
    if question and question.kind == "tick" and column in export.ticked:
        chosen = text.str.strip() == export.ticked[column]
        return chosen.map({True: "1", False: "0"}).astype("str").where(text.notna())
    codes = dict(matched.codes.get(question.id if question else name, {}))
    codes = {**platform_codes(export, question), **codes} if question else codes
    return spelled_out(text, question, labels=value_labels(export, column), codes=codes)


def _previews(export: Export, claimed: set[str]) -> pd.Series:
    """Responses that the makers of the survey gave to try it out, by Qualtrics' status and channel."""
    keys = {column: heading_key(column) for column in export.metadata if column not in claimed}
    from_qualtrics = {"responseid", "recordeddate"} <= set(keys.values()) or export.platform == "qualtrics"
    found = pd.Series(data=False, index=export.frame.index)
    for column, key in keys.items():
        if key in (*_STATUS, "distributionchannel"):
            text = export.frame[column].str.strip().str.casefold()
            found |= text.isin(_PREVIEW) | (text.isin(_PREVIEW_CODES) & (key in _STATUS) & from_qualtrics)
    return found
