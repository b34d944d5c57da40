"""Cells of values that are means of others, as the index of its constructs: what one of them and the rest tell."""

import numpy as np
import pandas as pd

from analysis.benchmark.cell_differences import tells_too_much
from analysis.benchmark.movements import Booleans
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.infer.columns import Codes

TIE = ("family", "role", "company", "whole", "of")
"""Columns of ties: in a `family`, the value `whole` of a company is the mean of its values `of`, one of each `role`;
the mean itself has the role ""."""


def whole_ties(ties: pd.DataFrame) -> pd.DataFrame:
    """Keep the ties that have all parts of their family: a mean of fewer is another sum."""
    size = ties.groupby(["family", "company", "whole"])["role"].transform("size")
    return ties[size == size.groupby(ties["family"]).transform("max")]


def places(cells: pd.DataFrame, members: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """Find where a mean and all of its parts are published of the same companies, and which part would be given up.

    There anyone can check the sum; where one of them is hidden, it is so no longer. One part of each family, that of
    which there are the fewest values, is therefore given up wherever another one is: what is left then has a part that
    nobody knows, and says nothing of any other.

    Parameters
    ----------
    cells, members
        As in `analysis.benchmark.overlapping_cells.withhold_cells`, each value once a cell.
    ties
        From `whole_ties`.

    Returns
    -------
    DataFrame
        ``cell, family, role, place`` (its number), ``buffer`` (True for the part that would be given up) and
        ``untied`` (values in the cell that are not tied).
    """
    tied = members.merge(ties, on=["company", "of"])
    bond = tied.groupby(["family", "company", "whole"], sort=False).ngroup().to_numpy()
    drawn = np.random.default_rng(4).integers(1, 2**52, int(bond.max(initial=-1)) + 1)
    sign = tied["sign"].to_numpy() if "sign" in tied else np.ones(len(tied))
    marked = tied.assign(mark=drawn[bond] * sign.astype(np.int64))
    found = marked.groupby(["family", "role", "cell"], as_index=False).agg(
        shape=("mark", "sum"), bonds=("mark", "size")
    )
    roles = found.groupby(["family", "shape"])["role"].transform("nunique")
    found = found[roles == found["family"].map(ties.groupby("family")["role"].nunique())]
    buffer = found["family"].map(_buffers(cells, tied))
    size = members.groupby("cell").size()
    return found.assign(
        place=found.groupby(["family", "shape"]).ngroup(),
        buffer=found["role"].eq(buffer),
        untied=found["cell"].map(size) - found["bonds"],
    ).drop(columns=["shape", "bonds"])


def _buffers(cells: pd.DataFrame, tied: pd.DataFrame) -> "pd.Series[str]":
    """Choose the part of each family that is given up: none that was published before, if there is another."""
    parts = tied[tied["role"].ne("")]
    known = cells["known"].to_numpy(dtype=bool)[parts["cell"]]
    each = parts.assign(known=known).groupby(["family", "role"], as_index=False).agg(
        known=("known", "any"), n=("known", "size")
    )  # fmt: skip
    first = each.sort_values(["family", "known", "n", "role"]).drop_duplicates("family")
    return first.set_index("family")["role"]


def left_untied(found: pd.DataFrame, members: pd.DataFrame, ties: pd.DataFrame, rules: PrimaryRules) -> Codes:
    """Return the cells to give up since a mean and all its parts together tell of the few that lack one of them.

    All parts less so many times the mean are the values of companies that have only some of these.
    """
    if found.empty:
        return np.zeros(0, dtype=np.int64)
    fewest = found.sort_values("untied", kind="stable").drop_duplicates(["place", "role"])
    inside = fewest[["cell", "place", "family", "role"]].merge(members, on="cell")
    known = ties[["family", "company", "of"]].assign(tied=True)
    loose = inside.merge(known, how="left", on=["family", "company", "of"])
    loose = loose[loose["tied"].isna()]
    # What stands in the mean and in a part alike is gone from their difference.
    signed = loose.assign(weight=loose["weight"].where(loose["role"].ne(""), -loose["weight"]))
    left = signed.groupby(["place", "company", "of"], as_index=False)["weight"].sum()
    left = left.assign(weight=left["weight"].abs()).query("weight > 0")
    each = left.groupby(["place", "company"])["weight"].sum().reset_index().rename(columns={"place": "cell"})
    risky = tells_too_much(each, int(found["place"].max()) + 1, rules)
    return found.loc[found["buffer"] & risky[found["place"]], "cell"].to_numpy(dtype=np.int64)


def given_away(found: pd.DataFrame, shown: Booleans) -> Codes:
    """Return the cells to give up since another one of their place, which follows from the rest, is hidden."""
    told = found.assign(shown=shown[found["cell"]])
    known = told.groupby(["place", "role"])["shown"].transform("any")
    hidden = (~known & ~told["buffer"]).groupby(told["place"]).transform("any")
    return told.loc[told["buffer"] & hidden & told["shown"], "cell"].to_numpy(dtype=np.int64)
