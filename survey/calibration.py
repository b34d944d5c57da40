"""Weights calibrated to known totals by the distances of Deville and Sarndal, and what that does to variances."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from survey.calibration_search import TOLERANCE, System, solve
from survey.distances import DISTANCES, NO_BOUNDS, Bounds
from survey.problems import InputError, Problem, raise_if_any

Floats = NDArray[np.float64]

Method = Literal["linear", "raking", "logit"]

RANK = 1e-7
"""Auxiliary columns that are others' combinations but for this share of their length add nothing."""

FAR = 20.0
"""Weights that all totals exceed so many times are first scaled up as a whole, so that bounds are about shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Weights that meet known totals, and the auxiliary variables that tie them to these.

    Parameters
    ----------
    before, weights
        Weights of each row, before and after.
    auxiliary
        Rows x variables: their weighted sums are known.
    totals, names
        The known sums, and what each is called.
    method
        "linear", "raking", "logit" or "poststratification".
    converged, iterations, misfit
        Whether the totals are met, after how many steps, and the largest relative distance from them.
    scaled
        By how much the weights before were scaled as a whole before bounds applied.
    trimmed
        Rows whose ratio was cut by `trim_ratios`.
    bounds
        Least and greatest ratio that was allowed.
    """

    before: Floats
    weights: Floats
    auxiliary: Floats
    totals: Floats
    names: tuple[str, ...]
    method: str
    converged: bool = True
    iterations: int = 1
    misfit: float = 0.0
    scaled: float = 1.0
    trimmed: int = 0
    bounds: Bounds = NO_BOUNDS

    @property
    def ratios(self) -> Floats:
        """Weight after divided by weight before (the g-weights); 1 where both are 0."""
        used = self.before != 0
        return np.divide(self.weights, self.before, out=np.ones_like(self.weights), where=used)

    def of_rows(self, rows: NDArray[np.int64]) -> "Calibration":
        """Return the same calibration with its rows in another order."""
        return replace(
            self, before=self.before[rows], weights=self.weights[rows], auxiliary=self.auxiliary[rows]
        )

    def projection(self) -> tuple[Floats, Floats]:
        """Return A and B of the residuals, ``z - A @ (B.T @ z)``: rows x auxiliary variables that tell something.

        B is ``x / g`` and A is ``g d x (X' D X)^-1``, with d the weights before and g the ratios.
        """
        half = np.sqrt(np.maximum(self.before, 0.0))
        lengths = np.linalg.norm(self.auxiliary * half[:, None], axis=0)
        x = self.auxiliary[:, lengths > 0] / lengths[lengths > 0]
        _, r, order = linalg.qr(x * half[:, None], mode="economic", pivoting=True)
        rank = int((np.abs(np.diag(r)) > RANK).sum())
        x, inverse = x[:, order[:rank]], linalg.solve_triangular(r[:rank, :rank], np.eye(rank))
        used = (self.ratios * half > 0)[:, None]
        apart = np.divide(x, self.ratios[:, None], out=np.zeros_like(x), where=used)
        return self.weights[:, None] * (x @ (inverse @ inverse.T)), apart

    def residuals(self, influence: Floats) -> Floats:
        """Return what of influence values the auxiliary variables do not explain.

        The variance of a calibrated estimate is that of the residuals of its linearised values from the
        auxiliary variables, regressed with the weights before (Deville and Sarndal 1992, JASA 87, section 3),
        whatever the distance, the bounds, and the ratios that were trimmed.

        Parameters
        ----------
        influence
            Rows x estimates: linearised values times weights; 0 outside a domain and where weights are 0.

        Notes
        -----
        Agrees with R ``survey::svyrecvar`` of designs from ``calibrate`` (bounds, ``calfun = "logit"`` and ``trim``
        too) and ``postStratify``, and from ``rake`` where the weights before are equal (with others, ``rake``
        regresses without weights). Where ``trimWeights`` follows, R multiplies the linearised value by what
        trimming multiplied the weight by, as if that were a fact of the row: so does this, if `influence` holds the
        trimmed weights and the calibration those before trimming.

        Examples
        --------
        >>> found = poststratify([1.0, 1.0, 1.0, 1.0], [0, 0, 1, 1], [6.0, 4.0])
        >>> found.residuals(np.array([[3.0], [6.0], [2.0], [2.0]])).ravel().round(6) + 0.0
        array([-1.5,  1.5,  0. ,  0. ])
        """
        fitted, apart = self.projection()
        return np.asarray(influence - fitted @ (apart.T @ influence), dtype=np.float64)


