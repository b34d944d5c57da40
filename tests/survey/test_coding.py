from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from survey.cleaning import Rules, clean
from survey.instrument import Instrument
from survey.matching import MatchedExport
from survey.problems import InputError
from survey.readers.export import Export

MakeExport = Callable[..., Export]
Columns = dict[str, list[str | None]]


def wave(make_export: MakeExport, columns: Columns, *, year: int = 2025, **fields: object) -> MatchedExport:
    n = len(next(iter(columns.values())))
    who: Columns = {"company": [f"c{k}" for k in range(n)], "function": ["sales"] * n, "goals_1": ["4"] * n}
    export = make_export({**who, **columns}, file=f"{year}.csv")
    return MatchedExport(replace(export, **fields), {key: key for key in export.frame}, year)  # type: ignore[arg-type]


def in_one_cell(matched: MatchedExport, column: str) -> MatchedExport:
    columns = {key: name for key, name in matched.columns.items() if name != column}
    return replace(matched, columns=columns | {"tool_crm": column, "tool_chat": column})


def ticks(frame: pd.DataFrame) -> list[list[float]]:
    return frame[["tool_crm", "tool_chat"]].fillna(-1).to_numpy().tolist()


def test_choices_in_one_cell_and_in_columns_of_their_own_are_the_same(
    small: Instrument, make_export: MakeExport
) -> None:
    together = in_one_cell(
        wave(make_export, {"Q5": ["CRM; Chat", "Chat-Programm", "keine davon", None]}, year=2024), "Q5"
    )
    apart = wave(make_export, {"tool_crm": ["CRM", None, "0", None], "tool_chat": ["x", "1", None, None]})
    frame = clean([together, apart], small)[0].frame
    assert ticks(frame[frame["wave"] == 2024]) == ticks(frame[frame["wave"] == 2025])
    assert ticks(frame[frame["wave"] == 2025]) == [[1, 1], [0, 1], [0, 0], [-1, -1]]


def test_a_choice_that_is_no_option_is_a_problem_or_in_the_log(
    small: Instrument, make_export: MakeExport
) -> None:
    matched = in_one_cell(wave(make_export, {"Q5": ["CRM", "CRM; Pigeons", "Chat"]}), "Q5")
    with pytest.raises(InputError) as caught:
        clean([matched], small)
    (message,) = map(str, caught.value.problems)
    assert message.startswith("2025.csv, row 3, Q5: 'Pigeons' is not an option of this list")
    assert "CRM / CRM-System; Chat / Chat-Programm" in message
    responses, log = clean([matched], small, rules=Rules(outside_scale="missing"))
    assert ticks(responses.frame) == [[1, 0], [1, 0], [0, 1]]
    assert log.frame[["row", "column", "before", "after", "rule"]].to_numpy().tolist() == [
        [3, "tools", "Pigeons", "", "not an option of the list"]
    ]


def test_what_the_reader_knows_of_the_cells_is_used(small: Instrument, make_export: MakeExport) -> None:
    labels = {"1": "CRM", "2": "Chat"}
    together = in_one_cell(
        wave(make_export, {"Q5": ["1 2", "2"]}, year=2024, multiple={"Q5": " "}, values={"Q5": labels}),
        "Q5",
    )
    apart = wave(
        make_export,
        {"tool_crm": ["1", "2"], "tool_chat": ["1", "1"]},
        ticked={"tool_crm": "1", "tool_chat": "1"},
    )
    frame = clean([together, apart], small)[0].frame
    assert ticks(frame[frame["wave"] == 2024]) == ticks(frame[frame["wave"] == 2025]) == [[1, 1], [0, 1]]


@pytest.mark.parametrize("refusal", ["No", "not quoted", "nicht gewählt", "N/A", "unchecked"])
def test_labels_of_ticks_can_say_no(small: Instrument, make_export: MakeExport, refusal: str) -> None:
    labels = {"1": "Yes", "2": refusal}
    cells: Columns = {"tool_crm": ["1", "2"], "tool_chat": ["2", "1"]}
    matched = wave(make_export, cells, values=dict.fromkeys(cells, labels))
    assert ticks(clean([matched], small)[0].frame) == [[1, 0], [0, 1]]


def test_codes_of_choices_are_read_by_the_labels_of_each_file(
    small: Instrument, make_export: MakeExport
) -> None:
    one = wave(
        make_export, {"adequate": ["1", "2"]}, year=2024, values={"adequate": {"1": "Yes", "2": "Nein"}}
    )
    two = replace(wave(make_export, {"adequate": ["0", "1"]}), codes={"adequate": {"1": "no", "0": "yes"}})
    frame = clean([one, two], small)[0].frame
    assert frame["adequate"].tolist() == ["yes", "no", "yes", "no"]


def test_the_function_can_be_a_code(small: Instrument, make_export: MakeExport) -> None:
    matched = wave(make_export, {"function": ["1", "2"]})
    matched = replace(matched, codes={"department": {"1": "marketing", "2": "sales"}})
    frame = clean([matched], small)[0].frame
    assert dict(zip(frame["company"], frame["function"], strict=True)) == {"c0": "marketing", "c1": "sales"}


def test_decimal_marks_are_those_of_each_file(small: Instrument, make_export: MakeExport) -> None:
    german = wave(make_export, {"win_rate": ["12,5", "1,234"]}, year=2024)
    english = wave(make_export, {"win_rate": ["12.5", "1.234"]})
    frame = clean([german, english], small)[0].frame
    assert frame["win_rate"].tolist() == [12.5, 1.234, 12.5, 1.234]


def test_job_titles_stand_for_functions_in_files_without_the_question(
    small: Instrument, make_export: MakeExport
) -> None:
    asked = wave(make_export, {"function": ["sales", "marketing"]}, year=2024)
    titled = wave(make_export, {"job_title": ["CMO", "Vertriebsleiter", "CFO", None]})
    columns = {key: column for key, column in titled.columns.items() if key != "function"}
    responses, log = clean([asked, replace(titled, columns=columns)], small)
    frame = responses.frame
    assert frame.loc[frame["wave"] == 2025, ["company", "function"]].to_numpy().tolist() == [
        ["c0", "marketing"],
        ["c1", "sales"],
    ]
    assert "job_title" not in frame
    assert log.frame[["row", "rule"]].to_numpy().tolist() == [
        [4, "function is neither sales nor marketing"],
        [5, "no function given"],
    ]


def test_titles_that_cannot_be_told_are_said_or_dropped(small: Instrument, make_export: MakeExport) -> None:
    titles = ["Baker", "Sales & Marketing Lead", "Baker", "Sales Lead"]
    cells: Columns = {"T": titles, "D": [None, None, None, "Marketing"]}  # type: ignore[dict-item]
    export = make_export({"company": ["Acme"] * 4, **cells, "goals_1": ["4"] * 4})
    columns = {"company": "company", "job_title": "T", "department": "D", "goals_1": "goals_1"}
    matched = MatchedExport(export, columns, 2025)
    with pytest.raises(InputError) as caught:
        clean([matched], small)
    assert [str(problem).partition(". ")[0] for problem in caught.value.problems] == [
        "2025.csv, row 2, T: 'Baker': it cannot be told whether this is sales or marketing (2 rows, down to row 4)",
        "2025.csv, row 3, T: 'Sales & Marketing Lead': it cannot be told whether this is sales or marketing",
        "2025.csv, row 5, T: 'Sales Lead': title and department say one thing and the other",
    ]
    responses, log = clean([matched], small, rules=Rules(unknown_function="drop"))
    assert responses.frame.empty
    assert log.frame["rule"].nunique() == 2
