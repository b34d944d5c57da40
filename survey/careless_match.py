"""Respondents who gave the same answers as somebody else."""

import numpy as np
import pandas as pd

IN_COMMON = 0.5
"""Share of the items that two respondents must both have answered to be compared."""


def percent_match(answers: pd.DataFrame, within: pd.Series) -> pd.Series:
    """Return the share of answers that a person has in common with the most similar other respondent.

    The "percent match" of Kuriakose and Robbins (2016), Statistical Journal of the IAOS 32, 283-291, who
    take more than 85 per cent for a near-duplicate; over the items that both answered. Pairs are compared
    at each distance within the groups, all groups at once, so that time grows with the number of pairs
    and memory with the number of respondents: a second or two for a million in companies of fifty, a
    quarter of a minute for one company of 50,000.

    Parameters
    ----------
    answers
        Respondents x items, NaN where missing.
    within
        Who is compared: those with equal values, such as one company in one wave.

    Returns
    -------
    pandas.Series of float
        0 to 1; NaN where nobody else in the group answered at least half of the items with this person.

    Examples
    --------
    >>> x = pd.DataFrame([[1, 2, 3, 4], [1, 2, 3, 5], [5, 5, 1, 1], [1, 2, 3, 4]])
    >>> percent_match(x, pd.Series(["a", "a", "a", "b"])).tolist()
    [0.75, 0.75, 0.0, nan]
    """
    group, _ = pd.factorize(within, use_na_sentinel=False)
    sizes = np.bincount(group, minlength=1)[group]
    # Largest groups first: at a distance, only the groups that are larger than it are still looked at.
    order = np.lexsort((group, -sizes))
    group, sizes = group[order], sizes[order]
    codes, there = _codes(answers, order), _bits(answers, order)
    best = np.full(len(group), -1.0)
    for distance in range(1, int(sizes.max(initial=1))):
        end = int(np.searchsorted(-sizes, -distance, side="left"))
        left, right = slice(0, end - distance), slice(distance, end)
        share = _share(codes, there, left, right)
        share[group[left] != group[right]] = -1.0
        np.maximum(best[left], share, out=best[left])
        np.maximum(best[right], share, out=best[right])
    result = np.empty(len(group))
    result[order] = np.where(best < 0, np.nan, best)
    return pd.Series(result, answers.index, name="percent_match")


def _share(codes: np.ndarray, there: np.ndarray, left: slice, right: slice) -> np.ndarray:
    """Share of answers in common, pair by pair; -1 where too few items were answered by both."""
    count = np.uint8 if len(codes) < 256 else np.uint16
    same = np.zeros(codes[0, left].shape, dtype=count)
    for item in codes:
        same += (item[left] == item[right]).view(np.uint8)
    both = np.bitwise_count(there[:, left] & there[:, right]).sum(axis=0, dtype=count)
    either = np.bitwise_count(there[:, left] | there[:, right]).sum(axis=0, dtype=count)
    # Two missing answers have the same code, but are no answers in common.
    same -= count(len(codes)) - either
    enough = both >= IN_COMMON * len(codes)
    return np.asarray(np.divide(same, both, out=np.full(len(both), -1.0), where=enough & (both > 0)))


def _codes(answers: pd.DataFrame, order: np.ndarray) -> np.ndarray:
    """Items x respondents: a small whole number for each different answer to an item."""
    found = (pd.factorize(answers.iloc[:, n])[0] for n in range(answers.shape[1]))
    codes = np.stack([codes.astype(np.int32)[order] for codes in found])
    return codes.astype(np.uint8) if codes.max(initial=0) < 255 else codes


def _bits(answers: pd.DataFrame, order: np.ndarray) -> np.ndarray:
    """Words x respondents: one bit for each item that was answered."""
    there = answers.notna().to_numpy()[order]
    padded = np.zeros((len(there), -(-there.shape[1] // 64) * 64), dtype=bool)
    padded[:, : there.shape[1]] = there
    return np.ascontiguousarray(np.packbits(padded, axis=1).view(np.uint64).T)
