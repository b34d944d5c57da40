"""The chain of calls, top to bottom, from exports to report."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignmark.benchmarking import benchmark_tables, benchmarks
from alignmark.checking_sources import same_source
from alignmark.classing import (
    declared_classes,
    gaps_of_selection,
)
from alignmark.comparing import compare_waves
from alignmark.comparing_functions import two_profiles
from alignmark.congruence import congruence
from alignmark.crosstab_members import book_columns
from alignmark.estimating import estimates
from alignmark.exclusions import exclusion_ladder
from alignmark.few_informants import corrections
from alignmark.gate import through_gate
from alignmark.gate_rules import BENCHMARKS, PACK
from alignmark.inputs import Inputs, read_inputs
from alignmark.measuring import headline_wave, measure, with_outcomes
from alignmark.membership import membership
from alignmark.modelling import confounding, growth_models, growth_picture, importance
from alignmark.output import output_problems, whole_folder
from alignmark.pack_norms import pack_norms
from alignmark.packing import benchmarks_of
from alignmark.placing import place_companies
from alignmark.psychometrics import published_measurement
from alignmark.published_figures import reproduced
from alignmark.releasing import NOTHING, Released, read_released, tables_shown
from alignmark.rules_in_words import rules_in_words
from alignmark.study import Study, StudyFile
from alignmark.study_rules import DISCLOSED, REPORTED
from alignmark.tabulating import books_shown, crosstab_books
from alignmark.theming import dress
from alignmark.weighing import weigh_panel
from alignmark.weighing_problems import in_study
from alignmark.who_is_missing import who_is_missing
from alignmark.write import write_results
from analysis.benchmark.disclosure import SEVERAL
from analysis.benchmark.practices import CUT
from analysis.measure.panel import Panel
from analysis.measure.sample import choices_by_wave
from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence, Facts
from reports.titles import names_of
from survey.careless_flags import flag_counts
from survey.companies import dominant_companies
from survey.language import speaking
from survey.problems import InputError, Problem, raise_if_any

Step = Callable[[str], None]


def silent(_stage: str) -> None:
    """Report no progress."""


def run(file: StudyFile, target: Path, *, step: Step = silent) -> Evidence:
    """Run a study and write its output folder.

    Parameters
    ----------
    file
        The study.
    target
        Output folder; replaced as a whole, or left as it was if anything fails.
    step
        Told the name of each stage as it begins.

    Returns
    -------
    Evidence
        What the report cites.

    Raises
    ------
    InputError
        If the study, its files or the output folder have problems; all of them, and nothing is written.
    """
    theme, file, problems = dress(file)
    evidence, inputs = compute(file, step=step, known=[*output_problems(target), *problems])
    language = evidence.facts.language
    with speaking(language, names=names_of(evidence.panel, language)):
        step("report")
        report = benchmark_report(evidence)
        step("writing")
        with whole_folder(target) as folder:
            write_results(report, evidence, inputs, file, folder=folder, theme=theme)
    return evidence


def compute(
    file: StudyFile, *, step: Step = silent, known: Sequence[Problem] = ()
) -> tuple[Evidence, Inputs]:
    """Compute everything that the report of a study cites; write nothing.

    Parameters
    ----------
    file
        The study.
    step
        Told the name of each stage as it begins.
    known
        Problems that are known already; they are told with those of the files, before anything is computed.

    Raises
    ------
    InputError
        If the study or its files have problems; all of them at once.
    """
    step("read, match, clean")
    try:
        released, known = _released(file, known)
        inputs = read_inputs(file)
    except InputError as error:
        raise InputError([*known, *error.problems], remarks=error.remarks) from None
    raise_if_any(known)
    try:
        with speaking(file.study.report.language):
            return evidence_of(inputs, file.study, step=step, released=released), inputs
    except InputError as error:
        raise InputError(in_study(error.problems, file), remarks=inputs.remarks) from None


def _released(file: StudyFile, known: Sequence[Problem]) -> tuple[Released, Sequence[Problem]]:
    """Read what earlier releases published; add what is wrong with it to what is known."""
    try:
        return read_released(file), known
    except InputError as error:
        return NOTHING, [*known, *error.problems]


def evidence_of(
    inputs: Inputs, study: Study, *, step: Step = silent, released: Released = NOTHING
) -> Evidence:
    """Compute everything that a report cites from clean inputs.

    Parameters
    ----------
    inputs
        What the files of the study hold; its `files` are not opened.
    study
        The rules.
    step
        Told the name of each stage as it begins.
    released
        What earlier releases published.

    Raises
    ------
    InputError
        If an outcome has no record of a year that a wave needs.
    """
    step("score, panel")
    measured = measure(inputs, study)
    panel, coverage, definitions = with_outcomes(measured.panel, inputs, study)
    panel, weights = weigh_panel(panel, inputs.population, study, responses=inputs.responses)
    facts = _facts(study, panel)
    constructs = [name for name in panel.instrument.alignment_constructs if name in panel.frame]
    levels = ["alignment", *constructs]

    step("classes")
    classes = declared_classes(panel, study)

    step("models")
    waves = compare_waves(panel, inputs.responses, study, levels=[*levels, *panel.outcomes])
    fits = growth_models(panel, study, across=waves.ground)
    bins, line = growth_picture(waves.ground.panel, study)
    rng = np.random.default_rng(study.seed)
    corrected = corrections(panel, study, across=waves.ground, rng=rng)
    found, flattened = congruence(panel, study, across=waves.ground, errors=measured.view_errors, rng=rng)

    step("estimates")
    published = estimates(panel, measured, waves, classes, facts=facts)
    published["bins"] = bins

    step("sources, nonresponse")
    sources = same_source(inputs, measured.scores, wave=facts.latest, rng=np.random.default_rng(study.seed))
    missing = who_is_missing(inputs, study, panel, measured.scores, wave=facts.latest)
    profiles = two_profiles(measured, study, wave=facts.latest)

    step("crosstabs")
    tabulated = crosstab_books(inputs, panel, classes, study)

    step("exclusion rules")
    published["ladder"] = exclusion_ladder(inputs, study, panel=panel, across=waves.ground)

    step("benchmarks")
    published |= benchmark_tables(panel, waves, classes, study, facts=facts)
    placed = place_companies(
        panel, measured, study, classes=classes, wave=facts.latest, rng=np.random.default_rng(study.seed)
    )
    statistic = study.published.statistic if study.published else "median"
    least = study.disclosure.minimum_companies * (SEVERAL if statistic == "median" else 1)
    others = reproduced(panel, inputs.published, statistic=statistic, fewest=least)
    slopes = importance(panel, study, constructs, across=waves.ground)

    step("disclosure")
    made = pack_norms(inputs, study, panel, wave=facts.latest)
    published[PACK] = made.cells
    columns = book_columns(tabulated, published, panel, rules=study.disclosure.rules)
    published |= columns.tables
    made_of = membership(
        published, panel, views=measured.views, waves=waves, classes=classes, peers=study.peers, books=columns,
    )  # fmt: skip
    shown, release = tables_shown(published, made_of, study.disclosure, released=released)
    made = made.beside(shown.pop(PACK), shown["gaps"])
    books = books_shown(tabulated, {name: shown.pop(name) for name in columns.tables})
    own = {name: table for name, table in shown.items() if name not in BENCHMARKS}
    evidence = Evidence(
        facts=facts, panel=panel, definitions=definitions, weights=weights, books=books,
        same_source=sources, missing=missing, profiles=profiles,
        not_compared=measured.invariance.left_out if measured.invariance is not None else (),
        cleaning=rules_in_words(study, inputs) if inputs.responses is not None else (),
        accounting=inputs.log.accounting,
        reasons=inputs.log.reasons(), set_aside=inputs.protection.set_aside, sample=measured.sample, coverage=coverage,
        reliability=measured.reliability, agreement=measured.agreement, icc=measured.icc,
        checks=measured.checks(facts.latest), classes=classes, not_asked=measured.not_asked,
        selection=gaps_of_selection(panel, classes),
        fits=fits, line=line, importance=slopes,
        confounding=confounding(waves.ground.panel, study, fits), left_out=waves.ground.left_out,
        corrections=corrected, surfaces=found, flattened=flattened, choices=_choices(inputs),
        flagged=_flagged(inputs), dominated=_dominated(inputs, study), ledger=_ledger(inputs),
        aggregation=measured.aggregation, verdicts=measured.verdicts,
        invariance=measured.invariance.verdicts if measured.invariance is not None else pd.DataFrame(),
        measurement=published_measurement(inputs.responses, measured, study, wave=facts.latest),
        positions=placed.companies,
        benchmarks=benchmarks({name: shown[name] for name in BENCHMARKS}, placed, reproduced=others, study=study),
        disclosure=study.disclosure.in_words(), pack=None, no_pack=made.why_not,
        release=release, **own,
    )  # fmt: skip
    safe = through_gate(evidence, study.disclosure, passed_before=shown)
    packed = benchmarks_of(
        inputs, study, made=made, panel=panel, measured=measured, wave=facts.latest, classes=classes,
        published={name: getattr(safe, name) for name in own}, importance=slopes, positions=placed.companies,
    )  # fmt: skip
    return replace(safe, pack=packed)


def _flagged(inputs: Inputs) -> pd.DataFrame:
    if inputs.responses is None or inputs.responses.flags is None:
        return pd.DataFrame()
    return flag_counts(inputs.responses.flags)


def _choices(inputs: Inputs) -> pd.DataFrame:
    """Count the answers behind the headline shares."""
    if inputs.responses is None:
        return pd.DataFrame()
    return choices_by_wave(inputs.responses, ("adequately_aligned", "improvement_target"))


def _dominated(inputs: Inputs, study: Study) -> pd.DataFrame:
    """Waves of which one company gave most responses, and its share; the company is not named."""
    if inputs.responses is None:
        return pd.DataFrame()
    return dominant_companies(inputs.responses.frame, share=study.companies.dominating)[["wave", "share"]]


def _ledger(inputs: Inputs) -> pd.DataFrame:
    if inputs.responses is None or inputs.responses.ledger is None:
        return pd.DataFrame()
    return inputs.responses.ledger.frame


def _facts(study: Study, panel: Panel) -> Facts:
    rule = study.report
    return Facts(
        title=rule.title, subtitle=rule.subtitle, population=rule.population, fieldwork=rule.fieldwork,
        sponsor=rule.sponsor, limits=tuple(rule.limits), language=rule.language, waves=tuple(panel.waves),
        latest=headline_wave(panel), adequate_cut=study.alignment.adequate,
        minimum_companies=study.disclosure.minimum_companies, seed=study.seed, simulated=study.simulated,
        disclosed={key: getattr(rule, key) for key in (*DISCLOSED, *REPORTED)}, terms=rule.terms,
        practice_cut=study.classes.on_practices.cut if study.classes.on_practices else CUT,
        index_supplied=study.panel is not None and "alignment" in study.panel.columns,
    )  # fmt: skip
