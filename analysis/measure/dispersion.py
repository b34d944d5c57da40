"""How far the answers within groups lie apart, for all groups at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Dispersion(NamedTuple):
    """Spread within each group, a mean over its items; NaN for groups of fewer than two informants.

    Parameters
    ----------
    n
        Informants who answered all items.
    variance
        Mean variance of the items.
    deviation
        Mean standard deviation of the items.
    from_mean, from_median
        Mean absolute deviation of the items from their mean and from their median.
    awg
        Mean of awg over the items for which it is defined.
    """

    n: NDArray[np.int64]
    variance: Floats
    deviation: Floats
    from_mean: Floats
    from_median: Floats
    awg: Floats


def dispersion(
    answers: Floats, groups: NDArray[np.integer], *, n_groups: int, lowest: float, highest: float
) -> Dispersion:
    """Return the spread within groups over complete rows.

    Groups of equal size are stacked and reduced together, so that the work is a few array operations for each
    size that occurs, however many groups there are.

    Parameters
    ----------
    answers
        n informants x J items, NaN where missing.
    groups
        The group of each informant, 0 to `n_groups` - 1, sorted.
    n_groups
        How many groups there are; those without a complete row get NaN.
    lowest, highest
        The ends of the scale, which awg needs.

    Returns
    -------
    Dispersion
        Arrays of `n_groups` values.
    """
    complete = ~np.isnan(answers).any(axis=1)
    if not complete.all():
        answers, groups = answers[complete], groups[complete]
    n = np.bincount(groups, minlength=n_groups)
    first = np.cumsum(n) - n
    values = np.full((5, n_groups), np.nan)
    for size in np.unique(n[n > 1]):
        of = np.flatnonzero(n == size)
        block = answers[first[of] + np.arange(size)[:, None]]
        values[:, of] = _spread(block, lowest, highest)
    return Dispersion(n, *values)


def _spread(block: Floats, lowest: float, highest: float) -> Floats:
    """Return the five measures of groups of one size: size x groups x items in, 5 x groups out."""
    size, at = len(block), -1
    mean = block.mean(axis=0)
    away = block - mean
    variance = np.einsum("nij,nij->ij", away, away) / (size - 1)
    from_mean = np.abs(away, out=away).mean(axis=0)
    awg = _awg(mean, variance, size, lowest=lowest, highest=highest)
    defined = ~np.isnan(awg)
    count = defined.sum(axis=at)
    total = np.where(defined, awg, 0.0).sum(axis=at)
    return np.stack(
        [
            variance.mean(axis=at),
            np.sqrt(variance).mean(axis=at),
            from_mean.mean(axis=at),
            _from_median(block).mean(axis=at),
            np.where(count > 0, total / np.maximum(count, 1), np.nan),
        ]
    )


def _from_median(block: Floats) -> Floats:
    """Return the mean absolute deviation from the median: the upper half of the answers less the lower half."""
    size = len(block)
    ordered = np.sort(block, axis=0)
    upper, lower = ordered[size - size // 2 :], ordered[: size // 2]
    return np.asarray((upper.sum(axis=0) - lower.sum(axis=0)) / size)


def _awg(mean: Floats, variance: Floats, size: int, *, lowest: float, highest: float) -> Floats:
    """Return awg, NaN where the mean is so near an end of the scale that the largest variance is out of reach."""
    width = highest - lowest
    at_end = np.minimum(mean - lowest, highest - mean)
    largest = (highest - mean) * (mean - lowest) * size / (size - 1)
    inside = at_end >= width / size * (1 - 1e-9)
    awg = 1 - 2 * variance / np.where(inside, largest, 1.0)
    return np.where(at_end <= 1e-12 * width, 1.0, np.where(inside, awg, np.nan))
