from collections.abc import Callable
from pathlib import Path

import pytest

from survey.column_map import COLUMNS, propose_map, read_map, write_map
from survey.instrument import Instrument
from survey.matching import match
from survey.problems import InputError
from survey.readers.export import Export

MakeExport = Callable[..., Export]


@pytest.fixture
def export(make_export: MakeExport) -> Export:
    labels = {
        "Q1": "We share goals.",
        "Q2": "We keep promisses.",
        "Q3": "Which do you use?",
        "Q4": "We do not respect each other",
        "a\nb": "Colour, please",
    }
    headings = ["ResponseId", "IPAddress", "Employer", "Title", *labels]
    return make_export(
        {heading: ["1"] for heading in headings}, labels=labels, metadata=["ResponseId", "IPAddress"]
    )


def test_every_column_has_a_row_in_file_order(small: Instrument, export: Export) -> None:
    found = propose_map(export, small)
    assert tuple(found.columns) == COLUMNS
    assert found["column"].tolist() == list(export.frame)
    assert found[["question", "how"]].to_numpy().tolist() == [
        ["respondent", "platform"],
        ["-", "set aside: ip address"],
        ["", ""],
        ["", ""],
        ["goals_1", "wording"],
        ["trust_1", "similar wording"],
        ["tools", "several choices in one cell"],
        ["", ""],
        ["", ""],
    ]
    assert found["score"].tolist()[4] == 100
    assert 90 < found["score"].tolist()[5] < 100
    assert "'trust_2' (86 of 100, but differs in 'not')" in found["alternatives"].iloc[7]


def test_an_edited_map_is_read_back_and_matches(small: Instrument, export: Export, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    proposal = propose_map(export, small)
    edits = {"Employer": "firm", "Title": "job_title", "Q4": "-", "a\nb": "-"}
    edited = proposal.assign(question=proposal["column"].map(edits).fillna(proposal["question"]))
    write_map(path, edited)
    read = read_map(path, small)
    assert set(read.ignored) == {"IPAddress", "Q4", "a\nb"}
    found = match(export, small, columns=read.columns, ignored=read.ignored)
    assert found.columns == {
        "respondent": "ResponseId",
        "company": "Employer",
        "job_title": "Title",
        "goals_1": "Q1",
        "trust_1": "Q2",
        "tool_crm": "Q3",
        "tool_chat": "Q3",
    }
    assert set(found.how.values()) == {"map"}


def test_what_a_spreadsheet_makes_of_a_map_is_read(small: Instrument, export: Export, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    found = propose_map(export, small)
    text = found[found["column"] != "a\nb"].to_csv(index=False, sep=";")
    path.write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    assert read_map(path, small).columns["goals_1"] == "Q1"


def test_a_map_is_not_lost_by_writing_it_again(small: Instrument, export: Export, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("somebody's work", encoding="utf-8")
    with pytest.raises(InputError, match="is there already; nothing was written"):
        write_map(path, propose_map(export, small))
    assert path.read_text(encoding="utf-8") == "somebody's work"
    write_map(path, propose_map(export, small), overwrite=True)
    assert path.read_text(encoding="utf-8-sig").startswith("column,text,question")
    with pytest.raises(InputError, match="a column map is a CSV file"):
        write_map(tmp_path / "map.yaml", propose_map(export, small))


def test_everything_wrong_with_a_map_is_said_at_once(small: Instrument, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(
        "column,question\nQ1,goals_1\nQ2,goals_1\nQ3,golas_2\nQ4,-\nQ4,trust_1\nQ5,\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_map(path, small)
    messages = [str(problem) for problem in caught.value.problems]
    assert len(messages) == 3
    assert messages[0].startswith("map.csv, row 3, question: 'goals_1' is answered by 'Q1' already")
    assert messages[1].startswith("map.csv, row 4, question: the instrument has no such question")
    assert "did you mean 'goals_2'?" in messages[1]
    assert "is passed over in one row and has a question in another" in messages[2]


def test_a_map_without_its_headings_is_refused(small: Instrument, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("heading,item\nQ1,goals_1\n", encoding="utf-8")
    with pytest.raises(InputError, match="there is no column 'column'"):
        read_map(path, small)


def test_what_is_known_is_kept_and_must_be_right(small: Instrument, export: Export) -> None:
    found = propose_map(export, small, columns={"company": "Employer"}).set_index("column")
    assert found.loc["Employer", ["question", "how"]].tolist() == ["company", "map"]
    with pytest.raises(InputError, match="there is no such column"):
        propose_map(export, small, columns={"company": "Firma"})
