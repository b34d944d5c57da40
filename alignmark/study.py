"""Study: everything a run depends on, declared in one YAML file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from survey.declaration import Declared, read_declaration

Share = Field(gt=0, lt=1)


class WaveFile(Declared):
    """One export: its wave is stated, or a column of the file maps to ``wave``."""

    file: str
    wave: int | None = None
    platform: Literal["auto", "qualtrics", "surveymonkey", "spreadsheet"] = "auto"
    columns: dict[str, str] = Field(default_factory=dict)
    unknown_columns: Literal["error", "ignore"] = "error"
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | None = None

    @model_validator(mode="after")
    def _has_a_wave(self) -> Self:
        if (self.wave is None) == ("wave" not in self.columns):
            raise ValueError("say either `wave: 2025` or `columns: {wave: <column with the year>}`")
        return self


class TableFile(Declared):
    """A table beside the answers: `columns` maps standard names to headings of the file."""

    file: str
    columns: dict[str, str]


class OrganisationPanel(TableFile):
    """Scores per organisation and wave, for studies without respondent data."""

    exclude: dict[str, str] = Field(default_factory=dict)
    """Rows that are no organisation, by company id, each with its reason."""


class Firmographics(TableFile):
    """Facts of a company and wave, such as industry, size, region; `log` adds natural logarithms."""

    log: dict[str, str] = Field(default_factory=dict)


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


class CleaningRules(Declared):
    """What happens to rows and answers that do not fit; see `survey.cleaning.Rules`."""

    outside_scale: Literal["error", "missing"] = "error"
    unknown_company: Literal["error", "drop"] = "error"
    unknown_function: Literal["error", "drop"] = "error"
    failed_attention: Literal["drop", "keep"] = "drop"
    duplicates: Literal["first", "last", "most_complete"] = "most_complete"
    minimum_answered: float = Field(default=0.5, ge=0, le=1)
    exclude_companies: dict[str, str] = Field(default_factory=dict)


class OutcomeClassRule(Declared):
    """Aberdeen-style classes: the mean standardised outcome, cut at the best and the last share."""

    outcomes: list[str] = Field(min_length=1)
    best: float = Field(default=0.2, gt=0, lt=1)
    laggard: float = Field(default=0.3, gt=0, lt=1)
    minimum_outcomes: int | None = Field(default=None, ge=1)
    """Outcomes a company must have; all of them if not said."""


class PracticeClassRule(Declared):
    """World-class in the Miller Heiman manner: `cut` points or more on `share` of the practices."""

    practices: list[str] = Field(default_factory=list)
    cut: float = Field(default=75, ge=0, le=100)
    share: float = Field(default=0.9, gt=0, le=1)
    minimum_practices: int | None = Field(default=None, ge=1)
    """Practices a company must have answered; all of them if not said."""


class ClassRules(Declared):
    """Both ways to say who the best are; each is optional and they are never mixed."""

    on_outcomes: OutcomeClassRule | None = None
    on_practices: PracticeClassRule | None = None


class Model(Declared):
    """One declared growth model; the regressor is the index unless said otherwise."""

    name: str
    outcome: str
    regressor: str = "alignment"
    controls: list[str] = Field(default_factory=list)
    effects: list[str] = Field(default_factory=list)
    errors: Literal["HC3", "cluster"] = "cluster"
    within: bool = False
    corrected: bool = False


class AlignmentRule(Declared):
    """Shares of items a construct needs and of constructs the index needs; points (0-100) that are adequate."""

    minimum_answered: float = Field(default=0.5, gt=0, le=1)
    minimum_constructs: float = Field(default=1.0, gt=0, le=1)
    adequate: float = Field(default=50, ge=0, le=100)


class ReportRule(Declared):
    """What the report is called and says of the study; `limits` are sentences of the researcher."""

    title: str
    subtitle: str = ""
    language: str = "en"
    population: str = ""
    fieldwork: str = ""
    sponsor: str = ""
    limits: list[str] = Field(default_factory=list)


class Disclosure(Declared):
    """The smallest number of companies a published cell may stand for."""

    minimum_companies: int = Field(default=5, ge=1)


class Study(Declared):
    """A whole study; see the README for a commented example."""

    study: str
    instrument: str
    seed: int
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

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.waves) == (self.panel is not None):
            raise ValueError(
                "a study needs either `waves` (survey exports) or `panel` (scores per organisation)"
            )
        names = [model.name for model in self.models]
        if len(set(names)) < len(names):
            raise ValueError(f"two models share a name: {', '.join(names)}")
        return self


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
    """

    study: Study
    path: Path
    data: Path

    def locate(self, name: str) -> Path:
        """Return the path of a file that the study names."""
        return self.data / name

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
        If the file is missing or does not fit; every problem with its line and key.
    """
    return StudyFile(read_declaration(path, Study), path, data or path.parent)
