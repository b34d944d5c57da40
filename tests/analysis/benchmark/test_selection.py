from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.class_gaps import class_gaps
from analysis.benchmark.classes import OutcomeClasses, PracticeClasses, classify
from analysis.benchmark.selection import expected_gap, expected_means, selection_gaps
from analysis.infer.tabulation import contrasts
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
    table = selection_gaps(frame, classes).set_index("outcome")
    np.testing.assert_allclose(table["observed_gap"], table["selection_gap"], rtol=0.05)
    expected = expected_gap(3, 0.3) * frame[list(KPIS)].std()
    np.testing.assert_allclose(table["selection_gap"], expected, rtol=0.05)
    assert table["n"].tolist() == [4000] * 3
    assert (table["excess_low"] < 0).all()
    assert (table["excess_high"] > 0).all()
    alignment = class_gaps(frame, classes, ["alignment"]).iloc[0]
    assert abs(alignment["statistic"]) < 3


def test_in_a_wave_it_is_the_distance_of_the_classes_times_slope_and_the_gap_that_the_classes_show() -> None:
    frame = study(2, n=200)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    table = selection_gaps(frame, classes).set_index("outcome")
    r = frame[list(KPIS)].corr().to_numpy()
    score = classes.frame.groupby("class")["score"].mean()
    distance = (score["best in class"] - score["laggard"]) / classes.frame["score"].std()
    correlation = r.sum(axis=1) / np.sqrt(r.sum())
    np.testing.assert_allclose(table["selection_gap"], correlation * distance * frame[list(KPIS)].std())
    shown = class_gaps(frame, classes, KPIS)
    shown = shown[shown["b"] == "laggard"].set_index("variable")
    for ours, theirs in (
        ("observed_gap", "estimate"),
        ("observed_gap_low", "conf_low"),
        ("observed_gap_high", "conf_high"),
    ):
        np.testing.assert_allclose(table[ours], shown[theirs])
    np.testing.assert_allclose(table["excess"], table["observed_gap"] - table["selection_gap"])


def test_it_stands_beside_every_gap_in_what_the_classes_were_selected_on_or_what_that_makes_up() -> None:
    frame = study(5, n=200)
    outcomes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    gaps = class_gaps(frame, outcomes, [*KPIS, "alignment"]).set_index(["b", "variable"])
    own = selection_gaps(frame, outcomes).set_index("outcome")
    names = ["selection_gap", "selection_gap_low", "selection_gap_high"]
    np.testing.assert_allclose(gaps.loc["laggard"].loc[list(KPIS), names], own.loc[list(KPIS), names])
    assert gaps.xs("alignment", level="variable")[names].isna().all(axis=None)
    # Against all, of which the best are a fifth, four fifths of it are left.
    rest, every = (gaps.loc[b].loc[list(KPIS), names].to_numpy() for b in ("rest", "all"))
    np.testing.assert_allclose(every, 0.8 * rest)
    constructs = pd.DataFrame(np.random.default_rng(1).normal(60, 15, (200, 2)), columns=["goals", "leads"])
    frame = frame.assign(**constructs, alignment=constructs.mean(axis=1))
    practices = classify(Panel(frame, INSTRUMENT, {}), PracticeClasses(("goals", "leads"), cut=60, share=1))
    assert practices.kin == ("alignment",)
    gaps = class_gaps(frame, practices, ["goals", "alignment", "win_rate"]).set_index(["b", "variable"])
    assert gaps["circular"].groupby("variable").all().to_dict() == {
        "goals": True, "alignment": True, "win_rate": False,
    }  # fmt: skip
    # The index is the mean of both, so that the selection gives of it the mean of what it gives of them.
    both = class_gaps(frame, practices, ["goals", "leads"]).query("b == 'rest'")["selection_gap"]
    assert gaps.loc[("rest", "alignment"), "selection_gap"] == pytest.approx(both.mean())


def test_one_outcome_is_selected_on_itself_entirely() -> None:
    frame = study(3, n=150)
    row = selection_gaps(
        frame, classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("revenue_growth",)))
    ).iloc[0]
    assert row["observed_gap"] == pytest.approx(row["selection_gap"])
    assert row["observed_gap_low"] == pytest.approx(row["selection_gap_low"])
    assert row[["excess", "excess_low", "excess_high"]].tolist() == [0, 0, 0]
    # Classes that are given would seem surer of their gap: the cut was found in the same companies.
    merged = frame.merge(classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("revenue_growth",))).frame)
    given = contrasts(merged, ["revenue_growth"], group="class", a="best in class", b="laggard").iloc[0]
    reach = (row["observed_gap_high"] - row["observed_gap_low"]) / (given["conf_high"] - given["conf_low"])
    assert 1.15 < reach < 1.6


