import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.instrument import Instrument, Question, read_instrument
from survey.several_choices import split_choices

ENABLERS = [q for q in read_instrument("alignment").columns.values() if q.group == "enablers"]


@pytest.fixture(scope="module")
def tools(small: Instrument) -> list[Question]:
    return [small.columns["tool_crm"], small.columns["tool_chat"]]


@pytest.mark.parametrize(
    ("cell", "ticks", "strange"),
    [
        ("CRM; Chat", [1, 1], None),
        ("CRM-System, Chat-Programm", [1, 1], None),
        ("chat", [0, 1], None),
        ("tool_crm tool_chat", [1, 1], None),
        ("tool_chat", [0, 1], None),
        ("CRM|Chat", [1, 1], None),
        ("CRM\nChat", [1, 1], None),
        ("None of these", [0, 0], None),
        ("CRM; Slack; Pigeons", [1, 0], "Slack; Pigeons"),
        (";", [0, 0], None),
    ],
)
def test_cells_are_split(tools: list[Question], cell: str, ticks: list[int], strange: str | None) -> None:
    found = split_choices(pd.Series([cell, None], index=[5, 3], dtype="str"), tools)
    assert found.ticks.loc[5].tolist() == ticks
    assert found.ticks.loc[3].isna().all()
    assert found.strange.index.tolist() == [5, 3]
    assert found.strange.fillna("").tolist() == [strange or "", ""]


def test_the_file_may_say_what_stands_between_and_what_codes_mean(tools: list[Question]) -> None:
    cells = pd.Series(["CRM Chat", "2", "1 2"], dtype="str")
    ticks, strange = split_choices(cells, tools, between=" ", labels={"1": "CRM", "2": "Chat"})
    assert ticks.to_numpy().tolist() == [[1, 1], [0, 1], [1, 1]]
    assert strange.isna().all()


def test_a_guess_of_what_stands_between_does_no_harm(tools: list[Question]) -> None:
    ticks, strange = split_choices(pd.Series(["CRM;Chat"], dtype="str"), tools, between=", ")
    assert ticks.to_numpy().tolist() == [[1, 1]]
    assert strange.isna().all()


def test_a_blank_column(tools: list[Question]) -> None:
    ticks, strange = split_choices(pd.Series([None, None], dtype="str"), tools)
    assert ticks.isna().to_numpy().all()
    assert strange.isna().all()


@given(
    st.sets(st.sampled_from(range(len(ENABLERS))), min_size=1),
    st.sampled_from(["; ", ";", ", ", ",", " | ", "\n"]),
    st.sampled_from(["en", "de"]),
)
def test_choices_that_hold_commas_survive_commas(chosen: set[int], between: str, language: str) -> None:
    cell = between.join(ENABLERS[n].text[language] for n in sorted(chosen))
    ticks, strange = split_choices(pd.Series([cell], dtype="str"), ENABLERS)
    assert set(ticks.columns[ticks.iloc[0] == 1]) == {ENABLERS[n].id for n in chosen}
    assert strange.isna().all()


def test_a_long_cell_takes_no_longer_than_it_should(tools: list[Question]) -> None:
    ticks, strange = split_choices(pd.Series([";".join(["x"] * 20_000)], dtype="str"), tools)
    assert ticks.to_numpy().tolist() == [[0, 0]]
    assert strange.str.len().tolist() == [59_998]
