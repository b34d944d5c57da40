from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from survey.cleaning import MatchedExport, Rules, clean
from survey.companies import Register
from survey.company_review import read_review, write_review
from survey.entity_resolution import CompanyRules
from survey.instrument import Instrument
from survey.naming_companies import propose_review
from survey.problems import InputError
from survey.readers.export import Export

MakeExport = Callable[..., Export]
REGISTER = Register(
    pd.DataFrame({"name": ["Acme Tool Works", "Bolt AG"], "aliases": ""}, index=["C1", "C2"], dtype="str"),
    {"acme tool works": "C1", "bolt": "C2", "c1": "C1", "c2": "C2"},
    "companies.csv",
    {"bolt.com": "C2"},
)


@pytest.fixture(scope="module")
def wave(make_export: MakeExport) -> Callable[..., MatchedExport]:
    def make(
        *names: str | None, emails: list[str | None] | None = None, streets: list[str | None] | None = None
    ) -> MatchedExport:
        count = len(names)
        cells = {
            "respondent": [f"r{number}" for number in range(count)],
            "company": list(names),
            "function": ["Sales"] * count,
            **({"email": emails} if emails else {}),
            **({"street": streets} if streets else {}),
            **{item: ["4"] * count for item in ("goals_1", "goals_2", "trust_1", "trust_2")},
        }
        return MatchedExport(make_export(cells, file="2025.csv"), {key: key for key in cells}, 2025)

    return make


Wave = Callable[..., MatchedExport]


def told(log: pd.DataFrame) -> dict[str, str]:
    lines = log[(log["column"] == "company") | (log["action"] == "dropped")]
    return dict(zip(lines["respondent"], lines["rule"], strict=True))


def test_every_merge_is_told_with_its_ground(wave: Wave, small: Instrument) -> None:
    answers = wave(
        "Acme Tool Works", "ACME TOOL WORKS GmbH", "Acme Tool Work", "who", "n/a",
        emails=[None, None, None, "ann@bolt.com", None],
    )  # fmt: skip
    responses, log = clean([answers], small, register=REGISTER)
    assert responses.frame["company"].tolist() == ["C1", "C1", "C1", "C2"]
    assert told(log.frame) == {
        "r1": "company name resolved",
        "r2": "company name accepted at 0.98: other ending",
        "r3": "company by the domain of the e-mail address",
        "r4": "no company named",
    }
    assert "company name accepted as similar" in set(log.reasons()["rule"])
    assert "email" not in responses.frame


def test_names_in_review_are_problems_until_somebody_decides(
    wave: Wave, small: Instrument, tmp_path: Path
) -> None:
    answers = wave("IBM", "International Business Machines", "Zorg")
    with pytest.raises(InputError) as caught:
        clean([answers], small)
    assert "2025.csv, row 2, company: 'IBM' may be 'International Business Machines' (0.80)" in str(
        caught.value
    )
    path = tmp_path / "review.csv"
    write_review(path, propose_review([answers], small))
    table = pd.read_csv(path, dtype="str")
    table.assign(decision=["1", None]).to_csv(path, index=False)
    decisions = read_review(path)
    responses, log = clean([answers], small, decisions=decisions)
    assert responses.frame["company"].value_counts().tolist() == [2, 1]
    assert "company name as somebody decided" in set(log.frame["rule"])
    assert propose_review([answers], small, decisions=decisions)["decision"].tolist() == [
        "International Business Machines"
    ]


def test_a_name_with_an_address_is_to_be_mended_not_decided(wave: Wave, small: Instrument) -> None:
    with pytest.raises(InputError) as caught:
        clean([wave("Acme Rockets", "Acme Rockets ann@acme.org")], small)
    of_address = next(problem for problem in caught.value.problems if problem.value.endswith("[e-mail]"))
    assert of_address.what == "'Acme Rockets [e-mail]' may be 'Acme Rockets' (0.55)"
    assert of_address.to_do == "take out of this cell what is no name of a company"


def test_places_tell_companies_apart_without_a_register(wave: Wave, small: Instrument) -> None:
    streets = ["1 Oak Rd", "1 Oak Road", "9 Elm St", "9 Elm St"]
    answers = wave("Acme", "Acme Ltd", "Acme", "Bolt", streets=streets)
    responses, log = clean([answers], small)
    assert sorted(responses.frame["company"]) == ["Acme (1)", "Acme (1)", "Acme (2)", "Bolt"]
    assert "street" not in responses.frame
    assert not any("Oak" in str(value) or "Elm" in str(value) for value in log.frame.to_numpy().ravel())


def test_a_question_of_that_name_is_no_place(wave: Wave, small: Instrument) -> None:
    declared = small.model_dump()
    question = {"text": {"en": "Which street do you like?", "de": "Welche Straße mögen Sie?"}, "kind": "text"}
    with_question = Instrument.model_validate(
        declared | {"questions": declared["questions"] | {"street": question}}
    )
    answers = wave("Acme", "Acme", streets=["1 Oak Rd", "9 Elm St"])
    assert set(clean([answers], with_question)[0].frame["company"]) == {"Acme"}


def test_undecided_names_can_stay_apart(wave: Wave, small: Instrument) -> None:
    apart = CompanyRules(undecided="apart")
    answers = wave("IBM", "International Business Machines")
    responses, _ = clean([answers], small, companies=apart)
    assert responses.frame["company"].nunique() == 2
    lenient = Rules(unknown_company="drop")
    _, log = clean([wave("Bolt", "Acme")], small, register=REGISTER, companies=apart, rules=lenient)
    assert told(log.frame)["r1"] == "company not in the register"


def test_a_decision_can_drop_a_name(wave: Wave, small: Instrument, tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text("name,decision\nZorg,none\nAcme,C9\nGone,C8\n", encoding="utf-8")
    _, log = clean([wave("Bolt", "Zorg")], small, register=REGISTER, decisions=read_review(path))
    assert told(log.frame)["r1"] == "no company, as somebody decided"
    with pytest.raises(InputError, match=r"review\.csv, row 3, decision: 'Acme' is decided to be 'C9'"):
        clean([wave("Bolt", "Acme")], small, register=REGISTER, decisions=read_review(path))


def test_excluded_companies_are_excluded_under_every_name(wave: Wave, small: Instrument) -> None:
    rules = Rules(exclude_companies={"Acme Tool Works": "a partner"})
    _, log = clean([wave("Acme Tool Work", "Bolt")], small, register=REGISTER, rules=rules)
    assert told(log.frame)["r0"] == "company excluded: a partner"


def test_cleaning_clean_names_again_changes_nothing(wave: Wave, small: Instrument) -> None:
    once, _ = clean([wave("Acme Tool Works", "Acme Tool Work", "Bolt", "bolt")], small)
    names = once.frame["company"].tolist()
    again, log = clean([wave(*names)], small)
    assert sorted(again.frame["company"]) == sorted(names)
    assert log.frame.empty
