"""The table of norms: every statistic of a distribution over companies with its interval, and the best in class."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.benchmark.class_gaps import with_uneven_degrees
from analysis.benchmark.classes import Classes, with_class
from analysis.benchmark.norms import PERCENTILES, percentile
from analysis.benchmark.peers import band_names
from analysis.infer.columns import numeric
from analysis.infer.estimates import mean_estimates
from analysis.infer.linearisation import cells_of, long_table
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import changes, means, shares

TOP = 75.0
"""A level from which on average the upper two of five answers were given."""

BANDS = (20.0, 40.0, 60.0, 80.0)
"""Cuts of the scale for the distribution."""

MEAN, TOP_SHARE = "mean", "top-2-box"
COLUMNS = ["statistic", "estimate", "std_error", "df", "conf_low", "conf_high", "n", "companies"]


def norm_table(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    by: Sequence[str] = ("wave",),
    top: float | None = TOP,
    bands: Sequence[float] = BANDS,
    fewest: int = 1,
) -> pd.DataFrame:
    """Mean, percentiles, share at the top and distribution of each variable per cell, all with intervals.

    Everything is weighted where the table has weights, and knows strata, and companies that repeat: means
    as `means`, shares as `shares`, percentiles of type 7 with the interval of `analysis.benchmark.norms.percentile`,
    of which an end is NaN where few companies cannot say how far the tail goes. The standard error of a percentile is
    the interval's width over twice the t quantile.

    Parameters
    ----------
    frame
        One row per company and wave: the whole sample.
    variables
        Numeric columns: constructs, indices, outcomes, practices.
    by
        Key columns of the cells, such as the wave and the peers.
    top
        Score from which a company counts for the top share; None where variables have other units.
    bands
        Cuts of the distribution, rising; () for none. A band holds its lower cut.
    fewest
        Companies at or beyond a percentile, or an end of its interval, on either side, at least: else it is NaN.

    Returns
    -------
    DataFrame
        ``*by, variable, statistic`` ("mean", "p10" to "p90", "top-2-box", "under 20", "20 to under 40", ...),
        ``estimate, std_error, df, conf_low, conf_high, n, companies``. Shares are per cent.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    The mean's interval is that of R survey, t on the number of companies less one. In simulation of normal scores it
    holds the mean of all companies 95 times in 100 whatever their number; of exponential ones, as skewed as growth can
    be, 91 to 92 times with 20 companies, 93 with 40, 94 with 100. With weights of 1 or 3 it is 94 with 20 companies;
    with lognormal ones of deviation 1, as sizes of firms are, 90 with 20 and 93 with 40: such a mean hangs on a few
    companies. Wilson's interval of a share holds it 93 to 97 times, at a few per cent too.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(101), "wave": 2025, "alignment": np.arange(101.0)})
    >>> table = norm_table(frame, ["alignment"], bands=()).set_index("statistic")
    >>> table.loc[["mean", "median", "top-2-box"], ["estimate", "conf_low", "conf_high"]].round(1).values.tolist()
    [[50.0, 44.2, 55.8], [50.0, 40.0, 60.0], [25.7, 18.2, 35.0]]
    """
    values = pd.DataFrame(numeric(frame, variables, keys=by), index=frame.index, columns=list(variables))
    cluster = "company" if "company" in frame else None
    parts = [means(frame, variables, by=by, cluster=cluster).assign(statistic=MEAN)]
    parts += _percentiles(frame, variables, by=by, cluster=cluster, fewest=fewest)
    flags = {} if top is None else {TOP_SHARE: values >= top}
    for name, inside in {**flags, **_bands(values, bands)}.items():
        shown = frame.assign(**inside.where(values.notna()).astype(float).mul(100))
        parts.append(shares(shown, variables, by=by, cluster=cluster).assign(statistic=name))
    order = np.arange(len(parts))
    table = pd.concat([part.assign(order=at) for at, part in zip(order, parts, strict=True)])
    ranked = table.assign(place=table["variable"].map({name: at for at, name in enumerate(variables)}))
    ranked = ranked.sort_values([*by, "place", "order"], kind="stable", ignore_index=True)
    return ranked[[*by, "variable", *COLUMNS]]


def best_in_class_profile(
    frame: pd.DataFrame, classes: Classes, variables: Sequence[str], *, fewest: int = 1
) -> pd.DataFrame:
    """Say how the best class and all classified companies look: mean, median and middle half of each variable.

    Parameters
    ----------
    frame
        Panel rows of one wave.
    classes
        From `classify`.
    variables
        Numeric columns.
    fewest
        As in `norm_table`.

    Returns
    -------
    DataFrame
        As `norm_table` without shares, keyed by ``class`` (the best, then "all"), with ``circular`` (the classes
        were selected on this variable or its kin). Means have the intervals of `class_means` that take the classes
        as given.

    Examples
    --------
    >>> from analysis.benchmark.classes import OutcomeClasses, classify
    >>> from analysis.measure.panel import Panel
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> classes = classify(Panel(frame, read_instrument("alignment"), {}), OutcomeClasses(("revenue_growth",)))
    >>> table = best_in_class_profile(frame, classes, ["revenue_growth"])
    >>> table[table["statistic"] == "mean"][["class", "estimate", "circular"]].values.tolist()
    [['best in class', 8.5, True], ['all', 4.5, True]]
    """
    classed, best = with_class(frame, classes), classes.names[0]
    shown = ("mean", "p25", "median", "p75")
    groups = {best: classed["class"].eq(best), "all": classed["class"].notna()}
    parts = []
    for name, inside in groups.items():
        cell = classed.assign(**{"class": np.where(inside, name, "")})
        table = norm_table(cell, variables, by=("class",), top=None, bands=(), fewest=fewest)
        table = table[(table["class"] == name) & table["statistic"].isin(shown)]
        of_mean = table["statistic"] == MEAN
        sure = with_uneven_degrees(table[of_mean], cell, variables).assign(statistic=MEAN)
        parts.append(pd.concat([sure, table[~of_mean]])[[*table]].sort_index())
    both = pd.concat(parts, ignore_index=True)
    return both.assign(circular=both["variable"].isin(classes.guaranteed))


def norm_changes(
    frame: pd.DataFrame, variables: Sequence[str], *, within: Sequence[str] = ()
) -> pd.DataFrame:
    """Change of the mean of each variable from wave to wave, per peer group.

    Parameters
    ----------
    frame
        One row per company and wave.
    variables
        Numeric columns.
    within
        Keys of the peer groups.

    Returns
    -------
    DataFrame
        ``*within`` and the columns of `changes`, whose errors know which companies answered in both waves. A
        group with one wave has no row.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abab"), "wave": [1, 1, 2, 2], "alignment": [50.0, 60, 54, 66]})
    >>> norm_changes(frame, ["alignment"])["estimate"].tolist()
    [5.0]
    """
    if not within:
        return changes(frame, variables)
    parts = []
    cells, keys = cells_of(frame, within)
    for cell in range(len(keys)):
        group = frame[cells == cell]
        if group["wave"].min() < group["wave"].max():
            found = changes(group, variables)
            told = keys.iloc[[cell] * len(found)].reset_index(drop=True)
            parts.append(pd.concat([told, found], axis=1))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _percentiles(
    frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str], cluster: str | None, fewest: int
) -> Iterator[pd.DataFrame]:
    values = numeric(frame, variables, keys=by)
    cells, keys = cells_of(frame, by)
    found = mean_estimates(values, survey_design(frame, cluster=cluster), cells=cells, size=len(keys))
    width = 2 * stats.t.ppf(0.975, np.where(found.df > 0, found.df, np.nan))
    for name, share in PERCENTILES.items():
        estimate, low, high = percentile(values, found, share, fewest=fewest)
        columns = {"estimate": estimate, "std_error": (high - low) / width, "df": found.df, "conf_low": low}
        counts = {"conf_high": high, "n": found.n, "companies": found.clusters}
        yield long_table(keys, variables, {**columns, **counts}).assign(statistic=name)


def _bands(values: pd.DataFrame, cuts: Sequence[float]) -> dict[str, pd.DataFrame]:
    if not len(cuts):
        return {}
    lows, highs = (-np.inf, *cuts), (*cuts, np.inf)
    return {
        name: (values >= low) & (values < high)
        for name, low, high in zip(band_names(cuts), lows, highs, strict=True)
    }
