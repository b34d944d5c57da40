import json
from collections.abc import Callable
from pathlib import Path

import pytest

from survey.problems import InputError
from survey.readers.detect import read_export
from survey.readers.qualtrics import preview_responses

WriteRecords = Callable[..., Path]
LEGACY = [
    ["V1", "V8", "Q1", ""],
    ["ResponseID", "StartDate", "We share goals.", ""],
    ["R_1", "2015-03-01 10:00:00", "4", ""],
]
META = [
    ("StartDate", "Start Date", "startDate"),
    ("Status", "Response Type", "status"),
    ("Finished", "Finished", "finished"),
    ("ResponseId", "Response ID", "_recordId"),
]


def records(
    columns: list[tuple[str, str, str]], *answers: list[str], header_rows: int = 3
) -> list[list[str]]:
    """Write answers below the header rows of today's exports; an answer begins with status and finished."""
    ids, texts, imports = zip(*META, *columns, strict=True)
    header = [list(ids), list(texts), [json.dumps({"ImportId": key}) for key in imports]]
    body = [
        ["2025-03-01 10:00:00", *answer[:2], f"R_{n}", *answer[2:]]
        for n, answer in enumerate(answers, start=1)
    ]
    return header[:header_rows] + body


GOALS = [
    ("Q1_1", "Rate these - goals", "QID1_1"),
    ("Q1_2", "Rate these - trust", "QID1_2"),
    ("Q2", "Anything else?", "QID2_TEXT"),
]


@pytest.mark.parametrize("header_rows", [1, 2, 3])
def test_one_two_and_three_header_rows_are_told_apart(write_records: WriteRecords, header_rows: int) -> None:
    path = write_records(records(GOALS, ["0", "1", "4", "5", "no"], header_rows=header_rows))
    export = read_export(path)
    assert (export.platform, export.header_rows, len(export)) == ("qualtrics", header_rows, 1)
    assert export.rows.tolist() == [header_rows + 1]
    assert export.label("Q1_2") == ("Rate these - trust" if header_rows > 1 else "Q1_2")
    assert export.metadata == ("StartDate", "Status", "Finished", "ResponseId")


def test_second_header_rows_in_another_language_are_no_answers(write_records: WriteRecords) -> None:
    rows = records(GOALS, ["0", "1", "4", "5", "no"], header_rows=2)
    rows[1][:4] = ["Anfangsdatum", "Antworttyp", "Beendet", "Antwort-ID"]
    assert read_export(write_records(rows)).header_rows == 2


def test_tab_separated_exports_in_utf_16_read_the_same(write_records: WriteRecords, tmp_path: Path) -> None:
    rows = records(GOALS, ["0", "1", "4", "5", "line\nbreak, “quoted”"])
    csv_file = write_records(rows)
    text = write_records(rows, "b.csv", mark="\t").read_bytes().decode()
    (tmp_path / "a.tsv").write_bytes(text.encode("utf-16"))
    export = read_export(tmp_path / "a.tsv")
    assert export.encoding == "utf-16"
    assert export.frame.equals(read_export(csv_file).frame)
    assert export.frame["Q2"][0] == "line\nbreak, “quoted”"


def test_without_responses_it_is_an_empty_wave(write_records: WriteRecords) -> None:
    with pytest.raises(InputError, match="is an empty wave"):
        read_export(write_records(records(GOALS)))


def test_old_exports_get_the_names_of_their_second_row(write_records: WriteRecords) -> None:
    export = read_export(write_records(LEGACY))
    assert export.platform == "qualtrics"
    assert list(export.frame.columns) == ["ResponseID", "StartDate", "Q1", "column 4"]
    assert export.metadata == ("ResponseID", "StartDate", "column 4")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("IP Address", False),
        ("0", False),
        ("Imported", False),
        ("Spam", False),
        ("8", False),
        ("Survey Preview", True),
        ("survey test ", True),
        ("Offline Survey Preview", True),
        ("1", True),
        ("2", True),
        ("17", True),
    ],
)
def test_previews_and_tests_are_known_by_status(
    write_records: WriteRecords, status: str, expected: bool
) -> None:
    export = read_export(write_records(records(GOALS, [status, "True", "4", "5", "no"])))
    assert preview_responses(export).tolist() == [expected]
    assert ("has 1 preview or test response" in export.decisions) == expected


def test_previews_are_known_by_channel(write_records: WriteRecords) -> None:
    channel = [("DistributionChannel", "Distribution Channel", "distributionChannel"), *GOALS]
    rows = records(channel, ["0", "1", "preview", "4", "5", ""], ["0", "1", "anonymous", "4", "5", ""])
    assert preview_responses(read_export(write_records(rows))).tolist() == [True, False]


