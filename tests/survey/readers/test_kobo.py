import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from survey.problems import InputError
from survey.readers.detect import read_export
from survey.readers.xlsform import read_xlsform

WriteRecords = Callable[..., Path]
ADDED = ["_id", "_uuid", "_submission_time", "_index"]
EXPORT = [
    [
        "start",
        "firm",
        "tools",
        "tools/crm",
        "tools/chat",
        "rate/goals",
        "rate/trust",
        "a/why",
        "b/why",
        *ADDED,
    ],
    ["2025-03-01T10:00:00", "Acme", "crm chat", "1", "1", "4", "5", "x", "y", "1", "u1", "2025-03-01", "1"],
    ["2025-03-01T10:00:00", "Bolt", "chat", "0", "1", "3", "", "x", "", "2", "u2", "2025-03-01", "2"],
]
FORM = {
    "survey": [
        ["type", "name", "label::English (en)", "label::Deutsch (de)"],
        ["start", "start", "", ""],
        ["text", "firm", "Your company?", "Ihr Unternehmen?"],
        ["begin_group", "rate", "Rate these", "Bewerten Sie"],
        ["select_one freq", "goals", "We share goals", "Wir teilen Ziele"],
        ["select one from freq or specify other", "trust", "We trust", "Wir vertrauen"],
        ["end_group", "", "", ""],
        ["select_multiple tools", "tools", "Which <b>tools</b>?", "Welche Mittel?"],
    ],
    "choices": [
        ["list_name", "name", "label::English (en)", "label::Deutsch (de)"],
        ["freq", "4", "often", "oft"],
        ["freq", "5", "always", "immer"],
        ["", "", "", ""],
        ["tools", "crm", "A CRM", "Ein CRM"],
        ["tools", "chat", "Chat", "Chat"],
    ],
    "settings": [["form_title", "default_language"], ["Study", "Deutsch (de)"]],
}


