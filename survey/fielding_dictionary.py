"""The data dictionary: what every column of the clean responses holds, for people and for programs."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from survey.claiming import ROLE_COLUMNS
from survey.fielding_pages import answer_options, one_line, plain_name
from survey.instrument import Instrument, Question
from survey.recoding import DONT_KNOW
from survey.rescaling import scale_name
from survey.responses import FUNCTIONS, STANDARD, Responses

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DICTIONARY, PACKAGE, RESPONSES = "data_dictionary.csv", "datapackage.json", "responses.csv"
MEANINGS = {
    "respondent": "Who answered, as the platform calls the response",
    "company": "Id of the company in the register",
    "function": "Function in which the respondent works",
    "wave": "Year of the wave",
    "weight": "Weight of the response; 1 where nothing was weighted",
}
"""What the columns hold that are not the answer to a question."""

Field = dict[str, Any]


def write_dictionary(
    instrument: Instrument, folder: Path, *, responses: Responses | None = None
) -> list[Path]:
    """Write what the columns of the clean responses hold.

    The table has one row per respondent and wave: who answered, then one column per question. A blank
    is no answer, and so is "don't know". `data_dictionary.csv` tells of every column its id, section,
    group, wording, type, scale, codes, labels, whether it is reversed, its range and its missing codes,
    the wordings in every language of the questionnaire, and in the note what else there is to know: the
    unit of a number. `datapackage.json` tells programs the same as a Frictionless Data Package (version
    2, in the first language). `responses.csv` is the table it describes.

    Parameters
    ----------
    instrument
        The questionnaire.
    folder
        An existing folder; files of the same names are replaced.
    responses
        What `responses.csv` is to hold; only its columns are then described. If None, every question
        is, the table has no more than its headings, and one that exists is left as it is.

    Returns
    -------
    list of Path
        The files that were written.
    """
    table = _table(instrument, responses)
    standard = [str(name) for name in table if name in STANDARD]
    questions = [instrument.columns[str(name)] for name in table if name not in STANDARD]
    rows = [_standard_row(instrument, name) for name in standard]
    rows += [_row(instrument, question) for question in questions]
    fields = [_standard_field(name) for name in standard]
    fields += [_field(instrument, q, fractions=table[q.id].dtype.kind == "f") for q in questions]
    written = [folder / DICTIONARY, folder / PACKAGE]
    with written[0].open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[-1]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = json.dumps(_package(instrument, fields), indent=1, ensure_ascii=False)
    written[1].write_text(text + "\n", encoding="utf-8", newline="\n")
    if responses is not None or not (folder / RESPONSES).exists():
        written.append(folder / RESPONSES)
        table.to_csv(written[2], index=False, lineterminator="\n", encoding="utf-8")
    return written


def _table(instrument: Instrument, responses: Responses | None) -> pd.DataFrame:
    """Return the columns to describe; codes are whole numbers unless they were brought from another scale."""
    if responses is not None:
        answered = [key for key in responses.asked if key not in STANDARD]
        return responses.frame[[*STANDARD, *answered]].convert_dtypes()
    asked = [q.id for q in instrument.columns.values() if q.role not in ROLE_COLUMNS]
    return pd.DataFrame(columns=[*STANDARD, *asked])


def _package(instrument: Instrument, fields: list[Field]) -> dict[str, Any]:
    first = instrument.languages[0]
    schema = {"fields": fields, "missingValues": [""], "primaryKey": ["wave", "company", "respondent"]}
    return {
        "$schema": PROFILE,
        "name": plain_name(instrument.instrument).lower(),
        "title": one_line(instrument.title[first]),
        "version": instrument.version,
        "resources": [
            {
                "name": "responses",
                "type": "table",
                "path": RESPONSES,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": schema,
            }
        ],
    }


def _standard_row(instrument: Instrument, name: str) -> dict[str, str]:
    """Describe a column that identifies the response, with the wording of the question that fills it."""
    asked = next((q for q in instrument.columns.values() if ROLE_COLUMNS.get(q.role) == name), None)
    kind = "number" if name in ("wave", "weight") else "text"
    row: dict[str, str] = _row(instrument, asked) if asked else {"type": kind}
    return row | {"id": name, "section": "response", "group": "", "note": MEANINGS[name]}


def _row(instrument: Instrument, question: Question) -> dict[str, str]:
    """Describe the column of a question in one row of text."""
    options = answer_options(question, instrument.languages)
    coded = {name: text for name, text in options.items() if name != DONT_KNOW or question.kind == "choice"}
    low, high = _range(question)
    scale, outcome = question.scale, instrument.outcomes.get(question.id)
    row = {"id": question.id, "section": question.section, "group": question.group}
    for language in instrument.languages:
        row[f"stem_{language}"] = one_line(question.stem.get(language, ""))
        row[f"text_{language}"] = one_line(question.text[language])
    row |= {"type": question.kind, "scale": scale_name(question, instrument), "codes": "; ".join(coded)}
    for language in instrument.languages:
        labels = (f"{name} = {one_line(text[language])}" for name, text in coded.items())
        row[f"labels_{language}"] = "; ".join(labels)
        row[f"dont_know_{language}"] = scale.dont_know.get(language, "") if scale else ""
    row |= {
        "reverse": "yes" if question.reverse else "no",
        "minimum": "" if low is None else f"{low:g}",
        "maximum": "" if high is None else f"{high:g}",
        "missing_codes": "; ".join(f"{code:g}" for code in scale.missing_codes) if scale else "",
        "note": one_line(outcome.unit[instrument.languages[0]]) if outcome else "",
    }
    return row


def _standard_field(name: str) -> Field:
    """Describe a column that identifies the response, for the package."""
    field: Field = {"name": name, "title": MEANINGS[name], "type": "string"}
    if name == "function":
        return field | {"constraints": {"enum": list(FUNCTIONS)}}
    if name == "wave":
        return field | {"type": "integer", "constraints": {"required": True}}
    if name == "weight":
        return field | {"type": "number", "constraints": {"required": True, "minimum": 0}}
    return field | {"constraints": {"required": True}}


def _field(instrument: Instrument, question: Question, *, fractions: bool) -> Field:
    """Describe the column of a question for the package: type, constraints, labels and missing values."""
    language = instrument.languages[0]
    options = answer_options(question, instrument.languages)
    low, high = _range(question)
    field: Field = {"name": question.id, "title": one_line(question.text[language]), "type": _type(question)}
    if fractions:
        field["type"] = "number"
    if question.stem:
        field["description"] = one_line(question.stem[language])
    constraints: Field = {"minimum": low, "maximum": high} if question.kind != "tick" else {"enum": [0, 1]}
    constraints |= {"enum": list(options)} if question.kind == "choice" else {}
    stated = {name: _whole(value) for name, value in constraints.items() if value is not None}
    if stated:
        field["constraints"] = stated
    if question.kind == "scale" and options and not fractions:
        codes = {int(name): text for name, text in options.items() if name != DONT_KNOW}
        field["categories"] = _categories(codes, language)
        field["categoriesOrdered"] = True
    elif question.kind == "choice":
        field["categories"] = _categories(options, language)
    if question.section == "construct":
        field["reverse"] = question.reverse
    if question.scale and question.scale.missing_codes:
        field["missingValues"] = ["", *(f"{code:g}" for code in question.scale.missing_codes)]
    return field


def _categories(options: Any, language: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": one_line(text[language])} for value, text in options.items()]


def _whole(value: Any) -> Any:
    """Write 5.0 as 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _type(question: Question) -> str:
    if question.kind == "tick" or (question.scale and question.scale.whole):
        return "integer"
    return "number" if question.kind in ("scale", "number") else "string"


def _range(question: Question) -> tuple[float | None, float | None]:
    if question.scale:
        return question.scale.min, question.scale.max
    return question.range or (None, None)
