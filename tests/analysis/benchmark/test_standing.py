"""A place among published norms is near to the place that the run finds among the companies themselves."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.benchmark.plausible_ranks import plausible_ranks
from analysis.benchmark.published_norms import norm_of
from analysis.benchmark.standing import standings, true_spread


def study(n: int, *, seed: int = 1, tau: float = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    errors = rng.uniform(3, 9, n)
    return rng.normal(55, tau, n) + rng.normal(0, 1, n) * errors, errors


def placed(scores: np.ndarray, errors: np.ndarray, weights: np.ndarray | None = None) -> pd.DataFrame:
    norm = norm_of(scores, minimum=5, weights=weights, largest_share=0.25)
    assert norm is not None
    spread = true_spread(scores, errors, weights=weights)
    return standings(scores, errors, norm=norm, spread=spread, best=0.2)


@pytest.mark.parametrize("weighted", [False, True])
def test_intervals_are_near_those_of_the_run(*, weighted: bool) -> None:
    scores, errors = study(150)
    # The higher a company is the more it counts, so that places without weights would be far off.
    weights = (scores - scores.min() + 10) / 20 if weighted else None
    run = plausible_ranks(scores, errors, rng=np.random.default_rng(2), draws=2000, weights=weights)
    low, high = run.percentiles()
    found = placed(scores, errors, weights)
    for name, expected in (("percentile_low", low), ("percentile_high", high)):
        away = found[name].to_numpy() - expected
        assert np.abs(away).max() < 6
        assert abs(away.mean()) < 1
    probability = found["best_probability"].to_numpy() - run.among_best(0.2)
    assert np.abs(probability).max() < 0.06


def test_intervals_hold_the_true_percentile_of_a_company_outside_the_study() -> None:
    """Coverage over 400 new companies of 4 studies: a binomial error of 1.1 points, more as those of a study agree."""
    inside = []
    for seed in range(4):
        scores, errors = study(150, seed=seed)
        norm = norm_of(scores, minimum=5)
        assert norm is not None
        rng = np.random.default_rng(100 + seed)
        true, error = rng.normal(55, 12, 100), rng.uniform(3, 9, 100)
        new = true + rng.normal(0, 1, 100) * error
        found = standings(new, error, norm=norm, spread=true_spread(scores, errors), best=0.2)
        percentile = 100 * stats.norm.cdf((true - 55) / 12)
        inside.append(
            ((found["percentile_low"] <= percentile) & (percentile <= found["percentile_high"])).mean()
        )
    assert 0.90 < np.mean(inside) < 0.99


def test_the_less_is_known_of_a_company_the_wider_its_interval() -> None:
    scores, errors = study(60)
    norm = norm_of(scores, minimum=5)
    assert norm is not None
    found = standings(
        np.full(3, 60.0), np.array([1.0, 5.0, 15.0]), norm=norm, spread=true_spread(scores, errors), best=0.2
    )
    assert (found["percentile_high"] - found["percentile_low"]).is_monotonic_increasing
    assert found["percentile"].to_numpy() == pytest.approx(found["percentile"].iloc[0])


def test_what_is_not_known_is_missing() -> None:
    scores, errors = study(40)
    norm = norm_of(scores, minimum=5)
    assert norm is not None
    without = standings(scores[:2], errors[:2], norm=norm, spread=None, best=0.2)
    assert without["percentile"].notna().all()
    assert without[["percentile_low", "best_probability"]].isna().all(axis=None)
    spread = true_spread(scores, errors)
    found = standings(np.array([50.0, np.nan]), np.array([np.nan, 4.0]), norm=norm, spread=spread, best=0.2)
    assert found["percentile_low"].isna().all()


@pytest.mark.parametrize("errors", [np.full(3, 2.0), np.full(30, np.nan)])
def test_too_few_errors_give_no_spread(errors: np.ndarray) -> None:
    assert true_spread(np.arange(float(len(errors))), errors) is None


def test_companies_without_noise_and_without_difference_have_no_spread() -> None:
    assert true_spread(np.full(20, 50.0), np.zeros(20)) is None


def test_the_spread_holds_no_company() -> None:
    scores, errors = study(40)
    spread = true_spread(scores, errors)
    assert spread is not None
    numbers = spread.frame[["mu", "centre"]].to_numpy().ravel()
    assert np.abs(numbers[:, None] - scores).min() > 1e-9
    assert spread.frame["weight"].sum() == pytest.approx(1)


def test_several_spreads_do_not_give_away_a_company_that_is_measured_better_than_the_others() -> None:
    """Where it would count more, the mean of each spread would be another, and two of them would tell its score."""
    scores, errors = study(21)
    errors = np.where(np.arange(21) == 20, 1.0, 8.0)
    spread = true_spread(scores, errors)
    assert spread is not None
    precision = 1 / (spread.frame["tau"].to_numpy()[:, None] ** 2 + errors**2)
    weighted = precision @ scores / precision.sum(axis=1)
    assert np.ptp(weighted) > 0.1
    assert spread.frame["mu"].to_numpy() == pytest.approx(scores.mean())
