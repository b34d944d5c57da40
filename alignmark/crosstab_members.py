"""Whose answers the columns of crosstabs are made of, and which of them the other tables are made of too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignmark.cell_members import KEYS, MEMBER, names_told
from alignmark.crossed_people import ANSWERS, Crossed, cross
from alignmark.crosstab_ties import crosstab_ties
from alignmark.tabulating import Tabulated
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.published_norms import weights_tell
from analysis.benchmark.withholding import COLUMN, EVERY_QUESTION
from analysis.measure.panel import Panel

ALIKE = 1e-9
"""Relative differences of weights up to that are floating point."""


@dataclass(frozen=True, slots=True, eq=False)
class BookColumns:
    """The columns of books as cells that other tables may give away.

    Parameters
    ----------
    tables
        By the name of a book: `COLUMN` and ``companies``, one row per column of all questions (`EVERY_QUESTION`), and
        of each question that other tables tell of.
    members
        As `alignmark.cell_members.cells_in` returns them; ``known`` where it is published in any case.
    ties
        Which values are sums of others: `analysis.benchmark.tied_cells.TIE`.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    members: tuple[pd.DataFrame, ...] = ()
    ties: tuple[pd.DataFrame, ...] = ()


def book_columns(
    tabulated: Sequence[Tabulated],
    published: Mapping[str, pd.DataFrame],
    panel: Panel,
    *,
    rules: PrimaryRules,
) -> BookColumns:
    """Find whose answers make the columns of books, and where they are those that other tables are made of.

    All questions of a column are one cell, of all who stand in it: columns of other heads, other books and earlier
    releases may be taken off it. A question that stands in other tables by itself, or by the construct that it is a
    part of, is a cell as well, of the same values as there, unless the respondents of the column count so differently
    from its companies that no multiple of the one is near the other: then neither can be taken off the other.

    Parameters
    ----------
    tabulated
        Books as they may be shown by themselves.
    published
        The other tables.
    panel
        Companies by wave.
    rules
        How many companies, and which share of one, tell too much.
    """
    said, found = names_told(published), BookColumns()
    for one in tabulated:
        crossed = cross(one, panel)
        told = dict(_told_elsewhere(crossed, panel, said))
        cells = _cells(one, crossed, told, rules)
        found = BookColumns(
            {**found.tables, one.book.id: cells},
            (*found.members, *_members(one, crossed, cells)),
            (*found.ties, *crosstab_ties(crossed, cells, told, panel)),
        )
    if not tabulated:
        return found
    every = _of_all_answers(tabulated[0].people, rules.minimum_companies)
    return replace(found, members=(*found.members, *every))


def _told_elsewhere(book: Crossed, panel: Panel, said: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the questions of which other tables tell, and what these call it: the question, or its construct."""
    asked = panel.instrument.columns
    for question in book.rated:
        if question in said:
            yield question, question
        elif question in asked and asked[question].section == "construct" and asked[question].group in said:
            yield question, asked[question].group


def _cells(one: Tabulated, book: Crossed, told: Mapping[str, str], rules: PrimaryRules) -> pd.DataFrame:
    """List the columns that are shown of any question, and those of the questions that other tables tell of."""
    shown = one.book.table.bases
    shown = shown[~shown["suppressed"] & (shown["companies"] > 0)]
    whole = shown.groupby(["head", "column"], as_index=False, sort=False)["companies"].max()
    own = shown.loc[shown["question"].isin(told), [*COLUMN, "companies"]]
    every = pd.concat([whole.assign(question=EVERY_QUESTION), own], ignore_index=True)
    columns = one.columns.columns.drop(columns="letter")
    cells = every.merge(columns.assign(place=range(len(columns))), on=["head", "column"])
    linked = [
        question == EVERY_QUESTION or _linked(book, question, int(place), rules)
        for question, place in cells[["question", "place"]].itertuples(index=False)
    ]
    kept: pd.DataFrame = cells[np.array(linked, dtype=np.bool_)]
    return kept.reset_index(drop=True)


def _linked(book: Crossed, question: str, column: int, rules: PrimaryRules) -> bool:
    """Tell whether what a column shows is, or nearly is, a multiple of what companies count elsewhere.

    There each function of a company counts the same, however many of it answered.
    """
    rated, weight = book.rated[question], book.people["weight"].to_numpy()
    here = np.bincount(book.side, weights=rated * weight * book.columns[:, column])
    of = book.place[np.unique(book.side, return_index=True)[1]]
    answered = np.bincount(book.side, weights=rated) > 0
    sides = np.bincount(of, weights=answered, minlength=len(book.units))
    ratio = (here * sides[of] / book.units["counted"].to_numpy()[of])[here > 0]
    if not len(ratio):
        return False
    alike = float(np.ptp(ratio)) <= ALIKE * float(ratio.max())
    return alike or weights_tell(ratio, minimum=rules.minimum_companies, share=rules.largest_share)


def _members(one: Tabulated, book: Crossed, cells: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield whose answers are in each column, by its row in `cells`.

    What a company says in a column that parts its people is a value of its own.
    """
    for row, cell in enumerate(cells.to_dict("records")):
        inside, answered = book.answered(cell["question"], cell["place"])
        here = inside > 0
        part = np.where(inside < answered, f"|{book.parts[cell['place']]}", "")[here]
        listed = book.units[here].rename(columns={"counted": "weight"})
        listed = listed.assign(of=book.values(here, cell["question"], part))
        yield _named(listed, one.book.id, row, f"{one.book.id} by {cell['head']}")


def _of_all_answers(people: pd.DataFrame, minimum: int) -> Iterator[pd.DataFrame]:
    """Yield all answers of a wave, which tables of questions, checks and headlines show."""
    for wave, rows in people.groupby("wave"):
        each = rows.groupby("company", as_index=False)["weight"].sum()
        if len(each) >= minimum:
            yield _named(each.assign(of=f"{ANSWERS}|{wave}"), ANSWERS, int(str(wave)), ANSWERS).assign(
                known=True
            )


def _named(members: pd.DataFrame, name: str, row: int, table: str) -> pd.DataFrame:
    keyed = members.assign(name=name, row=row, table=table, side="", sign=1.0, respondents=np.nan)
    return keyed[[*KEYS, *MEMBER]]
