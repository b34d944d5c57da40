"""Published cells that share companies: what their differences and what is left of a total would tell."""

import numpy as np
import pandas as pd

from analysis.benchmark.alike_cells import joined, parts_of_cells, same_structure, same_values
from analysis.benchmark.cell_differences import differences, left_of_totals, to_spare
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.smallest_groups import SmallestGroups
from analysis.benchmark.suppression import protect
from analysis.benchmark.tied_cells import TIE, given_away, left_untied, places, whole_ties
from analysis.infer.columns import numeric

ROUNDS = 10
"""Times that what hidden cells leave of totals is looked at; each time something more is hidden."""

UNTIED = pd.DataFrame(columns=list(TIE))
"""Where no value follows from others."""

BASIS = ("cell", "company", "of", "weight")
"""Columns of a member: which cell, whose value, of what (a variable of a wave), with which weight."""


def withhold_cells(
    cells: pd.DataFrame,
    members: pd.DataFrame,
    *,
    ties: pd.DataFrame = UNTIED,
    rules: PrimaryRules | None = None,
) -> pd.DataFrame:
    """Say which published cells must be withheld, whatever their values are.

    Cells are means, shares and percentiles of companies. Whoever has the mean and base of two of them has that of
    the companies in which they differ; so the smallest groups that cells are made of, the differences of any two
    cells and what the shown cells of a table leave of a total are groups as well, which nobody publishes and which
    must satisfy the same rules: they stay uncertain to an outsider and to every company (`protect`). Of differences
    and what is left those count that are of too few companies, or of one that outweighs the others but the second
    largest (`analysis.benchmark.cell_differences.NARROWING`). That covers tables that add up, classes, peer groups,
    waves and, as cells that are known anyway, earlier releases. A change is one value less another: with the levels
    of two waves it tells of those who came and those who left. Values that are means of others are tied to these.

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
    ties
        `analysis.benchmark.tied_cells.TIE`: which values are means of others, so that one part of each such family is
        withheld wherever another one would follow from it and the rest.
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
    named = members.drop_duplicates(["cell", "company", "of"])
    first = same_values(cells, named)
    one, alone = _numbered(joined(cells.reset_index(drop=True), first), named)
    reason = _with_ties(one, alone, whole_ties(ties), rules or PrimaryRules())
    return pd.DataFrame({"reason": reason.set_axis(np.unique(first))[first].to_numpy()})


def _numbered(cells: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Number cells anew, and keep their members."""
    place = pd.Series(np.arange(len(cells)), index=cells.index)
    kept = members[members["cell"].isin(place.index)]
    return cells.reset_index(drop=True), kept.assign(cell=kept["cell"].map(place).astype("int64"))


def _with_ties(
    cells: pd.DataFrame, members: pd.DataFrame, ties: pd.DataFrame, rules: PrimaryRules
) -> "pd.Series[str]":
    """Say why cells are withheld; parts of means are given up until no hidden cell follows from a sum of shown ones."""
    found, part = places(cells, members, ties), parts_of_cells(cells, members)
    secret = np.zeros(len(cells), dtype=bool)
    secret[left_untied(found, members, ties, rules)] = True
    reason, anew = pd.Series("", index=cells.index), np.ones(len(cells), dtype=bool)
    while anew.any():
        asked, theirs = _numbered(cells.assign(secret=secret)[anew], members)
        reason[anew] = _of_each_kind(asked, theirs, rules).to_numpy()
        more = given_away(found, reason.eq("").to_numpy())
        secret[more] = True
        anew = np.isin(part, part[more])
    return reason


def _of_each_kind(cells: pd.DataFrame, members: pd.DataFrame, rules: PrimaryRules) -> "pd.Series[str]":
    """Say why cells are withheld; of sets of cells that hang together in the same way one is looked at."""
    like = same_structure(cells, members)
    once, theirs = _numbered(cells[like == np.arange(len(cells))], members)
    reason = _without_spare(once, theirs, rules).set_axis(np.unique(like))
    return reason[like].set_axis(cells.index)


def _without_spare(cells: pd.DataFrame, members: pd.DataFrame, rules: PrimaryRules) -> "pd.Series[str]":
    """Say why cells are withheld, when those are given up first that may be spared."""
    if "spare" not in cells:
        return _withheld(cells, members, rules)
    gone = to_spare(SmallestGroups(cells, members), rules)
    kept, theirs = _numbered(cells[~gone], members)
    found = _withheld(kept, theirs, rules).set_axis(cells.index[~gone])
    return found.reindex(cells.index, fill_value="differencing")


def _withheld(cells: pd.DataFrame, members: pd.DataFrame, rules: PrimaryRules) -> "pd.Series[str]":
    """Say why cells are withheld; what hidden ones leave of totals is looked at until nothing more comes of it."""
    groups = SmallestGroups(cells, members)
    derived = differences(groups, rules)
    for _ in range(ROUNDS):
        safe = protect(groups.linked(derived), rules)
        reason = safe.cells["reason"].iloc[: len(cells)].replace("complementary", "differencing")
        left = left_of_totals(groups, reason.eq("").to_numpy(), rules)
        more = [row for row in left if row not in derived]
        if not more:
            break
        derived = [*derived, *more]
    return reason
