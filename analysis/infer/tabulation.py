"""Means, shares, contrasts and changes with intervals that know when a company counts twice."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats, numeric, result_columns
from analysis.infer.combinations import difference_variance
from analysis.infer.estimates import Estimates, effective_sizes, mean_estimates
from analysis.infer.linearisation import cells_of, clusters_of, long_table
from analysis.infer.proportions import Method, yes_and_no
from analysis.infer.survey_design import survey_design
from survey.problems import Problem, raise_if_any

CLIPPED = "t, clipped to 0-100"
"""The method of shares that are means."""


def means(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    by: Sequence[str] = (),
    cluster: str | None = "company",
    deff: Literal["replace", "without"] | None = None,
) -> pd.DataFrame:
    """Mean of each variable per cell, with a t interval.

    The variance is that of the linearised mean under the design that the table carries in ``weight``,
    ``stratum`` and ``population`` (`survey_design`; `analysis.infer.variance`). A cell is a domain: rows
    outside it stay in the sample, at zero. Its variance divides by its own companies where the domain's
    divides by all (`Estimates.few`), without which intervals of 5 companies cover 93% and not 95%; so a
    table without weights and strata has ``s ** 2 / n`` where no company repeats.

    Parameters
    ----------
    frame
        The whole sample: one row per unit, such as a panel's company and wave.
    variables
        Numeric columns.
    by
        Key columns of the cells; rows without a key form a cell of their own.
    cluster
        Column of the companies, or None where rows are independent.
    deff
        Add the design effect, against a simple random sample drawn with replacement or without (which
        needs weights that add up to the population), and the effective n.

    Returns
    -------
    DataFrame
        ``*by, variable``, `RESULT` and ``companies``; with `deff`, ``deff, n_eff``. The statistic tests a
        mean of zero; ``df`` is companies less strata, of those with a value. A cell without values has
        n = 0 and NaN; one with one company has no interval.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``survey::svymean(~y, svydesign(ids = ~company, strata = ~stratum, weights = ~weight,
    fpc = ~population))`` for the whole sample, with that of the cell's rows where there are no strata, and
    with ``svyby`` but for the factor `Estimates.few`. With one row a company it is ``t.test(y)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "a", "b", "c"], "alignment": [40.0, 60.0, 70.0, 80.0]})
    >>> means(frame, ["alignment"])[["variable", "estimate", "df", "n", "companies"]].values.tolist()
    [['alignment', 62.5, 2.0, 4, 3]]
    >>> means(frame.assign(weight=[2, 2, 1, 1]), ["alignment"])["estimate"].round(2).tolist()
    [58.33]
    """
    values = numeric(frame, variables, keys=(*by, cluster) if cluster else by)
    cells, keys = cells_of(frame, by)
    found = mean_estimates(values, survey_design(frame, cluster=cluster), cells=cells, size=len(keys))
    effects = effective_sizes(found, values, replace=deff == "replace") if deff else {}
    return long_table(keys, variables, {**_columns(found), **effects})


def shares(
    frame: pd.DataFrame,
    variables: str | Sequence[str],
    *,
    by: Sequence[str] = (),
    cluster: str | None = "company",
    method: Method | None = None,
) -> pd.DataFrame:
    """Share per cell, in per cent, with an interval that suits how each variable is scored.

    Parameters
    ----------
    frame, by, cluster
        As in `means`.
    variables
        One column or several, in per cent.
    method
        The interval of columns whose values are all 0 or 100, one of `proportion_interval`. If not said:

        - "Wilson" (1927) where the sample is a simple one: no company repeats in the cell, no weights
          that differ, no strata or finite population.
        - "Wilson, effective n" otherwise: with ``n_eff = p (1 - p) / variance`` (Korn and Graubard, 1998, for
          the effective sample size), never above n over the unsampled share of a finite population, and t
          in the place of z.
        - where all values of a cell are 0, or all 100, whatever the column and the method, Wilson's with
          the number of companies, less Kish's (1965) loss by unequal weights.

        Other columns, such as a company's share of informants, are means: the interval of `means`, "t,
        clipped to 0-100".

    Returns
    -------
    DataFrame
        ``*by, variable``, `RESULT`, ``companies, method``. Intervals of 0 or 100 have no t statistic:
        statistic, df and p_value are NaN there. A cell without values has n = 0 and NaN.

    Raises
    ------
    InputError
        If a column is absent, not numeric, outside 0-100 or coded 0/1, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``prop.test(x, n, correct = FALSE)$conf.int`` and ``survey::svyciprop``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "aligned": [100.0, 0.0, 0.0, 0.0]})
    >>> table = shares(frame, "aligned")
    >>> table[["estimate", "conf_low", "conf_high", "method"]].round(1).values.tolist()
    [[25.0, 4.6, 69.9, 'Wilson']]
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    values = numeric(frame, names, keys=(*by, cluster) if cluster else by)
    binary = np.isin(names, _yes_and_no(frame, names))
    cells, keys = cells_of(frame, by)
    found = mean_estimates(values, survey_design(frame, cluster=cluster), cells=cells, size=len(keys))
    table = long_table(keys, names, _columns(found)).assign(method=CLIPPED)
    table["conf_low"], table["conf_high"] = (
        table["conf_low"].clip(lower=0),
        table["conf_high"].clip(upper=100),
    )
    counted = (binary | np.isin(found.estimate, (0, 100))).ravel()
    for name, column in yes_and_no(found, method).items():
        table[name] = np.where(counted, column.ravel(), table[name])
    table.loc[counted, ["statistic", "df", "p_value"]] = np.nan
    return table


