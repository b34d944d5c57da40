"""The ledger of what was published: nothing new may, taken from something old, leave only a few companies."""

import hashlib
import hmac
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.infer.columns import Codes
from survey.problems import Problem, raise_if_any

CELL = ("table", "cell", "statistic", "wave", "wave_from")
"""What names a published cell; `wave_from` is missing but for changes between two waves."""

COLUMNS = ("release", *CELL, "companies", "members")
"""Columns of the ledger; `members` are the keyed hashes of the companies, sorted, with blanks between."""

DIGITS = 16


def ledger_of(cells: pd.DataFrame, members: pd.DataFrame, *, release: str, key: bytes) -> pd.DataFrame:
    """Write the cells of a release as rows of the ledger.

    Parameters
    ----------
    cells
        One row per shown cell: the columns of `CELL`. Cells of one table and wave share no company.
    members
        ``row`` (number of the cell, from 0) and ``company``, whose values the cell is made of. A change between
        waves is made of the companies of both.
    release
        Name of the release.
    key
        Secret under which companies are hashed; the same in every release, and never beside the ledger.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`, ready to be kept as a CSV file. The ledger names no company and holds no value.

    Raises
    ------
    InputError
        If a column is absent, a cell has no member or the key is empty.

    Examples
    --------
    >>> cells = pd.DataFrame({"table": ["norms"], "cell": ["steel"], "statistic": ["alignment"], "wave": [2025]})
    >>> members = pd.DataFrame({"row": [0, 0], "company": ["Acme", "Apex"]})
    >>> ledger_of(cells.assign(wave_from=np.nan), members, release="2025-1", key=b"secret").loc[0, "companies"]
    2
    """
    _check(cells, CELL)
    _check(members, ("row", "company"))
    empty = ~pd.Series(range(len(cells))).isin(members["row"])
    problems = [Problem("has no member", row=int(row)) for row in np.flatnonzero(empty)]
    raise_if_any(problems if key else [*problems, Problem("is empty", column="key")])
    names = members["company"].drop_duplicates()
    codes = {name: hmac.new(key, str(name).encode(), hashlib.sha256).hexdigest()[:DIGITS] for name in names}
    listed = members.assign(code=members["company"].map(codes)).drop_duplicates(["row", "code"])
    listed = listed.sort_values(["row", "code"]).groupby("row")["code"]
    rows = cells[list(CELL)].reset_index(drop=True).assign(release=release)
    return rows.assign(companies=listed.size(), members=listed.agg(" ".join))[list(COLUMNS)]


def check_release(new: pd.DataFrame, ledger: pd.DataFrame, *, minimum: int = 5) -> pd.DataFrame:
    """Find the new cells that, with what was published, would stand for fewer companies than `minimum`.

    Differencing (Hundepool et al., 2012, Statistical Disclosure Control, section 5.2): whoever has two cells of one
    statistic that differ by one company has that company's value. Three attacks on each new cell:

    - it and one published cell of the same wave differ by fewer than `minimum` companies;
    - the cells of one published table that lie in it leave fewer of it, or the other way round;
    - a change between waves, with the level of both, leaves fewer: those who came or went.

    Parameters
    ----------
    new
        Rows of the new release, as `ledger_of` writes them. Those further up are shown rather than those below.
    ledger
        Rows of all earlier releases.
    minimum
        Companies that a difference stands for at least; one of none tells nothing.

    Returns
    -------
    DataFrame
        `new` with ``reason`` ("" or "differencing") and ``against``, the published cell that gives it away. What
        has a reason must be blanked and stay out of the ledger.

    Raises
    ------
    InputError
        If a column is absent.

    Notes
    -----
    It does not look for sums of cells of several tables at once; within one release `protect` does.

    Examples
    --------
    >>> cells = pd.DataFrame({"table": "norms", "cell": ["all"], "statistic": "alignment", "wave": 2025})
    >>> cells = cells.assign(wave_from=np.nan)
    >>> def made_of(names): return pd.DataFrame({"row": 0, "company": list(names)})
    >>> old = ledger_of(cells, made_of("abcdefgh"), release="first", key=b"secret")
    >>> new = ledger_of(cells, made_of("abcdefghi"), release="second", key=b"secret")
    >>> check_release(new, old)[["reason", "against"]].loc[0].tolist()
    ['differencing', 'first: norms, all']
    """
    _check(new, COLUMNS)
    _check(ledger, COLUMNS)
    rows = pd.concat([ledger[list(COLUMNS)], new[list(COLUMNS)]], ignore_index=True) if len(ledger) else new
    rows = rows.reset_index(drop=True)
    inside = _membership(rows["members"])
    start = len(rows) - len(new)
    shown = np.arange(len(rows)) < start
    against = [""] * len(new)
    for row in range(start, len(rows)):
        found = next(_reveals(row, np.flatnonzero(shown), rows, inside, minimum), None)
        shown[row] = found is None
        against[row - start] = "" if found is None else _name(rows.loc[found])
    said = pd.Series(against, index=new.index, dtype=object)
    return new.assign(reason=np.where(said.eq(""), "", "differencing"), against=said)


