"""May I aggregate: whether answers of people may stand for their company, and why, in words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.measure.aggregation_rule import AggregationRule
from analysis.measure.aggregation_verdicts import (
    CARE,
    NO,
    UNKNOWN,
    YES,
    company_verdict,
    construct_verdict,
    gap_verdict,
)
from analysis.measure.icc import informants_needed, told, too_few
from survey.language import say

CELL = ["construct", "wave", "function"]
COMPANY = ["company", "wave"]


def may_aggregate(agreement: pd.DataFrame, icc: pd.DataFrame, *, rule: AggregationRule) -> pd.DataFrame:
    """Say for each construct whether answers within a function may be averaged to their company.

    No, where informants of most companies do not agree, or companies do not differ: the mean would be of
    nothing. With care, where they do but the mean of so few is unreliable: shrink it. Cannot be said, where no
    company has two informants, or too few companies answered to tell whether they differ.

    Parameters
    ----------
    agreement, icc
        As the functions of these names return them.
    rule
        As the study declares.

    Returns
    -------
    DataFrame
        construct, wave, function, verdict, reasons (sentences), n (companies with two informants), median_rwg_j,
        agreeing (share of these companies, 0-1), n_negative, icc1, icc2 (0 where they are negative, which the
        reasons say; absent where fewer than `icc.FEWEST_COMPANIES` companies do not differ clearly),
        needed (informants for the ICC(2) of the rule; NaN if no number will do, where ICC(1) is 0, or if unknown).
    """
    name, negative = _names(rule)
    known = agreement[agreement["n"] > 1]
    summary = known.assign(agreeing=known[name] >= rule.rwg_j).groupby(CELL)
    counted = summary.agg(
        n=(name, "size"),
        median_rwg_j=(name, "median"),
        agreeing=("agreeing", "mean"),
        n_negative=(negative, "sum"),
    )
    cells = agreement[CELL].drop_duplicates()
    table = cells.join(counted, on=CELL).merge(
        icc[[*CELL, "icc1", "icc2", "p_value", "note", "groups"]], on=CELL, how="left"
    )
    table = table.fillna({"n": 0, "n_negative": 0, "note": say("no score")}).astype(
        {"n": int, "n_negative": int}
    )
    table["below"] = table["icc1"] < 0
    clear = table["p_value"] <= rule.significance
    few = table["icc1"].notna() & ~clear & table["groups"].map(too_few).ne("")
    table["note"] = table["note"].mask(few, table["groups"].map(too_few))
    for name in ("icc1", "icc2"):
        table[name] = told(table[name], table["groups"], clear=clear)
    table["needed"] = informants_needed(table["icc1"], target=rule.icc2)
    table["needed"] = table["needed"].where(np.isfinite(table["needed"]))
    said = [construct_verdict(row, rule) for row in table.to_dict("records")]
    table = table.assign(verdict=[v for v, _ in said], reasons=[" ".join(reasons) for _, reasons in said])
    order = [
        *CELL,
        "verdict",
        "reasons",
        "n",
        "median_rwg_j",
        "agreeing",
        "n_negative",
        "icc1",
        "icc2",
        "needed",
    ]
    return table[order].reset_index(drop=True)


def may_pool(within: pd.DataFrame, gaps: pd.DataFrame, *, rule: AggregationRule) -> pd.DataFrame:
    """Say for each construct whether one number may stand for both functions, once their gap has been looked at.

    The gap between functions is what alignment is about, not noise (Bou-Llusar, Beltran-Martin, Roca-Puig &
    Escrig-Tena 2016). One number may stand for both where each may be aggregated, and where the gap is small
    beyond doubt, on average and from company to company.

    Parameters
    ----------
    within
        From `may_aggregate`.
    gaps
        From `difference_reliability`.
    rule
        As the study declares.

    Returns
    -------
    DataFrame
        construct, wave, verdict, reasons, gap, gap_low, gap_high (points, second function minus first), gap_sd, n
        (companies with both functions).
    """
    weakest = within.assign(rank=within["verdict"].map(_rank)).groupby(["construct", "wave"])["rank"].max()
    table = gaps.join(weakest, on=["construct", "wave"]).dropna(subset=["rank"])
    said = [gap_verdict(row, rule) for row in table.to_dict("records")]
    table = table.assign(verdict=[v for v, _ in said], reasons=[" ".join(reasons) for _, reasons in said])
    order = ["construct", "wave", "verdict", "reasons", "gap", "gap_low", "gap_high", "gap_sd", "n"]
    return table[order].reset_index(drop=True)


def company_verdicts(
    agreement: pd.DataFrame, constructs: Sequence[str], *, rule: AggregationRule
) -> pd.DataFrame:
    """Say for each company whether its informants agree, function by function, and what is done about it.

    Parameters
    ----------
    agreement
        From `agreement`.
    constructs
        Those that count.
    rule
        As the study declares.

    Returns
    -------
    DataFrame
        company, wave, verdict, reasons, tested (construct and function pairs with two informants), agreeing (share
        of them, 0-1, NaN if none), action ("kept", "flagged" or "set aside").
    """
    name, _ = _names(rule)
    table = agreement[agreement["construct"].isin(constructs)]
    table = table.assign(
        known=table["n"] > 1, agrees=(table[name] >= rule.rwg_j), pair=_pairs(table), few=table["n"] <= 1
    )
    groups = table.groupby(COMPANY, sort=True)
    result = groups.agg(tested=("known", "sum")).astype({"tested": int})
    result["agreeing"] = table[table["known"]].groupby(COMPANY)["agrees"].mean()
    result["failing"] = _listed(table[table["known"] & ~table["agrees"]])
    result["untested"] = _listed(table[table["few"]])
    said = [company_verdict(row, rule) for row in result.to_dict("records")]
    failing = {"flag": "flagged", "keep": "kept", "set aside": "set aside"}[rule.failing]
    verdicts = [verdict for verdict, _ in said]
    result = result.assign(
        verdict=verdicts,
        reasons=[" ".join(reasons) for _, reasons in said],
        action=[failing if verdict == NO else "kept" for verdict in verdicts],
    )
    return result.reset_index()[[*COMPANY, "verdict", "reasons", "tested", "agreeing", "action"]]


def without_set_aside(frame: pd.DataFrame, verdicts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part a table by company and wave into the rows that stay and those that `company_verdicts` sets aside.

    Returns
    -------
    kept, set_aside : DataFrame
        All columns of `frame`; set_aside has the reasons besides.
    """
    aside = verdicts.loc[verdicts["action"] == "set aside", [*COMPANY, "reasons"]]
    joined = frame.merge(aside, on=COMPANY, how="left")
    out = joined["reasons"].notna().to_numpy()
    return frame[~out], joined[out].set_axis(frame.index[out])


def _names(rule: AggregationRule) -> tuple[str, str]:
    end = "" if rule.null == "uniform" else f"_{rule.null}"
    return f"rwg_j{end}", f"negative{end}"


def _rank(verdict: str) -> int:
    return (YES, CARE, NO, UNKNOWN).index(verdict)


def _pairs(table: pd.DataFrame) -> "pd.Series[str]":
    function = table["function"].astype("str")
    return table["construct"].astype("str") + np.where(function == "", "", " (" + function + ")")


def _listed(table: pd.DataFrame) -> "pd.Series[str]":
    return table.groupby(COMPANY)["pair"].agg(", ".join)
