"""One small simulated study for all tests of this folder, and ways to spoil copies of it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from alignmark.cli import main
from alignmark.new_study import write_new_study
from alignmark.run import run
from alignmark.study import read_study
from reports.evidence import Evidence

CUTS = (
    ("    best: 0.2\n    laggard: 0.3\n", "    best: 0.3\n    laggard: 0.4\n"),
    (
        "    cut: 75\n    share: 0.9\n    minimum_practices: 10 ",
        "    cut: 50\n    share: 0.5\n    minimum_practices: 5 ",
    ),
)
"""Wider classes than the template's, so that each of them holds enough of 25 companies to be shown."""

Change = Callable[[pd.DataFrame], pd.DataFrame]
Spoil = Callable[..., Path]


class Ran(NamedTuple):
    """A study that was run, with what it left."""

    study: Path
    out: Path
    evidence: Evidence


class Answer(NamedTuple):
    """What the command line answered."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a study of 25 companies in three waves; nobody changes it."""
    folder = tmp_path_factory.mktemp("studies") / "small"
    write_new_study(folder, companies=25, seed=3)
    study = folder / "study.yaml"
    study.write_text(replaced(study.read_text(encoding="utf-8"), *CUTS), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def ran(small: Path) -> Ran:
    """Run the small study once."""
    out = small.parent / "out"
    return Ran(small / "study.yaml", out, run(read_study(small / "study.yaml"), out))


@pytest.fixture(scope="session")
def one_wave(small: Path) -> Path:
    """Keep only the last wave of the small study, as CSV, which is quick to read and to spoil."""
    folder = small.parent / "one_wave"
    folder.mkdir()
    for name in ("companies.csv", "revenue.csv"):
        shutil.copy(small / name, folder)
    answers = pd.read_excel(small / "2025_spreadsheet.xlsx", dtype="str", engine="calamine")
    answers.to_csv(folder / "2025.csv", index=False)
    lines = (small / "study.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if "qualtrics" not in line and "surveymonkey" not in line)
    study = replaced(kept, ("file: 2025_spreadsheet.xlsx", "file: 2025.csv"))
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    return folder


@pytest.fixture
def spoiled(one_wave: Path, tmp_path: Path) -> Spoil:
    """Copy the study of one wave with replacements in study.yaml and changes in its tables; return study.yaml."""

    def spoil(*replacements: tuple[str, str], folder: Path = one_wave, **tables: Change) -> Path:
        copy = tmp_path / "study"
        shutil.copytree(folder, copy)
        study = copy / "study.yaml"
        study.write_text(replaced(study.read_text(encoding="utf-8"), *replacements), encoding="utf-8")
        for name, change in tables.items():
            path = copy / {"answers": "2025.csv"}.get(name, f"{name}.csv")
            change(pd.read_csv(path, dtype="str")).to_csv(path, index=False)
        return study

    return spoil


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Type a command and read what it answers."""

    def typed(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        return Answer(int(stopped.value.code or 0), *capsys.readouterr())

    return typed


def replaced(text: str, *replacements: tuple[str, str]) -> str:
    """Replace each first text by the second; every one of them must be there."""
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text
