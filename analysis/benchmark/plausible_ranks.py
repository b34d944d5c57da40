"""Plausible ranks: true scores drawn from what scores and their errors say together, and ranked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import Floats
from survey.problems import Problem, raise_if_any

DRAWS, BLOCK, NODES = 1_000, 100, 64

FEWEST = 4
"""Companies with an error below which nothing is known of how far companies differ."""

DECIMALS = 10
"""Scores that differ only by the order of a sum are equal."""

SLACK = 1e-9
"""A share that equals its cut but for floating point reaches it."""

CUTS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
"""Shares of companies at which the best class is cut, to see whether much hangs on the cut."""


@dataclass(frozen=True, slots=True, eq=False)
class PlausibleRanks:
    """Ranks of companies in each draw of their true scores.

    Parameters
    ----------
    ranks
        Draws x companies: how many, itself included, are not lower. 1 is the highest.
    known
        Which companies have an error, so that their own ranks vary as they should.
    weights
        What each company counts, 1 on average. Shares and percentiles are of the weight, ranks count companies.
    """

    ranks: NDArray[np.int32]
    known: NDArray[np.bool_]
    weights: Floats

    @property
    def size(self) -> int:
        """Companies ranked."""
        return int(self.ranks.shape[1])

    @property
    def first(self) -> NDArray[np.int32]:
        """Draws x companies: one more than are higher, the best of the ranks that companies which are level share."""
        if (self.ranks.sum(axis=1, dtype=np.int64) == self.size * (self.size + 1) // 2).all():
            return self.ranks
        return stats.rankdata(self.ranks, "min", axis=1).astype(np.int32)

    @property
    def not_lower(self) -> Floats:
        """Weight of those that are not lower than a company, itself included: draws x companies."""
        return self._weight_up_to(self.ranks)

    @property
    def not_higher(self) -> Floats:
        """Weight of those that are not higher than a company, itself included: draws x companies."""
        return np.asarray(self.weights.sum() - self._weight_up_to(self.first - 1), dtype=np.float64)

    def _weight_up_to(self, places: NDArray[np.int32]) -> Floats:
        """Weight of so many companies from the highest on, in each draw."""
        if not len(self.weights) or np.ptp(self.weights) == 0:
            return np.asarray(places, dtype=np.float64)
        found = np.empty(places.shape)
        for row, (ranks, place) in enumerate(zip(self.ranks, places, strict=True)):
            up_to = np.cumsum(self.weights[np.argsort(ranks, kind="stable")])
            found[row] = np.concatenate([[0.0], up_to])[place]
        return found

    def among_best(self, share: float) -> Floats:
        """Probability, 0-1, of each company to be among the best `share` of all; NaN without an error.

        As in `classify`, a company is in if it and all level with it fit into the share.
        """
        inside = (self.not_lower <= share * self.size + SLACK).mean(axis=0)
        return np.asarray(np.where(self.known, inside, np.nan), dtype=np.float64)

    def percentiles(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Ends of the central interval of each company's percentile among the others; NaN without an error.

        Companies that are level may stand in any order.
        """
        first, places = self.first, self.not_lower
        worst = self._ends(places, level)[1]
        places = places if first is self.ranks else self._weight_up_to(first - 1) + self.weights
        best = self._ends(places, level)[0]
        others = self.size - self.weights
        with np.errstate(invalid="ignore", divide="ignore"):
            low, high = (100 * (self.size - end) / others for end in (worst, best))
        return low.clip(0, 100), high.clip(0, 100)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Lowest and highest rank of the central interval; NaN without an error or without others.

        Companies that are level may stand in any order.
        """
        return self._ends(self.first, level)[0], self._ends(self.ranks, level)[1]

    def _ends(self, places: NDArray[np.int32] | Floats, level: float) -> tuple[Floats, Floats]:
        probabilities = [(1 - level) / 2, (1 + level) / 2]
        ends = np.quantile(places, probabilities, axis=0, method="inverted_cdf").astype(float)
        usable = self.known & (self.size > 1)
        return np.where(usable, ends[0], np.nan), np.where(usable, ends[1], np.nan)


def plausible_ranks(
    scores: Floats,
    errors: Floats,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
    weights: Floats | None = None,
) -> PlausibleRanks:
    """Draw true scores and rank them.

    The normal model with known errors: ``x_j ~ N(theta_j, s_j^2)``, ``theta_j ~ N(mu, tau^2)``, mu and tau
    with flat priors (Gelman 2006, Bayesian Analysis 1). A draw takes tau, then mu, then all theta, so that
    intervals know that the spread of few companies is itself uncertain; this is what empirical-Bayes
    shrinkage leaves out (Laird and Louis 1989). Ranks of shrunk scores would be too much alike; ranks are
    taken within each draw (Shen and Louis 1998). Intervals hold the true rank with the nominal probability on
    average over companies, not for each one; of 2,000 companies 95%, and 94% where true scores are skewed (Gumbel).

    With errors that informants' answers tell, as a panel has them (pooled over companies, `sampling_error`), intervals
    of the ranks of 40 companies hold 95 to 96 times in 100, and of companies said to be among the best fifth with
    probability p this share is:

    ================================================  ====  ====  ====  ====  ====
    p is about                                        0.39  0.57  0.72  0.85  0.94
    ================================================  ====  ====  ====  ====  ====
    informants of all companies alike                 0.38  0.54  0.74  0.91  0.91
    one to three informants of a function             0.42  0.56  0.70  0.83  0.82
    answers near the end of the scale                 0.40  0.65  0.83  0.94  0.95
    true scores skewed (exponential)                  0.40  0.61  0.76  0.91  0.95
    informants' deviation differs (lognormal, 0.25)   0.42  0.61  0.74  0.85  0.89
    informants' deviation differs (lognormal, 0.5)    0.46  0.67  0.80  0.81  0.82
    ================================================  ====  ====  ====  ====  ====

    In seven public data sets of people in groups the logarithm of that deviation has one of 0 to 0.24 over groups.

    Parameters
    ----------
    scores
        One per company.
    errors
        Their standard errors; a company without one (NaN) is taken as it stands by the others.
    rng
        Makes the draws.
    draws
        How many.
    weights
        What each company counts in shares and percentiles, in any unit; all the same if not said. The population
        that true scores come from is that of the companies, whatever they count.

    Returns
    -------
    PlausibleRanks
        Nobody is `known` where fewer than `FEWEST` companies have an error.

    Examples
    --------
    >>> found = plausible_ranks(np.array([90.0, 60, 58, 20, 50]), np.full(5, 3.0), rng=np.random.default_rng(1))
    >>> found.among_best(0.2).round(1).tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0]
    """
    # What is below the last digit of a score is no error.
    errors = errors.round(DECIMALS)
    known = np.isfinite(errors) & np.isfinite(scores)
    size, counts = np.count_nonzero(known), np.ones(len(scores)) if weights is None else relative(weights)
    if size < FEWEST:
        return PlausibleRanks(ranks_of(scores[None]), np.zeros(len(scores), dtype=bool), counts)
    taus, weights = likely_spreads(scores[known], errors[known])
    chosen = rng.choice(taus, size=draws, p=weights)
    ranks = np.empty((draws, len(scores)), dtype=np.int32)
    for start in range(0, draws, BLOCK):
        tau = chosen[start : start + BLOCK, None]
        true = np.broadcast_to(scores, (len(tau), len(scores))).copy()
        true[:, known] = _true_scores(scores[known], errors[known], tau, rng)
        ranks[start : start + BLOCK] = ranks_of(true)
    return PlausibleRanks(ranks, known, counts)


def membership(
    frame: pd.DataFrame, score: str, error: str, *, rng: np.random.Generator, cuts: Sequence[float] = CUTS
) -> pd.DataFrame:
    """Probability of each company to be in the best class, under several cuts.

    Parameters
    ----------
    frame
        One row per company of one wave: company, `score`, `error` and, where companies count differently, ``weight``.
    score, error
        Columns: the score, and its standard error.
    rng
        Makes the draws.
    cuts
        Shares of the companies, or of their weight, above 0 and below 1, that make the class.

    Returns
    -------
    DataFrame
        ``company, cut, observed`` (is in the class by its score), ``probability`` (0-1), ``note``, one row per
        company with a score and cut.

    Raises
    ------
    InputError
        If a cut is impossible.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcde"), "x": [90.0, 60, 58, 20, 50], "se": 3.0})
    >>> table = membership(frame, "x", "se", rng=np.random.default_rng(1), cuts=[0.2])
    >>> table[["company", "observed", "probability"]].round(1).values.tolist()[0]
    ['a', True, 1.0]
    """
    raise_if_any(
        Problem("the cut is impossible", value=f"{cut:g}", allowed="a share above 0 and below 1")
        for cut in cuts
        if not 0 < cut < 1
    )
    there = frame[frame[score].notna()].sort_values("company", ignore_index=True)
    values, errors = (there[name].to_numpy(dtype=float) for name in (score, error))
    weights = there["weight"].to_numpy(dtype=float) if "weight" in there else np.ones(len(there))
    found = plausible_ranks(values, errors, rng=rng, weights=weights)
    place = replace(found, ranks=ranks_of(values[None])).not_lower[0]
    note = np.where(found.known, "", NO_ERROR if found.known.any() else TOO_FEW)
    parts = [
        pd.DataFrame({
            "company": there["company"], "cut": cut, "observed": place <= cut * len(there) + SLACK,
            "probability": found.among_best(cut), "note": pd.Series(note, dtype="str"),
        })
        for cut in cuts
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).sort_values(["company", "cut"], ignore_index=True)


NO_ERROR = "no probability: the sampling error of its index is not known"
TOO_FEW = f"no probability: fewer than {FEWEST} companies have a sampling error"


def likely_spreads(scores: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Return values of tau and their weights: the likelihood with mu integrated out, tau flat."""
    deviation = scores.std(ddof=1)
    if deviation <= 1e-9 * max(1.0, float(np.abs(scores).max())) and not errors.any():
        return np.zeros(1), np.ones(1)
    # The spread of the true scores is at most that of the scores, times what chance may take from few of them.
    widest = deviation * np.sqrt((len(scores) - 1) / stats.chi2.ppf(1e-4, len(scores) - 1))
    taus = np.linspace(0, max(widest, errors.mean() / 10), NODES)
    taus = taus if errors.all() else taus[1:]
    fit = np.array([_log_likelihood(scores, errors, tau) for tau in taus])
    return _narrowed(scores, errors, taus, fit)


