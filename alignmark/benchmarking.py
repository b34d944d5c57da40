"""The benchmark tables of a run: norms by peer group, classes from all sides, how far companies can be told apart."""

import pandas as pd

from alignmark.classing import HOW, outcome_definition
from alignmark.comparing import Compared
from alignmark.peering import peer_facts, with_peer_columns
from alignmark.placing import Placed
from alignmark.study import Study
from analysis.benchmark.class_gaps import class_gaps, class_means, with_ends
from analysis.benchmark.classes import ALL, Classes, OutcomeClasses, with_class
from analysis.benchmark.cut_sensitivity import gaps_by_cut
from analysis.benchmark.disclosure import BOTH_SIDES
from analysis.benchmark.held_out import held_out_gaps
from analysis.benchmark.memberships import membership_summary
from analysis.benchmark.norm_table import MEAN, best_in_class_profile, norm_changes, norm_table
from analysis.benchmark.norms import PERCENTILES
from analysis.benchmark.practices import areas_in_place, in_place, practice_columns
from analysis.benchmark.rank_precision import rank_precision
from analysis.infer.tabulation import changes, shares
from analysis.measure.panel import Panel
from reports.benchmarks import BenchmarkTables
from reports.evidence import Facts
from survey.language import look_up, say

MEANS, PERCENTILE = "norm_means", "norm_percentiles"
"""Norms in two tables, as a percentile of few companies is the score of one of them."""

RANKS = ["rank", "rank_low", "rank_high", "rank_all_low", "rank_all_high", "plausible_rank_low",
         "plausible_rank_high"]  # fmt: skip


def benchmark_tables(
    panel: Panel, waves: Compared, classes: dict[str, Classes], study: Study, *, facts: Facts
) -> dict[str, pd.DataFrame]:
    """Return the tables of `BenchmarkTables` that stand on companies, by name, before anything is blanked."""
    grouped = with_peer_columns(panel, study.peers)
    segments = peer_facts(grouped.frame, study)
    norms = _norms(grouped, segments, facts)
    percentile = norms["statistic"].isin([*PERCENTILES]) if len(norms) else pd.Series(dtype=bool)
    return {
        MEANS: norms[~percentile], PERCENTILE: norms[percentile],
        "norm_changes": _norm_changes(waves.ground.panel.frame, grouped.frame, segments),
        "profile": _profile(panel, classes, facts),
        "practice_gaps": _practice_gaps(panel, classes, facts),
        "areas": _areas(panel, classes, facts),
        "class_trend": _trend(panel, classes),
        "cuts": _cuts(panel, study),
        "held_out": _held_out(panel, classes),
        "world_practices": _world_practices(panel, classes, facts),
    }  # fmt: skip


def benchmarks(
    safe: dict[str, pd.DataFrame], placed: Placed, *, reproduced: pd.DataFrame, study: Study
) -> BenchmarkTables:
    """Put together what is published of the benchmarks.

    Parameters
    ----------
    safe
        The tables of `benchmark_tables` with their small cells blanked.
    placed
        Where the companies stand.
    reproduced
        Figures that others have published, beside ours.
    study
        The rules.
    """
    tables = {name: table for name, table in safe.items() if name not in (MEANS, PERCENTILE)}
    made, companies, minimum = placed.composites, placed.companies, study.disclosure.minimum_companies
    norms = pd.concat([safe[MEANS], safe[PERCENTILE]]) if len(safe[MEANS]) else pd.DataFrame()
    return BenchmarkTables(
        **tables,
        norms=norms.sort_values("place", ignore_index=True).drop(columns="place") if len(norms) else norms,
        precision=_of_enough(rank_precision(companies, fewest=minimum), BOTH_SIDES * minimum),
        ranks=companies[RANKS].sort_values("rank", ignore_index=True),
        memberships=_of_large_classes(membership_summary(
            companies.rename(columns={"index_class": "class", "class_probability": "probability"})
        ), minimum),
        composites=_of_enough(made.by_composite(), minimum) if made is not None else pd.DataFrame(),
        steadiness=_of_enough(made.steadiness(), minimum) if made is not None else pd.DataFrame(),
        unavailable=dict(made.unavailable) if made is not None else {},
        rungs=_rungs(placed), peer_minimum=placed.ladder.minimum if placed.ladder else 0,
        reproduced=reproduced,
        statistic=study.published.statistic if study.published is not None else "median",
    )  # fmt: skip


