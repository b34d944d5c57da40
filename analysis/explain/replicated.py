"""A solved model fitted anew under the weights of every replicate, and the variance that this gives."""

from collections.abc import Callable

import numpy as np

from analysis.explain.solution import Solution
from analysis.infer.columns import Floats
from analysis.infer.replicate_estimates import blocks
from analysis.infer.replicates import Replicates
from survey.language import say


def replicate_covariance(solution: Solution, replicates: Replicates) -> tuple[Floats, float, tuple[str, ...]]:
    """Covariance of the coefficients of a model from fitting it anew under each replicate.

    The factors of a replicate multiply the weights that the model has, also where these are not those of the study.

    Parameters
    ----------
    solution
        A model whose estimator takes weights (`Solution.again`).
    replicates
        Factors, of which the model uses some rows, relative to their weights.

    Returns
    -------
    covariance : ndarray
        Terms x terms, from the replicates that have all coefficients.
    df : float
        The rank of the replicate weights of the rows used, less the terms: what R ``svyglm`` calls
        ``degf(design) + 1 - coefficients``. Absorbed company effects do not count, as with clustered errors.
    notes : tuple of str
        How many replicates have no fit; where there are no degrees of freedom.

    Notes
    -----
    Agrees with R ``survey::svyglm`` on ``svrepdesign`` (which counts degrees of freedom before it leaves out rows
    with missing values, and here after), and with ``withReplicates`` of ``quantreg::rq`` and ``MASS::rlm``.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.explain.solution import least_squares
    >>> from analysis.explain.specification import Design
    >>> design = Design(outcome=np.array([1.0, 3, 2, 5]), regressor=np.arange(4.0),
    ...                 others=pd.DataFrame({"Intercept": np.ones(4)}), companies=np.arange(4), rows=np.arange(4))
    >>> jack = Replicates(np.ones(4), np.arange(4), 4 / 3 * (1 - np.eye(4)), 0.75, np.ones(4), "JK1")
    >>> covariance, df, _ = replicate_covariance(least_squares(design), jack)
    >>> covariance[0, 0].round(4).item(), df
    (0.2832, 2.0)
    """
    assert solution.again is not None  # asked of estimators that take weights
    size = len(solution.rows) * solution.params.size**2
    found = [solution.again(replicates.of_rows(block, solution.rows)) for block in blocks(replicates, size)]
    replicated = np.vstack(found)
    lost = int(np.isnan(replicated).any(axis=1).sum())
    df = float(replicates.df - solution.params.size + ("Intercept" in solution.terms))
    said = {
        say("{lost} of {n} replicates have no fit and are not counted", lost=lost, n=len(replicated)): lost
        > 0,
        say("the design has too few clusters for so many terms: no intervals"): df < 1,
        say("the jackknife is not consistent for quantiles: take the bootstrap or balanced half-samples"): (
            not solution.smooth and replicates.kind.startswith("JK")
        ),
    }
    notes = tuple(note for note, holds in said.items() if holds)
    return replicates.covariance(replicated, solution.params), df, notes


def one_by_one(solve: Callable[[Floats], Floats], matrix: Floats) -> Callable[[Floats], Floats]:
    """Make of a search under one set of weights one under many, for estimators that no array operation solves.

    Parameters
    ----------
    solve
        Factors of the rows to coefficients.
    matrix
        Rows x terms; a set under which its terms cannot be told apart has no coefficients.
    """

    def again(factors: Floats) -> Floats:
        found = np.full((factors.shape[1], matrix.shape[1]), np.nan)
        for place, own in enumerate(factors.T):
            if np.linalg.matrix_rank(matrix[own > 0]) == matrix.shape[1]:
                found[place] = solve(own)
        return found

    return again


def kept_rows(own: Floats, matrix: Floats, outcome: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Terms, outcomes and weights of the rows that a set of factors keeps.

    Examples
    --------
    >>> arrays = np.array([[1.0], [2.0]]), np.array([3.0, 4.0]), np.array([1.0, 2.0])
    >>> [part.ravel().tolist() for part in kept_rows(np.array([0.0, 2.0]), *arrays)]
    [[2.0], [4.0], [4.0]]
    """
    kept = own > 0
    return matrix[kept], outcome[kept], (weight * own)[kept]
