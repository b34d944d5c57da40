import codecs
import csv
import io
import re
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.problems import InputError
from survey.readers.cells import read_cells
from survey.readers.detect import read_export
from survey.readers.workbook import OLE

TEXT = "company;goals\nCafé „Zürich“;4\nØre;5\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problem_of(path: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_export(path, **options)
    assert len(caught.value.problems) >= 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.replace("Ø", "O").encode("cp1252"), "cp1252"),
    ],
)
def test_encoding_is_found_from_the_bytes(tmp_path: Path, content: bytes, encoding: str) -> None:
    export = read_export(write(tmp_path / "a.csv", content))
    assert export.encoding == encoding
    assert list(export.frame.columns) == ["company", "goals"]
    assert export.frame["company"][0] == "Café „Zürich“"
    assert ("not UTF-8" in export.decisions[0]) == (encoding == "cp1252")


def test_stated_encoding_that_does_not_fit_names_the_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "company,goals\nAcme,4\nCafé,5\n".encode("cp1252"))
    message = problem_of(path, encoding="utf-8")
    assert "row 3" in message
    assert "0xE9" in message
    assert "unknown encoding 'utf8000'" in problem_of(path, encoding="utf8000")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiter_is_found_although_cells_hold_others(tmp_path: Path, mark: str) -> None:
    others = ",;|".replace(mark, "")
    records = [["company", f"why{others}", "n"], [f"a{others}b", "c", "1"], ["d", f"e{others[0]}", "2"]]
    text = "\r\n".join(mark.join(record) for record in records)
    assert read_cells(write(tmp_path / "a.csv", text)).records == records


def test_excels_separator_line_is_obeyed_and_counted(tmp_path: Path) -> None:
    cells = read_cells(write(tmp_path / "a.csv", "sep=;\na;b\n1,2;3,4\n"))
    assert cells.records == [["a", "b"], ["1,2", "3,4"]]
    assert list(cells.rows) == [2, 3]


