"""Population totals that weights meet, carried by a table: one column, in which each row points at its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from survey.calibration import Calibration

KNOWN_TOTALS = "known_totals"
"""The column."""

DRAWN = ("company", "wave", "stratum", "population", "lonely")
"""Columns that say how the companies of a wave were drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownTotals:
    """All companies that were weighted, and what ties their weights together.

    Parameters
    ----------
    companies
        Those of `DRAWN` that there are, one row per company and wave.
    calibrations
        By wave; rows as those of the wave in `companies`. Companies of other waves are not tied.
    """

    companies: pd.DataFrame
    calibrations: Mapping[int, Calibration]

    def of_waves(self, rows: Codes) -> tuple[Codes, tuple[Calibration, ...]]:
        """Return the rows of all companies of the waves of some, and what ties these.

        Waves are calibrated one by one, so that their variables stand beside each other.
        """
        wave = self.companies["wave"].to_numpy()
        whole = np.flatnonzero(np.isin(wave, wave[rows]))
        parts = {year: found for year, found in self.calibrations.items() if (wave[whole] == year).any()}
        if not parts:
            return whole, ()
        width = sum(len(found.totals) for found in parts.values())
        before, after, x = np.ones(len(whole)), np.ones(len(whole)), np.zeros((len(whole), width))
        first = 0
        for year, found in parts.items():
            own, last = wave[whole] == year, first + len(found.totals)
            before[own], after[own], x[own, first:last] = found.before, found.weights, found.auxiliary
            first = last
        names = tuple(f"{year}: {name}" for year, found in parts.items() for name in found.names)
        totals = np.concatenate([found.totals for found in parts.values()])
        one = next(iter(parts.values()))
        return whole, (Calibration(before, after, x, totals, names, one.method, bounds=one.bounds),)


@dataclass(frozen=True, slots=True, eq=False)
class TiedRow:
    """One company of a wave among all that were weighted with it.

    Parts of a table, tables joined to it and respondents of a company thereby know what their weights are tied to.

    Parameters
    ----------
    of
        All companies.
    row
        Which is this.
    """

    of: KnownTotals
    row: int


def with_known_totals(frame: pd.DataFrame, calibrations: Mapping[int, Calibration]) -> pd.DataFrame:
    """Let each row of a table of companies carry what its weight is tied to.

    Parameters
    ----------
    frame
        All companies that were weighted, one row per company and wave, with the columns that say how they were drawn.
    calibrations
        By wave, rows sorted by company: those of `survey.weighted.Weighted`.

    Raises
    ------
    ValueError
        If the table does not hold the companies that were weighted.

    Examples
    --------
    >>> from survey.calibration import poststratify
    >>> frame = pd.DataFrame({"company": list("abc"), "wave": 2025, "weight": [2.0, 2.0, 6.0]})
    >>> tied = with_known_totals(frame, {2025: poststratify(np.ones(3), [0, 0, 1], [4, 6])})
    >>> [cell.row for cell in tied["known_totals"]]
    [0, 1, 2]
    """
    if not calibrations:
        return frame
    order = frame.reset_index(drop=True).sort_values(["wave", "company"], kind="stable")
    companies = order[[name for name in DRAWN if name in order]].reset_index(drop=True)
    for wave, found in calibrations.items():
        if (companies["wave"] == wave).sum() != len(found.weights):
            raise ValueError(
                f"the table does not hold the {len(found.weights)} companies weighted in wave {wave}"
            )
    of = KnownTotals(companies, calibrations)
    row_of = np.argsort(order.index.to_numpy())
    cells = [TiedRow(of, int(row)) for row in row_of]
    return frame.assign(**{KNOWN_TOTALS: pd.Series(cells, index=frame.index, dtype="object")})


def tied_rows(cells: Iterable[TiedRow]) -> Codes:
    """Return where the rows of a table stand among all companies."""
    return np.array([cell.row for cell in cells], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Tie:
    """What known totals take out of sums of linearised values: ``sums per cluster - pull @ (loadings.T @ values)``.

    Parameters
    ----------
    loadings
        Rows x variables.
    pull
        Clusters x variables.
    """

    loadings: Floats
    pull: Floats


def tie(steps: Iterable[Calibration], clusters: Codes, size: int) -> Tie:
    """Put calibrations that followed each other together.

    Parameters
    ----------
    steps
        Over units.
    clusters
        Of each unit.
    size
        Number of clusters.

    Examples
    --------
    >>> from survey.calibration import poststratify
    >>> found = tie([poststratify(np.ones(2), [0, 0], [8.0])], np.array([0, 1]), 2)
    >>> z = np.array([[1.0], [5.0]])
    >>> (z - found.pull @ (found.loadings.T @ z)).ravel().round(9).tolist()
    [-2.0, 2.0]
    """
    fitted, loadings = np.zeros((len(clusters), 0)), np.zeros((len(clusters), 0))
    for step in steps:
        own, apart = step.projection()
        # What later steps explain of what earlier ones have explained already counts once.
        fitted = np.hstack([fitted - own @ (apart.T @ fitted), own])
        loadings = np.hstack([loadings, apart])
    return Tie(loadings, sums(fitted, clusters, size))
