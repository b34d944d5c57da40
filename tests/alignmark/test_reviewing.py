"""What somebody has to decide is written by a check, decided in a spreadsheet, and read back by the next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.rules_in_words import rules_in_words
from alignmark.study import read_study

Spoil = Callable[..., Path]
Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("undrawn")


def respelt(table: pd.DataFrame) -> pd.DataFrame:
    """Let one company be written in a way that nobody can be sure of."""
    return table.assign(firm=table["firm"].where(table["firm"] != "C03", "Company number 3 Holding"))


def decided(path: Path, **decisions: str) -> None:
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table["decision"] = table["name"].map(decisions).fillna(table["decision"])
    table.to_csv(path, index=False)


@pytest.mark.usefixtures("known")
def test_names_to_decide_are_written_decided_and_read_back(
    spoiled: Spoil, command: Command, tmp_path: Path
) -> None:
    study, out = spoiled(answers=respelt), tmp_path / "checked"
    first = command("check", study, "--out", out)
    assert first.code == 1
    assert f"To decide: {out / 'company_review.csv'}" in first.err
    review = pd.read_csv(out / "company_review.csv", dtype="str")
    assert review["name"].tolist() == ["Company number 3 Holding"]
    assert "C03" in review.loc[0, "candidate_1"] or "number 3" in review.loc[0, "candidate_1"]

    (study.parent / "company_review.csv").write_bytes((out / "company_review.csv").read_bytes())
    decided(study.parent / "company_review.csv", **{"Company number 3 Holding": "C03"})
    text = study.read_text(encoding="utf-8").replace(
        "cleaning:\n", "companies: {review_file: company_review.csv}\ncleaning:\n"
    )
    study.write_text(text, encoding="utf-8")
    second = command("check", study, "--out", out)
    assert second.code == 0, second.err
    kept = pd.read_csv(out / "company_review.csv", dtype="str")
    assert kept["decision"].tolist() == ["C03"]


def test_titles_come_with_how_each_is_read(spoiled: Spoil, command: Command, tmp_path: Path) -> None:
    titles = {"sales": "Account executive", "marketing": "Commercial director"}
    study = spoiled(
        ("{wave: 2025, file: 2025.csv}", "{wave: 2025, file: 2025.csv, columns: {job_title: title}}"),
        answers=lambda table: table.assign(title=table["department"].map(titles)).drop(columns="department"),
    )
    answer = command("check", study, "--out", tmp_path / "checked")
    assert answer.code == 1
    review = pd.read_csv(tmp_path / "checked" / "job_titles.csv", dtype="str")
    assert review[["title", "n", "function"]].fillna("").to_numpy().tolist() == [
        ["Commercial director", "24", ""],
        ["Account executive", "24", "sales"],
    ]
    assert "job_titles.csv (say in the study job_titles: {titles:" in answer.err


def test_job_titles_and_a_missing_attention_check_are_told_with_the_rules(spoiled: Spoil) -> None:
    titles = {"sales": "Account executive", "marketing": "Commercial director"}
    study = spoiled(
        ("{wave: 2025, file: 2025.csv}", "{wave: 2025, file: 2025.csv, columns: {job_title: title}}"),
        ("register:", "job_titles:\n  titles: {Commercial director: marketing}\nregister:"),
        answers=lambda table: table.assign(title=table["department"].map(titles)).drop(
            columns=["department", "attention"]
        ),
    )
    file = read_study(study)
    told = rules_in_words(file.study, read_inputs(file))
    rule = "In 2025.csv job titles and departments tell the function, by the table of words that ships."
    assert rule in told
    assert "The study takes the job title “Commercial director” for marketing." in told
    assert "No attention check was read in 2025.csv, so nobody there was dropped for failing one." in told
