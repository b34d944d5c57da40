"""Remarks: what a study runs with, but which should be looked at or known."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from alignmark.answers import Answers
from analysis.measure.panel import Panel
from survey.cleaning_log import CleaningLog
from survey.companies import dominant_companies
from survey.identifiers import redact
from survey.instrument import Instrument
from survey.language import counted
from survey.ledger import Ledger
from survey.matching import MatchedExport
from survey.problems import Problem

UNTOLD = {
    "company not in the register": (("company",), "correct the name, or add it to the register"),
    "unknown function": (("function",), "correct it, or say what its codes mean under codes"),
    "job title": (("job_title", "department"), "say which function it is under job_titles: titles"),
}
"""Rules that drop responses because a word says nothing to us, the columns that hold the word, and what to do."""

FEW = 30
"""A wave of fewer responses says little, whatever is computed from it."""

_LOG = "look whether that is right; each of them stands in cleaning_log.csv of a run"


def remarks_on(
    answers: Answers, log: CleaningLog, *, panel: Panel | None, minimum_companies: int, dominating: float
) -> list[Problem]:
    """Return warnings and notes on what was read.

    Parameters
    ----------
    answers
        What the exports hold, as far as it could be read and cleaned.
    log
        What cleaning did with them, or with scores of organisations.
    panel
        Scores of organisations, where a study starts from them.
    minimum_companies
        How many companies a published figure must stand for.
    dominating
        A company with a larger share of a wave's responses is told of.

    Returns
    -------
    list of Problem
        Decisions of reading and matching; responses dropped because a company, function or job title is
        unknown, by what is written; values lost or changed and rows dropped by cleaning, counted by file
        and rule; who is flagged as careless and kept; questions that changed between waves; waves that are
        small or dominated by one company.
    """
    found = [*answers.decisions, *_unknown(log, answers.matched), *_cleaned(log, answers.matched)]
    if answers.responses is not None:
        found += _dominated(answers.responses.frame, dominating)
        found += _careless(answers.responses.flags) if answers.responses.flags is not None else []
        found += _changed(answers.responses.ledger) if answers.responses.ledger is not None else []
    counted = answers.responses or panel
    return [*found, *(_small(counted.frame, minimum_companies, panel is None) if counted else [])]


def questions_of(waves: Sequence[MatchedExport], instrument: Instrument | None) -> dict[tuple[str, str], str]:
    """Return question texts by file and column heading: as the file has them, or else the questionnaire."""
    texts: dict[tuple[str, str], str] = {}
    worded = _worded(instrument) if instrument is not None else {}
    for matched in waves:
        file = matched.export.file
        texts |= {(file, column): worded[key] for key, column in matched.columns.items() if key in worded}
        texts |= {(file, column): text for column, text in matched.export.labels.items() if text != column}
    return texts


def _worded(instrument: Instrument) -> dict[str, str]:
    """Return question texts by id, and by standard column where a question plays that role."""
    language = instrument.languages[0]
    by_role = {str(asked.role): asked for asked in instrument.columns.values() if asked.role}
    return {key: asked.text.get(language, "") for key, asked in {**by_role, **instrument.columns}.items()}


def _unknown(log: CleaningLog, waves: Sequence[MatchedExport]) -> Iterator[Problem]:
    """Tell what was written where a response was dropped for it, each word once."""
    lines = log.frame[log.frame["action"] == "dropped"]
    for (file, rule), found in lines.groupby(["file", "rule"], sort=False):
        keys, advice = next((how for said, how in UNTOLD.items() if str(rule).startswith(said)), ((), ""))
        for column, written in _written(found["row"], waves, str(file), keys):
            for text, rows in found["row"].groupby(written.to_numpy()):
                what = f"{counted(len(rows), 'row')} dropped: {rule}"
                yield Problem(
                    what,
                    str(file),
                    int(rows.min()),
                    column,
                    redact(str(text)),
                    to_do=advice,
                    severity="warning",
                )


def _written(
    rows: pd.Series, waves: Sequence[MatchedExport], file: str, keys: Sequence[str]
) -> list[tuple[str, pd.Series]]:
    """Return the first of some columns that a file has, and what it says in these rows."""
    for matched in waves:
        column = next((matched.columns[key] for key in keys if key in matched.columns), None)
        if matched.export.file == file and column is not None:
            cells = matched.export.frame[column].set_axis(matched.export.rows)
            return [(column, cells[rows])]
    return []


def _cleaned(log: CleaningLog, waves: Sequence[MatchedExport]) -> Iterator[Problem]:
    """Count what cleaning dropped and changed by file, column and rule; what became missing is a warning."""
    headings = {(m.export.file, key): column for m in waves for key, column in m.columns.items()}
    known = log.frame["rule"].str.startswith(tuple(UNTOLD))
    lost = log.frame["after"].fillna("").eq("") & log.frame["action"].eq("changed")
    done = log.frame["action"].mask(lost, "left out")
    by = ["file", "column", "done", "rule"]
    lines = log.frame.assign(done=done)[~known].groupby(by, sort=False, as_index=False)
    for row in lines.agg(n=("row", "size"), row=("row", "min"), before=("before", "first")).to_dict(
        "records"
    ):
        count, look = int(row["n"]), row["done"] in ("left out", "noted")
        found = counted(count, "row" if row["done"] == "dropped" else "value")
        yield Problem(
            f"{found} {row['done']}: {row['rule']}", row["file"], int(row["row"]),
            headings.get((row["file"], row["column"]), row["column"]), _text(row["before"]) if look else "",
            to_do=_LOG if look else "", severity="warning" if look else "note",
        )  # fmt: skip


def _changed(ledger: Ledger) -> Iterator[Problem]:
    """Tell which questions were asked in another way than the questionnaire has them."""
    advice = "if it is the same question all the same, say so under changes"
    for row in ledger.changed().to_dict("records"):
        what = f"{row['item']!r} of {row['wave']} is {row['status']}: {row['reason']}"
        rescaled = row["status"] == "rescaled"
        yield Problem(
            what, row["file"], column=row["column"], value=_text(row["scale_seen"]) if rescaled else "",
            question=_text(row["wording_seen"]), to_do="" if rescaled else advice,
            severity="note" if rescaled else "warning",
        )  # fmt: skip


def _careless(flags: pd.DataFrame) -> Iterator[Problem]:
    """Count by file who is flagged as careless and counts all the same."""
    flagged = flags[(flags["flags"] > 0) & ~flags["dropped"].astype(bool)]
    for file, found in flagged.groupby("file"):
        reasons = ", ".join(found["reasons"].str.split(", ").explode().unique())
        what = f"{counted(len(found), 'response')} flagged as careless and kept: {reasons}"
        yield Problem(what, str(file), int(found["row"].min()), severity="note")


def _dominated(frame: pd.DataFrame, dominating: float) -> Iterator[Problem]:
    for row in dominant_companies(frame, share=dominating).to_dict("records"):
        share = f"{100 * row['share']:.0f}%"
        what = f"{row['company']!r} gave {row['n']:,} of {row['of']:,} responses of {row['wave']} ({share})"
        advice = "see that these are people of this one company, each once"
        yield Problem(what, value=str(row["company"]), to_do=advice, severity="warning")


def _small(frame: pd.DataFrame, minimum_companies: int, people: bool) -> Iterator[Problem]:
    for wave, found in frame.groupby("wave"):
        companies = found["company"].nunique()
        if companies < minimum_companies:
            said = counted(companies, "company", "companies")
            what = f"the wave {wave} has {said}; a published figure must stand for {minimum_companies}"
            advice = "ask more companies; what stands for fewer is withheld"
            yield Problem(what, to_do=advice, severity="warning")
        if people and len(found) < FEW:
            what = f"the wave {wave} has {counted(len(found), 'response')}"
            advice = "ask more people; the intervals say how little is known"
            yield Problem(what, to_do=advice, severity="warning")


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
