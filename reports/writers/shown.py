"""What every format to be read shows of a report: blocks in their order, rows of a table as cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from reports.report import Block, Finding, Heading, Report, Table
from reports.tables import format_cells
from reports.wording import word
from survey.language import look_up

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that no format takes, whatever they stood for."""

SHORT_TABLE = 16
"""Tables of so many rows or fewer stay on one page."""

LONG_TEXT = 40
"""Cells of more characters than this are given the width to be read as text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is shown."""

    text: str
    number: bool
    missing: bool
    span: int = 1


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
    names = [look_up(str(name)) for name in table.frame[table.group]] if table.group else [""] * len(rows)
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


def gathered(blocks: tuple[Block, ...]) -> Iterator[tuple[str, list[Block]]]:
    """Yield the kind of each block with the block; findings that follow each other come together.

    A note that a table under the same heading has said is not said again.

    Examples
    --------
    >>> from reports.report import Bullets, Paragraph
    >>> [kind for kind, _ in gathered((Paragraph("One."), Bullets(("two",))))]
    ['paragraph', 'bullets']
    >>> import pandas as pd
    >>> from reports.report import Column
    >>> def table(name, *notes):
    ...     return Table(name, "C", pd.DataFrame({"a": []}), (Column("a", "A"),), "All", notes)
    >>> [block.notes for _, (block,) in gathered((table("t", "x"), table("u", "x", "y")))]
    [('x',), ('y',)]
    """
    for is_finding, members in groupby(_said_once(blocks), key=lambda block: isinstance(block, Finding)):
        if is_finding:
            yield "findings", list(members)
        else:
            yield from ((type(block).__name__.lower(), [block]) for block in members)


def _said_once(blocks: tuple[Block, ...]) -> Iterator[Block]:
    said = set[str]()
    for block in blocks:
        if isinstance(block, Heading):
            said.clear()
        if isinstance(block, Table):
            yield replace(block, notes=tuple(note for note in block.notes if note not in said))
            said.update(block.notes)
        else:
            yield block


def key_after(report: Report) -> dict[str, int]:
    """Section, and place in it, of the first findings, after which the levels of certainty are defined."""
    for section in report.sections:
        for place, (kind, _) in enumerate(gathered(section.blocks)):
            if kind == "findings":
                return {section.id: place}
    return {}
