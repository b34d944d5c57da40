"""Differences, other linear combinations and smooth functions of estimates, with their covariance."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.infer.columns import Floats
from analysis.infer.estimates import Estimates
from analysis.infer.variance import cell_variances


def combined(found: Estimates, contrasts: Sequence[Sequence[float]] | Floats) -> tuple[Floats, Floats]:
    """Linear combinations of estimates, and their covariance.

    Parameters
    ----------
    found
        Estimates, taken cell by cell.
    contrasts
        Combinations x (cells x variables).

    Notes
    -----
    Agrees with R ``survey::svycontrast``.

    Examples
    --------
    >>> from analysis.infer.estimates import mean_estimates
    >>> from analysis.infer.survey_design import SurveyDesign
    >>> design = SurveyDesign(np.ones(4), np.zeros(4, dtype=np.int64), np.arange(4), np.array([np.inf]))
    >>> values, cells = np.array([[1.0], [3.0], [6.0], [8.0]]), np.array([0, 0, 1, 1])
    >>> estimate, covariance = combined(mean_estimates(values, design, cells=cells, size=2), [[-1, 1]])
    >>> estimate.item(), round(covariance.item(), 4)
    (5.0, 1.3333)
    """
    matrix = np.asarray(contrasts, dtype=float)
    return matrix @ found.estimate.ravel(), found.covariance_of(matrix)


def difference_variance(found: Estimates) -> Floats:
    """Variance of the first cell's estimate less the second's, each scaled for few clusters (`Estimates.few`).

    Examples
    --------
    >>> from analysis.infer.estimates import mean_estimates
    >>> from analysis.infer.survey_design import SurveyDesign
    >>> design = SurveyDesign(np.ones(4), np.zeros(4, dtype=np.int64), np.arange(4), np.array([np.inf]))
    >>> values, cells = np.array([[1.0], [3.0], [6.0], [8.0]]), np.array([0, 0, 1, 1])
    >>> difference_variance(mean_estimates(values, design, cells=cells, size=2)).round(4).item()
    2.0
    """
    design = found.design
    if design.replicates is not None:
        deviations = found.deviations
        apart = deviations[:, 0] - deviations[:, 1]
        return design.replicates.variance(apart, np.zeros(apart.shape[1]))
    signs = np.zeros((len(found.estimate), 1))
    signs[:2, 0] = 1.0, -1.0
    scaled = found.influence * (np.sqrt(found.few) * signs)[found.cells]
    every = np.zeros(len(scaled), dtype=np.int64)
    spread: Floats = cell_variances(np.nan_to_num(scaled), every, 1, design)[0]
    return spread


def transformed(
    found: Estimates, function: Callable[[NDArray[np.complex128]], NDArray[np.complex128]]
) -> tuple[Floats, Floats]:
    """Smooth functions of estimates, and their covariance by the delta method.

    Parameters
    ----------
    found
        Estimates, taken cell by cell.
    function
        From these to an array of values, in operations that also take complex numbers: the derivatives are
        complex steps (Squire and Trapp, 1998, SIAM Review 40), exact to the last digits.

    Notes
    -----
    Agrees with R ``survey::svycontrast(stat, quote(...))``.

    Examples
    --------
    >>> from analysis.infer.estimates import mean_estimates
    >>> from analysis.infer.survey_design import SurveyDesign
    >>> design = SurveyDesign(np.ones(4), np.zeros(4, dtype=np.int64), np.arange(4), np.array([np.inf]))
    >>> values, cells = np.array([[1.0], [3.0], [6.0], [8.0]]), np.array([0, 0, 1, 1])
    >>> both = mean_estimates(values, design, cells=cells, size=2)
    >>> estimate, covariance = transformed(both, lambda mean: mean[1:] / mean[:1])
    >>> estimate.item(), round(covariance.item(), 4)
    (3.5, 2.2083)
    """
    point = found.estimate.ravel()
    steps = point + 1e-20j * np.eye(len(point))
    gradient = np.column_stack([np.imag(function(step)) / 1e-20 for step in steps])
    value = np.real(function(point.astype(complex)))
    return value, found.covariance_of(gradient)
