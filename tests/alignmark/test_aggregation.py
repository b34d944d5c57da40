"""Whether answers may stand for companies: declared in the study, told in the report, obeyed by the panel."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence
from reports.report import Bullets, Table
from tests.alignmark.conftest import computed

Spoil = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("undrawn")


def quarrelling(table: pd.DataFrame) -> pd.DataFrame:
    """Let two companies disagree as much as they can, within each function."""
    rows = table["firm"].isin(["C03", "C07"])
    answers = table.groupby(["firm", "department"]).cumcount().map({0: "1", 1: "5"})
    items = ("goals_1", "goals_2", "trust_1", "trust_2")
    return table.assign(**{name: table[name].mask(rows, answers) for name in items})


def evidence(study: Path) -> Evidence:
    return computed(study)[0]


def said(found: Evidence, part: type) -> list[str]:
    blocks = [block for section in benchmark_report(found).sections for block in section.blocks]
    return [text for block in blocks if isinstance(block, part) for text in getattr(block, "items", ())]


def rule(failing: str) -> tuple[str, str]:
    return "cleaning:\n", f"aggregation: {{failing: {failing}, rwg_j: 0.05, agreeing: 0.05}}\ncleaning:\n"


def test_companies_that_do_not_agree_are_flagged(spoiled: Spoil) -> None:
    found = evidence(spoiled(answers=quarrelling))
    table = found.positions.set_index("company")
    assert table.loc[["C03", "C07"], "agreement_verdict"].tolist() == ["no", "no"]
    assert table.loc[["C03", "C07"], "agreement_action"].tolist() == ["flagged", "flagged"]
    assert (found.panel.frame.query("wave == 2025")["company"] == "C03").any()
    assert not any("set aside" in text for text in said(found, Bullets))


def test_a_study_may_set_them_aside_and_the_report_says_so(spoiled: Spoil) -> None:
    found = evidence(spoiled(rule("set aside"), answers=quarrelling))
    aside = found.verdicts.query("action == 'set aside' and wave == 2025")["company"].tolist()
    assert {"C03", "C07"} <= set(aside)
    assert not found.panel.frame.query("wave == 2025")["company"].isin(aside).any()
    assert f"{len(aside)} of the companies of 2025 are set aside" in " ".join(said(found, Bullets))
    untouched = evidence(spoiled(answers=quarrelling, folder="flagged")).panel.frame
    kept = untouched.merge(found.panel.frame[["company", "wave"]], on=["company", "wave"])
    pd.testing.assert_series_equal(kept["alignment"], found.panel.frame["alignment"].reset_index(drop=True))


@pytest.mark.parametrize("rules", [(), (rule("keep"),)], ids=["flagged", "kept"])
def test_scores_come_shrunk_towards_the_mean(spoiled: Spoil, rules: tuple[tuple[str, str], ...]) -> None:
    found = evidence(spoiled(*rules, answers=quarrelling))
    table = found.positions.dropna(subset=["shrunk"])
    assert len(table)
    assert table["shrunk"].var() < table["alignment"].var()
    assert (table["shrunk_low"] < table["shrunk_high"]).all()


def test_the_verdicts_of_constructs_are_a_table_of_the_report(spoiled: Spoil) -> None:
    found = evidence(spoiled())
    blocks = [block for section in benchmark_report(found).sections for block in section.blocks]
    (table,) = [block for block in blocks if isinstance(block, Table) and block.id == "aggregation"]
    cells = table.frame[["construct", "function"]].to_numpy().tolist()
    assert sorted(cells) == [[c, f] for c in ("goals", "trust") for f in ("marketing", "sales")]
    assert set(table.frame["verdict"]) <= {"yes", "with care", "no", "cannot be said"}
    assert table.frame["reasons"].str.len().min() > 20
