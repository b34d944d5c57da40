"""Banner: the columns of a crosstab, gathered under heads such as function or industry, each with its letter."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np
import pandas as pd

from analysis.infer.estimates import Flags
from survey.language import mark
from survey.problems import Problem, raise_if_any

TOTAL = mark("Total")


@dataclass(frozen=True, slots=True, eq=False)
class Banner:
    """Columns of a crosstab.

    Parameters
    ----------
    columns
        One row per column: ``head, column, letter``. The total, if there is one, comes first, without a letter.
    members
        Rows of the sample x columns: who is in which. Columns of a head may overlap.
    """

    columns: pd.DataFrame
    members: Flags

    @property
    def heads(self) -> list[str]:
        """The heads in their order."""
        return list(dict.fromkeys(self.columns["head"]))

    def of_head(self, head: str) -> list[int]:
        """Places of the columns of a head."""
        return np.flatnonzero(self.columns["head"] == head).tolist()


def banner(
    frame: pd.DataFrame,
    heads: Sequence[str],
    *,
    total: bool = True,
    titles: Mapping[str, str] | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    nets: Mapping[str, Mapping[str, Sequence[object]]] | None = None,
) -> Banner:
    """Make a column of every value of every head.

    Parameters
    ----------
    frame
        The sample; a row without a value is in no column of that head.
    heads
        Columns of the table. Categories keep their order; other values are sorted, by their first number where
        they have one ("1-49" before "250+").
    total
        Begin with a column of everybody.
    titles
        What heads are called; their names if not said.
    labels
        By head, what values are called.
    nets
        By head, further columns that gather several values, which then overlap with these.

    Raises
    ------
    InputError
        If a head is no column of the table, has no value, or more values than there are letters.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": ["250+", "1-49", None, "50-249"]})
    >>> banner(frame, ["size"]).columns.values.tolist()
    [['Total', 'Total', ''], ['size', '1-49', 'A'], ['size', '50-249', 'B'], ['size', '250+', 'C']]
    """
    raise_if_any(Problem("is not a column of the table", column=name) for name in heads if name not in frame)
    parts = [([(TOTAL, TOTAL, "")], np.ones((len(frame), 1), dtype=bool))] if total else []
    problems = []
    for head in heads:
        values = _values(frame[head])
        gathered = (nets or {}).get(head, {})
        if not 1 <= len(values) + len(gathered) <= len(ascii_uppercase):
            allowed = f"1 to {len(ascii_uppercase)}, a letter each"
            problems.append(
                Problem(
                    "cannot head columns of a table", column=head, value=str(len(values)), allowed=allowed
                )
            )
            continue
        called = (labels or {}).get(head, {})
        names = [called.get(str(value), _text(value)) for value in values] + list(gathered)
        place = pd.Index(values, dtype=object).get_indexer(pd.Index(frame[head], dtype=object))
        of_value = place[:, None] == np.arange(len(values))
        of_net = [frame[head].isin(list(members)).to_numpy() for members in gathered.values()]
        title = (titles or {}).get(head, head)
        rows = [(title, name, letter) for name, letter in zip(names, ascii_uppercase, strict=False)]
        parts.append((rows, np.column_stack([of_value, *of_net])))
    raise_if_any(problems)
    columns = pd.DataFrame(
        [row for rows, _ in parts for row in rows], columns=["head", "column", "letter"], dtype="str"
    )
    return Banner(columns, np.hstack([members for _, members in parts]))


def _values(column: pd.Series) -> list[object]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column.dropna())
        return [value for value in column.cat.categories if value in present]
    return sorted(column.dropna().unique().tolist(), key=_order)


def _order(value: object) -> tuple[float, str]:
    number = re.match(r"\W*(\d+(?:\.\d+)?)", str(value).replace(",", ""))
    below = re.match(r"\s*(<|under|below|less|up to)", str(value), re.IGNORECASE)
    return (float(number[1]) if number else -1.0 if below else np.inf, str(value).casefold())


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
