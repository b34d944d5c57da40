"""What of a page stands in the report itself, and what in its appendix."""

from collections.abc import Iterator
from dataclasses import replace

from reports.report import Block, Figure, Heading, Section, Table
from survey.language import look_up, mark

KEPT = {
    "who-answered": {
        "flow", "sample", "composition", "exclusions", "coverage",
        "How people answered", "Who did not answer, and does it matter?",
    },
    "norms": {"norms-spread", "norms-constructs"},
    "told-apart": {"ranks", "How surely is a company in its class?", "class-membership"},
    "two-views": {"views", "gaps"},
    "measured": {"checks", "What follows from this"},
    "best-in-class": {
        "class-results-outcomes", "class-results-practices", "classes-outcomes", "classes-practices",
        "Selected on results", "Selected on practices",
    },
    "how-aligned": {"stages", "adequacy"},
    "growth": {"growth-bins", "models"},
    "congruence": {"surface"},
    "methods": {
        "Who was asked", "From answers to numbers", "What the AAPOR Code asks to be disclosed", "aapor",
        "What cannot be shown", "set_aside",
    },
}  # fmt: skip
"""Figures and tables, by id, and headings of each page that its reader needs; pages that are not named stay whole."""

TITLES = {
    "who-answered": mark("Who answered and who did not, in detail"),
    "norms": mark("Norms by wave, results and practices"),
    "how-aligned": mark("Figures published elsewhere"),
    "told-apart": mark("Ranks in detail"),
    "two-views": mark("Two profiles in one company, in detail"),
    "measured": mark("The measurement in detail"),
    "best-in-class": mark("The best in class in numbers"),
    "growth": mark("Growth models in detail"),
    "congruence": mark("Congruence in detail"),
    "methods": mark("Methods in detail"),
}


def with_appendix(pages: Iterator[Section]) -> tuple[Section, ...]:
    """Return the pages as their readers need them, and after all of them what those who check the work need."""
    parts = [in_two(page) for page in pages]
    return (
        *(page for page, _ in parts if page is not None),
        *(more for _, more in parts if more is not None),
    )


def in_two(page: Section) -> tuple[Section | None, Section | None]:
    """Divide a page: texts stay with their heading, figures and tables where `KEPT` names them.

    Examples
    --------
    >>> page = Section("measured", "Solid", "?", "", (Heading("What follows from this"), Heading("Details")))
    >>> [len(part.blocks) for part in in_two(page)]
    [1, 1]
    """
    if page.appendix:
        return None, page
    if page.id not in KEPT:
        return page, None
    parts = list(_under_headings(page.blocks))
    kept = tuple(block for heading, block in parts if _stays(block, heading, KEPT[page.id]))
    moved: list[Block] = []
    told: Heading | None = None
    for heading, block in parts:
        if not _stays(block, heading, KEPT[page.id]):
            moved += [block] if heading in (None, told, block) else [heading, block]
            told = heading
    details = replace(
        page,
        id=f"{page.id}-details",
        title=look_up(TITLES[page.id]),
        lead="",
        blocks=tuple(moved),
        appendix=True,
    )
    return replace(page, blocks=kept), details if moved else None


def _under_headings(blocks: tuple[Block, ...]) -> Iterator[tuple[Heading | None, Block]]:
    """Yield each block with the heading that it stands under; a heading stands under itself."""
    heading: Heading | None = None
    for block in blocks:
        heading = block if isinstance(block, Heading) else heading
        yield heading, block


def _stays(block: Block, heading: Heading | None, names: set[str]) -> bool:
    if isinstance(block, Figure):
        return block.id in names or block.kind in names
    if isinstance(block, Table):
        return block.id in names
    return heading is None or heading.text in map(look_up, names)
