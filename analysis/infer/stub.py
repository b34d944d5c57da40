"""Stub: the rows of a crosstab: answers, nets, top and bottom boxes, means, as one column of values each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats
from analysis.infer.estimates import Flags

PERCENT = ("answer", "net", "unsure")
"""Kinds of rows that are percentages; the other kind is "mean"."""


@dataclass(frozen=True, slots=True, eq=False)
class Stub:
    """Rows of one or more questions.

    Parameters
    ----------
    rows
        One row per row of the table: ``question, row, kind`` (`PERCENT` or "mean"), and ``repeats``, the answer of
        which a net of one point is but another name ("" for all others).
    values
        Rows of the sample x rows of the table: 0 or 100 for a percentage, the answer for a mean, NaN for whom it
        does not count.
    """

    rows: pd.DataFrame
    values: Floats


def joined(stubs: Sequence[Stub]) -> Stub:
    """Put the rows of several questions under one another."""
    rows = pd.concat([stub.rows for stub in stubs], ignore_index=True)
    # Column by column in memory: a table is computed some rows at a time.
    values = np.empty((len(stubs[0].values), len(rows)), order="F")
    np.concatenate([stub.values for stub in stubs], axis=1, out=values)
    return Stub(rows, values)


def rated(
    question: str,
    values: Floats,
    *,
    labels: Mapping[float, str],
    boxes: int = 2,
    nets: Mapping[str, Sequence[float]] | None = None,
    unsure: Flags | None = None,
    dont_know: str = "Don't know",
) -> Stub:
    """Rows of a rated statement: each answer, top and bottom boxes, nets, the mean.

    Parameters
    ----------
    question
        Its id.
    values
        Answers as numbers, NaN where missing.
    labels
        What each point of the scale is called, the lowest first.
    boxes
        Points of a top and of a bottom box; 0 for none, and none where the two would meet.
    nets
        Further rows that gather points.
    unsure
        Who said "don't know": a row of its own, and part of the base of all percentages. None leaves them out.
    dont_know
        What that row is called.

    Examples
    --------
    >>> labels = {1: "Never", 2: "Rarely", 3: "Often", 4: "Always"}
    >>> stub = rated("q", np.array([1.0, 4.0, np.nan]), labels=labels, boxes=1)
    >>> stub.rows["row"].tolist()
    ['Never', 'Rarely', 'Often', 'Always', 'Top box', 'Bottom box', 'Mean']
    >>> stub.values[:, -3:].tolist()
    [[0.0, 100.0, 1.0], [100.0, 0.0, 4.0], [nan, nan, nan]]
    """
    points = list(labels)
    gathered: dict[str, Sequence[float]] = {}
    if boxes and 2 * boxes < len(points) + 1:
        called = "box" if boxes == 1 else f"{boxes} box"
        gathered = {f"Top {called}": points[-boxes:], f"Bottom {called}": points[:boxes]}
    gathered |= nets or {}
    stub = chosen(question, values, labels=labels, nets=gathered, unsure=unsure, dont_know=dont_know)
    return joined([stub, mean_of(question, values)])


def chosen(
    question: str,
    values: Floats,
    *,
    labels: Mapping[float, str],
    nets: Mapping[str, Sequence[float]] | None = None,
    unsure: Flags | None = None,
    dont_know: str = "Don't know",
) -> Stub:
    """Rows of a question with one answer: each answer, then nets; parameters as in `rated`.

    Examples
    --------
    >>> stub = chosen("q", np.array([1.0, np.nan]), labels={1: "Yes", 2: "No"}, unsure=np.array([False, True]))
    >>> stub.rows["row"].tolist(), stub.values.tolist()
    (['Yes', 'No', "Don't know"], [[100.0, 0.0, 0.0], [0.0, 0.0, 100.0]])
    """
    shares = [values == point for point in labels]
    kinds = ["answer"] * len(shares)
    names = list(labels.values())
    if unsure is not None:
        shares, kinds, names = [*shares, unsure], [*kinds, "unsure"], [*names, dont_know]
    repeats = [""] * len(shares)
    for name, points in (nets or {}).items():
        repeats.append(labels.get(points[0], "") if len(points) == 1 else "")
        shares, kinds, names = [*shares, np.isin(values, list(points))], [*kinds, "net"], [*names, name]
    answered = ~np.isnan(values) if unsure is None else ~np.isnan(values) | unsure
    return Stub(_rows(question, names, kinds, repeats), _percent(np.column_stack(shares), answered))


def several_answers(
    question: str, ticks: Floats, *, labels: Sequence[str], nets: Mapping[str, Sequence[int]] | None = None
) -> Stub:
    """Rows of a question with several answers (a multiple-response set), whose percentages add up to more than 100.

    Parameters
    ----------
    question
        Its id.
    ticks
        Rows x options: 1 chosen, 0 not, NaN blank. Who has any value answered; blanks are then not chosen.
    labels
        What the options are called.
    nets
        Rows for any of several options, by their places.

    Examples
    --------
    >>> ticks = np.array([[1.0, 1.0], [0.0, np.nan], [np.nan, np.nan]])
    >>> several_answers("q", ticks, labels=["CRM", "Chat"], nets={"Any": [0, 1]}).values.tolist()
    [[100.0, 100.0, 100.0], [0.0, 0.0, 0.0], [nan, nan, nan]]
    """
    found = ticks == 1
    repeats = [labels[places[0]] if len(places) == 1 else "" for places in (nets or {}).values()]
    any_of = [found[:, list(places)].any(axis=1) for places in (nets or {}).values()]
    kinds = ["answer"] * len(labels) + ["net"] * len(any_of)
    answered = (~np.isnan(ticks)).any(axis=1)
    return Stub(
        _rows(question, [*labels, *(nets or {})], kinds, [""] * len(labels) + repeats),
        _percent(np.column_stack([found, *any_of]), np.asarray(answered)),
    )


def mean_of(question: str, values: Floats, *, name: str = "Mean") -> Stub:
    """Return the row of a mean, of those with a value.

    Examples
    --------
    >>> mean_of("deals", np.array([3.0, 5.0])).rows.values.tolist()
    [['deals', 'Mean', 'mean', '']]
    """
    return Stub(_rows(question, [name], ["mean"], [""]), np.array(values, dtype=float)[:, None])


def _rows(question: str, names: Sequence[str], kinds: Sequence[str], repeats: Sequence[str]) -> pd.DataFrame:
    columns = {"question": question, "row": list(names), "kind": list(kinds), "repeats": list(repeats)}
    return pd.DataFrame(columns, dtype="str")


def _percent(shares: Flags, answered: Flags) -> Floats:
    values = np.where(shares, 100.0, 0.0)
    values[~answered] = np.nan
    return values
