"""Ordered categories by proportional odds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from analysis.infer.columns import Codes, Floats
from analysis.infer.newton import Point


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalOdds:
    """Ordered categories by one slope over all their boundaries (McCullagh, 1980, JRSS B 42).

    ``P(y <= c) = expit(threshold_c - x slope)``; parameters are the slopes, then the thresholds.

    Parameters
    ----------
    upper, lower
        Rows x k: the boundary above and below each row's category as a sum of parameters; all zero in rows of
        the last category, or the first.
    first, last
        Whether a row is in the first or last category.
    shares
        Rows x boundaries: 1 where a row is at or below the boundary.
    """

    upper: Floats
    lower: Floats
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    shares: Floats

    @classmethod
    def of(cls, matrix: Floats, codes: Codes) -> "ProportionalOdds":
        """Build from terms (rows x slopes, no intercept) and categories coded from 0."""
        boundaries = int(codes.max())
        above = np.eye(boundaries + 1)[codes]
        first, last = codes == 0, codes == boundaries
        upper = np.hstack([-matrix, above[:, :boundaries]]) * ~last[:, None]
        lower = np.hstack([-matrix, above[:, 1:]]) * ~first[:, None]
        shares = (codes[:, None] <= np.arange(boundaries)).astype(float)
        return cls(upper, lower, first, last, shares)

    def at(self, parameters: Floats, weights: Floats) -> Point:
        """Value, gradient and information; see `Likelihood`."""
        share, above, below, curves = self._parts(parameters)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = (weights * np.log(share)).sum(axis=0)
        gradient = self.upper.T @ (weights * above) + self.lower.T @ (weights * below)
        uu, ll, ul = ((weights * curve).T[:, None, :] for curve in curves)
        information = (self.upper.T * uu + self.lower.T * ul) @ self.upper
        information += (self.lower.T * ll + self.upper.T * ul) @ self.lower
        return value, gradient, -information

    def start(self, weights: Floats) -> Floats:
        """Begin with the shares of the categories for everyone."""
        thresholds = logit(self.shares.T @ weights / weights.sum(axis=0))
        slopes = np.zeros((self.upper.shape[1] - len(thresholds), weights.shape[1]))
        return np.vstack([slopes, thresholds])

    def linearised(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Take both at the maximum, as R ``svyolr``."""
        _, above, below, _ = self._parts(parameters[:, None])
        scores = weights[:, None] * (self.upper * above + self.lower * below)
        return scores, self.at(parameters[:, None], weights[:, None])[2][0]

    def _parts(self, parameters: Floats) -> tuple[Floats, Floats, Floats, tuple[Floats, Floats, Floats]]:
        """Share of each row's category; derivatives of its logarithm by the boundaries above and below it."""
        upper = np.where(self.last[:, None], np.inf, self.upper @ parameters)
        lower = np.where(self.first[:, None], -np.inf, self.lower @ parameters)
        (up, not_up), (low, not_low) = ((expit(edge), expit(-edge)) for edge in (upper, lower))
        # Far above zero both shares are close to 1: their difference is taken on the other side.
        share = np.where(lower > 0, not_low - not_up, up - low)
        with np.errstate(invalid="ignore", divide="ignore"):
            above, below = up * not_up / share, -low * not_low / share
            uu = above * (not_up - up) - above**2
            ll = below * (not_low - low) - below**2
        return share, above, below, (uu, ll, -above * below)
