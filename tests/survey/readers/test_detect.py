from collections.abc import Callable
from pathlib import Path

import pytest

from survey.problems import InputError
from survey.readers.detect import PLATFORMS, read_export

WriteRecords = Callable[..., Path]

QUALTRICS = [
    ["StartDate", "Status", "ResponseId", "QID1_1", "QID1_2"],
    ["Start Date", "Response Type", "Response ID", "We ... - share goals", "We ... - quarrel"],
    ['{"ImportId":"startDate"}', '{"ImportId":"status"}', '{"ImportId":"_recordId"}',
     '{"ImportId":"QID1_1"}', '{"ImportId":"QID1_2"}'],
    ["2025-03-01 10:00:00", "IP Address", "R_1", "Agree", ""],
]  # fmt: skip
SURVEYMONKEY = [
    ["Respondent ID", "Collector ID", "Your company?", "Rate these", ""],
    ["", "", "Open-Ended Response", "We share goals.", "We quarrel"],
    ["114", "7", "Acme", "Agree", "4"],
]
LIMESURVEY = [["id", "submitdate", "lastpage", "startlanguage", "goals[1]"], ["1", "", "3", "en", "4"]]
KOBO = [["start", "goals/goals_1", "_uuid", "_submission_time"], ["2025-03-01", "4", "u", "2025-03-02"]]
GOOGLE_FORMS = [["Timestamp", "Your company?"], ["2025/03/01 10:00:00 AM GMT+1", "Acme"]]
PLAIN = [["Timestamp", "Your company?", "goals_1"], ["2025/03/01", "Acme", "4"]]
FILES = {
    "qualtrics": QUALTRICS,
    "surveymonkey": SURVEYMONKEY,
    "limesurvey": LIMESURVEY,
    "kobo": KOBO,
    "google_forms": GOOGLE_FORMS,
    "spreadsheet": PLAIN,
}
TWO_ROWS = ("qualtrics", "surveymonkey")


def problem_of(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        read_export(path, **options)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize("platform", FILES)
def test_a_platform_is_known_by_its_header_rows(write_records: WriteRecords, platform: str) -> None:
    path = write_records(FILES[platform])
    for stated in ("auto", platform):
        export = read_export(path, platform=stated)
        assert export.platform == platform
        assert len(export) == 1


@pytest.mark.parametrize("stated", FILES)
@pytest.mark.parametrize("platform", TWO_ROWS)
def test_a_wrong_platform_says_what_was_expected_found_and_likely(
    write_records: WriteRecords, platform: str, stated: str
) -> None:
    if stated == platform:
        return
    message = problem_of(write_records(FILES[platform]), platform=stated)
    assert "wrong platform" in message
    assert "header row" in message
    assert repr(FILES[platform][0][0]) in message
    assert f"platform: {platform}" in message


@pytest.mark.parametrize("platform", [name for name in FILES if name not in TWO_ROWS])
def test_tables_with_one_header_row_are_what_the_study_says(
    write_records: WriteRecords, platform: str
) -> None:
    path = write_records(FILES[platform])
    for stated, known in PLATFORMS.items():
        if known.loose:
            assert read_export(path, platform=stated).platform == stated
        else:
            assert "wrong platform" in problem_of(path, platform=stated)


def test_an_unknown_platform_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'qualtrics'"):
        read_export(tmp_path / "a.csv", platform="qualtrix")


def test_a_csv_file_is_not_spss(write_records: WriteRecords) -> None:
    message = problem_of(write_records(PLAIN), platform="spss")
    assert "is no file of SPSS" in message
    assert ".sav, .zsav or .por" in message


def test_what_was_found_is_said_and_why(write_records: WriteRecords) -> None:
    path = write_records([["company", "growth"], ["Acme", "12,5"], ["Bolt", "3,25"]], mark=";")
    assert read_export(path).decisions == (
        "is UTF-8: all of it can be read so",
        "separates cells by semicolon: it cuts 3 of the first 3 records into 2 cells each",
        "has 1 header row and is read as spreadsheet",
        "writes decimals with a comma in 2 of 2 different numbers",
    )


def test_what_is_stated_is_said_as_such(write_records: WriteRecords) -> None:
    path = write_records([["company", "growth"], ["Acme", "12,5"]], mark=";")
    export = read_export(path, encoding="latin-1", delimiter="semicolon", decimal=",", header_rows=1)
    stated = [said for said in export.decisions if said.endswith("as stated") or "as stated;" in said]
    assert len(stated) == 3
    assert export.frame["growth"].tolist() == ["12.5"]


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["12,5", "3", "1.250"], ","),
        (["12.5", "3", "1,250"], "."),
        (["1,250", "3"], ""),
        (["0.125"], "."),
        (["12,5", "12.5", "3.25"], "."),
        (["a 12,5", "1, 2"], ""),
    ],
)
def test_the_decimal_mark_is_that_of_numbers_that_can_be_read_in_one_way(
    write_records: WriteRecords, cells: list[str], decimal: str
) -> None:
    export = read_export(write_records([["company", "growth"], *(["Acme", cell] for cell in cells)]))
    assert export.decimal == decimal
    assert export.frame["growth"].tolist() == cells


