"""The chain of calls, top to bottom: read and clean, score, panel, outcomes, classes, models, report, write."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from alignmark.inputs import Inputs, read_inputs
from alignmark.output import whole_folder
from alignmark.study import Model, Study, StudyFile
from alignmark.write import write_results
from analysis.benchmark.classes import Classes, OutcomeClasses, PracticeClasses, class_gaps, classify
from analysis.benchmark.disclosure import suppress
from analysis.benchmark.norms import norms
from analysis.benchmark.position import positions
from analysis.benchmark.practices import practice_shares
from analysis.benchmark.selection import null_gaps, pooled_gaps
from analysis.explain.binned import binned_means, fitted_line
from analysis.explain.regression import Fit, fit
from analysis.explain.specification import Specification
from analysis.infer.adequacy import adequacy, stage_shares
from analysis.infer.tabulation import changes, means, shares
from analysis.infer.two_views import function_gaps, function_levels
from analysis.measure.agreement import agreement, icc
from analysis.measure.alignment import function_means
from analysis.measure.panel import Panel, build_panel, panel_from_scores
from analysis.measure.reliability import reliability
from analysis.measure.sample import composition, organisations_by_wave, sample_by_wave
from analysis.measure.scoring import score
from analysis.measure.verdicts import measurement_checks
from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence, Facts
from survey.outcomes import join_outcome, winsorise

Step = Callable[[str], None]

SEGMENTS = ("industry", "size", "region")


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
        If the study or its files have problems; all of them, and nothing is written.
    """
    evidence, inputs = compute(file, step=step)
    step("report")
    report = benchmark_report(evidence)
    step("writing")
    with whole_folder(target) as folder:
        write_results(report, evidence, inputs, file, folder=folder)
    return evidence


def check(file: StudyFile, *, step: Step = silent) -> str:
    """Find every problem of a study without writing anything; return what was found to be right."""
    evidence, inputs = compute(file, step=step)
    frame = evidence.panel.frame
    return (
        f"{file.path.name}: no problems. {inputs.log.summary()}.\n"
        f"{frame['company'].nunique()} companies in {len(evidence.facts.waves)} waves, "
        f"{len(evidence.fits)} models, {len(evidence.classes)} ways to class companies."
    )


def compute(file: StudyFile, *, step: Step = silent) -> tuple[Evidence, Inputs]:
    """Compute everything that the report of a study cites."""
    study = file.study
    step("reading and cleaning")
    inputs = read_inputs(file)

    step("scoring")
    panel, measured = _measure(inputs, study)
    panel, coverage = _with_outcomes(panel, inputs, study)
    facts = _facts(study, panel)
    now = panel.wave(facts.latest)
    constructs = [name for name in panel.instrument.alignment_constructs if name in panel.frame]
    levels = ["alignment", *constructs]

    step("estimates")
    said = panel.instrument.with_role("adequately_aligned")
    index_by_wave = means(panel.frame, ["alignment"], by=["wave"])
    sample = measured["sample"]

    step("classes")
    classes = _classes(panel, study)
    compared = [*levels, *(name for name in panel.outcomes if name in panel.frame)]

    step("models")
    first = study.models[0] if study.models else None
    fits = _fits(panel, study)

    return Evidence(
        facts=facts,
        panel=panel,
        accounting=inputs.log.accounting,
        reasons=inputs.log.reasons(),
        sample=sample,
        composition=_safe(composition(now.frame, [s for s in SEGMENTS if s in now.frame]), study),
        coverage=coverage,
        index_by_wave=index_by_wave,
        stages=_safe(stage_shares(now.frame), study),
        adequacy=_safe(
            adequacy(now.frame, cut=study.alignment.adequate, said=said.id if said else None), study
        ),
        functions=_safe(function_levels(measured["views"], constructs), study)
        if len(measured["views"])
        else pd.DataFrame(),
        gaps=_safe(function_gaps(now.frame, constructs), study) if "gap" in now.frame else pd.DataFrame(),
        reliability=measured["reliability"],
        agreement=measured["agreement"],
        icc=measured["icc"],
        checks=_checks(measured, facts.latest),
        classes=classes,
        class_means=_safe(_by_class(panel, classes, compared), study),
        class_gaps=_safe(_class_gaps(panel, classes, compared), study),
        selection=pooled_gaps(null_gaps(panel.frame, classes["outcomes"]))
        if "outcomes" in classes
        else pd.DataFrame(),
        targets=_safe(_targets(panel, classes), study),
        practices=_safe(_practices(panel, classes), study),
        fits=fits,
        bins=binned_means(panel.frame, "alignment", first.outcome) if first else pd.DataFrame(),
        line=fitted_line(panel.frame, "alignment", first.outcome) if first else pd.DataFrame(),
        importance=_importance(panel, first, constructs),
        changes=_safe(changes(panel.frame, levels), study) if len(facts.waves) > 1 else pd.DataFrame(),
        norms=_safe(norms(panel.frame, levels), study),
        positions=positions(panel, facts.latest),
    ), inputs


