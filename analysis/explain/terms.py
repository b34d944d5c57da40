"""Terms of a model as numbers: columns as they are, categories as indicators; deviations from means of groups."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from analysis.infer.model_terms import dummies, is_number
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
