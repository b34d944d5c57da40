from collections.abc import Callable

import pytest

from survey.instrument import Instrument, read_instrument
from survey.matching import MatchedExport, match
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
    assert match(export, small).columns == {
        "company": "Firm",
        "function": "DEPARTMENT",
        "goals_1": "goals_1",
        "weight": "weight",
    }


def test_company_and_department_are_found_under_german_headings(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export({"Firma": ["Acme"], "Abteilung": ["Vertrieb"], "goals_1": ["4"]})
    assert match(export, small).columns == {
        "company": "Firma",
        "department": "Abteilung",
        "goals_1": "goals_1",
    }


def test_a_german_heading_takes_no_place_that_is_taken(small: Instrument, make_export: MakeExport) -> None:
    export = make_export(
        {"Firma": ["Holding"], "company": ["Acme"], "Department": ["Sales"], "goals_1": ["4"]}
    )
    assert match(export, small, ignore_unknown=True).columns["company"] == "company"


@pytest.mark.parametrize(
    ("label", "question"),
    [
        ("We share goals.", "goals_1"),
        ("  we SHARE goals ", "goals_1"),
        ("Wir haben gemeinsame Ziele.", "goals_1"),
        ("How far do you agree? - We share goals.", "goals_1"),
        ("How far do you agree? - We quarrel - often.", "goals_2"),
        ("Please rate: <b>We keep promises.</b>", "trust_1"),
        ("12. We share goals.", "goals_1"),
        ("Q7: We share goals.", "goals_1"),
        ("3) Wir haben gemeinsame Ziele.", "goals_1"),
        ("Which do you use? - CRM", "tool_crm"),
        ("Was nutzen Sie? – Chat-Programm", "tool_chat"),
        ("Which do you use?:CRM", "tool_crm"),
    ],
)
def test_columns_are_found_by_wording(
    small: Instrument, make_export: MakeExport, label: str, question: str
) -> None:
    export = make_export({**WHO, "QID7_1": ["4"]}, labels={"QID7_1": label})
    assert match(export, small).columns[question] == "QID7_1"


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
    found = match(export, small, columns=columns).columns
    assert found == {"company": "Q1", "function": "Q2", "goals_1": "Q4", "trust_1": "Q3"}


def test_one_column_may_be_mapped_to_two_purposes(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({"id": ["7"], "function": ["sales"], "goals_1": ["4"]})
    found = match(export, small, columns={"company": "id", "respondent": "id"}).columns
    assert found["company"] == found["respondent"] == "id"


def test_platform_metadata_gives_respondent_start_and_duration(
    small: Instrument, make_export: MakeExport
) -> None:
    metadata = ["ResponseId", "StartDate", "Duration (in seconds)", "IPAddress"]
    export = make_export({**WHO, "goals_1": ["4"], **{name: ["1"] for name in metadata}}, metadata=metadata)
    found = match(export, small).columns
    assert found["respondent"] == "ResponseId"
    assert found["started"] == "StartDate"
    assert found["duration_s"] == "Duration (in seconds)"
    assert "IPAddress" not in found.values()
    assert match(export, small, columns={"respondent": "IPAddress"}).columns["respondent"] == "IPAddress"


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
    assert "shoe size" not in match(export, small, ignore_unknown=True).columns.values()
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


def test_what_was_found_how_is_on_record(small: Instrument, make_export: MakeExport) -> None:
    labels = {"Q1": "We  keep promises!", "Q2": "We resect each other.", "Q3": "Offers won, in percent?"}
    export = make_export(
        {
            "firm": ["Acme"],
            "F": ["Sales"],
            "Q1": ["4"],
            "Q2": ["4"],
            "Q3": ["4"],
            "ResponseId": ["7"],
            "x": ["1"],
        },
        labels=labels,
        metadata=["ResponseId"],
    )
    found = match(export, small, columns={"function": "F"}, ignored=["x"])
    assert found.how == {
        "function": "map",
        "company": "id",
        "trust_1": "wording",
        "trust_2": "similar wording",
        "win_rate": "similar wording",
        "respondent": "platform",
    }
    assert set(found.scores) == {"trust_2", "win_rate"}
    assert all(90 <= score < 100 for score in found.scores.values())
    assert found.ignored == {"x": "the study passes over it"}
    decided = found.decisions(export)
    assert [(said.column, said.severity) for said in decided[1:]] == [
        (decided[1].column, "warning"),
        ("x", "note"),
    ]
    assert decided[0].what == "is taken for 'trust_2': similar wording, 98 of 100"
    assert (decided[0].row, decided[0].column, decided[0].severity) == (1, "Q2", "warning")
    frame = found.to_frame()
    assert frame["question"].tolist() == list(found.columns)
    assert frame.loc[frame["how"] == "id", "score"].tolist() == [100.0]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"Q1": "We do not keep promises."}, None),
        ({"Q1": "They keep promises."}, None),
        ({"Q1": "We keep promisez.", "Q2": "We keep promizes."}, "could be 'trust_1' (94 of 100)"),
        ({"Q1": "We never share goals at all"}, None),
        ({"Q1": "Offers won, in no per cent?"}, "could be 'win_rate' (94 of 100, but differs in 'no')"),
    ],
)
def test_what_is_similar_but_not_clear_is_refused_with_its_candidates(
    small: Instrument, make_export: MakeExport, labels: dict[str, str], said: str | None
) -> None:
    export = make_export({**WHO, "goals_1": ["1"], **{key: ["4"] for key in labels}}, labels=labels)
    messages = problems_of(export, small)
    assert len(messages) == len(labels)
    if said is None:
        assert "the instrument has no question" in messages[0]
        assert set(match(export, small, ignore_unknown=True).ignored) == set(labels)
    else:
        assert said in messages[0]
        assert problems_of(export, small, ignore_unknown=True) == messages


