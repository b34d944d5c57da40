"""Raking: weights scaled to one margin after the other until all are met."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey.calibration import ONE_SIDED, Calibration, one_hot
from survey.problems import InputError, Problem, raise_if_any

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

SAME_TOTAL = 1e-6
"""Totals of margins that differ by no larger share are one but for rounding."""

WORST = 5
"""How many categories that are not met are told, the furthest off first."""


def rake(
    weights: ArrayLike,
    cells: Sequence[ArrayLike],
    counts: Sequence[ArrayLike],
    *,
    names: Sequence[Sequence[str]] = (),
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    force: bool = False,
) -> Calibration:
    """Scale weights to the counts of several margins in turn, until none is off by more than the tolerance.

    Iterative proportional fitting (Deming and Stephan 1940, Annals of Mathematical Statistics 11). Where it
    converges its weights are those of `survey.calibration.calibrate` with ``method="raking"``.

    Parameters
    ----------
    weights
        Weight of each row, 0 or more.
    cells
        For each margin the code of each row's category, from 0.
    counts
        For each margin the population count of each category; all margins have one sum.
    names
        For each margin what its categories are called in messages.
    tolerance
        Largest relative distance of a category from its count.
    max_iterations
        Rounds over all margins.
    force
        Return weights that do not meet the counts, with ``converged`` False, instead of raising.

    Raises
    ------
    InputError
        If the margins have different sums, a category has a count but no weight in the sample or the other way
        round, or the rounds do not converge; every category is told.

    Notes
    -----
    Agrees with R ``survey::rake``, run to convergence, and ``survey::calibrate(calfun = "raking")``.

    Examples
    --------
    >>> found = rake([1, 1, 1, 1], [[0, 0, 1, 1], [0, 1, 0, 1]], [[6, 4], [5, 5]])
    >>> found.weights.tolist(), found.converged, found.iterations
    ([3.0, 3.0, 2.0, 2.0], True, 1)
    """
    w = np.asarray(weights, float)
    margins = [
        (np.asarray(codes, dtype=np.int64), np.asarray(known, dtype=np.float64))
        for codes, known in zip(cells, counts, strict=True)
    ]
    called = [tuple(row) for row in names] or [
        tuple(f"margin {m + 1}, category {n + 1}" for n in range(len(known)))
        for m, (_, known) in enumerate(margins)
    ]
    raise_if_any(_faults(w, margins, called))
    raked, rounds, off = _rounds(w, margins, tolerance=tolerance, limit=max_iterations)
    if off > tolerance and not force:
        raise InputError(_unmet(raked, margins, called, rounds=rounds, tolerance=tolerance))
    auxiliary = np.hstack([one_hot(codes, len(known)) for codes, known in margins])
    totals = np.concatenate([known for _, known in margins])
    flat = tuple(name for row in called for name in row)
    return Calibration(w, raked, auxiliary, totals, flat, "raking", off <= tolerance, rounds, off)


def _rounds(
    w: Floats, margins: list[tuple[Codes, Floats]], *, tolerance: float, limit: int
) -> tuple[Floats, int, float]:
    """Scale to each margin in turn; the weights, the rounds it took and how far off the worst category is."""
    for number in range(limit + 1):
        off = max((_distance(_sums(w, c, k), k) for c, k in margins), default=0.0)
        if off <= tolerance or number == limit:
            break
        for c, k in margins:
            found = _sums(w, c, k)
            w = w * np.divide(k, found, out=np.zeros_like(k), where=found > 0)[c]
    return w, number, off


def _sums(w: Floats, codes: Codes, known: Floats) -> Floats:
    return np.bincount(codes, weights=w, minlength=len(known)).astype(np.float64)


def _distance(found: Floats, known: Floats) -> float:
    used = known > 0
    return float(np.max(np.abs(found[used] / known[used] - 1), initial=0.0))


def _faults(w: Floats, margins: list[tuple[Codes, Floats]], names: list[tuple[str, ...]]) -> list[Problem]:
    wrong = ~(w >= 0) | np.isinf(w)
    if wrong.any():
        return [
            Problem("is no weight", row=int(n) + 1, column="weight", value=f"{w[n]:g}", allowed="0 or more")
            for n in np.flatnonzero(wrong)
        ]
    found = []
    sums = [float(k.sum()) for _, k in margins]
    if sums and max(sums) - min(sums) > SAME_TOTAL * max(sums):
        what = "the margins do not add up to one total: " + ", ".join(f"{total:,.10g}" for total in sums)
        found.append(Problem(what, to_do="make them counts of one population"))
    for (c, k), called in zip(margins, names, strict=True):
        sampled = _sums(w, c, k)
        found += [
            Problem(ONE_SIDED[bool(k[n] > 0)], column=called[n], value=f"{k[n]:g}",
                    to_do="join it with another category")
            for n in np.flatnonzero((sampled > 0) != (k > 0))
        ]  # fmt: skip
    return found


def _unmet(
    w: Floats,
    margins: list[tuple[Codes, Floats]],
    names: list[tuple[str, ...]],
    *,
    rounds: int,
    tolerance: float,
) -> list[Problem]:
    """Say which categories are off, the furthest first, with their count and what the weights reach."""
    rows = [
        (abs(found / count - 1), name, found, count)
        for (c, k), called in zip(margins, names, strict=True)
        for name, found, count in zip(called, _sums(w, c, k), k, strict=True)
        if count > 0 and abs(found / count - 1) > tolerance
    ]
    to_do = (
        "join rare categories or leave a margin out: cells without answers keep margins from being met, or can meet "
        "them only with weights of 0"
    )
    return [
        Problem(
            f"raking did not converge in {rounds} rounds: {count:,.10g} is the target, the weights reach {found:,.10g} "
            f"({off:,.1%} off)",
            column=name,
            to_do=to_do,
        )
        for off, name, found, count in sorted(rows, key=lambda row: -row[0])[:WORST]
    ]
