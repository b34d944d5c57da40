"""From a drawing function to a Figure of the report: an SVG that is the same, byte for byte, each time."""

import warnings
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from reports.figures.charting import kept_chart
from reports.figures.labels import LINE_HEIGHT, lines_in, wrap
from reports.figures.paper import POINTS, as_svg, blank
from reports.report import Figure, Table
from reports.style import TEXT_SIZE, WIDTH, house_style

SIZE = (WIDTH, 3.6)
"""Width and height in inches of a figure without rows."""


def render(  # noqa: PLR0913
    draw: Callable[[Axes], Axes],
    *,
    id: str,  # noqa: A002
    title: str,
    alt: str,
    base: str,
    size: tuple[float, float] = SIZE,
    data: Table | None = None,
    kind: str = "",
) -> Figure:
    """Draw on fresh axes in the style of the report and keep the result as SVG.

    Parameters
    ----------
    draw
        Takes the axes and returns them, as every function of this folder does once its frame is bound.
    id, title, alt, base, data, kind
        As in `Figure`; the title is not drawn, it is text of the report.
    size
        Width and height in inches; `size_for` gives the one for a list of rows.

    Returns
    -------
    Figure
        Glyphs are paths, so the drawing looks the same wherever it is opened. Its chart is what the drawing
        function kept with `reports.figures.charting.keep_chart`.

    Raises
    ------
    ValueError
        If title, alternative text or base are empty, or the drawing function refuses its frame.

    Examples
    --------
    >>> figure = render(lambda ax: ax, id="empty", title="None of 3", alt="An empty square", base="3 firms")
    >>> figure.svg.startswith("<svg")
    True
    """
    with house_style(), warnings.catch_warnings():
        # A glyph that the font lacks is drawn as a box; the report's text carries the real letters.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        ax = draw(blank(size))
        chart, svg = kept_chart(ax), as_svg(ax)
    return Figure(id=id, title=title, alt=alt, svg=svg, base=base, data=data, kind=kind, chart=chart)


def size_for(
    labels: Sequence[str], *, per_row: int = 1, extra: float = 0.9, width: float = WIDTH
) -> tuple[float, float]:
    """Return the size in inches of a figure with one row per label.

    Parameters
    ----------
    labels
        The labels as given, not yet wrapped; headings of groups count as labels.
    per_row
        How many points stand one above the other in a row, as one for each class.
    extra
        Height of what stands above and below the rows, in inches.
    width
        Width of the figure in inches.

    Examples
    --------
    >>> size_for(["Trust"])[1] < size_for(["Trust"] * 25)[1]
    True
    """
    line = TEXT_SIZE * LINE_HEIGHT
    text = lines_in([wrap(label) for label in labels]) * line + 5
    row = max(text, line + 9 + 3.5 * (per_row - 1))
    return (width, round(max(len(labels), 1) * row / POINTS + extra, 2))
