"""Whose values the cells of the published tables are made of."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignmark.benchmark_rules import PeerRule
from alignmark.cell_members import KEYS, MEMBER, cells_in, made_otherwise, values_of, wanted
from alignmark.class_members import cells_of_classes, cells_of_other_classes
from alignmark.comparing import Compared
from alignmark.crosstab_members import BookColumns
from alignmark.gate_rules import PACK
from alignmark.measuring import headline_wave
from alignmark.peering import with_peer_columns
from alignmark.tied_values import area_ties, function_ties, index_ties
from alignmark.weighing import with_weights
from analysis.benchmark.classes import Classes
from analysis.benchmark.norm_table import MEAN
from analysis.benchmark.overlapping_cells import UNTIED
from analysis.measure.panel import Panel

LEVELS = ("from", "to")
"""Sides of a change that can be withheld while the change is shown."""

ON_COMMON_GROUND = "common ground"
"""What marks values that are scored on the statements that all waves have in common."""


OF_THE_INDEX: dict[str, tuple[str, tuple[str, ...]]] = {
    "adequacy": ("definition", ("index",)),
    "stages": ("stage", ()),
    "ladder": ("headline", ("alignment", "adequate", "gap")),
}
"""Tables whose rows stand on the companies that have the index: by which column, and which of its values (or all)."""


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """Published cells and whose values they are.

    Parameters
    ----------
    cells
        `KEYS` and ``known`` (published in any case); a row of a table that compares two groups is two cells, a
        change and its two levels are three.
    members
        ``cell`` (place in `cells`), ``company``, ``of`` (a variable of a wave, and of a function), ``weight``,
        ``sign`` (-1 where the value is taken off), and ``respondents`` where it is the mean of one function.
    ties
        Which of these values are means of others: `analysis.benchmark.tied_cells.TIE`.
    """

    cells: pd.DataFrame
    members: pd.DataFrame
    ties: pd.DataFrame = field(default_factory=UNTIED.copy)


def membership(
    published: dict[str, pd.DataFrame],
    panel: Panel,
    *,
    views: pd.DataFrame,
    waves: Compared,
    classes: dict[str, Classes],
    peers: PeerRule,
    books: BookColumns,
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
    peers
        How companies are grouped.
    books
        Whose answers the columns of crosstabs are made of.

    Returns
    -------
    Membership
        Of means, shares and percentiles of companies: what is estimated otherwise adds up to nothing.
    """
    latest = headline_wave(panel)
    frame = wanted(panel.frame, published)
    common = wanted(waves.ground.panel.frame, published)
    ground = values_of(common, tag=ON_COMMON_GROUND, apart=made_otherwise(frame, common))
    every, grouped = values_of(frame), with_peer_columns(panel, peers).frame
    parts = [
        cells_in("index_by_wave", published, ground, ["wave", "variable"]),
        cells_in("norms_by_wave", published, ground, ["wave", "variable"]),
        cells_in("norms", published, every, ["wave", "variable"]),
        *cells_of_the_index(published, every[every["wave"] == latest]),
        *_of_all_changes(published.get("changes", pd.DataFrame()), frame, waves),
        *_of_segments(published, grouped, frame, common, latest=latest),
        *_of_functions(published, views, frame, latest),
        *(
            part
            for basis, found in classes.items()
            for part in cells_of_classes(published, panel, basis, found, latest=latest)
        ),
        *cells_of_other_classes(published, panel, classes),
        *_of_pack(published, grouped, frame[frame["wave"] == latest]),
        *books.members,
    ]
    cells, members = _cells([part for part in parts if len(part)])
    if cells.empty:
        return Membership(cells, members)
    now = views[views["wave"] == latest] if len(views) else views
    ties = pd.concat([_ties(panel, frame, views=now, waves=waves), *books.ties], ignore_index=True)
    return Membership(cells, members, ties.drop_duplicates(ignore_index=True))


