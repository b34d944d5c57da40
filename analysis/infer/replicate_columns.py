"""Replicate weights that come with the data, as columns of the table."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats, numeric
from analysis.infer.replicates import Replicates
from survey.problems import Problem, first_of, raise_if_any

KINDS = ("JK1", "JKn", "JK2", "BRR", "Fay", "bootstrap", "ACS", "other")
"""Words of R ``svrepdesign(type = )``; each but JKn and other knows its scale."""


def replicate_columns(  # noqa: PLR0913 - each is a fact that the documentation of a study states
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    kind: str,
    combined: bool = True,
    rho: float | None = None,
    scale: float | None = None,
    rscales: Sequence[float] | float | None = None,
    mse: bool = False,
) -> Replicates:
    """Take the replicate weights that a study supplies.

    Parameters
    ----------
    frame
        One row per unit, with ``weight`` (1 for all where absent) and `columns`.
    columns
        One column of weights for each replicate, as many digits as the study gives.
    kind
        One of `KINDS`. Scales where none is given: BRR ``1 / R``, Fay ``1 / (R (1 - rho)^2)``, bootstrap
        ``1 / (R - 1)``, ACS (successive differences) ``4 / R``, JK2 1, JK1 ``(R - 1) / R``. Factors that are not
        `combined` show more: the largest of a replicate is n / (n - 1) of the clusters that it draws on, so that
        JK1 and JKn take one over it.
    combined
        Whether the columns hold whole weights; else factors that multiply ``weight``.
    rho, scale, rscales
        Fay's share, and scales that the documentation of the study states; combined JKn needs `rscales`.
    mse
        Whether deviations are from the statistic of the sample, not from the mean of the replicates.

    Raises
    ------
    InputError
        Naming each column that is absent, not numeric, missing somewhere, negative or all zero; and what the kind
        needs and did not get.

    Notes
    -----
    Agrees with R ``survey::svrepdesign(repweights = , weights = , type = , combined.weights = )``.

    Examples
    --------
    >>> frame = pd.DataFrame({"weight": [2.0, 3.0], "r1": [0.0, 6.0], "r2": [4.0, 0.0]})
    >>> given = replicate_columns(frame, ["r1", "r2"], kind="JK1")
    >>> given.scale, given.df, given.of_rows(slice(0, 1)).ravel().tolist()
    (0.5, 1, [0.0, 6.0])
    """
    raise_if_any(
        _words_at_fault(columns, kind, rho, unscaled=scale is None, unknown=combined and rscales is None)
    )
    raise_if_any(_scales_at_fault(len(columns), scale, rscales))
    factors = numeric(frame, columns)
    weights = numeric(frame, ["weight"])[:, 0] if "weight" in frame else np.ones(len(frame))
    raise_if_any(_numbers_at_fault(np.column_stack([weights, factors]), ["weight", *columns]))
    usual = _usual_scale(kind, factors, combined, rho or 0.0)
    known = 1 / factors.max(axis=0) if kind == "JKn" and rscales is None else 1.0
    each = np.broadcast_to(np.asarray(known if rscales is None else rscales, dtype=float), (len(columns),))
    return Replicates(
        weights, np.arange(len(frame)), factors, usual if scale is None else scale, each, kind, combined, mse
    )  # fmt: skip


def _usual_scale(kind: str, factors: Floats, combined: bool, rho: float) -> float:
    count = factors.shape[1]
    if kind == "JK1":
        return (count - 1) / count if combined else float(1 / factors[:, 0].max())
    scales = {
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - rho) ** 2),
        "bootstrap": 1 / (count - 1),
        "ACS": 4 / count,
    }
    return float(scales.get(kind, 1.0))


def _words_at_fault(
    columns: Sequence[str], kind: str, rho: float | None, *, unscaled: bool, unknown: bool
) -> Iterator[Problem]:
    if kind not in KINDS:
        yield Problem("is no kind of replicate weights", column="kind", value=kind, allowed=", ".join(KINDS))
    if len(columns) < 2:
        yield Problem(f"{len(columns)} replicate weights are named", column="columns", allowed="two or more")
    if len(set(columns)) < len(columns):
        yield Problem("names a column twice", column="columns", allowed="each replicate once")
    if kind == "Fay" and not (rho is not None and 0 <= rho < 1):
        yield Problem("is needed for Fay's method", column="rho", value=str(rho), allowed="0 to below 1")
    if kind == "JKn" and unknown:
        allowed = "(n - 1) / n of the stratum of each replicate, from the documentation of the study"
        yield Problem("are needed for JKn", column="rscales", allowed=allowed)
    if kind == "other" and unscaled:
        yield Problem("is needed", column="scale", allowed="the scale that the study documents")


def _scales_at_fault(
    count: int, scale: float | None, rscales: Sequence[float] | float | None
) -> Iterator[Problem]:
    given = np.atleast_1d(np.asarray(1.0 if rscales is None else rscales, dtype=float))
    if given.size not in (1, count):
        yield Problem(f"holds {given.size} numbers", column="rscales", allowed=f"one, or {count}")
    if not (given >= 0).all() or not given.any():
        yield Problem("holds no scales", column="rscales", allowed="numbers above 0")
    if scale is not None and not scale > 0:
        yield Problem("is no scale", column="scale", value=f"{scale:g}", allowed="a number above 0")


def _numbers_at_fault(values: Floats, names: Sequence[str]) -> list[Problem]:
    found = []
    for name, column in zip(names, values.T, strict=True):
        for what, bad in (("is missing", np.isnan(column)), ("is negative", column < 0)):
            rows = np.flatnonzero(bad)
            if rows.size:
                where = (
                    f" in {rows.size} rows, first in row {rows[0] + 1}"
                    if rows.size > 1
                    else f" in row {rows[0] + 1}"
                )
                found.append(Problem(what + where, column=name, allowed="0 or more in each row"))
        if column.size and not np.nan_to_num(column).any():
            found.append(
                Problem("holds no weight above 0", column=name, allowed="a weight above 0 for some row")
            )
    return first_of(found, "more replicate weights at fault")
