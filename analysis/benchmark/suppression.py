"""Complementary suppression over linked tables: which further cells to hide so that nothing can be worked out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.benchmark.linked_tables import LinkedTables
from analysis.benchmark.movements import Attackers, Mover
from analysis.benchmark.primary_rules import PrimaryRules, primary_cells
from analysis.infer.columns import Floats

Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Suppression:
    """What is hidden of linked tables, and why.

    Parameters
    ----------
    cells
        The cells of the tables with ``reason`` ("" where shown, "complementary" where only needed for others) and
        ``width``, how far the value stays uncertain up and down.
    unprotected
        ``cell``, ``company`` ("" for an outsider): what somebody could work out even if every cell that may be
        hidden were.
    """

    cells: pd.DataFrame
    unprotected: pd.DataFrame

    @property
    def hidden(self) -> Booleans:
        """Whether each cell is hidden."""
        return np.asarray(self.cells["reason"] != "", dtype=bool)

    def published(self) -> pd.DataFrame:
        """Return the cells as they may leave the house: without the values of hidden ones."""
        shown = self.cells.drop(columns=["width", "low", "high", "known"])
        return shown.assign(value=shown["value"].mask(self.hidden), suppressed=self.hidden)


def protect(linked: LinkedTables, rules: PrimaryRules | None = None) -> Suppression:
    """Hide cells until neither an outsider nor any member can come closer to a primary cell than its width.

    Each primary cell must be movable up and down by its width while every shown cell and every sum stands: that is
    the certificate that the interval an attacker can compute is at least so wide. Movements with the least to hide
    are found by linear programming, many cells at a time (after Kelly, Golden and Assad, 1992, Networks 22, and
    Fischetti and Salazar, 2001, Management Science 47). Members know what they contributed: they are told apart by
    the digits of their number, so that few movements serve for all pairs of a member and a cell, and what is left
    is done one by one.

    Parameters
    ----------
    linked
        The tables.
    rules
        The primary rules.

    Returns
    -------
    Suppression
        A heuristic: what it hides suffices, but is not always the least that would.

    Examples
    --------
    >>> from analysis.benchmark.linked_tables import link_tables
    >>> rows = [(f"{region}{number}", region) for region, n in zip("nesw", (2, 9, 6, 9)) for number in range(n)]
    >>> frame = pd.DataFrame(rows, columns=["company", "region"]).assign(sales=1.0)
    >>> protect(link_tables(frame, [["region"]], value="sales")).cells["reason"].tolist()
    ['', 'companies', 'complementary', '', '']
    """
    primary = primary_cells(linked, rules or PrimaryRules())
    hidden = primary["reason"].ne("").to_numpy()
    attackers = Attackers(linked, np.flatnonzero(hidden), primary["width"].to_numpy())
    mover = Mover(linked, hidden)
    for group in _groups(attackers.count):
        for sign in (1.0, -1.0):
            _protect_against(group, sign, attackers, mover)
    lost = _one_by_one(attackers, mover)
    reason = primary["reason"].mask(mover.hidden & primary["reason"].eq(""), "complementary")
    cells = linked.cells.assign(reason=reason, width=primary["width"])
    return Suppression(cells, pd.DataFrame(lost, columns=["cell", "company"]))


def _groups(count: int) -> Iterator[NDArray[np.int64]]:
    """Yield the outsider (0), then members by each binary digit: any two members are apart in one of them."""
    yield np.array([0])
    members = np.arange(1, count)
    for digit in range(int(max(count - 1, 0)).bit_length()):
        for bit in (0, 1):
            group = members[(members >> digit) & 1 == bit]
            if len(group):
                yield group


def _protect_against(group: NDArray[np.int64], sign: float, attackers: Attackers, mover: Mover) -> bool:
    """Move every cell that is still open to somebody of the group, and tell whether that made any safe.

    Cells move up and down in turn, so that they can make up for one another; `sign` turns all of them.
    """
    up, down = attackers.needs_of(group)
    turn = np.where(np.arange(len(up)) % 2 == 0, sign, -sign)
    upward = (up > 0) & ((turn > 0) | (down == 0))
    want = np.where(upward, up, -down)
    return bool(want.any()) and _try(want, group, attackers, mover)


def _try(want: Floats, group: NDArray[np.int64], attackers: Attackers, mover: Mover) -> bool:
    """Move the primary cells by what is wanted, and hide what that needs if it makes any of them safe."""
    wanted = want != 0
    movement = mover.move(attackers.cells[wanted], want[wanted], rooms=attackers.rooms(group))
    gained = attackers.cover(movement)
    if gained:
        mover.hide(movement != 0)
    return gained


def _one_by_one(attackers: Attackers, mover: Mover) -> list[tuple[int, object]]:
    """Close what is still open: all cells of an attacker at once while that helps, then each alone."""
    lost: list[tuple[int, object]] = []
    while len(left := attackers.still_open()):
        who = left[:1]
        if _protect_against(who, 1.0, attackers, mover) or _protect_against(who, -1.0, attackers, mover):
            continue
        for want in _alone(*attackers.needs_of(who)):
            _try(want, who, attackers, mover)
        up, down = attackers.needs_of(who)
        name = attackers.name(int(who[0]))
        lost += [(int(cell), name) for cell in attackers.cells[(up > 0) | (down > 0)]]
        attackers.give_up(who)
    return lost


def _alone(up: Floats, down: Floats) -> Iterator[Floats]:
    """Yield each movement that is still wanted, of one cell in one direction."""
    for wants in (up, -down):
        for place in np.flatnonzero(wants):
            yield np.where(np.arange(len(wants)) == place, wants, 0.0)
