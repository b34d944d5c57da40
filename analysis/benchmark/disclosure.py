"""Disclosure control: what stands for too few companies is blanked before anything is written."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Floats, numeric

WAVES = ("wave", "wave_from", "wave_to")
"""Float columns that name a cell and are never blanked."""

FURTHER_BASES = ("companies", "n_a", "n_b", "companies_a", "companies_b")
"""Counts that must reach the minimum too where a table has them: a company may have several rows, and a
contrast is no safer than its smaller group."""


def suppress(
    table: pd.DataFrame,
    *,
    minimum: int = 5,
    count: str | Sequence[str] = "n",
    within: Sequence[str] | None = None,
    keep: Sequence[str] = WAVES,
) -> pd.DataFrame:
    """Blank the estimates of cells that stand for fewer than `minimum` companies.

    The threshold rule of statistical disclosure control (Hundepool et al., 2012, Statistical Disclosure
    Control). With `within`, also complementary suppression: where the cells of a family add up to a
    published total, a single blanked cell could be found by subtraction. So the next smallest cells are
    blanked too, until at least two are and together they stand for `minimum` companies.

    Parameters
    ----------
    table
        One row per cell.
    minimum
        Smallest base to show.
    count
        Column or columns with the base; the smallest counts, `FURTHER_BASES` included.
    within
        Keys of the families of cells that add up to a published total, () if the whole table is one;
        None for no complementary suppression.
    keep
        Float columns that are never blanked.

    Returns
    -------
    DataFrame
        The table with columns ``suppressed`` and ``withheld`` ("companies", "complementary", "" where shown); where
        it is suppressed, every float column but the counts and `keep` is NaN. Counts stay, to say how small the
        base is.

    Raises
    ------
    InputError
        If a count or key is absent.

    Notes
    -----
    A default, not a safe harbour: no rule proves that nobody can be identified. This is for tables of estimates
    of which only the bases are known; where the contributions of the companies are at hand and tables share
    margins, `analysis.benchmark.suppression.protect` hides what is needed and proves it.

    Examples
    --------
    >>> table = pd.DataFrame({"industry": ["steel", "retail", "media"], "estimate": [61.0, 55.0, 48.0]})
    >>> suppress(table.assign(n=[40, 3, 9]))["estimate"].tolist()
    [61.0, nan, 48.0]
    >>> suppress(table.assign(n=[40, 3, 9]), within=())["estimate"].tolist()
    [61.0, nan, nan]
    """
    counts = [count] if isinstance(count, str) else list(count)
    base = _base(table, counts, within)
    hidden = small = base < minimum
    if within is not None:
        hidden = hidden | _complementary(table, base, list(within), minimum)
    kept = [*counts, *FURTHER_BASES, *keep]
    floats = [str(name) for name in table.select_dtypes("float") if name not in kept]
    blanked = table.copy()
    blanked[floats] = blanked[floats].mask(pd.Series(hidden, index=table.index), np.nan)
    withheld = np.where(small, "companies", np.where(hidden, "complementary", ""))
    return blanked.assign(suppressed=hidden, withheld=withheld)


def _base(table: pd.DataFrame, counts: Sequence[str], within: Sequence[str] | None) -> Floats:
    columns = dict.fromkeys([*counts, *(name for name in FURTHER_BASES if name in table)])
    bases = numeric(table, list(columns), keys=tuple(within or ()))
    return np.asarray(np.nan_to_num(bases).min(axis=1), dtype=np.float64)


def _complementary(
    table: pd.DataFrame, base: Floats, within: Sequence[str], minimum: int
) -> NDArray[np.bool_]:
    """Mark each family's smallest cells, and those level with them, until enough are hidden.

    Empty cells hide nothing, so they neither count nor need hiding.
    """
    order = np.argsort(base, kind="stable")
    cells = table.iloc[order][list(within)].reset_index(drop=True).assign(base=base[order])
    cells = cells[cells["base"] > 0]
    families = cells.groupby(list(within), dropna=False) if within else cells.groupby(np.zeros(len(cells)))
    before = families["base"].cumsum() - cells["base"]
    exposed = families["base"].transform("min") < minimum
    needed = exposed & ((families.cumcount() < 2) | (before < minimum))
    largest = cells["base"].where(needed).groupby(families.ngroup()).transform("max")
    hidden = np.zeros(len(table), dtype=bool)
    hidden[order[cells.index[cells["base"] <= largest]]] = True
    return hidden
