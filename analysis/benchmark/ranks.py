"""Confidence sets for ranks: every rank that the data cannot rule out, for one company or for all at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.benchmark.plausible_ranks import DECIMALS
from analysis.benchmark.rank_criticals import all_pairs, critical_values
from analysis.infer.columns import Codes, Floats
from survey.problems import Problem, raise_if_any

EXACT, LEVELS = 120, 64
"""Up to so many different standard errors are taken as they are; more of them are rounded up to so many levels."""

PAIRWISE = 120
"""Up to so many companies the critical value of all pairs is drawn and stepped down; beyond it is Tukey's."""

DRAWS, BLOCK = 4_000, 100


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Scores by level of their standard error.

    `errors` are the levels, `of` the level of each company, `ordered` the sorted scores of each level.
    """

    scores: Floats
    errors: Floats
    of: Codes
    ordered: tuple[Floats, ...]

    def apart(self, companies: Codes, critical: Floats) -> tuple[Floats, Floats]:
        """Count the others that are surely below and surely above, companies (all of one level) x levels."""
        own, score = self.errors[self.of[companies[0]]], self.scores[companies]
        below, above = np.zeros((2, len(companies), len(self.errors)))
        for level, values in enumerate(self.ordered):
            reach = critical * np.hypot(own, self.errors[level])
            below[:, level] = np.searchsorted(values, score - reach, side="left")
            above[:, level] = len(values) - np.searchsorted(values, score + reach, side="right")
        return below, above


def compared(scores: Floats, errors: Floats) -> Compared:
    """Sort scores by level of their error.

    Parameters
    ----------
    scores
        One per company.
    errors
        Their standard errors, at least 0. If more than `EXACT` differ they are rounded up to `LEVELS` on a
        logarithmic grid: an error too large by at most one step never makes a symmetric set cover less (Anderson 1955).

    Raises
    ------
    InputError
        If a score is not a number or an error is not a number of at least 0.
    """
    bad = ~np.isfinite(scores) | ~np.isfinite(errors) | ~(errors >= 0)
    raise_if_any(
        [Problem("ranks need a score and a standard error of each company", value=f"{int(bad.sum())} without",
                 allowed="numbers, and errors of at least 0")] if bad.any() else []
    )  # fmt: skip
    rounded = scores.round(DECIMALS)
    levels, of = np.unique(errors.round(DECIMALS), return_inverse=True)
    if len(levels) > EXACT:
        grid = np.geomspace(levels[levels > 0][0], levels[-1], LEVELS)
        of = np.minimum(np.searchsorted(grid, levels), LEVELS - 1)[of]
        levels, of = grid[np.unique(of)], np.unique(of, return_inverse=True)[1]
    ordered = tuple(np.sort(rounded[of == level]) for level in range(len(levels)))
    return Compared(rounded, levels, of.astype(np.int64), ordered)


def marginal_ranks(scores: Floats, errors: Floats, *, level: float = 0.95) -> tuple[Codes, Codes]:
    """Smallest and largest rank that the data do not rule out, company by company.

    A company's score is compared with those of all others, each way; those surely above push its best rank
    down, those surely below pull its worst rank up (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of
    Economic Studies 91: pairwise differences with stepdown). The set covers the company's true rank with at
    least the probability `level`, whatever the other companies' true scores and ties.

    Parameters
    ----------
    scores
        One per company; 1 is the rank of the highest. Errors are independent and normal.
    errors
        Their standard errors.
    level
        0-1.

    Returns
    -------
    tuple of ndarray
        Lower and upper rank, 1 to n.

    Raises
    ------
    InputError
        As `compared`.

    Notes
    -----
    Agrees with R ``csranks::csranks(x, diag(s^2), simul = FALSE)``, whose critical value is drawn and here
    is integrated. Beyond `EXACT` different errors see `compared`.

    Examples
    --------
    >>> low, high = marginal_ranks(np.array([90.0, 60, 58, 20]), np.full(4, 3.0))
    >>> list(zip(low.tolist(), high.tolist()))
    [(1, 1), (2, 3), (2, 3), (4, 4)]
    """
    n = len(scores)
    low, high = np.ones(n, dtype=np.int64), np.full(n, n, dtype=np.int64)
    if n > 1:
        of_levels = compared(scores, errors)
        for at in range(len(of_levels.errors)):
            companies = np.flatnonzero(of_levels.of == at)
            below, above = _stepped_down(of_levels, companies, level)
            low[companies], high[companies] = 1 + above, n - below
    return low, high


def simultaneous_ranks(
    scores: Floats, errors: Floats, *, rng: np.random.Generator, level: float = 0.95
) -> tuple[Codes, Codes]:
    """Ranks that the data do not rule out, for all companies at once.

    All sets together cover all true ranks with at least the probability `level`. Up to `PAIRWISE` companies
    the critical value is drawn, and stepped down as the paper does; beyond, it is that of Tukey and Kramer.

    Parameters
    ----------
    scores, errors, level
        As in `marginal_ranks`.
    rng
        Draws the errors of few companies.

    Notes
    -----
    Agrees with R ``csranks::csranks(x, diag(s^2), simul = TRUE)`` but for the draws; beyond `PAIRWISE`
    companies with its ``stepdown = FALSE``.

    Examples
    --------
    >>> low, high = simultaneous_ranks(np.array([90.0, 60, 58, 20]), np.full(4, 3.0), rng=np.random.default_rng(1))
    >>> list(zip(low.tolist(), high.tolist()))
    [(1, 1), (2, 3), (2, 3), (4, 4)]
    """
    n, of_levels = len(scores), compared(scores, errors)
    if n < 2:
        return np.ones(n, dtype=np.int64), np.ones(n, dtype=np.int64)
    if n <= PAIRWISE:
        higher = _drawn(of_levels, rng, level)
        return 1 + higher.sum(axis=0), n - higher.sum(axis=1)
    low, high, critical = np.ones(n, dtype=np.int64), np.full(n, n), all_pairs(n, level=level)
    for at in range(len(of_levels.errors)):
        companies = np.flatnonzero(of_levels.of == at)
        below, above = of_levels.apart(companies, np.full(len(companies), critical))
        low[companies], high[companies] = 1 + above.sum(axis=1), n - below.sum(axis=1)
    return low, high


def _stepped_down(of_levels: Compared, companies: Codes, level: float) -> tuple[Floats, Floats]:
    """Count who is surely below and above; comparisons that are decided one way need no more room that way."""
    own, errors = of_levels.errors[of_levels.of[companies[0]]], of_levels.errors
    others = np.array([len(values) for values in of_levels.ordered], dtype=float)
    others[of_levels.of[companies[0]]] -= 1
    both = np.stack([others, 0 * others, 0 * others])[None]
    widest = float(stats.norm.ppf(1 - (1 - level) / (2 * others.sum()))) + 1e-6
    narrowest = float(stats.norm.ppf(level))
    first, one_way = (
        _refined(own, errors, counts, level=level, between=(narrowest, widest))
        for counts in (both, both[:, [1, 0, 2]])
    )
    critical = np.full(len(companies), first)
    below, above = of_levels.apart(companies, critical)
    moving = np.arange(len(companies))[(below + above).sum(axis=1) > 0]
    while len(moving):
        counts = np.stack([others - below[moving] - above[moving], below[moving], above[moving]], axis=1)
        critical[moving] = critical_values(
            own, errors, counts, level=level, between=(min(one_way, first) - 1e-3, first), nodes=4
        )
        more_below, more_above = of_levels.apart(companies[moving], critical[moving])
        gained = (more_below + more_above).sum(axis=1) > (below + above)[moving].sum(axis=1)
        below[moving], above[moving] = more_below, more_above
        moving = moving[gained]
    return below.sum(axis=1), above.sum(axis=1)


def _refined(
    own: float, errors: Floats, counts: Floats, *, level: float, between: tuple[float, float]
) -> float:
    """Find one critical value, coarsely and then near by."""
    near = critical_values(own, errors, counts, level=level, between=between, nodes=9).item()
    width = (between[1] - between[0]) / 24
    return critical_values(
        own, errors, counts, level=level, between=(max(near - width, 0.1), near + width), nodes=4
    ).item()


def _drawn(of_levels: Compared, rng: np.random.Generator, level: float) -> NDArray[np.bool_]:
    """Tell which company (row) is surely higher than which (column)."""
    order = np.lexsort((of_levels.errors[of_levels.of], of_levels.scores))
    scores, errors = of_levels.scores[order], of_levels.errors[of_levels.of][order]
    noise = rng.standard_normal((DRAWS, len(order))) * errors
    spread = np.hypot(errors[:, None], errors)
    away = scores[:, None] - scores
    certain = (spread == 0) & (away > 0)
    left = spread > 0
    np.fill_diagonal(left, False)
    higher: NDArray[np.bool_] = certain
    while left.any():
        critical = np.quantile(_largest(noise, spread, left), level)
        rejected = left & (away > critical * spread)
        if not rejected.any():
            break
        higher, left = higher | rejected, left & ~rejected
    back = np.argsort(order)
    return np.asarray(higher[np.ix_(back, back)], dtype=bool)


def _largest(noise: Floats, spread: Floats, left: NDArray[np.bool_]) -> Floats:
    """Largest standardised difference of each draw among the pairs that are left."""
    first, second = np.nonzero(left)
    scale, found = spread[first, second], np.empty(len(noise))
    for start in range(0, len(noise), BLOCK):
        part = noise[start : start + BLOCK]
        found[start : start + BLOCK] = ((part[:, first] - part[:, second]) / scale).max(axis=1)
    return found
