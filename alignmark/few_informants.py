"""The main slope as measured and as corrected for scores from few informants."""

from dataclasses import replace

import numpy as np
import pandas as pd

from alignmark.comparing import Ground
from alignmark.modelling import panel_for
from alignmark.study import Study
from analysis.explain.corrections import corrected_slopes
from analysis.measure.panel import Panel


def corrections(
    panel: Panel, study: Study, *, across: Ground | None, rng: np.random.Generator
) -> pd.DataFrame:
    """Correct the slope of the declared model that asks for it, else of the first, in every way there is.

    The corrections are those of least squares without weights, with HC3 errors or errors clustered by company:
    models of other kinds are passed over, other errors give way to the latter, and replicate weights are not used.

    Parameters
    ----------
    panel, study, across
        As for `alignmark.modelling.growth_models`.
    rng
        Source of the error that SIMEX adds.

    Returns
    -------
    DataFrame
        As `corrected_slopes` returns, with ``model``, the model's name. Empty without a model or where the
        sampling errors are not known.
    """
    every = [model.specification for model in study.models]
    declared = [model for model in every if model.estimator == "ols" and not (model.weights or model.top)]
    if not declared:
        return pd.DataFrame()
    main = next((model for model in declared if model.corrected), declared[0])
    main = replace(main, covariance="HC3" if main.covariance == "HC3" else "cluster", also=())
    chosen = panel_for(main, panel, across=across)
    if f"{main.regressor}_se" not in chosen.frame:
        return pd.DataFrame()
    found = corrected_slopes(main, chosen.frame, rng=rng, unavailable=chosen.unavailable)
    return found.assign(model=main.name)
