"""A construct that the functions do not read alike carries a warning wherever its gap stands."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from reports.documents.benchmark_report import benchmark_report
from reports.documents.change import change
from reports.documents.how_aligned import two_views
from reports.documents.measured import is_it_measured
from reports.evidence import Evidence
from reports.findings import level
from reports.findings import two_views as finding
from reports.report import Bullets, Callout, Figure, Paragraph, Section, Table
from reports.tables import format_cells
from reports.titles import title_of

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran

pytestmark = pytest.mark.usefixtures("undrawn")


def with_verdict(evidence: Evidence, comparison: str, verdict: str, *constructs: str) -> Evidence:
    table = evidence.invariance.copy()
    rows = (
        table["comparison"].eq(comparison) & table["level"].eq("scalar") & table["construct"].isin(constructs)
    )
    table.loc[rows, "verdict"] = verdict
    assert rows.any()
    return replace(evidence, invariance=table)


def on_alike(evidence: Evidence, construct: str) -> pd.Series:
    section = is_it_measured(evidence)
    (figure,) = [block for block in section.blocks if isinstance(block, Figure) and block.id == "checks"]
    assert figure.data is not None
    rows = figure.data.frame
    return rows[(rows["construct"] == construct) & (rows["check"] == "alike")].iloc[0]


def follows(evidence: Evidence) -> str:
    blocks = [block for block in is_it_measured(evidence).blocks if isinstance(block, Bullets)]
    return " ".join(item for block in blocks for item in block.items)


def test_a_comparison_that_was_not_tested_blocks_a_good_word(ran: "Ran") -> None:
    every = tuple(ran.evidence.panel.instrument.alignment_constructs)
    fine = with_verdict(with_verdict(ran.evidence, "function", "holds", *every), "wave", "holds", *every)
    assert on_alike(fine, "trust")["level"] == "good"
    assert "Functions and waves read every construct alike" in follows(fine)
    untested = with_verdict(fine, "function", "cannot be tested", "trust")
    assert pd.isna(on_alike(untested, "trust")["level"])
    assert on_alike(untested, "trust")["text"] == "not tested across functions"
    assert on_alike(with_verdict(untested, "wave", "fails", "trust"), "trust")["level"] == "weak"


def test_what_was_not_compared_is_not_named(ran: "Ran") -> None:
    every = tuple(ran.evidence.panel.instrument.alignment_constructs)
    fine = with_verdict(ran.evidence, "wave", "holds", *every)
    waves = replace(fine, invariance=fine.invariance[fine.invariance["comparison"] == "wave"])
    assert "Waves read every construct alike: differences between waves may" in follows(waves)
    assert "unctions and waves read" not in follows(waves)


def test_what_partial_rests_on_and_what_the_test_finds_is_said(ran: "Ran") -> None:
    every = tuple(ran.evidence.panel.instrument.alignment_constructs)
    fine = with_verdict(ran.evidence, "function", "holds", *every)
    table = fine.invariance.copy()
    rows = table["comparison"].eq("function") & table["level"].eq("scalar") & table["construct"].eq("trust")
    item = next(iter(ran.evidence.panel.instrument.constructs["trust"].items))
    table.loc[rows, ["delta_p", "released", "verdict"]] = [0.004, item, "partial"]
    evidence = replace(fine, invariance=table)
    assert "Trust and respect (p 0.004)" in follows(evidence)
    assert f"across functions: “{title_of(item, evidence.panel)}” differs." in follows(evidence)
    (shown,) = [
        block
        for block in is_it_measured(evidence).blocks
        if isinstance(block, Table) and block.id == "invariance-means"
    ]
    cells = format_cells(shown)
    assert (
        cells["delta_cfi"].str.fullmatch(r"[−]?0\.\d{3}") | cells["delta_cfi"].str.startswith("not")
    ).all()
    gaps = evidence.gaps.assign(
        estimate=evidence.gaps["estimate"].where(evidence.gaps["variable"] != "trust", 90.0)
    )
    found = finding(replace(evidence, gaps=gaps))
    assert found is not None
    assert "The test finds a further difference beside those (p 0.004), too small" in found.caveat


def test_the_first_level_has_none_before_it(ran: "Ran") -> None:
    (figure,) = [
        block
        for block in is_it_measured(ran.evidence).blocks
        if isinstance(block, Figure) and block.id == "invariance"
    ]
    assert figure.data is not None
    cells = format_cells(figure.data)[(figure.data.frame["level"] == "configural").to_numpy()]
    assert (cells[["delta_cfi", "delta_p", "delta_srmr"]] == "not available (first level)").all(axis=None)


def cautions(section: Section) -> list[str]:
    return [block.text for block in section.blocks if isinstance(block, Callout)]


def test_every_construct_has_a_verdict_for_function_and_wave(ran: "Ran") -> None:
    table = ran.evidence.invariance
    constructs = set(ran.evidence.panel.instrument.alignment_constructs)
    for comparison in ("function", "wave"):
        assert set(table.loc[table["comparison"] == comparison, "construct"]) == constructs
    (figure,) = [
        block
        for block in is_it_measured(ran.evidence).blocks
        if isinstance(block, Figure) and block.id == "invariance"
    ]
    assert figure.data is not None
    assert len(figure.data.frame) == len(table)


@pytest.mark.parametrize(
    ("verdict", "word", "warned"),
    [
        ("holds", "alike", False),
        ("partial", "mostly alike", False),
        ("fails", "not alike", True),
        ("cannot be tested", "not tested", True),
    ],
)
def test_a_gap_says_whether_it_can_be_one(ran: "Ran", verdict: str, word: str, *, warned: bool) -> None:
    every = tuple(ran.evidence.panel.instrument.alignment_constructs)
    evidence = with_verdict(
        with_verdict(ran.evidence, "function", "holds", *every), "function", verdict, "trust"
    )
    section = two_views(evidence)
    (table,) = [block for block in section.blocks if isinstance(block, Table) and block.id == "gaps"]
    assert table.frame.set_index("variable").loc["trust", "alike"] == word
    assert any("Trust" in text for text in cautions(section)) == warned


def test_the_finding_on_the_widest_gap_says_it_too(ran: "Ran") -> None:
    widest = str(ran.evidence.gaps.loc[ran.evidence.gaps["estimate"].abs().idxmax(), "variable"])
    found = finding(with_verdict(ran.evidence, "function", "fails", widest))
    assert found is not None
    assert "do not read its questions alike" in found.caveat


def test_a_change_over_waves_that_read_it_differently_is_warned_of(ran: "Ran") -> None:
    assert any(
        "Trust" in text for text in cautions(change(with_verdict(ran.evidence, "wave", "fails", "trust")))
    )


def words(evidence: Evidence) -> dict[str, str]:
    """Return all that stands in and under each table and figure of the report, by id."""
    blocks = [block for section in benchmark_report(evidence).sections for block in section.blocks]
    found = {
        block.id: f"{block.frame.to_csv()} {' '.join(block.notes)} {block.base}"
        for block in blocks
        if isinstance(block, Table)
    }
    return found | {block.id: f"{block.svg} {block.base}" for block in blocks if isinstance(block, Figure)}


GAPS = (
    "views",
    "gaps",
    "pooling",
    "gap-reliability",
    "profile-distances",
    "surface",
    "congruence-slopes",
    "profile-correlations",
    "exclusion-ladder",
)
TRENDS = ("class-trend-practices", "waves", "changes", "norms-waves")


def test_the_warning_stands_everywhere_that_the_means_do(ran: "Ran") -> None:
    every = tuple(ran.evidence.panel.instrument.alignment_constructs)
    fine = with_verdict(with_verdict(ran.evidence, "function", "holds", *every), "wave", "holds", *every)
    clean = words(fine)
    for comparison, places in (("function", GAPS), ("wave", TRENDS)):
        warned = words(with_verdict(fine, comparison, "fails", "trust"))
        for place in places:
            assert "not read the questions alike" in warned[place] or "not alike" in warned[place], place
            assert "not read the questions alike" not in clean[place], place
            assert "not alike" not in clean[place], place


def test_the_finding_on_the_level_warns_of_its_change(ran: "Ran") -> None:
    found = level(with_verdict(ran.evidence, "wave", "fails", "trust"))
    assert found is not None
    assert "Trust and respect: the people of different waves do not read" in found.comparison


def test_what_is_not_compared_is_said(ran: "Ran") -> None:
    assert any(text.startswith("language (") for text in ran.evidence.not_compared)
    said = [block.text for block in is_it_measured(ran.evidence).blocks if isinstance(block, Paragraph)]
    assert any("Not compared: " in text and "language" in text for text in said)
