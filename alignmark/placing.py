"""Where every company stands: among all, among its peers, and under other ways of making the index."""

import numpy as np
import pandas as pd

from alignmark.measuring import Measured
from alignmark.names import SEGMENTS
from analysis.benchmark.composites import composites
from analysis.benchmark.peers import PeerLadder
from analysis.benchmark.position import positions
from analysis.measure.panel import Panel

PLACES = (
    "percentile",
    "percentile_low",
    "percentile_high",
    "rank",
    "rank_low",
    "rank_high",
    "best_probability",
    "note",
)
AMONG_PEERS = {"peers": "peer_group", "rung": "peer_rung", "n_peers": "peer_n"} | {
    name: f"peer_{name}" for name in PLACES
}
"""Columns of `positions`, and what they are called where the others are the closest peers."""


def places(
    panel: Panel, measured: Measured, *, wave: int, minimum: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Place the companies of a wave.

    Parameters
    ----------
    panel
        Companies by wave, with what is known of them.
    measured
        Reliability, shrunken scores and agreement.
    wave
        The wave.
    minimum
        Companies that a peer group needs besides the company itself.
    rng
        Makes the draws.

    Returns
    -------
    DataFrame
        The columns of `positions` among all companies of the wave; the values of `AMONG_PEERS`, the same among
        the closest group of industry, size and region that is large enough (absent where nothing is known of
        the companies); ``composite_rank_best, composite_rank_worst`` over all composites and
        ``composite_class_share`` (see `composites`); then those of `Measured.companies`.
    """
    table = positions(panel, wave, rng=rng).drop(columns=["peers", "rung"])
    if any(name in panel.frame for name in SEGMENTS):
        near = positions(panel, wave, rng=rng, ladder=_ladder(panel.frame, minimum))
        table = table.merge(
            near.rename(columns=AMONG_PEERS)[["company", *AMONG_PEERS.values()]], on="company"
        )
    table = table.merge(_composites(panel, measured, wave), on="company", how="left")
    return table.merge(measured.companies(wave), on="company", how="left")


def _ladder(frame: pd.DataFrame, minimum: int) -> PeerLadder:
    """Share all that is known, then one thing less at a time, then nothing."""
    known = [name for name in SEGMENTS if name in frame]
    return PeerLadder(tuple(tuple(known[:size]) for size in range(len(known), -1, -1)), minimum)


def _composites(panel: Panel, measured: Measured, wave: int) -> pd.DataFrame:
    now = panel.wave(wave).frame
    parts = [name for name in panel.instrument.alignment_constructs if name in now]
    told = {"rank_best": "composite_rank_best", "rank_worst": "composite_rank_worst"}
    told["class_share"] = "composite_class_share"
    if not parts:
        return now[["company"]].reindex(columns=["company", *told.values()])
    alpha: dict[str, float] = {}
    if not measured.reliability.empty:
        here = measured.reliability[measured.reliability["wave"] == wave]
        alpha = {str(name): float(part["alpha"].mean()) for name, part in here.groupby("construct")}
    gaps = {name: f"gap_{name}" for name in parts if f"gap_{name}" in now}
    found = composites(now, parts, reliability=alpha, gaps=gaps)
    return found.by_company().rename(columns=told)[["company", *told.values()]]
