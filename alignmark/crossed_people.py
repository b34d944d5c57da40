"""The people of a book of crosstabs by company and wave: what each rated, and in which columns they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignmark.tabulating import Tabulated
from analysis.benchmark.movements import Booleans
from analysis.benchmark.withholding import EVERY_QUESTION
from analysis.infer.columns import Codes, Floats
from analysis.infer.estimates import Flags
from analysis.measure.panel import Panel

UNIT = ["company", "wave"]

Part: TypeAlias = str | NDArray[np.str_]
"""What follows the name of a value: of all companies, or of each."""

ANSWERS = "answers"
"""What values are called that stand for all answers of a company in a wave, to whatever question."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """Who of which company answered what, and where it is counted.

    Parameters
    ----------
    people
        ``function, weight`` of each respondent.
    place, side
        Codes of each respondent: of company and wave, the row in `units`, and of these with the function.
    units
        ``company, wave`` and ``counted``, how much the company counts in other tables; 1 where weights do not say.
    rated
        Who rated or chose something, by question; whatever it was under `EVERY_QUESTION`.
    columns
        Who stands in which column: people x columns.
    parts
        What the part of a company is called that stands in each column.
    """

    people: pd.DataFrame
    place: Codes
    side: Codes
    units: pd.DataFrame
    rated: dict[str, Booleans]
    columns: Flags
    parts: tuple[str, ...]

    def count(self, inside: "Booleans | pd.Series[bool]") -> Floats:
        """Count people by company and wave."""
        return np.bincount(self.place, weights=inside, minlength=len(self.units)).astype(np.float64)

    def answered(self, question: str, column: int) -> tuple[Floats, Floats]:
        """Count who answered by company and wave: in the column, and at all."""
        rated = self.rated[question]
        return self.count(rated & self.columns[:, column]), self.count(rated)

    def values(self, which: Booleans, question: str, part: Part = "") -> NDArray[np.object_]:
        """Name the values of some companies as other tables do: question, or all answers, then wave and part."""
        wave = self.units["wave"].astype(str).to_numpy(dtype=object)[which]
        return np.asarray(f"{question or ANSWERS}|" + wave + part, dtype=object)


def cross(one: Tabulated, panel: Panel) -> Crossed:
    """Lay out the people of a book by company and wave."""
    groups = one.people.groupby(UNIT)
    place = groups.ngroup().to_numpy().astype(np.int64)
    side = one.people.groupby([*UNIT, "function"], dropna=False).ngroup().to_numpy().astype(np.int64)
    units = one.people[UNIT].iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)
    weight = of_panel(panel, "weight", units)
    rated = _rated(one)
    every = np.logical_or.reduce(list(rated.values()))
    return Crossed(
        one.people, place, side, units.assign(counted=weight.where(weight > 0, 1.0)),
        {EVERY_QUESTION: every, **rated}, one.columns.members, tuple(_parts(one)),
    )  # fmt: skip


def of_panel(panel: Panel, name: str, units: pd.DataFrame) -> "pd.Series[float]":
    """Return a column of the panel by company and wave, missing where there is none."""
    frame = panel.frame.reindex(columns=[*UNIT, name])
    return units[UNIT].merge(frame, on=UNIT, how="left")[name].astype(float)


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
