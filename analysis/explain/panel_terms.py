"""Columns that a model makes of a panel: differences, company means, waves before, the best share of a wave."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.explain.specification import Specification, complete_rows
from analysis.explain.terms import terms_of
from analysis.infer.columns import is_numeric
from analysis.infer.model_terms import is_number
from survey.language import say, say_n

SLACK = 1e-9
"""Shares that add up to a cut but for floating point reach it."""

BEFORE, MEAN = ", wave before", ", company mean"
"""How the added terms are called: "revenue_growth, wave before"; "alignment, company mean"."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A panel with the columns that a model asks for, or the `obstacle` in words.

    Parameters
    ----------
    specification
        The model in terms of the columns of `frame`.
    frame
        Rows to be used; of a model of differences, columns hold differences, of one between companies, means.
    dropped
        Rows left out so far, by reason.
    notes
        What the columns now mean.
    """

    specification: Specification
    frame: pd.DataFrame
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    obstacle: str = ""


def prepare(specification: Specification, frame: pd.DataFrame, *, less_is_better: bool = False) -> Prepared:
    """Make the columns of a model out of those of the panel.

    - ``a:b`` among regressor and controls: the product of two columns;
    - `top`: whether a row is among this share of its wave, the best (ties share their mean rank); with weights the
      share is one of the wave's weight, and a rank the weight up to it;
    - `lag`, `lagged_outcome`, "first_differences": values of the wave before, which is the one that stands
      before it among the waves of the panel; a company that missed it has none;
    - "between": one row a company, means of its waves;
    - "within_between": deviations from the company's means beside these means (Mundlak, 1978,
      Econometrica 46; Bell and Jones, 2015, Political Science Research and Methods 3), and a company's share of each
      wave where companies differ in it, so that the slope is that within companies (Wooldridge, 2019, Journal of
      Econometrics 211).

    Parameters
    ----------
    specification
        The model.
    frame
        Panel, one row per company and wave; it is not changed.
    less_is_better
        Whether the best are those with the lowest outcome.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("aabb"), "wave": [1, 2, 1, 2], "alignment": [1.0, 3, 2, 7],
    ...                       "growth": [1.0, 2, 3, 4]})
    >>> model = Specification("changes", "growth", estimator="first_differences")
    >>> prepare(model, frame).frame["alignment"].dropna().tolist()
    [2.0, 5.0]
    """
    needed = (*specification.columns, "company")
    if not _of_waves(specification) and specification.estimator not in ("between", "within_between"):
        return _with_products(specification, frame)
    ready = _with_products(specification, frame)
    if ready.obstacle or not {*needed} <= {*ready.frame}:
        return ready
    if not all(is_numeric(ready.frame[name]) for name in (specification.outcome, specification.regressor)):
        return ready
    if _of_waves(specification):
        ready = _by_wave(ready, less_is_better=less_is_better)
    if not ready.obstacle and specification.estimator == "between":
        return _between(ready)
    if not ready.obstacle and specification.estimator == "within_between":
        return _within_between(ready)
    return ready


def _of_waves(specification: Specification) -> bool:
    moved = specification.lag or specification.lagged_outcome or specification.top
    return bool(moved) or specification.estimator == "first_differences"


def _with_products(specification: Specification, frame: pd.DataFrame) -> Prepared:
    products = [
        name
        for name in (specification.regressor, *specification.controls)
        if ":" in name and name not in frame
    ]
    made = {}
    for name in products:
        parts = name.split(":")
        for part in parts:
            if part not in frame:
                return Prepared(specification, frame, obstacle=say("{part} is not in the panel", part=part))
            if not is_numeric(frame[part]):
                what = say(
                    "{part} does not hold numbers, so that the product {name} does not exist",
                    part=part,
                    name=name,
                )
                return Prepared(specification, frame, obstacle=what)
        made[name] = frame[parts].astype(float).prod(axis=1, skipna=False)
    return Prepared(specification, frame.assign(**made) if made else frame)


def _by_wave(ready: Prepared, *, less_is_better: bool) -> Prepared:
    """Add what needs the order of the waves."""
    model, frame = ready.specification, ready.frame
    if "wave" not in frame:
        return replace(ready, obstacle=say("wave is not in the panel"))
    if frame.duplicated(["company", "wave"]).any():
        return replace(
            ready, obstacle=say("a company has several rows in one wave, so that there is no wave before")
        )
    notes = list(ready.notes)
    if model.top:
        ready = _top(ready, less_is_better=less_is_better)
        model, frame = ready.specification, ready.frame
    if model.lag:
        frame = frame.assign(**{model.regressor: _before(frame, model.regressor, model.lag)})
        notes.append(
            say_n(
                model.lag,
                "{regressor} is that of the wave before",
                "{regressor} is that of {n} waves before",
                n=model.lag,
                regressor=model.regressor,
            )
        )
    if model.lagged_outcome:
        name = f"{model.outcome}{BEFORE}"
        frame = frame.assign(**{name: _before(frame, model.outcome)})
        model = replace(model, controls=(*model.controls, name))
    ready = replace(ready, specification=model, frame=frame, notes=tuple(notes))
    return _differences(ready) if model.estimator == "first_differences" else ready


def _top(ready: Prepared, *, less_is_better: bool) -> Prepared:
    model, frame = ready.specification, ready.frame
    name = f"{model.outcome}, top {100 * model.top:g}%"
    rank = _rank(frame, model, less_is_better=less_is_better)
    best = (rank > 1 - model.top + SLACK).astype(float).where(rank.notna())
    return replace(ready, specification=replace(model, outcome=name), frame=frame.assign(**{name: best}))


def _rank(frame: pd.DataFrame, model: Specification, *, less_is_better: bool) -> pd.Series:
    """Share of a wave, or of its weight, up to and with each row, the worst first; tied rows have their mean."""
    weight = frame[model.weights].clip(lower=0) if model.weights else pd.Series(1.0, frame.index)
    value = frame[model.outcome] * (-1 if less_is_better else 1)
    held = pd.DataFrame({"wave": frame["wave"], "value": value, "weight": weight.fillna(0.0)})
    tied = held.groupby(["wave", "value"])["weight"].agg(["sum", "mean"])
    up_to = tied["sum"].groupby("wave").cumsum() - (tied["sum"] - tied["mean"]) / 2
    share = up_to / tied["sum"].groupby("wave").transform("sum")
    own = share.reindex(pd.MultiIndex.from_frame(held[["wave", "value"]]))
    return pd.Series(own.to_numpy(), index=frame.index)


def _before(frame: pd.DataFrame, column: str, waves: int = 1) -> pd.Series:
    """Value of a column so many waves before, by company."""
    order = frame["wave"].astype("category").cat.codes
    keyed = pd.MultiIndex.from_arrays([frame["company"], order])
    values = pd.Series(frame[column].to_numpy(), index=keyed)
    found = values.reindex(pd.MultiIndex.from_arrays([frame["company"], order - waves]))
    return pd.Series(found.to_numpy(), index=frame.index)


def _differences(ready: Prepared) -> Prepared:
    """Replace numbers by their differences from the wave before; what does not change falls out."""
    model, frame = ready.specification, ready.frame
    numbers = [name for name in model.controls if is_number(frame[name])]
    names = [name for name in (*model.controls, *model.effects) if name not in numbers]
    lasting = [name for name in dict.fromkeys(names) if name != "wave"]
    effects = tuple(name for name in names if name == "wave")
    changed = {
        name: frame[name].astype(float) - _before(frame, name).astype(float)
        for name in (model.outcome, model.regressor, *numbers)
    }
    notes = [*ready.notes, say("numbers are differences from the wave before")]
    if lasting:
        notes.append(
            say("left out of the differences, as what lasts falls out: {lasting}", lasting=", ".join(lasting))
        )
    made = replace(model, controls=tuple(numbers), effects=effects)
    return replace(ready, specification=made, frame=frame.assign(**changed), notes=tuple(notes))


def _between(ready: Prepared) -> Prepared:
    """Make one row a company: means of numbers, and those categories that a company does not change."""
    ready = _complete(ready)
    model, frame = ready.specification, ready.frame
    by = frame.groupby("company", sort=False)
    named = [name for name in model.columns if name not in ("company", *model.effects)]
    numbers = [name for name in named if is_number(frame[name])]
    kinds = [name for name in dict.fromkeys((*model.controls, *model.effects)) if name not in numbers]
    constant = [name for name in kinds if by[name].nunique(dropna=False).max() <= 1]
    gone = [name for name in kinds if name not in constant]
    keep = dict.fromkeys((*constant, *(name for name in model.clusters if name not in numbers)))
    means = by[[name for name in numbers if name not in keep]].mean()
    table = means.join(by[[name for name in keep if name != "company"]].first()).reset_index()
    notes = [*ready.notes, say("one row a company: means of its waves")]
    if gone:
        notes.append(say("left out, as companies change it: {gone}", gone=", ".join(gone)))
    made = replace(
        model,
        controls=tuple(name for name in model.controls if name not in gone),
        effects=tuple(name for name in model.effects if name not in gone),
    )
    return replace(ready, specification=made, frame=table, notes=tuple(notes))


def _within_between(ready: Prepared) -> Prepared:
    """Split numbers into the company's mean and the deviation from it; categories get their shares beside them."""
    ready = _complete(ready)
    model, frame = ready.specification, ready.frame
    numbers = [name for name in (model.regressor, *model.controls) if is_number(frame[name])]
    kinds = [name for name in (*model.controls, *model.effects) if name not in numbers]
    shares = terms_of(frame, [], kinds, intercept=False)[0]
    columns = pd.concat([frame[numbers].astype(float), shares], axis=1)
    means = columns.groupby(frame["company"]).transform("mean")
    # A share that all companies have, or a category that none of them changes, would add nothing.
    added = means[[*numbers, *(name for name in shares if _moves(shares[name], means[name]))]]
    own = {name: columns[name] - means[name] for name in numbers}
    note = say(
        "{regressor} is its deviation from the company's mean, which stands beside it",
        regressor=model.regressor,
    )
    added = added.rename(columns=lambda name: f"{name}{MEAN}")
    return replace(
        ready,
        specification=replace(model, controls=(*model.controls, *added.columns)),
        frame=pd.concat([frame.assign(**own), added], axis=1),
        notes=(*ready.notes, note),
    )


def _moves(indicator: pd.Series, share: pd.Series) -> bool:
    """Tell whether an indicator changes within companies while its share differs between them."""
    return bool(np.ptp(share) > 1e-12 and (indicator - share).abs().max() > 1e-12)


def _complete(ready: Prepared) -> Prepared:
    """Keep the rows that have every value, so that means are those of the rows used."""
    rows, dropped = complete_rows(ready.specification, ready.frame)
    return replace(ready, frame=ready.frame.iloc[rows], dropped={**ready.dropped, **dropped})


def is_binary(values: "np.typing.NDArray[np.float64]") -> bool:
    """Tell whether values are yes or no, 1 or 0.

    Examples
    --------
    >>> is_binary(np.array([0.0, 1.0])), is_binary(np.array([0.0, 2.0]))
    (True, False)
    """
    return bool(np.isin(values, (0.0, 1.0)).all())
