"""One solved model under several kinds of errors: its table of results under each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.explain.covariance import FEW_CLUSTERS, cluster_robust, heteroscedastic, nested
from analysis.explain.cr2 import cr2
from analysis.explain.design_errors import design_covariance
from analysis.explain.errors import Errors
from analysis.explain.solution import Solution
from analysis.explain.wild_bootstrap import ALPHA, wild_cluster_test
from analysis.infer.columns import Codes, Floats, result_columns
from analysis.infer.survey_design import SurveyDesign
from survey.language import digits, look_up, mark, say

DRAWN = mark("p value and interval of the regressor by {vectors}")
"""Says in a note what the wild bootstrap drew."""

LARGE = 2_000
"""Rows of a cluster up to which CR2 with both weights and absorbed effects is computed."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Results of every term under one kind of errors.

    Parameters
    ----------
    errors
        The kind that was used: the nearest one that can be had.
    columns
        `analysis.infer.columns.RESULT` but n, one value a term.
    notes
        What the reader has to know.
    """

    errors: Errors
    columns: dict[str, Floats]
    notes: tuple[str, ...]


def results_under(
    asked: Errors,
    solution: Solution,
    clusters: Mapping[str, Codes],
    *,
    rng: np.random.Generator | None = None,
    sample: SurveyDesign | None = None,
) -> Results:
    """Return tests and 95% intervals of a solved model under one kind of errors.

    Intervals are by t: on n - k degrees of freedom with classical and HC errors, on clusters - 1 (the smaller number
    of two ways) with clustered ones, on Satterthwaite's with CR2, on those of the design with errors from it
    (`design_covariance`). The wild bootstrap tests the regressor alone, the other terms have clustered errors
    beside it. Where a kind cannot be had, the nearest one that can stands in its place, and the notes say so.

    Parameters
    ----------
    asked
        The kind.
    solution
        The solved model.
    clusters
        Code of each row, by column; ``company`` is one of them.
    rng
        Source of the bootstrap's weights.
    sample
        How the rows of the table were drawn, `solution.rows` among them; None where rows are none of the sample's.

    Raises
    ------
    ValueError
        If a wild bootstrap is asked for without `rng`.
    """
    if asked.kind in ("design", "replicates"):
        return _designed(asked, solution, clusters, sample)
    errors, notes = _possible(asked, solution, clusters)
    codes = [clusters[name] for name in errors.by]
    if errors.kind == "CR2":
        covariance, df = _cr2(solution, codes[0])
    else:
        covariance, said = _covariance(errors.kind, solution, codes)
        smallest = min((int(code.max()) for code in codes), default=round(solution.df))
        df = np.full(solution.params.size, float(smallest))
        notes += [said] if said else []
    df = np.where(np.isfinite(df) & (df > 0), df, 1.0)
    columns = result_columns(solution.params, np.sqrt(np.diag(covariance).clip(min=0.0)), df)
    notes += _cautions(errors, solution, codes)
    notes += _without_error(errors, solution, columns)
    if errors.kind == "wild":
        notes += _bootstrap(columns, solution, codes[0], rng)
    return Results(errors, columns, tuple(notes))


def _designed(
    asked: Errors, solution: Solution, clusters: Mapping[str, Codes], sample: SurveyDesign | None
) -> Results:
    """Return results under the design of the sample, or under errors clustered by company, with why."""
    why = _without_design(asked, solution, sample)
    if why or sample is None:
        nearest = Errors("cluster", ("company",))
        found = results_under(nearest, solution, clusters)
        instead = say("{why}: {errors} instead", why=why, errors=found.errors.in_words)
        return replace(found, notes=(instead, *found.notes))
    had = Errors("design" if sample.replicates is None else "replicates")
    covariance, df, notes = design_covariance(solution, sample)
    std_error = np.sqrt(np.diag(covariance).clip(min=0.0))
    columns = result_columns(solution.params, std_error, np.full(solution.params.size, df))
    return Results(had, columns, (*notes, *_without_error(had, solution, columns)))


def _without_design(asked: Errors, solution: Solution, sample: SurveyDesign | None) -> str:
    """Say why a model cannot have errors from the design; "" if it can."""
    if solution.unweightable:
        return say("a model with random effects takes no weights, so that it cannot carry the survey design")
    if solution.likelihood_only:
        return solution.likelihood_only
    if sample is None:
        return say("rows that are means of several waves cannot carry the survey design")
    if asked.kind == "replicates" and sample.replicates is None:
        return say("the rows of this model have no replicate weights")
    return ""


def _possible(asked: Errors, solution: Solution, clusters: Mapping[str, Codes]) -> tuple[Errors, list[str]]:
    """Return the nearest kind of errors that the model and the data allow, and why it is not the one asked for."""
    single = [name for name in asked.by if clusters[name].max() < 1]
    if single:
        left = tuple(name for name in asked.by if name not in single)
        nearest = Errors("cluster", left) if left else Errors("HC1")
        return nearest, [
            say(
                "there is one {cluster} only to cluster by: {errors} instead",
                cluster=single[0],
                errors=nearest.in_words,
            )
        ]
    if solution.likelihood_only and asked.kind != "classical":
        return Errors("classical"), [
            say("{why}: those of the likelihood instead", why=solution.likelihood_only)
        ]
    why = ""
    if asked.kind in ("HC2", "HC3", "CR2", "wild") and not solution.linear:
        why = say("{errors} are for linear models", errors=asked.in_words)
    elif asked.kind in ("CR2", "wild") and not isinstance(solution.extra, float):
        why = say("{errors} do not allow for the correction of sampling error", errors=asked.in_words)
    elif asked.kind in ("CR2", "wild") and not _nested(solution, clusters[asked.by[0]]):
        why = say(
            "companies are in several clusters, so that {errors} cannot be had with their effects",
            errors=asked.in_words,
        )
    elif asked.kind == "CR2" and _too_large(solution, clusters[asked.by[0]]):
        why = say(
            "{errors} with weights and company effects take clusters of at most {n} rows",
            errors=asked.in_words,
            n=digits(LARGE, ",d"),
        )
    elif asked.kind == "classical" and not isinstance(solution.extra, float):
        why = say("{errors} do not allow for the correction of sampling error", errors=asked.in_words)
    if not why:
        return asked, []
    nearest = Errors("cluster", asked.by) if asked.by else Errors("HC1")
    return nearest, [say("{why}: {errors} instead", why=why, errors=nearest.in_words)]


def _nested(solution: Solution, codes: Codes) -> bool:
    return not len(solution.absorbed) or nested(solution.absorbed, codes)


def _too_large(solution: Solution, codes: Codes) -> bool:
    both = len(solution.absorbed) > 0 and len(solution.weights) > 0
    return bool(both and np.bincount(codes).max() > LARGE)


def _covariance(kind: str, solution: Solution, codes: list[Codes]) -> tuple[Floats, str]:
    if kind == "classical":
        return solution.classical, ""
    if codes:
        return cluster_robust(solution, codes)
    return heteroscedastic(solution, kind), ""


def _cr2(solution: Solution, codes: Codes) -> tuple[Floats, Floats]:
    weights = solution.weights if len(solution.weights) else None
    roots = np.ones(len(codes)) if weights is None else np.sqrt(weights)
    return cr2(
        solution.matrix / roots[:, None], solution.residuals / roots, codes, weights=weights,
        absorbed=solution.absorbed if len(solution.absorbed) else None,
    )  # fmt: skip


def _cautions(errors: Errors, solution: Solution, codes: list[Codes]) -> list[str]:
    """Say where the errors assume more than the data give."""
    rows, companies = len(solution.scores), int(solution.companies.max()) + 1
    if not codes:
        assumed = say("companies have several rows, which errors of this kind treat as independent")
        modelled = "between" in solution.measures  # a variance between companies allows for what they share
        return [assumed] if companies < rows and not modelled else []
    said = []
    groups, name = min((int(code.max()) + 1, by) for code, by in zip(codes, errors.by, strict=True))
    counted = (
        say("only {n} companies", n=groups)
        if name == "company"
        else say("only {n} clusters by {column}", n=groups, column=look_up(name))
    )
    if groups <= solution.params.size:
        said.append(
            say(
                "there are {clusters} for {terms} terms, so that errors rest on very little",
                clusters=counted,
                terms=solution.params.size,
            )
        )
    elif errors.kind == "cluster" and groups < FEW_CLUSTERS:
        said.append(
            say("errors are clustered by {clusters}, so intervals tend to be too narrow", clusters=counted)
        )
    return said


def _without_error(errors: Errors, solution: Solution, columns: Mapping[str, Floats]) -> list[str]:
    """Name the terms whose error is zero, so that there is nothing to test."""
    places = np.flatnonzero(np.isnan(columns["statistic"]) & ~np.isnan(columns["std_error"]))
    names = ", ".join(solution.terms[place] or say("the regressor") for place in places)
    if not names:
        return []
    return [
        say(
            "no {errors}, as one cluster determines it or the fit is exact: {terms}",
            errors=errors.in_words,
            terms=names,
        )
    ]


def _bootstrap(
    columns: dict[str, Floats], solution: Solution, codes: Codes, rng: np.random.Generator | None
) -> list[str]:
    """Put the bootstrap's test of the regressor into its row, and say how it was made."""
    if rng is None:
        raise ValueError("the wild bootstrap draws at random: give rng, a numpy Generator")
    found = wild_cluster_test(
        solution.matrix, solution.residuals, codes, estimate=float(solution.params[0]), rng=rng
    )
    columns["p_value"][0], columns["conf_low"][0], columns["conf_high"][0] = (
        found.p_value,
        found.low,
        found.high,
    )
    vectors = say(
        "all {n} vectors of {points}'s weights" if found.complete else "{n} vectors of {points}'s weights",
        n=digits(found.draws, ",d"),
        points=found.points,
    )
    notes = [look_up(DRAWN).format(vectors=vectors)]
    if not np.isfinite([found.low, found.high]).all():
        notes.append(
            say(
                "the bootstrap rejects no value far enough out at {level}: the interval has no end",
                level=digits(ALPHA, ".0%"),
            )
        )
    return notes
