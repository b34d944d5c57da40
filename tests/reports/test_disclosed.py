from dataclasses import replace
from typing import TYPE_CHECKING

from alignmark.study_rules import DISCLOSED
from reports.documents.disclosed import disclosed, disclosure_items
from reports.report import Callout, Table

if TYPE_CHECKING:
    from reports.evidence import Evidence


def stating(evidence: "Evidence", **said: str) -> "Evidence":
    facts = replace(evidence.facts, population="Firms.", sponsor="Nobody", limits=("Small.",), disclosed=said)
    return replace(evidence, facts=facts)


def test_what_a_study_does_not_state_is_listed_as_missing(evidence: "Evidence") -> None:
    items = list(disclosure_items(stating(evidence)))
    assert len(items) == 11
    missing = [key for item in items for key in item.missing]
    assert sorted(missing) == sorted(set(DISCLOSED) - {"funder"})
    _, told, table = disclosed(stating(evidence))
    assert isinstance(told, Callout)
    assert isinstance(table, Table)
    assert all(f"report.{key}" in told.text for key in missing)
    assert table.frame["stated"].str.contains("is not stated").sum() == len([item for item in items if item.missing])


def test_what_is_stated_stands_in_the_box_and_nothing_is_missing(evidence: "Evidence") -> None:
    said = {key: f"About {key}" for key in DISCLOSED}
    _, table = disclosed(stating(evidence, **said))
    assert isinstance(table, Table)
    shown = " ".join(table.frame["stated"])
    assert all(text in shown for text in said.values())
    assert "not stated" not in shown
    assert "companies in" in shown
