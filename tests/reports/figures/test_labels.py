import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.labels import overlapping, place, spread, text_width, wrap

lengths = st.floats(1, 60)
places = st.floats(0, 400)


@given(st.lists(st.tuples(places, lengths), min_size=1, max_size=12))
def test_spread_keeps_labels_apart_and_in_order(pairs):
    wanted, widths = np.array(pairs).T
    centres = spread(wanted, widths, low=0, high=2000, gap=2)
    order = np.argsort(wanted, kind="stable")
    edges = (centres - widths / 2)[order][1:] - (centres + widths / 2)[order][:-1]
    assert (edges >= 2 - 1e-6).all()
    assert (centres - widths / 2 >= -1e-6).all()


@given(st.lists(places, min_size=1, max_size=8))
def test_labels_that_have_room_stay_where_they_are(wanted):
    apart = np.sort(np.array(wanted)) + 50 * np.arange(len(wanted))
    moved = spread(apart, np.full(len(apart), 20.0), low=-100, high=2000, gap=0)
    assert np.allclose(moved, apart)


def test_spread_stays_within_the_line():
    centres = spread(np.array([0.0, 1.0, 99.0]), np.full(3, 10.0), low=0, high=100, gap=0)
    assert centres.min() >= 5
    assert centres.max() <= 95


@pytest.mark.parametrize("count", [1, 8, 15])
def test_placed_labels_touch_nothing(count):
    points = np.random.default_rng(count).uniform(60, 400, (count, 2))
    texts = [f"Label {n}" for n in range(count)]
    offsets = place(points, texts, within=(0, 0, 460, 460))
    assert offsets is not None
    halves = np.array([[text_width(text, 8) / 2, 4] for text in texts])
    centres = points + offsets
    assert not overlapping([tuple(np.r_[c - h, c + h]) for c, h in zip(centres, halves, strict=True)])


def test_no_room_is_said_rather_than_overlapped():
    points = np.full((30, 2), 50.0)
    assert place(points, ["A long label"] * 30, within=(0, 0, 100, 100)) is None


def test_empty_label_keeps_its_row():
    assert wrap("") == " "


def test_long_words_are_broken():
    assert max(map(len, wrap("x" * 200, 30).split("\n"))) == 30
