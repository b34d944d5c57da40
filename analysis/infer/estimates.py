"""Means, totals, ratios and variances of many cells at once, linearised: each knows what every row adds to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.infer.columns import Codes, Floats
from analysis.infer.linearisation import sums
from analysis.infer.replicate_variance import cell_degrees, replicate_deviations
from analysis.infer.survey_design import SurveyDesign
from analysis.infer.variance import cell_variances, variance

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates of several variables in several cells.

    Parameters
    ----------
    estimate
        Cells x variables; NaN where a cell has no value.
    influence
        Rows x variables: the linearised value of each row in the estimate of its own cell, weight included.
    present
        Rows x variables: whether there is a value and a weight.
    cells
        Code of each row's cell.
    n, clusters, strata
        Cells x variables: rows, clusters and strata with a value.
    reach
        Cells x variables: clusters in the sample of the strata with a value.
    df
        Cells x variables: degrees of freedom: clusters less strata with a value, or with replicate weights the
        rank of theirs less one (R ``degf(subset(design, ...))``); NaN where there is no value.
    design
        The whole sample.
    base
        Rows x variables, with replicate weights: what each row is of the denominator; None for totals.
    moved
        `deviations` of what is no ratio of totals, such as a variance; None for ratios and totals.
    """

    estimate: Floats
    influence: Floats
    present: Flags
    cells: Codes
    n: Codes
    clusters: Codes
    strata: Codes
    reach: Codes
    df: Floats
    design: SurveyDesign
    base: Floats | None = None
    moved: Floats | None = None

    @property
    def variance(self) -> Floats:
        """Variance of each, cells x variables, as R ``survey::svyby`` has it; NaN where a cell has no value."""
        size = len(self.estimate)
        if self.moved is not None and self.design.replicates is not None:
            flat = self.moved.reshape(len(self.moved), -1)
            found = self.design.replicates.variance(flat, np.zeros(flat.shape[1])).reshape(size, -1)
            return np.where(self.n > 0, found, np.nan)
        found = cell_variances(self.influence, self.cells, size, self.design, base=self.base)
        return np.where(self.n > 0, found, np.nan)

    @property
    def few(self) -> Floats:
        """What makes the variance of a cell with few clusters unbiased: ``G/(G-1) (N-1)/N``.

        The mean of a cell takes one degree of freedom from its G clusters, but the domain's variance divides
        by those of the whole sample (N, of the strata that the cell touches). With one stratum and no
        finite population the product is the cell's own ``s**2 / n``; for the whole sample it is 1.

        Notes
        -----
        Coverage of nominal 95% intervals, 20,000 samples of 60 companies, t on companies less strata:

        ========================  ======  =========  ======================  ==========================
        cell                      domain  with this  own sample, no strata   own sample, within strata
        ========================  ======  =========  ======================  ==========================
        5 of one stratum          93.5    95.0       95.0                    95.0
        10 of one stratum         94.1    95.0       95.0                    95.0
        20 of one stratum         94.7    95.0       95.0                    95.0
        about 6 of three strata   94.8    95.9       93.4                    93.9
        about 12 of three strata  93.9    94.6       94.1                    91.9
        about 21 of three strata  94.6    94.9       95.3                    92.8
        ========================  ======  =========  ======================  ==========================

        A cell as a sample of its own forgets that its size in each stratum is chance, and is left with strata
        of one company; so tables take the domain's variance, times this. Replicate weights need no such factor: a
        domain's mean moves by more in each replicate, the fewer its clusters.
        """
        if self.design.replicates is not None:
            return np.where(self.clusters > 1, 1.0, np.nan)
        own = self.clusters / np.where(self.clusters > 1, self.clusters - 1.0, np.nan)
        return own * (self.reach - 1) / np.maximum(self.reach, 1)

    @property
    def std_error(self) -> Floats:
        """Standard error with `few`; NaN without two clusters."""
        return np.sqrt(self.variance * self.few)

    @property
    def covariance(self) -> Floats:
        """Covariance of all, flattened cell by cell, as R ``vcov(svyglm(y ~ 0 + cell))`` has it for means."""
        return self.covariance_of(np.eye(self.estimate.size))

    @property
    def deviations(self) -> Floats:
        """How far each replicate's estimates are from these: replicates x cells x variables."""
        assert self.design.replicates is not None  # asked of no other design
        if self.moved is not None:
            return self.moved
        return replicate_deviations(
            self.influence, self.design.replicates, base=self.base, cells=self.cells, size=len(self.estimate)
        )

    def covariance_of(self, contrasts: Floats) -> Floats:
        """Covariance of linear combinations: combinations x (cells x variables)."""
        if self.design.replicates is None:
            return variance(self.spread @ contrasts.T, self.design)
        deviations = self.deviations
        moved = deviations.reshape(len(deviations), -1) @ contrasts.T
        return self.design.replicates.covariance(moved, np.zeros(len(contrasts)))

    @property
    def spread(self) -> Floats:
        """Influence as rows x (cells x variables), zero outside a row's cell."""
        rows, variables = self.influence.shape
        wide = np.zeros((rows, len(self.estimate), variables))
        wide[np.arange(rows), self.cells] = self.influence
        return wide.reshape(rows, -1)


def mean_estimates(
    values: Floats, design: SurveyDesign, *, cells: Codes | None = None, size: int = 1
) -> Estimates:
    """Weighted mean of each variable in each cell.

    Parameters
    ----------
    values
        Rows x variables, NaN where missing: such a row is outside that variable's domain.
    design
        The whole sample.
    cells
        Code of each row's cell, below `size`; one cell if not said.
    size
        Number of cells.

    Notes
    -----
    Agrees with R ``survey::svymean(na.rm = TRUE)`` variable by variable, and in ``svyby``.

    Examples
    --------
    >>> design = SurveyDesign(np.ones(3), np.zeros(3, dtype=np.int64), np.arange(3), np.array([np.inf]))
    >>> found = mean_estimates(np.array([[1.0], [3.0], [5.0]]), design)
    >>> found.estimate.item(), found.variance.round(4).item(), found.df.item()
    (3.0, 1.3333, 2.0)
    """
    return ratio_estimates(values, np.ones_like(values), design, cells=cells, size=size)


