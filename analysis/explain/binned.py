"""Binned means: what the relation between two variables looks like before any model is laid over it."""

import numpy as np
import pandas as pd
from scipy import stats


def binned_means(frame: pd.DataFrame, x: str, y: str, *, bins: int = 10) -> pd.DataFrame:
    """Mean of `y` with its 95% t interval in quantile bins of `x`.

    Parameters
    ----------
    frame
        One row per company and wave.
    x, y
        Numeric columns; rows that lack either are left out.
    bins
        Number of bins wanted; fewer where there are fewer than ten rows a bin.

    Returns
    -------
    DataFrame
        ``bin, x, estimate, std_error, conf_low, conf_high, n``, one row per bin, `x` its mean there.
        Intervals treat rows as independent: they are for looking, the models are for inference.

    References
    ----------
    Cattaneo, Crump, Farrell and Feng (2024), On binscatter, American Economic Review 114.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": range(40), "y": [2.0 * v for v in range(40)]})
    >>> binned_means(frame, "x", "y", bins=2)[["x", "estimate", "n"]].values.tolist()
    [[9.5, 19.0, 20.0], [29.5, 59.0, 20.0]]
    """
    complete = frame[[x, y]].dropna().astype(float)
    wanted = max(1, min(bins, len(complete) // 10))
    if complete.empty:
        return pd.DataFrame(columns=["bin", "x", "estimate", "std_error", "conf_low", "conf_high", "n"])
    edges = np.unique(np.quantile(complete[x], np.linspace(0, 1, wanted + 1))[1:-1])
    groups = complete.groupby(np.searchsorted(edges, complete[x], side="left"))
    table = groups.agg(x=(x, "mean"), estimate=(y, "mean"), sd=(y, "std"), n=(y, "size"))
    table["std_error"] = table["sd"] / np.sqrt(table["n"])
    reach = stats.t.ppf(0.975, np.maximum(table["n"] - 1, 1)) * table["std_error"]
    table["conf_low"], table["conf_high"] = table["estimate"] - reach, table["estimate"] + reach
    ordered = table[["x", "estimate", "std_error", "conf_low", "conf_high", "n"]]
    return ordered.rename_axis("bin").reset_index()
