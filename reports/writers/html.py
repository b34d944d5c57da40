"""A Report as one HTML file: nothing loaded from elsewhere, no script, readable by machine and in print."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.report import Block, Finding, Report, Table
from reports.tables import format_cells, heading_text
from reports.wording import word

TEMPLATES = Path(__file__).parent / "templates"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Characters that HTML does not allow, whatever they stood for."""

SHORT_TABLE = 16
"""Tables of so many rows or fewer stay on one page in print."""

WIDE_TABLE = 6
"""Tables of more columns than this are set smaller in print."""

LONG_TEXT = 40
"""Cells of more characters than this are given the width to be read as text."""

CERTAINTIES = ("high", "moderate", "low")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is shown."""

    text: str
    number: bool
    missing: bool
    span: int = 1


def write_html(report: Report, path: Path) -> None:
    """Write a report as one self-contained HTML file.

    Parameters
    ----------
    report
        The report.
    path
        The file to write; its folder must exist.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.write_text(to_html(report), encoding="utf-8", errors="replace", newline="\n")


def to_html(report: Report) -> str:
    """Return a report as HTML text; the same report gives the same text.

    Examples
    --------
    >>> page = to_html(Report("Profit & <loss>", "2025", "en", ()))
    >>> "<h1>Profit &amp; &lt;loss&gt;</h1>" in page
    True
    """
    template = environment().get_template("report.html.j2")
    page = template.render(
        report=report,
        language=report.language.replace("_", "-"),
        numbers=report.numbers,
        certainties=CERTAINTIES,
        short_table=SHORT_TABLE,
        wide_table=WIDE_TABLE,
        long_text=LONG_TEXT,
        key_after=_key_after(report),
        word=partial(word, language=report.language),
        rows_of=partial(body_groups, language=report.language),
        heading_of=partial(heading_text, language=report.language),
    )
    return CONTROL.sub("\ufffd", page)


def body_groups(table: Table, *, language: str) -> list[tuple[str, list[list[Cell]]]]:
    """Return the rows of a table as cells, gathered under the headings of its groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from reports.report import Column
    >>> frame = pd.DataFrame({"wave": ["2025"], "n": [float("nan")]})
    >>> table = Table("t", "Waves", frame, (Column("wave", "Wave"), Column("n", "Firms", "count")), "All")
    >>> [cell.text for cell in body_groups(table, language="en")[0][1][0]]
    ['2025', 'not available']
    """
    unavailable = word("unavailable", language)
    numeric = [column.unit != "text" for column in table.columns]
    rows = [
        joined(
            [
                Cell(text, number, text.startswith(unavailable))
                for text, number in zip(values, numeric, strict=True)
            ]
        )
        for values in format_cells(table, language=language).itertuples(index=False, name=None)
    ]
    names = [str(name) for name in table.frame[table.group]] if table.group else [""] * len(rows)
    pairs = groupby(zip(names, rows, strict=True), key=lambda pair: pair[0])
    return [(name, [row for _, row in members]) for name, members in pairs]


def joined(cells: list[Cell]) -> list[Cell]:
    """Say a reason once where neighbouring cells are missing for the same one.

    Examples
    --------
    >>> gone = Cell("not available (first level)", number=True, missing=True)
    >>> [cell.span for cell in joined([Cell("a", number=False, missing=False), gone, gone])]
    [1, 2]
    """
    first, *others = cells
    runs = [list(run) for _, run in groupby(others, key=lambda cell: (cell.missing, cell.text))]
    once = [[replace(run[0], span=len(run))] if run[0].missing else run for run in runs]
    return [first, *(cell for run in once for cell in run)]


def data_uri(svg: str) -> str:
    """Return an SVG as an address that carries the picture itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def picture_size(svg: str) -> tuple[int, int]:
    """Width and height of an SVG in CSS pixels, so that a page keeps its room while it loads.

    Examples
    --------
    >>> picture_size('<svg width="360pt" height="144pt" viewBox="0 0 360 144"></svg>')
    (480, 192)
    """
    found = re.search(r'viewBox="[\d.+-]+ [\d.+-]+ ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        return (653, 346)
    return (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3))


def gathered(blocks: tuple[Block, ...]) -> Iterator[tuple[str, list[Block]]]:
    """Yield the kind of each block with the block; findings that follow each other come together.

    Examples
    --------
    >>> from reports.report import Bullets, Paragraph
    >>> [kind for kind, _ in gathered((Paragraph("One."), Bullets(("two",))))]
    ['paragraph', 'bullets']
    """
    for is_finding, members in groupby(blocks, key=lambda block: isinstance(block, Finding)):
        if is_finding:
            yield "findings", list(members)
        else:
            yield from ((type(block).__name__.lower(), [block]) for block in members)


def _key_after(report: Report) -> dict[str, int]:
    """Section, and place in it, of the first findings, after which the levels of certainty are defined."""
    for section in report.sections:
        for place, (kind, _) in enumerate(gathered(section.blocks)):
            if kind == "findings":
                return {section.id: place}
    return {}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return where the templates are; every text that goes into them is escaped."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {"data_uri": data_uri, "picture_size": picture_size, "gathered": gathered}
    found.filters.update(filters)
    return found
