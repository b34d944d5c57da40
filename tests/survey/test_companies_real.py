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


def test_sites_are_joined_as_well_as_names_can_and_better_with_addresses(
    files: dict[str, benchmark.Labelled],
) -> None:
    alone = benchmark.accuracy(files["sites, names alone"], DEFAULT)
    placed = benchmark.accuracy(files["sites, with address"], DEFAULT)
    assert alone.precision >= 0.92
    assert alone.recall >= 0.22
    assert placed.precision >= 0.98
    assert placed.recall >= 0.21


def test_stated_pairs_of_many_languages() -> None:
    precision, recall, _ = benchmark.accuracy_of_pairs(DEFAULT)
    assert precision == 1
    assert recall >= 0.5


def test_a_third_more_is_found_than_by_one_threshold(files: dict[str, benchmark.Labelled]) -> None:
    data = files["civil service"]
    recall, _, _ = benchmark.plain_fuzzy(data)
    assert benchmark.accuracy(data, DEFAULT).recall > 4 / 3 * recall
