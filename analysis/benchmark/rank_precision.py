"""How far companies can be told apart at all: how wide their rank intervals are, and how many pairs have an order."""

import numpy as np
import pandas as pd

KINDS = {
    "one": ("rank_low", "rank_high"),
    "all": ("rank_all_low", "rank_all_high"),
    "plausible": ("plausible_rank_low", "plausible_rank_high"),
}
"""Kinds of rank intervals, and the columns of `positions` that hold them: sure for a reader who looks at one company,
sure for one who looks at the whole list, plausible if companies are draws of one population."""


def rank_precision(positions: pd.DataFrame, *, fewest: int = 1) -> pd.DataFrame:
    """Say how wide the rank intervals of companies are, and which share of their pairs can be put in order.

    A rank set holds ``1 + above`` to ``n - below``, with the companies that are surely above and surely below. So
    ``n - 1 - (high - low)`` comparisons of a company are decided; over all companies this counts each decided pair
    from both sides. Of plausible intervals, which compare no pairs, only the width is said.

    Parameters
    ----------
    positions
        From `analysis.benchmark.position.positions` without a ladder: all companies of a wave among one another.
    fewest
        Companies that the narrowest and the widest intervals are means of: the first and the last have the narrowest.

    Returns
    -------
    DataFrame
        ``kind`` (see `KINDS`), ``n`` (companies with an interval), ``companies`` (ranked), ``width, narrowest, widest``
        (ranks that the median interval holds, and the `fewest` narrowest and widest do on average), ``share`` (the
        median's, per cent of all ranks), ``estimate`` (pairs that can be put in order, per cent), one row per kind;
        empty of numbers without sampling errors.

    Examples
    --------
    >>> table = pd.DataFrame({"rank_low": [1.0, 2, 2, 4], "rank_high": [1.0, 3, 3, 4]})
    >>> rank_precision(table)[["kind", "width", "estimate"]].round(1).values.tolist()[0]
    ['one', 1.5, 83.3]
    """
    total, rows = len(positions), []
    for kind, (low, high) in KINDS.items():
        if low not in positions:
            continue
        width = (positions[high] - positions[low] + 1).dropna().sort_values()
        n, others = len(width), max(total - 1, 1)
        decided = (total - width).sum() / (n * others) if n and total > 1 and kind != "plausible" else np.nan
        median = width.median() if n else np.nan
        rows.append((kind, n, total, median, width.head(fewest).mean(), width.tail(fewest).mean(),
                     100 * median / total if total else np.nan, 100 * decided))  # fmt: skip
    names = ["kind", "n", "companies", "width", "narrowest", "widest", "share", "estimate"]
    return pd.DataFrame(rows, columns=names)
