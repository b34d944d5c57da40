"""Whose answers the columns of crosstabs are made of, and which of them the other tables are made of too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignmark.cell_members import KEYS
from alignmark.tabulating import Tabulated
from analysis.benchmark.movements import Booleans
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.published_norms import weights_tell
from analysis.benchmark.tied_cells import TIE
from analysis.benchmark.withholding import EVERY_QUESTION
from analysis.infer.columns import Codes, Floats
from analysis.measure.panel import Panel

ANSWERS = "answers"
"""What values are called that stand for all answers of a company in a wave, to whatever question."""

COLUMN = ["question", "head", "column"]

ALIKE = 1e-9
"""Relative differences of weights up to that are floating point."""

MEMBER = ["company", "of", "weight", "sign", "respondents"]


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
        Which constructs are means of questions: `TIE`.
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
    said = {str(name) for table in published.values() for key in ("variable", "practice", "outcome") if key in table
            for name in table[key]}  # fmt: skip
    found = [_Crossed(one, panel, said, rules) for one in tabulated]
    tables = {one.book.id: crossed.cells for one, crossed in zip(tabulated, found, strict=True)}
    members = [part for crossed in found for part in crossed.members()]
    if tabulated:
        members += _of_all_answers(tabulated[0].people, rules.minimum_companies)
    return BookColumns(tables, tuple(members), tuple(tie for crossed in found for tie in crossed.ties()))


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
    return pd.DataFrame({name: keyed[name] for name in (*KEYS, *MEMBER)})


class _Crossed:
    """One book: its people by company and wave, and who stands where."""

    def __init__(self, one: Tabulated, panel: Panel, said: set[str], rules: PrimaryRules) -> None:
        self.one, self.panel, self.rules = one, panel, rules
        people, keys = one.people, ["company", "wave"]
        self.place: Codes = people.groupby(keys).ngroup().to_numpy().astype(np.int64)
        self.side: Codes = (
            people.groupby([*keys, "function"], dropna=False).ngroup().to_numpy().astype(np.int64)
        )
        self.units = people[keys].iloc[np.unique(self.place, return_index=True)[1]].reset_index(drop=True)
        self.wave = self.units["wave"].astype(str).to_numpy(dtype=object)
        self.counted = self._counted()
        rated = _rated(one)
        self.rated = {EVERY_QUESTION: np.logical_or.reduce(list(rated.values())), **rated}
        self.variable = dict(_variables(rated, panel, said))
        self.columns = one.columns.columns.assign(
            place=range(one.columns.members.shape[1]), part=[*_parts(one)]
        )
        self.cells = self._cells()

    def _cells(self) -> pd.DataFrame:
        """List the columns that are shown of any question, and those of the questions that other tables tell of."""
        shown = self.one.book.table.bases
        shown = shown[~shown["suppressed"] & (shown["companies"] > 0)]
        whole = shown.groupby(["head", "column"], as_index=False, sort=False)["companies"].max()
        own = shown.loc[shown["question"].isin(self.variable), [*COLUMN, "companies"]]
        every = pd.concat([whole.assign(question=EVERY_QUESTION), own], ignore_index=True)
        cells = every.merge(self.columns.drop(columns="letter"), on=["head", "column"])
        linked = [
            question == EVERY_QUESTION or self._linked(question, int(place))
            for question, place in cells[["question", "place"]].itertuples(index=False)
        ]
        kept: pd.DataFrame = cells[np.array(linked, dtype=np.bool_)]
        return kept.reset_index(drop=True)

    def _counted(self) -> Floats:
        """Return how much each company counts elsewhere, by company and wave; 1 where weights do not say."""
        known = self._of_panel("weight")
        return np.asarray(known.where(known > 0, 1.0), dtype=np.float64)

    def _of_panel(self, name: str) -> "pd.Series[float]":
        """Return a column of the panel by company and wave, missing where there is none."""
        keys = ["company", "wave"]
        frame = self.panel.frame.reindex(columns=[*keys, name])
        return self.units.merge(frame, on=keys, how="left")[name].astype(float)

    def _linked(self, question: str, column: int) -> bool:
        """Tell whether what a column shows is, or nearly is, a multiple of what companies count elsewhere.

        There each function of a company counts the same, however many of it answered.
        """
        rated, weight = self.rated[question], self.one.people["weight"].to_numpy()
        here = np.bincount(self.side, weights=rated * weight * self.one.columns.members[:, column])
        first = np.unique(self.side, return_index=True)[1]
        of = self.place[first]
        sides = np.bincount(of, weights=np.bincount(self.side, weights=rated) > 0, minlength=len(self.units))
        there = here > 0
        ratio = (here * sides[of] / self.counted[of])[there]
        if not len(ratio):
            return False
        least, share = self.rules.minimum_companies, self.rules.largest_share
        alike = float(np.ptp(ratio)) <= ALIKE * float(ratio.max())
        return alike or weights_tell(ratio, minimum=least, share=share)

    def _people(self, question: str, column: int) -> tuple[Floats, Floats]:
        """Count who answered by company and wave: in the column, and at all."""
        rated, size = self.rated[question], len(self.units)
        inside = rated & self.one.columns.members[:, column]
        return (
            np.bincount(self.place, weights=inside, minlength=size).astype(np.float64),
            np.bincount(self.place, weights=rated, minlength=size).astype(np.float64),
        )

    def members(self) -> Iterator[pd.DataFrame]:
        """Yield whose answers are in each column, by its row in `cells`.

        What a company says in a column that parts its people is a value of its own.
        """
        for row, cell in enumerate(self.cells.to_dict("records")):
            inside, answered = self._people(cell["question"], cell["place"])
            here = inside > 0
            part = np.where(inside < answered, f"|{cell['part']}", "")[here]
            of = f"{cell['question'] or ANSWERS}|" + self.wave[here] + part
            listed = pd.DataFrame(
                {"company": self.units["company"][here], "of": of, "weight": self.counted[here]}
            )
            yield _named(listed, self.one.book.id, row, f"{self.one.book.id} by {cell['head']}")

    def ties(self) -> Iterator[pd.DataFrame]:
        """Yield where the columns of a head make a total, and where questions make a construct."""
        for question, cells in self.cells.groupby("question", sort=False):
            for head, columns in cells.groupby("head", sort=False):
                yield from self._of_columns(str(question), str(head), columns)
        for construct in dict.fromkeys(self.variable.values()):
            yield from self._of_questions(construct)

    def _of_columns(self, question: str, head: str, columns: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """Yield the parts of the companies whose people a head parts, if each of them stands in one column."""
        found = [self._people(question, int(place)) for place in columns["place"]]
        inside, answered = np.array([one for one, _ in found]), found[0][1]
        parted = (inside.sum(axis=0) == answered) & (inside.max(axis=0) < answered)
        if not parted.any():
            return
        called = question or ANSWERS
        yield self._tie(f"{called} by {head}", parted, called, {"": called})
        for part, there in zip(columns["part"], inside > 0, strict=True):
            yield self._tie(f"{called} by {head}", parted & there, called, {part: called}, part=f"|{part}")

    def _of_questions(self, construct: str) -> Iterator[pd.DataFrame]:
        """Yield a construct and its questions, of the companies of which everybody answered all of these."""
        asked = [
            q.id
            for q in self.panel.instrument.columns.values()
            if (q.section, q.group) == ("construct", construct)
        ]
        if not asked or not set(asked) <= set(self.cells["question"]):
            return
        complete = np.logical_and.reduce([self.rated[q] for q in asked])
        missing = np.bincount(self.place, weights=~complete, minlength=len(self.units)) > 0
        missing |= self._of_panel(construct).isna().to_numpy()
        roles = {"": construct, **{q: q for q in asked}}
        yield self._tie(f"{construct} by question", ~missing, construct, roles)
        for side in self.one.people["function"].dropna().unique():
            theirs = np.bincount(
                self.place, weights=self.one.people["function"].eq(side), minlength=len(self.units)
            )
            both = ~missing & (theirs > 0) & (theirs < np.bincount(self.place))
            part = f"|{side}"
            for role, called in roles.items():
                yield self._tie(
                    f"{construct} of {side} by question",
                    both,
                    construct,
                    {role: called},
                    part=part,
                    side=part,
                )

    def _tie(
        self,
        family: str,
        which: Booleans,
        whole: str,
        roles: Mapping[str, str],
        *,
        part: str = "",
        side: str = "",
    ) -> pd.DataFrame:
        company, wave = self.units["company"][which], self.wave[which]
        return pd.concat([
            pd.DataFrame({"family": family, "role": role, "company": company,
                          "whole": f"{whole}|" + wave + side, "of": f"{called}|" + wave + part})
            for role, called in roles.items()
        ], ignore_index=True)[list(TIE)]  # fmt: skip


def _variables(rated: Mapping[str, Booleans], panel: Panel, said: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the questions of which other tables tell, and what these call it: the question, or its construct."""
    asked = panel.instrument.columns
    for question in rated:
        if question in said:
            yield question, question
        elif question in asked and asked[question].section == "construct" and asked[question].group in said:
            yield question, asked[question].group


def _parts(one: Tabulated) -> Iterator[str]:
    """Yield what the part of a company is called that stands in each column: by its function where that is all."""
    function = one.people["function"]
    names = one.columns.columns
    for members, head, column in zip(one.columns.members.T, names["head"], names["column"], strict=True):
        sides = function[members].unique()
        whole = (
            len(sides) == 1 and isinstance(sides[0], str) and bool((function.eq(sides[0]) == members).all())
        )
        yield sides[0] if whole else f"{head}: {column}"


def _rated(one: Tabulated) -> dict[str, Booleans]:
    """Return who rated or chose something, by question; "don't know" is no answer here."""
    rows, values = one.rows.rows, one.rows.values
    found = {}
    for question, places in rows.groupby("question", sort=False).indices.items():
        unsure = places[rows["kind"].iloc[places].eq("unsure").to_numpy()]
        told = ~np.isnan(values[:, places]).all(axis=1) & ~(values[:, unsure] == 100).any(axis=1)
        found[str(question)] = np.asarray(told, dtype=np.bool_)
    return found
