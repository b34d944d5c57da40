"""How well a factor model fits: chi-square, CFI, TLI, RMSEA, SRMR, information criteria, and their robust forms."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from analysis.measure.factor_fit import FactorFit, Solution
from analysis.measure.factor_sample import GroupedAnswers
from analysis.measure.missing_correction import corrected_tests
from analysis.measure.scaled_test import factor_at, independence_likelihood
from survey.language import look_up, mark

MEASURES = (
    "n", "n_free", "logl", "aic", "bic", "chisq", "df", "p_value", "scaling_factor", "chisq_scaled",
    "p_value_scaled", "baseline_chisq", "baseline_df", "baseline_scaling_factor", "cfi", "tli", "rmsea",
    "rmsea_low", "rmsea_high", "srmr", "cfi_robust", "tli_robust", "rmsea_robust", "rmsea_robust_low",
    "rmsea_robust_high",
)  # fmt: skip
RMSEA_LEVEL = 0.90
UNSCALED = mark("the scaling factor of the chi-square is not positive: too few respondents for a robust test")
SATURATED = mark(
    "the model cannot fail: it has as many parameters as facts (variances, covariances and means)"
)


class Statistic(NamedTuple):
    """A chi-square, its degrees of freedom and its scaling factor (1 where answers are taken as normal)."""

    chisq: float
    df: int
    factor: float = 1.0

    @property
    def p_value(self) -> float:
        """Probability of a larger chi-square under the model; NaN without degrees of freedom."""
        return float(stats.chi2.sf(self.chisq, self.df)) if self.df > 0 else np.nan


def fit_measures(fit: FactorFit) -> pd.DataFrame:
    """Return the measures of fit of a factor model, one row.

    Chi-square against the saturated model; CFI (Bentler 1990) and TLI (Tucker & Lewis 1973) against items
    that do not covary; RMSEA with its 90% interval (Steiger 1990; several groups: times the root of their
    number); SRMR (Bentler 1995). Where the fit is robust, `chisq_scaled` (Yuan & Bentler 2000) and the robust
    CFI, TLI and RMSEA, which estimate what they would be had answers been normal (Brosseau-Liard & Savalei
    2014); where answers are missing, what they would be had none been (Zhang & Savalei 2022).

    Returns
    -------
    DataFrame
        The columns of `MEASURES` and note: why measures are absent. Robust columns are NaN where the fit is
        neither robust nor by FIML, or the scaling factor is not positive.

    Notes
    -----
    Agrees with ``fitMeasures(fit)`` in R lavaan.

    Examples
    --------
    >>> from analysis.measure.factor_fit import fit_moments
    >>> from analysis.measure.factor_model import FactorModel
    >>> r = 0.4 * np.ones((4, 4)) + 0.6 * np.eye(4)
    >>> r[0, 1] = r[1, 0] = 0.7
    >>> fit = fit_moments(r, FactorModel({"trust": [0, 1, 2, 3]}), n=500)
    >>> fit_measures(fit)[["df", "cfi", "rmsea"]].round(3).values.tolist()
    [[2.0, 0.964, 0.143]]
    """
    if fit.solution is None:
        return pd.DataFrame({name: [np.nan] for name in MEASURES} | {"note": [fit.note]})
    solution = fit.solution
    values = _tests(solution) | {"srmr": srmr(solution)} | _criteria(solution)
    unscaled = look_up(UNSCALED) if np.isnan(model_test(solution).factor) else ""
    note = "; ".join(
        part for part in (fit.note, look_up(SATURATED) if solution.df == 0 else "", unscaled) if part
    )
    return pd.DataFrame([values | {"note": note}])[[*MEASURES, "note"]]


@lru_cache(maxsize=16)  # a model is asked once for itself and once for each difference that it is part of
def model_test(solution: Solution) -> Statistic:
    """Return the chi-square of a model with its scaling factor."""
    if not solution.robust or solution.df == 0:
        return Statistic(solution.chisq, solution.df)
    factor = factor_at(
        solution.data, solution.likelihood, solution.theta, df=solution.df, crossed=solution.meat
    )
    return Statistic(solution.chisq, solution.df, factor if factor > 0 else np.nan)


def _tests(solution: Solution) -> dict[str, float]:
    model, baseline = model_test(solution), _baseline_test(solution)
    groups, n = len(solution.likelihood.samples), solution.n
    low, high = rmsea_interval(model.chisq, model.df, n=n, groups=groups)
    scaled = model.chisq / model.factor
    values = {
        "chisq": model.chisq, "df": model.df, "p_value": model.p_value,
        "baseline_chisq": baseline.chisq, "baseline_df": baseline.df,
        "cfi": cfi(model, baseline), "tli": tli(model, baseline),
        "rmsea": rmsea(model, n=n, groups=groups), "rmsea_low": low, "rmsea_high": high,
        "scaling_factor": model.factor, "chisq_scaled": scaled,
        "p_value_scaled": model._replace(chisq=scaled).p_value, "baseline_scaling_factor": baseline.factor,
    }  # fmt: skip
    if not solution.robust:
        plain = ("scaling_factor", "chisq_scaled", "p_value_scaled", "baseline_scaling_factor")
        values |= dict.fromkeys(plain, np.nan)
    return values | _robust(solution, model, baseline)


def _robust(solution: Solution, model: Statistic, baseline: Statistic) -> dict[str, float]:
    """Return CFI, TLI and RMSEA freed from what missing or not normal answers do to them."""
    names = ("cfi_robust", "tli_robust", "rmsea_robust", "rmsea_robust_low", "rmsea_robust_high")
    if not (solution.robust or solution.fiml):
        return dict.fromkeys(names, np.nan)
    if solution.fiml:
        first, second = corrected_tests(solution)
        model = Statistic(first[0], model.df, first[1] if model.df else 1.0)
        baseline = Statistic(second[0], baseline.df, second[1])
    if not (model.factor > 0 and baseline.factor > 0):
        return dict.fromkeys(names, np.nan)
    groups, n = len(solution.likelihood.samples), solution.n
    scaled = model.chisq / model.factor
    interval = rmsea_interval(scaled, model.df, n=n, groups=groups, factor=model.factor)
    found = (
        cfi(model, baseline, robust=True),
        tli(model, baseline, robust=True),
        rmsea(model, n=n, groups=groups, robust=True),
    )
    return dict(zip(names, (*found, *interval), strict=True))


def _baseline_test(solution: Solution) -> Statistic:
    logl, df, factor = _baseline(solution.data, means=solution.likelihood.means, robust=solution.robust)
    return Statistic(2 * (solution.logl_saturated - logl), df, factor)


@lru_cache(maxsize=16)  # one for all models of the same answers
def _baseline(answers: GroupedAnswers, *, means: bool, robust: bool) -> tuple[float, int, float]:
    """Return the log-likelihood of items that do not covary, its degrees of freedom and scaling factor."""
    likelihood, theta = independence_likelihood(answers, means=means)
    p, groups = likelihood.n_items, len(likelihood.samples)
    df = groups * p * (p - 1) // 2
    factor = factor_at(answers, likelihood, theta, df=df) if robust and df else 1.0
    return likelihood.value(theta)[0], df, factor


def cfi(model: Statistic, baseline: Statistic, *, robust: bool = False) -> float:
    """Return 1 less the share of the baseline's misfit that the model keeps."""
    own = max(_misfit(model, robust=robust), 0.0)
    largest = max(own, _misfit(baseline, robust=robust), 0.0)
    return 1 - own / largest if largest > 0 else 1.0


