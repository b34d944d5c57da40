"""Known totals met anew in each replicate, so that its variance knows what calibration leaves to chance."""

import numpy as np

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from analysis.infer.replicates import Recalibration
from analysis.infer.survey_design import SurveyDesign


def recalibration(factors: Floats, design: SurveyDesign) -> Recalibration | None:
    """Calibrate each replicate to the totals that the weights of the design meet; None where there are none.

    By generalised regression: in replicate r rows weigh ``w f_r (1 + x b_r)`` with b_r such that the totals of x are
    met (Deville and Sarndal, 1992, JASA 87). With linear calibration and post-stratification that starts from the
    weights before, as in the sample; with raking and logit it is one step from the weights after, which gives the
    same variance to first order (Stukel, Hidiroglou and Sarndal, 1996, Survey Methodology 22). Of a design that was
    calibrated more than once, the last time counts.

    Parameters
    ----------
    factors
        Clusters x replicates.
    design
        Weights, clusters and known totals.

    Notes
    -----
    Agrees with R ``survey::calibrate(calfun = "linear")`` and ``postStratify`` of ``as.svrepdesign``.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.infer.survey_design import survey_design
    >>> from survey.calibration import poststratify
    >>> design = survey_design(pd.DataFrame({"company": ["a", "b", "c"]}))
    >>> tied = design.calibrated(poststratify(design.weights, [0, 0, 1], [4, 6]))
    >>> found = recalibration(np.array([[2.0], [1.0], [1.0]]), tied)
    >>> (1 + found.auxiliary @ found.slopes).round(6).ravel().tolist()
    [1.333333, 1.333333, 6.0]
    """
    if not design.calibration:
        return None
    step = design.calibration[-1]
    before = step.before if step.method in ("linear", "poststratification") else step.weights
    x = step.auxiliary
    rows, variables = x.shape
    squares = (x[:, :, None] * x[:, None, :]).reshape(rows, variables**2)
    reached = factors.T @ _of_clusters(before, x, design.clusters, len(factors))
    products = factors.T @ _of_clusters(before, squares, design.clusters, len(factors))
    # Margins hold one another's sums, so that their products are singular.
    inverse = np.linalg.pinv(products.reshape(-1, variables, variables), rcond=1e-10, hermitian=True)
    slopes = inverse @ (step.totals - reached)[:, :, None]
    return Recalibration(before, x, slopes[:, :, 0].T)


def _of_clusters(weights: Floats, values: Floats, clusters: Codes, count: int) -> Floats:
    return sums(values * weights[:, None], clusters, count)
