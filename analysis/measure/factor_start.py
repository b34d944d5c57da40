"""Where the search for the best parameters of a factor model starts."""

from collections.abc import Sequence

import numpy as np

from analysis.measure.factor_model import (
    FACTOR,
    INTERCEPT,
    LOADING,
    RESIDUAL,
    FactorModel,
    Floats,
    Slots,
)
from analysis.measure.normal_likelihood import Sample

LARGEST = 0.95
"""Standardised loadings start below this, so that no residual variance starts at 0."""

FLAT = 0.5
CROSSED = 0.1
"""Standardised loadings of a method factor on the items of others start here: at 0 nothing would move them."""


def start(
    model: FactorModel, slots: Sequence[Slots], samples: Sequence[Sample], *, flat: bool = False
) -> Floats:
    """Return starting values: loadings from the first principal component of each factor's items.

    Where `flat`, all standardised loadings are the same and factors do not correlate. A parameter that groups
    share starts at the mean of theirs.
    """
    n_free = 1 + max(int(s.free.max()) for s in slots)
    total, times = np.zeros(n_free), np.zeros(n_free)
    for own, data in zip(slots, samples, strict=True):
        values, free = _values(model, own, data, flat=flat), own.free >= 0
        total += np.bincount(own.free[free], weights=values[free], minlength=n_free)
        times += np.bincount(own.free[free], minlength=n_free)
    return np.asarray(total / times)


def _values(model: FactorModel, slots: Slots, data: Sample, *, flat: bool) -> Floats:
    sd = np.sqrt(np.diag(data.covariance))
    loadings, correlations = _components(data.covariance / np.outer(sd, sd), model)
    if flat:
        alone = np.bincount(model.factor_of)[model.factor_of] == 1
        loadings, correlations = np.where(alone, 1.0, FLAT), np.eye(len(correlations))
    raw = loadings * sd
    marker = (slots.kind == LOADING) & (slots.free < 0)
    scale = np.ones(len(model.factors))
    scale[slots.col[marker]] = raw[slots.row[marker]]
    values = np.zeros(len(slots.kind))
    for kind in (LOADING, FACTOR, RESIDUAL, INTERCEPT):
        at = slots.kind == kind
        row, col = slots.row[at], slots.col[at]
        if kind == LOADING:
            own = model.factor_of[row] == col
            values[at] = np.where(own, raw[row], CROSSED * sd[row]) / scale[col]
        elif kind == FACTOR:
            values[at] = correlations[row, col] * scale[row] * scale[col]
        elif kind == RESIDUAL:
            values[at] = (sd[row] ** 2) * (1 - loadings[row] ** 2)
        else:
            values[at] = data.mean[row]
    return values


def _components(correlation: Floats, model: FactorModel) -> tuple[Floats, Floats]:
    """Return standardised loadings, and the correlations of the weighted sums of each factor's items."""
    factor = model.factor_of
    weights = np.zeros((len(factor), len(model.factors)))
    loadings = np.ones(len(factor))
    for number in range(len(model.factors)):
        own = np.flatnonzero(factor == number)
        if not len(own):
            continue
        eigenvalues, vectors = np.linalg.eigh(correlation[np.ix_(own, own)])
        first = vectors[:, -1] * (1 if vectors[0, -1] >= 0 else -1)
        weights[own, number] = first
        if len(own) > 1:
            # The component also holds what is unique to the items: 1 of its eigenvalue.
            own_share = np.sqrt(max(eigenvalues[-1] - 1, 0.1) * len(own) / (len(own) - 1))
            loadings[own] = np.clip(first * own_share, -LARGEST, LARGEST)
            small = np.abs(loadings[own]) < 0.1
            loadings[own] = np.where(small, np.where(first < 0, -0.1, 0.1), loadings[own])
    between = weights.T @ correlation @ weights
    spread = np.sqrt(np.where(np.diag(between) > 0, np.diag(between), 1.0))
    return loadings, between / np.outer(spread, spread)
