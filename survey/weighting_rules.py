"""How a study weights: what its weights start from, what they are tied to, and how far they may go."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from survey.declaration import Declared, Fault, InconsistencyError
from survey.replicate_rule import ReplicateRule

Names = str | list[str]
"""One variable, or several crossed."""


_AROUND_ONE = "one from 0 to below 1 and one above 1"


class MarginsFile(Declared):
    """Population counts or shares in a table, as `survey.margins.read_margins` reads it."""

    file: str = Field(min_length=1)
    columns: dict[str, str] | None = None
    sheet: str | None = None


class ResponseRule(Declared):
    """Weighting classes over the register, everybody in which was asked."""

    classes: list[str] = Field(min_length=1)
    minimum: int = Field(default=5, ge=1)


class SizeRule(Declared):
    """Companies count by a number that is known of each, such as its employees."""

    by: str = Field(min_length=1)


class WeightRule(Declared):
    """What a company, and within it a respondent, counts.

    Parameters
    ----------
    base
        Fact of the companies that holds their design weight; 1 for all if not said.
    nonresponse
        Weighting classes that adjust for companies of the register that did not answer.
    margins
        A table of population counts or shares, or "register", which counts the companies of the register.
    by
        The margins, each a variable or several crossed; those of the table as it has them if not said.
    method
        How weights are brought to the margins.
    bounds
        Least and greatest ratio of a weight to the one before (of weights scaled to the population).
    join
        Categories to be joined, by variable, in sample and population alike.
    trim, strict
        Limits of weights, in mean weights; what is cut is spread over the others, and again (strict) until none is
        beyond the limits.
    population
        Companies in the population, where margins are shares.
    companies
        "once": each company counts once, for the companies that it stands for; ``{by: employees}``: by its size.
    respondents
        What respondents count within their company: "functions": each function as much as the other;
        "equal": each respondent as much as any.
    strata
        Facts of the register within whose combinations companies were drawn.
    finite
        Whether the register is the whole population of each stratum, of which the sample is a part worth mentioning.
    lonely
        What a stratum with one company adds to a variance, in the words of R ``options(survey.lonely.psu = )``.
    replicates
        Replicate weights, from which all variances then come.
    largest
        Weights whose largest is more than so many times the smallest are warned of.
    """

    base: str | None = None
    nonresponse: ResponseRule | None = None
    margins: Literal["register"] | MarginsFile | None = None
    by: list[Names] = Field(default_factory=list)
    method: Literal["raking", "linear", "logit", "poststratification"] = "raking"
    bounds: tuple[float, float] | None = None
    join: dict[str, dict[str, str]] = Field(default_factory=dict)
    trim: tuple[float, float] | None = None
    strict: bool = False
    population: float | None = Field(default=None, gt=0)
    companies: Literal["once"] | SizeRule = "once"
    respondents: Literal["functions", "equal"] = "functions"
    strata: list[str] = Field(default_factory=list)
    finite: bool = False
    lonely: Literal["fail", "remove", "adjust", "average", "certainty"] = "adjust"
    replicates: ReplicateRule | None = None
    largest: float = Field(default=20, gt=1)

    @model_validator(mode="after")
    def _consistent(self) -> "WeightRule":
        faults = list(self.faults())
        if faults:
            raise InconsistencyError(faults)
        return self

    def faults(self) -> Iterator[Fault]:
        """Yield keys that contradict each other, and numbers that are no limits."""
        yield from self._useless()
        if self.bounds is not None and not 0 <= self.bounds[0] < 1 < self.bounds[1]:
            yield Fault(("bounds",), "are no bounds of a ratio", f"{_AROUND_ONE}, such as [0.3, 3]")
        if self.bounds is None and self.method == "logit":
            yield Fault(("bounds",), "are needed for the method logit", "such as [0.3, 3]")
        if self.bounds is not None and self.method == "poststratification":
            allowed = "the method linear, raking or logit"
            yield Fault(("bounds",), "cannot be kept by post-stratification", allowed)
        if self.method == "poststratification" and len(self.by) > 1:
            allowed = "one list of the variables to cross, such as [[industry, size]]"
            yield Fault(("by",), "lists several margins, and post-stratification takes one", allowed)
        if self.trim is not None and not 0 <= self.trim[0] < 1 < self.trim[1]:
            yield Fault(("trim",), "are no limits in mean weights", f"{_AROUND_ONE}, such as [0.2, 5]")

    def _useless(self) -> Iterator[Fault]:
        """Yield keys that do nothing without another one."""
        if self.margins is None:
            allowed = "`margins: {file: population.csv}` or `margins: register`"
            for key in ("by", "bounds", "join", "population"):
                if getattr(self, key):
                    yield Fault((key,), "is of no use without margins", allowed)
        if self.margins == "register" and not self.by:
            what = "does not say which facts of the register are the margins"
            yield Fault(("by",), what, "a list such as [industry, size]")
        if self.finite and not self.strata:
            yield Fault(("finite",), "is of no use without strata", "`strata: [size]`")
        if self.lonely != "adjust" and not self.strata:
            yield Fault(("lonely",), "is of no use without strata", "`strata: [size]`")
        yield from self._of_replicates()

    def _of_replicates(self) -> Iterator[Fault]:
        """Yield what replicate weights need of the other keys, and what they leave without use."""
        if self.replicates is None:
            return
        if self.replicates.make is not None:
            if self.replicates.make in ("brr", "fay") and not self.strata:
                what = f"{self.replicates.make} takes half of each pair of companies, and there are no strata of pairs"
                yield Fault(("replicates", "make"), what, "`strata: [pair]`, or `make: jackknife`")
            return
        if self.strata:
            what = "is of no use: the replicate weights that are supplied hold how companies were drawn"
            yield Fault(("strata",), what, "leave it out, or `replicates: {make: jackknife}`")
        if self.replicates.combined and self.base is None:
            what = "is needed: it is the weight whose replicates are supplied"
            yield Fault(
                ("base",), what, "the design weight, or `combined: false` where the columns multiply it"
            )

    @property
    def margin_names(self) -> list[tuple[str, ...]]:
        """The variables of each margin, as `by` lists them."""
        return [(names,) if isinstance(names, str) else tuple(names) for names in self.by]

    @property
    def size(self) -> str | None:
        """Fact by which companies count; None where each counts once."""
        return self.companies.by if isinstance(self.companies, SizeRule) else None
