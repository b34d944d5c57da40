"""Do informants of one company and function agree: rwg, rwg(j), AD and ICC."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from survey.instrument import Scale
from survey.responses import Responses

GROUP = ["company", "wave", "function"]


def null_variance(scale: Scale) -> float:
    """Return the variance of answers spread evenly over a scale, the reference of rwg.

    ``(A^2 - 1) / 12`` for A scale points; ``(max - min)^2 / 12`` where answers between the points are
    allowed (`whole` is false), the variance of the continuous uniform distribution.

    Examples
    --------
    >>> null_variance(Scale(min=1, max=5)), null_variance(Scale(min=0, max=12, whole=False))
    (2.0, 12.0)
    """
    width = scale.max - scale.min
    return ((width + 1) ** 2 - 1) / 12 if scale.whole else width**2 / 12


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
    matrix = np.asarray(answers, dtype=np.float64)
    variance = _dispersion(matrix, groups)["variance"]
    return _spearman_brown(variance, matrix.shape[1], null).rename("rwg_j")


def ad(answers: ArrayLike, groups: ArrayLike) -> "pd.Series[float]":
    """Return the average deviation from the group's mean, AD(M), over items (Burke & Dunlap 2002).

    In units of the scale: 0 is full agreement; A / 6 is their limit of practical agreement on A points.

    Parameters
    ----------
    answers
        n informants, or n informants x J items; informants with a missing item are left out.
    groups
        The group of each informant.

    Returns
    -------
    Series
        By group, 0 or more; NaN for a group of one.

    Notes
    -----
    Agrees with ``multilevel::ad.m(x, grpid)`` in R.

    Examples
    --------
    >>> ad([[4, 5], [4, 4], [2, 2]], ["a", "a", "b"]).to_dict()
    {'a': 0.25, 'b': nan}
    """
    matrix = np.asarray(answers, dtype=np.float64)
    return _dispersion(matrix.reshape(len(matrix), -1), groups)["deviation"].rename("ad")


def agreement(responses: Responses) -> pd.DataFrame:
    """Return rwg(j) and AD of every construct within each company, wave and function.

    Functions are kept apart: what sales and marketing see differently is the gap, not noise.

    Parameters
    ----------
    responses
        Clean answers. Which items are reversed makes no difference.

    Returns
    -------
    DataFrame
        company, wave, function, construct, n (informants who answered all items), n_items, rwg_j (0-1),
        negative (more spread than answers at random, rwg_j set to 0), ad (units of the scale). Both are NaN
        where fewer than two informants answered: one informant does not agree with anybody. Constructs
        without items have no rows.

    Notes
    -----
    Agrees with ``multilevel::rwg.j`` and ``ad.m`` in R, which leave out incomplete informants too.
    """
    frame = responses.frame
    keys = frame[GROUP].drop_duplicates().sort_values(GROUP).reset_index(drop=True)
    codes = keys.assign(group=keys.index).merge(frame[GROUP], on=GROUP, how="right")["group"].to_numpy()
    tables = [
        _construct_agreement(responses, construct, keys, codes)
        for construct in responses.instrument.constructs
        if responses.items_of(construct)
    ]
    columns = [*GROUP, "construct", "n", "n_items", "rwg_j", "negative", "ad"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def icc(scores: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    """Return ICC(1) and ICC(2) of each construct within each function and wave.

    From the one-way analysis of variance with companies as groups (Bliese 2000):
    ``ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW)``, how far one informant stands for the company, and
    ``ICC(2) = (MSB - MSW) / MSB``, how reliable the mean of k informants is; k is the mean group size. Can
    be negative.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    constructs
        Columns of `scores`.

    Returns
    -------
    DataFrame
        construct, function, wave, icc1, icc2, n (respondents), groups (companies), k, note (why they are
        absent; empty else).

    Notes
    -----
    Agrees with ``multilevel::ICC1(aov(x ~ as.factor(group)))`` and ``ICC2`` in R.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("aabb"), "function": "sales", "wave": 2025,
    ...                        "trust": [50.0, 60, 80, 90]})
    >>> icc(scores, ["trust"]).loc[0, ["icc1", "icc2", "k"]].round(4).to_dict()
    {'icc1': 0.8947, 'icc2': 0.9444, 'k': 2.0}
    """
    grouped = scores.astype(dict.fromkeys(constructs, "float64")).groupby(["function", "wave", "company"])
    answered = grouped[list(constructs)]
    n, mean, variance = answered.count(), answered.mean().fillna(0), answered.var().fillna(0)
    totals = _by_cell(n)
    grand = (_by_cell(n * mean) / totals.where(totals > 0)).fillna(0)
    deviation = mean - grand.reindex(n.reset_index("company").index).to_numpy()
    sums = {
        "n": totals,
        "groups": _by_cell((n > 0).astype("int64")),
        "between": _by_cell(n * deviation**2),
        "within": _by_cell(variance * (n - 1).clip(lower=0)),
        "square": totals * grand**2,
    }
    long = {name: table.melt(ignore_index=False, var_name="construct") for name, table in sums.items()}
    values = pd.DataFrame({name: table["value"].to_numpy() for name, table in long.items()})
    cells = long["n"].reset_index()[["construct", "function", "wave"]]
    return pd.concat([cells, _anova(values)], axis=1)


def _by_cell(table: pd.DataFrame) -> pd.DataFrame:
    return table.groupby(level=["function", "wave"]).sum()


def _anova(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `icc` from sums of squares, one row each."""
    n, groups = sums["n"], sums["groups"]
    k = n / groups.where(groups > 0)
    # Companies that do not differ leave a sum of squares of rounding error.
    rounding = 1e-24 * sums["square"] + 1e-12 * sums["within"]
    between = sums["between"].where(sums["between"] > rounding, 0.0)
    msb = between / (groups - 1).where(groups > 1)
    msw = sums["within"] / (n - groups).where(n > groups)
    spread = msb + (k - 1) * msw
    note = pd.Series("", index=sums.index).mask(msb <= 0, "the companies do not differ")
    note = note.mask(n == groups, "no company has two informants").mask(groups < 2, "needs two companies")
    return pd.DataFrame(
        {
            "icc1": (msb - msw) / spread.where(spread > 0),
            "icc2": (msb - msw) / msb.where(msb > 0),
            "n": n,
            "groups": groups,
            "k": k,
            "note": note.mask(n == 0, "nobody answered"),
        }
    )


