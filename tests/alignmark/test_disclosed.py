from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from alignmark.study_rules import DISCLOSED
from reports.documents.disclosed import disclosed, disclosure_items
from reports.findings import findings
from reports.report import Callout, Table
from survey.weighted import Weighted

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
    assert table.frame["stated"].str.contains("(?:is|are) not stated").sum() == len(
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
    shown = gaps[~gaps["suppressed"]]
    assert len(shown) >= len(gaps) - 1
    assert (shown["p_adjusted"] >= shown["p_value"]).all()
    assert classes.loc[classes["circular"], "p_adjusted"].isna().all()
    tested = classes["p_value"].notna() & ~classes["circular"]
    assert (classes["family"] == tested.groupby(classes["basis"]).transform("sum")).all()
    notes = {table.id: " ".join(table.notes) for table in ran.report.tables}
    assert f"These {len(shown)} comparisons are one family" in notes["gaps"]
    for basis in ran.evidence.classes:
        assert f"These {tested[classes['basis'] == basis].sum()} comparisons" in notes[f"class-gaps-{basis}"]


def test_a_headline_share_says_its_question_its_answers_and_whom_it_leaves_out(ran: "Ran") -> None:
    latest, responses = ran.evidence.facts.latest, ran.inputs.responses
    assert responses is not None
    pages = {section.id: section for section in ran.report.sections}
    for page, key, frame in (
        ("how-aligned", "adequately_aligned", responses.frame[responses.frame["wave"] == latest]),
        ("target", "improvement_target", responses.frame),
    ):
        callouts = [block for block in pages[page].blocks if isinstance(block, Callout)]
        told = next(callout.text for callout in callouts if callout.title.startswith("The question"))
        assert (
            f"“{ran.evidence.panel.instrument.columns[key].text['en']}” Answers: Yes; No; Don't know." in told
        )
        unsure = frame[key].eq("dont_know").sum()
        assert unsure > 0
        assert f"Of {len(frame)} informants" in told
        assert f"; {unsure} said “Don't know” and {frame[key].isna().sum()} gave no answer" in told
        assert "sales and marketing count equally" in told
        assert "not shares of all informants" in told


def test_the_wording_of_every_cited_question_stands_in_the_output(ran: "Ran") -> None:
    table = next(table for table in ran.report.tables if table.id == "wording")
    printed = " ".join(table.frame["wording"]) + " ".join(
        text for book in ran.evidence.books for text in book.wordings.values()
    )
    instrument = ran.evidence.panel.instrument
    for key in ("adequately_aligned", "improvement_target", "function", "win_rate", "quota_attainment"):
        assert instrument.columns[key].text["en"] in printed
    (tools,) = (item for item in disclosure_items(ran.evidence) if item.name.startswith("Measurement"))
    assert f"the table of wording below for {len(table.frame)}" in tools.stated
    assert not tools.lacking


def test_questions_without_a_wording_leave_the_item_incomplete(ran: "Ran") -> None:
    panel = ran.evidence.panel
    name = panel.instrument.alignment_constructs[0]
    bare = panel.instrument.constructs[name].model_copy(update={"items": {}})
    instrument = panel.instrument.model_copy(
        update={"constructs": {**panel.instrument.constructs, name: bare}}
    )
    evidence = replace(ran.evidence, panel=replace(panel, instrument=instrument))
    _, told, _ = disclosed(evidence)
    assert isinstance(told, Callout)
    assert "measurement tools" in told.text


def test_sizes_of_every_wave_and_the_precision_of_headlines_are_disclosed(ran: "Ran") -> None:
    (item,) = (item for item in disclosure_items(ran.evidence) if item.name.startswith("Sample sizes"))
    for row in ran.evidence.sample.to_dict("records"):
        assert f"{row['wave']}: {row['respondents']} respondents ({row['sales']} of sales" in item.stated
    for text in ("mean of", "Its median, which the summary shows", "Adequately aligned as informants say"):
        assert text in item.stated


def test_weighting_is_disclosed_with_method_margins_and_what_it_costs(ran: "Ran") -> None:
    waves = pd.DataFrame({
        "wave": [2025], "n": [100], "effective_n": [80.0], "design_effect": [1.25], "method": ["raking"],
        "converged": [True], "misfit": [0.0],
    })  # fmt: skip
    evidence = replace(ran.evidence, weights=Weighted(pd.DataFrame(), waves))
    (item,) = (item for item in disclosure_items(evidence) if "weighted" in item.name)
    assert "2025: raking, margins met. The 100 companies tell as much as 80.0" in item.stated
    assert "design effect of the weights 1.25" in item.stated
    evidence = replace(evidence, weights=Weighted(pd.DataFrame(), waves.assign(method="none")))
    (item,) = (item for item in disclosure_items(evidence) if "weighted" in item.name)
    assert item.stated.startswith("2025: adjusted to no margins. The 100 companies")


def test_several_missing_keys_are_not_stated_in_good_grammar(ran: "Ran") -> None:
    _, _, table = disclosed(stating(ran.evidence))
    assert isinstance(table, Table)
    assert table.frame["stated"].str.contains("report.sample_source, report.recruitment are not stated").any()


def test_a_new_study_states_everything(ran: "Ran") -> None:
    assert [item.name for item in disclosure_items(ran.evidence) if item.missing or item.lacking] == []


def test_findings_of_yes_and_no_say_of_whom_they_are(ran: "Ran") -> None:
    shares = [found for found in findings(ran.evidence) if found.id in ("finding-adequate", "finding-target")]
    assert len(shares) == 2
    assert all("Of those who said yes or no" in found.detail for found in shares)
    assert all("functions of a company count equally" in found.detail for found in shares)
