"""Replicates that draw clusters anew."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from analysis.infer.columns import Floats
from analysis.infer.jackknife import lonely_strata
from analysis.infer.recalibration import recalibration
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign
from survey.problems import Problem, raise_if_any

Method = Literal["Rao-Wu", "Canty-Davison"]


def bootstrap(
    design: SurveyDesign,
    *,
    rng: np.random.Generator,
    replicates: int = 1000,
    method: Method = "Rao-Wu",
    mse: bool = False,
) -> Replicates:
    """Draw the clusters of each stratum anew, `replicates` times.

    - "Rao-Wu": n - 1 of n with replacement, each counted ``n / (n - 1)`` times as often as it was drawn (Rao and
      Wu, 1988, JASA 83). The population counts as without end.
    - "Canty-Davison": n out of a population made of copies of the sample, as many clusters as the real one has,
      without replacement (Canty and Davison, 1999, The Statistician 48); with replacement where that is without end.

    Parameters
    ----------
    design
        How the rows were drawn.
    rng
        Where chance comes from.
    replicates
        How many, two or more.
    method
        See above.
    mse
        Whether deviations are from the statistic of the sample, not from the mean of the replicates.

    Raises
    ------
    InputError
        If a stratum has one cluster, unless ``lonely`` of the design is "remove" or "certainty", by which it stays
        as it is in every replicate; if no stratum has two, or there are fewer than two replicates.

    Notes
    -----
    Drawn as R ``survey::as.svrepdesign(type = "subbootstrap")`` and ``type = "bootstrap"``, with the same scale.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.infer.survey_design import survey_design
    >>> design = survey_design(pd.DataFrame({"company": list("abc")}))
    >>> drawn = bootstrap(design, rng=np.random.default_rng(1), replicates=4)
    >>> drawn.factors.sum(axis=0).tolist(), round(drawn.scale, 3)
    ([3.0, 3.0, 3.0, 3.0], 0.333)
    """
    strata, sampled = design.stratum_of, design.sampled
    raise_if_any(_faults(design, replicates))
    factors = np.ones((len(strata), replicates))
    for place in np.flatnonzero(sampled > 1):
        here, n = np.flatnonzero(strata == place), int(sampled[place])
        if method == "Rao-Wu":
            factors[here] = _with_replacement(n, n - 1, replicates, rng) * (n / (n - 1))
        elif np.isinf(design.population[place]):
            factors[here] = _with_replacement(n, n, replicates, rng)
        else:
            factors[here] = _without_replacement(n, int(design.population[place]), replicates, rng)
    scale = 1 / (replicates - 1)
    if method == "Canty-Davison":
        usual = 1 / float(np.mean(1 / sampled[sampled > 1]))
        scale *= usual / (usual - 1)
    return Replicates(
        design.weights, design.clusters, factors, float(scale), np.ones(replicates), method,
        mse=mse, recalibration=recalibration(factors, design),
    )  # fmt: skip


def _with_replacement(n: int, draws: int, replicates: int, rng: np.random.Generator) -> Floats:
    """How often each of n was drawn: n x replicates."""
    drawn = rng.integers(0, n, size=(draws, replicates)) * replicates + np.arange(replicates)
    return np.bincount(drawn.ravel(), minlength=n * replicates).reshape(n, replicates).astype(float)


def _without_replacement(n: int, population: int, replicates: int, rng: np.random.Generator) -> Floats:
    copies = np.full(n, population // n, dtype=np.int64)
    copies[rng.permutation(n)[: population % n]] += 1
    return rng.multivariate_hypergeometric(copies, n, size=replicates, method="marginals").T.astype(float)


def _faults(design: SurveyDesign, replicates: int) -> Iterator[Problem]:
    if replicates < 2:
        yield Problem("are too few", column="replicates", value=str(replicates), allowed="2 or more")
    if design.lonely not in ("remove", "certainty"):
        to_do = "join it with a stratum like it, or declare lonely = certainty where its cluster was sure to be drawn"
        yield from lonely_strata(design, to_do)
    if not (design.sampled > 1).any():
        yield Problem(
            "no stratum has two clusters: nothing to draw", allowed="two clusters or more in a stratum"
        )
