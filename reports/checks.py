"""Checks that a report cites beside its results: one source for both sides, who is missing, two profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class SameSource:
    """What asking one person for both sides may add; a frame that could not be computed is empty.

    Parameters
    ----------
    crossed
        Outcomes that people reported, on their own function's index and on the other's, per 10 points, all waves
        (`analysis.infer.same_source.cross_informant`).
    marker
        Correlations of the index with these outcomes less what a marker shares with all, per function, latest
        wave (`analysis.infer.marker_variable.marker_adjusted`).
    method
        Factor models without and with a method factor, latest wave (`analysis.measure.method_factor`).
    harman
        Harman's share with its warning, per function, latest wave.
    why
        Why a frame is empty, by its name.
    """

    crossed: pd.DataFrame = field(default_factory=pd.DataFrame)
    marker: pd.DataFrame = field(default_factory=pd.DataFrame)
    method: pd.DataFrame = field(default_factory=pd.DataFrame)
    harman: pd.DataFrame = field(default_factory=pd.DataFrame)
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class WhoIsMissing:
    """Whether those who did not answer would have answered otherwise, as far as it can be known.

    Parameters
    ----------
    late
        The last to answer against the first: the index in every wave, constructs in the latest
        (`analysis.infer.nonresponse.early_late`).
    silent
        Companies in which one function was silent against those in which both answered, latest wave.
    register, tests
        Companies of the register that answered in the latest wave against those that did not, fact by fact.
    margin, margin_declared
        Points that would not matter, and whether the study declares them; else they are the default.
    why
        Why a frame is empty, by its name.
    """

    late: pd.DataFrame = field(default_factory=pd.DataFrame)
    silent: pd.DataFrame = field(default_factory=pd.DataFrame)
    register: pd.DataFrame = field(default_factory=pd.DataFrame)
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    margin: float = float("nan")
    margin_declared: bool = False
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class TwoProfiles:
    """How differently the two functions of a company see it, and whether one number may stand for both.

    Parameters
    ----------
    companies
        Every company's measures with intervals, all waves; confidential
        (`analysis.measure.between_functions.between_functions`).
    measures
        What is usual over the companies of the latest wave, measure by measure.
    differences
        Reliability of the difference of the functions, per construct, latest wave.
    pooling
        May one number stand for both functions, per construct, latest wave, with reasons.
    why
        Why all of them are empty.
    """

    companies: pd.DataFrame = field(default_factory=pd.DataFrame)
    measures: pd.DataFrame = field(default_factory=pd.DataFrame)
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)
    pooling: pd.DataFrame = field(default_factory=pd.DataFrame)
    why: str = ""
