"""The panel weighted as the study declares it: margins read, names checked, weights computed and joined."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from alignmark.replicating import (
    Supplied,
    in_words,
    read_replicates,
    replicate_table,
    replicates_of,
    unmet_totals,
    with_replicates,
)
from alignmark.study import Study, StudyFile
from alignmark.weighing_problems import refused_strata, under_weights, without_register
from analysis.infer.carried_replicates import REPLICATES
from analysis.infer.design_remarks import design_remarks
from analysis.infer.known_totals import KNOWN_TOTALS, with_known_totals
from analysis.measure.panel import Panel
from survey.companies import Register
from survey.language import digits, look_up, mark, say
from survey.margins import Margin, categories, facts_said, margins_of_register, read_margins
from survey.problems import InputError, raise_if_any
from survey.responses import Responses
from survey.weighted import Weighted
from survey.weighting import respondent_weights, weigh
from survey.weighting_rules import MarginsFile, WeightRule

DESIGN = ("weight", "stratum", "population", "lonely", KNOWN_TOTALS, REPLICATES)
"""Columns by which a table carries its survey design."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """What a study knows of the companies beyond those that answered.

    Parameters
    ----------
    register
        Facts of everybody who was asked, by company; None without a register.
    margins
        Population counts.
    replicates
        Replicate weights as the study supplies them; None where it does not.
    """

    register: pd.DataFrame | None = None
    margins: tuple[Margin, ...] = ()
    replicates: Supplied | None = None


NOTHING_KNOWN = Population()


def read_population(
    file: StudyFile, register: Register | None, companies: Register | None = None
) -> Population:
    """Read the margins and replicate weights of a study, and what its register says of everybody who was asked.

    `companies` are those by which the names in other tables are known; the register if not said.

    Raises
    ------
    InputError
        What is wrong with the table of margins or of replicate weights; margins, classes or strata of a register
        that there is not.
    """
    rule = file.study.weights
    facts = None if register is None else register.firmographics
    if rule is None:
        return Population(facts)
    raise_if_any(without_register(file, rule, facts))
    found = _read_margins(file, rule, register, facts)
    return replace(found, replicates=read_replicates(file, companies or register))


def _read_margins(
    file: StudyFile, rule: WeightRule, register: Register | None, facts: pd.DataFrame | None
) -> Population:
    if isinstance(rule.margins, MarginsFile):
        path = file.locate(rule.margins.file)
        table = read_margins(path, rule.margins.columns, sheet=rule.margins.sheet, name=rule.margins.file)
        return Population(facts, tuple(table))
    if rule.margins == "register" and facts is not None:
        known = [names for names in rule.margin_names if set(names) <= set(facts)]
        return Population(
            facts, tuple(margins_of_register(facts, known, file=register.file if register else ""))
        )
    return Population(facts)


def weigh_panel(
    panel: Panel, population: Population, study: Study, *, responses: Responses | None = None
) -> tuple[Panel, Weighted | None]:
    """Weight the companies of each wave, and their respondents; a study without weights is returned as it is.

    Returns
    -------
    panel : Panel
        With ``weight``, and ``stratum`` and ``population`` where the study declares them.
    weights : Weighted or None
        What was computed, with how it was weighted in words.

    Raises
    ------
    InputError
        Everything that keeps companies from being weighted; keys of the study as columns.
    """
    rule = study.weights
    if rule is None:
        return panel, None
    try:
        found = weigh(panel.frame, rule, margins=population.margins, register=population.register)
    except InputError as error:
        raise InputError(under_weights(error.problems, study)) from None
    joined = panel.with_columns(found.frame[["company", "wave", "weight"]])
    people = found.respondents
    if responses is not None:
        keys = ["respondent", "company", "wave", "function"]
        own = respondent_weights(responses.frame, found.frame, within=rule.respondents)
        people = responses.frame[keys].assign(weight=own)
    weighted = _with_strata(joined, rule, population.register)
    weighted = replace(weighted, frame=with_known_totals(weighted.frame, found.calibrations))
    remarks = design_remarks(weighted.frame, by=["wave"])
    raise_if_any(refused_strata(remarks, rule))
    told = replace(
        found,
        said=(*_in_words(rule), *found.said),
        remarks=(*found.remarks, *remarks),
        respondents=people,
    )
    if rule.replicates is None:
        return weighted, told
    replicates = replicates_of(weighted.frame, study, population.replicates)
    table = replicate_table(weighted.frame, replicates)
    unmet = tuple(unmet_totals(weighted.frame, replicates))
    told = replace(
        told,
        said=(*told.said, *in_words(replicates, study)),
        remarks=(*told.remarks, *unmet),
        replicates=table,
    )
    return with_replicates(weighted, replicates), told


def with_weights(views: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Give the functions of companies the design of their company, and leave out companies that have none.

    Parameters
    ----------
    views
        One row per company, wave and function.
    now
        Rows of the panel.
    """
    carried = [name for name in DESIGN if name in now]
    if not carried or views.empty:
        return views
    return views.merge(now[["company", "wave", *carried]], on=["company", "wave"], how="inner")