def calibrate(
    weights: ArrayLike,
    auxiliary: ArrayLike,
    totals: ArrayLike,
    *,
    method: Method = "raking",
    bounds: Bounds = NO_BOUNDS,
    names: Sequence[str] = (),
    force: bool = False,
) -> Calibration:
    """Change weights as little as possible so that weighted sums are those of the population.

    New weights are ``g * w`` with ``g = F(auxiliary @ eta)``, and eta solves ``sum(g w x) = totals`` (Deville and
    Sarndal 1992, JASA 87, 376-382). F is ``1 + u`` (linear: generalised regression), ``exp(u)`` (raking: never
    negative) or the logit between the bounds. Bounds hold for g.

    Parameters
    ----------
    weights
        Weight of each row, 0 or more.
    auxiliary
        Rows x variables, without missing values. A column of ones stands for the number of units.
    totals
        Sum of each variable in the population.
    method
        Distance from the weights before. "logit" needs finite bounds.
    bounds
        Least and greatest ratio of a weight after to before; below and above 1.
    names
        What the variables are called in messages; their places if not said.
    force
        Return weights that do not meet the totals, with ``converged`` False, instead of raising.

    Raises
    ------
    InputError
        If shapes do not fit, a value is missing, a weight is negative, bounds make no sense, or the totals cannot
        be met (with the variables that are furthest off).

    Notes
    -----
    Agrees with R ``survey::calibrate(design, formula, population, calfun = , bounds = )``.

    Examples
    --------
    >>> members = np.array([[1, 1], [1, 1], [1, 0], [1, 0]], dtype=float)
    >>> calibrate([1, 1, 1, 1], members, [10, 4], method="raking").weights.round(6).tolist()
    [2.0, 2.0, 3.0, 3.0]
    """
    w, x, known = np.asarray(weights, float), np.asarray(auxiliary, float), np.asarray(totals, float)
    called = tuple(names) or tuple(f"variable {n + 1}" for n in range(x.shape[-1]))
    raise_if_any(_faults(w, x, known, names=called, method=method, bounds=bounds))
    scaled = 1.0 if method == "linear" and bounds == NO_BOUNDS else _scale(w, x, known)
    system = System(w * scaled, x, known, DISTANCES[method], bounds)
    ratios, iterations = solve(system)
    misfit = system.misfit(ratios)
    worst = float(np.max(np.abs(misfit), initial=0.0))
    if worst > TOLERANCE and not force:
        raise InputError(_unmet(system, misfit, names=called, method=method, steps=iterations))
    after = w * scaled * ratios
    return Calibration(
        w, after, x, known, called, method, worst <= TOLERANCE, iterations, worst, scaled, bounds=bounds
    )  # fmt: skip


def trim_ratios(calibration: Calibration, lower: float, upper: float) -> Calibration:
    """Cut ratios of weights after to before to limits, and spread what is cut over the other rows.

    The totals are then met no longer, but for the number of units; `misfit` says how far off the worst is.

    Parameters
    ----------
    calibration
        Converged or not.
    lower, upper
        Limits of the ratio.

    Notes
    -----
    Agrees with R ``survey::calibrate(trim = c(lower, upper))``.

    Examples
    --------
    >>> found = poststratify([1.0, 1.0, 1.0, 1.0], [0, 0, 0, 1], [3.0, 5.0])
    >>> trim_ratios(found, 0.5, 3.5).weights.tolist()
    [1.5, 1.5, 1.5, 3.5]
    """
    ratios, before = calibration.ratios, calibration.before
    cut = np.clip(ratios, lower, upper)
    outside = cut != ratios
    others = before[~outside].sum()
    spread = ((ratios - cut) * before).sum() / others if others > 0 else 0.0
    after = before * np.where(outside, cut, cut + spread)
    off = (calibration.totals - after @ calibration.auxiliary) / (1 + np.abs(calibration.totals))
    worst = float(np.max(np.abs(off), initial=0.0))
    return replace(calibration, weights=after, misfit=worst, trimmed=int(outside.sum()))


