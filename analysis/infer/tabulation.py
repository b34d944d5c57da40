"""Means, shares, contrasts and changes with intervals that know when a company counts twice."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.infer.columns import Codes, Floats, numeric, result_columns
from analysis.infer.linearisation import CellMeans, cell_means, cells_of, clusters_of, long_table, sums
from survey.problems import Problem, raise_if_any


def means(
    frame: pd.DataFrame, variables: Sequence[str], *, by: Sequence[str] = (), cluster: str | None = "company"
) -> pd.DataFrame:
    """Mean of each variable per cell, with a t interval.

    Where a company has several rows in a cell, the variance is that of the linearised mean with
    companies as clusters (Woodruff, 1971; Binder, 1983): with ``z = (y - mean) / n`` summed per
    company, ``G / (G - 1) * sum(z ** 2)`` over the G companies. With one row a company this is
    ``s ** 2 / n``. A cell is its own sample: its companies are the clusters.

    Parameters
    ----------
    frame
        One row per unit, such as a panel's company and wave.
    variables
        Numeric columns.
    by
        Key columns of the cells; rows without a key form a cell of their own.
    cluster
        Column of the companies, or None where rows are independent.

    Returns
    -------
    DataFrame
        ``*by, variable``, `RESULT` and ``companies``. The statistic tests a mean of zero; ``df`` is
        companies - 1. A cell without values has n = 0 and NaN; one with one company has no interval.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``survey::svymean(~y, svydesign(ids = ~company, weights = ~1))`` of the cell's rows
    and, with one row a company, ``t.test(y)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "a", "b", "c"], "alignment": [40.0, 60.0, 70.0, 80.0]})
    >>> means(frame, ["alignment"])[["variable", "estimate", "df", "n", "companies"]].values.tolist()
    [['alignment', 62.5, 2.0, 4, 3]]
    """
    values = numeric(frame, variables, keys=(*by, cluster) if cluster else by)
    cells, keys = cells_of(frame, by)
    return long_table(
        keys, variables, _estimates(cell_means(values, cells, len(keys), clusters_of(frame, cluster)))
    )


def shares(
    frame: pd.DataFrame,
    variables: str | Sequence[str],
    *,
    by: Sequence[str] = (),
    cluster: str | None = "company",
) -> pd.DataFrame:
    """Share per cell, in per cent, with an interval that suits how each variable is scored.

    Three methods, named in the column ``method``:

    - "Wilson" (1927) where every value of the column is 0 or 100 and no company repeats in the cell;
      also where all values of a cell are 0, or all 100, whatever the column.
    - "Wilson, effective n" where values are 0 or 100 and companies repeat: Wilson's interval with
      ``n_eff = p (1 - p) / variance``, the variance clustered by company, never above n (Korn and
      Graubard, 1998, for the effective sample size); the number of companies where p is 0 or 1.
    - "t, clipped to 0-100" where values lie between 0 and 100, such as a company's share of
      informants: a mean, not a count of yeses, with the interval of `means`.

    Returns
    -------
    DataFrame
        ``*by, variable``, `RESULT`, ``companies, method``. Wilson's interval has no t statistic:
        statistic, df and p_value are NaN there. A cell without values has n = 0 and NaN.

    Raises
    ------
    InputError
        If a column is absent, not numeric, outside 0-100 or coded 0/1.

    Notes
    -----
    Agrees with R ``prop.test(x, n, correct = FALSE)$conf.int``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "aligned": [100.0, 0.0, 0.0, 0.0]})
    >>> table = shares(frame, "aligned")
    >>> table[["estimate", "conf_low", "conf_high", "method"]].round(1).values.tolist()
    [[25.0, 4.6, 69.9, 'Wilson']]
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    table = means(frame, names, by=by, cluster=cluster)
    binary = table["variable"].isin(_yes_and_no(frame, names)).to_numpy()
    share = table["estimate"].to_numpy() / 100
    repeats = (table["n"] > table["companies"]).to_numpy()
    n_eff = np.where(repeats, _effective_n(table), table["n"])
    low, high = _wilson(share, n_eff)
    counted = binary | np.isin(share, (0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        std_error = 100 * np.sqrt(share * (1 - share) / n_eff)
    table["std_error"] = np.where(counted, std_error, table["std_error"])
    table["conf_low"] = np.where(counted, 100 * low, table["conf_low"].clip(lower=0))
    table["conf_high"] = np.where(counted, 100 * high, table["conf_high"].clip(upper=100))
    table.loc[counted, ["statistic", "df", "p_value"]] = np.nan
    wilson = np.where(repeats, "Wilson, effective n", "Wilson")
    return table.assign(method=np.where(counted, wilson, "t, clipped to 0-100"))


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

    Where a company has several rows, also across the groups, the variance is that of the linearised
    difference with companies as clusters, each group's part scaled by ``G / (G - 1)``. It is
    Welch's variance when no company repeats and the paired t's when each is once in both groups.
    Degrees of freedom are Welch and Satterthwaite's on the companies per group, at most companies - 1.

    Parameters
    ----------
    frame, variables, cluster
        As in `means`.
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
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``t.test(y ~ group)`` and ``t.test(x, y, paired = TRUE)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "size": list("llss"), "gap": [4.0, 6.0, 1.0, 2.0]})
    >>> table = contrasts(frame, ["gap"], group="size", a="l", b="s")
    >>> table[["mean_a", "mean_b", "estimate", "n"]].values.tolist()
    [[5.0, 1.5, 3.5, 4.0]]
    """
    numeric(frame, variables, keys=(group, cluster) if cluster else (group,))
    chosen = frame.loc[frame[group].isin([a, b])]
    first = chosen[group].isin([a]).to_numpy()
    clusters = clusters_of(chosen, cluster)
    both = cell_means(numeric(chosen, variables), np.where(first, 0, 1), 2, clusters)
    companies = _distinct(both.present, clusters)
    table = pd.DataFrame({"variable": list(variables), "a": a, "b": b})
    table = table.assign(mean_a=both.mean[0], mean_b=both.mean[1])
    df = np.minimum(_satterthwaite(both), companies - 1.0)
    std_error = _std_error_of_difference(both, first, clusters)
    table = table.assign(**result_columns(both.mean[0] - both.mean[1], std_error, df))
    table = table.assign(n=both.n.sum(axis=0), n_a=both.n[0], n_b=both.n[1])
    return table.assign(companies_a=both.clusters[0], companies_b=both.clusters[1], companies=companies)


def changes(frame: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Change of each variable between consecutive waves, in the companies that are in both.

    Parameters
    ----------
    frame
        Panel: one row per company and wave.
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
    change = values[later] - values[earlier]
    start = np.where(np.isnan(change), np.nan, values[earlier])
    place = (wave[earlier], max(len(waves) - 1, 0), company[earlier])
    mean_from, changed = cell_means(start, *place).mean, cell_means(change, *place)
    columns = {"mean_from": mean_from, "mean_to": mean_from + changed.mean, **_estimates(changed)}
    table = long_table(pd.DataFrame({"wave_from": waves[:-1], "wave_to": waves[1:]}), variables, columns)
    return table[["variable", *table.columns.drop("variable")]]


def _estimates(cells: CellMeans) -> dict[str, NDArray[np.generic]]:
    df = np.where(cells.n > 0, cells.clusters - 1.0, np.nan)
    columns = result_columns(cells.mean, cells.std_error, df)
    return {**columns, "n": cells.n, "companies": cells.clusters}


def _successors(company: Codes, wave: Codes, waves: int) -> tuple[Codes, Codes]:
    """Row positions of each company's wave and of its next wave, where it is in both."""
    place = company * waves + wave
    order = np.argsort(place)
    found = np.isin(place + 1, place) & (wave < waves - 1)
    earlier = np.flatnonzero(found)
    return earlier, order[np.searchsorted(place, place[earlier] + 1, sorter=order)]


