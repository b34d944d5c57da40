"""The likelihood of a model of moments in several groups, as a function of its free parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from analysis.measure.factor_model import INTERCEPT, Floats, Ints, Moments, Slots, moments
from analysis.measure.normal_information import (
    curvature,
    directions,
    expected_information,
    gradient,
    linear_information,
    scores,
)
from analysis.measure.normal_likelihood import Evaluation, Sample, blocks, evaluate

Kind = Literal["expected", "observed"]
"""Information: expected, or minus the second derivatives."""


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """Samples and, for each, the entries of its matrices; theta below is the vector of free parameters."""

    samples: Sequence[Sample]
    slots: Sequence[Slots]
    n_factors: int

    @property
    def n_free(self) -> int:
        """How many free parameters there are."""
        return 1 + max(int(slots.free.max()) for slots in self.slots)

    @property
    def n_items(self) -> int:
        """How many items a group has."""
        return len(self.samples[0].mean)

    @property
    def means(self) -> bool:
        """Whether item means belong to the model."""
        return bool((self.slots[0].kind == INTERCEPT).any())

    def values(self, theta: Floats) -> list[Floats]:
        """Return each group's entries, fixed and free."""
        return [np.where(s.free < 0, s.value, theta[s.free]) for s in self.slots]

    def implied(self, theta: Floats) -> list[Moments]:
        """Return each group's implied moments; its own means where means do not belong to the model."""
        size = {"n_items": self.n_items, "n_factors": self.n_factors}
        found = [moments(s, v, **size) for s, v in zip(self.slots, self.values(theta), strict=True)]
        if self.means:
            return found
        return [m._replace(means=data.mean) for m, data in zip(found, self.samples, strict=True)]

    def evaluations(self, implied: Sequence[Moments]) -> list[Evaluation] | None:
        """Return each group's log-likelihood and its derivatives by the moments; none where undefined."""
        found = [evaluate(data, m.covariance, m.means) for data, m in zip(self.samples, implied, strict=True)]
        return None if any(f is None for f in found) else [f for f in found if f is not None]

    def value(self, theta: Floats) -> tuple[float, Floats]:
        """Return log-likelihood and gradient; minus infinity where undefined."""
        implied, total = self.implied(theta), np.zeros(len(theta))
        found = self.evaluations(implied)
        if found is None:
            return -np.inf, total
        for slots, m, f in zip(self.slots, implied, found, strict=True):
            total += _add(slots.free, gradient(directions(slots, m), f), len(theta))
        return sum(f.logl for f in found), total

    def information(self, theta: Floats, kind: Kind) -> Floats:
        """Return the information of the free parameters."""
        implied, total = self.implied(theta), np.zeros((len(theta), len(theta)))
        for data, slots, m in zip(self.samples, self.slots, implied, strict=True):
            at, own = directions(slots, m), blocks(data, m.covariance, m.means)
            if kind == "expected":
                entries = expected_information(at, own)
            else:
                found = evaluate(data, m.covariance, m.means)
                assert found is not None
                entries = linear_information(at, own) - curvature(slots, m, found)
            free = np.flatnonzero(slots.free >= 0)
            place = slots.free[free][:, None] * len(theta) + slots.free[free]
            kept = entries[np.ix_(free, free)]
            total += np.bincount(place.ravel(), kept.ravel(), total.size).reshape(total.shape)
        return total

    def scores(self, theta: Floats) -> list[Floats]:
        """Return the scores of each group's respondents by the free parameters, as the answers were given."""
        found = []
        for data, slots, m in zip(self.samples, self.slots, self.implied(theta), strict=True):
            by_entry = scores(data, directions(slots, m), m.covariance, m.means)
            free = slots.free >= 0
            total = np.zeros((data.n, len(theta)))
            total[data.order] = gathered(by_entry[:, free], slots.free[free], len(theta))
            found.append(total)
        return found


def _add(free: Ints, entries: Floats, size: int) -> Floats:
    """Return the sums of entries by free parameter."""
    kept = free >= 0
    return np.asarray(np.bincount(free[kept], weights=entries[kept], minlength=size), dtype=np.float64)


def gathered(columns: Floats, free: Ints, size: int) -> Floats:
    """Return columns by free parameter; those of entries that share a parameter add up."""
    total = np.zeros((len(columns), size))
    if len(np.unique(free)) == len(free):
        total[:, free] = columns
        return total
    shares = np.zeros((len(free), size))
    shares[np.arange(len(free)), free] = 1.0
    return np.asarray(columns @ shares)


def numbered(slots: Slots, n_groups: int) -> list[Slots]:
    """Return the same entries for every group, all free and none equal between groups."""
    size = len(slots.kind)
    return [slots._replace(free=np.arange(size) + size * group) for group in range(n_groups)]


def meat(likelihood: Likelihood, theta: Floats, clusters: Sequence[Ints] | None) -> Floats:
    """Return the cross products of scores, summed within clusters where their numbers are given.

    A cluster may have respondents in several groups (a company with both functions), whose scores then add up.
    Sums are multiplied by ``C / (C - 1)``, with C the clusters of a group, as in lavaan.
    """
    found = likelihood.scores(theta)
    if clusters is None:
        return np.asarray(sum(part.T @ part for part in found))
    number = np.concatenate(clusters)
    sizes = [len(np.unique(own)) for own in clusters]
    shares = np.repeat([np.sqrt(size / (size - 1)) for size in sizes], [len(own) for own in clusters])
    within = sparse.csr_array((shares, (number, np.arange(len(number)))))
    sums = within @ np.concatenate(found)
    return np.asarray(sums.T @ sums)
