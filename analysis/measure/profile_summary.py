"""What is usual among companies when the profiles of their two functions are compared."""

import numpy as np
import pandas as pd

from analysis.measure.profiles import MEASURES
from survey.language import say

DISTANCES = MEASURES[:4]
"""Measures that are 0 where the profiles do not differ; the others are correlations."""


CHANCE = {"d2": 2.5, "elevation": 5.0, "scatter": 5.0, "shape": 2.5, "profile_r": 5.0, "profile_icc": 5.0}
"""Per cent of companies whose 95% interval leaves out 0 where there is nothing. D2 and shape have no other side, so
that only the lower end counts; elevation and scatter are squares of what has a sign, so that both do. Simulated, with
two to ten informants of each function, it is 2.5 to 2.8% for D2, 2.4 to 2.9% for shape, 5.3 to 5.6% for elevation and
1.9 (two informants) to 4.0% (ten) for scatter; see `analysis.measure.profile_intervals.intervals`."""


def profile_summary(companies: pd.DataFrame) -> pd.DataFrame:
    """Summarise the measures of `between_functions` over the companies of one wave.

    Parameters
    ----------
    companies
        Rows of `analysis.measure.between_functions.between_functions`.

    Returns
    -------
    DataFrame
        measure (`MEASURES`), median, p25, p75 (of the estimates, which sampling few people makes too large, or of
        correlations too small), corrected (median without that), clear (per cent of the companies with an interval
        in which it leaves out 0: a distance that is there, a correlation that has a sign), chance (per cent that would
        be clear were there nothing, see `CHANCE`), with_interval, n (companies with a value), note (what is absent and
        why; empty else).

    Examples
    --------
    >>> table = pd.DataFrame({"measure": ["d2"] * 3, "estimate": [1.0, 2, 9], "corrected": [0.0, 1, 8],
    ...                       "conf_low": [0.0, 0, 4], "conf_high": [3.0, 4, 12], "note": ""})
    >>> profile_summary(table).loc[0, ["median", "corrected", "clear"]].round(1).tolist()
    [2.0, 1.0, 33.3]
    """
    rows = [_row(name, companies[companies["measure"] == name]) for name in MEASURES]
    columns = [
        "measure",
        "median",
        "p25",
        "p75",
        "corrected",
        "clear",
        "chance",
        "with_interval",
        "n",
        "note",
    ]
    return pd.DataFrame(rows, columns=pd.Index(columns))


def _row(measure: str, rows: pd.DataFrame) -> dict[str, object]:
    known = rows[rows["estimate"].notna()]
    row: dict[str, object] = {
        "measure": measure,
        "n": len(known),
        "with_interval": 0,
        "chance": CHANCE[measure],
    }
    if known.empty:
        reasons = rows["note"][rows["note"] != ""]
        return row | {"note": str(reasons.mode().iloc[0]) if len(reasons) else say("no company has it")}
    low, median, high = np.quantile(known["estimate"], (0.25, 0.5, 0.75))
    sure = known[known["conf_low"].notna()]
    row |= {"median": float(median), "p25": float(low), "p75": float(high), "with_interval": len(sure)}
    if sure.empty:
        return row | {"note": say("no company has enough respondents for an interval")}
    apart = (sure["conf_low"] > 0) | (sure["conf_high"] < 0)
    return row | {
        "corrected": float(sure["corrected"].median()),
        "clear": 100 * float(apart.mean()),
        "note": "",
    }
