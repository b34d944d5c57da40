import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.benchmark.peers import NO_GROUP, PeerLadder, peer_groups
from survey.problems import InputError

LADDER = PeerLadder((("industry", "size"), ("industry",), ()), minimum=5)


def firms(**counts: int) -> pd.DataFrame:
    """Make companies of `industry_size`, so many of each."""
    rows = [name.split("_") for name, n in counts.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["industry", "size"])
    return frame.assign(company=[f"c{n:03d}" for n in range(len(frame))])


def test_the_closest_group_that_is_large_enough_serves() -> None:
    found = peer_groups(firms(steel_large=6, steel_small=7, media_large=4, media_small=3), LADDER)
    by = found.frame.groupby("peers").agg(
        rung=("rung", "first"), n_peers=("n_peers", "first"), size=("rung", "size")
    )
    assert by.loc["industry steel, size large"].tolist() == [1, 5, 6]
    assert by.loc["industry steel, size small"].tolist() == [1, 6, 7]
    assert by.loc["industry media"].tolist() == [2, 6, 7]
    assert set(found.frame.loc[found.frame["rung"] == 2, "note"]) == {
        "too few companies share industry and size"
    }
    assert found.summary() == "Peer groups, companies by rung: rung 1: 13, rung 2: 7"


def test_a_few_left_over_take_the_others_with_them() -> None:
    """Three small ones beside ten large: what is published of all and of the large would tell of the three."""
    found = peer_groups(firms(steel_large=10, steel_small=3, media_large=8), LADDER)
    steel = found.frame.iloc[:13]
    assert steel["peers"].unique().tolist() == ["industry steel"]
    assert steel["note"].tolist()[0] == "closer groups would tell of the few companies outside them"
    assert found.frame["peers"].iloc[-1] == "industry media, size large"


def test_unknown_keys_and_groups_of_one() -> None:
    frame = firms(steel_large=8, media_small=6)
    frame.loc[0, "size"] = None
    alone = peer_groups(frame.iloc[:1], PeerLadder((("industry",), ()), minimum=1))
    assert alone.frame[["rung", "peers", "n_peers", "note"]].to_numpy().tolist() == [[0, "none", 0, NO_GROUP]]
    found = peer_groups(frame, LADDER)
    assert found.frame.loc[0, ["rung", "peers", "note"]].tolist() == [
        2,
        "industry steel",
        "industry and size is not known",
    ]


def test_bands_and_rules_of_ones_own() -> None:
    frame = pd.DataFrame(
        {"company": range(12), "employees": [10.0, 49, 50, 249, 250, 900] * 2, "club": ["a"] * 12}
    )
    ladder = PeerLadder((("employees",), ("club",)), minimum=3, bands={"employees": (50, 250)})
    found = peer_groups(frame, ladder)
    assert found.frame["peers"].tolist()[:6:2] == [
        "employees under 50", "employees 50 to under 250", "employees 250 and over",
    ]  # fmt: skip
    assert (found.frame["n_peers"] == 3).all()


@pytest.mark.parametrize(
    ("ladder", "message"),
    [
        (PeerLadder(()), "the ladder has no rung"),
        (PeerLadder(((),), minimum=0), "the minimum is impossible"),
        (PeerLadder((("industri",),)), "industri: is not a column"),
        (PeerLadder((("n",),), bands={"n": (5, 5)}), "not in rising order"),
    ],
)
def test_impossible_ladders_are_refused(ladder: PeerLadder, message: str) -> None:
    with pytest.raises(InputError, match=message):
        peer_groups(firms(steel_large=6).assign(n=1.0), ladder)


def test_a_company_stands_once() -> None:
    with pytest.raises(InputError, match="a company stands twice"):
        peer_groups(firms(steel_large=6).assign(company="x"), LADDER)


@settings(deadline=None, max_examples=30)
@given(
    keys=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=60),
    minimum=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_groups_are_large_enough_and_none_can_be_found_by_subtraction(
    keys: list[tuple[str, str]], minimum: int, seed: int
) -> None:
    frame = pd.DataFrame(keys, columns=["industry", "size"]).assign(company=np.arange(len(keys)))
    ladder = PeerLadder(LADDER.rungs, minimum)
    found = peer_groups(frame, ladder)
    again = peer_groups(frame.sample(frac=1, random_state=seed), ladder)
    pd.testing.assert_frame_equal(found.frame, again.frame)
    placed = found.frame[found.frame["rung"] > 0]
    assert (placed["n_peers"] >= minimum).all()
    assert len(placed) == (len(frame) if len(frame) > minimum else 0)
    for _, among, serves in found.groups():
        assert among[serves].all()
        # Those of the group whom a closer one serves are published apart: the others must be many, too.
        assert serves.sum() > minimum
