"""A number is the same in the model, in a chart of the deck, and in the workbook behind that chart."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from pptx import Presentation

from reports.chart import Bars, Grid, Plane, Rows
from reports.report import Figure
from reports.writers.chart_parts import parts_of
from reports.writers.slide_messages import MOST_PARTS

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def shown(ran) -> dict[str, list[Any]]:
    """What the slides show, by the id of the figure."""
    found: dict[str, list[Any]] = {}
    for slide in Presentation(ran.out / "report.pptx").slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                found.setdefault(shape.name, []).append(shape)
    return found


def cached(series: Any, name: str) -> list[float]:
    part = series.find(f".//{CHART}{name}")
    return [] if part is None else [float(value.text) for value in part.iter(f"{CHART}v")]


def in_cells(chart: Any) -> set[float]:
    book = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    return finite([value for value in cells if isinstance(value, int | float)])


def finite(values: Any) -> set[float]:
    numbers = np.asarray(values, dtype=float).ravel()
    return set(numbers[np.isfinite(numbers)].tolist())


def among(wanted: set[float], numbers: set[float]) -> bool:
    """Say whether each number is there, to the 15 digits that files of office programs keep."""
    known = np.sort(list(numbers))
    asked = np.sort(list(wanted))
    if not len(asked):
        return True
    places = np.clip(np.searchsorted(known, asked), 1, max(len(known) - 1, 1))
    near = np.minimum(abs(known[places - 1] - asked), abs(known[np.minimum(places, len(known) - 1)] - asked))
    return bool((near <= 1e-14 * np.abs(asked)).all())


def expected(chart: Rows | Plane | Bars) -> Iterator[set[float]]:
    """Every number that the chart has to draw as it is; ends of upright intervals are drawn as distances."""
    if isinstance(chart, Bars):
        yield from (finite(part.values) for part in chart.parts)
        return
    for marks in chart.marks:
        yield finite(marks.x) if marks.role.marker or marks.joined else set()
        yield from map(finite, marks.x_ends or ())
        yield finite(marks.y) if isinstance(chart, Plane) else set()


def parts(figure: Figure) -> list[Any]:
    return parts_of(figure.chart)[:MOST_PARTS] if figure.chart is not None else []


def test_charts_of_the_deck_and_their_workbooks_hold_the_numbers_of_the_figures(ran, shown):
    drawn = [figure for figure in ran.report.figures if isinstance(figure.chart, Rows | Plane | Bars)]
    main = {block.id for section in ran.report.main for block in section.blocks if isinstance(block, Figure)}
    assert {figure.id for figure in drawn} & main <= set(shown)
    drawn = [figure for figure in drawn if figure.id in shown]
    assert len(drawn) > 8
    for figure in drawn:
        charts = [shape.chart for shape in shown[figure.id]]
        assert len(charts) == len(parts(figure))
        for part, chart in zip(parts(figure), charts, strict=True):
            drawn_series = list(chart._chartSpace.iter(f"{CHART}ser"))
            names = ("xVal", "yVal", "val")
            numbers = finite(
                [value for series in drawn_series for name in names for value in cached(series, name)]
            )
            cells = in_cells(chart)
            for wanted in expected(part):
                assert among(wanted, numbers), figure.id
                assert among(wanted, cells), figure.id


def test_error_bars_reach_as_far_as_the_intervals(ran, shown):
    bars = [
        figure
        for figure in ran.report.figures
        if isinstance(figure.chart, Bars) and figure.chart.parts[0].ends
    ]
    assert bars
    for figure in bars:
        for part, shape in zip(parts(figure), shown.get(figure.id, []), strict=False):
            series = next(shape.chart._chartSpace.iter(f"{CHART}ser"))
            values, (low, high) = part.parts[0].values, part.parts[0].ends
            known = np.isfinite(values) & np.isfinite(low)
            places = np.flatnonzero(known)
            minus, plus = np.array(cached(series, "minus")), np.array(cached(series, "plus"))
            assert (values[known] - minus[places]).tolist() == pytest.approx(low[known].tolist(), abs=1e-9)
            assert (values[known] + plus[places]).tolist() == pytest.approx(high[known].tolist(), abs=1e-9)


def test_cells_of_levels_are_those_of_the_figures(ran, shown):
    grids = [figure for figure in ran.report.figures if isinstance(figure.chart, Grid)]
    assert grids
    for figure in grids:
        for part, shape in zip(parts(figure), shown.get(figure.id, []), strict=False):
            rows = [[cell.text for cell in row.cells] for row in shape.table.rows][1:]
            assert rows == [[label, *texts] for label, texts in zip(part.labels, part.texts, strict=True)]


def test_charts_draw_what_the_table_behind_them_says(ran):
    kinds = ("shares", "class_dots", "loading_dots", "target_bars")
    checked = [each for each in ran.report.figures if each.kind in kinds and each.data is not None]
    assert checked
    for figure in checked:
        behind = finite(figure.data.frame.select_dtypes("number").to_numpy())
        published = finite(figure.chart.parts[0].values) if figure.kind == "target_bars" else set()
        for wanted in expected(figure.chart):
            assert wanted <= behind | published, figure.id
