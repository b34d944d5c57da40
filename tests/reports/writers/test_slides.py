"""The deck: charts that can be edited, texts that fit, words for everything that is seen, nothing that breaks out."""

import io
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.util import Inches

from reports.chart import Axis, Marks, Rows, numbers_in
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render
from reports.figures.forest import forest
from reports.figures.heatmap import heatmap
from reports.figures.shares import shares
from reports.report import Callout, Column, Figure, Finding, Report, Section, Table
from reports.style import INK, Role
from reports.tables import format_cells
from reports.theme import Theme
from reports.writers.fitting import lines_needed, text_height
from reports.writers.label_sides import shared
from reports.writers.slide_messages import MOST_PARTS
from reports.writers.slide_table import INSET, Cells, measured
from reports.writers.slides import to_slides, write_slides
from reports.writers.tab_names import tab_names
from survey.problems import InputError

PICTURE = 13
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
ROWS = pd.DataFrame(
    {
        "label": ["Trust", "=1+1", "Shared <goals> & plans", "🦊 \x07 שלום"],
        "estimate": [61.25, 48.5, float("nan"), 20.125],
        "conf_low": [55.0, 40.25, float("nan"), 15.0],
        "conf_high": [67.5, 57.0, float("nan"), 26.5],
    }
)


def opened(report: Report, **options: Any) -> Deck:
    return Presentation(io.BytesIO(to_slides(report, **options)))


def figure(name: str = "rows", draw=None, **changes: Any) -> Figure:
    draw = draw or (lambda ax: shares(ax, ROWS))
    fields = {"id": name, "title": "61% say so", "alt": "Four rows", "base": "Base: 250 companies, 2025."}
    return render(draw, **(fields | changes))


def section(*blocks: Any, name: str = "one", **changes: Any) -> Section:
    fields = {"title": "The answer", "question": "Why?", "lead": "As follows.", "blocks": blocks}
    return Section(name, **(fields | changes))


def report(*sections: Section) -> Report:
    return Report("A study", "2025", "en", sections)


def charts(deck: Deck) -> list[Any]:
    return [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]


def cached(chart: Any) -> list[float]:
    """Every number that the drawing of a chart keeps."""
    return [
        float(value.text)
        for cache in chart._chartSpace.iter(f"{CHART}numCache")
        for value in cache.iter(f"{CHART}v")
    ]


@pytest.fixture(scope="module")
def deck(whole_report) -> Deck:
    return opened(whole_report())


@pytest.fixture(scope="module")
def bars() -> Deck:
    return opened(report(section(figure(), Callout("caution", "Mind", "the halo"))))


def test_every_slide_has_one_filled_title_that_nobody_else_has(deck):
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert all(title.strip() for title in titles)
    assert (deck.slide_width, deck.slide_height) == (Inches(13.333), Inches(7.5))
    empty = [
        shape.name
        for slide in deck.slides
        for shape in slide.placeholders
        if not shape.text_frame.text.strip()
    ]
    assert empty == []


def test_everything_that_is_seen_has_words(deck):
    seen = [
        shape
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_chart or shape.has_table or shape.shape_type == PICTURE
    ]
    assert len(seen) >= 3
    assert all(shape.element.xpath(".//p:cNvPr/@descr")[0].strip() for shape in seen)


def test_title_is_read_first_and_the_base_after_what_stands_on_it(bars):
    kinds = [
        shape.placeholder_format.idx if shape.is_placeholder else "chart" for shape in bars.slides[1].shapes
    ]
    assert kinds == [0, "chart", 13, 14, 11, 12]


def test_speaker_finds_answer_words_base_and_caveat(bars):
    notes = bars.slides[1].notes_slide.notes_text_frame.text
    for text in (
        "Why? The answer",
        "As follows.",
        "Read with care: Mind. the halo",
        "Base: 250 companies, 2025.",
    ):
        assert text in notes


def test_numbers_of_a_chart_are_those_of_its_figure(bars):
    (chart,) = charts(bars)
    drawn = figure().chart
    assert drawn is not None
    estimates = ROWS["estimate"].dropna().tolist()
    plots = chart._chartSpace.findall(f".//{CHART}ser")
    values = [float(v.text) for v in plots[0].find(f"{CHART}val").iter(f"{CHART}v")]
    assert values == estimates
    low = [float(v.text) for v in plots[0].find(f".//{CHART}minus").iter(f"{CHART}v")]
    expected = (ROWS["estimate"] - ROWS["conf_low"]).fillna(0.0).tolist()
    assert low == pytest.approx(expected, rel=1e-15)
    assert set(estimates) <= set(numbers_in(drawn).tolist())


