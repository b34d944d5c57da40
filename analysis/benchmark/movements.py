"""Movements of cells that leave all sums standing, and whom a movement keeps in the dark."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.benchmark.attack import least_cost, rooms
from analysis.benchmark.linked_tables import LinkedTables
from analysis.infer.columns import Codes, Floats

REWARD = 1e3
"""What a unit of a wanted movement is worth, in units of what moving a shown cell costs."""

HIDDEN_COST = 1e-2
"""What moving a hidden cell costs: little, so that movements stay short."""

NOTHING = 1e-7
"""Movements of less, relative to the widest, are none: the solver is no more exact."""

ROUNDING = 1e-6
"""A movement may fall short of what is wanted, or pass a bound, by so much of itself."""


class Mover:
    """Finds the movement with least to hide by linear programming.

    Parameters
    ----------
    linked
        The tables; shown cells cost more to move the more companies they stand for.
    hidden
        Cells that are hidden to begin with; to move them costs next to nothing.
    """

    def __init__(self, linked: LinkedTables, hidden: NDArray[np.bool_]) -> None:
        self.hidden = hidden.copy()
        self.equations = sparse.csc_array(linked.equations)
        self.cost = 1 + np.log1p(linked.cells["companies"].to_numpy(dtype=float))
        self.fixed = linked.cells["known"].to_numpy()

    def hide(self, cells: NDArray[np.bool_]) -> None:
        """Hide further cells."""
        self.hidden |= cells

    def move(self, cells: Codes, want: Floats, *, rooms: tuple[Floats, Floats]) -> Floats:
        """Move `cells` by what is wanted, as far as the rooms of the cells and the sums allow.

        Parameters
        ----------
        cells, want
            Cells and how far to move them, signed.
        rooms
            How far each cell may go down and up.

        Returns
        -------
        Array, one number per cell: the movement, zero if there is none.
        """
        unit = np.abs(want).max()
        want = want / unit
        down, up = (np.where(self.fixed, 0.0, room / unit) for room in rooms)
        down[cells], up[cells] = np.where(want > 0, 0, down[cells]), np.where(want > 0, up[cells], 0)
        wanted = np.minimum(np.abs(want), (down + up)[cells])
        down[cells], up[cells] = (np.maximum(room[cells] - wanted, 0) for room in (down, up))
        cost = np.where(self.hidden, HIDDEN_COST, self.cost)
        sign = np.sign(want)
        columns = sparse.hstack(
            [self.equations, -self.equations, self.equations[:, cells] * sign], format="csc"
        )
        answer = least_cost(
            np.concatenate([cost, cost, np.full(len(cells), -REWARD)]),
            columns,
            np.column_stack([np.zeros(columns.shape[1]), np.concatenate([up, down, wanted])]),
        )
        if answer.x is None:
            return np.zeros(len(cost))
        size = len(cost)
        movement = answer.x[:size] - answer.x[size : 2 * size]
        movement[cells] += sign * answer.x[2 * size :]
        return np.where(np.abs(movement) > NOTHING, movement * unit, 0.0)


class Attackers:
    """The outsider and every member, and against whom each primary cell is not yet safe.

    Parameters
    ----------
    linked
        The tables.
    cells
        Primary cells.
    width
        How far each cell of the tables must stay uncertain; less where an attacker's knowledge beforehand leaves
        less room.
    """

    def __init__(self, linked: LinkedTables, cells: Codes, width: Floats) -> None:
        self.cells = cells
        self._down, self._up = rooms(linked)
        self._cell = linked.members["cell"].to_numpy()
        self._who, names = linked.members["company"].factorize()
        self._who = self._who + 1
        self._names = ["", *names]
        self._down_of, self._up_of = _rooms_of_members(linked, self._down)
        self._needs = self._first_needs(width)
        self._open = self._needs > 0

    @property
    def count(self) -> int:
        """Number of attackers, the outsider included."""
        return len(self._names)

    def name(self, attacker: int) -> object:
        """Return the company; "" for the outsider."""
        return self._names[attacker]

    def _first_needs(self, width: Floats) -> Floats:
        """Return attackers x cells x (up, down); nobody needs to be kept from what is its own."""
        needs = np.empty((self.count, len(self.cells), 2))
        for side, (room, of) in enumerate(((self._up, self._up_of), (self._down, self._down_of))):
            needs[:, :, side] = np.minimum(width[self.cells], room[self.cells])
            place = np.full(len(width), -1)
            place[self.cells] = np.arange(len(self.cells))
            at = place[self._cell] >= 0
            cell = self._cell[at]
            needs[self._who[at], place[cell], side] = np.minimum(width[cell], of[at])
        scale = np.maximum(width[self.cells], 1e-300)[None, :, None]
        return np.where(needs > NOTHING * scale, needs, 0.0)

    def needs_of(self, group: Sequence[int] | Codes) -> tuple[Floats, Floats]:
        """Return how far each primary cell must still be moved up and down for somebody of the group."""
        needs = np.where(self._open[group], self._needs[group], 0.0).max(axis=0)
        return needs[:, 0], needs[:, 1]

    def still_open(self) -> Codes:
        """Return the attackers from whom some cell is not yet safe, the one with most first."""
        left = self._open.sum(axis=(1, 2))
        order: Codes = np.argsort(-left, kind="stable")
        first: Codes = order[left[order] > 0]
        return first

    def give_up(self, group: Codes) -> None:
        """Take what is still open to the group for not to be closed."""
        self._open[group] = False

    def rooms(self, group: Codes) -> tuple[Floats, Floats]:
        """Return how far each cell may go down and up for all in the group at once."""
        down, up = self._down.copy(), self._up.copy()
        inside = np.isin(self._who, group)
        np.minimum.at(down, self._cell[inside], self._down_of[inside])
        np.minimum.at(up, self._cell[inside], self._up_of[inside])
        return down, up

    def cover(self, movement: Floats) -> bool:
        """Note what the movement makes safe, and tell whether that is anything new."""
        at = movement[self._cell]
        slack = ROUNDING * np.abs(movement).max()
        seen_through = (-at > self._down_of + slack) | (at > self._up_of + slack)
        fooled = np.ones(self.count, dtype=bool)
        fooled[self._who[seen_through]] = False
        moved = movement[self.cells]
        done = np.stack([moved, -moved], axis=-1)[None] >= self._needs * (1 - ROUNDING)
        gain = self._open & done & fooled[:, None, None]
        self._open &= ~gain
        return bool(gain.any())


def _rooms_of_members(linked: LinkedTables, down: Floats) -> tuple[Floats, Floats]:
    """Return the room below and above each member's cell that the others in it leave."""
    parts = linked.members
    cell = parts["cell"].to_numpy()
    above = (parts["high"] - parts["value"]).to_numpy()
    open_ended = np.isinf(above)
    finite = np.where(open_ended, 0.0, above)
    many = np.bincount(cell, weights=open_ended, minlength=len(down))
    total = np.bincount(cell, weights=finite, minlength=len(down))
    up_of = np.where(many[cell] - open_ended > 0, np.inf, total[cell] - finite)
    alone = linked.cells["companies"].to_numpy()[cell] == 1
    down_of = np.where(alone, 0.0, down[cell] - (parts["value"] - parts["low"]).to_numpy())
    return np.maximum(down_of, 0), np.where(alone, 0.0, np.maximum(up_of, 0))
