"""Sums over the rows of a sample that lie in each column of a banner, for many rows of a table at once."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from analysis.infer.columns import Codes, Floats
from analysis.infer.estimates import Flags
from analysis.infer.known_totals import Tie
from analysis.infer.survey_design import SurveyDesign


@dataclass(frozen=True, slots=True, eq=False)
class RowValues:
    """The values of some rows of a table, laid out for sums over any columns.

    Parameters
    ----------
    filled, squared, positive
        Sample x rows: values with 0 where there is none or no weight, their squares, and whether they are above 0.
    bases, of_row
        Sample x different bases: whether a unit counts, as 0 and 1; and which base is that of each row.
    """

    filled: Floats
    squared: Floats
    positive: Floats
    bases: Floats
    of_row: Codes


def row_values(values: Floats, design: SurveyDesign) -> RowValues:
    """Lay values out, sample x rows with NaN outside a row's base; rows with the same base share it.

    Examples
    --------
    >>> design = SurveyDesign(np.ones(2), np.zeros(2, dtype=np.int64), np.arange(2), np.array([np.inf]))
    >>> row_values(np.array([[1.0, 2.0, np.nan], [3.0, 4.0, 5.0]]), design).bases.shape
    (2, 2)
    """
    present = ~np.isnan(values) & (design.weights > 0)[:, None]
    filled = np.ascontiguousarray(np.where(present, values, 0.0))
    packed = np.ascontiguousarray(np.packbits(present, axis=0).T)
    _, first, of_row = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    bases = np.ascontiguousarray(present[:, first], dtype=float)
    return RowValues(filled, filled**2, (filled > 0).astype(float), bases, of_row.ravel())


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of a head, laid out for sums of any rows.

    Parameters
    ----------
    inside
        Sample x columns: who is in which, with a weight.
    counting, weighing
        Sums of each cluster in each column, (clusters x columns) x sample; under replicate weights `weighing` sums
        over what these tell apart.
    loading
        Sums of what each unit loads on each variable with known totals, (variables x columns) x sample; None where
        none are known.
    pull
        Clusters x variables, as `analysis.infer.known_totals.Tie` has it.
    """

    inside: Flags
    counting: csr_array
    weighing: csr_array
    loading: csr_array | None
    pull: Floats


def columns_of(members: Flags, design: SurveyDesign, known: Tie | None = None) -> Columns:
    """Lay the columns of a head out.

    Parameters
    ----------
    members
        Sample x columns; a unit may be in several.
    design
        The whole sample.
    known
        Its `tie`, which all heads share.

    Examples
    --------
    >>> design = SurveyDesign(np.array([2.0, 3]), np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), np.ones(1))
    >>> columns = columns_of(np.array([[True], [True]]), design)
    >>> column_sums(columns.weighing, row_values(np.array([[1.0], [3.0]]), design), 1)[1].tolist()
    [[[11.0]]]
    """
    inside = members & (design.weights > 0)[:, None]
    count = len(design.stratum_of)
    counting = _placing(inside, design.clusters, np.ones(len(inside)), count)
    units = design.clusters
    if design.replicates is not None:
        units, count = design.replicates.clusters, len(design.replicates.factors)
    weighing = _placing(inside, units, design.weights, count)
    loading = None if known is None else _loading(inside, known.loadings, design.weights)
    return Columns(inside, counting, weighing, loading, np.zeros((count, 0)) if known is None else known.pull)


def column_sums(matrix: csr_array, rows: RowValues, columns: int) -> tuple[Floats, Floats]:
    """Sums of weights (units x columns x bases) and of weighted values (units x columns x rows)."""
    shape = (matrix.shape[0] // columns, columns, -1)
    return (matrix @ rows.bases).reshape(shape), (matrix @ rows.filled).reshape(shape)


def _placing(inside: Flags, units: Codes, weights: Floats, count: int) -> csr_array:
    """Matrix that sums over the rows of each of `count` units in each column, weighted."""
    row, column = np.nonzero(inside)
    place = units[row] * inside.shape[1] + column
    return csr_array((weights[row], (place, row)), shape=(count * inside.shape[1], len(inside)))


def _loading(inside: Flags, loadings: Floats, weights: Floats) -> csr_array:
    """Matrix that sums over all rows in each column, weighted, times what each loads on each variable."""
    row, column = np.nonzero(inside)
    entry, variable = np.nonzero(loadings[row])
    place = variable * inside.shape[1] + column[entry]
    data = weights[row[entry]] * loadings[row[entry], variable]
    shape = (loadings.shape[1] * inside.shape[1], len(inside))
    return csr_array((data, (place, row[entry])), shape=shape)
