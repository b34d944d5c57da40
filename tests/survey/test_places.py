import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.places import OTHER, SAME, UNCLEAR, UNKNOWN, compare_places, meeting_points, place, places_of

Parts = dict[str, str]


def relation(one: Parts, other: Parts) -> int:
    lines, known = places_of(pd.DataFrame([one, other]), pd.RangeIndex(2))
    return int(compare_places(lines[:1], lines[1:], known)[0])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("12 Main Street", "12 MAIN ST.", SAME),
        ("12 Main Street", "12 Main St, 60601 Springfield", SAME),
        ("Hauptstraße 12", "Hauptstr. 12, 80331 München", SAME),
        ("221 E. 51st St", "221 East 51st Street", SAME),
        ("12 Main Street", "14 Main Street", OTHER),
        ("14 Main Street 60601", "12 Main Street 60601", OTHER),
        ("12 Main Street", "12 Oak Street", OTHER),
        ("751 N. Main", "751 S. Main", OTHER),
        ("12 Main Street", "12 Main Avenue", UNCLEAR),
        ("12 Main Street 60601", "12 Main Street 60602", UNCLEAR),
        ("12 Main Street, Suite 3", "12 Main Street, Suite 4", UNCLEAR),
        ("60601 Springfield", "12 Main Street, 60601 Springfield", UNKNOWN),
        ("Bavaria", "Saxony", OTHER),
        ("Bavaria", "bavaria", UNKNOWN),
        ("n/a", "12 Main Street", UNKNOWN),
    ],
)
def test_addresses_in_one_cell(one: str, other: str, expected: int) -> None:
    assert relation({"place": one}, {"place": other}) == expected
    assert relation({"place": other}, {"place": one}) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"street": "12 Main St"}, SAME),
        ({"street": "12 Main St", "postcode": "60601-1234"}, SAME),
        ({"street": "12 Main St", "postcode": "60602"}, UNCLEAR),
        ({"street": "12 Main St", "city": "Lyon"}, UNCLEAR),
        ({"street": "12 Main St", "phone": "555 0199"}, UNCLEAR),
        ({"street": "99 Elm St", "phone": "+1 312 555-0100"}, UNCLEAR),
        ({"phone": "(312) 555 0100"}, SAME),
        ({"phone": "(312) 555 0199"}, UNCLEAR),
        ({"street": "99 Elm St", "postcode": "60601", "city": "Chicago"}, OTHER),
        ({"postcode": "60601", "city": "Chicago"}, UNKNOWN),
        ({"city": "Lyon"}, OTHER),
        ({}, UNKNOWN),
    ],
)
def test_places_part_by_part(other: Parts, expected: int) -> None:
    whole = {"street": "12 Main Street", "postcode": "60601", "city": "Chicago", "phone": "312 555 0100"}
    assert relation(whole, other) == expected
    assert relation(other, whole) == expected


words = st.text("12 abSt.,-n", max_size=9)
parts = st.fixed_dictionaries({"street": words, "postcode": words, "city": words, "phone": words})


@given(parts, parts)
def test_the_order_of_two_places_never_matters_and_no_place_is_two(one: Parts, other: Parts) -> None:
    assert relation(one, other) == relation(other, one)
    assert relation(one, one) in {SAME, UNKNOWN}


def test_names_meet_at_a_house_or_a_telephone() -> None:
    known = {line: place(line) for line in ("12 Main St", "12 Main Avenue", "Bavaria", "")}
    known["0312 555"] = place(phone="0312 555")
    found = meeting_points(known)
    assert found.groupby("point")["line"].agg(list).to_dict() == {
        "12 main": ["12 Main St", "12 Main Avenue"],
        "312555": ["0312 555"],
    }
