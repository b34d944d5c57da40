"""One message of a deck, and what its speaker should know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reports.chart import Bars, Plane, Rows
from reports.report import (
    Block,
    Bullets,
    Callout,
    Figure,
    Finding,
    Paragraph,
    Section,
    Table,
)
from reports.wording import word
from reports.writers.slide_paper import ACROSS
from reports.writers.slide_table import Cells


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
    """What all slides of a report share: language, sheets of the tables, how far texts reach in letters of Arial."""

    language: str
    sheets: dict[str, str]
    across: float = ACROSS

    def word(self, key: str) -> str:
        """Return a fixed word."""
        return word(key, self.language)


def numbered_title(title: str, place: int, count: int, planner: Planner) -> str:
    """Return a title, with the number of the part where there are several."""
    return title if count == 1 else f"{title} ({place + 1} {planner.word('of')} {count})"


def notes_of(
    section: Section, place: int, planner: Planner, *, base: str, table: Table | None
) -> tuple[str, ...]:
    """Return what the speaker should know: the answer, the words around, base, notes and where the numbers are."""
    around = told(section, _around(section.blocks, place), planner)
    if table is None:
        return (*around, base)
    where = planner.word("sheet_of").format(title=table.caption, sheet=planner.sheets[table.id])
    return (*around, base, *table.notes, where)


def told(section: Section, places: Sequence[int], planner: Planner) -> tuple[str, ...]:
    """Return the question of a section with its answer, its lead, and the words of some of its blocks."""
    said = texts_of([section.blocks[place] for place in places], planner)
    return tuple(
        text for text in (f"{section.question} {section.title}".strip(), section.lead, *said) if text
    )


def _around(blocks: Sequence[Block], place: int) -> list[int]:
    """Return the places of the words that belong to what stands at `place`: after it, and before the first figure."""
    shown = [n for n, block in enumerate(blocks) if isinstance(block, Figure)]
    later = [n for n in shown if n > place]
    start = 0 if not [n for n in shown if n < place] else place
    return [n for n in range(start, later[0] if later else len(blocks)) if n != place]


def texts_of(blocks: Sequence[Block], planner: Planner) -> Iterator[str]:
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
