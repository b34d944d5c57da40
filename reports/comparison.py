"""A company beside a benchmark pack: everything that the page to compare may say."""

from dataclasses import dataclass

import pandas as pd

from reports.pack import Pack


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One company scored by the key of a pack and set beside its norms.

    Parameters
    ----------
    company
        What it is called; "" where nobody said.
    pack
        The pack.
    people
        Respondents whose answers count, by function.
    dropped
        Rows that were left out, by reason.
    index
        ``alignment, alignment_se, conf_low, conf_high, stage, shrunk, shrunk_low, shrunk_high,
        percentile, percentile_low, percentile_high, best_probability`` and, with functions, ``gap, gap_se``.
    constructs
        In the order of the questionnaire: ``variable, label, estimate, std_error, conf_low, conf_high, percentile,
        median, median_low, median_high, best, best_low, best_high, distance`` (less best),
        ``distance_low, distance_high``, with functions ``gap, gap_low, gap_high, gap_usual_low, gap_usual_high``
        (middle half of the companies).
    views
        ``variable, label, function, estimate, conf_low, conf_high, n`` of functions with enough people.
    groups
        ``key, value, n, median, percentile`` of the index in each group of the pack.
    practices
        ``practice, label, estimate, mean, n, best``, the furthest behind the mean first.
    priorities
        Up to three constructs that are behind the best in class: ``variable, label, estimate, distance,
        distance_low, distance_high, importance, importance_low, importance_high, step``.
    fuller
        ``people`` (of each function) and ``reach`` (half the interval of the index, points), from now on upwards.
    language
        Code such as "en" or "de-AT"; labels are in it where the questionnaire has it.
    """

    company: str
    pack: Pack
    people: dict[str, int]
    dropped: dict[str, int]
    index: "pd.Series[float]"
    constructs: pd.DataFrame
    views: pd.DataFrame
    groups: pd.DataFrame
    practices: pd.DataFrame
    priorities: pd.DataFrame
    fuller: pd.DataFrame
    language: str = "en"
