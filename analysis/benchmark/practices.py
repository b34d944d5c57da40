"""Which practices the classes have in place: the rows of a competitive framework."""

import numpy as np
import pandas as pd

from analysis.benchmark.classes import Classes, with_class
from analysis.infer.tabulation import shares
from survey.instrument import Instrument

CUT = 75.0
"""Points (0-100) from which a rated practice counts as in place: "mostly" or better on a scale of five."""


def practice_shares(
    frame: pd.DataFrame, classes: Classes, instrument: Instrument, *, cut: float = CUT
) -> pd.DataFrame:
    """Share of each class with each practice in place.

    A rated practice is in place where the company's score reaches `cut`; a ticked one counts as the
    share of the company's informants who ticked it.

    Parameters
    ----------
    frame
        Panel rows; those without a class are part of the sample alone.
    classes
        From `classify`.
    instrument
        Says which columns are practices and how they are asked.
    cut
        Points from which a rated practice counts.

    Returns
    -------
    DataFrame
        ``practice, group, frame, area, class`` and the columns of `shares`.
    """
    columns = practice_columns(frame, instrument)
    if not columns:
        return pd.DataFrame()
    keyed = with_class(in_place(frame, instrument, cut=cut), classes)
    table = shares(keyed, columns, by=["class"]).dropna(subset=["class"], ignore_index=True)
    table = table.rename(columns={"variable": "practice"})
    groups = {item: key for key, group in instrument.practices.items() for item in group.items}
    table["group"] = table["practice"].map(groups)
    table["frame"] = table["group"].map({key: group.frame for key, group in instrument.practices.items()})
    table["area"] = table["group"].map({key: group.area or "" for key, group in instrument.practices.items()})
    order = ["practice", "group", "frame", "area", "class"]
    return table[[*order, *table.columns.drop(order)]]


def practice_columns(frame: pd.DataFrame, instrument: Instrument) -> list[str]:
    """Return the practices that a panel holds, in the order of the questionnaire."""
    return [name for group in instrument.practices.values() for name in group.items if name in frame]


def in_place(frame: pd.DataFrame, instrument: Instrument, *, cut: float = CUT) -> pd.DataFrame:
    """Say of each row which practices are in place: 100 or 0 for a rated one, per cent of informants for a ticked one.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"process_criteria": [80.0, 60, np.nan], "enabler_crm": [100.0, 50, 0]})
    >>> in_place(frame, read_instrument("alignment")).values.tolist()
    [[100.0, 100.0], [0.0, 50.0], [nan, 0.0]]
    """
    rated = [name for name in practice_columns(frame, instrument) if instrument.columns[name].kind == "scale"]
    return frame.assign(
        **{name: frame[name].ge(cut).where(frame[name].notna()).astype("float64") * 100 for name in rated}
    )


def areas_in_place(frame: pd.DataFrame, instrument: Instrument, *, cut: float = CUT) -> pd.DataFrame:
    """Give each row the share of its rated practices that are in place, per cent, per area of the framework.

    Returns
    -------
    DataFrame
        The frame with one column per area that has rated practices, named after it; of those answered.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"process_criteria": [80.0, 60], "process_losses": [90.0, 90]})
    >>> areas_in_place(frame, read_instrument("alignment"))["process"].tolist()
    [100.0, 50.0]
    """
    placed, areas = in_place(frame, instrument, cut=cut), practice_areas(frame, instrument)
    return placed.assign(**{area: placed[items].mean(axis=1) for area, items in areas.items()})


def practice_areas(frame: pd.DataFrame, instrument: Instrument) -> dict[str, list[str]]:
    """Return the rated practices of each area of the framework that a panel holds."""
    found: dict[str, list[str]] = {}
    for group in instrument.practices.values():
        items = [name for name in group.items if name in frame and instrument.columns[name].kind == "scale"]
        if group.area and items:
            found.setdefault(group.area, []).extend(items)
    return found


def with_relative_likelihood(table: pd.DataFrame, first: str) -> pd.DataFrame:
    """Add how much likelier the first class is to have a practice than each other class.

    Parameters
    ----------
    table
        From `practice_shares`, after suppression: a ratio to a blanked share would give it away.
    first
        Name of the first class.

    Returns
    -------
    DataFrame
        With ``relative``, the first class's share over this class's, less one: 0.38 reads "38% more
        likely". Infinite where this class has none, NaN where neither has or either is blanked.

    Notes
    -----
    This is how the published reports put it; it makes small differences between rare practices look
    large, so it never stands without the shares.

    Examples
    --------
    >>> table = pd.DataFrame({"practice": ["x", "x"], "class": ["best", "rest"], "estimate": [30.0, 20.0]})
    >>> with_relative_likelihood(table, "best")["relative"].tolist()
    [0.0, 0.5]
    """
    best = table[table["class"] == first].set_index("practice")["estimate"]
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = table["practice"].map(best).to_numpy(float) / table["estimate"].to_numpy(float) - 1
    return table.assign(relative=relative)
