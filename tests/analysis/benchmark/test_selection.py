from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.classes import OutcomeClasses, PracticeClasses, class_gaps, classify
from analysis.benchmark.selection import expected_gap, expected_means, null_gaps, pooled_gaps
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError

INSTRUMENT = read_instrument("alignment")
KPIS = ("revenue_growth", "quota_attainment", "win_rate")

# Computed once from the normal distribution's formulas and printed to these digits; the last column is the
# standard deviation of growth that a gap of 24 points implies.
PRINTED = [
    (1, 0.0, 1.00, 1.40, 0.14, -1.16, 2.56, 9.4),
    (2, 0.3, 0.81, 1.13, 0.11, -0.93, 2.06, 11.6),
    (3, 0.0, 0.58, 0.81, 0.08, -0.67, 1.48, 16.2),
    (3, 0.3, 0.73, 1.02, 0.10, -0.85, 1.87, 12.8),
    (4, 0.3, 0.69, 0.96, 0.09, -0.80, 1.76, 13.6),
]


def study(seed: int, *, n: int = 4000, r: float = 0.3, waves: int = 1) -> pd.DataFrame:
    """Outcomes with equal correlations, and an alignment that has nothing to do with them."""
    rng = np.random.default_rng(seed)
    rows = n * waves
    outcomes = rng.multivariate_normal(np.zeros(3), np.full((3, 3), r) + (1 - r) * np.eye(3), rows)
    frame = pd.DataFrame(
        {"company": np.tile(range(n), waves), "wave": np.repeat(range(2024, 2024 + waves), n)}
    )
    frame[list(KPIS)] = outcomes * [15, 20, 8] + [5, 60, 30]
    return frame.assign(alignment=rng.normal(60, 10, rows))


@pytest.mark.parametrize("row", PRINTED)
def test_the_expected_gaps_are_the_published_table(row: tuple[float, ...]) -> None:
    k, r, correlation, best, average, laggard, gap, implied = row
    means = expected_means(int(k), r)
    assert means.round(2).tolist() == pytest.approx([correlation, best, average, laggard])
    assert round(expected_gap(int(k), r), 2) == gap
    assert round(24 / expected_gap(int(k), r), 1) == implied


def test_expected_means_average_to_zero() -> None:
    means = expected_means(3, 0.2, best=0.1, laggard=0.4)
    assert 0.1 * means["best in class"] + 0.5 * means["average"] + 0.4 * means["laggard"] == pytest.approx(0)
    assert np.isnan(expected_means(1, 0, best=0.5, laggard=0.5)["average"])


@pytest.mark.parametrize(
    ("k", "r", "best", "words"),
    [(0, 0.0, 0.2, "number of outcomes"), (3, -0.9, 0.2, "correlation"), (2, 0.3, 0.8, "class shares")],
)
def test_impossible_designs_are_refused(k: int, r: float, best: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        expected_gap(k, r, best=best)


def test_with_no_effect_selection_gives_the_whole_gap() -> None:
    frame = study(1)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    table = null_gaps(frame, classes).set_index("outcome")
    np.testing.assert_allclose(table["observed_gap"], table["selection_gap"], rtol=0.05)
    expected = expected_gap(3, 0.3) * table["sd"]
    np.testing.assert_allclose(table["selection_gap"], expected, rtol=0.05)
    assert table["n"].tolist() == [4000] * 3
    alignment = class_gaps(frame, classes, ["alignment"]).iloc[0]
    assert abs(alignment["statistic"]) < 3


def test_over_many_small_studies_selection_accounts_for_the_gap() -> None:
    tables = []
    for seed in range(60):
        frame = study(seed, n=100)
        classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
        tables.append(null_gaps(frame, classes))
    table = pd.concat(tables)
    excess = table["observed_gap"] - table["selection_gap"]
    assert abs(excess.mean()) < 3 * excess.std() / np.sqrt(len(excess))
    assert table["observed_gap"].mean() > 15


def test_the_formula_is_that_of_the_correlations_between_outcomes() -> None:
    frame = study(2, n=200, waves=2)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    table = null_gaps(frame, classes).set_index(["outcome", "wave"])
    assert len(table) == 6
    wave = frame[frame["wave"] == 2025]
    r = wave[list(KPIS)].corr().to_numpy()
    np.testing.assert_allclose(
        [table.loc[(kpi, 2025), "correlation"] for kpi in KPIS], r.sum(axis=1) / np.sqrt(r.sum())
    )
    np.testing.assert_allclose([table.loc[(kpi, 2025), "sd"] for kpi in KPIS], wave[list(KPIS)].std())


def test_one_outcome_is_selected_on_itself_entirely() -> None:
    frame = study(3, n=150)
    row = null_gaps(frame, classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("revenue_growth",)))).iloc[
        0
    ]
    assert row["observed_gap"] == pytest.approx(row["selection_gap"])
    assert row["correlation"] == pytest.approx(1)


def test_where_lower_is_better_the_gap_is_negative() -> None:
    frame = study(4, n=300).assign(sales_cycle_days=lambda t: 90 - t["win_rate"])
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("revenue_growth", "sales_cycle_days")))
    row = null_gaps(frame, classes).set_index("outcome").loc["sales_cycle_days"]
    assert row["observed_gap"] < 0
    assert row["selection_gap"] < 0
    assert row["correlation"] < 0


def test_outcomes_that_some_lack_or_that_do_not_vary() -> None:
    frame = study(5, n=100).assign(win_rate=30.0)
    frame.loc[:20, "quota_attainment"] = np.nan
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS, minimum_outcomes=2))
    table = null_gaps(frame, classes).set_index("outcome")
    assert table.loc["quota_attainment", "n"] == 79
    assert table.loc["win_rate", "observed_gap"] == 0
    assert np.isnan(table.loc["win_rate", "correlation"])
    assert null_gaps(frame.iloc[:0], classes).empty


def test_practices_are_circular_likewise() -> None:
    rng = np.random.default_rng(6)
    ticks = pd.DataFrame(rng.integers(0, 2, (300, 4)) * 100.0, columns=[f"t{n}" for n in range(4)])
    frame = ticks.assign(company=range(300), wave=2025)
    classes = classify(Panel(frame, INSTRUMENT, {}), PracticeClasses(tuple(ticks), share=0.75))
    table = null_gaps(frame, classes)
    assert table["a"].unique().tolist() == ["world-class"]
    np.testing.assert_allclose(table["observed_gap"], table["selection_gap"], atol=12)


def test_pooled_gaps_weigh_the_waves_by_their_companies() -> None:
    frame = study(7, n=60, waves=3)
    frame = frame[(frame["wave"] < 2026) | (frame["company"] < 2)]
    gaps = null_gaps(frame, classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS)))
    assert gaps.loc[gaps["wave"] == 2026, "observed_gap"].isna().all()
    pooled = pooled_gaps(gaps).set_index("outcome")
    early = gaps[gaps["wave"] < 2026].groupby("outcome")["selection_gap"].mean()
    np.testing.assert_allclose(pooled["selection_gap"], early[pooled.index])
    assert pooled["n"].tolist() == [120] * 3


@pytest.mark.parametrize("name", ["score", "value", "outcome", "class"])
def test_an_outcome_may_bear_any_name(name: str) -> None:
    frame = study(6, n=60)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    renamed = replace(classes, selected_on=(name, *KPIS[1:]))
    found = null_gaps(frame.rename(columns={KPIS[0]: name}), renamed)
    pd.testing.assert_frame_equal(found, null_gaps(frame, classes).replace({"outcome": {KPIS[0]: name}}))
