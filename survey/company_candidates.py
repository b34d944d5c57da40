"""Pairs of names worth a comparison: those that share a rare word, initials, or two words written as one."""

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from survey.company_similarity import NameWords

NEAREST = 15
"""Names that each name is compared with, at most; those with the rarest words in common."""

PER_NAME = 200
"""Pairs a name, on average, in which words are looked up; the commonest words come last and are left out."""

ROWS = 5_000
"""Names whose neighbours are sought at a time."""


def candidate_pairs(table: NameWords, ones: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the pairs of `ones` and `others` to compare, in time near-linear in their number.

    Names meet over words, also misspelt ones and those of one stem, over initials ("ibm"), and over two
    neighbouring words written as one. Words are taken from the rarest on, as long as the pairs that they
    make stay below `PER_NAME` times the names; so a word such as "services" leads nowhere in a large study.

    Parameters
    ----------
    table
        All names.
    ones, others
        Positions in the table, each ascending; the same for both to compare all with all.

    Returns
    -------
    tuple of numpy.ndarray
        Positions of the two names of each pair, each pair once and no name with itself.
    """
    features = _features(table)
    similar = table.similar
    reach = table.presence @ (similar.inflected + similar.misspelt + similar.related)
    left, right = (features + _widened(reach, features.shape))[ones].sign(), features[others]
    used, weight = _rarest(left, right)
    weighted = left[:, used].multiply(weight).tocsr()
    across = right[:, used].T.tocsr()
    found = [
        _nearest(weighted[at : at + ROWS] @ across, ones[at:], others) for at in range(0, len(ones), ROWS)
    ]
    pairs = np.concatenate([np.empty((0, 2), dtype=np.int64), *found])
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if np.array_equal(ones, others):
        pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _features(table: NameWords) -> sparse.csr_array:
    """Words of each name, its initials, and its neighbouring words written as one: names x features."""
    more = [(*name.initials, *map("".join, pairwise(name.words))) for name in table.names]
    long = pd.Series(more, dtype=object).explode().dropna()
    known = table.vocabulary.get_indexer(pd.Index(long, dtype="str"))
    code, fresh = pd.factorize(long.where(known < 0))
    column = np.where(known >= 0, known, len(table.vocabulary) + code)
    shape = (len(more), len(table.vocabulary) + len(fresh))
    extra = sparse.csr_array((np.ones(len(long)), (long.index.to_numpy(dtype=int), column)), shape=shape)
    return (_widened(table.presence, shape) + extra).sign().tocsr()


def _widened(matrix: sparse.csr_array, shape: tuple[int, int]) -> sparse.csr_array:
    """Return the same entries with further empty columns."""
    return sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=shape)


def _rarest(left: sparse.csr_array, right: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Return the features to meet over, and their weights by rarity."""
    often = np.asarray(left.sum(axis=0)).ravel(), np.asarray(right.sum(axis=0)).ravel()
    cost = often[0] * often[1]
    order = np.argsort(cost, kind="stable")
    within = order[np.cumsum(cost[order]) <= PER_NAME * max(left.shape[0], right.shape[0])]
    used = np.sort(within[cost[within] > 0])
    return used, np.log1p((left.shape[0] + right.shape[0]) / (often[0] + often[1])[used])


def _nearest(shared: sparse.csr_array, ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the pairs of each row with the columns of its highest values, itself not counted."""
    found = shared.tocoo()
    row, column, value = found.row, found.col, found.data
    apart = ones[row] != others[column]
    row, column, value = row[apart], column[apart], value[apart]
    order = np.lexsort((column, -value, row))
    row, column = row[order], column[order]
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))
    first = rank < NEAREST
    return np.column_stack([ones[row[first]], others[column[first]]])
