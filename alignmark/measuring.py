"""From clean inputs to the company panel with its outcomes, and what is known of the measurement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from alignmark.inputs import Inputs
from alignmark.names import SEGMENTS
from alignmark.study import Study
from alignmark.study_files import OutcomeRecords
from analysis.measure.aggregation import company_verdicts, may_aggregate, without_set_aside
from analysis.measure.agreement import agreement
from analysis.measure.alignment import function_means, functions_of, view_errors
from analysis.measure.comparable_groups import comparable_groups
from analysis.measure.icc import icc
from analysis.measure.invariance import Invariance
from analysis.measure.panel import Panel, build_panel
from analysis.measure.reliability import reliability
from analysis.measure.sample import not_asked, organisations_by_wave, sample_by_wave
from analysis.measure.scoring import score
from analysis.measure.shrinkage import shrink_index
from analysis.measure.verdicts import measurement_checks
from survey.language import digits, look_up, mark, say, say_n
from survey.outcomes import join_outcome, winsorise
from survey.problems import InputError, Problem
from survey.responses import FUNCTIONS, Responses

KINDS = {"annual": mark("annual"), "compound": mark("compound"), "log": mark("log")}
"""Kinds of growth that are computed, in words."""

PER_YEAR = mark("% a year")
"""Unit of growth from one year to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The panel, and the tables about its measurement; empty where there are no answers of people.

    Parameters
    ----------
    panel
        One row per company and wave.
    sample
        Who answered, per wave.
    views, view_errors
        Construct means per company, wave and function; sampling error of each function's index.
    reliability, agreement, icc
        As the functions of these names return them.
    aggregation, verdicts
        Whether answers may stand for companies: per construct, wave and function; per company and wave.
    scores
        Scores of respondents.
    shrunk
        Index of each company shrunk towards the mean, with a plausible interval.
    invariance
        Whether the groups that the study compares understand the questions alike; None without answers.
    not_asked
        Which rated statements a wave lacks, in words.
    """

    panel: Panel
    sample: pd.DataFrame
    views: pd.DataFrame = field(default_factory=pd.DataFrame)
    view_errors: pd.DataFrame = field(default_factory=pd.DataFrame)
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    reliability: pd.DataFrame = field(default_factory=pd.DataFrame)
    agreement: pd.DataFrame = field(default_factory=pd.DataFrame)
    icc: pd.DataFrame = field(default_factory=pd.DataFrame)
    aggregation: pd.DataFrame = field(default_factory=pd.DataFrame)
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    shrunk: pd.DataFrame = field(default_factory=pd.DataFrame)
    invariance: Invariance | None = None
    not_asked: tuple[str, ...] = ()

    def checks(self, wave: int) -> pd.DataFrame:
        """Return the constructs of one wave against the field's cut-offs."""
        if self.reliability.empty:
            return pd.DataFrame()
        return measurement_checks(self.reliability, self.agreement, self.icc, wave=wave)

    def views_of(self, wave: int) -> pd.DataFrame:
        """Return the functions' means of one wave."""
        return self.views[self.views["wave"] == wave] if len(self.views) else self.views

    def companies(self, wave: int) -> pd.DataFrame:
        """Return what is known of the measurement of each company of a wave, by company.

        Columns ``shrunk, shrunk_low, shrunk_high`` (the index shrunk towards the mean, 0-100, with its plausible
        interval), ``agreement_verdict, agreement_reasons, agreement_action``; none without answers of people.
        """
        if self.verdicts.empty:
            return pd.DataFrame({"company": pd.Series(dtype="str")})
        shrunk = {"estimate": "shrunk", "conf_low": "shrunk_low", "conf_high": "shrunk_high"}
        said = {name: f"agreement_{name}" for name in ("verdict", "reasons", "action")}
        scores = self.shrunk[self.shrunk["wave"] == wave].rename(columns=shrunk)
        verdicts = self.verdicts[self.verdicts["wave"] == wave].rename(columns=said)
        return scores[["company", *shrunk.values()]].merge(
            verdicts[["company", *said.values()]], on="company"
        )


