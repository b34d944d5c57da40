"""Critical values of many comparisons at once: one company with all others, and all companies with each other."""

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

from analysis.infer.columns import Floats

STEP = 0.25
NODES = np.arange(-6.5, 6.5 + STEP, STEP)
WEIGHTS = stats.norm.pdf(NODES) * STEP
"""The trapezoidal rule over a company's own standardised error; for smooth integrands exact to many digits."""

SMALLEST = 1e-300
"""Probabilities below it count as it, so that their logarithm exists."""


def coverage(critical: float, own: float, others: Floats, counts: Floats) -> Floats:
    """Probability that no comparison of a company with the others reaches the critical value.

    With independent normal errors e, the statistic of the pair (j, k) is ``(e_j - e_k) / sqrt(s_j^2 + s_k^2)``.
    Given e_j the comparisons are independent, so the probability is one integral over e_j of a product.

    Parameters
    ----------
    critical
        Above 0.
    own
        Standard error of the company.
    others
        Levels of the standard error, L.
    counts
        Companies x 3 x L: how many others of each level are compared both ways; only with "the other is higher";
        only with "the other is lower".

    Returns
    -------
    ndarray
        One probability per row of counts.

    Examples
    --------
    >>> one_other = np.array([[[1.0], [0.0], [0.0]]])
    >>> coverage(1.959964, 2.0, np.array([1.0]), one_other).round(6).item()
    0.95
    """
    spread = np.hypot(own, others)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        high = (own * NODES + critical * spread) / others[:, None]
        low = (own * NODES - critical * spread) / others[:, None]
    logs = np.zeros((3, *high.shape))
    both, higher, lower = (bool(counts[:, kind].any()) for kind in range(3))
    if both:
        logs[0] = np.log1p(-np.minimum(special.ndtr(-high) + special.ndtr(low), 1 - 1e-16))
    if higher:
        logs[1] = special.log_ndtr(high)
    if lower:
        logs[2] = special.log_ndtr(-low)
    # Two scores without error are compared as they stand: no chance enters.
    logs = np.where(spread > 0, np.maximum(logs, np.log(SMALLEST)), 0.0)
    product = counts.reshape(len(counts), -1) @ logs.reshape(-1, len(NODES))
    return np.asarray(np.exp(product) @ WEIGHTS, dtype=np.float64)


def critical_values(
    own: float, others: Floats, counts: Floats, *, level: float, between: tuple[float, float], nodes: int
) -> Floats:
    """Critical value at which `coverage` is the level, per row of counts.

    Read off a grid: ``log(-log(coverage))`` is close to linear between two of its nodes.

    Parameters
    ----------
    own, others, counts
        As in `coverage`.
    level
        0-1.
    between
        Two values between which all lie.
    nodes
        Size of the grid.
    """
    grid = np.linspace(*between, nodes)
    found = np.stack([coverage(value, own, others, counts) for value in grid], axis=1)
    steep = -np.log(-np.log(np.clip(found, SMALLEST, 1 - 1e-16)))
    wanted = -np.log(-np.log(level))
    right = np.clip((steep < wanted).sum(axis=1), 1, nodes - 1)
    rows = np.arange(len(counts))
    before, after = steep[rows, right - 1], steep[rows, right]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(after > before, (wanted - before) / (after - before), 1.0)
    return np.asarray(grid[right - 1] + np.clip(part, 0, 1) * (grid[right] - grid[right - 1]))


def all_pairs(companies: int, *, level: float) -> float:
    """Critical value of all pairwise differences of companies, from Tukey's studentised range.

    Exact for equal errors; for unequal ones it is never too small (Hayter 1984, Annals of Statistics 12).

    Notes
    -----
    Agrees with R ``qtukey(level, companies, Inf) / sqrt(2)``.

    Examples
    --------
    >>> round(all_pairs(2, level=0.95), 5), round(all_pairs(10, level=0.95), 3)
    (1.95996, 3.164)
    """
    nodes = np.linspace(-8, 16, 1201)
    weights = stats.norm.pdf(nodes) * (nodes[1] - nodes[0])

    def excess(width: float) -> float:
        inside = special.ndtr(nodes) - special.ndtr(nodes - width)
        return float(companies * weights @ inside ** (companies - 1) - level)

    return float(brentq(excess, 1e-6, 20.0, xtol=1e-10) / np.sqrt(2))
