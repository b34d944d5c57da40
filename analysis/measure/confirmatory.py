"""Does each statement measure its own construct: the factor model of the questionnaire, function by function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.measure.factor_fit import FactorFit, fit_factors
from analysis.measure.factor_model import FactorModel
from analysis.measure.factor_tables import loadings, residual_correlations
from analysis.measure.fit_measures import fit_measures
from analysis.measure.item_covariance import turned, varies
from analysis.measure.parallel_analysis import parallel_analysis
from analysis.measure.score_tests import modification_indices
from survey.language import say
from survey.responses import Responses

MOST_PATTERNS = 2_000
"""Patterns of missing answers up to which full information is used: its cost grows with them."""

FIT = (
    "function", "n", "companies", "chisq", "df", "p_value", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high",
    "srmr", "factors", "note",
)  # fmt: skip
LOADINGS = ("function", "construct", "item", "estimate", "conf_low", "conf_high", "n", "companies", "note")
MISFITS = ("function", "kind", "item", "other", "size", "statistic", "n", "companies")


@dataclass(frozen=True, slots=True, eq=False)
class Confirmed:
    """The factor model of a questionnaire, within each function.

    Parameters
    ----------
    fit
        `FIT` columns, one row per function: the scaled chi-square, robust CFI, TLI and RMSEA (90% interval),
        SRMR; factors, how many parallel analysis keeps; note, why something is absent or who is left out.
    loadings
        `LOADINGS` columns: of each item on its construct, standardised, with 95% interval; note says why an
        item has none.
    misfits
        `MISFITS` columns: the ten largest residual correlations (kind "residual", size observed less implied)
        and modification indices (kind "loading", of an item on another construct, or "residual covariance";
        size the standardised value to expect, statistic the fall of chi-square) of each function.
    eigenvalues
        From `parallel_analysis`, with function and companies.
    """

    fit: pd.DataFrame
    loadings: pd.DataFrame
    misfits: pd.DataFrame
    eigenvalues: pd.DataFrame


def confirm(
    responses: Responses, constructs: Sequence[str], *, wave: int, rng: np.random.Generator
) -> Confirmed:
    """Fit the model in which every item measures its own construct and constructs correlate, by function.

    Maximum likelihood with errors robust to answers that are not normal and clustered by company; missing
    answers by full information, or, beyond `MOST_PATTERNS`, only who answered everything. Functions are
    kept apart because their differences in level would count as covariance. Items that nobody was asked, or
    whose answers are all equal, are left out.

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here.
    constructs
        Those of the model; ones without items are left out.
    wave
        The wave to take.
    rng
        Chance for parallel analysis.

    Notes
    -----
    Agrees with ``cfa(model, std.lv = TRUE, estimator = "MLR", missing = "fiml", cluster = "company")`` in R
    lavaan, see `fit_factors`.
    """
    now = responses.frame[responses.frame["wave"] == wave]
    items = {name: found for name in constructs if (found := responses.items_of(name))}
    every = [item for found in items.values() for item in found]
    parts = [
        _within(str(function), turned(responses, every, rows), items, rows["company"], rng=rng)
        for function, rows in now.groupby("function")
        if items
    ]
    tables = ("fit", "loadings", "misfits", "eigenvalues")
    joined = {
        name: pd.concat([part[name] for part in parts], ignore_index=True) if parts else pd.DataFrame()
        for name in tables
    }
    return Confirmed(**joined)


def _within(
    function: str,
    answers: pd.DataFrame,
    items: Mapping[str, Sequence[str]],
    companies: pd.Series,
    *,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    varied = set(answers.columns[varies(answers.to_numpy())])
    kept = {name: [item for item in own if item in varied] for name, own in items.items()}
    model = FactorModel({name: own for name, own in kept.items() if own}, identification="unit variance")
    used = answers[model.items]
    fit = _fitted(used, model, companies)
    base: dict[str, Any] = {"function": function, **_base(used, fit, companies)}
    gone = [item for own in items.values() for item in own if item not in varied]
    left = (
        say("left out because all its answers are equal, or there are none: {gone}", gone=", ".join(gone))
        if gone
        else ""
    )
    found = parallel_analysis(used, rng=rng)
    return {
        "fit": _fit_row(fit, found, base, left),
        "loadings": _loading_rows(fit, items, base, gone=set(gone)),
        "misfits": _misfits(fit).assign(**base).reindex(columns=list(MISFITS)),
        "eigenvalues": found.assign(function=function, companies=base["companies"]),
    }


def _fitted(answers: pd.DataFrame, model: FactorModel, companies: pd.Series) -> FactorFit:
    gaps = answers.isna()
    fiml = gaps.to_numpy().any() and len(gaps.drop_duplicates()) <= MOST_PATTERNS
    return fit_factors(
        answers, model, clusters=companies, robust=True, missing="fiml" if fiml else "listwise"
    )


def _base(answers: pd.DataFrame, fit: FactorFit, companies: pd.Series) -> dict[str, int]:
    """Return the respondents and companies that the model rests on, or would."""
    fiml = fit.solution is None or fit.solution.fiml
    present = answers.notna()
    used = present.any(axis=1) if fiml else present.all(axis=1)
    return {"n": int(used.sum()), "companies": int(companies[used].nunique())}


def _fit_row(fit: FactorFit, eigenvalues: pd.DataFrame, base: Mapping[str, Any], left: str) -> pd.DataFrame:
    found = fit_measures(fit).iloc[0]
    scaled = {"chisq": "chisq_scaled", "p_value": "p_value_scaled", "cfi": "cfi_robust", "tli": "tli_robust"}
    scaled |= {"rmsea": "rmsea_robust", "rmsea_low": "rmsea_robust_low", "rmsea_high": "rmsea_robust_high"}
    plain = {name: found[name] for name in ("df", "srmr")}
    testable = found["df"] > 0
    robust = {
        name: found[other] if testable and pd.notna(found[other]) else found[name] if testable else np.nan
        for name, other in scaled.items()
    }
    kept = float(eigenvalues["kept"].sum()) if (eigenvalues["note"] == "").all() else np.nan
    notes = (str(found["note"]), left, "" if pd.notna(kept) else str(eigenvalues["note"].iloc[0]))
    row = {**base, **plain, **robust, "factors": kept, "note": "; ".join(dict.fromkeys(filter(None, notes)))}
    return pd.DataFrame([row])[list(FIT)].astype({"df": "float64", "note": "str"})


def _loading_rows(
    fit: FactorFit, items: Mapping[str, Sequence[str]], base: Mapping[str, Any], *, gone: set[str]
) -> pd.DataFrame:
    pairs = [(name, item) for name, own in items.items() for item in own]
    table = pd.DataFrame(pairs, columns=["construct", "item"])
    known = loadings(fit).set_index("term")[["standardised", "standardised_low", "standardised_high"]]
    columns = known.set_axis(["estimate", "conf_low", "conf_high"], axis=1).astype("float64")
    table = table.join(columns, on="item").assign(**base)
    why = [
        say("all its answers are equal, or there are none") if item in gone
        else say("its construct has no other item to tell it from") if alone
        else fit.note if fit.solution is None else say("the error of the loading is not known")
        for item, alone in zip(table["item"], _alone(table, gone), strict=True)
    ]  # fmt: skip
    single = pd.Series(_alone(table, gone), index=table.index)
    ends = ["estimate", "conf_low", "conf_high"]
    table[ends] = table[ends].mask(single)
    return table.assign(note=pd.Series(why, index=table.index).where(table["conf_low"].isna(), ""))[
        list(LOADINGS)
    ]


def _alone(table: pd.DataFrame, gone: set[str]) -> list[bool]:
    """Tell which items are the only one of their construct in the model."""
    inside = ~table["item"].isin(gone)
    return (inside.groupby(table["construct"]).transform("sum") == 1).tolist()


def _misfits(fit: FactorFit, *, most: int = 10) -> pd.DataFrame:
    left = residual_correlations(fit)
    left = left.assign(kind="residual", size=left["residual"].astype("float64"), statistic=np.nan)
    order = left["size"].abs().sort_values(ascending=False, kind="stable").index[:most]
    indices = modification_indices(fit).head(most)
    indices = indices.assign(other=indices["factor"], size=indices["standardised"], statistic=indices["mi"])
    columns = ["kind", "item", "other", "size", "statistic"]
    parts = [part[columns] for part in (left.loc[order], indices) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
