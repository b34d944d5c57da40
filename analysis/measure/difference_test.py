"""The chi-square test of a factor model against one that it is a special case of."""

from typing import Literal, NamedTuple

import numpy as np
from scipy import stats

from analysis.measure.factor_fit import Solution
from analysis.measure.factor_likelihood import Likelihood
from analysis.measure.factor_search import newton
from analysis.measure.fit_measures import model_test
from analysis.measure.normal_likelihood import sample_of_moments
from analysis.measure.scaled_test import factor_at
from survey.language import say

Method = Literal["2001", "2010"]


class Difference(NamedTuple):
    """A difference of chi-squares, its degrees of freedom, p-value, and why it is absent (else empty)."""

    chisq: float
    df: int
    p_value: float
    note: str


def difference_test(restricted: Solution, free: Solution, *, method: Method = "2001") -> Difference:
    """Test whether a model fits worse than the one that it restricts.

    The difference of the chi-squares; where the fits are robust, divided by a scaling factor of its own
    (Satorra & Bentler 2001). That factor can be negative; then, or when asked for, it is computed from the
    freer model at the parameters of the restricted one (Satorra & Bentler 2010).

    Notes
    -----
    Agrees with ``lavTestLRT(free, restricted, method = "satorra.bentler.2001")`` or ``2010`` in R lavaan.
    """
    df = restricted.df - free.df
    if df <= 0:
        return Difference(np.nan, df, np.nan, say("the models have equally many parameters"))
    chisq, factor = restricted.chisq - free.chisq, 1.0
    if restricted.robust:
        factor = _factor(restricted, free, df, method)
    if not factor > 0:
        return Difference(np.nan, df, np.nan, say("the scaling factor of the difference is not positive"))
    scaled = max(chisq / factor, 0.0)
    return Difference(scaled, df, float(stats.chi2.sf(scaled, df)), "")


def _factor(restricted: Solution, free: Solution, df: int, method: Method) -> float:
    first = _weighted(model_test(restricted).factor, restricted.df)
    if method == "2001":
        factor = (first - _weighted(model_test(free).factor, free.df)) / df
        if factor > 0:
            return factor
    theta = _same_moments(restricted, free)
    at_restricted = factor_at(free.data, free.likelihood, theta, df=free.df) if free.df else 0.0
    return (first - _weighted(at_restricted, free.df)) / df


def _weighted(factor: float, df: int) -> float:
    return factor * df if df else 0.0


def _same_moments(restricted: Solution, free: Solution) -> np.ndarray:
    """Return the parameters of the freer model that imply the moments of the restricted one."""
    implied = restricted.likelihood.implied(restricted.theta)
    samples = [
        sample_of_moments(m.covariance, m.means, n=data.n)
        for m, data in zip(implied, free.likelihood.samples, strict=True)
    ]
    at_moments = Likelihood(samples, free.likelihood.slots, free.likelihood.n_factors)
    return newton(at_moments, free.theta).theta
