"""Terms of a model as numbers: columns as they are, categories as indicators; deviations from means of groups."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from analysis.infer.model_terms import dummies, is_number, labels
from survey.language import say


def terms_of(
    data: pd.DataFrame, controls: Sequence[str], effects: Sequence[str], *, intercept: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Return the intercept, controls and categories without their first as numbers, and notes on them.

    Examples
    --------
    >>> data = pd.DataFrame({"size": [1.0, 2.0, 3.0], "industry": ["b", "a", "b"]})
    >>> terms_of(data, ["size"], ["industry"], intercept=True)[0].columns.tolist()
    ['Intercept', 'size', 'industry[b]']
    """
    columns: dict[str, Floats] = {"Intercept": np.ones(len(data))} if intercept else {}
    notes = []
    for name in dict.fromkeys((*controls, *effects)):
        if name not in effects and is_number(data[name]):
            columns[name] = data[name].to_numpy(float)
            continue
        coded = dummies(data[name])
        if coded.empty:
            notes.append(say("{name} has one category only", name=name))
        columns |= {str(level): coded[level].to_numpy() for level in coded}
    return pd.DataFrame(columns, index=data.index), notes


def companies_behind(used: pd.DataFrame, controls: Sequence[str], effects: Sequence[str]) -> dict[str, int]:
    """Return how many companies each coefficient of a category is of, by term as `terms_of` names it.

    It is a difference between two groups: the companies of the category, and those of the first one; of a column of
    two numbers, those with the one and those with the other. The smaller group counts.

    Examples
    --------
    >>> used = pd.DataFrame({"company": list("abcde"), "industry": list("xxyyz"), "listed": [1, 0, 0, 0, 0]})
    >>> companies_behind(used, ["listed"], ["industry"])
    {'listed': 1, 'industry[y]': 2, 'industry[z]': 1}
    """
    found: dict[str, int] = {}
    for name in dict.fromkeys((*controls, *effects)):
        numbers = name not in effects and is_number(used[name])
        groups = used[name] if numbers else labels(used[name])
        counts = used["company"].groupby(groups, observed=True).nunique()
        if not numbers:
            found |= {
                f"{name}[{level}]": min(int(counts.iloc[0]), int(n)) for level, n in counts.iloc[1:].items()
            }
        elif len(counts) == 2:
            found[name] = int(counts.min())
    return found


def demeaned(values: Floats, groups: Codes, weights: Floats | None = None) -> Floats:
    """Subtract each group's mean, weighted if there are weights.

    Examples
    --------
    >>> demeaned(np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1])).tolist()
    [-1.0, 1.0, 0.0]
    """
    matrix = values.reshape(len(values), -1)
    counts = np.ones(len(values)) if weights is None else weights
    total = np.bincount(groups, counts)
    mean = sums(matrix * counts[:, None], groups, len(total)) / np.where(total > 0, total, 1.0)[:, None]
    return np.asarray((matrix - mean[groups]).reshape(values.shape))


def quoted(name: str) -> str:
    """Return a column's name as a formula has it.

    Examples
    --------
    >>> quoted("size"), quoted("log size")
    ('size', "Q('log size')")
    """
    return name if name.isidentifier() else f"Q({name!r})"