def _wilson(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    z = stats.norm.ppf(0.975)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # At 0 and 1 the two terms are equal, but for floating point.
    low, high = np.where(share == 0, 0.0, centre - reach), np.where(share == 1, 1.0, centre + reach)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def _effective_n(table: pd.DataFrame) -> Floats:
    share, variance = table["estimate"] / 100, (table["std_error"] / 100) ** 2
    inside = (share * (1 - share) / variance.where(variance > 0)).fillna(table["n"]).clip(upper=table["n"])
    alone = share.isin((0, 1)) | (table["companies"] < 2)
    return np.asarray(inside.where(~alone, table["companies"]), dtype=float)


def _std_error_of_difference(both: CellMeans, first: NDArray[np.bool_], clusters: Codes) -> Floats:
    signed = np.where(first[:, None], both.influence, -both.influence)
    variance = (sums(signed, clusters, clusters.max(initial=-1) + 1) ** 2).sum(axis=0)
    return np.where(both.clusters.min(axis=0) > 1, np.sqrt(variance), np.nan)


def _satterthwaite(both: CellMeans) -> Floats:
    part = both.std_error**2
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees: Floats = part.sum(axis=0) ** 2 / (part**2 / (both.clusters - 1)).sum(axis=0)
    return degrees


def _distinct(present: NDArray[np.bool_], clusters: Codes) -> Codes:
    """Clusters with a value, per variable."""
    seen: Codes = (sums(present, clusters, clusters.max(initial=-1) + 1) > 0).sum(axis=0)
    return seen


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
