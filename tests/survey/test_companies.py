from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.companies import (
    Register,
    dominant_companies,
    normalise_name,
    read_register,
    register_of,
    resolve,
)
from survey.problems import InputError


def key(name: str | None) -> object:
    return normalise_name(pd.Series([name], dtype="str"))[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Ltd", "ACME LIMITED"),
        ("Acme, Inc.", "acme"),
        ("Bolt & Söhne GmbH & Co. KG", "Bolt and Sohne"),
        ("Müller AG", "MÜLLER"),
        ("Crème S.A.", "creme sa"),
        ("Ｗｉｄｅ　Ｃｏ", "wide"),
        ("O'Brien's", "OBriens"),
        ("Søndergård A/S", "sondergard"),
        ("Straße AG", "STRASSE"),
        ("The Insolvency Service", "Insolvency Service"),
        ("Acme Private Limited", "Acme"),
        ("Łódź Sp. z o.o.", "Lodz"),
        ("株式会社ソニー", "ソニー"),
        ("（株）ソニー", "ソニー"),
        ("주식회사 카카오", "카카오"),
        ("华为技术有限公司", "华为技术"),
        ("ООО «Ромашка»", "Ромашка"),
        ("Ромашка, ЗАО", "Ромашка"),
        ("PT Acme Tbk", "Acme"),
        ("Acme, S.A. de C.V.", "Acme"),
        ("Bolt und Nut", "Bolt & Nut"),
        ("J. P. Bolt", "JP Bolt"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme", "Acme Holding"), ("Acme", "Acme UK"), ("1.0", "10"), ("Acme 1", "Acme 2"), ("हिन्दी", "हिनदी")],
)
def test_names_of_different_companies_stay_apart(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize("name", ["", " ", "--", "...", None])
def test_what_is_no_name_is_missing(name: str | None) -> None:
    assert pd.isna(key(name))


def test_a_name_made_of_legal_forms_keeps_a_word() -> None:
    assert key("Limited Company") == "limited"
    assert key("The The") == "the"


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(name: str) -> None:
    once = key(name)
    assert pd.isna(once) or key(str(once)) == once


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["Acme", "ACME", "Acme Ltd", "Bolt", "bolt ag", "..."]), max_size=12))
def test_without_a_register_the_commonest_spelling_rules_whatever_the_order(names: list[str]) -> None:
    one, other = register_of(names), register_of(names[::-1])
    assert one.keys == other.keys
    for company in one.keys.values():
        alike = [name for name in names if key(name) == key(company)]
        assert alike.count(company) == max(map(alike.count, alike))


@pytest.fixture
def register(tmp_path: Path) -> Register:
    path = tmp_path / "companies.csv"
    path.write_text(
        "id,name,other names,sector,staff\n"
        "C1,Acme Ltd,Acme Works; The Anvil Shop,Tools,120\n"
        "C2,Bolt AG,,Software,\n"
        "C3,Crank SA,,,7.5\n",
        encoding="utf-8",
    )
    columns = {
        "company": "id",
        "name": "name",
        "aliases": "other names",
        "industry": "sector",
        "size": "staff",
    }
    return read_register(path, columns)


def test_names_aliases_and_ids_lead_to_the_company(register: Register) -> None:
    names = pd.Series(["acme limited", "Anvil Shop", "c2", "Crank", "Dolt", None], index=list("abcdef"))
    found = resolve(names, register)
    assert found.index.tolist() == names.index.tolist()
    assert found.tolist()[:4] == ["C1", "C1", "C2", "C3"]
    assert found.iloc[4:].isna().all()


def test_firmographics_are_numbers_where_all_are(register: Register) -> None:
    facts = register.firmographics
    assert list(facts.columns) == ["industry", "size"]
    assert facts["size"].tolist()[::2] == [120.0, 7.5]
    assert facts.loc["C1", "industry"] == "Tools"
    assert facts.index.name == "company"


def test_everything_wrong_in_a_register_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_text(
        "company,name,aliases\nC1,Acme Ltd,\nC1,Bolt AG,\n,Crank,\nC4,ACME,\nC5,Dolt,Bolt\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_register(path)
    text = str(caught.value)
    assert "row 4, company: a company without an id" in text
    assert "row 3, company: the company 'C1' stands in row 2 already" in text
    assert "row 5, name: the name 'ACME' belongs to C1 and C4" in text
    assert "row 6, name: the name 'Bolt' belongs to C1 and C5" in text


def test_a_register_needs_ids(tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_text("name,sector\nAcme,Tools\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is no column 'company'"):
        read_register(path)


def test_domains_lead_to_the_company(tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_text(
        "company,name,domains\nC1,Acme,acme.com; https://www.acme.de/\nC2,Bolt,\n", encoding="utf-8"
    )
    register = read_register(path)
    assert register.domains == {"acme.com": "C1", "acme.de": "C1"}
    assert register.firmographics.columns.empty


def test_domains_of_two_companies_or_of_everybody_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "companies.csv"
    path.write_text("company,domains\nC1,acme.com\nC2,Acme.com;gmail.com\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_register(path)
    assert "row 3, domains: 'acme.com' belongs to C1 already" in str(caught.value)
    assert "row 3, domains: anybody can have an address in 'gmail.com'" in str(caught.value)


def test_an_id_as_it_is_written_decides_before_every_name() -> None:
    frame = pd.DataFrame(
        {"name": ["A", "B"], "aliases": ""}, index=pd.Index(["Rio plc", "Rio Ltd"]), dtype="str"
    )
    assert resolve(pd.Series(["Rio Ltd", "Rio"]), Register(frame, {})).tolist()[0] == "Rio Ltd"


def test_a_company_with_nine_of_ten_responses_is_named() -> None:
    responses = pd.DataFrame({"company": ["A"] * 9 + ["B"] + ["A", "B"], "wave": [2024] * 10 + [2025] * 2})
    found = dominant_companies(responses, share=0.8)
    assert found.to_dict("records") == [{"wave": 2024, "company": "A", "n": 9, "of": 10, "share": 0.9}]
