"""Whether the groups of a study understand its questions alike: invariance over what a study compares."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from analysis.measure.invariance import Invariance, invariance
from analysis.measure.item_covariance import turned
from survey.declaration import Declared
from survey.responses import Responses

Comparison = Literal["function", "wave", "industry", "size", "region"]


class InvarianceRule(Declared):
    """Which groups are compared, and how.

    Parameters
    ----------
    across
        Comparisons whose means are published, so that they need scalar invariance.
    missing
        Whether people with a missing answer to a construct are left out of its test, or their other answers
        count (full-information maximum likelihood), which takes longer.

    Examples
    --------
    >>> InvarianceRule().across
    ('function', 'wave')
    """

    across: tuple[Comparison, ...] = ("function", "wave")
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
        Industry, size and region by company, as far as they are known; comparisons without them, and those with
        one group only, are left out.
    """
    items = {name: responses.items_of(name) for name in constructs}
    every = [item for found in items.values() for item in found]
    company = responses.frame["company"]
    known: dict[str, pd.Series] = {
        "function": responses.frame["function"],
        "wave": responses.frame["wave"].astype("str"),
    }
    known |= {name: company.map(values) for name, values in (facts or {}).items()}
    groups: dict[str, pd.Series] = {
        name: known[name] for name in rule.across if name in known and len(known[name].dropna().unique()) > 1
    }
    answers = turned(responses, every, responses.frame)
    return invariance(
        answers, items, comparisons=groups, clusters=company, robust=True, missing=rule.missing
    )  # fmt: skip
