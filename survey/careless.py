"""Careless responding seen in one person's answers alone: runs, spread, and halves that disagree."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

BLOCK = 2**17
"""Cells worked on at a time (1 MB): they stay in the cache, and a million respondents need no more memory."""
ROUNDING = 1e-12
"""Share of a sum of squares that may be left by rounding where nothing varies."""


class Sums(NamedTuple):
    """Number of pairs of values, and the sums of both, of their squares and of their products."""

    n: np.ndarray
    x: np.ndarray
    y: np.ndarray
    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @property
    def correlation(self) -> np.ndarray:
        """-1 to 1; NaN where one of the two does not vary by more than the rounding of its sums."""
        with np.errstate(invalid="ignore", divide="ignore"):
            away_x, away_y = self.n * self.xx - self.x * self.x, self.n * self.yy - self.y * self.y
            flat = (away_x <= ROUNDING * self.n * self.xx) | (away_y <= ROUNDING * self.n * self.yy)
            r = (self.n * self.xy - self.x * self.y) / np.sqrt(away_x * away_y)
        return np.where(flat, np.nan, np.clip(r, -1.0, 1.0))


def longstring(answers: pd.DataFrame) -> pd.Series:
    """Return the length of the longest run of equal answers, in the order of the columns.

    A missing answer ends a run and is one of its own. Johnson (2005), Journal of Research in
    Personality 39, 103-129.

    Parameters
    ----------
    answers
        Respondents x items, as answered (reverse items not turned), NaN where missing.

    Returns
    -------
    pandas.Series of int
        Items, 1 to the number of columns, by respondent. ``longstring(x)`` in R's careless.

    Examples
    --------
    >>> longstring(pd.DataFrame([[1, 1, 1, 4], [1, np.nan, np.nan, 1]])).tolist()
    [3, 1]
    """
    found = [_runs(block)[0] for block in blocks(answers)]
    return pd.Series(_joined(found, int), answers.index, name="longstring")


def average_string(answers: pd.DataFrame) -> pd.Series:
    """Return the mean length of all runs of equal answers.

    Parameters
    ----------
    answers
        As in `longstring`.

    Returns
    -------
    pandas.Series of float
        Items, 1 to the number of columns. ``longstring(x, avg = TRUE)`` in R's careless.

    Examples
    --------
    >>> average_string(pd.DataFrame([[1, 1, 1, 4], [1, 2, 1, 2]])).tolist()
    [2.0, 1.0]
    """
    found = [len(block) / _runs(block)[1] for block in blocks(answers)]
    return pd.Series(_joined(found, float), answers.index, name="average_string")


def irv(answers: pd.DataFrame) -> pd.Series:
    """Return the intra-individual response variability: the standard deviation of a person's answers.

    Low in straightliners, high in those who answer at random. Dunn, Heggestad, Shanock and Theilgard
    (2018), Journal of Business and Psychology 33, 105-121.

    Parameters
    ----------
    answers
        Respondents x items on one scale, as answered, NaN where missing.

    Returns
    -------
    pandas.Series of float
        In points of the scale, 0 and above; NaN for fewer than two answers. ``irv(x)`` in R's careless.

    Examples
    --------
    >>> irv(pd.DataFrame([[3, 3, 3], [1, 5, np.nan]])).round(3).tolist()
    [0.0, 2.828]
    """
    found = [_spread(block) for block in blocks(answers)]
    return pd.Series(_joined(found, float), answers.index, name="irv")


def irv_split(answers: pd.DataFrame, parts: int) -> pd.DataFrame:
    """Return the variability in consecutive parts of the questionnaire: attention may fade towards its end.

    Parameters
    ----------
    answers
        As in `irv`.
    parts
        How many parts of equal length; items that do not divide evenly fall as R's ``cut`` has it.

    Returns
    -------
    pandas.DataFrame of float
        ``irv1``, ``irv2``, ... ``irv(x, split = TRUE, num.split = parts)`` in R's careless.

    Examples
    --------
    >>> irv_split(pd.DataFrame([[1, 5, 3, 3]]), 2).round(3).to_numpy().tolist()
    [[2.828, 0.0]]
    """
    items = answers.shape[1]
    ends = np.linspace(1, items, parts + 1)[1:-1]
    part = np.searchsorted(ends, np.arange(1, items + 1), side="left")
    return pd.DataFrame({f"irv{n + 1}": irv(answers.loc[:, part == n]) for n in range(parts)})


def evenodd(answers: pd.DataFrame, factors: Sequence[int]) -> pd.Series:
    """Return the even-odd consistency, signed so that more is more careless.

    For each factor the mean of its even and of its odd items; over the factors, the correlation of the
    two within the person, stepped up as split-half reliability (Spearman-Brown), held at -1 and turned:
    ``-max(2 r / (1 + r), -1)``. Johnson (2005), Journal of Research in Personality 39, 103-129, who, as
    careless before its version 1.2, has the opposite sign.

    Parameters
    ----------
    answers
        Respondents x items, factor by factor, reverse items turned, NaN where missing.
    factors
        Number of items of each factor, in the order of the columns.

    Returns
    -------
    pandas.Series of float
        -1 (consistent) to 1; NaN where the halves do not vary or fewer than two factors have both.
        ``evenodd(x, factors)`` in R's careless 1.2.

    Raises
    ------
    ValueError
        If there is one factor only, or the factors do not add up to the columns.

    Examples
    --------
    >>> x = pd.DataFrame([[1, 1, 3, 3, 5, 5], [1, 5, 3, 3, 5, 1], [2, 2, 2, 2, 2, 2]])
    >>> evenodd(x, [2, 2, 2]).tolist()
    [-1.0, 1.0, nan]
    """
    if len(factors) < 2 or sum(factors) != answers.shape[1]:
        raise ValueError(f"{factors} do not divide {answers.shape[1]} items into at least two factors")
    halves = _halves(factors)
    found = []
    for block in blocks(answers):
        values, there = filled(block)
        count = halves @ there
        mean = np.divide(halves @ values, count, out=np.zeros_like(count), where=count > 0)
        even, odd = mean[: len(factors)], mean[len(factors) :]
        both = (count[: len(factors)] > 0) & (count[len(factors) :] > 0)
        even, odd = even * both, odd * both
        squares = (np.einsum("ij,ij->j", *pair) for pair in ((even, even), (odd, odd), (even, odd)))
        r = Sums(both.sum(axis=0), even.sum(axis=0), odd.sum(axis=0), *squares).correlation
        found.append(-_split_half(r))
    return pd.Series(_joined(found, float), answers.index, name="evenodd")


def blocks(answers: pd.DataFrame) -> Iterator[np.ndarray]:
    """Yield the answers in blocks, items x respondents, so that what is done item by item runs along memory."""
    values = answers.to_numpy(dtype=float, na_value=np.nan).T
    step = max(1, BLOCK // max(1, len(values)))
    for start in range(0, values.shape[1], step):
        yield np.ascontiguousarray(values[:, start : start + step])


def filled(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the block with 0 for missing, and 1 where there is an answer, 0 elsewhere."""
    missing = np.isnan(block)
    return np.where(missing, 0.0, block), 1.0 - missing


