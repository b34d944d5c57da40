"""The answers of one company, read and matched as those of a study are, for a pack to score."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from alignmark.own_scales import read_scales
from reports.pack import Key, Pack
from reports.wording import text_in
from survey.claiming import find
from survey.cleaning import clean
from survey.cleaning_log import CleaningLog, rule_said
from survey.cleaning_rules import Rules
from survey.column_map import ColumnMap, read_map
from survey.company_names import normalise_name
from survey.language import look_up, mark, say, spoken
from survey.matching import MatchedExport, match
from survey.problems import InputError, Problem, raise_if_any
from survey.readers.detect import read_export
from survey.readers.export import Export
from survey.responses import Responses

OWN = "your company"
"""What a company is called whose answers do not name it."""

LONGEST = 80
"""Names of companies are told up to so many characters."""

CELL = mark(
    "correct or empty this cell; if it was asked on another scale, say so, such as --scale NAME=1-7, by the name of "
    "the scale or the question"
)
MEND = mark(
    "mend the file, or write a column map (alignmark match ANSWERS --out map.csv), fill in its column question and "
    "add --map map.csv"
)
WORD = mark("correct this cell, or empty it")
IN_STUDY = {"`cleaning:": CELL, "scales:": CELL, "codes:": WORD, "job_titles:": WORD}
"""What to do about a file, by what a study file would be told to say."""


def read_own(
    path: Path,
    pack: Pack,
    *,
    names: Sequence[str] = (),
    column_map: Path | None = None,
    scales: Sequence[str] = (),
) -> tuple[Responses, CleaningLog]:
    """Read the answers of one company.

    Parameters
    ----------
    path
        Any export that `read_export` reads.
    pack
        Its key says what was asked and which rows do not count.
    names
        The company, in every way that people have written it; needed where the file names several.
    column_map
        A CSV that says which column answers which question, as `alignmark match` writes it.
    scales
        On which scales it was asked, where not on those of the pack, as `read_scales` reads them.

    Returns
    -------
    responses : Responses
        Of one company and wave.
    log : CleaningLog
        Which rows were left out, and why.

    Raises
    ------
    InputError
        If the file cannot be read, is of another questionnaire or on another scale, says no function where the
        pack compares two, is of several companies, or no answer is left.
    """
    key = pack.benchmarks.key
    asked_on = read_scales(scales, key.instrument)
    export = read_export(path)
    mapped = ColumnMap({}, ()) if column_map is None else read_map(column_map, key.instrument)
    claims = find(export, key.instrument, columns=mapped.columns, ignored=mapped.ignored)
    raise_if_any(_strange(export, key, claims.taken()))
    named = "company" in claims.taken()
    export = export if named else _of_nobody(export)
    try:
        found = match(
            export, key.instrument, columns=mapped.columns, ignored=mapped.ignored, ignore_unknown=True
        )
    except InputError as error:
        raise InputError(_with_map(error.problems)) from None
    export = _one_company(export, found.columns["company"], names)
    wave = None if "wave" in found.columns else pack.provenance.wave
    rules = Rules(
        minimum_answered=key.minimum_statements,
        failed_attention=key.failed_attention,
        duplicates=key.duplicates,
    )
    try:
        matched = MatchedExport(export, found.columns, wave, scales=asked_on)
        responses, log = clean([matched], key.instrument, rules=rules)
    except InputError as error:
        raise InputError(_without_study(error.problems)) from None
    raise_if_any(_unusable(export, responses, log))
    return responses, log


def _strange(export: Export, key: Key, taken: set[str]) -> Iterator[Problem]:
    """Find exports of another questionnaire, and exports without a function."""
    title = text_in(key.instrument.title, spoken())
    items = {item for name in key.constructs for item in key.instrument.constructs[name].items} & set(
        key.asked
    )
    if not items & taken:
        yield Problem(
            say(
                "no column answers a statement of the questionnaire of this pack ({title!r})",
                title=title[:LONGEST],
            ),
            export.file,
            allowed=say("headings that are ids or wordings of its statements"),
            to_do=say(
                "check that the answers are to this questionnaire; if the headings differ, write a column map "
                "(alignmark match ANSWERS --out map.csv), fill in its column question and add --map map.csv"
            ),
        )
    if len(key.functions) > 1 and not {"function", "job_title", "department"} & taken:
        what = say("no column says who works in sales and who in marketing")
        advice = say(
            "give the column that does the heading function, or add one, with sales or marketing in each row"
        )
        yield Problem(what, export.file, to_do=advice)


def _of_nobody(export: Export) -> Export:
    """Add a column for the company to an export that needs none, as all of it is of one."""
    frame = export.frame.assign(company=pd.Series(OWN, index=export.frame.index, dtype="str"))
    return replace(export, frame=frame, labels={**export.labels, "company": "company"})


def _one_company(export: Export, column: str, names: Sequence[str]) -> Export:
    """Keep the rows of one company, under one name."""
    written = export.frame[column]
    keys = normalise_name(written)
    known = keys.dropna().unique()
    if not names and len(known) > 1:
        what = say(
            "holds the answers of {n} companies (as they are written), and a comparison is of one",
            n=len(known),
        )
        advice = say('say which: --company "its name"; once for every way in which its people wrote it')
        raise InputError([Problem(what, export.file, column=column, to_do=advice)])
    wanted = normalise_name(pd.Series(list(names), dtype="str")) if names else pd.Series(known, dtype="str")
    if lost := [name for name, key in zip(names, wanted, strict=False) if key not in set(known)]:
        what = say("no answer is of a company called {name!r}", name=lost[0][:LONGEST])
        advice = say(
            "write the name as it stands in the file, or leave --company out if all answers are of one company"
        )
        raise InputError([Problem(what, export.file, column=column, to_do=advice)])
    own = keys.isin(wanted) if len(known) else pd.Series(data=True, index=keys.index)
    # Every row gets the same name, so that no two ways to write it are taken for two companies; rows without a
    # name are left to cleaning, which says so.
    frame = export.frame.assign(**{column: written.mask(own, OWN).astype("str")})
    rows = own if names else own | keys.isna()
    return replace(export, frame=frame[rows], rows=export.rows[rows.to_numpy(dtype=bool)])


def _unusable(export: Export, responses: Responses, log: CleaningLog) -> Iterator[Problem]:
    """Find answers of which none, or more than one wave, is left."""
    waves = sorted(map(int, responses.frame["wave"].unique()))
    if len(waves) > 1:
        what = say("holds the waves {waves}, and a comparison is of one", waves=", ".join(map(str, waves)))
        yield Problem(what, export.file, to_do=say("leave only the rows of one wave in the file"))
    if responses.frame.empty:
        reasons = log.frame.loc[log.frame["action"] == "dropped", "rule"].value_counts()
        why = "; ".join(
            say("{n} dropped: {rule}", n=count, rule=rule_said(str(rule))) for rule, count in reasons.items()
        )
        advice = say("every person needs an answer to most statements, and a function")
        yield Problem(say("no answer is left to compare ({why})", why=why), export.file, to_do=advice)


def _without_study(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Say what to do about answers where there is no study file to do it in."""
    for problem in problems:
        advice = next(
            (look_up(own) for said, own in IN_STUDY.items() if said in problem.to_do), problem.to_do
        )
        yield replace(problem, to_do=advice)


def _with_map(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Say what to do about headings where there is no study file to do it in."""
    for problem in problems:
        yield replace(problem, to_do=look_up(MEND) if problem.to_do else "")
