import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import Inputs, read_inputs
from alignmark.study import read_study
from survey.problems import InputError, Problem

Spoil = Callable[..., Path]
Change = Callable[[pd.DataFrame], pd.DataFrame]


def problems_of(study: Path) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    return list(caught.value.problems)


def told(study: Path) -> str:
    (problem,) = problems_of(study)
    return str(problem)


def cell(row: int, column: str, value: str | None) -> Change:
    """Put a value into the row that an editor shows as `row`."""
    return lambda table: table.assign(**{column: table[column].mask(table.index == row - 2, value)})


@pytest.fixture(scope="module")
def read(tiny: Path) -> Inputs:
    return read_inputs(read_study(tiny / "study.yaml"))


def test_everything_that_the_study_names_is_read(read: Inputs, tiny: Path) -> None:
    assert read.responses is not None
    assert read.organisations is None
    assert read.responses.frame["wave"].unique().tolist() == [2024, 2025]
    assert list(read.outcomes) == ["revenue_growth"]
    assert list(read.outcomes["revenue_growth"]) == ["company", "year", "growth", "reason"]
    assert [list(facts) for facts in read.firmographics] == [["company", "industry"]]
    names = ("study.yaml", "mine.yaml", "2024.csv", "2025.csv", "companies.csv", "revenue.csv")
    assert read.files == {name: tiny / name for name in names}


def test_every_row_is_kept_or_dropped_and_the_log_says_so(spoiled: Spoil) -> None:
    inputs = read_inputs(read_study(spoiled(answers=cell(5, "attention", "4"))))
    assert inputs.responses is not None
    columns = ["file", "wave", "rows_in", "rows_kept", "rows_dropped"]
    assert inputs.log.accounting[columns].to_numpy().tolist() == [
        ["2024.csv", 2024, 48, 48, 0],
        ["2025.csv", 2025, 48, 47, 1],
    ]
    assert len(inputs.responses.frame) == 95
    assert inputs.log.frame[["file", "row", "rule"]].to_numpy().tolist() == [
        ["2025.csv", 5, "failed attention check"]
    ]


def test_who_is_dropped_as_careless_is_declared(small: Path, tmp_path: Path) -> None:
    counts = {}
    for preset in ("none", "standard"):
        folder = tmp_path / preset
        shutil.copytree(small, folder)
        with (folder / "study.yaml").open("a", encoding="utf-8") as study:
            study.write(f"careless: {{preset: {preset}}}\n")
        inputs = read_inputs(read_study(folder / "study.yaml"))
        assert inputs.responses is not None
        assert inputs.responses.flags is not None
        assert inputs.responses.flags["flags"].gt(1).any()
        counts[preset] = inputs.log.frame["rule"].str.startswith("careless: ").sum()
        assert counts[preset] == inputs.responses.flags["dropped"].sum()
    assert counts["none"] == 0 < counts["standard"]


def test_a_careless_rule_that_is_none_is_told_with_its_line(spoiled: Spoil) -> None:
    study = spoiled(("classes:", "careless: {longstrin: 0.5, drop_from: 0}\nclasses:"))
    with pytest.raises(InputError) as caught:
        read_study(study)
    said = [str(problem) for problem in caught.value.problems]
    assert any("careless.longstrin" in text and "did you mean 'longstring'" in text for text in said)
    assert any("careless.drop_from" in text for text in said)


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
        for row, column, value in (
            (5, "trust_1", "9"),
            (7, "firm", "Nobody Ltd"),
            (8, "department", "catering"),
        ):
            table = cell(row, column, value)(table)
        return table.assign(favourite_colour="blue")

    study = spoiled(
        ("seed: 1", "seed: 1\ncolour: blue"),
        ("outcomes: [revenue_growth,", "outcomes: [revenue_grwth,"),
        ("effects: [wave, industry]}", "effects: [wave, industri]}"),
        ("share: 0.5", "minimum_practices: 99"),
        ("    winsorise: [0.01, 0.99]", "    lead: 2"),
        answers=answers,
        revenue=cell(3, "revenue", "plenty"),
    )
    lines = study.read_text(encoding="utf-8").splitlines()

    def line(part: str) -> int:
        return next(number for number, text in enumerate(lines, start=1) if part in text)

    assert {(problem.file, problem.row, problem.column) for problem in problems_of(study)} == {
        ("study.yaml", line("colour"), "colour"),
        ("2025.csv", 1, "favourite_colour"),
        ("2025.csv", 5, "trust_1"),
        ("2025.csv", 7, "firm"),
        ("2025.csv", 8, "department"),
        ("revenue.csv", 3, "revenue"),
        ("revenue.csv", None, "fiscal_year"),
        ("study.yaml", line("grwth"), "classes.on_outcomes.outcomes"),
        ("study.yaml", line("99"), "classes.on_practices.minimum_practices"),
        ("study.yaml", line("industri]"), "models.effects"),
    }


def test_files_are_read_even_if_the_questionnaire_is_not_known(spoiled: Spoil) -> None:
    study = spoiled(("instrument: mine.yaml", "instrument: alignmint"), ("file: 2025.csv", "file: 2052.csv"))
    first, second = map(str, problems_of(study))
    assert first.startswith(
        "study.yaml, row 2, instrument: there is no instrument called 'alignmint'. Allowed: "
    )
    assert "2052.csv: there is no such file; did you mean '2025.csv'" in second


