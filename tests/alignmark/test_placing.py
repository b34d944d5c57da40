"""Where companies stand, as the study writes it: among all, among peers, under other composites."""

from collections.abc import Callable
from pathlib import Path

from alignmark.placing import AMONG_PEERS
from alignmark.run import compute
from alignmark.study import read_study

Spoil = Callable[..., Path]


def test_companies_stand_among_all_and_among_peers_whatever_the_run(spoiled: Spoil) -> None:
    found, again = (compute(read_study(spoiled(folder=name)))[0] for name in ("one", "two"))
    assert found.positions.equals(again.positions)
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
    bracketed = table.dropna(subset=["composite_rank_best"])
    assert len(bracketed)
    assert (bracketed["composite_rank_best"] <= bracketed["composite_rank_worst"]).all()
    assert bracketed["composite_class_share"].between(0, 100).all()
