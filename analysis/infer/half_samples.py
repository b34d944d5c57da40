"""Balanced half-samples: replicates for designs that draw clusters in pairs."""

from collections.abc import Iterator

import numpy as np

from analysis.infer.columns import Codes
from analysis.infer.hadamard import hadamard
from analysis.infer.jackknife import lonely_strata, stratum_name
from analysis.infer.recalibration import recalibration
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign
from survey.problems import Problem, raise_if_any


def balanced_half_samples(design: SurveyDesign, *, rho: float = 0.0, mse: bool = False) -> Replicates:
    """Count one cluster of each pair ``2 - rho`` times and the other `rho` times, in balance over the pairs.

    Which one says a Hadamard matrix, so that over all replicates each two pairs fall alike as often as not: with
    ``rho = 0`` balanced repeated replication (BRR; McCarthy, 1969, Review of the International Statistical
    Institute 37), with ``rho`` between 0 and 1 Fay's method, which keeps every cluster in every replicate (Judkins,
    1990, Journal of Official Statistics 6). The scale is ``1 / (R (1 - rho)^2)``.

    Parameters
    ----------
    design
        Strata of 2, 4, 6, ... clusters; more than two are paired in the order of the table.
    rho
        From 0 to below 1.
    mse
        Whether deviations are from the statistic of the sample, not from the mean of the replicates.

    Raises
    ------
    InputError
        Naming every stratum with one cluster or an odd number of them; or if rho is out of range.

    Notes
    -----
    Agrees with R ``survey::as.svrepdesign(type = "BRR")`` and ``"Fay"``, to the choice of the Hadamard matrix; with
    totals, whatever the matrix. A population of few clusters is not corrected for, as there.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.infer.survey_design import survey_design
    >>> pairs = pd.DataFrame({"company": list("abcd"), "stratum": [1, 1, 2, 2]})
    >>> balanced_half_samples(survey_design(pairs)).factors.tolist()
    [[0.0, 2.0, 0.0, 2.0], [2.0, 0.0, 2.0, 0.0], [0.0, 0.0, 2.0, 2.0], [2.0, 2.0, 0.0, 0.0]]
    """
    raise_if_any(_faults(design, rho))
    pair, second = _pairs(design.stratum_of)
    signs = hadamard(int(pair.max()) + 1)[1:]
    halves = np.where(second[:, None], signs[pair], -signs[pair])
    factors = 1.0 + (1 - rho) * halves
    count = factors.shape[1]
    scale = 1 / (count * (1 - rho) ** 2)
    kind = "Fay" if rho else "BRR"
    return Replicates(
        design.weights,
        design.clusters,
        factors,
        scale,
        np.ones(count),
        kind,
        mse=mse,
        recalibration=recalibration(factors, design),
    )


def _pairs(strata: Codes) -> tuple[Codes, Codes]:
    """Pair of each cluster, and whether it is its second: neighbours within a stratum, in the order of the table."""
    order = np.argsort(strata, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place // 2, place % 2 == 1


def _faults(design: SurveyDesign, rho: float) -> Iterator[Problem]:
    sampled = design.sampled
    if not 0 <= rho < 1:
        yield Problem(
            "is no share of a cluster to keep", column="rho", value=f"{rho:g}", allowed="0 to below 1"
        )
    if not sampled.sum():
        yield Problem("the sample has no clusters", allowed="strata of two clusters or more")
    yield from lonely_strata(design, "join it with a stratum like it, so that it makes a pair")
    for place in np.flatnonzero((sampled % 2 == 1) & (sampled > 1)):
        yield Problem(
            f"has {sampled[place]} clusters, which make no pairs",
            column="stratum", value=stratum_name(design, int(place)), allowed="an even number",
            to_do="split or join strata, or take the jackknife or the bootstrap",
        )  # fmt: skip
