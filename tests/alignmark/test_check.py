from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alignmark.check import check
from alignmark.output import CHECKED

Spoil = Callable[..., Path]
Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("undrawn")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def wrong_answers(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(trust_1="9", goals_2="8")


@pytest.mark.usefixtures("known")
def test_a_study_that_runs_leaves_a_table_without_errors(tiny: Path, tmp_path: Path) -> None:
    before = contents(tiny)
    found = check(tiny / "study.yaml", tmp_path / "out")
    assert found.reviews == (), "there is nothing to decide"
    assert found.summary.startswith(
        "study.yaml: no errors. 96 rows read, 96 kept, 0 dropped; 0 values changed."
    )
    assert "12 companies in 2 waves" in found.summary
    assert (found.written, found.table.count("error"), found.table.count("warning")) == (True, 0, 0)
    assert set(found.table.frame["file"]) >= {"2024.csv", "2025.csv"}
    assert set(contents(tmp_path)) == {f"out/{name}" for name in CHECKED}
    assert contents(tiny) == before


def test_every_wrong_cell_is_written_though_few_are_printed(
    spoiled: Spoil, command: Command, tmp_path: Path
) -> None:
    study = spoiled(answers=wrong_answers)
    answer = command("check", study, "--out", tmp_path / "out")
    assert answer.code == 1
    lines = answer.err.splitlines()
    assert lines[0] == "96 problems to mend; no report can be written."
    assert "... and 91 more like these in problems.csv" in lines
    written = pd.read_csv(tmp_path / "out" / "problems.csv", dtype="str", keep_default_na=False)
    errors = written[written["severity"] == "error"]
    places = errors[["column", "row", "value"]].apply(tuple, axis=1).tolist()
    assert sorted(places) == sorted(
        (column, str(row), value)
        for column, value in (("goals_2", "8"), ("trust_1", "9"))
        for row in range(2, 50)
    )
    assert set(errors["question"]) == {"We agree on goals", "We keep our word"}
    assert errors["allowed"].str.startswith("1-5").all()
    assert (errors["to_do"] != "").all()


def test_remarks_are_told_beside_the_errors(spoiled: Spoil, tmp_path: Path) -> None:
    found = check(spoiled(answers=wrong_answers), tmp_path / "out")
    notes = found.table.frame[found.table.frame["severity"] == "note"]
    assert set(notes["file"]) >= {"2024.csv", "2025.csv"}


def test_remarks_are_told_beside_what_only_computing_finds(spoiled: Spoil, tmp_path: Path) -> None:
    study = spoiled(
        ("  - {wave: 2024, file: 2024.csv}\n", ""), answers=lambda table: table.assign(department="sales")
    )
    found = check(study, tmp_path / "out").table
    assert found.count("error") == 1
    assert found.frame["problem"].iloc[0].startswith("no company has an index")
    assert found.count("note") > 0


def test_a_check_replaces_its_own_folder_and_no_other(spoiled: Spoil, tmp_path: Path) -> None:
    study = spoiled(answers=wrong_answers)
    check(study, tmp_path / "out")
    spoilt = contents(tmp_path / "out")
    study.write_text(
        study.read_text(encoding="utf-8").replace("seed: 1", "seed: 1\nsead: 1"), encoding="utf-8"
    )
    check(study, tmp_path / "out")
    assert contents(tmp_path / "out") != spoilt
    report = tmp_path / "report"
    report.mkdir()
    (report / "manifest.json").write_text("{}", encoding="utf-8")
    found = check(study, report)
    assert not found.written
    assert found.table.frame["problem"].str.contains("holds what no check of alignmark wrote").sum() == 1
    assert contents(report) == {"manifest.json": b"{}"}


def test_the_same_study_gives_the_same_bytes(spoiled: Spoil, tmp_path: Path) -> None:
    study = spoiled(answers=wrong_answers)
    check(study, tmp_path / "a")
    check(study, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("runs", [True, False], ids=["a study that runs", "a study that does not"])
def test_warnings_alone_are_no_failure(
    spoiled: Spoil, command: Command, tmp_path: Path, *, runs: bool
) -> None:
    def strangers(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(firm=table["firm"].mask(table.index < 4, "Nobody Ltd"))

    drop = ("cleaning:\n", "cleaning:\n  unknown_company: drop\n")
    study = spoiled(*([drop] if runs else []), answers=strangers)
    answer = command("check", study, "--out", tmp_path / "out")
    assert answer.code == (0 if runs else 1)
    said = answer.out if runs else answer.err
    assert ("4 rows dropped: company not in the register" in said) is runs
    if runs:
        assert "1 warning, to look at, though the study runs:" in said
        assert (
            "2025.csv, row 2, firm: 4 rows dropped: company not in the register, found 'Nobody Ltd'" in said
        )
