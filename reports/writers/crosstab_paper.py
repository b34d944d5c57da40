"""On which paper a sheet of crosstabs is printed, how large, and where its pages begin: no question is cut in two."""

from collections.abc import Iterable, Sequence

from xlsxwriter.worksheet import Worksheet

CHARACTER, PADDING, INCH = 7, 5, 96
"""Pixels of a character and beside a column, and of an inch, as widths of columns count them."""

POINT = 1 / 72

ROW = 15.0
"""Points of a row whose height nobody set."""

A4, A3 = 9, 8
LONG_SIDE, SHORT_SIDE = {A4: 11.69, A3: 16.54}, {A4: 8.27, A3: 11.69}
"""Sides of papers, in inches."""

BESIDE, ABOVE = 0.4, 0.6
"""Margins, in inches."""

SPARE = 0.95
"""Share of a page's height that is counted on, since rows may be higher in other typefaces."""

WIDE = 11.0
"""Inches above which a table goes on the larger paper."""

LEGIBLE = 0.55
"""Scale below which a page is not read: a wider banner goes over several pages, head by head."""

ROOM = 0.85
"""Share of a page's width that heads are given there, since columns may be wider in other typefaces."""


def set_paper(sheet: Worksheet, label: float, heads: Sequence[Sequence[float]]) -> float:
    """Choose paper and scale; return how many points of rows a page takes.

    Parameters
    ----------
    sheet
        A sheet of crosstabs.
    label
        Width of the first column, in characters.
    heads
        Widths of the columns of each head of the banner. All stand on one page if they can be read there; else a page
        has whole heads, and the first column again.
    """
    own, widths = _inches([label]), [_inches(head) for head in heads]
    paper = A3 if own + sum(widths) > WIDE else A4
    page = LONG_SIDE[paper] - 2 * BESIDE
    scale = min(1.0, page / (own + sum(widths)))
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(BESIDE, BESIDE, ABOVE, ABOVE)
    if scale >= LEGIBLE:
        sheet.fit_to_pages(1, 0)
    else:
        scale = LEGIBLE
        breaks = page_breaks(widths, top=own, repeated=own, page=ROOM * page / scale)
        sheet.set_print_scale(int(100 * scale))
        sheet.repeat_columns(0, 0)
        sheet.print_across()
        sheet.set_v_pagebreaks([1 + sum(map(len, heads[:place])) for place in breaks])
    return SPARE * (SHORT_SIDE[paper] - 2 * ABOVE) / POINT / scale


def _inches(widths: Sequence[float]) -> float:
    """Width of columns beside each other, of widths in characters."""
    return sum(int(CHARACTER * width) + PADDING for width in widths) / INCH


def page_breaks(heights: Iterable[float], *, top: float, repeated: float, page: float) -> list[int]:
    """Return before which blocks a page has to begin, so that none is cut that fits on a page.

    Parameters
    ----------
    heights
        Of the blocks.
    top, repeated
        Heights of what stands above the first block, and of the rows that every further page repeats.
    page
        Height of a page; all in one unit.

    Examples
    --------
    >>> page_breaks([40.0, 40.0, 30.0, 90.0], top=20.0, repeated=10.0, page=100.0)
    [2, 3]
    """
    used, found = top, []
    for place, height in enumerate(heights):
        if used + height > page and place:
            found.append(place)
            used = repeated
        used += height
    return found
