"""What a response surface is: its specification, and the arrays that the data leave of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from analysis.explain.design_errors import drawn_sample
from analysis.explain.obstacles import absent, not_told_apart, without_values
from analysis.explain.specification import Specification, build_design
from analysis.infer.carried_replicates import REPLICATES
from analysis.infer.columns import Codes, Floats
from analysis.infer.survey_design import SurveyDesign
from survey.language import say

Centring = Literal["none", "pooled", "variablewise", "midpoint"]
SurfaceErrors = Literal["classical", "HC3", "cluster", "replicates", "design"]

POLYNOMIAL = ("b1", "b2", "b3", "b4", "b5")
"""Coefficients of x, y, x squared, x times y and y squared."""


@dataclass(frozen=True, slots=True)
class SurfaceSpecification:
    """A quadratic surface of an outcome over two scores, as declared before it is fitted.

    ``outcome = b0 + b1 x + b2 y + b3 x^2 + b4 x y + b5 y^2 + controls + effects`` (Edwards and Parry, 1993,
    Academy of Management Journal 36).

    Parameters
    ----------
    name
        What reports call it.
    outcome, x, y
        Numeric panel columns; x and y are on one scale.
    controls, effects
        Further terms, as in `Specification`.
    covariance
        "classical", "HC3", "cluster", by company, or "design", from how the table's companies were drawn; "replicates"
        where it carries replicate weights.
    weight
        Column with the weight of each row; none if empty.
    centring
        What is taken off the scores: "none"; "pooled", the mean of both together; "variablewise", each one's
        own mean, which moves the line on which both agree; "midpoint", the middle of the scale.
    midpoint
        The middle of the scale.
    per
        Points of a score that make one unit of x and y.
    declared
        Whether the study declared it; else it is exploratory.
    """

    name: str
    outcome: str
    x: str = "alignment_sales"
    y: str = "alignment_marketing"
    controls: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    covariance: SurfaceErrors = "cluster"
    weight: str = ""
    centring: Centring = "pooled"
    midpoint: float = 50.0
    per: float = 1.0
    declared: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a row needs to be used."""
        weight = (self.weight,) if self.weight else ()
        parts = [part for name in self.controls for part in name.split(":")]
        return tuple(dict.fromkeys((self.outcome, self.x, self.y, *parts, *self.effects, *weight)))


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceDesign:
    """Arrays of a surface, one value a row, or the `obstacle` that stands in the way, in words.

    Parameters
    ----------
    x, y
        Centred scores, in units of `SurfaceSpecification.per`.
    outcome, weight
        As they are; weights are 1 where there are none.
    others
        Intercept, controls and effects that the data can tell apart: rows x terms.
    companies, rows
        Code of each row's company, and the row's position in the frame it came from.
    sample
        How the rows were drawn, if the errors are to come from it.
    origin
        The scores where x and y are zero.
    dropped, notes
        As in `Design`.
    """

    x: Floats = field(default_factory=lambda: np.empty(0))
    y: Floats = field(default_factory=lambda: np.empty(0))
    outcome: Floats = field(default_factory=lambda: np.empty(0))
    weight: Floats = field(default_factory=lambda: np.empty(0))
    others: Floats = field(default_factory=lambda: np.empty((0, 1)))
    companies: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    rows: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sample: SurveyDesign | None = None
    origin: tuple[float, float] = (0.0, 0.0)
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    obstacle: str = ""

    def errors(self, asked: SurfaceErrors) -> SurfaceErrors:
        """Return the errors that are had for those that are asked for."""
        if self.sample is not None:
            return "design" if self.sample.replicates is None else "replicates"
        return "cluster" if asked == "replicates" else asked

    @property
    def groups(self) -> int:
        """Number of companies."""
        return int(self.companies.max(initial=-1)) + 1

    def weighted(self, *terms: Floats) -> Floats:
        """Return columns times the root of the weights, so that least squares of them is weighted."""
        return np.asarray(np.column_stack(terms) * np.sqrt(self.weight)[:, None])


def quadratic(x: Floats, y: Floats) -> Floats:
    """Return the terms of the surface in a new last axis: x, y, x squared, x times y, y squared.

    Examples
    --------
    >>> quadratic(np.array([2.0]), np.array([3.0])).tolist()
    [[2.0, 3.0, 4.0, 6.0, 9.0]]
    """
    return np.stack([x, y, x**2, x * y, y**2], axis=-1)


def surface_design(
    specification: SurfaceSpecification, frame: pd.DataFrame, *, unavailable: Mapping[str, str] | None = None
) -> SurfaceDesign:
    """Find the rows and terms of a surface that the data can estimate, and centre the scores.

    Parameters
    ----------
    specification
        The surface.
    frame
        Panel, one row per company and wave.
    unavailable
        Why columns are absent, by column.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(9), "growth": range(9), "alignment_sales": 1.0,
    ...                       "alignment_marketing": range(9)})
    >>> surface_design(SurfaceSpecification("s", "growth"), frame).obstacle
    'alignment_sales does not vary'
    """
    s = specification
    obstacle = next(_absences(s, frame, unavailable or {}), "")
    if obstacle:
        return SurfaceDesign(obstacle=obstacle)
    complete = frame[list(s.columns)].notna().all(axis=1).to_numpy()
    scores = frame.loc[complete, [s.x, s.y]].to_numpy(float)
    obstacle = next(_scores_without_surface(s, scores), "")
    if obstacle:
        return SurfaceDesign(obstacle=obstacle)
    origin = _origin(s, scores)
    terms = quadratic(
        *((frame[name].to_numpy(float) - o) / s.per for name, o in zip((s.x, s.y), origin, strict=True))
    )
    return _arrays(s, frame, terms, origin)


