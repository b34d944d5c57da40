"""The search for the weights that meet given totals: Newton's steps, halved where they lead away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.distances import Bounds, Distance

Floats = NDArray[np.float64]

TOLERANCE = 1e-10
"""Totals are met when what is missing, divided by 1 + the total, is nowhere more than this."""

STEPS, HALVINGS = 200, 20


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Equations to solve: weighted sums of auxiliary variables that are to be as known.

    Parameters
    ----------
    weights, auxiliary, known
        Weights to start from, rows x variables, and the sum of each variable.
    distance, bounds
        How a weight changes, and how far.
    """

    weights: Floats
    auxiliary: Floats
    known: Floats
    distance: Distance
    bounds: Bounds

    def ratios(self, eta: Floats) -> Floats:
        """Return the ratios of weights that parameters make; too large a step may give infinite ones."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.distance.ratio(self.auxiliary @ eta, self.bounds)

    def misfit(self, ratios: Floats) -> Floats:
        """Return what is missing of each total, divided by 1 + the total."""
        with np.errstate(over="ignore", invalid="ignore"):
            found = (self.weights * ratios) @ self.auxiliary
            return np.asarray((self.known - found) / (1 + np.abs(self.known)), dtype=np.float64)

    def step(self, eta: Floats, misfit: Floats) -> Floats:
        """Return Newton's step; variables that are others' combinations share it (Moore-Penrose)."""
        slope = self.weights * self.distance.slope(self.auxiliary @ eta, self.bounds)
        matrix = (self.auxiliary * slope[:, None]).T @ self.auxiliary
        inverse = np.linalg.pinv(matrix, rcond=256 * np.finfo(float).eps, hermitian=True)
        return np.asarray(inverse @ (misfit * (1 + np.abs(self.known))), dtype=np.float64)


def solve(system: System) -> tuple[Floats, int]:
    """Return the ratios that meet the totals, or come nearest, and the steps it took.

    Examples
    --------
    >>> from survey.distances import DISTANCES
    >>> members = np.array([[1.0], [1.0]])
    >>> system = System(np.ones(2), members, np.array([6.0]), DISTANCES["linear"], (-np.inf, np.inf))
    >>> solve(system)
    (array([3., 3.]), 1)
    """
    eta = np.zeros(system.auxiliary.shape[1])
    ratios = system.ratios(eta)
    misfit = system.misfit(ratios)
    for number in range(STEPS):
        if np.max(np.abs(misfit), initial=0.0) < TOLERANCE / 10:
            return ratios, number
        step = _shortened(system, eta, misfit)
        if step is None:
            return ratios, number
        eta = eta + step
        ratios = system.ratios(eta)
        misfit = system.misfit(ratios)
    return ratios, STEPS


def _shortened(system: System, eta: Floats, misfit: Floats) -> Floats | None:
    """Return Newton's step, halved until it comes nearer to the totals; None where nothing does."""
    step = system.step(eta, misfit)
    for _ in range(HALVINGS):
        moved = system.misfit(system.ratios(eta + step))
        if np.isfinite(moved).all() and np.linalg.norm(moved) < np.linalg.norm(misfit):
            return step
        step = step / 2
    return None
