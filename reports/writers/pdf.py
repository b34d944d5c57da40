"""A Report as PDF: tagged (PDF/UA-1), with bookmarks, set by typst from data that are never read as markup."""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from reports.report import (
    Block,
    Bullets,
    Callout,
    Figure,
    Finding,
    Heading,
    Paragraph,
    Report,
    Table,
)
from reports.tables import heading_text
from reports.theme import PLAIN, Theme
from reports.wording import WORDS, letters, word
from reports.writers.column_widths import LARGEST, SMALL, TURNED, column_widths
from reports.writers.html import picture_size
from reports.writers.logo import read_logo
from reports.writers.shown import CONTROL, SHORT_TABLE, Cell, body_groups, gathered, key_after
from reports.writers.typefaces import FAMILIES, in_words, strange, typefaces
from survey.language import speaking
from survey.problems import InputError, Problem

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"

COVERED_FROM = 8
"""Reports of so many sections and more have a title page and contents; shorter ones a band with the title."""

BEHIND = "numbers-behind-the-figures"
"""Id of the section that holds what a screen folds away."""

PAGE_WIDTH = 653
"""CSS pixels across which a figure fills the width of the page."""

MILLIMETRES = 25.4 / 96
"""Of a CSS pixel."""

TALLEST = 860
"""CSS pixels of height from which a figure is made smaller, so that it fits on a page with its title."""


MOST_LETTERS = 2000
"""Letters up to which a table of few rows stays on one page."""

DENSE, SHORT_DENSE = 7.0, 6
"""Points of letters in the tables of appendices, and the rows up to which these stay on one page."""


def write_pdf(report: Report, path: Path, *, theme: Theme = PLAIN) -> None:
    """Write a report as PDF.

    Parameters
    ----------
    report
        The report.
    path
        The file to write; its folder must exist.
    theme
        How it is dressed.

    Raises
    ------
    InputError
        If the logo is no image, or the theme's template fails.
    ValueError
        If a figure cannot be drawn.
    OSError
        If the file cannot be written.
    """
    path.write_bytes(to_pdf(report, theme=theme))


def to_pdf(report: Report, *, theme: Theme = PLAIN) -> bytes:
    """Return a report as the bytes of a PDF; the same report gives the same bytes.

    Text in letters that no typeface that ships has is set in one of the machine's; a sign that the machine
    lacks, too, is told in words, as in "[rocket]".

    Examples
    --------
    >>> to_pdf(Report("Profit & <loss>", "#2025 *$", "en", ()))[:5]
    b'%PDF-'
    """
    with speaking(report.language):
        text = json.dumps(_clean(_report(report, theme)), ensure_ascii=False)
    signs = strange(text)
    template = TEMPLATE if theme.templates is None else theme.templates / TEMPLATE.name
    template = template if template.is_file() else TEMPLATE
    try:
        found = _compiler(template, of_the_machine=bool(signs or theme.font)).compile(
            format="pdf", pdf_standards=["ua-1"], sys_inputs={"report": in_words(text, signs)}
        )
    except typst.TypstError as error:
        if template != TEMPLATE:
            raise InputError([_failed(error, template)]) from error
        raise ValueError(f"the report cannot be set as PDF: {error.message}") from None
    assert isinstance(found, bytes)
    return found


def _failed(error: typst.TypstError, template: Path) -> Problem:
    """Say where the theme's own template fails."""
    line = re.search(rf"{re.escape(template.name)}:(\d+)", str(error.diagnostic))
    to_do = "mend it, or take it out of the folder"
    return Problem(
        f"the template fails: {error.message}", template.name, int(line[1]) if line else None, to_do=to_do
    )


@lru_cache(maxsize=2)
def _compiler(template: Path, *, of_the_machine: bool) -> typst.Compiler:
    """Return the compiler of the template, kept because a second report is set faster than the first."""
    return typst.Compiler(
        input=template,
        root=template.parent,
        font_paths=typefaces(of_the_machine=of_the_machine),
        ignore_system_fonts=True,
    )


def _clean(data: Any) -> Any:
    """Take out of all texts what no format allows."""
    match data:
        case str():
            return CONTROL.sub("\ufffd", data)
        case dict():
            return {key: _clean(value) for key, value in data.items()}
        case list():
            return [_clean(value) for value in data]
    return data


def _report(report: Report, theme: Theme) -> dict[str, Any]:
    language, _, region = report.language.replace("_", "-").partition("-")
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "language": language.lower(),
        "region": region.upper() if len(region) == 2 else None,
        "cover": len(report.sections) >= COVERED_FROM,
        "words": {key: word(key, report.language) for key in WORDS},
        "theme": _theme(theme),
        "facts": [list(fact) for fact in report.facts],
        "sections": _sections(report),
    }


def _theme(theme: Theme) -> dict[str, Any]:
    return {
        "accent": theme.accent,
        "cover": theme.cover,
        "cover_ink": theme.cover_ink,
        "fonts": [theme.font, *FAMILIES] if theme.font else list(FAMILIES),
        "shipped": list(FAMILIES),
        "logo": read_logo(theme.logo).svg if theme.logo is not None else None,
        "footer": theme.footer,
    }


