"""The one-way analysis of variance with companies as groups, for all constructs, functions and waves at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SIZES = ("cell", "size", "companies", "mean", "square")
CELL = ["construct", "function", "wave"]


@dataclass(frozen=True, slots=True, eq=False)
class OneWay:
    """What the model needs of the answers, for each cell of construct, function and wave.

    Parameters
    ----------
    cells
        construct, function, wave, n (informants), groups (companies), within and between (sums of squares),
        n0 (the group size of the analysis of variance, ``(n - sum(n_i^2) / n) / (groups - 1)``), largest
        (group size), grand (mean over informants).
    companies
        company, the cell's columns, cell (row of `cells`), n (informants), mean; those with an answer.
    sizes
        cell, size (informants), companies, mean, square (sum of squares of their means): `companies` in
        short, all that the likelihood needs.
    """

    cells: pd.DataFrame
    companies: pd.DataFrame
    sizes: pd.DataFrame

    @property
    def estimable(self) -> NDArray[np.bool_]:
        """Cells with two companies, one of them with two informants."""
        return np.asarray((self.cells["groups"] > 1) & (self.cells["n"] > self.cells["groups"]))

    @property
    def mean_squares(self) -> tuple[Floats, Floats]:
        """Between and within companies, NaN where there are no degrees of freedom."""
        n, groups = (self.cells[name].to_numpy(dtype=np.float64) for name in ("n", "groups"))
        between, within = self.cells["between"].to_numpy(), self.cells["within"].to_numpy()
        return (
            between / np.where(groups > 1, groups - 1, np.nan),
            within / np.where(n > groups, n - groups, np.nan),
        )


def one_way(scores: pd.DataFrame, constructs: Sequence[str]) -> OneWay:
    """Reduce scores of respondents to the sums that the one-way model needs.

    Parameters
    ----------
    scores
        company, function, wave and a column per construct; NaN left out.
    constructs
        Columns of `scores`.

    Returns
    -------
    OneWay
        Cells in the order of `constructs`, then function and wave.
    """
    grouped = scores.astype(dict.fromkeys(constructs, "float64")).groupby(["function", "wave", "company"])
    answered = grouped[list(constructs)]
    counts, means, variances = answered.count(), answered.mean(), answered.var()
    keys = counts.index.to_frame(index=False)
    keys = keys.loc[np.tile(np.arange(len(keys)), len(constructs))].reset_index(drop=True)
    keys["construct"] = pd.Categorical(np.repeat(list(constructs), len(counts)), categories=list(constructs))
    cell = keys.groupby(CELL, observed=True, sort=True).ngroup().to_numpy()
    cells = keys[CELL].drop_duplicates().sort_values(CELL, ignore_index=True).astype({"construct": "str"})
    table = keys.astype({"construct": "str"}).assign(
        cell=cell, n=counts.to_numpy().ravel("F"), mean=means.to_numpy().ravel("F")
    )
    known = (table["n"] > 0).to_numpy()
    companies = table[known].reset_index(drop=True)
    sums = _sums(companies, variances.fillna(0).to_numpy().ravel("F")[known], len(cells))
    return OneWay(cells.join(pd.DataFrame(sums)), companies, _by_size(companies))


def _sums(companies: pd.DataFrame, variance: Floats, cells: int) -> dict[str, ArrayLike]:
    """Return the columns of `OneWay.cells` that are sums over companies."""
    cell, n, mean = (companies[name].to_numpy() for name in ("cell", "n", "mean"))
    total = adder(cell, cells)
    count, groups = total(n), total(np.ones(len(n)))
    grand = total(n * mean) / np.maximum(count, 1)
    within, between = total(variance * (n - 1)), total(n * (mean - grand[cell]) ** 2)
    # Equal answers leave sums of squares of rounding error.
    level = 1e-24 * count * grand**2
    within = np.where(within > level + 1e-12 * between, within, 0.0)
    between = np.where(between > level + 1e-12 * within, between, 0.0)
    largest = np.zeros(cells)
    np.maximum.at(largest, cell, n)
    n0 = (count - total(n**2) / np.maximum(count, 1)) / np.where(groups > 1, groups - 1, np.nan)
    integers = {"n": count.astype(np.int64), "groups": groups.astype(np.int64)}
    return {**integers, "within": within, "between": between, "n0": n0, "largest": largest, "grand": grand}


def adder(cell: NDArray[np.integer], cells: int) -> Callable[[Floats], Floats]:
    """Return the function that sums values by cell."""
    return lambda values: np.bincount(cell, weights=values, minlength=cells).astype(np.float64)


def _by_size(companies: pd.DataFrame) -> pd.DataFrame:
    """Return number, mean and sum of squares of company means for each cell and group size.

    Companies of one size have one weight, so these few rows stand for all of them.
    """
    of_size = companies.groupby(["cell", "n"])["mean"]
    mean = of_size.mean()
    away = (companies["mean"] - of_size.transform("mean")) ** 2
    square = away.groupby([companies["cell"], companies["n"]]).sum()
    table = pd.DataFrame({"companies": of_size.size(), "mean": mean, "square": square}).reset_index()
    return table.rename(columns={"n": "size"})[list(SIZES)]


def alike(model: OneWay, levels: pd.DataFrame) -> OneWay:
    """Return the model in which companies count alike and have as many informants each.

    The mean and the sum of squares of the companies' levels, and the harmonic mean of how many informants they have,
    stand for the companies (unweighted means; Thomas and Hultquist 1978, Annals of Statistics 6). So whatever is
    estimated is of all companies together: as a company with more informants would count more at one ratio of the
    variances than at another, estimates at several ratios would give the companies of each size away.

    Parameters
    ----------
    model
        From `one_way`, of one construct.
    levels
        function, wave and mean of each company, as it is published: means over other companies or other answers would
        give away whoever makes the difference.

    Returns
    -------
    OneWay
        Its companies are those of `model`.
    """
    grouped = levels.dropna(subset=["mean"]).groupby(["function", "wave"])["mean"]
    per_cell = pd.DataFrame({"companies": grouped.size(), "mean": grouped.mean()})
    per_cell["square"] = grouped.var().fillna(0) * (per_cell["companies"] - 1)
    found = model.cells[["function", "wave"]].join(per_cell, on=["function", "wave"])
    rarely = model.companies.assign(share=1 / model.companies["n"]).groupby("cell")["share"].mean()
    sizes = found.assign(cell=range(len(found)), size=1 / rarely.reindex(range(len(found))))
    there = found["companies"].fillna(0).astype("int64")
    cells = model.cells.assign(
        groups=np.minimum(model.cells["groups"], there), between=sizes["size"] * sizes["square"]
    )
    return OneWay(cells, model.companies, sizes[list(SIZES)].dropna(ignore_index=True))
