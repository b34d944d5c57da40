from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.infer.nonresponse import TOO_FEW, early_late, silent_functions
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
VIEWS = pd.read_csv(REFERENCE / "same_source_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "same_source.csv").set_index(["check", "key"])["value"].sort_index()
START = pd.Timestamp("2025-03-01")


def days(numbers: pd.Series) -> pd.Series:
    return START + pd.to_timedelta(numbers, unit="D")


def people(goals: list[float], *, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    order = np.random.default_rng(seed).permutation(len(goals))
    frame = pd.DataFrame({"company": range(len(goals)), "wave": 2025, "goals": goals})
    return frame.iloc[order], days(pd.Series(range(len(goals)), index=frame.index))


def test_the_equivalence_test_agrees_with_r() -> None:
    one = VIEWS[(VIEWS["function"] == "sales") & (VIEWS["wave"] == 2025)]
    row = early_late(one, ["goals"], started=days(one["company"]), margin=6).iloc[0]
    assert row["p_equivalence"] == pytest.approx(EXPECTED["tost", "p_equivalence"], rel=1e-8)
    assert row["equivalence_low"] == pytest.approx(EXPECTED["tost", "low"], rel=1e-8)
    assert row["p_value"] == pytest.approx(EXPECTED["tost", "p_value"], rel=1e-8)
    assert (row["verdict"], row["note"]) == ("open", "")


@pytest.mark.parametrize(
    ("late", "spread", "verdict"),
    [
        (50, 1, "equivalent"), (52, 1, "different, but by less than the margin"), (60, 1, "different"),
        (52, 30, "open"),
    ],
)  # fmt: skip
def test_verdicts(late: float, spread: float, verdict: str) -> None:
    wiggle = spread * np.tile([-1.0, 1], 10)
    scores, started = people([*(50 + wiggle), *[0.0] * 40, *(late + wiggle)])
    row = early_late(scores, ["goals"], started=started, margin=5).iloc[0]
    assert row[["early", "late", "n_early", "n_late"]].tolist() == [50, late, 20, 20]
    assert row["verdict"] == verdict


def test_people_of_one_company_count_less() -> None:
    scores, started = people([*np.tile([49.0, 51], 10), *np.tile([51.0, 53], 10)])
    apart = early_late(scores, ["goals"], started=started, margin=5, share=0.5).iloc[0]
    together = scores.assign(company=scores["company"] % 2 + 2 * (scores["company"] >= 20))
    alike = early_late(together, ["goals"], started=started, margin=5, share=0.5).iloc[0]
    assert alike["estimate"] == apart["estimate"] == 2
    assert alike["std_error"] > 2 * apart["std_error"]
    assert (apart["verdict"], alike["verdict"]) == ("different, but by less than the margin", "open")


def test_waves_have_their_own_first_and_last() -> None:
    table = early_late(VIEWS, ["goals"], started=days(VIEWS["wave"] * 1000 + VIEWS["company"]), margin=5)
    assert table["wave"].tolist() == [2024, 2025]
    assert (table["n_early"] > 20).all()


def test_times_that_are_missing_are_said() -> None:
    scores, started = people([50.0, 51, 52, 53])
    none = early_late(scores, ["goals"], started=started.where(started < START), margin=5).iloc[0]
    assert none["note"] == "nothing to compare: no answers in the group late and early"
    assert none["verdict"] == "open"
    few = early_late(scores, ["goals"], started=started, margin=5).iloc[0]
    assert few["note"] == TOO_FEW
    nobody = early_late(scores.iloc[:0], ["goals"], started=started, margin=5)
    assert len(nobody) == 0
    assert "verdict" in nobody


@pytest.mark.parametrize(("margin", "share"), [(0, 0.25), (-1, 0.25), (5, 0), (5, 0.6), (float("nan"), 0.25)])
def test_a_margin_must_be_declared_and_sensible(margin: float, share: float) -> None:
    scores, started = people([50.0, 51, 52, 53])
    with pytest.raises(InputError, match=r"margin|share"):
        early_late(scores, ["goals"], started=started, margin=margin, share=share)


@given(st.lists(st.floats(0, 100), min_size=8, max_size=20), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_order_does_not_matter_and_nothing_crashes(goals: list[float], seed: int) -> None:
    tables = [
        early_late(scores, ["goals"], started=started, margin=5)
        for scores, started in (people(goals), people(goals, seed=seed))
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-6, atol=1e-9)


def test_equivalence_is_found_too_often_no_more_than_one_time_in_twenty() -> None:
    """At a true difference of exactly the margin; 2,000 draws, one a column, of 40 companies."""
    rng, draws = np.random.default_rng(5), [f"draw{number}" for number in range(2000)]
    companies = np.tile(np.arange(40), 3)
    late = np.repeat([0, 1, 1], 40)  # each company has one early and two late people
    noise = 5 * rng.normal(size=(40, 2000))[companies] + 8 * rng.normal(size=(120, 2000))
    scores = pd.DataFrame(50 + noise + 5.0 * late[:, None], columns=draws).assign(
        company=companies, wave=2025
    )
    table = early_late(scores, draws, started=days(pd.Series(late * 10)), margin=5, share=0.3)
    assert 0.04 < (table["p_equivalence"] < 0.05).mean() < 0.06


def test_silent_functions_agree_with_r() -> None:
    table = silent_functions(VIEWS, ["goals"])
    sales = table[table["function"] == "sales"].set_index("wave")
    for wave in (2024, 2025):
        assert sales.loc[wave, "estimate"] == pytest.approx(EXPECTED["silent", f"{wave} estimate"], rel=1e-9)
        assert sales.loc[wave, "p_value"] == pytest.approx(EXPECTED["silent", f"{wave} p"], rel=1e-8)
    assert sales["silent"].eq("marketing").all()
    one = VIEWS[VIEWS["wave"] == 2024].groupby("company")["function"].agg("/".join)
    assert sales.loc[2024, ["n_alone", "n_both"]].tolist() == [
        (one == "sales").sum(),
        one.str.contains("/").sum(),
    ]


def test_no_silent_function_is_said() -> None:
    whole = VIEWS[VIEWS.groupby(["company", "wave"])["function"].transform("nunique") == 2]
    table = silent_functions(whole, ["goals"])
    assert table["note"].eq("nothing to compare: no answers in the group alone").all()
    assert table["n_alone"].eq(0).all()
    assert len(silent_functions(VIEWS.iloc[:0], ["goals"])) == 0
