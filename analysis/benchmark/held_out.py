"""Classes that are not compared on what they were cut on: cut on the wave before, or on half of the outcomes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pandas as pd

from analysis.benchmark.class_gaps import class_gaps
from analysis.benchmark.classes import REST, Classes, OutcomeClasses, classify
from analysis.measure.panel import Panel
from survey.language import mark, say

UNKNOWN_BEFORE = mark("without a class in the wave before")


def split_half(panel: Panel, definition: OutcomeClasses) -> Classes:
    """Cut the classes on every other outcome, and leave the rest of them to be compared.

    The first, third, ... of the declared outcomes define the classes; gaps in the others are not guaranteed by
    construction, though they are no experiment either: outcomes go together.

    Parameters
    ----------
    panel
        Companies by wave.
    definition
        Outcomes and shares; two outcomes or more.

    Returns
    -------
    Classes
        Whose `selected_on` is the half that was used.

    Raises
    ------
    InputError
        As `classify`.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10), "win_rate": range(10)})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> split_half(panel, OutcomeClasses(("revenue_growth", "win_rate"))).label
    'selected on revenue growth, half of the declared outcomes; the others were held out'
    """
    half = definition.outcomes[::2]
    least = definition.minimum_outcomes
    kept = None if least is None else min(least, len(half))
    found = classify(panel, replace(definition, outcomes=half, minimum_outcomes=kept))
    label = say("{label}, half of the declared outcomes; the others were held out", label=found.label)
    return replace(found, label=label)


def lagged(panel: Panel, definition: OutcomeClasses) -> Classes:
    """Give each company the class that it earned in the wave before.

    What a class was cut on lies in the past of what is compared, so that no gap of the present is guaranteed. What
    lasts from wave to wave makes a gap all the same; of what does not last nothing is left (regression to the mean).

    Parameters
    ----------
    panel
        Companies by wave.
    definition
        Outcomes and shares.

    Returns
    -------
    Classes
        Rows stand in the wave in which they are compared; nothing is `selected_on` in it. Companies that had no class
        in the wave before are counted as unclassified, as is everybody in the first wave.

    Raises
    ------
    InputError
        As `classify`.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": [*range(10)] * 2, "wave": [2024] * 10 + [2025] * 10,
    ...                       "revenue_growth": [*range(10), *range(10)]})
    >>> found = lagged(Panel(frame, read_instrument("alignment"), {}), OutcomeClasses(("revenue_growth",)))
    >>> found.label, found.frame["wave"].unique().tolist(), found.unclassified
    ('selected on revenue growth of the wave before', [2025], {'without a class in the wave before': 10})
    """
    found = classify(panel, definition)
    following = dict(pairwise(panel.waves))
    shifted = found.frame.assign(wave=found.frame["wave"].map(following)).dropna(subset=["wave"])
    shifted = shifted.astype({"wave": found.frame["wave"].dtype})
    frame = panel.frame[["company", "wave"]].merge(shifted, on=["company", "wave"])
    missing = len(panel.frame) - len(frame)
    label = say("{label} of the wave before", label=found.label)
    return Classes(frame, definition, (), label, {UNKNOWN_BEFORE: missing} if missing else {})


def held_out_gaps(panel: Panel, definition: OutcomeClasses) -> pd.DataFrame:
    """Compare the best with the rest and the laggards on each defining outcome, cut on the other ones alone.

    Parameters
    ----------
    panel
        Companies by wave.
    definition
        Outcomes and shares.

    Returns
    -------
    DataFrame
        ``outcome, contrast`` ("laggard", "rest") and the columns of `class_gaps`; empty with fewer than two outcomes,
        which leave nothing to cut on.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10), "win_rate": [5, 0] * 5})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> table = held_out_gaps(panel, OutcomeClasses(("revenue_growth", "win_rate")))
    >>> table.loc[table["outcome"] == "win_rate", "circular"].tolist()
    [False, False]
    """
    if len(definition.outcomes) < 2:
        return pd.DataFrame()
    parts = []
    for outcome, classes in classes_on_others(panel, definition):
        gaps = class_gaps(panel.frame, classes, [outcome])
        parts.append(gaps[gaps["b"].isin([classes.names[-1], REST])].assign(outcome=outcome))
    return pd.concat(parts, ignore_index=True).rename(columns={"b": "contrast"})


def classes_on_others(panel: Panel, definition: OutcomeClasses) -> Iterator[tuple[str, Classes]]:
    """Yield each outcome with the classes that all others make."""
    for outcome in definition.outcomes:
        others = tuple(name for name in definition.outcomes if name != outcome)
        least = definition.minimum_outcomes
        kept = None if least is None else min(least, len(others))
        yield outcome, classify(panel, replace(definition, outcomes=others, minimum_outcomes=kept))
