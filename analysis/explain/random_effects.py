"""Random effects: companies differ by a draw from one distribution, and generalised least squares allows for it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.explain.solution import Solution, least_squares, with_note
from analysis.explain.specification import Design
from analysis.explain.terms import demeaned
from analysis.infer.columns import Codes, Floats
from analysis.infer.model_terms import DEPENDENT, independent
from survey.language import look_up, mark, say

ONE_ROW = mark("companies have too few rows to tell their effects from chance: least squares instead")


def random_effects(design: Design) -> Solution:
    """Solve a design with a random effect of each company.

    The variance within companies is that of the residuals of least squares on deviations from companies'
    means; the variance between is what the residuals of least squares on these means have beyond it
    (Swamy and Arora, 1972, Econometrica 40; for companies in different numbers of waves Baltagi and Chang,
    1994, Journal of Econometrics 62). With ``theta = 1 - sqrt(within / (within + T * between))``, T a company's
    number of waves, least squares on ``y - theta * mean(y)`` is generalised least squares.

    Parameters
    ----------
    design
        Rows and terms with an intercept, without weights or absorbed effects.

    Returns
    -------
    Solution
        `measures` has the variances ``within`` and ``between``. A variance between that is not above zero makes it
        least squares of all rows, which its notes say.

    Notes
    -----
    Agrees with R ``plm::plm(model = "random")``.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> companies, x = np.repeat(np.arange(30), 3), rng.normal(size=90)
    >>> y = x + np.repeat(rng.normal(size=30), 3) + rng.normal(size=90)
    >>> design = Design(outcome=y, regressor=x, others=pd.DataFrame({"Intercept": np.ones(90)}), companies=companies)
    >>> solved = random_effects(design)
    >>> round(float(solved.params[0]), 1), sorted(solved.measures)
    (0.9, ['between', 'within'])
    """
    if not repeated(design):
        return with_note(least_squares(design), look_up(ONE_ROW))
    within, between = _variances(design)
    count = np.bincount(design.companies)
    theta = 1 - np.sqrt(within / (within + count * max(between, 0.0)))
    solved = least_squares(quasi_demeaned(design, theta))
    note = (
        "" if between > 0 else say("companies differ no more than chance would make them: no random effects")
    )
    return replace(
        solved,
        notes=(*design.notes, *filter(None, [note])),
        measures={"within": within, "between": max(between, 0.0)},
        again=None,
    )


def repeated(design: Design) -> bool:
    """Tell whether there are rows enough to tell companies' effects from chance: more than companies and terms.

    Examples
    --------
    >>> repeated(Design(others=pd.DataFrame(index=range(3)), companies=np.array([0, 1, 2])))
    False
    """
    return len(design.companies) > int(design.companies.max()) + 1 + design.coefficients


def quasi_demeaned(design: Design, theta: Floats) -> Design:
    """Take the share `theta` of each company's mean off every column of a design.

    Examples
    --------
    >>> design = Design(outcome=np.array([1.0, 3.0]), regressor=np.array([0.0, 2.0]),
    ...                 others=pd.DataFrame(index=range(2)), companies=np.array([0, 0]))
    >>> quasi_demeaned(design, np.array([0.5])).outcome.tolist()
    [0.0, 2.0]
    """
    share = theta[design.companies]

    def less(values: Floats) -> Floats:
        mean = values - demeaned(values, design.companies)
        return np.asarray(values - (share * mean.T).T)

    others = pd.DataFrame(less(design.others.to_numpy()), columns=design.others.columns)
    return replace(design, outcome=less(design.outcome), regressor=less(design.regressor), others=others)


def _variances(design: Design) -> tuple[float, float]:
    """Variance within companies, and between them beyond it."""
    outcome, matrix, codes = design.outcome, design.matrix, design.companies
    inner, inner_outcome = demeaned(matrix, codes), demeaned(outcome, codes)
    rank, left = _left(inner, inner_outcome, np.linalg.norm(matrix, axis=0))
    companies, n = int(codes.max()) + 1, len(outcome)
    within = left / (n - companies - rank)
    means = matrix - inner
    rank, left = _left(means, outcome - inner_outcome, np.linalg.norm(matrix, axis=0))
    return within, (left - (companies - rank) * within) / (n - _trace(means, codes))


def _left(matrix: Floats, outcome: Floats, scale: Floats) -> tuple[int, float]:
    """Rank of a matrix, and the sum of squares it leaves of the outcome."""
    kept, _ = independent(matrix, scale)
    orthogonal = np.linalg.qr(matrix[:, kept])[0]
    residuals = outcome - orthogonal @ (orthogonal.T @ outcome)
    return len(kept), float(residuals @ residuals)


def _trace(means: Floats, codes: Codes) -> float:
    """Return ``tr((Z'PZ)^-1 Z'mm'Z)``, P the projection on companies and m their indicators."""
    kept, _ = independent(means, np.linalg.norm(means, axis=0) + DEPENDENT)
    z = means[:, kept]
    count = np.bincount(codes)[codes]
    return float(np.trace(np.linalg.solve(z.T @ z, (z * count[:, None]).T @ z)))
