"""Declared checks: each effect, the order, what the log says, and declarations that make no sense."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.checks import Check, Condition, apply_check, check_problems
from survey.instrument import read_instrument

TABLE = pd.DataFrame(
    {
        "file": "a.csv",
        "row": [2, 3, 4, 5],
        "respondent": list("rstu"),
        "function": ["sales", "marketing", "sales", "marketing"],
        "revenue_growth": [5.0, 900.0, float("nan"), -20.0],
        "trust_1": [1.0, 5.0, 3.0, float("nan")],
    }
)


def check(then: str, when: dict[str, object], **more: object) -> Check:
    return Check.model_validate({"name": "a rule", "when": when, "then": then, **more})


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ({"revenue_growth": {"above": 100}}, [3]),
        ({"revenue_growth": {"at_least": -20, "below": 5}}, [5]),
        ({"revenue_growth": {"answered": False}}, [4]),
        ({"trust_1": [1, 5]}, [2, 3]),
        ({"trust_1": 3}, [4]),
        ({"function": "sales"}, [2, 4]),
        ({"function": "sales", "trust_1": {"at_most": 2}}, [2]),
        ({"a_question_that_no_wave_asks": 1}, []),
    ],
)
def test_all_conditions_must_hold(condition: dict[str, object], rows: list[int]) -> None:
    left, lines, problems = apply_check(TABLE, check("drop", condition))
    assert [row for line in lines for row in line["row"]] == rows
    assert left["row"].tolist() == [row for row in TABLE["row"] if row not in rows]
    assert problems == []


def test_blanking_takes_answers_out_and_logs_each(  # the table that came in is left as it was
) -> None:
    before = TABLE.copy()
    left, lines, _ = apply_check(
        TABLE, check("blank", {"function": "sales"}, blank=["trust_1", "revenue_growth"])
    )
    log = pd.concat(lines)
    assert log[["row", "column", "before", "after", "action"]].to_numpy().tolist() == [
        [2, "trust_1", "1", "", "changed"],
        [4, "trust_1", "3", "", "changed"],
        [2, "revenue_growth", "5", "", "changed"],
    ]
    assert left.loc[left["function"] == "sales", ["trust_1", "revenue_growth"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(TABLE, before)


def test_a_note_changes_nothing(  # but stands in the log
) -> None:
    left, (line,), _ = apply_check(TABLE, check("note", {"revenue_growth": {"above": 100}}))
    pd.testing.assert_frame_equal(left, TABLE)
    assert line[["row", "column", "before", "after", "action"]].to_numpy().tolist() == [
        [3, "revenue_growth", "900.0", "900.0", "noted"]
    ]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (check("drop", {"trust_11": 1}), "trust_11"),
        (check("blank", {"trust_1": 1}, blank=["function"]), "cannot be blanked"),
        (check("drop", {"function": {"above": 3}}), "holds words"),
        (check("drop", {"function": "selling"}), "is no option of 'function'"),
    ],
)
def test_what_makes_no_sense_is_told(declared: Check, said: str) -> None:
    (problem,) = check_problems([check("note", {"trust_1": 1}), declared], read_instrument("alignment"))
    assert said in str(problem)
    assert problem.column == "checks.1"


def test_a_check_is_told_in_words() -> None:
    declared = check("blank", {"trust_1": {"at_least": 4}, "function": ["sales", "marketing"]})
    assert declared.in_words() == (
        "a rule: where trust_1 is at least 4 and function is sales or marketing, the answers to trust_1, function "
        "are taken out."
    )


@given(st.permutations(range(4)), st.floats(-100, 1000))
def test_the_order_of_rows_never_matters(order: list[int], bound: float) -> None:
    declared = Check(name="x", when={"revenue_growth": Condition(below=bound)}, then="drop")
    turned = apply_check(TABLE.iloc[order], declared).table.sort_values("row", ignore_index=True)
    pd.testing.assert_frame_equal(turned, apply_check(TABLE, declared).table.reset_index(drop=True))


@given(st.floats(-100, 1000))
def test_twice_is_once(bound: float) -> None:
    for then in ("drop", "blank"):
        declared = check(then, {"revenue_growth": {"at_most": bound}})
        once = apply_check(TABLE, declared).table
        again = apply_check(once, declared)
        pd.testing.assert_frame_equal(again.table, once)
        assert sum(map(len, again.lines)) == 0
