"""Classes of companies: best in class by outcomes, or world-class by practices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Floats, numeric
from analysis.measure.panel import Panel
from survey.instrument import Instrument
from survey.language import in_sentence, mark, say, say_n, short, spoken
from survey.problems import Problem, raise_if_any

BEST, AVERAGE, LAGGARD = "best in class", "average", "laggard"
WORLD_CLASS, REST = "world-class", "rest"
ALL = mark("all")

NAMED_AT_MOST = 4
"""A label names so many columns; beyond, it counts them."""

SLACK = 1e-9
"""A share that equals its cut but for floating point reaches it."""


@dataclass(frozen=True, slots=True)
class OutcomeClasses:
    """Classes cut on outcomes, as in Aberdeen's reports: top 20%, middle 50%, bottom 30%.

    Parameters
    ----------
    outcomes
        Panel columns that define the class.
    best, laggard
        Shares of the companies of a wave, or of their weight, 0-1, together at most 1.
    minimum_outcomes
        Outcomes a company must have to be classified; all of them if None.
    """

    outcomes: tuple[str, ...]
    best: float = 0.2
    laggard: float = 0.3
    minimum_outcomes: int | None = None


@dataclass(frozen=True, slots=True)
class PracticeClasses:
    """Classes cut on practices, as in Miller Heiman's studies: world-class, and the rest.

    Parameters
    ----------
    practices
        Panel columns scored 0-100, or practice groups of the instrument, which stand for their items.
    cut
        Score from which a practice counts as in place.
    share
        Share of its practices, 0-1, that a world-class company has in place.
    minimum_practices
        Practices a company must have answered to be classified; all of them if None.
    """

    practices: tuple[str, ...]
    cut: float = 75.0
    share: float = 0.9
    minimum_practices: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The class of every company that can be classified.

    Parameters
    ----------
    frame
        ``company, wave, score, class``. The score is the mean z of the outcomes, or the per cent of
        practices in place.
    definition
        How the classes were cut.
    selected_on
        Columns that define the classes: gaps in these are circular.
    label
        The same in words, for every table that shows the classes.
    unclassified
        Companies by wave without a class, by reason.
    directions
        Of each of `selected_on`: 1 where more is better, -1 where less is.
    kin
        Columns that these make up, or that make up these: gaps in them are circular as well.
    """

    frame: pd.DataFrame
    definition: OutcomeClasses | PracticeClasses
    selected_on: tuple[str, ...]
    label: str
    unclassified: dict[str, int]
    directions: tuple[float, ...] = ()
    kin: tuple[str, ...] = ()

    @property
    def guaranteed(self) -> tuple[str, ...]:
        """Columns in which the selection by itself makes the classes differ."""
        return (*self.selected_on, *self.kin)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes, best first."""
        by_outcomes = isinstance(self.definition, OutcomeClasses)
        return (BEST, AVERAGE, LAGGARD) if by_outcomes else (WORLD_CLASS, REST)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return the label, the size of each class and who is unclassified, as text."""
        sizes = self.frame["class"].value_counts()
        found = ", ".join(f"{name} {int(sizes.get(name, 0))}" for name in self.names)
        missing = "".join(f"; unclassified {n}: {reason}" for reason, n in self.unclassified.items())
        return f"Classes {self.label}: {found}{missing}"

    __repr__ = summary


