"""Does an association hold when one function rates and the other reports the outcome."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.infer.columns import RESULT, Codes, Floats, numeric, result_columns
from analysis.infer.linearisation import cells_of, clusters_of, sums
from survey.language import say
from survey.responses import FUNCTIONS


def cross_informant(views: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Slopes of one function's report of an outcome on its own, and on the other function's, score.

    What one function says of both sides may be one mood; what marketing says of growth cannot take its
    mood from what sales says of alignment. Least squares over companies, waves apart by their own means,
    with companies as clusters (CR1). The difference of the two slopes is tested on the same rows.

    Parameters
    ----------
    views
        One row per company, wave and function, as `function_means` returns them, of constructs and of
        outcomes that both functions were asked for.
    pairs
        Construct and outcome, column names.

    Returns
    -------
    DataFrame
        construct, outcome, rater (whose score), reporter (whose report of the outcome), kind ("same source",
        "other source", or "difference": same less other), correlation (within waves), `RESULT` of the slope
        (units of the outcome per point), companies, note (what could not be computed and why; empty else).
        n counts company-waves in which both functions answered. Association is not effect in any of them.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``coeftest(lm(y ~ x + factor(wave)), vcovCL, cluster = ~company, type = "HC1")``, tested
    by t with one degree of freedom fewer than companies.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> views = pd.DataFrame({"company": np.repeat(np.arange(40), 2), "wave": 2025,
    ...                       "function": ["sales", "marketing"] * 40, "goals": rng.normal(size=80)})
    >>> table = cross_informant(views.assign(growth=2 * views["goals"]), [("goals", "growth")])
    >>> table.loc[table["kind"] == "same source", "estimate"].round(6).tolist()
    [2.0, 2.0]
    """
    names = list(dict.fromkeys([name for pair in pairs for name in pair]))
    numeric(views, names, keys=("company", "wave", "function"))
    sides = [
        views[views["function"] == function].set_index(["company", "wave"])[names].add_suffix(f":{function}")
        for function in FUNCTIONS
    ]
    table = sides[0].join(sides[1], how="inner").reset_index()
    rows = [
        row
        for (construct, outcome), rater in product(pairs, FUNCTIONS)
        for row in _crossed(table, construct, outcome, rater=rater)
    ]
    keys = ["construct", "outcome", "rater", "reporter", "kind", "correlation"]
    return pd.DataFrame(rows, columns=pd.Index([*keys, *RESULT, "companies", "note"]))


def _crossed(
    table: pd.DataFrame, construct: str, outcome: str, *, rater: str
) -> Iterator[dict[Hashable, Any]]:
    """Yield same source, other source and their difference for one function's score."""
    other = next(function for function in FUNCTIONS if function != rater)
    columns = [f"{construct}:{rater}", f"{outcome}:{rater}", f"{outcome}:{other}"]
    rows = table.dropna(subset=columns)
    companies, waves = clusters_of(rows, "company"), cells_of(rows, ["wave"])[0]
    groups, df = int(companies.max(initial=-1)) + 1, len(rows) - int(waves.max(initial=-1)) - 2
    values = _within(rows[columns].to_numpy(dtype=np.float64), waves)
    note = _cross_note(values, groups, df)
    slopes, errors, correlations = _slopes(values, companies, df) if not note else (np.full(3, np.nan),) * 3
    degrees = np.full(3, groups - 1.0 if not note else np.nan)
    found = result_columns(slopes, errors, degrees)
    for place, (reporter, kind) in enumerate(
        ((rater, "same source"), (other, "other source"), ("both", "difference"))
    ):
        yield {
            "construct": construct, "outcome": outcome, "rater": rater, "reporter": reporter, "kind": kind,
            "correlation": correlations[place], **{name: column[place] for name, column in found.items()},
            "n": len(rows), "companies": groups, "note": note,
        }  # fmt: skip


def _within(values: Floats, waves: Codes) -> Floats:
    """Return values less the mean of their wave."""
    size = int(waves.max(initial=-1)) + 1
    counts = np.maximum(1, np.bincount(waves, minlength=size))[:, None]
    return np.asarray(values - (sums(values, waves, size) / counts)[waves])


def _slopes(values: Floats, companies: Codes, df: int) -> tuple[Floats, Floats, Floats]:
    """Return slopes on the first column, their errors and correlations: of the others, and their difference."""
    x, y = values[:, 0], values[:, 1:]
    spread = x @ x
    slopes = x @ y / spread
    groups = int(companies.max()) + 1
    moved = sums(x[:, None] * (y - np.outer(x, slopes)) / spread, companies, groups)
    moved = np.column_stack([moved, moved[:, 0] - moved[:, 1]])
    scale = groups / (groups - 1) * (len(x) - 1) / df
    errors = np.sqrt(scale * (moved**2).sum(axis=0))
    lengths = np.sqrt((y**2).sum(axis=0))
    correlations = np.divide(x @ y, np.sqrt(spread) * lengths, out=np.zeros(2), where=lengths > 0)
    return (
        np.append(slopes, slopes[0] - slopes[1]),
        errors,
        np.append(correlations, correlations[0] - correlations[1]),
    )


def _cross_note(values: Floats, groups: int, df: int) -> str:
    if groups < 3 or df < 1:
        return say("needs three companies in which both functions answered")
    flat = (values**2).sum(axis=0) <= 1e-18 * max(1.0, float((values**2).sum()))
    return say("the score or the outcome does not vary between companies") if flat.any() else ""
