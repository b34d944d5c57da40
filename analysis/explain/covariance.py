"""Sandwich covariances: robust to unequal variances, and to companies, industries or waves that repeat."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from analysis.explain.solution import Solution
from analysis.infer.columns import Codes, Floats
from survey.language import say

FEW_CLUSTERS = 20
"""Below this many clusters, clustered intervals tend to be too narrow (Cameron and Miller, 2015)."""


def heteroscedastic(solution: Solution, kind: str) -> Floats:
    """Heteroscedasticity-consistent covariance of a solution: "HC0", "HC1", "HC2" or "HC3".

    Scores are taken as they are (HC0), times ``n / (n - k)`` (HC1), or divided by ``(1 - h) ** 0.5`` (HC2) or
    by ``1 - h`` (HC3), h the leverage with absorbed effects (MacKinnon and White, 1985).

    Notes
    -----
    Agrees with R ``sandwich::vcovHC(fit, type)``, also with weights and with effects as dummies.

    Examples
    --------
    >>> from analysis.explain.solution import least_squares
    >>> from analysis.explain.specification import Design
    >>> import pandas as pd
    >>> design = Design(outcome=np.array([0.0, 3, 4, 9]), regressor=np.array([0.0, 1, 2, 3]),
    ...                 others=pd.DataFrame({"Intercept": np.ones(4)}), companies=np.arange(4))
    >>> [round(float(heteroscedastic(least_squares(design), kind)[0, 0]), 3) for kind in ("HC0", "HC3")]
    [0.082, 0.723]
    """
    scores = solution.scores
    if kind in ("HC2", "HC3"):
        scores = scores / ((1 - solution.leverage) ** (0.5 if kind == "HC2" else 1.0))[:, None]
    n = len(scores)
    factor = n / solution.df if kind == "HC1" else 1.0
    return factor * _squares((scores + solution.extra) @ solution.bread)


def cluster_robust(solution: Solution, clusters: Sequence[Codes]) -> tuple[Floats, str]:
    """Covariance with one or two ways of clustering, type CR1.

    For two ways it is the sum of the covariances by either less that by both together (Cameron, Gelbach and
    Miller, 2011, JBES 29), each with its own correction. Where the variance of a term comes out negative, the larger
    of its one-way variances stands in its place (compare MacKinnon, Nielsen and Webb, 2021, JBES 39).

    Parameters
    ----------
    solution
        A solved model. Absorbed effects count as coefficients unless each lies in one cluster.
    clusters
        Codes per row, one or two arrays.

    Returns
    -------
    covariance : ndarray
        Terms x terms.
    note : str
        Whether a variance came out negative.

    Notes
    -----
    Agrees with R ``sandwich::vcovCL(fit, cluster, type = "HC1")`` for one and for two ways.
    """
    moves, k = solution.moves, solution.params.size
    if len(solution.absorbed) and not all(nested(solution.absorbed, codes) for codes in clusters):
        k = round(len(moves) - solution.df)
    ways = [_cluster_sandwich(moves, codes, k) for codes in clusters]
    if len(ways) == 1:
        return ways[0], ""
    both = np.unique(np.column_stack(clusters), axis=0, return_inverse=True)[1].ravel()
    covariance = ways[0] + ways[1] - _cluster_sandwich(moves, both, k)
    negative = np.flatnonzero(np.diag(covariance) <= 0)
    larger = np.maximum(*(np.diag(way) for way in ways))
    covariance[negative, negative] = larger[negative]
    if not len(negative):
        return covariance, ""
    names = ", ".join(solution.terms[place] or say("the regressor") for place in negative)
    return (
        covariance,
        say(
            "two-way variance came out negative, the larger one-way one stands in its place: {names}",
            names=names,
        ),
    )


def cluster_sums(values: Floats, clusters: Codes) -> Floats:
    """Sum rows x columns by cluster: clusters x columns.

    Examples
    --------
    >>> cluster_sums(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 1])).ravel().tolist()
    [1.0, 6.0]
    """
    n = len(clusters)
    member = sparse.csr_array((np.ones(n), (clusters, np.arange(n))), shape=(int(clusters.max()) + 1, n))
    return np.asarray(member @ values)


def nested(inner: Codes, outer: Codes) -> bool:
    """Tell whether each inner group lies in one outer group.

    Examples
    --------
    >>> nested(np.array([0, 0, 1]), np.array([0, 0, 0])), nested(np.array([0, 0, 1]), np.array([0, 1, 1]))
    (True, False)
    """
    first = np.zeros(int(inner.max()) + 1, dtype=np.int64)
    first[inner] = outer
    return bool((first[inner] == outer).all())


def _cluster_sandwich(moves: Floats, clusters: Codes, k: int) -> Floats:
    groups, n = int(clusters.max()) + 1, len(moves)
    correction = groups / (groups - 1) * (n - 1) / (n - k)
    return correction * _squares(cluster_sums(moves, clusters))


def _squares(moves: Floats) -> Floats:
    return np.asarray(moves.T @ moves)