def tli(model: Statistic, baseline: Statistic, *, robust: bool = False) -> float:
    """Return the share of the baseline's misfit per degree of freedom that the model takes away."""
    own, other = _misfit(model, robust=robust), _misfit(baseline, robust=robust)
    return 1 - own * baseline.df / (other * model.df) if model.df and other else 1.0


def _misfit(test: Statistic, *, robust: bool) -> float:
    return test.chisq - (test.factor if robust else 1.0) * test.df


def rmsea(model: Statistic, *, n: int, groups: int, robust: bool = False) -> float:
    """Return misfit per degree of freedom and respondent, as a root."""
    if model.df == 0:
        return 0.0
    return float(np.sqrt(max(_misfit(model, robust=robust), 0.0) * groups / (n * model.df)))


def rmsea_interval(
    chisq: float, df: int, *, n: int, groups: int, factor: float = 1.0, level: float = RMSEA_LEVEL
) -> tuple[float, float]:
    """Return the interval of RMSEA from the noncentral chi-square distribution."""
    if df == 0 or not np.isfinite(chisq):
        return (0.0, 0.0) if df == 0 else (np.nan, np.nan)
    tail = (1 - level) / 2
    lambdas = (_noncentrality(chisq, df, 1 - tail), _noncentrality(chisq, df, tail))
    low, high = (float(np.sqrt(factor * value * groups / (n * df))) for value in lambdas)
    return low, high


def _noncentrality(chisq: float, df: int, probability: float) -> float:
    """Return the noncentrality at which a smaller chi-square has the given probability, 0 if there is none."""
    if special.chdtr(df, chisq) < probability:
        return 0.0

    def excess(value: float) -> float:
        return float(special.chndtr(chisq, df, value)) - probability

    top = chisq + 1.0
    while excess(top) > 0:
        top *= 2
    return float(optimize.brentq(excess, 1e-12, top, xtol=1e-10))


def srmr(solution: Solution) -> float:
    """Return the root mean square of residuals in standard deviations, of means too where they are modelled."""
    total, means = 0.0, solution.likelihood.means
    for data, m in zip(solution.moments, solution.likelihood.implied(solution.theta), strict=True):
        sd = np.sqrt(np.diag(data.covariance))
        away = ((data.covariance - m.covariance) / np.outer(sd, sd))[np.tril_indices(len(sd))]
        off = (data.mean - m.means) / sd if means else np.zeros(0)
        total += data.n / solution.n * float(np.sqrt(np.mean(np.concatenate([away, off]) ** 2)))
    return total


def _criteria(solution: Solution) -> dict[str, float]:
    k = solution.likelihood.n_free
    return {
        "n": solution.n,
        "n_free": k,
        "logl": solution.logl,
        "aic": 2 * k - 2 * solution.logl,
        "bic": np.log(solution.n) * k - 2 * solution.logl,
    }
