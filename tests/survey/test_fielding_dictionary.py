import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frictionless import validate

from survey.claiming import ROLE_COLUMNS
from survey.fielding_dictionary import write_dictionary
from survey.instrument import Instrument, read_instrument
from survey.responses import STANDARD, Responses

ALIGNMENT = read_instrument("alignment")
ANSWERED = {
    "respondent": ["a", "b"],
    "company": ["x", "x"],
    "function": ["sales", ""],
    "wave": [2024, 2025],
    "weight": [1.0, 0.5],
    "file": ["f.csv", "f.csv"],
    "row": [2, 3],
    "goals_1": [1.0, None],
    "mood": [12.5, 100.0],
    "adequate": ["yes", None],
    "win_rate": [None, 40.0],
    "tool_crm": [1.0, 0.0],
    "tool_chat": [0.0, None],
}


def problems(folder: Path) -> list[list[Any]]:
    found: list[list[Any]] = validate(str(folder / "datapackage.json")).flatten(["fieldName", "type"])
    return found


def fields(folder: Path) -> dict[str, dict[str, Any]]:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}


def answers(small: Instrument, **columns: list[Any]) -> Responses:
    return Responses(pd.DataFrame(ANSWERED | columns), small, pd.Series(dtype=float))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dictionary")
    written = write_dictionary(ALIGNMENT, folder)
    assert [path.name for path in written] == ["data_dictionary.csv", "datapackage.json", "responses.csv"]
    return folder


def test_the_dictionary_has_one_row_per_column_of_the_responses(folder: Path) -> None:
    with (folder / "data_dictionary.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    questions = [q.id for q in ALIGNMENT.columns.values() if q.role not in ROLE_COLUMNS]
    assert list(rows) == [*STANDARD, *questions]
    assert (folder / "responses.csv").read_text(encoding="utf-8") == ",".join(rows) + "\n"
    item = rows["goals_3"]
    assert (item["section"], item["group"], item["type"], item["scale"], item["reverse"]) == (
        *("construct", "goals", "scale", "agreement", "yes"),
    )
    assert (item["minimum"], item["maximum"], item["codes"]) == ("1", "5", "1; 2; 3; 4; 5")
    assert item["labels_de"].endswith("5 = Stimme voll und ganz zu")
    assert item["dont_know_en"] == "Don't know"
    assert item["text_de"] == ALIGNMENT.columns["goals_3"].text["de"]
    assert rows["pressure_growth"]["stem_en"].startswith("What presses")
    assert rows["adequately_aligned"]["labels_en"] == "yes = Yes; no = No; dont_know = Don't know"
    assert (rows["win_rate"]["maximum"], rows["win_rate"]["note"]) == ("100", "% of decided offers")
    assert rows["company"]["note"] == "Id of the company in the register"


def test_missing_codes_are_told(small: Instrument, tmp_path: Path) -> None:
    write_dictionary(small, tmp_path)
    with (tmp_path / "data_dictionary.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    assert (rows["goals_1"]["missing_codes"], rows["mood"]["missing_codes"]) == ("-99", "")
    assert fields(tmp_path)["goals_1"]["missingValues"] == ["", "-99"]


def test_the_package_says_types_limits_and_labels(folder: Path) -> None:
    found = fields(folder)
    assert found["goals_1"]["type"] == "integer"
    assert found["goals_1"]["constraints"] == {"minimum": 1, "maximum": 5}
    assert found["goals_1"]["categories"][0] == {"value": 1, "label": "Strongly disagree"}
    assert found["adequately_aligned"]["constraints"] == {"enum": ["yes", "no", "dont_know"]}
    assert found["enabler_crm"]["constraints"] == {"enum": [0, 1]}
    assert (found["win_rate"]["type"], found["company"]["type"], found["wave"]["type"]) == (
        *("number", "string", "integer"),
    )


def test_an_empty_package_is_valid(folder: Path) -> None:
    assert problems(folder) == []


def test_a_package_with_answers_is_valid(small: Instrument, tmp_path: Path) -> None:
    write_dictionary(small, tmp_path, responses=answers(small))
    assert problems(tmp_path) == []
    assert list(fields(tmp_path))[5:] == ["adequate", "mood", "goals_1", "win_rate", "tool_crm", "tool_chat"]
    assert (tmp_path / "responses.csv").read_text(encoding="utf-8").split("\n")[1] == (
        "a,x,sales,2024,1.0,yes,12.5,1,,1,0"
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("goals_1", 9.0),
        ("adequate", "perhaps"),
        ("tool_crm", 2.0),
        ("company", ""),
        ("function", "kitchen"),
    ],
)
def test_the_package_refuses_what_is_no_answer(
    small: Instrument, tmp_path: Path, column: str, value: Any
) -> None:
    write_dictionary(small, tmp_path, responses=answers(small, **{column: [value, ANSWERED[column][1]]}))
    assert problems(tmp_path) == [[column, "constraint-error"]]


def test_one_respondent_twice_in_a_wave_is_refused(small: Instrument, tmp_path: Path) -> None:
    write_dictionary(small, tmp_path, responses=answers(small, respondent=["a", "a"], wave=[2024, 2024]))
    assert [what for _, what in problems(tmp_path)] == ["primary-key"]


def test_answers_from_another_scale_may_be_fractions(small: Instrument, tmp_path: Path) -> None:
    write_dictionary(small, tmp_path, responses=answers(small, goals_1=[2.5, 4.0]))
    assert problems(tmp_path) == []
    assert fields(tmp_path)["goals_1"]["type"] == "number"
    assert "categories" not in fields(tmp_path)["goals_1"]


def test_a_table_with_answers_is_never_emptied(small: Instrument, tmp_path: Path) -> None:
    write_dictionary(small, tmp_path, responses=answers(small))
    before = (tmp_path / "responses.csv").read_bytes()
    written = write_dictionary(small, tmp_path)
    assert [path.name for path in written] == ["data_dictionary.csv", "datapackage.json"]
    assert (tmp_path / "responses.csv").read_bytes() == before


def test_questions_that_fill_a_standard_column_are_described_once(tmp_path: Path) -> None:
    columns = {key: ANSWERED[key] for key in (*STANDARD, "goals_1")}
    responses = Responses(pd.DataFrame(columns), ALIGNMENT, pd.Series(dtype=float))
    assert "company" in responses.asked
    write_dictionary(ALIGNMENT, tmp_path, responses=responses)
    assert list(fields(tmp_path)) == [*STANDARD, "goals_1"]
    assert problems(tmp_path) == []
