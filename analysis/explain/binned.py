"""Binned means and one straight line: what a relation looks like before any model is laid over it."""

import numpy as np
import pandas as pd

from analysis.explain.covariance import cluster_robust
from analysis.explain.design_errors import design_covariance, drawn_sample
from analysis.explain.solution import least_squares
from analysis.explain.specification import Design
from analysis.infer.columns import result_columns
from analysis.infer.linearisation import clusters_of
from analysis.infer.tabulation import means


def binned_means(frame: pd.DataFrame, x: str, y: str, *, bins: int = 10) -> pd.DataFrame:
    """Mean of `y` with its 95% t interval in quantile bins of `x`.

    Parameters
    ----------
    frame
        One row per company and wave, with its design.
    x, y
        Numeric columns; rows that lack either are outside the domain.
    bins
        Number of bins wanted; fewer where there are fewer than ten rows a bin.

    Returns
    -------
    DataFrame
        ``bin, x, estimate, std_error, conf_low, conf_high, n, companies``, one row per bin, `x` its mean
        there; companies that repeat in a bin are clusters.

    References
    ----------
    Cattaneo, Crump, Farrell and Feng (2024), On binscatter, American Economic Review 114.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": range(40), "x": range(40), "y": [2.0 * v for v in range(40)]})
    >>> binned_means(frame, "x", "y", bins=2)[["x", "estimate", "n"]].values.tolist()
    [[9.5, 19.0, 20.0], [29.5, 59.0, 20.0]]
    """
    known = frame[[x, y]].notna().all(axis=1)
    complete = frame.loc[known, [x, y]].astype(float)
    wanted = max(1, min(bins, len(complete) // 10))
    if complete.empty:
        return pd.DataFrame(
            columns=["bin", "x", "estimate", "std_error", "conf_low", "conf_high", "n", "companies"]
        )
    edges = np.unique(np.quantile(complete[x], np.linspace(0, 1, wanted + 1))[1:-1])
    places = pd.Series(np.searchsorted(edges, complete[x], side="left"), index=complete.index)
    binned = frame.assign(bin=places.reindex(frame.index), **{y: frame[y].where(known)})
    table = means(binned, [x, y], by=["bin"]).dropna(subset=["bin"])
    centres = table.loc[table["variable"] == x, "estimate"].to_numpy()
    table = table[table["variable"] == y].reset_index(drop=True).astype({"bin": "int64"})
    table.insert(1, "x", centres)
    return table[["bin", "x", "estimate", "std_error", "conf_low", "conf_high", "n", "companies"]]


def fitted_line(
    frame: pd.DataFrame, x: str, y: str, *, cluster: str = "company", ends: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Least-squares line of `y` on `x` with the 95% band of its mean.

    Parameters
    ----------
    frame
        One row per company and wave; rows that lack a value are left out. Weighted where the table has weights.
    x, y, cluster
        Columns; the band rests on cluster-robust errors with t on clusters - 1 degrees of freedom; where the table has
        weights, on its design (`analysis.explain.design_errors`).
    ends
        Between which `x` it is drawn; by default the lowest and the highest one, each of which is one row's.

    Returns
    -------
    DataFrame
        ``x, estimate, conf_low, conf_high`` at 50 points between the ends; empty where no line can
        be drawn (fewer than three clusters, or `x` does not vary).

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "x": [0, 1, 2, 3], "y": [1.0, 3.1, 4.9, 7.0]})
    >>> fitted_line(frame, "x", "y")["x"].agg(["min", "max"]).tolist()
    [0.0, 3.0]
    """
    counted = frame["weight"] > 0 if "weight" in frame else True
    known = frame[[x, y, cluster]].notna().all(axis=1) & counted
    complete, rows = frame[known], np.flatnonzero(known)
    if complete[cluster].nunique() < 3 or complete[x].nunique() < 2:
        return pd.DataFrame(columns=["x", "estimate", "conf_low", "conf_high"])
    codes = clusters_of(complete, cluster)
    weights = complete["weight"].to_numpy(float) if "weight" in complete else np.ones(len(complete))
    roots = np.sqrt(weights)
    solved = least_squares(Design(
        outcome=complete[y].to_numpy(float) * roots, regressor=complete[x].to_numpy(float) * roots,
        others=pd.DataFrame({"Intercept": roots}), companies=codes, weights=weights, rows=rows,
    ))  # fmt: skip
    covariance, df = cluster_robust(solved, [codes])[0], float(codes.max())
    if "weight" in frame and cluster == "company":
        covariance, df, _ = design_covariance(solved, drawn_sample(frame, rows, weights="weight"))
    low, high = ends or (float(complete[x].min()), float(complete[x].max()))
    points = np.linspace(low, high, 50)
    design = np.column_stack([points, np.ones_like(points)])
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design))
    found = result_columns(design @ solved.params, error, np.full(50, df))
    return pd.DataFrame(
        {"x": points, **{name: found[name] for name in ("estimate", "conf_low", "conf_high")}}
    )
