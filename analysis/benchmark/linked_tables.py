"""Linked tables: the cells of several tables, their margins and hierarchies, and the sums that tie them together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.infer.columns import Codes, numeric
from survey.problems import Problem, raise_if_any

ALL = "all"
"""The node of a dimension that is summed over."""

PARTS = ("company", "value", "low", "high")
"""Columns of a contribution."""

Table = Sequence[str]
Levels = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class LinkedTables:
    """Cells that add up to one another, and who is in them.

    Parameters
    ----------
    cells
        One row per cell, numbered from 0: one column per dimension, then ``value`` (the sum), ``low`` and ``high``
        (what anybody knows of it beforehand), ``companies`` and ``known`` (True if it is published in any case);
        where there is a column ``latent``, True if it is published in no case, but could be worked out; where there
        is a column ``worth``, how much more it would be missed than others (1 or more); where there is a column
        ``secret``, True if nobody may work it out though it breaks no rule.
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

    @property
    def latent(self) -> NDArray[np.bool_]:
        """Whether each cell is one that nobody publishes."""
        if "latent" not in self.cells:
            return np.zeros(len(self.cells), dtype=bool)
        return self.cells["latent"].to_numpy(dtype=bool)


def link_tables(  # noqa: PLR0913
    frame: pd.DataFrame,
    tables: Sequence[Table],
    *,
    value: str,
    low: float | str = 0.0,
    high: float | str = np.inf,
    levels: Levels | None = None,
    known: Table | None = None,
    apart: str | None = None,
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
    apart
        A column, such as the statistic, for each item of which there are tables of their own that share no sum.

    Returns
    -------
    LinkedTables
        Cells in the order of their items, wholes last, whatever the order of the rows. Empty cells are left out:
        that they are empty is shown.

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
    own = [apart] if apart is not None else []
    tables = [[*own, *table] for table in tables]
    dimensions = list(dict.fromkeys(name for table in tables for name in table))
    paths = {name: [name, *levels.get(name, ()), *([] if name == apart else [ALL])] for name in dimensions}
    rows = _contributions(frame, paths, value=value, low=low, high=high)
    grids = list(dict.fromkeys(grid for table in tables for grid in _grids(table, paths)))
    nodes = [_nodes(rows, path) for path in paths.values()]
    keys = np.concatenate([_keys(grid, nodes, len(rows)) for grid in grids])
    distinct, first, cell = np.unique(keys, return_index=True, return_inverse=True)
    members = _members(rows, cell)
    sums = members.groupby("cell").agg(
        value=("value", "sum"), low=("low", "sum"), high=("high", "sum"), companies=("company", "size")
    )
    grid_of = np.repeat(np.arange(len(grids)), len(rows))[first]
    anyway = np.array([known is not None and _is_of(grid, [*own, *known], paths) for grid in grids])
    cells = _names(distinct, nodes, dimensions).join(sums).assign(known=anyway[grid_of])
    ties = _equations(grids, paths, dict(zip(grids, cell.reshape(len(grids), -1), strict=True)))
    return LinkedTables(cells, _as_matrix(ties, len(cells)), members)


def _contributions(
    frame: pd.DataFrame, paths: Levels, *, value: str, low: float | str, high: float | str
) -> pd.DataFrame:
    """Check the frame and give its columns the names used here."""
    columns = [name for path in paths.values() for name in path if name != ALL]
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
        for fine, coarse in pairwise(path)
        if coarse != ALL and frame.groupby(fine)[coarse].nunique().gt(1).any()
    )
    return rows


def _members(rows: pd.DataFrame, cell: Codes) -> pd.DataFrame:
    """Add up what a company gives to a cell."""
    times = len(cell) // max(len(rows), 1)
    stacked = pd.DataFrame({name: np.tile(rows[name].to_numpy(), times) for name in PARTS})
    return stacked.assign(cell=cell).groupby(["cell", "company"], as_index=False)[list(PARTS[1:])].sum()


def _grids(table: Table, paths: Levels) -> Iterator[tuple[str, ...]]:
    """Yield the level of every dimension, for every combination of levels of the table's own."""
    yield from product(*(paths[name] if name in table else [ALL] for name in paths))


def _nodes(rows: pd.DataFrame, path: Sequence[str]) -> tuple[dict[str, Codes], list[str]]:
    """Number the items of all levels of a dimension through; a coarser one bears the name of its level."""
    codes: dict[str, Codes] = {}
    names: list[str] = []
    for level in path:
        if level == ALL:
            continue
        code, items = pd.factorize(rows[level], sort=True)
        codes[level] = np.asarray(code, dtype=np.int64) + len(names)
        names += [str(item) if level == path[0] else f"{level}={item}" for item in items]
    return {**codes, ALL: np.full(len(rows), len(names))}, [*names, ALL]


def _keys(grid: Sequence[str], nodes: Sequence[tuple[dict[str, Codes], list[str]]], rows: int) -> Codes:
    """Give each row the number of its cell in a grid, unique over all grids."""
    key = np.zeros(rows, dtype=np.int64)
    for level, (codes, names) in zip(grid, nodes, strict=True):
        key = key * len(names) + codes[level]
    return key


def _names(
    keys: Codes, nodes: Sequence[tuple[dict[str, Codes], list[str]]], dimensions: Sequence[str]
) -> pd.DataFrame:
    """Say of each key which items it is made of."""
    columns: dict[str, NDArray[np.object_]] = {}
    for name, (_, names) in reversed(list(zip(dimensions, nodes, strict=True))):
        keys, item = np.divmod(keys, len(names))
        columns[name] = np.array(names, dtype=object)[item]
    return pd.DataFrame({name: columns[name] for name in dimensions}, index=range(len(keys)))


def _is_of(grid: Sequence[str], table: Table, paths: Levels) -> bool:
    return all((level != ALL) == (name in table) for name, level in zip(paths, grid, strict=True))


def _equations(
    grids: Sequence[tuple[str, ...]], paths: Levels, cell: Mapping[tuple[str, ...], Codes]
) -> Iterator[tuple[Codes, Codes]]:
    """Yield, for each grid and dimension, its cells beside those that they add up to one level above."""
    for grid in grids:
        for place, path in enumerate(paths.values()):
            if grid[place] == path[-1]:
                continue
            above = path[list(path).index(grid[place]) + 1]
            part, whole = cell[grid], cell[(*grid[:place], above, *grid[place + 1 :])]
            _, first = np.unique(part, return_index=True)
            yield part[first], whole[first]


def _as_matrix(ties: Iterable[tuple[Codes, Codes]], cells: int) -> sparse.csr_array:
    """Write the equations: the parts minus the whole."""
    blocks = [sparse.csr_array((0, cells))]
    for part, whole in ties:
        wholes, row = np.unique(whole, return_inverse=True)
        entries = np.concatenate([np.ones(len(part)), -np.ones(len(wholes))])
        places = (np.concatenate([row, np.arange(len(wholes))]), np.concatenate([part, wholes]))
        blocks.append(sparse.csr_array((entries, places), shape=(len(wholes), cells)))
    return sparse.csr_array(sparse.vstack(blocks))
