"""Names of companies from the study file to the clean answers, with and without a register and a review file."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.answers import read_decisions
from alignmark.inputs import read_inputs
from alignmark.rules_in_words import rules_in_words
from alignmark.study import read_study
from survey.problems import InputError, every_one
from tests.alignmark.conftest import Command

Spoil = Callable[..., Path]
REVIEW = ("cleaning:\n", "companies:\n  review_file: review.csv\ncleaning:\n")


def renamed(table: pd.DataFrame) -> pd.DataFrame:
    firms = {"C00": "Company nummber 0 Limited", "C01": "Company number 1 Division"}
    return table.assign(firm=table["firm"].replace(firms))


def told(study: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    return [problem.what for problem in every_one(caught.value.problems)]


def test_without_a_review_file_it_is_said_where_to_decide(spoiled: Spoil) -> None:
    with pytest.raises(
        InputError, match=r"put it beside the study and name it there with `companies: \{review_file"
    ):
        read_inputs(read_study(spoiled(answers=renamed)))


def test_an_answer_off_the_scale_may_be_emptied_with_a_line_in_the_log(spoiled: Spoil) -> None:
    study = spoiled(answers=lambda table: table.assign(trust_1=table["trust_1"].where(table.index > 0, "99")))
    with pytest.raises(InputError, match=r"`cleaning: \{outside_scale: missing\}`"):
        read_inputs(read_study(study))


def test_a_similar_name_is_accepted_told_or_decided(spoiled: Spoil) -> None:
    study = spoiled(REVIEW, answers=renamed)
    (what,) = told(study)
    assert what.startswith("'Company number 1 Division' (4 responses) may be 'Company number 1 Ltd' (0.")
    (study.parent / "review.csv").write_text(
        "name,decision\nCompany number 1 Division,C01\n", encoding="utf-8"
    )
    inputs = read_inputs(read_study(study))
    rules = set(inputs.log.frame["rule"])
    assert "company name as somebody decided" in rules
    assert any(rule.startswith("company name accepted at") for rule in rules)
    assert "review.csv" in inputs.files


def test_a_decision_that_names_no_company_is_found_with_its_row(spoiled: Spoil) -> None:
    study = spoiled(REVIEW, answers=renamed)
    (study.parent / "review.csv").write_text(
        "name,decision\nCompany number 1 Division,C99\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"review\.csv, row 2, decision"):
        read_inputs(read_study(study))


def test_thresholds_are_checked_where_they_stand(spoiled: Spoil) -> None:
    study = spoiled(("cleaning:\n", "companies: {accept: 0.5, review: 0.7}\ncleaning:\n"))
    with pytest.raises(InputError, match=r"companies\.review: 0.7 is above 0.5"):
        read_study(study)


def test_no_review_file_means_no_decisions(spoiled: Spoil) -> None:
    assert read_decisions(read_study(spoiled())).frame.empty
    assert read_decisions(read_study(spoiled(REVIEW, folder="other"))).frame.empty


def test_what_the_answers_taught_serves_the_other_files(spoiled: Spoil) -> None:
    def misspelt(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(company=table["company"].replace({"C00": "Company nummber 0 Limited"}))

    def answers(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(firm=table["firm"].replace({"C00": "Company nummber 0 Limited"}))

    inputs = read_inputs(read_study(spoiled(answers=answers, revenue=misspelt)))
    assert "C00" in set(inputs.outcomes["revenue_growth"]["company"])


def test_a_mapped_e_mail_address_leads_to_the_company_and_goes_no_further(spoiled: Spoil) -> None:
    def answers(table: pd.DataFrame) -> pd.DataFrame:
        own = table["firm"] == "C03"
        return table.assign(
            firm=table["firm"].mask(own), Mail=own.map({True: "ann@mail.acme.example", False: None})
        )

    study = spoiled(
        ("file: 2025.csv}", "file: 2025.csv, columns: {email: Mail}}"),
        ("industry: industry}", "industry: industry, domains: domains}"),
        answers=answers,
        companies=lambda table: table.assign(domains=["", "", "", "acme.example", *[""] * 8]),
    )
    file = read_study(study)
    inputs = read_inputs(file)
    cleaning = rules_in_words(file.study, inputs)
    assert any("the domain of the e-mail address does" in sentence for sentence in cleaning)
    assert not any("one place" in sentence for sentence in cleaning)
    assert inputs.responses is not None
    rows = inputs.responses.frame.query("company == 'C03' and wave == 2025")
    assert len(rows) == 4
    assert not any("acme.example" in str(value) for value in inputs.log.frame.to_numpy().ravel())


STREETS = [f"{n} Main Street" for n in range(1, 13)]


def with_streets(table: pd.DataFrame) -> pd.DataFrame:
    name = table["name"].replace("Company number 3 Ltd", "company number 4 LIMITED")
    return table.assign(name=name, Street=STREETS, Tel=[f"312 555 01{n:02}" for n in range(12)])


def by_name_and_street(table: pd.DataFrame) -> pd.DataFrame:
    twins = table["firm"].isin(["C03", "C04"])
    street = table["firm"].map({"C03": "4 main st.", "C04": "5 Main St"})
    return table.assign(firm=table["firm"].mask(twins, "Company number 4"), Where=street)


PLACED = (
    ("file: 2025.csv}", "file: 2025.csv, columns: {street: Where}}"),
    ("industry: industry}", "industry: industry, street: Street, phone: Tel}"),
    ("cleaning:\n", "companies: {same_name: ask}\ncleaning:\n"),
)


def test_the_place_tells_companies_of_one_name_apart_and_goes_no_further(spoiled: Spoil) -> None:
    study = spoiled(*PLACED, companies=with_streets, answers=by_name_and_street)
    file = read_study(study)
    inputs = read_inputs(file)
    cleaning = rules_in_words(file.study, inputs)
    assert any("Names at one place are one company" in sentence for sentence in cleaning)
    assert inputs.responses is not None
    counts = inputs.responses.frame.query("wave == 2025")["company"].value_counts()
    assert (counts["C03"], counts["C04"]) == (4, 4)
    told = [inputs.responses.frame, inputs.log.frame, *inputs.firmographics]
    assert not any("Main S" in str(value) for table in told for value in table.to_numpy().ravel())
    assert not any({"street", "phone"} & set(table) for table in told)
    listed = inputs.protection.set_aside[["column", "kind", "n"]].values.tolist()
    assert ["Where", "place of a company", 8] in listed


def test_a_place_that_fits_neither_company_is_asked_about_with_all_places(
    spoiled: Spoil, command: Command, tmp_path: Path
) -> None:
    def elsewhere(table: pd.DataFrame) -> pd.DataFrame:
        table = by_name_and_street(table)
        return table.assign(Where=table["Where"].mask(table.index == 12, "77 Elm Avenue"))

    study = spoiled(*PLACED, companies=with_streets, answers=elsewhere)
    said = command("check", study, "--out", tmp_path / "checked")
    assert said.code == 1
    folder = next((tmp_path / "checked").rglob("company_review.csv")).parent
    review = pd.read_csv(folder / "company_review.csv", dtype="str").iloc[0]
    assert (review["name"], review["place"]) == ("Company number 4", "77 Elm Avenue")
    assert review["candidate_1"] == "Company number 4 Ltd [C04]"
    assert review["place_1"].startswith("5 Main Street")
    written = (folder / "problems.csv").read_text(encoding="utf-8") + said.out + said.err
    assert "Elm" not in written
    assert "Main Street" not in written


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (PLACED[0], "waves.columns.street: says where companies are, but the register does not"),
        (PLACED[1], "register.columns.street: says where companies are, but no wave does"),
        (
            ("cleaning:\n", "companies: {accept_at_place: 0.95}\ncleaning:\n"),
            "companies.accept_at_place: 0.95 is above 0.9",
        ),
    ],
)
def test_places_without_anything_to_compare_them_with_are_a_problem(
    spoiled: Spoil, change: tuple[str, str], what: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(spoiled(change, answers=by_name_and_street, companies=with_streets)))
    assert what.split(": ", 1)[1] in str(caught.value)
    assert what.split(": ", maxsplit=1)[0] in str(caught.value)
