"""A regression ready to be fitted: its terms standardised, what the data cannot tell apart left out and named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats
from analysis.infer.generalised_linear import FAMILIES, GeneralisedLinear
from analysis.infer.model_terms import independent, is_number, labels
from analysis.infer.newton import Likelihood
from analysis.infer.proportional_odds import ProportionalOdds
from analysis.infer.separation import directions, separating
from survey.language import say, say_n


@dataclass(frozen=True, slots=True, eq=False)
class DesignModel:
    """A likelihood in standardised terms, and the way back to the terms as they are.

    Parameters
    ----------
    likelihood
        What to maximise.
    names
        Of the parameters: terms, and the boundaries of an ordinal model.
    back, shift
        K x k and k: from the parameters of standardised terms to coefficients, ``back @ parameters + shift``.
    counted
        Coefficients that take degrees of freedom; the thresholds of an ordinal model count as one.
    gains, stays
        Rows that can only gain along a direction, rows that must stay; see `separating`.
    notes
        What the reader has to know about the terms.
    """

    likelihood: Likelihood
    names: tuple[str, ...]
    back: Floats
    shift: Floats
    counted: int
    gains: Floats
    stays: Floats
    notes: tuple[str, ...]

    def coefficients(self, parameters: Floats) -> Floats:
        """Coefficients of the terms as they are, from those of standardised terms: k x sets."""
        return self.back @ parameters + self.shift[:, None]

    def why_unbounded(self) -> str:
        """Say why a search found no maximum."""
        slopes = self.names[1:] if self.names[0] == "Intercept" else self.names[: self.counted - 1]
        found = {self.names[place] for place in separating(self.gains, self.stays)}
        terms = [name for name in slopes if name in found]
        if terms:
            return say_n(
                len(terms),
                "{terms} separates the outcome: a larger coefficient always fits better",
                "{terms} separate the outcome: a larger coefficient always fits better",
                terms=", ".join(terms),
            )
        return say("the search for coefficients did not come to an end")


def design_model(
    outcome: Floats, columns: pd.DataFrame, *, levels: Sequence[str], kind: str
) -> DesignModel | str:
    """Build the model of complete rows, or say what stands in its way.

    Parameters
    ----------
    outcome
        One value a row; codes of `levels` for an ordinal model.
    columns
        Terms as numbers, without an intercept.
    levels
        Names of the categories.
    kind
        A key of `FAMILIES`, or "ordinal".

    Examples
    --------
    >>> terms = pd.DataFrame({"x": [1.0, 2.0, 3.0], "twice": [2.0, 4.0, 6.0]})
    >>> model = design_model(np.array([1.0, 2.0, 2.0]), terms, levels=[], kind="gaussian")
    >>> model.names, model.notes
    (('Intercept', 'x'), ('left out, as other terms determine them: twice',))
    """
    found, codes = np.unique(outcome, return_inverse=True)
    if len(found) < 2:
        return say("the outcome does not vary") if len(found) else say("no row has all values")
    if kind == "ordinal" and len(found) < 3:
        return say("the outcome has two categories among the rows used: take kind = logistic")
    ones = np.ones((len(outcome), 1))
    whole = np.hstack([ones, columns.to_numpy()])
    kept = independent(whole, np.linalg.norm(whole, axis=0))[0]
    names = ["Intercept", *map(str, columns.columns)]
    gone = [name for place, name in enumerate(names) if place not in kept]
    notes = (say("left out, as other terms determine them: {gone}", gone=", ".join(gone)),) if gone else ()
    matrix, names = whole[:, kept[1:]], [names[place] for place in kept[1:]]
    if kind == "ordinal":
        present = [levels[int(code)] for code in found]
        return _ordinal(codes, matrix, names=names, levels=present, notes=notes)
    return _linear(outcome, matrix, names=names, kind=kind, notes=notes)


def thin_categories(frame: pd.DataFrame, columns: Sequence[str], clusters: Codes) -> Iterator[str]:
    """Yield a warning for each category that one row, or one cluster, stands for.

    Examples
    --------
    >>> frame = pd.DataFrame({"region": ["south", "south", "north"]})
    >>> list(thin_categories(frame, ["region"], np.arange(3)))
    ["region: 'north' stands on one row, so its error cannot be known"]
    """
    for name in columns:
        for level, rows in pd.Series(clusters).groupby(labels(frame[name]).to_numpy()):
            if rows.nunique() < 2:
                yield say(
                    "{name}: {level} stands on one row, so its error cannot be known"
                    if len(rows) == 1
                    else "{name}: {level} stands on one cluster, so its error cannot be known",
                    name=name,
                    level=repr(str(level)),
                )


def categorical(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Return those of `columns` that enter as categories."""
    return [name for name in dict.fromkeys(columns) if not is_number(frame[name])]


def _standardised(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Terms less their centre over their spread; centres; spreads."""
    centre = matrix.mean(axis=0)
    spread = matrix.std(axis=0)
    return (matrix - centre) / spread, centre, spread


def _linear(
    outcome: Floats, matrix: Floats, *, names: list[str], kind: str, notes: tuple[str, ...]
) -> DesignModel:
    scaled, centre, spread = _standardised(matrix)
    ones = np.ones((len(outcome), 1))
    back = np.diag([1.0, *(1 / spread)])
    back[0, 1:] = -centre / spread
    shift = np.zeros(len(back))
    if kind == "gaussian":
        # Least squares is indifferent to the unit of the outcome, the search for a maximum is not.
        shift[0], unit = outcome.mean(), outcome.std()
        outcome, back = (outcome - shift[0]) / unit, back * unit
    whole = np.hstack([ones, scaled])
    gains, stays = directions(outcome, whole, kind)
    model = GeneralisedLinear(whole, outcome, FAMILIES[kind])
    return DesignModel(model, ("Intercept", *names), back, shift, len(back), gains, stays, notes)


def _ordinal(
    codes: Codes, matrix: Floats, *, names: list[str], levels: list[str], notes: tuple[str, ...]
) -> DesignModel:
    scaled, centre, spread = _standardised(matrix)
    slopes, boundaries = len(names), len(levels) - 1
    back = np.diag([*(1 / spread), *np.ones(boundaries)])
    back[slopes:, :slopes] = centre / spread
    model = ProportionalOdds.of(scaled, codes)
    gains = np.vstack([model.upper[~model.last], -model.lower[~model.first]])
    edges = [f"{below}|{above}" for below, above in pairwise(levels)]
    return DesignModel(
        model, (*names, *edges), back, np.zeros(len(back)), slopes + 1, gains, gains[:0], notes
    )
