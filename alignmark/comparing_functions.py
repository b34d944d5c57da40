"""Sales and marketing of each company as two profiles, and whether one number may stand for both."""

import numpy as np
import pandas as pd

from alignmark.checking_sources import NOBODY, ONE_FUNCTION
from alignmark.measuring import Measured
from alignmark.study import Study
from analysis.measure.aggregation import may_pool
from analysis.measure.between_functions import between_functions
from analysis.measure.difference_reliability import GAP, difference_reliability, told_reliability
from analysis.measure.profile_summary import profile_summary
from reports.checks import TwoProfiles
from survey.language import look_up, say
from survey.responses import FUNCTIONS

DRAWS = 1_000_000
"""Companies times resamples, at most; no company has fewer than `FEWEST` or more than `MOST` resamples."""

FEWEST, MOST = 200, 1000

PROFILES = (
    *("company", "wave", "measure", "estimate", "corrected", "conf_low", "conf_high"),
    *("n_sales", "n_marketing", "note"),
)
"""Columns of a company's profiles."""


def two_profiles(measured: Measured, study: Study, *, wave: int) -> TwoProfiles:
    """Compare the functions' profiles company by company, and judge what their gap allows.

    Parameters
    ----------
    measured
        Scores of respondents, and the verdicts within each function.
    study
        The rule on aggregation, and the seed from which respondents are drawn anew.
    wave
        The wave that is summarised.
    """
    scores = measured.scores
    if scores.empty or set(scores["function"]) != set(FUNCTIONS):
        return TwoProfiles(why=look_up(NOBODY) if scores.empty else look_up(ONE_FUNCTION))
    constructs = [name for name in measured.panel.instrument.alignment_constructs if name in scores]
    rng = np.random.default_rng(study.seed)
    resamples = int(np.clip(DRAWS // len(scores[["company", "wave"]].drop_duplicates()), FEWEST, MOST))
    companies = between_functions(scores, constructs, rng=rng, resamples=resamples)
    now = scores[scores["wave"] == wave]
    differences = difference_reliability(now, constructs, rng=rng, resamples=resamples)
    pooling = may_pool(
        measured.aggregation, differences[differences["construct"] != GAP], rule=study.aggregation
    )
    return TwoProfiles(
        companies=_told(companies, measured),
        measures=profile_summary(companies[companies["wave"] == wave]),
        differences=told_reliability(differences),
        pooling=pooling,
    )


def _told(companies: pd.DataFrame, measured: Measured) -> pd.DataFrame:
    """Name the columns for sales and marketing, and warn of constructs that they do not read alike."""
    named = companies.rename(columns={"n_first": "n_sales", "n_second": "n_marketing"})
    verdicts = measured.invariance.verdicts if measured.invariance is not None else pd.DataFrame()
    if verdicts.empty:
        return named
    scalar = verdicts[(verdicts["level"] == "scalar") & (verdicts["comparison"] == "function")]
    failing = list(scalar.loc[scalar["verdict"] == "fails", "construct"])
    if not failing:
        return named
    warned = say("includes {failing}, which the functions do not read alike", failing=", ".join(failing))
    return named.assign(note=named["note"].where(named["note"] == "", named["note"] + "; ") + warned)
