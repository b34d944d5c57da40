from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import Inputs, read_inputs
from alignmark.study import read_study
from survey.problems import InputError, Problem

Spoil = Callable[..., Path]


def problems_of(study: Path) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    return list(caught.value.problems)


def told(study: Path) -> str:
    (problem,) = problems_of(study)
    return str(problem)


def cell(row: int, column: str, value: str | None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Put a value into the row that an editor shows as `row`."""
    return lambda table: table.assign(**{column: table[column].mask(table.index == row - 2, value)})


@pytest.fixture(scope="module")
def read(one_wave: Path) -> Inputs:
    return read_inputs(read_study(one_wave / "study.yaml"))


def test_everything_that_the_study_names_is_read(read: Inputs, one_wave: Path) -> None:
    assert read.responses is not None
    assert read.organisations is None
    assert read.responses.frame["wave"].unique().tolist() == [2025]
    assert list(read.outcomes) == ["revenue_growth"]
    assert list(read.outcomes["revenue_growth"]) == ["company", "year", "growth", "reason"]
    assert [list(facts) for facts in read.firmographics] == [["company", "industry", "size", "region"]]
    assert read.files == {
        name: one_wave / name for name in ("study.yaml", "2025.csv", "companies.csv", "revenue.csv")
    }


def test_every_row_is_kept_or_dropped_and_the_log_says_so(read: Inputs, one_wave: Path) -> None:
    (counts,) = read.log.accounting.to_dict("records")
    answers = pd.read_csv(one_wave / "2025.csv")
    assert read.responses is not None
    assert counts["rows_in"] == len(answers)
    assert counts["rows_kept"] == len(read.responses.frame)
    assert counts["rows_dropped"] == (read.log.frame["action"] == "dropped").sum()
    assert counts["rows_in"] == counts["rows_kept"] + counts["rows_dropped"]


def test_two_files_of_one_name_in_two_folders_stay_apart(spoiled: Spoil) -> None:
    study = spoiled(
        ("file: companies.csv", "file: facts/data.csv"), ("file: revenue.csv", "file: money/data.csv")
    )
    for folder, name in (("facts", "companies.csv"), ("money", "revenue.csv")):
        (study.parent / folder).mkdir()
        (study.parent / name).rename(study.parent / folder / "data.csv")
    files = read_inputs(read_study(study)).files
    assert files["facts/data.csv"] != files["money/data.csv"]


def test_independent_problems_of_all_files_come_at_once(spoiled: Spoil) -> None:
    def answers(table: pd.DataFrame) -> pd.DataFrame:
        for change in (
            cell(5, "trust_1", "9"),
            cell(7, "company", "Nobody Ltd"),
            cell(8, "function", "catering"),
        ):
            table = change(table)
        return table.assign(favourite_colour="blue")

    study = spoiled(
        ("seed: 3", "seed: 3\ncolour: blue"),
        ("[revenue_growth, quota_attainment, win_rate]", "[revenue_grwth, quota_attainment, win_rate]"),
        ("effects: [wave, industry, size]}", "effects: [wave, industri, size]}"),
        ("minimum_practices: 5", "minimum_practices: 99"),
        ("winsorise: [0.01, 0.99]", "lead: 9"),
        answers=answers,
        revenue=cell(3, "revenue", "plenty"),
    )
    found = [(problem.file, problem.row, problem.column) for problem in problems_of(study)]
    text = study.read_text(encoding="utf-8").splitlines()
    row = {
        part: next(n for n, line in enumerate(text, start=1) if part in line) for part in ("colour", "grwth")
    }
    assert sorted(found, key=str) == sorted(
        [
            ("study.yaml", row["colour"], "colour"),
            ("2025.csv", 1, "favourite_colour"),
            ("2025.csv", 5, "trust_1"),
            ("2025.csv", 7, "company"),
            ("2025.csv", 8, "function"),
            ("revenue.csv", 3, "revenue"),
            ("revenue.csv", None, "fiscal_year"),
            ("study.yaml", row["grwth"], "classes.on_outcomes.outcomes"),
            ("study.yaml", row["grwth"] + 6, "classes.on_practices.minimum_practices"),
            ("study.yaml", row["grwth"] + 10, "models.effects"),
        ],
        key=str,
    )


def test_files_are_read_even_if_the_questionnaire_is_not_known(spoiled: Spoil) -> None:
    study = spoiled(
        ("instrument: alignment ", "instrument: alignmint "), ("file: 2025.csv", "file: 2052.csv")
    )
    first, second = map(str, problems_of(study))
    assert first.startswith(
        "study.yaml, row 4, instrument: there is no instrument called 'alignmint'. Allowed: "
    )
    assert second.endswith("2052.csv: there is no such file; did you mean '2025.csv'?")


def test_a_questionnaire_of_ones_own_is_told_with_its_own_lines(spoiled: Spoil) -> None:
    study = spoiled(("instrument: alignment ", "instrument: mine.yaml "))
    (study.parent / "mine.yaml").write_text("instrument: mine\nversion: 1\n", encoding="utf-8")
    found = problems_of(study)
    assert {problem.file for problem in found} == {"mine.yaml"}
    assert "mine.yaml, row 2, version: is not text, found 1" in "\n".join(map(str, found))


def test_an_unread_register_makes_no_strangers(spoiled: Spoil) -> None:
    study = spoiled(("file: companies.csv", "file: companys.csv"), ("seed: 3", "seed: 3"))
    assert told(study).endswith("companys.csv: there is no such file; did you mean 'companies.csv'?")


def test_a_hundred_strangers_are_counted_not_listed(spoiled: Spoil) -> None:
    found = problems_of(spoiled(answers=lambda table: table.assign(company=table["respondent"])))
    assert len(found) == 21
    assert "more unknown companies, down to row" in found[-1].what
    assert "is this the right column" in found[-1].allowed


def test_a_column_map_is_checked_and_the_rest_still_read(spoiled: Spoil) -> None:
    study = spoiled(
        ("platform: spreadsheet}", "platform: spreadsheet, columns: {trst_1: trust_1, trust_2: trust_two}}"),
        answers=cell(5, "trust_3", "9"),
    )
    found = problems_of(study)
    assert [(problem.file, problem.column) for problem in found] == [
        ("2025.csv", "trst_1"),
        ("2025.csv", "trust_two"),
        ("2025.csv", "trust_3"),
    ]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (
            lambda table: table.assign(trust_1=None)[["company", "function", "trust_1"]],
            "blank row|answered less",
        ),
        (lambda table: table.assign(attention="5"), "failed attention check"),
    ],
    ids=["nothing answered", "nobody attentive"],
)
def test_a_wave_of_which_nothing_is_left_is_a_problem(
    spoiled: Spoil, spoil: Callable[[pd.DataFrame], pd.DataFrame], rule: str
) -> None:
    (problem, *_) = problems_of(spoiled(answers=spoil))
    assert problem.file == "2025.csv"
    assert problem.what.startswith("no response is left after cleaning (")
    assert any(part in problem.what for part in rule.split("|"))


def test_companies_to_exclude_must_exist(spoiled: Spoil) -> None:
    rule = ("duplicates: most_complete", "exclude_companies: {C9999: test, C0001: left the study}")
    (problem,) = problems_of(spoiled(rule))
    assert (problem.file, problem.column) == ("study.yaml", "cleaning.exclude_companies.C9999")
    assert problem.row is not None
    assert "is neither in the register nor in an answer" in problem.what


def test_an_outcome_begins_in_a_year_on_record(spoiled: Spoil) -> None:
    later = spoiled(("wave: 2025", "wave: 2035"))
    assert told(later) == (
        "revenue.csv, fiscal_year: no record of 2035, in which the outcome of wave 2035 begins. Allowed: the years "
        "of the file: 2022, 2023, 2024, 2025, 2026; add records, or shift the outcome by `lead`"
    )


def test_records_of_nobody_in_the_study_are_a_problem(spoiled: Spoil) -> None:
    study = spoiled(
        ("outcomes: [revenue_growth, quota_attainment", "outcomes: [revenue_growth, quota_attainment"),
        revenue=lambda table: table.iloc[:0].reset_index(drop=True),
    )
    assert "revenue.csv, row 1: " in told(study)


# --- facts beside the answers ---------------------------------------------------------------------------

FACTS = (
    "outcomes:\n  revenue",
    "firmographics:\n  file: facts.csv\n  columns: {company: id, wave: year, staff: staff, owner: owner}\n"
    "  log: {log_staff: staff}\noutcomes:\n  revenue",
)


def with_facts(spoiled: Spoil, *rows: str) -> Path:
    study = spoiled(FACTS)
    lines = "\n".join(["id,year,staff,owner", *rows])
    (study.parent / "facts.csv").write_text(lines + "\n", encoding="utf-8")
    return study


def test_facts_are_joined_by_company_and_wave(spoiled: Spoil) -> None:
    study = with_facts(spoiled, "C0001,2025,100,family", "C0002,2025,0,fund", "C0003,2024,,fund")
    _, facts = read_inputs(read_study(study)).firmographics
    assert facts["wave"].tolist() == [2025, 2025, 2024]
    assert facts["staff"].tolist()[:2] == [100.0, 0.0]
    assert facts["log_staff"].round(3).tolist()[0] == 4.605
    assert facts["log_staff"].isna().tolist() == [False, True, True]


def test_facts_that_do_not_fit_are_all_told(spoiled: Spoil) -> None:
    rows = (
        "C0001,2025,100,a",
        "C0001,2025,101,a",
        "C9999,2025,1,a",
        "C0002,soon,1,a",
        ",2025,1,a",
        "C0003,2025,few,a",
    )
    found = problems_of(with_facts(spoiled, *rows))
    assert {(problem.file, problem.row, problem.column) for problem in found} == {
        ("facts.csv", 3, "id"),
        ("facts.csv", 4, "id"),
        ("facts.csv", 5, "year"),
        ("facts.csv", 6, "id"),
        ("facts.csv", 7, "staff"),
    }
    said = "\n".join(map(str, found))
    assert "has a row already. Allowed: one row per company and wave" in said
    assert "'few' is not a number, so it has no logarithm" in said


def test_a_fact_in_words_cannot_be_an_outcome(spoiled: Spoil) -> None:
    study = spoiled(("quota_attainment, win_rate]", "quota_attainment, region]"))
    assert "'region' holds words, and a number is needed here" in told(study)


# --- scores per organisation ----------------------------------------------------------------------------

ORGANISATIONS = """\
study: organisations
instrument: mine.yaml
seed: 1
report: {title: Organisations}
panel:
  file: scores.csv
  columns: {company: id, wave: year, pay: pay_score, team: team_score}
  exclude: {ALL: "the mean, not an organisation"}
"""
INSTRUMENT = """\
instrument: mine
version: "1"
languages: [en]
title: {en: Mine}
index: {en: Engagement}
constructs:
  pay: {title: {en: Pay}, definition: {en: Fair pay}}
  team: {title: {en: Team}, definition: {en: A good team}}
"""


def organisations(folder: Path, *rows: str, study: str = ORGANISATIONS) -> Path:
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    (folder / "mine.yaml").write_text(INSTRUMENT, encoding="utf-8")
    (folder / "scores.csv").write_text(
        "\n".join(["id,year,pay_score,team_score", *rows]) + "\n", encoding="utf-8"
    )
    return folder / "study.yaml"


def test_scores_of_organisations_become_a_panel(tmp_path: Path) -> None:
    study = organisations(tmp_path, "A,2024,30,80", "B,2024,50,60", "ALL,2024,40,70")
    inputs = read_inputs(read_study(study))
    assert inputs.responses is None
    assert inputs.organisations is not None
    assert inputs.organisations.frame[["company", "alignment"]].to_numpy().tolist() == [
        ["A", 55.0],
        ["B", 55.0],
    ]
    assert inputs.log.accounting[["rows_in", "rows_kept", "rows_dropped"]].to_numpy().tolist() == [[3, 2, 1]]
    assert set(inputs.files) == {"study.yaml", "mine.yaml", "scores.csv"}


def test_scores_that_do_not_fit_are_told_under_their_own_heading(tmp_path: Path) -> None:
    rows = ("A,2024,130,80", "B,soon,50,60", "A,2024,40,many")
    found = problems_of(organisations(tmp_path, *rows, "ALL,2024,1,1"))
    places = {(problem.file, problem.row, problem.column) for problem in found}
    assert {
        ("scores.csv", 2, "pay_score"),
        ("scores.csv", 3, "year"),
        ("scores.csv", 4, "team_score"),
    } <= places
    assert ("scores.csv", 4, "id") in places


def test_an_organisation_to_exclude_must_be_in_the_file(tmp_path: Path) -> None:
    (problem,) = problems_of(organisations(tmp_path, "A,2024,30,80"))
    assert (problem.file, problem.row, problem.column) == ("study.yaml", 8, "panel.exclude.ALL")
    assert "no row of scores.csv has this id" in problem.what


def test_a_panel_without_the_constructs_of_the_index_says_what_is_lacking(tmp_path: Path) -> None:
    study = organisations(tmp_path, "ALL,2024,30,80", study=ORGANISATIONS.replace(", team: team_score", ""))
    (problem,) = problems_of(study)
    assert (problem.file, problem.row, problem.column) == ("study.yaml", 7, "panel.columns")
    assert problem.what == "does not say which column of scores.csv holds team"