def classify(panel: Panel, definition: OutcomeClasses | PracticeClasses) -> Classes:
    """Sort the companies of each wave into classes.

    By outcomes: each outcome is standardised within the wave (mean 0, standard deviation 1 over the
    companies that have it; negative where lower is better; 0 where it does not
    vary), a company's score is the mean over its outcomes, and scores are ranked within the wave. A company
    is best in class if it and all with its score fit into the top `best` share, a laggard if they fit
    into the bottom `laggard` share: equal scores get equal classes, and a tie across a cut goes to the
    middle. Where companies have a ``weight``, shares are of the weight of those classified; standardising is
    not weighted. The publishers have not disclosed their own rule.

    By practices: a company is world-class if at least `share` of its practices reach `cut`.

    Parameters
    ----------
    panel
        Companies by wave.
    definition
        Which of the two, and its cuts.

    Returns
    -------
    Classes
        One kind only; the two are never mixed.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or a cut is impossible.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> classify(panel, OutcomeClasses(("revenue_growth",))).summary()
    'Classes selected on revenue growth: best in class 2, average 5, laggard 3'
    """
    if isinstance(definition, OutcomeClasses):
        columns: tuple[str, ...] = definition.outcomes
        minimum = definition.minimum_outcomes
    else:
        columns = _practice_columns(panel.instrument, definition.practices)
        minimum = definition.minimum_practices
    _check(definition, columns, minimum)
    _require(panel, columns)
    values = numeric(panel.frame, columns, keys=("company", "wave"))
    enough = (~np.isnan(values)).sum(axis=1) >= (len(columns) if minimum is None else minimum)
    frame = panel.frame.loc[enough, ["company", "wave"]]
    signs = tuple(-1.0 if panel.less_is_better(name) else 1.0 for name in columns)
    if isinstance(definition, OutcomeClasses):
        frame["score"] = _mean_z(values, panel.frame["wave"], np.array(signs))[enough]
        weight = panel.frame.get("weight", pd.Series(1.0, index=panel.frame.index))
        frame["class"] = _by_rank(frame, weight[enough], definition)
    else:
        frame["score"] = _in_place(values[enough], definition.cut)
        world = frame["score"] >= 100 * (definition.share - SLACK)
        frame["class"] = np.where(world, WORLD_CLASS, REST)
    label = say("selected on {what}", what=_named(panel.instrument, definition, columns))
    return Classes(
        frame.reset_index(drop=True), definition, columns, label, _missing(values[~enough], columns), signs,
        _kin(panel.instrument, columns),
    )  # fmt: skip


def with_class(frame: pd.DataFrame, classes: Classes) -> pd.DataFrame:
    """Give each row its ``class``, missing where it has none: such rows stay part of the sample.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> frame.loc[0, "revenue_growth"] = np.nan
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> classed = with_class(frame, classify(panel, OutcomeClasses(("revenue_growth",))))
    >>> int(classed["class"].isna().sum()), classed["class"].iloc[-1]
    (1, 'best in class')
    """
    keyed = classes.frame[["company", "wave", "class"]]
    return frame.drop(columns="class", errors="ignore").merge(keyed, on=["company", "wave"], how="left")


def _mean_z(values: Floats, wave: pd.Series, signs: Floats) -> Floats:
    """Mean over outcomes of the signed z within the wave."""
    table = pd.DataFrame(values)
    groups = table.groupby(wave.to_numpy())
    centred = table - groups.transform("mean")
    sd = groups.transform("std")
    # An outcome that does not vary in a wave tells no companies apart: 0 for all, not a division by zero.
    z = centred.div(sd.where(sd > 0)).mask(centred.notna() & ~(sd > 0), 0.0) * signs
    return np.asarray(z.mean(axis=1), dtype=np.float64)


def _by_rank(frame: pd.DataFrame, weight: pd.Series, definition: OutcomeClasses) -> NDArray[np.str_]:
    # Ten decimals: scores that differ only by the order of a sum are equal.
    held = pd.DataFrame({"wave": frame["wave"], "score": frame["score"].round(10), "weight": weight})
    of_score = held.groupby(["wave", "score"])["weight"].sum()
    up_to = of_score.groupby("wave").cumsum()
    total = of_score.groupby("wave").transform("sum")
    share = pd.DataFrame({"top": 1 - (up_to - of_score) / total, "bottom": up_to / total})
    own = share.loc[pd.MultiIndex.from_frame(held[["wave", "score"]])]
    laggard = own["bottom"] <= definition.laggard + SLACK
    return np.where(own["top"] <= definition.best + SLACK, BEST, np.where(laggard, LAGGARD, AVERAGE))


