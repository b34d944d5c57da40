from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from survey.readers.detect import read_export

WriteRecords = Callable[..., Path]
TWO_ROWS = [
    ["Respondent ID", "Collector ID", "Start Date", "Custom Data 1", "Your company?", "Rate these", "",
     "Size", ""],
    ["", "", "", "", "Open-Ended Response", "We share goals.", "We quarrel", "Response",
     "Other (please specify)"],
    ["114", "7", "03/01/2025 10:00:00 AM", "", "Acme", "Agree", "4", "50 to 249", ""],
]  # fmt: skip
COLUMNS = [
    "Your company?",
    "Rate these - We share goals.",
    "Rate these - We quarrel",
    "Size",
    "Size - Other (please specify)",
]


def test_questions_continue_over_blank_headings(write_records: WriteRecords) -> None:
    export = read_export(write_records(TWO_ROWS))
    assert list(export.frame.columns)[4:] == COLUMNS
    assert export.stems["Rate these - We quarrel"] == "Rate these"
    assert export.metadata == ("Respondent ID", "Collector ID", "Start Date", "Custom Data 1")
    assert export.rows.tolist() == [3]


def test_a_workbook_reads_as_the_csv_file_does(write_records: WriteRecords, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("Sheet")
        sheet.merge_range(0, 5, 0, 6, "Rate these")
        for row, record in enumerate(TWO_ROWS):
            for column, cell in enumerate(record):
                if cell and not (row == 0 and column == 5):
                    sheet.write(row, column, int(cell) if cell.isdigit() else cell)
    export, plain = read_export(tmp_path / "a.xlsx"), read_export(write_records(TWO_ROWS))
    assert export.header_rows == 2
    assert export.frame.equals(plain.frame)
    assert export.labels == plain.labels


def test_one_header_row_gives_the_same_columns(write_records: WriteRecords) -> None:
    one_row = [[*TWO_ROWS[0][:4], *COLUMNS], TWO_ROWS[2]]
    export, plain = read_export(write_records(one_row, "b.csv")), read_export(write_records(TWO_ROWS))
    assert (export.platform, export.header_rows) == ("surveymonkey", 1)
    assert export.frame.equals(plain.frame)
    assert export.labels == plain.labels
    assert {column: plain.stems[column] for column in export.stems} == export.stems
    assert len(export.stems) == 4


def test_blank_subheadings_are_those_of_plain_questions(write_records: WriteRecords) -> None:
    rows = [["Respondent ID", "Company", "Pick", ""], ["", "", "CRM", "Chat"], ["1", "Acme", "CRM", ""]]
    assert list(read_export(write_records(rows)).frame)[1:] == ["Company", "Pick - CRM", "Pick - Chat"]


def test_real_exports_name_repeated_other_fields(real: Path) -> None:
    export = read_export(real / "surveymonkey" / "538_thanksgiving-2015-poll-data.csv")
    sides = [column for column in export.frame if str(column).startswith("Which of these side dishes")]
    assert len(sides) == 15
    assert len({export.stems[column] for column in sides}) == 1


@pytest.mark.parametrize(
    ("added", "word"),
    [
        (["respondent_id", "collector_id", "date_created", "custom_1"], "Response"),
        (
            ["Befragten-ID", "Collector-ID", "Erstellungsdatum", "Benutzerdefinierte Daten 1"],
            "Offene Antwort",
        ),
        (["ID du répondant", "ID du collecteur", "Date de création", "Prénom"], "Réponse ouverte"),
    ],
    ids=["en", "de", "fr"],
)
def test_what_surveymonkey_adds_is_known_in_its_languages(
    write_records: WriteRecords, added: list[str], word: str
) -> None:
    rows = [[*added, *TWO_ROWS[0][4:]], ["", "", "", "", word, *TWO_ROWS[1][5:]], TWO_ROWS[2]]
    export = read_export(write_records(rows))
    assert (export.platform, export.header_rows) == ("surveymonkey", 2)
    assert export.metadata == tuple(added)
    assert list(export.frame)[4:] == COLUMNS


def test_a_second_row_may_be_blank_altogether(write_records: WriteRecords) -> None:
    rows = [["Respondent ID", "Collector ID", "Company", "Goals"], [""] * 4, ["114", "7", "Acme", "4"]]
    export = read_export(write_records(rows))
    assert (export.header_rows, export.rows.tolist()) == (2, [3])
    assert export.frame["Goals"].tolist() == ["4"]


def test_merged_headings_of_a_workbook_continue(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, record in enumerate(TWO_ROWS):
            sheet.write_row(row, 0, record)
        sheet.merge_range(0, 5, 0, 6, "Rate these")
        sheet.merge_range(0, 7, 0, 8, "Size")
    assert list(read_export(tmp_path / "a.xlsx").frame)[4:] == COLUMNS
