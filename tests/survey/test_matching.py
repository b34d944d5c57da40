from collections.abc import Callable

import pytest

from survey.instrument import Instrument
from survey.matching import match
from survey.problems import InputError
from survey.readers.export import Export

MakeExport = Callable[..., Export]
WHO = {"company": ["Acme"], "function": ["Sales"]}


def problems_of(*arguments: object, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        match(*arguments, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def test_columns_are_found_by_id_whatever_their_case(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({"Firm": ["Acme"], "DEPARTMENT": ["Sales"], "goals_1": ["4"], "weight": ["1"]})
    assert match(export, small) == {
        "company": "Firm",
        "function": "DEPARTMENT",
        "goals_1": "goals_1",
        "weight": "weight",
    }


@pytest.mark.parametrize(
    ("label", "question"),
    [
        ("We share goals.", "goals_1"),
        ("  we SHARE goals ", "goals_1"),
        ("Wir haben gemeinsame Ziele.", "goals_1"),
        ("How far do you agree? - We share goals.", "goals_1"),
        ("How far do you agree? - We quarrel - often.", "goals_2"),
        ("Please rate: <b>We keep promises.</b>", "trust_1"),
        ("Which do you use? - CRM", "tool_crm"),
        ("Was nutzen Sie? – Chat-Programm", "tool_chat"),
        ("Which do you use?:CRM", "tool_crm"),
    ],
)
def test_columns_are_found_by_wording(
    small: Instrument, make_export: MakeExport, label: str, question: str
) -> None:
    export = make_export({**WHO, "QID7_1": ["4"]}, labels={"QID7_1": label})
    assert match(export, small)[question] == "QID7_1"


def test_a_heading_over_one_column_is_its_question(small: Instrument, make_export: MakeExport) -> None:
    columns = {"Your company? - Name": ["Acme"], "Your function? - A": ["x"], "Your function? - B": ["x"]}
    stems = {column: column.split(" - ")[0] for column in columns}
    export = make_export({**columns, "goals_1": ["4"]}, stems=stems)
    messages = problems_of(export, small)
    assert not any("company" in message for message in messages)
    assert any("no column says the function" in message for message in messages)


def test_the_map_of_the_study_comes_first(small: Instrument, make_export: MakeExport) -> None:
    export = make_export(
        {"Q1": ["Acme"], "Q2": ["Sales"], "Q3": ["4"], "Q4": ["5"]},
        labels={"Q3": "We share goals.", "Q4": "Something else"},
    )
    columns = {"company": "Q1", "department": "Q2", "goals_1": "Something else", "trust_1": "Q3"}
    found = match(export, small, columns=columns)
    assert found == {"company": "Q1", "function": "Q2", "goals_1": "Q4", "trust_1": "Q3"}


def test_one_column_may_be_mapped_to_two_purposes(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({"id": ["7"], "function": ["sales"], "goals_1": ["4"]})
    found = match(export, small, columns={"company": "id", "respondent": "id"})
    assert found["company"] == found["respondent"] == "id"


def test_platform_metadata_gives_respondent_start_and_duration(
    small: Instrument, make_export: MakeExport
) -> None:
    metadata = ["ResponseId", "StartDate", "Duration (in seconds)", "IPAddress"]
    export = make_export({**WHO, "goals_1": ["4"], **{name: ["1"] for name in metadata}}, metadata=metadata)
    found = match(export, small)
    assert found["respondent"] == "ResponseId"
    assert found["started"] == "StartDate"
    assert found["duration_s"] == "Duration (in seconds)"
    assert "IPAddress" not in found.values()
    assert match(export, small, columns={"respondent": "IPAddress"})["respondent"] == "IPAddress"


def test_everything_wrong_is_said_at_once(small: Instrument, make_export: MakeExport) -> None:
    export = make_export(
        {"Q1": ["x"], "Q2": ["x"], "Q3": ["x"], "goals_1": ["4"]},
        labels={"Q1": "We share gaols.", "Q2": "We keep promises.", "Q3": "We keep promises."},
        first_row=4,
    )
    messages = problems_of(export, small, columns={"goals_3": "Q1", "goals_2": "Q9"})
    text = "\n".join(messages)
    assert "goals_3: the column map names a question that the instrument does not have" in text
    assert "Q9: there is no such column, mapped to 'goals_2'" in text
    assert "several columns answer 'trust_1': 'Q2', 'Q3'" in text
    assert "Q1: the instrument has no question with this heading or wording" in text
    assert "did you mean 'goals_1'?" in text
    assert "no column says the company" in text
    assert "no column says the function" in text
    assert all(message.startswith("2025.csv") for message in messages)
    assert "2025.csv, row 1, Q1" in text


def test_unknown_columns_can_be_passed_over_but_doubles_cannot(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export({**WHO, "goals_1": ["4"], "shoe size": ["42"]})
    assert "shoe size" in problems_of(export, small)[0]
    assert "shoe size" not in match(export, small, ignore_unknown=True).values()
    twice = make_export({**WHO, "goals_1": ["4"], "Q9": ["4"]}, labels={"Q9": "We share goals."})
    (message,) = problems_of(twice, small, ignore_unknown=True)
    assert "several columns answer 'goals_1'" in message


def test_a_wording_that_the_map_already_placed_is_explained(
    small: Instrument, make_export: MakeExport
) -> None:
    labels = {"Q1": "We share goals.", "Q2": "We share goals."}
    export = make_export({**WHO, "Q1": ["4"], "Q2": ["4"]}, labels=labels)
    (message,) = problems_of(export, small, columns={"goals_1": "Q1"})
    assert "Q2: has the wording of 'goals_1', which 'Q1' answers already" in message


def test_an_id_with_the_wording_of_another_question_is_refused(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export({**WHO, "goals_1": ["4"]}, labels={"goals_1": "We keep promises."})
    (message,) = problems_of(export, small)
    assert "has the id of 'goals_1' and the wording of 'trust_1'" in message


def test_a_file_without_a_single_question_is_refused(small: Instrument, make_export: MakeExport) -> None:
    (message,) = problems_of(make_export(WHO), small)
    assert "no column answers a question of the instrument 'small'" in message
