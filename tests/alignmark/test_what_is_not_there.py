"""Without functions, with one construct or few companies: no sentence says more than the data show."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from reports.documents.change import change
from reports.documents.how_aligned import two_views
from reports.documents.measured import is_it_measured
from reports.documents.opening import summary
from reports.evidence import Evidence
from reports.findings import level
from reports.outcome_units import slope_unit
from reports.report import Bullets, Callout, Figure, Section
from reports.views_finding import two_views as finding
from survey.language import speaking

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran

pytestmark = pytest.mark.usefixtures("undrawn")


def without_functions(evidence: Evidence) -> Evidence:
    frame = evidence.panel.frame.drop(columns=["gap"])
    return replace(evidence, panel=replace(evidence.panel, frame=frame))


def with_gaps(evidence: Evidence, gaps: pd.DataFrame) -> Evidence:
    return replace(
        evidence,
        gaps=gaps,
        functions=evidence.functions[evidence.functions["variable"].isin(gaps["variable"])],
    )


def within_chance(gaps: pd.DataFrame) -> pd.DataFrame:
    return gaps.assign(conf_low=gaps["estimate"] - 20, conf_high=gaps["estimate"] + 20)


def figure_title(section: Section) -> str:
    return next(block.title for block in section.blocks if isinstance(block, Figure))


def test_without_functions_none_is_named(ran: "Ran") -> None:
    section = is_it_measured(without_functions(ran.evidence))
    (bullets,) = [block for block in section.blocks if isinstance(block, Bullets)][:1]
    said = " ".join([section.title, section.lead, *bullets.items])
    assert "one function" not in said.lower()
    assert "both functions" not in said
    assert section.title.endswith("for one company")
    assert is_it_measured(ran.evidence).title.endswith("for one function of one company")


def test_a_widest_gap_within_chance_is_no_difference(ran: "Ran") -> None:
    apart = figure_title(two_views(ran.evidence))
    assert apart.endswith("the widest gap")
    none = within_chance(ran.evidence.gaps)
    assert figure_title(two_views(with_gaps(ran.evidence, none))).startswith("No gap is beyond chance")
    alone = two_views(with_gaps(ran.evidence, none.head(1)))
    assert "is not beyond chance" in figure_title(alone)
    assert alone.title.endswith("0 of 1 construct")


def test_one_construct_was_not_chosen_and_makes_no_family(ran: "Ran") -> None:
    only = ran.evidence.gaps.head(1)
    found, several = finding(with_gaps(ran.evidence, only)), finding(ran.evidence)
    assert found is not None
    assert several is not None
    assert "was chosen because" in several.caveat
    assert "was chosen because" not in found.caveat
    assert found.comparison.endswith("of 1 construct.")
    with speaking("de"):
        said = finding(with_gaps(ran.evidence, only))
    assert said is not None
    assert said.comparison.startswith("Die Bereiche")


def test_the_number_of_informants_is_told_and_not_called_few(ran: "Ran") -> None:
    frame = ran.evidence.panel.frame
    latest = frame[(frame["wave"] == ran.evidence.facts.latest) & frame["reliability"].notna()]
    found = level(ran.evidence)
    assert found is not None
    assert f"rests on {latest['n'].median():.0f} informants" in found.caveat


@pytest.mark.parametrize(
    ("companies", "reason"), [(14, "fewer than 20 companies"), (24, "give a company away")]
)
def test_percentiles_are_withheld_for_the_reason_that_holds(ran: "Ran", companies: int, reason: str) -> None:
    evidence, latest = ran.evidence, ran.evidence.facts.latest
    frame = evidence.panel.frame[evidence.panel.frame["wave"] == latest].head(companies)
    norms = evidence.norms.assign(median=float("nan"))
    few = replace(evidence, panel=replace(evidence.panel, frame=frame), norms=norms)
    strip = summary(few).blocks[-1]
    assert isinstance(strip, Callout)
    assert reason in strip.text


def test_growth_computed_from_records_is_in_per_cent(ran: "Ran") -> None:
    instrument = ran.evidence.panel.instrument.model_copy(update={"outcomes": {}})
    for units, said in (({"revenue_growth": "% a year"}, "percentage points a year"), ({}, "")):
        panel = replace(ran.evidence.panel, instrument=instrument, units=units)
        assert slope_unit(replace(ran.evidence, panel=panel), "revenue_growth") == said
    assert ran.evidence.panel.units["revenue_growth"] == "% a year"


@pytest.mark.parametrize(
    ("companies", "reason"), [(4, "too few companies are in two"), (24, "give a company away")]
)
def test_a_change_is_withheld_for_the_reason_that_holds(ran: "Ran", companies: int, reason: str) -> None:
    evidence = ran.evidence
    kept = evidence.panel.frame["company"].drop_duplicates().head(companies)
    panel = replace(evidence.panel, frame=evidence.panel.frame[evidence.panel.frame["company"].isin(kept)])
    blank = evidence.changes.assign(estimate=float("nan"), left_out="")
    (block,) = [
        b for b in change(replace(evidence, panel=panel, changes=blank)).blocks if isinstance(b, Callout)
    ]
    assert reason in block.text
