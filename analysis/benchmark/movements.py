"""Movements of cells that leave all sums standing: found by linear programming, or aimed at a cell by projection."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.benchmark.attack import least_cost
from analysis.benchmark.linked_tables import LinkedTables
from analysis.benchmark.sums import Sums
from analysis.infer.columns import Codes, Floats

Booleans = NDArray[np.bool_]

REWARD = 1e3
"""What a unit of a wanted movement is worth, in units of what moving a shown cell costs."""

HIDDEN_COST = 1e-2
"""What moving a hidden cell costs: little, so that movements stay short."""

NOTHING = 1e-7
"""Movements of less, relative to the widest, are none: the solver is no more exact."""

ENOUGH = 2.0
"""Times the widest wanted movement that a cell counts as able to go at most."""


class Mover:
    """Finds movements, in all parts of the tables at once.

    Parameters
    ----------
    linked
        The tables; shown cells cost more to move the more companies they stand for.
    part
        The part of each cell.
    hidden
        Cells that are hidden to begin with; to move them costs next to nothing.
    """

    def __init__(self, linked: LinkedTables, part: Codes, hidden: Booleans) -> None:
        self.hidden = hidden.copy()
        self.part = part
        self.count = int(part.max(initial=-1)) + 1
        rows = sparse.csr_array(linked.equations)
        rows = sparse.csr_array(rows[np.flatnonzero(np.diff(rows.indptr))])
        self._part_of_sum = part[rows.indices[rows.indptr[:-1]]]
        self.equations = sparse.csc_array(rows)
        self.cost = 1 + np.log1p(linked.cells["companies"].to_numpy(dtype=float))
        if "worth" in linked.cells:
            self.cost *= linked.cells["worth"].to_numpy(dtype=float)
        self.fixed = linked.cells["known"].to_numpy()

    def hide(self, cells: Booleans) -> None:
        """Hide further cells."""
        self.hidden |= cells

    def missed(self, movement: Floats) -> Floats:
        """Return by how much the sums of each part are missed at most."""
        missed = np.zeros(self.count)
        np.maximum.at(missed, self._part_of_sum, np.abs(self.equations @ movement))
        return missed

    def move(
        self, cells: Codes, want: Floats, *, rooms: tuple[Floats, Floats], only_hidden: bool = False
    ) -> Floats:
        """Move `cells` by what is wanted with least to hide, as far as the rooms of the cells and the sums allow.

        Parameters
        ----------
        cells, want
            Cells and how far to move them, signed.
        rooms
            How far each cell may go down and up.
        only_hidden
            Move no shown cell.

        Returns
        -------
        Array, one number per cell: the movement, zero if there is none; it keeps within the rooms, and misses sums
        by no more than the solver does.
        """
        unit = np.zeros(self.count)
        np.maximum.at(unit, self.part[cells], np.abs(want))
        scale = unit[self.part]
        inside = np.flatnonzero((scale > 0) & ~self.fixed & (self.hidden | (not only_hidden)))
        place = np.full(len(scale), -1)
        place[inside] = np.arange(len(inside))
        able = place[cells] >= 0
        cells, want = cells[able], want[able]
        down, up = (room[inside] / scale[inside] for room in rooms)
        at, sign, size = place[cells], np.sign(want), np.abs(want) / scale[cells]
        down[at], up[at] = np.where(sign > 0, 0, down[at]), np.where(sign > 0, up[at], 0)
        wanted = np.minimum(size, (down + up)[at])
        down[at], up[at] = np.maximum(down[at] - wanted, 0), np.maximum(up[at] - wanted, 0)
        moved = self._solved(inside, at, sign, wanted, down=down, up=up)
        movement = np.zeros(len(scale))
        movement[inside] = np.where(np.abs(moved) > NOTHING, moved, 0.0) * scale[inside]
        return np.clip(movement, -rooms[0], rooms[1])

    def _solved(
        self, inside: Codes, at: Codes, sign: Floats, wanted: Floats, *, down: Floats, up: Floats
    ) -> Floats:
        """Solve for the cells inside, in units of what is wanted in their part."""
        cost = np.where(self.hidden[inside], HIDDEN_COST, self.cost[inside])
        rises, falls = np.flatnonzero(up > 0), np.flatnonzero(down > 0)
        ties = self.equations[:, inside]
        ties = ties[np.flatnonzero(np.diff(sparse.csr_array(ties).indptr))]
        columns = sparse.hstack([ties[:, rises], -ties[:, falls], ties[:, at] * sign], format="csc")
        answer = least_cost(
            np.concatenate([cost[rises], cost[falls], np.full(len(at), -REWARD)]),
            columns,
            np.column_stack([np.zeros(columns.shape[1]), np.concatenate([up[rises], down[falls], wanted])]),
        )
        moved = np.zeros(len(inside))
        if answer.x is not None:
            up_by, down_by, wished = np.split(answer.x, [len(rises), len(rises) + len(falls)])
            moved[rises] += up_by
            moved[falls] -= down_by
            moved[at] += sign * wished
        return moved

    def reached(self, cells: Codes, want: Floats, *, rooms: tuple[Floats, Floats]) -> Floats:
        """Find how far each cell, for itself, can be moved both ways by hidden cells alone: at least so far.

        Of the movements that keep the sums, the one nearest to that of the cell alone, where each cell counts in what
        its rooms leave (a weighted projection): all cells take one factorisation, and no solver.

        Parameters
        ----------
        cells, want
            Cells and how far they need to go at most.
        rooms
            How far each cell may go down and up.

        Returns
        -------
        Array, one number per cell.
        """
        room = np.minimum(*rooms)
        most = np.zeros(self.count)
        np.maximum.at(most, self.part[cells], ENOUGH * want)
        free = np.flatnonzero(self.hidden & ~self.fixed & (most[self.part] > 0) & (room > 0))
        free = free[np.argsort(self.part[free], kind="stable")]
        if not len(free):
            return np.zeros(len(cells))
        sums = Sums(self.equations[:, free], np.minimum(room[free], most[self.part[free]]), self.part[free])
        place = np.full(len(room), -1)
        place[free] = np.arange(len(free))
        able = np.flatnonzero((want > 0) & (place[cells] >= 0))
        found = np.zeros(len(cells))
        found[able] = sums.reached(place[cells[able]])
        return found
