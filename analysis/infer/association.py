"""Tests under a design: two questions crossed, two groups' means, two groups' ranks."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Floats, numeric, result_columns
from analysis.infer.combinations import combined
from analysis.infer.estimates import mean_estimates
from analysis.infer.survey_design import SurveyDesign, survey_design
from analysis.infer.variance import variance
from survey.language import look_up, mark
from survey.problems import Problem, raise_if_any

Statistic = Literal["F", "Chisq", "Wald", "adjWald"]

SINGULAR = mark(
    "the variance of the differences is singular: too few clusters for so many categories, or none differ"
)


def crossed_test(
    frame: pd.DataFrame,
    row: str,
    column: str,
    *,
    cluster: str | None = "company",
    statistic: Statistic = "F",
) -> pd.DataFrame:
    """Test whether two categorical columns are independent in the population.

    Pearson's statistic of the weighted table is referred to what it would be under independence and the
    design (Rao and Scott, 1984, Annals of Statistics 12), not to a chi-square, which a cluster of like
    answers inflates.

    Parameters
    ----------
    frame
        The whole sample, with its design (`survey_design`).
    row, column
        Two columns; rows that lack either are outside the domain.
    cluster
        Column of the clusters.
    statistic
        "F": Rao and Scott's second order, as F (Thomas and Rao, 1987); "Chisq": their first order; "Wald"
        (Koch and others, 1975) and "adjWald": of the differences from independence.

    Returns
    -------
    DataFrame
        One row: ``row, column, statistic, df, df_denominator, p_value, n, companies, method, reason``.
        ``statistic`` is F, or Pearson's X2 of n for "Chisq". Where the design leaves too few clusters to tell the
        differences' variances and covariances apart, Wald's statistics are NaN, and ``reason`` says so.

    Raises
    ------
    InputError
        If a column is absent or has fewer than two categories with a weight.

    Notes
    -----
    Agrees with R ``survey::svychisq(~row + column, design, statistic = )``; the X2 of "Chisq" is of the rows that have
    both, where R counts all rows. P values and F are the same.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(80), "size": ["s", "l"] * 40, "ready": ["n"] * 60 + ["y"] * 20})
    >>> crossed_test(frame, "size", "ready")[["statistic", "p_value"]].values.tolist()
    [[0.0, 1.0]]
    """
    numeric(frame, (), keys=(row, column))
    design = survey_design(frame, cluster=cluster)
    used = (frame[row].notna() & frame[column].notna()).to_numpy() & (design.weights > 0)
    codes, shape = [], []
    for name in (row, column):
        code, levels = pd.factorize(frame[name].where(used), sort=False)
        codes.append(code.astype(np.int64))
        shape.append(len(levels))
    raise_if_any(
        Problem("has fewer than two categories to compare", column=name, allowed="two or more")
        for name, size in zip((row, column), shape, strict=True)
        if size < 2
    )
    cell = np.where(used, codes[0] * shape[1] + codes[1], -1)
    inside = np.where(used[:, None], cell[:, None] == np.arange(shape[0] * shape[1]), np.nan)
    test = _wald if statistic in {"Wald", "adjWald"} else _rao_scott
    found = test(inside.astype(float), (shape[0], shape[1]), design, statistic)
    names = ("statistic", "df", "df_denominator", "p_value")
    table = pd.DataFrame({"row": [row], "column": [column]}).assign(**dict(zip(names, found, strict=True)))
    companies = len(np.unique(design.clusters[used]))
    reason = look_up(SINGULAR) if np.isnan(table["statistic"].item()) else ""
    return table.assign(n=int(used.sum()), companies=companies, method=statistic, reason=reason)


def two_groups_test(
    frame: pd.DataFrame, variable: str, *, group: str, cluster: str | None = "company", ranks: bool = False
) -> pd.DataFrame:
    """Compare two groups' means, or their ranks, by the design's t.

    Parameters
    ----------
    frame
        The whole sample, with its design.
    variable
        Numeric column; rows without it or without a group are outside the domain.
    group
        Column with two values.
    cluster
        Column of the clusters.
    ranks
        Compare the mean of the estimated ranks in the population, 0-1, which outliers and the shape of the
        distribution do not touch (Lumley and Scott, 2013, Biometrika 100).

    Returns
    -------
    DataFrame
        One row: ``variable, a, b``, `RESULT` and ``companies``: the group that sorts second, a, minus the
        first, b. ``df`` is one less than the design's. See `contrasts` for Welch's df.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or there are not two groups.

    Notes
    -----
    Agrees with R ``survey::svyttest`` and ``survey::svyranktest``.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(6), "size": list("llllss"), "gap": [4.0, 6, 5, 5, 1, 2]})
    >>> two_groups_test(frame, "gap", group="size")[["a", "b", "estimate", "df"]].values.tolist()
    [['s', 'l', -3.5, 4.0]]
    """
    values = numeric(frame, (variable,), keys=(group,))
    design = survey_design(frame, cluster=cluster)
    used = ~np.isnan(values[:, 0]) & frame[group].notna().to_numpy() & (design.weights > 0)
    code, levels = pd.factorize(frame[group].where(used), sort=True)
    if len(levels) != 2:
        raise_if_any([Problem(f"has {len(levels)} groups", column=group, allowed="two with values")])
    within = design.domain(used)
    asked = _ranks(values[:, 0], within)[:, None] if ranks else values
    both = mean_estimates(np.where(used[:, None], asked, np.nan), within, cells=np.maximum(code, 0), size=2)
    # Ranks are estimates themselves: replicates change the linearised difference alone, as in R.
    both = replace(both, base=None) if ranks else both
    difference, covariance = combined(both, [[-1.0, 1.0]])
    std_error = np.sqrt(np.diag(covariance))
    columns = result_columns(difference, std_error, np.array([within.df - 1.0]))
    table = pd.DataFrame({"variable": [variable], "a": levels[1], "b": levels[0]}).assign(**columns)
    return table.assign(n=int(used.sum()), companies=len(np.unique(design.clusters[used])))


def _ranks(values: Floats, design: SurveyDesign) -> Floats:
    """Share of the population below, ties at the middle of theirs; rows without a weight are NaN."""
    used = np.flatnonzero(design.weights > 0)
    order = used[np.argsort(values[used], kind="stable")]
    weights = design.weights[order]
    middle = np.cumsum(weights) - weights / 2
    ties = np.unique(values[order], return_inverse=True)[1]
    even = np.bincount(ties, weights=middle) / np.bincount(ties)
    found = np.full(len(values), np.nan)
    found[order] = even[ties] / weights.sum()
    return found


def _rao_scott(
    inside: Floats, shape: tuple[int, int], design: SurveyDesign, statistic: Statistic
) -> tuple[float, float, float, float]:
    means = mean_estimates(inside, design)
    share, n = means.estimate[0], int(means.n[0, 0])
    table = share.reshape(shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = float(n * ((table - expected) ** 2 / expected).sum())
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    contrasts = _interaction(shape)
    plain = contrasts.T @ (contrasts * inverse[:, None]) / n
    scaled = contrasts * inverse[:, None]
    delta = np.linalg.solve(plain, scaled.T @ means.covariance @ scaled)
    trace, squared = float(np.trace(delta)), float(np.trace(delta @ delta))
    df, df_denominator = trace**2 / squared, trace**2 / squared * design.df
    if statistic == "F":
        value = pearson / trace
        return value, df, df_denominator, float(stats.f.sf(value, df, df_denominator))
    p_value = float(stats.chi2.sf(pearson / (trace / len(delta)), len(delta)))
    return pearson, float(len(delta)), np.nan, p_value


def _wald(
    inside: Floats, shape: tuple[int, int], design: SurveyDesign, statistic: Statistic
) -> tuple[float, float, float, float]:
    known = np.nan_to_num(inside * design.weights[:, None]).reshape(-1, *shape)
    rows, columns, every = known.sum(axis=2), known.sum(axis=1), known.sum(axis=(1, 2))
    total, of_row, of_column = every.sum(), rows.sum(axis=0), columns.sum(axis=0)
    apart = known.sum(axis=0) - np.outer(of_row, of_column) / total
    influence = known - (rows[:, :, None] * of_column + of_row[:, None] * columns[:, None, :]) / total
    influence += every[:, None, None] * np.outer(of_row, of_column) / total**2
    use = influence[:, 1:, 1:].reshape(len(known), -1)
    differences = apart[1:, 1:].ravel()
    df, clusters = float(len(differences)), float(design.df)
    left = clusters if statistic == "Wald" else clusters - df + 1
    spread = variance(use, design)
    if left <= 0 or not _regular(spread):
        return np.nan, df, left, np.nan
    value = float(differences @ np.linalg.solve(spread, differences))
    value = value / df * (left / clusters)
    return value, df, left, float(stats.f.sf(value, df, left))


def _regular(covariance: Floats) -> bool:
    """Tell whether a covariance can be inverted, whatever the units of its variables."""
    scale = np.sqrt(np.diag(covariance))
    if not (np.isfinite(scale) & (scale > 0)).all():
        return False
    return int(np.linalg.matrix_rank(covariance / np.outer(scale, scale), tol=1e-10)) == len(scale)


def _interaction(shape: tuple[int, int]) -> Floats:
    """Cells x contrasts that are orthogonal to the margins."""
    rows, columns = (np.eye(size)[:, 1:] - 1.0 / size for size in shape)
    return np.asarray(np.kron(rows, columns), dtype=np.float64)
