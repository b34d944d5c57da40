"""The clean table rebuilt as a reviewer would: from the raw files, the questionnaire and the log alone."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignmark.inputs import Inputs, read_inputs
from alignmark.study import read_study
from survey.instrument import Instrument, Question
from survey.matching import match
from survey.readers.detect import read_export

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran, Spoil


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


def rebuilt(study: Path, inputs: Inputs, written: Path) -> pd.DataFrame:
    """Read the files, drop the rows that the log drops, put its values in the place of others, and code the rest."""
    instrument: Instrument = inputs.instrument
    log = pd.read_csv(written, dtype="str", keep_default_na=False).astype({"row": int})
    register = pd.read_csv(study.parent / "companies.csv", dtype="str").set_index("name")["company"]
    parts = []
    for wave in read_study(study).study.waves:
        export = read_export(study.parent / wave.file)
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
        if key in table and key in inputs.responses.frame and question.kind != "text":  # type: ignore[union-attr]
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


def check_rebuilt(study: Path, inputs: Inputs, written: Path, *, columns: int) -> None:
    assert inputs.responses is not None
    clean = inputs.responses.frame.sort_values(["file", "row"], ignore_index=True)
    table = rebuilt(study, inputs, written).sort_values(["file", "row"], ignore_index=True)
    compared = ["file", "row", "wave", "company", "function", *inputs.responses.asked]
    compared = [name for name in compared if name in clean and name in table]
    assert len(compared) >= columns
    for name in compared:
        pd.testing.assert_series_equal(table[name], clean[name], check_dtype=False, rtol=1e-12)


def read_and_log(study: Path, folder: Path) -> tuple[Inputs, Path, set[str]]:
    """Read a study and write its log as a run does; return its rules as well."""
    inputs, written = read_inputs(read_study(study)), folder / "cleaning_log.csv"
    inputs.log.frame.to_csv(written, index=False)
    return inputs, written, set(inputs.log.frame["rule"])


def test_a_reviewer_gets_the_same_table(ran: "Ran") -> None:
    assert len(ran.inputs.log.frame["rule"].unique()) > 3
    check_rebuilt(ran.study, ran.inputs, ran.out / "cleaning_log.csv", columns=60)


def test_also_where_careless_people_are_left_out(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "study")
    study = tmp_path / "study" / "study.yaml"
    text = study.read_text(encoding="utf-8") + "\ncareless: {preset: standard}\n"
    study.write_text(text, encoding="utf-8")
    inputs, written, rules = read_and_log(study, tmp_path)
    assert any(rule.startswith("careless: ") for rule in rules)
    check_rebuilt(study, inputs, written, columns=60)


def test_also_where_waves_are_rescaled_and_checks_blank_and_drop(spoiled: "Spoil", tmp_path: Path) -> None:
    def on_seven_points(table: pd.DataFrame) -> pd.DataFrame:
        table["trust_1"] = (1 + 3 * table.index % 7).astype("str")
        table["trust_2"] = (1 + 5 * table.index % 7).astype("str")
        table["remarks"] = "Ask Jane Doe, jane@acme.org, how we plan our work together in a year like this"
        table.loc[0, "goals_1"] = "9"
        return table.rename(columns={"firm": "company", "department": "function"})

    study = spoiled(
        ("2025, file: 2025.csv}", "2025, file: 2025.csv, scales: {trust: {min: 1, max: 7}}}"),
        ("classes:", "privacy: {keep: [remarks]}\nclasses:"),
        ("  minimum_answered: 0.5\n", CHECKS),
        answers=on_seven_points,
    )
    first = study.parent / "2024.csv"
    read = pd.read_csv(first, dtype="str").rename(columns={"firm": "company", "department": "function"})
    read.to_csv(first, index=False)
    inputs, written, rules = read_and_log(study, tmp_path)
    assert rules == {
        "rescaled from 1-7 to 1-5",
        "few offers won",
        "many offers won",
        "low trust",
        "outside the scale",
    }
    twice = inputs.log.frame.query("action == 'changed'").duplicated(["file", "row", "column"])
    assert twice.any(), "answers that were rescaled and then taken out"
    check_rebuilt(study, inputs, written, columns=12)


CHECKS = """\
  minimum_answered: 0.25
  outside_scale: missing
  checks:
    - {name: few offers won, when: {win_rate: {below: 25}}, then: blank, blank: [goals_2, trust_1]}
    - {name: many offers won, when: {win_rate: {at_least: 50}}, then: drop}
    - {name: low trust, when: {trust_2: {below: 2}}, then: note}
"""