def _of_enough(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Empty a table of which every row is of all companies, if they are too few."""
    return table if table["n"].max() >= minimum else table.iloc[:0]


def _of_large_classes(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Leave the classes out where one of them is too small: all less the others would tell of it."""
    every = table["class"] == "all"
    small = table.loc[~every, "n"].between(1, minimum - 1).any()
    return _of_enough(table[every] if small else table, minimum)


def _kinds(panel: Panel) -> dict[str, list[str]]:
    """Return the variables that norms are of, by kind."""
    frame, instrument = panel.frame, panel.instrument
    rated = [name for name in practice_columns(frame, instrument) if instrument.columns[name].kind == "scale"]
    outcomes = dict.fromkeys([*instrument.outcomes, *panel.outcomes])
    kinds = {
        "index": ["alignment"],
        "construct": list(instrument.alignment_constructs),
        "outcome": list(outcomes),
        "practice": rated,
    }
    return {kind: [name for name in names if name in frame and frame[name].notna().any()]
            for kind, names in kinds.items()}  # fmt: skip


def _norms(panel: Panel, segments: list[str], facts: Facts) -> pd.DataFrame:
    """Norms of the latest wave, of all companies and of each group of each segment."""
    now, kinds = panel.wave(facts.latest).frame, _kinds(panel)
    kind_of = {name: kind for kind, names in kinds.items() for name in names}
    parts = []
    for segment in ("", *segments):
        by = [segment] if segment else []
        found = norm_table(now, list(kind_of), by=by, fewest=facts.minimum_companies)
        group = found[segment].fillna(say("not known")).astype("str") if segment else ""
        parts.append(found.drop(columns=by).assign(segment=segment, group=group))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "kind", table["variable"].map(kind_of))
    always = table["statistic"].isin([MEAN, *PERCENTILES])
    # Outcomes have other units than the scale that the bands cut.
    told = always | table["kind"].ne("outcome")
    table = table[told].sort_values(
        "segment", key=lambda names: names.ne(""), kind="stable", ignore_index=True
    )
    return table.assign(place=range(len(table)))


def _norm_changes(ground: pd.DataFrame, grouped: pd.DataFrame, segments: list[str]) -> pd.DataFrame:
    """Change of the index between waves per group, on what the waves have in common."""
    if ground["wave"].nunique() < 2:
        return pd.DataFrame()
    keys = ["company", "wave"]
    rows = pd.MultiIndex.from_frame(ground[keys])
    facts = grouped.set_index(keys)[segments].reindex(rows)
    frame, parts = ground.assign(**{name: facts[name].to_numpy() for name in segments}), []
    for segment in segments:
        found = norm_changes(frame[frame[segment].notna()], ["alignment"], within=[segment])
        if len(found):
            parts.append(found.rename(columns={segment: "group"}).assign(segment=segment))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _profile(panel: Panel, classes: dict[str, Classes], facts: Facts) -> pd.DataFrame:
    now, kinds = panel.wave(facts.latest).frame, _kinds(panel)
    names = [*kinds["index"], *kinds["construct"], *kinds["outcome"]]
    parts = [
        best_in_class_profile(now, found, names, fewest=facts.minimum_companies).assign(basis=basis)
        for basis, found in classes.items()
        if (found.frame["wave"] == facts.latest).any()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _practice_gaps(panel: Panel, classes: dict[str, Classes], facts: Facts) -> pd.DataFrame:
    names = practice_columns(panel.frame, panel.instrument)
    if "outcomes" not in classes or not names:
        return pd.DataFrame()
    placed = in_place(panel.frame, panel.instrument, cut=facts.practice_cut)
    gaps = class_gaps(placed, classes["outcomes"], names)
    return gaps.rename(columns={"b": "contrast", "variable": "practice"})


def _areas(panel: Panel, classes: dict[str, Classes], facts: Facts) -> pd.DataFrame:
    """Share of the practices of each area in place, by class on outcomes."""
    areas = list(dict.fromkeys(group.area for group in panel.instrument.practices.values() if group.area))
    placed = areas_in_place(panel.frame, panel.instrument, cut=facts.practice_cut)
    there = [name for name in areas if name in placed]
    if "outcomes" not in classes or not there:
        return pd.DataFrame()
    return class_means(placed, classes["outcomes"], there).rename(columns={"variable": "area"})


def _trend(panel: Panel, classes: dict[str, Classes]) -> pd.DataFrame:
    """Gaps of the first class wave by wave, in the index: what no page shows would cost what pages show."""
    names, parts = _kinds(panel)["index"], []
    for basis, found in classes.items():
        for wave, rows in panel.frame.groupby("wave"):
            if (found.frame["wave"] == wave).any():
                gaps = class_gaps(rows, found, names)
                parts.append(gaps[gaps["b"].isin(["rest", "all"])].assign(wave=wave, basis=basis))
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts, ignore_index=True).rename(columns={"b": "contrast"})


