"""Published cells that share companies: what their differences and what is left of a total would tell."""

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.benchmark.linked_tables import LinkedTables
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.suppression import protect
from analysis.infer.columns import Codes, numeric

ROUNDS = 10
"""Times that what hidden cells leave of totals is looked at; each time something more is hidden."""

BASIS = ("cell", "company", "of", "weight")
"""Columns of a member: which cell, whose value, of what (a variable of a wave), with which weight."""


def withhold_cells(
    cells: pd.DataFrame, members: pd.DataFrame, *, rules: PrimaryRules | None = None
) -> pd.DataFrame:
    """Say which published cells must be withheld, whatever their values are.

    Cells are means, shares and percentiles of companies. Whoever has the mean and base of two of them has that of
    the companies in which they differ; so the smallest groups that cells are made of, the differences of any two
    cells and what the shown cells of a table leave of a total are groups as well, which nobody publishes and which
    must satisfy the same rules: they stay uncertain to an outsider and to every company (`protect`). That covers
    tables that add up, classes, peer groups, waves and, as cells that are known anyway, earlier releases. A change
    is one value less another: with the levels of two waves it tells of those who came and those who left.

    Parameters
    ----------
    cells
        One row per cell: ``table`` (cells of one table that share no company may add up to others) and ``known``
        (published before, in any case); where there is a column ``worth``, how much more a cell would be missed than
        one of 1: what is worth less is withheld first. Cells of one name in a column ``spare`` are given up together,
        before anything else is, where one of them and another cell leave too few; "" for cells that are not.
    members
        One row per value in a cell: `BASIS`; where there is a column ``respondents``, how many people's mean the
        value is; where there is a column ``sign``, -1 for a value that is taken off. Values lie in a range that
        everybody knows, such as 0-100.
    rules
        The rules.

    Returns
    -------
    DataFrame
        One row per cell: ``reason`` ("" where it may be shown; "companies", "respondents", "share", "dominance",
        "p%" for its own sake; "differencing" where a group that nobody publishes could be worked out otherwise).

    Raises
    ------
    InputError
        If a column is absent.

    Notes
    -----
    What is withheld depends on who is in a cell and with which weight, never on an answer: blanks tell nothing.

    Examples
    --------
    >>> cells = pd.DataFrame({"table": ["all", "class", "class"], "known": False})
    >>> rows = [(0, n) for n in range(20)] + [(1, n) for n in range(8)] + [(2, n) for n in range(8, 18)]
    >>> members = pd.DataFrame(rows, columns=["cell", "company"]).assign(of="alignment", weight=1.0)
    >>> withhold_cells(cells, members)["reason"].tolist()
    ['', 'differencing', '']
    >>> withhold_cells(cells.assign(known=[True, False, False]), members[members["company"] < 18])["reason"].tolist()
    ['', '', '']
    """
    numeric(cells, ["known"], keys=["table"])
    numeric(members, ["weight"], keys=BASIS)
    rules, every = rules or PrimaryRules(), cells.reset_index(drop=True)
    if "spare" in every:
        gone = _Groups(every, members).to_spare(rules.minimum_companies)
        place = pd.Series(np.cumsum(~gone) - 1)[~gone]
        rest = members[members["cell"].isin(place.index)]
        rest = rest.assign(cell=rest["cell"].map(place).astype("int64"))
        found = withhold_cells(every[~gone].drop(columns="spare"), rest, rules=rules)["reason"]
        return pd.DataFrame(
            {"reason": found.set_axis(place.index).reindex(every.index, fill_value="differencing")}
        )
    groups = _Groups(every, members)
    derived = groups.differences(rules.minimum_companies)
    for _ in range(ROUNDS):
        linked = groups.linked(derived)
        safe = protect(linked, rules)
        reason = safe.cells["reason"].iloc[: len(cells)].replace("complementary", "differencing")
        left = groups.left_of_totals(reason.eq("").to_numpy(), rules.minimum_companies)
        more = [row for row in left if row not in derived]
        if not more:
            break
        derived = [*derived, *more]
    return pd.DataFrame({"reason": reason.to_numpy()})


Derived = tuple[tuple[int, int], ...]
"""A group that cells give away: cells and how often each is added or taken off."""


