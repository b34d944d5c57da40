"""Coefficients of the covariance matrix of a construct's items, each with its derivative by the covariances."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.measure.item_covariance import correlation_of, on_covariance
from analysis.measure.one_factor import OneFactor, coefficient_gradient, one_factor
from survey.language import say

Floats = NDArray[np.float64]

COEFFICIENTS = (
    *("alpha", "alpha_standardised", "mean_r"),
    *("omega_total", "omega_hierarchical", "composite_reliability", "ave"),
)
"""Alpha, alpha of the items on one scale, the mean correlation of two items; McDonald's omega by the variance
that the model implies and by the variance observed; Fornell and Larcker's composite reliability and average
variance extracted, both of the items on one scale."""


class Coefficient(NamedTuple):
    """A value, its k x k derivatives by the covariances, and why there is no value (empty if there is)."""

    value: float
    gradient: Floats
    note: str = ""


def coefficients(covariance: Floats, fit: OneFactor | None = None) -> dict[str, Coefficient]:
    """Return every one of `COEFFICIENTS` of k items.

    With l and u the loadings and residual variances of one factor, ``L = sum(l)`` and V the observed variance
    of the items' sum:

    - alpha: ``k / (k - 1) * (1 - trace(C) / V)`` (Cronbach 1951); standardised: the same of the correlations
    - omega_total: ``L^2 / (L^2 + sum(u))`` (McDonald 1999)
    - omega_hierarchical: ``L^2 / V``, which counts what one factor leaves out as error (Kelley and
      Pornprasertmanit 2016, Psychological Methods 21)
    - composite_reliability: omega_total of the correlations; ave: the mean squared loading of the
      correlations (Fornell and Larcker 1981, Journal of Marketing Research 18)

    Parameters
    ----------
    covariance
        k x k, of items that vary. A polychoric matrix gives the reliability of the sum of the latent answers
        (Zumbo, Gadermann and Zeisser 2007), which is higher than that of the answers as given.
    fit
        `one_factor` of the covariance if it is there already.

    Returns
    -------
    dict
        A `Coefficient` each. The omegas and what follows them need three items.

    Notes
    -----
    Agrees in R with ``psych::alpha`` (raw_alpha, std.alpha, average_r) and, on one factor,
    ``semTools::reliability`` (omega) and ``semTools::compRelSEM`` (omega_hierarchical).

    Examples
    --------
    >>> found = coefficients(np.array([[1, 0.42, 0.35], [0.42, 1, 0.3], [0.35, 0.3, 1]]))
    >>> {name: round(found[name].value, 4) for name in ("alpha", "omega_total", "ave")}
    {'alpha': 0.6245, 'omega_total': 0.6304, 'ave': 0.3667}
    """
    fit = one_factor(covariance) if fit is None else fit
    correlation = correlation_of(covariance)
    standardised = _standardised(fit, covariance)
    return {
        "alpha": _alpha(covariance),
        "alpha_standardised": _rescaled(_alpha(correlation), covariance),
        "mean_r": _rescaled(_mean_r(correlation), covariance),
        "omega_total": _omega_total(fit, covariance),
        "omega_hierarchical": _omega_hierarchical(fit, covariance),
        "composite_reliability": _rescaled(_omega_total(standardised, correlation), covariance),
        "ave": _rescaled(_ave(standardised, correlation), covariance),
    }


def alpha_of(covariance: Floats) -> float:
    """Return Cronbach's alpha of k items from their covariances; NaN below two, or if they cancel out.

    Examples
    --------
    >>> round(alpha_of(np.array([[1.0, 0.5], [0.5, 1.0]])), 4)
    0.6667
    """
    k, own, total = len(covariance), np.trace(covariance), covariance.sum()
    # Items that cancel out leave a total of rounding error, whose inverse would be an alpha of any size.
    return float(k / (k - 1) * (1 - own / total)) if k > 1 and total > 1e-12 * own else np.nan


def alphas_if_dropped(covariance: Floats) -> Floats:
    """Return alpha of the k - 1 other items, for each item; NaN below three items.

    Notes
    -----
    Agrees with ``psych::alpha(x)$alpha.drop$raw_alpha`` in R.

    Examples
    --------
    >>> alphas_if_dropped(np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1.0]])).round(4).tolist()
    [0.0, 0.0, 0.6667]
    """
    k = range(len(covariance))
    return np.array([alpha_of(np.delete(np.delete(covariance, i, axis=0), i, axis=1)) for i in k])


def item_rest(covariance: Floats) -> Floats:
    """Return the correlation of each item with the sum of the others; NaN where either does not vary.

    Notes
    -----
    Agrees with ``psych::alpha(x)$item.stats$r.drop`` in R.

    Examples
    --------
    >>> item_rest(np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1.0]])).round(4).tolist()
    [0.3536, 0.3536, 0.0]
    """
    own, row = np.diag(covariance), covariance.sum(axis=1)
    rest = covariance.sum() - 2 * row + own
    spread = own * rest
    known = spread > 1e-12 * own**2
    return np.asarray((row - own) / np.sqrt(np.where(known, spread, np.nan)))


def _standardised(fit: OneFactor, covariance: Floats) -> OneFactor:
    """Return the same model on the correlations: maximum likelihood knows no unit."""
    spread = np.sqrt(np.diag(covariance))
    return OneFactor(fit.loadings / spread, fit.residuals / spread**2, fit.discrepancy, fit.df, fit.note)


def _rescaled(found: Coefficient, covariance: Floats) -> Coefficient:
    """Turn derivatives by the correlations into derivatives by the covariances."""
    return found if found.note else found._replace(gradient=on_covariance(covariance, found.gradient))


def _alpha(covariance: Floats) -> Coefficient:
    k, own, total = len(covariance), np.trace(covariance), covariance.sum()
    value = alpha_of(covariance)
    if np.isnan(value):
        return _none(
            covariance, say("fewer than two items vary") if k < 2 else say("the items do not covary")
        )
    gradient = k / (k - 1) * (own / total**2 - np.eye(k) / total)
    return Coefficient(value, gradient)


def _mean_r(correlation: Floats) -> Coefficient:
    k = len(correlation)
    if k < 2 or np.isnan(correlation).any():
        return _none(correlation, say("no two items were answered together"))
    weight = (1 - np.eye(k)) / (k * (k - 1))
    return Coefficient(float((correlation * weight).sum()), weight)


def _omega_total(fit: OneFactor, covariance: Floats) -> Coefficient:
    if fit.note:
        return _none(covariance, fit.note)
    common, error = fit.loadings.sum(), fit.residuals.sum()
    total, ones = common**2 + error, np.ones(len(covariance))
    by_loading, by_residual = 2 * common * error / total**2 * ones, -(common**2) / total**2 * ones
    gradient = coefficient_gradient(fit, covariance, by_loading=by_loading, by_residual=by_residual)
    return Coefficient(float(common**2 / total), gradient)


def _omega_hierarchical(fit: OneFactor, covariance: Floats) -> Coefficient:
    if fit.note:
        return _none(covariance, fit.note)
    common, total, ones = fit.loadings.sum(), covariance.sum(), np.ones(len(covariance))
    through = coefficient_gradient(
        fit, covariance, by_loading=2 * common / total * ones, by_residual=np.zeros(len(covariance))
    )
    return Coefficient(float(common**2 / total), through - common**2 / total**2)


def _ave(fit: OneFactor, correlation: Floats) -> Coefficient:
    if fit.note:
        return _none(correlation, fit.note)
    k = len(correlation)
    gradient = coefficient_gradient(
        fit, correlation, by_loading=2 * fit.loadings / k, by_residual=np.zeros(k)
    )
    return Coefficient(float((fit.loadings**2).mean()), gradient)


def _none(covariance: Floats, note: str) -> Coefficient:
    return Coefficient(np.nan, np.full(covariance.shape, np.nan), note)
