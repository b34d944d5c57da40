import io
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest
from xlsxwriter import Workbook

from alignmark.inputs import read_inputs
from alignmark.study import Study, read_study
from alignmark.table_rules import TableBook
from analysis.infer.crosstab import wide
from analysis.infer.letters import letters
from reports.crosstab_book import Book, question_tables
from reports.theme import Theme
from reports.writers.crosstab_page import to_crosstab_page
from reports.writers.crosstab_paper import set_paper
from reports.writers.crosstab_workbook import LINE_HEIGHT, to_crosstab_workbook
from survey.problems import InputError

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran, Spoil


@pytest.fixture(scope="module")
def books(declared: "Ran") -> tuple[Book, ...]:
    return declared.evidence.books


def test_a_study_without_a_word_has_a_book_of_its_rated_statements(ran: "Ran") -> None:
    (book,) = ran.evidence.books
    assert list(book.columns["head"].unique()) == ["Total", "Function", "Wave", "Industry", "Size", "Region"]
    asked = {
        key for key, q in ran.inputs.instrument.columns.items() if q.kind == "scale" and q.role != "attention"
    }
    assert set(book.wordings) == asked | {"adequately_aligned", "improvement_target"}
    assert book.wordings["improvement_target"].startswith("Is it a stated goal")
    assert book.minimum == 5
    assert (book.table.cells.loc[book.table.cells["estimate"].notna(), "companies"] >= 5).all()


def test_books_show_what_is_declared(books: tuple[Book, ...]) -> None:
    first, second = books
    heads = ["Total", "Function", "Industry", "Class, by outcomes", "Class, by practices"]
    assert list(first.columns["head"].unique()) == heads
    assert set(first.wordings) == {"goals_1", "goals_2", "meet", "share", "measure", "win_rate", "aligned"}
    rows = wide(first.table.cells).loc["goals_1"]
    assert list(rows.index) == [
        *("1 Disagree", "2", "3", "4", "5 Agree", "Do not know", "Top box", "Bottom box", "Middle", "Mean")
    ]
    assert list(wide(first.table.cells).loc["win_rate"].index) == ["Mean"]
    assert second.columns["head"].unique().tolist() == ["Total", "Wave"]
    assert first.letters.sizes[1] <= 3
    assert second.letters.sizes[0] == second.letters.sizes[1] == second.letters.tests["p_value"].notna().sum()


def test_dont_know_among_the_options_of_a_choice_is_no_answer(books: tuple[Book, ...]) -> None:
    shown, excluded = (wide(book.table.cells)["Total", "Total"].loc["aligned"] for book in books)
    assert shown.to_dict() == {"Yes": 50, "No": 25, "No idea": 25}
    assert excluded.round(9).to_dict() == {"Yes": 66.666666667, "No": 33.333333333}
    n = [book.table.bases.set_index(["question", "column"]).loc[("aligned", "Total"), "n"] for book in books]
    assert n == [96, 72]


def test_companies_count_once_where_a_book_says_so(books: tuple[Book, ...]) -> None:
    base = books[1].table.bases.set_index(["question", "column"])
    assert base.loc[("goals_1", "Total"), "weighted"] == pytest.approx(96)
    assert base.loc[("goals_1", "2025"), "weighted"] == pytest.approx(48)
    assert books[0].table.bases["weighted"].dropna().max() == 12 * 4 * 2


