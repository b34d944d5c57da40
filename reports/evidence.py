"""Evidence: everything a report may cite, computed before a word is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from analysis.benchmark.classes import Classes
from analysis.benchmark.release_ledger import ReleaseLedger
from analysis.explain.regression import Fit
from analysis.explain.response_surface import Surface
from analysis.measure.panel import Panel
from reports.benchmarks import BenchmarkTables
from reports.checks import SameSource, TwoProfiles, WhoIsMissing
from reports.crosstab_book import Book
from reports.measurement import Measurement
from reports.pack import Benchmarks
from survey.weighted import Weighted


@dataclass(frozen=True, slots=True)
class Facts:
    """What the study says of itself.

    Parameters
    ----------
    title, subtitle, population, fieldwork, sponsor, limits, language
        As declared in the study.
    waves, latest
        Years with data, and the one that the levels in the report refer to.
    adequate_cut
        Index points (0-100) from which a company counts as adequately aligned.
    practice_cut
        Score from which a rated practice counts as in place.
    index_supplied
        True where the index comes with the data and is not the mean of the constructs.
    minimum_companies
        Smallest number of companies that a published cell may stand for.
    disclosed
        What the study states of how it was done, by key: `alignmark.study_rules.DISCLOSED` and `REPORTED`.
    simulated
        True where the data are invented, which every page then says.
    terms
        What one may do with figures that are handed out.
    """

    title: str
    subtitle: str
    population: str
    fieldwork: str
    sponsor: str
    limits: tuple[str, ...]
    language: str
    waves: tuple[int, ...]
    latest: int
    adequate_cut: float
    practice_cut: float
    index_supplied: bool
    minimum_companies: int
    seed: int
    simulated: bool
    disclosed: Mapping[str, str] = field(default_factory=dict)
    terms: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All results of one run; a frame that could not be computed is empty, and the panel says why.

    Frames carry estimate, conf_low, conf_high and n, and the keys named here.

    Parameters
    ----------
    facts, panel, definitions, cleaning, not_asked
        The study's own words, the company panel, how each outcome is defined, the rules of cleaning in
        their order, and which questions a wave did not ask, in words.
    accounting, reasons, set_aside
        Rows in, kept and dropped per file; dropped rows and changed values per rule; columns with personal
        data (file, column, kind, n cells), which no output shows.
    sample, composition, coverage, choices
        Who answered per wave; companies per segment; who has which outcome; what informants chose at the questions
        of the headlines (`analysis.measure.sample.choices_by_wave`).
    index_by_wave, stages, adequacy
        Index per wave; relationship stages; shares adequately aligned under several definitions.
    functions, gaps
        Levels per construct and function; marketing minus sales per construct.
    reliability, agreement, icc, checks
        Alpha; rwg(j) and AD per company; ICC(1) and ICC(2); each construct against the field's cut-offs.
    classes
        Company classes, by what they were selected on: "outcomes", "practices".
    class_means, class_gaps, selection, targets, practices
        Means per class; differences between classes; outcome gaps beside those of selection alone;
        share of a class that calls alignment a target; share of a class with each practice in place.
    fits, bins, line, importance, confounding
        Growth models; binned growth; fitted line with its band; slope per construct; how strong a
        confounder must be, and the slope within companies beside the pooled one.
    corrections, surfaces, flattened
        The main slope as measured and as corrected for few informants; response surfaces of the outcome over both
        functions' scores, the main one first; how much sampling error flattens that one.
    changes, norms, norms_by_wave, positions
        Wave to wave; percentiles within each wave, and those of the index on what all waves have in common;
        every company's place among its peers.
    benchmarks
        Norms by peer group, classes from all sides, how far companies can be told apart.
    aggregation, verdicts
        Whether answers may stand for companies: per construct, wave and function; per company and wave.
    measurement
        Reliability, items, factors and agreement as they are published.
    flagged, dominated, ladder
        Respondents flagged as careless, per index; waves of which one company gave most responses, and its
        share (0-1); every headline under a ladder of exclusion rules.
    books
        Crosstabs of the answers, small cells blanked.
    weights
        Weights of the companies, and how they came about; None where each counts the same.
    ledger, left_out
        How comparable each question of each wave is (`survey.ledger.COLUMNS`); the statements and
        other questions that comparisons of all waves leave out. `changes` has what each leaves out.
    not_compared
        Groups of which `invariance` does not say whether they understand a construct alike, and why.
    disclosure, withheld, release
        The rules of disclosure in words; how many cells of which table were withheld by which rule; what this release
        and earlier ones have published, of whom.
    pack
        What a company needs to be scored against the study; None where there can be none.
    no_pack
        Why there is no pack; "" where there is one.
    same_source, missing, profiles
        What one source for both sides may add; who did not answer; the functions' profiles compared.
    """

    facts: Facts
    panel: Panel
    definitions: tuple[str, ...]
    cleaning: tuple[str, ...]
    not_asked: tuple[str, ...]
    accounting: pd.DataFrame
    reasons: pd.DataFrame
    set_aside: pd.DataFrame
    sample: pd.DataFrame
    composition: pd.DataFrame
    coverage: pd.DataFrame
    index_by_wave: pd.DataFrame
    stages: pd.DataFrame
    adequacy: pd.DataFrame
    functions: pd.DataFrame
    gaps: pd.DataFrame
    reliability: pd.DataFrame
    agreement: pd.DataFrame
    icc: pd.DataFrame
    checks: pd.DataFrame
    classes: dict[str, Classes]
    class_means: pd.DataFrame
    class_gaps: pd.DataFrame
    selection: pd.DataFrame
    targets: pd.DataFrame
    practices: pd.DataFrame
    fits: tuple[Fit, ...]
    bins: pd.DataFrame
    line: pd.DataFrame
    importance: pd.DataFrame
    confounding: pd.DataFrame
    changes: pd.DataFrame
    norms: pd.DataFrame
    norms_by_wave: pd.DataFrame
    positions: pd.DataFrame
    aggregation: pd.DataFrame
    verdicts: pd.DataFrame
    invariance: pd.DataFrame
    measurement: Measurement
    flagged: pd.DataFrame
    dominated: pd.DataFrame
    ladder: pd.DataFrame
    ledger: pd.DataFrame
    left_out: tuple[str, ...]
    not_compared: tuple[str, ...]
    same_source: SameSource
    missing: WhoIsMissing
    profiles: TwoProfiles
    weights: Weighted | None = None
    books: tuple[Book, ...] = ()
    corrections: pd.DataFrame = field(default_factory=pd.DataFrame)
    surfaces: tuple[Surface, ...] = ()
    flattened: pd.DataFrame = field(default_factory=pd.DataFrame)
    choices: pd.DataFrame = field(default_factory=pd.DataFrame)
    disclosure: tuple[str, ...] = ()
    withheld: pd.DataFrame = field(default_factory=pd.DataFrame)
    release: ReleaseLedger = field(default_factory=ReleaseLedger)
    benchmarks: BenchmarkTables = field(default_factory=BenchmarkTables)
    pack: Benchmarks | None = None
    no_pack: str = ""

    def summary(self) -> str:
        """Say what there is: the panel, the models, the classes."""
        models = "\n".join(fit.summary() for fit in self.fits)
        classes = "\n".join(f"Classes {found.label}" for found in self.classes.values())
        return "\n".join(filter(None, (self.panel.summary(), classes, models)))

    __repr__ = summary

    def _repr_html_(self) -> str:
        more = [
            *(f"Classes {found.label}" for found in self.classes.values()),
            *(f.summary() for f in self.fits),
        ]
        return self.panel._repr_html_() + "".join(f"<p>{escape(line)}</p>" for line in more)