def test_numbers_in_the_status_of_other_platforms_are_no_previews(write_records: WriteRecords) -> None:
    export = read_export(write_records([["Respondent ID", "Status", "q"], ["114", "1", "4"]]))
    assert preview_responses(export).tolist() == [False]


def test_previews_in_real_exports_are_those_of_their_status(real: Path) -> None:
    for name in ("raw", "text", "numeric", "fetch", "fetch2"):
        export = read_export(real / "qualtrics" / f"excluder_qualtrics_{name}.csv")
        assert preview_responses(export).sum() == 2, name
        written = "texts" if name in ("raw", "text") else "codes"
        assert f"gives answers as {written}" in export.decisions


def test_headings_of_matrices_that_repeat_are_numbered_and_labels_tell_them_apart(real: Path) -> None:
    name = "Single_Answer_Matrix_Questions__Single_Answer_Matrix_Questions.csv"
    export = read_export(real / "qualtrics" / "QualtricsTools" / name)
    rows = ["question_one", "question_one.1", "question_one.2"]
    assert set(rows) < set(export.frame)
    assert len({export.label(row) for row in rows}) == 3


def test_columns_of_a_matrix_share_what_stands_before_the_dash(write_records: WriteRecords) -> None:
    columns = [
        ("Q1_1", "Rate co-operation - A - sales", "QID1_1"),
        ("Q1_2", "Rate co-operation - A - marketing", "QID1_2"),
        ("Q3_1", "Something - else", "QID3_1"),
    ]
    export = read_export(write_records(records(columns, ["0", "1", "4", "5", "6"])))
    assert export.stems == {"Q1_1": "Rate co-operation - A", "Q1_2": "Rate co-operation - A"}


def test_text_fields_beside_choices_have_labels_of_their_own(write_records: WriteRecords) -> None:
    columns = [("Q1", "Your function?", "QID1"), ("Q1_TEXT", "Your function?", "QID1_4_TEXT")]
    export = read_export(write_records(records(columns, ["0", "1", "4", "Finance"])))
    assert [export.label(key) for key in ("Q1", "Q1_TEXT")] == ["Your function?", "Your function? - Text"]


def test_seen_but_unanswered_is_no_answer_where_several_columns_say_so(write_records: WriteRecords) -> None:
    export = read_export(
        write_records(records(GOALS, ["0", "1", "-99", "4", "x"], ["0", "1", "5", "-99", "y"]))
    )
    assert export.frame["Q1_1"].isna().tolist() == [True, False]
    assert export.missing["Q1_1"].tolist()[0] == "-99"
    assert list(export.missing) == ["Q1_1", "Q1_2"]
    once = read_export(write_records(records(GOALS, ["0", "1", "-99", "4", "x"]), "b.csv"))
    assert once.frame["Q1_1"].tolist() == ["-99"]
    assert once.missing.empty


def test_several_choices_in_one_cell_are_seen(write_records: WriteRecords) -> None:
    answers = [["0", "1", "4", "5", cell] for cell in ("1,3", "2", "1,2", "3,1,2")]
    assert read_export(write_records(records(GOALS, *answers))).multiple == {"Q2": ","}


QSF = {
    "SurveyEntry": {"SurveyLanguage": "EN"},
    "SurveyElements": [
        {"Element": "BL", "Payload": []},
        {
            "Element": "SQ",
            "Payload": {
                "QuestionText": "Which tools<br>do you&nbsp;use?",
                "DataExportTag": "Q5",
                "QuestionType": "MC",
                "Selector": "MAVR",
                "Choices": {"1": {"Display": "CRM"}, "2": {"Display": "Other", "TextEntry": "true"}},
                "RecodeValues": {"1": "2", "2": "1"},
            },
        },
        {
            "Element": "SQ",
            "Payload": {
                "QuestionText": "Rate these",
                "DataExportTag": "Q1",
                "QuestionType": "Matrix",
                "Selector": "Likert",
                "SubSelector": "SingleAnswer",
                "Choices": {"1": {"Display": "goals"}, "2": {"Display": "trust"}},
                "Answers": [{"Display": "never"}, {"Display": "often"}],
                "RecodeValues": {"0": "5", "1": "7"},
            },
        },
        {
            "Element": "SQ",
            "Payload": {
                "QuestionText": "Why?",
                "DataExportTag": "Q2",
                "QuestionType": "TE",
                "Selector": "SL",
            },
        },
    ],
}


