"""What a slope may owe to something unobserved: two slopes compared, and how strong a confounder would have to be."""

import numpy as np
import pandas as pd

from analysis.explain.regression import Fit
from analysis.infer.columns import RESULT, result_columns
from analysis.infer.variance import variance


def slope_difference(first: Fit, second: Fit, *, per: float = 1.0) -> pd.Series:
    """Difference of the slopes of two fits to overlapping companies, first - second, with its interval.

    Two slopes from the same companies are correlated, so that their intervals say little about the
    difference. Its variance is ``G / (G - 1) * sum((a - b) ** 2)`` with a and b what each of the G companies
    moves the two slopes by, zero where a company is in one fit only; that of the survey design where the errors of the
    first fit are. With a pooled fit and one within
    companies it is the test of Hausman (1978, Econometrica 46) in the form that is robust to clusters
    (Weesie, 1999, Stata Technical Bulletin 52): slopes that differ speak for something lasting about
    companies that goes with regressor and outcome alike.

    Parameters
    ----------
    first, second
        Fits of the same outcome to one table.
    per
        Points of the regressor.

    Returns
    -------
    Series
        `RESULT`; t with one degree of freedom less than the smaller number of companies, or with the fewer of the fits'
        own under the design. NaN where either
        model could not be estimated.

    Notes
    -----
    With independent rows that are in both fits, the variance agrees with ``suest`` in Stata.

    Examples
    --------
    >>> from analysis.explain.regression import fit_frame
    >>> from analysis.explain.specification import Specification
    >>> frame = pd.DataFrame({"company": range(8), "alignment": [1.0, 2, 3, 4, 5, 6, 7, 8]})
    >>> frame["growth"] = 2 * frame["alignment"] + [0, 1, 0, -1, 0, 1, 0, -1]
    >>> once = fit_frame(Specification("simple", "growth"), frame)
    >>> float(slope_difference(once, once)["estimate"])
    0.0
    """
    if first.frame.empty or second.frame.empty:
        return pd.Series(np.nan, index=list(RESULT))
    moves = first.influence.sub(second.influence, fill_value=0.0)
    of_company = moves.groupby(level="company").sum()
    companies = len(of_company)
    if first.sample is None:
        spread = companies / (companies - 1) * float((of_company**2).sum())
        df = float(min(first.companies, second.companies) - 1)
    else:
        influence = np.zeros((len(first.sample.weights), 1))
        influence[moves.index.get_level_values("row"), 0] = moves
        spread = float(variance(influence, first.sample)[0, 0])
        df = float(min(first.slope()["df"], second.slope()["df"]))
    estimate = per * (first.slope()["estimate"] - second.slope()["estimate"])
    columns = result_columns(np.array([estimate]), np.array([per * np.sqrt(spread)]), np.array([df]))
    return pd.Series({name: float(values[0]) for name, values in columns.items()} | {"n": float(companies)})


def robustness_value(partial_r_squared: float) -> float:
    """Return how strong an unobserved trait must be to account for all of a slope, in per cent.

    A trait that explains this share of what the other terms leave of the outcome, and as much of what they
    leave of the regressor, makes the slope zero: ``(sqrt(f**4 + 4 f**2) - f**2) / 2`` with
    ``f**2 = R2 / (1 - R2)`` (Cinelli and Hazlett, 2020, JRSS B 82).

    Parameters
    ----------
    partial_r_squared
        Share (0-1) of the outcome's variance that the other terms leave which the regressor explains,
        `Fit.partial_r_squared`.

    Returns
    -------
    float
        0-100; NaN without a fit.

    Notes
    -----
    Agrees with ``sensemakr::robustness_value`` in R, times 100.

    Examples
    --------
    >>> round(robustness_value(0.05), 1), robustness_value(0.0)
    (20.5, 0.0)
    """
    f2 = partial_r_squared / (1 - partial_r_squared)
    return 50 * float(np.sqrt(f2**2 + 4 * f2) - f2)
