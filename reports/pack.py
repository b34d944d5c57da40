"""The benchmark pack: what a study hands out, so that a company can be scored against it without its data."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from analysis.benchmark.published_norms import Norm
from reports.canonical_json import canonical, sha256_of
from reports.wording import speaks
from survey.declaration import Declared, Fault, InconsistencyError
from survey.instrument import Instrument

SPREAD = ("tau", "weight", "mu", "mu_variance", "centre", "sd", "kept")
"""Columns of `analysis.benchmark.standing.TrueSpread`."""

NODES = ("theta", "weight", "mu", "mu_variance", "sigma2")
"""Parts of `analysis.measure.shrinkage.Nodes`."""

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(ge=0, le=100)]
Known = float | None
"""A number, or null where it cannot be known."""


def _spoken(language: str) -> str:
    if not speaks(language):
        raise ValueError("there are no reports in this language")
    return language


class Provenance(Declared):
    """Where the figures come from: the study, its data and the code, both by hash, and what one may do with them.

    `language` is that of the study's report, in which its texts are.
    """

    title: str
    population: str
    fieldwork: str
    sponsor: str
    limits: list[str]
    waves: list[int]
    wave: int
    companies: Count
    respondents: Count
    simulated: bool
    seed: Count
    code_version: str
    code_sha256: str
    data_sha256: str
    terms: str
    language: Annotated[str, AfterValidator(_spoken)] = "en"


class Key(Declared):
    """How answers become scores: the questionnaire, and the rules of the study.

    `asked` are the questions that the study asked; `constructs` those of the index, in the order of every list of
    them, with their `weights`; `minimum_answered` is the share of a construct's items that make a score,
    `minimum_constructs` that of the constructs that make the index, `minimum_statements` that of all statements
    below which a respondent is dropped. `not_repeated` says what the study did to answers that cannot be done to
    those of one company.
    """

    instrument: Instrument
    asked: list[str]
    functions: list[str] = Field(min_length=1)
    constructs: list[str] = Field(min_length=1)
    weights: list[Share]
    minimum_answered: Share
    minimum_constructs: Share
    minimum_statements: Share
    failed_attention: Literal["drop", "keep"]
    duplicates: Literal["first", "last", "most_complete"]
    stages: list[str]
    stage_cuts: list[Score]
    adequate: Score
    not_repeated: list[str]


class Interval(Declared):
    """An estimate with its error and 95% interval, and the companies it stands on."""

    estimate: float
    std_error: Known
    df: Known
    conf_low: Known
    conf_high: Known
    companies: Count


class Best(Declared):
    """The best in class: what they were chosen by (the outcomes, where it was these), and their means."""

    basis: Literal["outcomes", "practices", "index"]
    label: str
    outcomes: list[str]
    profile: dict[str, Interval]


class Importance(Declared):
    """How much more of an outcome goes with 10 points more, construct by construct, in the first declared model."""

    outcome: str
    title: str
    model: str
    slopes: dict[str, Interval]


class Group(Declared):
    """Norms of the companies that share a fact."""

    key: str
    value: str
    norms: dict[str, Norm]


class Shrinkage(Declared):
    """The one-way models of `analysis.measure.index_shrinkage.IndexShrinkage`, lists in the order of the functions."""

    mu: list[Known]
    tau2: list[Known]
    sigma2: list[Known]
    true: list[list[Known]]
    nodes: dict[str, list[list[Known]]]
    notes: list[str]


class Tolerance(Declared):
    """By how much at most percentiles and probabilities from the pack differ from those of the full run, in points."""

    percentile: Known
    percentile_interval: Known
    best_probability: Known


class Benchmarks(Declared):
    """Everything of a pack but where it comes from; see the README for what each part is for.

    `weighted` says whether companies count differently in norms, percentiles and the best share.
    """

    key: Key
    minimum_companies: Annotated[int, Field(ge=1)]
    minimum_respondents: Annotated[int, Field(ge=1)]
    best_share: Share
    weighted: bool = False
    norms: dict[str, Norm]
    groups: list[Group]
    best: Best | None
    importance: Importance | None
    practices: dict[str, Interval]
    covariances: dict[str, list[list[Known]]]
    shrinkage: Shrinkage | None
    spread: dict[str, list[float]]
    tolerance: Tolerance

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        parts = (_key_faults, _norm_faults, _model_faults)
        faults = [fault for part in parts for fault in part(self)]
        if faults:
            raise InconsistencyError(faults)
        return self


class Pack(Declared):
    """A pack as it is handed out; `sha256` is that of the canonical JSON of all the rest."""

    format: Literal["alignmark benchmark pack"] = "alignmark benchmark pack"
    schema_version: Literal[1] = 1
    provenance: Provenance
    benchmarks: Benchmarks

    def to_json(self) -> str:
        """Return the pack with its hash as JSON in one line; the same pack gives the same text."""
        content = self.model_dump(mode="json")
        return canonical({**content, "sha256": sha256_of(content)}, as_given=True)


def _key_faults(found: Benchmarks) -> Iterator[Fault]:
    key, instrument = found.key, found.key.instrument
    if key.functions not in (["sales", "marketing"], [""]):
        yield Fault(("key", "functions"), "are neither sales and marketing nor one without a name")
    if not set(key.constructs) <= set(instrument.alignment_constructs) or len(key.weights) != len(
        key.constructs
    ):
        yield Fault(("key", "constructs"), "are not those of the index, each with a weight")
    elif any(not set(instrument.constructs[name].items) & set(key.asked) for name in key.constructs):
        yield Fault(("key", "asked"), "lacks the items of a construct")
    if not set(key.asked) <= set(instrument.columns):
        yield Fault(("key", "asked"), "has questions that the questionnaire lacks")


def _norm_faults(found: Benchmarks) -> Iterator[Fault]:
    if "alignment" not in found.norms:
        yield Fault(("norms",), "lack the index")
    every = [*found.norms.values(), *(norm for group in found.groups for norm in group.norms.values())]
    if any(len(norm.steps) > norm.n or list(norm.steps) != sorted(norm.steps) for norm in every):
        yield Fault(("norms",), "have steps that do not rise")
    if any(norm.n < found.minimum_companies or norm.sd < 0 for norm in every):
        yield Fault(("norms",), "stand for fewer companies than the pack allows")


def _model_faults(found: Benchmarks) -> Iterator[Fault]:
    """Find lists of another length than the arithmetic needs."""
    constructs, functions = len(found.key.constructs), len(found.key.functions)
    tables = found.covariances.values()
    if set(found.covariances) != set(found.key.functions) or not all(
        len(table) == constructs and all(len(row) == constructs for row in table) for table in tables
    ):
        yield Fault(("covariances",), "do not fit functions and constructs")
    sizes = {len(column) for column in found.spread.values()}
    if found.spread and (set(found.spread) != set(SPREAD) or len(sizes) != 1 or 0 in sizes):
        yield Fault(("spread",), "has columns of different lengths")
    if found.shrinkage is not None and not _fits(found.shrinkage, functions):
        yield Fault(("shrinkage",), "does not fit the functions")


def _fits(found: Shrinkage, functions: int) -> bool:
    sizes = [len(part) for part in (found.mu, found.tau2, found.sigma2, found.true, found.notes)]
    sizes += [len(row) for table in (found.true, *found.nodes.values()) for row in table]
    rows = {len(table) for table in found.nodes.values()}
    return set(sizes) == {functions} and set(found.nodes) == set(NODES) and len(rows) == 1
