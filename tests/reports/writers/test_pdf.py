import io
import re
from dataclasses import replace

import pandas as pd
import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from reports.report import Callout, Column, Figure, Paragraph, Report, Section, Table
from reports.theme import Theme
from reports.writers.pdf import to_pdf, write_pdf
from survey.problems import InputError


@pytest.fixture(scope="module")
def content(whole_report) -> bytes:
    return to_pdf(whole_report())


@pytest.fixture(scope="module")
def book(content) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def words_of(book: PdfReader) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in book.pages))


def tags(book: PdfReader) -> list[str]:
    """Return the names of the tags in the order of the document."""
    found: list[str] = []

    def visit(node: object) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            for child in node:
                visit(child)
        elif isinstance(node, dict):
            found.extend([str(node["/S"])] if "/S" in node else [])
            visit(node.get("/K"))

    visit(book.trailer["/Root"]["/StructTreeRoot"])
    return found


def test_it_is_tagged_and_says_its_language_and_title(book, hostile):
    root = book.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert book.metadata.title == hostile[0]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_tables_figures_and_headings_are_tagged_as_such(book):
    found = tags(book)
    assert found.count("/Table") == 6
    assert found.count("/TH") >= 6 * 2
    assert found.count("/Figure") == 2
    assert found.count("/Caption") == 8
    assert found.count("/H1") >= 3
    assert "/H2" in found


def test_names_are_shown_as_they_stand(book, hostile):
    shown = words_of(book)
    for name in hostile:
        if name.isascii() and name.isprintable():
            assert re.sub(r"\s+", "", name) in shown


def test_long_names_can_be_copied_as_they_stand():
    """Where they may be broken, nothing stands that a search, a copy or a reader's voice would meet."""
    names = ["tables/class_gaps-outcomes.csv", "Full-Information-Maximum-Likelihood", "a" * 300]
    report = Report("T", "", "en", (Section("s", "T", "", "", (Paragraph(" ".join(names)),)),))
    shown = words_of(PdfReader(io.BytesIO(to_pdf(report))))
    assert all(name in shown for name in names)
    assert not re.search("[\u200b\u00ad]", shown)


def test_the_widest_tables_behind_figures_are_turned_and_their_long_words_hyphenated():
    words = [f"Faktorreliabilitätskoeffizient {place}" for place in range(16)]
    frame = pd.DataFrame({word: [0.123] * 20 for word in words})
    table = Table("wide", "Wide", frame, tuple(Column(word, word, "fit") for word in words), "base")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    section = Section("a", "Title", "", "", (Figure("f", "Figure", "alt", svg, "base", table),))
    book = PdfReader(io.BytesIO(to_pdf(Report("Title", "", "de", (section,)))))
    turned = [page.mediabox.width > page.mediabox.height for page in book.pages]
    assert turned[0] is False
    assert any(turned)
    assert "Faktorreliabilitätskoeffizient" not in words_of(book)


def test_what_has_no_letters_is_told_in_words():
    book = PdfReader(io.BytesIO(to_pdf(Report("Fox \U0001fae8", "", "en", ()))))
    assert "Fox[" in words_of(book) or "Fox\U0001fae8" in words_of(book)


@pytest.mark.parametrize("name", ["שלום", "Ωμέγα", "Łódź", "Живаго", "≥ 5 − 3", "☃"])
def test_letters_of_many_scripts_are_set(name):
    found = to_pdf(Report(name, "", "en", (Section("a", name, "", "", (Paragraph(name),)),)))
    assert words_of(PdfReader(io.BytesIO(found))).count(name.replace(" ", "")) >= 2 or name == "שלום"
    assert "[" not in words_of(PdfReader(io.BytesIO(found)))


def test_same_report_same_bytes(content, whole_report):
    assert to_pdf(whole_report()) == content


def test_findings_lead_to_their_evidence(book):
    links = [note.get_object() for page in book.pages for note in page.get("/Annots", [])]
    assert len([link for link in links if link["/Subtype"] == "/Link"]) >= 3


def test_contents_and_bookmarks_of_a_long_report(whole_report):
    short = whole_report()
    more = tuple(Section(f"s{n}", f"Answer {n}", "Why?", "", (Paragraph("Text"),)) for n in range(4))
    appended = Section("details", "Details", "", "", (Callout("caution", "A", "B"),), appendix=True)
    book = PdfReader(io.BytesIO(to_pdf(replace(short, sections=(*short.sections, *more, appended)))))
    titles = [mark["/Title"] for mark in book.outline if isinstance(mark, dict)]
    assert titles[-3:] == ["Answer 3", "Details", "The numbers behind the figures"]
    contents = re.sub(r"\s+", " ", book.pages[1].extract_text())
    assert "7 Answer 3" in contents
    assert "Appendix A Details" in contents


def test_figures_are_narrower_where_pages_would_stay_half_empty():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="490pt" height="300pt" viewBox="0 0 490 300"/>'
    sections = tuple(
        Section(
            f"s{n}", f"Answer {n}", "Why?", "", (Figure(f"f{n}", "Point", "A drawing", svg, "3 companies"),)
        )
        for n in range(8)
    )
    pages = PdfReader(io.BytesIO(to_pdf(Report("Title", "", "en", sections)))).pages
    answers = [re.findall(r"Answer \d", page.extract_text()) for page in pages[2:]]
    assert [len(found) for found in answers] == [2, 2, 2, 2]


def test_other_language(whole_report):
    book = PdfReader(io.BytesIO(to_pdf(whole_report("de-AT"))))
    assert book.trailer["/Root"]["/Lang"] == "de-AT"
    assert "30\xa0%(20bis60)" in words_of(book) or "30%(20bis60)" in words_of(book)


def test_theme_dresses_the_report(tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><rect width="20" height="10"/></svg>'
    )
    report = Report("Title", "", "en", (Section("a", "A", "", "", (Paragraph("text"),)),))
    plain, dressed = to_pdf(report), to_pdf(report, theme=Theme(logo=logo, footer="Acme & Sons #1"))
    assert "Acme&Sons#1" in words_of(PdfReader(io.BytesIO(dressed)))
    assert tags(PdfReader(io.BytesIO(dressed))).count("/Figure") == 1
    assert tags(PdfReader(io.BytesIO(plain))).count("/Figure") == 0


def test_logo_that_is_no_image_is_refused_in_words(tmp_path):
    (tmp_path / "logo.png").write_text("no image")
    with pytest.raises(InputError, match="is no image"):
        to_pdf(Report("Title", "", "en", ()), theme=Theme(logo=tmp_path / "logo.png"))


def test_drawing_that_is_none_is_refused_in_words():
    broken = Figure(
        "f", "One", "A point", '<svg xmlns="http://www.w3.org/2000/svg" width="0"/>', "3 companies"
    )
    with pytest.raises(ValueError, match="cannot be set as PDF"):
        to_pdf(Report("Title", "", "en", (Section("a", "A", "", "", (broken,)),)))


def test_what_was_written_before_stays_where_setting_fails(tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")
    with pytest.raises(InputError):
        write_pdf(Report("Title", "", "en", ()), path, theme=Theme(logo=tmp_path / "none.png"))
    assert path.read_bytes() == b"old"
