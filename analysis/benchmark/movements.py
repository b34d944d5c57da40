"""Movements of cells that leave all sums standing: found by linear programming, or drawn at random."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from analysis.benchmark.attack import least_cost
from analysis.benchmark.linked_tables import LinkedTables
from analysis.infer.columns import Codes, Floats

Booleans = NDArray[np.bool_]

REWARD = 1e3
"""What a unit of a wanted movement is worth, in units of what moving a shown cell costs."""

HIDDEN_COST = 1e-2
"""What moving a hidden cell costs: little, so that movements stay short."""

NOTHING = 1e-7
"""Movements of less, relative to the widest, are none: the solver is no more exact."""

DRAWS = 4
"""Random movements at a time; more find little that these do not."""

WIDE = 10.0
"""Times the widest wanted movement that a drawn one goes at most: wider, what is left of its rounding would count."""

TRACE = 1e-6
"""Drawn movements of less, relative to the widest of their part, may be rounding, and are none."""

EXACT = 1e-10
"""So exactly, relative to the widest of their part, drawn movements keep the sums."""

SMALL = 1e-9
"""What is added to the diagonal before it is inverted, so that equations may repeat one another."""

REFINED = 3
"""Times that a projection is repeated until what that adds is gone."""


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
        self.equations = sparse.csc_array(linked.equations)
        rows = sparse.csr_array(linked.equations)
        self.part_of_row = part[rows.indices[rows.indptr[:-1]]]
        self.cost = 1 + np.log1p(linked.cells["companies"].to_numpy(dtype=float))
        if "worth" in linked.cells:
            self.cost *= linked.cells["worth"].to_numpy(dtype=float)
        self.fixed = linked.cells["known"].to_numpy()

    def hide(self, cells: Booleans) -> None:
        """Hide further cells."""
        self.hidden |= cells

    def widest(self, movement: Floats) -> Floats:
        """Return the widest movement of each part."""
        widest: Floats = self._largest(np.abs(movement)[None], self.part)[0]
        return widest

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

        Returns
        -------
        Array, one number per cell: the movement, zero if there is none.
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
        return movement

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

    def draw(self, rng: np.random.Generator, *, reach: Floats, rooms: tuple[Floats, Floats]) -> Floats:
        """Draw movements of hidden cells at random: most need nothing else to be hidden, and no solver.

        Parameters
        ----------
        rng
            Makes the draws.
        reach
            How far movements need to go in each part.
        rooms
            How far each cell may go down and up.

        Returns
        -------
        Array, movements x cells, each as wide as the rooms allow; the second half are the first turned round.
        """
        down, up = rooms
        free = np.flatnonzero(self.hidden & ~self.fixed & (reach[self.part] > 0) & (down > 0) & (up > 0))
        ties = sparse.csr_array(self.equations)[:, free]
        ties = sparse.csr_array(ties[np.flatnonzero(np.diff(ties.indptr))])
        drawn = rng.choice([-1.0, 1.0], (len(free), DRAWS)) * np.minimum(
            np.minimum(down, up)[free], reach[self.part[free]]
        )[:, None]  # fmt: skip
        if ties.shape[0]:
            gram = splu(sparse.csc_matrix(ties @ ties.T + SMALL * sparse.eye_array(ties.shape[0])))
            for _ in range(REFINED):
                drawn -= ties.T @ gram.solve(ties @ drawn)
        movement = np.zeros((DRAWS, len(down)))
        movement[:, free] = drawn.T
        far = WIDE * reach[self.part]
        both = np.concatenate([movement, -movement])
        return self._widened(both, np.minimum(down, far), np.minimum(up, far))

    def _widened(self, movement: Floats, down: Floats, up: Floats) -> Floats:
        """Scale each part of each movement to the rooms; leave out what does not keep the sums."""
        widest = self._largest(np.abs(movement), self.part)
        off = self._largest(np.abs(movement @ self.equations.T), self.part_of_row)
        movement = np.where(np.abs(movement) > TRACE * widest[:, self.part], movement, 0.0)
        size = np.abs(movement)
        room = np.maximum(np.where(movement > 0, up, down), 1e-300)
        most = self._largest(np.where(size > 0, size / room, 0.0), self.part)
        sound = (most > 0) & (off <= EXACT * widest)
        factor = np.where(sound, 1 / np.where(most > 0, most, 1), 0.0)
        return np.asarray(movement * factor[:, self.part], dtype=np.float64)

    def _largest(self, values: Floats, part: Codes) -> Floats:
        """Return the largest value of each part: rows x parts."""
        largest = np.zeros((self.count, len(values)))
        np.maximum.at(largest, part, values.T)
        return largest.T
