import pandas as pd
import pytest

from reports.documents.appendix import KEPT, TITLES, in_two, with_appendix
from reports.report import Block, Column, Heading, Paragraph, Section, Table
from survey.language import look_up, speaking


def table(name: str) -> Table:
    return Table(name, "What", pd.DataFrame({"a": [1]}), (Column("a", "A", "count"),), "1 company")


PAGE = Section(
    "who-answered",
    "Answer",
    "Question?",
    "Lead",
    (
        Paragraph("first"),
        table("sample"),
        table("new"),
        Heading("Who did not answer, and does it matter?"),
        Paragraph("in words"),
        table("register"),
        table("early-late"),
        Heading("Anything else"),
        Paragraph("more"),
    ),
)


def told(blocks: tuple[Block, ...]) -> list[str]:
    return [block.id if isinstance(block, Table) else block.text for block in blocks]  # type: ignore[union-attr]


def test_a_page_keeps_what_its_reader_needs_and_the_rest_follows_under_its_heading() -> None:
    page, more = in_two(PAGE)
    assert page is not None
    assert more is not None
    assert told(page.blocks) == ["first", "sample", "Who did not answer, and does it matter?", "in words"]
    assert told(more.blocks) == [
        *("new", "Who did not answer, and does it matter?", "register", "early-late"),
        *("Anything else", "more"),
    ]
    assert (page.title, page.lead, page.appendix) == ("Answer", "Lead", False)
    assert (more.id, more.title, more.appendix) == ("who-answered-details", TITLES["who-answered"], True)


def test_nothing_is_lost_and_the_appendix_comes_last() -> None:
    other = Section("summary", "Summary", "", "", (table("kept"),))
    detail = Section("checks", "Checks", "", "", (table("checked"),), appendix=True)
    found = with_appendix(iter((detail, PAGE, other)))
    assert [part.id for part in found] == ["who-answered", "summary", "checks", "who-answered-details"]
    blocks = [block for part in found for block in part.blocks]
    assert all(block in blocks for block in (*PAGE.blocks, *other.blocks, *detail.blocks))


@pytest.mark.parametrize("name", KEPT)
def test_a_page_without_details_has_no_appendix(name: str) -> None:
    assert in_two(Section(name, "Not known", "Why?", "", (Paragraph("It is not known."),)))[1] is None


def test_every_divided_page_has_a_title_for_its_details() -> None:
    assert set(KEPT) == set(TITLES)


def test_headings_are_found_in_another_language_too() -> None:
    headings = {name for names in KEPT.values() for name in names if " " in name}
    with speaking("de"):
        assert {name for name in headings if look_up(name) == name} == set()
        page = Section(
            "measured", "Solid", "?", "", (Heading(look_up("What follows from this")), Heading("More"))
        )
        assert [len(part.blocks) for part in in_two(page) if part] == [1, 1]
