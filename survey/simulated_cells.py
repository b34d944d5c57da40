"""The cells that simulated exports of all platforms have in common: answers as text, and wordings."""

import numpy as np
import pandas as pd

from survey.instrument import Instrument, Question, Role
from survey.simulate import Simulation

Records = list[list[str]]
"""Rows of cells, the header rows on top."""
TICKED = {"en": ("No", "Yes"), "de": ("Nein", "Ja")}


def question_cells(
    simulation: Simulation, rows: np.ndarray, language: str, *, labels: bool, dont_know: str = ""
) -> pd.DataFrame:
    """Return company, function and every answer as text; NA where there is none.

    Parameters
    ----------
    simulation, rows
        The study, and the positions of the responses.
    language
        Of the labels.
    labels
        Labels, or the codes and option ids of the instrument.
    dont_know
        How "don't know" is written on scales; in its words if empty.
    """
    instrument, sent = simulation.instrument, simulation.answers.iloc[rows]
    unknown = simulation.dont_know.iloc[rows]
    cells = {column_of(instrument, "company"): simulation.people["company_name"].iloc[rows]}
    if asked := instrument.with_role("function"):
        options = {key: text[language] if labels else key for key, text in asked.options.items()}
        cells[asked.id] = sent["function"].map(options)
    for key in map(str, unknown):
        question = instrument.columns[key]
        cells[key] = _written(question, sent[key], language, labels=labels)
        if question.scale and question.scale.dont_know:
            cells[key] = cells[key].mask(unknown[key], dont_know or question.scale.dont_know[language])
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


def yes_or_no(language: str) -> dict[int, str]:
    """Return how platforms say that an option was not ticked (0), and that it was (1)."""
    return dict(enumerate(TICKED.get(language, ("0", "1"))))


def wording(instrument: Instrument, key: str, language: str) -> str:
    """Return the full text of a question: its stem, if it shares one, then its own."""
    question = instrument.columns.get(key)
    if question is None:
        return key
    stem = question.stem.get(language, "")
    return f"{stem} - {question.text[language]}" if stem else question.text[language]


def stem_of(instrument: Instrument, question: Question, language: str) -> str:
    """Return what stands above a matrix or a tick list: its stem, or the title of the construct."""
    construct = instrument.constructs.get(question.group)
    return construct.title[language] if construct else question.stem.get(language, "")


def column_of(instrument: Instrument, role: Role) -> str:
    """Return the id of the question that plays a role; the role itself if there is none."""
    question = instrument.with_role(role)
    return question.id if question else str(role)


def headings(body: pd.DataFrame) -> list[str]:
    """Return the names of the columns."""
    return [str(heading) for heading in body]


def cells_of(body: pd.DataFrame) -> Records:
    """Return the rows of a table as cells, blank where there is nothing."""
    records: Records = body.astype("object").fillna("").to_numpy().tolist()
    return records
