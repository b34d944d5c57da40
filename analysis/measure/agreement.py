"""Do informants of one company and function agree: rwg, rwg(j), r*wg(j), AD, awg and SDwg."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.measure.dispersion import Dispersion, dispersion
from analysis.measure.null_distributions import SHAPES, Shape, null_variance
from survey.instrument import Scale
from survey.language import look_up, mark
from survey.responses import Responses

GROUP = ["company", "wave", "function"]

NOBODY = mark("nobody answered all of its items")
ALONE = mark("one informant: agreement cannot be said")
AT_THE_END = mark("awg: the answers are too near an end of the scale")


def rwg(answers: ArrayLike, groups: ArrayLike, *, null: float) -> "pd.Series[float]":
    """Return the within-group agreement rwg on one item (James, Demaree & Wolf 1984).

    ``1 - s^2 / null``: 1 is full agreement, 0 as much spread as answers at random. Negative values are set
    to 0 (LeBreton & Senter 2008).

    Parameters
    ----------
    answers
        One answer per informant, NaN left out.
    groups
        The group of each informant.
    null
        Variance of answers at random, see `null_variance`.

    Returns
    -------
    Series
        0 to 1 by group; NaN for a group of one, which cannot disagree.

    Notes
    -----
    Agrees with ``multilevel::rwg(x, grpid, ranvar)`` in R.

    Examples
    --------
    >>> rwg([4, 4, 1, 5, 3], ["a", "a", "b", "b", "c"], null=2.0).to_dict()
    {'a': 1.0, 'b': 0.0, 'c': nan}
    """
    return rwgj(np.asarray(answers, dtype=np.float64)[:, None], groups, null=null).rename("rwg")


def rwgj(answers: ArrayLike, groups: ArrayLike, *, null: float) -> "pd.Series[float]":
    """Return the within-group agreement rwg(j) on several items (James, Demaree & Wolf 1984).

    ``J (1 - q) / (J (1 - q) + q)`` with q the mean item variance over `null`, and q at most 1, which sets
    negative values to 0 (LeBreton & Senter 2008).

    Parameters
    ----------
    answers
        n informants x J items; informants with a missing item are left out.
    groups, null
        As in `rwg`.

    Returns
    -------
    Series
        0 to 1 by group; NaN for a group of one.

    Notes
    -----
    Agrees with ``multilevel::rwg.j(x, grpid, ranvar)`` in R.

    Examples
    --------
    >>> rwgj([[4, 5], [4, 4], [2, 2]], ["a", "a", "b"], null=2.0).round(4).to_dict()
    {'a': 0.9333, 'b': nan}
    """
    spread, index, items = _by_group(answers, groups)
    return pd.Series(_spearman_brown(spread.variance, items, null), index=index, name="rwg_j")


def rwgj_lindell(answers: ArrayLike, groups: ArrayLike, *, null: float) -> "pd.Series[float]":
    """Return Lindell's r*wg(j), ``1 - q`` with q the mean item variance over `null`.

    It does not rise with the number of items (Lindell, Brandt & Whitney 1999). Negative values stay: below 0
    there is more spread than at random.

    Parameters
    ----------
    answers, groups, null
        As in `rwgj`.

    Returns
    -------
    Series
        At most 1 by group; NaN for a group of one.

    Notes
    -----
    Agrees with ``multilevel::rwg.j.lindell(x, grpid, ranvar)`` in R.

    Examples
    --------
    >>> rwgj_lindell([[4, 5], [4, 4], [2, 2]], ["a", "a", "b"], null=2.0).to_dict()
    {'a': 0.875, 'b': nan}
    """
    spread, index, _ = _by_group(answers, groups)
    return pd.Series(1 - spread.variance / null, index=index, name="rwg_lindell")


def ad(answers: ArrayLike, groups: ArrayLike, *, median: bool = False) -> "pd.Series[float]":
    """Return the average deviation from the group's mean, AD(M), or median, AD(Md), over items.

    In units of the scale: 0 is full agreement; A / 6 is the limit of practical agreement on A points (Burke &
    Dunlap 2002).

    Parameters
    ----------
    answers
        n informants, or n informants x J items; informants with a missing item are left out.
    groups
        The group of each informant.
    median
        Take deviations from the median.

    Returns
    -------
    Series
        By group, 0 or more; NaN for a group of one.

    Notes
    -----
    Agrees with ``multilevel::ad.m(x, grpid, type)`` in R.

    Examples
    --------
    >>> ad([[4, 5], [4, 4], [2, 2]], ["a", "a", "b"]).to_dict()
    {'a': 0.25, 'b': nan}
    """
    spread, index, _ = _by_group(answers, groups)
    return pd.Series(spread.from_median if median else spread.from_mean, index=index, name="ad")


def awg(answers: ArrayLike, groups: ArrayLike, *, scale: Scale) -> "pd.Series[float]":
    """Return awg: how far spread stays below the largest that the group's mean allows (Brown & Hauenstein 2005).

    ``1 - 2 s^2 / ((H - m)(m - L) k / (k - 1))`` for k informants with mean m on a scale from L to H, a mean
    over items: 1 is full agreement, -1 the largest disagreement. Needs no null distribution.

    Parameters
    ----------
    answers, groups
        As in `ad`.
    scale
        Its ends L and H.

    Returns
    -------
    Series
        -1 to 1 by group; NaN for a group of one. An item whose mean is nearer to an end than ``(H - L) / k``
        is left out, for no k answers with that mean could disagree fully; NaN if all are.

    Notes
    -----
    Agrees with ``multilevel::awg(x, grpid, range)`` in R.

    Examples
    --------
    >>> awg([[4, 5], [2, 5], [2, 2]], ["a", "a", "b"], scale=Scale(min=1, max=5)).to_dict()
    {'a': 0.75, 'b': nan}
    """
    spread, index, _ = _by_group(answers, groups, scale)
    return pd.Series(spread.awg, index=index, name="awg")


def sd_wg(answers: ArrayLike, groups: ArrayLike) -> "pd.Series[float]":
    """Return SDwg, the standard deviation within the group, a mean over items (O'Neill 2017).

    Parameters
    ----------
    answers, groups
        As in `ad`.

    Returns
    -------
    Series
        Units of the scale by group, 0 or more; NaN for a group of one.

    Examples
    --------
    >>> sd_wg([4, 2, 3], ["a", "a", "b"]).round(3).to_dict()
    {'a': 1.414, 'b': nan}
    """
    spread, index, _ = _by_group(answers, groups)
    return pd.Series(spread.deviation, index=index, name="sd_wg")


def agreement(responses: Responses, *, nulls: Sequence[Shape] = SHAPES) -> pd.DataFrame:
    """Return how far the informants of each company, wave and function agree on every construct.

    Functions are kept apart: what sales and marketing see differently is the gap, not noise.

    Parameters
    ----------
    responses
        Clean answers. Which items are reversed makes no difference.
    nulls
        Distributions of answers at random, besides the uniform, that rwg(j) is also measured against.

    Returns
    -------
    DataFrame
        company, wave, function, construct, n (informants who answered all items asked), n_items (that anybody of
        the function answered in the wave), rwg_j (0-1,
        uniform null), negative (more spread than at random, rwg_j set to 0), ad (units of the scale), then
        ad_median, rwg_lindell (uniform null, can be negative), awg (-1 to 1), sd_wg, variance (mean item
        variance), rwg_j_<null> and negative_<null> for each further null, note (what could not be computed
        and why, empty else). Measures are NaN where fewer than two informants answered: one informant does
        not agree with anybody. Constructs without items have no rows.

    Notes
    -----
    Agrees with ``rwg.j``, ``rwg.j.lindell``, ``ad.m`` and ``awg`` of R's multilevel, which leave out incomplete
    informants too. For a construct of one item rwg(j) is rwg.
    """
    frame = responses.frame
    codes = frame.groupby(GROUP, sort=True).ngroup().to_numpy()
    keys = frame[GROUP].drop_duplicates().sort_values(GROUP).reset_index(drop=True)
    order = np.argsort(codes, kind="stable")
    further = [shape for shape in nulls if shape != "uniform"]
    tables = [
        _construct_agreement(responses, construct, further, keys=keys, codes=codes[order], order=order)
        for construct in responses.instrument.constructs
        if responses.items_of(construct)
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_columns(further))


def scale_of(responses: Responses, construct: str) -> Scale:
    """Return the answer scale of a construct's items."""
    scale = responses.instrument.columns[responses.items_of(construct)[0]].scale
    assert scale is not None  # every item of a construct has its scale
    return scale


def _columns(further: Sequence[Shape]) -> list[str]:
    measures = ["rwg_j", "negative", "ad", "ad_median", "rwg_lindell", "awg", "sd_wg", "variance"]
    nulls = [f"{name}_{shape}" for shape in further for name in ("rwg_j", "negative")]
    return [*GROUP, "construct", "n", "n_items", *measures, *nulls, "note"]


def _construct_agreement(
    responses: Responses,
    construct: str,
    further: Sequence[Shape],
    *,
    keys: pd.DataFrame,
    codes: NDArray[np.integer],
    order: NDArray[np.integer],
) -> pd.DataFrame:
    items, scale = responses.items_of(construct), scale_of(responses, construct)
    answers = responses.frame[items].to_numpy(dtype=np.float64)[order]
    # A statement that a wave did not ask is no part of what its informants agree on.
    cells = keys.groupby(["wave", "function"]).ngroup().to_numpy()[codes]
    answered = np.zeros((cells.max(initial=-1) + 1, len(items)), dtype=bool)
    np.logical_or.at(answered, cells, ~np.isnan(answers))
    patterns, of = np.unique(answered[cells], axis=0, return_inverse=True)
    parts = []
    for number, asked in enumerate(patterns):
        rows = of == number
        places, own = np.unique(codes[rows], return_inverse=True)
        matrix = answers[np.ix_(rows, asked if asked.any() else ~asked)]
        spread = dispersion(matrix, own, n_groups=len(places), lowest=scale.min, highest=scale.max)
        measures = pd.DataFrame(_measures(spread, matrix.shape[1], scale, further), index=places)
        parts.append(keys.loc[places].join(measures))
    table = pd.concat(parts).sort_index() if parts else keys
    return table.assign(construct=construct).reindex(columns=_columns(further))


def _measures(
    spread: Dispersion, n_items: int, scale: Scale, further: Sequence[Shape]
) -> dict[str, ArrayLike]:
    columns: dict[str, ArrayLike] = {
        "n": spread.n,
        "n_items": n_items,
        "ad": spread.from_mean,
        "ad_median": spread.from_median,
        "rwg_lindell": 1 - spread.variance / null_variance(scale),
        "awg": spread.awg,
        "sd_wg": spread.deviation,
        "variance": spread.variance,
        "note": _notes(spread),
    }
    for shape in ("uniform", *further):
        null, end = null_variance(scale, shape), "" if shape == "uniform" else f"_{shape}"
        columns[f"rwg_j{end}"] = _spearman_brown(spread.variance, n_items, null)
        columns[f"negative{end}"] = spread.variance > null * (1 + 1e-12)
    return columns


def _notes(spread: Dispersion) -> NDArray[np.str_]:
    undefined = np.where(np.isnan(spread.awg), look_up(AT_THE_END), "")
    return np.where(spread.n == 0, look_up(NOBODY), np.where(spread.n == 1, look_up(ALONE), undefined))


def _by_group(
    answers: ArrayLike, groups: ArrayLike, scale: Scale | None = None
) -> tuple[Dispersion, pd.Index, int]:
    """Return the spread, its group labels and the number of items, from rows in any order."""
    matrix = np.asarray(answers, dtype=np.float64)
    matrix = matrix.reshape(len(matrix), -1)
    labels, codes = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    low, high = (scale.min, scale.max) if scale else (0.0, 1.0)
    spread = dispersion(matrix[order], codes[order], n_groups=len(labels), lowest=low, highest=high)
    return spread, pd.Index(labels), matrix.shape[1]


def _spearman_brown(variance: NDArray[np.float64], n_items: int, null: float) -> NDArray[np.float64]:
    """Step agreement up to `n_items`; variance above the null counts as the null."""
    share = np.minimum(variance / null, 1.0)
    return np.asarray(n_items * (1 - share) / (n_items * (1 - share) + share))
