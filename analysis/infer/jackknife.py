"""Replicates that leave out one cluster after the other."""

from collections.abc import Iterator

import numpy as np

from analysis.infer.recalibration import recalibration
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign
from survey.problems import Problem, first_of, raise_if_any

MOST_CLUSTERS = 10_000
"""So many clusters make factors of 0.8 GB; the jackknife has a replicate for each."""


def jackknife(design: SurveyDesign, *, mse: bool = False) -> Replicates:
    """Leave out each cluster in turn and let the others of its stratum stand for it.

    Without strata JK1, with strata JKn: the factor of the cluster left out is 0, that of the other n - 1 of its
    stratum is n / (n - 1), and the squared deviation counts ``(1 - n / N) (n - 1) / n`` (Rust and Rao, 1996,
    Statistical Methods in Medical Research 5), with N the clusters of the population.

    Parameters
    ----------
    design
        How the rows were drawn.
    mse
        Whether deviations are from the statistic of the sample, not from the mean of the replicates.

    Raises
    ------
    InputError
        If there is only one cluster or more than `MOST_CLUSTERS`, or the design is to fail where a stratum has one.

    Notes
    -----
    A stratum with one cluster gives no replicate, save with ``lonely = "adjust"`` one that leaves the stratum out
    and lets the others stand for it; with "average" the scale grows by the clusters over the replicates. A stratum
    of which the sample has all clusters adds nothing. Agrees with R ``survey::as.svrepdesign(type = "JK1")`` and
    ``"JKn"``.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.infer.survey_design import survey_design
    >>> three = jackknife(survey_design(pd.DataFrame({"company": ["a", "b", "c"]})))
    >>> three.kind, three.factors.tolist(), round(three.scale, 3)
    ('JK1', [[0.0, 1.5, 1.5], [1.5, 0.0, 1.5], [1.5, 1.5, 0.0]], 0.667)
    """
    strata, sampled = design.stratum_of, design.sampled
    count, size = len(sampled), len(strata)
    raise_if_any(_faults(design))
    lonely = (sampled == 1)[strata]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(lonely, count / max(count - 1, 1), (sampled / (sampled - 1))[strata])
    # Column r leaves out cluster r; a lonely cluster leaves out its stratum, which is itself.
    stands_in = np.where(lonely[None, :], True, strata[:, None] == strata[None, :])
    factors = np.where(stands_in, ratio[None, :], 1.0)
    np.fill_diagonal(factors, 0.0)
    correction = np.where(lonely, 1.0, 1 - (sampled / design.population)[strata])
    kept = ~lonely | ((design.lonely == "adjust") & (design.population[strata] > 1))
    rscales = (correction / ratio)[kept]
    scale = size / kept.sum() if design.lonely == "average" else 1.0
    if count == 1:
        scale, rscales = float(rscales[0]), np.ones(size)
    return Replicates(
        design.weights, design.clusters, factors[:, kept], float(scale), rscales,
        "JK1" if count == 1 else "JKn", mse=mse, recalibration=recalibration(factors[:, kept], design),
    )  # fmt: skip


def lonely_strata(design: SurveyDesign, to_do: str) -> list[Problem]:
    """Name the strata with one cluster."""
    found = [
        Problem(
            "has one cluster, which shows nothing of how clusters differ",
            column="stratum",
            value=stratum_name(design, int(place)),
            to_do=to_do,
        )
        for place in np.flatnonzero(design.sampled == 1)
    ]
    return first_of(found, "more strata with one cluster")


def stratum_name(design: SurveyDesign, place: int) -> str:
    """What the table calls a stratum; its number where the design does not know."""
    return design.stratum_names[place] if design.stratum_names else str(place + 1)


def _faults(design: SurveyDesign) -> Iterator[Problem]:
    sampled = design.sampled
    if sampled.sum() < 2:
        count = "one cluster" if sampled.sum() else "no clusters"
        yield Problem(f"the sample has {count}: nothing to leave out", allowed="two clusters or more")
    elif sampled.sum() > MOST_CLUSTERS:
        yield Problem(
            f"the jackknife would leave out each of {sampled.sum()} clusters in turn",
            allowed=f"{MOST_CLUSTERS} or fewer", to_do="take the bootstrap",
        )  # fmt: skip
    elif (sampled == 1).all():
        yield from lonely_strata(design, "join strata, so that each has two clusters or more")
    elif design.lonely == "fail":
        yield from lonely_strata(design, "join it with a stratum like it, or declare another lonely option")