def measure(inputs: Inputs, study: Study) -> Measured:
    """Score the answers and build the panel, or take the panel of organisations as it stands.

    Raises
    ------
    InputError
        If no company has the index, or too few to show any of it: there is nothing to report then.
    """
    measured = _measured(inputs, study)
    known = measured.panel.frame.groupby("wave")["alignment"].count()
    if not known.any():
        if silent := _silent(inputs):
            raise InputError([_nobody_of(silent)])
        why = measured.panel.unavailable.get("alignment", "every score is missing")
        advice = "answers to the constructs of the index from at least one company"
        raise InputError([Problem(f"no company has an index: {why}", allowed=advice)])
    minimum = study.disclosure.minimum_companies
    if known.max() < minimum:
        what = f"no wave has more than {known.max()} companies with an index, so that nothing may be shown"
        key = "disclosure.minimum_companies"
        to_do = "more companies, or a smaller `disclosure: {minimum_companies: ...}` if those who answered agree to it"
        allowed = f"1 to {known.max()}"
        raise InputError([Problem(what, column=key, value=str(minimum), allowed=allowed, to_do=to_do)])
    return measured


def _silent(inputs: Inputs) -> str:
    """Return the function that never answered where the other did, "" if there is none."""
    if inputs.responses is None:
        return ""
    answered = set(inputs.responses.frame["function"]) - {""}
    silent = sorted(set(FUNCTIONS) - answered)
    return silent[0] if len(silent) == 1 and answered else ""


def _nobody_of(silent: str) -> Problem:
    """Say which function is missing and what to type."""
    other = next(name for name in FUNCTIONS if name != silent)
    return Problem(
        f"no company has an index, because nobody of {silent} answered in any wave", column="job_titles",
        allowed="answers of both functions",
        to_do=f"if {silent} did answer, map what they typed: under `options` of the question with `role: function` in "
        f"the questionnaire, or under `job_titles` in the study; if only {other} was asked, take that question out",
    )  # fmt: skip


def _measured(inputs: Inputs, study: Study) -> Measured:
    if inputs.responses is None:
        assert inputs.organisations is not None  # a study has waves or a panel
        panel = inputs.organisations
        return Measured(panel, organisations_by_wave(panel.frame))
    responses, instrument = inputs.responses, inputs.instrument
    scores = score(responses, min_answered=study.alignment.minimum_answered)
    agreed = agreement(responses)
    constructs = [name for name in instrument.alignment_constructs if name in scores]
    panel = _panel(responses, scores, agreed, study)
    differ, two_functions = icc(scores, constructs), instrument.with_role("function") is not None
    return Measured(
        panel=panel,
        sample=sample_by_wave(responses),
        views=function_means(scores, constructs) if two_functions else pd.DataFrame(),
        view_errors=view_errors(scores, constructs) if two_functions else pd.DataFrame(),
        scores=scores,
        reliability=reliability(responses),
        agreement=agreed,
        icc=differ,
        aggregation=may_aggregate(
            agreed[agreed["construct"].isin(constructs)], differ, rule=study.aggregation
        ),
        verdicts=company_verdicts(agreed, constructs, rule=study.aggregation),
        shrunk=shrink_index(scores, constructs, functions=functions_of(instrument), levels=panel.frame),
        invariance=comparable_groups(responses, constructs, rule=study.invariance, facts=_facts(inputs)),
        not_asked=tuple(_not_asked(responses)),
    )


def _facts(inputs: Inputs) -> dict[str, pd.Series]:
    """Return industry, size and region by company, where they do not differ by wave."""
    tables = [table.set_index("company") for table in inputs.firmographics if "wave" not in table]
    return {name: table[name] for table in tables for name in SEGMENTS if name in table}


def company_panel(responses: Responses, study: Study) -> Panel:
    """Return the panel of clean answers, without outcomes from records."""
    scores = score(responses, min_answered=study.alignment.minimum_answered)
    return _panel(responses, scores, agreement(responses), study)


