"""Answers made ready for a factor model: groups, what is left out, and why a model cannot be fitted to them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.measure.factor_model import Floats, Ints
from analysis.measure.normal_likelihood import Sample, sample
from survey.language import look_up, mark, say

SINGULAR = 1e-10
"""Eigenvalue of a correlation matrix below which an item repeats others."""

NO_ITEM = mark("there is no item whose answers differ")
MISSED, SILENT = mark("left out: {n} who missed an answer"), mark("left out: {n} who answered no item")
NO_GROUP, NO_CLUSTER = mark("left out: {n} who have no group"), mark("left out: {n} who have no cluster")


@dataclass(frozen=True, slots=True, eq=False)
class GroupedAnswers:
    """Answers by group: labels (sorted, or as categories are), samples, the number of each cluster where declared.

    `notes` says who was left out, `problems` why nothing can be fitted.
    """

    labels: tuple[Hashable, ...]
    samples: tuple[Sample, ...]
    clusters: tuple[Ints, ...] | None
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def grouped_answers(
    answers: pd.DataFrame,
    items: Sequence[str],
    *,
    groups: pd.Series | None,
    clusters: pd.Series | None,
    missing: str,
) -> GroupedAnswers:
    """Return the answers to items by group, with what was left out and what stands in the way.

    Parameters
    ----------
    answers
        One row per respondent.
    items
        Columns of `answers`.
    groups, clusters
        Aligned with `answers`; who has none is left out.
    missing
        "listwise" leaves out who misses an answer, "fiml" who misses all.

    Raises
    ------
    ValueError
        Items that `answers` does not have, or another word for `missing`.
    """
    if absent := [item for item in items if item not in answers]:
        raise ValueError(f"no such items: {', '.join(absent)}")
    if missing not in ("listwise", "fiml"):
        raise ValueError(f"missing is {missing!r}: allowed are 'listwise' and 'fiml'")
    if not items:
        return GroupedAnswers((), (), None, (), (look_up(NO_ITEM),))
    values = answers[list(items)].astype("float64")
    kept, notes = _kept(values, groups, clusters, missing=missing)
    group = pd.Series("all", index=values.index) if groups is None else groups
    known = _labels(group)
    labels = tuple(label for label in known if (kept & (group == label).to_numpy()).any())
    at = [np.flatnonzero(kept & (group == label).to_numpy()) for label in labels]
    parts = [values.to_numpy()[rows] for rows in at]
    codes = None if clusters is None else pd.factorize(clusters)[0]
    own = None if codes is None else tuple(codes[rows] for rows in at)
    named = [f"{label}: " if groups is not None else "" for label in labels]
    problems = [name + p for name, part in zip(named, parts, strict=True) for p in _problems(part, items)]
    problems += _cluster_problems(own, named)
    nobody = say("nobody answered")
    problems += [f"{label}: {nobody}" for label in known if label not in labels and groups is not None]
    problems += [] if labels else [nobody]
    return GroupedAnswers(labels, tuple(map(sample, parts)), own, tuple(notes), tuple(problems))


def groups_alone(
    answers: pd.DataFrame, items: Sequence[str], groups: pd.Series, *, missing: str
) -> dict[Hashable, tuple[int, list[str]]]:
    """Return of each group by itself how many answered, and what stands in the way of a model of them."""
    values = answers[list(items)].astype("float64")
    kept, _ = _kept(values, None, None, missing=missing)
    parts = {
        label: values.to_numpy()[kept & (groups == label).to_numpy(dtype=bool, na_value=False)]
        for label in _labels(groups)
    }
    nobody = [say("nobody answered")]
    return {
        label: (len(part), _problems(part, items) if len(part) else nobody) for label, part in parts.items()
    }


def _kept(
    values: pd.DataFrame, groups: pd.Series | None, clusters: pd.Series | None, *, missing: str
) -> tuple[np.ndarray, list[str]]:
    """Return which respondents stay, and how many leave for which reason."""
    answered = values.notna()
    rules = [
        (answered.all(axis=1), MISSED) if missing == "listwise" else (answered.any(axis=1), SILENT),
        *[
            (given.notna(), why)
            for why, given in ((NO_GROUP, groups), (NO_CLUSTER, clusters))
            if given is not None
        ],
    ]
    kept, notes = np.ones(len(values), bool), []
    for rule, why in rules:
        lost = int((kept & ~rule.to_numpy()).sum())
        kept &= rule.to_numpy()
        notes += [look_up(why).format(n=lost)] if lost else []
    return kept, notes


def _problems(part: Floats, items: Sequence[str]) -> list[str]:
    """Return why no covariance matrix can be had from the answers of a group."""
    present = ~np.isnan(part)
    lowest = np.where(present, part, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(present, part, -np.inf).max(axis=0, initial=-np.inf)
    if none := [item for item, any_ in zip(items, present.sum(axis=0), strict=True) if not any_]:
        return [say("nobody answered {none}", none=", ".join(none))]
    if constant := [
        item for item, same in zip(items, np.equal(lowest, highest).tolist(), strict=True) if same
    ]:
        return [say("all answers are equal: {constant}", constant=", ".join(constant))]
    if len(part) <= len(items):
        return [say("{n} respondents are too few for {items} items", n=len(part), items=len(items))]
    together = present.T.astype(float) @ present
    if (together < 2).any():
        first, second = np.argwhere(np.triu(together < 2))[0]
        return [
            say(
                "{first} and {second} were not answered by the same people",
                first=items[first],
                second=items[second],
            )
        ]
    if present.all() and np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(part, rowvar=False)))[0] < SINGULAR:
        return [say("an item repeats others exactly")]
    return []


def _cluster_problems(clusters: tuple[Ints, ...] | None, named: Sequence[str]) -> list[str]:
    """Return where errors by cluster cannot be had."""
    few = [name for name, own in zip(named, clusters or (), strict=False) if len(np.unique(own)) < 2]
    return [name + say("errors by cluster need two clusters") for name in few]


def _labels(groups: pd.Series) -> list[Hashable]:
    """Return the groups in the order of their categories, else sorted: the order of rows never matters."""
    if isinstance(groups.dtype, pd.CategoricalDtype):
        return list(groups.cat.categories)
    return sorted(groups.dropna().unique(), key=lambda label: (str(type(label)), label))
