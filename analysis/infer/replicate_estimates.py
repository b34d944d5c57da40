"""Statistics of a sample and of each of its replicates: their covariance, contrasts and intervals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats, result_columns
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
        >>> from analysis.infer.replicate_tables import replicate_means
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


def replicate_statistic(
    statistic: Callable[[Floats], Floats],
    *,
    replicates: Replicates,
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
    >>> table = replicate_statistic(lambda w: np.array([w @ y / w.sum()]), replicates=jack, names=["mean"]).to_frame()
    >>> table[["term", "estimate", "std_error"]].round(4).values.tolist()
    [['mean', 3.0, 1.5275]]
    """
    whole = replicates.weights[:, None] if vectorised else replicates.weights
    sample = np.asarray(statistic(whole), dtype=float).reshape(len(names))
    found = []
    for block in blocks(replicates, len(replicates.weights)):
        weights = replicates.of_rows(block)
        values = statistic(weights) if vectorised else np.column_stack([statistic(w) for w in weights.T])
        found.append(np.asarray(values, dtype=float).reshape(len(names), weights.shape[1]).T)
    keys = pd.DataFrame({"term": pd.Series(list(names), dtype="str")})
    every = np.ones(len(names))
    n = (replicates.weights > 0).sum() * every
    return ReplicateEstimates(keys, sample, np.vstack(found), replicates.df * every, n, replicates)


def blocks(replicates: Replicates, size: int) -> Iterator[slice]:
    """Cut the replicates into blocks that hold `BLOCK` numbers where one replicate holds `size`.

    Examples
    --------
    >>> jack = Replicates(np.ones(2), np.arange(2), 2 * (1 - np.eye(2)), 0.5, np.ones(2), "JK1")
    >>> list(blocks(jack, BLOCK))
    [slice(0, 1, None), slice(1, 2, None)]
    """
    step = max(1, BLOCK // max(size, 1))
    for start in range(0, len(replicates.rscales), step):
        yield slice(start, min(start + step, len(replicates.rscales)))