def _with_strata(panel: Panel, rule: WeightRule, register: pd.DataFrame | None) -> Panel:
    """Join the stratum of each company, and how many the register has in it."""
    if not rule.strata or register is None:
        return panel
    stratum = pd.DataFrame({name: categories(register[name]) for name in rule.strata}).agg(" x ".join, axis=1)
    facts = pd.DataFrame({"company": register.index.astype("str"), "stratum": stratum.to_numpy()})
    if rule.finite:
        facts["population"] = facts.groupby("stratum")["company"].transform("size").astype(float)
    if rule.lonely != "adjust":
        facts["lonely"] = rule.lonely
    return panel.with_columns(facts)


def _in_words(rule: WeightRule) -> Iterator[str]:
    """Say how a study weights, before what came of it."""
    yield (
        say("Weights start from 1 for every company.")
        if rule.base is None
        else say("Weights start from the design weight {name}.", name=rule.base)
    )
    if rule.nonresponse is not None:
        classes = facts_said(rule.nonresponse.classes)
        yield say(
            "Companies that answered stand for those of the register that did not, within weighting classes by "
            "{classes}: weights grow by the inverse of the response rate.",
            classes=classes,
        )
    if rule.margins is not None:
        yield _to_margins(rule)
    yield (
        say("Each company counts once, for the companies that it stands for.")
        if rule.size is None
        else say(
            "Each company counts by its {size}, for the companies that it stands for.",
            size=look_up(rule.size),
        )
    )
    yield say(
        "Respondents share the weight of their company, each function as much as the other; they do not change what a "
        "company counts."
        if rule.respondents == "functions"
        else "Respondents share the weight of their company, each as much as any other; they do not change what a "
        "company counts."
    )
    if rule.strata:
        yield say(
            "Companies were drawn within strata by {strata}, of which the register tells the number of companies."
            if rule.finite
            else "Companies were drawn within strata by {strata}.",
            strata=facts_said(rule.strata),
        )
    if rule.lonely != "adjust":
        yield look_up(LONELY[rule.lonely])


def _to_margins(rule: WeightRule) -> str:
    """Say to which population counts weights are brought, and how."""
    source = (
        say("the register") if isinstance(rule.margins, str) else rule.margins.file if rule.margins else ""
    )
    method = look_up(METHODS[rule.method])
    if rule.bounds is None:
        return say(
            "They are brought to the population counts of {source} by {method}.", source=source, method=method
        )
    low, high = (digits(bound, "g") for bound in rule.bounds)
    return say(
        "They are brought to the population counts of {source} by {method}, by a factor of {low} to {high}.",
        source=source, method=method, low=low, high=high,
    )  # fmt: skip


LONELY = {
    "fail": mark("A stratum with one company is an error."),
    "remove": mark("A stratum with one company adds nothing to variances."),
    "certainty": mark("A stratum with one company was sure to be drawn and adds nothing to variances."),
    "average": mark("A stratum with one company adds to variances what the others add on average."),
}
"""What the options of R ``survey.lonely.psu`` do."""

METHODS = {
    "raking": mark("raking (iterative proportional fitting)"),
    "linear": mark("linear calibration (generalised regression)"),
    "logit": mark("logit calibration"),
    "poststratification": mark("post-stratification"),
}
