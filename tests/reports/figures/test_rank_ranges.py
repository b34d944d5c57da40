"""Ranks with what they may be: where the lines stand, and what cannot be drawn."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Canvas

from reports.figures.rank_ranges import rank_ranges

ROWS = pd.DataFrame(
    {"rank": [3, 1, 2], "rank_low": [2.0, 1, 1], "rank_high": [3.0, 2, 3], "plausible_rank_low": [3.0, 1, 1],
     "plausible_rank_high": [3.0, 1, 2]}
)  # fmt: skip


def spans(collection: LineCollection) -> list[tuple[float, float, float]]:
    return [(line[0, 0], *sorted(line[:, 1])) for line in collection.get_segments()]


def test_companies_stand_in_the_order_of_their_rank_with_both_intervals() -> None:
    ax = rank_ranges(Canvas().add_subplot(), ROWS)
    sure, plausible = (spans(part) for part in ax.collections if isinstance(part, LineCollection))
    assert sure == [(1, 1, 2), (2, 1, 3), (3, 2, 3)]
    assert plausible == [(1, 1, 1), (2, 1, 2), (3, 3, 3)]
    low, high = ax.get_ylim()
    assert low > high  # the highest rank is on top


def test_without_plausible_ranks_there_is_one_kind_of_line() -> None:
    ax = rank_ranges(Canvas().add_subplot(), ROWS[["rank", "rank_low", "rank_high"]])
    assert len(ax.collections) == 1


@pytest.mark.parametrize("count", [2, 40, 400])
def test_labels_stay_apart(readable, count) -> None:
    rank = np.arange(1.0, count + 1)
    rows = pd.DataFrame({"rank": rank, "rank_low": 1.0, "rank_high": float(count)})
    readable(partial(rank_ranges, frame=rows), (6.8, 4.2))


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="rank_ranges: there is nothing to draw"):
        rank_ranges(Canvas().add_subplot(), ROWS.head(0))
