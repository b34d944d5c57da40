"""Classes of companies as the study declares them, and the tables that compare them."""

import pandas as pd

from alignmark.study import Study
from alignmark.study_rules import OutcomeClassRule
from analysis.benchmark.class_gaps import class_gaps, class_means
from analysis.benchmark.classes import (
    Classes,
    OutcomeClasses,
    PracticeClasses,
    classify,
    with_class,
)
from analysis.benchmark.held_out import lagged, split_half
from analysis.benchmark.practices import practice_shares
from analysis.benchmark.selection import selection_gaps
from analysis.infer.tabulation import shares
from analysis.measure.panel import Panel

HOW = {"same wave": classify, "wave before": lagged, "half": split_half}
"""How classes on outcomes are cut, as a study says it."""


def declared_classes(panel: Panel, study: Study) -> dict[str, Classes]:
    """Classify companies in each declared way, by "outcomes" and by "practices"; the two are never mixed."""
    found: dict[str, Classes] = {}
    outcomes, practices = study.classes.on_outcomes, study.classes.on_practices
    if outcomes is not None:
        found["outcomes"] = HOW[outcomes.cut_on](panel, outcome_definition(outcomes))
    if practices is not None:
        groups = panel.instrument.practices
        capabilities = [key for key, group in groups.items() if group.frame == "capability"]
        names = tuple(practices.practices or capabilities)
        definition_of_best = PracticeClasses(
            names, practices.cut, practices.share, practices.minimum_practices
        )
        found["practices"] = classify(panel, definition_of_best)
    return found


def outcome_definition(rule: OutcomeClassRule) -> OutcomeClasses:
    """Return the classes on outcomes as the analysis takes them."""
    return OutcomeClasses(tuple(rule.outcomes), rule.best, rule.laggard, rule.minimum_outcomes)


def means_by_class(panel: Panel, classes: dict[str, Classes], variables: list[str]) -> pd.DataFrame:
    """Mean of each variable in each class: ``basis, class, variable`` and the columns of `means`."""
    parts = [
        class_means(panel.frame, found, variables).assign(basis=basis) for basis, found in classes.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def gaps_between_classes(panel: Panel, classes: dict[str, Classes], variables: list[str]) -> pd.DataFrame:
    """Differences of the first class from the others: ``basis, contrast`` and the columns of `class_gaps`."""
    parts = [
        class_gaps(panel.frame, found, variables).rename(columns={"b": "contrast"}).assign(basis=basis)
        for basis, found in classes.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def gaps_of_selection(panel: Panel, classes: dict[str, Classes]) -> pd.DataFrame:
    """Outcome gaps beside those that the sorting itself makes; empty without classes on outcomes."""
    if "outcomes" not in classes or not classes["outcomes"].selected_on:
        return pd.DataFrame()
    return selection_gaps(panel.frame, classes["outcomes"])


def targets_by_class(panel: Panel, classes: dict[str, Classes]) -> pd.DataFrame:
    """Share of each class on outcomes that calls alignment a target; empty if nobody was asked."""
    question = panel.instrument.with_role("improvement_target")
    if question is None or question.id not in panel.frame or "outcomes" not in classes:
        return pd.DataFrame()
    return _of_classes(shares(with_class(panel.frame, classes["outcomes"]), question.id, by=["class"]))


def practices_by_class(panel: Panel, classes: dict[str, Classes], cut: float) -> pd.DataFrame:
    """Share of each class on outcomes with each practice in place; empty without either."""
    if "outcomes" not in classes:
        return pd.DataFrame()
    return practice_shares(panel.frame, classes["outcomes"], panel.instrument, cut=cut)


def _of_classes(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the cell of companies without a class."""
    return table.dropna(subset=["class"], ignore_index=True)
