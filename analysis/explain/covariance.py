"""Sandwich covariances of least squares: robust to unequal variances, and to companies that repeat."""

import numpy as np

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums


def hc3(matrix: Floats, residuals: Floats, leverage: Floats, *, extra: Floats | float = 0.0) -> Floats:
    """Heteroscedasticity-consistent covariance, type HC3.

    ``B * sum(s s') * B`` with ``B = (X'X)^-1`` and ``s = x e / (1 - h)`` (MacKinnon and White, 1985,
    Journal of Econometrics 29; Long and Ervin, 2000, American Statistician 54).

    Parameters
    ----------
    matrix
        Design, rows x terms.
    residuals, leverage
        One value a row. The leverage is that of the whole model, absorbed effects included.
    extra
        What estimated regressors add to each row's score, rows x terms.

    Notes
    -----
    Agrees with R ``sandwich::vcovHC(fit, type = "HC3")``.

    Examples
    --------
    >>> hc3(np.ones((3, 1)), np.array([-1.0, 0.0, 1.0]), np.full(3, 1 / 3)).round(6).tolist()
    [[0.5]]
    """
    scores = matrix * (residuals / (1 - leverage))[:, None] + extra
    return _sandwich(matrix, scores)


def clustered(matrix: Floats, residuals: Floats, companies: Codes, *, extra: Floats | float = 0.0) -> Floats:
    """Covariance with companies as clusters, type CR1.

    ``G / (G - 1) * (n - 1) / (n - k) * B * sum(S S') * B`` with S the sum of a company's scores ``x e``
    (Liang and Zeger, 1986, Biometrika 73). Absorbed company effects do not count in k: they are nested
    in the clusters.

    Notes
    -----
    Agrees with R ``sandwich::vcovCL(fit, cluster, type = "HC1")`` and statsmodels' ``cov_type="cluster"``.

    Examples
    --------
    >>> clustered(np.ones((3, 1)), np.array([-1.0, 0.0, 1.0]), np.arange(3)).round(6).tolist()
    [[0.333333]]
    """
    groups = int(companies.max()) + 1
    scores = sums(matrix * residuals[:, None] + extra, companies, groups)
    n, k = matrix.shape
    correction = groups / (groups - 1) * (n - 1) / (n - k)
    return np.asarray(correction * _sandwich(matrix, scores))


def influence(matrix: Floats, scores: Floats) -> Floats:
    """Return what each row of scores moves the coefficients by, ``B * s``: rows x terms.

    Scores are rows x terms, of rows or summed by company. They sum to zero at the estimate (Hampel, 1974,
    JASA 69), and the sum of their outer products is the sandwich covariance.

    Examples
    --------
    >>> influence(np.ones((3, 1)), np.array([[-1.0], [0.0], [1.0]])).round(6).ravel().tolist()
    [-0.333333, 0.0, 0.333333]
    """
    inverse = np.linalg.inv(np.linalg.qr(matrix, mode="r"))
    return np.asarray(scores @ inverse @ inverse.T)


def _sandwich(matrix: Floats, scores: Floats) -> Floats:
    halves = influence(matrix, scores)
    return np.asarray(halves.T @ halves)
