"""Charts that Excel and PowerPoint draw themselves and people can edit: one way from a Chart to both."""

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart as Drawn

from reports.chart import Bars, Plane, Rows
from reports.writers.bar_chart import bar_chart
from reports.writers.chart_cells import (
    CellBlock,
)
from reports.writers.chart_paper import NOTHING, Paper
from reports.writers.point_chart import plane_chart, row_chart


def native_chart(workbook: Workbook, block: CellBlock, chart: Rows | Plane | Bars, paper: Paper) -> Drawn:
    """Write the cells of a chart into a sheet and return the chart that draws them.

    Parameters
    ----------
    workbook
        Where the chart will be inserted.
    block
        Where its cells are written.
    chart
        What is drawn. A grid of levels is a table, not a chart.
    paper
        Its size, typeface and language.
    """
    if isinstance(chart, Bars):
        drawn = bar_chart(workbook, block, chart, paper)
    elif isinstance(chart, Rows):
        drawn = row_chart(workbook, block, chart, paper)
    else:
        drawn = plane_chart(workbook, block, chart, paper)
    drawn.set_title(NOTHING)
    drawn.set_chartarea({"border": NOTHING, "fill": NOTHING})
    return drawn
