import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.benchmark.plausible_ranks import CUTS, membership, plausible_ranks
from survey.problems import InputError

Array = np.ndarray


@pytest.mark.parametrize(("companies", "runs"), [(6, 150), (40, 60), (2000, 1)])
@pytest.mark.parametrize("population", ["normal", "skewed"])
def test_intervals_cover_true_ranks_and_percentiles(companies: int, runs: int, population: str) -> None:
    rng = np.random.default_rng(companies)
    covered = []
    for _ in range(runs):
        true = 55 + (
            8 * rng.standard_normal(companies) if population == "normal" else rng.gumbel(0, 6, companies)
        )
        errors = rng.uniform(2, 7, companies)
        found = plausible_ranks(true + errors * rng.standard_normal(companies), errors, rng=rng, draws=400)
        rank = stats.rankdata(-true)
        low, high = found.interval()
        covered.append(((low <= rank) & (rank <= high)).mean())
        below, above = found.percentiles()
        share = 100 * (companies - rank) / (companies - 1)
        np.testing.assert_array_equal(
            (below <= share + 1e-9) & (share <= above + 1e-9), (low <= rank) & (rank <= high)
        )
    # The model takes companies for normal: where they are skewed, one or two points are lost.
    assert np.mean(covered) >= (0.94 if population == "normal" else 0.925)
    if companies == 2000:  # ranks of few companies are lumpy, so that their intervals cover more
        assert np.mean(covered) <= 0.965


def test_probabilities_of_the_best_class_are_frequencies() -> None:
    """Of the companies given 30% to 70%, about that share is in; overall a fifth is."""
    rng = np.random.default_rng(4)
    true = rng.normal(50, 8, 4000)
    errors = rng.uniform(3, 8, 4000)
    found = plausible_ranks(true + errors * rng.standard_normal(4000), errors, rng=rng, draws=300).among_best(
        0.2
    )
    inside = stats.rankdata(-true) <= 800
    assert found.mean() == pytest.approx(0.2, abs=0.001)
    between = (found > 0.3) & (found < 0.7)
    assert inside[between].mean() == pytest.approx(found[between].mean(), abs=0.06)
    assert inside[found > 0.9].mean() > 0.88


def test_few_companies_one_without_error_and_none_that_differ() -> None:
    rng = np.random.default_rng(1)
    few = plausible_ranks(np.array([1.0, 2, 3]), np.ones(3), rng=rng)
    assert not few.known.any()
    assert np.isnan(few.interval()[0]).all()
    some = plausible_ranks(np.array([60.0, 50, 40, 55, 45]), np.array([2.0, 2, 2, 2, np.nan]), rng=rng)
    assert some.known.tolist() == [True] * 4 + [False]
    assert np.isnan(some.among_best(0.4)[4])
    assert some.size == 5
    same = plausible_ranks(np.full(10, 50.0), np.full(10, 3.0), rng=rng)
    low, high = same.interval()
    assert (low <= 2).all()
    assert (high >= 9).all()
    assert same.among_best(0.2) == pytest.approx(0.2, abs=0.06)


def test_scores_without_any_error_are_ranked_as_they_stand() -> None:
    rng = np.random.default_rng(1)
    found = plausible_ranks(np.array([60.0, 50, 50, 40, 30]), np.zeros(5), rng=rng)
    assert [end.tolist() for end in found.interval()] == [[1, 2, 2, 4, 5], [1, 3, 3, 4, 5]]
    assert [end.tolist() for end in found.percentiles()] == [[100, 50, 50, 25, 0], [100, 75, 75, 25, 0]]
    level = plausible_ranks(np.full(5, 50.0), np.zeros(5), rng=rng)
    assert level.among_best(0.2).tolist() == [0] * 5


def test_membership_under_several_cuts() -> None:
    rng = np.random.default_rng(2)
    scores = np.sort(rng.normal(50, 10, 40))
    frame = pd.DataFrame({"company": [f"c{n:02d}" for n in range(40)], "x": scores, "se": 4.0})
    table = membership(frame, "x", "se", rng=rng)
    assert list(table["cut"].unique()) == list(CUTS)
    assert (table.groupby("company")["probability"].diff().dropna() >= 0).all()
    assert table.groupby("cut")["observed"].sum().tolist() == [2, 4, 6, 8, 10, 12]
    assert table.groupby("cut")["probability"].sum().tolist() == pytest.approx([2, 4, 6, 8, 10, 12])
    nothing = membership(frame.assign(se=np.nan), "x", "se", rng=rng, cuts=[0.2])
    assert nothing["probability"].isna().all()
    assert nothing["note"].unique().tolist() == [
        "no probability: fewer than 4 companies have a sampling error"
    ]
    with pytest.raises(InputError, match="the cut is impossible"):
        membership(frame, "x", "se", rng=rng, cuts=[0.2, 1.0])


@settings(deadline=None, max_examples=20)
@given(scores=st.lists(st.integers(0, 100), min_size=4, max_size=12), shift=st.integers(-40, 40))
def test_shift_and_scale_do_not_matter(scores: list[int], shift: int) -> None:
    x, s = np.array(scores, dtype=float), np.linspace(1, 5, len(scores))

    def ranks(values: Array, errors: Array) -> Array:
        return plausible_ranks(values, errors, rng=np.random.default_rng(3), draws=100).ranks

    found = ranks(x, s)
    assert ((found >= 1) & (found <= len(scores))).all()
    assert (found == ranks(x + shift, s)).mean() > 0.98
    assert (found == ranks(x * 4, s * 4)).mean() > 0.98
