"""Whether the groups of a study understand its questions alike: invariance over what a study compares."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pandas as pd
from pydantic import Field

from analysis.measure.invariance import Invariance, invariance
from analysis.measure.item_covariance import turned
from survey.declaration import Declared
from survey.language import look_up, say
from survey.responses import Responses

Comparison = Literal["function", "wave", "size", "industry", "region", "language"]

DESIGN = ("function", "wave")
"""Comparisons that a study is made for: their groups are tested however small, as far as the model allows."""


class InvarianceRule(Declared):
    """Which groups are compared, and how.

    Parameters
    ----------
    across
        Comparisons; means that are published need scalar invariance over their groups.
    smallest_group
        Respondents that a size, industry, region or language must have to be compared: with fewer, what differs is
        mostly chance. 100: the least that is often asked of a group (Kline 2015).
    missing
        Whether people with a missing answer to a construct are left out of its test, or their other answers
        count (full-information maximum likelihood), which takes longer.

    Examples
    --------
    >>> InvarianceRule().across
    ('function', 'wave', 'size', 'industry', 'language')
    """

    across: tuple[Comparison, ...] = ("function", "wave", "size", "industry", "language")
    smallest_group: int = Field(default=100, ge=2)
    missing: Literal["listwise", "fiml"] = "listwise"


def comparable_groups(
    responses: Responses,
    constructs: Sequence[str],
    *,
    rule: InvarianceRule,
    facts: Mapping[str, pd.Series] | None = None,
) -> Invariance:
    """Test each construct over the groups that a study compares; see `analysis.measure.invariance.invariance`.

    Errors are clustered by company and robust to answers that are not normal.

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here.
    constructs
        Constructs with items.
    rule
        As the study declares.
    facts
        Industry, size and region by company, as far as they are known.

    Returns
    -------
    Invariance
        `left_out` says which comparisons and groups are not made, and why.
    """
    items = {name: responses.items_of(name) for name in constructs}
    every = [item for found in items.values() for item in found]
    groups, left_out = _groups(responses, rule, facts or {})
    answers = turned(responses, every, responses.frame)
    found = invariance(
        answers, items, comparisons=groups, clusters=responses.frame["company"], robust=True, missing=rule.missing,
    )  # fmt: skip
    return replace(found, left_out=tuple(left_out))


def _groups(
    responses: Responses, rule: InvarianceRule, facts: Mapping[str, pd.Series]
) -> tuple[dict[str, pd.Series], list[str]]:
    """Return the group of each respondent by comparison, and what is not compared, in words."""
    frame, groups, left_out = responses.frame, dict[str, pd.Series](), list[str]()
    known = {
        "function": frame["function"].where(frame["function"] != ""),
        "wave": frame["wave"].astype("str"),
    }
    known |= {name: frame["company"].map(values) for name, values in facts.items()}
    known |= {"language": frame["language"]} if "language" in frame else {}
    for name in rule.across:
        own = known.get(name, pd.Series(index=frame.index, dtype="str"))
        counts = own.value_counts()
        few = counts[counts < rule.smallest_group] if name not in DESIGN else counts.iloc[:0]
        groups[name] = own.mask(own.isin(few.index))
        if len(counts) - len(few) < 2:
            del groups[name]
            left_out.append(f"{look_up(name)} ({_why_not(counts, rule)})")
        elif len(few):
            left_out.append(f"{look_up(name)}: {', '.join(sorted(map(str, few.index)))} ({_fewer(rule)})")
    return groups, left_out


def _why_not(counts: pd.Series, rule: InvarianceRule) -> str:
    if len(counts) < 2:
        return say("one group only") if len(counts) else say("not known of the respondents")
    return say("fewer than two groups have {n} respondents", n=rule.smallest_group)


def _fewer(rule: InvarianceRule) -> str:
    return say("fewer than {n} respondents", n=rule.smallest_group)
