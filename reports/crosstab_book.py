"""A book of crosstabs as people read it: per question the base rows, then its rows with letters."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats
from analysis.infer.crosstab import COLUMN, Crosstab
from analysis.infer.letters import Letters
from analysis.infer.multiplicity import MULTIPLICITY_WORDS
from survey.language import digits, look_up, mark, recognise, say

SMALL = 30
"""Fewer respondents than that are marked as a small base."""

Unit = Literal["count", "percent", "mean", "error"]

BASES = {
    "n": mark("Respondents (unweighted base)"),
    "companies": mark("Companies"),
    "weighted": mark("Weighted base"),
    "effective": mark("Effective base, weights (Kish)"),
    "design_effective": mark("Effective base, design (smallest)"),
}

FAMILY_WORDS = {
    "row": mark("the pairs of columns of one head in one row"),
    "table": mark("all rows and pairs of columns of one question"),
    "book": mark("all rows and pairs of columns of this book"),
}

CHANCE = {
    "none": mark(
        "{given} of the {made} tests of this book gave a capital letter; chance alone would give about {chance} if "
        "nothing differed."
    ),
    "bh": mark(
        "{given} of the {made} tests of this book gave a capital letter; at most {level} of those of a family are "
        "expected to be false, about {false} of all. Without adjustment chance alone would give about {chance} if "
        "nothing differed."
    ),
}

FAMILYWISE = mark(
    "{given} of the {made} tests of this book gave a capital letter; in each family the chance of any false one is at "
    "most {level}. Without adjustment chance alone would give about {chance} if nothing differed."
)
"""What capital letters there are, and what chance would give: by the kind of adjustment, and for all others."""

ROWS = (
    mark("Mean"),
    mark("Top box"),
    mark("Bottom box"),
    mark("Top {n} box"),
    mark("Bottom {n} box"),
)
"""Names of rows that are no answer; others are the questionnaire's or the study's."""


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

    @property
    def names(self) -> list[str]:
        """Name of each column by which its numbers are cited: head and column."""
        return [f"{row['head']}: {row['column']}" for row in self.columns.to_dict("records")]

    @property
    def tested(self) -> str:
        """Within which family letters are tested, how large it is, and how they are adjusted."""
        found = self.letters
        return say(
            "{family}, {sizes}; {adjusted}",
            family=look_up(FAMILY_WORDS[found.family]),
            sizes=_sizes(found),
            adjusted=look_up(MULTIPLICITY_WORDS[found.method]),
        )

    @property
    def chance(self) -> str:
        """Say how many capital letters there are, and how many would be there by chance."""
        found, level = self.letters, 1 - self.letters.levels[0]
        told = {
            "given": digits(found.given, ","), "made": digits(found.made, ","), "chance": _about(found.by_chance),
            "level": digits(level, ".0%"), "false": _about(level * found.given),
        }  # fmt: skip
        return look_up(CHANCE.get(found.method, FAMILYWISE)).format(**told)

    @property
    def key(self) -> str:
        """Say in one line what the marks of a table mean, for a table that is read by itself."""
        levels = [digits(level, ".0%") for level in self.letters.levels]
        return say(
            "Letter: higher than the column with that letter (capital {first}, small letter {second}). * fewer than "
            "{n} respondents. – not shown."
            if len(levels) == 2
            else "Letter: higher than the column with that letter (capital {first}). * fewer than {n} respondents. – "
            "not shown.",
            first=levels[0],
            second=levels[-1],
            n=SMALL,
        )

    def notes(self) -> list[str]:
        """Say how to read the tables: letters, levels, families, marks."""
        return [
            *_tested(self.letters),
            self.chance,
            say(
                "* fewer than {small} respondents: a small base, to be read with care. – fewer than {minimum} "
                "companies, or what would give such a column away: not shown, not tested.",
                small=SMALL,
                minimum=self.minimum,
            ),
            say(
                "Percentages are weighted column percentages. Effective base, weights: so many respondents of equal "
                "weight would tell as much. Effective base, design: the smallest simple random sample that would tell "
                "as much as any row of the question, boxes, nets and mean included; most rows tell more."
            ),
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
    cells, width = book.table.cells, len(book.columns)
    keys = ["question", "row", "head", "letter"]
    marks = cells[keys].merge(book.letters.cells, on=keys, how="left")["letters"].fillna("")
    rows = cells[["question", "row", "kind"]].iloc[::width].assign(
        values=list(_wide(cells["estimate"], width)), errors=list(_wide(cells["std_error"], width)),
        letters=list(marks.to_numpy(dtype=object).reshape(-1, width)),
    )  # fmt: skip
    bases = _bases(book, width)
    by_question = dict(list(rows.groupby("question", sort=False)))
    for place, (question, title) in enumerate(book.wordings.items()):
        lines = [line for row in by_question[question].to_dict("records") for line in _lines(row)]
        based = tuple(
            Line(look_up(BASES[name]), "count", tuple(base[place]), ("",) * width)
            for name, base in bases.items()
        )
        small = tuple((bases["n"][place] < SMALL).tolist())
        yield QuestionTable(question, title, book.groups[question], based, tuple(lines), small)


def grouped(book: Book) -> list[tuple[str, list[QuestionTable]]]:
    """Return the tables of a book gathered under their construct or group of practices."""
    return [(name, list(tables)) for name, tables in groupby(question_tables(book), key=lambda t: t.group)]


def _lines(row: Mapping[Hashable, Any]) -> Iterator[Line]:
    """Yield a row of a table, and under a mean its standard error."""
    mean = row["kind"] == "mean"
    values, letters = tuple(row["values"]), tuple(row["letters"])
    yield Line(
        recognise(row["row"], ROWS),
        "mean" if mean else "percent",
        values,
        letters,
        row["kind"] in ("net", "mean"),
    )
    if mean:
        yield Line(say("Standard error"), "error", tuple(row["errors"]), ("",) * len(values))


def _bases(book: Book, width: int) -> dict[str, Floats]:
    """Return the base rows to show, questions x columns; weights have none where all count the same."""
    bases = {name: _wide(book.table.bases[name], width) for name in BASES}
    shown = ~np.isnan(bases["weighted"])
    if np.allclose(bases["weighted"][shown], bases["n"][shown]):
        del bases["weighted"], bases["effective"]
    return bases


def _wide(column: pd.Series, width: int) -> Floats:
    """Lay a column of cells out, as many to a row as the banner has columns: cells stand row by row."""
    return column.to_numpy(dtype=float, na_value=np.nan).reshape(-1, width)


def _tested(found: Letters) -> Iterator[str]:
    """Say what letters mean, how they were tested, and in families of what size."""
    levels = [digits(level, ".0%") for level in found.levels]
    yield say(
        "A letter says that the number is higher than that of the column of the same head with that letter: capital "
        "letters at {first} confidence, small letters at {second} only. Two-sided t tests of each two columns under "
        "the survey design, companies as clusters; columns that share companies or people are compared as such."
        if len(levels) == 2
        else "A letter says that the number is higher than that of the column of the same head with that letter: "
        "capital letters at {first} confidence. Two-sided t tests of each two columns under the survey design, "
        "companies as clusters; columns that share companies or people are compared as such.",
        first=levels[0],
        second=levels[-1],
    )
    yield say(
        "P values are {adjusted}. A family is {family}: {sizes}.",
        adjusted=look_up(MULTIPLICITY_WORDS[found.method]),
        family=look_up(FAMILY_WORDS[found.family]),
        sizes=_sizes(found),
    )


def _sizes(found: Letters) -> str:
    """Say how many tests are adjusted together."""
    low, high = (digits(size, ",") for size in found.sizes)
    return say("{n} tests", n=low) if low == high else say("{low} to {high} tests", low=low, high=high)


def _about(count: float) -> str:
    return digits(count, ",.0f" if count >= 10 else ".2g")
