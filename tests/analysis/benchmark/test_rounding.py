import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.rounding import blurred, round_to


def test_random_rounding_is_right_on_average() -> None:
    table = pd.DataFrame({"n": np.full(4000, 7.0)})
    rounded = round_to(table, ["n"], step=5, rng=np.random.default_rng(1))["n"]
    assert set(rounded) == {5.0, 10.0}
    assert rounded.mean() == pytest.approx(7, abs=0.15)


def test_no_point_tells_a_company_at_either_end() -> None:
    rng = np.random.default_rng(2)
    values = pd.Series(rng.normal(55, 15, 60)).clip(0, 100)
    values.iloc[:3] = [2.0, 99.0, np.nan]
    drawn = blurred(pd.DataFrame({"x": values}), ["x"])["x"]
    assert drawn.dropna().is_monotonic_increasing
    drawn = drawn.sort_index()
    assert drawn.isna().tolist() == values.isna().tolist()
    assert (drawn.dropna() % 2 == 0).all()
    lowest = values.nsmallest(5)
    assert drawn[lowest.index].eq(drawn.min()).all()
    assert abs(drawn.min() - lowest.mean()) <= 1
    low, high = (drawn == drawn.min()).sum(), (drawn == drawn.max()).sum()
    assert low >= 5
    assert high >= 5
    middle = values.between(values.quantile(0.2), values.quantile(0.8))
    assert (drawn - values)[middle].abs().max() <= 1


def test_few_companies_stand_all_together() -> None:
    drawn = blurred(pd.DataFrame({"x": [10.0, 50.0, 90.0]}), ["x"])["x"]
    assert drawn.tolist() == [50.0] * 3
    assert blurred(pd.DataFrame({"x": [np.nan]}), ["x"])["x"].isna().all()