def test_chart_is_native_and_its_workbook_holds_the_same_numbers(bars):
    (chart,) = charts(bars)
    book = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    (sheet,) = book.worksheets
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert {61.25, 48.5, 20.125} <= {cell for cell in cells if isinstance(cell, float | int)}
    assert "=1+1\n" not in cells
    assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    axis = chart._chartSpace.find(f".//{CHART}valAx/{CHART}scaling")
    assert [axis.find(f"{CHART}{end}").get("val") for end in ("min", "max")] == ["0.0", "100.0"]


def test_points_in_rows_keep_their_intervals():
    rows = ROWS.assign(declared=[True, True, True, False])
    (chart,) = charts(opened(report(section(figure(draw=lambda ax: forest(ax, rows, label="Slope"))))))
    numbers = cached(chart)
    for column in ("estimate", "conf_low", "conf_high"):
        assert set(rows[column].dropna()) <= set(numbers)
    texts = [
        text.text
        for text in chart._chartSpace.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t")
    ]
    assert "Trust" in texts
    assert " =1+1" in texts


def test_long_figures_are_parted_between_headings():
    labels = [f"Statement {n}" for n in range(40)]
    rows = pd.DataFrame({"label": labels, "class": "study", "estimate": np.arange(40.0), "conf_low": 0.0,
                         "conf_high": 50.0, "group": [f"Group {n // 10}" for n in range(40)]})  # fmt: skip
    found = figure(draw=lambda ax: class_dots(ax, rows))
    assert isinstance(found.chart, Rows)
    deck = opened(report(section(found)))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides][1:]
    assert titles == [f"61% say so ({n} of {len(titles)})" for n in range(1, len(titles) + 1)]
    drawn = [number for chart in charts(deck) for number in cached(chart)]
    assert set(rows["estimate"]) <= set(drawn)


def test_levels_are_a_table_with_their_values():
    cells = pd.DataFrame(
        {
            "label": ["Trust", "Trust"],
            "check": ["alpha", "ICC(2)"],
            "level": ["good", None],
            "text": ["0.81", ""],
        }
    )
    deck = opened(report(section(figure(draw=lambda ax: heatmap(ax, cells)))))
    (table,) = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert [cell.text for cell in table.rows[1].cells] == ["Trust", "▲ 0.81", "not available"]
    assert all(cell.text.strip() for cell in table.rows[0].cells)


def test_short_tables_of_a_section_without_drawing_are_shown_and_others_named(whole_report, deck):
    notes = " ".join(slide.notes_slide.notes_text_frame.text for slide in deck.slides)
    assert re.search(r"sheet “.+” of tables\.xlsx", notes)
    found = {table.id: table for table in whole_report().tables}
    shown = opened(report(section(found["short"], found["long"])))
    (table,) = [shape.table for slide in shown.slides for shape in slide.shapes if shape.has_table]
    cells = format_cells(found["short"])
    assert [cell.text for cell in table.rows[1].cells] == cells.iloc[0].str.replace("\x00", "\ufffd").tolist()
    (_, name) = tab_names((found["short"], found["long"]))
    assert f"sheet “{name}” of tables.xlsx" in shown.slides[1].notes_slide.notes_text_frame.text


def test_no_text_leaves_its_box(deck):
    given = {0: 26, 13: 13, 14: 11}
    for slide in list(deck.slides)[1:]:
        for shape in slide.placeholders:
            place = shape.placeholder_format.idx
            if place in given:
                size = shape.text_frame.paragraphs[0].runs[0].font.size
                points = given[place] if size is None else size.pt
                high = text_height([shape.text_frame.text], shape.width / Inches(1), points)
                assert high <= shape.height / Inches(1)
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_rows_beyond_the_slides_of_a_figure_are_told():
    rows = pd.DataFrame(
        {"label": [f"Row {n}" for n in range(90)], "estimate": 50.0, "conf_low": 40.0, "conf_high": 60.0}
    )
    deck = opened(report(section(figure(draw=lambda ax: shares(ax, rows)))))
    assert len(deck.slides) == 1 + MOST_PARTS
    assert "The other rows stand in the report." in deck.slides[-1].placeholders[14].text_frame.text


def test_title_is_cut_after_two_lines_and_whole_in_the_notes():
    long = "Companies " * 60
    slide = opened(report(section(figure(title=long)))).slides[1]
    shown = slide.shapes.title.text_frame.text
    assert shown.endswith("…")
    assert lines_needed(shown, 12.13, 20, bold=True) <= 2
    assert " ".join(long.split()) in slide.notes_slide.notes_text_frame.text


def test_words_of_any_language_are_marked(bars):
    xml = "".join(slide.element.xml for slide in bars.slides)
    runs = re.findall(r"<a:rPr[^>]*>", xml)
    assert runs
    assert all('lang="en-GB"' in run for run in runs)
    german = Report("Studie", "2025", "de", (section(figure()),))
    deck = opened(german)
    assert deck.core_properties.language == "de-DE"