@pytest.mark.parametrize(
    "heading", ["trust/trust_1", "trust[trust_1]", "trust[trust1]", "Trust 1", "data.trust_1", "TRUST-1"]
)
def test_ids_are_found_in_the_headings_of_platforms(
    small: Instrument, make_export: MakeExport, heading: str
) -> None:
    found = match(make_export({**WHO, heading: ["4"]}), small)
    assert (found.columns["trust_1"], found.how["trust_1"]) == (heading, "id")


def test_wordings_and_ids_that_a_platform_cuts_short_are_found(make_export: MakeExport) -> None:
    alignment = read_instrument("alignment")
    labels = {"v1": alignment.columns["trust_1"].text["en"][:40], "v2": "What is the na"}
    export = make_export({**WHO, "v1": ["4"], "revenuegrowthreporte": ["5"], "v2": ["x"]}, labels=labels)
    found = match(export, alignment, ignore_unknown=True)
    assert (found.columns["trust_1"], found.how["trust_1"]) == ("v1", "wording cut short")
    assert found.columns["revenue_growth_reported"] == "revenuegrowthreporte"
    assert list(found.ignored) == ["v2"]


@pytest.mark.parametrize(
    "label", ["Which do you use?", "Was nutzen Sie?", "tools", "Use. Which do you use?: tools"]
)
def test_one_column_can_hold_all_ticks_of_a_list(
    small: Instrument, make_export: MakeExport, label: str
) -> None:
    export = make_export({**WHO, "Q5": ["CRM; Chat"], "goals_1": ["4"]}, labels={"Q5": label})
    found = match(export, small)
    assert found.columns["tool_crm"] == found.columns["tool_chat"] == "Q5"
    assert found.how["tool_crm"] == "several choices in one cell"
    assert MatchedExport(export, found.columns, 2025).several_choices(["tool_crm", "tool_chat"])


