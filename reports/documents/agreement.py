"""How far informants of one company agree, wherever the cut-off is put, and whether that is more than chance."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from analysis.measure.null_distributions import Shape
from reports.documents.passages import (
    across,
    by_function,
    grouped,
    in_functions,
    not_available,
    sentence_list,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.agreement_curves import agreement_curves
from reports.figures.drawing import render
from reports.report import Block, Column, Figure, Heading, Paragraph, Table
from reports.tables import number_text
from survey.language import look_up, mark, say

NULLS: dict[Shape, str] = {
    "uniform": mark("random: any answer"),
    "slight_skew": mark("slightly skewed"),
    "moderate_skew": mark("moderately skewed"),
    "heavy_skew": mark("heavily skewed"),
    "triangular": mark("towards the middle"),
}
"""What people who answer at random are like, in words: from James, Demaree and Wolf (1984)."""

DRAWN = 3
"""Curves of so many kinds of random answers are told apart."""


def agreement(evidence: Evidence) -> list[Block]:
    """Show the curves of agreement and the tests against chance, or why there are none."""
    curve, title = evidence.measurement.curve, say("How far do informants of one company agree?")
    if curve.empty:
        why = say("no company has two informants who answered all statements of a construct")
        return [not_available(title, why)]
    chance, indices = evidence.measurement.chance, evidence.measurement.indices
    few = say("curves of so few companies would show single ones")
    if indices["suppressed"].all():
        return [not_available(title, few)]
    return [
        Heading(title),
        Paragraph(_in_words(evidence)),
        not_available(say("Curves of agreement"), few)
        if curve["share"].isna().all()
        else _figure(curve, evidence),
        _indices(evidence),
        *([_table(chance, evidence)] if len(chance) else []),
    ]


def _in_words(evidence: Evidence) -> str:
    cut = number_text(evidence.measurement.agreement_cut, "ratio")
    meaning = say(
        "rwg(j) compares how far informants of one company and function lie apart with how far people would who "
        "answer at random: 1 is full agreement, 0 none. What random answers are like is an assumption, so that each "
        "null makes another one."
    )
    asked = (
        say("The cut-off of the study is {cut}; the curves show what any other would give.", cut=cut)
        if evidence.measurement.curve["share"].notna().any()
        else say("The cut-off of the study is {cut}.", cut=cut)
    )
    return " ".join(filter(None, (meaning, _both_nulls(evidence), asked)))


def _both_nulls(evidence: Evidence) -> str:
    """Say how many groups reach the cut-off if random answers were spread evenly, and if they leaned to one end."""
    cut, curve = evidence.measurement.agreement_cut, evidence.measurement.curve
    at_cut = _reached(curve, cut)
    shares = {}
    for null in ("uniform", "slight_skew"):
        rows = at_cut[(at_cut["null"] == null) & at_cut["share"].notna()]
        if len(rows):
            shares[null] = number_text((rows["share"] * rows["n"]).sum() / rows["n"].sum(), "percent")
    if len(shares) == 2:
        return say(
            "At the cut-off {uniform} under the uniform null but {slight_skew} under the slightly skewed null agree.",
            **shares,
        )
    if "uniform" in shares:
        return say("At the cut-off {uniform} under the uniform null agree.", **shares)
    if "slight_skew" in shares:
        return say("At the cut-off {slight_skew} under the slightly skewed null agree.", **shares)
    return ""


def _figure(curve: pd.DataFrame, evidence: Evidence) -> Figure:
    declared, cut = evidence.measurement.agreement_null, evidence.measurement.agreement_cut
    shown = list(dict.fromkeys([declared, "uniform", "slight_skew", "moderate_skew"]))[:DRAWN]
    drawn = by_function(curve[curve["null"].isin(shown)])
    drawn = drawn.sort_values("null", key=lambda names: names.map(shown.index), kind="stable")
    drawn = drawn.assign(null=[look_up(NULLS[null]) for null in drawn["null"]])
    at_cut = _reached(curve, cut)
    told = [
        _share(row) for row in at_cut[at_cut["null"] == declared].to_dict("records") if pd.notna(row["share"])
    ]
    return render(
        lambda ax: agreement_curves(
            ax, drawn, cut=cut, label=say("Groups that agree so far or further")
        ),
        id="agreement-curves",
        title=say(
            "At a cut-off of {cut}, {shares} of groups of informants agree on a construct",
            cut=number_text(cut, "ratio"), shares=sentence_list(told),
        ),
        alt="; ".join(_at_cut_in_words(row) for row in at_cut.to_dict("records")),
        base=_base(curve, evidence),
        data=_curve_table(curve, evidence),
        kind="agreement_curves",
    )  # fmt: skip


def _share(row: Mapping[Hashable, Any]) -> str:
    share = number_text(row["share"], "percent")
    if not row["function"]:
        return share
    return say("{share} in {function}", share=share, function=look_up(row["function"]))


def _at_cut_in_words(row: Mapping[Hashable, Any]) -> str:
    return say(
        "{function} {null}: {share} at {cut}",
        function=look_up(row["function"]),
        null=look_up(NULLS[row["null"]]),
        share=number_text(row["share"], "percent"),
        cut=number_text(row["rwg_j"], "ratio"),
    )


def _reached(curve: pd.DataFrame, cut: float) -> pd.DataFrame:
    """Return the point of each curve that is nearest to the cut-off."""
    away = (curve["rwg_j"] - cut).abs()
    return curve.loc[away.le(away.min() + 1e-9).to_numpy(dtype=bool)]


def _base(curve: pd.DataFrame, evidence: Evidence) -> str:
    told = "; ".join(_groups(str(name), own) for name, own in curve.groupby("function", sort=False))
    return say("Base: {groups}, {wave}.", groups=told, wave=evidence.facts.latest)


def _groups(function: str, own: pd.DataFrame) -> str:
    counts = {
        "n": number_text(own["n"].max(), "count"),
        "companies": number_text(own["companies"].max(), "count"),
    }
    if not function:
        return say(
            "{n} groups of two informants or more ({companies} companies, each construct by itself)", **counts
        )
    return say(
        "{n} groups of two informants or more of {function} ({companies} companies, each construct by itself)",
        function=look_up(function),
        **counts,
    )


def _curve_table(curve: pd.DataFrame, evidence: Evidence) -> Table:
    """One row per value of rwg(j), one column per function and kind of answers at random."""
    drawn = curve.assign(
        curve=[f"{null}_{name}".rstrip("_") for null, name in curve[["null", "function"]].to_numpy()]
    )
    called = {
        row["curve"]: ", ".join(filter(None, (look_up(NULLS[row["null"]]), look_up(row["function"]))))
        for row in drawn.drop_duplicates("curve").to_dict("records")
    }
    share = Column("share", "Groups", "percent", n="n")
    rows, columns = across(drawn, ["rwg_j"], (share,), by="curve", called=called)
    return Table(
        "agreement-curves-data", say("How many groups of informants agree so far, by what answers at random are like"),
        rows, (Column("rwg_j", "rwg(j) of at least", "ratio"), *columns), _base(curve, evidence),
    )  # fmt: skip


def _indices(evidence: Evidence) -> Table:
    """Return the medians of all indices, with the cut-offs that the literature has."""
    rows = with_titles(by_function(evidence.measurement.indices), evidence, key="construct")
    few, near = say("too few companies to show"), say("means too near an end")
    rows = rows.assign(why=few, no_awg=rows["suppressed"].map({True: few, False: near}))
    columns = (
        Column("label", "Construct"),
        Column("rwg_j", "rwg(j), uniform null", "ratio", reason="why"),
        Column("rwg_j_slight_skew", "rwg(j), slightly skewed", "ratio", reason="why"),
        Column("rwg_lindell", "r*wg(j)", "ratio", reason="why"),
        Column("ad", "AD from the mean", "ratio", reason="why"),
        Column("ad_limit", "Limit of AD", "ratio", reason="why"),
        Column("ad_within", "Companies within it", "percent", n="n", reason="why"),
        Column("ad_median", "AD from the median", "ratio", reason="why"),
        Column("sd_wg", "SDwg", "ratio", reason="why"),
        Column("awg", "awg", "ratio", reason="no_awg"),
        Column("n_awg", "Companies with awg", "count"),
        Column("n", "Companies with two informants or more", "count"),
    )
    note = say(
        "Medians of the companies. rwg(j): the study asks for {cut}; from 0.51 "
        "moderate, 0.71 strong, 0.91 very strong (LeBreton and Senter 2008). r*wg(j) does not rise with the number of "
        "statements, and is below 0 where people differ more than at random (Lindell, Brandt and Whitney 1999). AD, "
        "the average deviation, and SDwg, the standard deviation, are in points of the answer scale: informants agree "
        "for practical purposes up to a sixth of the number of points (Burke and Dunlap 2002). awg needs no random "
        "answers to be held against, but two or three people whose mean is not near the middle have none (Brown and "
        "Hauenstein 2005).",
        cut=number_text(evidence.measurement.agreement_cut, "ratio"),
    )
    return Table(
        "agreement-indices", say("Agreement by every index"), in_functions(rows), columns,
        base_of_pairs(evidence), (note,), group=grouped(rows),
    )  # fmt: skip


def base_of_pairs(evidence: Evidence) -> str:
    """Base line of what rests on companies with two informants of a function or more."""
    return say(
        "Base: companies of {wave} with two informants or more in the function.", wave=evidence.facts.latest
    )


def _table(chance: pd.DataFrame, evidence: Evidence) -> Table:
    rows = with_titles(by_function(chance), evidence, key="construct")
    rows["share"], rows["expected"] = 100 * rows["share"], 100 * rows["expected"]
    columns = (
        Column("label", "Construct"),
        Column("share", "Companies that agree more than chance", "percent", n="n"),
        Column("expected", "By chance alone", "percent"),
        Column("n", "Companies with two informants or more", "count"),
    )
    notes = (
        say(
            "Each company is held against groups of as many people who answer at random ({null}), simulated from the "
            "seed of the study. Their answers to the statements go together as those of real people do (Cohen, Doveh "
            "and Nahum-Shani 2009). A company counts at a p-value of .05.",
            null=look_up(NULLS[evidence.measurement.agreement_null]),
        ),
        say(
            "With two or three informants this test finds little: a company that does not pass may agree all the same. "
            "It says that agreement is real on the whole, not which company agrees."
        ),
    )
    return Table(
        "agreement-chance", say("Agreement beyond chance"), in_functions(rows), columns,
        base_of_pairs(evidence), notes, group=grouped(rows),
    )  # fmt: skip
