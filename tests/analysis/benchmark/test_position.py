from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.position import positions
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError

INSTRUMENT = read_instrument("alignment")


def panel_of(scores: list[float], unavailable: dict[str, str] | None = None, **columns: Any) -> Panel:
    frame = pd.DataFrame(
        {"company": [f"c{n:02d}" for n in range(len(scores))], "wave": 2025, "alignment": scores}
    )
    return Panel(frame.assign(**columns), INSTRUMENT, unavailable or {})


def test_percentile_is_the_share_of_other_companies_below() -> None:
    table = positions(panel_of([40, 50, 60, 60, 90], alignment_se=4.0), 2025).set_index("company")
    assert table["percentile"].tolist() == [0, 25, 62.5, 62.5, 100]
    assert table["n_peers"].tolist() == [4] * 5
    assert table.loc["c01", ["conf_low", "conf_high"]].tolist() == pytest.approx([42.16, 57.84], abs=0.001)
    # 42.2 beats one of four peers, 57.8 beats the same one: the company itself is not its own peer.
    assert table.loc["c01", ["percentile_low", "percentile_high"]].tolist() == [25, 25]
    assert table.loc["c02", ["percentile_low", "percentile_high"]].tolist() == [50, 75]
    assert (table["note"] == "").all()


def test_intervals_stay_on_the_scale() -> None:
    table = positions(panel_of([2, 98, 50], alignment_se=5.0), 2025)
    assert table["conf_low"].min() == 0
    assert table["conf_high"].max() == 100


def test_without_a_sampling_error_the_note_says_why() -> None:
    reason = {"alignment_se": "every company has one informant a wave"}
    table = positions(panel_of([40, 50], reason), 2025)
    assert table[["conf_low", "conf_high", "percentile_low", "percentile_high"]].isna().all(axis=None)
    assert table["percentile"].tolist() == [0, 100]
    assert table["note"].unique().tolist() == ["no interval: every company has one informant a wave"]
    some = positions(panel_of([40, 50], alignment_se=[3.0, np.nan]), 2025)
    assert some["note"].tolist() == ["", "no interval: the sampling error of its index is not known"]


def test_companies_without_an_index_are_no_peers_and_one_alone_has_none() -> None:
    table = positions(panel_of([40, np.nan, 50], alignment_se=1.0), 2025)
    assert table["n_peers"].tolist() == [1, 1]
    alone = positions(panel_of([40], alignment_se=1.0), 2025)
    assert alone["n_peers"].tolist() == [0]
    assert alone[["percentile", "percentile_low"]].isna().all(axis=None)
    assert positions(panel_of([np.nan], alignment_se=1.0), 2025).empty


def test_a_wave_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="there is no wave 2019"):
        positions(panel_of([40, 50]), 2019)
    nameless = Panel(panel_of([40]).frame.drop(columns="alignment"), INSTRUMENT, {})
    with pytest.raises(InputError, match="alignment: is not a column"):
        positions(nameless, 2025)


@settings(deadline=None, max_examples=30)
@given(
    scores=st.lists(st.integers(0, 20).map(lambda n: n * 5.0), min_size=2, max_size=25),
    error=st.floats(0, 20),
    seed=st.integers(0, 99),
)
def test_percentiles_are_those_of_a_plain_count(scores: list[float], error: float, seed: int) -> None:
    panel = panel_of(scores, alignment_se=error)
    table = positions(panel, 2025)
    for place, score in enumerate(scores):
        peers = np.delete(scores, place)
        for column, point in (
            ("percentile", score),
            ("percentile_low", table["conf_low"].iloc[place]),
            ("percentile_high", table["conf_high"].iloc[place]),
        ):
            count = (peers < point).sum() + (peers == point).sum() / 2
            assert table[column].iloc[place] == pytest.approx(100 * count / len(peers))
    assert (table["percentile_low"] <= table["percentile"]).all()
    assert (table["percentile"] <= table["percentile_high"]).all()
    shuffled = Panel(panel.frame.sample(frac=1, random_state=seed), INSTRUMENT, {})
    pd.testing.assert_frame_equal(table, positions(shuffled, 2025))
