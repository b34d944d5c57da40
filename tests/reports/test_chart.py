"""What a drawing consists of: axes with round ends, parts of long charts, labels that find room."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.chart import Axis, Bars, Grid, Marks, Part, Plane, Rows, numbers_in, whole_steps
from reports.style import SALES, STUDY
from reports.writers.chart_parts import parts_of
from reports.writers.label_sides import numbered, sides_of

FINITE = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(FINITE, FINITE)
def test_an_axis_takes_in_its_values_with_few_round_steps(one, other):
    low, high = sorted((one, other))
    bottom, top, step = whole_steps(low, high)
    assert bottom <= low
    assert top >= high
    assert 1 <= (top - bottom) / step <= 11


@given(st.integers(1, 60), st.sets(st.integers(0, 59)), st.integers(3, 16))
def test_parts_hold_every_row_once_and_in_order(count, headings, most):
    values = np.arange(count, dtype=float)
    marks = Marks("one", SALES, values, values + 0.2, x_ends=(values - 1, values + 1))
    chart = Rows(
        tuple(map(str, range(count))), Axis(), (marks,), headings=frozenset(h for h in headings if h < count)
    )
    parts = parts_of(chart, most=most)
    assert [label for part in parts for label in part.labels] == list(chart.labels)
    assert max(len(part.labels) for part in parts) <= most
    assert np.concatenate([part.marks[0].x for part in parts]).tolist() == values.tolist()
    assert sum(len(part.headings) for part in parts) == len(chart.headings)


def test_bars_and_cells_are_parted_with_all_that_belongs_to_a_row():
    values = np.arange(6.0)
    bars = Bars(
        tuple("abcdef"),
        Axis(),
        (Part("n", values, ends=(values - 1, values + 1), roles=(STUDY,) * 6),),
        tuple("uvwxyz"),
    )
    last = parts_of(bars, most=4)[-1]
    assert isinstance(last, Bars)
    assert (last.labels, last.texts, len(last.parts[0].roles)) == (tuple("def"), tuple("xyz"), 3)
    assert last.parts[0].ends[1].tolist() == [4.0, 5.0, 6.0]
    grid = Grid(tuple("abcdef"), ("x",), tuple((text,) for text in "uvwxyz"), (("good",),) * 6)
    assert parts_of(grid, most=4)[-1].texts == (("x",), ("y",), ("z",))


def test_numbers_leave_out_what_only_holds_a_place():
    hidden = Part("", np.array([7.0]), hidden=True)
    assert numbers_in(Bars(("a",), Axis(), (hidden, Part("n", np.array([3.0]))))).tolist() == [3.0]
    plane = Plane(Axis(), Axis(), (Marks("", STUDY, np.array([1.0]), np.array([np.nan])),))
    assert numbers_in(plane).tolist() == [1.0]


@pytest.mark.parametrize(("x", "fits"), [([10.0, 60.0], True), ([50.0] * 9, False)])
def test_labels_find_a_side_or_become_numbers(x, fits):
    marks = Marks("", STUDY, np.array(x), np.full(len(x), 50.0), labels=("A long label of a point",) * len(x))
    axis = Axis(low=0.0, high=100.0)
    placed = sides_of([marks], axis, axis, room=(600.0, 300.0), size=12.0)
    assert (placed is not None) == fits
    shown, (names,) = numbered([marks], axis, axis)
    assert shown[0].labels == tuple(str(n) for n in range(1, len(x) + 1))
    assert [label.split()[0] for label in names.labels] == list(shown[0].labels)