def test_the_workbook_holds_the_numbers_unrounded_with_letters_beside_them(ran: "Ran") -> None:
    (book,) = ran.evidence.books
    path = ran.out / "crosstabs.xlsx"
    opened = openpyxl.load_workbook(path)
    index = opened["Index"]
    linked = {str(cell.value): cell.hyperlink.location for cell in index["A"] if cell.hyperlink}
    assert set(linked) == set(book.wordings)
    for table in question_tables(book):
        name, place = linked[table.id].replace("'", "").split("!A")
        sheet = opened[name]
        assert sheet.cell(int(place), 1).value == f"{table.id}. {table.title}"
        for offset, line in enumerate((*table.bases, *table.lines), start=1):
            written = [cell.value for cell in sheet[int(place) + offset]]
            assert written[0] == line.label
            for at, (value, marks) in enumerate(zip(line.values, line.letters, strict=True)):
                number = value / 100 if line.unit == "percent" else value
                assert written[1 + 2 * at] == ("–" if np.isnan(value) else pytest.approx(number))
                assert (written[2 + 2 * at] or "") == marks
    sheet = opened.worksheets[1]
    assert (sheet.freeze_panes, sheet.page_setup.orientation, sheet.print_title_rows) == (
        "B9",
        "landscape",
        "$6:$8",
    )
    paged = 0
    for each in opened.worksheets[1:]:
        labels = [str(cell.value).split(". ")[0] for cell in each["A"]]
        begins = {row for row, label in enumerate(labels, start=1) if label in linked}
        pages = {found.id + 1 for found in each.row_breaks.brk}
        assert len(pages - begins) <= 1, "a page begins with a question, or with the notes"
        paged += len(pages & begins)
    assert paged, "the questions of some sheet go over several pages"
    formats = {cell.number_format for row in sheet.iter_rows() for cell in row}
    assert "0%" in formats
    assert any(marks for table in question_tables(book) for line in table.lines for marks in line.letters)


def test_a_wide_banner_goes_over_pages_head_by_head() -> None:
    workbook = Workbook(io.BytesIO())
    narrow, wide = workbook.add_worksheet(), workbook.add_worksheet()
    high = set_paper(narrow, 40, [[7.5, 2.5] * 5] * 2)
    assert set_paper(wide, 40, [[7.5, 2.5] * 5] * 8) < 2 * high
    assert (narrow.fit_page, narrow.vbreaks, wide.fit_page, wide.vbreaks) == (True, [], False, [51])


def test_the_page_says_the_same_with_captions_and_scopes(ran: "Ran") -> None:
    (book,) = ran.evidence.books
    page = (ran.out / "crosstabs.html").read_text(encoding="utf-8")
    assert page.count("<caption>") == page.count("</table>") == len(book.wordings)
    assert page.count(book.base) == len(book.wordings) + 1
    assert page.count('href="#book-1-notes"') == len(book.wordings)
    assert not re.search(r"<th[^>]*>\s*(<bdi>\s*</bdi>)?\s*</th>", page)
    assert "<th>" not in page
    shown = iter(
        re.findall(r'<td class="number-cell">([^<]*)(?: <span class="letters">(.*)</span>)?</td>', page)
    )
    for table in question_tables(book):
        for line in (*table.bases, *table.lines):
            for value, marks in zip(line.values, line.letters, strict=True):
                text, letters = next(shown)
                assert letters == marks
                if np.isnan(value):
                    assert text == "–"
                else:
                    assert float(re.sub("[,%*]", "", text)) == pytest.approx(value, abs=0.5)
    assert next(shown, None) is None
    for note in book.notes():
        assert note.split("“")[0].replace("'", "&#39;")[:60] in page


def test_sheets_of_several_books_are_called_by_their_number_and_whole_words(books: tuple[Book, ...]) -> None:
    long = Book(
        "b", "By industry and region", books[0].table, books[0].letters, books[0].wordings,
        dict.fromkeys(books[0].wordings, "Market and product knowledge"), "", 5,
    )  # fmt: skip
    opened = openpyxl.load_workbook(io.BytesIO(to_crosstab_workbook([long, books[1]], title="t")))
    assert opened.sheetnames[:3] == ["Index", "1 Market and product knowledge", "2 Single questions"]


