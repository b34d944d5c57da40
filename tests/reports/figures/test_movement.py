"""Movement of estimates: where the points stand, and what cannot be drawn."""

import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas

from reports.figures.movement import MARKERS, movement

ROWS = pd.DataFrame(
    {
        "label": ["Level", "Gap"] * 2,
        "rule": ["None", "None", "Strict", "Strict"],
        "moved": [0.1, -0.4, 0.2, 2.5],
    }
)


def test_points_stand_at_their_movement_and_rules_differ_in_shape() -> None:
    ax = movement(Canvas().add_subplot(), ROWS, label="Movement")
    points = [
        line for line in ax.get_lines() if line.get_linestyle() == "None" and len(line.get_xdata()) == 2
    ]
    assert [list(line.get_xdata()) for line in points] == [[0.1, -0.4], [0.2, 2.5]]
    assert len({line.get_marker() for line in points}) == 2
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Level", "Gap"]
    low, high = ax.get_xlim()
    assert low < -2.5 < 2.5 < high


def test_more_rules_than_shapes_are_refused() -> None:
    rows = pd.DataFrame({"label": "Level", "rule": [str(n) for n in range(len(MARKERS) + 1)], "moved": 0.0})
    with pytest.raises(ValueError, match="6 rules and 5 shapes"):
        movement(Canvas().add_subplot(), rows)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="movement: there is nothing to draw"):
        movement(Canvas().add_subplot(), ROWS.head(0))
