from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.problem_table import HEADINGS, as_line, problem_table
from survey.problems import SEVERITIES, Problem, problems_at

HOSTILE = [
    "<script>alert(1)</script>",
    "a\nb\r\tc",
    "\x1b[31mred\x00",
    "x" * 5000,
    "\u202eevil",
    "\ud800half",
]


def wrong(column: str, rows: range, value: object = 9) -> list[Problem]:
    cells = [(row, value) for row in rows]
    return problems_at("is outside the scale", cells, file="a.csv", column=column, allowed="1-5")


problems = st.builds(
    Problem,
    st.sampled_from(["9 is outside the scale", "is empty", "'x' is odd"]),
    st.sampled_from(["", "a.csv", "b.csv", "study.yaml"]),
    st.none() | st.integers(1, 50),
    st.sampled_from(["", "Q1", "Q2"]),
    st.text(max_size=5),
    severity=st.sampled_from(list(SEVERITIES)),
)


def test_the_worst_comes_first_then_file_row_and_column() -> None:
    found = [
        Problem("n", "a.csv", severity="note"),
        Problem("e", "b.csv", 3, "Q2"),
        Problem("e", "b.csv", 3, "Q1"),
        Problem("w", "a.csv", severity="warning"),
        Problem("e", "b.csv", 20),
        Problem("e", "b.csv"),
        Problem("e", "a.csv", 90),
    ]
    frame = problem_table(found).frame
    assert frame["severity"].tolist() == ["error"] * 5 + ["warning", "note"]
    assert frame["file"].tolist() == ["a.csv", *["b.csv"] * 4, "a.csv", "a.csv"]
    assert frame["row"].fillna(0).tolist()[:5] == [90, 0, 3, 3, 20]
    assert frame["column"].tolist()[2:4] == ["Q1", "Q2"]


@given(st.lists(problems, max_size=12))
def test_every_problem_has_a_row_whatever_the_order(found: list[Problem]) -> None:
    table, turned = problem_table(found), problem_table(reversed(found))
    assert len(table.frame) == len(found)
    columns = list(HEADINGS)
    pd.testing.assert_frame_equal(
        table.frame.sort_values(columns, ignore_index=True),
        turned.frame.sort_values(columns, ignore_index=True),
    )
    assert table.frame["severity"].tolist() == turned.frame["severity"].tolist()


@given(st.lists(problems, max_size=25), st.integers(1, 4))
def test_what_is_shown_and_what_is_left_out_add_up(found: list[Problem], per_kind: int) -> None:
    table = problem_table(found)
    for severity in SEVERITIES:
        shown = table.shown(severity, per_kind)
        assert len(shown) + shown["more"].sum() == table.count(severity)


def test_the_cells_that_a_message_only_counts_have_rows_of_their_own() -> None:
    frame = problem_table(wrong("Q7", range(2, 102))).to_frame()
    assert frame["row"].tolist() == list(range(2, 102))
    assert set(frame["value"]) == {"9"}
    assert not frame["problem"].str.contains("more").any()


def test_few_of_a_kind_are_shown_and_from_every_column() -> None:
    table = problem_table(
        [*wrong("Q1", range(2, 50)), *wrong("Q2", range(30, 40), 77), Problem("is empty", "b.csv")]
    )
    shown = table.shown("error", 4)
    assert shown["column"].tolist() == ["Q1", "Q1", "Q2", "Q2", ""]
    assert shown["more"].tolist() == [0, 0, 0, 54, 0]


def test_values_with_quotation_marks_are_of_the_same_kind() -> None:
    values = ["it's", 'say "so"', "'both\" ", "plain", "\n"]
    found = [problem for value in values for problem in wrong("Q1", range(2, 4), value)]
    assert problem_table(found).shown("error", 1)["more"].tolist() == [9]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem("x", "a.csv", 4, "Q1"), "correct this cell, or empty it"),
        (Problem("x", "a.csv", column="Q1"), "correct this column, or name another in the study"),
        (Problem("x", "a.csv"), "correct or replace this file"),
        (Problem("x", "study.yaml", 4, "seed"), "correct this line"),
        (Problem("x"), "correct the study"),
        (Problem("x", "a.csv", to_do="map it"), "map it"),
        (Problem("x", "a.csv", severity="note"), ""),
    ],
)
def test_every_error_says_what_to_do(problem: Problem, said: str) -> None:
    assert problem_table([problem]).frame["to_do"].tolist() == [said]


def test_a_copy_is_given_out() -> None:
    table = problem_table([Problem("is empty")])
    frame = table.to_frame()
    frame.loc[0, "problem"] = "changed"
    assert table.frame["problem"].tolist() == ["is empty"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_whole_in_the_table_and_harmless_in_a_notebook(text: str) -> None:
    table = problem_table([Problem(text, text, 3, text, text, text, text, text)])
    expected = text.replace("\ud800", "?")
    assert table.frame.drop(columns=["severity", "row"]).iloc[0].tolist() == [expected] * 7
    page = table._repr_html_()
    assert "<script>" not in page
    assert as_line(expected) in read(page)[-7:]
    assert len(page) < 4000


def read(page: str) -> list[str]:
    """Return the text of every cell."""
    cells: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, _: object) -> None:
            if tag in ("td", "th"):
                cells.append("")

        def handle_data(self, data: str) -> None:
            if cells:
                cells[-1] += data

    Reader().feed(page)
    return cells


def test_a_notebook_shows_the_table_with_a_caption_and_header_cells() -> None:
    page = problem_table([*wrong("Q1", range(2, 40)), Problem("is odd", severity="warning")])._repr_html_()
    assert "<caption>38 errors, 1 warning; 28 more of the same kinds are in to_frame()</caption>" in page
    assert page.count('<th scope="col">') == len(HEADINGS)
    assert page.count('<th scope="row">') == 11
    assert "<NA>" not in page


@given(st.text(max_size=700), st.integers(1, 200))
def test_a_line_is_printable_and_no_longer_than_asked(text: str, longest: int) -> None:
    line = as_line(text, longest)
    assert len(line) <= longest
    assert line.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert as_line(line, longest) == line or "…" in line
