"""Agreement over the companies of a construct: how often it is negative, and how often more than chance."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.measure.null_distributions import SHAPES, Shape

GRID = tuple(step / 20 for step in range(21))
"""Values of rwg(j) that a curve is read at; so coarse that it does not show single companies."""


def negative_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count the negative values of rwg(j) that were set to 0, as LeBreton and Senter (2008) ask.

    Parameters
    ----------
    table
        From `agreement`.

    Returns
    -------
    DataFrame
        construct, wave, function, null, n (groups of two or more informants), n_negative, median (of
        rwg(j), NaN without such groups).
    """
    known = table[table["n"] > 1]
    by = ["construct", "wave", "function"]
    parts = []
    for name in [name for name in map(str, table) if name.startswith("rwg_j")]:
        shape = name.removeprefix("rwg_j").removeprefix("_")
        columns = known[by].assign(value=known[name], negative=known[f"negative_{shape}".rstrip("_")])
        counted = columns.groupby(by, sort=False).agg(
            n=("value", "size"), n_negative=("negative", "sum"), median=("value", "median")
        )
        every = pd.MultiIndex.from_frame(table[by].drop_duplicates())
        found = counted.reindex(every).fillna({"n": 0, "n_negative": 0}).reset_index()
        parts.append(found.assign(null=shape or "uniform"))
    result = pd.concat(parts, ignore_index=True).astype({"n": "int64", "n_negative": "int64"})
    return result[[*by, "null", "n", "n_negative", "median"]]


def significant_share(tested: pd.DataFrame, *, level: float = 0.05) -> pd.DataFrame:
    """Return the share of companies whose informants agree more than chance, where `level` would by chance.

    Parameters
    ----------
    tested
        From `agreement_significance`.
    level
        Up to which p-value a company counts.

    Returns
    -------
    DataFrame
        construct, wave, function, n (companies tested), significant (of them), share (0-1), expected (`level`).
    """
    known = tested[tested["p_value"].notna()]
    known = known.assign(significant=known["p_value"] <= level)
    counted = known.groupby(["construct", "wave", "function"], sort=False)["significant"].agg(["size", "sum"])
    counted = counted.rename(columns={"size": "n", "sum": "significant"}).reset_index()
    return counted.assign(share=counted["significant"] / counted["n"], expected=level)


INDICES = ("rwg_lindell", "ad", "ad_median", "awg", "sd_wg")
"""Columns of `agreement` besides rwg(j)."""


def typical_indices(table: pd.DataFrame, limits: Mapping[str, float]) -> pd.DataFrame:
    """Return the median of each further index of agreement, and how many groups AD calls agreed.

    Parameters
    ----------
    table
        From `agreement`.
    limits
        By construct, the AD(M) up to which informants agree for practical purposes: a sixth of the number of points
        of the scale (Burke & Dunlap 2002).

    Returns
    -------
    DataFrame
        construct, wave, function, n (groups of two or more informants), `INDICES` (medians; those of awg over the
        `n_awg` groups in which it is defined), ad_limit, ad_within (per cent of n at or below it).

    Examples
    --------
    >>> table = pd.DataFrame({"n": [2, 3, 1], "ad": [0.5, 1.0, np.nan], "rwg_lindell": 0.5, "ad_median": 0.5,
    ...                       "awg": [0.5, np.nan, np.nan], "sd_wg": 0.7})
    >>> found = typical_indices(table.assign(construct="goals", wave=1, function="sales"), {"goals": 5 / 6})
    >>> found[["n", "n_awg", "ad", "ad_within"]].values.tolist()
    [[2.0, 1.0, 0.75, 50.0]]
    """
    known = table[table["n"] > 1]
    limit = known["construct"].map(limits).astype(float)
    # A deviation at the limit is within it, whatever its last binary digit.
    marked = known.assign(ad_limit=limit, ad_within=100.0 * (known["ad"] <= limit + 1e-9), n_awg=known["awg"])
    found = marked.groupby(["construct", "wave", "function"], sort=False).agg(
        n=("ad", "size"),
        n_awg=("n_awg", "count"),
        **{name: (name, "median") for name in INDICES},
        ad_limit=("ad_limit", "first"),
        ad_within=("ad_within", "mean"),
    )
    return found.reset_index()


def agreement_curve(
    table: pd.DataFrame, *, nulls: Sequence[Shape] = SHAPES, grid: Sequence[float] = GRID
) -> pd.DataFrame:
    """Return the share of groups whose informants reach each value of rwg(j).

    One minus the cumulative distribution, so that the reader may choose the cut-off: 0.70 is a convention
    (Lance, Butts and Michels 2006, Organizational Research Methods 9).

    Parameters
    ----------
    table
        From `agreement`.
    nulls
        Distributions of answers at random that `table` has rwg(j) for.
    grid
        Values of rwg(j), 0-1.

    Returns
    -------
    DataFrame
        wave, function, null, rwg_j (of `grid`), share (per cent of n), n (groups: a company's informants on a
        construct, two or more of them), companies. No rows for a wave and function without such groups.

    Examples
    --------
    >>> table = pd.DataFrame({"company": list("abc"), "n": [2, 3, 1], "rwg_j": [0.9, 0.6, 1]})
    >>> agreement_curve(table.assign(wave=1, function=""), nulls=["uniform"], grid=[0.5, 0.7])["share"].tolist()
    [100.0, 50.0]
    """
    known = table[table["n"] > 1]
    parts: list[pd.DataFrame] = [
        _curve(rows, shape, grid).assign(wave=rows["wave"].iloc[0], function=rows["function"].iloc[0])
        for _, rows in known.groupby(["wave", "function"])
        for shape in nulls
    ]
    columns = ["wave", "function", "null", "rwg_j", "share", "n", "companies"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _curve(rows: pd.DataFrame, shape: Shape, grid: Sequence[float]) -> pd.DataFrame:
    values = np.sort(rows["rwg_j" if shape == "uniform" else f"rwg_j_{shape}"].to_numpy(dtype=np.float64))
    # A value at a point of the grid reaches it, whatever its last binary digit.
    reached = len(values) - np.searchsorted(values, np.asarray(grid) - 1e-9)
    counted = {"share": 100 * reached / len(values), "n": len(values), "companies": rows["company"].nunique()}
    return pd.DataFrame({"null": shape, "rwg_j": list(grid), **counted})