def _cuts(panel: Panel, study: Study) -> pd.DataFrame:
    """Gaps of the best on the index under other cuts, which are named in whole per cent: a name is not blanked."""
    rule = study.classes.on_outcomes
    if rule is None:
        return pd.DataFrame()
    definition, how = outcome_definition(rule), HOW[rule.cut_on]
    table = gaps_by_cut(panel, definition, ["alignment"], how=how)
    declared = gaps_by_cut(panel, definition, ["alignment"], cuts=[definition.best], how=how)["n_a"]
    return table.assign(
        cut=(100 * table["cut"]).round().astype("int64"), waves=panel.frame["wave"].nunique(),
        declared=declared.to_numpy()[0],
    )  # fmt: skip


def _held_out(panel: Panel, classes: dict[str, Classes]) -> pd.DataFrame:
    """Gaps in what the classes were cut on, if each had taken no part: nothing where none of it is compared."""
    found = classes.get("outcomes")
    if found is None or not found.selected_on or not isinstance(found.definition, OutcomeClasses):
        return pd.DataFrame()
    return held_out_gaps(panel, found.definition)


def _world_practices(panel: Panel, classes: dict[str, Classes], facts: Facts) -> pd.DataFrame:
    """Hold the world-class against the rest and all on what defines them, beside what the sorting itself makes."""
    if "practices" not in classes:
        return pd.DataFrame()
    found = classes["practices"]
    names = [name for name in practice_columns(panel.frame, panel.instrument) if name in found.selected_on]
    if not names:
        return pd.DataFrame()
    placed = in_place(panel.frame, panel.instrument, cut=facts.practice_cut)
    gaps = with_ends(class_gaps(placed, found, names), _levels(with_class(placed, found), names))
    gaps = gaps.rename(columns={"b": "contrast", "variable": "practice"})
    moved = changes(placed, names)
    last = moved[moved["wave_to"] == facts.latest].set_index("variable") if len(moved) else moved
    for name, column in (("trend", "estimate"), ("trend_low", "conf_low"), ("trend_high", "conf_high")):
        gaps[name] = gaps["practice"].map(last[column]) if len(last) else float("nan")
    return gaps


def _levels(classed: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Shares in each class and in all, with the intervals of shares: wide where all or none have a practice."""
    every = classed.assign(**{"class": classed["class"].where(classed["class"].isna(), ALL)})
    return pd.concat([shares(rows, names, by=["class"]) for rows in (classed, every)]).dropna(
        subset=["class"]
    )


def _rungs(placed: Placed) -> pd.DataFrame:
    """Count companies by the rung on which they are compared."""
    if placed.ladder is None:
        return pd.DataFrame()
    shared = {
        at: ", ".join(look_up(name.replace("_", " ")) for name in rung) or say("nothing: all companies")
        for at, rung in enumerate(placed.ladder.rungs, start=1)
    } | {0: say("no group is large enough")}
    table = placed.companies.groupby("peer_rung").agg(
        companies=("company", "size"), n=("peer_group", "nunique"), peers=("peer_n", "median")
    )
    order = [*range(1, len(placed.ladder.rungs) + 1), *([0] if 0 in table.index else [])]
    table = table.reindex(order).rename_axis("rung").reset_index()
    counts = {"companies": 0, "n": 0}
    table = table.fillna(counts).astype(dict.fromkeys(counts, "int64"))
    return table.assign(shared=table["rung"].map(shared))
