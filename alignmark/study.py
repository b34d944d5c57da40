"""Study: everything a run depends on, declared in one YAML file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from reports.wording import WORDS
from survey.declaration import (
    Declared,
    Fault,
    InconsistencyError,
    key_path,
    line_of,
    load_yaml,
    read_as_meant,
    suggest,
)
from survey.problems import InputError, Problem

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""What an outcome may be called: it names columns, tables and files."""

SLACK = 1e-9
"""Shares that add up to 1 but for floating point do."""

Platform = Literal["auto", "qualtrics", "surveymonkey", "google_forms", "limesurvey", "kobo", "spss", "stata", "spreadsheet"]  # noqa: E501 # fmt: skip

Keys = list[int | str]
"""The way to a place in the study file: ``["waves", 0, "file"]``."""


class Checked(Declared):
    """Base of declarations whose keys can contradict one another: every fault is told at its key."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = list(self.faults())
        if faults:
            raise InconsistencyError(faults)
        return self

    def faults(self) -> Iterator[Fault]:
        """Yield what contradicts itself."""
        yield from ()


class WaveFile(Checked):
    """One export: its wave is stated, or a column of the file maps to ``wave``."""

    file: str = Field(min_length=1)
    wave: int | None = Field(default=None, ge=1900, le=2100)
    platform: Platform = "auto"
    columns: dict[str, str] = Field(default_factory=dict)
    unknown_columns: Literal["error", "ignore"] = "error"
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | None = None

    def faults(self) -> Iterator[Fault]:
        """Yield whether the wave is said twice or not at all."""
        if (self.wave is None) == ("wave" not in self.columns):
            what = "has no wave" if self.wave is None else "has two waves, one of them a column"
            yield Fault((), what, "either `wave: 2025` or `columns: {wave: <column with the year>}`")


class TableFile(Checked):
    """A table beside the answers: `columns` maps standard names to headings of the file."""

    file: str = Field(min_length=1)
    columns: dict[str, str]
    needed: ClassVar[tuple[str, ...]] = ("company",)

    def faults(self) -> Iterator[Fault]:
        """Yield the columns without which the table is of no use."""
        for name in self.needed:
            if name not in self.columns:
                what = f"does not say which column of {self.file} holds the {name}"
                yield Fault(("columns",), what, f"`{name}: <heading in the file>`")


class OrganisationPanel(TableFile):
    """Scores per organisation and wave, for studies without respondent data."""

    exclude: dict[str, str] = Field(default_factory=dict)
    """Rows that are no organisation, by company id, each with its reason."""
    needed = ("company", "wave")


class Firmographics(TableFile):
    """Facts of a company and wave, such as industry, size, region; `log` adds natural logarithms."""

    log: dict[str, str] = Field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """Yield logarithms of what is no column."""
        yield from super().faults()
        for name, source in self.log.items():
            if source not in self.columns:
                what = f"is the logarithm of {source!r}, which is not among the columns"
                yield Fault(("log", name), what, suggest(source, self.columns))


class OutcomeRecords(TableFile):
    """One outcome from records: growth computed from yearly levels, or values as given.

    Columns are ``company``, ``year``, ``value`` and, for growth, ``currency``. A value is joined to
    the wave whose year it begins in; `lead` shifts that by so many years.
    """

    growth: Literal["annual", "compound", "log", "given"] = "annual"
    years: int = Field(default=1, ge=1)
    lead: int = 0
    multiply: float = 1.0
    winsorise: tuple[float, float] | None = None
    needed = ("company", "year", "value")

    def faults(self) -> Iterator[Fault]:
        """Yield columns that are not part of a record, and definitions that make no sense."""
        yield from super().faults()
        known = (*self.needed, "currency")
        for name in self.columns:
            if name not in known:
                yield Fault(("columns", name), f"{name!r} is not part of a record", suggest(name, known))
        if self.years > 1 and self.growth in ("annual", "given"):
            what = f"{self.growth} growth is not computed over {self.years} years"
            yield Fault(("years",), what, "1, or `growth: compound` or `growth: log`")
        if self.winsorise is not None and not 0 <= self.winsorise[0] < self.winsorise[1] <= 1:
            low, high = self.winsorise
            what = f"values cannot be winsorised at {low:g} and {high:g}"
            yield Fault(("winsorise",), what, "two shares, the smaller first, such as [0.01, 0.99]")


class CleaningRules(Declared):
    """What happens to rows and answers that do not fit; see `survey.cleaning.Rules`."""

    outside_scale: Literal["error", "missing"] = "error"
    unknown_company: Literal["error", "drop"] = "error"
    unknown_function: Literal["error", "drop"] = "error"
    failed_attention: Literal["drop", "keep"] = "drop"
    duplicates: Literal["first", "last", "most_complete"] = "most_complete"
    minimum_answered: float = Field(default=0.5, ge=0, le=1)
    exclude_companies: dict[str, str] = Field(default_factory=dict)


class OutcomeClassRule(Checked):
    """Aberdeen-style classes: the mean standardised outcome, cut at the best and the last share."""

    outcomes: list[str] = Field(min_length=1)
    best: float = Field(default=0.2, gt=0, lt=1)
    laggard: float = Field(default=0.3, gt=0, lt=1)
    minimum_outcomes: int | None = Field(default=None, ge=1)
    """Outcomes a company must have; all of them if not said."""

    def faults(self) -> Iterator[Fault]:
        """Yield shares that overlap, and counts that cannot be reached."""
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


class Model(Declared):
    """One declared growth model; the regressor is the index unless said otherwise."""

    name: str = Field(min_length=1)
    outcome: str
    regressor: str = "alignment"
    controls: list[str] = Field(default_factory=list)
    effects: list[str] = Field(default_factory=list)
    errors: Literal["HC3", "cluster"] = "cluster"
    within: bool = False
    corrected: bool = False


class AlignmentRule(Declared):
    """Scoring: answered share a construct needs, share of constructs the index needs, and the adequate cut.

    The cut is the index points (0-100) from which a company counts as adequately aligned.
    """

    minimum_answered: float = Field(default=0.5, gt=0, le=1)
    minimum_constructs: float = Field(default=1.0, gt=0, le=1)
    adequate: float = Field(default=50, ge=0, le=100)


class ReportRule(Checked):
    """What the report is called and says of the study; `limits` are sentences of the researcher."""

    title: str
    subtitle: str = ""
    language: str = "en"
    population: str = ""
    fieldwork: str = ""
    sponsor: str = ""
    limits: list[str] = Field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """Yield an empty title, and a language without fixed words."""
        if not self.title.strip():
            yield Fault(("title",), "is empty", "what stands on the first page")
        if self.language.replace("_", "-").split("-")[0].lower() not in WORDS:
            what = f"there are no reports in {self.language!r}"
            yield Fault(("language",), what, suggest(self.language, WORDS))


class Disclosure(Declared):
    """The smallest number of companies a published cell may stand for."""

    minimum_companies: int = Field(default=5, ge=1)


class Study(Checked):
    """A whole study; see the README for a commented example."""

    study: str = Field(min_length=1)
    instrument: str = Field(min_length=1)
    seed: int = Field(ge=0)
    report: ReportRule
    waves: list[WaveFile] = Field(default_factory=list)
    panel: OrganisationPanel | None = None
    register_of_companies: TableFile | None = Field(default=None, alias="register")
    firmographics: Firmographics | None = None
    outcomes: dict[str, OutcomeRecords] = Field(default_factory=dict)
    cleaning: CleaningRules = CleaningRules()
    alignment: AlignmentRule = AlignmentRule()
    classes: ClassRules = ClassRules()
    models: list[Model] = Field(default_factory=list)
    disclosure: Disclosure = Disclosure()
    simulated: bool = False

    def faults(self) -> Iterator[Fault]:
        """Yield sources that are missing or said twice, and names that cannot serve."""
        if bool(self.waves) == (self.panel is not None):
            what = "names no data" if self.panel is None else "names two kinds of data"
            yield Fault((), what, "either `waves` (survey exports) or `panel` (scores per organisation)")
        for number, wave in enumerate(self.waves):
            before = self.waves[:number]
            if wave.wave is not None and wave.wave in [other.wave for other in before]:
                what = f"{wave.wave} is the year of another file already"
                yield Fault(("waves", number, "wave"), what, "one file a wave; put its responses into one")
            if (wave.file, wave.sheet) in [(other.file, other.sheet) for other in before]:
                what = f"{wave.file} is read more than once, so that its rows would count twice"
                yield Fault(("waves", number, "file"), what, "each file, or sheet of a file, once")
        for name in self.outcomes:
            if not NAME.fullmatch(name):
                allowed = "a letter, then letters, digits and _, such as revenue_growth"
                yield Fault(("outcomes", name), "is no name for an outcome", allowed)
        names = [model.name for model in self.models]
        for number in range(len(names)):
            if names[number] in names[:number]:
                what = f"two models are called {names[number]!r}"
                yield Fault(("models", number, "name"), what, "a name of its own for each model")


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
        Unknown keys that were set aside in `study`, so that a run finds what else is wrong before it
        refuses; empty in a study that can run.
    """

    study: Study
    path: Path
    data: Path
    problems: tuple[Problem, ...] = ()

    def locate(self, name: str) -> Path:
        """Return the path of a file that the study names."""
        return self.data / name

    def problem(self, keys: Keys, what: str, *, value: str = "", allowed: str = "") -> Problem:
        """Return a problem at a place of the study file, with its line."""
        row = line_of(load_yaml(self.path, self.path.name), keys)
        return Problem(what, self.path.name, row, key_path(keys), value, allowed)

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
        but for unknown keys is returned with these as `StudyFile.problems`.
    """
    study, problems = read_as_meant(path, Study)
    if study is None:
        raise InputError(problems)
    return StudyFile(study, path, data or path.parent, tuple(problems))


def _repeated(names: list[str], key: str) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Fault((key, number), f"{name!r} is listed twice", "each once")
