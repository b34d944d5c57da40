"""Errors of the means of classes that know that the cuts were found in the same companies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.benchmark.classes import AVERAGE, BEST, LAGGARD, REST, Classes, OutcomeClasses
from analysis.infer.bootstrap_replicates import bootstrap
from analysis.infer.columns import Codes, Floats, numeric, result_columns
from analysis.infer.linearisation import sums
from analysis.infer.replicate_estimates import ReplicateEstimates, replicate_statistic
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign, survey_design

DRAWS, FEWEST_DRAWS, LARGEST = 400, 100, 800_000
"""Times that companies are drawn anew, by which a standard error is off by some 4%; fewer, by 7%, of more rows."""

SEED = 8
"""The same draws for every table: a gap that stands in two of them has the same interval in both."""

VALUES, FITTED = "values", "fitted"


@dataclass(frozen=True, slots=True, eq=False)
class Recut:
    """Means of classes, and their errors where standardising, cuts and lines are made anew in each replicate.

    Parameters
    ----------
    variables
        Columns whose means these are.
    found
        Statistics keyed by ``term``: "<kind> <class>", `variables` times each.
    """

    variables: tuple[str, ...]
    found: ReplicateEstimates

    def std_error(self, weights: Mapping[tuple[str, str], float]) -> Floats:
        """Error of a sum of means, one for each variable.

        Parameters
        ----------
        weights
            Kind ("values", "fitted") and class of a mean, and what it counts.
        """
        terms = self.found.keys["term"].to_numpy()
        size = len(self.variables)
        matrix = np.zeros((len(terms), size))
        for (kind, name), weight in weights.items():
            matrix[np.flatnonzero(terms == f"{kind} {name}"), np.arange(size)] = weight
        moved, sample = self.found.replicated @ matrix, self.found.sample @ matrix
        found: Floats = np.sqrt(self.found.replicates.variance(moved, sample))
        return found


def recut(frame: pd.DataFrame, classes: Classes, variables: list[str]) -> Recut | None:
    """Find classes and the means of what they were selected on anew, as companies are drawn anew.

    Classes on outcomes are cut at shares of the companies at hand. Taken as given, they would hide that with other
    companies the cut would lie elsewhere: 95% intervals of the gap in an outcome that alone defines the classes would
    cover some 86%. So each replicate standardises the outcomes, ranks the companies and cuts them itself; a company
    at a cut is on both sides in part. Classes on practices have fixed cuts: only means and lines are made anew.

    Parameters
    ----------
    frame
        Panel rows; those without a class are part of the sample alone.
    classes
        From `analysis.benchmark.classes.classify`.
    variables
        Columns whose means are asked for.

    Returns
    -------
    Recut or None
        None where there is nothing to draw: no two companies, or none of `variables`.

    Notes
    -----
    Replicates are those that the table carries, or draw companies with replacement within strata (`bootstrap`). A
    jackknife will not do: as one company after the other is left out, the same one is at the cut.
    """
    rows, design = _classed(frame, classes), survey_design(frame)
    if not variables or rows.place.size == 0 or not (design.sampled > 1).any():
        return None
    values, shown = (
        numeric(frame.iloc[rows.place], list(columns), keys=("company", "wave"))
        for columns in (classes.selected_on, variables)
    )
    names = [*classes.names, *([REST] if REST not in classes.names else [])]
    replicates = _replicates(design)

    def statistic(weights: Floats) -> Floats:
        own = weights[rows.place]
        factor = np.divide(own, rows.weight[:, None], out=np.zeros_like(own), where=rows.weight[:, None] > 0)
        score = rows.score[:, None] * np.ones_like(own)
        if isinstance(classes.definition, OutcomeClasses):
            score = _scores(values, factor, rows.wave, np.array(classes.directions))
            inside = _cut(score, own, rows.wave, classes.definition)
        else:
            inside = {name: (rows.group.to_numpy() == name)[:, None] * own for name in names}
        return np.vstack(_means(shown, own, score=score, inside=inside, wave=rows.wave, names=names))

    terms = [f"{kind} {name}" for name in names for kind in (VALUES, FITTED) for _ in variables]
    found = replicate_statistic(statistic, replicates=replicates, names=terms, vectorised=True)
    return Recut(tuple(variables), found)


def draws_of(rows: int) -> int:
    """How often companies are drawn anew where a table has so many rows.

    Examples
    --------
    >>> draws_of(500), draws_of(20_000)
    (400, 100)
    """
    return min(DRAWS, max(FEWEST_DRAWS, LARGEST // max(rows, 1)))


def on_line(frame: pd.DataFrame, classes: Classes, names: list[str]) -> tuple[Floats, Floats]:
    """Return variables, rows x variables, and their lines over the score of the classes within each wave.

    Both are NaN where a row has no class or no value.
    """
    rows = _classed(frame, classes)
    own = numeric(frame.iloc[rows.place], names, keys=("company", "wave"))
    values, fitted = (np.full((len(frame), len(names)), np.nan) for _ in range(2))
    values[rows.place] = own
    for at, value in enumerate(own.T):
        there = (rows.weight * ~np.isnan(value))[:, None]
        line = _line(np.nan_to_num(value), there, rows.score[:, None], rows.wave)
        fitted[rows.place, at] = np.where(np.isnan(value), np.nan, line[:, 0])
    return values, fitted


def with_errors(table: pd.DataFrame, std_error: "pd.Series[float]") -> pd.DataFrame:
    """Give the rows of a table of results other errors, where there is one and the row has one of its own.

    What does not vary has no error, whatever floating point makes of it.

    Examples
    --------
    >>> table = pd.DataFrame({"estimate": [3.0], "std_error": 1.0, "df": 1e9, "statistic": 3.0, "p_value": 0.0,
    ...                       "conf_low": 1.0, "conf_high": 5.0})
    >>> with_errors(table, pd.Series([2.0]))[["std_error", "statistic", "conf_low"]].round(2).values.tolist()
    [[2.0, 1.5, -0.92]]
    """
    error = std_error.where(table["std_error"] > 0).fillna(table["std_error"])
    columns = (table["estimate"], error, table["df"])
    return table.assign(**result_columns(*(np.asarray(column, dtype=np.float64) for column in columns)))


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Classified rows: place in the table, code of the wave, weight, score and class."""

    place: Codes
    wave: Codes
    weight: Floats
    score: Floats
    group: "pd.Series[str]"


