"""Where labels of points stand in a native chart, which knows four sides; else numbers and a list."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from reports.chart import Axis, Marks, Side
from reports.figures.labels import text_width, wrap
from reports.style import MUTED, Role

SIDES: tuple[Side, ...] = ("right", "left", "above", "below")
GAP = 7.0
"""Points between a point and its label."""

NEAR = (14.0, 22.0, 30.0)
"""Points within which points share a label where each has no room for its own: the first with which all have room."""

Box = tuple[float, float, float, float]


def sides_of(
    marks: Sequence[Marks], x: Axis, y: Axis, *, room: tuple[float, float], size: float
) -> list[Marks] | None:
    """Give each labelled point a side on which its label covers no other point and no other label.

    Parameters
    ----------
    marks
        The points; each labelled point becomes marks of its own, as a side belongs to a series.
    x, y
        Axes with both ends.
    room
        Width and height of the plot in points.
    size
        Size of the labels in points.

    Returns
    -------
    list of Marks or None
        None where a label finds no room.
    """
    spots = _spots(marks, x, y, room)
    taken: list[Box] = [(a - 5, b - 5, a + 5, b + 5) for a, b in spots]
    chosen: dict[int, Side] = {}
    labels = [text for each in marks if not each.joined for text in (each.labels or ("",) * len(each.x))]
    for place, (spot, text) in enumerate(zip(spots, labels, strict=True)):
        found = _free(spot, text, taken, place, room=room, size=size) if text else ("right", taken[place])
        if found is None:
            return None
        chosen[place] = found[0]
        taken.append(found[1])
    return _split(marks, chosen)


def _spots(marks: Sequence[Marks], x: Axis, y: Axis, room: tuple[float, float]) -> list[tuple[float, float]]:
    """Return where in the plot the points stand."""
    return [
        ((float(a) - (x.low or 0.0)) / ((x.high or 1.0) - (x.low or 0.0)) * room[0],
         (float(b) - (y.low or 0.0)) / ((y.high or 1.0) - (y.low or 0.0)) * room[1])
        for each in marks if not each.joined for a, b in zip(each.x, each.y, strict=True)
    ]  # fmt: skip


def shared(
    marks: Sequence[Marks], x: Axis, y: Axis, *, room: tuple[float, float], near: float
) -> list[Marks]:
    """Let points within `near` of each other share a label, as in "2, 5, 8", which the rightmost of them has."""
    spots = _spots(marks, x, y, room)
    texts = [text for each in marks if not each.joined for text in (each.labels or ("",) * len(each.x))]
    holders: dict[int, list[int]] = {}
    for place in sorted(
        (place for place, text in enumerate(texts) if text), key=lambda place: -spots[place][0]
    ):
        at = np.array(spots[place])
        close = (holder for holder in holders if np.abs(at - spots[holder]).max() < near)
        holders.setdefault(next(close, place), []).append(place)
    left = iter(
        ", ".join(texts[own] for own in sorted(holders.get(place, ()))) for place in range(len(texts))
    )
    labels = [() if each.joined else tuple(next(left) for _ in each.x) for each in marks]
    return [
        replace(each, labels=own) if each.labels and own else each
        for each, own in zip(marks, labels, strict=True)
    ]


def _free(
    spot: tuple[float, float],
    text: str,
    taken: Sequence[Box],
    own: int,
    *,
    room: tuple[float, float],
    size: float,
) -> tuple[Side, Box] | None:
    wide, high = text_width(text, size) + 6, 1.3 * size
    (a, b) = spot
    boxes: dict[Side, Box] = {
        "right": (a + GAP, b - high / 2, a + GAP + wide, b + high / 2),
        "left": (a - GAP - wide, b - high / 2, a - GAP, b + high / 2),
        "above": (a - wide / 2, b + GAP, a + wide / 2, b + GAP + high),
        "below": (a - wide / 2, b - GAP - high, a + wide / 2, b - GAP),
    }
    for side in SIDES:
        box = boxes[side]
        inside = box[0] >= 0 and box[2] <= room[0] and box[1] >= 0 and box[3] <= room[1]
        if inside and not any(_overlap(box, other) for n, other in enumerate(taken) if n != own):
            return side, box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _split(marks: Sequence[Marks], chosen: dict[int, Side]) -> list[Marks]:
    """Part marks by the side of their labels."""
    found, start = [], 0
    for each in marks:
        if each.joined or not each.labels:
            found.append(each)
            start += 0 if each.joined else len(each.x)
            continue
        sides = [chosen[start + n] for n in range(len(each.x))]
        start += len(each.x)
        for side in dict.fromkeys(sides):
            at = np.array([own == side for own in sides])
            found.append(
                replace(
                    each, x=each.x[at], y=each.y[at], side=side,
                    x_ends=each.x_ends and (each.x_ends[0][at], each.x_ends[1][at]),
                    y_ends=each.y_ends and (each.y_ends[0][at], each.y_ends[1][at]),
                    labels=tuple(text for text, here in zip(each.labels, at, strict=True) if here),
                )
            )  # fmt: skip
    return found


def numbered(marks: Sequence[Marks], x: Axis, y: Axis) -> tuple[list[Marks], tuple[Marks, ...]]:
    """Number the labelled points, and name the numbers in a list to the right of the plot."""
    names = [text for each in marks if not each.joined for text in each.labels]
    counter = iter(range(1, len(names) + 1))
    shown = [
        each
        if each.joined
        else replace(each, side="above", labels=tuple(str(next(counter)) for _ in each.labels))
        for each in marks
    ]
    low, high = y.low or 0.0, y.high or 1.0
    heights = high - (np.arange(len(names)) + 0.5) / max(len(names), 1) * (high - low)
    lines = tuple(wrap(f"{number}  {name}", 30) for number, name in enumerate(names, start=1))
    at = np.full(len(names), x.high or 1.0)
    return shown, (Marks("", Role(MUTED, MUTED, marker=""), at, heights, labels=lines, named=False),)
