"""Whose values the cells of the published tables are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignmark.benchmark_rules import PeerRule
from alignmark.comparing import Compared
from alignmark.peering import with_peer_columns
from alignmark.weighing import with_weights
from analysis.benchmark.classes import ALL, REST, Classes, with_class
from analysis.benchmark.norm_table import MEAN
from analysis.measure.panel import Panel

KEYS = ("name", "row", "table", "side")
"""What names a published cell: the table of the evidence, its row, which cells it may add up with, and which part of
the row it is."""

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
    frame = _wanted(panel.frame, published)
    tag = "common ground" if waves.ground.left_out else ""
    ground = _values(_wanted(waves.ground.panel.frame, published), tag=tag)
    every = _values(frame)
    parts = [
        _found("index_by_wave", published, ground, ["wave", "variable"]),
        _found("norms_by_wave", published, ground, ["wave", "variable"]),
        _found("norms", published, every, ["wave", "variable"]),
        *_of_changes("changes", published.get("changes", pd.DataFrame()), frame),
        *_of_segments(published, panel, latest, peers),
        *_of_functions(published, views, frame, latest),
        *(part for basis, found in classes.items() for part in _of_classes(published, frame, basis, found)),
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


def _wanted(frame: pd.DataFrame, published: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Keep the columns of which something is published, and those that say whose values they are."""
    tables = [table for table in published.values() if len(table)]
    said = {
        str(name)
        for table in tables
        for key in ("variable", "practice")
        if key in table
        for name in table[key]
    }
    own = {"company", "wave", "weight", "n_sales", "n_marketing"}
    return frame[[name for name in frame if name in own | said]]


def _values(
    frame: pd.DataFrame, keys: Sequence[str] = (), *, tag: str = "", function: str = ""
) -> pd.DataFrame:
    """Return every value of companies, one a row: company, wave, `keys`, variable, of, weight, respondents."""
    if "weight" not in frame:
        frame = frame.assign(weight=1.0)
    names = ["company", "wave", "weight", *keys]
    count = f"n_{function}"
    people = frame[count].astype(float) if count in frame else pd.Series(float("nan"), index=frame.index)
    known = frame.drop(columns=["respondents"], errors="ignore").assign(respondents=people)
    numbers = [str(name) for name in frame.select_dtypes("number") if name not in names]
    long = known.melt([*names, "respondents"], value_vars=numbers, value_name="given").dropna(subset="given")
    long = long[long["weight"] > 0]
    told = [text for text in (function, tag) if text]
    of = long["variable"].astype(str) + "|" + long["wave"].astype(str) + "".join(f"|{text}" for text in told)
    return long.drop(columns="given").assign(of=of)


def _found(
    name: str,
    published: dict[str, pd.DataFrame],
    values: pd.DataFrame,
    keys: list[str],
    *,
    side: str = "",
    table: str = "",
) -> pd.DataFrame:
    """Return the members of the rows of a table whose keys name the values."""
    rows = published.get(name, pd.DataFrame())
    if rows.empty or not set(keys) <= set(rows) or values.empty:
        return pd.DataFrame()
    keyed = rows[keys].assign(row=rows.index)
    joined = keyed.merge(values, on=keys, how="inner")
    sign = joined.get("sign", 1.0)
    return joined.assign(name=name, side=side, table=table or name, sign=sign)[
        [*KEYS, "company", "of", "weight", "sign", "respondents"]
    ]


def _of_segments(
    published: dict[str, pd.DataFrame], panel: Panel, latest: int, peers: PeerRule
) -> Iterator[pd.DataFrame]:
    """Yield the norms of each group of a segment, one cell for all statistics, and the changes of its index."""
    norms, moved = (published.get(name, pd.DataFrame()) for name in ("norm_means", "norm_changes"))
    tables = [table[["segment", "group"]] for table in (norms, moved) if len(table)]
    if not tables:
        return
    grouped = with_peer_columns(panel, peers).frame
    bare = _wanted(grouped, published)
    for segment, group in pd.concat(tables).drop_duplicates().itertuples(index=False, name=None):
        named = grouped[segment].astype(object).fillna("not known").astype(str) if segment else group
        rows = bare[(pd.Series(named, index=grouped.index) == str(group)).to_numpy(dtype=bool)]
        mine = [
            table[(table["segment"] == segment) & (table["group"] == group)] if len(table) else table
            for table in (norms, moved)
        ]
        if len(mine[0]):
            means = {"norm_means": mine[0][mine[0]["statistic"] == MEAN]}
            now = _values(rows[rows["wave"] == latest])
            yield _found("norm_means", means, now, ["variable"], table=f"norms by {segment}")
        yield from _of_changes("norm_changes", mine[1], rows, table=f"changes by {segment}")


def _of_changes(
    name: str, published: pd.DataFrame, frame: pd.DataFrame, *, table: str = ""
) -> Iterator[pd.DataFrame]:
    """Yield each change, the later values less the earlier ones of the companies of both waves, and its levels."""
    for (start, end), rows in published.groupby(["wave_from", "wave_to"]) if len(published) else ():
        without = rows["left_out"].ne("").any() if "left_out" in rows else False
        tag = f"{start:.0f} and {end:.0f}" if without else ""
        values = _values(frame[frame["wave"].isin([start, end])], tag=tag)
        twice = values.groupby(["company", "variable"])["wave"].transform("size") == 2
        both = values[twice].assign(sign=np.where(values.loc[twice, "wave"] == start, -1.0, 1.0))
        yield _found(name, {name: rows}, both, ["variable"], side="change", table=table)
        for side, wave in zip(LEVELS, (start, end), strict=True):
            level = both[both["wave"] == wave].assign(sign=1.0)
            yield _found(name, {name: rows}, level, ["variable"], side=side, table=table)


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
        _values(rows, ["function"], function=str(function)) for function, rows in now.groupby("function")
    ]
    values = pd.concat(parts, ignore_index=True)
    both = values[values.groupby(["company", "variable"])["function"].transform("size") == 2]
    yield _found("functions", published, both, ["function", "variable"])
    for function, rows in both.groupby("function"):
        yield _found("gaps", published, rows, ["variable"], side=str(function))


def _of_classes(
    published: dict[str, pd.DataFrame], frame: pd.DataFrame, basis: str, found: Classes
) -> Iterator[pd.DataFrame]:
    """Yield means and shares by class, and both sides of contrasts."""
    classed = with_class(frame, found)
    values = _values(classed.assign(**{"class": classed["class"].astype(object)}), ["class"])
    values = values[values["class"].notna()]
    best, own = found.names[0], f"classes by {basis}"
    rest = values[values["class"] != best].assign(**{"class": REST})
    groups = pd.concat([values, rest, values.assign(**{"class": ALL})], ignore_index=True)
    for name in ("class_means", "class_gaps"):
        table = published.get(name, pd.DataFrame())
        mine = {name: table[table["basis"] == basis] if len(table) else table}
        if name == "class_means":
            yield _found(name, mine, values, ["class", "variable"], table=own)
            continue
        for side, key in (("a", "a"), ("b", "contrast")):
            sided = groups.rename(columns={"class": key})
            yield _found(name, mine, sided, [key, "variable"], side=side, table=f"{name} {side} by {basis}")
    if basis == "outcomes":
        yield _found("targets", published, values, ["class", "variable"], table=own)
        named = values.rename(columns={"variable": "practice"})
        yield _found("practices", published, named, ["class", "practice"], table=own)
