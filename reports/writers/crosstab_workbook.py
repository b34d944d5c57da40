"""Crosstab books as an Excel workbook: an index, and a sheet per construct with its questions below each other."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.crosstab_book import Book, Line, QuestionTable, grouped
from reports.theme import PLAIN, Theme
from reports.wording import word
from reports.writers.cell_text import clean_text
from reports.writers.crosstab_page import WITHHELD, heads
from reports.writers.crosstab_paper import A4, ROW, page_breaks, set_paper
from reports.writers.fitting import cell_lines
from reports.writers.tab_names import sheet_names
from reports.writers.workbook import CREATED
from survey.language import look_up, say, speaking, spoken

HEAD_ROW = 5
"""Row of the heads, counted from 0: title, base, key, tests, link back stand above; columns and letters below."""

FIRST_ROW = HEAD_ROW + 3

LABEL_WIDTH, NUMBER_WIDTH, LETTER_WIDTH = 40, 7.5, 2.5
"""Widths in characters; columns of letters are as wide as their longest needs, but no narrower."""

INDEX_WIDTHS = (28, 90, 32, 13)
"""Widths in characters of the columns of the index: question, wording, sheet, respondents."""

LINE_HEIGHT = 14

BAND, REPEATED = 1.3 * LINE_HEIGHT, 1.3 * LINE_HEIGHT + 30 + ROW
"""Points of the row that names a question, and of those of the banner."""

CODES = {"percent": "0%", "count": "#,##0", "mean": "0.00", "error": "0.00"}

INK, MUTED, RULE, SOFT = "#1F2933", "#52606D", "#D5DAE1", "#F3F5F8"


@dataclass(frozen=True, slots=True)
class Looks:
    """The formats of one workbook, made when first asked for, and its accent colour."""

    workbook: Workbook
    accent: str
    made: dict[tuple[tuple[str, Any], ...], Format]

    def of(self, **properties: Any) -> Format:
        """Return the format with these properties beside those that all cells share."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            shared = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "vcenter"}
            self.made[key] = self.workbook.add_format(shared | properties)
        return self.made[key]


