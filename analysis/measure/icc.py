"""How far informants stand for their company: ICC(1), ICC(2), their intervals, and how many informants it takes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.measure.one_way import CELL, Floats, OneWay, one_way
from analysis.measure.variance_ratio import theta_interval, theta_reml
from survey.language import look_up, mark, say_n

NOBODY = mark("nobody answered")
FEW_COMPANIES = mark("needs two companies")
ALONE = mark("no company has two informants")
ALIKE = mark("the companies do not differ")
FLAT = mark("the informants of a company never differ: no interval")
FEWEST_COMPANIES = 10
"""Companies below which a reliability over companies is told only where they differ clearly: the variance of so few
hardly tells how much companies differ (fewer than nine degrees of freedom)."""


def told(values: ArrayLike, companies: ArrayLike, *, clear: ArrayLike = False) -> Floats:
    """Return a reliability as it is shown: 0 where it is negative, NaN where too few companies were asked.

    `clear` tells where companies differ beyond chance, so that a few of them say something.

    A negative one says that companies differ less than noise alone would make them, which no true reliability can;
    it is set to 0 as rwg(j) is (LeBreton & Senter 2008).

    Examples
    --------
    >>> told([-10.69, 0.4, 0.4], [30, 30, 6]).tolist()
    [0.0, 0.4, nan]
    """
    known = (np.asarray(companies) >= FEWEST_COMPANIES) | np.asarray(clear, dtype=bool)
    return np.where(known, np.maximum(np.asarray(values, dtype=np.float64), 0.0), np.nan)


def too_few(companies: float) -> str:
    """Say why a reliability over companies is not told, "" where it is."""
    if companies >= FEWEST_COMPANIES:
        return ""
    return say_n(
        companies,
        "cannot be estimated from {n} company that do not differ clearly, it takes {fewest}",
        "cannot be estimated from {n} companies that do not differ clearly, it takes {fewest}",
        n=f"{companies:.0f}",
        fewest=FEWEST_COMPANIES,
    )


def icc(scores: pd.DataFrame, constructs: Sequence[str], *, level: float = 0.95) -> pd.DataFrame:
    """Return ICC(1) and ICC(2) of each construct within each function and wave.

    From the one-way analysis of variance with companies as groups (Bliese 2000):
    ``ICC(1) = (MSB - MSW) / (MSB + (k - 1) MSW)``, how far one informant stands for the company, and
    ``ICC(2) = (MSB - MSW) / MSB``, how reliable the mean of k informants is; k is the mean group size. Can
    be negative. With unequal group sizes the analysis of variance asks for k = n0 instead of the mean
    (`icc1_n0`), and restricted maximum likelihood weighs companies by what they tell (`icc1_reml`).

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    constructs
        Columns of `scores`.
    level
        Confidence level of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        construct, function, wave, icc1, icc2, n (respondents), groups (companies), k, note (what is absent and
        why; empty else), icc1_low, icc1_high, icc2_low, icc2_high (exact for normal scores, see
        `theta_interval`; of ICC(2) for k informants), n0, icc1_n0, icc1_reml, icc2_reml (for k informants),
        mean_reliability (mean over companies of the reliability of their own means), f, df1, df2, p_value
        (of the F test that companies do not differ).

    Notes
    -----
    Agrees with ``multilevel::ICC1(aov(x ~ as.factor(group)))`` and ``ICC2`` in R; icc1_reml and icc2_reml with
    ``multilevel::mult.icc``, mean_reliability with the mean of ``multilevel::gmeanrel``. The intervals are those
    of Searle (1971) and of McGraw and Wong (1996) where group sizes are equal, and Wald's (1940) where not.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("aabb"), "function": "sales", "wave": 2025,
    ...                        "trust": [50.0, 60, 80, 90]})
    >>> icc(scores, ["trust"]).loc[0, ["icc1", "icc2", "k"]].round(4).to_dict()
    {'icc1': 0.8947, 'icc2': 0.9444, 'k': 2.0}
    """
    model = one_way(scores, constructs)
    cells, (msb, msw) = model.cells, model.mean_squares
    k = (cells["n"] / cells["groups"].where(cells["groups"] > 0)).to_numpy()
    theta, (low, high) = theta_reml(model), theta_interval(model, level=level)
    rho = _share(theta)
    table = cells[CELL].assign(
        icc1=_icc1(msb, msw, k),
        icc2=(msb - msw) / np.where(msb > 0, msb, np.nan),
        n=cells["n"],
        groups=cells["groups"],
        k=k,
        note=_notes(model),
        icc1_low=_share(low),
        icc1_high=_share(high),
        icc2_low=mean_reliability(_share(low), k),
        icc2_high=mean_reliability(_share(high), k),
        n0=cells["n0"],
        icc1_n0=_icc1(msb, msw, cells["n0"].to_numpy()),
        icc1_reml=rho,
        icc2_reml=mean_reliability(rho, k),
        mean_reliability=_mean_of_companies(model, rho),
    )
    return table.join(_f_test(model))


def mean_reliability(icc1: ArrayLike, n: ArrayLike) -> Floats:
    """Return the reliability of the mean of n informants, ``n ICC(1) / (1 + (n - 1) ICC(1))`` (Spearman-Brown).

    Parameters
    ----------
    icc1
        ICC(1), up to 1.
    n
        Informants, 1 or more.

    Returns
    -------
    ndarray
        Up to 1; of the shape of the arguments.

    Notes
    -----
    Agrees with ``multilevel::gmeanrel`` in R.

    Examples
    --------
    >>> mean_reliability([0.1, 0.25], 2).round(2).tolist()
    [0.18, 0.4]
    """
    one, size = np.asarray(icc1, dtype=np.float64), np.asarray(n, dtype=np.float64)
    below = 1 + (size - 1) * one
    return np.asarray(size * one / np.where(below > 0, below, np.nan))


def informants_needed(icc1: ArrayLike, *, target: float = 0.7) -> Floats:
    """Return how many informants a company needs for ICC(2) to reach a target (Spearman-Brown).

    Parameters
    ----------
    icc1
        ICC(1).
    target
        ICC(2) to reach, above 0 and below 1.

    Returns
    -------
    ndarray
        Whole numbers of 1 or more; infinite where ICC(1) is 0 or less: no number is enough. NaN where it is
        not known.

    Examples
    --------
    >>> informants_needed([0.05, 0.1, 0.54, 0.0]).tolist()
    [45.0, 21.0, 2.0, inf]
    """
    one = np.asarray(icc1, dtype=np.float64)
    positive = one > 0
    odds = target / (1 - target) * (1 - one) / np.where(positive, one, 1.0)
    needed = np.maximum(np.ceil(odds - 1e-9), 1.0)
    return np.asarray(np.where(positive | np.isnan(one), needed, np.inf))


def _icc1(msb: Floats, msw: Floats, k: Floats) -> Floats:
    spread = msb + (k - 1) * msw
    return np.asarray((msb - msw) / np.where(spread > 0, spread, np.nan))


def _share(theta: Floats) -> Floats:
    """Return ICC(1) of a ratio of variances."""
    return np.where(np.isinf(theta), 1.0, theta / np.where(np.isinf(theta), 1.0, 1 + theta))


def _mean_of_companies(model: OneWay, rho: Floats) -> Floats:
    """Return the mean over companies of the reliability of their own means."""
    cell, n = model.companies["cell"].to_numpy(), model.companies["n"].to_numpy()
    total = np.bincount(cell, weights=mean_reliability(rho[cell], n), minlength=len(model.cells))
    return np.asarray(total / np.maximum(model.cells["groups"].to_numpy(), 1))


def _notes(model: OneWay) -> "pd.Series[str]":
    n, groups = model.cells["n"], model.cells["groups"]
    note = pd.Series("", index=n.index, dtype="str").mask(model.cells["within"] <= 0, look_up(FLAT))
    note = note.mask(model.cells["between"] <= 0, look_up(ALIKE)).mask(n == groups, look_up(ALONE))
    return note.mask(groups < 2, look_up(FEW_COMPANIES)).mask(n == 0, look_up(NOBODY))


def _f_test(model: OneWay) -> pd.DataFrame:
    msb, msw = model.mean_squares
    f = msb / np.where(msw > 0, msw, np.nan)
    df1, df2 = (model.cells["groups"] - 1).clip(lower=0), model.cells["n"] - model.cells["groups"]
    p = stats.f.sf(f, df1.where(df1 > 0), df2.where(df2 > 0))
    # Nobody differs from the others of the company, but companies do: chance would never make that.
    p = np.where((msw <= 0) & (msb > 0) & (df1 > 0) & (df2 > 0), 0.0, p)
    return pd.DataFrame({"f": f, "df1": df1, "df2": df2, "p_value": p}, index=model.cells.index)
