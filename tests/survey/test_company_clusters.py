import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.companies import register_of_resolved
from survey.company_clusters import resolve_among
from survey.entity_resolution import CompanyRules
from survey.instrument import read_instrument
from survey.simulate import simulate
from survey.simulated_settings import Settings

NAMES = [
    "Acme Tool Works", "ACME Tool Work", "Acme Tool Works Ltd", "Acme Tool Works plc", "Bolt Rockets",
    "Bolt Rockets (excluding agencies)", "Crank Funding Agency", "Crank Fundign Agency", "Dolt 1", "Dolt 2",
    "Department for Bolts", "Department of Bolts", "Home Office: Bolt Force", "Bolt Force", "n/a", "IBM",
    "International Business Machines",
]  # fmt: skip
some_names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=28)
FEW = settings(deadline=None, max_examples=6)
"""Many names cost hardly more than few: few long lists rather than many short ones."""


def groups(names: list[str]) -> set[frozenset[str]]:
    found = resolve_among(pd.Series(names)).companies
    together = pd.Series(names).groupby(found.to_numpy(), dropna=True).agg(frozenset)
    return set(together)


@FEW
@given(some_names, st.randoms(use_true_random=False))
def test_the_order_of_names_never_matters(names: list[str], chance: object) -> None:
    mixed = list(names)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert groups(names) == groups(mixed)


@FEW
@given(some_names)
def test_resolving_twice_changes_nothing(names: list[str]) -> None:
    once = resolve_among(pd.Series(names)).companies
    again = resolve_among(once).companies
    pd.testing.assert_series_equal(once, again, check_names=False)


@FEW
@given(some_names)
def test_an_unrelated_name_joins_nothing(names: list[str]) -> None:
    alone = frozenset({"Zyqqurat Vexillology"})
    assert groups([*names, *alone]) == groups(names) | {alone}


def test_a_company_is_called_by_its_most_frequent_spelling() -> None:
    names = pd.Series(["Acme Tool Works", "ACME Tool Work", "ACME Tool Work"])
    assert resolve_among(names).companies.unique().tolist() == ["ACME Tool Work"]


def test_what_was_accepted_is_told_with_its_score_and_ground() -> None:
    names = resolve_among(pd.Series(["Acme Tool Works", "Acme Tool Works", "ACME Tool Work"])).names
    line = names[names["name"] == "ACME Tool Work"].iloc[0]
    assert (line["band"], line["score"], line["why"]) == ("accept", 0.98, "other ending")


def test_names_that_clash_all_go_to_review() -> None:
    names = pd.Series(["Rio Tinto", "Rio Tinto", "Rio Tinto Ltd", "Rio Tinto plc", "Zorg", "Zorg Ltd"])
    found = resolve_among(names)
    assert set(found.candidates["name"]) == {"Rio Tinto", "Rio Tinto Ltd", "Rio Tinto plc"}
    assert found.companies.tolist() == [
        "Rio Tinto",
        "Rio Tinto",
        "Rio Tinto Ltd",
        "Rio Tinto plc",
        "Zorg",
        "Zorg",
    ]


def test_a_decision_ends_the_clash() -> None:
    names = pd.Series(["Rio Tinto", "Rio Tinto", "Rio Tinto Ltd", "Rio Tinto plc"])
    found = resolve_among(names, decisions={"Rio Tinto plc": "new"})
    assert found.companies.tolist() == ["Rio Tinto"] * 3 + ["Rio Tinto plc"]
    assert found.candidates.empty


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("International Business Machines", ["International Business Machines"] * 2),
        ("new", ["IBM", "International Business Machines"]),
        ("none", [None, "International Business Machines"]),
    ],
)
def test_decisions_are_obeyed_and_close_the_question(decision: str, expected: list[str | None]) -> None:
    names = pd.Series(["IBM", "International Business Machines"])
    assert resolve_among(names).candidates["name"].nunique() == 2
    found = resolve_among(names, decisions={"ibm": decision})
    assert found.companies.astype(object).where(found.companies.notna(), None).tolist() == expected
    assert found.candidates.empty


def test_thresholds_are_obeyed() -> None:
    names = pd.Series(["Acme Tool Works", "ACME Tool Work"])
    assert resolve_among(names, rules=CompanyRules(accept=0.99)).candidates["name"].nunique() == 2


def test_one_name_at_two_places_is_two_companies() -> None:
    names = pd.Series(["Acme"] * 3 + ["Bolt"])
    places = pd.Series(["12 Main St", "12 Main Street 60601", "99 Elm St", None])
    found = resolve_among(names, places=places).companies.tolist()
    assert found[0] == found[1] != found[2]
    assert found[3] == "Bolt"


def test_at_one_place_less_likeness_will_do() -> None:
    names = pd.Series(["Acme Tool Works", "Acme Tool Works Services", "Bolt", "Services Trust", "Services"])
    there = pd.DataFrame({"street": ["12 Main St", "12 Main Street", "", "", ""]})
    found = resolve_among(names, places=there)
    assert found.companies[0] == found.companies[1]
    assert found.responses["why"][1] == "one place, words in common"
    apart = resolve_among(names)
    assert apart.companies[0] != apart.companies[1]
    wanting = resolve_among(names, places=there, rules=CompanyRules(accept_at_place=0.9))
    assert set(wanting.candidates["name"]) >= {"Acme Tool Works", "Acme Tool Works Services"}


