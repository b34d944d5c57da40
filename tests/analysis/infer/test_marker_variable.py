from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.infer.marker_variable import MARKED, marker_adjusted
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
VIEWS = pd.read_csv(REFERENCE / "same_source_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "same_source.csv").set_index(["check", "key"])["value"].sort_index()
PAIRS = [("goals", "growth"), ("trust", "growth")]


@pytest.mark.parametrize("rank", [1, 2])
def test_adjusted_correlations_agree_with_r(rank: int) -> None:
    table = marker_adjusted(VIEWS, PAIRS, marker="marker", by=["function", "wave"], rank=rank)
    assert len(table) == 8
    for row in table.to_dict("records"):
        key = f"{row['function']} {row['wave']} {row['construct']} {rank}"
        assert row["adjusted"] == pytest.approx(EXPECTED["marker adjusted", key], rel=1e-9)
        assert row["p_value"] == pytest.approx(EXPECTED["marker p", key], rel=1e-7)
        assert row["conf_low"] == pytest.approx(EXPECTED["marker low", key], rel=1e-9)
        assert row["note"] == ""


def test_a_shared_method_is_taken_off() -> None:
    rng = np.random.default_rng(1)
    method = rng.normal(size=(4000, 1))
    columns = ["goals", "growth", "marker"]
    frame = pd.DataFrame(method + 1.5 * rng.normal(size=(4000, 3)), columns=columns)
    row = marker_adjusted(frame, [("goals", "growth")], marker="marker").iloc[0]
    assert row["r"] > 0.25
    assert abs(row["adjusted"]) < 0.05
    assert row["adjusted_low"] < row["adjusted"] < row["r"]


@given(st.integers(0, 10_000), st.floats(0.5, 5), st.floats(-10, 10))
@settings(max_examples=30, deadline=None)
def test_neither_unit_nor_order_matters(seed: int, unit: float, origin: float) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(30, 3)) + rng.normal(size=(30, 1)), columns=["a", "b", "m"])
    moved = (frame * unit + origin).sample(frac=1, random_state=seed)
    found, again = (marker_adjusted(table, [("a", "b")], marker="m") for table in (frame, moved))
    pd.testing.assert_frame_equal(again, found, rtol=1e-6)


def test_a_marker_that_goes_with_nothing_takes_nothing_off() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 7], "b": [1.0, 3, 2, 5, 4, 6], "m": [6.0, 5, 4, 3, 2, 1]})
    row = marker_adjusted(frame, [("a", "b")], marker="m").iloc[0]
    assert row["adjusted"] == row["r"]
    assert row["note"] == "the marker goes with nothing (no positive correlation): nothing is taken off"


@pytest.mark.parametrize(
    ("column", "values", "note"),
    [
        ("a", [1.0] * 6, "no correlation: fewer than three rows have both, or one does not vary"),
        ("a", [1.0, 2, None, None, None, None],
         "no correlation: fewer than three rows have both, or one does not vary"),
        ("a", [1.0, 2, 4, 3, None, None], "no interval: fewer than five rows have both"),
        ("m", [1.0] * 6, "the marker has no correlation: it does not vary, or too few rows have it; nothing is "
         "taken off"),
    ],
)  # fmt: skip
def test_what_is_absent_says_why(column: str, values: list[float | None], note: str) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 7], "b": [1.0, 3, 2, 5, 4, 6], "m": [1.0, 2, 3, 3, 2, 1]})
    row = marker_adjusted(frame.assign(**{column: values}), [("a", "b")], marker="m").iloc[0]
    assert row["note"] == note


def test_nobody_and_bad_requests() -> None:
    table = marker_adjusted(VIEWS.iloc[:0], PAIRS, marker="marker", by=["function"])
    assert tuple(table) == ("function", "construct", "outcome", *MARKED, "note")
    assert len(table) == 0
    with pytest.raises(InputError, match="rank"):
        marker_adjusted(VIEWS, PAIRS, marker="marker", rank=0)
    with pytest.raises(InputError, match="markre"):
        marker_adjusted(VIEWS, PAIRS, marker="markre")
