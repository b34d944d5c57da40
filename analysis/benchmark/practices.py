"""Which practices the classes have in place: the rows of a competitive framework."""

import numpy as np
import pandas as pd

from analysis.benchmark.classes import Classes, with_class
from analysis.infer.columns import Floats, numeric
from analysis.infer.estimates import mean_estimates
from analysis.infer.linearisation import cells_of
from analysis.infer.survey_design import survey_design
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
        ``practice, group, frame, area, class``, the columns of `shares`, and ``correlation``: of the error of each
        share with that of the first class, which is not 0 where companies are in several classes over the waves.
    """
    columns = practice_columns(frame, instrument)
    if not columns:
        return pd.DataFrame()
    keyed = with_class(in_place(frame, instrument, cut=cut), classes)
    table = shares(keyed, columns, by=["class"]).dropna(subset=["class"], ignore_index=True)
    table["correlation"] = _correlations(keyed, columns, classes.names[0], table["class"])
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
    """Add how much likelier the first class is to have a practice than each other class, with an interval.

    The interval is that of the square-and-add method for ratios (MOVER: Donner and Zou, 2012, Statistical Methods in
    Medical Research 21; Fagerland and Newcombe, 2013, Statistics in Medicine 32): all ratios R for which 0 lies in the
    interval of ``p1 - R p2`` that the intervals of both shares give, their errors being correlated. So it is made of
    what stands beside it and of nothing else, has ends where nobody or everybody has a practice, and excludes 0 where
    the interval of the difference by the same method does. With the intervals of Wilson it keeps its coverage in small
    classes, where the usual one on the log scale (Katz and others, 1978) has none at a share of 0 or 100 per cent.

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
        likely", ``relative_low`` and ``relative_high``. Infinite where this class has none, or its interval
        reaches down to none; NaN where neither has it or either is blanked, and for the first class itself the ends.

    Notes
    -----
    This is how the published reports put it; it makes small differences between rare practices look
    large, so it never stands without the shares. For large samples the interval is that of R
    ``survey::svycontrast(stat, quote(best / other))``.

    Examples
    --------
    >>> table = pd.DataFrame({"practice": ["x", "x"], "class": ["best", "rest"], "estimate": [30.0, 20.0],
    ...                       "conf_low": [20.0, 14.0], "conf_high": [42.0, 27.0], "correlation": 0.0})
    >>> shown = with_relative_likelihood(table, "best")[["relative", "relative_low", "relative_high"]]
    >>> shown.round(2).values.tolist()
    [[0.0, nan, nan], [0.5, -0.09, 1.45]]
    """
    names = ["estimate", "conf_low", "conf_high"]
    best = (
        table[table["class"] == first]
        .set_index("practice")[names]
        .reindex(table["practice"])
        .to_numpy(float)
        .T
    )
    other = table[names].to_numpy(dtype=float).T
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = best[0] / other[0] - 1
        low, high = ratio_interval(best, other, table["correlation"].to_numpy(dtype=float))
    others = table["class"].ne(first) & np.isfinite(best[0]) & np.isfinite(other[0])
    ends = {
        "relative_low": np.where(others, low - 1, np.nan),
        "relative_high": np.where(others, high - 1, np.nan),
    }
    return table.assign(relative=relative, **ends)


def ratio_interval(above: Floats, below: Floats, correlation: Floats) -> tuple[Floats, Floats]:
    """Ends of the interval of ratios of two shares or other numbers that are not negative, by square-and-add.

    Parameters
    ----------
    above, below
        Estimate, lower and upper end of its interval, each an array.
    correlation
        Of the errors of both.

    Examples
    --------
    >>> low, high = ratio_interval(np.array([[0.5], [0.4], [0.6]]), np.array([[0.25], [0.15], [0.4]]), np.zeros(1))
    >>> low.round(3).item(), high.round(3).item()
    (1.184, 3.429)
    """
    (p1, l1, u1), (p2, l2, u2) = above, below
    with np.errstate(divide="ignore", invalid="ignore"):
        a, c = u2 * (2 * p2 - u2), l1 * (2 * p1 - l1)
        b = p1 * p2 - correlation * (p1 - l1) * (u2 - p2)
        low = c / (b + np.sqrt(np.maximum(b**2 - a * c, 0)))
        a, c = l2 * (2 * p2 - l2), u1 * (2 * p1 - u1)
        b = p1 * p2 - correlation * (u1 - p1) * (p2 - l2)
        high = np.where(l2 > 0, (b + np.sqrt(np.maximum(b**2 - a * c, 0))) / a, np.inf)
    return np.where(l1 > 0, low, 0.0), high


def _correlations(frame: pd.DataFrame, columns: list[str], first: str, classes: "pd.Series[str]") -> Floats:
    """Correlation of the error of each share with that of the first class, in the order of the table of shares."""
    cells, keys = cells_of(frame, ["class"])
    found = mean_estimates(numeric(frame, columns), survey_design(frame), cells=cells, size=len(keys))
    wide = found.covariance.reshape(len(keys), len(columns), len(keys), len(columns))
    spread = np.einsum("cvdv->cdv", wide)
    names = keys["class"].tolist()
    if first not in names:
        return np.zeros(len(classes))
    own, of_first = np.sqrt(np.einsum("ccv->cv", spread)), names.index(first)
    scale = own * own[of_first]
    known = np.divide(spread[:, of_first], scale, out=np.zeros_like(scale), where=scale > 0)
    return pd.DataFrame(known, index=names).loc[list(dict.fromkeys(classes))].to_numpy().ravel()