def _in_place(values: Floats, cut: float) -> Floats:
    """Per cent of the answered practices that reach the cut."""
    answered = (~np.isnan(values)).sum(axis=1)
    return np.asarray(100 * (values >= cut - SLACK).sum(axis=1) / np.maximum(answered, 1))


def _practice_columns(instrument: Instrument, practices: Sequence[str]) -> tuple[str, ...]:
    """Items of practice groups, other columns as they are."""
    groups = instrument.practices
    return tuple(item for name in practices for item in (groups[name].items if name in groups else (name,)))


def _kin(instrument: Instrument, columns: Sequence[str]) -> tuple[str, ...]:
    """The index, where constructs that it is the mean of select; these, where the index does."""
    constructs = instrument.alignment_constructs
    if "alignment" in columns:
        return tuple(name for name in constructs if name not in columns)
    return ("alignment",) if set(constructs) & set(columns) else ()


def _missing(values: Floats, columns: Sequence[str]) -> dict[str, int]:
    """Rows by what they lack."""
    absent, counts = np.unique(np.isnan(values), axis=0, return_counts=True)
    names = np.array(columns)
    lacking = [say("without {names}", names=", ".join(names[row])) for row in absent]
    return dict(zip(lacking, map(int, counts), strict=True))


def _named(
    instrument: Instrument, definition: OutcomeClasses | PracticeClasses, columns: Sequence[str]
) -> str:
    outcomes = isinstance(definition, OutcomeClasses)
    # Practices are known by their wording, of which a label holds one; the index and constructs have a title.
    short_names = outcomes or len(columns) == 1 or set(columns) <= {"alignment", *instrument.constructs}
    if len(columns) > NAMED_AT_MOST or not short_names:
        if outcomes:
            return say("{n} outcomes", n=len(columns))
        return say_n(len(columns), "{n} practice", "{n} practices", n=len(columns))
    *titles, last = (_title(instrument, name) for name in columns)
    return say("{items} and {last}", items=", ".join(titles), last=last) if titles else last


def _title(instrument: Instrument, name: str) -> str:
    declared = instrument.outcomes.get(name) or instrument.constructs.get(name)
    own = short(spoken())
    own = own if own in instrument.languages else instrument.languages[0]
    if declared is not None:
        return in_sentence(declared.title[own])
    if name == "alignment":
        return in_sentence(instrument.index[own])
    asked = instrument.columns.get(name)
    return f"“{asked.text[own].rstrip('.')}”" if asked is not None else name.replace("_", " ")


def _require(panel: Panel, columns: Sequence[str]) -> None:
    """Name every defining column that the panel cannot have, with the reason."""
    raise_if_any(
        Problem(f"defines the classes but is not in the panel: {panel.unavailable[name]}", column=name)
        for name in columns
        if name not in panel.frame and name in panel.unavailable
    )


def _check(definition: OutcomeClasses | PracticeClasses, columns: Sequence[str], minimum: int | None) -> None:
    problems = []
    if not columns:
        problems.append(Problem("the classes are defined on nothing", allowed="at least one column"))
    if minimum is not None and not 1 <= minimum <= max(len(columns), 1):
        allowed = f"1 to {len(columns)}"
        problems.append(
            Problem("the minimum of known values is impossible", value=str(minimum), allowed=allowed)
        )
    if isinstance(definition, OutcomeClasses):
        possible = 0 < definition.best < 1 and 0 < definition.laggard < 1
        if not possible or definition.best + definition.laggard > 1 + SLACK:
            value = f"best {definition.best:g}, laggard {definition.laggard:g}"
            allowed = "shares above 0 that add up to at most 1"
            problems.append(Problem("the class shares are impossible", value=value, allowed=allowed))
    elif not (0 < definition.share <= 1 and 0 <= definition.cut <= 100):
        value = f"cut {definition.cut:g}, share {definition.share:g}"
        problems.append(Problem("the class cuts are impossible", value=value, allowed="cut 0-100, share 0-1"))
    raise_if_any(problems)
