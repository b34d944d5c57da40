"""Do answers share a method? Factor models with and without an orthogonal method factor over all items."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.measure.difference_test import difference_test
from analysis.measure.factor_fit import FactorFit, fit_grouped
from analysis.measure.factor_model import Crossing, FactorModel
from analysis.measure.factor_sample import grouped_answers
from analysis.measure.factor_tables import factor_correlations, standardised_loadings
from analysis.measure.fit_measures import model_test, srmr

METHOD = "method"
"""What the method factor is called; no construct may bear this name."""

FEWEST = 3
"""Items that a marker needs to be a factor by itself."""

COLUMNS = (
    "model", "n", "chisq", "df", "p_value", "srmr", "delta_chisq", "delta_df", "delta_p", "share", "correlation",
    "largest_change", "note",
)  # fmt: skip


def method_factor(
    answers: pd.DataFrame,
    constructs: Mapping[str, Sequence[str]],
    *,
    marker: Sequence[str] = (),
    clusters: pd.Series | None = None,
    missing: str = "fiml",
    crossings: Sequence[Crossing] = ("free",),
) -> pd.DataFrame:
    """Compare factor models with and without a factor that acts on the items of every construct.

    The method factor correlates with no construct. With items of a marker, which have no reason to go with
    anything, it is what those measure (Williams, Hartman & Cavazotte 2010, Organizational Research Methods 13);
    without them it is whatever all items have in common besides their constructs (Podsakoff, MacKenzie, Lee &
    Podsakoff 2003, Journal of Applied Psychology 88), which may be substance as well as method, and often cannot
    be told apart from correlated constructs (Chin, Thatcher & Wright 2012, MIS Quarterly 36).

    Parameters
    ----------
    answers
        One row per respondent, items in columns, NaN where missing; reversed items turned.
    constructs
        Items of each construct.
    marker
        Items of a marker variable, if one was asked; fewer than `FEWEST` tell no factor and are left out.
    clusters, missing
        As in `fit_factors`. Errors and tests are robust.
    crossings
        How the method factor acts: "equal" (one loading for all items) or "free".

    Returns
    -------
    DataFrame
        First the model without ("none"), then one row per entry of `crossings`: model, n, chisq (scaled), df,
        p_value, srmr, delta_chisq, delta_df, delta_p (against "none"), share (per cent of the variance of the
        constructs' items that goes with the method factor, mean over items; above 0 by chance too), correlation
        (mean of the correlations of the constructs), largest_change (of such a correlation from "none", with its
        sign), note (what could not be computed and why, and what is odd about a solution; empty else).

    Notes
    -----
    The models agree with ``cfa`` in R lavaan, with ``method =~`` all items and ``method ~~ 0 *`` each construct.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> mood, traits = rng.normal(size=(600, 1)), np.repeat(rng.normal(size=(600, 2)), 3, axis=1)
    >>> items = {"trust": ["a", "b", "c"], "goals": ["d", "e", "f"]}
    >>> answers = pd.DataFrame(np.hstack([traits + 0.7 * mood, mood, mood, mood]) + rng.normal(size=(600, 9)),
    ...                        columns=list("abcdefghi"))
    >>> found = method_factor(answers, items, marker=["g", "h", "i"], crossings=["equal"])
    >>> bool(found.loc[1, "delta_p"] < 0.001), round(found.loc[1, "share"])
    (True, 16)
    """
    own = list(marker) if len(marker) >= FEWEST else []
    factors = {**constructs, METHOD: own}
    plain = FactorModel(factors, method=METHOD) if own else FactorModel(dict(constructs))
    models: list[tuple[str, FactorModel]] = [("none", plain)]
    models += [(crossing, FactorModel(factors, method=METHOD, crossing=crossing)) for crossing in crossings]
    data = grouped_answers(answers, plain.items, groups=None, clusters=clusters, missing=missing)
    fits = [fit_grouped(data, model, robust=True, fiml=missing == "fiml") for _, model in models]
    rows = [
        _row(name, found, fits[0], list(constructs)) for (name, _), found in zip(models, fits, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(name: str, found: FactorFit, plain: FactorFit, constructs: list[str]) -> dict[Hashable, Any]:
    """Return the row of one model; numbers are absent where it has no solution."""
    row: dict[Hashable, Any] = {"model": name, "note": found.note}
    if found.solution is None:
        return row
    test, solution = model_test(found.solution), found.solution
    scaled = test.chisq / test.factor
    row |= {"n": solution.n, "chisq": scaled, "df": test.df, "srmr": srmr(solution)}
    row["p_value"] = test._replace(chisq=scaled).p_value
    correlations = factor_correlations(found)[constructs].loc[constructs]
    above = np.triu_indices(len(constructs), 1)
    row["correlation"] = float(np.mean(correlations.to_numpy()[above])) if len(above[0]) else np.nan
    if name == "none":
        return row
    loadings = standardised_loadings(found)
    crossed = loadings[(loadings["factor"] == METHOD) & ~loadings["term"].isin(found.model.factors[METHOD])]
    row["share"] = float(100 * np.mean(crossed["standardised"] ** 2))
    return row | _against(found, plain, correlations)


def _against(found: FactorFit, plain: FactorFit, correlations: pd.DataFrame) -> dict[Hashable, Any]:
    """Return what the method factor changes: the test, and the correlation that moves most."""
    if plain.solution is None or found.solution is None:
        return {}
    test = difference_test(plain.solution, found.solution)
    names = list(correlations)
    moved = (correlations - factor_correlations(plain)[names].loc[names]).to_numpy()
    most = moved.ravel()[np.argmax(np.abs(moved))]
    row: dict[Hashable, Any] = {"delta_chisq": test.chisq, "delta_df": test.df, "delta_p": test.p_value}
    return row | {"largest_change": float(most), "note": "; ".join(filter(None, (found.note, test.note)))}