class _Groups:
    """Cells, and the smallest groups of values that they are made of."""

    def __init__(self, cells: pd.DataFrame, members: pd.DataFrame) -> None:
        self.cells = cells
        named = members.drop_duplicates(["cell", "company", "of"])
        unit = named.groupby(["company", "of"], sort=True).ngroup().to_numpy()
        cell = named["cell"].to_numpy()
        sign = named["sign"].to_numpy(dtype=float) if "sign" in named else np.ones(len(named))
        # Values that stand in the same cells make a group; the sum of one random number per cell tells them apart.
        marks = np.random.default_rng(0).integers(1, 2**62, len(cells), dtype=np.uint64)
        mark = np.zeros(unit.max(initial=-1) + 1, dtype=np.uint64)
        np.add.at(mark, unit, np.where(sign > 0, marks[cell], -marks[cell]))
        group = np.unique(mark, return_inverse=True)[1][unit]
        self.count = int(group.max(initial=-1)) + 1
        self.made_of = sparse.csr_array((sign, (cell, group)), shape=(len(cells), self.count))
        self.made_of.data = np.sign(self.made_of.data)
        self.values = named.assign(group=group, unit=unit).drop_duplicates("unit")
        self.size = np.bincount(self.values["group"], minlength=self.count).astype(float)
        company = pd.factorize(self.values["company"], sort=True)[0]
        self.inside = sparse.csr_array((np.ones(len(company)), (self.values["group"].to_numpy(), company)))
        self.several = int(self.values.groupby("company").size().max()) if len(company) else 1

    def companies(self, signed: sparse.csr_array) -> Codes:
        """Count the companies of sums of groups."""
        return np.asarray((abs(signed) @ self.inside > 0).sum(axis=1), dtype=np.int64).ravel()

    def signed(self, derived: list[Derived]) -> sparse.csr_array:
        """Return what derived groups are made of."""
        rows = [number for number, row in enumerate(derived) for _ in row]
        terms = [term for row in derived for term in row]
        cell, sign = np.array(terms, dtype=np.int64).reshape(-1, 2).T
        taken = sparse.csr_array((sign.astype(float), (rows, cell)), shape=(len(derived), len(self.cells)))
        found = sparse.csr_array(taken @ self.made_of)
        found.eliminate_zeros()
        return found

    def near(self, values: int) -> np.ndarray:
        """Tell of any two cells whether they share some values and differ by fewer than `values`."""
        common = self.common()
        whole = common.diagonal()
        apart = whole[:, None] + whole[None, :] - 2 * common
        return np.asarray((apart > 0) & (apart < values) & (common > 0))

    def common(self) -> np.ndarray:
        """Count the values that any two cells share."""
        weighted = self.made_of @ sparse.diags_array(self.size)
        return np.asarray((weighted @ self.made_of.T).toarray())

    def to_spare(self, minimum: int) -> np.ndarray:
        """Tell which cells are given up before anything else."""
        spare = self.cells["spare"]
        close = pd.Series(self.near(minimum).any(axis=1)) & spare.ne("")
        return np.asarray(close.groupby(spare).transform("any") & spare.ne(""))

    def differences(self, minimum: int) -> list[Derived]:
        """Find two cells that differ by fewer than `minimum` companies, but by more than one smallest group."""
        near = np.argwhere(np.triu(self.near(minimum * self.several), 1))
        pairs: list[Derived] = [((int(one), 1), (int(other), -1)) for one, other in near]
        return self._few(pairs + list(self._between_waves(minimum)), minimum)

    def _between_waves(self, minimum: int) -> Iterator[Derived]:
        """Yield what levels of two waves and the change between them leave: those who came less those who left.

        So do two such steps, added up or taken off one another.
        """
        falls = np.flatnonzero((self.made_of.min(axis=1).toarray() < 0).ravel())
        if not len(falls):
            return
        distinct = np.sort(np.unique(_signatures(self.made_of), return_index=True)[1])
        whole = (self.made_of.min(axis=1).toarray() >= 0).ravel()
        levels = distinct[whole[distinct]]
        steps = []
        for cell in np.intersect1d(falls, distinct):
            change = self.made_of[[cell]].toarray().ravel()
            ends = [self._around(part, levels, minimum) for part in (change > 0, change < 0)]
            steps += [((to, 1), (start, -1), (int(cell), -1)) for to, start in product(*ends)]
        yield from steps
        at: dict[int, list[int]] = {}
        for place, ((to, _), (start, _), _) in enumerate(steps):
            at.setdefault(to, []).append(place)
            at.setdefault(start, []).append(place)
        pairs = {pair for places in at.values() for pair in combinations(places, 2)}
        for one, other in sorted(pairs):
            yield from (_added(steps[one], steps[other], sign) for sign in (1, -1))

    def _around(self, part: np.ndarray, levels: Codes, minimum: int) -> list[int]:
        """Find the levels that differ from one side of a change by few values, of which a company has one."""
        made, inside = self.made_of[levels], part * self.size
        apart = made @ self.size + inside.sum() - 2 * (made @ inside)
        return [int(cell) for cell in levels[apart < minimum]]

    def _few(self, derived: list[Derived], minimum: int) -> list[Derived]:
        if not derived:
            return []
        made = self.signed(derived)
        parts, few = np.diff(made.indptr), self.companies(made)
        kept = (parts > 1) & (few > 0) & (few < minimum)
        first = np.zeros(len(kept), dtype=bool)
        first[np.unique(_signatures(made), return_index=True)[1]] = True
        kept &= first
        return [row for row, keep in zip(derived, kept, strict=True) if keep]

    def left_of_totals(self, shown: np.ndarray, minimum: int) -> list[Derived]:
        """Find what the shown cells of a table that lie in another shown cell leave of it, if that is too few."""
        common, found = self.common(), []
        places = np.flatnonzero(shown)
        wholes = places[np.unique(_signatures(self.made_of)[places], return_index=True)[1]]
        for table in self.cells.loc[shown, "table"].unique():
            parts = np.flatnonzero(shown & self.cells["table"].eq(table).to_numpy())
            found += list(_sums(parts, wholes, common))
        return self._few(list(dict.fromkeys(found)), minimum)

    def linked(self, derived: list[Derived]) -> LinkedTables:
        """Lay out the cells, their smallest groups and derived groups as linked tables."""
        made = sparse.vstack([self.made_of, self.signed(derived)]) if derived else self.made_of
        published, further = len(self.cells), len(derived)
        ties = sparse.eye_array(published + further, format="csr")
        equations = sparse.hstack([ties[:, :published], -made, ties[:, published:]], format="csr")
        values = self.values.assign(group_cell=self.values["group"] + published)
        reach = self._members(made, values)
        sums = reach.groupby("cell").agg(companies=("company", "size"), high=("high", "sum"))
        people = reach.groupby("cell")["respondents"].sum(min_count=1) if "respondents" in reach else None
        latent = np.arange(published + self.count + further) >= published
        cells = sums.reindex(range(len(latent)), fill_value=0).assign(
            value=0.0, low=-sums["high"], latent=latent,
            known=np.append(self.cells["known"].to_numpy(dtype=bool), np.zeros(len(latent) - published, bool)),
        )  # fmt: skip
        if "worth" in self.cells:
            cells["worth"] = np.append(
                self.cells["worth"].to_numpy(dtype=float), np.ones(len(latent) - published)
            )
        return LinkedTables(
            cells if people is None else cells.assign(respondents=people), sparse.csr_array(equations), reach
        )

    def _members(self, made: sparse.csr_array, values: pd.DataFrame) -> pd.DataFrame:
        """Return what each company gives to each cell, group and derived group."""
        entries = sparse.coo_array(abs(made))
        published = len(self.cells)
        row = np.where(entries.row < published, entries.row, entries.row + self.count)
        placed = pd.concat(
            [
                pd.DataFrame({"cell": row, "group": entries.col}),
                pd.DataFrame({"cell": published + np.arange(self.count), "group": np.arange(self.count)}),
            ]
        )
        kept = [name for name in ("company", "weight", "respondents") if name in values]
        every = placed.merge(values[["group", *kept]], on="group")
        sums = every.groupby(["cell", "company"], as_index=False)[kept[1:]].sum(min_count=1)
        return sums.assign(value=0.0, low=-sums["weight"], high=sums["weight"])


