"""Slides made of what a section holds: findings, figures, short tables, lists, words."""

from collections.abc import Iterator

from reports.chart import Grid, Plane
from reports.report import (
    Bullets,
    Figure,
    Finding,
    Heading,
    Section,
    Table,
)
from reports.tables import format_cells, heading_text
from reports.writers.chart_parts import parts_of
from reports.writers.slide_notes import (
    Content,
    Lists,
    Picture,
    Planner,
    Slide,
    notes_of,
    numbered_title,
    texts_of,
    told,
)
from reports.writers.slide_paper import TALL
from reports.writers.slide_table import Cells, fitting, measured

SHORT_TABLE, NARROW_TABLE, MOST_TABLES = 7, 6, 2
"""Rows and columns of a table that a slide can show, and how many tables of a section become slides."""

MOST_PARTS = 4
"""Slides that one figure takes at most; the rest of it stays in the report."""

COLUMNS = 3
"""Lists that stand side by side on a slide."""


def finding_slides(section: Section, planner: Planner) -> Iterator[Slide]:
    """Yield the findings of a section as a table: number, what was found, how sure it is, what to keep in mind."""
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
    cells = Cells(heads, rows, (False,) * 3, (0.95, 6.5, 4.7), strong=frozenset({0, 1, 2}))
    parts = list(fitting(cells, planner.across, TALL))
    levels = [
        f"{planner.word(name)}: {planner.word(f'certainty_{name}')}" for name in ("high", "moderate", "low")
    ]
    notes = (*told(section, range(len(section.blocks)), planner), *levels)
    for place, part in enumerate(parts):
        title = numbered_title(planner.word("findings"), place, len(parts), planner)
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


def figure_slides(figure: Figure, section: Section, place: int, planner: Planner) -> list[Slide]:
    """Return a figure as a slide, or as several where it has more rows than can be read on one."""
    notes = notes_of(section, place, planner, base=figure.base, table=figure.data)
    base = figure.base
    if isinstance(figure.chart, Plane) and figure.chart.note:
        base = f"{base}  {figure.chart.note}."
    contents: list[Content] = []
    for part in [Picture(figure.svg)] if figure.chart is None else parts_of(figure.chart):
        contents += fitting(_grid(part), planner.across, TALL) if isinstance(part, Grid) else [part]
    if len(contents) > MOST_PARTS:
        base, contents = f"{base} {planner.word('other_rows')}", contents[:MOST_PARTS]
    titles = [numbered_title(figure.title, part, len(contents), planner) for part in range(len(contents))]
    return [
        Slide(title, section.question, content, figure.alt, base, notes, figure.id)
        for title, content in zip(titles, contents, strict=True)
    ]


def _grid(grid: Grid) -> Cells:
    """Return cells in levels; the key to the levels stands where rows and columns meet."""
    rows = tuple((label, *texts) for label, texts in zip(grid.labels, grid.texts, strict=True))
    levels = tuple(("", *row) for row in grid.levels)
    heads = (grid.key, *grid.columns)
    return Cells(heads, rows, (False,) * len(heads), (2.6, *([1.4] * len(grid.columns))), levels)


def table_slides(section: Section, planner: Planner) -> list[Slide]:
    """Return the short tables of a section that draws nothing; the answer is their title."""
    short = [
        (place, block)
        for place, block in enumerate(section.blocks)
        if isinstance(block, Table)
        and 0 < len(block.frame) <= SHORT_TABLE
        and len(block.columns) <= NARROW_TABLE
    ]
    shown = [(place, table, _cells(table, planner)) for place, table in short]
    fit = [each for each in shown if measured(each[2], planner.across, TALL) is not None][:MOST_TABLES]
    titles = [numbered_title(section.title, part, len(fit), planner) for part in range(len(fit))]
    return [
        Slide(title, section.question, cells, base=f"{table.caption}. {table.base}", name=table.id,
              notes=notes_of(section, place, planner, base=table.base, table=table))
        for title, (place, table, cells) in zip(titles, fit, strict=True)
    ]  # fmt: skip


def _cells(table: Table, planner: Planner) -> Cells:
    shown = format_cells(table, language=planner.language)
    rows = tuple(tuple(map(str, row)) for row in shown.itertuples(index=False, name=None))
    heads = tuple(heading_text(column, planner.language) for column in table.columns)
    return Cells(heads, rows, tuple(column.unit != "text" for column in table.columns))


def list_slides(section: Section, planner: Planner) -> Iterator[Slide]:
    """Return lists under headings side by side, three to a slide."""
    lists: list[tuple[str, tuple[str, ...]]] = []
    heading = ""
    for block in section.blocks:
        if isinstance(block, Bullets) and heading:
            lists.append((heading, block.items))
        heading = block.text if isinstance(block, Heading) else ""
    groups = [lists[start : start + COLUMNS] for start in range(0, len(lists), COLUMNS)]
    notes = told(section, range(len(section.blocks)), planner)
    for place, group in enumerate(groups):
        title = numbered_title(section.title, place, len(groups), planner)
        yield Slide(title, section.question, Lists(tuple(group)), notes=notes, name=f"{section.id}-lists")


def word_slides(section: Section, planner: Planner) -> list[Slide]:
    """Return the words of a section that shows nothing else."""
    said = tuple(texts_of(section.blocks, planner))
    words = Lists((("", tuple(text for text in (section.lead, *said) if text)),))
    return (
        [Slide(section.title, section.question, words, notes=said, name=section.id)]
        if words.columns[0][1]
        else []
    )
