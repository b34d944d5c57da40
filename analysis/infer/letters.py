"""Letters: which columns of a crosstab differ from one another, as market research writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.infer.crosstab import Crosstab
from analysis.infer.multiplicity import Multiplicity, adjusted_within

Family = Literal["row", "table", "book"]
"""Tests that are adjusted together: of one row within a head, of a question, of all."""

FAMILIES: dict[Family, list[str]] = {"row": ["question", "row", "head"], "table": ["question"], "book": []}


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """Significance letters of a crosstab.

    Parameters
    ----------
    cells
        ``question, row, head, letter, letters``: letters of the columns of the head that are lower than this one,
        upper case at the first level, lower case at the second alone; only cells that have any.
    tests
        The tests of the crosstab with ``p_adjusted`` and ``family``, how many tests were adjusted together.
    levels, method, family
        As declared.
    """

    cells: pd.DataFrame
    tests: pd.DataFrame
    levels: tuple[float, ...]
    method: Multiplicity
    family: Family

    @property
    def made(self) -> int:
        """How many tests were made; those of rows that repeat another are none of their own."""
        return int((self.tests["p_value"].notna() & self.tests["repeats"].eq("")).sum())

    @property
    def given(self) -> int:
        """How many capital letters were given; those of rows that repeat another are none of their own."""
        alpha = round(1 - self.levels[0], 12)
        return int(((self.tests["p_adjusted"] < alpha) & self.tests["repeats"].eq("")).sum())

    @property
    def by_chance(self) -> float:
        """How many capital letters chance alone would give on average if nothing differed, without adjustment."""
        return self.made * (1 - self.levels[0])

    @property
    def sizes(self) -> tuple[int, int]:
        """Smallest and largest family."""
        made = self.tests.loc[self.tests["p_value"].notna(), "family"]
        return (int(made.min()), int(made.max())) if len(made) else (0, 0)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the letters."""
        return self.cells.copy()


def letters(
    table: Crosstab,
    *,
    levels: Sequence[float] = (0.95, 0.90),
    method: Multiplicity = "bh",
    family: Family = "table",
) -> Letters:
    """Give a cell the letter of each column of its head that is significantly lower.

    A book of tables makes thousands of tests. If nothing differs, one in twenty gives a letter at 95% confidence, and
    nobody can tell which; so p values are adjusted unless said otherwise. Benjamini and Hochberg's (1995) bounds the
    expected share of false letters among those given, which is what a reader of letters wants to know; it loses far
    less than Holm's (1979), which bounds the chance of any.

    Parameters
    ----------
    table
        The crosstab; tests without a p value give no letter and are in no family. A row that repeats another has
        its letters, and is no further test.
    levels
        One or two levels of confidence: upper case at the first, lower case at the second, lower one.
    method, family
        How p values are adjusted for their number, and which of them together: those of a question, in all heads of
        the banner, if not said. "none" is the custom of market research.

    Raises
    ------
    ValueError
        If levels are not one or two falling numbers between 0.5 and 1.

    Examples
    --------
    >>> tests = pd.DataFrame({"question": "q", "row": "Mean", "repeats": "", "head": "size",
    ...                       "a": ["A", "A"], "b": ["B", "C"], "estimate": [2.0, -1.0], "p_value": [0.01, 0.07]})
    >>> found = letters(Crosstab(pd.DataFrame(), pd.DataFrame(), tests), method="none")
    >>> found.cells[["letter", "letters"]].values.tolist()
    [['A', 'B'], ['C', 'a']]
    >>> letters(Crosstab(pd.DataFrame(), pd.DataFrame(), tests), method="holm").tests["p_adjusted"].tolist()
    [0.02, 0.07]
    """
    falling = list(levels) == sorted(set(levels), reverse=True)
    if not 1 <= len(levels) <= 2 or not falling or not all(0.5 < level < 1 for level in levels):
        raise ValueError(f"levels are one or two falling numbers between 0.5 and 1, not {list(levels)}")
    keys = FAMILIES[family]
    tests = table.tests
    codes = tests.groupby(keys, sort=False).ngroup() if keys else pd.Series(0, index=tests.index)
    own = tests["p_value"].where(tests["repeats"].eq(""))
    p, size = adjusted_within(own, np.asarray(codes, dtype=np.int64), method=method)
    tests = _as_repeated(tests.assign(p_adjusted=p, family=size))
    return Letters(_won(tests, levels), tests, tuple(levels), method, family)


def _as_repeated(tests: pd.DataFrame) -> pd.DataFrame:
    """Give tests of a row that repeats another what those of the other have."""
    keys, again = ["question", "head", "a", "b"], tests["repeats"].ne("")
    told = tests.loc[~again, [*keys, "row", "p_adjusted", "family"]].drop_duplicates([*keys, "row"])
    asked = tests.loc[again, [*keys, "repeats"]].rename(columns={"repeats": "row"})
    found = asked.merge(told, on=[*keys, "row"], how="left")
    for name in ("p_adjusted", "family"):
        tests.loc[again, name] = found[name].to_numpy()
    return tests


def _won(tests: pd.DataFrame, levels: Sequence[float]) -> pd.DataFrame:
    """Write each significant difference into the cell of the higher column."""
    # 1 - 0.95 is a little more than 0.05.
    alpha = [round(1 - level, 12) for level in levels]
    found = tests[tests["p_adjusted"] < alpha[-1]]
    higher = found["estimate"] > 0
    lower = found["b"].where(higher, found["a"])
    shown = lower.where(found["p_adjusted"] < alpha[0], lower.str.lower())
    won = found[["question", "row", "head"]].assign(
        letter=found["a"].where(higher, found["b"]), letters=shown, of=lower
    )
    cells = ["question", "row", "head", "letter"]
    in_order = won.sort_values("of", kind="stable")
    return (
        in_order.groupby(cells, sort=False)["letters"]
        .agg("".join)
        .reset_index()
        .sort_values(cells, kind="stable", ignore_index=True)
    )
