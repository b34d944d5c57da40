"""What published cells give away that nobody publishes: their differences, and what is left of a total."""

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.benchmark.linked_tables import LinkedTables
from analysis.benchmark.primary_rules import PrimaryRules, primary_cells
from analysis.benchmark.smallest_groups import Derived, SmallestGroups, signatures
from analysis.infer.columns import Codes

NARROWING = PrimaryRules(minimum_companies=1, largest_share=1.0, p_percent=100.0)
"""A difference tells of the value of its largest company where this is broken, and only there.

Values lie in a range that everybody knows. Whoever has a sum, and knows the second largest part of it, has the largest
to within what the others may come to; if these weigh as much as the largest, that is the whole range. This is the p%
rule with a p of 100 (Hundepool et al., 2012, Statistical Disclosure Control, section 4.2). What a study allows a
company of a cell that it chose to show is stricter by default: a quarter of the weight.
"""


def to_spare(groups: SmallestGroups, rules: PrimaryRules) -> np.ndarray:
    """Tell which cells are given up before anything else: those that differ by too little from another."""
    spare = groups.cells["spare"]
    pairs = np.array(_risky(groups, _pairs(groups, rules), rules), dtype=np.int64).reshape(-1, 2, 2)[:, :, 0]
    close = pd.Series(np.isin(np.arange(len(spare)), pairs)) & spare.ne("")
    return np.asarray(close.groupby(spare).transform("any") & spare.ne(""))


def differences(groups: SmallestGroups, rules: PrimaryRules) -> list[Derived]:
    """Find two cells of which the difference tells too much, though it is more than one smallest group."""
    found = _pairs(groups, rules) + list(_between_waves(groups, rules))
    return _composed(groups, _risky(groups, found, rules))


def left_of_totals(groups: SmallestGroups, shown: np.ndarray, rules: PrimaryRules) -> list[Derived]:
    """Find what the shown cells of a table that lie in another shown cell leave of it, if that tells too much."""
    common, found = groups.common(), []
    places = np.flatnonzero(shown)
    wholes = places[np.unique(signatures(groups.made_of)[places], return_index=True)[1]]
    tables = groups.cells.loc[shown, "table"].explode()
    for _, parts in tables.groupby(tables, sort=False):
        found += list(_sums(parts.index.to_numpy(), wholes, common))
    return _composed(groups, _risky(groups, list(dict.fromkeys(found)), rules))


def _pairs(groups: SmallestGroups, rules: PrimaryRules) -> list[Derived]:
    """Return the differences of two cells that share some values and may differ by too little."""
    common = groups.common()
    apart, weight = _apart(common), _apart(groups.common(groups.weight.sum(axis=1)))
    few = apart < rules.minimum_companies * groups.several
    # The largest of two parts that outweigh the rest has a third of the whole at least.
    heavy = weight < 3 * groups.several * groups.heaviest
    near = np.argwhere(np.triu((apart > 0) & (common > 0) & (few | heavy), 1))
    return [((int(one), 1), (int(other), -1)) for one, other in near]


def _apart(common: np.ndarray) -> np.ndarray:
    """Return by how much any two cells differ, from what they share."""
    whole = common.diagonal()
    return np.asarray(whole[:, None] + whole[None, :] - 2 * common)


def _risky(groups: SmallestGroups, derived: list[Derived], rules: PrimaryRules) -> list[Derived]:
    """Keep what tells too much."""
    if not derived:
        return []
    weight = sparse.coo_array(abs(groups.signed(derived)) @ groups.weight)
    members = pd.DataFrame({"cell": weight.row, "company": weight.col, "weight": weight.data})
    risky = tells_too_much(members[members["weight"] > 0], len(derived), rules)
    return [row for row, keep in zip(derived, risky, strict=True) if keep]


