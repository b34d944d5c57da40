"""Is agreement more than chance: rwg(j) and AD against simulated answers at random."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.measure.agreement import GROUP, scale_of
from analysis.measure.null_distributions import Shape, null_shares
from survey.instrument import Scale
from survey.language import look_up, mark
from survey.responses import Responses

Floats = NDArray[np.float64]

CHUNK = 4_000_000
"""Simulated answers held in memory at once."""
POINTS = 101
"""Points that stand for a scale where answers between the points are allowed."""

FEW = mark("fewer than two informants: nothing to test")


def agreement_significance(
    responses: Responses,
    table: pd.DataFrame,
    *,
    rng: np.random.Generator,
    shape: Shape = "uniform",
    draws: int = 10_000,
) -> pd.DataFrame:
    """Test whether informants agree more than people who answer at random.

    As many informants as a company has answer at random, `draws` times; the p-value is the share of draws with
    as little spread as observed, the observed counted as one of them (Dunlap, Burke & Smith-Crowe 2003). Where a
    construct has several items, the random answers of one person go together as those of real people do within
    their companies: independent items would find agreement too often (Cohen, Doveh & Nahum-Shani 2009).

    Parameters
    ----------
    responses
        Clean answers.
    table
        From `agreement` on the same answers.
    rng
        Source of the answers at random.
    shape
        How they are distributed, see `null_shares`.
    draws
        How many groups are simulated for each number of informants and construct.

    Returns
    -------
    DataFrame
        company, wave, function, construct, n, n_items, item_r (correlation of the items within companies that
        the random answers have, 0 for one item), p_value (of the mean item variance, and so of rwg(j) and
        r*wg(j)), p_ad (of AD), note (why there is no test, empty else). Rows as in `table`.
    """
    columns = table[[*GROUP, "construct", "n", "n_items"]]
    parts = []
    for construct in table["construct"].unique():
        of = table[table["construct"] == construct]
        item_r = within_correlation(responses, construct)
        p_values = _p_values(of, scale_of(responses, construct), item_r, shape, draws=draws, rng=rng)
        parts.append(p_values.assign(item_r=item_r))
    if not parts:
        return columns.assign(item_r=np.nan, p_value=np.nan, p_ad=np.nan, note="")
    note = pd.Series(np.where(columns["n"] > 1, "", look_up(FEW)), index=columns.index)
    found = columns.join(pd.concat(parts)).assign(note=note)
    return found[[*columns, "item_r", "p_value", "p_ad", "note"]]


def simulate_spread(
    n: int,
    *,
    n_items: int,
    scale: Scale,
    rng: np.random.Generator,
    shape: Shape = "uniform",
    item_r: float = 0.0,
    draws: int = 10_000,
) -> tuple[Floats, Floats]:
    """Return mean item variance and AD of groups that answer at random, both sorted.

    Answers are cut from normal scores with one common factor, so that items of a person correlate by `item_r`.

    Parameters
    ----------
    n, n_items
        Informants of a group, two or more, and items.
    scale
        Of the answers.
    rng
        Source of chance.
    shape
        Distribution of the answers.
    item_r
        Correlation of the items, 0 to below 1.
    draws
        Groups.

    Returns
    -------
    variance, deviation : ndarray
        `draws` values each. rwg(j) at the 95% level of Dunlap et al. is that of the 5th percentile of variance.

    Notes
    -----
    Agrees within simulation error with ``multilevel::rwg.sim`` and ``rwg.j.sim`` in R.

    Examples
    --------
    >>> variance, _ = simulate_spread(10, n_items=1, scale=Scale(min=1, max=5), rng=np.random.default_rng(1))
    >>> bool(0.05 < 1 - np.quantile(variance, 0.05) / 2 < 0.65)
    True
    """
    points = round(scale.max - scale.min) + 1 if scale.whole else POINTS
    shares, values = null_shares(points, shape), np.linspace(scale.min, scale.max, points)
    cuts = special.ndtri(np.cumsum(shares)[:-1].clip(0, 1))
    latent = latent_correlation(item_r, shares)
    size = max(1, CHUNK // (n * n_items))
    found = []
    for count in np.diff([*range(0, draws, size), draws]):
        factor = rng.normal(size=(n, count, 1)) if latent > 0 else 0.0
        own = rng.normal(size=(n, count, n_items))
        answers = values[np.searchsorted(cuts, np.sqrt(latent) * factor + np.sqrt(1 - latent) * own)]
        from_mean = np.abs(answers - answers.mean(axis=0)).mean(axis=0)
        found.append((answers.var(axis=0, ddof=1).mean(axis=1), from_mean.mean(axis=1)))
    variance, deviation = (np.sort(np.concatenate(part)) for part in zip(*found, strict=True))
    return variance, deviation


def latent_correlation(item_r: float, shares: Floats) -> float:
    """Return the correlation of normal scores that gives answers cut from them the correlation `item_r`.

    Examples
    --------
    >>> round(latent_correlation(0.5, np.full(5, 0.2)), 2), latent_correlation(0.0, np.full(5, 0.2))
    (0.55, 0.0)
    """
    if item_r <= 0:
        return 0.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    weights = weights / weights.sum()
    cuts, at = special.ndtri(np.cumsum(shares)[:-1].clip(0, 1)), np.arange(len(shares))
    total = shares @ at**2 - (shares @ at) ** 2
    grid = np.linspace(0, 0.99, 100)
    # Given the common factor the answers of a person are independent: what they share is the variance of their mean.
    above = special.ndtr(
        (np.sqrt(grid)[:, None, None] * nodes[:, None] - cuts) / np.sqrt(1 - grid)[:, None, None]
    )
    expected = above.sum(axis=2)
    shared = expected**2 @ weights - (expected @ weights) ** 2
    return float(np.interp(item_r, shared / total, grid))


def within_correlation(responses: Responses, construct: str) -> float:
    """Return the mean correlation of a construct's items within companies, waves and functions, at least 0.

    Deviations from the group's mean are pooled; reversed items are turned. 0 for one item, or where none vary.
    """
    items = [item for item in responses.items_of(construct) if responses.frame[item].notna().any()]
    rows = responses.frame[[*GROUP, *items]].dropna()
    if len(items) < 2 or len(rows) < 3:
        return 0.0
    away = rows[items] - rows.groupby(GROUP)[items].transform("mean")
    sign = np.array([-1.0 if responses.instrument.columns[item].reverse else 1.0 for item in items])
    spread = np.sqrt((away**2).sum().to_numpy())
    varying = spread > 1e-12
    if varying.sum() < 2:
        return 0.0
    unit = (away.to_numpy() * sign)[:, varying] / spread[varying]
    k = int(varying.sum())
    mean = float((unit.sum(axis=1) ** 2).sum() - k) / (k * (k - 1))
    return float(np.clip(mean, 0.0, 0.98))


def _p_values(
    table: pd.DataFrame, scale: Scale, item_r: float, shape: Shape, *, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return p_value and p_ad by row of `table`, which is of one construct."""
    result = pd.DataFrame(np.nan, index=table.index, columns=["p_value", "p_ad"])
    tested = table[table["n"] > 1]
    for n, n_items in (
        tested[["n", "n_items"]].drop_duplicates().sort_values(["n", "n_items"]).to_numpy().tolist()
    ):
        rows = tested.index[(tested["n"] == n) & (tested["n_items"] == n_items)]
        simulated = simulate_spread(
            n, n_items=n_items, scale=scale, rng=rng, shape=shape, item_r=item_r, draws=draws
        )
        for name, column, values in zip(("p_value", "p_ad"), ("variance", "ad"), simulated, strict=True):
            result.loc[rows, name] = _share_below(values, table.loc[rows, column].to_numpy())
    return result


def _share_below(simulated: Floats, observed: Sequence[float] | Floats) -> Floats:
    """Return the share of simulated values up to each observed one, which counts as one of them."""
    # Equal spreads may differ by the last binary digit.
    slack = 1e-9 * (1 + np.abs(observed))
    below = np.searchsorted(simulated, np.asarray(observed) + slack, side="right")
    return np.asarray((below + 1) / (len(simulated) + 1))
