"""The clean table rebuilt as a reviewer would: from the raw files, the questionnaire and the log alone."""

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignmark.study import read_study
from survey.instrument import Instrument, Question
from survey.matching import match
from survey.readers.detect import read_export

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran


def plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def codebook(question: Question) -> dict[str, object]:
    """Code by wording, as the questionnaire declares it; "don't know" is no answer on a scale."""
    codes: dict[str, object] = {}
    if question.scale is not None:
        codes = {plain(t): float(code) for code, text in question.scale.labels.items() for t in text.values()}
        codes |= dict.fromkeys(map(plain, question.scale.dont_know.values()), np.nan)
    for option, text in question.options.items():
        codes |= dict.fromkeys(map(plain, (option, *text.values())), option)
    return codes


def read_cell(cell: object, question: Question, codes: dict[str, object]) -> object:
    if pd.isna(cell) or str(cell) == "":
        return np.nan
    text = str(cell)
    if plain(text) in codes:
        return codes[plain(text)]
    if question.kind == "tick":
        return 0.0 if plain(text) in ("0", "no", "false") else 1.0
    return float(re.sub(r"[%\s]", "", text))


def rebuilt(ran: "Ran") -> pd.DataFrame:
    """Read the files, drop the rows that the log drops, put its values in the place of others, and code the rest."""
    instrument: Instrument = ran.inputs.instrument
    log = pd.read_csv(ran.out / "cleaning_log.csv", dtype="str", keep_default_na=False).astype({"row": int})
    register = pd.read_csv(ran.study.parent / "companies.csv", dtype="str").set_index("name")["company"]
    parts = []
    for wave in read_study(ran.study).study.waves:
        export = read_export(ran.study.parent / wave.file)
        columns = match(export, instrument).columns
        raw = pd.DataFrame({key: export.frame[column] for key, column in columns.items()}, dtype="object")
        raw.index = pd.Index(export.rows, name="row")
        of_file = log[log["file"] == wave.file]
        raw = raw.drop(index=of_file.loc[of_file["action"] == "dropped", "row"])
        raw["company"] = raw["company"].replace(register.to_dict())
        changed = of_file[(of_file["action"] == "changed") & of_file["row"].isin(raw.index)]
        for line in changed.to_dict("records"):
            raw.loc[line["row"], line["column"]] = line["after"]
        parts.append(raw.reset_index().assign(file=wave.file, wave=wave.wave))
    table = pd.concat(parts, ignore_index=True)
    for key, question in instrument.columns.items():
        if key in table and key in ran.inputs.responses.frame and question.kind != "text":  # type: ignore[union-attr]
            table[key] = [read_cell(cell, question, codebook(question)) for cell in table[key]]
    ticks = [
        question
        for question in instrument.columns.values()
        if question.kind == "tick" and question.id in table
    ]
    for group in {question.group for question in ticks}:
        names = [question.id for question in ticks if question.group == group]
        table[names] = table[names].mask(table[names].notna().any(axis=1), table[names].fillna(0.0))
    return table


def test_a_reviewer_gets_the_same_table(ran: "Ran") -> None:
    assert ran.inputs.responses is not None
    clean = ran.inputs.responses.frame.sort_values(["file", "row"], ignore_index=True)
    table = rebuilt(ran).sort_values(["file", "row"], ignore_index=True)
    assert len(ran.inputs.log.frame["rule"].unique()) > 3
    compared = ["file", "row", "wave", "company", "function", *ran.inputs.responses.asked]
    compared = [name for name in compared if name in clean and name in table]
    assert len(compared) > 60
    for name in compared:
        pd.testing.assert_series_equal(table[name], clean[name], check_dtype=False)
