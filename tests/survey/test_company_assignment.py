import pandas as pd
import pytest

from survey.companies import Register
from survey.company_assignment import company_of_email, resolve_to_register
from survey.entity_resolution import CompanyRules

FRAME = pd.DataFrame(
    {
        "company": ["C1", "C2", "C3", "C4"],
        "name": [
            "Acme Tool Works GmbH",
            "Driver and Vehicle Licensing Agency",
            "Bolt Rockets Ltd",
            "None AG",
        ],
        "aliases": ["Acme Tools; The Anvil Shop", "", "", ""],
    }
).set_index("company")
KEYS = {
    "acme tool works": "C1", "acme tools": "C1", "anvil shop": "C1", "driver and vehicle licensing agency": "C2",
    "bolt rockets": "C3", "none": "C4", "c1": "C1", "c2": "C2", "c3": "C3", "c4": "C4",
}  # fmt: skip
REGISTER = Register(FRAME, KEYS, "companies.csv", {"acme.com": "C1", "dvla.gov.uk": "C2"})


def taken(
    *names: str | None, emails: list[str | None] | None = None, **decisions: str
) -> list[tuple[object, str]]:
    written = pd.Series(names, dtype="str")
    mail = pd.Series(emails, dtype="str") if emails else None
    found = resolve_to_register(written, REGISTER, decisions=decisions, emails=mail).responses
    company = found["company"].astype(object).where(found["company"].notna(), None)
    return list(zip(company, found["band"], strict=True))


def test_each_name_falls_into_its_band() -> None:
    names = ["acme tool works", "Acme Tool Work", "DVLA", "Zorg", "n/a", None]
    assert taken(*names) == [
        ("C1", "exact"), ("C1", "accept"), (None, "review"), (None, "reject"), (None, "none"), (None, "none"),
    ]  # fmt: skip


def test_a_name_that_the_register_knows_is_a_company_whatever_it_looks_like() -> None:
    assert taken("None", "none")[0] == ("C4", "exact")


@pytest.mark.parametrize(
    ("name", "company", "band"),
    [
        ("Acme Tool Works", "C1", "exact"),
        ("Acme Tool Works GmbH & Co. KG", "C1", "exact"),
        ("Acme Tools SA", "C1", "exact"),  # the alias says no legal form
        ("Bolt Rockets Limited", "C3", "exact"),
        ("Bolt Rockets plc", None, "review"),
        ("Acme Tool Works AG", None, "review"),
        ("Acme Tool Work AG", None, "review"),
    ],
)
def test_another_legal_form_is_no_name_of_the_company(name: str, company: str | None, band: str) -> None:
    assert taken(name) == [(company, band)]


def test_of_two_legal_forms_the_address_tells() -> None:
    assert taken("Acme Tool Works AG", emails=["ann@acme.com"]) == [("C1", "e-mail")]


@pytest.mark.parametrize(
    ("email", "company"),
    [
        ("ann@acme.com", "C1"),
        ("Ann <Ann@Mail.ACME.com>", "C1"),
        ("x@dvla.gov.uk", "C2"),
        ("x@gov.uk", None),
        ("x@notacme.com", None),
        ("x@gmail.com", None),
        ("acme.com", None),
        ("", None),
    ],
)
def test_e_mail_addresses_lead_to_companies_by_domain(email: str, company: str | None) -> None:
    found = company_of_email(pd.Series([email], dtype="str"), REGISTER)[0]
    assert found == company or (company is None and pd.isna(found))


def test_the_domain_tells_what_the_name_does_not() -> None:
    emails = ["a@acme.com", "a@acme.com", "b@dvla.gov.uk", None]
    assert taken("Bolt Rockets", "n/a", "DVLA", "DVLA", emails=emails) == [
        ("C3", "exact"), ("C1", "e-mail"), ("C2", "e-mail"), (None, "review"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "expected"),
    [("C2", "C2"), ("driver & vehicle licensing agency", "C2"), ("new", "DVLA"), ("none", None)],
)
def test_decisions_come_before_all_else(decision: str, expected: str | None) -> None:
    assert taken("DVLA", emails=["a@acme.com"], DVLA=decision) == [(expected, "decided")]


