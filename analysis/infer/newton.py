"""Where the likelihood of weighted rows is largest, for many sets of weights at once."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.infer.columns import Floats

FLAT = 1e-9
"""Information per row, in some direction of standardised terms, below which a likelihood has no clear maximum."""

STEPS, HALVINGS = 50, 30

Point = tuple[Floats, Floats, Floats]
"""Value (sets), gradient (k x sets) and information (sets x k x k) of the weighted sum over the rows."""


class Likelihood(Protocol):
    """What `maximise` climbs; parameters are k x sets, weights rows x sets."""

    def at(self, parameters: Floats, weights: Floats) -> Point:
        """Value, gradient and information."""
        ...

    def start(self, weights: Floats) -> Floats:
        """Where to begin: k x sets."""
        ...

    def linearised(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Gradient of each weighted row (rows x k) and information (k x k) at one set of parameters."""
        ...


def maximise(
    likelihood: Likelihood, weights: Floats, *, start: Floats | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Find the parameters under each set of weights by Newton's method, steps halved where they overshoot.

    Parameters
    ----------
    likelihood
        What to maximise, on standardised terms.
    weights
        Rows x sets.
    start
        Where to begin, k x sets.

    Returns
    -------
    parameters
        K x sets.
    found
        Whether there is a maximum: not where categories are separated, a term is gone or the search did not end.

    Examples
    --------
    >>> from analysis.infer.generalised_linear import FAMILIES, GeneralisedLinear
    >>> model = GeneralisedLinear(np.ones((4, 1)), np.array([0.0, 1.0, 1.0, 1.0]), FAMILIES["logistic"])
    >>> parameters, found = maximise(model, np.ones((4, 1)))
    >>> float(parameters[0, 0].round(6)), found.tolist()
    (1.098612, [True])
    """
    weights = weights / weights.mean(axis=0)
    parameters = likelihood.start(weights) if start is None else start
    point = likelihood.at(parameters, weights)
    small = np.full(weights.shape[1], False)
    for _ in range(STEPS):
        step = _newton(point)
        small = np.abs((point[1] * step).sum(axis=0)) < 1e-16 * len(weights)
        step, point = _ascend(likelihood, parameters, weights, step=step, least=point[0])
        parameters = parameters + step
        if small.all():
            break
    return parameters, small & (_weakest(point[2]) > FLAT * len(weights))


def maximise_anew(
    likelihood: Likelihood, weights: Floats, *, start: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Find the parameters under further sets of weights, from those of the sample; none where nobody has a weight.

    Parameters
    ----------
    likelihood, weights
        As in `maximise`; a set may be all zero.
    start
        Parameters of the sample, k x 1.

    Examples
    --------
    >>> from analysis.infer.generalised_linear import FAMILIES, GeneralisedLinear
    >>> model = GeneralisedLinear(np.ones((2, 1)), np.array([0.0, 1.0]), FAMILIES["gaussian"])
    >>> parameters, found = maximise_anew(model, np.array([[1.0, 0.0], [3.0, 0.0]]), start=np.array([[0.5]]))
    >>> float(parameters[0, 0].round(6)), found.tolist()
    (0.75, [True, False])
    """
    empty = weights.sum(axis=0) == 0
    begin = np.tile(start, weights.shape[1])
    parameters, found = maximise(likelihood, np.where(empty, 1.0, weights), start=begin)
    return parameters, found & ~empty


def _ascend(
    likelihood: Likelihood, parameters: Floats, weights: Floats, *, step: Floats, least: Floats
) -> tuple[Floats, Point]:
    """Halve the step of each set until its value is not below `least`, and return it with where it leads."""
    for _ in range(HALVINGS):
        point = likelihood.at(parameters + step, weights)
        # Not "below", so that a value that is not a number counts as worse.
        worse = ~(point[0] >= least - 1e-12 * (1 + np.abs(least)))
        if not worse.any():
            return step, point
        step = np.where(worse, step / 2, step)
    step = np.where(worse, 0.0, step)
    return step, likelihood.at(parameters + step, weights)


def _newton(point: Point) -> Floats:
    """Solve for the step of each set; none where the information is singular."""
    _, gradient, information = point
    sound = _weakest(information) > 1e-14 * np.maximum(np.trace(information, axis1=1, axis2=2), 1e-300)
    safe = np.where(sound[:, None, None], information, np.eye(information.shape[1]))
    step = np.linalg.solve(safe, gradient.T[..., None])[..., 0].T
    return np.where(sound, step, 0.0)


def _weakest(information: Floats) -> Floats:
    """Smallest eigenvalue of each information; none where it is not finite."""
    finite = np.asarray(np.isfinite(information).all(axis=(1, 2)))
    values = np.linalg.eigvalsh(np.where(finite[:, None, None], information, 0.0))
    return np.where(finite, values[:, 0], -np.inf)
