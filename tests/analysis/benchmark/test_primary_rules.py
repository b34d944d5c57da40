import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.linked_tables import link_tables
from analysis.benchmark.primary_rules import PrimaryRules, primary_cells
from survey.problems import InputError

LENIENT = {"minimum_companies": 1, "largest_share": 1.0, "dominance": (1, 100.0), "p_percent": 0.0}


def cell(values: list[float], **rules: object) -> pd.Series:
    """One cell of so many contributions under rules that forbid nothing but what is given."""
    frame = pd.DataFrame({"company": range(len(values)), "y": values})
    found = primary_cells(link_tables(frame, [[]], value="y"), PrimaryRules(**{**LENIENT, **rules}))
    return found.loc[0]


def test_each_rule_alone() -> None:
    assert cell([1, 1, 1, 1])["reason"] == ""
    assert cell([1, 1, 1, 1], minimum_companies=5)["reason"] == "companies"
    assert cell([1, 1, 1, 1], largest_share=0.25)["reason"] == ""
    assert cell([1.01, 1, 1, 1], largest_share=0.25)["reason"] == "share"
    assert cell([50, 36, 10, 4], dominance=(2, 85.0))["reason"] == "dominance"
    assert cell([50, 35, 10, 5], dominance=(2, 85.0))["reason"] == ""
    # Hundepool et al.: the second largest overestimates the largest by the rest.
    assert cell([100, 50, 9], p_percent=10.0)["reason"] == "p%"
    assert cell([100, 50, 10], p_percent=10.0)["reason"] == ""


def test_widths_are_those_of_the_handbook() -> None:
    assert cell([100, 50, 4], p_percent=10.0, interval=1.0)["width"] == pytest.approx(10 - 4)
    assert cell([60, 36, 4], dominance=(2, 80.0), interval=1.0)["width"] == pytest.approx(96 / 0.8 - 100)
    assert cell([60, 4], minimum_companies=5, interval=20.0)["width"] == pytest.approx(12)
    assert cell([60, 40])["width"] == 0


def test_a_high_score_dominates_nobody_but_a_large_weight_does() -> None:
    frame = pd.DataFrame({"company": range(5), "weight": 1.0, "y": [100.0, 0, 0, 0, 0], "top": 100.0})
    rules = PrimaryRules(p_percent=0)
    assert primary_cells(link_tables(frame, [[]], value="y", high="top"), rules)["reason"].item() == ""
    heavy = frame.assign(top=[300.0, 100, 100, 100, 100])
    assert primary_cells(link_tables(heavy, [[]], value="y", high="top"), rules)["reason"].item() == "share"


def test_linked_tables_hold_every_sum_once() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "company": rng.integers(0, 30, 60),
            "a": rng.integers(0, 4, 60),
            "b": rng.integers(0, 3, 60),
            "y": rng.random(60),
        }
    ).assign(c=lambda x: x["a"] // 2)
    linked = link_tables(frame, [["a", "b"], ["b"]], value="y", levels={"a": ["c"]})
    names = linked.cells[["a", "b"]]
    assert not names.duplicated().any()
    np.testing.assert_allclose(linked.equations @ linked.cells["value"], 0, atol=1e-12)
    by_hand = frame.groupby(["c", "b"])["y"].sum()
    coarse = linked.cells.set_index(["a", "b"])["value"]
    assert coarse["c=1", "2"] == pytest.approx(by_hand[1, 2])
    assert coarse["all", "all"] == pytest.approx(frame["y"].sum())
    assert linked.cells["companies"].max() == frame["company"].nunique()
    shuffled = link_tables(frame.sample(frac=1, random_state=1), [["a", "b"]], value="y", levels={"a": ["c"]})
    again = shuffled.cells.set_index(["a", "b"])["value"]
    pd.testing.assert_series_equal(again.sort_index(), coarse.sort_index())


def test_wrong_input_is_named() -> None:
    frame = pd.DataFrame({"company": [1, 2], "a": ["x", "x"], "b": ["p", "q"], "y": [1.0, -1.0]})
    with pytest.raises(InputError, match="y: is missing or outside its bounds"):
        link_tables(frame, [["a"]], value="y")
    with pytest.raises(InputError, match="a: belongs to several of b"):
        link_tables(frame.assign(y=1.0), [["a"]], value="y", levels={"a": ["b"]})
    with pytest.raises(InputError, match="minimum_companies: is outside its range"):
        PrimaryRules(minimum_companies=0)
