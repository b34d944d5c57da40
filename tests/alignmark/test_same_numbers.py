"""Every number of the report model stands in HTML, PDF, slides and workbook as the model writes it, cell by cell.

`tests/alignmark/test_same_charts.py` holds the charts of slides against the figures of the same run.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import html
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pptx import Presentation
from pypdf import PdfReader
from pypdf.generic import DecodedStreamObject, NameObject

from reports.figures.drawing import render
from reports.report import Bullets, Callout, Column, Figure, Finding, Paragraph, Report, Section, Table
from reports.tables import format_cells
from reports.wording import word
from reports.writers.html import write_html
from reports.writers.pdf import write_pdf
from reports.writers.slides import write_slides
from reports.writers.tab_names import tab_names
from reports.writers.workbook import HEADER_ROW, write_workbook
from survey.language import say, short, speaking, spoken
from tests.alignmark.conftest import Ran

NAN = float("nan")
UNITS = (
    "count", "year", "number", "percent", "points", "growth", "difference", "percentage_points", "growth_points",
    "slope", "ratio", "fit", "p_value",
)  # fmt: skip
KINDS = ("high", "moderate", "low", "caution", "definition", "finding")
SIGNED = ("difference", "percentage_points", "growth_points", "slope")
NOT_TEXT = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069‐-]+")
"""What a line end may take, what breaks or hyphenates long words, what marks directions."""


@dataclass(frozen=True, slots=True)
class Written:
    """A report with the folder that holds it in all formats."""

    report: Report
    folder: Path


def closed_up(text: str) -> str:
    return NOT_TEXT.sub("", text)


def cells_of(table: Table) -> list[list[str]]:
    """The rows of a table as the model writes them."""
    return [list(map(closed_up, row)) for row in format_cells(table).itertuples(index=False, name=None)]


def once(row: list[str]) -> list[str]:
    """Say a reason for what is missing once, where neighbouring cells share it."""
    gone = closed_up(word("unavailable"))
    return [row[0], *(cell for before, cell in pairwise(row) if cell != before or not cell.startswith(gone))]


# ------------------------------------------------------------------ the reports that are held against their formats


@pytest.fixture(scope="module", params=["en", "de"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """Write the report of the run; in German a small one with numbers of every unit, missing ones among them."""
    with speaking(request.param):
        if request.param == "en":
            ran: Ran = request.getfixturevalue("ran")
            yield Written(ran.report, ran.out)
            return
        report, folder = numbered("de"), tmp_path_factory.mktemp("numbered")
        for writer, ending in ((write_html, "html"), (write_pdf, "pdf"), (write_slides, "pptx")):
            writer(report, folder / f"report.{ending}")
        write_workbook(report.tables, folder / "tables.xlsx", title="Numbers", language="de")
        yield Written(report, folder)


def numbered(language: str) -> Report:
    """Return a report with numbers of every unit, also where they round to nothing, in three shapes of tables."""
    frame = pd.DataFrame(
        {"name": [f"Company {n}" for n in range(40)], "half": ["First"] * 20 + ["Second"] * 20}
    )
    for place, unit in enumerate(UNITS):
        sign = -1 if unit in SIGNED else 1
        frame[unit] = [sign * (n * 7919 % 997) / (1000 if unit == "p_value" else 0.1) for n in range(40)]
        frame.loc[place, unit] = NAN
        frame.loc[39, unit] = sign * 0.0004
    frame = frame.assign(
        year=2025, low=frame["percent"] - 4.4, high=frame["percent"] + 4.4, why="one informant"
    )
    columns = [Column(unit, unit, unit, reason="why") for unit in UNITS if unit != "percent"]  # type: ignore[arg-type]
    share = Column("percent", "Share", "percent", "low", "high", reason="why")
    first = Column("name", "Company")
    drawing = render(
        lambda ax: ax, id="drawing", title="A quarter of 40", alt="Points", base="Base: 40 companies.",
        data=Table("behind", "Behind the drawing", frame[:5], (first, share), "40 companies"),
    )  # fmt: skip
    long = Table("long", "Every company", frame, (first, share, *columns[:6]), "40 companies", group="half")
    short = Table("short", "Some companies", frame[33:], (first, *columns[6:]), "7 companies", ("A note.",))
    tiny = Table("tiny", "Two columns", frame[37:], (first, share, columns[0]), "3 companies")
    sections = (
        Section("main", "What was found", "What?", "In short.", (drawing, short)),
        Section("small", "What is small", "How small?", "", (tiny,)),
        Section("more", "In detail", "How?", "", (long,), appendix=True),
    )
    return Report("Numbers", "40 companies", language, sections)


# ------------------------------------------------------------------ one format each


def in_html(made: Written, table: Table) -> list[list[str]]:
    """Read the rows of a table; a cell that spans several columns stands for each of them."""
    rows = []
    for row in page_of(made.folder).get_element_by_id(table.id).xpath(".//tbody/tr[not(@class='group')]"):
        cells = [(closed_up(cell.text_content()), int(cell.get("colspan", 1))) for cell in row.xpath("th|td")]
        rows += [[text for text, span in cells for _ in range(span)]] if row.xpath("th") else []
    return rows


def in_pdf(made: Written, table: Table) -> list[list[str]]:
    """Find the rows whole in the text after the caption, one after the other; what is not there is empty."""
    text = pdf_text(made.folder)
    return max(
        (_found(table, text, place.end()) for place in _captions(table, text)), key=_filled, default=[]
    )


def _captions(table: Table, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(re.escape(closed_up(table.caption)), text)


def _filled(rows: list[list[str]]) -> int:
    return sum(map(bool, rows))


def _found(table: Table, text: str, at: int) -> list[list[str]]:
    rows = []
    for row in cells_of(table):
        said = "".join(once(row))
        place = text.find(said, at)
        rows.append(row if place >= 0 else [])
        at = place + len(said) if place >= 0 else at
    return rows


def in_workbook(made: Written, table: Table) -> list[list[str]]:
    """Show every cell by its number format, as a spreadsheet does; ends of intervals come beside their number."""
    tables = made.report.tables
    name = dict(zip([each.id for each in tables], tab_names(tables, taken=word("index")), strict=True))[
        table.id
    ]
    sheet, place, columns = book_of(made.folder)[name], 2 if table.group else 1, []
    for column in table.columns:
        shown = _column(sheet, place, len(table.frame))
        place += 1
        if column.low:
            low, high = (_column(sheet, place + end, len(table.frame)) for end in (0, 1))
            place += 2
            shown = [_interval(*three) for three in zip(shown, low, high, strict=True)]
        columns.append(list(map(closed_up, shown)))
    return [list(row) for row in zip(*columns, strict=True)]


def _column(sheet: Worksheet, place: int, count: int) -> list[str]:
    cells = (sheet.cell(row, place) for row in range(HEADER_ROW + 2, HEADER_ROW + 2 + count))
    return [shown_as(cell.value, cell.number_format) for cell in cells]


def _interval(estimate: str, low: str, high: str) -> str:
    gone = word("unavailable")
    if estimate.startswith(gone):
        return estimate
    sign = say("{share}%", share="")
    ends = f"{low.removesuffix(sign)} {word('to')} {high.removesuffix(sign)}"
    if low.startswith(gone) and high.startswith(gone):
        ends = word("no_interval")
    elif low.startswith(gone):
        ends = f"{word('at_most')} {high.removesuffix(sign)}"
    elif high.startswith(gone):
        ends = f"{word('at_least')} {low.removesuffix(sign)}"
    return f"{estimate} ({ends})"


def shown_as(value: Any, code: str) -> str:
    """Show a cell by the number formats that the workbooks use, with the signs of the language."""
    if isinstance(value, str) or value is None:
        return value or ""
    condition = re.compile(r"\[([<>]=?)([-\d.]+)\]")
    for section in code.split(";"):
        asked = condition.match(section)
        if asked is None or _holds(value, asked[1], float(asked[2])):
            break
    pattern = condition.sub("", section)
    digits = re.search(r"[#,]*0(?:\.(0+))?(?=[^0]|$)", re.sub(r'"[^"]*"', "", pattern))
    if not digits or re.fullmatch(r'"[^"]*"', pattern):
        return _signs(pattern.replace('"', ""))
    step = Decimal(1).scaleb(-len(digits[1] or ""))
    number = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    written = f"{abs(number):{',' if ',' in digits[0] else ''}f}"
    minus = "-" if number < 0 and "-" not in pattern else ""
    return _signs(minus + pattern.replace(digits[0], written).replace('"', ""))


def _holds(value: float, sign: str, bound: float) -> bool:
    return {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[sign]


def _signs(text: str) -> str:
    german = short(spoken()) == "de"
    return text.translate(str.maketrans(",.-", ".,−" if german else ",.−"))


FORMATS: dict[str, Callable[[Written, Table], list[list[str]]]] = {
    "html": in_html,
    "pdf": in_pdf,
    "xlsx": in_workbook,
}


@cache
def page_of(folder: Path) -> html.HtmlElement:
    return html.fromstring((folder / "report.html").read_bytes().decode())


@cache
def book_of(folder: Path) -> Any:
    return load_workbook(folder / "tables.xlsx")


@cache
def pdf_text(folder: Path) -> str:
    """Read the text of all pages without their drawings, which take most of the time."""
    pages = []
    for page in PdfReader(folder / "report.pdf").pages:
        text = DecodedStreamObject()
        text.set_data(b"\n".join(re.findall(rb"\bBT\b.*?\bET\b", page.get_contents().get_data(), re.DOTALL)))
        page[NameObject("/Contents")] = text
        pages.append(page.extract_text())
    return closed_up("".join(pages))


@cache
def deck_of(folder: Path) -> Any:
    return Presentation(folder / "report.pptx")


# ------------------------------------------------------------------ the tests


@pytest.mark.parametrize("name", FORMATS)
def test_every_cell_of_every_table_is_the_same(name: str, written: Written) -> None:
    annex = {table.id for table in written.report.annex} if name != "xlsx" else set()
    tables = [table for table in written.report.tables if table.id not in annex]
    assert tables
    for table in tables:
        assert FORMATS[name](written, table) == cells_of(table), (name, table.id)


def test_tables_on_slides_are_those_of_the_report(written: Written) -> None:
    tables = {table.id: table for table in written.report.tables}
    findings = {
        f"{section.id}-findings": [block for block in section.blocks if isinstance(block, Finding)]
        for section in written.report.sections
    }
    compared = 0
    for shape in (
        shape for slide in deck_of(written.folder).slides for shape in slide.shapes if shape.has_table
    ):
        rows = [[closed_up(cell.text) for cell in row.cells] for row in shape.table.rows][1:]
        if shape.name in tables:
            assert rows == cells_of(tables[shape.name]), shape.name
            compared += len(rows)
        if findings.get(shape.name):
            assert [row[0] for row in rows] == [closed_up(each.value) or "–" for each in findings[shape.name]]
            for row, each in zip(rows, findings[shape.name], strict=True):
                assert row[1].startswith(closed_up(each.headline))
                assert closed_up(each.detail).startswith(
                    row[1].removeprefix(closed_up(each.headline)).rstrip(".")
                )
            compared += len(rows)
    assert compared


def test_notes_say_nothing_that_the_report_does_not_say(written: Written) -> None:
    said = closed_up(" ".join(_texts(written.report)))
    names = set(book_of(written.folder).sheetnames)
    drawn = {shape.name for slide in deck_of(written.folder).slides for shape in slide.shapes}
    assert {
        each.id for section in written.report.main for each in section.blocks if isinstance(each, Figure)
    } <= drawn
    for slide in deck_of(written.folder).slides:
        for paragraph in slide.notes_slide.notes_text_frame.text.split("\n"):
            sheet = re.search(r"[“„](.+)[”“] (?:of|in) tables\.xlsx", paragraph)
            if sheet is not None:
                assert sheet[1] in names, paragraph
            else:
                assert all(part in said for part in map(closed_up, re.split(r"(?<=[.?:]) ", paragraph))), (
                    paragraph
                )


def _texts(report: Report) -> Iterator[str]:
    """Everything that a report says in words."""
    yield from (report.title, report.subtitle, *(f"{name}: {value}" for name, value in report.facts))
    yield from (f"{word(kind)}:" for kind in KINDS)
    yield from (word(f"certainty_{level}") for level in KINDS[:3])
    for section in report.sections:
        yield from (section.question, section.title, section.lead)
        for block in section.blocks:
            match block:
                case Paragraph(text):
                    yield text
                case Bullets(items):
                    yield from items
                case Callout(_, title, text):
                    yield from (f"{title}.", text)
                case Finding():
                    yield from (block.headline, block.detail, block.comparison, block.caveat)
                case Figure() | Table():
                    data = block.data if isinstance(block, Figure) else block
                    yield from (block.base, *(data.notes if data is not None else ()))
                    yield block.title if isinstance(block, Figure) else block.caption


def test_headlines_and_bases_are_the_same(written: Written) -> None:
    texts = {"html": closed_up(page_of(written.folder).text_content()), "pdf": pdf_text(written.folder)}
    for name, text in texts.items():
        for figure in written.report.figures:
            assert closed_up(figure.title) in text, (name, figure.id)
            assert closed_up(figure.base) in text, (name, figure.id)
        for section in written.report.sections:
            assert closed_up(section.title) in text, (name, section.id)


@pytest.mark.parametrize("name", FORMATS)
def test_one_number_that_differs_is_found(name: str, written: Written) -> None:
    table = next(
        each for each in written.report.tables
        if any(column.unit == "percent" and each.frame[column.key].notna().any() for column in each.columns)
    )  # fmt: skip
    column = next(column for column in table.columns if column.unit == "percent")
    frame = table.frame.reset_index(drop=True)
    row = int(frame[column.key].first_valid_index())
    changed = replace(table, frame=frame.assign(**{
        column.key: frame[column.key].where(frame.index != row, frame[column.key] + 1)
    }))  # fmt: skip
    found, expected = FORMATS[name](written, table), cells_of(changed)
    assert found[row] != expected[row]
    assert [each for each in range(len(frame)) if found[each] != expected[each]] == [row]
