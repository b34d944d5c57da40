import io
import zipfile

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.figures.drawing import render
from reports.figures.forest import forest
from reports.figures.shares import shares
from reports.report import Column, Figure, Table
from reports.theme import Theme
from reports.writers import workbook
from reports.writers.tab_names import sheet_names
from reports.writers.workbook import HEADER_ROW, to_workbook, write_workbook

NAN = float("nan")
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "http://example.org",
    "007",
    "<b>&\"'",
    "שלום",
    "🦊",
    "bell\x07",
    "y" * 40000,
]
FIRST = HEADER_ROW + 2
"""Row of the first numbers, counted from 1 as openpyxl does."""


def table(name: str = "gaps", **changes: object) -> Table:
    frame = pd.DataFrame(
        {
            "company": HOSTILE,
            "share": [1 / 3 + n for n in range(len(HOSTILE) - 1)] + [NAN],
            "low": [0.25 + n for n in range(len(HOSTILE) - 1)] + [NAN],
            "high": [0.5 + n for n in range(len(HOSTILE) - 1)] + [NAN],
            "gap": range(len(HOSTILE)),
            "both": [True, False] * 5 + [True],
            "why": "one informant",
        }
    )
    columns = (
        Column("company", "Company"),
        Column("share", "Share", "percent", "low", "high", reason="why"),
        Column("gap", "Gap", "difference"),
        Column("both", "Both functions"),
    )
    fields = {
        "id": name,
        "caption": "=A caption" if name == "gaps" else name,
        "frame": frame,
        "columns": columns,
        "base": "+11 companies",
    }
    return Table(**(fields | {"notes": ("-A note",)} | changes))


def read(tables: list[Table], **options: str):
    return load_workbook(io.BytesIO(to_workbook(tables, title="=Tables", **options)))


def column(sheet: Worksheet, place: int, rows: int) -> list[object]:
    return [sheet.cell(row, place).value for row in range(FIRST, FIRST + rows)]