def _joined(found: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(found).astype(dtype, copy=False) if found else np.empty(0, dtype)


def _runs(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the longest run and the number of runs; NaN differs from everything, so it makes its own."""
    run = np.ones(block.shape[1], dtype=np.int32)
    longest, number = run.copy(), run.copy()
    for before, after in pairwise(block):
        same = before == after
        run *= same
        run += 1
        np.maximum(longest, run, out=longest)
        number += ~same
    return longest, number


def _spread(block: np.ndarray) -> np.ndarray:
    values, there = filled(block)
    count = there.sum(axis=0)
    values -= values.sum(axis=0) / np.maximum(count, 1)
    values *= there
    squares = np.einsum("ij,ij->j", values, values)
    return np.asarray(
        np.sqrt(np.divide(squares, count - 1, out=np.full(len(count), np.nan), where=count > 1))
    )


def _halves(factors: Sequence[int]) -> np.ndarray:
    """Halves x items: 1 where the item is one of an even half (first) or an odd half (then) of a factor."""
    factor = np.repeat(np.arange(len(factors)), factors)
    even = np.concatenate([np.arange(1, size + 1) % 2 == 0 for size in factors])
    own = factor == np.arange(len(factors))[:, None]
    return np.vstack([own & even, own & ~even]).astype(float)


def _split_half(r: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(2 * r / (1 + r), -1.0))
