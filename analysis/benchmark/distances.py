"""How far a company is from the best in class, construct by construct, and which distances are beyond doubt."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Floats, numeric

NO_SCORE = "the company has no score here"
NO_BEST = "no other company is among the best here"
ONE_BEST = "one other company is the best in class: how far such companies differ is not known"
NO_ERROR = "the sampling error of the company's score is not known"


def distances(
    frame: pd.DataFrame,
    best: pd.DataFrame,
    *,
    variables: Sequence[str],
    errors: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Distance of every company to the mean of the best in class, per variable.

    A company among the best is compared with the others of them. The error of the distance is
    ``sqrt(s_j^2 + s_b^2 / m)``: s_j the sampling error of the company's score, s_b the standard deviation among
    the m best, which contains their own sampling errors; where companies have a ``weight``, the mean of the best and
    the deviation over all are weighted. The error of the mean of the best is its linearised one, with companies as
    clusters, as in tables of classes (`analysis.infer.tabulation.means`; R `svymean`) where these know no strata, no
    population and no totals, which are not looked at here. The interval is Student's with Welch and Satterthwaite's
    degrees of freedom, in which s_j is taken as known. Companies that are best by their observed scores owe a part of
    that to chance: the true distance is shorter where the best are cut on what is compared.

    Parameters
    ----------
    frame
        One row per company of one wave or peer group.
    best
        The best in class: one row per company and wave, with the same columns; of other waves too.
    variables
        Columns to compare.
    errors
        Column of the standard error of each variable in `frame`; without it there is no interval.

    Returns
    -------
    DataFrame
        ``company, variable, score, best`` (mean of the best, without the company itself), ``n_best`` (companies),
        ``estimate`` (score less best, in the variable's units), ``std_error, df, conf_low, conf_high, standardised``
        (in standard deviations over all companies, with ``standardised_low, standardised_high``), ``beyond_doubt``
        (the interval does not hold 0), ``note``; by company, then by distance, the farthest behind first.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcde"), "goals": [90.0, 80, 70, 40, 20], "se": 4.0})
    >>> table = distances(frame, frame.head(3), variables=["goals"], errors={"goals": "se"})
    >>> table[["company", "estimate", "beyond_doubt"]].values.tolist()[-2:]
    [['d', -40.0, True], ['e', -60.0, True]]
    """
    values = numeric(frame, variables, keys=("company",))
    own = np.full(values.shape, np.nan)
    for at, name in enumerate(variables):
        if errors and name in errors:
            own[:, at] = numeric(frame, [errors[name]])[:, 0]
    weights = frame["weight"].to_numpy(float) if "weight" in frame else np.ones(len(frame))
    mean, of_best, m, left = _others(frame["company"], best, variables)
    between = _deviation(values, weights)
    estimate = values - mean
    std_error = np.sqrt(own**2 + of_best)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = std_error**4 / (of_best**2 / left)
        reach = np.where(
            std_error > 0, stats.t.ppf(0.975, np.where(df > 0, df, np.inf)) * std_error, 0 * std_error
        )
    long = {
        "score": values, "best": mean, "n_best": m.astype(np.int64), "estimate": estimate, "std_error": std_error,
        "df": df, "conf_low": estimate - reach, "conf_high": estimate + reach,
        "standardised": estimate / between, "standardised_low": (estimate - reach) / between,
        "standardised_high": (estimate + reach) / between,
    }  # fmt: skip
    table = pd.DataFrame({name: array.ravel() for name, array in long.items()})
    table.insert(0, "company", frame["company"].repeat(len(variables)).to_numpy())
    table.insert(1, "variable", pd.Series(list(variables) * len(frame), dtype="str"))
    table["beyond_doubt"] = (table["conf_low"] > 0) | (table["conf_high"] < 0)
    reasons = [np.isnan(values), m == 0, m == 1, np.isnan(own)]
    note = np.select(reasons, [NO_SCORE, NO_BEST, ONE_BEST, NO_ERROR], "")
    table["note"] = pd.Series(note.ravel(), dtype="str")
    return table.sort_values(["company", "estimate", "variable"], ignore_index=True)


def _others(
    companies: "pd.Series[str]", best: pd.DataFrame, variables: Sequence[str]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean of the best with a value, without the company of the row; its variance, companies, degrees of freedom."""
    values = numeric(best, variables, keys=("company",))
    names = pd.Index(best["company"].unique())
    own = names.get_indexer(companies)
    weights = best["weight"].to_numpy(float) if "weight" in best else np.ones(len(best))
    weight = np.where(np.isnan(values), 0.0, (weights / weights.max(initial=1e-300))[:, None])
    centre = (weight * np.nan_to_num(values)).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-300)

    def by_company(rows: Floats) -> Floats:
        each = np.zeros((len(names) + 1, len(variables)))
        np.add.at(each, names.get_indexer(best["company"]), rows)
        return each

    def others(each: Floats) -> Floats:
        # Who is not among the best has the place -1, where nothing is taken off.
        return np.asarray(each.sum(axis=0) - each[own])

    away, heavy = by_company(weight * (np.nan_to_num(values) - centre)), by_company(weight)
    m, total = others((heavy > 0).astype(np.float64)), others(heavy)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(m > 0, others(away) / total, np.nan)
        squares = others(away**2) - 2 * mean * others(away * heavy) + mean**2 * others(heavy**2)
        variance = np.where(m > 1, np.maximum(squares, 0) / total**2 * m / (m - 1), np.nan)
        uneven = others(by_company(weight**2)) ** 2 / others(by_company(weight**4)) - 1
    return centre + mean, variance, m, np.minimum(m - 1, uneven)


def _deviation(values: Floats, weights: Floats) -> Floats:
    """Standard deviation of each column, weighted; NaN where it does not vary."""
    weight = np.where(np.isnan(values), 0.0, weights[:, None])
    n, total = (weight > 0).sum(axis=0), weight.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weight * np.nan_to_num(values)).sum(axis=0) / total
        square = (weight * np.nan_to_num(values - mean) ** 2).sum(axis=0) / total * n / (n - 1)
    return np.where(square > 0, np.sqrt(square), np.nan)
