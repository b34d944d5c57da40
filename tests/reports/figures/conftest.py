from collections.abc import Callable
from itertools import combinations

import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from reports.figures.marks import canvas_of
from reports.figures.paper import RULER, blank
from reports.style import house_style

Draw = Callable[[Axes], Axes]


def written(ax: Axes) -> list[tuple[str, Bbox]]:
    """Every text that reaches the page, with its box in pixels."""
    figure = ax.get_figure()
    figure.draw(RULER)
    hidden = set()
    for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
        every = axis.get_major_ticks() + axis.get_minor_ticks()
        shown = [t for t in every if low - 1e-9 <= t.get_loc() <= high + 1e-9]
        hidden |= {id(text) for tick in every if tick not in shown for text in tick.findobj(Text)}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and id(text) not in hidden]
    # The box of an annotation would take in its leader line, which may cross free room.
    return [(text.get_text(), Text.get_window_extent(text)) for text in texts if text.get_text().strip()]


@pytest.fixture
def readable() -> Callable[[Draw, tuple[float, float]], Axes]:
    """Draw as `render` does, then assert that no label is cut and no two overlap."""

    def check(draw: Draw, size: tuple[float, float]) -> Axes:
        with house_style():
            ax = blank(size)
            figure = canvas_of(ax)
            assert draw(ax) is ax
            found = written(ax)
            page = figure.bbox
            cut = [
                text
                for text, box in found
                if box.x0 < -1 or box.y0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1
            ]
            assert not cut
            clash = [
                (a, b)
                for (a, first), (b, second) in combinations(found, 2)
                if first.padded(-1).overlaps(second.padded(-1))
            ]
            assert not clash
        return ax

    return check
