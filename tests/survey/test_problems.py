import pytest

from survey.problems import InputError, Problem, problems_at, raise_if_any


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
