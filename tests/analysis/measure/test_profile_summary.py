"""What is usual among companies' profiles: medians, shares beyond noise, and why a number is absent."""

import numpy as np
import pandas as pd
import pytest

from analysis.measure.between_functions import between_functions
from analysis.measure.profile_summary import profile_summary
from analysis.measure.profiles import MEASURES


def scores(*, gap: float, people: int = 4, companies: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    keys = pd.MultiIndex.from_product(
        [range(companies), ("sales", "marketing"), range(people)], names=["company", "function", "person"]
    )
    frame = keys.to_frame(index=False).assign(wave=2025)
    for name in ("a", "b", "c"):
        frame[name] = 50 + gap * (frame["function"] == "marketing") + rng.normal(0, 10, len(frame))
    return frame


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    found = between_functions(frame, ["a", "b", "c"], rng=np.random.default_rng(1), resamples=300)
    return profile_summary(found).set_index("measure")


def test_companies_without_a_gap_are_clear_about_as_often_as_chance_would_have_it() -> None:
    row = summary(scores(gap=0.0)).loc["elevation"]
    assert row["clear"] < 12
    assert row["corrected"] < row["median"]


def test_a_planted_gap_is_elevation_and_nothing_else() -> None:
    found = summary(scores(gap=30.0))
    assert found.loc["elevation", "corrected"] == pytest.approx(3 * 30**2, rel=0.1)
    assert found.loc["elevation", "clear"] > 95
    assert found.loc["shape", "clear"] < 12


def test_every_measure_has_a_row_and_says_why_it_is_empty() -> None:
    silent = scores(gap=0.0, companies=5).query("function == 'sales'")
    found = summary(silent)
    assert list(found.index) == list(MEASURES)
    assert (found["n"] == 0).all()
    assert found["note"].str.contains("no respondent of a function").all()


def test_the_order_of_companies_is_of_no_consequence() -> None:
    table = between_functions(scores(gap=5.0, companies=20), ["a", "b"], rng=np.random.default_rng(1))
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(profile_summary(table), profile_summary(shuffled))
