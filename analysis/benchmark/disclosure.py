"""Disclosure control: what stands for too few companies is blanked before anything is written."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats, numeric

WAVES = ("wave", "wave_from", "wave_to")
"""Float columns that name a cell and are never blanked."""

FURTHER_BASES = ("companies", "n_a", "n_b", "companies_a", "companies_b")
"""Counts that must reach the minimum too where a table has them: a company may have several rows, and a
contrast is no safer than its smaller group."""

SEVERAL = 4
"""Times the minimum that percentiles and curves need: those of few companies are single ones."""

BOTH_SIDES = 2
"""Times the minimum that the median of what is no score needs: so many companies are at or beyond it on either side."""


def suppress(
    table: pd.DataFrame,
    *,
    minimum: int = 5,
    count: str | Sequence[str] = "n",
    also: pd.Series | None = None,
    keep: Sequence[str] = WAVES,
) -> pd.DataFrame:
    """Blank the estimates of cells that stand for fewer than `minimum` companies.

    The threshold rule of statistical disclosure control (Hundepool et al., 2012, Statistical Disclosure
    Control).

    Parameters
    ----------
    table
        One row per cell.
    minimum
        Smallest base to show.
    count
        Column or columns with the base; the smallest counts, `FURTHER_BASES` included.
    also
        Why further cells are withheld, by row, "" where they are not: what `withhold_cells` found.
    keep
        Float columns that are never blanked.

    Returns
    -------
    DataFrame
        The table with columns ``suppressed`` and ``withheld`` ("companies", a reason of `also`, "" where shown);
        where it is suppressed, every float column but the counts and `keep` is NaN. Counts stay, to say how small
        the base is.

    Raises
    ------
    InputError
        If a count is absent.

    Notes
    -----
    A default, not a safe harbour: no rule proves that nobody can be identified. Which cells must go so that small
    ones cannot be found by subtraction, `analysis.benchmark.overlapping_cells.withhold_cells` says.

    Examples
    --------
    >>> table = pd.DataFrame({"industry": ["steel", "retail", "media"], "estimate": [61.0, 55.0, 48.0]})
    >>> suppress(table.assign(n=[40, 3, 9]))["estimate"].tolist()
    [61.0, nan, 48.0]
    >>> suppress(table.assign(n=[40, 3, 9]), also=pd.Series(["", "", "differencing"]))["withheld"].tolist()
    ['', 'companies', 'differencing']
    """
    counts = [count] if isinstance(count, str) else list(count)
    further = pd.Series("", index=table.index, dtype=object) if also is None else also.reindex(table.index)
    reason = further.fillna("").mask(bases_of(table, counts) < minimum, "companies")
    hidden = reason.ne("")
    kept = [*counts, *FURTHER_BASES, *keep]
    floats = [str(name) for name in table.select_dtypes("float") if name not in kept]
    blanked = table.copy()
    blanked[floats] = blanked[floats].mask(hidden, np.nan)
    return blanked.assign(suppressed=hidden.to_numpy(dtype=bool), withheld=reason.to_numpy(dtype=object))


def bases_of(table: pd.DataFrame, count: Sequence[str]) -> Floats:
    """Return the smallest base of each cell; 0 where it is missing."""
    columns = dict.fromkeys([*count, *(name for name in FURTHER_BASES if name in table)])
    return np.asarray(np.nan_to_num(numeric(table, list(columns))).min(axis=1), dtype=np.float64)
