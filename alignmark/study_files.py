"""Files that a study names: exports of the answers and the tables beside them."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from alignmark.checked import Checked
from survey.declaration import Declared, Fault, suggest
from survey.instrument import Better
from survey.job_titles import Function
from survey.rescaling import WaveScale

Platform = Literal["auto", "qualtrics", "surveymonkey", "google_forms", "limesurvey", "kobo", "spss", "stata", "spreadsheet"]  # noqa: E501 # fmt: skip


Code = Annotated[str, Field(coerce_numbers_to_str=True)]
"""A code as a file writes it, or the year it stands for, whether YAML reads it as a number or not."""


class WaveFile(Checked):
    """One export: its wave is stated, or a column of the file maps to ``wave``.

    What is not stated about the file is found out. `questionnaire` is the platform's own file beside the
    export (.qsf, .lss, XLSForm), `map` a column map as `alignmark match` writes it, which `columns`
    overrules; `scales` and `codes` are those of `survey.matching.MatchedExport`.
    """

    file: str = Field(min_length=1)
    wave: int | None = Field(default=None, ge=1900, le=2100)
    platform: Platform = "auto"
    questionnaire: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    map: str | None = None
    unknown_columns: Literal["error", "ignore"] = "error"
    scales: dict[str, WaveScale] = Field(default_factory=dict)
    codes: dict[str, dict[Code, Code]] = Field(default_factory=dict)
    encoding: str = "auto"
    delimiter: str = "auto"
    decimal: Literal["auto", ".", ","] = "auto"
    header_rows: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"
    sheet: str | None = None

    def faults(self) -> Iterator[Fault]:
        """Yield whether the wave is said twice or not at all."""
        if (self.wave is None) == ("wave" not in self.columns) and self.map is None:
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
    better: Better | None = None
    """What is good, higher or lower values; as the questionnaire says where it asks for this outcome, else higher."""
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


class JobTitles(Declared):
    """Which job titles and departments are sales, marketing or other, in files that do not ask it.

    `titles` decide first; `file` is a table that takes the place of the one that ships.
    """

    file: str | None = None
    titles: dict[str, Function] = Field(default_factory=dict)
