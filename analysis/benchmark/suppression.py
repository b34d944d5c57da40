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

MOST_ALONE = 200
"""Up to so many members of a part, random movements are drawn for them one by one too."""

BEFORE = 2
"""Times that movements of what is hidden already are sought against outsiders before members are looked at."""

TRIES = 6
"""Times that movements are drawn at random before the solver is asked."""


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
    is done one by one. Movements drawn at random are tried first: they need no solver. Parts of the tables that no
    sum ties together are worked on at once, each for itself.

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
    rng = np.random.default_rng(0)
    outsiders = attackers.number == 0
    _draw_against(outsiders, attackers, mover, rng)
    for _ in range(BEFORE):
        _protect_both_ways(outsiders, attackers, mover, only_hidden=True)
    # Who sees through an outsider's cell is no member: what is open to all is not drawn for again.
    with attackers.without(outsiders):
        for group in (*_halves(attackers), *_alone_of(attackers.number)):
            _draw_against(group, attackers, mover, rng)
    _protect_both_ways(outsiders, attackers, mover)
    for group in _halves(attackers):
        _protect_both_ways(group, attackers, mover)
    lost = _one_by_one(attackers, mover)
    further = mover.hidden & primary["reason"].eq("") & ~linked.latent
    reason = primary["reason"].mask(further, "complementary")
    return Suppression(linked.cells.assign(reason=reason, width=primary["width"]), unsafe(lost))


def _halves(attackers: Attackers) -> Iterator[Booleans]:
    """Yield members to whom something is open, by each binary digit of their number among these.

    Any two of a part are apart in one of the digits.
    """
    digit = 0
    while digit < int(max((number := attackers.waiting()).max(initial=0) - 1, 0)).bit_length():
        for bit in (0, 1):
            yield (number > 0) & (((number - 1) >> digit) & 1 == bit)
        digit += 1


def _alone_of(number: Codes) -> Iterator[Booleans]:
    """Yield one member of each part at a time: what half of all know together may need more hidden than any one."""
    most = int(number.max(initial=0))
    yield from (number == each for each in range(1, most + 1 if most <= MOST_ALONE else 1))


def _draw_against(group: Booleans, attackers: Attackers, mover: Mover, rng: np.random.Generator) -> None:
    """Take random movements of what is hidden already, which is all that most cells need."""
    for _ in range(TRIES):
        needs = np.maximum(*attackers.needs_of(group))
        if not needs.any():
            return
        reach = np.zeros(mover.count)
        np.maximum.at(reach, mover.part[attackers.cells], needs)
        drawn = mover.draw(rng, reach=2 * reach, rooms=attackers.rooms(group))
        if not sum(attackers.cover(movement, mover.widest(movement)).any() for movement in drawn):
            return


def _protect_both_ways(
    group: Booleans, attackers: Attackers, mover: Mover, *, only_hidden: bool = False
) -> None:
    """Move every open cell up or down, and then the other way."""
    for sign in (1.0, -1.0):
        _protect_against(group, sign, attackers, mover, only_hidden=only_hidden)


def _protect_against(
    group: Booleans, sign: float, attackers: Attackers, mover: Mover, *, only_hidden: bool = False
) -> Booleans:
    """Move every cell that is still open to somebody of the group, and tell in which parts that made any safe.

    Cells move up and down in turn, so that they can make up for one another; `sign` turns all of them.
    """
    up, down = attackers.needs_of(group)
    turn = np.where(np.arange(len(up)) % 2 == 0, sign, -sign)
    upward = (up > 0) & ((turn > 0) | (down == 0))
    return _try(np.where(upward, up, -down), group, attackers, mover, only_hidden=only_hidden)


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
    gained = attackers.cover(movement, mover.widest(movement))
    mover.hide((movement != 0) & gained[mover.part])
    return gained


def _one_by_one(attackers: Attackers, mover: Mover) -> list[tuple[int, object]]:
    """Close what is still open: all cells of an attacker at once while that helps, then each alone.

    One attacker of each part at a time: parts do not touch one another.
    """
    lost: list[tuple[int, object]] = []
    while (who := attackers.first_open()).any():
        gained = _protect_against(who, 1.0, attackers, mover)
        gained |= _protect_against(who, -1.0, attackers, mover)
        stuck = who & ~gained[attackers.part]
        for want in _alone(*attackers.needs_of(stuck), mover.part[attackers.cells]):
            _try(want, stuck, attackers, mover)
        lost += attackers.lost_to(stuck)
    return lost


def _alone(up: Floats, down: Floats, part: Codes) -> Iterator[Floats]:
    """Yield each movement that is still wanted, of one cell of each part in one direction."""
    for wants in (up, -down):
        places = np.flatnonzero(wants)
        turn = pd.Series(part[places]).groupby(part[places]).cumcount().to_numpy()
        for number in range(int(turn.max(initial=-1)) + 1):
            chosen = np.zeros(len(wants))
            chosen[places[turn == number]] = wants[places[turn == number]]
            yield chosen