def poststratify(
    weights: ArrayLike, cells: ArrayLike, counts: ArrayLike, *, names: Sequence[str] = ()
) -> Calibration:
    """Scale the weights of each cell to its population count.

    Parameters
    ----------
    weights
        Weight of each row, 0 or more.
    cells
        Code of each row's cell, from 0.
    counts
        Population count of each cell.
    names
        What the cells are called in messages.

    Raises
    ------
    InputError
        If a cell has a count but no weight in the sample, or the other way round.

    Notes
    -----
    Agrees with R ``survey::postStratify``.

    Examples
    --------
    >>> poststratify([1, 2, 1], [0, 0, 1], [9, 5]).weights.tolist()
    [3.0, 6.0, 5.0]
    """
    w, codes, known = np.asarray(weights, float), np.asarray(cells, int), np.asarray(counts, float)
    called = tuple(names) or tuple(f"cell {n + 1}" for n in range(len(known)))
    sampled = np.bincount(codes, weights=w, minlength=len(known))
    raise_if_any(
        Problem(ONE_SIDED[bool(known[cell])], column=called[cell], value=f"{known[cell]:g}",
                to_do="join it with another cell")
        for cell in np.flatnonzero((sampled > 0) != (known > 0))
    )  # fmt: skip
    factor = np.divide(known, sampled, out=np.zeros_like(known), where=sampled > 0)
    return Calibration(w, w * factor[codes], one_hot(codes, len(known)), known, called, "poststratification")


ONE_SIDED = {
    True: "has a population count but no weight in the sample",
    False: "is in the sample but has no population count",
}


def one_hot(codes: NDArray[np.int64], size: int) -> Floats:
    """Return rows x `size`: 1 in the column of each row's code, 0 elsewhere."""
    found = np.zeros((len(codes), size))
    found[np.arange(len(codes)), codes] = 1.0
    return found


def _scale(w: Floats, x: Floats, known: Floats) -> float:
    """Return by how much the weights are too small as a whole; 1 if not by far."""
    sums = w @ x
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = known / sums
    return float(np.mean(scales)) if np.isfinite(scales).all() and scales.min() > FAR else 1.0


def _faults(
    w: Floats, x: Floats, known: Floats, *, names: tuple[str, ...], method: str, bounds: Bounds
) -> list[Problem]:
    """Find what keeps weights from being calibrated at all."""
    if x.ndim != 2 or len(x) != len(w) or x.shape[1] != len(known) or len(names) != len(known):
        what = f"{len(w)} weights, auxiliary variables of shape {x.shape} and {len(known)} totals do not fit"
        return [Problem(what, allowed="rows x variables, and a total for each variable")]
    found = [
        Problem("is no weight", row=int(n) + 1, column="weight", value=f"{w[n]:g}", allowed="0 or more")
        for n in np.flatnonzero(~(w >= 0) | np.isinf(w))
    ]
    if not found and not (w > 0).any():
        found.append(Problem("no weight is above 0", column="weight", allowed="a weight above 0"))
    for n in np.flatnonzero(~np.isfinite(x).all(axis=0)):
        rows = int((~np.isfinite(x[:, n])).sum())
        found.append(Problem(f"has no value in {rows} rows", column=names[n], allowed="a number in each row"))
    found += [
        Problem("is no total", column=names[n], value=f"{known[n]:g}", allowed="a number")
        for n in np.flatnonzero(~np.isfinite(known))
    ]
    low, high = bounds
    if not low < 1 < high or (method == "logit" and not np.isfinite(bounds).all()):
        allowed = "one below 1 and one above" + (", both finite for logit" if method == "logit" else "")
        found.append(Problem("are no bounds", column="bounds", value=f"{low:g}, {high:g}", allowed=allowed))
    return found


def _unmet(
    system: System, misfit: Floats, *, names: tuple[str, ...], method: str, steps: int
) -> list[Problem]:
    """Say which totals are furthest from being met, what is reached, and what bounds leave within reach.

    Counts are compared as they are, so that the one large category that pulls at many small ones comes first.
    """
    bounded = system.bounds != NO_BOUNDS
    advice = "widen the bounds, join" if bounded else "join"
    to_do = f"{advice} rare categories, or leave a margin out: no weights may meet all totals at once"
    missing = misfit * (1 + np.abs(system.known))
    counts = np.isin(system.auxiliary, (0.0, 1.0)).all()
    off = np.argsort(-np.abs(missing if counts else misfit), kind="stable")
    return [
        Problem(
            f"the total is not met{_within(system, n)}: calibration ({method}) did not converge in {steps} steps; "
            f"{system.known[n]:,.6g} is the target, the weights reach {system.known[n] - missing[n]:,.6g}",
            column=names[n], to_do=to_do,
        )
        for n in off[np.abs(misfit[off]) > TOLERANCE][:5]
    ]  # fmt: skip


def _within(system: System, variable: int) -> str:
    """Say what bounds hold, and between which sums they keep a variable."""
    low, high = system.bounds
    if (low, high) == NO_BOUNDS:
        return ""
    parts = system.weights * system.auxiliary[:, variable]
    ends = np.array([bound * parts[parts != 0] for bound in (low, high)])
    least, most = ends.min(axis=0).sum(), ends.max(axis=0).sum()
    return f" within the bounds {low:g} and {high:g}, which allow {least:,.6g} to {most:,.6g}"
