"""How far companies' gaps between two functions are more than noise: the reliability of the difference score."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.measure.icc import told, too_few
from survey.language import look_up, mark
from survey.responses import FUNCTIONS

Floats = NDArray[np.float64]

CHUNK = 2_000_000
"""Weights of resampled companies held in memory at once."""

FEW = mark("fewer than three companies with both functions")
ALONE = mark("no company has two respondents of a function: noise cannot be told from difference")
SAME = mark("the difference is the same in all companies")

GAP = "gap"
"""The mean of the constructs, for respondents who have them all."""


COLUMNS = [
    *("construct", "wave", "estimate", "conf_low", "conf_high", "r_first", "r_second", "correlation"),
    *("gap", "gap_low", "gap_high", "gap_sd", "n", "note"),
]


def difference_reliability(
    scores: pd.DataFrame,
    constructs: Sequence[str],
    *,
    rng: np.random.Generator,
    functions: tuple[str, str] = FUNCTIONS,
    resamples: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return how reliable the difference between two functions' means is, over the companies of each wave.

    With reliabilities r_x and r_y of the means, variances v_x and v_y over companies and their covariance c:
    ``(v_x r_x + v_y r_y - 2 c) / (v_x + v_y - 2 c)`` (Johns 1981). As ``v (1 - r)`` is the noise of a mean, the
    pooled variance within companies over the number of respondents, this is one minus the mean noise over the
    variance of the differences. Two functions that see much the same leave differences of noise.

    The interval draws companies with all their respondents, and mirrors the logarithm of the share of noise.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    constructs
        Columns of `scores`; `GAP`, their mean, is added.
    rng
        Source of the resamples.
    functions
        The two that are compared.
    resamples
        How many.
    level
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame
        construct, wave, estimate (up to 1; below 0 the differences are smaller than noise alone would make them),
        conf_low, conf_high, r_first, r_second (reliability of each function's means), correlation (of the means
        over companies), gap (mean over companies of second minus first, in the units of the scores), gap_low,
        gap_high (t interval over companies), gap_sd (standard deviation of the gap over companies without its
        noise), n (companies with both functions), note (what is absent and why, empty else).

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("aabbcc") * 2, "wave": 2025,
    ...                        "function": ["sales"] * 6 + ["marketing"] * 6,
    ...                        "trust": [40.0, 44, 60, 64, 50, 54, 70, 74, 61, 65, 40, 44]})
    >>> found = difference_reliability(scores, ["trust"], rng=np.random.default_rng(1))
    >>> found["estimate"].round(3).tolist()
    [0.981, 0.981]
    """
    means = scores[list(constructs)].mean(axis=1, skipna=False)
    answers = scores[["company", "wave", "function", *constructs]].assign(**{GAP: means})
    rows = [
        {"construct": name, "wave": wave, **_row(_sums(of_wave, name, functions), resamples, level, rng=rng)}
        for wave, of_wave in answers.groupby("wave", sort=True)
        for name in (*constructs, GAP)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _sums(answers: pd.DataFrame, name: str, functions: tuple[str, str]) -> Floats:
    """Return what the reliability is made of, one row per company: sums over companies give all of it."""
    grouped = answers.astype({name: "float64"}).groupby(["function", "company"])[name]
    table = pd.DataFrame({"n": grouped.count(), "mean": grouped.mean(), "variance": grouped.var()})
    companies = pd.Index(sorted(answers["company"].unique()), name="company")
    x, y = (table[table.index.isin([f], level=0)].droplevel(0).reindex(companies) for f in functions)
    both = (x["mean"].notna() & y["mean"].notna()).to_numpy()
    level = answers[name].mean()
    parts = [both.astype(np.float64)]
    m_x, m_y = (np.where(both, side["mean"] - level, 0.0) for side in (x, y))
    parts += [m_x, m_y, m_x**2, m_y**2, m_x * m_y]
    parts += [np.where(both, 1 / side["n"].where(side["n"] > 0), 0.0) for side in (x, y)]
    degrees = [(side["n"].fillna(0) - 1).clip(lower=0).to_numpy() for side in (x, y)]
    parts += [side["variance"].fillna(0).to_numpy() * df for side, df in zip((x, y), degrees, strict=True)]
    return np.column_stack([*parts, *degrees])


def _moments(sums: Floats) -> tuple[Floats, ...]:
    """Return variance of x, of y, their covariance, and the mean noise of x and of y, from sums over companies."""
    n, x, y, xx, yy, xy, share_x, share_y, within_x, within_y, df_x, df_y = np.moveaxis(sums, -1, 0)
    several, n = np.where(n > 1, n - 1, np.nan), np.maximum(n, 1)
    variances = [(square - a * b / n) / several for square, a, b in ((xx, x, x), (yy, y, y), (xy, x, y))]
    noises = [
        within / np.where(df > 0, df, np.nan) * share / n
        for within, df, share in ((within_x, df_x, share_x), (within_y, df_y, share_y))
    ]
    return (*variances, *noises)


def _row(sums: Floats, resamples: int, level: float, *, rng: np.random.Generator) -> dict[str, float | str]:
    """Return the columns of one construct and wave."""
    n = int(sums[:, 0].sum())
    v_x, v_y, c, noise_x, noise_y = _moments(sums.sum(axis=0))
    variance, noise = v_x + v_y - 2 * c, noise_x + noise_y
    scale = np.nanmax([v_x + v_y, 0.0])
    note = look_up(SAME) if not variance > 1e-20 * scale else ""
    note = look_up(FEW) if n < 3 else look_up(ALONE) if np.isnan(noise) else note
    row: dict[str, float | str] = {"n": n, "note": note, **_gap(sums, variance, level)}
    if note:
        return row
    row["gap_sd"] = float(np.sqrt(np.maximum(variance - noise, 0.0)))
    row |= {"r_first": _one_minus(noise_x, v_x), "r_second": _one_minus(noise_y, v_y)}
    row["correlation"] = float(c / np.sqrt(v_x * v_y)) if v_x * v_y > 0 else np.nan
    share = noise / variance
    row["conf_low"], row["conf_high"] = _interval(sums, share, resamples, level, rng=rng)
    row["estimate"] = float(1 - share)
    return row


def told_reliability(table: pd.DataFrame) -> pd.DataFrame:
    """Return `difference_reliability` as it is shown: reliabilities 0 where negative, absent of too few companies."""
    clear = table["conf_low"] > 0
    few = table["n"].map(too_few).where(table["estimate"].notna() & ~clear, "")
    names = ["estimate", "conf_low", "conf_high", "r_first", "r_second"]
    shown = {name: told(table[name], table["n"], clear=clear) for name in names}
    return table.assign(**shown, below=table["estimate"] < 0, note=table["note"].mask(few.ne(""), few))


def _gap(sums: Floats, variance: Floats, level: float) -> dict[str, float]:
    """Return the mean difference over companies and its t interval, which needs two companies."""
    n, first, second = (float(total) for total in sums[:, :3].sum(axis=0))
    gap = (second - first) / n if n > 0 else np.nan
    error = float(np.sqrt(np.maximum(variance, 0.0) / n)) if n > 1 else np.nan
    reach = float(stats.t.ppf((1 + level) / 2, max(n - 1, 1))) * error
    return {"gap": gap, "gap_low": gap - reach, "gap_high": gap + reach}


def _one_minus(noise: Floats, variance: Floats) -> float:
    return float(1 - noise / variance) if variance > 0 else np.nan


def _interval(
    sums: Floats, share: Floats, resamples: int, level: float, *, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the ends of the interval of one minus the share of noise; 1 to 1 where there is no noise."""
    companies = len(sums)
    if share <= 0:
        return 1.0, 1.0
    size = max(1, CHUNK // companies)
    drawn = np.concatenate(
        [
            rng.multinomial(companies, np.full(companies, 1 / companies), size=count) @ sums
            for count in np.diff([*range(0, resamples, size), resamples])
        ]
    )
    v_x, v_y, c, noise_x, noise_y = _moments(drawn)
    n = max(int(sums[:, 0].sum()), 2)
    # Resampled companies vary less than companies do, by (n - 1) / n.
    variance, noise = (v_x + v_y - 2 * c) * n / (n - 1), noise_x + noise_y
    # Resamples of one company many times, or of companies with one respondent only, say nothing.
    known = (variance > 0) & (noise > 0)
    logs = np.log(noise[known] / variance[known])
    # Percentiles are too near for few companies; these are as far out as those of t (Hesterberg 2015).
    tail = stats.norm.cdf(-np.sqrt(n / (n - 1)) * stats.t.ppf((1 + level) / 2, n - 1))
    low, high = (1 - np.exp(2 * np.log(share) - np.quantile(logs, at)) for at in (tail, 1 - tail))
    return float(low), float(high)
