"""Tables as one Excel workbook: an index, then a sheet per table, with the numbers unrounded."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.numeral import DECIMALS, MOST_DECIMALS, absent, missing_text
from reports.report import Column, Figure, Table
from reports.tables import column_decimals, heading_text, missing_reasons
from reports.theme import PLAIN, Theme
from reports.wording import word
from reports.writers.cell_formats import number_format
from reports.writers.cell_text import clean_text
from reports.writers.fitting import cell_lines
from reports.writers.tab_names import distinct, tab_names
from reports.writers.workbook_charts import add_chart, has_chart
from survey.language import look_up, mark, speaking, spoken

CREATED = datetime(2000, 1, 1)
"""Date written into every workbook, so that equal tables give equal bytes."""

LONGEST_HEADING = 255
MOST_ROWS = 1_000_000
"""What Excel takes: characters in a heading of a table; rows."""

GROUPS = {
    "who": mark("Who"),
    "group": mark("Group"),
    "fact": mark("Fact"),
    "segment": mark("Segment"),
    "area": mark("Area"),
    "variable": mark("Variable"),
    "check": mark("Check"),
    "key": mark("Key"),
}
"""Headings of the column by which rows are gathered."""

HEADER_ROW = 4
"""Row of the headings, counted from 0: caption, base, link back and a blank row stand above."""

WIDEST = 46
INDEX_WIDTHS = (34, 70, 70, 8, 30)
LINE, MOST_LINES = 15, 27
"""Height of a line in points, and how many a row can have."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The cell formats of one workbook."""

    title: Format
    text: Format
    muted: Format
    note: Format
    link: Format
    head: Format
    head_number: Format
    cell: Format
    missing: Format
    numbers: dict[str, Format]

    @property
    def beside(self) -> dict[str, Format]:
        """Formats of the numbers that a chart draws."""
        return {"heading": self.head_number, "text": self.text, "note": self.muted}


def write_workbook(
    tables: Sequence[Table], path: Path, *, title: str, language: str = "", figures: Sequence[Figure] = (),
    theme: Theme = PLAIN,
) -> None:  # fmt: skip
    """Write tables as an Excel workbook, with charts.

    Parameters
    ----------
    tables
        The tables, one sheet each, in order.
    path
        The file to write; its folder must exist.
    title
        Title of the workbook, on its index and in its properties.
    language
        Language of the fixed words. Numbers stay numbers, which Excel shows as its reader is used to.
    figures
        Figures that Excel shall draw: beside their table, or on a sheet of their own where they have none.
    theme
        Whose accent colour titles, links and the lines below headings have.

    Raises
    ------
    ValueError
        If a table has more rows than a sheet holds.
    OSError
        If the file cannot be written.
    """
    with speaking(language or spoken()):
        path.write_bytes(to_workbook(tables, title=title, language=language, figures=figures, theme=theme))


def to_workbook(
    tables: Sequence[Table],
    *,
    title: str,
    language: str = "",
    figures: Sequence[Figure] = (),
    theme: Theme = PLAIN,
) -> bytes:
    """Return tables as the bytes of an Excel workbook; the same tables give the same bytes.

    Text is never read as a formula, a link or a number, whatever it begins with.
    """
    buffer = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False,
    }  # fmt: skip
    workbook = Workbook(buffer, options)
    workbook.set_properties({"title": clean_text(title), "created": CREATED})
    looks = _looks(workbook, theme.accent)
    drawn = [figure for figure in figures if has_chart(figure)]
    beside = {figure.data.id: figure for figure in drawn if figure.data is not None}
    alone = [figure for figure in drawn if figure.data is None]
    sheets: list[Table | Figure] = [*tables, *alone]
    names = tab_names(sheets, taken=word("index", language))
    index = workbook.add_worksheet(word("index", language))
    for number, (each, name) in enumerate(zip(sheets, names, strict=True), start=1):
        sheet = workbook.add_worksheet(name)
        if isinstance(each, Table):
            _write_table(sheet, each, number, looks=looks, language=language)
            figure, column = beside.get(each.id), len(raw_columns(each)) + 1
        else:
            _write_top(sheet, each.title, each.base, looks=looks, language=language)
            figure, column = each, 0
        if figure is not None:
            at = (HEADER_ROW, column)
            add_chart(workbook, sheet, figure, at=at, styles=looks.beside, language=language)
    _write_index(index, sheets, names, title=title, looks=looks, language=language)
    workbook.close()
    return buffer.getvalue()


