import numpy as np
import pandas as pd
import pytest

from survey.company_candidates import candidate_pairs
from survey.company_similarity import LEFT_OVER, score_pairs, words_of_names
from survey.similar_words import similar_words

ACCEPT, REVIEW = 0.9, 0.45
OTHERS = [
    "Food Standards Agency",
    "Crown Prosecution Service",
    "Ministry of Justice",
    "Bolt Trading",
    "Crank Services",
    "Dolt Engineering Works",
]


def score(one: str, other: str) -> float:
    table = words_of_names([one, other, *OTHERS])
    return float(score_pairs(table, np.array([0]), np.array([1]))["score"].iloc[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Institute for Technical Education", "Institute for Techincal Education"),
        ("Export Credit Guarantee Department", "Export Credits Guarantee Department"),
        ("Office for National Statistics", "Office of National Statistics"),
        ("HM CPS Inspectorate", "HM Crown Prosecution Service Inspectorate"),
        ("Land Registry (excluding agencies)", "Land Registry"),
        ("Water Services Regulation Authority", "Water Regulation Services Authority"),
        ("Wal-Mart Stores", "Walmart Stores"),
    ],
)
def test_differences_of_spelling_are_accepted(one: str, other: str) -> None:
    assert score(one, other) >= ACCEPT
    assert score(one, other) == score(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Home Office: Border Force", "Border Force"),
        ("Wilton Park Executive Agency", "Wilton Park"),
        ("International Business Machines", "IBM"),
        ("Schmidt Bau", "Schmid Bau"),
        ("University of Miami", "Miami University"),
        ("Acme Holding", "Acme"),
        ("Lloyds Bank", "Lloyd Bank"),
        ("Social Work Inspection Authority", "Social Work Inspection Agency"),
        ("Marcy Newberry Association Newberry Center", "Marcy Newberry Association Marcy Center"),
    ],
)
def test_differences_that_may_be_those_of_two_companies_are_reviewed(one: str, other: str) -> None:
    assert REVIEW <= score(one, other) < ACCEPT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme 1", "Acme 2"),
        ("Acme Fund II", "Acme Fund III"),
        ("Acme Austria", "Acme Australia"),
        ("Acme Works North", "Acme Works South"),
        ("Stranger 7", "Company number 7"),
        ("Acme", "Bolt"),
    ],
)
def test_other_numbers_places_and_words_are_other_companies(one: str, other: str) -> None:
    assert score(one, other) < REVIEW


def test_the_commonest_words_carry_little() -> None:
    names = [
        f"Department for {word}" for word in ("Health", "Transport", "Trade", "Energy", "Schools", "Prisons")
    ]
    table = words_of_names([*names, "Acme Rockets", "Rockets of Acme Works"])
    found = score_pairs(table, np.array([0, 6]), np.array([1, 7]))["score"]
    assert found[0] < REVIEW < found[1] <= LEFT_OVER


def test_a_frequent_spelling_is_no_slip() -> None:
    words = pd.Index(["johnson", "johnston", "johnsen"])
    found = similar_words(words, np.array([4, 3, 1]))
    assert found.misspelt[0, 1] == 0 < found.related[0, 1]
    assert found.misspelt[0, 2] > 0


def test_candidates_meet_over_rare_words_initials_and_joined_words() -> None:
    names = [
        "Wal Mart",
        "Walmart",
        "International Business Machines",
        "IBM",
        "Acme Rokets",
        "Rockets",
        "Zorg",
    ]
    everyone = np.arange(len(names))
    one, other = candidate_pairs(words_of_names(names), everyone, everyone)
    assert set(zip(one.tolist(), other.tolist(), strict=True)) == {(0, 1), (2, 3), (4, 5)}
