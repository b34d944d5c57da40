"""Rounding of published values: the last protection, and the one that everybody can see."""

import numpy as np
import pandas as pd

from analysis.infer.columns import numeric


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
