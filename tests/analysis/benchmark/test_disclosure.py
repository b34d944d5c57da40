import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.disclosure import suppress
from analysis.infer.tabulation import contrasts, means
from survey.problems import InputError

TABLE = pd.DataFrame(
    {
        "wave": [2024.0, 2024.0, 2025.0, 2025.0],
        "industry": ["media", "steel", "media", "steel"],
        "estimate": [61.0, 55.0, 48.0, 50.0],
        "conf_low": [50.0, 40.0, 41.0, 44.0],
        "n": [12, 4, 9, 5],
    }
)


def test_small_cells_lose_their_values_and_keep_their_names_and_counts() -> None:
    table = suppress(TABLE)
    assert table["suppressed"].tolist() == [False, True, False, False]
    assert table.loc[1, ["estimate", "conf_low"]].isna().all()
    assert table.loc[1, ["wave", "industry", "n"]].tolist() == [2024.0, "steel", 4]
    pd.testing.assert_frame_equal(table.drop(columns=["suppressed", "withheld"]).drop(1), TABLE.drop(1))
    assert "suppressed" not in TABLE


def test_a_missing_or_empty_base_is_too_small() -> None:
    table = suppress(TABLE.assign(n=[12, 0, np.nan, 9]))
    assert table["suppressed"].tolist() == [False, True, True, False]


def test_rows_of_few_companies_are_few_companies() -> None:
    frame = pd.DataFrame({"company": np.repeat(["a", "b"], 3), "alignment": range(6)})
    assert suppress(means(frame, ["alignment"]))["suppressed"].tolist() == [True]


def test_every_base_of_a_contrast_counts() -> None:
    frame = pd.DataFrame({"company": range(10), "class": ["best"] * 3 + ["rest"] * 7, "y": np.arange(10.0)})
    table = contrasts(frame, ["y"], group="class", a="best", b="rest")
    assert not suppress(table, minimum=3)["suppressed"].item()
    hidden = suppress(table)
    assert hidden[["mean_a", "mean_b", "estimate"]].isna().all(axis=None)
    assert hidden["n_a"].item() == 3
    plain = table.rename(columns={"n_a": "few", "companies_a": "fewer"})
    assert not suppress(plain)["suppressed"].item()
    assert suppress(plain, count=["n", "few"])["suppressed"].item()


def test_further_reasons_are_told_and_the_smallest_base_comes_first() -> None:
    why = pd.Series(["", "share", "differencing", ""])
    table = suppress(TABLE, also=why)
    assert table["withheld"].tolist() == ["", "companies", "differencing", ""]
    assert table["suppressed"].tolist() == [False, True, True, False]
    assert table.loc[2, ["estimate", "conf_low"]].isna().all()


def test_absent_counts_are_named() -> None:
    with pytest.raises(InputError, match="bases: is not a column"):
        suppress(TABLE, count="bases")


@settings(deadline=None, max_examples=20)
@given(counts=st.lists(st.integers(0, 20), min_size=1, max_size=10), minimum=st.integers(1, 8))
def test_no_shown_cell_is_small_and_twice_is_once(counts: list[int], minimum: int) -> None:
    table = pd.DataFrame({"cell": range(len(counts)), "estimate": 1.0, "n": counts})
    shown = suppress(table, minimum=minimum)
    assert shown["suppressed"].tolist() == [count < minimum for count in counts]
    pd.testing.assert_frame_equal(suppress(shown, minimum=minimum), shown)