def test_a_questionnaire_of_ones_own_is_told_with_its_own_lines(spoiled: Spoil) -> None:
    study = spoiled()
    (study.parent / "mine.yaml").write_text("instrument: mine\nversion: 1\n", encoding="utf-8")
    found = problems_of(study)
    assert {problem.file for problem in found} == {"mine.yaml"}
    assert "mine.yaml, row 2, version: is not text, found 1" in "\n".join(map(str, found))


def test_an_unread_register_makes_no_strangers(spoiled: Spoil) -> None:
    study = spoiled(
        ("file: companies.csv", "file: companys.csv"),
        ("  minimum_answered: 0.5", "  exclude_companies: {C01: left the study}"),
    )
    assert "companys.csv: there is no such file; did you mean 'companies.csv'?" in told(study)


def test_many_strangers_are_counted_not_listed(spoiled: Spoil) -> None:
    def strangers(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(firm=[f"Stranger {number}" for number in range(len(table))])

    found = problems_of(spoiled(answers=strangers))
    assert len(found) == 21
    assert found[-1].what == "28 more unknown companies, down to row 49"
    assert "whether this is the right column" in found[-1].to_do
    assert [problem.value for problem in found[-1].rest] == sorted(
        f"Stranger {number}" for number in range(48)
    )[20:]


def test_a_column_map_is_checked_and_the_rest_still_read(spoiled: Spoil) -> None:
    study = spoiled(
        ("file: 2025.csv}", "file: 2025.csv, columns: {trst_1: trust_1, goals_1: goals_one}}"),
        answers=cell(5, "trust_2", "9"),
    )
    assert [(problem.file, problem.column) for problem in problems_of(study)] == [
        ("2025.csv", "trst_1"),
        ("2025.csv", "goals_one"),
        ("2025.csv", "trust_2"),
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (
            lambda table: table.assign(goals_1=None, goals_2=None, trust_1=None, trust_2=None),
            "48 dropped: answered",
        ),
        (lambda table: table.assign(attention="5"), "48 dropped: failed attention check"),
    ],
    ids=["nothing answered", "nobody attentive"],
)
def test_a_wave_of_which_nothing_is_left_is_a_problem(spoiled: Spoil, change: Change, rule: str) -> None:
    (problem,) = problems_of(spoiled(answers=change))
    assert problem.file == "2025.csv"
    assert problem.what.startswith(f"no response is left after cleaning ({rule}")


def test_an_outcome_begins_in_a_year_on_record(spoiled: Spoil) -> None:
    assert told(spoiled(("wave: 2025", "wave: 2035"))) == (
        "revenue.csv, fiscal_year: no record of 2035, in which the outcome of wave 2035 begins. Allowed: the years "
        "of the file: 2024, 2025, 2026. To do: add records, or shift the outcome by `lead`"
    )


def test_records_of_nobody_in_the_study_are_told(spoiled: Spoil) -> None:
    study = spoiled(
        (
            "register:\n  file: companies.csv\n  columns: {company: company, name: name, industry: industry}\n",
            "",
        ),
        (", industry]", "]"),
        revenue=lambda table: table.assign(company="Somebody else"),
    )
    found = list(map(str, problems_of(study)))
    assert any("revenue.csv: holds no records of any company of the study" in said for said in found)


def test_what_was_decided_in_reading_is_kept(spoiled: Spoil) -> None:
    study = spoiled(companies=cell(3, "name", "Größe & Söhne"))
    path = study.parent / "2025.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("C01", "Größe & Söhne").encode("cp1252"))
    decisions = read_inputs(read_study(study)).decisions
    assert any(str(said).startswith("2025.csv: is not UTF-8") for said in decisions), decisions


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
    study = with_facts(spoiled, "C01,2025,100,family", "C02,2025,0,fund", "C03,2024,,fund")
    _, facts = read_inputs(read_study(study)).firmographics
    assert facts["wave"].tolist() == [2025, 2025, 2024]
    assert facts["staff"].tolist()[:2] == [100.0, 0.0]
    assert facts["log_staff"].round(3).tolist()[0] == 4.605
    assert facts["log_staff"].isna().tolist() == [False, True, True]


def test_facts_that_do_not_fit_are_all_told(spoiled: Spoil) -> None:
    rows = (
        "C01,2025,100,a",
        "C01,2025,101,a",
        "C99,2025,1,a",
        "C02,soon,1,a",
        ",2025,1,a",
        "C03,2025,few,a",
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
    study = spoiled(("[revenue_growth, win_rate]", "[revenue_growth, industry]"))
    assert "'industry' holds words, and a number is needed here" in told(study)


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
    study = organisations(tmp_path, "A,2024,30,80", "B,31.12.2024,50,60", "C,2024,50,NA", "ALL,2024,40,70")
    inputs = read_inputs(read_study(study))
    assert inputs.responses is None
    assert inputs.organisations is not None
    assert inputs.organisations.frame[["company", "wave", "alignment"]].fillna(-1).to_numpy().tolist() == [
        ["A", 2024, 55.0],
        ["B", 2024, 55.0],
        ["C", 2024, -1],
    ]
    assert inputs.log.accounting[["rows_in", "rows_kept", "rows_dropped"]].to_numpy().tolist() == [[4, 3, 1]]
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
