"""Which slides a report becomes, in which order: one message each, with what its speaker should know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reports.chart import Bars, Grid, Plane, Rows
from reports.report import (
    Block,
    Bullets,
    Callout,
    Figure,
    Finding,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)
from reports.tables import format_cells, heading_text
from reports.wording import word
from reports.writers.chart_parts import parts_of
from reports.writers.slide_paper import ACROSS, TALL
from reports.writers.slide_table import Cells, fitting
from reports.writers.workbook import sheet_names

MOST_SLIDES = 40
"""Slides of a deck; figures of the appendix that find no room stay in the report, and the deck says so."""

SHORT_TABLE, NARROW_TABLE, MOST_TABLES = 7, 6, 2
"""Rows and columns of a table that a slide can show, and how many tables of a section become slides."""

MOST_PARTS = 3
"""Slides that one figure takes at most; the rest of it stays in the report."""

COLUMNS = 3
"""Lists that stand side by side on a slide."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that no native chart can carry."""

    svg: str


@dataclass(frozen=True, slots=True)
class Lists:
    """Texts in up to three columns, each a heading (or "") and its paragraphs."""

    columns: tuple[tuple[str, tuple[str, ...]], ...]


Content: TypeAlias = Rows | Plane | Bars | Cells | Picture | Lists


@dataclass(frozen=True, slots=True)
class Slide:
    """One message.

    Parameters
    ----------
    title, kicker
        The message, and the question that it answers.
    content, alt
        What shows it, and what is to be seen of it, in words.
    base
        What it stands on.
    notes
        Paragraphs for the speaker.
    name
        Id of what it shows.
    """

    title: str
    kicker: str
    content: Content
    alt: str = ""
    base: str = ""
    notes: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Planner:
    """What all slides of a report share."""

    language: str
    sheets: dict[str, str]
    tables: bool = True

    def word(self, key: str) -> str:
        """Return a fixed word."""
        return word(key, self.language)


def plan(report: Report) -> list[Slide]:
    """Return the slides after the cover, in their order."""
    planner = Planner(report.language, _sheets(report))
    main = [section for section in report.sections if not section.appendix]
    found = [_slides(section, planner) for section in main]
    if sum(map(len, found)) > MOST_SLIDES - 3:
        found = [_slides(section, replace(planner, tables=False)) for section in main]
    body = [slide for slides in found for slide in slides]
    overview = _overview(main, [len(slides) for slides in found], planner)
    backup = _backup(report, MOST_SLIDES - 2 - len(body) - len(overview), planner)
    return [*overview, *body, *backup]


def _sheets(report: Report) -> dict[str, str]:
    tables = report.tables
    names = sheet_names([table.id for table in tables], taken=word("index", report.language))
    return {table.id: name for table, name in zip(tables, names, strict=True)}


def _overview(sections: Sequence[Section], lengths: Sequence[int], planner: Planner) -> list[Slide]:
    """Return the questions with their answers and slides, where there are several; the cover and this come first."""
    pages = 1
    while True:
        rows, number = [], 2 + pages
        for section, length in zip(sections, lengths, strict=True):
            if section.question and not _has_findings(section):
                rows.append((section.question, section.title, str(number) if length else "–"))
            number += length
        heads = (planner.word("question"), planner.word("answer"), planner.word("slide"))
        parts = list(fitting(Cells(heads, tuple(rows), (False, False, True), (3.1, 8.1, 0.8)), ACROSS, TALL))
        if len(parts) <= pages:
            break
        pages = len(parts)
    if len(rows) < 3:
        return []
    title, unanswered = planner.word("overview"), [section for section in sections if _unanswered(section)]
    notes = [f"{each.title}. {' '.join(_texts(each.blocks, planner))}" for each in unanswered]
    return [
        Slide(
            _numbered(title, place, len(parts), planner),
            planner.word("contents"),
            part,
            notes=tuple(notes),
            name="overview",
        )
        for place, part in enumerate(parts)
    ]


def _has_findings(section: Section) -> bool:
    """Say whether a section is the summary, which answers all questions."""
    return any(isinstance(block, Finding) for block in section.blocks)


def _slides(section: Section, planner: Planner) -> list[Slide]:
    """Return the slides of a section: findings, figures, short tables, lists; its words where it has nothing else."""
    slides = list(_findings(section, planner))
    tables = 0
    for place, block in enumerate(section.blocks):
        if isinstance(block, Figure):
            slides += _figure(block, section, place, planner)
        elif isinstance(block, Table) and planner.tables and tables < MOST_TABLES and _short(block):
            shown = _table(block, section, place, planner)
            slides, tables = [*slides, *shown], tables + bool(shown)
    slides += _lists(section, planner)
    return slides if slides or _unanswered(section) else _words(section, planner)


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
            for slide in _figure(block, section, place, planner)
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


def _findings(section: Section, planner: Planner) -> Iterator[Slide]:
    found = [block for block in section.blocks if isinstance(block, Finding)]
    if not found:
        return
    heads = (
        planner.word("result"),
        planner.word("finding"),
        f"{planner.word('how_sure')} · {planner.word('caveat')}",
    )
    rows = tuple(
        (
            each.value or "–",
            f"{each.headline}\n{_first_sentence(each.detail)}",
            f"{planner.word(each.certainty)}\n{_first_sentence(each.caveat)}",
        )
        for each in found
    )
    cells = Cells(heads, rows, (False,) * 3, (1.15, 6.2, 4.8), strong=frozenset({0, 1, 2}))
    parts = list(fitting(cells, ACROSS, TALL))
    levels = [
        f"{planner.word(name)}: {planner.word(f'certainty_{name}')}" for name in ("high", "moderate", "low")
    ]
    notes = (*_told(section, range(len(section.blocks)), planner), *levels)
    for place, part in enumerate(parts):
        title = _numbered(planner.word("findings"), place, len(parts), planner)
        yield Slide(
            title, section.question, part, base=section.lead, notes=notes, name=f"{section.id}-findings"
        )