def test_a_qsf_gives_wordings_codes_and_ticks(write_records: WriteRecords, tmp_path: Path) -> None:
    columns = [
        ("Q1_1", "Rate these - goals", "QID1_1"),
        ("Q1_2", "Rate these - trust", "QID1_2"),
        ("Q2", "Q2", "QID2_TEXT"),
        ("Q5_2", "Which tools do... - CRM", "QID5_1"),
        ("Q5_1", "Which tools do... - Other", "QID5_2"),
        ("Q5_2_TEXT", "Which tools do... - Other - Text", "QID5_2_TEXT"),
    ]
    (tmp_path / "a.qsf").write_text(json.dumps(QSF), encoding="utf-8")
    path = write_records(records(columns, ["0", "1", "5", "7", "because", "1", "", ""]))
    export = read_export(path, labels=tmp_path / "a.qsf")
    assert export.values["Q1_1"] == {"5": "never", "7": "often"}
    assert export.label("Q2") == "Why?"
    assert export.label("Q5_2") == "Which tools do you use? - CRM"
    assert export.label("Q5_1") == "Which tools do you use? - Other"
    assert export.ticked == {"Q5_2": "1"}
    assert export.stems["Q5_1"] == "Which tools do you use?"
    assert "Q5_2_TEXT" not in export.values
    assert export.decisions[-1] == "has its questions described in a.qsf: 6 of 6 columns"


def test_an_unsplit_question_with_several_answers_is_known_from_the_qsf(
    write_records: WriteRecords, tmp_path: Path
) -> None:
    (tmp_path / "a.qsf").write_text(json.dumps(QSF), encoding="utf-8")
    path = write_records(records([("Q5", "Which tools do you use?", "QID5")], ["0", "1", "2,1"]))
    export = read_export(path, labels=tmp_path / "a.qsf")
    assert export.multiple == {"Q5": ","}
    assert export.values["Q5"] == {"2": "CRM", "1": "Other"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "is no Qualtrics questionnaire"),
        ('{"SurveyElements": 4}', "is no Qualtrics questionnaire"),
        ("{" * 5000, "is no Qualtrics questionnaire"),
        ("nothing", "is no questionnaire"),
        (json.dumps({"SurveyElements": []}), "describes no column of the export"),
    ],
)
def test_a_file_that_is_no_qsf_is_named(
    write_records: WriteRecords, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "a.qsf").write_text(content, encoding="utf-8")
    path = write_records(records(GOALS, ["0", "1", "4", "5", "no"]))
    with pytest.raises(InputError, match=f"a.qsf.*: {said}"):
        read_export(path, labels=tmp_path / "a.qsf")
    with pytest.raises(InputError, match="there is no such file"):
        read_export(path, labels=tmp_path / "b.qsf")


@pytest.mark.parametrize(
    ("deleted", "name", "label"), [(0, "We share goals.", "We share goals."), (1, "Q1", "Q1")]
)
def test_a_header_row_may_be_deleted_above_the_import_ids(
    write_records: WriteRecords, deleted: int, name: str, label: str
) -> None:
    rows = records([("Q1", "We share goals.", "QID1")], ["IP Address", "True", "4"])
    export = read_export(write_records(rows[:deleted] + rows[deleted + 1 :]))
    assert (export.platform, export.header_rows, export.rows.tolist()) == ("qualtrics", 2, [3])
    assert export.label(name) == label
    assert export.frame[name].tolist() == ["4"]


def test_what_is_recorded_beside_answers_is_metadata(write_records: WriteRecords) -> None:
    beside = ["Q1_DO_1", "Q1_DO", "FL_12_DO", "Q9_First Click", "Q9_Page Submit", "Q8_NPS_GROUP", "Q5 - Topics",
              "Q7_Browser", "Q_RecaptchaScore"]  # fmt: skip
    own = ["1_Q3", "2_Q3", "Q5", "Q6_1", "Q6_1_TEXT", "SC0", "region"]
    columns = [(id_, f"About {id_}", id_) for id_ in own + beside]
    export = read_export(write_records(records(columns, ["IP Address", "True", *own, *beside])))
    assert export.metadata[4:] == tuple(beside)
    assert [column for column in export.frame if column not in export.metadata] == own


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_legacy_tab_separated_exports_read_with_and_without_a_mark(
    write_records: WriteRecords, encoding: str
) -> None:
    rows = records([("Q1", "Größte\nHürde?", "QID1")], ["IP Address", "True", "Zürich\tund\nBern"])
    path = write_records(rows, mark="\t")
    plain = read_export(path)
    path.write_bytes(path.read_bytes().decode().encode(encoding))
    export = read_export(path)
    assert export.encoding == encoding
    assert export.frame.equals(plain.frame)
    assert (export.rows == plain.rows).all()
