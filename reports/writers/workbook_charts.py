"""Charts in a workbook: beside the table that they draw, or on a sheet of their own with the numbers that they draw."""

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.chart import Grid, Plane
from reports.report import Figure
from reports.wording import word
from reports.writers.cell_text import clean_text
from reports.writers.chart_cells import CellBlock
from reports.writers.chart_paper import Paper
from reports.writers.native_chart import native_chart

FONT, SIZE = "Calibri", 10.0
WIDTH, HEIGHT = 7.5, 4.2
"""Inches of a chart, if it has few rows."""

ROW, FRAME = 0.3, 1.3
"""Inches of one row of a chart, and of what stands around its rows."""

COLUMNS_WIDE = 13
"""Columns of a sheet that a chart covers, with a gap."""

PIXELS, ROW_PIXELS = 96, 20
"""Of an inch, and of the height of a row."""

LONGEST_ALT = 250
"""Characters of an alternative text that Excel takes without complaint."""


def has_chart(figure: Figure) -> bool:
    """Say whether Excel can draw a figure; levels in cells are a table already."""
    return figure.chart is not None and not isinstance(figure.chart, Grid)


def add_chart(
    workbook: Workbook,
    sheet: Worksheet,
    figure: Figure,
    *,
    at: tuple[int, int],
    styles: dict[str, Any],
    language: str,
) -> None:
    """Put the chart of a figure on a sheet, and to the right of it the numbers that it draws.

    Parameters
    ----------
    workbook, sheet
        Where it goes.
    figure
        The figure, with its alternative text.
    at
        Row and column of its upper left corner.
    styles
        Cell formats: heading, number, text, note.
    language
        Language of the words.
    """
    chart = figure.chart
    if chart is None or isinstance(chart, Grid):
        return
    rows = 0 if isinstance(chart, Plane) else len(chart.labels)
    paper = Paper(WIDTH, max(HEIGHT, rows * ROW + FRAME), FONT, SIZE, language)
    row, column = at
    beside = column + COLUMNS_WIDE
    sheet.write_string(row - 1, beside, word("what_chart_draws", language), styles["note"])
    block = CellBlock(sheet, sheet.get_name(), row, beside, styles)
    drawn = native_chart(workbook, block, chart, paper)
    drawn.set_size({"width": round(paper.width * PIXELS), "height": round(paper.height * PIXELS)})
    text = clean_text(figure.alt)
    text = text if len(text) <= LONGEST_ALT else text[: LONGEST_ALT - 1] + "…"
    sheet.insert_chart(row, column, drawn, {"description": text, "object_position": 2})
    sheet.set_column(beside, block.column - 1, 12)
    last = max(
        len(figure.data.frame) if figure.data is not None else 0, round(paper.height * PIXELS / ROW_PIXELS)
    )
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.print_area(
        0, 0, row + last + 1 + len(figure.data.notes if figure.data is not None else ()), beside - 1
    )
