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

    The corrections are those of least squares, weighted as the model is, with HC3 errors, errors from the survey design
    or errors clustered by company: models of other kinds are passed over, other errors give way to the last.

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
    declared = [model for model in study.specifications if model.estimator == "ols" and not model.top]
    if not declared:
        return pd.DataFrame()
    main = next((model for model in declared if model.corrected), declared[0])
    kept = main.covariance in ("HC3", "design", "replicates")
    main = replace(main, covariance=main.covariance if kept else "cluster", also=())
    chosen = panel_for(main, panel, across=across)
    if f"{main.regressor}_se" not in chosen.frame:
        return pd.DataFrame()
    found = corrected_slopes(main, chosen.frame, rng=rng, unavailable=chosen.unavailable)
    return found.assign(model=main.name)