def raw_columns(table: Table, *, language: str = "") -> list[Column]:
    """Return the columns of a sheet: the group first, and the ends of every interval in columns of their own.

    Headings are made unique, as Excel asks of the columns of a table.
    """
    group = [Column(table.group, GROUPS.get(table.group, table.group.capitalize()))] if table.group else []
    columns = [*group]
    for column in table.columns:
        columns.append(replace(column, low="", high="", heading=heading_text(column, language)))
        ends = ((column.low, "lower_end"), (column.high, "upper_end"))
        columns += [
            replace(columns[-1], key=key, heading=f"{look_up(column.heading)}: {word(end, language)}")
            for key, end in ends
            if key
        ]
    headings = distinct([column.heading for column in columns], LONGEST_HEADING)
    return [replace(column, heading=heading) for column, heading in zip(columns, headings, strict=True)]


def _looks(workbook: Workbook, accent: str) -> Looks:
    plain = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    head = plain | {"bold": True, "bottom": 2, "bottom_color": accent, "text_wrap": True, "valign": "bottom"}
    add = workbook.add_format
    codes = {number_format(unit, places + more) for unit, places in DECIMALS.items() for more in (0, 1)}
    codes |= {number_format("slope", places) for places in range(1, MOST_DECIMALS + 1)}
    return Looks(
        title=add(plain | {"bold": True, "font_size": 14, "font_color": accent}),
        text=add(plain | {"num_format": "@"}),
        muted=add(plain | {"font_color": "#52606D"}),
        note=add(plain | {"font_color": "#52606D", "text_wrap": True}),
        link=add(plain | {"font_color": accent, "underline": 1}),
        head=add(head),
        head_number=add(head | {"align": "right"}),
        cell=add(plain | {"num_format": "@", "text_wrap": True}),
        missing=add(plain | {"font_color": "#52606D", "align": "right", "italic": True}),
        numbers={code: add(plain | {"num_format": code}) for code in sorted(codes)},
    )


def _write_table(sheet: Worksheet, table: Table, number: int, *, looks: Looks, language: str) -> None:
    if len(table.frame) > MOST_ROWS:
        raise ValueError(f"table {table.id!r}: {len(table.frame)} rows do not fit on a sheet of {MOST_ROWS}")
    columns = raw_columns(table, language=language)
    frame = table.frame.reset_index(drop=True)
    _write_top(sheet, table.caption, table.base, looks=looks, language=language)
    widths = [
        _write_column(sheet, frame, column, place, looks=looks, language=language)
        for place, column in enumerate(columns)
    ]
    _set_heights(sheet, frame, columns, widths)
    last = HEADER_ROW + max(len(frame), 1)
    if len(frame):
        headings = [{"header": clean_text(column.heading)} for column in columns]
        name = f"table_{number}"
        area = {"name": name, "columns": headings, "style": "Table Style Light 1", "autofilter": False}
        sheet.add_table(HEADER_ROW, 0, last, len(columns) - 1, area)
    else:
        sheet.write_string(HEADER_ROW + 1, 0, word("no_rows", language), looks.muted)
    for place, column in enumerate(columns):
        style = looks.head if column.unit == "text" else looks.head_number
        sheet.write_string(HEADER_ROW, place, clean_text(column.heading), style)
    for row, note in enumerate(table.notes, start=last + 2):
        if len(columns) > 1:
            sheet.merge_range(row, 0, row, len(columns) - 1, "", looks.note)
        sheet.write_string(row, 0, clean_text(note), looks.note)
        sheet.set_row(row, _height(note, sum(widths)))
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)


