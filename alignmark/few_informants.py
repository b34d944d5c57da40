"""The main slope as measured and as corrected for scores from few informants."""

import numpy as np
import pandas as pd

from alignmark.comparing import Ground
from alignmark.modelling import panel_for, specification
from alignmark.study import Study
from analysis.explain.corrections import corrected_slopes
from analysis.measure.panel import Panel


def corrections(
    panel: Panel, study: Study, *, across: Ground | None, rng: np.random.Generator
) -> pd.DataFrame:
    """Correct the slope of the declared model that asks for it, else of the first, in every way there is.

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
    declared = [specification(model) for model in study.models]
    if not declared:
        return pd.DataFrame()
    main = next((model for model in declared if model.corrected), declared[0])
    chosen = panel_for(main, panel, across=across)
    if f"{main.regressor}_se" not in chosen.frame:
        return pd.DataFrame()
    found = corrected_slopes(main, chosen.frame, rng=rng, unavailable=chosen.unavailable)
    return found.assign(model=main.name)
