"""What a factor model would gain by freeing a parameter: modification indices, and tests of equal parameters."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.measure.factor_fit import FactorFit, Solution
from analysis.measure.factor_likelihood import Likelihood
from analysis.measure.factor_model import EQUAL, LOADING, RESIDUAL, Floats, Ints, Slots

SMALLEST = 1e-8
"""Share of a parameter's information that must be its own for a test of it."""
MODIFICATIONS = ("group", "kind", "factor", "item", "mi", "p_value", "epc", "standardised")
RELEASES = ("what", "item", "factor", "statistic", "df", "p_value")


def modification_indices(fit: FactorFit) -> pd.DataFrame:
    """Return by how much chi-square would fall were one loading or residual covariance free that is 0.

    Score tests with expected information (Sörbom 1989), the largest first. Not scaled where the fit is
    robust. A large one is a question about the items, not a licence to free it.

    Returns
    -------
    DataFrame
        group, kind ("loading" of an item on another factor, "residual covariance" of two items), factor (or
        the other item), item, mi, p_value (one degree of freedom), epc (the value to expect once freed),
        standardised (that for items and factors, or residuals, of variance 1; NaN where a variance is not
        positive). No rows without solution.

    Notes
    -----
    Agrees with ``modificationIndices(fit)`` in R lavaan.
    """
    if fit.solution is None:
        return pd.DataFrame(columns=list(MODIFICATIONS))
    solution = fit.solution
    extra = _candidates(fit)
    score, own = _extended(solution, [extra] * len(fit.groups))
    size = len(extra.kind)
    table = pd.DataFrame(
        {
            "group": np.repeat(np.array(fit.groups, dtype=object), size),
            "kind": np.where(extra.kind == LOADING, "loading", "residual covariance").tolist()
            * len(fit.groups),
            **_names_of(fit, extra),
            "mi": score**2 / np.diag(own),
            "epc": score / np.diag(own),
        }
    )
    table["p_value"] = stats.chi2.sf(table["mi"], 1)
    table["standardised"] = table["epc"] * np.concatenate(
        [_scales(solution, extra, g) for g in range(len(fit.groups))]
    )
    kept = table.dropna(subset=["mi"]).sort_values(["mi", "item", "factor"], ascending=[False, True, True])
    return kept.reset_index(drop=True)[list(MODIFICATIONS)]


def release_tests(fit: FactorFit) -> pd.DataFrame:
    """Return by how much chi-square would fall were one equal parameter free in every group.

    Score tests with expected information, with groups - 1 degrees of freedom, the largest first: which
    constraint of an invariance model to release.

    Returns
    -------
    DataFrame
        what (loadings, intercepts, residuals), item, factor, statistic, df, p_value. No rows without solution.

    Notes
    -----
    With two groups, agrees with ``lavTestScore(fit)$uni`` in R lavaan.
    """
    held = [
        (what, item)
        for what in fit.model.equal
        for item in fit.model.items
        if (what, item) not in fit.model.released
    ]
    if fit.solution is None or len(fit.groups) < 2 or not held:
        return pd.DataFrame(columns=list(RELEASES))
    place = {item: number for number, item in enumerate(fit.model.items)}
    row = np.array([place[item] for _, item in held])
    kind = np.array([EQUAL[what] for what, _ in held])
    col = np.where(kind == LOADING, fit.model.factor_of[row], np.where(kind == RESIDUAL, row, 0))
    extra = Slots(kind, row, col, row, np.zeros(len(row)))
    none = Slots._make(array[:0] for array in extra)
    score, own = _extended(fit.solution, [none] + [extra] * (len(fit.groups) - 1))
    tests = [_joint(score, own, np.arange(i, len(score), len(held))) for i in range(len(held))]
    factors = list(fit.model.factors)
    table = pd.DataFrame(held, columns=["what", "item"]).assign(
        factor=[factors[f] for f in fit.model.factor_of[row]], statistic=tests, df=len(fit.groups) - 1
    )
    table["p_value"] = stats.chi2.sf(table["statistic"], table["df"])
    order = ["statistic", "what", "item"]
    kept = table.dropna(subset=["statistic"]).sort_values(order, ascending=[False, True, True])
    return kept.reset_index(drop=True)[list(RELEASES)]


def _candidates(fit: FactorFit) -> Slots:
    """Return the loadings on other factors and the residual covariances, all 0 in the model."""
    of, p = fit.model.factor_of, len(fit.model.items)
    item, factor = np.nonzero(of[:, None] != np.arange(len(fit.model.factors)))
    first, second = np.tril_indices(p, -1)
    kind = np.concatenate([np.full(len(item), LOADING), np.full(len(first), RESIDUAL)])
    row, col = np.concatenate([item, first]), np.concatenate([factor, second])
    return Slots(kind, row, col, row, np.zeros(len(kind)))


def _extended(solution: Solution, extra: list[Slots]) -> tuple[Floats, Floats]:
    """Return scores of parameters added to a model, and their information beyond that of its own parameters."""
    own, n_free, slots = solution.likelihood, solution.likelihood.n_free, []
    taken = n_free
    for base, added in zip(own.slots, extra, strict=True):
        numbers: Ints = np.arange(taken, taken + len(added.kind))
        taken += len(added.kind)
        pairs = zip(base, added._replace(free=numbers), strict=True)
        slots.append(Slots._make(np.concatenate(pair) for pair in pairs))
    wide = Likelihood(own.samples, slots, own.n_factors)
    theta = np.concatenate([solution.theta, np.zeros(taken - n_free)])
    information = wide.information(theta, "expected")
    score = wide.value(theta)[1][n_free:]
    cross = information[:n_free, n_free:]
    beyond = information[n_free:, n_free:] - cross.T @ np.linalg.solve(information[:n_free, :n_free], cross)
    whole = np.diag(information)[n_free:]
    np.fill_diagonal(beyond, np.where(np.diag(beyond) > SMALLEST * whole, np.diag(beyond), np.nan))
    return score, beyond


def _joint(score: Floats, information: Floats, at: Ints) -> float:
    """Return the score test of several parameters at once, NaN where they cannot be told apart."""
    part = information[np.ix_(at, at)]
    if np.isnan(part).any() or np.linalg.matrix_rank(part) < len(at):
        return np.nan
    return float(score[at] @ np.linalg.solve(part, score[at]))


def _names_of(fit: FactorFit, extra: Slots) -> dict[str, list[str]]:
    items, factors = fit.model.items, list(fit.model.factors)
    pairs = [
        (factors[col] if kind == LOADING else items[col], items[row])
        for kind, row, col in zip(extra.kind, extra.row, extra.col, strict=True)
    ] * len(fit.groups)
    return {"factor": [first for first, _ in pairs], "item": [second for _, second in pairs]}


def _scales(solution: Solution, extra: Slots, group: int) -> Floats:
    """Return what turns changes of parameters into standardised ones."""
    m = solution.likelihood.implied(solution.theta)[group]
    residuals = np.diag(m.covariance - m.loadings @ m.factors @ m.loadings.T)
    error_sd = np.sqrt(np.where(residuals > 0, residuals, np.nan))
    variances = np.diag(m.factors)
    factor_sd, sd = np.sqrt(np.where(variances > 0, variances, np.nan)), np.sqrt(np.diag(m.covariance))
    row, col, load = extra.row, extra.col, extra.kind == LOADING
    factor = np.where(load, col, 0)
    return np.asarray(np.where(load, factor_sd[factor] / sd[row], 1 / (error_sd[row] * error_sd[col])))
