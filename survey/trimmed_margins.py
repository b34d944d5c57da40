"""Weights trimmed as a study declares, and what that costs the margins: told, or refused where they are lost."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from survey.calibration import Calibration, Floats
from survey.language import digits, say, say_n
from survey.problems import Problem, raise_if_any
from survey.trimming import Trimmed, trim_weights
from survey.weighting_rules import WeightRule

NEAR, LOST = 0.02, 0.1
"""Share of its count by which trimming may move a cell: up to the first it is met nearly, above the second lost."""

AT_LIMITS = 0.5
"""Share of weights at the limits above which these, and not the sample, make the weights."""

TO_DO = "widen trim, set bounds within the calibration (bounds) instead, or join the cell with another (join)"


class TrimmedWave(NamedTuple):
    """Weights of one wave after trimming, how far they miss the margins at most, and what is to be said of them."""

    weights: Floats
    cut: int
    raised: int
    misfit: float
    said: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = ()


def trim_wave(weights: Floats, calibration: Calibration | None, rule: WeightRule) -> TrimmedWave:
    """Trim the weights of a wave, in mean weights, and hold them against the margins that they met.

    Returns
    -------
    TrimmedWave
        With a warning for each cell more than `NEAR` off.

    Raises
    ------
    InputError
        If a cell is more than `LOST` off, or more than half the weights stand at a limit.

    Examples
    --------
    >>> found = trim_wave(np.array([1.0, 1.0, 1.0, 1.0, 6.0]), None, WeightRule(trim=(0.2, 2)))
    >>> found.weights.tolist(), found.cut, found.raised
    ([1.5, 1.5, 1.5, 1.5, 4.0], 1, 0)
    """
    met = 0.0 if calibration is None else calibration.misfit
    if rule.trim is None:
        return TrimmedWave(weights, 0, 0, met)
    low, high = np.array(rule.trim) * weights.mean()
    found = trim_weights(weights, lower=low, upper=high, strict=rule.strict)
    cut, raised = int(found.cut.sum()), int(found.raised.sum())
    if not cut + raised:
        return TrimmedWave(weights, 0, 0, met)
    moved = _in_words(cut, raised, rule.trim)
    off = np.zeros(0) if calibration is None else _off(calibration, found.weights)
    raise_if_any([*_at_limits(found, moved), *_moved(calibration, found.weights, off, moved, above=LOST)])
    worst = float(off.max(initial=0.0))
    said = _said(cut, raised, rule.trim) + _met(calibration, worst) + "."
    told = tuple(_moved(calibration, found.weights, off, moved, above=NEAR))
    return TrimmedWave(found.weights, cut, raised, worst, (said,), told)


def _off(calibration: Calibration, weights: Floats) -> Floats:
    """Return how far each cell is from its count, as a share of the count."""
    return np.asarray(np.abs(weights @ calibration.auxiliary / calibration.totals - 1), dtype=np.float64)


def _met(calibration: Calibration | None, worst: float) -> str:
    if calibration is None:
        return ""
    if worst <= NEAR:
        near = say(
            "; margins are then met only nearly, up to {share} of a count off", share=digits(worst, ".2g")
        )
        return near if worst > 0 else ""
    return say("; margins are then no longer met, up to {share} off", share=digits(worst, ".1%"))


def _at_limits(found: Trimmed, moved: str) -> Iterator[Problem]:
    share = float((found.cut | found.raised).mean())
    if share > AT_LIMITS:
        yield Problem(
            f"the limits make the weights, not the sample: {moved}, of {len(found.cut)} companies",
            column="trim", value=f"{share:.0%}", allowed=f"up to {AT_LIMITS:.0%} of weights at a limit", to_do=TO_DO,
        )  # fmt: skip


def _moved(
    calibration: Calibration | None, weights: Floats, off: Floats, moved: str, *, above: float
) -> Iterator[Problem]:
    """Yield the cells further off than a share of their count, the furthest first: errors, or warnings of them."""
    if calibration is None:
        return
    got, lost = weights @ calibration.auxiliary, above >= LOST
    for n in np.argsort(-off, kind="stable"):
        if off[n] > above:
            yield Problem(
                f"trimming moves {calibration.names[n]} by {off[n]:.1%}: {calibration.totals[n]:,.6g} wanted, "
                f"{got[n]:,.6g} obtained; {moved}",
                column="trim", value=calibration.names[n], allowed=f"up to {above:.0%} off", to_do=TO_DO,
                severity="error" if lost else "warning",
            )  # fmt: skip


def _in_words(cut: int, raised: int, limits: tuple[float, float]) -> str:
    number = f"{cut} weight{'' if cut == 1 else 's'} cut to {limits[1]:g}"
    return f"{number} and {raised} raised to {limits[0]:g} times the mean weight"


def _said(cut: int, raised: int, limits: tuple[float, float]) -> str:
    """Say in the language of the report what trimming did."""
    low, high = (digits(limit, "g") for limit in limits)
    return say_n(
        cut,
        "{cut} weight cut to {high} and {raised} raised to {low} times the mean weight; what is cut or added is "
        "spread evenly over the others",
        "{cut} weights cut to {high} and {raised} raised to {low} times the mean weight; what is cut or added is "
        "spread evenly over the others",
        cut=cut, high=high, raised=raised, low=low,
    )  # fmt: skip
