"""Respondents whose id stands in two companies of one wave; doubles within a company are in test_cleaning."""

import numpy as np
import pandas as pd
import pytest

from survey.duplicates import settle_several_companies
from survey.matching import MatchedExport
from survey.readers.export import Export

TABLE = pd.DataFrame(
    {
        "export": 0, "file": "a.csv", "row": [2, 3, 4, 5], "wave": [2024, 2024, 2024, 2025],
        "respondent": ["r", "r", "s", "r"], "company": ["A", "B", "A", "C"],
    }
)  # fmt: skip


def waves(*, platform: bool) -> list[MatchedExport]:
    frame = pd.DataFrame({"id": TABLE["respondent"]}, dtype="str")
    export = Export(
        frame, {}, "spreadsheet", "utf-8", 1, np.arange(2, 6), "a.csv", metadata=("id",) if platform else ()
    )
    return [MatchedExport(export, {"respondent": "id"})]


def test_both_rows_are_kept_and_noted() -> None:
    left, (line,), problems = settle_several_companies(TABLE, waves=waves(platform=False), rule="keep")
    assert (len(left), problems) == (4, [])
    assert line[["row", "before", "action"]].to_numpy().tolist() == [[2, "A", "noted"], [3, "B", "noted"]]


def test_both_rows_are_dropped() -> None:
    left, (line,), _ = settle_several_companies(TABLE, waves=waves(platform=False), rule="drop")
    assert left["row"].tolist() == [4, 5]
    assert line["row"].tolist() == [2, 3]


def test_it_is_refused_with_its_rows() -> None:
    step = settle_several_companies(TABLE, waves=waves(platform=False), rule="error")
    assert [(problem.row, problem.column) for problem in step.problems] == [(2, "id"), (3, "id")]
    assert {problem.value for problem in step.problems} == {"[id]"}


def test_two_files_with_the_ids_of_a_platform_have_nobody_in_common() -> None:
    other = TABLE.assign(export=[0, 1, 0, 1])
    both = [*waves(platform=True), *waves(platform=True)]
    assert settle_several_companies(other, waves=both, rule="drop").lines == []
    mapped = [*waves(platform=False), *waves(platform=False)]
    assert len(settle_several_companies(other, waves=mapped, rule="drop").lines) == 1


@pytest.mark.parametrize("rule", ["keep", "drop", "error"])
def test_nothing_happens_where_everybody_has_one_company(rule: str) -> None:
    step = settle_several_companies(TABLE[TABLE["row"] > 3], waves=waves(platform=False), rule=rule)  # type: ignore[arg-type]
    assert (len(step.table), step.lines, step.problems) == (2, [], [])