def _reveals(
    row: int, shown: Codes, rows: pd.DataFrame, inside: sparse.csr_array, minimum: int
) -> Iterator[int]:
    """Yield the shown cells with which a cell leaves too few companies."""
    shown = shown[rows["statistic"].to_numpy()[shown] == rows["statistic"].iloc[row]]
    size = np.asarray(inside.sum(axis=1)).ravel()
    common = (inside[shown] @ inside[[row]].T).toarray().ravel()
    apart = size[shown] + size[row] - 2 * common
    alike = _same_waves(rows, row, shown)
    yield from shown[alike & (apart > 0) & (apart < minimum)]
    table = rows.loc[shown, ["release", "table"]].agg("\0".join, axis=1).to_numpy() if len(shown) else shown
    yield from _left_by_parts(shown, table, alike & (common == size[shown]), size, size[row], minimum)
    for whole in shown[alike & (common == size[row])]:
        yield from _left_of_whole(row, int(whole), shown, rows, inside, minimum)
    yield from _left_by_change(row, shown, rows, inside, minimum)


def _left_by_parts(
    shown: Codes, table: NDArray[np.object_], part: NDArray[np.bool_], size: Codes, whole: int, minimum: int
) -> Iterator[int]:
    """Yield a part of a new cell if all parts of it in one published table leave too few."""
    parts = pd.DataFrame({"row": shown[part], "table": table[part], "size": size[shown[part]]})
    left = whole - parts.groupby("table")["size"].transform("sum")
    yield from parts.loc[(left > 0) & (left < minimum), "row"]


def _left_of_whole(
    row: int, whole: int, shown: Codes, rows: pd.DataFrame, inside: sparse.csr_array, minimum: int
) -> Iterator[int]:
    """Yield a published cell of which this cell and its shown neighbours in the same table would leave too few."""
    same = (
        rows.loc[shown, ["release", "table"]].eq(rows.loc[row, ["release", "table"]]).all(axis=1).to_numpy()
    )
    beside = shown[same & _same_waves(rows, row, shown)]
    size = np.asarray(inside.sum(axis=1)).ravel()
    within = beside[(inside[beside] @ inside[[whole]].T).toarray().ravel() == size[beside]]
    within = within[within != whole]
    left = size[whole] - size[within].sum() - size[row]
    if 0 < left < minimum:
        yield whole


def _left_by_change(
    row: int, shown: Codes, rows: pd.DataFrame, inside: sparse.csr_array, minimum: int
) -> Iterator[int]:
    """Yield a cell of a change and two levels, this one among them, that leave too few who came or went."""
    among = np.append(shown, row)
    waves, start = rows["wave"].to_numpy()[among], rows["wave_from"].to_numpy()[among]
    change = pd.notna(start)
    for at in np.flatnonzero(change):
        apart = abs(inside[among] - inside[np.full(len(among), among[at])])
        near = ~change & (np.asarray(apart.sum(axis=1)).ravel() < minimum)
        for first in np.flatnonzero(near & (waves == start[at])):
            for last in np.flatnonzero(near & (waves == waves[at])):
                left = (apart[[first]] + apart[[last]]).count_nonzero()
                triple = among[[at, first, last]]
                if row in triple and 0 < left < minimum:
                    yield int(triple[triple != row][0])


def _same_waves(rows: pd.DataFrame, row: int, others: Codes) -> NDArray[np.bool_]:
    keys = ["wave", "wave_from"]
    mine, theirs = rows.loc[row, keys], rows.loc[others, keys]
    same = theirs.eq(mine) | (theirs.isna() & mine.isna())
    return np.asarray(same.all(axis=1), dtype=bool)


def _membership(members: pd.Series) -> sparse.csr_array:
    """Return rows x companies, 1 where the company is a member."""
    lists = members.str.split()
    codes, names = pd.factorize(lists.explode())
    row = np.repeat(np.arange(len(members)), lists.str.len())
    return sparse.csr_array(
        (np.ones(len(codes), dtype=np.int64), (row, codes)), shape=(len(members), len(names))
    )


def _name(row: pd.Series) -> str:
    return f"{row['release']}: {row['table']}, {row['cell']}"


def _check(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    raise_if_any(
        Problem("is not a column of the table", column=name, allowed=", ".join(columns))
        for name in columns
        if name not in frame
    )
