import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.position import positions
from analysis.benchmark.rank_precision import rank_precision
from analysis.measure.panel import Panel
from survey.instrument import read_instrument


def placed(error: float, n: int = 12) -> pd.DataFrame:
    frame = pd.DataFrame({"company": range(n), "wave": 2025, "alignment": np.linspace(10, 90, n)})
    panel = Panel(frame.assign(alignment_se=error), read_instrument("alignment"), {})
    return positions(panel, 2025, rng=np.random.default_rng(1))


def test_pairs_are_those_that_the_sets_put_in_order() -> None:
    table = rank_precision(placed(6.0)).set_index("kind")
    known = placed(6.0)
    for kind, low, high in (("one", "rank_low", "rank_high"), ("all", "rank_all_low", "rank_all_high")):
        # A pair is in order, seen from one of its two companies, if the other is surely above or below.
        above, below = known[low] - 1, len(known) - known[high]
        assert table.loc[kind, "estimate"] == pytest.approx(100 * (above + below).sum() / (12 * 11))
        width = (known[high] - known[low] + 1).sort_values()
        assert table.loc[kind, "width"] == width.median()
        ends = rank_precision(known, fewest=5).set_index("kind").loc[kind, ["narrowest", "widest"]]
        assert ends.tolist() == [width.head(5).mean(), width.tail(5).mean()]
    assert 0 < table.loc["all", "estimate"] <= table.loc["one", "estimate"] < 100
    assert np.isnan(table.loc["plausible", "estimate"])
    assert table.loc["plausible", "width"] < table.loc["one", "width"]


def test_exact_scores_are_all_in_order_and_hopeless_ones_never() -> None:
    assert rank_precision(placed(1e-6))["estimate"].dropna().tolist() == [100, 100]
    vague = rank_precision(placed(1e6)).set_index("kind")
    assert vague["estimate"].dropna().tolist() == [0, 0]
    assert vague.loc["one", "share"] == 100


def test_without_errors_there_are_no_numbers() -> None:
    table = placed(1.0).assign(**dict.fromkeys(("rank_low", "rank_high"), np.nan))
    row = rank_precision(table).set_index("kind").loc["one"]
    assert row["n"] == 0
    assert row[["width", "share", "estimate"]].isna().all()
