"""Differencing: what a new release leaves of a few companies once an older one is taken off."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.benchmark.release_ledger import COLUMNS, check_columns
from analysis.infer.columns import Codes


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
    >>> from analysis.benchmark.release_ledger import ledger_of
    >>> cells = pd.DataFrame({"table": "norms", "cell": ["all"], "statistic": "alignment", "wave": 2025})
    >>> cells = cells.assign(wave_from=np.nan)
    >>> def made_of(names): return pd.DataFrame({"row": 0, "company": list(names)})
    >>> old = ledger_of(cells, made_of("abcdefgh"), release="first", key=b"secret")
    >>> new = ledger_of(cells, made_of("abcdefghi"), release="second", key=b"secret")
    >>> check_release(new, old)[["reason", "against"]].loc[0].tolist()
    ['differencing', 'first: norms, all']
    """
    check_columns(new, COLUMNS)
    check_columns(ledger, COLUMNS)
    if new.empty:
        return new.assign(reason="", against="")
    rows = pd.concat([part[list(COLUMNS)] for part in (ledger, new) if len(part)], ignore_index=True)
    table = np.asarray(rows.groupby(["release", "table"], sort=False).ngroup(), dtype=np.int64)
    waves = pd.factorize(pd.concat([rows["wave"], rows["wave_from"]]))[0].reshape(2, -1)
    published = _Published(
        rows, table=table, statistic=pd.factorize(rows["statistic"])[0], wave=waves[0], wave_from=waves[1],
        inside=_membership(rows["members"]), minimum=minimum,
    )  # fmt: skip
    start = len(rows) - len(new)
    shown = np.arange(len(rows)) < start
    against = [""] * len(new)
    for row in range(start, len(rows)):
        found = next(_reveals(row, np.flatnonzero(shown), published), None)
        shown[row] = found is None
        against[row - start] = "" if found is None else published.name(found)
    said = pd.Series(against, index=new.index, dtype=object)
    return new.assign(reason=np.where(said.eq(""), "", "differencing"), against=said)


@dataclass(frozen=True, slots=True, eq=False)
class _Published:
    """Rows of the ledger; numbers of table, statistic and waves; rows x companies, 1 for a member; the minimum."""

    rows: pd.DataFrame
    table: Codes
    statistic: Codes
    wave: Codes
    wave_from: Codes
    inside: sparse.csr_array
    minimum: int

    def size(self, rows: Codes) -> Codes:
        """Return the number of companies of each row."""
        return np.asarray(self.inside[rows].sum(axis=1), dtype=np.int64).ravel()

    def common(self, rows: Codes, with_row: int) -> Codes:
        """Return the number of companies that each row shares with one."""
        return np.asarray((self.inside[rows] @ self.inside[[with_row]].T).toarray(), dtype=np.int64).ravel()

    def apart(self, rows: Codes, from_row: int) -> Codes:
        """Return the number of companies by which each row differs from one."""
        whole = self.size(np.array([from_row]))
        return self.size(rows) + whole - 2 * self.common(rows, from_row)

    def came_or_went(self, triple: Codes) -> Codes:
        """Return the number of companies in which two levels differ from the change between them."""
        change, first, last = (self.inside[[row]] for row in triple)
        return np.array([(abs(first - change) + abs(last - change)).count_nonzero()])

    def too_few(self, left: Codes) -> NDArray[np.bool_]:
        """Tell which numbers of companies are some but too few."""
        return (left > 0) & (left < self.minimum)

    def alike(self, rows: Codes, row: int) -> NDArray[np.bool_]:
        """Tell which rows are of the waves of one."""
        same = (self.wave[rows] == self.wave[row]) & (self.wave_from[rows] == self.wave_from[row])
        return np.asarray(same, dtype=bool)

    def name(self, row: int) -> str:
        """Say which cell a row is."""
        release, table, cell = (self.rows[key].iloc[row] for key in ("release", "table", "cell"))
        return f"{release}: {table}, {cell}"


def _reveals(row: int, shown: Codes, published: _Published) -> Iterator[int]:
    """Yield the shown cells with which a cell leaves too few companies."""
    shown = shown[published.statistic[shown] == published.statistic[row]]
    beside = shown[published.alike(shown, row)]
    size, whole = published.size(beside), int(published.size(np.array([row]))[0])
    common = published.common(beside, row)
    yield from beside[published.too_few(published.apart(beside, row))]
    yield from _left_by_parts(beside[common == size], whole, published)
    for larger in beside[common == whole]:
        yield from _left_of_whole(row, int(larger), beside, published)
    yield from _left_by_change(row, shown, published)


def _left_by_parts(parts: Codes, whole: int, published: _Published) -> Iterator[int]:
    """Yield a part of a new cell if all parts of it in one published table leave too few."""
    sizes = pd.Series(published.size(parts), index=parts)
    left = whole - sizes.groupby(published.table[parts]).transform("sum")
    yield from parts[published.too_few(left.to_numpy())]


def _left_of_whole(row: int, whole: int, beside: Codes, published: _Published) -> Iterator[int]:
    """Yield a published cell of which this cell and its shown neighbours in the same table leave too few."""
    near = beside[(published.table[beside] == published.table[row]) & (beside != whole)]
    near = np.append(near[published.common(near, whole) == published.size(near)], row)
    left = published.size(np.array([whole])) - published.size(near).sum()
    if published.too_few(left).any():
        yield whole


def _left_by_change(row: int, shown: Codes, published: _Published) -> Iterator[int]:
    """Yield a cell of a change and two levels, this one among them, that leave too few who came or went."""
    among = np.append(shown, row)
    waves, start = published.wave[among], published.wave_from[among]
    change = start >= 0
    near = published.apart(among, row) < published.minimum
    changes = np.flatnonzero(change & near) if not change[-1] else np.array([len(among) - 1])
    for at in changes:
        close = ~change & (published.apart(among, int(among[at])) < published.minimum)
        for first in np.flatnonzero(close & (waves == start[at])):
            for last in np.flatnonzero(close & (waves == waves[at])):
                triple = among[[at, first, last]]
                if row in triple and published.too_few(published.came_or_went(triple)).any():
                    yield int(triple[triple != row][0])


def _membership(members: pd.Series) -> sparse.csr_array:
    """Return rows x companies, 1 where the company is a member."""
    lists = [text.split() for text in members]
    codes, names = pd.factorize(np.array([code for listed in lists for code in listed], dtype=object))
    row = np.repeat(np.arange(len(lists)), [len(listed) for listed in lists])
    return sparse.csr_array(
        (np.ones(len(codes), dtype=np.int64), (row, codes)), shape=(len(lists), len(names))
    )
