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
        Where in `deviations` each company draws from: those of its wave.
    pool_df
        How many of them are free to vary: respondents less companies.
    drawable
        Companies that answered and have something to draw from.
    """

    n: NDArray[np.int64]
    means: Floats
    deviations: Floats
    pool_start: NDArray[np.int64]
    pool_size: NDArray[np.int64]
    pool_df: NDArray[np.int64]
    drawable: NDArray[np.bool_]


def sample_of(scores: pd.DataFrame, constructs: Sequence[str], *, index: pd.MultiIndex) -> Sample:
    """Return the respondents of one function with a score on every construct.

    Parameters
    ----------
    scores
        Scores of the function's respondents.
    constructs
        Columns of `scores`.
    index
        Company and wave, sorted: the companies that are looked at.

    Returns
    -------
    Sample
        Deviations are those of all companies of the wave, as two or three people tell nothing of their own spread;
        this supposes that companies spread alike. The order of rows makes no difference.
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
    start, count, df = _pools(wave, place, index.get_level_values("wave").to_numpy())
    return Sample(n, means, deviations, start, count, df, (count > 0) & (n > 0))


def _pools(
    wave: NDArray[np.generic], company: NDArray[np.integer], own: NDArray[np.generic]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return where the deviations of the wave of each company start, how many there are, and their df."""
    labels, start, count = np.unique(wave, return_index=True, return_counts=True)
    first = np.diff(company, prepend=-1) != 0
    df = count - np.add.reduceat(first.astype(np.int64), start) if len(start) else count
    at = np.where(np.isin(own, labels), np.searchsorted(labels, own), len(labels))
    start, count, df = (np.append(part, 0)[at] for part in (start, count, df))
    return start, count, df


def draw_noise(
    sample: Sample, companies: NDArray[np.integer], resamples: int, *, rng: np.random.Generator
) -> Floats:
    """Return what drawing respondents anew adds to the means of companies: resamples x companies x constructs.

    Each resample is stretched by the root of df over a draw from chi-square, as in t: a pool of few deviations does
    not tell how wide it is.

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
    n, df = sample.n[companies], sample.pool_df[companies]
    start, size = (np.repeat(part[companies], n) for part in (sample.pool_start, sample.pool_size))
    drawn = start + (rng.random((resamples, len(start))) * size).astype(np.int64)
    sums = np.add.reduceat(sample.deviations[drawn], np.cumsum(n) - n, axis=1)
    stretch = np.sqrt(df / rng.chisquare(df, size=(resamples, len(df))))
    return np.asarray(sums * (stretch / n)[..., None])
