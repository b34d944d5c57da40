"""What can be wrong with a table of companies that is to become, or to join, a panel."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.measure.alignment import KEYS
from survey.problems import Problem


def join_faults(panel: pd.DataFrame, frame: pd.DataFrame, outcomes: tuple[str, ...]) -> Iterator[Problem]:
    """Yield why the columns of `frame` cannot be joined to `panel` by company, or company and wave."""
    if "company" not in frame:
        yield Problem("there is no company column to join by", allowed=", ".join(map(str, frame.columns)))
        return
    keys = [key for key in KEYS if key in frame]
    for key in keys:
        if len(frame) and _holds_numbers(frame[key]) != _holds_numbers(panel[key]):
            yield Problem("is text in one table and a number in the other", column=key)
    for values in frame.loc[frame.duplicated(keys), keys].drop_duplicates().itertuples(index=False):
        yield Problem("occurs more than once", column=" and ".join(keys), value=", ".join(map(str, values)))
    for name in frame:
        if name in panel and name not in KEYS:
            yield Problem("the panel already has this column", column=str(name))
    for name in outcomes:
        if name not in frame:
            yield Problem("is named as an outcome but not among the added columns", column=name)


def missing_columns(frame: pd.DataFrame, needed: list[str]) -> Iterator[Problem]:
    """Yield the columns that a table of scores needs and does not have."""
    have = ", ".join(map(str, frame.columns))
    for name in needed:
        if name not in frame:
            yield Problem("there is no such column in the table of scores", column=name, allowed=have)


def score_faults(frame: pd.DataFrame, numeric: pd.DataFrame, names: list[str]) -> Iterator[Problem]:
    """Yield every value of a table of scores that its column cannot hold.

    `numeric` is `frame` with the columns `names` read as numbers, NaN where that failed.
    """
    bad: list[tuple[str, str, pd.Series]] = []
    for name in names:
        values, given = numeric[name], frame[name].notna()
        bad.append((name, "is not a number", given & values.isna()))
        if name == "wave":
            bad.append((name, "is not a year", ~given | (values % 1 > 0)))
        elif name == "n":
            bad.append((name, "is not a number of people", values < 0))
        else:
            bad.append((name, "is outside 0-100", (values < 0) | (values > 100)))
    bad.append(("company", "is empty", frame["company"].isna()))
    bad.append(("company", "has two rows in one wave", numeric.duplicated(KEYS)))
    for name, what, mask in bad:
        for position in np.flatnonzero(mask.to_numpy()):
            yield _at(frame, int(position), name, what)


def _at(frame: pd.DataFrame, position: int, column: str, what: str) -> Problem:
    row = frame.iloc[position]
    value = "" if pd.isna(row[column]) else str(row[column])
    line = int(row["row"]) if "row" in frame else position + 1
    return Problem(
        f"{value} {what}".strip(), file=str(row.get("file", "")), row=line, column=column, value=value
    )


def _holds_numbers(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column.dtype))
