from dataclasses import replace
from typing import TYPE_CHECKING

from alignmark.study_rules import DISCLOSED
from reports.documents.disclosed import disclosed, disclosure_items
from reports.report import Callout, Table

if TYPE_CHECKING:
    from reports.evidence import Evidence
    from tests.alignmark.conftest import Ran


def stating(evidence: "Evidence", **said: str) -> "Evidence":
    facts = replace(evidence.facts, population="Firms.", sponsor="Nobody", limits=("Small.",), disclosed=said)
    return replace(evidence, facts=facts)


def test_what_a_study_does_not_state_is_listed_as_missing(ran: "Ran") -> None:
    items = list(disclosure_items(stating(ran.evidence)))
    assert len(items) == 11
    missing = [key for item in items for key in item.missing]
    assert sorted(missing) == sorted(set(DISCLOSED) - {"funder"})
    _, told, table = disclosed(stating(ran.evidence))
    assert isinstance(told, Callout)
    assert isinstance(table, Table)
    assert all(f"report.{key}" in told.text for key in missing)
    assert table.frame["stated"].str.contains("is not stated").sum() == len(
        [item for item in items if item.missing]
    )


def test_what_is_stated_stands_in_the_box_and_nothing_is_missing(ran: "Ran") -> None:
    said = {key: f"About {key}" for key in DISCLOSED}
    _, table = disclosed(stating(ran.evidence, **said))
    assert isinstance(table, Table)
    shown = " ".join(table.frame["stated"])
    assert all(text in shown for text in said.values())
    assert "not stated" not in shown
    assert "companies in" in shown


def test_families_of_comparisons_are_counted_beside_their_tables(ran: "Ran") -> None:
    gaps, classes = ran.evidence.gaps, ran.evidence.class_gaps
    assert (gaps["family"] == gaps["p_value"].notna().sum()).all()
    assert (gaps["p_adjusted"] >= gaps["p_value"]).all()
    assert classes.loc[classes["circular"], "p_adjusted"].isna().all()
    tested = classes["p_value"].notna() & ~classes["circular"]
    assert (classes["family"] == tested.groupby(classes["basis"]).transform("sum")).all()
    notes = {table.id: " ".join(table.notes) for table in ran.report.tables}
    assert f"These {len(gaps)} comparisons are one family" in notes["gaps"]
    for basis in ran.evidence.classes:
        assert f"These {tested[classes['basis'] == basis].sum()} comparisons" in notes[f"class-gaps-{basis}"]