def ratio_estimates(
    numerator: Floats,
    denominator: Floats,
    design: SurveyDesign,
    *,
    cells: Codes | None = None,
    size: int = 1,
) -> Estimates:
    """Ratio of two totals in each cell, ``sum(w y) / sum(w x)``; parameters as in `mean_estimates`.

    Notes
    -----
    Agrees with R ``survey::svyratio``.
    """
    codes = _codes(cells, design)
    present = _present(numerator + denominator, design)
    weights = design.weights[:, None]
    above = np.where(present, weights * np.nan_to_num(numerator), 0.0)
    below = np.where(present, weights * np.nan_to_num(denominator), 0.0)
    base = sums(below, codes, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = sums(above, codes, size) / base
        influence = np.where(present, (above - ratio[codes] * below) / base[codes], 0.0)
        own = None if design.replicates is None else np.where(present, below / base[codes], 0.0)
    return _counted(ratio, influence, present=present, cells=codes, design=design, base=own)


def total_estimates(
    values: Floats, design: SurveyDesign, *, cells: Codes | None = None, size: int = 1
) -> Estimates:
    """Total of each variable in the population of each cell; parameters as in `mean_estimates`.

    Notes
    -----
    Agrees with R ``survey::svytotal(na.rm = TRUE)``. Where values are missing it is the total of those known.
    """
    codes = _codes(cells, design)
    present = _present(values, design)
    influence = np.where(present, design.weights[:, None] * np.nan_to_num(values), 0.0)
    total = sums(influence, codes, size)
    return _counted(total, influence, present=present, cells=codes, design=design)


def variance_estimates(
    values: Floats, design: SurveyDesign, *, cells: Codes | None = None, size: int = 1
) -> Estimates:
    """Variance of each variable in the population of each cell; parameters as in `mean_estimates`.

    Notes
    -----
    Agrees with R ``survey::svyvar``, on ``svrepdesign`` too: the mean of ``(y - mean)**2 n / (n - 1)`` over n rows
    with a weight.
    """
    mean = mean_estimates(values, design, cells=cells, size=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(mean.n > 1, mean.n / (mean.n - 1.0), np.nan)
    squares = (values - mean.estimate[mean.cells]) ** 2 * factor[mean.cells]
    found = mean_estimates(squares, design, cells=cells, size=size)
    if design.replicates is None:
        return found
    # Each replicate's squares are around its own mean.
    return replace(found, moved=found.deviations - factor * mean.deviations**2)


def effective_sizes(found: Estimates, values: Floats, *, replace: bool = False) -> Mapping[str, Floats]:
    """Design effect of means, ``deff``, and what is left of n, ``n_eff``.

    Parameters
    ----------
    found
        From `mean_estimates`.
    values
        The same values.
    replace
        Compare with a simple random sample drawn with replacement (Kish's deft squared); without, the
        weights must add up to the population.

    Notes
    -----
    Agrees with R ``survey::svymean(deff = TRUE)``, or ``"replace"``, for the whole sample.
    """
    cells, size = found.cells, len(found.estimate)
    spread = variance_estimates(values, found.design, cells=cells, size=size).estimate
    population = sums(found.present * found.design.weights[:, None], cells, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        unsampled = 1.0 if replace else (population - found.n) / population
        simple = spread / found.n * np.where(np.asarray(unsampled) > 0, unsampled, np.nan)
        deff = found.std_error**2 / simple
        return {"deff": deff, "n_eff": found.n / deff}


def _present(values: Floats, design: SurveyDesign) -> Flags:
    return ~np.isnan(values) & (design.weights > 0)[:, None]


def _codes(cells: Codes | None, design: SurveyDesign) -> Codes:
    return np.zeros(len(design.weights), dtype=np.int64) if cells is None else cells


def _counted(
    estimate: Floats,
    influence: Floats,
    *,
    present: Flags,
    cells: Codes,
    design: SurveyDesign,
    base: Floats | None = None,
) -> Estimates:
    """Count what each estimate stands on."""
    size = len(estimate)
    clusters, _, cell = _units(present, cells, design.clusters, len(design.stratum_of))
    strata, stratum, cell_of_stratum = _units(present, cells, design.strata, len(design.population))
    sampled = strata * design.sampled[stratum][:, None]
    counts = (
        sums(present, cells, size),
        sums(clusters, cell, size),
        sums(strata, cell_of_stratum, size),
        sums(sampled, cell_of_stratum, size),
    )
    n, of_clusters, of_strata, reach = (count.astype(np.int64) for count in counts)
    known = np.where(n > 0, estimate, np.nan)
    df = (of_clusters - of_strata).astype(float)
    if design.replicates is not None:
        df = cell_degrees(present, cells, size, design.replicates)
    df = np.where(n > 0, df, np.nan)
    return Estimates(
        known, influence, present, cells, n, of_clusters, of_strata, reach, df, design, base
    )  # fmt: skip


def _units(present: Flags, cells: Codes, units: Codes, count: int) -> tuple[Flags, Codes, Codes]:
    """Tell of each pair of cell and unit whether it has a value, its unit and its cell."""
    pairs, pair = np.unique(cells * max(count, 1) + units, return_inverse=True)
    seen = sums(present, pair, len(pairs)) > 0
    return seen, pairs % max(count, 1), pairs // max(count, 1)
