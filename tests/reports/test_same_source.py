"""The page on a common source and the part on who did not answer, where nothing is known."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.measure.panel import Panel
from reports.checks import SameSource, WhoIsMissing
from reports.documents import same_source as room
from reports.documents.nonresponse import _widest, nonresponse
from reports.documents.same_source import same_source
from reports.evidence import Evidence
from reports.report import Callout
from survey.instrument import read_instrument


def evidence(**parts: object) -> Evidence:
    return SimpleNamespace(**parts)  # type: ignore[return-value]


def test_one_reason_for_every_check_is_said_once() -> None:
    why = dict.fromkeys(("crossed", "marker", "method", "harman"), "nobody was asked")
    panel = Panel(pd.DataFrame(), read_instrument("alignment"), {})
    section = same_source(evidence(panel=panel, same_source=SameSource(why=why)))
    (block,) = section.blocks
    assert isinstance(block, Callout)
    assert block.text == "Not available: nobody was asked."


@pytest.mark.parametrize(("scored_by", "told"), [("respondents", "mood"), ("interviewer", "impression")])
def test_the_page_speaks_of_whoever_scored(scored_by: str, told: str) -> None:
    instrument = read_instrument("alignment").model_copy(update={"scored_by": scored_by})
    why = {name: name for name in ("crossed", "marker", "method", "harman")}
    panel = Panel(pd.DataFrame(), instrument, {})
    section = same_source(evidence(panel=panel, same_source=SameSource(why=why)))
    words = f"{section.question} {section.lead} {section.title}"
    assert f"one {told}" in words
    assert ("mood" in words) == (told == "mood")
    assert ("function" in words) == (told == "mood")


@pytest.mark.parametrize(("silent", "callouts"), [("no times", 2), ("one function", 3)])
def test_who_did_not_answer_says_what_is_not_known(silent: str, callouts: int) -> None:
    missing = WhoIsMissing(why={"register": "no frame", "late": "no times", "silent": silent})
    found = [block for block in nonresponse(evidence(missing=missing)) if isinstance(block, Callout)]
    assert len(found) == callouts
    assert found[0].text == "Not available: no frame."


def crossed(*ends: tuple[float, float]) -> pd.DataFrame:
    rows = pd.DataFrame(ends, columns=["conf_low", "conf_high"])
    return rows.assign(kind="other source", outcome="win_rate", rater="sales")


def test_only_positive_and_clear_cases_go_with_and_negative_ones_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "with_titles", lambda rows, _, key: rows.assign(label=rows[key]))
    panel = Panel(pd.DataFrame(), read_instrument("alignment"), {})
    rows = crossed((1, 2), (-1, 2), (-3, -1))
    said = room._title(evidence(panel=panel, same_source=SameSource(crossed=rows)))
    assert said.startswith("In 1 of 3 cases")
    assert said.endswith("it goes the other way for win_rate (sales rates)")


def test_of_days_and_costs_fewer_are_better_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "with_titles", lambda rows, _, key: rows.assign(label=rows[key]))
    panel = Panel(pd.DataFrame(), read_instrument("alignment"), {})
    rows = crossed((1, 2), (-1, 2), (-3, -1)).assign(outcome="sales_cycle_days")
    said = room._title(evidence(panel=panel, same_source=SameSource(crossed=rows)))
    assert said.startswith("In 1 of 3 cases")
    assert said.endswith("it goes the other way for sales_cycle_days (sales rates)")
    fewer = room._title(evidence(panel=panel, same_source=SameSource(crossed=rows.iloc[1:])))
    assert fewer == (
        "In 1 of 2 cases what one function rates goes with better results in the other's report, beyond chance"
    )


@pytest.mark.parametrize(("p", "told"), [(0.217, True), (0.01, False)])
def test_the_largest_of_many_differences_is_said_to_be_within_chance(p: float, *, told: bool) -> None:
    rows = pd.DataFrame(
        {"variable": "size", "category": ["small", "large"], "answered": [60.0, 40.0], "silent": [40.0, 60.0]}
    ).assign(standardised_difference=[0.4, -0.4])
    said = _widest(rows, pd.DataFrame({"variable": ["size"], "p_value": [p]}))
    assert ("within chance (p 0.217)" in said) == told
