from pathlib import Path

import pandas as pd
import pytest

from survey.company_clusters import resolve_among
from survey.company_review import COLUMNS, PLACED_COLUMNS, company_review, read_review, write_review
from survey.problems import InputError

NAMES = pd.Series(["IBM", "IBM", "International Business Machines", "Zorg"])
FILES = pd.Series(["a.csv", "b.csv", "a.csv", "a.csv"])


@pytest.fixture
def review() -> pd.DataFrame:
    return company_review(resolve_among(NAMES), FILES)


@pytest.fixture
def written(review: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "review.csv"
    write_review(path, review)
    return path


def decide(path: Path, **columns: list[str | None]) -> None:
    table = pd.read_csv(path, dtype="str")
    table.assign(**columns).to_csv(path, index=False, encoding="utf-8-sig")


def test_the_file_says_what_there_is_to_decide(review: pd.DataFrame) -> None:
    assert list(review.columns) == COLUMNS
    first = review.iloc[0]
    assert (first["name"], first["responses"], first["files"]) == ("IBM", 2, "a.csv; b.csv")
    assert (first["candidate_1"], first["score_1"]) == ("International Business Machines", 0.8)
    assert review["decision"].isna().all()


def test_addresses_of_people_are_not_written_down() -> None:
    names = pd.Series(["Acme Rockets", "Acme Rockets ann@acme.org"])
    found = resolve_among(names)
    assert len(set(found.candidates["name"])) == 2
    assert company_review(found, FILES.iloc[:2])["name"].tolist() == ["Acme Rockets"]


def test_an_untouched_file_decides_nothing(written: Path) -> None:
    assert read_review(written).frame.empty
    assert read_review(written.with_name("absent.csv")).frame.empty


def test_a_file_of_headings_alone_decides_nothing(written: Path, review: pd.DataFrame) -> None:
    write_review(written, review[:0])
    assert read_review(written).frame.empty


def test_decisions_are_read_back_and_close_the_question(written: Path) -> None:
    decide(written, decision=["1", None])
    decisions = read_review(written)
    assert decisions.by_name == {"IBM": "International Business Machines"}
    found = resolve_among(NAMES, decisions=decisions.by_name)
    assert found.companies.nunique() == 2
    assert found.candidates.empty


@pytest.mark.parametrize("said", ["new", "NEW ", "none", "drop"])
def test_words_decide_in_any_case(written: Path, said: str) -> None:
    decide(written, decision=[said, None])
    assert read_review(written).by_name == {"IBM": "new" if said.strip().lower() == "new" else "none"}


def test_decisions_and_remarks_are_never_overwritten(written: Path) -> None:
    decide(written, decision=["1", "new"], remark=["sure", "asked Ann"])
    for names in (NAMES, NAMES[3:]):
        write_review(written, company_review(resolve_among(names), FILES.loc[names.index]))
        table = pd.read_csv(written, dtype="str").set_index("name")
        assert table["decision"].to_dict() == {
            "IBM": "International Business Machines",
            "International Business Machines": "new",
        }
        assert table.loc["IBM", "remark"] == "sure"


def test_writing_twice_changes_nothing(written: Path) -> None:
    decide(written, decision=["1", None])
    decisions = read_review(written)
    again = company_review(resolve_among(NAMES, decisions=decisions.by_name), FILES, decisions=decisions)
    write_review(written, again)
    once = written.read_bytes()
    write_review(written, again)
    assert written.read_bytes() == once


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path, review: pd.DataFrame) -> None:
    path = tmp_path / "review.csv"
    path.write_text("title,remark\nIBM,mine\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is no column 'name'"):
        write_review(path, review)
    assert path.read_text(encoding="utf-8") == "title,remark\nIBM,mine\n"


def test_two_decisions_on_one_name_are_a_problem(written: Path) -> None:
    with written.open("a", encoding="utf-8") as file:
        file.write("ibm" + "," * 13 + "new\n")
        file.write("I.B.M." + "," * 13 + "none\n")
    with pytest.raises(InputError, match=r"row 5, decision: 'I\.B\.M\.' is decided in another way above"):
        read_review(written)


def test_a_decision_for_no_company_is_a_problem_unless_the_name_is_gone(written: Path) -> None:
    decide(written, decision=["Nonsuch", "Nowhere"])
    problems = read_review(written).problems(pd.Series(["ibm"]), {"ibm"})
    assert [(p.row, p.value) for p in problems] == [(2, "Nonsuch")]


def test_both_places_stand_side_by_side_and_are_decided_apart(tmp_path: Path) -> None:
    names, files = pd.Series(["Acme", "Acme", "Acme"]), pd.Series(["a.csv"] * 3)
    places = pd.Series(["12 Main St", "99 Elm St", None])
    review = company_review(resolve_among(names, places=places), files)
    assert list(review.columns) == PLACED_COLUMNS
    path = tmp_path / "review.csv"
    write_review(path, review)
    table = pd.read_csv(path, dtype="str", keep_default_na=False).set_index("place")
    assert set(table.loc["", ["place_1", "place_2"]]) == {"12 Main St", "99 Elm St"}
    rank = "1" if table.loc["", "place_1"] == "99 Elm St" else "2"
    table.assign(decision=[rank if place == "" else "" for place in table.index]).to_csv(path)
    decisions = read_review(path)
    found = resolve_among(names, places=places, decisions=decisions.by_name)
    assert found.companies[2] == found.companies[1] != found.companies[0]
    again = company_review(found, files, decisions=decisions)
    write_review(path, again)
    assert read_review(path).by_name == decisions.by_name


def test_a_decision_for_a_name_that_two_companies_bear_asks_for_the_id(written: Path) -> None:
    decide(written, decision=["Rio", None])
    (problem,) = read_review(written).problems(
        pd.Series(["ibm"]), {"c1", "c2"}, shared={"rio": "the id: C1 or C2"}
    )
    assert problem.what == "'IBM' is decided to be 'Rio', which several companies are called"
    assert problem.allowed == "the id: C1 or C2"
