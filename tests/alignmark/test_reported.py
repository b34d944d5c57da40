"""The checklist CROSS: what is told is ticked, what is not is named with the key that would tell it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from alignmark.study_rules import DISCLOSED, REPORTED, ReportRule
from reports.documents.reported import reported, reported_items
from reports.report import Callout, Table

if TYPE_CHECKING:
    from reports.evidence import Evidence
    from tests.alignmark.conftest import Ran

NUMBERS = (
    "1a 1b 2 3 4 5a 5b 5c 5d 6a 6b 6c 6d 7a 7b 7c 8 9a 9b 10a 10b 10c 10d 10e 10f 10g 11a 11b 11c 11d 12 13a 13b 13c "
    "14 15 16 17 18 19"
)  # fmt: skip


def stating(evidence: "Evidence", **said: str) -> "Evidence":
    facts = replace(
        evidence.facts,
        title="A survey",
        population="Firms.",
        sponsor="Nobody",
        limits=("Small.",),
        disclosed=said,
    )
    return replace(evidence, facts=facts)


def test_all_forty_items_stand_in_their_order(ran: "Ran") -> None:
    items = list(reported_items(ran.evidence))
    assert [item.number for item in items] == NUMBERS.split()
    assert {item.status for item in items} <= {"✓ yes", "in part", "missing", "does not apply"}
    assert all(item.said for item in items if item.status != "does not apply")


def test_what_nobody_says_is_missing_with_the_key_that_would_tell_it(ran: "Ran") -> None:
    items = list(reported_items(stating(ran.evidence)))
    keys = {key for item in items for key in item.keys}
    assert keys >= {*REPORTED, "strategy", "mode", "field_dates", "funder"}
    assert keys <= set(ReportRule.model_fields)
    _, told, table = reported(stating(ran.evidence))
    assert isinstance(told, Callout)
    assert isinstance(table, Table)
    assert all(f"report.{key}" in told.text for key in keys)
    said = table.frame.set_index("number")
    assert said.loc["18", "status"] == "missing"
    assert "report.conflicts" in said.loc["18", "said"]
    assert said.loc["9b", "status"] == "in part"


def test_what_the_study_says_is_ticked_in_its_words(ran: "Ran") -> None:
    words = {key: f"About {key}" for key in (*DISCLOSED, *REPORTED)}
    items = {item.number: item for item in reported_items(stating(ran.evidence, **words))}
    assert not any(item.keys for item in items.values())
    assert items["9a"].status == "✓ yes"
    assert items["9a"].said == "About ethics. Consent: About consent."


def test_what_was_not_run_is_not_ticked(ran: "Ran") -> None:
    nothing = pd.DataFrame()
    missing = replace(ran.evidence.missing, late=nothing, silent=nothing, register=nothing)
    bare = replace(
        ran.evidence, missing=missing, reliability=nothing, fits=(), ladder=nothing, corrections=nothing,
        benchmarks=replace(ran.evidence.benchmarks, cuts=nothing, composites=nothing), accounting=nothing,
        facts=replace(ran.evidence.facts, title="T", subtitle="", population="", fieldwork="", waves=(2025,)),
    )  # fmt: skip
    status = {item.number: item.status for item in reported_items(bare)}
    assert {status[number] for number in ("1a", "5b", "6d", "10d", "10g", "11a", "13c")} == {"missing"}
    assert {status[number] for number in ("10e", "13b")} == {"does not apply"}
