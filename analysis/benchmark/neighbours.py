"""Companies in the order of their scores, cut into groups whose means give no company away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.infer.columns import Floats

NOTHING = 1e-9
"""A difference of shares that is none but for floating point."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Companies in the order of their scores, cut into groups of which means can be shown.

    Parameters
    ----------
    up_to
        Share of all weight, 0 to 1, up to each company; 0 first.
    edges
        The same at the edges of the groups, 0 and 1 among them.
    slices
        How many slices each group is joined of.
    """

    up_to: Floats
    edges: Floats
    slices: NDArray[np.int64]

    def held(self, low: float, high: float) -> Floats:
        """Share of all weight that each company has between two places."""
        return np.diff(np.clip(self.up_to, low, high))


def neighbours(weights: Floats, *, minimum: int, largest_share: float) -> Neighbours:
    """Cut companies into groups of neighbours.

    All weight is cut into as many slices as there could be groups of `minimum` companies of equal weight; a company at
    an edge lies in both in part. A slice with too few companies, or one of them too large in it, is joined to the next,
    the last to the one before.

    Parameters
    ----------
    weights
        Of the companies, in the order of their scores.
    minimum, largest_share
        As in `analysis.benchmark.published_norms.norm_of`.

    Examples
    --------
    >>> neighbours(np.ones(4), minimum=2, largest_share=0.5).edges.tolist()
    [0.0, 0.5, 1.0]
    >>> neighbours(np.array([1.0, 1, 1, 9]), minimum=2, largest_share=0.8).edges.tolist()
    [0.0, 1.0]
    """
    n = len(weights)
    every = np.cumsum([0, *group_sizes(n, n // minimum)]) / n
    up_to = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    kept = [0]
    for place in range(1, len(every)):
        if _safe(up_to, every[kept[-1]], every[place], minimum=minimum, largest_share=largest_share):
            kept.append(place)
    kept = [*kept[:-1], len(every) - 1] if len(kept) > 1 else [0, len(every) - 1]
    while len(kept) > 2 and not _safe(
        up_to, every[kept[-2]], every[kept[-1]], minimum=minimum, largest_share=largest_share
    ):
        kept.pop(-2)
    return Neighbours(up_to, every[kept], np.diff(kept))


def _safe(up_to: Floats, low: float, high: float, *, minimum: int, largest_share: float) -> bool:
    """Tell whether a group has enough companies and none of them too large a share, as a weighted level needs."""
    first = int(np.searchsorted(up_to, low + NOTHING, side="right")) - 1
    last = int(np.searchsorted(up_to, high - NOTHING, side="left")) + 1
    held = np.diff(np.clip(up_to[first:last], low, high))
    enough = np.count_nonzero(held > NOTHING) >= minimum
    return bool(enough and held.max() <= largest_share * (high - low) + NOTHING)


def group_sizes(n: int, groups: int) -> NDArray[np.int64]:
    """Return how many of `n` companies each of `groups` groups holds: as alike as can be, the larger first.

    Examples
    --------
    >>> group_sizes(17, 3).tolist()
    [6, 6, 5]
    """
    return np.full(groups, n // max(groups, 1)) + (np.arange(groups) < n % max(groups, 1))
