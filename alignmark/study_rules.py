"""Rules that a study declares: scoring, classes, models, the report, personal data."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, model_validator

from alignmark.checked import Checked
from analysis.explain.errors import ALLOWED, read_errors
from analysis.explain.formula import read_formula
from analysis.explain.specification import Estimator, Specification
from reports.wording import speaks
from survey.declaration import Declared, Fault, InconsistencyError, suggest
from survey.language import languages

REPLICATES, DESIGN = "replicates", "design"
"""Errors that come from replicate weights, and from the survey design whatever its variance is."""

UNWEIGHTED = "none"
"""In the place of a column of weights: every company counts once."""

SLACK = 1e-9
"""Shares that add up to 1 but for floating point do."""


class OutcomeClassRule(Checked):
    """Aberdeen-style classes: the mean standardised outcome, cut at the best and the last share."""

    outcomes: list[str] = Field(min_length=1)
    best: float = Field(default=0.2, gt=0, lt=1)
    laggard: float = Field(default=0.3, gt=0, lt=1)
    minimum_outcomes: int | None = Field(default=None, ge=1)
    """Outcomes a company must have; all of them if not said."""
    cut_on: Literal["same wave", "wave before", "half"] = "same wave"
    """Which outcomes cut the classes: all of the wave itself, those of the wave before, every other one."""

    def faults(self) -> Iterator[Fault]:
        """Yield shares that overlap, and counts that cannot be reached."""
        if self.cut_on == "half" and len(self.outcomes) < 2:
            yield Fault(
                ("cut_on",), "cannot take half of one outcome", "two outcomes or more, or `same wave`"
            )
        if self.best + self.laggard > 1 + SLACK:
            what = f"best {self.best:g} and laggard {self.laggard:g} add up to more than all companies"
            yield Fault(("best",), what, "shares that add up to at most 1, such as 0.2 and 0.3")
        yield from _repeated(self.outcomes, "outcomes")
        if self.minimum_outcomes is not None and self.minimum_outcomes > len(self.outcomes):
            what = f"{self.minimum_outcomes} is more than the outcomes that are listed"
            yield Fault(("minimum_outcomes",), what, f"1 to {len(self.outcomes)}")


class PracticeClassRule(Checked):
    """World-class in the Miller Heiman manner: `cut` points or more on `share` of the practices."""

    practices: list[str] = Field(default_factory=list)
    cut: float = Field(default=75, ge=0, le=100)
    share: float = Field(default=0.9, gt=0, le=1)
    minimum_practices: int | None = Field(default=None, ge=1)
    """Practices a company must have answered; all of them if not said."""

    def faults(self) -> Iterator[Fault]:
        """Yield practices that are listed twice."""
        yield from _repeated(self.practices, "practices")


class ClassRules(Declared):
    """Both ways to say who the best are; each is optional and they are never mixed."""

    on_outcomes: OutcomeClassRule | None = None
    on_practices: PracticeClassRule | None = None


class Model(Checked):
    """One declared growth model; the regressor is the index unless said otherwise.

    `formula` says outcome, terms and effects in one line instead of key by key; the regressor is then the index,
    or the first term if the index is not among them. `errors` may be a list: the first kind makes the intervals of
    the report, the others stand beside it; not said, they are clustered by company. In a study with weights a model
    has these unless it names others, or "none", and errors that are not said come from the survey design.
    """

    name: str = Field(min_length=1)
    formula: str | None = None
    outcome: str
    regressor: str = "alignment"
    controls: list[str] = Field(default_factory=list)
    effects: list[str] = Field(default_factory=list)
    errors: str | list[str] | None = None
    within: bool = False
    corrected: bool = False
    estimator: Estimator = "ols"
    weights: str | None = None
    quantile: float = Field(default=0.5, gt=0, lt=1)
    top: float | None = Field(default=None, gt=0, lt=1)
    lagged_outcome: bool = False
    lag: int = Field(default=0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _from_formula(cls, said: Any) -> Any:
        """Put the parts of a formula under the keys that mean the same."""
        if not isinstance(said, Mapping) or not isinstance(said.get("formula"), str):
            return said
        twice = [key for key in ("outcome", "controls", "effects") if key in said]
        if twice:
            what = f"says what {' and '.join(twice)} say as well"
            raise InconsistencyError([Fault(("formula",), what, "either a formula or these keys")])
        try:
            terms = read_formula(said["formula"])
        except ValueError as error:
            raise InconsistencyError([Fault(("formula",), str(error))]) from None
        first = "alignment" if "alignment" in terms.controls else terms.controls[0]
        regressor = said.get("regressor", first)
        controls = [name for name in terms.controls if name != regressor]
        return {
            **said, "outcome": terms.outcome, "regressor": regressor, "controls": controls,
            "effects": list(terms.effects),
        }  # fmt: skip

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of errors that are declared, the main one first."""
        if self.errors is None:
            return ()
        return (self.errors,) if isinstance(self.errors, str) else tuple(self.errors)

    def specification(self, *, weighted: bool = False) -> Specification:
        """Return the model as the analysis takes it, in a study that is weighted or not.

        What takes no weights has none, and its note will say that it does not carry the design.
        """
        unweighted = self.weights == UNWEIGHTED
        carries = weighted and not unweighted
        main, *also = self.kinds or (DESIGN if carries else "cluster",)
        plain = Specification(
            name=self.name, outcome=self.outcome, regressor=self.regressor, controls=tuple(self.controls),
            effects=tuple(name for name in self.effects if name != "company"), covariance=main,
            also=tuple(also), corrected=self.corrected, within=self.within or "company" in self.effects,
            estimator=self.estimator, weights="" if unweighted else self.weights or "", quantile=self.quantile,
            top=self.top or 0.0, lagged_outcome=self.lagged_outcome, lag=self.lag,
        )  # fmt: skip
        in_study = replace(plain, weights=plain.weights or "weight")
        return in_study if carries and not in_study.contradiction else plain

    def faults(self) -> Iterator[Fault]:
        """Yield errors that do not exist, and parts that do not go together."""
        if self.errors is not None and not self.kinds:
            yield Fault(("errors",), "is empty", ALLOWED)
            return
        yield from _repeated(list(self.kinds), "errors")
        for kind in self.kinds:
            try:
                read_errors(kind)
            except ValueError as error:
                yield Fault(("errors",), str(error))
                return
        if contradiction := self.specification().contradiction:
            yield Fault((), contradiction)


