"""How companies were weighted, what it costs, and what was cut or joined on the way."""

from collections.abc import Hashable, Iterator
from typing import Any

from reports.evidence import Evidence
from reports.report import Block, Bullets, Column, Heading, Table
from reports.tables import number_text
from survey.language import look_up, mark, say
from survey.trimmed_margins import NEAR
from survey.weighted import Weighted


def weighting(evidence: Evidence) -> Iterator[Block]:
    """Say how weights came about, and show how unequal they are wave by wave; nothing in a study without."""
    weights = evidence.weights
    if weights is None:
        return
    yield Heading(say("How companies were weighted"))
    yield Bullets((*weights.said, look_up(WEIGHTED), models(weights), intervals(weights)))
    columns = (
        Column("wave", "Wave", "year"),
        Column("n", "Companies", "count"),
        Column("population", "Stand for", "count"),
        Column("smallest", "Smallest weight", "number"),
        Column("largest", "Largest weight", "number"),
        Column("effective_n", "Effective companies", "number"),
        Column("design_effect", "Design effect of weights", "ratio"),
        Column("met", "Margins"),
        Column("trimmed", "Weights cut", "count"),
        Column("raised", "Weights raised", "count"),
    )
    waves = weights.waves
    met = [margins_met(row) for row in waves.to_dict("records")]
    note = say(
        "Effective companies: so many of equal weight would tell as much (Kish). Design effect: by how much unequal "
        "weights raise the variance of a mean that has nothing to do with them. Where fewer than twenty companies are "
        "effective, 95% intervals of means can be too short: in simulation with ten they held it 90 times in 100.",
    )
    base = say(
        "Base: companies with answers. The weight of each stands in weights.csv, which is confidential."
    )
    yield Table("weights", say("Weights, wave by wave"), waves.assign(met=met), columns, base, (note,))


WEIGHTED = mark(
    "Means, shares, percentiles and comparisons of companies are weighted. Classes on outcomes and on the index are "
    "cut at shares of the weight, and the percentile of a company is the share of its peers' weight that lies below; "
    "ranks count companies. The checks of measurement are not weighted: each company or answer counts once."
)


def models(weights: Weighted) -> str:
    """Say what growth models know of the weights."""
    if len(weights.replicates.columns):
        return say(
            "Growth models, response surfaces and corrections for few informants are weighted unless they say "
            "otherwise, and fitted anew in each replicate, as R svyglm does (corrections by their linearised values); "
            "models with random effects take no weights."
        )
    return say(
        "Growth models, response surfaces and corrections for few informants are weighted unless they say otherwise, "
        "and their errors are design-based, as R svyglm has them; models with random effects take no weights."
    )


def intervals(weights: Weighted) -> str:
    """Say which variance the intervals of the report have."""
    if len(weights.replicates.columns):
        return say(
            "Intervals and tests of means, shares, contrasts, changes, medians, crosstabs and classes come from the "
            "replicate weights, in replicate_weights.csv (confidential), also where a table holds a part of a wave."
        )
    return say(
        "Intervals come from linearised variances (Taylor), which know of the weights and of the margins that these "
        "meet, in classes, groups and crosstabs too. What trimming multiplied a weight by is taken as given."
    )


def margins_met(row: dict[Hashable, Any]) -> str:
    """Say whether the weights of a wave meet the margins."""
    if row["method"] == "none":
        return say("none")
    off = number_text(100 * row["misfit"], "growth")
    if not row["converged"]:
        return say("not met, up to {share} off", share=off)
    if row["misfit"] < MET:
        return say("met")
    return say(
        "nearly met after trimming, up to {share} off"
        if row["misfit"] <= NEAR
        else "not met after trimming, up to {share} off",
        share=off,
    )


MET = 1e-6
"""Margins of which no category is off by a larger share are met."""