def write_crosstab_workbook(
    books: Sequence[Book], path: Path, *, title: str, language: str = "", theme: Theme = PLAIN
) -> None:
    """Write books of crosstabs as an Excel workbook.

    Parameters
    ----------
    books
        The books, in order.
    path
        The file to write; its folder must exist.
    title, language
        Title of the study; language of the words, if not the one that is being written.
    theme
        Whose accent colour links and headings have.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with speaking(language or spoken()):
        path.write_bytes(to_crosstab_workbook(books, title=title, theme=theme))


def to_crosstab_workbook(books: Sequence[Book], *, title: str, theme: Theme = PLAIN) -> bytes:
    """Return books of crosstabs as the bytes of a workbook; the same books give the same bytes.

    Numbers are unrounded, and percentages parts of 1 that are shown as percentages;
    letters stand beside them, in a narrow column of their own.
    """
    buffer = io.BytesIO()
    workbook = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": clean_text(title), "created": CREATED})
    looks = Looks(workbook, theme.accent, {})
    parts = [(book, name, tables) for book in books for name, tables in grouped(book)]
    number = {book.id: place for place, book in enumerate(books, start=1)}
    names = sheet_names(
        [name if len(books) == 1 else f"{number[book.id]} {name}" for book, name, _ in parts],
        taken=word("index"),
    )
    index = workbook.add_worksheet(word("index"))
    places = []
    for (book, name, tables), sheet in zip(parts, names, strict=True):
        rows = _write_sheet(workbook.add_worksheet(sheet), book, name, tables, looks=looks)
        places += [(book, table, sheet, row) for table, row in zip(tables, rows, strict=True)]
    _write_index(index, books, places, title=title, looks=looks)
    workbook.close()
    return buffer.getvalue()


def _write_sheet(
    sheet: Worksheet, book: Book, name: str, tables: list[QuestionTable], *, looks: Looks
) -> list[int]:
    """Write the questions of one group; return the row where each begins."""
    sheet.write_string(0, 0, clean_text(f"{book.title}: {name}"), looks.of(bold=True, font_size=14))
    widths = [_letter_width(tables, place) for place in range(len(book.columns))]
    _set_up(sheet, widths)
    for row, line in ((1, book.base), (2, book.key)):
        sheet.write_string(row, 0, clean_text(line), looks.of(font_color=MUTED))
    _write_note(sheet, _tested(book), 3, widths=widths, looks=looks)
    sheet.write_url(
        4, 0, f"internal:'{word('index')}'!A1", looks.of(font_color=looks.accent, underline=1), word("back")
    )
    _write_banner(sheet, book.columns, looks)
    edges = (~book.columns.duplicated("head")).tolist()
    row, began = FIRST_ROW, []
    for table in tables:
        began.append(row)
        row = _write_question(sheet, table, row, looks, edges=edges) + 1
    for note in book.notes():
        _write_note(sheet, note, row, widths=widths, looks=looks)
        row += 1
    sheet.print_area(0, 0, row, 2 * len(widths))
    head = book.columns["head"]
    parts = [
        [part for at in np.flatnonzero(head == name) for part in (NUMBER_WIDTH, widths[at])]
        for name in head.unique()
    ]
    page = set_paper(sheet, LABEL_WIDTH, parts)
    notes = sum(_note_height(note, widths) for note in book.notes())
    top = LINE_HEIGHT * 5.2 + _note_height(_tested(book), widths) + REPEATED
    blocks = [*(_height(table) for table in tables), notes]
    breaks = page_breaks(blocks, top=top, repeated=REPEATED, page=page)
    sheet.set_h_pagebreaks([[*began, row - len(book.notes())][place] for place in breaks])
    return began


def _tested(book: Book) -> str:
    return say("Tested together: {tested}. {chance}", tested=book.tested, chance=book.chance)


def _height(table: QuestionTable) -> float:
    """Points that a question takes, with the row below it."""
    lines = [cell_lines(line.label, LABEL_WIDTH) for line in table.lines]
    return BAND + ROW * (len(table.bases) + sum(lines) + 1)


def _letter_width(tables: list[QuestionTable], place: int) -> float:
    """Width of the letters beside one column."""
    longest = max(len(line.letters[place]) for table in tables for line in table.lines)
    return max(LETTER_WIDTH, 1 + 1.1 * longest)


def _write_banner(sheet: Worksheet, columns: pd.DataFrame, looks: Looks) -> None:
    head = {"bold": True, "align": "center", "bg_color": SOFT, "text_wrap": True}
    sheet.write_string(
        HEAD_ROW,
        0,
        say("Column percentages"),
        looks.of(bold=True, bg_color=SOFT, top=1, left=1, left_color=RULE),
    )
    for offset, label in ((1, say("Answer")), (2, say("Letter of the column"))):
        bottom = {"bottom": 1} if offset == 2 else {}
        sheet.write_string(HEAD_ROW + offset, 0, label, looks.of(bg_color=SOFT, font_color=MUTED, **bottom))
    first = 1
    for name, width in heads(columns):
        style = looks.of(**head, top=1, left=1, left_color=RULE)
        # A head of one column of its own name, such as the total, is said once.
        alone = width == 1 and columns["column"].iloc[(first - 1) // 2] == name
        sheet.merge_range(
            HEAD_ROW, first, HEAD_ROW + alone, first + 2 * width - 1, clean_text(look_up(name)), style
        )
        first += 2 * width
    starts = ~columns.duplicated("head")
    for place, row in enumerate(columns.assign(begins=starts).to_dict("records")):
        edge = {"left": 1, "left_color": RULE} if row["begins"] else {}
        at = 1 + 2 * place
        if row["head"] != row["column"] or (columns["head"] == row["head"]).sum() > 1:
            style = looks.of(**head, **edge)
            sheet.merge_range(
                HEAD_ROW + 1, at, HEAD_ROW + 1, at + 1, clean_text(look_up(row["column"])), style
            )
        style = looks.of(bold=True, align="center", bg_color=SOFT, font_color=looks.accent, bottom=1, **edge)
        sheet.merge_range(HEAD_ROW + 2, at, HEAD_ROW + 2, at + 1, row["letter"] or say("(all)"), style)
    sheet.set_row(HEAD_ROW + 1, 30)


def _write_question(
    sheet: Worksheet, table: QuestionTable, row: int, looks: Looks, *, edges: list[bool]
) -> int:
    """Write one question from `row` on; return the row below it."""
    band = looks.of(bold=True, font_size=11, bg_color=SOFT, top=1, top_color=RULE)
    sheet.write_string(row, 0, clean_text(f"{table.id}. {table.title}"), band)
    for at in range(1, 1 + 2 * len(edges)):
        sheet.write_blank(row, at, None, band)
    sheet.set_row(row, BAND)
    row += 1
    for number, line in enumerate(table.bases):
        small = table.small if number == 0 else (False,) * len(table.small)
        style = {"font_color": MUTED, "italic": number > 0}
        style |= {"bottom": 4} if number == len(table.bases) - 1 else {}
        _write_line(sheet, line, row, looks, style=style, small=small, edges=edges)
        row += 1
    for line in table.lines:
        style = {"bold": line.strong, "font_color": MUTED if line.unit == "error" else INK}
        _write_line(sheet, line, row, looks, style=style, small=(False,) * len(table.small), edges=edges)
        row += 1
    return row


def _write_line(
    sheet: Worksheet,
    line: Line,
    row: int,
    looks: Looks,
    *,
    style: dict[str, Any],
    small: tuple[bool, ...],
    edges: list[bool],
) -> None:
    """Write the label of a row, then its number and letters column by column; a rule begins each head."""
    sheet.write_string(row, 0, clean_text(line.label), looks.of(**style, indent=1, text_wrap=True))
    for place, (value, letters, edge) in enumerate(zip(line.values, line.letters, edges, strict=True)):
        at, ruled = 1 + 2 * place, style | ({"left": 1, "left_color": RULE} if edge else {})
        if np.isnan(value):
            sheet.write_string(row, at, WITHHELD, looks.of(**ruled, align="right"))
        else:
            code = CODES[line.unit] + ('"*"' if small[place] else "")
            number = value / 100 if line.unit == "percent" else value
            sheet.write_number(row, at, number, looks.of(**ruled, num_format=code))
        beside = looks.of(**{**style, "font_color": looks.accent, "font_size": 9, "bold": True})
        if letters:
            sheet.write_string(row, at + 1, letters, beside)
        else:
            sheet.write_blank(row, at + 1, None, beside)


def _write_note(sheet: Worksheet, note: str, row: int, *, widths: list[float], looks: Looks) -> None:
    """Write a note across the table, in as many lines as it needs."""
    style = looks.of(font_color=MUTED, text_wrap=True, valign="top")
    sheet.merge_range(row, 0, row, 2 * len(widths), clean_text(note), style)
    sheet.set_row(row, _note_height(note, widths))


def _note_height(note: str, widths: list[float]) -> float:
    """Points that a note takes across the table."""
    return LINE_HEIGHT * cell_lines(note, _width(widths))


def _width(widths: list[float]) -> float:
    """Width of a table in characters."""
    return LABEL_WIDTH + NUMBER_WIDTH * len(widths) + sum(widths)


def _set_up(sheet: Worksheet, widths: list[float]) -> None:
    """Widths, frozen banner, and how the sheet prints."""
    sheet.set_column(0, 0, LABEL_WIDTH)
    for place, width in enumerate(widths):
        sheet.set_column(1 + 2 * place, 1 + 2 * place, NUMBER_WIDTH)
        sheet.set_column(2 + 2 * place, 2 + 2 * place, width)
    for row, height in ((0, 1.6), *((row, 1.2) for row in range(1, HEAD_ROW)), (HEAD_ROW, 1.3)):
        sheet.set_row(row, height * LINE_HEIGHT)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.hide_gridlines(2)
    sheet.repeat_rows(HEAD_ROW, HEAD_ROW + 2)
    sheet.set_footer(say("&L&A&RPage &P of &N"))


def _write_index(
    sheet: Worksheet,
    books: Sequence[Book],
    places: list[tuple[Book, QuestionTable, str, int]],
    *,
    title: str,
    looks: Looks,
) -> None:
    sheet.write_string(0, 0, clean_text(f"{title}: {say('crosstabs')}"), looks.of(bold=True, font_size=14))
    row = 2
    for book in books:
        sheet.write_string(row, 0, clean_text(book.title), looks.of(bold=True, font_size=12))
        heads = (say("Question"), say("Wording"), say("Sheet"), say("Respondents"))
        for place, head in enumerate(heads):
            style = looks.of(bold=True, bottom=1, bg_color=SOFT, align="right" if place == 3 else "left")
            sheet.write_string(row + 1, place, head, style)
        row += 2
        for _, table, name, at in (found for found in places if found[0] is book):
            quoted = name.replace("'", "''")
            link = looks.of(font_color=looks.accent, underline=1)
            sheet.write_url(row, 0, f"internal:'{quoted}'!A{at + 1}", link, clean_text(table.id))
            sheet.write_string(row, 1, clean_text(table.title), looks.of(text_wrap=True))
            sheet.set_row(row, LINE_HEIGHT * cell_lines(table.title, INDEX_WIDTHS[1]))
            sheet.write_string(row, 2, name, looks.of())
            sheet.write_number(row, 3, table.bases[0].values[0], looks.of(num_format="#,##0"))
            row += 1
        for note in (book.base, *book.notes()):
            row += 1
            sheet.merge_range(
                row, 0, row, 3, clean_text(note), looks.of(font_color=MUTED, text_wrap=True, valign="top")
            )
            sheet.set_row(row, LINE_HEIGHT * cell_lines(note, sum(INDEX_WIDTHS)))
        row += 3
    for place, width in enumerate(INDEX_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(say("&L&A&RPage &P of &N"))
