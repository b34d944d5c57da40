"""Labels that neither overlap nor run out of the picture: wrapped, spread along a line, placed in a plane."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, product
from textwrap import wrap as wrap_lines

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font
from scipy.optimize import isotonic_regression

from reports.figures.paper import measured
from reports.style import FAMILIES, SMALL_SIZE, TEXT_SIZE

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

ROW_CHARACTERS = 36
"""Longest line of a row label."""

LINE_HEIGHT = 1.3
"""Distance of two lines of text, in text sizes."""


def wrap(text: str, width: int = ROW_CHARACTERS) -> str:
    r"""Break a label into lines of at most `width` characters; the words stay whole where they fit.

    Examples
    --------
    >>> wrap("Shared understanding of the customer", 20)
    'Shared understanding\nof the customer'
    """
    return "\n".join(wrap_lines(str(text), width)) or " "


def lines_in(texts: Sequence[str]) -> int:
    r"""Return the most lines that any of `texts` has.

    Examples
    --------
    >>> lines_in(["Trust", "Shared\ngoals"])
    2
    """
    return max((text.count("\n") + 1 for text in texts), default=1)


def text_width(text: str, size: float = TEXT_SIZE, *, bold: bool = False) -> float:
    """Width of a text in points, that of its longest line; letters that the typeface lacks count as wide ones.

    Examples
    --------
    >>> text_width("Marketing") > text_width("Sales")
    True
    """
    letters = (tuple(FAMILIES), "normal", "bold" if bold else "normal", size)
    known = _letters()
    lines = ["".join(letter if ord(letter) in known else "M" for letter in line) for line in text.split("\n")]
    return max(measured(line, letters)[0] for line in lines)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """Code points of the letters that can be measured."""
    return frozenset(FT2Font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())


def spread(wanted: Floats, widths: Floats, *, low: float, high: float, gap: float = 6.0) -> Floats:
    """Move labels along a line as little as possible so that none overlaps another.

    The least-squares shift that keeps the order is an isotonic regression of the wanted centres minus
    the room that the labels before them take.

    Parameters
    ----------
    wanted
        Where the centres should be, shape (n,).
    widths
        How long the labels are along the line, shape (n,).
    low, high
        Ends of the line; if the labels are longer than it, they start at `low`.
    gap
        Least distance between two labels. All in one unit, such as points.

    Returns
    -------
    ndarray, shape (n,)
        The centres, in the order given.

    Examples
    --------
    >>> spread(np.array([50.0, 52.0]), np.array([20.0, 20.0]), low=0, high=100, gap=0)
    array([41., 61.])
    """
    order = np.argsort(wanted, kind="stable")
    size = widths[order]
    room = np.concatenate([[0.0], np.cumsum((size[1:] + size[:-1]) / 2 + gap)])[: len(size)]
    fitted = isotonic_regression(wanted[order] - room).x
    first, last = low + size[:1] / 2, high - size[-1:] / 2 - room[-1:]
    centres = np.empty_like(wanted, dtype=float)
    centres[order] = np.maximum(np.minimum(fitted, last), first) + room
    return centres


def point_positions(ax: Axes, x: Floats, y: Floats) -> Floats:
    """Return data positions as points from the lower left corner of the figure, shape (n, 2)."""
    pixels = ax.transData.transform(np.column_stack([x, y]))
    return np.asarray(pixels, dtype=float) * 72 / _dpi(ax)


def axes_box(ax: Axes) -> Box:
    """Edges of the drawing area in points."""
    edges = np.asarray(ax.get_window_extent().extents, dtype=float) * 72 / _dpi(ax)
    return (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))


def place(
    points: Floats, texts: Sequence[str], *, within: Box, size: float = SMALL_SIZE, mark: float = 9.0
) -> Floats | None:
    """Find for every point a place for its label that touches no other label, no mark and no edge.

    Places near the point are tried first; the most crowded points choose first.

    Parameters
    ----------
    points
        Positions in points, shape (n, 2).
    texts
        One label per point, wrapped.
    within
        Edges of the drawing area in points.
    size
        Text size in points.
    mark
        Width of a mark in points, which labels keep clear of.

    Returns
    -------
    ndarray, shape (n, 2), or None
        Offset of each label's centre from its point; None where some label finds no place.
    """
    marks = [_box(centre, (mark, mark)) for centre in points]
    sizes = [(text_width(text, size) + 4, lines_in([text]) * size * LINE_HEIGHT + 2) for text in texts]
    offsets = np.zeros((len(texts), 2))
    taken: list[Box] = []
    for index in np.argsort(-_crowding(points), kind="stable"):
        found = _free_place(points[index], sizes[index], within=within, taken=[*taken, *marks])
        if found is None:
            return None
        offsets[index] = found
        taken.append(_box(points[index] + found, sizes[index]))
    return offsets


def overlapping(boxes: Sequence[Box]) -> bool:
    """Say whether any two boxes share more than an edge.

    Examples
    --------
    >>> overlapping([(0, 0, 2, 1), (1, 0, 3, 1)]), overlapping([(0, 0, 1, 1), (1, 0, 2, 1)])
    (True, False)
    """
    return any(_touch(a, b) for index, a in enumerate(boxes) for b in boxes[index + 1 :])


def close_together(positions: Floats, distance: float) -> bool:
    """Say whether any two positions on a line are nearer than `distance`.

    Examples
    --------
    >>> close_together(np.array([1.0, 9.0, 3.0]), 2.5)
    True
    """
    return any(b - a < distance for a, b in pairwise(np.sort(positions)))


def _free_place(
    point: Floats, size: tuple[float, float], *, within: Box, taken: Sequence[Box]
) -> Floats | None:
    """Return the nearest free offset, trying right and left before above and below."""
    for distance, (across, up) in product((8.0, 14.0, 22.0, 32.0), _DIRECTIONS):
        offset = np.array([across * (distance + size[0] / 2), up * (distance + size[1] / 2)])
        box = _box(point + offset, size)
        if _inside(box, within) and not any(_touch(box, other) for other in taken):
            return offset
    return None


_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.75, 0.9), (-0.75, 0.9), (0.75, -0.9), (-0.75, -0.9))


def _box(centre: Floats, size: tuple[float, float]) -> Box:
    x, y = float(centre[0]), float(centre[1])
    return (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _inside(box: Box, within: Box) -> bool:
    return box[0] >= within[0] and box[1] >= within[1] and box[2] <= within[2] and box[3] <= within[3]


def _crowding(points: Floats) -> Floats:
    distance = np.linalg.norm(points[:, None] - points[None, :], axis=2)
    return np.asarray(np.exp(-distance / 60.0).sum(axis=1), dtype=float)


def _dpi(ax: Axes) -> float:
    return float(ax.get_figure(root=True).dpi)  # type: ignore[union-attr]
