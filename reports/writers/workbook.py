"""Tables as one Excel workbook: an index, then a sheet per table, with the numbers unrounded."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.numeral import DECIMALS, MOST_DECIMALS, PERCENT, SIGNED, absent, missing_text
from reports.report import Column, Figure, Table, Unit
from reports.tables import column_decimals, heading_text, missing_reasons
from reports.theme import PLAIN, Theme
from reports.wording import word
from reports.writers.cell_text import clean_text
from reports.writers.workbook_charts import add_chart, has_chart
from survey.language import look_up, mark, say, speaking, spoken

CREATED = datetime(2000, 1, 1)
"""Date written into every workbook, so that equal tables give equal bytes."""

LONGEST_NAME = 31
LONGEST_HEADING = 255
MOST_ROWS = 1_000_000
"""What Excel takes: characters in the name of a sheet and in a heading of a table; rows."""

LEAST_CLAUSE, SMALL_WORD = 12, 3
"""Characters of a clause that can stand alone as a name, and of a word that no name ends with."""

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
CLAUSE = re.compile(r"[:;]\s|\s[(–]")
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Looks:
    """The cell formats of one workbook."""

    title: Format
    text: Format
    muted: Format
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


def tab_names(sheets: Sequence[Table | Figure], *, taken: str = "Index") -> list[str]:
    """Name the sheet of each table, and of each figure that has none, by the first clause of what it shows."""
    said = [each.caption if isinstance(each, Table) else each.title for each in sheets]
    return sheet_names([_first_clause(text) for text in said], taken=taken)


def _first_clause(text: str) -> str:
    """Return a caption up to its first colon or bracket; up to its first comma where that is still too long.

    Examples
    --------
    >>> _first_clause("Pressures: what pushes companies"), _first_clause("Gaps, by class, in 2025")
    ('Pressures', 'Gaps, by class, in 2025')
    """
    whole = CLAUSE.split(text)[0].strip()
    head = whole.partition(", ")[0]
    return head if len(whole) > LONGEST_NAME and len(head) >= LEAST_CLAUSE else whole


def sheet_names(ids: Sequence[str], *, taken: str = "Index") -> list[str]:
    """Make names that Excel takes: at most 31 characters of whole words, none forbidden, no two alike in any case.

    Examples
    --------
    >>> sheet_names(["gaps: 2025/26", "GAPS  2025 26", "history", ""])
    ['gaps 2025 26', 'GAPS 2025 26 2', 'history 2', 'table']
    >>> sheet_names(["Crosstabs Market and product knowledge"])
    ['Crosstabs Market and product']
    """
    stems = [" ".join(FORBIDDEN.sub(" ", text).strip("' ").split()) or "table" for text in ids]
    whole = [stem if len(stem) <= LONGEST_NAME else _whole_words(stem) for stem in stems]
    return _distinct(whole, LONGEST_NAME, taken=(taken, "History"))


def _whole_words(text: str) -> str:
    """Cut a name between words where it has any, so that no article or preposition ends it."""
    words = text[: LONGEST_NAME + 1].split(" ")[:-1]
    while len(words) > 1 and words[-1].isalpha() and len(words[-1]) <= SMALL_WORD:
        words.pop()
    return " ".join(words) or text


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
    headings = _distinct([column.heading for column in columns], LONGEST_HEADING)
    return [replace(column, heading=heading) for column, heading in zip(columns, headings, strict=True)]


def _distinct(stems: Sequence[str], longest: int, *, taken: Sequence[str] = ()) -> list[str]:
    """Shorten names and number those that are alike but for their case."""
    used = {name.casefold() for name in taken}
    names = []
    for stem in stems:
        name, number = stem[:longest].strip("' "), 1
        while name.casefold() in used:
            number += 1
            ending = f" {number}"
            name = stem[: longest - len(ending)].strip("' ") + ending
        used.add(name.casefold())
        names.append(name)
    return names


def number_format(unit: Unit, decimals: int) -> str:
    """Excel's number format of a unit, by which a cell reads as the report writes its number.

    A sign or a percent sign stands in the format; what is rounded to nothing has no sign, and no p value is 0.

    Examples
    --------
    >>> number_format("percent", 1), number_format("ratio", 2), number_format("p_value", 3)
    ('#,##0.0"%"', '#,##0.00', '[<0.0005]"<0.001";#,##0.000')
    >>> number_format("difference", 0)
    '[>=0.5]+#,##0;[<=-0.5]-#,##0;0'
    """
    tail = "." + "0" * decimals if decimals else ""
    digits, half = f"#,##0{tail}", f"{0.5 / 10**decimals:.{decimals + 1}f}"
    if unit in PERCENT:
        sign = say("{share}%", share="")
        return f'{digits}"{sign}"'
    if unit in SIGNED:
        return f"[>={half}]+{digits};[<=-{half}]-{digits};0{tail}"
    if unit == "p_value":
        return f'[<{half}]"<{10**-decimals:.{decimals}f}";{digits}'
    return {"text": "@", "year": "0"}.get(unit, digits)


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
    for place, column in enumerate(columns):
        _write_column(sheet, frame, column, place, looks=looks, language=language)
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
        sheet.write_string(row, 0, clean_text(note), looks.muted)
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
) -> None:
    """Write the cells of one column and set its width."""
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
    sheet.set_column(place, place, min(max(longest + 2, 12), WIDEST))


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
        if isinstance(each, Table):
            sheet.write_number(row, 3, len(each.frame))
        else:
            sheet.write_string(row, 3, word("chart", language), looks.muted)
    for place, width in enumerate((34, 70, 70, 8, 30)):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(3, 0)