def test_a_mixed_column_says_how_many_numbers_have_the_other_mark(write_records: WriteRecords) -> None:
    export = read_export(write_records([["a", "b"], ["x", "12,5"], ["x", "12.5"], ["x", "3.25"]]))
    assert export.decisions[-1] == ("writes decimals with a point in 2 of 3 different numbers")


def test_a_stated_mark_is_written_as_a_point_where_all_cells_are_numbers(write_records: WriteRecords) -> None:
    path = write_records([["a", "b", "c"], ["1.234,5", "1,2 or so", "7"], ["-3,25", "4,5", "8"]], mark=";")
    frame = read_export(path, decimal=",").frame
    assert frame["a"].tolist() == ["1234.5", "-3.25"]
    assert frame["b"].tolist() == ["1,2 or so", "4,5"]
    assert frame["c"].tolist() == ["7", "8"]
    grouped = write_records([["a", "b"], ["1,234.5", "x"], ["1,000", "y"]], mark=";")
    assert read_export(grouped, decimal=".").frame["a"].tolist() == ["1234.5", "1000"]


@pytest.mark.parametrize("decimal", ["", "comma", ";"])
def test_an_unknown_decimal_mark_is_refused(write_records: WriteRecords, decimal: str) -> None:
    assert "unknown decimal mark" in problem_of(write_records(PLAIN), decimal=decimal)


@pytest.mark.parametrize("rows", [0, -1, "two", 1.5])
def test_an_unknown_number_of_header_rows_is_refused(write_records: WriteRecords, rows: object) -> None:
    assert "unknown number of header rows" in problem_of(write_records(PLAIN), header_rows=rows)


def test_stated_header_rows_of_a_table_are_joined(write_records: WriteRecords) -> None:
    records = [["Firm", "Trust", ""], ["", "promises", "respect"], ["Acme", "4", "5"]]
    export = read_export(write_records(records), header_rows=2)
    assert list(export.frame) == ["Firm", "Trust - promises", "Trust - respect"]
    assert export.rows.tolist() == [3]


def test_stated_header_rows_of_a_platform_overrule_what_is_seen(write_records: WriteRecords) -> None:
    export = read_export(write_records(QUALTRICS), header_rows=2)
    assert (export.platform, len(export), export.rows.tolist()) == ("qualtrics", 2, [3, 4])


@pytest.mark.parametrize("platform", FILES)
def test_the_same_export_twice_in_one_file_is_refused(write_records: WriteRecords, platform: str) -> None:
    records = FILES[platform]
    message = problem_of(write_records([*records, *records]))
    assert f"row {len(records) + 1}: holds the headings of the first row again" in message


def test_another_export_of_the_same_platform_below_is_refused(write_records: WriteRecords) -> None:
    other = [[*row[:-1], "other"] for row in QUALTRICS]
    assert "row 5: holds the headings" in problem_of(write_records([*QUALTRICS, *other]))


def test_another_table_below_of_another_width_is_refused(write_records: WriteRecords) -> None:
    records = [["a", "b", "c"], ["1", "2", "3"], ["1", "2", "3"], ["d", "e"], ["4", "5"]]
    assert "row 4: has 2 cells from here to the end" in problem_of(write_records(records))


def test_an_answer_that_is_a_heading_is_an_answer(write_records: WriteRecords) -> None:
    records = [["name", "best", "worst"], ["name", "crm", "chat"], ["best", "best", "best"]]
    assert len(read_export(write_records(records))) == 2


def test_three_hundred_columns_read_as_they_are(write_records: WriteRecords) -> None:
    records = [[f"v{n}" for n in range(300)], [str(n) for n in range(300)]]
    assert read_export(write_records(records)).frame.shape == (1, 300)
