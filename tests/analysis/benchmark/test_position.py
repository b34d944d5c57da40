from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.peers import PeerLadder
from analysis.benchmark.position import PERHAPS, RANKS, SURELY, SURELY_NOT, positions
from analysis.benchmark.ranks import marginal_ranks
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError

INSTRUMENT = read_instrument("alignment")
UNCERTAIN = [name for name in RANKS if name not in {"percentile", "rank"}]


def panel_of(scores: list[float], unavailable: dict[str, str] | None = None, **columns: Any) -> Panel:
    frame = pd.DataFrame(
        {"company": [f"c{n:02d}" for n in range(len(scores))], "wave": 2025, "alignment": scores}
    )
    return Panel(frame.assign(**columns), INSTRUMENT, unavailable or {})


def placed(panel: Panel, wave: int = 2025, **rules: Any) -> pd.DataFrame:
    return positions(panel, wave, rng=np.random.default_rng(1), **rules)


def test_percentile_is_the_share_of_other_companies_below() -> None:
    table = placed(panel_of([40, 50, 60, 60, 90], alignment_se=4.0)).set_index("company")
    assert table["percentile"].tolist() == [0, 25, 62.5, 62.5, 100]
    assert table["rank"].tolist() == [5, 4, 2, 2, 1]
    assert table["n_peers"].tolist() == [4] * 5
    assert table["peers"].unique().tolist() == ["all companies"]
    assert table.loc["c01", ["conf_low", "conf_high"]].tolist() == pytest.approx([42.16, 57.84], abs=0.001)
    assert (table["note"] == "").all()


def test_under_weights_it_is_the_share_of_their_weight_and_so_is_the_best_class() -> None:
    scores, weights = [40.0, 50, 60, 70, 90], [1.0, 1, 3, 4, 1]
    table = placed(panel_of(scores, alignment_se=0.0, weight=weights))
    assert table["percentile"].tolist() == pytest.approx([0, 100 / 9, 200 / 7, 500 / 6, 100])
    # Without error true scores are the scores: the interval is the percentile.
    for end in ("percentile_low", "percentile_high"):
        np.testing.assert_allclose(table[end], table["percentile"])
    assert table["rank"].tolist() == [5, 4, 3, 2, 1]
    assert table["best_probability"].tolist() == [0, 0, 0, 0, 1]
    half = placed(panel_of(scores, alignment_se=0.0, weight=weights), best=0.5)
    assert half["best_probability"].tolist() == [0, 0, 0, 1, 1]
    assert half["distinct_best"].tolist() == [SURELY_NOT] * 3 + [SURELY] * 2


def test_intervals_stay_on_the_scale() -> None:
    table = placed(panel_of([2, 98, 50], alignment_se=5.0))
    assert table["conf_low"].min() == 0
    assert table["conf_high"].max() == 100


def test_companies_that_cannot_be_told_apart_are_marked() -> None:
    scores = [95.0, 94, 60, 59, 58, 57, 56, 30, 29, 28]
    table = placed(panel_of(scores, alignment_se=3.0))
    assert table["distinct_best"].tolist() == [SURELY] * 2 + [SURELY_NOT] * 8
    assert table["alike"].tolist() == [1, 1, 4, 4, 4, 4, 4, 2, 2, 2]
    vague = placed(panel_of(scores, alignment_se=40.0))
    assert vague["distinct_best"].unique().tolist() == [PERHAPS]
    assert (vague["alike"] == 9).all()
    assert table["best_probability"].iloc[:2].min() > 0.99
    assert table["best_probability"].iloc[2:].max() < 0.01


def test_without_a_sampling_error_the_note_says_why() -> None:
    reason = {"alignment_se": "every company has one informant a wave"}
    table = placed(panel_of([40, 50, 60, 70, 80], reason))
    assert table[["conf_low", "conf_high", *UNCERTAIN]].isna().all(axis=None)
    assert table["percentile"].tolist() == [0, 25, 50, 75, 100]
    assert table["distinct_best"].unique().tolist() == [""]
    assert table["note"].unique().tolist() == ["no interval: every company has one informant a wave"]


def test_one_company_without_an_error_can_be_anywhere_for_the_others() -> None:
    table = placed(panel_of([40, 50, 60, 70, 80], alignment_se=[1.0, 1.0, np.nan, 1.0, 1.0]))
    assert table["note"].tolist()[1:3] == ["", "no interval: the sampling error of its index is not known"]
    assert table["rank_low"].tolist()[:2] == [4, 3]
    assert table["rank_high"].tolist()[:2] == [5, 4]
    assert table.loc[2, UNCERTAIN].isna().all()
    assert table.loc[[0, 1, 3, 4], UNCERTAIN].notna().all(axis=None)


def test_few_companies_have_rank_sets_but_no_plausible_ranks() -> None:
    table = placed(panel_of([40, 50, 90], alignment_se=2.0))
    assert table[["rank_low", "rank_high"]].to_numpy().tolist() == [[3, 3], [2, 2], [1, 1]]
    assert table["plausible_rank_low"].isna().all()
    assert table["note"].unique().tolist() == [
        "no plausible ranks: fewer than 4 companies of the group have a sampling error; "
        "no best in class: that share of so few companies is less than one"
    ]


