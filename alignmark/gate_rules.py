"""How each table of a run passes the gate: what its bases are, and which tables have nothing to blank."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from analysis.benchmark.disclosure import BOTH_SIDES, SEVERAL, WAVES
from survey.language import mark

TOO_FEW = mark("too few companies to show")


@dataclass(frozen=True, slots=True)
class Passage:
    """How a table passes.

    Parameters
    ----------
    count
        Its bases; ``companies`` counts as well where there is one.
    times
        So many times the minimum it needs.
    words
        Columns of words that hold the numbers, and what stands there instead.
    respondents
        Count of the respondents of a function, where cells are of functions.
    keep
        Float columns that name a cell, besides `KEYS`.
    bases
        Columns that stand for fewer companies than the rest, and the counts of these.
    levels
        Whether its numbers are levels, differences and shares, which a study may have rounded.
    """

    count: tuple[str, ...] = ("n",)
    times: int = 1
    words: Mapping[str, str] = field(default_factory=dict)
    respondents: str = ""
    bases: Mapping[str, str] = field(default_factory=dict)
    levels: bool = False
    keep: tuple[str, ...] = ()


LEVELS = Passage(levels=True)
PERCENTILES = Passage(times=SEVERAL, levels=True)
OF_COMPANIES = Passage(("companies",))
MEASURED = Passage(("companies",), respondents="n")
VERDICT = Passage(words={"reasons": mark("Too few companies to show.")})

PASSAGES: dict[str, Passage] = {
    **dict.fromkeys(("composition", "bins"), Passage()),
    **dict.fromkeys(
        ("index_by_wave", "stages", "adequacy", "functions", "gaps", "class_means", "class_gaps", "targets"),
        LEVELS,
    ),
    **dict.fromkeys(("practices", "changes", "ladder"), LEVELS),
    **dict.fromkeys(("norms", "norms_by_wave"), PERCENTILES),
    "selection": Passage(("n_a", "n_b"), levels=True),
    "checks": Passage(("companies",), words={"level": "", "reason": TOO_FEW}),
    "aggregation": replace(VERDICT, times=BOTH_SIDES),
    **{
        f"measurement.{name}": MEASURED
        for name in ("reliability", "index", "validity", "items", "fit", "loadings", "misfits")
    },
    **{f"measurement.{name}": OF_COMPANIES for name in ("distribution", "answers", "eigenvalues")},
    "measurement.chance": Passage(),
    "measurement.indices": Passage(times=BOTH_SIDES, bases={"awg": "n_awg"}),
    "measurement.curve": Passage(("companies",), times=SEVERAL, keep=("rwg_j",)),
    **dict.fromkeys(("same_source.crossed", "same_source.marker", "same_source.harman"), Passage()),
    "same_source.method": OF_COMPANIES,
    "missing.late": Passage(("n_early", "n_late"), words={"verdict": ""}, levels=True),
    "missing.silent": Passage(("n_alone", "n_both"), levels=True),
    "missing.register": Passage(levels=True),
    "missing.tests": Passage(),
    **dict.fromkeys(
        (
            "norm_means",
            "norm_changes",
            "profile",
            "practice_gaps",
            "areas",
            "class_trend",
            "cuts",
            "held_out",
        ),
        LEVELS,
    ),
    "norm_percentiles": PERCENTILES,
    "pack": Passage(),
    "world_practices": LEVELS,
    "profiles.measures": replace(PERCENTILES, bases={"corrected": "with_interval", "clear": "with_interval"}),
    "profiles.differences": Passage(),
    "profiles.pooling": VERDICT,
}
"""Tables of estimates, by the name that `Evidence` has for them."""

BENCHMARKS = (
    *("norm_means", "norm_percentiles", "norm_changes", "profile", "practice_gaps", "areas", "class_trend"),
    *("cuts", "held_out", "world_practices"),
)
"""Tables that `reports.benchmarks.Benchmarks` is made of."""

PACK = "pack"
"""What the pack would publish: it passes with the tables of the report, and stands in no report."""

BOOK = "book-"
"""What the name of a book of crosstabs begins with: its columns pass with the tables, and count as its own."""

COUNTS = (
    *(
        "accounting",
        "reasons",
        "set_aside",
        "sample",
        "coverage",
        "flagged",
        "dominated",
        "ledger",
        "choices",
    ),
    *("invariance", "importance", "confounding", "corrections", "flattened", "line", "withheld"),
)
"""Tables of counts and of models of all companies: of no cell that a rule could blank."""

OWN = ("agreement", "icc", "reliability", "positions", "verdicts", "profiles.companies")
"""Tables of single companies and what others are made of: for the study's own files, in no report."""

PARTS = ("measurement", "same_source", "missing", "profiles")
"""Fields of `Evidence` that hold tables of their own."""

KEYS = (*WAVES, "answer", "cut", "margin", "place")
"""Float columns that name a cell of one of these tables."""

BOUNDED = (
    *("mean", "mean_a", "mean_b", "p10", "p25", "median", "p75", "p90"),
    *("observed_gap", "selection_gap", "excess", "sales_lower", "trend"),
)
"""Levels, differences and shares whose interval ends in columns of their own name."""

ROUNDED = (
    *("estimate", "conf_low", "conf_high", "mean_from", "mean_to", "sd"),
    *("early", "late", "alone", "both", "answered", "silent"),
    *(f"{name}{end}" for name in BOUNDED for end in ("", "_low", "_high")),
)
"""Levels, differences and shares."""

FAMILIES: dict[str, tuple[tuple[str, ...], str]] = {
    "gaps": ((), ""),
    "class_gaps": (("basis",), "circular"),
    "practice_gaps": (("contrast",), "circular"),
}
"""Tables of comparisons: keys of the families in which p values are adjusted, and which rows are none."""
