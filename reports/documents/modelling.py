"""How models were fitted, for the methods: errors, corrections for few informants, surfaces; only what was run."""

from collections.abc import Iterator

from analysis.explain.corrections import AS_MEASURED
from analysis.explain.regression import Fit
from analysis.explain.standard_errors import DRAWN
from reports.documents.passages import sentence_list
from reports.evidence import Evidence
from reports.report import Block, Bullets, Heading
from survey.language import look_up, mark, say, say_n

HOW = {
    "ols": mark(
        "Least squares; company effects, where a model has them, are taken out as company means, so that only "
        "changes within companies count."
    ),
    "quantile": mark(
        "Quantile regression fits the median, or the quantile declared, instead of the mean (Koenker and "
        "Bassett, 1978), so that few extreme companies do not decide."
    ),
    "robust": mark("Robust regression (M, Huber's weights) gives rows far from the line less weight."),
    "logistic": mark(
        "Logistic regression is of the chance of a yes; its slope is the average difference in that chance."
    ),
    "first_differences": mark("First differences compare each company with itself a wave before."),
    "between": mark("The model between companies is of each company's mean over its waves."),
    "random_effects": mark("Random effects let companies differ by chance in level (Swamy and Arora, 1972)."),
    "within_between": mark(
        "Within and between: the deviation from the company's mean and the mean itself both enter "
        "(Mundlak, 1978); the slope shown is that within companies."
    ),
    "mixed": mark(
        "Mixed models let companies differ by chance in level and in slope (restricted maximum likelihood)."
    ),
}
"""What each estimator does, in a sentence."""

ERRORS = {
    "classical": mark("Classical errors take rows as independent and equally noisy."),
    "HC": mark(
        "HC errors allow for rows that are not equally noisy (White, 1980; MacKinnon and White, 1985), not for rows "
        "of one company that go together."
    ),
    "cluster": mark(
        "Clustered errors allow for rows of one company, or other cluster, that go together (Liang and Zeger, "
        "1986); they rest on the number of clusters, not of rows. Two ways are added and their overlap taken off "
        "(Cameron, Gelbach and Miller, 2011)."
    ),
    "CR2": mark(
        "CR2 errors correct clustered ones for the residuals being too small, with Satterthwaite's degrees of "
        "freedom (Bell and McCaffrey, 2002; Pustejovsky and Tipton, 2018): the safer choice with few clusters."
    ),
    "wild": mark(
        "The wild cluster bootstrap draws the signs of whole clusters of residuals anew, under the hypothesis, and "
        "asks how often chance alone gives such a slope (Cameron, Gelbach and Miller, 2008); its interval holds "
        "the values that this test does not reject."
    ),
    "replicates": mark(
        "Errors from replicate weights: the model is fitted anew under each of them, so that its errors know "
        "how companies were drawn and weighted, with the degrees of freedom of the design less the terms (R survey "
        "svyglm of a svrepdesign)."
    ),
    "design": mark(
        "Design-based errors are linearised variances (Binder, 1983) that know how companies were drawn and weighted: "
        "companies as clusters, strata, the finite population and the margins that weights meet; their degrees of "
        "freedom are companies less strata, less the terms but the constant (R survey svyglm of a svydesign). Where "
        "the population is finite, they tell how far a model of all its companies in these waves may lie from this one."
    ),
}
"""What each family of errors does, in a sentence or two."""


def modelling(evidence: Evidence, declared: Iterator[str]) -> Iterator[Block]:
    """Yield the declared models and what was run, method by method; nothing where no model was declared or fitted."""
    fits = [fit for fit in evidence.fits if not fit.frame.empty]
    told = [*declared, *_estimators(fits), *_errors(fits), *_corrections(evidence), *_surfaces(evidence)]
    if told:
        yield Heading(say("How models were fitted"))
        yield Bullets(tuple(told))


def _estimators(fits: list[Fit]) -> Iterator[str]:
    yield from (look_up(HOW[kind]) for kind in dict.fromkeys(fit.specification.estimator for fit in fits))


def _errors(fits: list[Fit]) -> Iterator[str]:
    kinds = (errors.kind for fit in fits for errors in fit.errors)
    for family in dict.fromkeys("HC" if kind.startswith("HC") else kind for kind in kinds):
        drawn = dict.fromkeys(found for fit in fits for found in _drawn(fit.note))
        said = look_up(ERRORS[family])
        if family == "wild" and drawn:
            said = f"{said} {say('Here: {vectors}.', vectors=sentence_list(list(drawn)))}"
        yield said


def _drawn(note: str) -> Iterator[str]:
    """Find in a note what the wild bootstrap drew."""
    before = look_up(DRAWN).partition("{vectors}")[0]
    yield from (part.partition(before)[2] for part in note.split("; ") if before in part)


def _corrections(evidence: Evidence) -> Iterator[str]:
    found = evidence.corrections
    if found.empty or found["estimate"].isna().all():
        return
    run = [look_up(name) for name in found["method"] if name != AS_MEASURED]
    yield say(
        "Corrections for few informants ({methods}): the sampling error of each company's score is estimated from how "
        "its informants differ; the main slope is then what it would be without that error, in several ways that rest "
        "on different assumptions, so that the reader sees how much the way matters (Carroll and others, 2006).",
        methods="; ".join(run),
    )


def _surfaces(evidence: Evidence) -> Iterator[str]:
    fitted = [surface for surface in evidence.surfaces if len(surface.frame)]
    if not fitted:
        return
    sets = say_n(len(fitted), "one set of controls", "{n} sets of controls", n=len(fitted))
    yield say(
        "Agreement and outcome: polynomial regression of the outcome on both functions' scores, their squares and "
        "their product (Edwards and Parry, 1993), with {sets}; a1 to a5 are slopes and bends of the surface along "
        "and across the line where both say the same; axes have percentile intervals from companies drawn anew; "
        "simpler surfaces are compared by AICc; the checklists are those of Edwards (2002) and of Humberg, "
        "Nestler and Back (2019).",
        sets=sets,
    )
