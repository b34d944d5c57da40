"""The gate: every table of a run passes here, and loses what would give somebody away, before a word is written."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from alignmark.disclosure_rules import Disclosure
from alignmark.gate_rules import (
    BOOK,
    COUNTS,
    FAMILIES,
    KEYS,
    OF_COMPANIES,
    OWN,
    PARTS,
    PASSAGES,
    ROUNDED,
    TOO_FEW,
    Passage,
)
from analysis.benchmark.disclosure import BOTH_SIDES, SEVERAL, bases_of, suppress
from analysis.benchmark.norms import PERCENTILES
from analysis.benchmark.practices import with_relative_likelihood
from analysis.benchmark.rounding import round_to
from analysis.explain.panel_terms import MEAN
from analysis.explain.regression import Fit
from analysis.infer.columns import RESULT
from analysis.infer.multiplicity import with_family
from reports.evidence import Evidence
from survey.language import look_up, say

LEVELS_ONLY = "levels"
"""Why a row lacks its levels and keeps the rest: a change tells less than the means that it is between."""

EXACT = ("std_error", "statistic", "moved", "standardised_difference")
"""From which rounded numbers could be made exact again."""

OF_LEVELS = ("mean_from", "mean_to")
"""Columns that are withheld then."""

OF_MEDIANS = "rwg_j"
"""The check whose value is the median of the companies."""


def through_gate(
    evidence: Evidence, rule: Disclosure, *, passed_before: Mapping[str, pd.DataFrame] | None = None
) -> Evidence:
    """Return evidence as it may be published.

    Parameters
    ----------
    evidence
        Everything as computed.
    rule
        The rules of the study.
    passed_before
        Tables that have passed already, as `passed` returns them; those of the benchmarks among them.

    Returns
    -------
    Evidence
        With small cells blanked, the rest rounded where the study says so, and ``withheld``: how many rows of which
        table by which rule.
    """
    before = dict(passed_before or {})
    counted = [_counted(table, name) for name, table in before.items() if len(table)]
    safe: Evidence = _passed(evidence, "", rule=rule, before=tuple(before), counted=counted)
    table = (
        pd.concat(counted, ignore_index=True) if counted else pd.DataFrame(columns=["table", "rule", "cells"])
    )
    minimum = rule.minimum_companies
    fits = tuple(_safe_fit(fit, minimum) for fit in evidence.fits)
    return _finished(replace(safe, withheld=table, fits=fits))


def _passed(
    part: Any, prefix: str, *, rule: Disclosure, before: Sequence[str], counted: list[pd.DataFrame]
) -> Any:
    """Pass every table of a part of the evidence, and of what that consists of."""
    changed: dict[str, Any] = {}
    for one in fields(part):
        name, value = prefix + one.name, getattr(part, one.name)
        if name in PARTS:
            changed[one.name] = _passed(value, f"{name}.", rule=rule, before=before, counted=counted)
        elif isinstance(value, pd.DataFrame) and len(value) and name not in (*COUNTS, *OWN, *before):
            safe = blanked(value, name, rule)
            counted.append(_counted(safe, name))
            changed[one.name] = safe
    return replace(part, **changed)


def passed(
    table: pd.DataFrame, name: str, rule: Disclosure, *, also: pd.Series | None = None
) -> pd.DataFrame:
    """Return a table as it is published, with p values adjusted over the comparisons that are left.

    Parameters
    ----------
    table, name
        A table and its name in `PASSAGES`.
    rule
        The rules of the study.
    also
        Why further rows are withheld (`alignmark.releasing.withheld_rows`).
    """
    if table.empty:
        return table
    safe = blanked(table, name, rule, also=also)
    within, besides = FAMILIES.get(name, (None, ""))
    return safe if within is None else with_family(safe, within=within, besides=besides)


def blanked(
    table: pd.DataFrame, name: str, rule: Disclosure, *, also: pd.Series | None = None
) -> pd.DataFrame:
    """Blank a table as its `Passage` says; one that has none does not pass."""
    passage = passage_of(name)
    further = (
        pd.Series("", index=table.index, dtype=object)
        if also is None
        else also.reindex(table.index, fill_value="")
    )
    if passage.respondents and "function" in table:
        few = ~(table[passage.respondents] >= rule.minimum_respondents)
        further = further.mask(few & further.eq(""), "respondents")
    if name == "ladder":
        near = _near(table, "headline", "companies", rule.minimum_companies, enough=passes(table, name, rule))
        further = further.mask(near & further.eq(""), "differencing")
    if name == "cuts":
        # A company has a value in each wave: so many more values are of the minimum of companies at least.
        apart = rule.minimum_companies * int(table["waves"].max())
        near = _near(table, "variable", "n_a", apart, enough=passes(table, name, rule), beside="declared")
        further = further.mask(near & further.eq(""), "differencing")
    minimum = rule.minimum_companies * passage.times
    further = further.mask(_of_single_ones(table, passage, rule) & further.eq(""), "companies")
    bare = further.eq(LEVELS_ONLY)
    safe = suppress(
        table, minimum=minimum, count=passage.count, also=further.mask(bare, ""), keep=(*KEYS, *passage.keep)
    )
    safe = safe.assign(**{of: safe[of].where(safe[n] >= minimum) for of, n in passage.bases.items()})
    safe = _without_levels(_without_words(safe, table, passage), bare)
    return _rounded(safe, passage, rule)


def _of_single_ones(table: pd.DataFrame, passage: Passage, rule: Disclosure) -> "pd.Series[bool]":
    """Tell which rows are percentiles, the values of single companies, with too few companies about them.

    One that has companies and no value has too few of them beyond it (`analysis.benchmark.norms.percentile`).
    """
    bases, least = bases_of(table, passage.count), rule.minimum_companies
    if "check" in table:
        return table["check"].eq(OF_MEDIANS) & (bases < BOTH_SIDES * least)
    names = table.get("statistic", pd.Series("", index=table.index))
    untold = table.get("estimate", names).isna() & (bases > 0)
    return names.isin(list(PERCENTILES)) & ((bases < SEVERAL * least) | untold)


def _without_levels(safe: pd.DataFrame, bare: "pd.Series[bool]") -> pd.DataFrame:
    """Blank the levels of rows that keep the rest."""
    levels = {name: safe[name].mask(bare) for name in OF_LEVELS if name in safe}
    return safe.assign(withheld=safe["withheld"].mask(bare & ~safe["suppressed"], LEVELS_ONLY), **levels)


def passage_of(name: str) -> Passage:
    """Return how a table passes.

    Raises
    ------
    LookupError
        If nobody has said so: a new table is published when it has a passage, and not before.
    """
    if name.startswith(BOOK):
        return OF_COMPANIES
    if name not in PASSAGES:
        raise LookupError(
            f"{name} has no passage through the gate: say in alignmark/gate_rules.py what its bases are"
        )
    return PASSAGES[name]


def passes(table: pd.DataFrame, name: str, rule: Disclosure) -> "pd.Series[bool]":
    """Tell which rows of a table stand for enough by themselves."""
    passage = passage_of(name)
    few = bases_of(table, passage.count) < rule.minimum_companies * passage.times
    return pd.Series(~few, index=table.index)


def _near(
    table: pd.DataFrame, of: str, count: str, minimum: int, *, enough: "pd.Series[bool]", beside: str = ""
) -> "pd.Series[bool]":
    """Tell which rows, one in another, differ from a row of the same that is shown by some, but by too few.

    So do they from what another table shows of so many companies: those in the column `beside`.
    """
    companies, enough = table[count].to_numpy(dtype=float), enough.reset_index(drop=True)
    near = np.zeros(len(table), dtype=bool)
    codes = pd.factorize(table[of])[0]
    for code in range(int(codes.max(initial=-1)) + 1):
        shown: list[int] = []
        for place in np.flatnonzero(codes == code).tolist():
            others = [*companies[shown], *([float(table[beside].iloc[place])] if beside else [])]
            apart = np.abs(np.array(others, dtype=float) - companies[place])
            near[place] = bool(((apart > 0) & (apart < minimum)).any())
            shown += [] if near[place] or not enough[place] else [place]
    return pd.Series(near, index=table.index, dtype=bool)


def _without_words(safe: pd.DataFrame, table: pd.DataFrame, passage: Passage) -> pd.DataFrame:
    """Take the words of blanked rows that had something to tell."""
    numbers = [str(name) for name in table.select_dtypes("float") if name not in KEYS]
    told = table[numbers].notna().any(axis=1) & (table[passage.count[0]] > 0)
    gone = safe["suppressed"] & told
    words = {name: instead for name, instead in passage.words.items() if name in safe}
    return safe.assign(**{name: safe[name].mask(gone, instead or None) for name, instead in words.items()})


def _safe_fit(fit: Fit, minimum: int) -> Fit:
    """Leave out the coefficients that rest on too few companies, and say so; of too few in all, the whole model.

    A coefficient of a category is its difference to the first one, so that a small one of either gives itself away.
    The constant goes with them: with the mean of all it would tell the one that is left out.
    """
    if len(fit.frame) and fit.companies < minimum:
        return replace(
            fit, frame=fit.frame.iloc[:0], by_errors=fit.by_errors.iloc[:0], r_squared=np.nan,
            partial_r_squared=np.nan, measures={}, note=look_up(TOO_FEW),
        )  # fmt: skip
    small = {term for term, companies in fit.behind.items() if companies < minimum}
    gone = {term for term in fit.frame["term"] if term.removesuffix(MEAN) in small}
    if not gone:
        return fit
    numbers = [name for name in RESULT if name != "n"]
    tables = {}
    for key in ("frame", "by_errors"):
        table = getattr(fit, key)
        table = table[~table["term"].isin(gone)].reset_index(drop=True)
        constant = table["term"].eq("Intercept")
        tables[key] = table.assign(**{name: table[name].mask(constant) for name in numbers if name in table})
    said = say(
        "coefficients of {names} that rest on fewer than {least} companies are withheld, and the constant with them",
        names=", ".join(sorted({term.partition("[")[0] for term in gone})),
        least=minimum,
    )
    return replace(fit, note="; ".join(filter(None, (fit.note, said))), **tables)


def _rounded(table: pd.DataFrame, passage: Passage, rule: Disclosure) -> pd.DataFrame:
    """Round what is published; errors and statistics, from which it could be made exact again, go."""
    if rule.rounding is None or not passage.levels:
        return table
    floats = [str(name) for name in table.select_dtypes("float")]
    names = [name for name in floats if name in ROUNDED]
    # Norms say in a column of words which statistic a row is: that column is none of these.
    exact = dict.fromkeys((name for name in floats if name in EXACT), float("nan"))
    return round_to(table, names, step=rule.rounding).assign(**exact)


def _counted(safe: pd.DataFrame, name: str) -> pd.DataFrame:
    found = safe.loc[safe["withheld"] != "", "withheld"].value_counts()
    return pd.DataFrame({"table": name, "rule": found.index.astype(str), "cells": found.to_numpy()})


def _finished(safe: Evidence) -> Evidence:
    """Add what is computed from published numbers: relative likelihood; leave out answers of too few companies."""
    tables: dict[str, Any] = {}
    if len(safe.practices):
        tables["practices"] = with_relative_likelihood(safe.practices, safe.classes["outcomes"].names[0])
    if len(safe.choices):
        tables["choices"] = safe.choices[safe.choices["companies"] >= safe.facts.minimum_companies]
    return replace(safe, **tables)
