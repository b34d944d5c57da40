"""Rank sets against the definition in Mogstad et al. (2024), written out pair by pair, and in simulation."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.benchmark.rank_criticals import all_pairs, coverage
from analysis.benchmark.ranks import EXACT, LEVELS, PAIRWISE, compared, marginal_ranks, simultaneous_ranks
from survey.problems import InputError

Array = np.ndarray


def true_ranks(true: Array) -> tuple[Array, Array]:
    """Best and worst rank of each company, the same unless others are level."""
    higher, lower = (true[:, None] < true).sum(axis=1), (true[:, None] > true).sum(axis=1)
    return 1 + higher, len(true) - lower


def covered(low: Array, high: Array, true: Array) -> Array:
    """Whether the set holds every rank that a company can be given."""
    best, worst = true_ranks(true)
    return (low <= best) & (worst <= high)


def by_definition(scores: Array, errors: Array, of: list[int], noise: Array) -> Array:
    """Which directed hypotheses "i is not higher than j" that involve `of` are rejected, stepping down."""
    n = len(scores)
    left = {(i, j) for i in range(n) for j in range(n) if i != j and (i in of or j in of)}
    rejected = set()
    while left:
        pairs = sorted(left)
        largest = np.max(
            [(noise[:, i] - noise[:, j]) / np.hypot(errors[i], errors[j]) for i, j in pairs], axis=0
        )
        critical = np.quantile(largest, 0.95)
        new = {(i, j) for i, j in pairs if scores[i] - scores[j] > critical * np.hypot(errors[i], errors[j])}
        if not new:
            break
        rejected, left = rejected | new, left - new
    table = np.zeros((n, n), dtype=bool)
    for i, j in rejected:
        table[i, j] = True
    return table


@pytest.mark.parametrize("seed", range(6))
def test_sets_are_those_of_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    errors = rng.choice([1.0, 2.0, 5.0], 8)
    scores = rng.normal(50, 8, 8)
    noise = rng.standard_normal((40_000, 8)) * errors
    low, high = marginal_ranks(scores, errors)
    for company in range(8):
        higher = by_definition(scores, errors, [company], noise)
        assert low[company] == 1 + higher[:, company].sum()
        assert high[company] == 8 - higher[company].sum()
    higher = by_definition(scores, errors, list(range(8)), noise)
    low, high = simultaneous_ranks(scores, errors, rng=rng)
    assert low.tolist() == (1 + higher.sum(axis=0)).tolist()
    assert high.tolist() == (8 - higher.sum(axis=1)).tolist()


REFERENCE = pd.read_csv(Path(__file__).parents[2] / "reference" / "rank_criticals.csv")


@pytest.mark.parametrize("row", REFERENCE[REFERENCE["what"] == "one company"].to_dict("records"))
def test_the_critical_value_of_one_company_agrees_with_r(row: dict[str, Any]) -> None:
    others, counts = np.unique([float(part) for part in row["others"].split()], return_counts=True)
    table = np.zeros((1, 3, len(others)))
    table[0, 1 if row["side"] == "one" else 0] = counts
    assert coverage(row["critical"], row["own"], others, table).item() == pytest.approx(0.95, abs=1e-5)


@pytest.mark.parametrize("row", REFERENCE[REFERENCE["what"] == "all pairs"].to_dict("records"))
def test_the_critical_value_of_all_pairs_agrees_with_r(row: dict[str, Any]) -> None:
    companies = int(row["own"])
    assert all_pairs(companies, level=0.95) == pytest.approx(row["critical"], abs=1e-6)


@pytest.mark.parametrize("ratio", [0.05, 1.0, 20.0])
def test_the_integral_is_what_is_drawn(ratio: float) -> None:
    rng = np.random.default_rng(3)
    others, counts = np.array([1.0, 2.0]), np.array([[[2.0, 1.0], [1.0, 0.0], [0.0, 2.0]]])
    own = ratio * rng.standard_normal(200_000)
    sizes = np.array([1.0, 1, 2, 1, 2, 2])
    noise = rng.standard_normal((200_000, 6)) * sizes
    statistic = (noise - own[:, None]) / np.hypot(ratio, sizes)
    two_sided, up, down = np.abs(statistic[:, :3]), statistic[:, 3:4], -statistic[:, 4:]
    largest = np.column_stack([two_sided, up, down]).max(axis=1)
    assert coverage(2.3, ratio, others, counts).item() == pytest.approx((largest <= 2.3).mean(), abs=0.003)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 3.0, 30.0])
@pytest.mark.parametrize("companies", [3, 12, 60])
def test_coverage_is_nominal(companies: int, spread: float) -> None:
    rng = np.random.default_rng(companies)
    true = (spread * rng.standard_normal(companies)).round(0)  # ties among true scores
    errors = rng.choice([2.0, 4.0], companies)
    one, every, runs = [], [], {3: 250, 12: 100, 60: 20}[companies]
    for _ in range(runs):
        scores = true + errors * rng.standard_normal(companies)
        one.append(covered(*marginal_ranks(scores, errors), true).mean())
        every.append(covered(*simultaneous_ranks(scores, errors, rng=rng), true).all())
    assert np.mean(one) >= 0.95 - 3 * np.std(one) / np.sqrt(runs)
    # The chance of fewer is one in a thousand where 95% is exact.
    assert np.sum(every) >= stats.binom.ppf(0.001, runs, 0.95)


def test_sets_are_no_wider_than_they_must_be() -> None:
    """All equal is the hardest case: there the simultaneous set misses in about 5% of samples."""
    rng = np.random.default_rng(8)
    whole = 0
    for _ in range(400):
        low, high = simultaneous_ranks(rng.standard_normal(6), np.ones(6), rng=rng)
        whole += bool((low == 1).all() and (high == 6).all())
    assert stats.binom.ppf(0.001, 400, 0.95) <= whole <= stats.binom.ppf(0.999, 400, 0.95)


@pytest.mark.parametrize("companies", [PAIRWISE, PAIRWISE + 1])
def test_many_companies_are_covered_together(companies: int) -> None:
    rng = np.random.default_rng(2)
    true, errors = np.zeros(companies), rng.choice([1.0, 3.0], companies)
    scores = true + errors * rng.standard_normal(companies)
    low, high = simultaneous_ranks(scores, errors, rng=rng)
    critical = all_pairs(companies, level=0.95)
    far = np.abs(scores[:, None] - scores) / np.hypot(errors[:, None], errors)
    np.fill_diagonal(far, 0)
    if far.max() < 0.95 * critical:
        assert (low == 1).all()
        assert (high == companies).all()
    marginal_low, marginal_high = marginal_ranks(scores, errors)
    assert (low <= marginal_low).all()
    assert (high >= marginal_high).all()


def test_all_equal_and_without_error() -> None:
    low, high = marginal_ranks(np.full(7, 50.0), np.full(7, 2.0))
    assert (low.tolist(), high.tolist()) == ([1] * 7, [7] * 7)
    for find in (marginal_ranks, lambda x, s: simultaneous_ranks(x, s, rng=np.random.default_rng(1))):
        low, high = find(np.array([30.0, 50, 50, 10]), np.zeros(4))
        assert low.tolist() == [3, 1, 1, 4]
        assert high.tolist() == [3, 2, 2, 4]
    assert [part.tolist() for part in marginal_ranks(np.array([3.0]), np.array([1.0]))] == [[1], [1]]
    assert [part.tolist() for part in marginal_ranks(np.array([]), np.array([]))] == [[], []]


def test_a_company_without_error_among_others_is_compared_like_a_known_standard() -> None:
    low, high = marginal_ranks(np.array([50.0, 40, 49]), np.array([0.0, 1.0, 1.0]))
    assert (low.tolist(), high.tolist()) == ([1, 3, 1], [2, 3, 2])


def test_many_different_errors_are_rounded_up_and_sets_do_not_shrink() -> None:
    rng = np.random.default_rng(5)
    errors = rng.uniform(1, 6, 3 * LEVELS)
    scores = rng.normal(50, 12, 3 * LEVELS)
    rounded = compared(scores, errors)
    assert len(rounded.errors) <= LEVELS
    assert (rounded.errors[rounded.of] >= errors * (1 - 1e-9)).all()
    assert (rounded.errors[rounded.of] <= errors * 6 ** (1 / (LEVELS - 1)) * (1 + 1e-9)).all()
    few = compared(scores[:EXACT], errors[:EXACT])
    np.testing.assert_allclose(few.errors[few.of], errors[:EXACT], atol=1e-9)


def test_scores_and_errors_must_be_numbers() -> None:
    with pytest.raises(InputError, match="ranks need a score and a standard error"):
        marginal_ranks(np.array([1.0, np.nan]), np.ones(2))
    with pytest.raises(InputError, match="2 without"):
        marginal_ranks(np.array([1.0, 2.0]), np.array([-1.0, np.nan]))


@settings(deadline=None, max_examples=25)
@given(
    rows=st.lists(st.tuples(st.integers(0, 100), st.sampled_from([1.0, 2.5, 6.0])), min_size=2, max_size=15),
    shift=st.integers(-50, 50),
    scale=st.sampled_from([0.25, 4.0]),
    seed=st.integers(0, 99),
)
def test_order_shift_and_scale_do_not_matter(
    rows: list[tuple[int, float]], shift: int, scale: float, seed: int
) -> None:
    scores, errors = np.array(rows, dtype=float).T
    order = np.random.default_rng(seed).permutation(len(rows))

    def both(x: Array, s: Array) -> Array:
        every = simultaneous_ranks(x, s, rng=np.random.default_rng(1))
        return np.array([*marginal_ranks(x, s), *every])

    found = both(scores, errors)
    np.testing.assert_array_equal(found[:, order], both(scores[order], errors[order]))
    np.testing.assert_array_equal(found, both(scores + shift, errors))
    np.testing.assert_array_equal(found, both(scores * scale, errors * scale))
    best, worst = true_ranks(scores)
    assert (found[0] <= best).all()
    assert (worst <= found[1]).all()
    # Turned round, the best is the worst.
    turned = both(-scores, errors)
    np.testing.assert_array_equal(turned[:2], len(rows) + 1 - found[[1, 0]])