def write_form(path: Path, form: dict[str, list[list[str]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in form.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def test_groups_are_left_out_of_names_where_these_stay_apart(write_records: WriteRecords) -> None:
    export = read_export(write_records(EXPORT, mark=";"))
    assert export.platform == "kobo"
    own = ["firm", "tools", "tools/crm", "tools/chat", "goals", "trust", "a/why", "b/why"]
    assert list(export.frame)[1:9] == own
    assert "has groups before the names of questions, as in 'rate/goals': left out" in export.decisions


def test_choices_in_one_cell_and_in_columns_are_the_same(write_records: WriteRecords) -> None:
    export = read_export(write_records(EXPORT))
    assert export.multiple == {"tools": " "}
    assert export.metadata == ("start", "tools", *ADDED)
    assert export.stems == {"tools/crm": "tools", "tools/chat": "tools"}


def test_choices_in_one_cell_alone_are_seen(write_records: WriteRecords) -> None:
    names = ["crm chat", "chat", "crm", "email crm", "chat email"]
    rows = [["firm", "why", "tools", *ADDED]]
    rows += [["Acme", f"we do {n}", name, "1", f"u{n}", "2025-03-01", "1"] for n, name in enumerate(names)]
    export = read_export(write_records(rows))
    assert export.multiple == {"tools": " "}
    assert "tools" not in export.metadata


def test_exports_of_odk_central_are_known(write_records: WriteRecords) -> None:
    rows = [["SubmissionDate", "firm", "KEY", "SubmitterID"], ["2025-03-01", "Acme", "uuid:1", "9"]]
    export = read_export(write_records(rows))
    assert (export.platform, export.metadata) == ("kobo", ("SubmissionDate", "KEY", "SubmitterID"))


def test_an_xlsform_gives_wordings_and_choices_in_its_language(
    write_records: WriteRecords, tmp_path: Path
) -> None:
    form = write_form(tmp_path / "form.xlsx", FORM)
    export = read_export(write_records(EXPORT), labels=form)
    assert export.label("firm") == "Ihr Unternehmen?"
    assert export.values["goals"] == export.values["trust"] == {"4": "oft", "5": "immer"}
    assert export.label("tools/crm") == "Welche Mittel? - Ein CRM"
    assert export.multiple == {"tools": " "}
    assert export.values["tools"] == {"crm": "Ein CRM", "chat": "Chat"}
    # "tools" repeats its choices and counts because the form has it; "a/why" and "b/why" are not in the form.
    assert "has its questions described in form.xlsx: 6 of 8 columns" in export.decisions


def test_a_table_without_what_kobo_adds_is_read_by_its_form(
    write_records: WriteRecords, tmp_path: Path
) -> None:
    path = write_records([["firm", "tools", "rate/goals"], ["Acme", "crm chat", "4"]])
    assert read_export(path).platform == "spreadsheet"
    export = read_export(path, labels=write_form(tmp_path / "form.xlsx", FORM))
    assert export.platform == "kobo"
    assert list(export.frame) == ["firm", "tools", "goals"]
    assert export.multiple == {"tools": " "}


def test_columns_of_choices_alone_are_found_by_their_names(
    write_records: WriteRecords, tmp_path: Path
) -> None:
    path = write_records([["firm", "tools/crm", "tools/chat"], ["Acme", "1", "0"]])
    export = read_export(path, labels=write_form(tmp_path / "form.xlsx", FORM))
    assert export.label("tools/chat") == "Welche Mittel? - Chat"
    assert export.stems["tools/chat"] == "Welche Mittel?"


def test_headings_that_are_wordings_are_found(write_records: WriteRecords, tmp_path: Path) -> None:
    path = write_records([["Your company?", "We trust", *ADDED], ["Acme", "always", "1", "u", "2025", "1"]])
    export = read_export(path, labels=write_form(tmp_path / "form.xlsx", FORM))
    assert export.values["We trust"] == {"4": "oft", "5": "immer"}


def test_a_real_export_with_its_form(real: Path, tmp_path: Path) -> None:
    form = {}
    for sheet in ("survey", "choices"):
        path = real / "kobo_xlsform" / f"cleaningtools_{sheet}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            form[sheet] = list(csv.reader(stream))
    export = read_export(
        real / "kobo_xlsform" / "cleaningtools_raw_data.csv", labels=write_form(tmp_path / "form.xlsx", form)
    )
    assert "start" in export.frame
    assert export.label("primary_livelihood.savings").endswith(" - Savings")
    assert export.multiple["primary_livelihood"] == " "
    assert len(export.multiple) == 19
    coded = [column for column in export.values if column not in export.multiple]
    assert len(coded) > 70
    unknown = {
        column: set(export.frame[column].dropna()) - set(export.values[column])
        for column in coded
        if not set(export.frame[column].dropna()) <= set(export.values[column])
    }
    assert set(unknown) == {
        "neighbourhood",
        "pay_water_charges_when",
    }  # renamed when these data were published


def test_real_forms_are_read(real: Path) -> None:
    folder = real / "kobo_xlsform"
    (sex,) = read_xlsform((folder / "pyxform_specify_other.xls").read_bytes(), "a.xls")
    assert (sex.headings, sex.label, dict(sex.values)) == (
        ("sex",),
        "What sex are you?",
        {"male": "Male", "female": "Female"},
    )
    spec = {
        column.headings[0]: column
        for column in read_xlsform((folder / "pyxform_xlsform_spec_test.xlsx").read_bytes(), "a.xlsx")
    }
    assert spec["select_multiple_test"].multiple == " "
    assert spec["select_multiple_test/yes"].label == "select multiple test - Yes"
    assert dict(spec["skip_to_end"].values) == {"yes": "Yes", "no": "No"}


def test_a_workbook_that_is_no_form_is_named(write_records: WriteRecords, tmp_path: Path) -> None:
    wrong = write_form(tmp_path / "form.xlsx", {"survey": [["a", "b"], ["1", "2"]]})
    with pytest.raises(InputError, match="is no XLSForm"):
        read_export(write_records(EXPORT), labels=wrong)
    other = write_form(tmp_path / "other.xlsx", {"answers": [["a", "b"], ["1", "2"]]})
    with pytest.raises(InputError, match="has no sheet called 'survey'"):
        read_export(write_records(EXPORT), labels=other)


def test_groups_of_odk_are_left_out_too(write_records: WriteRecords) -> None:
    rows = [["SubmissionDate", "start", "intro-firm", "intro-rate-goals", "meta-instanceID", "KEY"],
            ["2025-03-01", "2025", "Acme", "4", "uuid:1", "uuid:1"]]  # fmt: skip
    export = read_export(write_records(rows))
    assert list(export.frame)[2:4] == ["firm", "goals"]
    assert export.metadata == ("SubmissionDate", "start", "meta-instanceID", "KEY")
    assert "as in 'intro-firm'" in export.decisions[-1]


def test_choices_without_their_question_are_told_from_groups(write_records: WriteRecords) -> None:
    head = ["a/firm", "a/tools/crm", "a/tools/chat", "rate/goals", "rate/trust", *ADDED]
    rows = [
        head,
        ["Acme", "1", "0", "1", "1", "1", "u", "2025", "1"],
        ["Bolt", "0", "0", "1", "1", "2", "v", "2025", "1"],
    ]
    export = read_export(write_records(rows))
    assert list(export.frame)[:5] == ["firm", "tools/crm", "tools/chat", "goals", "trust"]
    assert export.stems == {"tools/crm": "tools", "tools/chat": "tools"}


def test_sheets_of_repeated_groups_are_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name, rows in (
            ("survey", [["firm", *ADDED], ["Acme", "1", "u", "2025", "1"]]),
            ("team", [["role", "_index", "_parent_table_name", "_parent_index"], ["boss", 1, "survey", 1]]),
        ):
            sheet = book.add_worksheet(name)
            for row, record in enumerate(rows):
                sheet.write_row(row, 0, record)
    export = read_export(tmp_path / "a.xlsx")
    assert (export.platform, len(export)) == ("kobo", 1)
    assert "read the first sheet, 'survey'; the others are 'team'" in export.decisions
    assert read_export(tmp_path / "a.xlsx", sheet="team").frame["role"].tolist() == ["boss"]
