import pytest

from survey.problems import (
    SCREEN,
    InputError,
    Problem,
    every_one,
    first_of,
    problems_at,
    raise_if_any,
    with_questions,
)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        raise_if_any([Problem("is empty", file="a.csv"), Problem("is missing", file="b.csv", row=3)])
    assert str(caught.value).split("\n") == ["2 problems", "a.csv: is empty", "b.csv, row 3: is missing"]


def test_beyond_the_limit_the_count_remains() -> None:
    found = problems_at("is outside", [(row, 9) for row in range(5, 30)], file="a.csv", column="Q7", limit=3)
    assert [problem.row for problem in found] == [5, 6, 7, None]
    assert str(found[0]) == "a.csv, row 5, Q7: 9 is outside"
    assert "22 more values like this, down to row 29" in str(found[-1])


def test_long_text_is_quoted_and_shortened() -> None:
    (problem,) = problems_at("is no answer", [(1, "x" * 500)])
    assert len(str(problem)) < 100
    assert problem.value == "x" * 500


def test_what_is_counted_is_held_and_told_one_by_one() -> None:
    cells = [(row, row % 3) for row in range(5, 30)]
    found = problems_at("is outside", cells, file="a.csv", column="Q7", allowed="5", to_do="look", limit=3)
    every = list(every_one(found))
    assert [(problem.row, problem.value) for problem in every] == [(row, str(value)) for row, value in cells]
    assert {(problem.file, problem.column, problem.allowed, problem.to_do) for problem in every} == {
        ("a.csv", "Q7", "5", "look")
    }
    assert str(InputError(found)).startswith("25 problems\n")


def test_the_rest_of_several_columns_names_none_of_them() -> None:
    found = first_of([Problem("is odd", "a.csv", 1, column) for column in "ABCD"], "more columns", limit=1)
    assert (found[-1].what, found[-1].column, len(found[-1].rest)) == ("3 more columns", "", 3)
    assert first_of(found[:1], "more", limit=1) == found[:1]


def test_advice_is_told_apart_from_what_was_allowed() -> None:
    problem = Problem("9 is odd", "a.csv", allowed="1-5", to_do="correct it")
    assert str(problem) == "a.csv: 9 is odd. Allowed: 1-5. To do: correct it"


def test_questions_are_given_by_file_and_column_to_the_counted_too() -> None:
    found = problems_at("is odd", [(row, 9) for row in range(30)], file="a.csv", column="Q7")
    other = Problem("is odd", "b.csv", column="Q7")
    told = with_questions([*found, other], {("a.csv", "Q7"): "Do you trust them?"})
    assert {problem.question for problem in every_one(told[:-1])} == {"Do you trust them?"}
    assert told[-1].question == ""
    assert found[0].question == ""


def test_a_notebook_shows_the_message_without_lines_of_code() -> None:
    error = InputError([Problem("is empty", file="a.csv")], remarks=[Problem("is odd", severity="note")])
    assert error._render_traceback_() == ["1 problem", "a.csv: is empty"]
    assert [said.what for said in error.remarks] == ["is odd"]
    long = InputError([Problem(f"is odd {n}") for n in range(SCREEN + 7)])._render_traceback_()
    assert (len(long), long[-1]) == (SCREEN + 2, "... and 7 more")


def test_a_value_that_is_quoted_with_escapes_is_not_told_twice() -> None:
    (problem,) = problems_at("is odd", [(3, "two\nlines")])
    assert "found" not in str(problem)
