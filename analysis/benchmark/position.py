"""Where a company stands among its peers, and how sure that is."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Floats, numeric
from analysis.measure.panel import Panel


def positions(panel: Panel, wave: int) -> pd.DataFrame:
    """Percentile of each company among the other companies of a wave, with its uncertainty.

    The percentile is the share of peers below plus half of those level with the company (mid-rank,
    Berk and MacArthur's convention of percentile ranks), itself not counted. Its interval is where the ends
    of ``alignment -/+ 1.96 alignment_se`` would stand among the same peers: it carries the company's own
    sampling error, the peers' scores are taken as they are.

    Parameters
    ----------
    panel
        Companies by wave.
    wave
        The wave to rank in.

    Returns
    -------
    DataFrame
        ``company, alignment, conf_low, conf_high, percentile, percentile_low, percentile_high, n_peers,
        note``, one row per company with an index, sorted by company; scores and percentiles 0-100.
        Without a sampling error the interval is NaN and the note says why.

    Raises
    ------
    InputError
        If there is no such wave, or the panel has no alignment.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": list("abcde"), "wave": 2025, "alignment": [40.0, 50, 60, 70, 80]})
    >>> panel = Panel(frame.assign(alignment_se=6.0), read_instrument("alignment"), {})
    >>> positions(panel, 2025).loc[2, ["percentile", "percentile_low", "percentile_high"]].tolist()
    [50.0, 25.0, 75.0]
    """
    frame = panel.wave(wave).frame
    numeric(frame, ["alignment"])
    known = frame[frame["alignment"].notna()].sort_values("company", ignore_index=True)
    score = known["alignment"].to_numpy(float)
    error = known["alignment_se"].to_numpy(float) if "alignment_se" in known else np.full(len(known), np.nan)
    reach = stats.norm.ppf(0.975) * error
    low, high = np.clip(score - reach, 0, 100), np.clip(score + reach, 0, 100)
    table = pd.DataFrame(
        {"company": known["company"], "alignment": score, "conf_low": low, "conf_high": high}
    )
    table["percentile"] = _percentile(score, score)
    table["percentile_low"], table["percentile_high"] = _percentile(low, score), _percentile(high, score)
    reason = panel.unavailable.get("alignment_se", "the sampling error of its index is not known")
    note = np.where(np.isnan(error), f"no interval: {reason}", "")
    return table.assign(n_peers=len(known) - 1, note=pd.Series(note, dtype="str"))


def _percentile(points: Floats, scores: Floats) -> Floats:
    """Mid-rank percentile of `points[i]` among all scores but `scores[i]`; NaN without peers."""
    if len(scores) < 2:
        return np.full(len(points), np.nan)
    ordered = np.sort(scores)
    below = np.searchsorted(ordered, points, side="left") - (scores < points)
    level = (
        np.searchsorted(ordered, points, side="right") - np.searchsorted(ordered, points) - (scores == points)
    )
    percentile = 100 * (below + level / 2) / (len(scores) - 1)
    return np.asarray(np.where(np.isnan(points), np.nan, percentile), dtype=np.float64)
