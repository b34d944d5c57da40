"""Means of many rows in the columns of a banner at once, with the covariance of the columns through companies."""

from dataclasses import dataclass

import numpy as np

from analysis.infer.column_sums import Columns, RowValues, column_sums
from analysis.infer.columns import Floats
from analysis.infer.estimates import Flags
from analysis.infer.linearisation import sums
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign
from analysis.infer.variance import column_covariances


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMeans:
    """Estimates, rows x columns, and what they stand on; everything NaN or 0 where a column has no value.

    Parameters
    ----------
    estimate
        Weighted mean.
    covariance
        Rows x columns x columns, scaled for few clusters (`analysis.infer.estimates.Estimates.few`).
    n, clusters
        Respondents and clusters with a value.
    df
        Degrees of freedom, as `analysis.infer.estimates.Estimates` has them.
    both_df
        Rows x columns x columns: those of the two columns together.
    weighted, effective
        Sum of weights, and Kish's (1965) effective n, ``sum(w)**2 / sum(w**2)``.
    spread
        Variance of the value in the population of the column.
    count
        Respondents with a value above zero.
    """

    estimate: Floats
    covariance: Floats
    n: Floats
    clusters: Floats
    df: Floats
    both_df: Floats
    weighted: Floats
    effective: Floats
    spread: Floats
    count: Floats

    @property
    def std_error(self) -> Floats:
        """Standard error; NaN without two clusters."""
        return np.asarray(np.sqrt(np.einsum("rkk->rk", self.covariance)), dtype=np.float64)

    @property
    def deff(self) -> Floats:
        """Design effect, against a simple random sample drawn with replacement (R ``deff = "replace"``)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.std_error**2 / (self.spread / self.n), dtype=np.float64)


def column_means(rows: RowValues, columns: Columns, design: SurveyDesign) -> ColumnMeans:
    """Weighted mean of each row's values in each column.

    One sparse product sums weights and weighted values per cluster and column; from these sums come means,
    linearised values (`analysis.infer.variance`), and the covariance of columns that share clusters or people.

    Parameters
    ----------
    rows
        From `row_values`.
    columns
        From `columns_of`.
    design
        The whole sample.

    Notes
    -----
    Agrees with R ``survey::svyby(covmat = TRUE)``, of calibrated designs too, but for the factor for few clusters.

    Examples
    --------
    >>> design = SurveyDesign(np.ones(4), np.zeros(4, dtype=np.int64), np.arange(4), np.array([np.inf]))
    >>> members = np.array([[True, False], [True, False], [False, True], [False, True]])
    >>> from analysis.infer.column_sums import columns_of, row_values
    >>> rows = row_values(np.array([[1.0], [3.0], [6.0], [8.0]]), design)
    >>> found = column_means(rows, columns_of(members, design), design)
    >>> found.estimate.tolist(), found.covariance.round(4).tolist()
    ([[2.0, 7.0]], [[[1.0, 0.0], [0.0, 1.0]]])
    """
    inside, weights = columns.inside, design.weights[:, None]
    there = (columns.counting @ rows.bases > 0).reshape(len(design.stratum_of), inside.shape[1], -1)
    weight, total = column_sums(columns.weighing, rows, inside.shape[1])
    weighted = weight.sum(axis=0)[:, rows.of_row]
    n = (inside.T @ rows.bases)[:, rows.of_row]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total.sum(axis=0) / weighted
        effective = weighted**2 / ((inside * weights**2).T @ rows.bases)[:, rows.of_row]
        second = (inside * weights).T @ rows.squared / weighted
        spread = np.maximum(second - mean**2, 0.0) * np.where(n > 1, n / (n - 1.0), np.nan)
    clusters = there.sum(axis=0)[:, rows.of_row].T.astype(float)
    if design.replicates is not None:
        covariance, df, both_df = _replicated(rows, there, (weight, total, mean), design.replicates)
    else:
        linear = _linear(rows, columns, (weight, total, mean))
        covariance, df, both_df = _linearised(rows, there, linear, design)
    df = np.where(n.T > 0, df, np.nan)
    return ColumnMeans(
        mean.T, covariance, n.T, clusters, df, both_df, weighted.T, effective.T, spread.T, rows.positive.T @ inside
    )  # fmt: skip


def _linear(rows: RowValues, columns: Columns, found: tuple[Floats, Floats, Floats]) -> Floats:
    """Linearised totals of means, clusters x columns x rows, less what known totals explain."""
    weight, total, mean = found
    weighted = weight.sum(axis=0)[:, rows.of_row]
    share = np.divide(1.0, weighted, out=np.zeros_like(weighted), where=weighted > 0)
    centre = np.nan_to_num(mean) * share
    linear: Floats = total * share
    linear -= weight[:, :, rows.of_row] * centre
    if columns.loading is not None:
        base, loaded = column_sums(columns.loading, rows, weight.shape[1])
        linear -= np.tensordot(columns.pull, loaded * share - base[:, :, rows.of_row] * centre, 1)
    return linear


def _linearised(
    rows: RowValues, there: Flags, linear: Floats, design: SurveyDesign
) -> tuple[Floats, Floats, Floats]:
    """Covariance of columns through clusters, and degrees of freedom of columns and of every two."""
    touched = _of_strata(there, design)
    clusters, strata = there.sum(axis=0)[:, rows.of_row].T, touched.sum(axis=0)[:, rows.of_row].T
    reach = np.tensordot(design.sampled, touched, 1)[:, rows.of_row].T
    few = np.sqrt(
        clusters / np.where(clusters > 1, clusters - 1.0, np.nan) * (reach - 1) / np.maximum(reach, 1)
    )
    covariance = column_covariances(linear, design) * few[:, :, None] * few[:, None, :]
    both = (_either(there) - _either(touched))[rows.of_row]
    return covariance, (clusters - strata).astype(float), both


def _replicated(
    rows: RowValues, there: Flags, found: tuple[Floats, Floats, Floats], replicates: Replicates
) -> tuple[Floats, Floats, Floats]:
    """Covariance of columns from the means of each replicate, and the degrees of freedom of its weights."""
    weight, total, mean = found
    bases = np.tensordot(replicates.factors, weight, (0, 0))[:, :, rows.of_row]
    totals = np.tensordot(replicates.factors, total, (0, 0))
    means = np.divide(totals, bases, out=np.full_like(totals, np.nan), where=bases != 0)
    covariance = replicates.column_covariances(means - mean)
    alone = there.sum(axis=0)[:, rows.of_row].T < 2
    covariance[alone[:, :, None] | alone[:, None, :]] = np.nan
    seen = weight > 0
    df = np.array(replicates.df_of(seen.reshape(len(seen), -1)), dtype=float).reshape(seen.shape[1:])
    a, b = np.triu_indices(seen.shape[1])
    pairs = (seen[:, a] | seen[:, b]).reshape(len(seen), -1)
    both = np.zeros((seen.shape[2], seen.shape[1], seen.shape[1]))
    both[:, a, b] = np.reshape(replicates.df_of(pairs), (len(a), -1)).T
    both[:, b, a] = both[:, a, b]
    return covariance, df[:, rows.of_row].T, both[rows.of_row]


def _of_strata(there: Flags, design: SurveyDesign) -> Flags:
    """Strata x columns x bases: whether a stratum has a cluster with a value."""
    strata = len(design.population)
    if strata == 1:
        return np.asarray(there.any(axis=0))[None]
    found: Flags = sums(there.reshape(len(there), -1), design.stratum_of, strata) > 0
    return found.reshape(strata, *there.shape[1:])


def _either(there: Flags) -> Floats:
    """Bases x columns x columns: how many units are in one or the other of two columns."""
    seen = there.transpose(2, 1, 0).astype(float)
    each = seen.sum(axis=2)
    both = np.ascontiguousarray(seen) @ seen.transpose(0, 2, 1)
    return np.asarray(each[:, :, None] + each[:, None, :] - both, dtype=np.float64)
