"""Whose values the cells of the published tables are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignmark.benchmark_rules import PeerRule
from alignmark.cell_members import KEYS, cells_in, values_of, wanted
from alignmark.class_members import cells_of_classes, cells_of_other_classes
from alignmark.comparing import Compared
from alignmark.peering import with_peer_columns
from alignmark.weighing import with_weights
from analysis.benchmark.classes import Classes
from analysis.benchmark.norm_table import MEAN
from analysis.measure.panel import Panel

LEVELS = ("from", "to")
"""Sides of a change that can be withheld while the change is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """Published cells and whose values they are.

    Parameters
    ----------
    cells
        `KEYS`; a row of a table that compares two groups is two cells, a change and its two levels are three.
    members
        ``cell`` (place in `cells`), ``company``, ``of`` (a variable of a wave, and of a function), ``weight``,
        ``sign`` (-1 where the value is taken off), and ``respondents`` where it is the mean of one function.
    """

    cells: pd.DataFrame
    members: pd.DataFrame


def membership(
    published: dict[str, pd.DataFrame],
    panel: Panel,
    *,
    views: pd.DataFrame,
    waves: Compared,
    classes: dict[str, Classes],
    latest: int,
    peers: PeerRule,
) -> Membership:
    """Find whose values make each cell of the tables of levels.

    Parameters
    ----------
    published
        Tables by the name that `Evidence` has for them; those of companies and their means are taken.
    panel
        Companies by wave.
    views
        Functions' means by company and wave.
    waves
        What compares between waves, and on which ground.
    classes
        Classes by basis.
    latest
        The wave of the levels.
    peers
        How companies are grouped.

    Returns
    -------
    Membership
        Of means, shares and percentiles of companies: what is estimated otherwise adds up to nothing.
    """
    frame = wanted(panel.frame, published)
    tag = "common ground" if waves.ground.left_out else ""
    ground = values_of(wanted(waves.ground.panel.frame, published), tag=tag)
    every = values_of(frame)
    parts = [
        cells_in("index_by_wave", published, ground, ["wave", "variable"]),
        cells_in("norms_by_wave", published, ground, ["wave", "variable"]),
        cells_in("norms", published, every, ["wave", "variable"]),
        *_of_changes("changes", published.get("changes", pd.DataFrame()), frame),
        *_of_segments(published, panel, latest, peers),
        *_of_functions(published, views, frame, latest),
        *(
            part
            for basis, found in classes.items()
            for part in cells_of_classes(published, panel, basis, found, latest=latest)
        ),
        *cells_of_other_classes(published, panel, classes),
    ]
    kept = [part for part in parts if len(part)]
    if not kept:
        return Membership(pd.DataFrame(columns=list(KEYS)), pd.DataFrame(columns=["cell", "company", "of"]))
    long = pd.concat(kept, ignore_index=True)
    cell = long.groupby(list(KEYS), sort=False).ngroup()
    cells = long.loc[~cell.duplicated(), list(KEYS)].reset_index(drop=True)
    members = long.assign(cell=cell)[["cell", "company", "of", "weight", "sign", "respondents"]]
    return Membership(
        cells, members if members["respondents"].notna().any() else members.drop(columns="respondents")
    )


def _of_segments(
    published: dict[str, pd.DataFrame], panel: Panel, latest: int, peers: PeerRule
) -> Iterator[pd.DataFrame]:
    """Yield the norms of each group of a segment, one cell for all statistics, and the changes of its index."""
    norms, moved = (published.get(name, pd.DataFrame()) for name in ("norm_means", "norm_changes"))
    tables = [table[["segment", "group"]] for table in (norms, moved) if len(table)]
    if not tables:
        return
    grouped = with_peer_columns(panel, peers).frame
    bare = wanted(grouped, published)
    for segment, group in pd.concat(tables).drop_duplicates().itertuples(index=False, name=None):
        named = grouped[segment].astype(object).fillna("not known").astype(str) if segment else group
        rows = bare[(pd.Series(named, index=grouped.index) == str(group)).to_numpy(dtype=bool)]
        mine = [
            table[(table["segment"] == segment) & (table["group"] == group)] if len(table) else table
            for table in (norms, moved)
        ]
        if len(mine[0]):
            means = {"norm_means": mine[0][mine[0]["statistic"] == MEAN]}
            now = values_of(rows[rows["wave"] == latest])
            yield cells_in("norm_means", means, now, ["variable"], table=f"norms by {segment}")
        yield from _of_changes("norm_changes", mine[1], rows, table=f"changes by {segment}")


def _of_changes(
    name: str, published: pd.DataFrame, frame: pd.DataFrame, *, table: str = ""
) -> Iterator[pd.DataFrame]:
    """Yield each change, the later values less the earlier ones of the companies of both waves, and its levels."""
    for (start, end), rows in published.groupby(["wave_from", "wave_to"]) if len(published) else ():
        without = rows["left_out"].ne("").any() if "left_out" in rows else False
        tag = f"{start:.0f} and {end:.0f}" if without else ""
        values = values_of(frame[frame["wave"].isin([start, end])], tag=tag)
        twice = values.groupby(["company", "variable"])["wave"].transform("size") == 2
        both = values[twice].assign(sign=np.where(values.loc[twice, "wave"] == start, -1.0, 1.0))
        yield cells_in(name, {name: rows}, both, ["variable"], side="change", table=table)
        for side, wave in zip(LEVELS, (start, end), strict=True):
            level = both[both["wave"] == wave].assign(sign=1.0)
            yield cells_in(name, {name: rows}, level, ["variable"], side=side, table=table)


def _of_functions(
    published: dict[str, pd.DataFrame], views: pd.DataFrame, frame: pd.DataFrame, latest: int
) -> Iterator[pd.DataFrame]:
    """Yield levels of the functions and their gaps: of the companies in which both have a value."""
    if views.empty:
        return
    now = with_weights(views[views["wave"] == latest], frame[frame["wave"] == latest])
    counts = [name for name in ("n_sales", "n_marketing") if name in frame]
    now = now.merge(frame[["company", "wave", *counts]], on=["company", "wave"], how="left")
    parts = [
        values_of(rows, ["function"], function=str(function)) for function, rows in now.groupby("function")
    ]
    values = pd.concat(parts, ignore_index=True)
    both = values[values.groupby(["company", "variable"])["function"].transform("size") == 2]
    yield cells_in("functions", published, both, ["function", "variable"])
    for function, rows in both.groupby("function"):
        yield cells_in("gaps", published, rows, ["variable"], side=str(function))
