"""Which practices the classes have in place: the rows of a competitive framework."""

import numpy as np
import pandas as pd

from analysis.benchmark.classes import Classes
from analysis.infer.tabulation import shares
from survey.instrument import Instrument

CUT = 75.0
"""Points (0-100) from which a rated practice counts as in place: "mostly" or better on a scale of five."""


def practice_shares(
    frame: pd.DataFrame, classes: Classes, instrument: Instrument, *, cut: float = CUT
) -> pd.DataFrame:
    """Share of each class with each practice in place, and how much likelier the first class is to have it.

    A rated practice is in place where the company's score reaches `cut`; a ticked one counts as the
    share of the company's informants who ticked it.

    Parameters
    ----------
    frame
        Panel rows; those without a class are left out.
    classes
        From `classify`.
    instrument
        Says which columns are practices and how they are asked.
    cut
        Points from which a rated practice counts.

    Returns
    -------
    DataFrame
        ``practice, group, frame, area, class`` and the columns of `shares`; ``relative`` is the first
        class's share over this class's, less one: 0.38 reads "38% more likely" (infinite where this
        class has none, NaN where neither has).

    Notes
    -----
    Relative likelihood is how the published reports put it; it makes small differences between rare
    practices look large, so it never stands without the shares.
    """
    columns = [name for group in instrument.practices.values() for name in group.items if name in frame]
    if not columns:
        return pd.DataFrame()
    keyed = frame.merge(classes.frame[["company", "wave", "class"]], on=["company", "wave"])
    for name in columns:
        if instrument.columns[name].kind == "scale":
            keyed[name] = keyed[name].ge(cut).where(keyed[name].notna()).astype("float64") * 100
    table = shares(keyed, columns, by=["class"]).rename(columns={"variable": "practice"})
    groups = {item: key for key, group in instrument.practices.items() for item in group.items}
    table["group"] = table["practice"].map(groups)
    table["frame"] = table["group"].map({key: group.frame for key, group in instrument.practices.items()})
    table["area"] = table["group"].map({key: group.area or "" for key, group in instrument.practices.items()})
    first = table[table["class"] == classes.names[0]].set_index("practice")["estimate"]
    with np.errstate(divide="ignore", invalid="ignore"):
        table["relative"] = table["practice"].map(first).to_numpy() / table["estimate"].to_numpy() - 1
    order = ["practice", "group", "frame", "area", "class"]
    return table[[*order, *table.columns.drop(order)]]
