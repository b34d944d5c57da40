"""Classes as a study declares them: cut on the wave itself, on the wave before, on half of the outcomes."""

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import pytest

from alignmark.benchmarking import benchmark_tables
from alignmark.class_members import cells_of_other_classes
from alignmark.classing import declared_classes, gaps_between_classes, gaps_of_selection
from alignmark.study import Study, read_study
from reports.documents.best_in_class import best_in_class
from reports.documents.passages import too_few_in_class
from reports.documents.what_to_do import what_to_do
from reports.report import Callout
from survey.problems import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from alignmark.comparing import Compared
    from tests.alignmark.conftest import Ran, Spoil


def cut_on(study: Study, what: str) -> Study:
    rule = study.classes.on_outcomes
    assert rule is not None
    classes = study.classes.model_copy(update={"on_outcomes": rule.model_copy(update={"cut_on": what})})
    return study.model_copy(update={"classes": classes})


def test_classes_of_the_wave_before_guarantee_no_gap(ran: "Ran") -> None:
    panel, study = ran.evidence.panel, read_study(ran.study).study
    classes = declared_classes(panel, cut_on(study, "wave before"))
    found = classes["outcomes"]
    assert found.label.endswith("of the wave before")
    assert found.frame["wave"].min() > min(panel.waves)
    gaps = gaps_between_classes(panel, classes, ["alignment", "revenue_growth", "win_rate"])
    assert not gaps.loc[gaps["basis"] == "outcomes", "circular"].any()
    assert gaps_of_selection(panel, classes).empty
    page = best_in_class(replace(ran.evidence, classes=classes, selection=pd.DataFrame()))
    told = next(block.text for block in page.blocks if isinstance(block, Callout))
    assert "A company needs all of them to be classed" in told
    assert "have no class, for want of one in the wave before" in told
    assert "guaranteed by the selection all the same" in told


def test_half_of_the_outcomes_leave_the_others_to_be_compared(ran: "Ran") -> None:
    panel, study = ran.evidence.panel, read_study(ran.study).study
    rule = study.classes.on_outcomes
    assert rule is not None
    classes = declared_classes(panel, cut_on(study, "half"))
    assert classes["outcomes"].selected_on == tuple(rule.outcomes[::2])
    assert set(gaps_of_selection(panel, classes)["outcome"]) == set(rule.outcomes[::2])


@pytest.mark.parametrize(
    ("what", "outcomes", "held"), [("half", 2, 0), ("half", 3, 2), ("wave before", 3, 0)]
)
def test_what_is_held_out_is_a_part_of_what_the_classes_were_cut_on(
    ran: "Ran", what: str, outcomes: int, held: int
) -> None:
    study = read_study(ran.study).study
    rule = study.classes.on_outcomes
    assert rule is not None
    names = ["revenue_growth", "win_rate", "alignment"][:outcomes]
    rule = rule.model_copy(update={"outcomes": names, "cut_on": what})
    study = study.model_copy(update={"classes": study.classes.model_copy(update={"on_outcomes": rule})})
    panel = ran.evidence.panel
    classes = declared_classes(panel, study)
    waves = cast("Compared", SimpleNamespace(ground=SimpleNamespace(panel=panel)))
    tables = benchmark_tables(panel, waves, classes, study, facts=ran.evidence.facts)
    assert len(tables["held_out"].get("outcome", pd.Series()).unique()) == held
    assert bool(list(cells_of_other_classes(tables, panel, classes))) == bool(held)


def test_half_of_one_outcome_is_refused(spoiled: "Spoil") -> None:
    path: Path = spoiled(("[revenue_growth, win_rate]", "[win_rate]\n    cut_on: half"))
    with pytest.raises(InputError, match="cannot take half of one outcome"):
        read_study(path)


def test_the_rule_for_missing_outcomes_and_ties_is_said(ran: "Ran") -> None:
    page = best_in_class(ran.evidence)
    told = next(block.text for block in page.blocks if isinstance(block, Callout))
    assert "the upper 30% are best in class, the lower 40% laggards, the 30% between them average" in told
    assert "level across a cut go to the middle" in told
    missing = sum(ran.evidence.classes["outcomes"].unclassified.values())
    assert f"{missing} company-years could not be classed" in told


def test_a_blank_comparison_of_classes_says_its_own_reason(ran: "Ran") -> None:
    evidence = ran.evidence
    counts = evidence.classes["outcomes"].frame.groupby("class")["company"].nunique()
    for minimum, reason in (
        (1, "beside the other tables"),
        (int(counts.min()) + 1, "a class has fewer than"),
    ):
        facts = replace(evidence.facts, minimum_companies=minimum)
        assert too_few_in_class(replace(evidence, facts=facts), "outcomes").startswith(reason)
        page = what_to_do(
            replace(evidence, facts=facts, class_gaps=evidence.class_gaps.assign(estimate=np.nan))
        )
        assert any(reason in block.text for block in page.blocks if isinstance(block, Callout))
    assert "growth model" in str(what_to_do(replace(evidence, classes={})).blocks)
