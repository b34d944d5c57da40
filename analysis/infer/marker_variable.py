"""Correlations less what a marker variable says that one method adds to each."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Floats, numeric
from analysis.infer.linearisation import cells_of
from survey.language import say
from survey.problems import Problem, raise_if_any

MARKED = (
    "r",
    "marker_r",
    "adjusted",
    "statistic",
    "df",
    "p_value",
    "conf_low",
    "conf_high",
    "adjusted_low",
    "n",
)


def marker_adjusted(
    frame: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    *,
    marker: str,
    by: Sequence[str] = (),
    rank: int = 1,
) -> pd.DataFrame:
    """Correlations less what a marker variable shares with everything (Lindell and Whitney 2001).

    A marker has no reason to go with anything, so its smallest positive correlation ``r_m`` with the
    variables in `pairs` is taken for what one method adds to every correlation: ``(r - r_m) / (1 - r_m)``,
    tested by ``t = r_a / sqrt((1 - r_a^2) / (n - 3))`` with n - 3 degrees of freedom (Journal of Applied
    Psychology 86). The test takes r_m for known; `adjusted_low` shows what its own uncertainty may do.

    Parameters
    ----------
    frame
        One row per independent unit: companies, as one function sees them, not several people of each.
    pairs
        Construct and outcome, column names.
    marker
        Column of the marker's score.
    by
        Columns whose cells are analysed apart, such as function and wave.
    rank
        1 takes the smallest positive correlation of the marker, 2 the second smallest, their guard against
        chance.

    Returns
    -------
    DataFrame
        ``*by, construct, outcome``, r (as it is), marker_r, adjusted, statistic, df, p_value, conf_low and
        conf_high (95%, Fisher's z with n - 4), adjusted_low (adjusted by the upper 95% limit of marker_r),
        n (rows with both), note (what could not be computed and why; empty else).

    Raises
    ------
    InputError
        If a column is absent or not numeric, or `rank` is below 1.

    Notes
    -----
    Agrees with the formulas worked out in R on ``cor(x, use = "pairwise")``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> method, growth = rng.normal(size=(2, 200))
    >>> frame = pd.DataFrame({"goals": method + growth, "growth": method + growth, "marker": method})
    >>> table = marker_adjusted(frame + rng.normal(size=(200, 3)), [("goals", "growth")], marker="marker")
    >>> bool(table.loc[0, "adjusted"] < table.loc[0, "r"])
    True
    """
    raise_if_any([Problem("must be 1 or more", column="rank", value=str(rank))] if rank < 1 else [])
    names = list(dict.fromkeys([name for pair in pairs for name in pair]))
    values = numeric(frame, [*names, marker], keys=by)
    codes, keys = cells_of(frame, by)
    rows = [
        {**key, **row}
        for code, key in enumerate(keys.to_dict("records"))
        for row in _adjusted(values[codes == code], names, pairs=pairs, rank=rank)
    ]
    return pd.DataFrame(rows, columns=pd.Index([*by, "construct", "outcome", *MARKED, "note"]))


def _adjusted(
    values: Floats, names: list[str], *, pairs: Sequence[tuple[str, str]], rank: int
) -> Iterator[dict[Hashable, Any]]:
    """Yield the rows of one cell; the marker is the last column of `values`."""
    correlation, n = _correlations(values)
    place = {name: position for position, name in enumerate(names)}
    with_marker = correlation[:-1, -1]
    positive = np.sort(with_marker[with_marker > 0])
    shared = float(positive[min(rank, len(positive)) - 1]) if len(positive) else 0.0
    upper = _fisher(shared, float(n[:-1, -1].min(initial=np.inf)), used=3)[1]
    for construct, outcome in pairs:
        row, column = place[construct], place[outcome]
        found = _tested(float(correlation[row, column]), shared, n=int(n[row, column]))
        high = (found["r"] - upper) / (1 - upper) if upper < 1 else np.nan
        note = _marker_note(found, bool(len(positive)), known=bool((~np.isnan(with_marker)).any()))
        yield {"construct": construct, "outcome": outcome, **found, "adjusted_low": high, "note": note}


def _tested(r: float, shared: float, *, n: int) -> dict[Hashable, Any]:
    adjusted, df = (r - shared) / (1 - shared), n - 3
    tested = df > 0 and abs(adjusted) < 1
    statistic = adjusted / np.sqrt((1 - adjusted**2) / df) if tested else np.nan
    low, high = _fisher(adjusted, n, used=4)
    return {
        "r": r, "marker_r": shared, "adjusted": adjusted, "statistic": statistic, "df": df, "n": n,
        "p_value": 2 * stats.t.sf(abs(statistic), df) if tested else np.nan, "conf_low": low, "conf_high": high,
    }  # fmt: skip


def _marker_note(found: dict[Hashable, Any], positive: bool, *, known: bool) -> str:
    if np.isnan(found["r"]):
        return say("no correlation: fewer than three rows have both, or one does not vary")
    if found["n"] < 5:
        return say("no interval: fewer than five rows have both")
    if not known:
        return say(
            "the marker has no correlation: it does not vary, or too few rows have it; nothing is taken off"
        )
    return (
        ""
        if positive
        else say("the marker goes with nothing (no positive correlation): nothing is taken off")
    )


def _fisher(r: float, n: float, *, used: int) -> tuple[float, float]:
    """Return the 95% interval of a correlation by Fisher's z with variance ``1 / (n - used)``."""
    if not (abs(r) < 1 and n > used and np.isfinite(n)):
        return np.nan, np.nan
    centre, reach = np.arctanh(r), stats.norm.ppf(0.975) / np.sqrt(n - used)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def _correlations(values: Floats) -> tuple[Floats, Floats]:
    """Return pairwise correlations, NaN below three rows or without variation, and the rows of each pair."""
    present = (~np.isnan(values)).astype(np.float64)
    n = present.T @ present
    table = pd.DataFrame(values).corr(min_periods=3)
    return table.to_numpy(copy=True), n