def tells_too_much(members: pd.DataFrame, count: int, rules: PrimaryRules) -> np.ndarray:
    """Tell which sums that nobody publishes break a rule, of too few companies or narrowing down one (`NARROWING`).

    Parameters
    ----------
    members
        ``cell`` (number of the sum), ``company`` and ``weight`` of each value, once a company and sum.
    count
        How many sums there are; those without a member tell nothing.
    rules
        The rules.
    """
    companies = np.bincount(members["cell"], minlength=count)
    cells = pd.DataFrame({"companies": companies, "known": False})
    reach = members[["cell", "company"]].assign(value=0.0, low=0.0, high=members["weight"])
    linked = LinkedTables(cells, sparse.csr_array((0, count)), reach)
    broken, narrow = (primary_cells(linked, rule)["reason"].ne("").to_numpy() for rule in (rules, NARROWING))
    return np.asarray((companies > 0) & broken & (narrow | (companies < rules.minimum_companies)))


def _composed(groups: SmallestGroups, derived: list[Derived]) -> list[Derived]:
    """Keep what is more than one smallest group, each sum once."""
    if not derived:
        return []
    made = groups.signed(derived)
    kept = np.zeros(len(derived), dtype=bool)
    kept[np.unique(signatures(made), return_index=True)[1]] = True
    kept &= np.diff(made.indptr) > 1
    return [row for row, keep in zip(derived, kept, strict=True) if keep]


def _between_waves(groups: SmallestGroups, rules: PrimaryRules) -> Iterator[Derived]:
    """Yield what levels of two waves and the change between them leave: those who came less those who left.

    So do two such steps, added up or taken off one another.
    """
    falls = np.flatnonzero((groups.made_of.min(axis=1).toarray() < 0).ravel())
    if not len(falls):
        return
    distinct = np.sort(np.unique(signatures(groups.made_of), return_index=True)[1])
    whole = (groups.made_of.min(axis=1).toarray() >= 0).ravel()
    levels = distinct[whole[distinct]]
    steps = []
    for cell in np.intersect1d(falls, distinct):
        change = groups.made_of[[cell]].toarray().ravel()
        ends = [_around(groups, part, levels, rules) for part in (change > 0, change < 0)]
        steps += [((to, 1), (start, -1), (int(cell), -1)) for to, start in product(*ends)]
    yield from steps
    at: dict[int, list[int]] = {}
    for place, ((to, _), (start, _), _) in enumerate(steps):
        at.setdefault(to, []).append(place)
        at.setdefault(start, []).append(place)
    pairs = {pair for places in at.values() for pair in combinations(places, 2)}
    for one, other in sorted(pairs):
        yield from (_added(steps[one], steps[other], sign) for sign in (1, -1))


def _around(groups: SmallestGroups, part: np.ndarray, levels: Codes, rules: PrimaryRules) -> list[int]:
    """Find the levels that differ from one side of a change by few values, of which a company has one."""
    made, inside = groups.made_of[levels], part * groups.size
    apart = made @ groups.size + inside.sum() - 2 * (made @ inside)
    return [int(cell) for cell in levels[apart < rules.minimum_companies]]


def _added(one: Derived, other: Derived, sign: int) -> Derived:
    """Add up two derived groups, or take the second off the first."""
    times: dict[int, int] = dict(one)
    for cell, often in other:
        times[cell] = times.get(cell, 0) + sign * often
    return tuple((cell, often) for cell, often in times.items() if often)


def _sums(parts: Codes, wholes: Codes, common: np.ndarray) -> Iterator[Derived]:
    """Yield each whole with the parts that lie in it, if these share nothing."""
    size = common.diagonal()
    lies = (common[np.ix_(parts, wholes)] == size[parts][:, None]) & (parts[:, None] != wholes)
    for place in np.flatnonzero(lies.sum(axis=0) > 1):
        inside = parts[lies[:, place]]
        among = common[np.ix_(inside, inside)]
        if among.sum() == among.diagonal().sum():
            yield ((int(wholes[place]), 1), *((int(part), -1) for part in inside))
