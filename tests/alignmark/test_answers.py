"""What a study can say of its exports: maps, scales, codes, changes, job titles, several files a wave."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.run import evidence_of
from alignmark.study import read_study
from survey.problems import InputError
from survey.responses import Responses

Spoil = Callable[..., Path]
Change = Callable[[pd.DataFrame], pd.DataFrame]
WAVE = "{wave: 2025, file: 2025.csv}"


def responses(study: Path) -> Responses:
    read = read_inputs(read_study(study)).responses
    assert read is not None
    return read


def told(study: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    return [str(problem) for problem in caught.value.problems]


def wave(more: str) -> tuple[str, str]:
    """Say more of the file of 2025."""
    return WAVE, WAVE.replace("}", f", {more}}}")


def renamed(**columns: str) -> Change:
    return lambda table: table.rename(columns=columns)


@pytest.fixture
def as_it_is(tiny: Path) -> pd.DataFrame:
    return responses(tiny / "study.yaml").frame


def test_a_column_map_names_the_columns(spoiled: Spoil, as_it_is: pd.DataFrame) -> None:
    study = spoiled(wave("map: map.csv"), answers=renamed(goals_1="Q1", firm="Q2"))
    (study.parent / "map.csv").write_text("column,question\nQ1,goals_1\nQ2,company\n", encoding="utf-8")
    pd.testing.assert_frame_equal(responses(study).frame, as_it_is)


def test_what_the_study_says_overrules_the_map(spoiled: Spoil, as_it_is: pd.DataFrame) -> None:
    study = spoiled(wave("map: map.csv, columns: {goals_1: Q1}"), answers=renamed(goals_1="Q1"))
    (study.parent / "map.csv").write_text("column,question\nQ1,-\n", encoding="utf-8")
    pd.testing.assert_frame_equal(responses(study).frame, as_it_is)


def test_a_map_with_a_mistake_is_told_with_its_row(spoiled: Spoil) -> None:
    study = spoiled(wave("map: map.csv"))
    (study.parent / "map.csv").write_text("column,question\ngoals_1,goals_11\n", encoding="utf-8")
    (said,) = told(study)
    assert said.startswith("map.csv, row 2, question: the instrument has no such question")
    assert "did you mean 'goals_1'?" in said


def test_a_wave_may_come_from_the_map(spoiled: Spoil, as_it_is: pd.DataFrame) -> None:
    study = spoiled((WAVE, "{file: 2025.csv, map: map.csv}"), answers=lambda table: table.assign(year="2025"))
    (study.parent / "map.csv").write_text("column,question\nyear,wave\n", encoding="utf-8")
    pd.testing.assert_frame_equal(responses(study).frame, as_it_is)
    (study.parent / "map.csv").write_text("column,question\nyear,-\n", encoding="utf-8")
    (said,) = told(study)
    assert said.startswith("2025.csv: has no wave, and neither has its column map")


def test_a_scale_of_its_own_is_brought_to_that_of_the_questionnaire(
    spoiled: Spoil, as_it_is: pd.DataFrame
) -> None:
    items = ["goals_1", "goals_2", "trust_1", "trust_2"]

    def on_1_to_9(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{item: table[item].astype(int) * 2 - 1 for item in items})

    declared = "scales: {goals: {min: 1, max: 9}, trust: {min: 1, max: 9}}"
    read = responses(spoiled(wave(declared), answers=on_1_to_9))
    assert read.ledger is not None
    rows = read.ledger.frame.query("wave == 2025 and item in @items")
    assert rows["status"].tolist() == ["rescaled"] * 4
    pd.testing.assert_frame_equal(read.frame, as_it_is)


def test_codes_of_a_choice_are_spelled_out(spoiled: Spoil, as_it_is: pd.DataFrame) -> None:
    study = spoiled(
        wave("codes: {department: {1: sales, 2: marketing}}"),
        answers=lambda table: table.assign(
            department=table["department"].map({"sales": "1", "marketing": "2"})
        ),
    )
    pd.testing.assert_frame_equal(responses(study).frame, as_it_is)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "codes: {department: {1: selling}}",
            "study.yaml, row 8, waves.codes.department: a code of 'department'",
        ),
        (
            "scales: {agreemint: {min: 1, max: 7}}",
            "study.yaml, row 8, waves.scales.agreemint: a scale is declared",
        ),
    ],
)
def test_a_declaration_in_vain_is_told_at_its_line(spoiled: Spoil, more: str, said: str) -> None:
    (problem,) = [line for line in told(spoiled(wave(more))) if "declared" in line]
    assert problem.startswith(said)


def test_changes_stand_in_the_ledger_and_are_obeyed(spoiled: Spoil) -> None:
    change = "{wave: 2025, questions: [trust_2], what: wording, status: not comparable, reason: new words}"
    declared = ("register:", f"changes:\n  - {change}\nregister:")
    study = read_study(spoiled(declared))
    inputs = read_inputs(study)
    evidence = evidence_of(inputs, study.study)
    assert evidence.left_out == ("trust_2",)
    assert evidence.changes["left_out"].unique().tolist() == ["trust_2"]
    assert inputs.responses is not None
    people = inputs.responses.frame.assign(trust=lambda table: 25 * (table["trust_1"] - 1))
    by_function = people.groupby(["company", "wave", "function"])["trust"].mean()
    level = by_function.groupby(["wave"]).mean()
    (row,) = evidence.changes.query("variable == 'trust'").to_dict("records")
    assert (row["mean_from"], row["mean_to"]) == pytest.approx((level[2024], level[2025]))


def test_a_change_of_nothing_is_told_at_its_line(spoiled: Spoil) -> None:
    declared = (
        "register:",
        "changes:\n  - {wave: 2031, what: mode, status: reworded, reason: by telephone}\nregister:",
    )
    (said,) = told(spoiled(declared))
    assert said.startswith(
        "study.yaml, row 10, changes: a change is declared for a wave that the study does not have"
    )


def test_titles_become_functions(spoiled: Spoil, as_it_is: pd.DataFrame) -> None:
    titles = {"sales": "Account executive", "marketing": "Commercial director"}
    named = lambda table: table.assign(title=table["department"].map(titles)).drop(columns="department")  # noqa: E731
    study = spoiled(wave("columns: {job_title: title}"), answers=named)
    (unclear,) = told(study)
    assert "'Commercial director'" in unclear
    assert "job_titles: titles" in unclear
    decided = ("register:", "job_titles:\n  titles: {Commercial director: marketing}\nregister:")
    again = spoiled(wave("columns: {job_title: title}"), decided, answers=named, folder="again")
    pd.testing.assert_frame_equal(responses(again).frame, as_it_is)


def test_two_files_may_make_one_wave(spoiled: Spoil, as_it_is: pd.DataFrame) -> None:
    study = spoiled((WAVE, "{wave: 2025, file: 2025.csv}\n  - {wave: 2025, file: north.csv}"))
    table = pd.read_csv(study.parent / "2025.csv", dtype="str")
    table[table.index % 2 == 0].to_csv(study.parent / "2025.csv", index=False)
    table[table.index % 2 == 1].to_csv(study.parent / "north.csv", index=False)
    inputs = read_inputs(read_study(study))
    assert inputs.responses is not None
    assert inputs.log.accounting[["file", "wave", "rows_kept"]].to_numpy().tolist() == [
        ["2024.csv", 2024, 48],
        ["2025.csv", 2025, 24],
        ["north.csv", 2025, 24],
    ]
    order = ["company", "wave", "function", "goals_1", "trust_1", "trust_2", "share"]
    mine, whole = (
        frame[order].sort_values(order, ignore_index=True) for frame in (inputs.responses.frame, as_it_is)
    )
    pd.testing.assert_frame_equal(mine, whole)


def test_numbers_that_a_platform_gives_are_nobody_known_in_another_file(spoiled: Spoil) -> None:
    study = spoiled((WAVE, f"{WAVE}\n  - {WAVE.replace('2025.csv', 'north.csv')}"))
    table = pd.read_csv(study.parent / "2025.csv", dtype="str")
    table.insert(0, "Response ID", [str(n + 1) for n in range(len(table))])
    table = table.assign(**{"Date submitted": "2025-03-01 10:00:00", "Last page": "3"})
    for name in ("2025.csv", "north.csv"):
        table.to_csv(study.parent / name, index=False)
    frame = responses(study).frame
    assert (frame["wave"] == 2025).sum() == 2 * len(table)


CHECKS = """cleaning:
  checks:
    - {name: win rate too good to be true, when: {win_rate: {above: 45}}, then: blank}
    - {name: works elsewhere, when: {goals_1: 1, trust_1: [1, 2]}, then: drop}
