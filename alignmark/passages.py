"""What an output says, place by place, whatever its format: texts and numbers, and pictures by their hash."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import pandas as pd
from lxml import etree, html
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

Passages = Iterator[tuple[str, str]]
"""Places and what stands there; a place may come more than once."""

DRAWING, STYLE = "the drawing", "the style"
"""Ends of the places whose content is known by its hash alone: pictures; what hides or colours parts of a page."""

CHART_TEXTS = ("{*}v", "{*}t")
"""Elements of a chart that hold numbers and texts."""


def passages(path: Path) -> list[tuple[str, str]]:
    """Return every text and number of an output file with its place.

    Parameters
    ----------
    path
        CSV, JSON, HTML, Excel, PowerPoint, PDF or Parquet; anything else is read line by line.

    Raises
    ------
    Exception
        Whatever the library that reads the format raises for a file that is damaged.
    """
    return list(_READERS.get(path.suffix, _lines)(path))


def _csv(path: Path) -> Passages:
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    return _cells(frame)


def _parquet(path: Path) -> Passages:
    return _cells(pd.read_parquet(path).astype("str"))


def _cells(frame: pd.DataFrame) -> Passages:
    for number, row in enumerate(frame.itertuples(index=False, name=None), start=1):
        yield from ((f"row {number}, {name}", str(value)) for name, value in zip(frame, row, strict=True))


def _json(path: Path) -> Passages:
    return _leaves(json.loads(path.read_text(encoding="utf-8")), "")


def _leaves(value: Any, place: str) -> Passages:
    """Yield what stands at the ends of nested lists and mappings, with the keys that lead there."""
    if not isinstance(value, dict | list):
        yield place, str(value)
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value, start=1)
    for key, part in pairs:
        yield from _leaves(part, f"{place}.{key}" if place else str(key))


def _html(path: Path) -> Passages:
    yield from _elements(html.fromstring(path.read_text(encoding="utf-8")), "")


def _elements(element: Any, place: str) -> Passages:
    """Yield an element whole where it holds text of its own, else what its parts hold; places are the nearest ids."""
    place = str(element.get("id") or place)
    if element.tag == "style":
        yield STYLE, _hash(element.text_content().encode())
    elif element.tag == "img":
        yield f"{place}, {DRAWING}", _hash(str(element.get("src")).encode())
        yield f"{place}, what the drawing shows", str(element.get("alt"))
    elif any(text and text.strip() for text in (element.text, *(part.tail for part in element))):
        yield place, " ".join(element.text_content().split())
    else:
        yield from chain.from_iterable(_elements(part, place) for part in element)


def _workbook(path: Path) -> Passages:
    yield from _sheets(path)
    with ZipFile(path) as parts:
        for name in sorted(part for part in parts.namelist() if part.startswith("xl/charts/chart")):
            said = [text for _, text in _chart(parts.read(name), "")]
            yield f"{Path(name).stem}, {DRAWING}", _hash("\n".join(said).encode())


def _sheets(source: Path | IO[bytes], before: str = "") -> Passages:
    book = load_workbook(source, read_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from (
                (f"{before}{sheet.title}!{cell.coordinate}", str(cell.value))
                for cell in row
                if cell.value is not None
            )
    book.close()


def _chart(part: bytes, place: str) -> Passages:
    """Yield the numbers and texts of a chart: points, ends of intervals, labels."""
    for number, element in enumerate(etree.fromstring(part).iter(*CHART_TEXTS), start=1):
        yield f"{place}, number or text {number}", str(element.text)


def _slides(path: Path) -> Passages:
    for number, slide in enumerate(Presentation(str(path)).slides, start=1):
        for shape in slide.shapes:
            yield from _shape(shape, f"slide {number}, {shape.name}")
        if slide.has_notes_slide:
            yield f"slide {number}, notes", slide.notes_slide.notes_text_frame.text


def _shape(shape: Any, place: str) -> Passages:
    """Yield text, table, chart with the workbook behind it, picture and alternative text of a shape."""
    told = shape._element.xpath("./*/p:cNvPr/@descr")
    yield from ((f"{place}, what it shows", text) for text in told)
    if shape.has_text_frame:
        yield place, shape.text_frame.text
    if getattr(shape, "has_table", False):
        yield from ((place, cell.text) for row in shape.table.rows for cell in row.cells)
    if getattr(shape, "has_chart", False):
        part = shape.chart.part
        yield from _chart(part.blob, place)
        if part.chart_workbook.xlsx_part is not None:
            yield from _sheets(io.BytesIO(part.chart_workbook.xlsx_part.blob), f"{place}, its workbook, ")
    if hasattr(shape, "image"):
        yield f"{place}, {DRAWING}", _hash(shape.image.blob)
    for part in getattr(shape, "shapes", ()):
        yield from _shape(part, f"{place}, {part.name}")


def _pdf(path: Path) -> Passages:
    for number, page in enumerate(PdfReader(path).pages, start=1):
        place = f"page {number}"
        yield from ((place, line.strip()) for line in page.extract_text().splitlines())
        notes = (note.get_object() for note in page.get("/Annots", ()))
        yield from ((f"{place}, note", str(note["/Contents"])) for note in notes if "/Contents" in note)


def _lines(path: Path) -> Passages:
    text = path.read_text(encoding="utf-8", errors="replace")
    return ((f"line {number}", line) for number, line in enumerate(text.splitlines(), start=1))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_READERS: dict[str, Callable[[Path], Passages]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
    ".html": _html,
    ".xlsx": _workbook,
    ".pptx": _slides,
    ".pdf": _pdf,
}
