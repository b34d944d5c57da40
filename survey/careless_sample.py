"""Careless responding seen against the others: distance, synonyms and antonyms, speed."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from survey.careless import Sums, blocks, filled

FEWEST_PAIRS = 3
"""Pairs of synonyms that a person must have answered; R's careless asks for as many."""


class _Moments(NamedTuple):
    """Means of the items, and sums over the respondents who answered both items of a pair."""

    mean: np.ndarray
    both: np.ndarray
    first: np.ndarray
    squares: np.ndarray
    products: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Pairwise complete covariances: R's ``cov(x, use = "pairwise")``."""
        with np.errstate(invalid="ignore", divide="ignore"):
            away = self.products - self.first * self.first.T / self.both
            return np.where(self.both > 1, away / (self.both - 1), np.nan)

    @property
    def correlation(self) -> np.ndarray:
        """Pairwise complete correlations: R's ``cor(x, use = "pairwise.complete.obs")``."""
        first, squares = self.first, self.squares
        return Sums(self.both, first, first.T, squares, squares.T, self.products).correlation


def mahad(answers: pd.DataFrame) -> pd.Series:
    """Return the squared Mahalanobis distance from the mean of all respondents.

    Pairwise complete covariances; a missing answer counts as the mean of its item, which is what
    ``psych::outlier`` does. Meade and Craig (2012), Psychological Methods 17, 437-455.

    Parameters
    ----------
    answers
        Respondents x items, NaN where missing. Turning or rescaling an item changes nothing.

    Returns
    -------
    pandas.Series of float
        Squared distance; NaN for those without an answer, and for all where the covariances have no
        inverse (R stops there). ``mahad(x)`` in R's careless.

    Examples
    --------
    >>> mahad(pd.DataFrame({"a": [1, 2, 3, 4.0], "b": [1, 3, 2, 4.0]})).round(2).tolist()
    [1.5, 1.5, 1.5, 1.5]
    """
    moments = _moments(answers)
    inverse = _inverse(moments.covariance)
    found = []
    for block in blocks(answers):
        away, there = filled(block - moments.mean[:, None])
        distance = np.einsum("ij,ij->j", away, inverse @ away)
        found.append(np.where(there.any(axis=0), distance, np.nan))
    return pd.Series(np.concatenate(found) if found else np.empty(0), answers.index, name="mahad")


def mahad_p(distance: pd.Series, items: int) -> pd.Series:
    """Return how likely a distance as large is among normal answers: the upper tail of chi-square.

    ``mahad(x, flag = TRUE, confidence = c)`` in R's careless flags ``p < 1 - c``.

    Parameters
    ----------
    distance
        What `mahad` returned.
    items
        Items it was computed from: the degrees of freedom.

    Examples
    --------
    >>> mahad_p(pd.Series([0.0, 18.307]), 10).round(3).tolist()
    [1.0, 0.05]
    """
    return pd.Series(chdtrc(items, distance.clip(lower=0)), distance.index, name="mahad_p")


def psychsyn(answers: pd.DataFrame, *, critical: float = 0.60) -> pd.Series:
    """Return the psychometric synonym score: a person's correlation over pairs of items that go together.

    Pairs are the items that correlate above `critical` among all respondents; the later item of a pair is
    correlated with the earlier. Meade and Craig (2012), Psychological Methods 17, 437-455.

    Parameters
    ----------
    answers
        Respondents x items, reverse items turned, NaN where missing.
    critical
        Correlation above which two items are synonyms.

    Returns
    -------
    pandas.Series of float
        -1 to 1 (consistent); NaN for fewer than three pairs answered and where one side does not vary, and
        for all where there are no pairs (R stops there). ``psychsyn(x, critical, resample_na = FALSE)`` in
        R's careless; its default swaps the items of pairs at random until a value comes out.

    Examples
    --------
    >>> x = pd.DataFrame({"a": [1, 3, 5, 1], "b": [2, 3, 5, 1], "c": [1, 4, 5, 5], "d": [1, 4, 5, 5.0]})
    >>> psychsyn(x, critical=0.5).round(2).tolist()
    [nan, 0.33, nan, 0.33]
    """
    pairs = item_pairs(answers, critical=critical, antonyms=False)
    return _pair_score(answers, pairs).rename("psychsyn")


