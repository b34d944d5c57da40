"""What the survey design of a table makes of the errors of a solved model: linearised, or fitted anew in replicates."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.explain.covariance import FEW_CLUSTERS
from analysis.explain.replicated import replicate_covariance
from analysis.explain.solution import Solution
from analysis.infer.columns import Codes, Floats
from analysis.infer.known_totals import KNOWN_TOTALS
from analysis.infer.survey_design import SurveyDesign, survey_design
from analysis.infer.variance import variance
from survey.language import digits, say
from survey.trimming import effective_n


def drawn_sample(frame: pd.DataFrame, rows: Codes, *, weights: str) -> SurveyDesign:
    """Return how the rows of a table were drawn, of which a model uses some.

    The others keep their place with weight 0: that they are none of the model's is part of the chance.

    Parameters
    ----------
    frame
        The whole table, with the columns that `analysis.infer.survey_design.survey_design` reads.
    rows
        Positions of the rows used.
    weights
        Column of the model's weights. Known totals count only where it is that of the study, which meets them.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("aabc"), "stratum": list("xxyy")})
    >>> drawn_sample(frame, np.array([0, 2, 3]), weights="").df
    1
    """
    used = np.zeros(len(frame))
    used[rows] = 1.0
    tied = KNOWN_TOTALS in frame and weights == "weight"
    own = frame if tied else frame.drop(columns=KNOWN_TOTALS, errors="ignore")
    return survey_design(own.assign(weight=used))


def design_covariance(solution: Solution, sample: SurveyDesign) -> tuple[Floats, float, tuple[str, ...]]:
    """Covariance of the coefficients of a model under the design of its sample.

    What each row moves the coefficients by is their linearised value, whose total has the variance of any other
    (`analysis.infer.variance`; Binder, 1983, International Statistical Review 51). Under replicate weights the model
    is fitted anew in each (`replicate_covariance`); where an estimator cannot be, its linearised values are.

    Parameters
    ----------
    solution
        The solved model; its rows are positions in the sample.
    sample
        From `drawn_sample`.

    Returns
    -------
    covariance : ndarray
        Terms x terms.
    df : float
        Those of the design for the rows used, less the terms, plus one for the intercept: R ``svyglm``.
    notes : tuple of str
        Where there are no degrees of freedom, or few companies.

    Notes
    -----
    Agrees with R ``survey::svyglm`` on ``svydesign``, also calibrated, for least squares and logistic regression.

    Examples
    --------
    >>> from analysis.explain.solution import least_squares
    >>> from analysis.explain.specification import Design
    >>> design = Design(outcome=np.array([1.0, 3, 2, 5]), regressor=np.arange(4.0), rows=np.arange(4),
    ...                 others=pd.DataFrame({"Intercept": np.ones(4)}), companies=np.arange(4))
    >>> sample = drawn_sample(pd.DataFrame({"company": list("abcd")}), np.arange(4), weights="")
    >>> covariance, df, _ = design_covariance(least_squares(design), sample)
    >>> covariance[0, 0].round(4).item(), df
    (0.0755, 2.0)
    """
    if sample.replicates is not None and solution.again is not None:
        return replicate_covariance(solution, sample.replicates)
    terms = solution.params.size - ("Intercept" in solution.terms)
    covariance, df = linearised_covariance(solution.moves, solution.rows, sample, terms=terms)
    return covariance, df, tuple(_notes(solution, sample, df))


def _notes(solution: Solution, sample: SurveyDesign, df: float) -> Iterator[str]:
    if df < 1:
        yield say("the design has too few clusters for so many terms: no intervals")
    if sample.replicates is not None:
        yield say("the correction is not made anew in each replicate: its linearised values are replicated")
    else:
        yield from few_companies(solution.companies, solution.weights)


def few_companies(companies: Codes, weights: Floats) -> Iterator[str]:
    """Yield a warning where so few companies count that design-based intervals tend to be too narrow.

    Parameters
    ----------
    companies, weights
        Of each row; no weights where all count the same. Companies of unequal weight count for fewer (Kish).

    Examples
    --------
    >>> list(few_companies(np.arange(30), np.repeat([1.0, 9.0], 15)))
    ['design-based errors rest on 30 companies that count as 18 of equal weight, so intervals tend to be too narrow']
    """
    of_company = np.bincount(companies, weights if len(weights) else None)
    counted = effective_n(of_company)
    if counted < FEW_CLUSTERS:
        yield say(
            "design-based errors rest on {n} companies that count as {counted} of equal weight, so intervals tend to "
            "be too narrow",
            n=len(of_company),
            counted=digits(counted, ".0f"),
        )


def linearised_covariance(
    moves: Floats, rows: Codes, sample: SurveyDesign, *, terms: int
) -> tuple[Floats, float]:
    """Covariance of estimates from what each row moves them by, and its degrees of freedom.

    Parameters
    ----------
    moves
        Rows x estimates.
    rows
        Positions of the rows in the sample.
    sample
        From `drawn_sample`.
    terms
        Terms that take a degree of freedom: all but the intercept.
    """
    influence = np.zeros((len(sample.weights), moves.shape[1]))
    influence[rows] = moves
    return variance(influence, sample), float(sample.df - terms)