def contrasts(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    group: str,
    a: str | float,
    b: str | float,
    cluster: str | None = "company",
) -> pd.DataFrame:
    """Difference of two groups' means, a - b, by Welch's (1947) t.

    The variance is that of the linearised difference under the table's design, each group's part scaled as
    in `means`; a company in both groups is one cluster. Without weights and strata it is Welch's variance
    when no company repeats and the paired t's when each is once in both groups. Degrees of freedom are
    Welch and Satterthwaite's on companies less strata per group, at most those of both groups together.

    Parameters
    ----------
    frame, variables, cluster
        As in `means`; rows of other groups are part of the sample.
    group
        Column that tells the groups apart.
    a, b
        Its two values to compare.

    Returns
    -------
    DataFrame
        ``variable, a, b, mean_a, mean_b``, `RESULT`, ``n_a, n_b, companies_a, companies_b,
        companies``; n counts the rows of both groups, companies each company once. With a group
        empty or of one company there is no interval.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the standard columns hold no design.

    Notes
    -----
    Agrees with R ``t.test(y ~ group)`` and ``t.test(x, y, paired = TRUE)``, and with ``survey::svyglm(y ~
    group)`` but for `Estimates.few` and Welch's degrees of freedom.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "size": list("llss"), "gap": [4.0, 6.0, 1.0, 2.0]})
    >>> table = contrasts(frame, ["gap"], group="size", a="l", b="s")
    >>> table[["mean_a", "mean_b", "estimate", "n"]].values.tolist()
    [[5.0, 1.5, 3.5, 4.0]]
    """
    values = numeric(frame, variables, keys=(group, cluster) if cluster else (group,))
    design = survey_design(frame, cluster=cluster)
    place = np.where(frame[group].isin([a]), 0, np.where(frame[group].isin([b]), 1, 2))
    both = mean_estimates(values, design, cells=place, size=3)
    union = mean_estimates(values, design, cells=np.minimum(place, 2) // 2, size=2)
    df = np.minimum(_satterthwaite(both), union.df[0])
    table = pd.DataFrame({"variable": list(variables), "a": a, "b": b})
    table = table.assign(mean_a=both.estimate[0], mean_b=both.estimate[1])
    std_error = _std_error_of_difference(both)
    table = table.assign(**result_columns(both.estimate[0] - both.estimate[1], std_error, df))
    table = table.assign(n=union.n[0], n_a=both.n[0], n_b=both.n[1], companies_a=both.clusters[0])
    return table.assign(companies_b=both.clusters[1], companies=union.clusters[0])


def changes(frame: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Change of each variable between consecutive waves, in the companies that are in both.

    Parameters
    ----------
    frame
        Panel: one row per company and wave; the weight is that of the later wave.
    variables
        Numeric columns.

    Returns
    -------
    DataFrame
        ``variable, wave_from, wave_to, mean_from, mean_to``, `RESULT` and ``companies``: the means and
        the later minus the earlier, of the companies with a value in both waves, by the paired t. No
        rows with one wave.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or a company has two rows in a wave.

    Notes
    -----
    Agrees with R ``t.test(later, earlier, paired = TRUE)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "b", "c", "a", "b"], "wave": [1, 1, 1, 2, 2]})
    >>> frame["alignment"] = [50.0, 60.0, 90.0, 54.0, 66.0]
    >>> changes(frame, ["alignment"])[["wave_from", "wave_to", "mean_from", "estimate", "n"]].values.tolist()
    [[1.0, 2.0, 55.0, 5.0, 2.0]]
    """
    values = numeric(frame, variables, keys=("company", "wave"))
    _require_one_row_a_wave(frame)
    waves, wave = np.unique(frame["wave"].to_numpy(), return_inverse=True)
    company = clusters_of(frame, "company")
    earlier, later = _successors(company, wave, len(waves))
    before, after = np.full_like(values, np.nan), np.full_like(values, np.nan)
    before[later], after[later] = values[earlier], values[later]
    design, change = survey_design(frame), after - before
    changed = mean_estimates(change, design, cells=wave, size=len(waves))
    compared = np.where(np.isnan(change), np.nan, before)
    start = mean_estimates(compared, design, cells=wave, size=len(waves)).estimate
    columns = {"mean_from": start, "mean_to": start + changed.estimate, **_columns(changed)}
    columns = {name: column[1:] for name, column in columns.items()}
    table = long_table(pd.DataFrame({"wave_from": waves[:-1], "wave_to": waves[1:]}), variables, columns)
    return table[["variable", *table.columns.drop("variable")]]


def _columns(found: Estimates) -> dict[str, NDArray[np.generic]]:
    columns = result_columns(found.estimate, found.std_error, found.df)
    return {**columns, "n": found.n, "companies": found.clusters}


def _successors(company: Codes, wave: Codes, waves: int) -> tuple[Codes, Codes]:
    """Row positions of each company's wave and of its next wave, where it is in both."""
    place = company * waves + wave
    order = np.argsort(place)
    found = np.isin(place + 1, place) & (wave < waves - 1)
    earlier = np.flatnonzero(found)
    return earlier, order[np.searchsorted(place, place[earlier] + 1, sorter=order)]


