"""Every number of the model stands in every format as the model writes it, cell by cell."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import html
from pypdf import PdfReader

from reports.report import Column, Report, Table
from reports.tables import format_cells
from reports.writers.html import to_html
from reports.writers.pdf import to_pdf

Cells = dict[str, list[list[str]]]
"""Rows of cells by the id of their table."""


def closed_up(text: str) -> str:
    """Leave out spaces, which a line end may have taken, and what breaks long words or marks directions."""
    return re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", "", text)


def model(report: Report) -> Cells:
    return {
        table.id: [
            list(map(closed_up, row)) for row in format_cells(table).itertuples(index=False, name=None)
        ]
        for table in report.tables
    }


def in_html(report: Report) -> Cells:
    page = html.fromstring(to_html(report))
    return {table.id: list(_rows(page.get_element_by_id(table.id))) for table in report.tables}


def _rows(table: html.HtmlElement) -> Iterator[list[str]]:
    """Yield the rows of a table; a cell that spans several columns stands for each of them."""
    for row in table.xpath(".//tbody/tr[not(@class='group')]"):
        cells = [(closed_up(cell.text_content()), int(cell.get("colspan", 1))) for cell in row.xpath("th|td")]
        if row.xpath("th"):
            yield [text for text, span in cells for _ in range(span)]


def in_pdf(report: Report) -> Cells:
    """Find the cells of the model in the text of the PDF, each after the one before; what is not there is empty."""
    pages = PdfReader(io.BytesIO(to_pdf(report))).pages
    text = closed_up("".join(page.extract_text() for page in pages))
    return {table.id: _found(table, text) for table in report.tables}


def _found(table: Table, text: str) -> list[list[str]]:
    rows = [list(map(closed_up, row)) for row in format_cells(table).itertuples(index=False, name=None)]
    at = text.index(closed_up(table.caption))
    found = []
    for row in rows:
        told = []
        for before, cell in pairwise(["", *row]):
            place = text.find(cell, at)
            said_once = cell == before and cell.startswith("notavailable")
            told.append(cell if place >= 0 or said_once else "")
            at = place + len(cell) if place >= 0 and not said_once else at
        found.append(told)
    return found


FORMATS: dict[str, Callable[[Report], Cells]] = {"html": in_html, "pdf": in_pdf}


@pytest.mark.parametrize("name", FORMATS)
def test_every_cell_is_the_same(name: str, numbered: Report) -> None:
    found, expected = FORMATS[name](numbered), model(numbered)
    assert set(found) == set(expected)
    for table, rows in expected.items():
        assert found[table] == rows


@pytest.mark.parametrize("name", FORMATS)
def test_headlines_and_bases_are_the_same(name: str, numbered: Report) -> None:
    text = _text(name, numbered)
    for figure in numbered.figures:
        assert closed_up(figure.title) in text
        assert closed_up(figure.base) in text
    for section in numbered.sections:
        assert closed_up(section.title) in text


def test_a_number_that_is_not_there_is_missed(numbered: Report) -> None:
    text = closed_up("Some companies Company 0 41% 42%")
    rows = numbered.tables[1].frame[:1].assign(percent=43.0)
    table = replace(
        numbered.tables[1],
        frame=rows,
        columns=(Column("name", "Company"), Column("percent", "Share", "percent")),
    )
    assert _found(table, text) == [["Company0", ""]]


def _text(name: str, report: Report) -> str:
    if name == "html":
        return closed_up(html.fromstring(to_html(report)).text_content())
    return closed_up("".join(page.extract_text() for page in PdfReader(io.BytesIO(to_pdf(report))).pages))