def _write_top(sheet: Worksheet, caption: str, base: str, *, looks: Looks, language: str) -> None:
    sheet.write_string(0, 0, clean_text(caption), looks.title)
    sheet.write_string(1, 0, clean_text(base), looks.muted)
    sheet.write_url(2, 0, f"internal:'{word('index', language)}'!A1", looks.link, word("back", language))


def _write_column(
    sheet: Worksheet, frame: pd.DataFrame, column: Column, place: int, *, looks: Looks, language: str
) -> float:
    """Write the cells of one column, set its width and return it, in characters."""
    reasons = missing_reasons(frame, column, language=language)
    formats = _column_format(frame, column, looks)
    longest = max((len(part) for part in column.heading.split()), default=0)
    values = frame[column.key].astype("object").tolist()
    for row, (value, reason) in enumerate(zip(values, reasons, strict=True), start=HEADER_ROW + 1):
        if absent(value):
            sheet.write_string(row, place, clean_text(missing_text(reason, language)), looks.missing)
        elif column.unit == "text":
            yes = isinstance(value, bool | np.bool_)
            shown = word("yes" if value else "no", language) if yes else look_up(str(value))
            sheet.write_string(row, place, clean_text(shown), looks.cell)
            longest = max(longest, len(shown))
        else:
            sheet.write_number(row, place, float(value), formats)
    width = min(max(longest + 2, 12), WIDEST)
    sheet.set_column(place, place, width)
    return width


def _set_heights(
    sheet: Worksheet, frame: pd.DataFrame, columns: Sequence[Column], widths: Sequence[float]
) -> None:
    """Make rows as high as their longest text, as not every program does by itself."""
    tallest = np.full(len(frame), float(LINE))
    for column, width in zip(columns, widths, strict=True):
        if column.unit == "text" and width == WIDEST:
            texts = frame[column.key].astype("object")
            tallest = np.maximum(tallest, [_height(look_up(str(text)), width) for text in texts])
    for row in np.flatnonzero(tallest > LINE).tolist():
        sheet.set_row(HEADER_ROW + 1 + row, float(tallest[row]))


def _height(text: str, width: float) -> float:
    """Points that a text takes in a cell so many characters wide, at most what Excel shows."""
    return LINE * min(cell_lines(text, width), MOST_LINES)


def _column_format(frame: pd.DataFrame, column: Column, looks: Looks) -> Format:
    if column.unit == "text":
        return looks.cell
    return looks.numbers[number_format(column.unit, column_decimals(frame, column))]


def _write_index(
    sheet: Worksheet,
    sheets: Sequence[Table | Figure],
    names: Sequence[str],
    *,
    title: str,
    looks: Looks,
    language: str,
) -> None:
    sheet.write_string(0, 0, clean_text(title), looks.title)
    heads = [
        word("sheet", language),
        word("table", language),
        word("base", language),
        word("rows", language),
        "Id",
    ]
    for place, head in enumerate(heads):
        sheet.write_string(2, place, head, looks.head)
    for row, (each, name) in enumerate(zip(sheets, names, strict=True), start=3):
        quoted = name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{quoted}'!A1", looks.link, name)
        caption = each.caption if isinstance(each, Table) else each.title
        sheet.write_string(row, 4, each.id, looks.muted)
        sheet.write_string(row, 1, clean_text(caption), looks.cell)
        sheet.write_string(row, 2, clean_text(each.base), looks.cell)
        sheet.set_row(row, max(_height(caption, INDEX_WIDTHS[1]), _height(each.base, INDEX_WIDTHS[2])))
        if isinstance(each, Table):
            sheet.write_number(row, 3, len(each.frame))
        else:
            sheet.write_string(row, 3, word("chart", language), looks.muted)
    for place, width in enumerate(INDEX_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(3, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
