"""How far a company is from the best in class, construct by construct, and which distances are beyond doubt."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Floats, numeric
from survey.problems import Problem, raise_if_any

NO_SCORE = "the company has no score here"
NO_BEST = "no other company is among the best here"
ONE_BEST = "one other company is the best in class: how far such companies differ is not known"
NO_ERROR = "the sampling error of the company's score is not known"


def distances(
    frame: pd.DataFrame,
    best: "pd.Series[bool]",
    *,
    variables: Sequence[str],
    errors: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Distance of every company to the mean of the best in class, per variable.

    A company among the best is compared with the others of them. The error of the distance is
    ``sqrt(s_j^2 + s_b^2 / m)``: s_j the sampling error of the company's score, s_b the standard deviation among
    the m best, which contains their own sampling errors; where companies have a ``weight``, the mean of the best and
    the deviation over all are weighted, and the error of that mean is its linearised one. The interval is Student's
    with Welch and Satterthwaite's degrees of freedom, in which s_j is taken as known. Companies that are best by their
    observed scores owe a part of that to chance: the true distance is shorter where the best are cut on what is
    compared.

    Parameters
    ----------
    frame
        One row per company of one wave or peer group.
    best
        Whether a company is among the best in class, by the index of `frame`.
    variables
        Columns to compare.
    errors
        Column of the standard error of each variable; without it there is no interval.

    Returns
    -------
    DataFrame
        ``company, variable, score, best`` (mean of the best, without the company itself), ``n_best, estimate``
        (score less best, in the variable's units), ``std_error, df, conf_low, conf_high, standardised`` (in
        standard deviations over all companies, with ``standardised_low, standardised_high``), ``beyond_doubt``
        (the interval does not hold 0), ``note``; by company, then by distance, the farthest behind first.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or `best` does not fit the frame.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcde"), "goals": [90.0, 80, 70, 40, 20], "se": 4.0})
    >>> best = pd.Series([True, True, True, False, False])
    >>> table = distances(frame, best, variables=["goals"], errors={"goals": "se"})
    >>> table[["company", "estimate", "beyond_doubt"]].values.tolist()[-2:]
    [['d', -40.0, True], ['e', -60.0, True]]
    """
    if not best.index.equals(frame.index):
        raise_if_any([Problem("the best in class do not fit the table", allowed="the same index")])
    values = numeric(frame, variables, keys=("company",))
    own = np.full(values.shape, np.nan)
    for at, name in enumerate(variables):
        if errors and name in errors:
            own[:, at] = numeric(frame, [errors[name]])[:, 0]
    weights = frame["weight"].to_numpy(float) if "weight" in frame else np.ones(len(frame))
    mean, of_best, m = _others(values, best.to_numpy(dtype=bool), weights)
    between = _deviation(values, weights)
    estimate = values - mean
    std_error = np.sqrt(own**2 + of_best)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = std_error**4 / (of_best**2 / (m - 1))
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
    values: Floats, best: "np.ndarray[tuple[int], np.dtype[np.bool_]]", weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Mean of the best that have a value, without the company of the row; its variance; how many they are."""
    inside = best[:, None] & ~np.isnan(values)
    weight = np.where(inside, weights[:, None], 0.0)
    centre = (weight * np.nan_to_num(values)).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-300)
    away = np.where(inside, values - centre, 0.0)
    m = (inside.sum(axis=0) - inside).astype(np.float64)

    def of_others(column: Floats) -> Floats:
        return np.asarray(column.sum(axis=0) - column)

    with np.errstate(divide="ignore", invalid="ignore"):
        total = of_others(weight)
        mean = np.where(m > 0, of_others(weight * away) / total, np.nan)
        squares = of_others((weight * away) ** 2) - 2 * mean * of_others(weight**2 * away)
        squares += mean**2 * of_others(weight**2)
        variance = np.where(m > 1, np.maximum(squares, 0) / total**2 * m / (m - 1), np.nan)
    return centre + mean, variance, m


def _deviation(values: Floats, weights: Floats) -> Floats:
    """Standard deviation of each column, weighted; NaN where it does not vary."""
    weight = np.where(np.isnan(values), 0.0, weights[:, None])
    n, total = (weight > 0).sum(axis=0), weight.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weight * np.nan_to_num(values)).sum(axis=0) / total
        square = (weight * np.nan_to_num(values - mean) ** 2).sum(axis=0) / total * n / (n - 1)
    return np.where(square > 0, np.sqrt(square), np.nan)
