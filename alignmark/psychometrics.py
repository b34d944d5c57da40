"""The measurement that is published: reliability, items, factors, agreement, before it passes the gate."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from alignmark.measuring import Measured
from alignmark.study import Study
from analysis.measure.agreement import scale_of
from analysis.measure.agreement_significance import agreement_significance
from analysis.measure.agreement_summary import (
    agreement_curve,
    negative_counts,
    significant_share,
    typical_indices,
)
from analysis.measure.confirmatory import Confirmed, confirm
from analysis.measure.discriminant import discriminant_validity
from analysis.measure.general_factor import index_reliability
from analysis.measure.item_analysis import answer_distribution, answer_points, item_statistics, of_all
from analysis.measure.ordinal_reliability import ordinal_reliability
from reports.measurement import Measurement
from survey.responses import Responses

DRAWS = 1_000
"""Groups of answers at random for each construct and number of informants, and sets of unrelated answers for
parallel analysis; enough for a test at 5%."""

GROUP = ["construct", "wave", "function"]


def published_measurement(
    responses: Responses | None, measured: Measured, study: Study, *, wave: int
) -> Measurement:
    """Compute what the report shows of the measurement.

    Parameters
    ----------
    responses
        Clean answers; without them there is nothing to show.
    measured
        What is known of their measurement already.
    study
        Its null distribution and seed.
    wave
        The wave that levels refer to.
    """
    if responses is None:
        return Measurement()
    constructs = [name for name in responses.instrument.alignment_constructs if responses.items_of(name)]
    frame = responses.frame
    now = replace(responses, frame=frame[frame["wave"] == wave])
    rng = np.random.default_rng(study.seed)
    points = answer_points(of(answer_distribution(now), constructs))
    tables = {
        "reliability": _reliability(responses, measured, constructs),
        "index": index_reliability(responses),
        "validity": _pairs(discriminant_validity(now), constructs),
        "items": of(item_statistics(now), constructs),
        "distribution": points,
        "answers": of_all(points),
        **_factors(now, constructs, wave=wave, rng=rng),
        **_of_agreement(now, of(measured.agreement, constructs), study, rng=rng),
    }
    rule = study.aggregation
    return Measurement(**tables, agreement_cut=rule.rwg_j, agreement_null=rule.null)


def of(table: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    """Return the rows of these constructs."""
    return table[table["construct"].isin(constructs)].reset_index(drop=True)


def _reliability(responses: Responses, measured: Measured, constructs: Sequence[str]) -> pd.DataFrame:
    ordinal = ordinal_reliability(responses, constructs)
    return of(measured.reliability, constructs).merge(
        ordinal, on=["construct", "function", "wave"], how="left"
    )


def _pairs(table: pd.DataFrame, constructs: Sequence[str]) -> pd.DataFrame:
    inside = table["construct_a"].isin(constructs) & table["construct_b"].isin(constructs)
    return table[inside].reset_index(drop=True)


def _factors(
    now: Responses, constructs: Sequence[str], *, wave: int, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    confirmed = confirm(now, constructs, wave=wave, rng=rng)
    return {name: getattr(confirmed, name) for name in Confirmed.__slots__}


def _of_agreement(
    now: Responses, agreed: pd.DataFrame, study: Study, *, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return the curve of agreement and how many companies agree more than chance, under the study's null."""
    table = agreed[agreed["wave"].isin(now.frame["wave"])]
    tested = agreement_significance(now, table, rng=rng, shape=study.aggregation.null, draws=DRAWS)
    return {
        "curve": agreement_curve(table),
        "chance": significant_share(tested).drop(columns="significant"),
        "indices": _indices(now, table),
    }


def _indices(now: Responses, table: pd.DataFrame) -> pd.DataFrame:
    """Return the medians of every index."""
    scales = {name: scale_of(now, name) for name in table["construct"].unique()}
    limits = {name: (scale.max - scale.min + 1) / 6 for name, scale in scales.items()}
    found, medians = typical_indices(table, limits), negative_counts(table)
    for null, name in (("uniform", "rwg_j"), ("slight_skew", "rwg_j_slight_skew")):
        own = medians.loc[medians["null"] == null, [*GROUP, "median"]].rename(columns={"median": name})
        found = found.merge(own, on=GROUP, how="left")
    return found