def _signatures(made: sparse.csr_array) -> np.ndarray:
    """Return a number for each row that equals that of another if they are made of the same groups."""
    entries = sparse.coo_array(made)
    drawn = np.random.default_rng(1).integers(1, 2**62, made.shape[1], dtype=np.uint64)
    times = entries.data.astype(np.int64).astype(np.uint64)
    found = np.zeros(made.shape[0], dtype=np.uint64)
    np.add.at(found, entries.row, times * drawn[entries.col])
    return found


def _added(one: Derived, other: Derived, sign: int) -> Derived:
    """Add up two derived groups, or take the second off the first."""
    times: dict[int, int] = dict(one)
    for cell, often in other:
        times[cell] = times.get(cell, 0) + sign * often
    return tuple((cell, often) for cell, often in times.items() if often)


def _sums(parts: Codes, wholes: Codes, common: np.ndarray) -> Iterator[Derived]:
    """Yield each whole with the parts that lie in it, if these share nothing."""
    size = common.diagonal()
    for whole in wholes:
        inside = parts[(common[parts, whole] == size[parts]) & (parts != whole)]
        among = common[np.ix_(inside, inside)]
        if len(inside) > 1 and among.sum() == among.diagonal().sum():
            yield ((int(whole), 1), *((int(part), -1) for part in inside))