def test_companies_without_an_index_are_no_peers_and_one_alone_has_none() -> None:
    table = placed(panel_of([40, np.nan, 50], alignment_se=1.0))
    assert table["n_peers"].tolist() == [1, 1]
    alone = placed(panel_of([40], alignment_se=1.0))
    assert alone["n_peers"].tolist() == [0]
    assert alone[[*RANKS]].isna().all(axis=None)
    assert alone["note"].tolist() == ["no percentile and no rank: there is no other company to compare with"]
    assert placed(panel_of([np.nan], alignment_se=1.0)).empty


def test_all_equal_are_all_alike() -> None:
    table = placed(panel_of([50.0] * 8, alignment_se=3.0))
    assert table["percentile"].unique().tolist() == [50]
    assert table[
        ["rank_low", "rank_high", "rank_all_low", "rank_all_high"]
    ].drop_duplicates().to_numpy().tolist() == [[1, 8, 1, 8]]
    exact = placed(panel_of([50.0] * 8, alignment_se=0.0))
    assert exact[["rank_low", "rank_high"]].drop_duplicates().to_numpy().tolist() == [[1, 8]]
    assert exact.notna().all(axis=None)


def test_where_nothing_differs_at_all_anybody_may_hold_any_rank() -> None:
    table = placed(panel_of([52.0] * 6, alignment_se=0.0))
    ends = ["percentile_low", "percentile", "percentile_high", "plausible_rank_low", "plausible_rank_high"]
    assert table[ends].drop_duplicates().to_numpy().tolist() == [[0, 50, 100, 1, 6]]


def test_peers_are_those_of_the_ladder() -> None:
    industry = ["steel"] * 8 + ["media"] * 3 + ["retail"] * 4
    panel = panel_of([*range(40, 70, 2)], alignment_se=4.0, industry=industry)
    table = placed(panel, ladder=PeerLadder((("industry",), ()), minimum=5))
    assert table["peers"].tolist() == ["industry steel"] * 8 + ["all companies"] * 7
    assert table["rung"].tolist() == [1] * 8 + [2] * 7
    assert table["rank"].tolist() == [8, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1]
    assert table["n_peers"].tolist() == [7] * 8 + [14] * 7
    low, high = marginal_ranks(np.arange(40.0, 56, 2), np.full(8, 4.0))
    assert table["rank_low"].tolist()[:8] == low.tolist()
    assert table["rank_high"].tolist()[:8] == high.tolist()


def test_nobody_shares_enough() -> None:
    panel = panel_of([*range(40, 70, 2)], alignment_se=4.0, industry=["steel"] * 8 + ["media"] * 7)
    table = placed(panel, ladder=PeerLadder((("industry",),), minimum=7))
    assert table.loc[:7, "percentile"].notna().all()
    assert table.loc[8:, [*RANKS]].isna().all(axis=None)
    assert table["n_peers"].tolist() == [7] * 8 + [0] * 7
    assert table["note"].iloc[-1] == (
        "no percentile and no rank: too few companies share anything that the ladder names"
    )
    none = placed(panel, ladder=PeerLadder((("industry",),), minimum=8))
    assert none["percentile"].isna().all()


def test_a_wave_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="there is no wave 2019"):
        placed(panel_of([40, 50]), 2019)
    nameless = Panel(panel_of([40]).frame.drop(columns="alignment"), INSTRUMENT, {})
    with pytest.raises(InputError, match="alignment: is not a column"):
        placed(nameless)
    with pytest.raises(InputError, match="industry: is not a column"):
        placed(panel_of([40, 50]), ladder=PeerLadder((("industry",), ())))


@settings(deadline=None, max_examples=6)
@given(
    scores=st.lists(st.integers(0, 20).map(lambda n: n * 5.0), min_size=2, max_size=15),
    error=st.floats(0, 20),
    seed=st.integers(0, 99),
    uneven=st.booleans(),
)
def test_percentiles_are_those_of_a_plain_count(
    scores: list[float], error: float, seed: int, *, uneven: bool
) -> None:
    weights = (
        np.random.default_rng(seed).uniform(0.2, 5, len(scores)) if uneven else np.full(len(scores), 3.0)
    )
    panel = panel_of(scores, alignment_se=error, weight=weights)
    table = placed(panel)
    for place, score in enumerate(scores):
        peers, weight = np.delete(scores, place), np.delete(weights, place)
        count = weight[peers < score].sum() + weight[peers == score].sum() / 2
        assert table["percentile"].iloc[place] == pytest.approx(100 * count / weight.sum())
    if not uneven:
        pd.testing.assert_frame_equal(table, placed(panel_of(scores, alignment_se=error)))
    assert (table["rank_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_high"]).all()
    assert (table["rank_all_low"] <= table["rank_low"]).all()
    assert (table["rank_all_high"] >= table["rank_high"]).all()
    shuffled = Panel(panel.frame.sample(frac=1, random_state=seed), INSTRUMENT, {})
    pd.testing.assert_frame_equal(table, placed(shuffled))