def test_a_name_like_two_companies_is_reviewed() -> None:
    frame = pd.DataFrame(
        {"name": ["Acme Tools Work", "Acme Tool Works"], "aliases": ""}, index=["A", "B"], dtype="str"
    )
    register = Register(frame, {"acme tools work": "A", "acme tool works": "B"})
    found = resolve_to_register(pd.Series(["Acme Tool Work"]), register)
    assert found.names["band"].tolist() == ["review"]
    assert found.candidates["company"].tolist() == ["B", "A"]


def test_candidates_are_five_at_most_and_ranked() -> None:
    names = [
        f"Bolt Rockets {place}" for place in ("Alpha", "Beta", "Gamma", "Delta", "Omega", "Sigma", "Kappa")
    ]
    frame = pd.DataFrame({"name": names, "aliases": ""}, index=list("ABCDEFG"), dtype="str")
    register = Register(frame, {name.lower(): key for name, key in zip(names, "ABCDEFG", strict=True)})
    found = resolve_to_register(pd.Series(["Bolt Rockets"]), register).candidates
    assert found["rank"].tolist() == [1, 2, 3, 4, 5]
    assert found["score"].is_monotonic_decreasing


TWINS = Register(
    pd.DataFrame(
        {
            "name": ["Rio Ltd", "Rio Ltd", "Bolt Tools"],
            "aliases": "",
            "street": ["12 Main St", "9 Elm St", "1 Oak Rd"],
            "city": ["Paris", "Lyon", "Bonn"],
        },
        index=pd.Index(["C1", "C2", "C3"], name="company"),
        dtype="str",
    ),
    {"bolt tools": "C3", "c1": "C1", "c2": "C2", "c3": "C3"},
)


@pytest.mark.parametrize(
    ("name", "street", "company", "band"),
    [
        ("Rio", "12 Main Street", "C1", "exact"),
        ("rio limited", "9 Elm St.", "C2", "exact"),
        ("Rio", None, None, "review"),
        ("Rio", "77 Nowhere Rd", None, "review"),
        ("Bolt Tools", None, "C3", "exact"),
        ("Bolt Tools", "1 Oak Road", "C3", "exact"),
        ("Bolt Tools", "5 Fir Avenue", None, "review"),
        ("Bolt Tool Services", "5 Fir Avenue", None, "reject"),
        ("Zorg", "1 Oak Rd", None, "reject"),
    ],
)
def test_the_place_tells_companies_of_one_name_apart(
    name: str, street: str | None, company: str | None, band: str
) -> None:
    places = pd.DataFrame({"street": [street]}, dtype="str")
    found = resolve_to_register(pd.Series([name]), TWINS, places=places).responses.iloc[0]
    assert found["band"] == band
    assert found["company"] == company or (company is None and pd.isna(found["company"]))


def test_companies_of_one_name_are_proposed_with_their_ids_and_places() -> None:
    found = resolve_to_register(pd.Series(["Rio"]), TWINS).candidates
    assert found["called"].tolist() == ["Rio Ltd [C1]", "Rio Ltd [C2]"]
    assert found["called_place"].tolist() == ["12 Main St, Paris", "9 Elm St, Lyon"]
    decided = resolve_to_register(pd.Series(["Rio"]), TWINS, decisions={"Rio": "Rio Ltd [C2]"})
    assert decided.companies.tolist() == ["C2"]
    assert TWINS.firmographics.empty


def test_the_order_of_responses_never_matters() -> None:
    names = pd.Series(["acme tool works", "Acme Tool Work", "DVLA", "Zorg", "n/a", "Anvil Shop"])
    one, other = resolve_to_register(names, REGISTER), resolve_to_register(names[::-1], REGISTER)
    pd.testing.assert_frame_equal(one.names, other.names)
    pd.testing.assert_frame_equal(one.responses, other.responses.sort_index())


def test_thresholds_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="names are accepted"):
        CompanyRules(accept=0.5, review=0.6)
