"""Population totals that the weights of a table meet, carried in its columns."""

import numpy as np
import pandas as pd

from survey.calibration import Calibration
from survey.weighted import BEFORE, MARGIN, RATIO, ROWS


def known_totals(frame: pd.DataFrame, weights: np.ndarray) -> tuple[Calibration, ...]:
    """Read what ties the weights of a table to known totals; nothing where the table does not say.

    Totals are known of all rows of a wave together. A wave of which the table has but a part is taken as if its
    weights had not been calibrated, which makes intervals wider, not narrower.

    Parameters
    ----------
    frame
        With the columns of `survey.weighted.Weighted.known_totals`, or none of them.
    weights
        Of the rows.

    Examples
    --------
    >>> columns = {BEFORE: [2.0, 2.0], RATIO: [3.0, 1.0], ROWS: [2, 2], f"{MARGIN}1": ["large", "small"]}
    >>> known_totals(pd.DataFrame(columns), np.array([6.0, 2.0]))[0].totals.tolist()
    [6.0, 2.0]
    >>> known_totals(pd.DataFrame(columns).head(1), np.array([6.0]))
    ()
    """
    margins = [name for name in frame if str(name).startswith(MARGIN)]
    if not margins or not {BEFORE, RATIO, ROWS} <= set(frame):
        return ()
    wave = frame["wave"].to_numpy() if "wave" in frame else np.zeros(len(frame))
    there = pd.Series(wave).groupby(wave).transform("size").to_numpy()
    whole = there == frame[ROWS].to_numpy(dtype=float, na_value=np.nan)
    if not whole.any():
        return ()
    before = np.where(whole, frame[BEFORE].to_numpy(float), weights)
    after = np.where(whole, before * frame[RATIO].to_numpy(float), weights)
    cells = [
        pd.Series(wave).astype(str) + ": " + frame[name].reset_index(drop=True).astype(str)
        for name in margins
    ]
    parts = [pd.get_dummies(cell.where(whole), prefix=str(n), dtype=float) for n, cell in enumerate(cells)]
    auxiliary = pd.concat(parts, axis=1)
    x = auxiliary.to_numpy()
    return (Calibration(before, after, x, after @ x, tuple(map(str, auxiliary)), "known totals"),)
