"""One wave weighted: design weight, nonresponse, margins, trimming, size."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from survey.calibration import Calibration, Floats, calibrate, one_hot, poststratify
from survey.distances import NO_BOUNDS
from survey.language import digits, say
from survey.margin_fit import Fitted, fit_margins
from survey.margins import Margin
from survey.problems import InputError, Problem, raise_if_any
from survey.raking import rake
from survey.response_classes import ResponseClasses, response_classes
from survey.trimmed_margins import trim_wave
from survey.weighted import STEPS, WaveWeights
from survey.weighting_rules import WeightRule

T = TypeVar("T")


def weigh_wave(
    rows: pd.DataFrame, rule: WeightRule, margins: Sequence[Margin], register: pd.DataFrame | None
) -> WaveWeights:
    """Weight the companies of one wave, step by step; see `survey.weighting.weigh`.

    Raises
    ------
    InputError
        What is wrong with weights, sizes, classes and margins, at once; then what keeps margins from being met.
    """
    problems: list[Problem] = []
    base = _attempt(problems, lambda: _positive(rows, rule.base, "a design weight"))
    size = _attempt(problems, lambda: _positive(rows, rule.size, "a size"))
    fitted = _attempt(problems, lambda: _fit(rows, rule, margins)) if rule.margins is not None else None
    classes = _attempt(problems, lambda: _adjusted(rows, rule, register))
    raise_if_any(problems)
    assert base is not None
    assert size is not None
    said = list(classes.said) if classes is not None else []
    factors = 1.0 if classes is None else classes.factors.reindex(rows["company"]).to_numpy(float)
    adjusted = base * factors
    calibration = None if fitted is None else _calibrated(adjusted, fitted, rule, said)
    calibrated = adjusted if calibration is None else calibration.weights
    _refuse_negative(rows, calibrated, calibration, rule)
    trimmed = trim_wave(calibrated, calibration, rule)
    last = (trimmed.weights, trimmed.weights * size)
    steps = dict(zip(STEPS, (base, adjusted, calibrated, *last), strict=True))
    return WaveWeights(
        steps, calibration, trimmed, pd.DataFrame() if classes is None else classes.frame, said
    )


def _attempt(problems: list[Problem], step: Callable[[], T]) -> T | None:
    """Do a step; if it fails, keep its problems and go on."""
    try:
        return step()
    except InputError as error:
        problems += error.problems
        return None


def _positive(rows: pd.DataFrame, name: str | None, what: str) -> Floats:
    """Return a fact that must be a number above 0 of every company; ones where there is none."""
    if name is None:
        return np.ones(len(rows))
    if name not in rows:
        known = ", ".join(str(column) for column in rows if column not in ("company", "wave"))
        raise InputError(
            [
                Problem(
                    f"is no fact of the companies, and {what} is needed",
                    column=name,
                    value=name,
                    allowed=known,
                )
            ]
        )
    values = pd.to_numeric(rows[name], errors="coerce").to_numpy(float, na_value=np.nan)
    raise_if_any(
        Problem(f"{rows['company'].iloc[n]} has no {what.split(' ', 1)[1]} above 0", column=name,
                value="" if pd.isna(rows[name].iloc[n]) else str(rows[name].iloc[n]), allowed="a number above 0",
                to_do="correct it, or leave the company out")
        for n in np.flatnonzero(~(values > 0) | np.isinf(values))
    )  # fmt: skip
    return np.asarray(values, dtype=np.float64)


def _fit(rows: pd.DataFrame, rule: WeightRule, margins: Sequence[Margin]) -> Fitted:
    if not margins:
        what, to_do = "no margin describes this wave", "add its counts, or leave the column wave empty"
        raise InputError([Problem(what, column="margins", to_do=to_do)])
    return fit_margins(
        rows, _as_declared(margins, rule), total=rule.population or float(len(rows)), join=rule.join
    )


def _as_declared(margins: Sequence[Margin], rule: WeightRule) -> list[Margin]:
    """Return the margins that the study names, summed from those that are crossed further; all if it names none."""
    listed = "; ".join(margin.name for margin in margins)
    if not rule.by:
        if rule.method == "poststratification" and len(margins) > 1:
            what = f"post-stratification takes one margin, and there are {len(margins)}: {listed}"
            raise InputError([Problem(what, column="method", to_do="take the method raking")])
        return list(margins)
    found: list[Margin] = []
    problems: list[Problem] = []
    for names in rule.margin_names:
        having = [margin for margin in margins if set(names) <= set(margin.variables)]
        found += [min(having, key=lambda margin: len(margin.variables)).over(names)] if having else []
        name = " x ".join(names)
        what = f"no margin of {margins[0].file or 'the study'} counts {name}"
        absent = Problem(what, column="by", value=name, allowed=listed)
        problems += [] if having else [absent]
    raise_if_any(problems)
    return found


def _adjusted(rows: pd.DataFrame, rule: WeightRule, register: pd.DataFrame | None) -> ResponseClasses | None:
    """Return the weighting classes over the register, if the study declares any."""
    if rule.nonresponse is None:
        return None
    if register is None:
        raise InputError([Problem("needs the register of everybody who was asked", column="nonresponse")])
    asked = register.rename_axis("company").reset_index()
    weights = pd.Series(_positive(asked, rule.base, "a design weight"), index=register.index)
    answered, declared = rows["company"].tolist(), rule.nonresponse
    return response_classes(register, answered, by=declared.classes, base=weights, minimum=declared.minimum)


def _calibrated(weights: Floats, fitted: Fitted, rule: WeightRule, said: list[str]) -> Calibration:
    said += fitted.said
    scale = fitted.total / weights.sum()
    if abs(scale - 1) > 1e-9:
        said.append(
            say(
                "Weights are scaled by {scale} as a whole, so that they add up to {total}."
                if rule.bounds is None
                else "Weights are scaled by {scale} as a whole, so that they add up to {total}; bounds hold for what "
                "follows.",
                scale=digits(scale, ".4g"),
                total=digits(fitted.total, ",.10g"),
            )
        )
    try:
        return _brought(weights * scale, fitted, rule)
    except InputError as error:
        raise InputError(fitted.at_their_rows(error.problems)) from None


def _brought(start: Floats, fitted: Fitted, rule: WeightRule) -> Calibration:
    """Bring weights to the margins by the declared method."""
    names = [name for row in fitted.names for name in row]
    if rule.method == "poststratification":
        codes, counts, called = fitted.crossed()
        return poststratify(start, codes, counts, names=called)
    if rule.method == "raking" and rule.bounds is None:
        return rake(start, fitted.codes, fitted.counts, names=fitted.names)
    auxiliary = np.hstack([one_hot(c, len(k)) for c, k in zip(fitted.codes, fitted.counts, strict=True)])
    return calibrate(
        start,
        auxiliary,
        np.concatenate(fitted.counts),
        method=rule.method,
        bounds=rule.bounds or NO_BOUNDS,
        names=names,
    )


def _refuse_negative(
    rows: pd.DataFrame, weights: Floats, calibration: Calibration | None, rule: WeightRule
) -> None:
    """Refuse weights that linear calibration has made negative or 0, cell by cell: none counts less than nothing."""
    bad = np.flatnonzero(~(weights > 0))
    if calibration is None or not len(bad):
        return
    names = np.array(calibration.names, dtype=object)
    cells = ["; ".join(names[calibration.auxiliary[n] > 0]) for n in bad]
    table = pd.DataFrame({"cell": cells, "weight": weights[bad], "company": rows["company"].to_numpy()[bad]})
    found = table.groupby("cell").agg(
        n=("weight", "size"), least=("weight", "min"), first=("company", "first")
    )
    raise_if_any(
        Problem(
            f"{cell}: weights come out as 0 or less, down to {row['least']:.4g}, of {row['n']} that answered, such as "
            f"{row['first']}",
            column="method", value=rule.method, to_do="set bounds, take the method raking, or join rare categories",
        )
        for cell, row in found.sort_values("least").to_dict("index").items()
    )  # fmt: skip
