"""Weighting classes: who answered stands for those of the same class of the frame who did not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey.language import say
from survey.margins import NOT_STATED, categories
from survey.problems import Problem, raise_if_any


@dataclass(frozen=True, slots=True, eq=False)
class ResponseClasses:
    """Classes of a frame, who answered in each, and what that makes of weights.

    Parameters
    ----------
    frame
        One row a class: a column per variable, ``asked`` and ``answered`` (units), ``weight_asked`` and
        ``weight_answered`` (sums of base weights), ``response_rate`` (0-1, weighted), ``joined`` (the class that it
        was joined with; itself if not), ``factor`` by which weights of the joined class are multiplied.
    factors
        The factor of each unit that answered, by unit.
    said
        What was joined and why, in words.
    """

    frame: pd.DataFrame
    factors: pd.Series
    said: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()


def response_classes(
    frame: pd.DataFrame, answered: Sequence[str], *, by: Sequence[str], base: pd.Series | None = None,
    minimum: int = 5,
) -> ResponseClasses:  # fmt: skip
    """Adjust for units that were asked and did not answer, by weighting classes.

    In each class weights grow by the inverse of its weighted response rate (Oh and Scheuren 1983, in Incomplete
    Data in Sample Surveys 2): right where those who answer are, within a class, like those who do not. A class with
    fewer than `minimum` answers is joined with the class whose response rate is nearest (Little 1986, International
    Statistical Review 54): equal rates leave no bias behind. The smallest class comes first.

    Parameters
    ----------
    frame
        Everybody who was asked, one row per unit, by unit.
    answered
        Units that answered.
    by
        Columns of `frame` whose combinations are the classes; what is missing counts as `NOT_STATED`.
    base
        Design weights by unit; 1 for all if None.
    minimum
        Answers that a class must have.

    Raises
    ------
    InputError
        If a column is absent, somebody answered who is not in the frame, or fewer than `minimum` answered at all.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": list("ssssll")}, index=list("abcdef"))
    >>> response_classes(frame, ["a", "b", "e"], by=["size"], minimum=1).factors.tolist()
    [2.0, 2.0, 2.0]
    """
    raise_if_any(_faults(frame, answered, by, minimum))
    weight = (
        (pd.Series(1.0, index=frame.index) if base is None else base).reindex(frame.index).to_numpy(float)
    )
    inside = frame.index.isin(list(answered))
    keys = pd.DataFrame(
        {name: categories(frame[name]).replace("", NOT_STATED) for name in by}, index=frame.index
    )
    rows = keys.assign(
        asked=1, answered=inside.astype(int), weight_asked=weight, weight_answered=weight * inside
    )
    table = rows.groupby(list(by), sort=True, as_index=False).sum()
    table.insert(len(table.columns), "response_rate", table["weight_answered"] / table["weight_asked"])
    group, said = _joined(table, by, minimum)
    sums = table.groupby(group)[["weight_asked", "weight_answered"]].transform("sum")
    names = pd.Series(_names(table, by), index=table.index)
    joined = names.groupby(group).transform(" + ".join)
    table = table.assign(joined=joined, factor=sums["weight_asked"] / sums["weight_answered"])
    factors = keys[inside].merge(table[[*by, "factor"]], on=list(by), how="left")["factor"]
    return ResponseClasses(table, factors.set_axis(frame.index[inside]), tuple(said))


def _joined(table: pd.DataFrame, by: Sequence[str], minimum: int) -> tuple[np.ndarray, list[str]]:
    """Join small classes one after the other; the class that each row belongs to then, and what was done."""
    group, names = np.arange(len(table)), _names(table, by)
    said = []
    while len(found := np.unique(group)) > 1:
        answered = np.array([table["answered"][group == g].sum() for g in found])
        if answered.min() >= minimum:
            break
        asked = np.array([table["weight_asked"][group == g].sum() for g in found])
        rate = np.array([table["weight_answered"][group == g].sum() for g in found]) / asked
        small = int(np.argmin(answered))
        distance = np.abs(rate - rate[small])
        distance[small] = np.inf
        near = int(np.argmin(distance))
        told = [
            " + ".join(name for name, g in zip(names, group, strict=True) if g == found[n])
            for n in (small, near)
        ]
        said.append(
            say(
                "The weighting class {small} has fewer than {minimum} answers; it is joined with {near}, whose "
                "response rate is nearest.",
                small=told[0],
                minimum=minimum,
                near=told[1],
            )
        )
        group = np.where(group == found[small], found[near], group)
    return group, said


def _names(table: pd.DataFrame, by: Sequence[str]) -> list[str]:
    return [" x ".join(cell) for cell in table[list(by)].itertuples(index=False)]


def _faults(frame: pd.DataFrame, answered: Sequence[str], by: Sequence[str], minimum: int) -> list[Problem]:
    known = ", ".join(map(str, frame.columns))
    found = [
        Problem("is no fact of everybody who was asked", column=name, value=name, allowed=known)
        for name in by
        if name not in frame
    ]
    strangers = sorted(set(map(str, answered)) - set(map(str, frame.index)))
    if strangers:
        some = ", ".join(strangers[:5]) + (", ..." if len(strangers) > 5 else "")
        found.append(
            Problem(
                f"{len(strangers)} answered who are not among those asked: {some}",
                to_do="add them to the register",
            )
        )
    elif len(set(answered)) < minimum:
        found.append(
            Problem(
                f"only {len(set(answered))} answered",
                column="nonresponse.minimum",
                value=str(minimum),
                allowed=f"{len(set(answered))} or fewer",
            )
        )
    return found
