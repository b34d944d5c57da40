"""Simulated answers as an SPSS file: codes, value labels, user-missing codes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from survey.fielding_pages import answer_options
from survey.instrument import Question
from survey.recoding import DONT_KNOW
from survey.simulate import Simulation
from survey.simulated_cells import question_cells, wording, yes_or_no

LONGEST = 255
"""Most bytes in the label of a variable."""
SAVED = b"01 Jan 2600:00:00"
"""Date and time in the header of every file, so that the same seed gives the same bytes."""
SAVED_AT = 92
"""Where in the header they stand."""

Labels = dict[float, str]


def write_spss(simulation: Simulation, rows: np.ndarray, language: str, *, path: Path) -> None:
    """Write responses as an SPSS file (.sav).

    Variables are called by question id and labelled with the question. Answers on a scale have its codes,
    "don't know" the user-missing code 99 (or the next such above the scale); options of a choice are
    numbered from 1, ticks are 1 and 0.

    Parameters
    ----------
    simulation, rows
        The study, and the positions of the responses.
    language
        Of the labels.
    path
        The file; an existing one is replaced.
    """
    instrument, sent = simulation.instrument, simulation.answers.iloc[rows]
    columns = {name: sent[name] for name in ("respondent", "started", "duration_s")}
    columns["started"] = columns["started"].astype("datetime64[us]")
    labels: dict[str, str | None] = dict.fromkeys(columns)
    values: dict[str, Labels] = {}
    cells = question_cells(simulation, rows, language, labels=False, dont_know=DONT_KNOW)
    for key in map(str, cells):
        question = instrument.columns.get(key)
        labels[key] = _cut(wording(instrument, key, language))
        if question is None or question.kind == "text":
            columns[key] = cells[key].fillna("")
        elif question.kind == "tick":
            columns[key], values[key] = sent[key], {float(n): said for n, said in yes_or_no(language).items()}
        else:
            columns[key], values[key] = _coded(question, cells[key], language)
    unsure = {key: _dont_know(instrument.columns[key]) for key in values}
    pyreadstat.write_sav(
        pd.DataFrame(columns).reset_index(drop=True),
        str(path),
        column_labels=labels,
        variable_value_labels=values,
        missing_ranges={key: [code] for key, code in unsure.items() if code in values[key]} or None,
    )
    _set_saved(path)


def _coded(question: Question, cells: pd.Series, language: str) -> tuple[pd.Series, Labels]:
    """Return codes and what they mean."""
    options = answer_options(question, [language])
    numbers = list(options) if question.scale else [str(n) for n in range(1, len(options) + 1)]
    codes = {
        name: _dont_know(question) if question.scale and name == DONT_KNOW else float(number)
        for name, number in zip(options, numbers, strict=True)
    }
    coded = cells.map(codes) if codes else cells
    return coded.astype("float"), {code: options[name][language] for name, code in codes.items()}


def _dont_know(question: Question) -> float:
    """Return the code of "don't know": the lowest of 99, 999, ... above the scale."""
    highest = question.scale.max if question.scale else np.inf
    return next((code for code in (99.0, 999.0, 9999.0) if code > highest), highest + 1)


def _cut(text: str) -> str:
    return text.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")


def _set_saved(path: Path) -> None:
    """Set the time at which the file says it was saved."""
    data = bytearray(path.read_bytes())
    data[SAVED_AT : SAVED_AT + len(SAVED)] = SAVED
    path.write_bytes(bytes(data))