def _narrowed(scores: Floats, errors: Floats, taus: Floats, fit: Floats) -> tuple[Floats, Floats]:
    """Lay the nodes anew where the likelihood is."""
    near = np.flatnonzero(fit > fit.max() - 20)
    step = taus[1] - taus[0]
    low, high = max(taus[near[0]] - step, taus[0]), taus[near[-1]] + step
    fine = np.linspace(low, high, NODES)
    again = np.array([_log_likelihood(scores, errors, tau) for tau in fine])
    weights = np.exp(again - again.max())
    return fine, weights / weights.sum()


def _log_likelihood(scores: Floats, errors: Floats, tau: float) -> float:
    variance = tau**2 + errors**2
    precision = 1 / variance
    mu = precision @ scores / precision.sum()
    return float(-0.5 * (np.log(variance).sum() + np.log(precision.sum()) + precision @ (scores - mu) ** 2))


def _true_scores(scores: Floats, errors: Floats, tau: Floats, rng: np.random.Generator) -> Floats:
    """One draw of all true scores per value of tau."""
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = 1 / (tau**2 + errors**2)
        total = precision.sum(axis=1, keepdims=True)
        drawn_mu = precision @ scores[:, None] / total + rng.standard_normal(tau.shape) / np.sqrt(total)
        kept = tau**2 * precision
    centre = drawn_mu + kept * (scores - drawn_mu)
    drawn = centre + errors * np.sqrt(kept) * rng.standard_normal(centre.shape)
    return np.asarray(np.where(errors > 0, drawn, scores))


def relative(weights: Floats) -> Floats:
    """Weights that are 1 on average; all 1 where nobody has any.

    Examples
    --------
    >>> relative(np.array([1.0, 3.0])).tolist()
    [0.5, 1.5]
    """
    mean = float(weights.mean()) if len(weights) else 0.0
    return weights / mean if mean > 0 else np.ones(len(weights))


def ranks_of(values: Floats) -> NDArray[np.int32]:
    """Rank of each value in its row, 1 for the highest; equal values get the largest rank among them.

    Examples
    --------
    >>> ranks_of(np.array([[50.0, 70.0, 50.0]])).tolist()
    [[3, 1, 3]]
    """
    return stats.rankdata(-values.round(DECIMALS), method="max", axis=1).astype(np.int32)
