"""Linked tables: the cells of several tables, their margins and hierarchies, and the sums that tie them together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.infer.columns import numeric
from survey.problems import Problem, raise_if_any

ALL = "all"
"""The node of a dimension that is summed over."""

Table = Sequence[str]
Levels = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class LinkedTables:
    """Cells that add up to one another, and who is in them.

    Parameters
    ----------
    cells
        One row per cell, numbered from 0: one column per dimension, then ``value`` (the sum), ``low`` and ``high``
        (what anybody knows of it beforehand), ``companies`` and ``known`` (True if it is published in any case).
    equations
        Equations x cells; `equations @ value` is zero. What is linear in the cells with public weights belongs
        here: margins and hierarchies, means (as sums, their bases being published), shares of a shown base.
    members
        One row per company and cell: ``cell``, ``company``, ``value``, and ``low`` and ``high``, what anybody
        knows of that contribution beforehand.
    """

    cells: pd.DataFrame
    equations: sparse.csr_array
    members: pd.DataFrame


def link_tables(
    frame: pd.DataFrame,
    tables: Sequence[Table],
    *,
    value: str,
    low: float | str = 0.0,
    high: float | str = np.inf,
    levels: Levels | None = None,
    known: Table | None = None,
) -> LinkedTables:
    """Lay out tables of sums with all their margins, once per cell whatever tables it stands in.

    Parameters
    ----------
    frame
        One row per contribution: ``company``, the dimensions, `value`.
    tables
        The dimensions of each table; () is the grand total alone.
    value
        Column that is summed. For a mean give weight times score: with its published base the mean is the sum.
    low, high
        What anybody knows of a contribution beforehand, a number or a column: 0 to infinity for counts and
        amounts, 0 to 100 times the weight for scores.
    levels
        Coarser columns of a dimension, finest first: ``{"industry": ["sector"]}``.
    known
        A table whose cells are published in any case, such as the bases of shares that add up to 100.

    Returns
    -------
    LinkedTables
        Cells in the order of the tables. Empty cells are left out: that they are empty is shown.

    Raises
    ------
    InputError
        If a column is absent or not numeric, a dimension is missing somewhere, a value is outside its bounds, or
        an item of a level belongs to several of the next.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abc"), "region": ["n", "n", "s"], "sales": [1.0, 2.0, 4.0]})
    >>> linked = link_tables(frame, [["region"]], value="sales")
    >>> linked.cells[["region", "value", "companies"]].values.tolist()
    [['n', 3.0, 2], ['s', 4.0, 1], ['all', 7.0, 3]]
    >>> linked.equations.toarray().tolist()
    [[1.0, 1.0, -1.0]]
    """
    levels = dict(levels or {})
    dimensions = list(dict.fromkeys(name for table in tables for name in table))
    paths = {name: [name, *levels.get(name, ()), ALL] for name in dimensions}
    rows = _contributions(frame, paths, value=value, low=low, high=high)
    lattice = [grid for table in tables for grid in _grids(table, paths)]
    lattice = list(dict.fromkeys(lattice))
    parts = [_nodes(rows, dict(zip(dimensions, grid, strict=True))) for grid in lattice]
    long = pd.concat(parts, ignore_index=True)
    cell = long.groupby(dimensions, sort=False).ngroup() if dimensions else pd.Series(0, index=long.index)
    members = (
        long.assign(cell=cell)
        .groupby(["cell", "company"], sort=True, as_index=False)[["value", "low", "high"]]
        .sum()
    )
    sums = members.groupby("cell").agg(
        value=("value", "sum"), low=("low", "sum"), high=("high", "sum"), companies=("company", "size")
    )
    first = ~cell.duplicated()
    cells = long.loc[first, dimensions].reset_index(drop=True).join(sums)
    ways = dict(zip(dimensions, paths.values(), strict=True))
    grids = long.loc[first, [f"\0{name}" for name in dimensions]].reset_index(drop=True)
    shown = _is_in(grids, tuple(known), dimensions) if known is not None else np.zeros(len(cells), dtype=bool)
    equations = _equations(rows, cells, lattice, ways)
    return LinkedTables(cells.assign(known=shown), equations, members)


def _contributions(
    frame: pd.DataFrame, paths: Levels, *, value: str, low: float | str, high: float | str
) -> pd.DataFrame:
    """Check the frame and give its columns the names used here."""
    columns = [name for path in paths.values() for name in path[:-1]]
    bounds = [name for name in (low, high) if isinstance(name, str)]
    numbers = numeric(frame, [value, *bounds], keys=["company", *columns])
    raise_if_any(
        Problem("is missing in some rows", column=name)
        for name in ["company", *columns]
        if frame[name].isna().any()
    )
    known = [
        frame[name].to_numpy(float) if isinstance(name, str) else np.full(len(frame), name)
        for name in (low, high)
    ]
    rows = frame[["company", *columns]].reset_index(drop=True)
    rows = rows.assign(value=numbers[:, 0], low=known[0], high=known[1])
    outside = ~((rows["value"] >= rows["low"]) & (rows["value"] <= rows["high"]))
    raise_if_any(
        [Problem("is missing or outside its bounds in some rows", column=value)] if outside.any() else []
    )
    raise_if_any(
        Problem(f"belongs to several of {coarse}", column=fine)
        for path in paths.values()
        for fine, coarse in pairwise(path[:-1])
        if frame.groupby(fine)[coarse].nunique().gt(1).any()
    )
    return rows


def _grids(table: Table, paths: Levels) -> Iterator[tuple[str, ...]]:
    """Yield the level of every dimension, for every combination of levels of the table's own."""
    yield from product(*(paths[name] if name in table else [ALL] for name in paths))


