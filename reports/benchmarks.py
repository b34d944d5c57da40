"""What is published of the benchmarks: norms, classes looked at from all sides, how far companies can be told apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class BenchmarkTables:
    """BenchmarkTables of one run with their small cells blanked; a frame that could not be computed is empty.

    Parameters
    ----------
    norms
        Latest wave, `analysis.benchmark.norm_table.norm_table` with ``kind`` ("index", "construct", "outcome",
        "practice"), ``segment`` and ``group`` ("" for all companies).
    norm_changes
        Change of the index from wave to wave, by ``segment`` and ``group``.
    profile
        The best in class beside all companies, latest wave (`best_in_class_profile`), with ``basis``.
    practice_gaps
        Best in class less the others on each practice in place, percentage points (``contrast``).
    areas
        Share of the rated practices of each ``area`` of the competitive framework that are in place, by class.
    class_trend
        First class less the rest and less all on the index, wave by wave (``basis, contrast, wave, variable``).
    cuts
        Best less the rest on the index, by the share of companies that make the best, per cent (`gaps_by_cut`), with
        ``declared``, the company-years of the best as the study cuts them.
    held_out
        Gaps in the outcomes that define the classes, where the classes are cut on the others alone.
    world_practices
        World-class against the rest and all on the practices that define it: ``mean_a`` (world-class), ``mean_b``,
        ``selection_gap`` (what the sorting itself makes), ``trend`` (change of all since the wave before, with ends).
    precision
        How wide rank intervals are, and which pairs can be put in order (`rank_precision`).
    memberships
        How surely companies are in their class (`membership_summary`).
    ranks
        Rank and ends of its intervals by place, without a company.
    composites, steadiness, unavailable
        Other ways to make the index (`by_composite`, `steadiness`), and those that cannot be had.
    rungs
        How many companies are compared on which rung of the ladder: ``rung, shared, companies, n`` (groups).
    peer_minimum
        Companies that a peer group needs besides the company itself.
    reproduced, statistic
        Figures that others have published of the same data, beside ours, and what they are.
    """

    norms: pd.DataFrame = field(default_factory=pd.DataFrame)
    norm_changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    profile: pd.DataFrame = field(default_factory=pd.DataFrame)
    practice_gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    areas: pd.DataFrame = field(default_factory=pd.DataFrame)
    class_trend: pd.DataFrame = field(default_factory=pd.DataFrame)
    cuts: pd.DataFrame = field(default_factory=pd.DataFrame)
    held_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    world_practices: pd.DataFrame = field(default_factory=pd.DataFrame)
    precision: pd.DataFrame = field(default_factory=pd.DataFrame)
    memberships: pd.DataFrame = field(default_factory=pd.DataFrame)
    ranks: pd.DataFrame = field(default_factory=pd.DataFrame)
    composites: pd.DataFrame = field(default_factory=pd.DataFrame)
    steadiness: pd.DataFrame = field(default_factory=pd.DataFrame)
    unavailable: Mapping[str, str] = field(default_factory=dict)
    rungs: pd.DataFrame = field(default_factory=pd.DataFrame)
    peer_minimum: int = 5
    reproduced: pd.DataFrame = field(default_factory=pd.DataFrame)
    statistic: str = "median"
