"""The benchmark pack of a study: what a company needs to be scored against it, and nothing of any one company."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

import numpy as np
import pandas as pd

from alignmark.inputs import Inputs
from alignmark.measuring import Measured
from alignmark.pack_norms import PackNorms
from alignmark.study import Study
from analysis.benchmark.classes import Classes
from analysis.benchmark.neighbours import NOTHING, neighbours
from analysis.benchmark.position import BEST
from analysis.benchmark.published_norms import Norm
from analysis.benchmark.standing import TrueSpread, standings, true_spread
from analysis.infer.columns import Floats
from analysis.measure.alignment import STAGE_CUTS, STAGES, functions_of
from analysis.measure.index_shrinkage import IndexShrinkage, index_shrinkage
from analysis.measure.panel import Panel
from analysis.measure.sampling_error import within_covariances
from analysis.measure.shrinkage import published_as
from reports.evidence import Evidence
from reports.pack import (
    Benchmarks,
    Best,
    Importance,
    Interval,
    Key,
    Pack,
    Provenance,
    Shrinkage,
    Tolerance,
)
from survey.language import mark
from survey.responses import Responses

INFORMANTS = 3
"""People of a function from which its view is shown."""

NO_TERMS = mark("The study states no terms of use: ask whoever gave you this file before you pass it on.")


def benchmarks_of(  # noqa: PLR0913 - each is a result of the run that a pack draws on
    inputs: Inputs, study: Study, *, made: PackNorms, panel: Panel, measured: Measured, wave: int,
    classes: dict[str, Classes], published: dict[str, pd.DataFrame], importance: pd.DataFrame, positions: pd.DataFrame,
) -> Benchmarks | None:  # fmt: skip
    """Gather what a pack holds; None where there can be none, for the reason that `made` has.

    Parameters
    ----------
    inputs, study, panel, measured
        As in `alignmark.run.evidence_of`.
    made
        The norms, as they may stand beside the tables of the report.
    wave
        The wave that the norms are of.
    classes
        From `declared_classes`.
    published
        Tables that have passed the disclosure rules: ``class_means`` and ``practices`` are used.
    importance
        From `alignmark.modelling.importance`.
    positions
        From `alignmark.placing.place_companies`, to say by how much a pack differs from it.
    """
    if made.why_not or inputs.responses is None:
        return None
    known, constructs, norms, minimum = made.known, made.constructs, made.norms, made.minimum
    share = study.disclosure.rules.largest_share
    scores = measured.scores[measured.scores["wave"] == wave]
    functions = functions_of(panel.instrument)
    weights = known["weight"].to_numpy(dtype=np.float64) if "weight" in known else np.ones(len(known))
    within = within_covariances(scores, constructs, functions=functions, minimum=minimum)
    sure = not any(np.isnan(table).any() for table in within.values())
    spread = (
        true_spread(*known[["alignment", "alignment_se"]].to_numpy(dtype=np.float64).T, weights=weights)
        if sure
        else None
    )
    shrinkage = None
    if sure and norms.keys() >= {published_as(name) for name in functions}:
        now = panel.wave(wave).frame
        shrinkage = index_shrinkage(scores, constructs, functions=functions, levels=now)
    return Benchmarks(
        key=_key(inputs.responses, study, constructs),
        minimum_companies=minimum,
        minimum_respondents=max(INFORMANTS, study.disclosure.minimum_respondents),
        best_share=BEST,
        weighted=bool(np.ptp(weights) > 0),
        norms=norms,
        groups=made.groups,
        best=best_of(
            known, published["class_means"], classes=classes, variables=["alignment", *constructs], minimum=minimum,
            largest_share=share,
        ),
        importance=_importance(panel, study, importance, minimum),
        practices=_practices(published["practices"], classes, minimum),
        covariances={name: _listed(table) for name, table in within.items()},
        shrinkage=None if shrinkage is None else _shrinkage(shrinkage),
        spread={} if spread is None else {str(name): [*map(float, column)] for name, column in spread.frame.items()},
        tolerance=_tolerance(positions, norms["alignment"], spread, known.set_index("company")["alignment_se"]),
    )  # fmt: skip


def pack_of(benchmarks: Benchmarks, evidence: Evidence, *, code: str, data: str) -> Pack:
    """Add to benchmarks where they come from.

    Parameters
    ----------
    benchmarks
        From `benchmarks_of`.
    evidence
        Of the same run.
    code, data
        SHA-256 of the code that ran, and of the files that it read.
    """
    facts = evidence.facts
    now = evidence.panel.wave(facts.latest).frame
    known = now[now["alignment"].notna()]
    return Pack(benchmarks=benchmarks, provenance=Provenance(
        title=facts.title, population=facts.population, fieldwork=facts.fieldwork, sponsor=facts.sponsor,
        limits=list(facts.limits), waves=list(facts.waves), wave=facts.latest, companies=len(known),
        respondents=int(known["n"].sum()), simulated=facts.simulated, seed=facts.seed,
        code_version=version("alignmark"), code_sha256=code, data_sha256=data, terms=facts.terms or NO_TERMS,
        language=facts.language,
    ))  # fmt: skip


def _key(responses: Responses, study: Study, constructs: Sequence[str]) -> Key:
    return Key(
        instrument=responses.instrument,
        asked=responses.asked,
        functions=list(functions_of(responses.instrument)),
        constructs=list(constructs),
        weights=[1 / len(constructs)] * len(constructs),
        minimum_answered=study.alignment.minimum_answered,
        minimum_constructs=study.alignment.minimum_constructs,
        minimum_statements=study.cleaning.minimum_answered,
        failed_attention=study.cleaning.failed_attention,
        duplicates=study.cleaning.duplicates,
        stages=list(STAGES) if responses.instrument.relationship else [],
        stage_cuts=list(STAGE_CUTS),
        adequate=study.alignment.adequate,
        not_repeated=list(_not_repeated(study)),
    )


def _not_repeated(study: Study) -> Iterator[str]:
    """Say what the study did to answers that a pack cannot do to those of one company."""
    if study.careless.drop_from:
        yield "careless_dropped"
    if study.cleaning.checks:
        yield "contradictions_out"
    if study.job_titles.titles or study.job_titles.file:
        yield "titles_read"
    if study.aggregation.failing == "set aside":
        yield "set_aside"


def best_of(
    known: pd.DataFrame,
    means: pd.DataFrame,
    *,
    classes: dict[str, Classes],
    variables: list[str],
    minimum: int,
    largest_share: float,
) -> Best | None:
    """Take the best class that the report shows, by outcomes before practices; else the highest by the index."""
    for basis, found in classes.items():
        here = means[means["basis"].eq(basis) & means["class"].eq(found.names[0])] if len(means) else means
        profile = _intervals(here, "variable", variables, minimum)
        if "alignment" in profile:
            outcomes = list(found.selected_on) if basis == "outcomes" else []
            said = {"basis": basis, "label": found.label, "outcomes": outcomes, "profile": profile}
            return Best.model_validate(said)
    top, weight = _highest(known, minimum=minimum, largest_share=largest_share)
    if top.empty:
        return None
    label = f"the {len(top)} with the highest index"
    frame = _weighted_means(top[variables], weight)
    return Best(
        basis="index", label=label, outcomes=[], profile=_intervals(frame, "variable", variables, minimum)
    )


def _highest(known: pd.DataFrame, *, minimum: int, largest_share: float) -> tuple[pd.DataFrame, Floats]:
    """Return the companies in the highest groups of the norm of the index, and what they hold of these.

    Whole groups: a part of one, less the others, would be that of fewer companies.
    """
    order = known.sort_values("alignment", ascending=False, kind="stable").iloc[::-1]
    weights = order["weight"].to_numpy(dtype=np.float64) if "weight" in order else np.ones(len(order))
    groups = neighbours(weights, minimum=minimum, largest_share=largest_share)
    held = groups.held(groups.edges[groups.edges >= 1 - BEST - NOTHING][0], 1.0)
    return order[held > NOTHING], held[held > NOTHING]


def _weighted_means(values: pd.DataFrame, weight: Floats) -> pd.DataFrame:
    """Means of columns with their errors, as a table of estimates without intervals."""
    n, share = len(values), weight / weight.sum()
    mean = share @ values.to_numpy(dtype=np.float64)
    moved = share[:, None] * (values.to_numpy(dtype=np.float64) - mean)
    error = np.sqrt((moved**2).sum(axis=0) * n / (n - 1))
    return pd.DataFrame({
        "variable": values.columns, "estimate": mean, "companies": n, "std_error": error, "df": n - 1,
        "conf_low": np.nan, "conf_high": np.nan,
    })  # fmt: skip


def _intervals(table: pd.DataFrame, key: str, names: Sequence[str], minimum: int) -> dict[str, Interval]:
    """Return the rows of a table of estimates that have a value and stand for enough companies."""
    if table.empty:
        return {}
    count = table["companies"] if "companies" in table else table["n"]
    shown = table[table["estimate"].notna() & (count >= minimum) & table[key].isin(names)]
    return {
        str(row[key]): Interval(
            companies=int(row["companies"] if "companies" in row else row["n"]), estimate=float(row["estimate"]),
            **{name: _number(row.get(name)) for name in ("std_error", "df", "conf_low", "conf_high")},
        )
        for row in shown.to_dict("records")
    }  # fmt: skip


def _importance(panel: Panel, study: Study, table: pd.DataFrame, minimum: int) -> Importance | None:
    slopes = _intervals(table, "variable", list(panel.instrument.alignment_constructs), minimum)
    if not slopes:
        return None
    first = study.models[0]
    declared = panel.instrument.outcomes.get(first.outcome)
    title = declared.title[panel.instrument.languages[0]] if declared else first.outcome.replace("_", " ")
    return Importance(outcome=first.outcome, title=title, model=first.name, slopes=slopes)


def _practices(table: pd.DataFrame, classes: dict[str, Classes], minimum: int) -> dict[str, Interval]:
    """Share of the best class with each practice in place, per cent."""
    if table.empty or "outcomes" not in classes:
        return {}
    best = table[table["class"] == classes["outcomes"].names[0]]
    return _intervals(best, "practice", list(best["practice"]), minimum)


def _shrinkage(found: IndexShrinkage) -> Shrinkage:
    return Shrinkage(
        mu=_listed(found.mu[None])[0], tau2=_listed(found.tau2[None])[0], sigma2=_listed(found.sigma2[None])[0],
        true=_listed(found.true), notes=list(found.notes),
        nodes={name: _listed(part) for name, part in found.nodes._asdict().items()},
    )  # fmt: skip


def _tolerance(
    positions: pd.DataFrame, norm: Norm, spread: TrueSpread | None, errors: "pd.Series[float]"
) -> Tolerance:
    """Place every company by the pack, and say in whole points how far off the worst is."""
    run = positions.set_index("company")
    error = np.asarray(errors.reindex(run.index), dtype=np.float64)
    score = np.asarray(run["alignment"], dtype=np.float64)
    found = standings(score, error, norm=norm, spread=spread, best=BEST)
    away = (found.set_axis(run.index) - run[list(found)]).abs().max()
    interval = away[["percentile_low", "percentile_high"]].max()
    return Tolerance(
        percentile=_number(np.ceil(away["percentile"])),
        percentile_interval=_number(np.ceil(interval)),
        best_probability=_number(np.ceil(100 * away["best_probability"])),
    )


def _listed(table: Floats) -> list[list[float | None]]:
    return [[_number(value) for value in row] for row in table]


def _number(value: object) -> float | None:
    """Return a finite number; None, which JSON has, for one that is not known."""
    return float(value) if isinstance(value, int | float | np.number) and np.isfinite(value) else None
