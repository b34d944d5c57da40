"""Norms that can be handed to anyone: no number of them is the value of one company."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.benchmark.neighbours import group_sizes, neighbours
from analysis.infer.columns import Floats

DECIMALS = 2
"""Published means of groups are rounded to hundredths of a point."""

STRICTER = 4
"""Quantiles need so many times the companies that a mean needs: else they are the scores of single ones."""


GROUPS = 3
"""Groups of neighbours below which there is no distribution to speak of."""


@dataclass(frozen=True, slots=True)
class Norm:
    """How a score is distributed over companies, in means of neighbours.

    Parameters
    ----------
    n, mean, sd
        Companies, and their mean and standard deviation, weighted where companies are.
    steps
        Means of groups of neighbouring companies, the lowest first; empty where there are too few companies. Each
        stands for the share of the weight that it would have of the number (`group_sizes`); joined groups repeat.
    """

    n: int
    mean: float
    sd: float
    steps: tuple[float, ...] = ()

    @property
    def places(self) -> tuple[Floats, Floats]:
        """Distinct steps, and the share of the companies or their weight, 0 to 1, up to the middle of each."""
        sizes = group_sizes(self.n, len(self.steps)).astype(np.float64)
        levels, at = np.unique(np.array(self.steps), return_inverse=True)
        size = np.bincount(at, weights=sizes)
        return levels, np.asarray((np.cumsum(size) - size / 2) / self.n, dtype=np.float64)

    @property
    def median_ends(self) -> tuple[float, float]:
        """Ends of the 95% interval of the median: the quantiles at the ranks of the binomial, read off the steps.

        NaN below nine companies, as in `analysis.benchmark.norms.percentile`. They hold where companies count alike.

        Examples
        --------
        >>> low, high = norm_of(np.arange(1.0, 101.0), minimum=5).median_ends
        >>> round(low, 1), round(high, 1)
        (40.0, 61.0)
        """
        first, last = (float(stats.binom.ppf(end, self.n, 0.5)) for end in (0.025, 0.975))
        if not 1 < first <= last < self.n - 1:
            return float("nan"), float("nan")
        low, high = self.quantile([(first - 0.5) / self.n, (last + 0.5) / self.n]).tolist()
        return low, high

    def percentile(self, values: ArrayLike) -> Floats:
        """Percentile of values, 0 to 100: on straight lines between the steps.

        Beyond the first and the last step the distribution goes on as a normal one with its standard deviation.

        Examples
        --------
        >>> norm = norm_of(np.arange(1.0, 101.0), minimum=5)
        >>> norm.percentile([50.5, 10.5, 90.5]).round(1).tolist()
        [50.0, 10.0, 90.0]
        """
        x = np.asarray(values, dtype=np.float64)
        if not self.steps:
            return np.full(x.shape, np.nan)
        levels, shares = self.places
        inside = np.clip(x, levels[0], levels[-1])
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = np.nan_to_num((x - inside) / self.sd, nan=0.0)
        reached = np.interp(inside, levels, shares)
        return np.asarray(
            100 * np.where(beyond == 0, reached, stats.norm.cdf(stats.norm.ppf(reached) + beyond)) + 0 * x
        )

    def quantile(self, shares: ArrayLike) -> Floats:
        """Return the values at shares, 0 to 1, of the companies; the inverse of `percentile`.

        Examples
        --------
        >>> norm_of(np.arange(1.0, 101.0), minimum=5).quantile([0.1, 0.5]).round(1).tolist()
        [10.5, 50.5]
        """
        wanted = np.asarray(shares, dtype=np.float64)
        if not self.steps:
            return np.full(wanted.shape, np.nan)
        levels, places = self.places
        inside = np.clip(wanted, places[0], places[-1])
        beyond = (stats.norm.ppf(wanted) - stats.norm.ppf(inside)) * self.sd
        return np.asarray(np.interp(inside, places, levels) + beyond)


def norm_of(
    values: Floats, *, minimum: int, weights: Floats | None = None, largest_share: float = 1.0
) -> Norm | None:
    """Make the norm of a score by univariate microaggregation.

    Companies are sorted and cut into groups of at least `minimum` neighbours; only the mean of each is published
    (Defays and Anwar 1998; Domingo-Ferrer and Mateo-Sanz 2002). So the smallest and the largest value, and every
    quantile that is one company's value, stay out of it. Under weights groups are joined where need be
    (`neighbours`).

    Parameters
    ----------
    values
        One per company; NaN left out.
    minimum
        Companies that a published number stands for at least.
    weights
        What each company counts; all the same if not said.
    largest_share
        Share of a group's weight that one company may have, 0-1.

    Returns
    -------
    Norm or None
        None below `minimum` companies; without steps below `STRICTER` times as many, or where weights leave fewer than
        `GROUPS` groups.

    Examples
    --------
    >>> norm_of(np.arange(20.0), minimum=5)
    Norm(n=20, mean=9.5, sd=5.916079783099616, steps=(2.0, 7.0, 12.0, 17.0))
    """
    count = np.ones(len(values)) if weights is None else weights
    order = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    known, weight = values[order], count[order]
    n = len(known)
    if n < max(minimum, 2) or not weight.any():
        return None
    mean = float(np.average(known, weights=weight))
    sd = float(np.sqrt(np.average((known - mean) ** 2, weights=weight) * n / (n - 1)))
    steps: tuple[float, ...] = ()
    if n >= STRICTER * minimum:
        groups = neighbours(weight, minimum=minimum, largest_share=largest_share)
        up_to = np.concatenate([[0.0], np.cumsum(weight * known)]) / weight.sum()
        reached = np.interp(groups.edges, groups.up_to, up_to)
        # Means of equal values differ by floating point alone, which a rounding between two hundredths would show.
        means = np.maximum.accumulate(np.diff(reached) / np.diff(groups.edges)).round(DECIMALS)
        steps = tuple(np.repeat(means, groups.slices).tolist()) if len(means) >= GROUPS else ()
    return Norm(n, mean, sd, steps)


def norms_of(
    frame: pd.DataFrame, variables: Sequence[str], *, minimum: int, largest_share: float = 1.0
) -> dict[str, Norm]:
    """Make the norm of each variable that enough companies have a value of.

    Parameters
    ----------
    frame
        One row per company, with its ``weight`` where companies count differently.
    variables
        Numeric columns.
    minimum, largest_share
        As in `norm_of`.
    """
    weights = frame["weight"].to_numpy(dtype=np.float64) if "weight" in frame else np.ones(len(frame))
    found = {
        name: norm_of(
            frame[name].to_numpy(dtype=np.float64), minimum=minimum, weights=weights, largest_share=largest_share
        )
        for name in variables
    }  # fmt: skip
    return {name: norm for name, norm in found.items() if norm is not None}


def weights_tell(weights: ArrayLike, *, minimum: int, share: float) -> bool:
    """Say whether a weighted mean and an unweighted one of the same companies give one of them, or a few, away.

    Anyone may take any multiple of the unweighted sum off the weighted one. What is left of a company is its weight
    less that multiple, and nothing of those with just that weight. One company has most of it where the multiple is
    the weight of another: between two weights the shares only rise or only fall.

    Parameters
    ----------
    weights
        One per company.
    minimum, share
        Companies that must be left at least, and the largest share that one of them may have, 0-1.

    Examples
    --------
    >>> weights_tell([1.0] * 20, minimum=5, share=0.25), weights_tell([1.0] * 14 + [3.0] * 6, minimum=5, share=0.25)
    (False, False)
    >>> weights_tell([1.0] * 19 + [6.0], minimum=5, share=0.25)
    True
    """
    weight = np.asarray(weights, dtype=np.float64)
    # Weights that a computation brought to the same number differ in their last digits.
    multiples, often = np.unique((weight / weight.mean()).round(9), return_counts=True)
    if len(multiples) == 1:
        return False
    below, sums = np.cumsum(often), np.cumsum(often * multiples)
    left = multiples * (2 * below - len(weight)) + sums[-1] - 2 * sums
    largest = np.maximum(multiples - multiples[0], multiples[-1] - multiples)
    return bool(((largest > share * left * (1 + 1e-9)) | (len(weight) - often < minimum)).any())


def safe_groups(
    frame: pd.DataFrame, keys: Sequence[str], *, minimum: int, fewest: int
) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Choose the groups of companies of which norms can stand beside those of all and of each other.

    A group needs `fewest` companies. The smallest groups then go until no subtraction leaves fewer than `minimum`:
    not what all groups of a key leave of the whole, nor any set of companies that the sums of the groups determine
    (a set is determined if its indicator lies in the row space of the groups').

    Parameters
    ----------
    frame
        One row per company.
    keys
        Columns, each of which makes groups; a company without a value is in none.
    minimum, fewest
        Companies that a difference stands for, and that a group has, at least.

    Returns
    -------
    dict
        The members of each group, by key and value.

    Examples
    --------
    >>> frame = pd.DataFrame({"industry": ["steel"] * 20 + ["media"] * 20 + ["mining"] * 2})
    >>> [name for _, name in safe_groups(frame, ["industry"], minimum=5, fewest=20)]
    ['steel']
    """
    groups = {
        (key, str(value)): frame[key].eq(value).fillna(value=False).to_numpy(dtype=bool)
        for key in keys
        for value in sorted(frame[key].dropna().unique(), key=str)
    }
    groups = {name: inside for name, inside in groups.items() if inside.sum() >= fewest}
    while groups and _gives_away(groups, minimum):
        smallest = min(groups, key=lambda name: (int(groups[name].sum()), name))
        groups = {name: inside for name, inside in groups.items() if name != smallest}
    return groups


def _gives_away(groups: dict[tuple[str, str], NDArray[np.bool_]], minimum: int) -> bool:
    """Say whether sums of groups and of all determine that of fewer companies than `minimum`."""
    inside = np.array([np.ones(len(next(iter(groups.values()))), dtype=bool), *groups.values()])
    for key in {key for key, _ in groups}:
        left = ~np.array([members for (of, _), members in groups.items() if of == key]).any(axis=0)
        if 0 < left.sum() < minimum:
            return True
    sets, sizes = np.unique(inside.T, axis=0, return_counts=True)
    known = sets.T.astype(np.float64)
    determined = np.isclose(np.diag(np.linalg.pinv(known) @ known), 1)
    return bool((determined & (sizes < minimum)).any())