def test_appendix_comes_last_behind_a_slide_that_names_it():
    detail = section(figure("more", title="Detail"), name="detail", title="How reliable", appendix=True)
    plain = section(name="words", title="Only in the report", appendix=True)
    titles = [
        slide.shapes.title.text_frame.text
        for slide in opened(report(section(figure()), detail, plain)).slides
    ]
    assert titles == ["A study", "61% say so", "Backup: how solid the numbers are", "Detail"]


def test_questions_without_answer_stand_in_the_overview_alone():
    silent = [
        section(Callout("caution", "Growth", "Not available."), name=f"s{n}", title=f"Unknown {n}", lead="")
        for n in range(2)
    ]
    deck = opened(report(section(figure()), *silent))
    assert [slide.shapes.title.text_frame.text for slide in deck.slides] == [
        "A study",
        "The answers in brief",
        "61% say so",
    ]
    (table,) = [shape.table for shape in deck.slides[1].shapes if shape.has_table]
    assert [row.cells[2].text for row in table.rows] == ["Slide", "3", "–", "–"]
    assert "Growth. Not available." in deck.slides[1].notes_slide.notes_text_frame.text


def test_a_drawing_without_chart_is_a_picture():
    deck = opened(report(section(figure(draw=lambda ax: ax))))
    (picture,) = [shape for shape in deck.slides[1].shapes if shape.shape_type == PICTURE]
    assert picture.image.content_type == "image/png"
    assert picture.element.xpath(".//p:cNvPr/@descr") == ["Four rows"]


@pytest.mark.parametrize("count", [0, 60])
def test_tables_that_no_slide_holds(count):
    frame = pd.DataFrame({f"c{n}": [1.0] for n in range(60)}).iloc[: 1 if count else 0]
    columns = tuple(Column(f"c{n}", f"Column {n}", "number") for n in range(60 if count else 2))
    table = Table("wide", "Wide", frame, columns, "Base")
    deck = opened(report(section(table)))
    assert not [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]


def test_nothing_at_all():
    assert len(opened(report()).slides) == 1
    assert len(opened(report(section(title="Nothing", question="", lead=""))).slides) == 1


def test_a_column_has_room_for_its_longest_word():
    cells = Cells(("Ergebnis", "x"), (("1", "x"),), (False, False), (1.0, 20.0))
    setting = measured(cells, 12.0, 4.0)
    assert setting is not None
    assert lines_needed("Ergebnis", setting.widths[0] - 2 * INSET, setting.size, bold=True) == 1
    assert sum(setting.widths) == pytest.approx(12.0)


def test_points_on_each_other_share_a_label_and_others_keep_theirs():
    role, axis = Role(INK, INK), Axis(low=0.0, high=10.0)
    marks = Marks("n", role, np.array([5.0, 1.0, 5.1]), np.array([5.0, 1.0, 5.0]), labels=("1", "2", "3"))
    (found,) = shared([marks], axis, axis, room=(400.0, 400.0), near=10.0)
    assert found.labels == ("", "2", "1, 3")


def test_wide_letters_get_the_room_that_they_need():
    words = "sales and marketing pull in one direction and say so when they are asked"
    told = Finding("f", words.capitalize(), 4 * f"{words} ", "", "low", words, value="41%")

    def height(font: str) -> int:
        (deck,) = [opened(report(section(told)), theme=Theme(font=font))]
        (table,) = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
        return sum(row.height for row in table.rows)

    assert height("Verdana") > height("Arial") == height("")


def test_theme_dresses_the_deck(tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"/></svg>'
    )
    theme = Theme(accent="#123456", cover="#654321", font="Georgia", logo=logo, footer="Confidential")
    deck = opened(report(section(figure())), theme=theme)
    assert [shape.name for shape in deck.slides[0].shapes if shape.shape_type == PICTURE] == ["logo"]
    assert "Confidential" in [shape.text_frame.text for shape in deck.slides[1].placeholders]
    xml = deck.slides[1].slide_layout.element.xml + deck.slides[0].slide_layout.element.xml
    assert "123456" in xml
    assert "654321" in xml
    assert 'typeface="Georgia"' in charts(deck)[0]._chartSpace.xml


def test_logo_that_is_no_image_is_refused_in_words(tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_text("no image")
    with pytest.raises(InputError, match="no image"):
        to_slides(report(), theme=Theme(logo=logo))


def test_same_report_same_bytes(whole_report, tmp_path: Path, monkeypatch):
    write_slides(whole_report(), tmp_path / "one.pptx")
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    write_slides(whole_report(), tmp_path / "two.pptx")
    first, second = ((tmp_path / name).read_bytes() for name in ("one.pptx", "two.pptx"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "one.pptx") as deck:
        assert {entry.date_time for entry in deck.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert b"2000-01-01" in deck.read("docProps/core.xml")