def _classed(frame: pd.DataFrame, classes: Classes) -> _Rows:
    known = classes.frame.set_index(["company", "wave"])[["score", "class"]]
    known = known.reindex(pd.MultiIndex.from_frame(frame[["company", "wave"]]))
    place = np.flatnonzero(known["class"].notna())
    weight = survey_design(frame).weights[place]
    wave = pd.factorize(frame["wave"].iloc[place])[0].astype(np.int64)
    own = known.iloc[place].reset_index(drop=True)
    return _Rows(place, wave, weight, own["score"].to_numpy(float), own["class"])


def _replicates(design: SurveyDesign) -> Replicates:
    if design.replicates is not None:
        return design.replicates
    # A stratum with one company stays as it is in every draw.
    drawn, draws = replace(design, lonely="certainty"), draws_of(len(design.weights))
    return bootstrap(drawn, rng=np.random.default_rng(SEED), replicates=draws, method="Canty-Davison")


def _scores(values: Floats, factor: Floats, wave: Codes, directions: Floats) -> Floats:
    """Rows x replicates: mean z of the outcomes within the wave."""
    waves = int(wave.max(initial=-1)) + 1
    total, count = np.zeros_like(factor), (~np.isnan(values)).sum(axis=1)
    for value, sign in zip(values.T, directions, strict=True):
        heavy = factor * ~np.isnan(value)[:, None]
        known = np.nan_to_num(value)[:, None]
        size = np.maximum(sums(heavy, wave, waves), 1e-12)
        centred = known - (sums(heavy * known, wave, waves) / size)[wave]
        spread = np.sqrt(sums(heavy * centred**2, wave, waves) / size)[wave]
        z = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12 * np.abs(known).max())
        total += sign * z * ~np.isnan(value)[:, None]
    mean: Floats = total / np.maximum(count, 1)[:, None]
    return mean


def _cut(score: Floats, weights: Floats, wave: Codes, definition: OutcomeClasses) -> dict[str, Floats]:
    """Rows x replicates of each class: weights inside, in part for the row at a cut."""
    best, laggard = np.zeros_like(weights), np.zeros_like(weights)
    for code in range(int(wave.max(initial=-1)) + 1):
        here = np.flatnonzero(wave == code)
        order = np.argsort(score[here], axis=0, kind="stable")
        heavy = np.take_along_axis(weights[here], order, axis=0)
        up_to, own = np.cumsum(heavy, axis=0), {}
        total = up_to[-1]
        own[BEST] = np.clip(up_to - (1 - definition.best) * total, 0, heavy)
        own[LAGGARD] = np.clip(definition.laggard * total - (up_to - heavy), 0, heavy)
        for found, inside in ((best, own[BEST]), (laggard, own[LAGGARD])):
            part = np.empty_like(heavy)
            np.put_along_axis(part, order, inside, axis=0)
            found[here] = part
    rest = weights - best
    return {BEST: best, LAGGARD: laggard, AVERAGE: rest - laggard, REST: rest}


def _means(
    values: Floats,
    weights: Floats,
    *,
    score: Floats,
    inside: Mapping[str, Floats],
    wave: Codes,
    names: list[str],
) -> list[Floats]:
    """Mean of each variable, and of what its line over the score makes of it, per class: one row each."""
    known = ~np.isnan(values)
    fitted = [
        _line(np.nan_to_num(value), weights * there[:, None], score, wave)
        for value, there in zip(values.T, known.T, strict=True)
    ]
    rows = []
    for name in names:
        heavy = [inside[name] * there[:, None] for there in known.T]
        for shown in ([np.nan_to_num(value)[:, None] for value in values.T], fitted):
            above = [(part * what).sum(axis=0) for part, what in zip(heavy, shown, strict=True)]
            rows += [_ratio(part, own.sum(axis=0)) for part, own in zip(above, heavy, strict=True)]
    return rows


def _line(value: Floats, weights: Floats, score: Floats, wave: Codes) -> Floats:
    """Rows x replicates: a variable's line over the score, within waves; its mean where scores do not vary."""
    waves = int(wave.max(initial=-1)) + 1
    size = np.maximum(sums(weights, wave, waves), 1e-300)
    level, centre = (sums(weights * part, wave, waves) / size for part in (value[:, None], score))
    apart = score - centre[wave]
    spread = sums(weights * apart**2, wave, waves)
    shared = sums(weights * apart * value[:, None], wave, waves)
    slope = np.divide(shared, spread, out=np.zeros_like(spread), where=spread > 1e-12)
    return level[wave] + slope[wave] * apart


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
