"""The weights of companies as a run keeps them: every step, how unequal they are, and what was done, in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey.calibration import Calibration, Floats
from survey.problems import Problem
from survey.trimmed_margins import TrimmedWave
from survey.trimming import design_effect, effective_n

STEPS = ("base", "nonresponse", "calibrated", "trimmed", "weight")
"""Columns of weights, in the order in which they come about."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """The weights of the companies of one or more waves.

    Parameters
    ----------
    frame
        company, wave and `STEPS`, one row per company and wave.
    waves
        One row per wave: wave, n, population (sum of weights), smallest, largest, ratio (largest by smallest),
        effective_n, design_effect, method, converged, iterations, misfit (largest relative distance from a margin
        after the last step), trimmed and raised (weights brought to the upper and to the lower limit).
    said
        What was scaled, joined, trimmed, in words.
    remarks
        What should be looked at.
    calibrations
        By wave, what ties the weights before trimming to margins; rows as those of the wave in `frame`, which are
        sorted by company. `analysis.infer.known_totals` lets a table carry it.
    respondents
        respondent, company, wave, function, weight; empty without answers of people.
    classes
        Weighting classes by wave, if any: those of `survey.response_classes`, with a column wave.
    replicates
        company, wave and the weight in each replicate; empty where variances do not come from replicate weights.
    """

    frame: pd.DataFrame
    waves: pd.DataFrame
    said: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = ()
    calibrations: dict[int, Calibration] = field(default_factory=dict)
    classes: pd.DataFrame = field(default_factory=pd.DataFrame)
    respondents: pd.DataFrame = field(default_factory=pd.DataFrame)
    replicates: pd.DataFrame = field(default_factory=pd.DataFrame)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the weights."""
        return self.frame.copy()

    def summary(self) -> str:
        """Return the weights of each wave and what was done, as text."""
        return "\n".join([self.waves.to_string(index=False), *self.said])

    __repr__ = summary

    def _repr_html_(self) -> str:
        return self.waves.to_html(index=False, border=0)


class WaveWeights(NamedTuple):
    """What weighting one wave gives."""

    steps: dict[str, Floats]
    calibration: Calibration | None
    last: TrimmedWave
    classes: pd.DataFrame
    said: list[str]


def together(done: dict[int, tuple[pd.DataFrame, WaveWeights]], *, largest: float) -> Weighted:
    """Put the weights of several waves together; by wave, its companies and what weighting them gave."""
    frames = [rows[["company", "wave"]].assign(**found.steps) for rows, found in done.values()]
    waves = pd.DataFrame([_diagnostics(year, found) for year, (_, found) in done.items()])
    said = [(year, line) for year, (_, found) in done.items() for line in (*found.said, *found.last.said)]
    classes = [found.classes.assign(wave=year) for year, (_, found) in done.items() if len(found.classes)]
    return Weighted(
        pd.concat(frames, ignore_index=True),
        waves,
        tuple(_once(said, len(done))),
        tuple(p for year, (rows, found) in done.items() for p in _remarks(year, rows, found, largest)),
        {year: tied for year, (_, found) in done.items() if (tied := found.calibration) is not None},
        pd.concat(classes, ignore_index=True) if classes else pd.DataFrame(),
    )


def _once(said: Sequence[tuple[int, str]], waves: int) -> Iterator[str]:
    """Say what holds of all waves alike once, and the rest with its wave."""
    times = Counter(line for _, line in said)
    for line, count in times.items():
        if count == waves:
            yield line
    yield from (f"{year}: {line}" for year, line in said if times[line] < waves)


def _diagnostics(year: int, found: WaveWeights) -> dict[str, object]:
    w, calibration = found.steps["weight"], found.calibration
    tied = {"method": "none", "converged": True, "iterations": 0, "misfit": 0.0} if calibration is None else {
        "method": calibration.method, "converged": calibration.converged,
        "iterations": calibration.iterations, "misfit": found.last.misfit,
    }  # fmt: skip
    return {
        "wave": year, "n": len(w), "population": float(w.sum()), "smallest": float(w.min()), "largest": float(w.max()),
        "ratio": float(w.max() / w.min()), "effective_n": effective_n(w), "design_effect": design_effect(w),
        **tied, "trimmed": found.last.cut, "raised": found.last.raised,
    }  # fmt: skip


def _remarks(year: int, rows: pd.DataFrame, found: WaveWeights, largest: float) -> Iterator[Problem]:
    """Warn of margins that trimming has moved, and of weights that differ too much."""
    yield from (
        replace(p, what=f"{p.what} ({year})", column=f"weights.{p.column}") for p in found.last.remarks
    )
    yield from _crowded(year, found)
    yield from _unequal(year, rows, found, largest)


def _crowded(year: int, found: WaveWeights) -> Iterator[Problem]:
    """Warn of categories of which more companies answered than the population is said to have."""
    if (tied := found.calibration) is None:
        return
    answered, total = tied.auxiliary.sum(axis=0), float(tied.weights.sum())
    # Margins of shares are counted in companies that answered: more in one category is fewer in another.
    shares = abs(total / len(tied.weights) - 1) < EVEN
    for n in np.flatnonzero(answered > tied.totals * (1 + EVEN)) if not shares else ():
        yield Problem(
            f"{answered[n]:,.0f} answered in {tied.names[n]}, where the population has {tied.totals[n]:,.6g}: each "
            f"stands for less than one company ({year})",
            column="weights.margins", value=tied.names[n], severity="warning",
            to_do="see whether the margins count companies, in ones and not in thousands",
        )  # fmt: skip


EVEN = 1e-6
"""Numbers that differ by no larger share are one but for rounding."""


def _unequal(year: int, rows: pd.DataFrame, found: WaveWeights, largest: float) -> Iterator[Problem]:
    """Warn of weights that differ too much, with the company and cell of the largest."""
    w = found.steps["weight"]
    ratio, top = float(w.max() / w.min()), int(np.argmax(w))
    if ratio <= largest:
        return
    cell = ""
    if (tied := found.calibration) is not None:
        cell = f" ({'; '.join(tied.names[n] for n in np.flatnonzero(tied.auxiliary[top] > 0))})"
    many = int((w > w.min() * largest).sum())
    yield Problem(
        f"weights of {year} differ {ratio:.0f} times: {many} of {len(w)} are more than {largest:g} times the smallest; "
        f"the largest is that of {rows['company'].iloc[top]}{cell}",
        column="weights", value=f"{ratio:,.0f}", allowed=f"up to {largest:g} times", severity="warning",
        to_do="join rare categories (join), set bounds or trim, or leave a margin out",
    )  # fmt: skip