def test_stated_delimiter_must_be_one_character(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a|b\n1|2\n")
    assert read_cells(path, delimiter="pipe").records[1] == ["1", "2"]
    assert "unknown delimiter 'colon'" in problem_of(path, delimiter="colon")


CELL = st.text(alphabet='ab é,;"\n\r\t', max_size=6)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_records_and_their_lines_survive_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, body: list[tuple[str, str, str]], mark: str
) -> None:
    records = [("x", "y", "z"), *body, ("end", "", "1")]
    texts = []
    for record in records:
        stream = io.StringIO()
        csv.writer(stream, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(record)
        texts.append(stream.getvalue())
    path = write(tmp_path_factory.mktemp("csv") / "a.csv", "".join(texts))
    cells = read_cells(path, delimiter=mark)
    breaks = [len(re.findall(r"\r\n|\r|\n", text)) for text in texts]
    assert cells.records == [list(record) for record in records]
    assert list(cells.rows) == [1 + sum(breaks[:n]) for n in range(len(records))]


def test_blank_cells_are_missing_and_the_rest_stays_text(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", "id,score,note\n007,4.0, \n008,, yes \n"))
    assert export.frame["id"].tolist() == ["007", "008"]
    assert export.frame["score"].isna().tolist() == [False, True]
    assert export.frame["note"].isna().tolist() == [True, False]
    assert export.frame["note"][1] == " yes "


def test_empty_lines_between_are_rows_and_those_around_are_not(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", "\n\na,b\n1,2\n\n3,4\n\n\n"))
    assert export.rows.tolist() == [4, 5, 6]
    assert export.frame["a"].isna().tolist() == [False, True, False]


def test_repeated_and_blank_headings_become_unique(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", "Q1,Q1,,Q1.1,Q1,\n1,2,3,4,5,\n"))
    assert list(export.frame.columns) == ["Q1", "Q1.2", "column 3", "Q1.1", "Q1.3", "column 6"]
    assert export.frame.iloc[0].tolist()[:5] == ["1", "2", "3", "4", "5"]
    assert "in column 2 'Q1' is called 'Q1.2', in column 5 'Q1' is called 'Q1.3'" in export.decisions[-1]
    assert export.metadata == ("column 6",)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Empty")
    sheet = book.add_worksheet("Answers")
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for column, heading in enumerate(["company", "goals", "share", "started", "ok", "note"]):
        sheet.write(2, column, heading)
    for row, values in ((3, ["Acme", 4, 12.5]), (5, ["Bolt", 4337954960, "5"])):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    sheet.write_datetime(3, 3, datetime(2025, 3, 1, 10, 30), day)
    sheet.write_datetime(5, 3, datetime.combine(date(2025, 3, 2), datetime.min.time()), day)
    sheet.write_boolean(3, 4, boolean=True)
    book.add_worksheet("Notes").write(0, 0, "x")
    book.close()
    return path


def test_workbook_cells_become_text_with_sheet_rows(workbook: Path) -> None:
    export = read_export(workbook)
    frame = export.frame
    assert export.encoding == "xlsx"
    assert export.rows.tolist() == [4, 5, 6]
    assert frame["goals"].tolist()[::2] == ["4", "4337954960"]
    assert frame["share"].tolist()[::2] == ["12.5", "5"]
    assert frame["started"].tolist()[::2] == ["2025-03-01 10:30:00", "2025-03-02"]
    assert frame["ok"][0] == "TRUE"
    assert frame.iloc[1].isna().all()
    assert "'Answers'" in export.decisions[0]
    assert "'Notes'" in export.decisions[0]


def test_sheet_is_stated_or_suggested(workbook: Path) -> None:
    assert read_export(workbook, sheet="Answers").file == "a.xlsx [Answers]"
    message = problem_of(workbook, sheet="Answer")
    assert "has no sheet called 'Answer'" in message
    assert "did you mean 'Answers'?" in message
    assert "is an empty wave" in problem_of(workbook, sheet="Notes")
    assert "is empty" in problem_of(workbook, sheet="Empty")


def test_a_workbook_by_another_name_is_still_a_workbook(workbook: Path) -> None:
    assert len(read_export(workbook.rename(workbook.with_suffix(".csv")))) == 3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \r\n\n", "is empty"),
        ("a.csv", b"company,goals\n", "row 1: is an empty wave: it has a header but no responses"),
        ("a.csv", b"company,goals\nAcme,4\nBolt\n", "row 3: ends after 1 of 2 cells: is the file cut off?"),
        ("a.csv", b'a,b\n"x\ny",1\nz\n', "row 4: ends after 1 of 2 cells"),
        ("a.csv", b"a,b\n1\n2,3\n", "row 2: 1 cell(s) where the header has 2"),
        ("a.csv", b"a,b\n1,2\nx\0y,2\n", "row 3: is not text: it holds NUL bytes"),
        ("a.csv", b'a,b\n1,2\n"x,2\n3,4\n', "row 3: a quotation mark that opens here is never closed"),
        ("a.csv", b'a,b\n"x"y,2\n', "row 2: is not valid CSV"),
        ("a.csv", b"a,b\n\x81,2\n", "row 2: cannot be read as cp1252: byte 0x81"),
        ("a.csv", b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n", "row 1: is a PDF document, not a table"),
        ("a.csv", b"<!DOCTYPE html>\n<html><table>\n", "row 1: is a web page, not a table"),
        ("a.csv", b"\xef\xbb\xbf<html>\n", "row 1: is a web page, not a table"),
        ("a.csv", b'<?xml version="1.0"?>\n<Workbook/>', "row 1: is an XML file, not a table"),
        ("a.csv", b'{"responses":[\n{"a":1}]}', "row 1: is a JSON file, not a table"),
        ("a.qsf", b'{"SurveyEntry":{}}', "row 1: is a Qualtrics questionnaire, not a table"),
        ("a.csv", b"a,b\n1,2\n\x1a", "row 3: ends after 1 of 2 cells"),
        ("a.csv", b'a,b\n1,"say \\"hi\\", ok"\n', "row 2: is not valid CSV"),
        ("a.csv", b"a,b\n'1,2',x\n", "row 2: 3 cell(s) where the header has 2"),
        (
            "a.csv",
            b"\xef\xbb\xbfa,b\n1,2\n\xef\xbb\xbfa,b\n3,4\n",
            "row 3: holds the headings of the first row again",
        ),
        ("a.xlsx", b"company,goals\nAcme,4\n", "is named .xlsx but is not a workbook"),
        ("a.xlsx", b"PK\x03\x04nonsense", "cannot be opened as a workbook"),
        ("a.csv", b"PK\x03\x04nonsense", "unpack other archives first"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
    ],
)
def test_bad_files_are_named_with_what_is_wrong(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    message = problem_of(write(tmp_path / name, content))
    assert message.split("\n")[1].startswith(name)
    assert said in message


def test_every_ragged_row_is_counted_and_the_first_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n" + "1,2\n" * 40 + "x\n" * 25)
    with pytest.raises(InputError) as caught:
        read_export(path)
    problems = caught.value.problems
    assert [problem.row for problem in problems[:20]] == list(range(42, 62))
    assert "5 more values like this, down to row 66" in str(problems[20])


def test_a_missing_file_suggests_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path / "wave_2025.csv", "a\n1\n")
    message = problem_of(tmp_path / "wave_2O25.csv")
    assert "there is no such file" in message
    assert "did you mean 'wave_2025.csv'?" in message
    assert "there is no folder" in problem_of(tmp_path / "nowhere" / "a.csv")
    assert "is a folder" in problem_of(tmp_path)


def test_messages_use_the_name_that_the_study_gives(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "company,goals\nAcme\n")
    assert "waves/a.csv, row 2" in problem_of(path, name="waves/a.csv")


def test_byte_order_marks_before_one_another_are_left_out(tmp_path: Path) -> None:
    for data in ("\ufeff\ufeffa,b\n1,2\n".encode(), "\ufeffa,b\n1,2\n".encode("utf-16")):
        assert list(read_export(write(tmp_path / "a.csv", data)).frame) == ["a", "b"]


def test_lines_may_end_in_different_ways_and_hold_marks_of_other_ends(tmp_path: Path) -> None:
    text = "a,b\r\n1,x\u2028y\n2,\x0bz\r3,\x85\x1cw\n"
    export = read_export(write(tmp_path / "a.csv", text))
    assert export.rows.tolist() == [2, 3, 4]
    assert export.frame["b"].tolist() == ["x\u2028y", "\x0bz", "\x85\x1cw"]


def test_headings_may_hold_line_breaks(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", '"a\nx","b"\r\n1,2\r\n"3\n",4\r\n'))
    assert export.rows.tolist() == [3, 4]
    assert export.label("a\nx") == "a x"


def test_a_sheet_with_a_title_alone_is_passed_over_and_said(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Summary").write(0, 0, "Report")
        sheet = book.add_worksheet("Raw")
        sheet.write_row(0, 0, ["company", "goals"])
        sheet.write_row(1, 0, ["Acme", 4])
    export = read_export(tmp_path / "a.xlsx")
    assert export.frame["goals"].tolist() == ["4"]
    assert export.decisions[0] == (
        "read the first sheet of more than one row, 'Raw'; the others are 'Summary'"
    )
