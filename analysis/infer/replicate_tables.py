"""Means, totals, ratios, shares and quantiles of many variables in many cells, through replicate weights."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats, numeric
from analysis.infer.linearisation import cells_of, sums
from analysis.infer.quantiles import ROUNDING
from analysis.infer.replicate_estimates import ReplicateEstimates, blocks
from analysis.infer.replicates import Replicates

CROWDED = 2
"""Pairs of cluster and cell for each row up to which most pairs have rows, so that one product serves all cells."""


def replicate_means(
    frame: pd.DataFrame, variables: Sequence[str], *, replicates: Replicates, by: Sequence[str] = ()
) -> ReplicateEstimates:
    """Weighted mean of each variable in each cell; a missing value leaves its row out of that mean.

    All cells of all variables come from one product of the totals of clusters with the factors of the replicates.

    Parameters
    ----------
    frame
        The rows of `replicates`, in their order.
    variables
        Numeric columns.
    replicates
        Replicate weights.
    by
        Key columns of the cells, such as segments.

    Returns
    -------
    ReplicateEstimates
        Keyed by ``*by, variable``. ``df`` is the rank of the replicate weights of the cell's clusters, less one.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``survey::svymean`` and ``svyby(~y, ~by, design, svymean, na.rm = TRUE)`` on ``svrepdesign``.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 6.0]})
    >>> jack = Replicates(np.ones(3), np.arange(3), 1.5 * (1 - np.eye(3)), 2 / 3, np.ones(3), "JK1")
    >>> table = replicate_means(frame, ["y"], replicates=jack).to_frame()
    >>> table[["variable", "estimate", "std_error", "df"]].round(4).values.tolist()
    [['y', 3.0, 1.5275, 2.0]]
    """
    values = numeric(frame, variables, keys=by)
    return _quotients(
        frame, values, (~np.isnan(values)).astype(float), names=list(variables), replicates=replicates, by=by
    )


def replicate_ratios(
    frame: pd.DataFrame,
    ratios: Mapping[str, tuple[str, str]],
    *,
    replicates: Replicates,
    by: Sequence[str] = (),
) -> ReplicateEstimates:
    """Ratio of two totals in each cell, from the rows that have both; `ratios` gives each its two columns.

    Notes
    -----
    Agrees with R ``survey::svyratio`` on ``svrepdesign``.

    Examples
    --------
    >>> frame = pd.DataFrame({"won": [1.0, 2.0, 3.0], "bids": [2.0, 5.0, 5.0]})
    >>> jack = Replicates(np.ones(3), np.arange(3), 1.5 * (1 - np.eye(3)), 2 / 3, np.ones(3), "JK1")
    >>> replicate_ratios(frame, {"rate": ("won", "bids")}, replicates=jack).to_frame()["estimate"].tolist()
    [0.5]
    """
    above = numeric(frame, [numerator for numerator, _ in ratios.values()], keys=by)
    below = numeric(frame, [denominator for _, denominator in ratios.values()])
    missing = np.isnan(above) | np.isnan(below)
    above, below = (np.where(missing, np.nan, part) for part in (above, below))
    return _quotients(frame, above, below, names=list(ratios), replicates=replicates, by=by)


def replicate_totals(
    frame: pd.DataFrame, variables: Sequence[str], *, replicates: Replicates, by: Sequence[str] = ()
) -> ReplicateEstimates:
    """Weighted total of each variable in each cell; a missing value counts as nothing.

    Notes
    -----
    Agrees with R ``survey::svytotal(na.rm = TRUE)`` on ``svrepdesign``.

    Examples
    --------
    >>> jack = Replicates(np.ones(2), np.arange(2), 2 * (1 - np.eye(2)), 0.5, np.ones(2), "JK1")
    >>> table = replicate_totals(pd.DataFrame({"y": [1.0, 3.0]}), ["y"], replicates=jack).to_frame()
    >>> table[["estimate", "std_error"]].values.tolist()
    [[4.0, 2.0]]
    """
    values = numeric(frame, variables, keys=by)
    cells, keys = cells_of(frame, by)
    sample, replicated = _cell_totals(replicates, np.nan_to_num(values), cells, len(keys))
    names, known = pd.DataFrame({"variable": list(variables)}), ~np.isnan(values)
    return _estimates(keys, names, sample, replicated, known=known, cells=cells, replicates=replicates)


def replicate_shares(
    frame: pd.DataFrame, variable: str, *, replicates: Replicates, by: Sequence[str] = ()
) -> ReplicateEstimates:
    """Share of each answer to a question in each cell, in per cent of those who answered.

    Returns
    -------
    ReplicateEstimates
        Keyed by ``*by, variable``, where ``variable`` is the answer.

    Notes
    -----
    Agrees with R ``survey::svymean(~factor)`` on ``svrepdesign``, times 100.

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["defined", "aligned", "defined", None]})
    >>> jack = Replicates(np.ones(4), np.arange(4), 4 / 3 * (1 - np.eye(4)), 0.75, np.ones(4), "JK1")
    >>> table = replicate_shares(frame, "stage", replicates=jack).to_frame()
    >>> table[["variable", "estimate", "n"]].round(1).values.tolist()
    [['aligned', 33.3, 3], ['defined', 66.7, 3]]
    """
    numeric(frame, [], keys=(variable, *by))
    answers = pd.get_dummies(frame[variable], dtype=float) * 100
    values = answers.to_numpy(copy=True)
    values[frame[variable].isna().to_numpy()] = np.nan
    names = [str(name) for name in answers.columns]
    return _quotients(
        frame, values, (~np.isnan(values)).astype(float), names=names, replicates=replicates, by=by
    )


def replicate_quantiles(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    replicates: Replicates,
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    by: Sequence[str] = (),
) -> ReplicateEstimates:
    """Quantiles of each variable in each cell: the smallest value at or below which that share lies.

    The jackknife is not consistent for quantiles; balanced half-samples and the bootstrap are (Shao and Wu, 1989,
    Annals of Statistics 17).

    Returns
    -------
    ReplicateEstimates
        Keyed by ``*by, variable, quantile``.

    Notes
    -----
    Agrees with R ``survey::svyquantile(interval.type = "quantile")`` on ``svrepdesign``.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 6.0, 9.0]})
    >>> half = Replicates(np.ones(4), np.arange(4), np.array([[2.0, 0, 0, 2], [0, 2, 2, 0]]).T, 0.5, np.ones(2), "BRR")
    >>> replicate_quantiles(frame, ["y"], replicates=half, probabilities=[0.5]).replicated.tolist()
    [[1.0], [2.0]]
    """
    values = numeric(frame, variables, keys=by)
    cells, keys = cells_of(frame, by)
    asked = np.asarray(probabilities, dtype=float)
    size, k = len(keys), len(variables) * len(asked)
    sample = np.full((size, k), np.nan)
    replicated = np.full((len(replicates.rscales), size, k), np.nan)
    for cell in range(size):
        rows = np.flatnonzero(cells == cell)
        whole = replicates.weights[rows, None]
        sample[cell] = _quantiles(values[rows], whole, asked)[0]
        for block in blocks(replicates, len(rows)):
            replicated[block, cell] = _quantiles(values[rows], replicates.of_rows(block, rows), asked)
    names = pd.DataFrame({"variable": list(variables)}).merge(pd.DataFrame({"quantile": asked}), how="cross")
    known = np.repeat(~np.isnan(values), len(asked), axis=1)
    return _estimates(keys, names, sample, replicated, known=known, cells=cells, replicates=replicates)


def _quantiles(values: Floats, weights: Floats, asked: Floats) -> Floats:
    """Quantiles of rows x variables under rows x sets of weights: sets x (variables x probabilities)."""
    found = np.full((weights.shape[1], values.shape[1], len(asked)), np.nan)
    for column, y in enumerate(values.T):
        order = np.argsort(y)[: int((~np.isnan(y)).sum())]
        if not len(order):
            continue
        up_to = np.cumsum(weights[order], axis=0)
        for place, share in enumerate(asked):
            reached = up_to >= share * up_to[-1] * (1 - ROUNDING)
            # A value without weight is none of the sample's, though the share be reached at it.
            reached &= weights[order] > 0
            found[:, column, place] = np.where(up_to[-1] > 0, y[order][reached.argmax(axis=0)], np.nan)
    return found.reshape(len(found), -1)


def _quotients(
    frame: pd.DataFrame,
    above: Floats,
    below: Floats,
    *,
    names: list[str],
    replicates: Replicates,
    by: Sequence[str],
) -> ReplicateEstimates:
    """Totals over totals; a row counts where `above` is not NaN."""
    cells, keys = cells_of(frame, by)
    known = ~np.isnan(above)
    # Means of complete variables share their denominator.
    shared = bool((below == below[:, :1]).all())
    both = np.hstack([np.nan_to_num(above), np.nan_to_num(below[:, :1] if shared else below)])
    sample, replicated = _cell_totals(replicates, both, cells, len(keys))
    k = len(names)
    with np.errstate(invalid="ignore", divide="ignore"):
        sample = np.where(sample[:, k:] != 0, sample[:, :k] / sample[:, k:], np.nan)
        replicated = np.where(replicated[..., k:] != 0, replicated[..., :k] / replicated[..., k:], np.nan)
    labels = pd.DataFrame({"variable": names})
    return _estimates(keys, labels, sample, replicated, known=known, cells=cells, replicates=replicates)


def _cell_totals(replicates: Replicates, values: Floats, cells: Codes, size: int) -> tuple[Floats, Floats]:
    """Totals of cells x columns, and of replicates x cells x columns."""
    sample = sums(values * replicates.weights[:, None], cells, size)
    clusters, k = len(replicates.factors), values.shape[1]
    if replicates.recalibration is None and clusters * size <= CROWDED * len(cells):
        weighted = sums(
            values * replicates.multiplied[:, None], replicates.clusters * size + cells, clusters * size
        )
        flat = replicates.factors.T @ weighted.reshape(clusters, size * k)
        return sample, flat.reshape(-1, size, k)
    order = np.argsort(cells, kind="stable")
    starts = np.searchsorted(cells[order], np.arange(size + 1))
    replicated = np.empty((len(replicates.rscales), size, k))
    for cell in range(size):
        rows = order[starts[cell] : starts[cell + 1]]
        replicated[:, cell] = replicates.totals(values[rows], rows)
    return sample, replicated


def _estimates(
    keys: pd.DataFrame,
    names: pd.DataFrame,
    sample: Floats,
    replicated: Floats,
    *,
    known: NDArray[np.bool_],
    cells: Codes,
    replicates: Replicates,
) -> ReplicateEstimates:
    """Count what each statistic stands on, and name it by its cell and the row of `names`."""
    size, k = sample.shape
    counted = known & (replicates.weights > 0)[:, None]
    # Complete variables stand on the same rows.
    alike = k if (known == known[:, :1]).all() else 1
    of_rows = (known if replicates.combined else counted)[:, ::alike]
    rows, column = np.nonzero(of_rows)
    touched = np.zeros((len(replicates.factors), size, of_rows.shape[1]), dtype=bool)
    touched[replicates.clusters[rows], cells[rows], column] = True
    n = sums(counted, cells, size).ravel()
    df = np.repeat(replicates.df_of(touched.reshape(len(touched), -1)), alike).astype(float)
    table = pd.concat(
        [
            keys.loc[keys.index.repeat(k)].reset_index(drop=True),
            names.loc[np.tile(names.index, size)].reset_index(drop=True),
        ],
        axis=1,
    )
    replicated = replicated.reshape(len(replicated), size * k)
    return ReplicateEstimates(
        table, np.where(n > 0, sample.ravel(), np.nan), replicated, np.where(n > 0, df, np.nan), n, replicates
    )
