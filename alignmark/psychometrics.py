"""The measurement as it is published: reliability, items, factors, agreement, with small cells blanked."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from alignmark.measuring import Measured
from alignmark.study import Study
from analysis.benchmark.disclosure import WAVES, suppress
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

STRICTER = {"curve": 4}
"""A curve of few companies shows single ones, as percentiles do: it needs so many times the minimum."""

TOO_FEW = "too few companies to show"

GROUP = ["construct", "wave", "function"]

KEYS = (*WAVES, "answer", "rwg_j")
"""Float columns that name a cell of one of these tables."""


def published_measurement(
    responses: Responses | None, measured: Measured, study: Study, *, wave: int
) -> Measurement:
    """Compute what the report shows of the measurement, and blank what stands for too few companies.

    Parameters
    ----------
    responses
        Clean answers; without them there is nothing to show.
    measured
        What is known of their measurement already.
    study
        Its null distribution, seed and disclosure rule.
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
    rule, minimum = study.aggregation, study.disclosure.minimum_companies
    safe = {name: _safe(table, minimum * STRICTER.get(name, 1)) for name, table in tables.items()}
    return Measurement(**safe, agreement_cut=rule.rwg_j, agreement_null=rule.null)


def safe_checks(checks: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Return `measurement_checks` without the values, and their levels, that stand for too few companies."""
    if checks.empty:
        return checks
    safe = suppress(checks, minimum=minimum, count="companies")
    gone = safe["suppressed"] & checks["value"].notna()
    return safe.assign(level=safe["level"].mask(gone), reason=safe["reason"].mask(gone, TOO_FEW))


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
        "indices": _indices(now, table, minimum=study.disclosure.minimum_companies),
    }


def _indices(now: Responses, table: pd.DataFrame, *, minimum: int) -> pd.DataFrame:
    """Return the medians of every index; that of awg only where enough groups have it."""
    scales = {name: scale_of(now, name) for name in table["construct"].unique()}
    limits = {name: (scale.max - scale.min + 1) / 6 for name, scale in scales.items()}
    found, medians = typical_indices(table, limits), negative_counts(table)
    for null, name in (("uniform", "rwg_j"), ("slight_skew", "rwg_j_slight_skew")):
        own = medians.loc[medians["null"] == null, [*GROUP, "median"]].rename(columns={"median": name})
        found = found.merge(own, on=GROUP, how="left")
    return found.assign(awg=found["awg"].where(found["n_awg"] >= minimum))


def _safe(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Blank every cell of fewer companies than `minimum`."""
    if table.empty:
        return table
    return suppress(table, minimum=minimum, count="companies" if "companies" in table else "n", keep=KEYS)
