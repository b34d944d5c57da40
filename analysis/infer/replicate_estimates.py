"""Means, totals, shares, ratios and any statistic, with the variance that replicate weights give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats, numeric, result_columns
from analysis.infer.linearisation import cells_of, sums
from analysis.infer.replicates import Replicates

BLOCK = 4_000_000
"""Numbers in one block of rows x replicates; a thousand replicates of many rows go through in several."""


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateEstimates:
    """Statistics of a sample, and of each replicate.

    Parameters
    ----------
    keys
        One row per statistic: what it is of.
    sample
        The statistics, k of them.
    replicated
        Replicates x k; NaN where a replicate has none, as when no one of a domain is left in it.
    df, n
        Degrees of freedom and rows, k.
    replicates
        Where the scales come from.
    """

    keys: pd.DataFrame
    sample: Floats
    replicated: Floats
    df: Floats
    n: Floats
    replicates: Replicates

    def covariance(self) -> Floats:
        """Covariance of the statistics, k x k, from the replicates that have all of them."""
        return self.replicates.covariance(self.replicated, self.sample)

    def to_frame(self) -> pd.DataFrame:
        """Lay the statistics out as keys, `RESULT` and the number of replicates that had a value."""
        variance = self.replicates.variance(self.replicated, self.sample)
        std_error = np.where(self.df > 0, np.sqrt(variance), np.nan)
        columns = result_columns(self.sample, std_error, self.df)
        counted = (~np.isnan(self.replicated)).sum(axis=0)
        return self.keys.assign(**columns, n=self.n.astype(np.int64), replicates=counted)

    def contrasts(self, weights: Floats, keys: pd.DataFrame) -> "ReplicateEstimates":
        """Return sums of the statistics times `weights` (k x contrasts), named by `keys`: differences, say.

        A contrast has the degrees of freedom of the statistic that has fewest, and all their rows.

        Examples
        --------
        >>> frame = pd.DataFrame({"who": ["a", "a", "b", "b"], "y": [1.0, 3.0, 4.0, 8.0]})
        >>> jack = Replicates(np.ones(4), np.arange(4), 4 / 3 * (1 - np.eye(4)), 0.75, np.ones(4), "JK1")
        >>> difference = replicate_means(frame, ["y"], replicates=jack, by=["who"]).contrasts(
        ...     np.array([[-1.0], [1.0]]), pd.DataFrame({"contrast": ["b - a"]})
        ... )
        >>> difference.to_frame()[["contrast", "estimate", "n"]].values.tolist()
        [['b - a', 4.0, 4]]
        """
        used = weights != 0
        df = np.where(used, self.df[:, None], np.inf).min(axis=0)
        n = np.where(used, self.n[:, None], 0.0).sum(axis=0)
        return ReplicateEstimates(
            keys, self.sample @ weights, self.replicated @ weights, df, n, self.replicates
        )


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
    return _estimates(
        keys, list(variables), sample, replicated, known=~np.isnan(values), cells=cells, replicates=replicates
    )


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


def replicate_statistic(
    statistic: Callable[[Floats], Floats],
    replicates: Replicates,
    *,
    names: Sequence[str],
    vectorised: bool = False,
) -> ReplicateEstimates:
    """Any statistic of weighted rows, computed anew under the weights of each replicate.

    Parameters
    ----------
    statistic
        Weights of the rows to one number for each of `names`; NaN where a replicate has none. With `vectorised`
        it takes rows x replicates and gives names x replicates.
    replicates
        Replicate weights.
    names
        What the numbers are called.
    vectorised
        Whether `statistic` takes many replicates at once.

    Returns
    -------
    ReplicateEstimates
        Keyed by ``term``.

    Notes
    -----
    Agrees with R ``survey::withReplicates``.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 6.0])
    >>> jack = Replicates(np.ones(3), np.arange(3), 1.5 * (1 - np.eye(3)), 2 / 3, np.ones(3), "JK1")
    >>> table = replicate_statistic(lambda w: np.array([w @ y / w.sum()]), jack, names=["mean"]).to_frame()
    >>> table[["term", "estimate", "std_error"]].round(4).values.tolist()
    [['mean', 3.0, 1.5275]]
    """
    rows, count = len(replicates.weights), len(replicates.rscales)
    whole = replicates.weights[:, None] if vectorised else replicates.weights
    sample = np.asarray(statistic(whole), dtype=float).reshape(len(names))
    step = max(1, BLOCK // max(rows, 1))
    blocks = []
    for start in range(0, count, step):
        weights = replicates.of_rows(slice(start, start + step))
        found = statistic(weights) if vectorised else np.column_stack([statistic(w) for w in weights.T])
        blocks.append(np.asarray(found, dtype=float).reshape(len(names), weights.shape[1]).T)
    keys = pd.DataFrame({"term": pd.Series(list(names), dtype="str")})
    every = np.ones(len(names))
    n = (replicates.weights > 0).sum() * every
    return ReplicateEstimates(keys, sample, np.vstack(blocks), replicates.df * every, n, replicates)


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
    both = np.hstack([np.nan_to_num(above), np.nan_to_num(below)])
    sample, replicated = _cell_totals(replicates, both, cells, len(keys))
    k = len(names)
    with np.errstate(invalid="ignore", divide="ignore"):
        sample = np.where(sample[:, k:] != 0, sample[:, :k] / sample[:, k:], np.nan)
        replicated = np.where(replicated[..., k:] != 0, replicated[..., :k] / replicated[..., k:], np.nan)
    return _estimates(keys, names, sample, replicated, known=known, cells=cells, replicates=replicates)


def _cell_totals(replicates: Replicates, values: Floats, cells: Codes, size: int) -> tuple[Floats, Floats]:
    """Totals of cells x columns, and of replicates x cells x columns."""
    weights = np.ones(len(values)) if replicates.combined else replicates.weights
    sample = sums(values * replicates.weights[:, None], cells, size)
    order = np.argsort(cells * len(replicates.factors) + replicates.clusters, kind="stable")
    starts = np.searchsorted(cells[order], np.arange(size + 1))
    replicated = np.empty((len(replicates.rscales), size, values.shape[1]))
    for cell in range(size):
        rows = order[starts[cell] : starts[cell + 1]]
        clusters, at = np.unique(replicates.clusters[rows], return_inverse=True)
        of_clusters = sums(values[rows] * weights[rows, None], at, len(clusters))
        replicated[:, cell] = replicates.factors[clusters].T @ of_clusters
    return sample, replicated


def _estimates(
    keys: pd.DataFrame,
    names: list[str],
    sample: Floats,
    replicated: Floats,
    *,
    known: NDArray[np.bool_],
    cells: Codes,
    replicates: Replicates,
) -> ReplicateEstimates:
    size, k = sample.shape
    counted = known & (replicates.weights > 0)[:, None]
    rows, column = np.nonzero(known if replicates.combined else counted)
    touched = np.zeros((len(replicates.factors), size, k), dtype=bool)
    touched[replicates.clusters[rows], cells[rows], column] = True
    df = np.array(replicates.df_of(touched.reshape(len(touched), size * k)), dtype=float)
    table = keys.loc[keys.index.repeat(k)].reset_index(drop=True)
    table["variable"] = pd.Series(names * size, index=table.index, dtype="str")
    n = sums(counted, cells, size).ravel()
    return ReplicateEstimates(
        table, sample.ravel(), replicated.reshape(len(replicated), size * k), df, n, replicates
    )
