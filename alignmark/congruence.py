"""Whether the outcome goes with both functions saying the same: response surfaces as the study declares them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from alignmark.comparing import Ground
from alignmark.modelling import compares_waves
from alignmark.study import Study
from alignmark.study_rules import UNWEIGHTED, CongruenceRule
from analysis.explain.response_surface import Surface, response_surface
from analysis.explain.specification import Specification
from analysis.explain.surface_design import SurfaceErrors, SurfaceSpecification
from analysis.explain.surface_error import surface_without_error
from analysis.measure.panel import Panel
from survey.language import mark

TEN_POINTS = 10.0
"""The unit of x and y, so that coefficients are those of 10 points."""


def congruence(
    panel: Panel, study: Study, *, across: Ground | None, errors: pd.DataFrame, rng: np.random.Generator
) -> tuple[tuple[Surface, ...], pd.DataFrame]:
    """Fit the main surface, and it once more with the controls of every other declared model.

    Parameters
    ----------
    panel
        The company panel.
    study
        What it declares under `congruence`; what it does not say is taken from its first model of the outcome.
    across
        What all waves have in common: surfaces that compare waves are fitted on it.
    errors
        Sampling error of each function's index, from `analysis.measure.alignment.view_errors`.
    rng
        Source of the draws.

    Returns
    -------
    surfaces : tuple of Surface
        The main one first; none where the study has no outcome.
    flattened : DataFrame
        From `surface_without_error`, of the main surface; empty where the errors are not known.
    """
    rule = study.congruence or CongruenceRule()
    surfaces, flattened = [], pd.DataFrame()
    for specification in _specifications(rule, panel, study):
        ground = across is not None and compares_waves(panel, specification.effects)
        chosen = across.panel if across is not None and ground else panel
        frame = _both_sides(chosen.frame, rule.score)
        why = _reasons(chosen, rule.score)
        surfaces.append(response_surface(specification, frame, rng=rng, unavailable=why))
        if len(surfaces) == 1 and len(errors) and rule.score == "alignment":
            known = frame.merge(errors, on=["company", "wave"], how="left")
            flattened = surface_without_error(specification, known, rng=rng)
    return tuple(surfaces), flattened


def _specifications(rule: CongruenceRule, panel: Panel, study: Study) -> Iterator[SurfaceSpecification]:
    """Yield the main specification, then the same with the controls of the declared models."""
    models = [model for model in study.specifications if rule.outcome in (None, model.outcome)]
    outcomes = [*([rule.outcome] if rule.outcome else []), *(m.outcome for m in models), *panel.outcomes]
    if not outcomes:
        return
    others = [model for model in models if model.outcome == outcomes[0] and _pooled(model)]
    first = others[0] if others else None
    waves = ("wave",) if len(panel.waves) > 1 else ()
    controls = rule.controls if rule.controls is not None else (first.controls if first else ())
    effects = rule.effects if rule.effects is not None else (first.effects if first else waves)
    own = first.weights if first else "weight" if study.weights is not None else ""
    weights = "" if rule.weights == UNWEIGHTED else rule.weights or own
    errors: SurfaceErrors = rule.errors or ("design" if study.weights is not None and weights else "cluster")
    main = SurfaceSpecification(
        first.name if first and rule.controls is None and rule.effects is None else mark("Congruence"),
        outcomes[0], f"{rule.score}_sales", f"{rule.score}_marketing", tuple(controls), tuple(effects),
        covariance=errors, weight=weights, centring=rule.centring,
        per=TEN_POINTS, declared=study.congruence is not None,
    )  # fmt: skip
    yield main
    seen = {(main.controls, main.effects)}
    for model in others:
        terms = (model.controls, model.effects)
        if terms not in seen:
            seen.add(terms)
            yield replace(main, name=model.name, controls=terms[0], effects=terms[1])


def _pooled(model: Specification) -> bool:
    """Whether a model's controls can stand beside a surface: least squares on the levels of one wave."""
    special = model.within or model.top or model.lag or model.lagged_outcome
    return model.estimator == "ols" and not special


def _both_sides(frame: pd.DataFrame, score: str) -> pd.DataFrame:
    """Add each function's score of a construct: its level less and plus half of the gap."""
    if score == "alignment" or f"gap_{score}" not in frame:
        return frame
    half = frame[f"gap_{score}"] / 2
    return frame.assign(**{f"{score}_sales": frame[score] - half, f"{score}_marketing": frame[score] + half})


def _reasons(panel: Panel, score: str) -> dict[str, str]:
    """Why the scores of the functions are absent."""
    reason = panel.unavailable.get("gap" if score == "alignment" else f"gap_{score}", "")
    names = (f"{score}_sales", f"{score}_marketing")
    return {**panel.unavailable, **(dict.fromkeys(names, reason) if reason else {})}
