"""The smallest groups that published cells are made of: values that stand in the same cells."""

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.benchmark.linked_tables import LinkedTables

Derived = tuple[tuple[int, int], ...]
"""A group that cells give away: cells and how often each is added or taken off."""


class SmallestGroups:
    """Cells, and the smallest groups of values that they are made of.

    Parameters
    ----------
    cells, members
        As in `analysis.benchmark.overlapping_cells.withhold_cells`.
    """

    def __init__(self, cells: pd.DataFrame, members: pd.DataFrame) -> None:
        self.cells = cells
        named = members.drop_duplicates(["cell", "company", "of"])
        unit = named.groupby(["company", "of"], sort=True).ngroup().to_numpy()
        cell = named["cell"].to_numpy()
        sign = named["sign"].to_numpy(dtype=float) if "sign" in named else np.ones(len(named))
        values = named.assign(unit=unit).drop_duplicates("unit").sort_values("unit", ignore_index=True)
        # Values that stand in the same cells make a group; the sum of one random number per cell tells them apart.
        marks = np.random.default_rng(0).integers(1, 2**62, len(cells), dtype=np.uint64)
        mark = np.zeros(len(values), dtype=np.uint64)
        np.add.at(mark, unit, np.where(sign > 0, marks[cell], -marks[cell]))
        of_unit = np.unique(mark, return_inverse=True)[1]
        group = of_unit[unit]
        self.count = int(of_unit.max(initial=-1)) + 1
        self.made_of = sparse.csr_array((sign, (cell, group)), shape=(len(cells), self.count))
        self.made_of.data = np.sign(self.made_of.data)
        self.values = values.assign(group=of_unit)
        self.size = np.bincount(of_unit, minlength=self.count).astype(float)
        company = pd.factorize(values["company"])[0]
        weight = values["weight"].to_numpy(dtype=float)
        self.inside = sparse.csr_array((np.ones(len(company)), (of_unit, company)))
        self.weight = sparse.csr_array((weight, (of_unit, company)))
        self.heaviest = float(weight.max(initial=0.0))
        # So many values of one company may be in one of two cells and not in the other.
        self.several = 2 * int(named.groupby(["cell", "company"]).size().max()) if len(named) else 1

    def signed(self, derived: list[Derived]) -> sparse.csr_array:
        """Return what derived groups are made of."""
        rows = [number for number, row in enumerate(derived) for _ in row]
        terms = [term for row in derived for term in row]
        cell, sign = np.array(terms, dtype=np.int64).reshape(-1, 2).T
        taken = sparse.csr_array((sign.astype(float), (rows, cell)), shape=(len(derived), len(self.cells)))
        found = sparse.csr_array(taken @ self.made_of)
        found.eliminate_zeros()
        return found

    def common(self, size: np.ndarray | None = None) -> np.ndarray:
        """Count the values that any two cells share; with a `size` of each group, add that up."""
        weighted = self.made_of @ sparse.diags_array(self.size if size is None else size)
        return np.asarray((weighted @ self.made_of.T).toarray())

    def linked(self, derived: list[Derived]) -> LinkedTables:
        """Lay out the cells, their smallest groups and derived groups as linked tables."""
        made = sparse.vstack([self.made_of, self.signed(derived)]) if derived else self.made_of
        published, further = len(self.cells), len(derived)
        ties = sparse.eye_array(published + further, format="csr")
        equations = sparse.hstack([ties[:, :published], -made, ties[:, published:]], format="csr")
        values = self.values.assign(group_cell=self.values["group"] + published)
        reach = self._members(made, values)
        totals = reach.groupby("cell").agg(companies=("company", "size"), high=("high", "sum"))
        people = reach.groupby("cell")["respondents"].sum(min_count=1) if "respondents" in reach else None
        latent = np.arange(published + self.count + further) >= published
        cells = totals.reindex(range(len(latent)), fill_value=0).assign(
            value=0.0, low=-totals["high"], latent=latent,
            known=np.append(self.cells["known"].to_numpy(dtype=bool), np.zeros(len(latent) - published, bool)),
        )  # fmt: skip
        for name, rest in (("worth", 1.0), ("secret", False)):
            if name in self.cells:
                cells[name] = np.append(self.cells[name].to_numpy(), np.full(len(latent) - published, rest))
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


def signatures(made: sparse.csr_array) -> np.ndarray:
    """Return a number for each row that equals that of another if they are made of the same groups."""
    entries = sparse.coo_array(made)
    drawn = np.random.default_rng(1).integers(1, 2**62, made.shape[1], dtype=np.uint64)
    times = entries.data.astype(np.int64).astype(np.uint64)
    found = np.zeros(made.shape[0], dtype=np.uint64)
    np.add.at(found, entries.row, times * drawn[entries.col])
    return found
