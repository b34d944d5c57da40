from pathlib import Path

import pytest

from alignmark.new_study import write_new_study
from alignmark.study import read_study
from survey.problems import InputError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for parent in ("a", "b"):
        write_new_study(tmp_path / parent / "mine", companies=10, seed=7)
    write_new_study(tmp_path / "c" / "mine", companies=10, seed=8)
    a, b, c = (contents(tmp_path / parent / "mine") for parent in "abc")
    assert a == b
    assert set(a) == {
        *("study.yaml", "companies.csv", "revenue.csv", "truth.json"),
        *("2023_qualtrics.csv", "2024_surveymonkey.csv", "2025_spreadsheet.xlsx"),
    }
    assert [name for name in a if a[name] == c[name]] == []


@pytest.mark.parametrize("name", ["2025", "yes: no", '"Größe" #1'])
def test_any_folder_name_makes_a_study_that_reads(tmp_path: Path, name: str) -> None:
    write_new_study(tmp_path / name, companies=2, seed=1)
    assert read_study(tmp_path / name / "study.yaml").study.study == name


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds other files. Allowed: a new or an empty folder"):
        write_new_study(tmp_path, companies=10, seed=1)
    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="mine: is a file"):
        write_new_study(tmp_path / "mine", companies=10, seed=1)


def test_impossible_settings_leave_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"companies: is not possible, found 0. Allowed: 1 or more"):
        write_new_study(tmp_path / "mine", companies=0, seed=1)
    assert not (tmp_path / "mine").exists()


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    write_new_study(tmp_path, companies=2, seed=1)
    assert (tmp_path / "study.yaml").exists()
