import csv
import io
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from survey.problems import InputError
from survey.readers.detect import read_export

ROOT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("ALIGNMARK_REAL_DATA", ROOT.parent / "shared" / "data")) / "platform_exports"

QUALTRICS = [
    ["StartDate", "Status", "ResponseId", "Q_RecaptchaScore", "QID1_1", "QID1_2"],
    ["Start Date", "Response Type", "Response ID", "Score", "We ... - share goals", "We ... - quarrel"],
    ['{"ImportId":"startDate"}', '{"ImportId":"status"}', '{"ImportId":"_recordId"}', '{"ImportId":"Q_R"}',
     '{"ImportId":"QID1_1"}', '{"ImportId":"QID1_2"}'],
    ["2025-03-01 10:00:00", "IP Address", "R_1", "0.9", "Agree", ""],
]  # fmt: skip
LEGACY = [
    ["V1", "V8", "Q1", ""],
    ["ResponseID", "StartDate", "We share goals.", ""],
    ["R_1", "2015-03-01 10:00:00", "4", ""],
]
SURVEYMONKEY = [
    ["Respondent ID", "Collector ID", "Start Date", "Custom Data 1", "Your company?", "Rate these", "",
     "Size", ""],
    ["", "", "", "", "Open-Ended Response", "We share goals.", "We quarrel", "Response",
     "Other (please specify)"],
    ["114", "7", "03/01/2025 10:00:00 AM", "", "Acme", "Agree", "4", "50 to 249", ""],
]  # fmt: skip
PLAIN = [["Timestamp", "Your company?", "goals_1"], ["2025/03/01", "Acme", "4"]]
FILES = {"qualtrics": QUALTRICS, "surveymonkey": SURVEYMONKEY, "spreadsheet": PLAIN}


def write(path: Path, records: list[list[str]]) -> Path:
    stream = io.StringIO()
    csv.writer(stream).writerows(records)
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("platform", FILES)
def test_a_platform_is_known_by_its_header_rows(tmp_path: Path, platform: str) -> None:
    path = write(tmp_path / "a.csv", FILES[platform])
    for stated in ("auto", platform):
        export = read_export(path, platform=stated)
        assert export.platform == platform
        assert len(export) == 1


@pytest.mark.parametrize("stated", FILES)
@pytest.mark.parametrize("platform", FILES)
def test_a_wrong_platform_says_what_was_expected_found_and_likely(
    tmp_path: Path, platform: str, stated: str
) -> None:
    if stated == platform:
        return
    path = write(tmp_path / "a.csv", FILES[platform])
    with pytest.raises(InputError) as caught:
        read_export(path, platform=stated)
    (problem,) = caught.value.problems
    assert "wrong platform" in problem.what
    assert "header row" in problem.what
    assert repr(FILES[platform][0][0]) in problem.what
    assert f"platform: {platform}" in problem.allowed


def test_an_unknown_platform_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'qualtrics'"):
        read_export(tmp_path / "a.csv", platform="qualtrix")


def test_qualtrics_ids_texts_and_metadata(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", QUALTRICS))
    assert export.header_rows == 3
    assert export.rows.tolist() == [4]
    assert export.label("QID1_2") == "We ... - quarrel"
    assert export.metadata == ("StartDate", "Status", "ResponseId", "Q_RecaptchaScore")
    assert export.frame["QID1_2"].isna().all()


def test_qualtrics_without_responses_is_an_empty_wave(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is an empty wave"):
        read_export(write(tmp_path / "a.csv", QUALTRICS[:3]))


def test_old_qualtrics_exports_get_the_names_of_their_second_row(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", LEGACY))
    assert export.platform == "qualtrics"
    assert list(export.frame.columns) == ["ResponseID", "StartDate", "Q1", "column 4"]
    assert export.metadata == ("ResponseID", "StartDate", "column 4")


def test_surveymonkey_continues_questions_over_blank_headings(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", SURVEYMONKEY))
    assert list(export.frame.columns)[4:] == [
        "Your company?",
        "Rate these - We share goals.",
        "Rate these - We quarrel",
        "Size",
        "Size - Other (please specify)",
    ]
    assert export.stems["Rate these - We quarrel"] == "Rate these"
    assert export.metadata == ("Respondent ID", "Collector ID", "Start Date", "Custom Data 1")
    assert export.rows.tolist() == [3]


def test_a_plain_table_keeps_what_a_platform_added_as_metadata(tmp_path: Path) -> None:
    export = read_export(write(tmp_path / "a.csv", PLAIN))
    assert export.metadata == ("Timestamp",)
    assert export.label("goals_1") == "goals_1"


def manifest() -> list[dict[str, object]]:
    path = REAL / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


@pytest.mark.skipif(not manifest(), reason=f"no real exports in {REAL}")
def test_real_exports_have_the_rows_and_columns_of_their_manifest() -> None:
    found, expected = [], []
    for entry in manifest():
        export = read_export(REAL / str(entry["file"]))
        encoding = "utf-8" if entry["encoding"] == "ascii" else entry["encoding"]
        expected.append([entry["file"], entry["header_rows"], entry["data_rows"], entry["columns"], encoding])
        found.append([entry["file"], export.header_rows, *export.frame.shape, export.encoding])
        assert export.frame.columns.is_unique
    assert len(found) > 30
    names = ["file", "header_rows", "data_rows", "columns", "encoding"]
    pd.testing.assert_frame_equal(pd.DataFrame(found, columns=names), pd.DataFrame(expected, columns=names))


@pytest.mark.skipif(not manifest(), reason=f"no real exports in {REAL}")
def test_row_numbers_of_a_real_export_with_line_breaks_in_cells() -> None:
    path = REAL / "google_forms" / "jupyter_2016_education_responses.csv"
    export = read_export(path)
    lines = path.read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = export.frame["Timestamp"].tolist()
    assert (pd.Series(export.rows).diff().iloc[1:] > 1).any()
    assert all(lines[row - 1].startswith(stamp) for row, stamp in zip(export.rows, starts, strict=True))
