import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.withholding import withhold
from analysis.infer.banner import banner
from analysis.infer.crosstab import Crosstab, crosstab
from analysis.infer.letters import letters
from analysis.infer.stub import joined, rated
from analysis.infer.survey_design import survey_design

MINIMUM = 5


def table_of(sizes: list[int], seed: int) -> Crosstab:
    """Return a table of companies of two people, so many in each column."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.array(list("abcdef"))[: len(sizes)], 2 * np.array(sizes))
    frame = pd.DataFrame({"company": np.arange(len(group)) // 2, "group": group})
    answers = [
        np.where(rng.random(len(group)) < 0.2, np.nan, rng.integers(1, 6, len(group))) for _ in range(2)
    ]
    labels = {float(point): str(point) for point in range(1, 6)}
    stub = joined([rated(f"q{n}", values, labels=labels) for n, values in enumerate(answers)])
    return crosstab(stub, banner(frame, ["group"]), survey_design(frame))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=6), st.integers(0, 9))
def test_nothing_of_few_companies_is_shown_nor_told_by_the_rest(sizes: list[int], seed: int) -> None:
    table = table_of(sizes, seed)
    safe = withhold(table, minimum=MINIMUM)
    cells = safe.cells
    assert (cells.loc[cells["estimate"].notna(), "companies"] >= MINIMUM).all()
    assert (
        cells.loc[cells["suppressed"], ["estimate", "std_error", "count", "weighted"]].isna().all(axis=None)
    )
    hidden = cells[(cells["head"] == "group") & cells["suppressed"] & (cells["n"] > 0)]
    totals = cells[cells["head"] == "Total"].set_index(["question", "row"])["suppressed"]
    told = hidden.groupby(["question", "row"]).size()
    assert ((told > 1) | totals.loc[told.index]).all()
    gone = set(zip(hidden["question"], hidden["row"], hidden["letter"], strict=True))
    for test in safe.tests[safe.tests["p_value"].notna()].to_dict("records"):
        assert not {(test["question"], test["row"], test[side]) for side in ("a", "b")} & gone
    again = withhold(safe, minimum=MINIMUM)
    pd.testing.assert_frame_equal(again.cells, cells)
    assert set(letters(safe).cells["letter"]) <= set(cells.loc[cells["estimate"].notna(), "letter"])


def test_large_columns_stay_as_they_are() -> None:
    table = table_of([20, 30, 25], seed=1)
    safe = withhold(table, minimum=MINIMUM)
    pd.testing.assert_frame_equal(safe.cells.drop(columns=["suppressed", "withheld"]), table.cells)
    pd.testing.assert_frame_equal(safe.tests, table.tests)


def test_those_in_no_column_are_not_the_rest_of_the_total() -> None:
    """Two companies whose group nobody knows would be the total less all columns."""
    frame = pd.DataFrame({"company": range(20), "group": ["a"] * 8 + ["b"] * 10 + [None] * 2})
    stub = rated(
        "q", frame["company"].to_numpy(float) % 5 + 1, labels={float(n): str(n) for n in range(1, 6)}
    )
    safe = withhold(crosstab(stub, banner(frame, ["group"]), survey_design(frame)), minimum=MINIMUM)
    hidden = safe.cells.groupby("column")["suppressed"].all()
    assert hidden.to_dict() == {"Total": False, "a": True, "b": False}
    assert set(safe.bases.loc[safe.bases["column"] == "a", "withheld"]) == {"differencing"}


def test_a_column_that_one_company_dominates_is_blanked_with_its_neighbour() -> None:
    table = table_of([20, 30, 25], seed=1)
    safe = withhold(table, minimum=MINIMUM, dominated=[("group", "b")])
    hidden = safe.cells.groupby("column")["suppressed"].all()
    assert hidden.to_dict() == {"Total": False, "a": True, "b": True, "c": False}
    assert set(safe.cells.loc[safe.cells["column"] == "b", "withheld"]) == {"share"}