def test_text_stays_text_whatever_it_begins_with():
    sheet = read([table()])["=A caption"]
    names = [sheet.cell(row, 1) for row in range(FIRST, FIRST + len(HOSTILE))]
    assert {cell.data_type for cell in names} == {"s"}
    assert all(cell.hyperlink is None for cell in names)
    assert [cell.value for cell in names[:9]] == HOSTILE[:9]
    assert names[9].value == "bell\ufffd"
    assert len(names[10].value) == 32767
    assert [sheet["A1"].value, sheet["A1"].data_type] == ["=A caption", "s"]
    formulas = [c for ws in read([table()]) for row in ws.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == []


def test_numbers_are_raw_and_formatted():
    one = table()
    sheet = read([one])["=A caption"]
    count = len(HOSTILE)
    for place, key in ((2, "share"), (3, "low"), (4, "high")):
        assert column(sheet, place, count - 1) == pytest.approx(one.frame[key].tolist()[:-1], rel=1e-15)
        assert column(sheet, place, count)[-1] == "not available (one informant)"
    assert column(sheet, 5, count) == list(range(count))
    assert sheet.cell(FIRST, 2).number_format == '#,##0"%"'
    assert sheet.cell(FIRST, 5).number_format == "[>=0.5]+#,##0;[<=-0.5]-#,##0;0"
    assert column(sheet, 6, 2) == ["yes", "no"]


def test_headings_caption_base_and_notes_stand_around_the_table():
    sheet = read([table()])["=A caption"]
    heads = [cell.value for cell in sheet[HEADER_ROW + 1]]
    assert heads == [
        "Company",
        "Share",
        "Share: lower end",
        "Share: upper end",
        "Gap (points)",
        "Both functions",
    ]
    assert sheet["A2"].value == "+11 companies"
    assert sheet.cell(FIRST + len(HOSTILE) + 1, 1).value == "-A note"
    assert sheet.freeze_panes == f"B{FIRST}"
    (area,) = sheet.tables.values()
    assert area.ref == f"A{HEADER_ROW + 1}:F{HEADER_ROW + 1 + len(HOSTILE)}"
    assert [c.name for c in area.tableColumns] == heads


def test_index_leads_to_every_sheet_and_back():
    book = read([table("one"), table("two")])
    assert book.sheetnames == ["Index", "one", "two"]
    index = book["Index"]
    assert [index.cell(row, 1).hyperlink.location for row in (4, 5)] == ["'one'!A1", "'two'!A1"]
    assert [index[place].value for place in ("B4", "E4")] == ["one", "one"]
    assert index["D4"].value == len(HOSTILE)
    assert book["two"]["A3"].hyperlink.location == "'Index'!A1"


def test_group_missing_rows_and_repeated_headings():
    frame = pd.DataFrame({"area": ["North", "South"], "n": [1, 2]})
    columns = (Column("n", "N", "count"), Column("n", "n", "count"))
    grouped = table("grouped", frame=frame, columns=columns, group="area")
    empty = table("empty", frame=frame.iloc[:0], columns=columns)
    book = read([grouped, empty])
    assert [c.value for c in book["grouped"][HEADER_ROW + 1]] == ["Area", "N", "n 2"]
    assert column(book["grouped"], 1, 2) == ["North", "South"]
    assert book["empty"].cell(FIRST, 1).value == "There is nothing to show here."
    assert len(book["empty"].tables) == 0


def test_names_of_sheets_are_taken_by_excel_and_by_nobody_else():
    names = sheet_names(["a" * 40, "A" * 40, "x[1]:y*?/\\z", "'quoted'", "Index", "history"])
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert not {"index", "history"} & {name.casefold() for name in names}


def test_other_language():
    book = read([table()], language="de")
    assert book.sheetnames[0] == "Übersicht"
    assert book["=A caption"].cell(HEADER_ROW + 1, 3).value == "Share: unteres Ende"


def test_same_tables_same_bytes(tmp_path):
    write_workbook([table(), table("other")], tmp_path / "one.xlsx", title="Tables")
    write_workbook([table(), table("other")], tmp_path / "two.xlsx", title="Tables")
    first, second = ((tmp_path / name).read_bytes() for name in ("one.xlsx", "two.xlsx"))
    assert first == second
    assert b"2000-01-01" in zipfile.ZipFile(tmp_path / "one.xlsx").read("docProps/core.xml")


def test_more_rows_than_a_sheet_holds(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(ValueError, match="table 'gaps': 11 rows do not fit"):
        to_workbook([table()], title="x")


def test_no_tables_leave_an_index():
    assert read([]).sheetnames == ["Index"]


ROWS = pd.DataFrame(
    {
        "label": ["=1+1", "Trust"],
        "estimate": [61.25, 48.5],
        "conf_low": [55.0, 40.25],
        "conf_high": [67.5, 57.0],
    }
)


def drawn(name: str, draw, data: Table | None = None) -> Figure:
    return render(draw, id=name, title="61% say so", alt="Two <rows>", base="2 companies", data=data)


def behind(name: str = "behind") -> Table:
    columns = (Column("label", "Label"), Column("estimate", "Share", "percent", "conf_low", "conf_high"))
    return Table(name, "Shares", ROWS, columns, "2 companies")


def test_charts_stand_beside_their_numbers_or_on_a_sheet_of_their_own():
    with_table = drawn("bars", lambda ax: shares(ax, ROWS), behind())
    alone = drawn("points", lambda ax: forest(ax, ROWS, label="Slope"))
    plain = drawn("plain", lambda ax: ax)
    book = read([table(), behind()], figures=(with_table, alone, plain))
    assert {sheet.title: len(sheet._charts) for sheet in book} == {
        "Index": 0,
        "=A caption": 0,
        "Shares": 1,
        "61% say so": 1,
    }
    assert [book["Index"].cell(6, place).value for place in (1, 2, 4, 5)] == [
        "61% say so",
        "61% say so",
        "chart",
        "points",
    ]
    assert book["61% say so"]["A2"].value == "2 companies"


def test_the_theme_gives_its_colour():
    def inks(**options: object) -> set[str]:
        index = read([behind()], **options)["Index"]
        return {cell.font.color.rgb for cell in (index["A1"], index["A4"])}

    assert inks(theme=Theme(accent="#7A1E5C")) == {"FF7A1E5C"}
    assert inks() == {"FF004F86"}


def test_charts_draw_from_cells_with_the_numbers_of_the_table():
    one = drawn("bars", lambda ax: shares(ax, ROWS), behind())
    sheet = read([behind()], figures=(one,))["Shares"]
    (chart,) = sheet._charts
    place = chart.ser[0].val.numRef.f.split("!")[1].replace("$", "")
    assert [cell.value for (cell,) in sheet[place]] == ROWS["estimate"].tolist()
    bars = chart.ser[0].errBars
    low, high = (
        [cell.value for (cell,) in sheet[end.numRef.f.split("!")[1].replace("$", "")]]
        for end in (bars.minus, bars.plus)
    )
    assert low == pytest.approx((ROWS["estimate"] - ROWS["conf_low"]).tolist(), rel=1e-15)
    assert high == pytest.approx((ROWS["conf_high"] - ROWS["estimate"]).tolist(), rel=1e-15)
    assert (chart.y_axis.scaling.min, chart.y_axis.scaling.max) == (0.0, 100.0)


def test_charts_have_words_and_no_formula():
    figures = (
        drawn("bars", lambda ax: shares(ax, ROWS), behind()),
        drawn("points", lambda ax: forest(ax, ROWS, label="=2")),
    )
    content = to_workbook([behind()], title="x", figures=figures)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        drawings = [
            book.read(name).decode() for name in book.namelist() if name.startswith("xl/drawings/drawing")
        ]
    assert len(drawings) == 2
    assert all('descr="Two &lt;rows&gt;"' in drawing for drawing in drawings)
    cells = [
        cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row
    ]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert [cell for cell in cells if str(cell.value).startswith("–")] == []
    assert "guide line" in {cell.value for cell in cells}
    assert to_workbook([behind()], title="x", figures=figures) == content