def test_where_lower_is_better_the_gap_is_negative() -> None:
    frame = study(4, n=300).assign(sales_cycle_days=lambda t: 90 - t["win_rate"])
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("revenue_growth", "sales_cycle_days")))
    assert classes.directions == (1.0, -1.0)
    row = selection_gaps(frame, classes).set_index("outcome").loc["sales_cycle_days"]
    assert row["observed_gap_high"] < 0
    assert row["selection_gap_high"] < 0


def test_outcomes_that_some_lack_or_that_do_not_vary() -> None:
    frame = study(5, n=100).assign(win_rate=30.0)
    frame.loc[:20, "quota_attainment"] = np.nan
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS, minimum_outcomes=2))
    table = selection_gaps(frame, classes).set_index("outcome")
    assert table.loc["quota_attainment", "n"] == 79
    assert table.loc["win_rate", ["observed_gap", "selection_gap", "observed_gap_high"]].tolist() == [0, 0, 0]
    nobody = selection_gaps(frame.iloc[:0], classes)
    assert nobody[["observed_gap", "excess_high"]].isna().all(axis=None)
    assert nobody["n"].eq(0).all()


def test_practices_are_circular_likewise() -> None:
    rng = np.random.default_rng(6)
    ticks = pd.DataFrame(rng.integers(0, 2, (300, 4)) * 100.0, columns=[f"t{n}" for n in range(4)])
    frame = ticks.assign(company=range(300), wave=2025)
    classes = classify(Panel(frame, INSTRUMENT, {}), PracticeClasses(tuple(ticks), share=0.75))
    table = selection_gaps(frame, classes)
    assert table["a"].unique().tolist() == ["world-class"]
    np.testing.assert_allclose(table["observed_gap"], table["selection_gap"], atol=12)
    assert (table["selection_gap_high"] > table["selection_gap_low"]).all()


def test_waves_are_pooled_as_classes_pool_them_and_one_without_a_class_adds_nothing() -> None:
    frame = study(7, n=60, waves=3)
    frame = frame[(frame["wave"] < 2026) | (frame["company"] < 2)]
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    table = selection_gaps(frame, classes).set_index("outcome")
    early = pd.concat(
        [selection_gaps(rows, classes) for _, rows in frame[frame["wave"] < 2026].groupby("wave")]
    )
    np.testing.assert_allclose(
        table["selection_gap"], early.groupby("outcome")["selection_gap"].mean()[table.index], rtol=0.02
    )
    assert table["companies"].max() <= 60


def test_the_same_draws_give_the_same_intervals_whatever_the_order_of_columns_and_units() -> None:
    frame = study(8, n=80)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    table = selection_gaps(frame, classes)
    pd.testing.assert_frame_equal(selection_gaps(frame[frame.columns[::-1]], classes), table)
    scaled = frame.assign(revenue_growth=frame["revenue_growth"] * 100)
    again = selection_gaps(scaled, classify(Panel(scaled, INSTRUMENT, {}), OutcomeClasses(KPIS)))
    np.testing.assert_allclose(again.loc[0, "excess_high"], 100 * table.loc[0, "excess_high"])


@pytest.mark.long
@pytest.mark.parametrize(("k", "r", "n"), [(1, 0.0, 150), (3, 0.3, 150), (3, 0.3, 60)])
def test_intervals_hold_the_gaps_of_all_companies(k: int, r: float, n: int) -> None:
    rng = np.random.default_rng(9)
    names, held = KPIS[:k], []
    for _ in range(300):
        values = np.sqrt(r) * rng.normal(size=(n, 1)) + np.sqrt(1 - r) * rng.normal(size=(n, k))
        frame = pd.DataFrame(values, columns=list(names)).assign(company=range(n), wave=2025)
        table = selection_gaps(frame, classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(names)))
        truth = {"observed_gap": expected_gap(k, r), "selection_gap": expected_gap(k, r), "excess": 0.0}
        held.append([table[f"{at}_low"].le(of) & table[f"{at}_high"].ge(of) for at, of in truth.items()])
    # One outcome is its own line: nothing is left over, ever.
    wanted = [0.95, 0.95, 1.0 if k == 1 else 0.95]
    covered = np.array(held).mean(axis=(0, 2)) - wanted
    assert np.all(covered > -0.035)
    # What is left over lies between two lines through the same few companies: its interval covers more.
    assert np.all(covered[:2] < 0.035)


@pytest.mark.parametrize("name", ["score", "value", "outcome", "class"])
def test_an_outcome_may_bear_any_name(name: str) -> None:
    frame = study(6, n=60)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(KPIS))
    renamed = replace(classes, selected_on=(name, *KPIS[1:]))
    found = selection_gaps(frame.rename(columns={KPIS[0]: name}), renamed)
    pd.testing.assert_frame_equal(found, selection_gaps(frame, classes).replace({"outcome": {KPIS[0]: name}}))
