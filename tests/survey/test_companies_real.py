"""Real names: accepted merges are right, and what is not accepted can be found in the review file."""

from math import isnan

import pytest

from benchmarks import companies as benchmark
from survey.entity_resolution import CompanyRules

pytestmark = pytest.mark.skipif(
    not benchmark.DATA.exists(), reason=f"no real company names in {benchmark.DATA}"
)

DEFAULT = CompanyRules()


@pytest.fixture(scope="module")
def files() -> dict[str, benchmark.Labelled]:
    return benchmark.labelled()


def test_civil_service_names(files: dict[str, benchmark.Labelled]) -> None:
    found = benchmark.accuracy(files["civil service"], DEFAULT)
    assert found.precision >= 0.99
    assert found.recall >= 1 / 3
    assert found.reviewed >= 0.9
    assert found.pure == 1


def test_registrants_are_not_joined(files: dict[str, benchmark.Labelled]) -> None:
    found = benchmark.accuracy(files["registrants"], DEFAULT)
    assert isnan(found.precision)
    assert found.to_decide < 0.1


def test_sites_with_addresses_at_the_defaults(files: dict[str, benchmark.Labelled]) -> None:
    found = benchmark.accuracy(files["sites, with address"], DEFAULT)
    assert found.precision >= 0.99
    assert found.recall >= 0.3
    assert found.reviewed >= 0.8
    assert found.wrong_pairs == found.wrong_at_one_place


def test_sites_that_are_their_place_are_found_for_the_most_part(files: dict[str, benchmark.Labelled]) -> None:
    found = benchmark.accuracy(files["sites, with address"], benchmark.PLACES_TELL)
    assert found.precision >= 0.99
    assert found.recall >= 0.75
    assert found.reviewed >= 0.7
    assert found.whole >= 0.75
    assert found.pure >= 0.97
    assert found.wrong_pairs == found.wrong_at_one_place, "all that is wrong are labels against an address"


def test_names_of_sites_alone_do_not_tell_and_are_asked_about(files: dict[str, benchmark.Labelled]) -> None:
    data = files["sites, names alone"]
    found = benchmark.accuracy(data, benchmark.NAMES_DO_NOT_TELL)
    assert isnan(found.precision)
    assert found.reviewed >= 0.75
    same_words = benchmark.accuracy(data, CompanyRules(accept=1))
    assert same_words.precision < 0.96, "or else the names tell, and the rule is too careful"


def test_stated_pairs_of_many_languages() -> None:
    precision, recall, _ = benchmark.accuracy_of_pairs(DEFAULT)
    assert precision == 1
    assert recall >= 0.5


def test_a_third_more_is_found_than_by_one_threshold(files: dict[str, benchmark.Labelled]) -> None:
    data = files["civil service"]
    recall, _, _ = benchmark.plain_fuzzy(data)
    assert benchmark.accuracy(data, DEFAULT).recall > 4 / 3 * recall
