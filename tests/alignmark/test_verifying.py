"""What was changed by hand is found, in every format, and what was not is left in peace."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from openpyxl import load_workbook

from alignmark.passages import passages
from alignmark.run import run
from alignmark.study import read_study
from alignmark.verifying import AROUND, _about, behind, differences, verify
from survey.problems import InputError

if TYPE_CHECKING:
    from tests.alignmark.conftest import Command, Spoil


@pytest.fixture(scope="module")
def written(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("verified") / "out"
    run(read_study(tiny / "study.yaml"), out)
    return out


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "out"))


def told(out: Path, written: Path) -> list[str]:
    return sorted(str(problem) for problem in differences(out, written))


def test_what_nobody_changed_is_verified(written: Path, command: "Command") -> None:
    answer = command("verify", written)
    assert (answer.code, answer.out) == (0, f"{written} is what its study gives.\n"), answer.err


def test_a_number_changed_by_hand_is_found_by_its_place(copy: Path, written: Path) -> None:
    table = copy / "tables" / "adequacy-data.csv"
    frame = pd.read_csv(table, dtype="str")
    was = frame.loc[0, "estimate"]
    frame.assign(estimate=["37.25", *frame["estimate"][1:]]).to_csv(table, index=False)
    (line,) = [line for line in told(copy, written) if "estimate" in line]
    assert line.startswith(
        f"tables/adequacy-data.csv, row 1, estimate: says '37.25' where the study gives '{was}'"
    )


def test_a_cell_changed_in_the_page_is_found(copy: Path, written: Path) -> None:
    page = (copy / "report.html").read_text(encoding="utf-8")
    row = page.index('<tr id="adequacy-data.1">')
    cell = page.index("<td", row)
    shown = page[page.index("<bdi>", cell) + 5 : page.index("</bdi>", cell)]
    changed = page[:cell] + page[cell:].replace(f"<bdi>{shown}</bdi>", "<bdi>99%</bdi>", 1)
    (copy / "report.html").write_text(changed, encoding="utf-8")
    (line,) = told(copy, written)
    assert line.startswith(f"report.html, adequacy-data.1: says '99%' where the study gives '{shown}'")


def test_a_cell_changed_in_the_workbook_is_found(copy: Path, written: Path) -> None:
    book = load_workbook(copy / "tables.xlsx")
    sheet = next(
        sheet for sheet in book.worksheets if sheet["A1"].value and "adequately" in sheet["A1"].value
    )
    numbers = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float)]
    numbers[0].value = 12.375
    book.save(copy / "tables.xlsx")
    (line,) = told(copy, written)
    assert line.startswith(f"tables.xlsx, {sheet.title}!{numbers[0].coordinate}: says '12.375'")


def test_one_changed_with_its_hash_is_found_all_the_same(copy: Path, command: "Command", tiny: Path) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["models"][0]["n"] += 1
    path.write_text(json.dumps(manifest), encoding="utf-8")
    (copy / "companies.csv").unlink()
    answer = command("verify", copy, "--study", tiny / "study.yaml")
    assert answer.code == 1
    assert "manifest.json, models.1.n: says" in answer.err
    assert "companies.csv: is missing" in answer.err


def test_another_input_and_another_version_are_said(
    spoiled: "Spoil", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = spoiled()
    run(read_study(study), tmp_path / "out")
    answers = pd.read_csv(study.parent / "2025.csv", dtype="str")
    answers.iloc[1:].to_csv(study.parent / "2025.csv", index=False)
    monkeypatch.setattr("alignmark.verifying.code_hash", lambda: "another")
    found = [str(problem) for problem in verify(tmp_path / "out")]
    assert "2025.csv: has changed since this output was written" in found
    assert "the code of alignmark is another than wrote this output" in found
    assert any("sample.csv" in line for line in found)


def test_a_file_of_somebody_else_and_a_damaged_one_are_said(copy: Path, written: Path) -> None:
    (copy / "note.txt").write_text("mine", encoding="utf-8")
    (copy / "tables.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    lines = told(copy, written)
    assert "note.txt: is no output of this run" in lines
    assert any(line.startswith("tables.xlsx: is damaged") for line in lines)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_what_is_no_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="manifest"):
        verify(copy)


def test_a_folder_that_no_run_wrote_and_a_study_that_moved_are_refused(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(InputError, match="no run wrote it"):
        verify(tmp_path / "nowhere")
    shutil.move(copy, tmp_path / "elsewhere" / "deep" / "out")
    with pytest.raises(InputError, match=r"the study is not where it was.*name the study"):
        verify(tmp_path / "elsewhere" / "deep" / "out")


def test_what_stands_behind_a_number_is_told(written: Path) -> None:
    found = json.loads(behind(written, "model-table.1.estimate"))
    models = pd.read_csv(written / "tables" / "model-table.csv")
    assert float(found["number"]) == models.loc[0, "estimate"]
    assert {"inputs", "code", "seed", "rows", "design"} <= set(found["run"])
    assert {model["name"] for model in found["models"]} == {"alone", "controls"}


def test_every_number_of_the_report_has_an_id_that_resolves(written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    tables = {path.stem for path in (written / "tables").iterdir()}
    assert set(manifest["numbers"]) == tables
    for name, record in manifest["numbers"].items():
        frame = pd.read_csv(written / "tables" / f"{name}.csv")
        assert record["rows"] == len(frame)
        assert set(record["columns"]) <= set(frame)


@pytest.mark.parametrize(
    "number", ["nonsense", "sample.1", "none.1.n", "sample.999.companies", "sample.1.nothing"]
)
def test_a_number_that_is_not_there_is_refused_in_words(written: Path, number: str) -> None:
    with pytest.raises(InputError, match=r"no id|no table|none with the number|publishes no"):
        behind(written, number)


def test_pictures_count_as_what_a_page_says(tmp_path: Path) -> None:
    page = '<html lang="en"><body><figure id="f"><img src="data:{}" alt="A bar"></figure></body></html>'
    for name, picture in (("a.html", "one"), ("b.html", "two")):
        (tmp_path / name).write_text(page.format(picture), encoding="utf-8")
    first, second = (dict(passages(tmp_path / name)) for name in ("a.html", "b.html"))
    assert first["f, what the drawing shows"] == second["f, what the drawing shows"] == "A bar"
    assert first["f, the drawing"] != second["f, the drawing"]


def test_of_long_texts_both_sides_of_the_difference_are_told() -> None:
    """A changed number far inside a long sentence stands beside the right one, not cut away."""
    long = "so many words before it " * 20
    said, right = _about(f"{long}39%{long}", f"{long}37%{long}")
    assert "39%" in said
    assert "37%" in right
    assert max(len(said), len(right)) <= AROUND + 2
