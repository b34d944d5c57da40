"""Simulated answers as survey platforms export them, with the files of a study around them."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from survey.instrument import Instrument, Question, Role
from survey.readers.cells import Cells
from survey.readers.detect import PLATFORMS
from survey.readers.export import Export
from survey.simulate import Simulation

CREATED = datetime(2026, 1, 1)
"""Date in the properties of every workbook, so that the same seed gives the same bytes."""
PERCENT_SIGNS = 0.1
"""Share of percentages that SurveyMonkey's respondents write with a percent sign."""

Records = list[list[str]]
ENCODINGS = {"qualtrics": "utf-8", "surveymonkey": "utf-8-sig", "spreadsheet": "xlsx"}
ENDINGS = {"qualtrics": "csv", "surveymonkey": "csv", "spreadsheet": "xlsx"}


def write_study_data(
    simulation: Simulation, folder: Path, *, language: str = "en"
) -> dict[int, tuple[str, str]]:
    """Write each wave as a platform exports it, the companies, their revenue, and the truth.

    The first wave is a Qualtrics CSV (three header rows, labels, a preview response on top), the
    second a SurveyMonkey CSV (two header rows, matrices), the third a plain Excel sheet (codes); more
    waves begin again with the first. Beside them stand companies.csv, revenue.csv and truth.json.

    Parameters
    ----------
    simulation
        The study.
    folder
        An existing folder; files of the same names are replaced.
    language
        Of questions and labels: one of the instrument's.

    Returns
    -------
    dict of int to (str, str)
        File name and platform of each wave.
    """
    written: dict[int, tuple[str, str]] = {}
    for wave, file, platform, records in _waves(simulation, language):
        if platform == "spreadsheet":
            _write_workbook(folder / file, records)
        else:
            with (folder / file).open("w", encoding=ENCODINGS[platform], newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(records)
        written[wave] = (file, platform)
    for name, table in (("companies", simulation.register), ("revenue", simulation.revenue)):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    truth = json.dumps(simulation.truth.to_dict(), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8", newline="\n")
    return written


def as_exports(simulation: Simulation, *, language: str = "en") -> list[Export]:
    """Return the exports that reading the files of `write_study_data` would give, without files."""
    return [
        PLATFORMS[platform].read(Cells(records, list(range(1, len(records) + 1)), file, ENCODINGS[platform]))
        for _, file, platform, records in _waves(simulation, language)
    ]


def _waves(simulation: Simulation, language: str) -> Iterator[tuple[int, str, str, Records]]:
    """Yield the year, file, platform and cells of every wave."""
    layouts: dict[str, Callable[[Simulation, np.ndarray, str], Records]] = {
        "qualtrics": _qualtrics,
        "surveymonkey": _surveymonkey,
        "spreadsheet": _spreadsheet,
    }
    for number, wave in enumerate(simulation.truth.settings.waves):
        platform = list(layouts)[number % len(layouts)]
        rows = np.flatnonzero(simulation.answers["wave"] == wave)
        yield (
            wave,
            f"{wave}_{platform}.{ENDINGS[platform]}",
            platform,
            layouts[platform](simulation, rows, language),
        )


def _qualtrics(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    sent, instrument = simulation.answers.iloc[rows], simulation.instrument
    ended = sent["started"] + pd.to_timedelta(sent["duration_s"], unit="s")
    stopped = simulation.people["stopped"].iloc[rows]
    meta = {
        ("StartDate", "Start Date", "startDate"): sent["started"].dt.strftime("%Y-%m-%d %H:%M:%S"),
        ("EndDate", "End Date", "endDate"): ended.dt.strftime("%Y-%m-%d %H:%M:%S"),
        ("Status", "Response Type", "status"): "IP Address",
        ("Progress", "Progress", "progress"): stopped.map({True: "50", False: "100"}),
        ("Duration (in seconds)",) * 2 + ("duration",): sent["duration_s"].astype("str"),
        ("Finished", "Finished", "finished"): stopped.map({True: "False", False: "True"}),
        ("ResponseId", "Response ID", "_recordId"): sent["respondent"],
        ("UserLanguage", "User Language", "userLanguage"): language.upper(),
    }
    questions = _question_cells(simulation, rows, language, labels=True)
    body = pd.DataFrame({name: values for (name, _, _), values in meta.items()}, index=sent.index)
    body = pd.concat([body, questions], axis=1)
    texts = [text for _, text, _ in meta] + [_wording(instrument, str(key), language) for key in questions]
    ids = [key for _, _, key in meta] + [f"QID{number}" for number in range(1, questions.shape[1] + 1)]
    preview = body.iloc[:1].assign(Status="Survey Preview", ResponseId="preview")
    preview[_column(instrument, "company")] = "Test"
    imports = [json.dumps({"ImportId": key}, separators=(",", ":")) for key in ids]
    return [_headings(body), texts, imports, *_cells(preview), *_cells(body)]


def _surveymonkey(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    sent, instrument = simulation.answers.iloc[rows], simulation.instrument
    ended = sent["started"] + pd.to_timedelta(sent["duration_s"], unit="s")
    body = pd.DataFrame(
        {
            "Respondent ID": sent["respondent"],
            "Collector ID": "400000001",
            "Start Date": sent["started"].dt.strftime("%m/%d/%Y %I:%M:%S %p"),
            "End Date": ended.dt.strftime("%m/%d/%Y %I:%M:%S %p"),
        }
    )
    first, second = _headings(body), [""] * body.shape[1]
    questions = _question_cells(simulation, rows, language, labels=True)
    previous = ""
    for key in map(str, questions):
        question = instrument.columns.get(key)
        stem = _stem(instrument, question, language) if question else ""
        if question and stem:
            first.append("" if question.group == previous else stem)
            second.append(question.text[language])
        else:
            first.append(_wording(instrument, key, language))
            second.append(
                "Response" if question and question.kind in ("choice", "scale") else "Open-Ended Response"
            )
        previous = question.group if question else key
        if question and _is_percentage(instrument, question):
            questions[key] = _with_percent_signs(questions[key], simulation.truth.seed)
    return [first, second, *_cells(pd.concat([body, questions], axis=1))]


def _spreadsheet(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    sent = simulation.answers.iloc[rows]
    meta = sent[["respondent", "duration_s"]].astype("str")
    meta.insert(1, "started", sent["started"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    body = pd.concat([meta, _question_cells(simulation, rows, language, labels=False)], axis=1)
    return [_headings(body), *_cells(body)]


def _question_cells(simulation: Simulation, rows: np.ndarray, language: str, *, labels: bool) -> pd.DataFrame:
    """Return company, function and every answer as text: labels in a language, or codes."""
    instrument, sent = simulation.instrument, simulation.answers.iloc[rows]
    unknown = simulation.dont_know.iloc[rows]
    cells = {_column(instrument, "company"): simulation.people["company_name"].iloc[rows]}
    if asked := instrument.with_role("function"):
        options = {key: text[language] if labels else key for key, text in asked.options.items()}
        cells[asked.id] = sent["function"].map(options)
    for key in map(str, unknown):
        question = instrument.columns[key]
        cells[key] = _written(question, sent[key], language, labels=labels)
        if question.scale and question.scale.dont_know:
            cells[key] = cells[key].mask(unknown[key], question.scale.dont_know[language])
    order = [key for key in instrument.columns if key in cells]
    return pd.DataFrame(cells)[[*(key for key in cells if key not in order), *order]]


def _written(question: Question, answers: pd.Series, language: str, *, labels: bool) -> pd.Series:
    """Write the answers to one question; NA where there is none."""
    if question.kind == "choice":
        names = {key: text[language] if labels else key for key, text in question.options.items()}
    elif question.kind == "tick":
        names = {"1": question.text[language] if labels else "1"}
    else:
        names = {}
    if question.kind in ("choice", "text"):
        return answers.map(names) if names else answers
    codes = pd.unique(answers.dropna())
    texts = {code: str(int(code)) if code == int(code) else repr(float(code)) for code in codes}
    if question.kind == "tick":
        return answers.map(texts).map(names)
    if labels and question.scale:
        texts |= {code: text[language] for code, text in question.scale.labels.items()}
    return answers.map(texts)


def _wording(instrument: Instrument, key: str, language: str) -> str:
    """Return the full text of a question: its stem, if it shares one, then its own."""
    question = instrument.columns.get(key)
    if question is None:
        return key
    stem = question.stem.get(language, "")
    return f"{stem} - {question.text[language]}" if stem else question.text[language]


def _stem(instrument: Instrument, question: Question, language: str) -> str:
    """Return what stands above a matrix or a tick list: its stem, or the title of the construct."""
    construct = instrument.constructs.get(question.group)
    return construct.title[language] if construct else question.stem.get(language, "")


def _column(instrument: Instrument, role: Role) -> str:
    question = instrument.with_role(role)
    return question.id if question else str(role)


def _is_percentage(instrument: Instrument, question: Question) -> bool:
    outcome = instrument.outcomes.get(question.id)
    return outcome is not None and outcome.unit[instrument.languages[0]].startswith("%")


def _with_percent_signs(texts: pd.Series, seed: int) -> pd.Series:
    signed = np.random.default_rng([seed, 20]).random(len(texts)) < PERCENT_SIGNS
    return texts.mask(signed & texts.notna(), texts + " %")


def _headings(body: pd.DataFrame) -> list[str]:
    return [str(heading) for heading in body]


def _cells(body: pd.DataFrame) -> Records:
    records: Records = body.astype("object").fillna("").to_numpy().tolist()
    return records


def _write_workbook(path: Path, records: Records) -> None:
    """Write numbers as numbers, as a spreadsheet would; the identifier and all else as text."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": CREATED})
        sheet = workbook.add_worksheet("answers")
        for row, record in enumerate(records):
            for column, cell in enumerate(record):
                if column and cell.lstrip("-").replace(".", "", 1).isdigit():
                    sheet.write_number(row, column, float(cell))
                elif cell:
                    sheet.write_string(row, column, cell)