def test_a_theme_has_templates_of_its_own_for_crosstabs(books: tuple[Book, ...], tmp_path: Path) -> None:
    ours = Theme(templates=tmp_path)
    (tmp_path / "crosstabs.html.j2").write_text("{{ title }}: {{ books | length }}", encoding="utf-8")
    assert to_crosstab_page(books, title="A & B", theme=ours) == f"A &amp; B: {len(books)}"
    (tmp_path / "crosstabs.html.j2").write_text("\n{{ nothing }}", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"crosstabs.html.j2, row 2: the template fails: 'nothing' is undefined"
    ):
        to_crosstab_page(books, title="A", theme=Theme(templates=tmp_path, footer="x"))


def test_texts_are_escaped_and_never_formulas(books: tuple[Book, ...]) -> None:
    book = books[0]
    wording = "<b>=cmd</b>" + 25 * " long"
    evil = Book(
        book.id, "=1+1", book.table, book.letters, dict.fromkeys(book.wordings, wording), book.groups,
        book.base, 5,
    )  # fmt: skip
    page = to_crosstab_page([evil], title="<script>", theme=Theme(accent="#7A1F5C", footer="<b> Ltd"))
    assert "<p>&lt;b&gt; Ltd</p>" in page
    assert "--accent: #7A1F5C" in page
    assert "<footer>" not in to_crosstab_page([evil], title="t")
    assert "<b>" not in page
    assert "<script>" not in page
    opened = openpyxl.load_workbook(io.BytesIO(to_crosstab_workbook([evil], title="=2+2")))
    assert opened["Index"].row_dimensions[5].height == pytest.approx(2 * LINE_HEIGHT, abs=0.5)
    assert all(cell.data_type != "f" for sheet in opened for row in sheet for cell in row)
    assert to_crosstab_workbook([evil], title="t") == to_crosstab_workbook([evil], title="t")


def test_names_that_no_table_can_show_are_told_with_their_line(spoiled: "Spoil") -> None:
    told = "tables:\n  - {questions: [goals, trusst], banner: [industri]}\nmodels:\n"
    with pytest.raises(InputError) as error:
        read_inputs(read_study(spoiled(("models:\n", told))))
    said = str(error.value)
    assert "did you mean 'trust'?" in said
    assert "did you mean 'industry'?" in said
    assert "study.yaml, row 27, tables.questions" in said


@pytest.mark.parametrize("levels", [[0.9, 0.95], [95.0], []])
def test_levels_that_make_no_sense_are_refused(levels: list[float]) -> None:
    with pytest.raises(ValueError, match="levels of confidence"):
        TableBook(levels=levels)
    usual = Study.model_fields["tables"].get_default(call_default_factory=True)[0]
    assert (usual.levels, usual.multiplicity, usual.family) == ([0.95, 0.90], "bh", "table")


def test_letters_say_their_family_its_size_and_what_chance_would_give(
    books: tuple[Book, ...], ran: "Ran"
) -> None:
    (usual,) = ran.evidence.books
    made = usual.letters.tests.query("repeats == ''")["p_value"].notna().sum()
    low, high = usual.letters.sizes
    assert f"one question, {low:,} to {high:,} tests; adjusted by Benjamini and Hochberg" in usual.tested
    assert (
        f"of the {made:,} tests of this book gave a capital letter; at most 5% of those of a family"
        in usual.chance
    )
    assert f"about {0.05 * made:,.0f} if nothing differed" in usual.chance
    assert "the chance of any false one is at most 5%" in books[0].chance
    plain = replace(usual, letters=letters(usual.table, method="none"))
    assert f"chance alone would give about {0.05 * made:,.0f} if nothing differed." in plain.chance
    assert plain.letters.given > usual.letters.given
    page = (ran.out / "crosstabs.html").read_text(encoding="utf-8")
    sheet = openpyxl.load_workbook(ran.out / "crosstabs.xlsx").worksheets[1]
    assert usual.chance in page
    assert sheet["A4"].value == f"Tested together: {usual.tested}. {usual.chance}"
