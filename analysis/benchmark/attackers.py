"""The outsider and every member of linked tables, and from whom each primary cell is not yet safe."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.benchmark.attack import rooms
from analysis.benchmark.linked_tables import LinkedTables
from analysis.benchmark.movements import NOTHING, Booleans
from analysis.infer.columns import Codes, Floats

ROUNDING = 1e-6
"""A movement may fall short of what is wanted, or miss a sum, by so much of what is wanted."""


class Attackers:
    """One outsider in each part of the tables, and each company in every part: what it knows elsewhere is no help.

    Parameters
    ----------
    linked
        The tables.
    part
        The part of each cell.
    cells
        Primary cells.
    width
        How far each cell of the tables must stay uncertain; less where an attacker's knowledge beforehand leaves
        less room.
    """

    def __init__(self, linked: LinkedTables, part: Codes, *, cells: Codes, width: Floats) -> None:
        self.cells = cells
        self._down, self._up = rooms(linked)
        here = np.zeros(int(part.max(initial=-1)) + 1, dtype=bool)
        here[part[cells]] = True
        inside = here[part[linked.members["cell"].to_numpy()]]
        members = linked.members[inside]
        self._cell = members["cell"].to_numpy()
        code, names = members["company"].factorize(sort=False)
        keys = np.concatenate(
            [part[self._cell] * (len(names) + 1) + code + 1, np.flatnonzero(here) * (len(names) + 1)]
        )
        known, who = np.unique(keys, return_inverse=True)
        self._who = who[: len(members)]
        self.part, number = np.divmod(known, len(names) + 1)
        self._names = np.array(["", *names], dtype=object)[number]
        self._start = np.searchsorted(self.part, np.arange(len(here) + 1))
        self.number = np.arange(len(known)) - self._start[self.part]
        self._down_of, self._up_of = (room[inside] for room in _rooms_of_members(linked, self._down))
        self._pair(part, width)

    def _pair(self, part: Codes, width: Floats) -> None:
        """List what is wanted: each primary cell moved up, and down, far enough for each attacker of its part."""
        begin, end = self._start[part[self.cells]], self._start[part[self.cells] + 1]
        first = np.concatenate([[0], np.cumsum(end - begin)[:-1]]).astype(np.int64)
        place = np.repeat(np.arange(len(self.cells), dtype=np.int32), end - begin)
        actor = (np.arange(len(place)) - first[place] + begin[place]).astype(np.int32)
        primary = np.full(len(part), -1)
        primary[self.cells] = np.arange(len(self.cells))
        own = np.flatnonzero(primary[self._cell] >= 0)
        cell, where = self._cell[own], primary[self._cell[own]]
        pair = first[where] + self._who[own] - begin[where]
        least = NOTHING * np.maximum(width[self.cells], 1e-300)
        wanted = []
        for side, (room, of) in enumerate(((self._up, self._up_of), (self._down, self._down_of))):
            need = np.minimum(width, room)[self.cells][place]
            need[pair] = np.minimum(width[cell], of[own])
            left = need > least[place]
            wanted.append((2 * place[left] + side, actor[left], need[left]))
        self._goal, self._actor, self._need = map(np.concatenate, zip(*wanted, strict=True))

    def _close(self, left: Booleans) -> None:
        """Keep what is left of what is wanted."""
        if left.all():
            return
        self._goal, self._actor, self._need = self._goal[left], self._actor[left], self._need[left]

    def _tidy(self) -> None:
        """Let go of what is safe: `cover` only marks it."""
        self._close(np.isfinite(self._need))

    def pieces(self, count: int) -> Iterator[Booleans]:
        """Split the members from whom something is not yet safe into `count` groups, those of each part alike."""
        number, several = self._waiting()
        piece = np.where(number >= 0, number * np.minimum(count, several) // several, -1)
        for each in range(count):
            if (group := piece == each).any():
                yield group

    def halves(self) -> Iterator[Booleans]:
        """Yield halves of the members from whom something is not yet safe, so that any two are apart in one of them.

        They go by the binary digits of their numbers among these, and are counted anew for each half.
        """
        digit = 0
        while digit < int(self._waiting()[0].max(initial=-1)).bit_length():
            for bit in (0, 1):
                number, _ = self._waiting()
                yield (number >= 0) & ((number >> digit) & 1 == bit)
            digit += 1

    def _waiting(self) -> tuple[Codes, Codes]:
        """Number the members of each part from whom something is not yet safe, -1 for others; how many there are."""
        self._tidy()
        open_to = np.zeros(len(self.part), dtype=bool)
        open_to[self._actor] = True
        open_to &= self.number > 0
        rank = np.concatenate([[0], np.cumsum(open_to)])
        begin, end = rank[self._start[self.part]], rank[self._start[self.part + 1]]
        return np.where(open_to, rank[1:] - 1 - begin, -1), np.maximum(end - begin, 1)

    def needs_of(self, group: Booleans) -> tuple[Floats, Floats]:
        """Return how far each primary cell must still be moved up and down for somebody of the group."""
        self._tidy()
        most = np.zeros(2 * len(self.cells))
        ours = group[self._actor]
        np.maximum.at(most, self._goal[ours], self._need[ours])
        return most[::2], most[1::2]

    def first_open(self) -> Booleans:
        """Return in each part the attacker from whom most cells are not yet safe."""
        self._tidy()
        left = np.bincount(self._actor, minlength=len(self.part))
        order = np.lexsort((-left, self.part))
        first = order[np.unique(self.part[order], return_index=True)[1]]
        group = np.zeros(len(self.part), dtype=bool)
        group[first[left[first] > 0]] = True
        return group

    def lost_to(self, group: Booleans) -> list[tuple[int, object]]:
        """Take what is still open to the group for not to be closed, and return it.

        What is open to an outsider is open to everybody who would have to be as far from it.
        """
        self._tidy()
        gone = group[self._actor]
        least = np.full(2 * len(self.cells), np.inf)
        outside = gone & (self.number[self._actor] == 0)
        least[self._goal[outside]] = self._need[outside]
        gone |= self._need >= least[self._goal]
        pairs = np.unique(np.column_stack([self._goal[gone] // 2, self._actor[gone]]), axis=0)
        self._close(~gone)
        cells, names = self.cells[pairs[:, 0]], self._names[pairs[:, 1]]
        return list(zip(cells.tolist(), names.tolist(), strict=True))

    def rooms(self, group: Booleans) -> tuple[Floats, Floats]:
        """Return how far each cell may go down and up for all in the group at once."""
        down, up = self._down.copy(), self._up.copy()
        inside = group[self._who]
        np.minimum.at(down, self._cell[inside], self._down_of[inside])
        np.minimum.at(up, self._cell[inside], self._up_of[inside])
        return down, up

    def cover_each(self, group: Booleans, reached: Floats) -> None:
        """Note how far each primary cell can be moved, both ways, for all of the group."""
        safe = group[self._actor] & (reached[self._goal // 2] / (1 - ROUNDING) >= self._need)
        self._close(~safe)

    def cover(self, movement: Floats, missed: Floats) -> Booleans:
        """Note what the movement makes safe, and tell in which parts that is anything new.

        `missed` is by how much the sums of each part are missed: what need not go much further than that is not
        safe, as it may be no more than what the solver rounds off of larger cells.
        """
        moved = np.column_stack([movement[self.cells], -movement[self.cells]]).ravel() / (1 - ROUNDING)
        new = np.zeros(len(missed), dtype=bool)
        gain = np.flatnonzero(moved[self._goal] >= self._need)
        gain = gain[missed[self.part[self._actor[gain]]] <= ROUNDING * self._need[gain]]
        if len(gain):
            far = moved[self._goal[gain]] * self._possible(movement)[self._actor[gain]]
            gain = gain[far >= self._need[gain]]
        if len(gain):
            new[self.part[self._actor[gain]]] = True
            self._need[gain] = np.inf
        return new

    def _possible(self, movement: Floats) -> Floats:
        """Tell how much of a movement, 0-1, each attacker takes for possible, by what they gave to the moved cells."""
        at = movement[self._cell]
        room, far = np.where(at > 0, self._up_of, self._down_of), np.abs(at)
        possible = np.ones(len(self.part))
        here = np.divide(room, far, out=np.ones(len(at)), where=far > room)
        np.minimum.at(possible, self._who, here)
        return possible


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


def unsafe(lost: list[tuple[int, object]]) -> pd.DataFrame:
    """Return what could not be kept from whom as a table, cell by cell."""
    return pd.DataFrame(sorted(lost, key=lambda one: (one[0], str(one[1]))), columns=["cell", "company"])
