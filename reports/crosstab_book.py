"""A book of crosstabs as people read it: per question the base rows, then its rows with letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.infer.crosstab import COLUMN, Crosstab, wide
from analysis.infer.letters import Letters
from analysis.infer.multiplicity import MULTIPLICITY_WORDS

SMALL = 30
"""Fewer respondents than that are marked as a small base."""

Unit = Literal["count", "percent", "mean", "error"]

BASES = {
    "n": "Respondents (unweighted base)",
    "companies": "Companies",
    "weighted": "Weighted base",
    "effective": "Effective base, weights (Kish)",
    "design_effective": "Effective base, design",
}

FAMILY_WORDS = {
    "row": "the pairs of columns of one head in one row",
    "table": "all rows and pairs of columns of one question",
    "book": "all rows and pairs of columns of this book",
}


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """A book of crosstabs.

    Parameters
    ----------
    id, title
        Unique name, and what it is called.
    table
        What may be shown: small cells are blanked.
    letters
        Which columns differ.
    wordings, groups
        By question, its wording, and the construct or group of practices that it belongs to.
    base
        Who was counted, how, and the source.
    minimum
        Smallest number of companies that is shown.
    said
        What a reader must know beyond that.
    """

    id: str
    title: str
    table: Crosstab
    letters: Letters
    wordings: dict[str, str]
    groups: dict[str, str]
    base: str
    minimum: int
    said: tuple[str, ...] = ()

    @property
    def columns(self) -> pd.DataFrame:
        """Columns of the banner: head, column, letter."""
        return self.table.cells[[*COLUMN, "letter"]].drop_duplicates(ignore_index=True)

    def notes(self) -> list[str]:
        """Say how to read the tables: letters, levels, families, marks."""
        return [
            *_tested(self.letters),
            f"* fewer than {SMALL} respondents: a small base, to be read with care. "
            f"– fewer than {self.minimum} companies, or what would give such a column away: not shown, not tested.",
            "Percentages are weighted column percentages. Effective base: so many respondents of equal weight, or of a "
            "simple random sample, would tell as much.",
            *self.said,
        ]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: its label, and per column a number (NaN where withheld) and letters."""

    label: str
    unit: Unit
    values: tuple[float, ...]
    letters: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The table of one question; `small` marks columns with a small base."""

    id: str
    title: str
    group: str
    bases: tuple[Line, ...]
    lines: tuple[Line, ...]
    small: tuple[bool, ...]


def question_tables(book: Book) -> Iterator[QuestionTable]:
    """Yield the table of every question, in order."""
    cells = book.table.cells
    shown, errors = wide(cells), wide(cells, "std_error")
    told = wide(_with_letters(cells, book.letters.cells), "letters")
    kinds = cells.drop_duplicates(["question", "row"]).set_index(["question", "row"])["kind"]
    bases = {name: _wide_bases(book.table.bases, name) for name in BASES}
    weighted = not np.allclose(
        book.table.bases["weighted"].dropna(), book.table.bases["n"][book.table.bases["weighted"].notna()]
    )
    for question, title in book.wordings.items():
        lines = []
        for row in shown.loc[question].index:
            kind = kinds[question, row]
            values, marks = _numbers(shown.loc[(question, row)]), tuple(told.loc[(question, row)])
            lines.append(
                Line(row, "mean" if kind == "mean" else "percent", values, marks, kind in ("net", "mean"))
            )
            if kind == "mean":
                errors_of = _numbers(errors.loc[(question, row)])
                lines.append(Line("Standard error", "error", errors_of, ("",) * len(values)))
        n = bases["n"].loc[question]
        based = tuple(
            Line(label, "count", _numbers(bases[name].loc[question]), ("",) * len(n))
            for name, label in BASES.items()
            if weighted or name not in ("weighted", "effective")
        )
        yield QuestionTable(
            question, title, book.groups[question], based, tuple(lines), tuple((n < SMALL).tolist())
        )


def _with_letters(cells: pd.DataFrame, won: pd.DataFrame) -> pd.DataFrame:
    keys = ["question", "row", "head", "letter"]
    joined = cells.merge(won, on=keys, how="left")
    return joined.assign(letters=joined["letters"].fillna(""))


def _wide_bases(bases: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = pd.MultiIndex.from_frame(bases[COLUMN].drop_duplicates())
    return bases.set_index(["question", *COLUMN])[name].unstack(COLUMN).reindex(columns=columns)  # noqa: PD010


def _numbers(row: "pd.Series[float]") -> tuple[float, ...]:
    return tuple(row.to_numpy(dtype=float, na_value=np.nan).tolist())


def _tested(found: Letters) -> Iterator[str]:
    """Say what letters mean, how they were tested, and in families of what size."""
    first = f"{found.levels[0]:.0%}"
    cases = f"capital letters at {first} confidence"
    if len(found.levels) == 2:
        cases += f", small letters at {found.levels[1]:.0%} only"
    yield (
        f"A letter says that the number is higher than that of the column of the same head with that letter: {cases}. "
        "Two-sided t tests of each two columns under the survey design, companies as clusters; columns that share "
        "companies or people are compared as such."
    )
    low, high = found.sizes
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    yield f"P values are {MULTIPLICITY_WORDS[found.method]}. A family is {FAMILY_WORDS[found.family]}: {size} tests."
    if found.method == "none" and high:
        made = int(found.tests["p_value"].notna().sum())
        yield (
            f"If nothing differed, about {made * (1 - found.levels[0]):,.0f} of the {made:,} tests of this book would "
            "still give a capital letter."
        )