def _first_sentence(text: str) -> str:
    """Return a text up to its first full stop that ends a sentence; the notes have it whole.

    Examples
    --------
    >>> _first_sentence("An association, not an effect. Halo may drive it.")
    'An association, not an effect.'
    """
    return text.partition(". ")[0].rstrip(".") + "." if text else text


def _figure(figure: Figure, section: Section, place: int, planner: Planner) -> list[Slide]:
    notes = _notes(section, place, planner, base=figure.base, table=figure.data)
    base = figure.base
    if isinstance(figure.chart, Plane) and figure.chart.note:
        base = f"{base}  {figure.chart.note}."
    contents: list[Content] = []
    for part in [Picture(figure.svg)] if figure.chart is None else parts_of(figure.chart):
        contents += fitting(_grid(part), ACROSS, TALL) if isinstance(part, Grid) else [part]
    contents = contents[:MOST_PARTS]
    return [
        Slide(
            _numbered(figure.title, part, len(contents), planner), section.question, content, figure.alt, base, notes,
            figure.id,
        )
        for part, content in enumerate(contents)
    ]  # fmt: skip


def _grid(grid: Grid) -> Cells:
    """Return cells in levels; the key to the levels stands where rows and columns meet."""
    rows = tuple((label, *texts) for label, texts in zip(grid.labels, grid.texts, strict=True))
    levels = tuple(("", *row) for row in grid.levels)
    heads = (grid.key, *grid.columns)
    return Cells(heads, rows, (False,) * len(heads), (2.6, *([1.4] * len(grid.columns))), levels)


def _short(table: Table) -> bool:
    return 0 < len(table.frame) <= SHORT_TABLE and len(table.columns) <= NARROW_TABLE


def _table(table: Table, section: Section, place: int, planner: Planner) -> list[Slide]:
    shown = format_cells(table, language=planner.language)
    rows = tuple(tuple(map(str, row)) for row in shown.itertuples(index=False, name=None))
    heads = tuple(heading_text(column, planner.language) for column in table.columns)
    cells = Cells(heads, rows, tuple(column.unit != "text" for column in table.columns))
    parts = list(fitting(cells, ACROSS, TALL))
    if len(parts) != 1:
        return []
    notes = _notes(section, place, planner, base=table.base, table=table)
    return [Slide(table.caption, section.question, parts[0], base=table.base, notes=notes, name=table.id)]


def _lists(section: Section, planner: Planner) -> Iterator[Slide]:
    """Return lists under headings side by side, three to a slide."""
    lists: list[tuple[str, tuple[str, ...]]] = []
    heading = ""
    for block in section.blocks:
        if isinstance(block, Bullets):
            lists.append((heading, block.items))
        heading = block.text if isinstance(block, Heading) else ""
    if not lists or (len(lists) == 1 and not lists[0][0]):
        return
    groups = [lists[start : start + COLUMNS] for start in range(0, len(lists), COLUMNS)]
    notes = _told(section, range(len(section.blocks)), planner)
    for place, group in enumerate(groups):
        title = _numbered(section.title, place, len(groups), planner)
        yield Slide(title, section.question, Lists(tuple(group)), notes=notes, name=f"{section.id}-lists")


def _words(section: Section, planner: Planner) -> list[Slide]:
    """Return the words of a section that shows nothing else."""
    said = tuple(_texts(section.blocks, planner))
    words = Lists((("", tuple(text for text in (section.lead, *said) if text)),))
    return (
        [Slide(section.title, section.question, words, notes=said, name=section.id)]
        if words.columns[0][1]
        else []
    )


def _numbered(title: str, place: int, count: int, planner: Planner) -> str:
    return title if count == 1 else f"{title} ({place + 1} {planner.word('of')} {count})"


def _notes(
    section: Section, place: int, planner: Planner, *, base: str, table: Table | None
) -> tuple[str, ...]:
    """Return what the speaker should know: the answer, the words around, base, notes and where the numbers are."""
    around = _told(section, _around(section.blocks, place), planner)
    if table is None:
        return (*around, base)
    where = planner.word("sheet_of").format(title=table.caption, sheet=planner.sheets[table.id])
    return (*around, base, *table.notes, where)


def _told(section: Section, places: Sequence[int], planner: Planner) -> tuple[str, ...]:
    said = _texts([section.blocks[place] for place in places], planner)
    return tuple(
        text for text in (f"{section.question} {section.title}".strip(), section.lead, *said) if text
    )


def _around(blocks: Sequence[Block], place: int) -> list[int]:
    """Return the places of the words that belong to what stands at `place`: after it, and before the first figure."""
    shown = [n for n, block in enumerate(blocks) if isinstance(block, Figure)]
    later = [n for n in shown if n > place]
    start = 0 if not [n for n in shown if n < place] else place
    return [n for n in range(start, later[0] if later else len(blocks)) if n != place]


def _texts(blocks: Sequence[Block], planner: Planner) -> Iterator[str]:
    """Yield the words of blocks; tables are named with their sheet."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Callout):
            yield f"{planner.word(block.kind)}: {block.title}. {block.text}"
        elif isinstance(block, Bullets):
            yield from block.items
        elif isinstance(block, Finding):
            yield " ".join(filter(None, (block.headline, block.detail, block.comparison, block.caveat)))
        elif isinstance(block, Table):
            yield planner.word("sheet_of").format(title=block.caption, sheet=planner.sheets[block.id])
