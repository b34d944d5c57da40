"""Which slides a report becomes, in which order: one message each."""

from collections.abc import Sequence
from dataclasses import replace

from reports.report import (
    Bullets,
    Callout,
    Figure,
    Finding,
    Report,
    Section,
    Table,
)
from reports.wording import word
from reports.writers.slide_messages import (
    figure_slides,
    finding_slides,
    list_slides,
    table_slides,
    word_slides,
)
from reports.writers.slide_notes import Lists, Planner, Slide, numbered_title, texts_of
from reports.writers.slide_paper import ACROSS, TALLEST
from reports.writers.slide_table import Cells, fitting
from reports.writers.tab_names import tab_names

MOST_SLIDES = 40
"""Slides of a deck; figures of the appendix that find no room stay in the report, and the deck says so."""


def plan(report: Report, *, wider: float = 1.0) -> list[Slide]:
    """Return the slides after the cover, in their order, for letters so much wider than Arial's."""
    planner = Planner(report.language, _sheets(report), ACROSS / wider)
    main = [section for section in report.sections if not section.appendix]
    found = [_slides(section, planner) for section in main]
    body = [slide for slides in found for slide in slides]
    overview = _overview(main, [len(slides) for slides in found], planner)
    backup = _backup(report, MOST_SLIDES - 2 - len(body) - len(overview), planner)
    return [*overview, *body, *backup]


def _sheets(report: Report) -> dict[str, str]:
    tables = report.tables
    names = tab_names(tables, taken=word("index", report.language))
    return {table.id: name for table, name in zip(tables, names, strict=True)}


def _overview(sections: Sequence[Section], lengths: Sequence[int], planner: Planner) -> list[Slide]:
    """Return the questions with their answers and slides, where there are several; the cover and this come first."""
    pages = 1
    while True:
        rows, number = [], 2 + pages
        for section, length in zip(sections, lengths, strict=True):
            if section.question and not _sums_up(section):
                rows.append((section.question, section.title, str(number) if length else "–"))
            number += length
        heads = (planner.word("question"), planner.word("answer"), planner.word("slide"))
        parts = list(
            fitting(Cells(heads, tuple(rows), (False, False, True), (3.1, 8.1, 0.8)), planner.across, TALLEST)
        )
        if len(parts) <= pages:
            break
        pages = len(parts)
    if len(rows) < 3:
        return []
    title, unanswered = planner.word("overview"), [section for section in sections if _unanswered(section)]
    notes = [f"{each.title}. {' '.join(texts_of(each.blocks, planner))}" for each in unanswered]
    return [
        Slide(
            numbered_title(title, place, len(parts), planner),
            planner.word("contents"),
            part,
            notes=tuple(notes),
            name="overview",
        )
        for place, part in enumerate(parts)
    ]


def _sums_up(section: Section) -> bool:
    """Say whether a section is the summary, whose findings have their evidence in other sections."""
    own = {block.id for block in section.blocks if isinstance(block, Figure | Table)}
    return any(isinstance(block, Finding) and block.evidence not in own for block in section.blocks)


def _slides(section: Section, planner: Planner) -> list[Slide]:
    """Return the slides of a section: findings, figures, short tables, lists; its words where it has nothing else."""
    slides = list(finding_slides(section, planner))
    shown = [
        slide
        for place, block in enumerate(section.blocks)
        if isinstance(block, Figure)
        for slide in figure_slides(block, section, place, planner)
    ]
    said = list(list_slides(section, planner))
    first = next((block for block in section.blocks if isinstance(block, Figure | Bullets)), None)
    slides += [*said, *shown] if isinstance(first, Bullets) else [*shown, *said]
    if not slides and not any(
        isinstance(block, Callout) and block.kind == "caution" for block in section.blocks
    ):
        slides = table_slides(section, planner)
    return slides if slides or _unanswered(section) else word_slides(section, planner)


def _unanswered(section: Section) -> bool:
    """Say whether a section only tells why it has no answer; the overview tells it, too."""
    return (
        bool(section.blocks)
        and all(isinstance(block, Callout) for block in section.blocks)
        and not section.lead
    )


def _backup(report: Report, room: int, planner: Planner) -> list[Slide]:
    """Return the figures of the appendix, by section as long as there is room, behind a slide that names them."""
    shown: list[Slide] = []
    names: list[str] = []
    left: list[str] = []
    for section in (each for each in report.sections if each.appendix):
        figures = [
            slide
            for place, block in enumerate(section.blocks)
            if isinstance(block, Figure)
            for slide in figure_slides(block, section, place, planner)
        ]
        if figures and len(shown) + len(figures) <= room:
            shown += [
                replace(slide, kicker=f"{planner.word('backup')}  ·  {slide.kicker}") for slide in figures
            ]
            names.append(section.title)
        else:
            left.append(section.title)
    lists = ((planner.word("backup_shown"), tuple(names)), (planner.word("backup_left"), tuple(left)))
    if not names and not left:
        return []
    known = Lists(tuple((head, items) for head, items in lists if items))
    divider = Slide(planner.word("backup_title"), planner.word("backup"), known, name="backup")
    return [divider, *shown]