def psychant(answers: pd.DataFrame, *, critical: float = -0.60) -> pd.Series:
    """Return the psychometric antonym score: as `psychsyn`, over items that correlate below `critical`.

    Parameters
    ----------
    answers
        Respondents x items, as answered (reverse items not turned), NaN where missing.
    critical
        Correlation, in size, beyond which two items are antonyms; its sign does not matter.

    Returns
    -------
    pandas.Series of float
        -1 (consistent) to 1; NaN as in `psychsyn`. ``psychant(x, critical, resample_na = FALSE)``.
    """
    pairs = item_pairs(answers, critical=critical, antonyms=True)
    return _pair_score(answers, pairs).rename("psychant")


def item_pairs(answers: pd.DataFrame, *, critical: float, antonyms: bool) -> np.ndarray:
    """Return positions of synonyms or antonyms, pairs x 2: the later item, the earlier item."""
    r = np.tril(_moments(answers).correlation, k=-1)
    return np.argwhere(r < -abs(critical) if antonyms else r > abs(critical))


def relative_speed(seconds: pd.Series, within: pd.Series) -> pd.Series:
    """Return how many times as fast as the median of the same wave a person answered.

    The relative speed index of the whole questionnaire: median duration over own duration. Leiner (2019),
    Survey Research Methods 13, 229-248, who calls 2 or more suspicious.

    Parameters
    ----------
    seconds
        Durations; NaN where not known, or not above zero.
    within
        Whose durations compare: those with equal values.

    Returns
    -------
    pandas.Series of float
        Above 0; 1 is the median.

    Examples
    --------
    >>> relative_speed(pd.Series([300, 600, 1200, 0]), pd.Series([2025] * 4)).tolist()
    [2.0, 1.0, 0.5, nan]
    """
    known = seconds.astype("float64").where(seconds > 0)
    return (known.groupby(within).transform("median") / known).rename("speed")


def _moments(answers: pd.DataFrame) -> _Moments:
    items = answers.shape[1]
    both, first, squares, products = (np.zeros((items, items)) for _ in range(4))
    shift = _near_the_means(answers)
    for block in blocks(answers):
        # About what is near the mean, so that large codes do not cost digits.
        away, there = filled(block - shift[:, None])
        both += there @ there.T
        first += away @ there.T
        products += away @ away.T
        away *= away
        squares += away @ there.T
    with np.errstate(invalid="ignore"):
        mean = shift + np.diag(first) / np.diag(both)
    return _Moments(mean, both, first, squares, products)


def _near_the_means(answers: pd.DataFrame) -> np.ndarray:
    """Round means of the items in the first rows: whole codes less whole numbers are summed without error."""
    means = answers.iloc[:1000].astype("float64").mean().round()
    return means.fillna(0.0).to_numpy()


def _inverse(covariance: np.ndarray) -> np.ndarray:
    """Invert; NaN throughout where R's ``solve`` calls the matrix computationally singular."""
    size = len(covariance)
    if not size or not np.isfinite(covariance).all():
        return np.full((size, size), np.nan)
    if 1 / np.linalg.cond(covariance, 1) < np.finfo(float).eps:
        return np.full((size, size), np.nan)
    return np.linalg.inv(covariance)


def _pair_score(answers: pd.DataFrame, pairs: np.ndarray) -> pd.Series:
    """Correlate the two sides of the pairs; sums over pairs are matrix products, however many they are."""
    if len(pairs) < FEWEST_PAIRS:
        return pd.Series(np.nan, answers.index)
    paired = np.zeros((answers.shape[1],) * 2)
    paired[pairs[:, 0], pairs[:, 1]] = 1.0
    middle = np.round(_near_the_means(answers).mean())
    found = []
    for block in blocks(answers):
        values, there = filled(block - middle)
        squares, partners, others = values * values, paired @ there, paired @ values
        by_column = (
            (there, partners), (values, partners), (there, others), (squares, partners),
            (there, paired @ squares), (values, others),
        )  # fmt: skip
        sums = Sums(*(np.einsum("ij,ij->j", *pair) for pair in by_column))
        found.append(np.where(sums.n >= FEWEST_PAIRS, sums.correlation, np.nan))
    return pd.Series(np.concatenate(found) if found else np.empty(0), answers.index)
