"""Simulated answers as survey platforms export them, with the files of a study around them."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import xlsxwriter

from survey.instrument import Instrument, Question
from survey.problems import Problem, raise_if_any
from survey.readers.cells import Cells
from survey.readers.detect import PLATFORMS
from survey.readers.export import Export
from survey.simulate import Simulation
from survey.simulated_cells import Records, cells_of, column_of, headings, question_cells, stem_of, wording
from survey.simulated_platforms import google_forms, kobo, limesurvey, limesurvey_texts
from survey.simulated_spss import write_spss

CREATED = datetime(2026, 1, 1)
"""Date in the properties of every workbook, so that the same seed gives the same bytes."""
PERCENT_SIGNS = 0.1
"""Share of percentages that SurveyMonkey's respondents write with a percent sign."""

DEFAULT = ("qualtrics", "surveymonkey", "spreadsheet")
"""Shapes of the waves of a study, unless others are asked for."""

Layout = Callable[[Simulation, np.ndarray, str], Records]


class _Shape(NamedTuple):
    """How a platform writes its file, and what `read_export` calls it."""

    platform: str
    ending: str
    encoding: str
    layout: Layout | None
    delimiter: str = ","
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
    line_end: str = "\n"


def write_study_data(
    simulation: Simulation, folder: Path, *, language: str = "en", platforms: Sequence[str] = DEFAULT
) -> dict[int, tuple[str, str]]:
    """Write each wave as a platform exports it, the companies, their revenue, and the truth.

    The waves take the platforms in turn, beginning again with the first where there are more waves.
    Beside them stand companies.csv, revenue.csv and truth.json.

    Parameters
    ----------
    simulation
        The study.
    folder
        An existing folder; files of the same names are replaced.
    language
        Of questions and labels: one of the instrument's.
    platforms
        "qualtrics" (CSV, three header rows, labels, a preview response on top), "surveymonkey" (CSV, two
        header rows, matrices), "spreadsheet" (Excel, codes), "google_forms" (CSV, all ticks of a list in
        one cell), "limesurvey" (CSV, codes), "limesurvey_texts" (CSV, full texts), "kobo" (CSV, names of
        groups and options) or "spss" (.sav, value labels and user-missing codes).

    Returns
    -------
    dict of int to (str, str)
        File name and platform of each wave.

    Raises
    ------
    InputError
        If there is no such platform.
    """
    raise_if_any(
        Problem(f"unknown platform {name!r}", value=name, allowed=", ".join(SHAPES))
        for name in platforms
        if name not in SHAPES
    )
    written: dict[int, tuple[str, str]] = {}
    for wave, file, shape, rows in _waves(simulation, platforms):
        _write_wave(simulation, rows, language, shape=shape, path=folder / file)
        written[wave] = (file, shape.platform)
    for name, table in (("companies", simulation.register), ("revenue", simulation.revenue)):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    truth = json.dumps(simulation.truth.to_dict(), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8", newline="\n")
    return written


def as_exports(simulation: Simulation, *, language: str = "en") -> list[Export]:
    """Return the exports that reading the files of `write_study_data` would give, without files.

    What only a file can tell, its delimiter for one, is not among their decisions.
    """
    exports = []
    for _, file, shape, rows in _waves(simulation, DEFAULT):
        records = shape.layout(simulation, rows, language) if shape.layout else []
        cells = Cells(records, list(range(1, len(records) + 1)), file, shape.encoding)
        exports.append(PLATFORMS[shape.platform].read(cells))
    return exports


def _waves(simulation: Simulation, platforms: Sequence[str]) -> Iterator[tuple[int, str, _Shape, np.ndarray]]:
    """Yield the year, file, shape and responses of every wave."""
    for number, wave in enumerate(simulation.truth.settings.waves):
        name = platforms[number % len(platforms)]
        rows = np.flatnonzero(simulation.answers["wave"] == wave)
        yield wave, f"{wave}_{name}.{SHAPES[name].ending}", SHAPES[name], rows


def _write_wave(
    simulation: Simulation, rows: np.ndarray, language: str, *, shape: _Shape, path: Path
) -> None:
    if shape.layout is None:
        write_spss(simulation, rows, language, path=path)
        return
    records = shape.layout(simulation, rows, language)
    if shape.ending == "xlsx":
        _write_workbook(path, records)
        return
    with path.open("w", encoding=shape.encoding, newline="") as stream:
        writer = csv.writer(
            stream, delimiter=shape.delimiter, quoting=shape.quoting, lineterminator=shape.line_end
        )
        writer.writerows(records)


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
    questions = question_cells(simulation, rows, language, labels=True)
    body = pd.DataFrame({name: values for (name, _, _), values in meta.items()}, index=sent.index)
    body = pd.concat([body, questions], axis=1)
    texts = [text for _, text, _ in meta] + [wording(instrument, str(key), language) for key in questions]
    ids = [key for _, _, key in meta] + [f"QID{number}" for number in range(1, questions.shape[1] + 1)]
    preview = body.iloc[:1].assign(Status="Survey Preview", ResponseId="preview")
    preview[column_of(instrument, "company")] = "Test"
    imports = [json.dumps({"ImportId": key}, separators=(",", ":")) for key in ids]
    return [headings(body), texts, imports, *cells_of(preview), *cells_of(body)]


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
    first, second = headings(body), [""] * body.shape[1]
    questions = question_cells(simulation, rows, language, labels=True)
    previous = ""
    for key in map(str, questions):
        question = instrument.columns.get(key)
        stem = stem_of(instrument, question, language) if question else ""
        if question and stem:
            first.append("" if question.group == previous else stem)
            second.append(question.text[language])
        else:
            first.append(wording(instrument, key, language))
            second.append(
                "Response" if question and question.kind in ("choice", "scale") else "Open-Ended Response"
            )
        previous = question.group if question else key
        if question and _is_percentage(instrument, question):
            questions[key] = _with_percent_signs(questions[key], simulation.truth.seed)
    return [first, second, *cells_of(pd.concat([body, questions], axis=1))]


def _spreadsheet(simulation: Simulation, rows: np.ndarray, language: str) -> Records:
    sent = simulation.answers.iloc[rows]
    meta = sent[["respondent", "duration_s"]].astype("str")
    meta.insert(1, "started", sent["started"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    body = pd.concat([meta, question_cells(simulation, rows, language, labels=False)], axis=1)
    return [headings(body), *cells_of(body)]


def _is_percentage(instrument: Instrument, question: Question) -> bool:
    outcome = instrument.outcomes.get(question.id)
    return outcome is not None and outcome.unit[instrument.languages[0]].startswith("%")


def _with_percent_signs(texts: pd.Series, seed: int) -> pd.Series:
    signed = np.random.default_rng([seed, 20]).random(len(texts)) < PERCENT_SIGNS
    return texts.mask(signed & texts.notna(), texts + " %")


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


SHAPES = {
    "qualtrics": _Shape("qualtrics", "csv", "utf-8", _qualtrics),
    "surveymonkey": _Shape("surveymonkey", "csv", "utf-8-sig", _surveymonkey),
    "spreadsheet": _Shape("spreadsheet", "xlsx", "xlsx", _spreadsheet),
    "google_forms": _Shape("google_forms", "csv", "utf-8", google_forms, line_end="\r\n"),
    "limesurvey": _Shape("limesurvey", "csv", "utf-8-sig", limesurvey, ";", csv.QUOTE_ALL, "\r\n"),
    "limesurvey_texts": _Shape(
        "limesurvey", "csv", "utf-8-sig", limesurvey_texts, ",", csv.QUOTE_ALL, "\r\n"
    ),
    "kobo": _Shape("kobo", "csv", "utf-8-sig", kobo, ";", csv.QUOTE_ALL, "\r\n"),
    "spss": _Shape("spss", "sav", "utf-8", None),
}
"""Every shape that a wave can be written in."""