def _sections(report: Report) -> list[dict[str, Any]]:
    """Return the sections, and last of all what a screen folds away: the numbers behind the figures."""
    numbers, keys = report.numbers, key_after(report)
    sections = [
        {
            "id": section.id,
            "number": numbers[section.id],
            "title": section.title,
            "question": section.question,
            "lead": section.lead,
            "appendix": section.appendix,
            "blocks": [
                {"kind": kind, "key": keys.get(section.id) == place}
                | _block(blocks, report.language, numbers, dense=section.appendix)
                for place, (kind, blocks) in enumerate(gathered(section.blocks))
            ],
        }
        for section in report.sections
    ]
    behind = [figure for figure in report.figures if figure.data is not None]
    return [*sections, _behind(behind, report)] if behind else sections


def _behind(figures: list[Figure], report: Report) -> dict[str, Any]:
    title = word("numbers_behind_all", report.language)
    name = word("figure", report.language)
    tables = [
        {"kind": "table"}
        | table_data(
            figure.data, f"{name} {report.numbers[figure.id]}", report.language, dense=True, may_turn=True
        )
        for figure in figures
        if figure.data is not None
    ]
    return {
        "id": BEHIND,
        "number": letters(len(report.sections) - len(report.main) + 1),
        "title": title,
        "question": "",
        "lead": "",
        "appendix": True,
        "blocks": tables,
    }


def _block(blocks: list[Block], language: str, numbers: dict[str, str], *, dense: bool) -> dict[str, Any]:
    """Return what the template needs of a block, or of findings that follow each other."""
    match blocks[0]:
        case Heading(text) | Paragraph(text):
            return {"text": text}
        case Bullets(items, ordered):
            return {"items": list(items), "ordered": ordered}
        case Callout(kind, title, text):
            return {"tone": kind, "title": title, "text": text}
        case Figure() as figure:
            return _figure(figure, language, numbers)
        case Table() as table:
            number = f"{word('table', language)} {numbers[table.id]}"
            return table_data(table, number, language, dense=dense)
        case _:
            return {"findings": [_finding(block) for block in blocks if isinstance(block, Finding)]}


def _finding(finding: Finding) -> dict[str, str]:
    names = ("id", "headline", "detail", "comparison", "certainty", "caveat", "value", "evidence")
    return {name: getattr(finding, name) for name in names}


def _figure(figure: Figure, language: str, numbers: dict[str, str]) -> dict[str, Any]:
    width, height = picture_size(figure.svg)
    scale = min(TALLEST / height, 1.0)
    return {
        "id": figure.id,
        "number": f"{word('figure', language)} {numbers[figure.id]}",
        "plain": numbers[figure.id],
        "title": figure.title,
        "alt": figure.alt,
        "svg": figure.svg,
        "width": min(width / PAGE_WIDTH, 1.0) * scale,
        "height": height * scale * MILLIMETRES,
        "base": figure.base,
        "numbers": figure.data.id if figure.data is not None else "",
    }


def table_data(
    table: Table, number: str, language: str, *, dense: bool = False, may_turn: bool = False
) -> dict[str, Any]:
    """Return a table as the template takes it: cells as text, how wide each column is.

    A dense one, as in appendices, is set small; one that may turn is turned where even so its letters would be a
    strain to read.
    """
    groups = body_groups(table, language=language)
    columns = [
        {"heading": heading_text(column, language), "number": column.unit != "text"}
        for column in table.columns
    ]
    headings = [str(column["heading"]) for column in columns]
    cells = [row for _, rows in groups for row in rows]
    setting = _setting(headings, cells, dense=dense, may_turn=may_turn and len(table.frame) > SHORT_TABLE)
    lines = len(cells) + (len(groups) if table.group else 0)
    texts = [*headings, *(name for name, _ in groups), *(cell.text for row in cells for cell in row)]
    short = lines <= (SHORT_DENSE if dense else SHORT_TABLE) and sum(map(len, texts)) <= MOST_LETTERS
    return {
        "id": table.id,
        "number": number,
        "caption": table.caption,
        "columns": columns,
        **setting,
        "broken": any(re.search(rf"[^\W\d_]{{{setting['whole'] + 1}}}", text) for text in texts),
        "dense": dense,
        "short": short,
        "base": table.base,
        "notes": list(table.notes),
        "groups": [
            {
                "name": name if table.group else None,
                "rows": [
                    [{"text": cell.text, "missing": cell.missing, "span": cell.span} for cell in row]
                    for row in rows
                ],
            }
            for name, rows in groups
        ],
    }


def _setting(
    headings: Sequence[str], cells: Sequence[Sequence[Cell]], *, dense: bool, may_turn: bool
) -> dict[str, Any]:
    """Return widths of columns, size of letters, space beside a cell, longest word, whether the page is turned."""
    largest = DENSE if dense else LARGEST
    found = column_widths(headings, cells, largest=largest)
    turned = may_turn and found[1] < SMALL
    if turned:
        found = column_widths(headings, cells, across=TURNED, largest=largest)
    return dict(zip(("widths", "size", "beside", "whole"), found, strict=True)) | {"turned": turned}
