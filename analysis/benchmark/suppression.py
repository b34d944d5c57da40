"""Complementary suppression over linked tables: which further cells to hide so that nothing can be worked out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.benchmark.attack import parts_of
from analysis.benchmark.attackers import Attackers, unsafe
from analysis.benchmark.linked_tables import LinkedTables
from analysis.benchmark.movements import Booleans, Mover
from analysis.benchmark.primary_rules import PrimaryRules, primary_cells
from analysis.infer.columns import Codes, Floats

PIECES = (1, 4, 16)
"""Groups into which members are split in turn: the fewer know of one another's values, the further cells may move."""

FINE = 64
"""Groups in which those are looked at again who are left, when more is hidden."""


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
    the certificate that the interval an attacker can compute is at least so wide. Most cells are certified without a
    solver, by the movement of hidden cells that comes nearest to moving the one alone (`analysis.benchmark.sums`).
    Movements with the least to hide are found by linear programming, many cells at a time (after Kelly, Golden and
    Assad, 1992, Networks 22, and Fischetti and Salazar, 2001, Management Science 47). Members know what they
    contributed: what is safe from all in a group at once is safe from each, so they are taken in ever smaller groups,
    and further cells are hidden for one at a time. What an outsider cannot be kept from is not sought to be kept from
    members. Parts of the tables that no sum ties together are worked on at once, each for itself.

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
    part = parts_of(linked)
    cells = np.flatnonzero(primary["reason"].ne(""))
    attackers = Attackers(linked, part, cells=cells, width=primary["width"].to_numpy())
    mover = Mover(linked, part, primary["reason"].ne("").to_numpy() | linked.latent)
    lost = _close_to_outsiders(attackers, mover) + _close_to_members(attackers, mover)
    further = mover.hidden & primary["reason"].eq("") & ~linked.latent
    reason = primary["reason"].mask(further, "complementary")
    return Suppression(linked.cells.assign(reason=reason, width=primary["width"]), unsafe(lost))


def _close_to_outsiders(attackers: Attackers, mover: Mover) -> list[tuple[int, object]]:
    """Close what is open to anybody; what cannot be is lost to members too."""
    outsiders = attackers.number == 0
    _aim(outsiders, attackers, mover)
    while _protect_both_ways(outsiders, attackers, mover).any():
        _aim(outsiders, attackers, mover)
    return _each_alone(outsiders, attackers, mover)


def _close_to_members(attackers: Attackers, mover: Mover) -> list[tuple[int, object]]:
    """Close what is open to members: by what is hidden already, as long as that will do, then for one at a time."""
    for count in PIECES:
        _aim_in_pieces(count, attackers, mover)
    for group in attackers.halves():
        _protect_both_ways(group, attackers, mover, only_hidden=True)
    _aim_in_pieces(FINE, attackers, mover)
    return _one_by_one(attackers, mover)


def _aim_in_pieces(count: int, attackers: Attackers, mover: Mover) -> None:
    for group in attackers.pieces(count):
        _aim(group, attackers, mover)


def _aim(group: Booleans, attackers: Attackers, mover: Mover) -> None:
    """Close what hidden cells close by themselves."""
    needs = np.maximum(*attackers.needs_of(group))
    if needs.any():
        reached = mover.reached(attackers.cells, needs, rooms=attackers.rooms(group))
        attackers.cover_each(group, reached)


def _protect_both_ways(
    group: Booleans, attackers: Attackers, mover: Mover, *, only_hidden: bool = False
) -> Booleans:
    """Move every open cell up or down, and then the other way; tell in which parts that made any safe.

    Cells move up and down in turn, so that they can make up for one another.
    """
    gained = np.zeros(mover.count, dtype=bool)
    for sign in (1.0, -1.0):
        up, down = attackers.needs_of(group)
        turn = np.where(np.arange(len(up)) % 2 == 0, sign, -sign)
        upward = (up > 0) & ((turn > 0) | (down == 0))
        gained |= _try(np.where(upward, up, -down), group, attackers, mover, only_hidden=only_hidden)
    return gained


def _try(
    want: Floats, group: Booleans, attackers: Attackers, mover: Mover, *, only_hidden: bool = False
) -> Booleans:
    """Move the primary cells by what is wanted, and hide what that needs where it makes any of them safe."""
    wanted = want != 0
    if not wanted.any():
        return np.zeros(mover.count, dtype=bool)
    movement = mover.move(
        attackers.cells[wanted], want[wanted], rooms=attackers.rooms(group), only_hidden=only_hidden
    )
    gained = attackers.cover(movement, mover.missed(movement))
    mover.hide((movement != 0) & gained[mover.part])
    return gained


def _one_by_one(attackers: Attackers, mover: Mover) -> list[tuple[int, object]]:
    """Close what is still open: all cells of an attacker at once while that helps, then each alone.

    One attacker of each part at a time: parts do not touch one another. What is hidden for one serves others too, who
    are looked at again in groups, after twice as many turns each time.
    """
    lost: list[tuple[int, object]] = []
    turn, again, hidden = 0, 1, np.count_nonzero(mover.hidden)
    while (who := attackers.first_open()).any():
        _aim(who, attackers, mover)
        gained = _protect_both_ways(who, attackers, mover)
        lost += _each_alone(who & ~gained[attackers.part], attackers, mover)
        turn += 1
        if turn >= again and np.count_nonzero(mover.hidden) > hidden:
            _aim_in_pieces(FINE, attackers, mover)
            again, hidden = 2 * turn, np.count_nonzero(mover.hidden)
    return lost


def _each_alone(group: Booleans, attackers: Attackers, mover: Mover) -> list[tuple[int, object]]:
    """Close what is open to the group cell by cell, and return what cannot be closed."""
    for want in _alone(*attackers.needs_of(group), mover.part[attackers.cells]):
        _try(want, group, attackers, mover)
    return attackers.lost_to(group)


def _alone(up: Floats, down: Floats, part: Codes) -> Iterator[Floats]:
    """Yield each movement that is still wanted, of one cell of each part in one direction."""
    for wants in (up, -down):
        places = np.flatnonzero(wants)
        turn = pd.Series(part[places]).groupby(part[places]).cumcount().to_numpy()
        for number in range(int(turn.max(initial=-1)) + 1):
            chosen = np.zeros(len(wants))
            chosen[places[turn == number]] = wants[places[turn == number]]
            yield chosen
