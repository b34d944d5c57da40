"""The means and covariances that fit answers best, by the EM algorithm where answers are missing."""

from functools import lru_cache

import numpy as np
from scipy import linalg

from analysis.measure.normal_likelihood import Sample, evaluate, fill, sample_of_moments

MAX_STEPS, TOLERANCE = 5_000, 1e-9
"""EM stops once no standardised moment moves by more than the tolerance."""


@lru_cache(maxsize=64)  # every model of the same answers asks for each of its groups
def saturated_sample(data: Sample) -> tuple[Sample, bool]:
    """Return a sample of the same size with the maximum-likelihood moments, and whether EM converged.

    Dempster, Laird & Rubin (1977). Agrees with ``lavInspect(fit, "h1")`` in R lavaan (``missing = "fiml"``),
    which stops earlier.
    """
    if data.complete:
        return data, True
    answered = ~data.missing[data.pattern]
    n = np.maximum(answered.sum(axis=0), 1)
    mean = data.rows.sum(axis=0) / n
    covariance = np.diag((np.where(answered, data.rows - mean, 0.0) ** 2).sum(axis=0) / n)
    for _ in range(MAX_STEPS):
        try:
            precision = linalg.cho_solve(linalg.cho_factor(covariance), np.eye(len(mean)))
        except linalg.LinAlgError:
            break
        away, unseen, _ = fill(data, precision, mean)
        shift = away.mean(axis=0)
        after = (away.T @ away + unseen) / data.n - np.outer(shift, shift)
        scale = np.sqrt(np.diag(covariance))
        moved = max(np.abs(shift / scale).max(), np.abs((after - covariance) / np.outer(scale, scale)).max())
        mean, covariance = mean + shift, after
        if moved < TOLERANCE:
            return sample_of_moments(covariance, mean, n=data.n), True
    return sample_of_moments(covariance, mean, n=data.n), False


def log_likelihood(data: Sample, moments: Sample) -> float:
    """Return the log-likelihood of answers at the moments of a sample."""
    found = evaluate(data, moments.covariance, moments.mean)
    return -np.inf if found is None else found.logl