def _nodes(rows: pd.DataFrame, grid: Mapping[str, str]) -> pd.DataFrame:
    """Return the contributions with each dimension at its level; a coarser item bears the name of its level."""
    nodes = {name: _node(rows, name, level) for name, level in grid.items()}
    marks = {f"\0{name}": level for name, level in grid.items()}
    return rows[["company", "value", "low", "high"]].assign(**nodes, **marks)


def _node(rows: pd.DataFrame, name: str, level: str) -> pd.Series | str:
    if level == ALL:
        return ALL
    words = rows[level].astype(str)
    return words if level == name else f"{level}=" + words


def _is_in(grids: pd.DataFrame, table: tuple[str, ...], dimensions: Sequence[str]) -> NDArray[np.bool_]:
    inside = [grids[f"\0{name}"].ne(ALL) == (name in table) for name in dimensions]
    return np.logical_and.reduce(inside) if inside else np.ones(len(grids), dtype=bool)


def _equations(
    rows: pd.DataFrame, cells: pd.DataFrame, lattice: Sequence[tuple[str, ...]], paths: Levels
) -> sparse.csr_array:
    """Write one equation per cell and dimension in which it is a sum over the level below."""
    dimensions = list(paths)
    if not dimensions:
        return sparse.csr_array((0, len(cells)))
    number = pd.Series(np.arange(len(cells)), index=pd.MultiIndex.from_frame(cells[dimensions]))
    blocks = [
        _sums(_pairs(rows, dict(zip(dimensions, grid, strict=True)), name, above), number)
        for grid in lattice
        for name, level in zip(dimensions, grid, strict=True)
        for above in _next(paths[name], level)
    ]
    return sparse.csr_array(sparse.vstack(blocks)) if blocks else sparse.csr_array((0, len(cells)))


def _next(path: Sequence[str], level: str) -> Sequence[str]:
    """Return the level above, none above the whole."""
    return [] if level == ALL else [path[list(path).index(level) + 1]]


def _pairs(
    rows: pd.DataFrame, grid: Mapping[str, str], name: str, above: str
) -> tuple[pd.MultiIndex, pd.MultiIndex]:
    """Return the cells of a grid, each beside the cell that it is added up to along one dimension."""
    sons = pd.DataFrame({key: _node(rows, key, level) for key, level in grid.items()}, index=rows.index)
    upper = sons.assign(**{name: _node(rows, name, above)})
    first = ~sons.duplicated()
    return pd.MultiIndex.from_frame(sons[first]), pd.MultiIndex.from_frame(upper[first])


def _sums(pairs: tuple[pd.MultiIndex, pd.MultiIndex], number: pd.Series) -> sparse.csr_array:
    """Write the equations: the parts minus the whole."""
    part, whole = (number.reindex(index).to_numpy() for index in pairs)
    wholes, row = np.unique(whole, return_inverse=True)
    entries = np.concatenate([np.ones(len(part)), -np.ones(len(wholes))])
    places = (np.concatenate([row, np.arange(len(wholes))]), np.concatenate([part, wholes]))
    return sparse.csr_array((entries, places), shape=(len(wholes), len(number)))