def _arrays(
    s: SurfaceSpecification, frame: pd.DataFrame, terms: Floats, origin: tuple[float, float]
) -> SurfaceDesign:
    """Let the linear model find rows and terms; the terms of the surface bear names of their own there."""
    named = dict(zip(POLYNOMIAL, terms.T, strict=True))
    needed = [name for name in s.columns if name not in (s.outcome, *s.controls, *s.effects, s.x, s.y)]
    linear = Specification(
        s.name, s.outcome, "b1", controls=(*POLYNOMIAL[1:], *s.controls), effects=s.effects,
        covariance="HC3" if s.covariance in ("classical", "HC3") else "cluster",
    )  # fmt: skip
    usable = frame[needed].notna().all(axis=1) & (frame[s.weight] > 0 if s.weight else True)
    kept = np.flatnonzero(usable)
    found = build_design(linear, frame.assign(**named).iloc[kept])
    if found.obstacle:
        return SurfaceDesign(obstacle=_in_words(found.obstacle, s), dropped=dict(found.dropped))
    lost = [name for name in POLYNOMIAL[1:] if name not in found.others]
    if lost:
        return SurfaceDesign(obstacle=_inseparable(s), dropped=dict(found.dropped))
    rows = kept[found.rows]
    weight = frame[s.weight].to_numpy(float)[rows] if s.weight else np.ones(len(rows))
    carries = s.covariance == "design" or (s.covariance == "replicates" and REPLICATES in frame)
    sample = drawn_sample(frame, rows, weights=s.weight) if carries else None
    dropped = {_in_words(reason, s): count for reason, count in found.dropped.items()}
    if len(kept) < len(frame):
        dropped[say("{weight} is missing or not above zero", weight=s.weight)] = len(frame) - len(kept)
    return SurfaceDesign(
        x=terms[rows, 0], y=terms[rows, 1], outcome=found.outcome, weight=weight,
        others=found.others.drop(columns=list(POLYNOMIAL[1:])).to_numpy(),
        companies=found.companies, rows=rows, sample=sample, origin=origin, dropped=dropped, notes=found.notes,
    )  # fmt: skip


def _absences(s: SurfaceSpecification, frame: pd.DataFrame, unavailable: Mapping[str, str]) -> Iterator[str]:
    if s.x == s.y:
        yield say("{x} stands for both scores", x=s.x)
    for name in (s.x, s.y):
        if name in (s.outcome, *s.controls, *s.effects):
            yield say("{name} is a score of the surface and another of its columns", name=name)
    for name in (*s.columns, "company"):
        if name not in frame:
            yield absent(name, unavailable)
        elif frame[name].isna().all():
            yield without_values(name, unavailable)
    for name in (s.outcome, s.x, s.y, *((s.weight,) if s.weight else ())):
        if name in frame and not pd.api.types.is_numeric_dtype(frame[name].dtype):
            yield say("{name} does not hold numbers", name=name)


def _scores_without_surface(s: SurfaceSpecification, scores: Floats) -> Iterator[str]:
    """Say in plain words what keeps two scores from carrying a quadratic surface."""
    if not len(scores):
        yield say("no company has all that is needed")
        return
    for name, values in zip((s.x, s.y), scores.T, strict=True):
        different = len(np.unique(values))
        if different == 1:
            yield say("{name} does not vary", name=name)
        if different == 2:
            yield say("{name} has two values only, so that a curve cannot be told from a line", name=name)
    if len(scores) > 2 and abs(float(np.asarray(np.corrcoef(scores.T))[0, 1])) > 1 - 1e-10:
        yield say(
            "{x} and {y} determine one another, so that agreement cannot be told from level", x=s.x, y=s.y
        )


def _origin(s: SurfaceSpecification, scores: Floats) -> tuple[float, float]:
    mean_x, mean_y = (float(value) for value in scores.mean(axis=0))
    pooled = (mean_x + mean_y) / 2
    return {
        "none": (0.0, 0.0), "pooled": (pooled, pooled), "variablewise": (mean_x, mean_y),
        "midpoint": (s.midpoint, s.midpoint),
    }[s.centring]  # fmt: skip


def _in_words(said: str, s: SurfaceSpecification) -> str:
    """Name the scores where the linear model names a term."""
    if said == not_told_apart("b1"):
        return _inseparable(s)
    for term, name in (("b1", s.x), ("b2", s.y), ("b3", s.x), ("b4", s.x), ("b5", s.y)):
        said = f"{name} {said.removeprefix(term + ' ')}" if said.startswith(f"{term} ") else said
    return said


def _inseparable(s: SurfaceSpecification) -> str:
    return say("{x}, {y}, their squares and their product cannot be told apart", x=s.x, y=s.y)
