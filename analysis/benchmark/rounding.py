"""Rounding of published values, and of what a figure draws company by company."""

import numpy as np
import pandas as pd

from analysis.infer.columns import numeric

STEP = 2.0
"""Points of 0-100 to which a figure shows single companies."""


def round_to(
    table: pd.DataFrame, columns: list[str], *, step: float, rng: np.random.Generator | None = None
) -> pd.DataFrame:
    """Round published values to multiples of a step, so that differences of a few are lost in it.

    Parameters
    ----------
    table
        A table as it is to be published; round before anything is added up from it.
    columns
        What is rounded.
    step
        The multiple, above 0.
    rng
        For unbiased random rounding: up with a chance that is the remainder over the step. None for the nearest
        multiple, halves to the even one. Draw once per release: what is drawn anew can be averaged out.

    Returns
    -------
    DataFrame
        A copy with those columns rounded.

    Raises
    ------
    InputError
        If a column is absent or not numeric.
    ValueError
        If the step is not above 0.

    Examples
    --------
    >>> round_to(pd.DataFrame({"n": [1, 7, 12]}), ["n"], step=5)["n"].tolist()
    [0.0, 5.0, 10.0]
    """
    if not step > 0:
        raise ValueError(f"step: {step} is not above 0")
    parts = numeric(table, columns) / step
    whole = np.rint(parts) if rng is None else np.floor(parts) + (rng.random(parts.shape) < parts % 1)
    return table.assign(**{name: step * whole[:, place] for place, name in enumerate(columns)})


def blurred(table: pd.DataFrame, columns: list[str], *, step: float = STEP, fewest: int = 5) -> pd.DataFrame:
    """Return values as a figure may draw them one by one, when nobody is to be told by where a point stands.

    Each stands at the nearest multiple of the step. Who has the lowest and the highest value is what is known of
    companies, so the `fewest` lowest stand together at the mean of them, and so do the highest (top and bottom
    coding; Hundepool et al., 2012, Statistical Disclosure Control, section 3.4). Rows come in the order of what is
    drawn, as a file lists points in the order in which they were drawn: that of names would tell whose each is.

    Parameters
    ----------
    table
        One row per company.
    columns
        What is drawn.
    step
        The multiple, in the unit of the columns.
    fewest
        Companies that stand together at either end.

    Returns
    -------
    DataFrame
        A copy with those columns changed, sorted by them; what is missing stays so. Rows keep their index.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Examples
    --------
    >>> table = pd.DataFrame({"alignment": [97.4, 31.0, 44.9, 50.1, 61.7, 70.2, 12.3]})
    >>> blurred(table, ["alignment"], fewest=3)["alignment"].tolist()
    [30.0, 30.0, 30.0, 50.0, 76.0, 76.0, 76.0]
    """
    ends = table.copy()
    for name, values in zip(columns, numeric(table, columns).T, strict=True):
        known = np.sort(values[~np.isnan(values)])
        if len(known):
            least, most = known[:fewest].mean(), known[-fewest:].mean()
            place = min(fewest, len(known)) - 1
            drawn = np.where(values <= known[place], least, values)
            ends[name] = np.where(values >= known[-place - 1], most, drawn)
    return round_to(ends, columns, step=step).sort_values(columns)
