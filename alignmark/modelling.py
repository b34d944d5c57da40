"""Growth models as the study declares them, and the exploratory ones that are run beside them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from alignmark.comparing import Ground
from alignmark.study import Study
from analysis.explain.binned import binned_means, fitted_line
from analysis.explain.comparison import robustness_value, slope_difference
from analysis.explain.regression import Fit, fit
from analysis.explain.specification import Specification
from analysis.measure.panel import Panel
from survey.language import say
from survey.ledger import named


def growth_models(panel: Panel, study: Study, *, across: Ground | None = None) -> tuple[Fit, ...]:
    """Fit the declared models, and the first once more with each unrelated marker scale as regressor.

    Parameters
    ----------
    panel
        The company panel.
    study
        The models.
    across
        What all waves have in common: models that compare waves are fitted on it, and their note says
        what that leaves out. None if everything compares.
    """
    constructs = panel.instrument.constructs
    markers = [key for key, found in constructs.items() if found.role == "marker" and key in panel.frame]
    declared = study.specifications
    checks = [exploratory(declared[0], marker) for marker in markers] if declared else []
    return tuple(fit_declared(model, panel, study, across=across) for model in (*declared, *checks))


def fit_declared(model: Specification, panel: Panel, study: Study, *, across: Ground | None = None) -> Fit:
    """Fit a model to the panel, or, if it compares waves, to what they have in common; see `growth_models`.

    Chance, in the wild bootstrap, starts at the study's seed for every model, so that their order does not matter.
    """
    rng = np.random.default_rng(study.seed)
    chosen = panel_for(model, panel, across=across)
    found = fit(model, chosen, rng=rng)
    if across is None or chosen is panel:
        return found
    said = say("without {names}, which cannot be compared between all waves", names=named(across.left_out))
    return replace(found, note="; ".join(filter(None, (found.note, said))))


def panel_for(model: Specification, panel: Panel, *, across: Ground | None) -> Panel:
    """Return what a model is fitted to: the panel, or what its waves have in common if it compares them."""
    compares = compares_waves(panel, model.effects) or (model.within and len(panel.waves) > 1)
    return across.panel if across is not None and across.left_out and compares else panel


def compares_waves(panel: Panel, effects: Sequence[str]) -> bool:
    """Tell whether a model without company effects would hold companies of different waves against one another."""
    return len(panel.waves) > 1 and "wave" not in effects


def importance(
    panel: Panel, study: Study, constructs: list[str], *, across: Ground | None = None
) -> pd.DataFrame:
    """Slope on each construct, one at a time, in the first declared model: ``variable`` and results."""
    if not study.models:
        return pd.DataFrame()
    first = study.specifications[0]
    slopes = {
        name: fit_declared(exploratory(first, name), panel, study, across=across).slope(per=10)
        for name in constructs
    }
    return pd.DataFrame(slopes).T.rename_axis("variable").reset_index()


def growth_picture(panel: Panel, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Binned means of the first model's outcome on the index, and the line through them, from the first to the last.

    Beyond them it would end at single companies. All waves stand in one picture, so `panel` is to be what they have in
    common.
    """
    if not study.models or not {study.models[0].outcome, "alignment"} <= set(panel.frame):
        return pd.DataFrame(), pd.DataFrame()
    outcome = study.models[0].outcome
    bins = binned_means(panel.frame, "alignment", outcome)
    if len(bins) < 2:
        return bins, pd.DataFrame()
    ends = (float(bins["x"].min()), float(bins["x"].max()))
    return bins, fitted_line(panel.frame, "alignment", outcome, ends=ends)


def confounding(panel: Panel, study: Study, fits: tuple[Fit, ...]) -> pd.DataFrame:
    """Say how strong a confounder of the first model must be, and compare slopes with and without companies' own level.

    Parameters
    ----------
    panel, study
        As for `growth_models`.
    fits
        What that returned.

    Returns
    -------
    DataFrame
        One row, empty without models: ``robustness`` (per cent, see `robustness_value`) and, if a model
        within companies is declared, ``pooled, within`` (slopes per 10 points, the same model without and
        with company effects), the columns of `slope_difference`, ``corrected`` (for sampling error, which
        else makes the slope within companies too small by itself) and ``note``, why there is no difference.
    """
    if not study.models:
        return pd.DataFrame()
    declared = study.specifications
    row: dict[str, object] = {"robustness": robustness_value(fits[0].partial_r_squared)}
    inside = next((model for model in declared if model.within), None)
    if inside is not None:
        corrected = f"{inside.regressor}_se" in panel.frame
        errors = inside.covariance if inside.covariance in ("design", "replicates") else "cluster"
        plain = replace(inside, corrected=corrected, covariance=errors, also=())
        pooled, within = (fit(replace(plain, within=only), panel) for only in (False, True))
        row |= {"pooled": pooled.slope(per=10)["estimate"], "within": within.slope(per=10)["estimate"]}
        row |= {str(name): value for name, value in slope_difference(pooled, within, per=10).items()}
        row |= {"corrected": corrected, "note": within.note if within.frame.empty else ""}
    return pd.DataFrame([row])


def exploratory(declared: Specification, regressor: str) -> Specification:
    """Return the same model with another regressor, marked as exploratory."""
    return replace(declared, name=regressor, regressor=regressor, declared=False, corrected=False, also=())
