"""Study: everything a run depends on, declared in one YAML file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from alignmark.benchmark_rules import CompositeRule, PeerRule, PublishedFigures
from alignmark.checked import Checked
from alignmark.disclosure_rules import Disclosure
from alignmark.study_files import (
    Firmographics,
    JobTitles,
    OrganisationPanel,
    OutcomeRecords,
    TableFile,
    WaveFile,
)
from alignmark.study_rules import (
    DESIGN,
    REPLICATES,
    AlignmentRule,
    ClassRules,
    CongruenceRule,
    Model,
    Privacy,
    ReportRule,
)
from alignmark.table_rules import TableBook
from analysis.explain.specification import Specification
from analysis.infer.nonresponse import NonresponseRule
from analysis.measure.aggregation_rule import AggregationRule
from analysis.measure.comparable_groups import InvarianceRule
from survey.careless_rules import CarelessRules
from survey.cleaning_rules import Rules
from survey.declaration import Fault, read_as_meant
from survey.entity_resolution import CompanyRules
from survey.ledger import Change
from survey.problems import InputError, Problem
from survey.weighting_rules import WeightRule
from survey.yaml_files import key_path, line_of, load_yaml

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""What an outcome may be called: it names columns, tables and files."""

APART = (
    "weights",
    "models",
    "tables",
    "congruence",
    "peers",
    "composites",
    "nonresponse",
    "invariance",
    "disclosure",
)
"""Sections that do not say how files are read, so that their faults do not keep files from being read."""

Keys = list[int | str]
"""The way to a place in the study file: ``["waves", 0, "file"]``."""


class Study(Checked):
    """A whole study; `alignmark init` writes one with comments."""

    study: str = Field(min_length=1, examples=["mystudy"])
    instrument: str = Field(min_length=1, examples=["alignment"])
    seed: int = Field(ge=0, examples=[1])
    report: ReportRule = Field(examples=["{title: Sales and marketing alignment}"])
    waves: list[WaveFile] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    job_titles: JobTitles = JobTitles()
    panel: OrganisationPanel | None = None
    register_of_companies: TableFile | None = Field(default=None, alias="register")
    companies: CompanyRules = CompanyRules()
    firmographics: Firmographics | None = None
    outcomes: dict[str, OutcomeRecords] = Field(default_factory=dict)
    cleaning: Rules = Rules()
    careless: CarelessRules = CarelessRules()
    privacy: Privacy = Privacy()
    weights: WeightRule | None = None
    alignment: AlignmentRule = AlignmentRule()
    aggregation: AggregationRule = AggregationRule()
    invariance: InvarianceRule = InvarianceRule()
    nonresponse: NonresponseRule = NonresponseRule()
    classes: ClassRules = ClassRules()
    peers: PeerRule = PeerRule()
    composites: CompositeRule = CompositeRule()
    published: PublishedFigures | None = None
    models: list[Model] = Field(default_factory=list)
    tables: list[TableBook] = Field(default_factory=lambda: [TableBook()])
    congruence: CongruenceRule | None = None
    disclosure: Disclosure = Disclosure()
    simulated: bool = False

    @property
    def specifications(self) -> list[Specification]:
        """The declared models as they are fitted: they carry the survey design that the study has."""
        return [model.specification(weighted=self.weights is not None) for model in self.models]

    def faults(self) -> Iterator[Fault]:
        """Yield sources that are missing or said twice, names that cannot serve, errors from nothing."""
        if bool(self.waves) == (self.panel is not None):
            what = "names no data" if self.panel is None else "names two kinds of data"
            yield Fault((), what, "either `waves` (survey exports) or `panel` (scores per organisation)")
        for number, wave in enumerate(self.waves):
            before = self.waves[:number]
            if (wave.file, wave.sheet) in [(other.file, other.sheet) for other in before]:
                what = f"{wave.file} is read more than once, so that its rows would count twice"
                yield Fault(("waves", number, "file"), what, "each file, or sheet of a file, once")
        for name in self.outcomes:
            if not NAME.fullmatch(name):
                allowed = "a letter, then letters, digits and _, such as revenue_growth"
                yield Fault(("outcomes", name), "is no name for an outcome", allowed)
        yield from self._model_faults()

    def _model_faults(self) -> Iterator[Fault]:
        """Yield models of one name, and errors from a design that there is not."""
        names = [model.name for model in self.models]
        for number, model in enumerate(self.models):
            if model.name in names[:number]:
                what = f"two models are called {model.name!r}"
                yield Fault(("models", number, "name"), what, "a name of its own for each model")
            for what, to_do in self._without_design(model.kinds):
                yield Fault(("models", number, "errors"), what, to_do)
        asked = self.congruence.errors if self.congruence is not None else None
        for what, to_do in self._without_design((asked,) if asked else ()):
            yield Fault(("congruence", "errors"), what, to_do)

    def _without_design(self, kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield what errors the study declares and has nothing for, and what to say instead."""
        if DESIGN in kinds and self.weights is None:
            yield (
                "the study has no weights whose design errors could come from",
                "`weights: ...`, or other errors",
            )
        if REPLICATES in kinds and (self.weights is None or self.weights.replicates is None):
            yield (
                "the study has no replicate weights that errors could come from",
                "`weights: {replicates: ...}`, or other errors",
            )


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study with the places it speaks of.

    Parameters
    ----------
    study
        The declaration.
    path
        The YAML file.
    data
        Folder that the files named in the study are looked up in; the study's own by default.
    problems
        Unknown keys, and faults of `APART`, that were set aside in `study`, so that a run finds what else is
        wrong before it refuses; empty in a study that can run.
    """

    study: Study
    path: Path
    data: Path
    problems: tuple[Problem, ...] = ()

    def locate(self, name: str) -> Path:
        """Return the path of a file that the study names."""
        return self.data / name

    def problem(
        self, keys: Keys, what: str, *, value: str = "", allowed: str = "", to_do: str = ""
    ) -> Problem:
        """Return a problem at a place of the study file, with its line."""
        row = line_of(load_yaml(self.path, self.path.name), keys)
        return Problem(what, self.path.name, row, key_path(keys), value, allowed, to_do)

    @property
    def instrument_source(self) -> str | Path:
        """Return what to hand to `survey.instrument.read_instrument`."""
        name = self.study.instrument
        return self.path.parent / name if name.endswith((".yaml", ".yml")) else name


def read_study(path: Path, *, data: Path | None = None) -> StudyFile:
    """Read a study file.

    Parameters
    ----------
    path
        The YAML file.
    data
        Folder of the data files, if they do not lie beside the study.

    Raises
    ------
    InputError
        If the file is missing or does not fit; every problem with its line and key. A file that would fit
        but for unknown keys and faults of `APART` is returned with these as `StudyFile.problems`.
    """
    study, problems = read_as_meant(path, Study, apart=APART)
    if study is None:
        raise InputError(problems)
    return StudyFile(study, path, data or path.parent, tuple(problems))
