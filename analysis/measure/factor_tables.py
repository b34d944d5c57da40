"""What a factor model says, as tables: parameters with intervals, standardised too, and residual correlations."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.measure.factor_fit import FactorFit, Solution
from analysis.measure.factor_model import (
    FACTOR,
    KINDS,
    LOADING,
    MEAN,
    RESIDUAL,
    FactorModel,
    Floats,
    Moments,
    Slots,
)
from survey.language import say

PARAMETERS = (
    "group", "kind", "factor", "term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high",
    "standardised", "standardised_error", "standardised_low", "standardised_high", "note",
)  # fmt: skip
STEP = 1e-4
"""Of a standard error: the step of numerical derivatives."""


def parameters(fit: FactorFit, *, level: float = 0.95) -> pd.DataFrame:
    """Return the parameters of a factor model with their intervals.

    Standardised: as if items and factors had variance 1; their errors by the delta method. Errors are robust
    where the fit is.

    Parameters
    ----------
    fit
        A factor model fitted.
    level
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame
        group, kind (loading, factor covariance, residual, intercept, factor mean), factor (of the item; of a
        covariance the second factor), term (item or factor), estimate, std_error, statistic, p_value,
        conf_low, conf_high, standardised, standardised_error, standardised_low, standardised_high, note
        ("fixed": not estimated, so without error; "does not vary": an error of 0). No rows where the fit has
        no solution.

    Notes
    -----
    Agrees with ``parameterEstimates(fit)`` and ``standardizedSolution(fit)`` in R lavaan.
    """
    if fit.solution is None:
        return pd.DataFrame(columns=list(PARAMETERS))
    solution, z = fit.solution, stats.norm.ppf((1 + level) / 2)
    variance = np.diag(solution.covariance)
    spread = _standardised_errors(solution)
    tables = []
    for number, (slots, values, m) in enumerate(_by_group(solution)):
        free = slots.free >= 0
        error = np.where(free, np.sqrt(np.maximum(variance[slots.free], 0)), np.nan)
        standard = _standardised(slots, values, m)
        table = _named(fit, number, slots) | {"estimate": values, "std_error": error}
        statistic = np.divide(values, error, out=np.full(len(values), np.nan), where=error > 0)
        table |= {"statistic": statistic, "p_value": 2 * stats.norm.sf(np.abs(statistic))}
        table |= {"conf_low": values - z * error, "conf_high": values + z * error, "standardised": standard}
        own = spread[number]
        table |= {"standardised_error": own, "standardised_low": standard - z * own}
        table |= {
            "standardised_high": standard + z * own,
            "note": np.select([~free, error == 0], ["fixed", say("does not vary")], ""),
        }
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)[list(PARAMETERS)]


def loadings(fit: FactorFit, *, level: float = 0.95) -> pd.DataFrame:
    """Return the rows of `parameters` that are loadings."""
    table = parameters(fit, level=level)
    return table[table["kind"] == KINDS[LOADING]].reset_index(drop=True)


def standardised_loadings(fit: FactorFit) -> pd.DataFrame:
    """Return the standardised loadings of a fit alone, without the errors that take long where items are many.

    Columns group, factor, term, standardised; no rows without solution.
    """
    tables = [pd.DataFrame({"group": [], "factor": [], "term": [], "standardised": []})]
    if fit.solution is not None:
        for number, (slots, values, m) in enumerate(_by_group(fit.solution)):
            table = pd.DataFrame(
                _named(fit, number, slots) | {"standardised": _standardised(slots, values, m)}
            )
            tables.append(table[table["kind"] == KINDS[LOADING]].drop(columns="kind"))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def factor_correlations(fit: FactorFit) -> pd.DataFrame:
    """Return the correlations of the factors of a fit of one group, NaN where a variance is not positive.

    Agrees with ``lavInspect(fit, "cor.lv")`` in R lavaan.
    """
    names = list(fit.model.factors)
    if fit.solution is None:
        return pd.DataFrame(np.nan, index=names, columns=names)
    covariance = fit.solution.likelihood.implied(fit.solution.theta)[0].factors
    variance = np.diag(covariance)
    sd = np.sqrt(np.where(variance > 0, variance, np.nan))
    return pd.DataFrame(covariance / np.outer(sd, sd), index=names, columns=names)


def residual_correlations(fit: FactorFit) -> pd.DataFrame:
    """Return what the model leaves of the correlation of each two items.

    Returns
    -------
    DataFrame
        group, item, other, observed, implied, residual (observed less implied). No rows without solution.

    Notes
    -----
    Agrees with ``residuals(fit, type = "cor.bollen")`` in R lavaan.
    """
    columns = ["group", "item", "other", "observed", "implied", "residual"]
    if fit.solution is None:
        return pd.DataFrame(columns=columns)
    solution, items, tables = fit.solution, np.array(fit.model.items, dtype=object), []
    implied = solution.likelihood.implied(solution.theta)
    row, col = np.tril_indices(len(items), -1)
    for group, data, m in zip(fit.groups, solution.moments, implied, strict=True):
        observed, expected = (_correlation(c)[row, col] for c in (data.covariance, m.covariance))
        named = {"group": group, "item": items[row], "other": items[col]}
        values = {"observed": observed, "implied": expected, "residual": observed - expected}
        tables.append(pd.DataFrame(named | values))
    return pd.concat(tables, ignore_index=True)


def _correlation(covariance: Floats) -> Floats:
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def _by_group(solution: Solution) -> list[tuple[Slots, Floats, Moments]]:
    own, theta = solution.likelihood, solution.theta
    return list(zip(own.slots, own.values(theta), own.implied(theta), strict=True))


def _named(fit: FactorFit, group: int, slots: Slots) -> dict[str, object]:
    """Return the columns that tell what an entry is."""
    factor, term = names(fit.model, slots)
    kind = np.array(KINDS, dtype=object)[slots.kind]
    return {"group": fit.groups[group], "kind": kind, "factor": factor, "term": term}


def names(model: FactorModel, slots: Slots) -> tuple[list[str], list[str]]:
    """Return the factor and the item or factor that each entry belongs to."""
    factors, items, of = list(model.factors), model.items, model.factor_of
    factor, term = [], []
    for kind, row, col in zip(slots.kind, slots.row, slots.col, strict=True):
        between = kind in (FACTOR, MEAN)
        term.append(factors[row] if between else items[row])
        second = {FACTOR: col, LOADING: col, MEAN: row}.get(int(kind))
        factor.append(factors[of[row] if second is None else second])
    return factor, term


def _standardised(slots: Slots, values: Floats, m: Moments) -> Floats:
    """Return the entries for items and factors of variance 1; NaN where a variance is not positive."""
    sd = np.sqrt(np.diag(m.covariance))
    variances = np.diag(m.factors)
    factor_sd = np.sqrt(np.where(variances > 0, variances, np.nan))
    scale, (kind, row, col) = np.ones(len(values)), slots[:3]
    for what in range(5):
        at = kind == what
        if what == LOADING:
            scale[at] = factor_sd[col[at]] / sd[row[at]]
        elif what == FACTOR:
            scale[at] = 1 / (factor_sd[row[at]] * factor_sd[col[at]])
        elif what == MEAN:
            scale[at] = 1 / factor_sd[row[at]]
        else:
            scale[at] = sd[row[at]] ** (-2.0 if what == RESIDUAL else -1.0)
    return values * scale


def _standardised_errors(solution: Solution) -> list[Floats]:
    """Return the standard errors of the standardised entries, by the delta method; 0 where they cannot vary."""
    own, theta = solution.likelihood, solution.theta
    step = STEP * np.sqrt(np.maximum(np.diag(solution.covariance), 1e-300))
    sizes = np.cumsum([len(slots.kind) for slots in own.slots])

    def all_entries(at: Floats) -> Floats:
        parts = zip(own.slots, own.values(at), own.implied(at), strict=True)
        return np.concatenate([_standardised(*part) for part in parts])

    moves = np.diag(step)
    jacobian = np.stack(
        [(all_entries(theta + d) - all_entries(theta - d)) / (2 * d.sum()) for d in moves], axis=1
    )
    variance = np.sum(jacobian @ solution.covariance * jacobian, axis=1)
    return np.split(np.sqrt(np.maximum(variance, 0)), sizes[:-1])