class CongruenceRule(Declared):
    """The response surface of an outcome over both functions' scores; what is not said is that of the first model."""

    outcome: str | None = None
    score: str = "alignment"
    """The index, or a construct."""
    centring: Literal["none", "pooled", "variablewise", "midpoint"] = "pooled"
    controls: list[str] | None = None
    effects: list[str] | None = None
    errors: Literal["classical", "HC3", "cluster", "replicates", "design"] | None = None
    """Clustered by company if not said, or from the design of a study with weights."""
    weights: str | None = None
    """A column, or "none"."""


class AlignmentRule(Declared):
    """Scoring: answered share a construct needs, share of constructs the index needs, and the adequate cut.

    The cut is the index points (0-100) from which a company counts as adequately aligned.
    """

    minimum_answered: float = Field(default=0.5, gt=0, le=1)
    minimum_constructs: float = Field(default=1.0, gt=0, le=1)
    adequate: float = Field(default=50, ge=0, le=100)


DISCLOSED = ("strategy", "conductor", "funder", "sample_source", "recruitment", "mode", "field_dates")
"""Keys of `ReportRule` that state what the AAPOR Code asks for and nothing else in a study file says."""

REPORTED = (
    "background", "purpose", "pretest", "sample_size", "one_answer", "preparation", "incentives", "ethics", "consent",
    "data_access", "missing_answers", "nonparticipation", "response_rate", "conflicts", "acknowledgements",
)  # fmt: skip
"""Keys of `ReportRule` that state what CROSS asks for besides, and that neither study file nor run can know."""


class ReportRule(Checked):
    """What the report is called and says of the study; `limits` are sentences of the researcher.

    `terms` say what one may do with the benchmark pack, such as a licence.
    """

    title: str = Field(examples=["Sales and marketing alignment"])
    subtitle: str = ""
    language: str = "en"
    theme: str = ""
    population: str = ""
    fieldwork: str = ""
    sponsor: str = ""
    strategy: str = ""
    conductor: str = ""
    funder: str = ""
    sample_source: str = ""
    recruitment: str = ""
    mode: str = ""
    field_dates: str = ""
    background: str = ""
    purpose: str = ""
    pretest: str = ""
    sample_size: str = ""
    one_answer: str = ""
    preparation: str = ""
    incentives: str = ""
    ethics: str = ""
    consent: str = ""
    data_access: str = ""
    missing_answers: str = ""
    nonparticipation: str = ""
    response_rate: str = ""
    conflicts: str = ""
    acknowledgements: str = ""
    terms: str = ""
    limits: list[str] = Field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """Yield an empty title, and a language without fixed words."""
        if not self.title.strip():
            yield Fault(("title",), "is empty", "what stands on the first page")
        if not speaks(self.language):
            what = f"there are no reports in {self.language!r}"
            yield Fault(("language",), what, suggest(self.language, languages()))


class Privacy(Checked):
    """What becomes of personal data; see the README.

    `key_file` holds the secret under which ids of respondents are hashed, beside the study and never in it;
    `keep` names columns and questions whose free text is written out, reviewed.
    """

    key_file: str | None = Field(default=None, min_length=1)
    keep: list[str] = Field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """Yield what is to be kept twice."""
        yield from _repeated(self.keep, "keep")


def _repeated(names: list[str], key: str) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Fault((key, number), f"{name!r} is listed twice", "each once")
