"""CR2: a clustered covariance that is unbiased in a reference model, with degrees of freedom that fit few clusters."""

import numpy as np

from analysis.explain.covariance import cluster_sums
from analysis.infer.columns import Codes, Floats

TINY = 1e-10
"""Eigenvalues below this belong to directions that the model itself fits; the adjustment leaves them out."""


def cr2(
    matrix: Floats,
    residuals: Floats,
    clusters: Codes,
    *,
    weights: Floats | None = None,
    absorbed: Codes | None = None,
) -> tuple[Floats, Floats]:
    """Bias-reduced clustered covariance and Satterthwaite degrees of freedom of each coefficient.

    ``V = M * sum(X_g' W_g A_g e_g e_g' A_g' W_g X_g) * M`` with ``M = (X'WX)^-1`` and A_g the symmetric root of the
    Moore-Penrose inverse of ``B_g = ((I - H)(I - H)')_gg``, H the hat matrix: V is unbiased if errors are
    independent with equal variances (Bell and McCaffrey, 2002, Survey Methodology 28; Pustejovsky and Tipton,
    2018, JBES 36). A coefficient's degrees of freedom are ``(sum g)^2 / sum G^2``, g the diagonal of the matrix G
    that makes its variance a quadratic form of such errors.

    Parameters
    ----------
    matrix
        Rows x terms, deviations from the (weighted) means of the absorbed effects.
    residuals, clusters
        One value and one code a row.
    weights
        One a row; the reference model stays that of equal variances, as for weights of a survey.
    absorbed
        Code of the effect taken out of each row; each effect lies in one cluster.

    Returns
    -------
    covariance : ndarray
        Terms x terms.
    df : ndarray
        One a term.

    Notes
    -----
    Agrees with R ``clubSandwich::vcovCR(fit, cluster, type = "CR2")`` and ``coef_test(test = "Satterthwaite")``
    for ``lm``, with ``weights`` and with effects as dummies.

    Examples
    --------
    >>> means = np.ones((6, 1))
    >>> covariance, df = cr2(means, np.array([-1.0, -1, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2, 2]))
    >>> covariance.round(6).tolist(), df.round(6).tolist()
    ([[0.333333]], [2.0])
    """
    weight = np.ones(len(matrix)) if weights is None else weights
    weighted = matrix * weight[:, None]
    bread: Floats = np.asarray(np.linalg.inv(matrix.T @ weighted), float)
    middle = bread @ (weighted.T @ weighted) @ bread
    left = np.empty_like(matrix)  # Q W X, with Q what takes the absorbed effects out
    moves = np.empty_like(matrix)  # A W X M
    taken = np.empty_like(matrix)  # Q' A W X M
    for rows in _by_size(clusters):
        x, wx = matrix[rows], weighted[rows]
        if (weights is None or absorbed is None) and rows.shape[1] > 2 * matrix.shape[1]:
            left[rows], moves[rows] = wx, _adjusted(x, wx, bread, middle)
            taken[rows] = moves[rows]
            continue
        away = _away(rows, weight, absorbed)
        pulled = away @ wx
        cross = pulled @ bread @ x.transpose(0, 2, 1)
        variance = away @ away.transpose(0, 2, 1) - cross - cross.transpose(0, 2, 1)
        variance += x @ middle @ x.transpose(0, 2, 1)
        adjusted = _inverse_root(variance) @ wx @ bread
        left[rows], moves[rows], taken[rows] = pulled, adjusted, away.transpose(0, 2, 1) @ adjusted
    scores = cluster_sums(moves * residuals[:, None], clusters)
    kernel = np.block([[np.zeros_like(bread), bread], [bread, -middle]])
    columns, d = np.hstack([left, matrix]), cluster_sums(taken**2, clusters)
    df = [
        _satterthwaite(d[:, term], cluster_sums(moves[:, [term]] * columns, clusters), kernel)
        for term in range(matrix.shape[1])
    ]
    return np.asarray(scores.T @ scores), np.array(df)


def _satterthwaite(d: Floats, z: Floats, kernel: Floats) -> float:
    """Degrees of freedom of one coefficient, from G = diag(d) - Z K Z' without forming G."""
    turned = z @ kernel
    own = (turned * z).sum(axis=1)
    inner = kernel @ (z.T @ z)
    squares = (d**2).sum() - 2 * (d * own).sum() + np.trace(inner @ inner)
    return float((d - own).sum() ** 2 / squares) if squares > 0 else 0.0


def _by_size(clusters: Codes) -> list[Codes]:
    """Rows of the clusters of each size, clusters x size, so that matrices of one size are treated at once."""
    order = np.argsort(clusters, kind="stable")
    sizes = np.bincount(clusters)
    starts = np.cumsum(sizes) - sizes
    return [
        order[starts[sizes == size][:, None] + np.arange(size)[None, :]]
        for size in np.unique(sizes[sizes > 0])
    ]


def _away(rows: Codes, weight: Floats, absorbed: Codes | None) -> Floats:
    """Return the matrices that take out each absorbed effect's weighted mean; identity without effects."""
    size = rows.shape[1]
    if absorbed is None:
        return np.broadcast_to(np.eye(size), (len(rows), size, size))
    codes, total = absorbed[rows], np.bincount(absorbed, weight)
    same = codes[:, :, None] == codes[:, None, :]
    return np.asarray(np.eye(size) - same * weight[rows][:, None, :] / total[codes][:, :, None])


def _adjusted(x: Floats, wx: Floats, bread: Floats, middle: Floats) -> Floats:
    """Return ``A W X M`` of large clusters without their rows x rows matrices.

    Without weights, or without absorbed effects, B is the identity (on what the effects leave) but for the span of
    X and WX, so that its root is taken there.
    """
    both = np.concatenate([x, wx], axis=2)
    basis, triangular = np.linalg.qr(both)
    core = np.block([[middle, -bread], [-bread, np.zeros_like(bread)]])
    small = np.eye(basis.shape[2]) + triangular @ core @ triangular.transpose(0, 2, 1)
    change = _inverse_root(small) - np.eye(basis.shape[2])
    plain = wx @ bread
    return np.asarray(plain + basis @ (change @ (basis.transpose(0, 2, 1) @ plain)))


def _inverse_root(matrices: Floats) -> Floats:
    """Symmetric root of the Moore-Penrose inverse of each matrix."""
    values, vectors = np.linalg.eigh(matrices)
    roots = np.where(values > TINY, np.maximum(values, TINY) ** -0.5, 0.0)
    return np.asarray((vectors * roots[:, None, :]) @ vectors.transpose(0, 2, 1))