def _measure(inputs: Inputs, study: Study) -> tuple[Panel, dict[str, pd.DataFrame]]:
    """From answers to the panel, and what the way there says about the measurement."""
    if inputs.responses is None:
        assert inputs.organisations is not None  # a study has waves or a panel
        panel = panel_from_scores(inputs.organisations, inputs.instrument)
        empty = dict.fromkeys(("views", "reliability", "agreement", "icc"), pd.DataFrame())
        return panel, {**empty, "sample": organisations_by_wave(panel.frame)}
    responses = inputs.responses
    scores = score(responses, min_answered=study.alignment.minimum_answered)
    agreed = agreement(responses)
    panel = build_panel(responses, scores, agreed)
    constructs = [name for name in inputs.instrument.alignment_constructs if name in scores]
    has_functions = inputs.instrument.with_role("function") is not None
    views = function_means(scores, constructs) if has_functions else pd.DataFrame()
    if len(views):
        views = views[views["wave"] == _headline_wave(panel)]
    return panel, {
        "sample": sample_by_wave(responses),
        "views": views,
        "reliability": reliability(responses),
        "agreement": agreed,
        "icc": icc(scores, constructs),
    }


def _checks(measured: dict[str, pd.DataFrame], wave: int) -> pd.DataFrame:
    if measured["reliability"].empty:
        return pd.DataFrame()
    return measurement_checks(measured["reliability"], measured["agreement"], measured["icc"], wave=wave)


def _with_outcomes(panel: Panel, inputs: Inputs, study: Study) -> tuple[Panel, pd.DataFrame]:
    """Join firmographics and outcomes, and count who has none and why."""
    for facts in inputs.firmographics:
        panel = panel.with_columns(facts)
    parts = []
    for name, table in inputs.outcomes.items():
        rule = study.outcomes[name]
        keys = panel.frame[["company", "wave"]]
        values, coverage = join_outcome(keys, table, lead=rule.lead, file=rule.file)
        if rule.winsorise is not None:
            values, _ = winsorise(values, *rule.winsorise)
        panel = panel.with_columns(keys.assign(**{name: values}), outcomes=(name,))
        parts.append(coverage.assign(outcome=name))
    return panel, pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _headline_wave(panel: Panel) -> int:
    """Return the latest wave with at least half as many scored companies as the largest wave."""
    counts = panel.frame.groupby("wave")["alignment"].count()
    return int(counts.index[counts >= counts.max() / 2].max())