def _construct_agreement(
    responses: Responses, construct: str, keys: pd.DataFrame, codes: NDArray[np.int64]
) -> pd.DataFrame:
    items = responses.items_of(construct)
    scale = responses.instrument.columns[items[0]].scale
    assert scale is not None  # every item of a construct has its scale
    null = null_variance(scale)
    spread = _dispersion(responses.frame[items].to_numpy(dtype=np.float64), codes).reindex(keys.index)
    return keys.assign(
        construct=construct,
        n=spread["n"].fillna(0).astype("int64"),
        n_items=len(items),
        rwg_j=_spearman_brown(spread["variance"], len(items), null),
        negative=spread["variance"] > null * (1 + 1e-12),
        ad=spread["deviation"],
    )


def _dispersion(answers: NDArray[np.float64], groups: ArrayLike) -> pd.DataFrame:
    """Return n, mean item variance and mean absolute deviation by group, over complete rows."""
    labels = np.asarray(groups)
    complete = ~np.isnan(answers).any(axis=1)
    table, within = pd.DataFrame(answers[complete]), labels[complete]
    grouped = table.groupby(within)
    n = grouped.size()
    deviation = (table - grouped.transform("mean")).abs().groupby(within).mean().mean(axis=1)
    result = pd.DataFrame(
        {
            "n": n,
            "variance": grouped.var().mean(axis=1),
            "deviation": deviation.where(n > 1),
        }
    )
    return result.reindex(np.unique(labels))


def _spearman_brown(variance: "pd.Series[float]", n_items: int, null: float) -> "pd.Series[float]":
    """Step agreement up to `n_items`; variance above the null counts as the null."""
    share = (variance / null).clip(upper=1)
    return n_items * (1 - share) / (n_items * (1 - share) + share)
