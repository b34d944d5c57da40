"""Norms to hand out: near to the distribution, and never one company's value."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.neighbours import group_sizes, neighbours
from analysis.benchmark.norms import norms
from analysis.benchmark.position import positions
from analysis.benchmark.published_norms import (
    Norm,
    norm_of,
    norms_of,
    safe_groups,
    weights_tell,
)
from analysis.measure.panel import Panel
from survey.instrument import read_instrument

SCORES = st.lists(st.floats(0, 100, allow_subnormal=False), min_size=20, max_size=90)


def test_steps_are_means_of_neighbours() -> None:
    norm = norm_of(np.arange(1.0, 24.0), minimum=5)
    assert norm is not None
    assert group_sizes(23, 4).tolist() == [6, 6, 6, 5]
    assert norm.steps == (3.5, 9.5, 15.5, 21.0)


@pytest.mark.parametrize(("n", "steps"), [(4, None), (5, 0), (19, 0), (20, 4)])
def test_fewer_companies_say_less(n: int, steps: int | None) -> None:
    norm = norm_of(np.arange(float(n)), minimum=5)
    assert (None if norm is None else len(norm.steps)) == steps


def test_values_that_are_missing_count_nowhere() -> None:
    values = np.array([np.nan, *range(20)])
    assert norm_of(values, minimum=5) == norm_of(values[1:], minimum=5)


def test_companies_that_are_all_equal_have_one_place() -> None:
    norm = norm_of(np.full(25, 40.0), minimum=5)
    assert norm is not None
    assert norm.percentile([39.0, 40.0, 41.0]).tolist() == [0.0, 50.0, 100.0]
    assert norm.quantile([0.1, 0.5, 0.9]).tolist() == [40.0, 40.0, 40.0]


def test_a_score_that_is_missing_has_no_percentile() -> None:
    norm = norm_of(np.arange(20.0), minimum=5)
    assert norm is not None
    assert np.isnan(norm.percentile([np.nan])).all()
    assert np.isnan(Norm(7, 50.0, 10.0).percentile([50.0])).all()
    assert np.isnan(Norm(7, 50.0, 10.0).quantile([0.5])).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_percentiles_and_moments_are_near_those_of_the_run(*, weighted: bool) -> None:
    values = np.random.default_rng(5).normal(55, 12, 200).clip(0, 100)
    weights = (values + 20) / 40 if weighted else np.full(200, 7.0)
    frame = pd.DataFrame({"company": [f"C{n:03}" for n in range(200)], "wave": 2025, "alignment": values})
    frame["weight"] = weights
    table = positions(Panel(frame, read_instrument("alignment"), {}), 2025, rng=np.random.default_rng(1))
    norm = norm_of(values, minimum=5, weights=weights, largest_share=0.25)
    assert norm is not None
    assert np.abs(norm.percentile(values) - table["percentile"].to_numpy()).max() < 3
    report = norms(frame, ["alignment"]).iloc[0]
    assert (norm.mean, norm.sd) == pytest.approx((report["mean"], report["sd"]))
    assert norm.quantile([0.25, 0.5, 0.75]) == pytest.approx(report[["p25", "median", "p75"]].tolist(), abs=1)
    alike = norm_of(values, minimum=5)
    assert alike is not None
    assert (alike.steps == norm.steps) != weighted


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0.05, 1.0, 1.2, 2.0, 8.0]), min_size=20, max_size=60))
def test_groups_of_unequal_companies_are_safe_and_hold_all_weight(counts: list[float]) -> None:
    weights = np.array(counts)
    groups = neighbours(weights, minimum=5, largest_share=0.25)
    held = np.array([groups.held(low, high) for low, high in pairwise(groups.edges)])
    np.testing.assert_allclose(held.sum(axis=0), weights / weights.sum())
    assert groups.slices.sum() == len(weights) // 5
    if len(held) > 1:
        assert ((held > 1e-9).sum(axis=1) >= 5).all()
        assert (held.max(axis=1) <= 0.25 * held.sum(axis=1) + 1e-9).all()
    values = np.sort(np.random.default_rng(3).normal(50, 10, len(weights)))
    norm = norm_of(values, minimum=5, weights=weights, largest_share=0.25)
    assert norm is not None
    if norm.steps:
        assert len(norm.steps) == len(weights) // 5
        sizes = group_sizes(len(weights), len(norm.steps))
        assert np.average(norm.steps, weights=sizes) == pytest.approx(norm.mean, abs=0.011)


def test_a_heavy_company_widens_its_group_and_too_few_groups_are_no_distribution() -> None:
    values, weights = np.arange(40.0), np.where(np.arange(40) == 39, 4.0, 1.0)
    norm = norm_of(values, minimum=5, weights=weights, largest_share=0.25)
    assert norm is not None
    assert len(set(norm.steps[:-3])) == 5
    assert len(set(norm.steps[-3:])) == 1
    alone = norm_of(values, minimum=5, weights=np.where(weights > 1, 30.0, 1.0), largest_share=0.25)
    assert alone is not None
    assert alone.steps == ()


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_percentiles_rise_and_steps_have_nobodys_extremes(scores: list[float]) -> None:
    values = np.array(scores)
    norm = norm_of(values, minimum=5)
    assert norm is not None
    found = norm.percentile(np.linspace(-5, 105, 60))
    assert (np.diff(found) >= -1e-9).all()
    assert found.min() >= 0
    assert found.max() <= 100
    assert list(norm.steps) == sorted(norm.steps)
    assert norm.steps[-1] <= np.sort(values)[-5:].mean() + 0.01
    assert norm.steps[0] >= np.sort(values)[:5].mean() - 0.01


@settings(max_examples=40, deadline=None)
@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_companies_never_matters(scores: list[float], random: object) -> None:
    shuffled = scores.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (norm_of(np.array(values), minimum=5) for values in (scores, shuffled))
    assert first is not None
    assert second is not None
    assert first.steps == second.steps
    assert first.mean == pytest.approx(second.mean)


@settings(max_examples=60, deadline=None)
@given(SCORES, st.data())
def test_a_member_cannot_work_out_another(scores: list[float], data: st.DataObject) -> None:
    """Another value of any other company fits everything that is published beside what the member knows of itself."""
    values = np.sort(np.array(scores))
    norm = norm_of(values, minimum=5)
    assert norm is not None
    size = int(group_sizes(len(values), len(norm.steps))[0])
    group = values[:size]
    if group[-1] - group[0] < 0.01:
        return  # neighbours that are alike know each other's score, as companies that are all equal do
    member = data.draw(st.integers(0, size - 1))
    others = np.delete(group, member)
    spread = np.full(len(others), others.mean())
    assert others.sum() == pytest.approx(spread.sum())
    fits = norm_of(np.concatenate([[group[member]], spread, values[size:]]), minimum=5)
    assert fits is not None
    assert fits.steps[0] == pytest.approx(norm.steps[0], abs=0.011)


@pytest.mark.parametrize("score", [12.125, 33.375, 84.375])
def test_steps_of_equal_scores_do_not_fall_by_a_rounding(score: float) -> None:
    found = norm_of(np.append(np.linspace(1.0, 9.0, 13), np.full(20, score)), minimum=5)
    assert found is not None
    assert list(found.steps) == sorted(found.steps)


def test_only_variables_of_enough_companies_have_norms() -> None:
    frame = pd.DataFrame({"a": np.arange(20.0), "b": [1.0] * 4 + [np.nan] * 16})
    assert list(norms_of(frame, ["a", "b"], minimum=5)) == ["a"]


def test_a_group_whose_rest_is_small_is_left_out() -> None:
    frame = pd.DataFrame({"industry": ["steel"] * 30 + ["media"] * 25 + ["mining"] * 3})
    found = safe_groups(frame, ["industry"], minimum=5, fewest=20)
    assert [value for _, value in found] == ["steel"]
    whole = safe_groups(frame[:55], ["industry"], minimum=5, fewest=20)
    assert [value for _, value in whole] == ["media", "steel"]


def test_groups_of_two_keys_whose_difference_is_small_do_not_stand_together() -> None:
    """Steel is all of the large but two: steel less large would be those two."""
    frame = pd.DataFrame({
        "industry": ["steel"] * 32 + ["media"] * 30,
        "size": ["large"] * 30 + ["small"] * 2 + ["small"] * 30,
    })  # fmt: skip
    found = safe_groups(frame, ["industry", "size"], minimum=5, fewest=20)
    members = list(found.values())
    for first in members:
        for second in members:
            assert (first & ~second).sum() == 0 or (first & ~second).sum() >= 5 or (second & ~first).any()
    assert {key for key, _ in found} == {"industry"} or {key for key, _ in found} == {"size"}


def test_groups_that_cross_freely_stay() -> None:
    frame = pd.DataFrame({"industry": ["steel", "media"] * 30, "size": (["large"] * 2 + ["small"] * 2) * 15})
    assert len(safe_groups(frame, ["industry", "size"], minimum=5, fewest=20)) == 4


def test_companies_of_unknown_kind_are_in_no_group() -> None:
    frame = pd.DataFrame({"industry": ["steel"] * 20 + [None] * 10})
    found = safe_groups(frame, ["industry"], minimum=5, fewest=20)
    assert found["industry", "steel"].sum() == 20


@pytest.mark.parametrize(
    ("weights", "tells"),
    [
        ([1.0] * 20, False),
        ([3.0] * 14 + [5.0] * 6, False),
        ([3.0] * 17 + [5.0] * 3, True),
        ([1.0] * 39 + [6.0], True),
        (list(range(1, 41)), False),
        ([0.1 + 0.2, 0.3] * 10, False),
    ],
    ids=["equal", "two strata", "a small stratum", "one large", "all different", "equal but for digits"],
)
def test_means_with_and_without_weights_are_taken_off_one_another(weights: list[float], tells: bool) -> None:
    assert weights_tell(weights, minimum=5, share=0.25) is tells
    # By brute force: any multiple of the unweighted sum off the weighted one.
    weight = np.array(weights) / np.mean(weights)
    left = np.abs(weight[:, None] - np.unique(weight.round(9))).round(8)
    most = left.max(axis=0) > 0.25 * left.sum(axis=0) + 1e-6
    few = ((left > 0).sum(axis=0) < 5) & (left.sum(axis=0) > 0)
    assert bool((most | few).any()) is tells
