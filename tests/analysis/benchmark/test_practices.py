from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.classes import OutcomeClasses, classify
from analysis.benchmark.practices import practice_shares, ratio_interval, with_relative_likelihood
from analysis.infer.combinations import transformed
from analysis.infer.estimates import mean_estimates
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import shares
from analysis.measure.panel import Panel
from survey.instrument import read_instrument

INSTRUMENT = read_instrument("alignment")
REFERENCE = Path(__file__).parents[2] / "reference" / "relative_likelihood.csv"
PRACTICE = "process_criteria"


def panel(seed: int, *, n: int, waves: int = 2, steady: float = 0.8) -> Panel:
    """Companies whose practices go with growth, and mostly stay from wave to wave while their class changes."""
    rng = np.random.default_rng(seed)
    kept = rng.normal(size=n)
    parts = []
    for wave in range(waves):
        growth = rng.normal(size=n)
        score = np.sqrt(steady) * kept + np.sqrt(1 - steady) * rng.normal(size=n) + 0.3 * growth
        practice = np.where(score > 0.5, 100.0, 25.0)
        parts.append(pd.DataFrame({"company": range(n), "wave": wave, "growth": growth, PRACTICE: practice}))
    return Panel(pd.concat(parts, ignore_index=True), INSTRUMENT, {})


def test_the_ends_of_ratios_are_those_that_r_finds_by_search() -> None:
    known = pd.read_csv(REFERENCE)
    above, below = (known[[f"p{k}", f"l{k}", f"u{k}"]].to_numpy().T for k in (1, 2))
    low, high = ratio_interval(above, below, known["r"].to_numpy())
    np.testing.assert_allclose(low, known["low"], rtol=1e-6)
    np.testing.assert_allclose(high, known["high"], rtol=1e-6)


def test_shares_of_nobody_and_everybody_have_ends() -> None:
    none, half, every = [0.0, 0.0, 0.1], [0.5, 0.3, 0.7], [1.0, 0.9, 1.0]
    above, below = np.array([none, half, every, half]).T, np.array([half, none, every, every]).T
    low, high = ratio_interval(above, below, np.zeros(4))
    assert low[0] == 0
    assert 0 < high[0] < 1
    assert low[1] > 1
    assert np.isinf(high[1])
    assert low[2] == pytest.approx(0.9)
    assert high[2] == pytest.approx(1 / 0.9)
    assert low[3] == pytest.approx(0.3)
    assert 0.7 < high[3] < 0.8


def test_in_large_samples_it_is_the_delta_method_under_the_design() -> None:
    found = panel(1, n=4000)
    classes = classify(found, OutcomeClasses(("growth",)))
    table = with_relative_likelihood(practice_shares(found.frame, classes, INSTRUMENT), "best in class")
    row = table[table["class"] == "laggard"].iloc[0]
    merged = found.frame.merge(classes.frame)
    cells = merged["class"].map({"best in class": 0, "laggard": 1}).fillna(2).to_numpy(dtype=np.int64)
    values = merged[[PRACTICE]].ge(75).to_numpy(dtype=float)
    means = mean_estimates(values, survey_design(merged), cells=cells, size=3)
    ratio, variance = transformed(means, lambda mean: mean[:1] / mean[1:2])
    reach = 1.96 * np.sqrt(variance.item())
    assert row["relative"] == pytest.approx(ratio.item() - 1)
    assert row["relative_high"] - row["relative_low"] == pytest.approx(2 * reach, rel=0.02)
    # Companies are in both classes over the waves: as if they were others, the interval would be wider.
    assert row["correlation"] > 0.02
    alone = with_relative_likelihood(table.assign(correlation=0.0), "best in class")
    assert alone.loc[row.name, "relative_high"] > row["relative_high"] + 1e-4


def every_share(n: int) -> np.ndarray:
    """Share and ends of its interval if 0, 1, ... n of n companies have a practice: 3 x n + 1."""
    count = np.repeat(range(n + 1), n)
    has = np.tile(range(n), n + 1) < count
    frame = pd.DataFrame({"company": range(len(count)), "count": count, "y": np.where(has, 100.0, 0.0)})
    return shares(frame, "y", by=["count"])[["estimate", "conf_low", "conf_high"]].to_numpy().T


def test_the_interval_holds_the_truth_in_small_classes() -> None:
    rng = np.random.default_rng(4)
    for sizes, truth in (((20, 30), (0.3, 0.2)), ((30, 50), (0.9, 0.8)), ((20, 30), (0.1, 0.1))):
        sides = [every_share(n)[:, rng.binomial(n, p, 20_000)] for n, p in zip(sizes, truth, strict=True)]
        low, high = ratio_interval(sides[0], sides[1], np.zeros(20_000))
        ratio = truth[0] / truth[1]
        assert 0.95 <= ((low <= ratio) & (ratio <= high)).mean() < 0.975


@settings(deadline=None, max_examples=50)
@given(
    numbers=st.lists(st.floats(0.02, 0.98), min_size=6, max_size=6),
    correlation=st.floats(-0.6, 0.6),
    scale=st.floats(0.5, 50),
)
def test_units_do_not_matter_and_the_ratio_the_other_way_has_the_ends_the_other_way(
    numbers: list[float], correlation: float, scale: float
) -> None:
    sides = [np.sort(np.array(numbers[at : at + 3]))[[1, 0, 2]][:, None] for at in (0, 3)]
    r = np.array([correlation])
    low, high = ratio_interval(sides[0], sides[1], r)
    assert low <= sides[0][0] / sides[1][0] * (1 + 1e-9)
    assert high >= sides[0][0] / sides[1][0] * (1 - 1e-9)
    np.testing.assert_allclose(ratio_interval(sides[0] * scale, sides[1] * scale, r), (low, high), rtol=1e-6)
    other = ratio_interval(sides[1], sides[0], r)
    np.testing.assert_allclose((1 / other[1], 1 / other[0]), (low, high), rtol=1e-6)


def test_a_blanked_share_has_no_ratio() -> None:
    table = pd.DataFrame(
        {"practice": "x", "class": ["best", "average", "laggard"], "estimate": [30.0, 20.0, np.nan]}
    )
    table = table.assign(conf_low=[20.0, 14.0, np.nan], conf_high=[42.0, 27.0, np.nan], correlation=0.0)
    found = with_relative_likelihood(table, "best")
    assert found["relative_low"].isna().tolist() == [True, False, True]
    assert np.isnan(found["relative"].iloc[2])