def _facts(study: Study, panel: Panel) -> Facts:
    rule = study.report
    return Facts(
        title=rule.title, subtitle=rule.subtitle, population=rule.population, fieldwork=rule.fieldwork,
        sponsor=rule.sponsor, limits=tuple(rule.limits), language=rule.language, waves=tuple(panel.waves),
        latest=_headline_wave(panel), adequate_cut=study.alignment.adequate,
        minimum_companies=study.disclosure.minimum_companies, seed=study.seed, simulated=study.simulated,
    )  # fmt: skip


def _classes(panel: Panel, study: Study) -> dict[str, Classes]:
    """Classify companies in each declared way; the two ways are never mixed."""
    found: dict[str, Classes] = {}
    rules = study.classes
    if rules.on_outcomes is not None:
        declared = rules.on_outcomes
        definition = OutcomeClasses(tuple(declared.outcomes), declared.best, declared.laggard)
        found["outcomes"] = classify(panel, definition)
    if rules.on_practices is not None:
        capabilities = [
            key for key, group in panel.instrument.practices.items() if group.frame == "capability"
        ]
        practices = tuple(rules.on_practices.practices or capabilities)
        found["practices"] = classify(
            panel, PracticeClasses(practices, rules.on_practices.cut, rules.on_practices.share)
        )
    return found


def _with_class(panel: Panel, classes: Classes) -> pd.DataFrame:
    return panel.frame.merge(classes.frame[["company", "wave", "class"]], on=["company", "wave"])


def _by_class(panel: Panel, classes: dict[str, Classes], variables: list[str]) -> pd.DataFrame:
    parts = [
        means(_with_class(panel, found), variables, by=["class"]).assign(basis=basis)
        for basis, found in classes.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _class_gaps(panel: Panel, classes: dict[str, Classes], variables: list[str]) -> pd.DataFrame:
    parts = [
        class_gaps(panel.frame, found, variables).rename(columns={"b": "contrast"}).assign(basis=basis)
        for basis, found in classes.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _targets(panel: Panel, classes: dict[str, Classes]) -> pd.DataFrame:
    question = panel.instrument.with_role("improvement_target")
    if question is None or question.id not in panel.frame or "outcomes" not in classes:
        return pd.DataFrame()
    return shares(_with_class(panel, classes["outcomes"]), question.id, by=["class"])


def _practices(panel: Panel, classes: dict[str, Classes]) -> pd.DataFrame:
    if "outcomes" not in classes:
        return pd.DataFrame()
    return practice_shares(panel.frame, classes["outcomes"], panel.instrument)


def _specification(model: Model) -> Specification:
    return Specification(
        name=model.name, outcome=model.outcome, regressor=model.regressor, controls=tuple(model.controls),
        effects=tuple(model.effects), covariance=model.errors, corrected=model.corrected, within=model.within,
    )  # fmt: skip


def _fits(panel: Panel, study: Study) -> tuple[Fit, ...]:
    """Fit the declared models, and the first once more with the unrelated marker scale in the index's place."""
    specifications = [_specification(model) for model in study.models]
    markers = [key for key, construct in panel.instrument.constructs.items() if construct.role == "marker"]
    if study.models:
        specifications += [
            _exploratory(study.models[0], marker) for marker in markers if marker in panel.frame
        ]
    return tuple(fit(specification, panel) for specification in specifications)


def _exploratory(model: Model, regressor: str) -> Specification:
    declared = _specification(model)
    changed = {"name": regressor, "regressor": regressor, "declared": False, "corrected": False}
    return Specification(**{**asdict(declared), **changed})


def _importance(panel: Panel, model: Model | None, constructs: list[str]) -> pd.DataFrame:
    """Slope of the outcome on each construct, one at a time, in the first declared model."""
    if model is None:
        return pd.DataFrame()
    rows = {construct: fit(_exploratory(model, construct), panel).slope(per=10) for construct in constructs}
    return pd.DataFrame(rows).T.rename_axis("variable").reset_index()


def _safe(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Blank what stands for too few companies; an empty table stays empty."""
    return suppress(table, minimum=study.disclosure.minimum_companies) if len(table) else table