def _std_error_of_difference(both: Estimates) -> Floats:
    return np.where(both.clusters[:2].min(axis=0) > 1, np.sqrt(difference_variance(both)), np.nan)


def _satterthwaite(both: Estimates) -> Floats:
    part = both.std_error[:2] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees: Floats = part.sum(axis=0) ** 2 / (part**2 / both.df[:2]).sum(axis=0)
    return degrees


def _yes_and_no(frame: pd.DataFrame, variables: Sequence[str]) -> list[str]:
    """Variables whose values are all 0 or 100, once all are known to be in per cent."""
    problems, found = [], []
    for name in variables:
        values = frame[name].dropna().astype(float)
        outside = values[(values < 0) | (values > 100)]
        if len(outside):
            problems.append(
                Problem("is not a share", column=name, value=f"{outside.iloc[0]:g}", allowed="0-100")
            )
        if values.isin((0, 1)).all() and (values == 1).any():
            problems.append(Problem("is coded 0 and 1", column=name, allowed="0 and 100"))
        if values.isin((0, 100)).all():
            found.append(name)
    raise_if_any(problems)
    return found


def _require_one_row_a_wave(frame: pd.DataFrame) -> None:
    twice = frame.loc[frame.duplicated(["company", "wave"]), ["company", "wave"]].drop_duplicates()
    raise_if_any(
        Problem(f"has more than one row in wave {wave}", column="company", value=str(company))
        for company, wave in twice.itertuples(index=False)
    )