def cells_of_the_index(published: dict[str, pd.DataFrame], now: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield whose indices make the shares above its cuts, the stages and the headlines under other exclusion rules.

    They go where the norm of the index goes. Companies that another rule of exclusion leaves out are looked for by
    `alignmark.gate`.
    """
    index = now[now["variable"] == "alignment"]
    for name, (column, named) in OF_THE_INDEX.items():
        rows = published.get(name, pd.DataFrame())
        if len(rows):
            of_index = rows[rows[column].isin(named)] if named else rows
            yield cells_in(name, {name: of_index.assign(variable="alignment")}, index, ["variable"])


def _cells(parts: list[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Number the cells of members, and leave out how many respondents these stand for where nobody says."""
    if not parts:
        return pd.DataFrame(columns=[*KEYS, "known"]), pd.DataFrame(columns=["cell", "company", "of"])
    long = pd.concat(parts, ignore_index=True)
    cell = long.groupby(list(KEYS), sort=False).ngroup()
    known = long.get("known", pd.Series(False, index=long.index)).eq(True)
    cells = long.assign(known=known).loc[~cell.duplicated(), [*KEYS, "known"]].reset_index(drop=True)
    members = long.assign(cell=cell)[["cell", *MEMBER]]
    return cells, members if members["respondents"].notna().any() else members.drop(columns="respondents")


def _ties(panel: Panel, frame: pd.DataFrame, *, views: pd.DataFrame, waves: Compared) -> pd.DataFrame:
    """Gather which values are means of others: the index, on all that compares too; levels; areas of practices."""
    constructs = [name for name in panel.instrument.alignment_constructs if name in frame]
    parts = [index_ties(frame, constructs), *function_ties(views, frame, constructs), *area_ties(panel)]
    for (start, end), (common, _) in waves.pairs.items():
        apart = made_otherwise(frame, common.frame)
        there = [name for name in constructs if name in common.frame]
        parts += [index_ties(common.frame, there, tag=_between(start, end), apart=apart)] if apart else []
    return pd.concat(parts, ignore_index=True)


def _of_segments(
    published: dict[str, pd.DataFrame],
    grouped: pd.DataFrame,
    frame: pd.DataFrame,
    common: pd.DataFrame,
    *,
    latest: int,
) -> Iterator[pd.DataFrame]:
    """Yield the norms of each group of a segment, one cell for all statistics, and the changes of its index."""
    norms, moved = (published.get(name, pd.DataFrame()) for name in ("norm_means", "norm_changes"))
    segments = pd.concat(
        [table["segment"] for table in (norms, moved) if len(table)] or [pd.Series(dtype="str")]
    )
    apart = made_otherwise(frame, common)
    for segment in segments.unique():
        named = grouped[["company", "wave"]].assign(group="")
        if segment:
            named["group"] = grouped[segment].astype(object).fillna("not known").astype(str)
        if len(norms):
            means = norms[(norms["segment"] == segment) & (norms["statistic"] == MEAN)]
            now = frame[frame["wave"] == latest].merge(named, on=["company", "wave"])
            yield cells_in(
                "norm_means", {"norm_means": means}, values_of(now, ["group"]), ["group", "variable"],
                table=f"norms by {segment}",
            )  # fmt: skip
        if len(moved):
            rows = moved[moved["segment"] == segment]
            values = values_of(
                common.merge(named, on=["company", "wave"]), ["group"], tag=ON_COMMON_GROUND, apart=apart
            )
            for (start, end), some in rows.groupby(["wave_from", "wave_to"]):
                both = values[values["wave"].isin([start, end])]
                yield from _of_change(
                    "norm_changes", some, both, ["group", "variable"], table=f"changes by {segment}"
                )


def _of_all_changes(changes: pd.DataFrame, frame: pd.DataFrame, waves: Compared) -> Iterator[pd.DataFrame]:
    """Yield the changes of all companies between two waves, on what these have in common."""
    for (start, end), ground in waves.pairs.items() if len(changes) else ():
        rows = changes[(changes["wave_from"] == start) & (changes["wave_to"] == end)]
        here, common = frame[frame["wave"].isin([start, end])], ground.panel.frame
        known = common[[name for name in here if name in common]]
        values = values_of(known, tag=_between(start, end), apart=made_otherwise(here, known))
        yield from _of_change("changes", rows, values, ["variable"])


def _between(start: int, end: int) -> str:
    """Name what two waves have in common."""
    return f"{start} and {end}"


def _of_change(
    name: str, rows: pd.DataFrame, values: pd.DataFrame, keys: list[str], *, table: str = ""
) -> Iterator[pd.DataFrame]:
    """Yield each change, the later values less the earlier ones of the companies of both waves, and its levels."""
    if rows.empty:
        return
    start = rows["wave_from"].iloc[0]
    twice = values[values.groupby(["company", *keys])["wave"].transform("size") == 2]
    both = twice.assign(sign=np.where(twice["wave"] == start, -1.0, 1.0))
    yield cells_in(name, {name: rows}, both, keys, side="change", table=table)
    for side, falls in zip(LEVELS, (True, False), strict=True):
        level = both[(both["sign"] < 0) == falls].assign(sign=1.0)
        yield cells_in(name, {name: rows}, level, keys, side=side, table=table)


def _of_pack(
    published: dict[str, pd.DataFrame], grouped: pd.DataFrame, now: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    """Yield the norms of a pack: of the companies that have a score, and of groups of those with the index."""
    cells = published.get(PACK, pd.DataFrame())
    for segment, rows in cells.groupby("segment") if len(cells) else ():
        known = now.assign(group="")
        if segment:
            facts = grouped[["company", "wave", str(segment)]].rename(columns={str(segment): "group"})
            known = known.drop(columns="group").merge(facts.astype({"group": "str"}), on=["company", "wave"])
        values = values_of(known, ["group"])
        yield cells_in(PACK, {PACK: rows}, values, ["group", "variable"], table=f"pack {segment}")


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