def test_the_map_may_name_a_tick_list(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({**WHO, "Q5": ["CRM"], "goals_1": ["4"]}, labels={"Q5": "Equipment"})
    found = match(export, small, columns={"tools": "Equipment"})
    assert found.columns["tool_crm"] == found.columns["tool_chat"] == "Q5"


def test_a_column_that_repeats_the_ticks_of_others_is_passed_over(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export({**WHO, "tools": ["tool_crm"], "tools/tool_crm": ["1"], "tools/tool_chat": ["0"]})
    found = match(export, small)
    assert found.columns["tool_crm"] == "tools/tool_crm"
    assert found.ignored == {"tools": "repeats the ticks of 'tools', which have columns of their own"}
    half = make_export({**WHO, "tools": ["tool_crm"], "tools/tool_crm": ["1"]})
    assert "tools" in problems_of(half, small)[0]


def test_a_text_that_several_columns_share_cannot_be_mapped(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export({**WHO, "a": ["4"], "b": ["4"]}, labels={"a": "Rate this", "b": "Rate this"})
    messages = problems_of(export, small, columns={"trust_1": "Rate this"}, ignore_unknown=True)
    assert "is the text of several columns ('a', 'b'), mapped to 'trust_1'" in messages[0]


def test_a_column_to_pass_over_must_be_there(small: Instrument, make_export: MakeExport) -> None:
    (message,) = problems_of(make_export({**WHO, "goals_1": ["4"]}), small, ignored=["shoe size"])
    assert "shoe size: there is no such column to pass over" in message


def test_a_job_title_stands_for_the_function(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({"company": ["Acme"], "Title": ["CMO"], "goals_1": ["4"]})
    assert match(export, small, columns={"job_title": "Title"}).columns["job_title"] == "Title"


def test_of_many_unknown_columns_the_first_are_named(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({**WHO, "goals_1": ["4"], **{f"v{n}": ["1"] for n in range(300)}})
    messages = problems_of(export, small)
    assert len(messages) == 21
    assert "280 more columns without a question, down to 'v299'" in messages[-1]


def test_headings_of_any_kind_never_break_matching(small: Instrument, make_export: MakeExport) -> None:
    odd = ["", " ", "[]", "/", "a[b", "]x[", "- -", "…", "::", "<b>", "\n", "=1+1"]
    export = make_export({**WHO, "goals_1": ["4"], **{key: ["1"] for key in odd}})
    assert set(match(export, small, ignore_unknown=True).ignored) == set(odd)


MAILS = ["jane@acme.example", "joe@acme.example"]
PERSONAL = {
    "company": ["Acme", "Acme"],
    "function": ["sales", "sales"],
    "goals_1": ["4", "5"],
    "E-mail": MAILS,
}


def test_personal_columns_are_set_aside_and_others_refused(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export({**PERSONAL, "IPAddress": [None, "203.0.113.7"]}, metadata=["IPAddress"])
    found = match(export, small)
    assert found.set_aside[["column", "kind", "n"]].values.tolist() == [
        ["E-mail", "e-mail", 2],
        ["IPAddress", "ip address", 1],
    ]
    notes = found.decisions(export)
    assert [str(note) for note in notes] == [
        "2025.csv, row 1, E-mail: is set aside: e-mail, in 2 cells",
        "2025.csv, row 1, IPAddress: is set aside: ip address, in 1 cell",
    ]
    assert {note.severity for note in notes} == {"note"}
    (message,) = problems_of(make_export({**PERSONAL, "shoe size": ["4", "5"]}), small)
    assert "shoe size" in message


def test_a_personal_column_that_a_question_claims_is_not_set_aside(
    small: Instrument, make_export: MakeExport
) -> None:
    export = make_export(PERSONAL)
    assert match(export, small, columns={"respondent": "E-mail"}).set_aside.empty


def test_a_text_near_the_wording_of_a_question_is_not_taken_for_free_text(
    small: Instrument, make_export: MakeExport
) -> None:
    words = ["we could meet more often than now", "there is too much to read in here"]
    export = make_export({**PERSONAL, "Q7": words}, labels={"Q7": "We respect each others notes"})
    (message,) = problems_of(export, small)
    assert "Q7" in message
    asked = match(export, small, free_text=["Q7"]).set_aside
    assert asked["column"].tolist() == ["E-mail", "Q7"]


def test_what_the_study_calls_free_text_is_set_aside(small: Instrument, make_export: MakeExport) -> None:
    export = make_export({**PERSONAL, "colour": ["red", "blue"]})
    assert match(export, small, free_text=["colour"]).set_aside["kind"].tolist() == ["e-mail", "free text"]