"""


def test_declared_checks_are_applied_in_their_order_and_told_in_the_methods(spoiled: Spoil) -> None:
    study = read_study(spoiled(("cleaning:\n", CHECKS)))
    inputs = read_inputs(study)
    rules = inputs.log.frame["rule"].unique().tolist()
    assert rules == ["win rate too good to be true", "works elsewhere"] or rules == rules[::-1]
    assert inputs.responses is not None
    assert inputs.responses.frame["win_rate"].max() <= 45
    assert not inputs.responses.frame.eval("goals_1 == 1 and trust_1 <= 2").any()
    told_in_order = [
        said for said in study.study.cleaning.in_words() if "too good" in said or "elsewhere" in said
    ]
    assert told_in_order == [
        "win rate too good to be true: where win_rate is above 45, the answers to win_rate are taken out.",
        "works elsewhere: where goals_1 is 1 and trust_1 is 1 or 2, the row is dropped.",
    ]


def test_a_check_of_nothing_is_told_at_its_line(spoiled: Spoil) -> None:
    (said,) = told(spoiled(("cleaning:\n", CHECKS.replace("goals_1", "goals_11"))))
    assert said.startswith(
        "study.yaml, row 20, cleaning.checks: a check of a question that the instrument does not have"
    )
    assert "did you mean 'goals_1'?" in said
