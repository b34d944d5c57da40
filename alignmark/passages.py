"""What an output says, place by place, whatever its format: texts and numbers, and pictures by their hash."""

import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import html
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

Passages = Iterator[tuple[str, str]]
"""Places and what stands there; a place may come more than once."""

TEXTS = ("th", "td", "p", "li", "dt", "dd", "h1", "h2", "h3", "figcaption", "caption", "summary", "title")
"""Elements of a page that hold text for people."""


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
    page = html.fromstring(path.read_text(encoding="utf-8"))
    for element in page.iter(*TEXTS, "img"):
        place = next((str(part.get("id")) for part in _upwards(element) if part.get("id")), "")
        if element.tag == "img":
            yield f"{place}, the drawing", _hash(str(element.get("src")).encode())
            yield f"{place}, what the drawing shows", str(element.get("alt"))
        elif not any(child.tag in TEXTS for child in element):
            yield place, " ".join(element.text_content().split())


def _upwards(element: Any) -> Iterator[Any]:
    return chain([element], element.iterancestors())


def _workbook(path: Path) -> Passages:
    book = load_workbook(path, read_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from (
                (f"{sheet.title}!{cell.coordinate}", str(cell.value))
                for cell in row
                if cell.value is not None
            )
    book.close()


def _slides(path: Path) -> Passages:
    for number, slide in enumerate(Presentation(str(path)).slides, start=1):
        for shape in slide.shapes:
            place = f"slide {number}, {shape.name}"
            if shape.has_text_frame:
                yield place, shape.text_frame.text
            if getattr(shape, "has_table", False):
                yield from ((place, cell.text) for row in shape.table.rows for cell in row.cells)
            if getattr(shape, "has_chart", False):
                for plot in shape.chart.plots:
                    yield from ((f"{place}, {line.name}", str(list(line.values))) for line in plot.series)
        if slide.has_notes_slide:
            yield f"slide {number}, notes", slide.notes_slide.notes_text_frame.text


def _pdf(path: Path) -> Passages:
    for number, page in enumerate(PdfReader(path).pages, start=1):
        yield from ((f"page {number}", line.strip()) for line in page.extract_text().splitlines())


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
