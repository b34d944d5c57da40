"""Respondents whose id stands in two companies of one wave; doubles within a company are in test_cleaning."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from survey.careless_rules import CarelessRules
from survey.cleaning import Rules, clean
from survey.duplicates import settle_several_companies, without_duplicates
from survey.instrument import read_instrument
from survey.matching import MatchedExport
from survey.readers.export import Export
from survey.simulate import Settings, simulate
from tests.survey.test_careless_flags import exports_of

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


@pytest.mark.parametrize("keep", ["most_complete", "first", "last"])
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]])
def test_which_of_equally_complete_rows_stays_depends_on_their_order_only_where_that_is_asked(
    order: list[int], keep: str
) -> None:
    same = TABLE.assign(company="A", wave=2025, function=["sales"] * 4, q=[3.0, 1.0, 2.0, np.nan])
    mixed = same.iloc[order].assign(row=[2, 3, 4, 5], respondent="r").reset_index(drop=True)
    left = without_duplicates(mixed, waves=waves(platform=False), asked=["q"], keep=keep).table
    known = mixed["q"].fillna(-1).tolist()
    expected = {"most_complete": 1.0, "first": known[0], "last": known[-1]}[keep]
    assert left["q"].fillna(-1).tolist() == [expected]


def test_planted_duplicates_are_found(
    make_export: Callable[..., Export], capsys: pytest.CaptureFixture[str]
) -> None:
    alignment = read_instrument("alignment")
    study = simulate(alignment, Settings(companies=60, waves=(2024, 2025), duplicates=0.05), seed=8)
    _, log = clean(
        exports_of(study.answers, make_export), alignment, rules=Rules(failed_attention="keep", minimum_answered=0),
        careless=CarelessRules(preset="none"),
    )  # fmt: skip
    again = log.frame[log.frame["rule"].str.startswith("respondent answered more than once")]
    found, planted = set(again["respondent"]), set(study.truth.duplicated)
    precision, recall = len(found & planted) / len(found), len(found & planted) / len(planted)
    with capsys.disabled():
        print(f"\nduplicates: precision {precision:.3f}, recall {recall:.3f} of {len(planted)}")
    assert len(planted) > 10
    assert (precision, recall) == (1, 1)
    assert len(again) == study.people["duplicate_of"].notna().sum()