def test_a_name_without_a_place_is_asked_about_where_two_places_have_it() -> None:
    names = pd.Series(["Acme", "ACME Ltd", "Acme", "Acme"])
    places = pd.Series(["12 Main St", "12 Main Street", "99 Elm St", None])
    found = resolve_among(names, places=places)
    assert found.companies[0] == found.companies[1]
    assert found.companies.nunique() == 3
    asked = found.candidates[found.candidates["place"] == ""]
    assert set(asked["called_place"]) == {"12 Main Street", "99 Elm St"}


def test_parts_that_contradict_each_other_are_asked_about() -> None:
    places = pd.DataFrame({"street": ["12 Main St"] * 2, "postcode": ["60601", "60602"]})
    found = resolve_among(pd.Series(["Acme", "Acme"]), places=places)
    assert found.companies.nunique() == 2
    assert found.candidates["why"].unique().tolist() == ["contradicting place, same name"]


def test_no_company_is_called_by_its_address() -> None:
    places = pd.DataFrame(
        {"street": ["12 Main St", "99 Elm St", "1 Oak Rd"], "city": ["Bonn", "Köln", "Bonn"]}
    )
    found = resolve_among(pd.Series(["Acme"] * 3), places=places).companies
    assert found.tolist() == ["Acme (Bonn) (2)", "Acme (Köln)", "Acme (Bonn) (1)"]


def test_the_order_of_names_at_places_never_matters() -> None:
    names = pd.Series(["Acme", "ACME Ltd", "Acme Tools", "Acme", "Acme", "Bolt", "Bolt Tools", "Acme"])
    streets = ["1 Oak Rd", "1 Oak Road", "1 Oak Rd", "9 Elm St", None, "9 Elm St", "9 Elm St", "9 Elm Avenue"]
    places = pd.DataFrame({"street": streets, "city": ["Bonn"] * 4 + [None] * 4}, dtype="str")
    once = resolve_among(names, places=places)
    again = resolve_among(names[::-1], places=places[::-1])
    pd.testing.assert_frame_equal(once.responses, again.responses.sort_index())
    pd.testing.assert_frame_equal(once.candidates, again.candidates)
    pd.testing.assert_frame_equal(once.names, again.names)


def test_another_legal_form_at_the_same_place_is_asked_about() -> None:
    places = pd.Series(["12 Main St"] * 2)
    found = resolve_among(pd.Series(["Rio Tinto Ltd", "Rio Tinto plc"]), places=places)
    assert found.companies.nunique() == 2
    assert found.candidates["name"].nunique() == 2


def test_one_name_may_be_several_companies_where_a_study_says_so() -> None:
    names = pd.Series(["Acme", "ACME", "Acme", "Acme"])
    ask = CompanyRules(same_name="ask")
    found = resolve_among(names, rules=ask)
    assert found.companies.tolist() == ["Acme", "ACME", "Acme", "Acme"]
    assert set(found.candidates["name"]) == {"Acme", "ACME"}
    placed = resolve_among(names, rules=ask, places=pd.Series(["12 Main St"] * 4))
    assert set(placed.companies) == {"Acme"}


def test_decisions_are_about_a_name_at_its_place() -> None:
    names, places = pd.Series(["Acme", "Acme", "Acme"]), pd.Series(["12 Main St", "99 Elm St", None])
    decisions = {"Acme\t": "Acme\t99 Elm St", "acme\t12 Main St": "new"}
    found = resolve_among(names, places=places, decisions=decisions)
    assert found.companies[2] == found.companies[1] != found.companies[0]
    assert found.candidates.empty


def test_no_names_at_all() -> None:
    found = resolve_among(pd.Series([None, "n/a"], dtype="str"))
    assert found.companies.isna().all()
    assert found.responses["band"].tolist() == ["none", "none"]


def test_a_register_of_names_leaves_out_what_two_companies_share() -> None:
    found = resolve_among(pd.Series(["Rio Tinto Ltd", "Rio Tinto plc", "Acme", "ACME"]))
    register = register_of_resolved(found.names["name"], found.names["company"])
    assert list(register.frame.index) == ["ACME", "Rio Tinto Ltd", "Rio Tinto plc"]
    assert register.keys == {"acme": "ACME"}


def test_planted_spellings_are_found_without_a_register(capsys: pytest.CaptureFixture[str]) -> None:
    study = simulate(read_instrument("alignment"), Settings(companies=120, name_variants=0.6), seed=5)
    table = pd.DataFrame({"name": study.people["company_name"], "truth": study.answers["company"]})
    table["found"] = resolve_among(table["name"]).companies
    named = table.drop_duplicates("name")
    pairs = named.merge(named, how="cross")
    pairs = pairs[pairs["name_x"] < pairs["name_y"]]
    taken, true = pairs["found_x"] == pairs["found_y"], pairs["truth_x"] == pairs["truth_y"]
    precision, recall = (taken & true).sum() / taken.sum(), (taken & true).sum() / true.sum()
    with capsys.disabled():
        sys.stdout.write(f"\nplanted spellings of names: precision {precision:.3f}, recall {recall:.3f}\n")
    assert precision == 1
    assert recall > 0.9