def _panel(responses: Responses, scores: pd.DataFrame, agreed: pd.DataFrame, study: Study) -> Panel:
    """Build the panel without the companies that the study sets aside because their informants do not agree."""
    panel = build_panel(responses, scores, agreed, min_share=study.alignment.minimum_constructs)
    if study.aggregation.failing != "set aside":
        return panel
    constructs = [name for name in panel.instrument.alignment_constructs if name in scores]
    verdicts = company_verdicts(agreed, constructs, rule=study.aggregation)
    kept, _ = without_set_aside(panel.frame, verdicts)
    return replace(panel, frame=kept)


def with_outcomes(panel: Panel, inputs: Inputs, study: Study) -> tuple[Panel, pd.DataFrame, tuple[str, ...]]:
    """Join firmographics and outcomes to the panel.

    Returns
    -------
    panel : Panel
        With the new columns.
    coverage : DataFrame
        ``outcome, wave, companies, with_outcome`` and a column per reason for a missing outcome.
    definitions : tuple of str
        How each outcome is defined, in words.
    """
    for facts in inputs.firmographics:
        panel = panel.with_columns(facts)
    coverages, definitions = [], []
    for name, table in inputs.outcomes.items():
        rule = study.outcomes[name]
        keys = panel.frame[["company", "wave"]]
        values, coverage = join_outcome(keys, table, lead=rule.lead, file=rule.file)
        said = [_definition(rule)]
        if rule.winsorise is not None:
            values, counts = winsorise(values, *rule.winsorise)
            said.append(_limits(counts))
        panel = panel.with_columns(keys.assign(**{name: values}), outcomes=(name,))
        if rule.better is not None:
            panel = replace(panel, better={**panel.better, name: rule.better})
        if rule.growth != "given" and rule.multiply == 1:
            panel = replace(panel, units={**panel.units, name: PER_YEAR if rule.years == 1 else "%"})
        coverages.append(coverage.assign(outcome=name))
        definitions.append(f"{name}: {'; '.join(said)}")
    coverage = pd.concat(coverages, ignore_index=True) if coverages else pd.DataFrame()
    return panel, coverage, tuple(definitions)


def _not_asked(responses: Responses) -> Iterator[str]:
    """Say which rated statements a wave lacks, construct by construct."""
    missing = not_asked(responses)
    for (wave, construct), rows in missing.groupby(["wave", "construct"], sort=False):
        questions = ", ".join(rows["question"])
        every = len(rows) == len(responses.instrument.constructs[str(construct)].items)
        yield say(
            "Wave {wave} did not ask {questions} ({construct}), or nobody answered, so that the construct has no score "
            "there."
            if every
            else "Wave {wave} did not ask {questions} ({construct}), or nobody answered.",
            wave=wave,
            questions=questions,
            construct=construct,
        )


def headline_wave(panel: Panel) -> int:
    """Return the latest wave with at least half as many scored companies as the largest wave."""
    counts = panel.frame.groupby("wave")["alignment"].count()
    return int(counts.index[counts >= counts.max() / 2].max())


def _definition(rule: OutcomeRecords) -> str:
    if rule.growth == "given" and rule.multiply == 1:
        return say("as recorded in {file}", file=rule.file)
    if rule.growth == "given":
        times = digits(rule.multiply, "g")
        return say("as recorded in {file}, times {times}", file=rule.file, times=times)
    return say_n(
        rule.years,
        "{kind} growth in per cent over one year {start}, computed from {file}",
        "{kind} growth in per cent over {n} years {start}, computed from {file}",
        n=rule.years,
        kind=look_up(KINDS[rule.growth]),
        start=_start(rule.lead),
        file=rule.file,
    )


def _start(lead: int) -> str:
    """Say from when on growth counts."""
    if lead == 0:
        return say("from the wave's year")
    if lead == -1:
        return say("from the year before the wave")
    return say("from {n} years", n=digits(lead, "+d"))


def _limits(counts: Mapping[str, float]) -> str:
    """Say how many values are set to the limits beyond which they are not believed."""
    return say(
        "{raised} values below {low} and {lowered} above {high} are set to these limits",
        raised=counts["raised"],
        low=digits(counts["lower_limit"], ".1f"),
        lowered=counts["lowered"],
        high=digits(counts["upper_limit"], ".1f"),
    )
