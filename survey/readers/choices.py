"""Cells that hold several choices at once: "Sales, Marketing"."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from survey.readers.export import Export

_SAMPLE = 20_000
_RECURRING = 0.7
_LONGEST = 100


def with_multiple(
    export: Export, separators: Sequence[str], *, columns: Collection[str] | None = None
) -> Export:
    """Name the columns whose cells look like several choices from one list.

    So they look where cutting the different answers at a separator gives parts that mostly recur in
    other answers, as options do and sentences do not. Options that hold the separator themselves are
    cut too: whoever splits the cells must look for the options of the question first.

    Parameters
    ----------
    export
        The export; metadata and columns known to hold several choices are passed over.
    separators
        Candidates, the likeliest first.
    columns
        Columns to look at; all if None.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> texts = ["CRM, Chat", "Chat", "CRM, Email", "Email, Chat"]
    >>> frame = pd.DataFrame({"tools": texts}, dtype="str")
    >>> export = Export(frame, {}, "google_forms", "utf-8", 1, np.arange(2, 6), "2025.csv")
    >>> with_multiple(export, separators=(";", ", ")).multiple
    {'tools': ', '}
    """
    found: dict[str, str] = {}
    sample = export.frame.head(_SAMPLE)
    for column in map(str, sample):
        if column in export.metadata or column in export.multiple:
            continue
        if columns is not None and column not in columns:
            continue
        texts = sample[column].dropna().unique().tolist()
        separator = next((mark for mark in separators if _cut_into_options(texts, mark)), "")
        if separator:
            found[column] = separator
    if not found:
        return export
    names = ", ".join(repr(column) for column in list(found)[:5]) + (", ..." if len(found) > 5 else "")
    said = f"has several choices in one cell in {len(found)} column{'s' if len(found) > 1 else ''}: {names}"
    return replace(export, multiple={**export.multiple, **found}, decisions=(*export.decisions, said))


def _cut_into_options(texts: Sequence[str], separator: str) -> bool:
    """Whether the parts of different answers mostly recur in other answers."""
    if sum(separator in text for text in texts) < 2:
        return False
    answers = [{part.strip() for part in str(text).split(separator)} for text in texts]
    parts = Counter(part for answer in answers for part in answer)
    if "" in parts or any(len(part) > _LONGEST for part in parts):
        return False
    recurring = sum(count for count in parts.values() if count > 1)
    several = sum(len(answer) > 1 for answer in answers)
    return several > 1 and recurring >= _RECURRING * sum(parts.values())
