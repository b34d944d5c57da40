"""Simulated answers in the shapes of Google Forms, LimeSurvey and KoboToolbox.

The questionnaire is taken to have been fielded as `survey.fielding` writes it: with its codes, groups and names.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from survey.fielding_pages import Page, pages
from survey.instrument import Instrument, Question
from survey.limesurvey_codes import DONT_KNOW_CODE, limesurvey_answers, limesurvey_headings
from survey.recoding import DONT_KNOW
from survey.simulate import Simulation
from survey.simulated_cells import Records, cells_of, question_cells, yes_or_no

TIME = "%Y-%m-%d %H:%M:%S"

Columns = list[tuple[str, pd.Series]]


def google_forms(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    """Return what Google Forms exports: labels, and all ticks of a list in one cell.

    There is no id of the response, and the one date is that of sending. Matrices have one column per
    statement, headed "title [statement]".
    """
    cells = question_cells(simulation, rows, language, labels=True)
    sent = _ended(simulation, rows)
    date = sent.dt.month.astype("str") + "/" + sent.dt.day.astype("str") + sent.dt.strftime("/%Y %H:%M:%S")
    columns: Columns = [("Timestamp", date), *_beside(simulation.instrument, cells)]
    for page in _asked(simulation.instrument, cells):
        if page.layout == "ticks":
            ticked = cells[[question.id for question in page.questions]]
            columns.append((page.text[language], _joined(ticked, ", ")))
            continue
        columns += [(_bracketed(page, q, language), cells[q.id]) for q in page.questions]
    return _records(columns)


def limesurvey(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    """Return what LimeSurvey exports as codes: headings `Q[SQ001]`, answer codes, Y for a tick.

    Numbers have ten decimals, as LimeSurvey stores them. The limits of its codes are those of
    `survey.limesurvey_codes`.
    """
    instrument = simulation.instrument
    cells = question_cells(simulation, rows, language, labels=False, dont_know=DONT_KNOW_CODE)
    names = limesurvey_headings(instrument)
    meta = ("id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp")
    columns: Columns = [*_lime_meta(simulation, rows, language, meta), *_beside(instrument, cells)]
    for page in _asked(instrument, cells):
        for question in page.questions:
            answers = cells[question.id]
            if page.layout == "ticks":
                answers = answers.map({"1": "Y"})
            elif codes := limesurvey_answers(question):
                answers = answers.replace(codes)
            elif question.kind in ("number", "scale"):
                answers = answers.astype("float").map("{:.10f}".format, na_action="ignore")
            columns.append((names[question.id], answers))
    duration = simulation.answers["duration_s"].iloc[rows].astype("str")
    return _records([*columns, ("interviewtime", duration)])


def limesurvey_texts(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    """Return what LimeSurvey exports as full texts: headings "question [statement]", full answers.

    An option that was not ticked says so, unless the list has no tick at all.
    """
    instrument = simulation.instrument
    cells = question_cells(simulation, rows, language, labels=True)
    meta = (
        *("Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started"),
        "Date last action",
    )
    columns: Columns = [*_lime_meta(simulation, rows, language, meta), *_beside(instrument, cells)]
    for page in _asked(instrument, cells):
        for question in page.questions:
            heading = _bracketed(page, question, language)
            if page.layout == "ticks":
                columns.append((heading, simulation.answers[question.id].iloc[rows].map(yes_or_no(language))))
            else:
                columns.append((heading, cells[question.id]))
    duration = simulation.answers["duration_s"].iloc[rows].astype("str")
    return _records([*columns, ("Total time", duration)])


def kobo(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    """Return what KoboToolbox exports as XML values: headings "group/name", names of the options.

    The ticks of a list are in one cell, parted by spaces, and again in one column for each option.
    """
    instrument, sent = simulation.instrument, simulation.answers.iloc[rows]
    cells = question_cells(simulation, rows, language, labels=False, dont_know=DONT_KNOW)
    ended, zone = _ended(simulation, rows), ".000+00:00"
    columns: Columns = [
        ("start", sent["started"].dt.strftime("%Y-%m-%dT%H:%M:%S") + zone),
        ("end", ended.dt.strftime("%Y-%m-%dT%H:%M:%S") + zone),
        *_beside(instrument, cells),
    ]
    for page in _asked(instrument, cells):
        if page.layout == "ticks":
            names = {q.id: cells[q.id].map({"1": q.id}) for q in page.questions}
            columns.append((page.id, _joined(pd.DataFrame(names), " ")))
        for question in page.questions:
            heading = question.id if page.layout == "single" else f"{page.id}/{question.id}"
            answers = cells[question.id]
            if page.layout == "ticks":
                answers = simulation.answers[question.id].iloc[rows].map({0: "0", 1: "1"})
            columns.append((heading, answers))
    return _records([*columns, *_kobo_meta(sent, ended)])


def _asked(instrument: Instrument, cells: pd.DataFrame) -> Iterator[Page]:
    """Yield the pages whose questions the cells answer."""
    yield from (page for page in pages(instrument) if page.questions[0].id in cells)


def _beside(instrument: Instrument, cells: pd.DataFrame) -> Columns:
    """Return what the study adds to a questionnaire that does not ask for the company."""
    return [(str(key), cells[key]) for key in cells if key not in instrument.columns]


def _bracketed(page: Page, question: Question, language: str) -> str:
    own = question.text[language]
    return page.text[language] if page.layout == "single" else f"{page.text[language]} [{own}]"


def _ended(simulation: Simulation, rows: np.ndarray) -> pd.Series:
    sent = simulation.answers.iloc[rows]
    return sent["started"] + pd.to_timedelta(sent["duration_s"], unit="s")


def _lime_meta(
    simulation: Simulation, rows: np.ndarray, language: str, names: tuple[str, ...]
) -> Iterator[tuple[str, pd.Series]]:
    """Yield what LimeSurvey adds: who stopped on the way has no date of submission."""
    sent, stopped = simulation.answers.iloc[rows], simulation.people["stopped"].iloc[rows]
    ended = _ended(simulation, rows).dt.strftime(TIME)
    last = len(pages(simulation.instrument))
    columns = (
        sent["respondent"],
        ended.mask(stopped),
        stopped.map({True: str(last // 2), False: str(last)}),
        pd.Series(language, index=sent.index),
        sent["respondent"].str.zfill(9),
        sent["started"].dt.strftime(TIME),
        ended,
    )
    yield from zip(names, columns, strict=True)


def _kobo_meta(sent: pd.DataFrame, ended: pd.Series) -> Columns:
    """Return what KoboToolbox adds after the answers."""
    nothing = pd.Series("", index=sent.index)
    number = pd.Series(np.arange(1, len(sent) + 1), index=sent.index)
    return [
        ("_id", sent["respondent"]),
        ("_uuid", "00000000-0000-4000-8000-" + sent["respondent"].str.zfill(12)),
        ("_submission_time", ended.dt.strftime("%Y-%m-%dT%H:%M:%S")),
        ("_validation_status", nothing),
        ("_notes", nothing),
        ("_status", nothing + "submitted_via_web"),
        ("_submitted_by", nothing),
        ("__version__", nothing + "v1"),
        ("_tags", nothing),
        ("_index", number.astype("str")),
    ]


def _joined(texts: pd.DataFrame, separator: str) -> pd.Series:
    """Join the cells of each row that are not blank."""
    joined = pd.Series("", index=texts.index)
    for column in texts:
        text = texts[column].fillna("")
        joined = joined + np.where((joined != "") & (text != ""), separator, "") + text
    return joined


def _records(columns: Columns) -> Records:
    body = pd.concat([values for _, values in columns], axis=1)
    return [[heading for heading, _ in columns], *cells_of(body)]
