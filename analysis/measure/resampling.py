"""Drawing the respondents of companies anew, for all companies at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measure.alignment import KEYS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The respondents of one function, as a bootstrap needs them.

    Parameters
    ----------
    n
        Respondents of each company and wave.
    means
        Companies x constructs, NaN where nobody answered.
    deviations
        What is drawn from: respondents' deviations from their company's mean, times the root of
        ``n / (n - 1)``, by which the deviations of few people fall short (Rao & Wu 1988).
    pool_start, pool_size
        Where in `deviations` each company draws from.
    drawable
        Companies that answered and have something to draw from.
    """

    n: NDArray[np.int64]
    means: Floats
    deviations: Floats
    pool_start: NDArray[np.int64]
    pool_size: NDArray[np.int64]
    drawable: NDArray[np.bool_]


def sample_of(
    scores: pd.DataFrame, constructs: Sequence[str], *, index: pd.MultiIndex, pooled: bool = True
) -> Sample:
    """Return the respondents of one function with a score on every construct.

    Parameters
    ----------
    scores
        Scores of the function's respondents.
    constructs
        Columns of `scores`.
    index
        Company and wave, sorted: the companies that are looked at.
    pooled
        Draw deviations from all companies of the wave, as two or three people tell nothing of their own
        spread; supposes that companies spread alike. If False, from the company's own respondents: of these it
        takes many.

    Returns
    -------
    Sample
        The order of rows makes no difference.
    """
    names = list(constructs)
    complete = scores.dropna(subset=names)
    wave, place = complete["wave"].to_numpy(), index.get_indexer(pd.MultiIndex.from_frame(complete[KEYS]))
    values = complete[names].to_numpy(dtype=np.float64)
    # Within a company by its values: the resamples then do not depend on the order of rows.
    order = np.lexsort((*values.T[::-1], place, wave))
    values, place, wave = values[order], place[order], wave[order]
    n = np.bincount(place, minlength=len(index))
    means = (
        np.column_stack([np.bincount(place, weights=column, minlength=len(index)) for column in values.T])
        / np.where(n > 0, n, np.nan)[:, None]
    )
    several = n[place] > 1
    place, wave = place[several], wave[several]
    size = n[place]
    deviations = (values[several] - means[place]) * np.sqrt(size / (size - 1))[:, None]
    pool = wave if pooled else place
    own = index.get_level_values("wave").to_numpy() if pooled else np.arange(len(index))
    labels, start, count = np.unique(pool, return_index=True, return_counts=True)
    known = np.isin(own, labels)
    at = np.where(known, np.searchsorted(labels, own).clip(max=max(len(labels) - 1, 0)), 0)
    start, count = (np.append(part, 0)[at] for part in (start, count))
    return Sample(n, means, deviations, start, count, known & (n > 0))


def draw_means(
    sample: Sample, companies: NDArray[np.integer], resamples: int, *, rng: np.random.Generator
) -> Floats:
    """Return the means of resampled respondents: resamples x companies x constructs.

    Parameters
    ----------
    sample
        From `sample_of`.
    companies
        Rows of the sample, all of them drawable.
    resamples
        How many.
    rng
        Source of the draws.
    """
    n = sample.n[companies]
    start, size = (np.repeat(part[companies], n) for part in (sample.pool_start, sample.pool_size))
    drawn = start + (rng.random((resamples, len(start))) * size).astype(np.int64)
    sums = np.add.reduceat(sample.deviations[drawn], np.cumsum(n) - n, axis=1)
    return np.asarray(sample.means[companies] + sums / n[:, None])
