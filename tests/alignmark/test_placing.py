"""Where companies stand, as the study writes it: among all, among peers, under other composites."""

from collections.abc import Callable
from pathlib import Path

from alignmark.placing import AMONG_PEERS
from alignmark.run import compute
from alignmark.study import read_study

Spoil = Callable[..., Path]


def test_companies_stand_among_all_and_among_peers(spoiled: Spoil) -> None:
    found = compute(read_study(spoiled()))[0]
    table = found.positions
    assert not table["company"].duplicated().any()
    assert (table["rank_low"].dropna() <= table["rank"][table["rank_low"].notna()]).all()
    known = [name for name in ("industry", "size", "region") if name in found.panel.frame]
    assert known
    assert set(AMONG_PEERS.values()) <= set(table)
    served = table[table["peer_rung"] > 0]
    assert (served["peer_n"] >= found.facts.minimum_companies).all()
    # With so few companies everybody is everybody's peer where no closer group is large enough.
    whole = served[served["peer_group"] == "all companies"]
    assert (whole["peer_percentile"] == whole["percentile"]).all()
    assert table["peer_note"].notna().all()


def test_composites_bracket_the_rank_of_the_index(spoiled: Spoil) -> None:
    table = compute(read_study(spoiled()))[0].positions.dropna(subset=["composite_rank_best"])
    assert len(table)
    assert (table["composite_rank_best"] <= table["composite_rank_worst"]).all()
    assert table["composite_class_share"].between(0, 100).all()


def test_the_same_seed_gives_the_same_places(spoiled: Spoil) -> None:
    first, second = (compute(read_study(spoiled(folder=name)))[0].positions for name in ("one", "two"))
    assert first.equals(second)
