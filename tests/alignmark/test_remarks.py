from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.study import read_study
from survey.problems import InputError, Problem

Spoil = Callable[..., Path]
Change = Callable[[pd.DataFrame], pd.DataFrame]


def remarks(study: Path, severity: str = "warning") -> list[Problem]:
    return [said for said in read_inputs(read_study(study)).remarks if said.severity == severity]


def cleaning(**rules: str) -> tuple[str, str]:
    lines = "".join(f"  {name}: {value}\n" for name, value in rules.items())
    return ("cleaning:\n", f"cleaning:\n{lines}")


def put(column: str, value: str, rows: int) -> Change:
    """Put a value into the first rows of a column."""
    return lambda table: table.assign(**{column: table[column].mask(table.index < rows, value)})


def test_a_clean_study_has_notes_on_reading_and_no_warning(tiny: Path) -> None:
    assert remarks(tiny / "study.yaml") == []
    notes = remarks(tiny / "study.yaml", "note")
    assert {said.file for said in notes} == {"2024.csv", "2025.csv"}
    assert any("header row" in said.what for said in notes)


def test_unknown_companies_are_told_by_name_with_row_and_column(spoiled: Spoil) -> None:
    def strangers(table: pd.DataFrame) -> pd.DataFrame:
        return put("firm", "Bolt", 1)(put("firm", "Acme", 3)(table))

    found = remarks(spoiled(cleaning(unknown_company="drop"), answers=strangers))
    assert [(said.file, said.row, said.column, said.value, said.what) for said in found] == [
        ("2025.csv", 3, "firm", "Acme", "2 rows dropped: company not in the register"),
        ("2025.csv", 2, "firm", "Bolt", "1 row dropped: company not in the register"),
    ]
    assert {said.question for said in found} == {"Which company"}
    assert all(said.to_do for said in found)


def test_titles_that_cannot_be_told_are_told_as_written(spoiled: Spoil) -> None:
    def titles(table: pd.DataFrame) -> pd.DataFrame:
        named = table["department"].map({"sales": "Account Executive", "marketing": "Brand Manager"})
        return table.drop(columns="department").assign(job_title=named.mask(named.index < 2, "Baker"))

    found = remarks(spoiled(cleaning(unknown_function="drop"), answers=titles))
    assert [(said.row, said.column, said.value) for said in found] == [(2, "job_title", "Baker")]
    assert found[0].what.startswith("2 rows dropped: job title: ")


def test_values_lost_in_cleaning_are_counted_by_column(spoiled: Spoil) -> None:
    study = spoiled(cleaning(outside_scale="missing"), answers=put("trust_1", "9", 3))
    (found,) = remarks(study)
    assert (found.file, found.row, found.column, found.value) == ("2025.csv", 2, "trust_1", "9")
    assert found.what == "3 values left out: outside the scale"
    assert found.question == "We keep our word"


def test_dropped_rows_are_notes_counted_by_rule(spoiled: Spoil) -> None:
    notes = remarks(spoiled(answers=put("attention", "5", 4)), "note")
    told = [(said.file, said.row, said.what) for said in notes if "dropped" in said.what]
    assert told == [("2025.csv", 2, "4 rows dropped: failed attention check")]


def test_a_wave_on_another_scale_is_a_note_and_a_question_not_to_be_compared_a_warning(
    spoiled: Spoil,
) -> None:
    change = "wave: 2025, questions: [trust_2], what: wording, status: not comparable, reason: worded anew"
    scale = ("file: 2025.csv", "file: 2025.csv, scales: {goals: {min: 1, max: 7}}")
    study = spoiled(("cleaning:\n", f"changes:\n  - {{{change}}}\ncleaning:\n"), scale)
    notes = [said for said in remarks(study, "note") if "is rescaled" in said.what]
    assert [(said.file, said.column, said.question) for said in notes] == [
        ("2025.csv", "goals_1", "We share goals"),
        ("2025.csv", "goals_2", "We agree on goals"),
    ]
    (found,) = remarks(study)
    assert found.what.startswith("'trust_2' of 2025 is not comparable: ")
    assert "worded anew" in found.what


def test_a_guessed_column_is_a_warning(spoiled: Spoil) -> None:
    def misspelt(table: pd.DataFrame) -> pd.DataFrame:
        return table.rename(columns={"trust_2": "We rely upon each other"})

    found = {said.what.split(":")[0]: said for said in remarks(spoiled(answers=misspelt))}
    guess = found["is taken for 'trust_2'"]
    assert (guess.file, guess.row, guess.column) == ("2025.csv", 1, "We rely upon each other")


def test_a_company_with_most_responses_is_a_warning(spoiled: Spoil) -> None:
    found = remarks(spoiled(answers=put("firm", "C03", 40)))
    assert found[0].what == "'C03' gave 40 of 48 responses of 2025 (83%)"


@pytest.mark.parametrize(("rows", "told"), [(30, 0), (29, 1)])
def test_a_wave_of_few_responses_is_a_warning(spoiled: Spoil, rows: int, told: int) -> None:
    found = remarks(spoiled(answers=lambda table: table.iloc[:rows]))
    assert [said.what for said in found] == ["the wave 2025 has 29 responses"] * told


def test_a_wave_of_few_companies_is_a_warning(spoiled: Spoil) -> None:
    study = spoiled(("seed: 1", "seed: 1\ndisclosure: {minimum_companies: 13}"))
    assert [said.what for said in remarks(study)] == [
        f"the wave {wave} has 12 companies; a published figure must stand for 13" for wave in (2024, 2025)
    ]


def test_remarks_come_with_the_errors(spoiled: Spoil) -> None:
    study = spoiled(
        ("seed: 1", "seed: 1\ndisclosure: {minimum_companies: 13}"), answers=put("trust_1", "9", 1)
    )
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    (error,) = caught.value.problems
    assert error.question == "We keep our word"
    assert {said.file for said in caught.value.remarks} == {"2024.csv", "2025.csv"}
