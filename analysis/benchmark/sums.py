"""Sums that hold whatever moves: the movement that comes nearest to moving one cell alone."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu

from analysis.infer.columns import Codes, Floats

COLUMNS = 64
"""Movements at a time, each of one cell of every part."""

SMALL = 1e-9
"""What is added to the diagonal before it is inverted, so that equations may repeat one another."""

REFINED = 3
"""Times that a projection is repeated until what that adds is gone."""

HELD = 1e-6
"""A cell of which less than this share is left, when the sums have had their due, is held by them."""

EXACT = 1e-6
"""So exactly, relative to the movement of the cell that it is for, a movement keeps the sums."""


class Sums:
    """Sums over cells that may move.

    Parameters
    ----------
    equations
        Equations x cells.
    room
        How far each cell may go, up or down; its unit here, so that small and large cells weigh the same.
    part
        The part of each cell, in ascending order: no sum ties two parts together.
    """

    def __init__(self, equations: sparse.csc_array, room: Floats, part: Codes) -> None:
        rows = sparse.csr_array(equations)
        rows = sparse.csr_array(rows[np.flatnonzero(np.diff(rows.indptr))])
        of_row = part[rows.indices[rows.indptr[:-1]]]
        order = np.argsort(of_row, kind="stable")
        ties = rows[order] @ sparse.diags_array(room)
        self._norm = np.sqrt((ties * ties).sum(axis=1))
        self._ties = sparse.csr_array(sparse.diags_array(1 / self._norm) @ ties)
        self._back = sparse.csr_array(self._ties.T)
        self._room = room
        self._part, self._start, self._code = np.unique(part, return_index=True, return_inverse=True)
        self._tied, self._row = np.unique(of_row[order], return_index=True)
        square = self._ties @ self._back + SMALL * sparse.eye_array(len(self._norm))
        self._solved = splu(sparse.csc_matrix(square)) if len(self._norm) else None

    def reached(self, cells: Codes) -> Floats:
        """Return how far each cell can be moved both ways while the sums hold and no cell leaves its room."""
        part = self._code[cells]
        column = pd.Series(part).groupby(part).cumcount().to_numpy()
        found = np.zeros(len(cells))
        for first in range(0, int(column.max(initial=-1)) + 1, COLUMNS):
            now = np.flatnonzero((column >= first) & (column < first + COLUMNS))
            at = np.asarray(column[now] - first, dtype=np.int64)
            moved = self._projected(cells[now], at)
            own, beside = moved[cells[now], at], (part[now], at)
            widest = np.maximum.reduceat(np.abs(moved), self._start, axis=0)[beside]
            sound = (own > HELD) & (self._off(moved)[beside] <= EXACT * own * self._room[cells[now]])
            found[now] = np.where(sound, own / np.maximum(widest, own), 0.0) * self._room[cells[now]]
        return found

    def _projected(self, cells: Codes, columns: Codes) -> Floats:
        """Return the movements nearest to those of single cells: cells x columns, in units of their rooms."""
        moved = np.zeros((len(self._room), int(columns.max()) + 1))
        moved[cells, columns] = 1.0
        if self._solved is not None:
            for _ in range(REFINED):
                missed = np.asarray(self._ties @ moved, dtype=np.float64)
                moved -= self._back @ np.asarray(self._solved.solve(missed), dtype=np.float64)
        return moved

    def _off(self, moved: Floats) -> Floats:
        """Return by how much the sums of each part are missed at most: parts x columns."""
        off = np.zeros((len(self._part), moved.shape[1]))
        if len(self._norm):
            missed = np.abs(np.asarray(self._ties @ moved, dtype=np.float64)) * self._norm[:, None]
            off[np.searchsorted(self._part, self._tied)] = np.maximum.reduceat(missed, self._row, axis=0)
        return off
