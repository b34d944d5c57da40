"""Variance of anything linear in the rows: per cluster, within strata, over a finite population."""

import numpy as np

from analysis.infer.columns import Codes, Floats
from analysis.infer.known_totals import Tie
from analysis.infer.linearisation import sums
from analysis.infer.replicate_variance import replicate_deviations
from analysis.infer.survey_design import SurveyDesign
from survey.problems import Problem, raise_if_any

BLOCK = 4_000_000
"""Numbers held at once where each cell is spread over all rows."""

COMPLETE = 1e-7
"""A stratum with less than this share of its clusters unsampled is complete: it adds nothing."""


def variance(influence: Floats, design: SurveyDesign) -> Floats:
    """Covariance of estimates from the linearised values of each row (Taylor linearisation).

    An estimate whose change with row i's weight is ``influence[i]`` has the variance of the total of these
    values (Woodruff, 1971; Binder, 1983): with z their sum per cluster, and n and N the clusters of a
    stratum in the sample and the population, ``sum over strata of (1 - n/N) n/(n-1) sum (z - mean z)**2``.
    Clusters are taken as the last stage: what is drawn within them needs no word (ultimate clusters). Under
    replicate weights it is that of the totals of these values in the replicates.

    Parameters
    ----------
    influence
        Rows x estimates, weights included: ``w y`` for a total, ``w (y - mean) / sum(w)`` for a mean. Zero
        in rows that are not of the domain, which stay: how many they are is part of the chance.
    design
        The whole sample, of as many rows.

    Returns
    -------
    ndarray
        Estimates x estimates.

    Raises
    ------
    InputError
        If ``lonely`` is "fail" and a stratum has one cluster, naming the stratum.

    Notes
    -----
    Agrees with R ``survey:::svyrecvar`` under its options ``survey.lonely.psu``.

    Examples
    --------
    >>> design = SurveyDesign(np.ones(4), np.array([0, 0, 1, 1]), np.arange(4), np.array([np.inf, 4.0]))
    >>> variance(np.array([[1.0], [3.0], [2.0], [6.0]]), design).tolist()
    [[12.0]]
    """
    if design.replicates is not None:
        every = np.zeros(len(influence), dtype=np.int64)
        deviations = replicate_deviations(influence, design.replicates, base=None, cells=every, size=1)[:, 0]
        return design.replicates.covariance(deviations, np.zeros(influence.shape[1]))
    totals = sums(influence, design.clusters, len(design.stratum_of))
    if (known := design.tie) is not None:
        totals -= known.pull @ (known.loadings.T @ influence)
    deviation, inflation = _deviations(totals, design)
    covariance: Floats = inflation * deviation.T @ deviation
    return covariance


def cell_variances(
    influence: Floats, cells: Codes, size: int, design: SurveyDesign, *, base: Floats | None = None
) -> Floats:
    """Variance of many domains at once, those of one partition of the rows.

    Parameters
    ----------
    influence
        Rows x estimates: the linearised value of each row in the estimate of its own cell.
    cells
        Code of each row's cell, below `size`; a row is in one cell.
    size
        Number of cells.
    design
        The whole sample.
    base
        Rows x estimates, with replicate weights: what each row is of the denominator of a ratio, as
        `replicate_deviations` needs it.

    Returns
    -------
    ndarray
        Cells x estimates: the diagonal of `variance` of each cell, rows of other cells at zero.

    Examples
    --------
    >>> design = SurveyDesign(np.ones(4), np.zeros(4, dtype=np.int64), np.arange(4), np.array([np.inf]))
    >>> influence, cells = np.array([[1.0], [-1.0], [2.0], [-2.0]]), np.array([0, 0, 1, 1])
    >>> cell_variances(influence, cells, 2, design).round(4).tolist()
    [[2.6667], [10.6667]]
    """
    if design.replicates is not None:
        deviations = replicate_deviations(influence, design.replicates, base=base, cells=cells, size=size)
        flat = deviations.reshape(len(deviations), -1)
        return design.replicates.variance(flat, np.zeros(flat.shape[1])).reshape(size, -1)
    if (known := design.tie) is not None:
        return _tied_variances(influence, cells, size, design=design, known=known)
    scale, centred, inflation = _scales(design)
    strata, clusters = len(scale), len(design.stratum_of)
    pairs, pair = np.unique(cells * clusters + design.clusters, return_inverse=True)
    totals = sums(influence, pair, len(pairs))
    block = (pairs // max(clusters, 1)) * strata + design.stratum_of[pairs % max(clusters, 1)]
    blocks, place = np.unique(block, return_inverse=True)
    stratum, cell = blocks % max(strata, 1), blocks // max(strata, 1)
    n = design.sampled[stratum]
    mean = sums(totals, place, len(blocks)) / np.maximum(n, 1)[:, None] * centred[stratum][:, None]
    within = sums((totals - mean[place]) ** 2, place, len(blocks))
    # Clusters of the stratum without a row in the cell have a total of zero, and deviate by the mean.
    absent = (n - np.bincount(place, minlength=len(blocks)))[:, None] * mean**2
    return inflation * sums((within + absent) * scale[stratum][:, None], cell, size)


def column_covariances(totals: Floats, design: SurveyDesign) -> Floats:
    """Covariance between the columns of a table, estimate by estimate.

    Parameters
    ----------
    totals
        Clusters x columns x estimates: linearised values summed per cluster, known totals accounted for.
    design
        The whole sample.

    Returns
    -------
    ndarray
        Estimates x columns x columns: the `variance` of each estimate in all columns.

    Examples
    --------
    >>> design = SurveyDesign(np.ones(4), np.array([0, 0, 1, 1]), np.arange(4), np.array([np.inf, 4.0]))
    >>> column_covariances(np.array([[[1.0]], [[3.0]], [[2.0]], [[6.0]]]), design).tolist()
    [[[12.0]]]
    """
    deviation, inflation = _deviations(totals.reshape(len(totals), -1), design)
    deviation = np.ascontiguousarray(deviation.reshape(totals.shape).transpose(2, 1, 0))
    found: Floats = inflation * deviation @ deviation.transpose(0, 2, 1)
    return found


def _deviations(totals: Floats, design: SurveyDesign) -> tuple[Floats, float]:
    """Deviations of clusters from the mean of their stratum, scaled so that their squares add up to the variance."""
    scale, centred, inflation = _scales(design)
    mean = sums(totals, design.stratum_of, len(scale)) / np.maximum(design.sampled, 1)[:, None]
    mean *= centred[:, None]
    deviation = totals - (mean if len(scale) == 1 else mean[design.stratum_of])
    deviation *= np.sqrt(scale)[design.stratum_of][:, None]
    return deviation, inflation


def _tied_variances(
    influence: Floats, cells: Codes, size: int, *, design: SurveyDesign, known: Tie
) -> Floats:
    """Variance of many domains where known totals tie the rows of one to those of others: each is over all clusters."""
    count, width = len(design.stratum_of), influence.shape[1]
    block = max(1, BLOCK // max(count * width, 1))
    order = np.argsort(cells, kind="stable")
    starts = np.searchsorted(cells[order], np.arange(size + 1))
    found = np.zeros((size, width))
    for first in range(0, size, block):
        last = min(first + block, size)
        here = order[starts[first] : starts[last]]
        place = design.clusters[here] * (last - first) + cells[here] - first
        totals = sums(influence[here], place, count * (last - first)).reshape(count, last - first, width)
        for cell in range(first, last):
            own = order[starts[cell] : starts[cell + 1]]
            totals[:, cell - first] -= known.pull @ (known.loadings[own].T @ influence[own])
        deviation, inflation = _deviations(totals.reshape(count, -1), design)
        found[first:last] = inflation * (deviation**2).sum(axis=0).reshape(last - first, width)
    return found


def _scales(design: SurveyDesign) -> tuple[Floats, Floats, float]:
    """Per stratum its factor and whether it is centred; and what strata without a variance add overall."""
    n, unsampled = design.sampled, design.unsampled
    complete = unsampled < COMPLETE
    alone = (n == 1) & ~complete
    if design.lonely == "fail":
        raise_if_any(_lonely(design, int(stratum)) for stratum in np.flatnonzero(alone))
    scale = np.where(complete, 0.0, unsampled * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0))
    centred = np.where(alone & (design.lonely == "adjust"), 0.0, 1.0)
    used = np.bincount(design.strata, weights=design.weights > 0, minlength=len(n)) > 0
    known = used & ~alone
    spread = design.lonely == "average"
    inflation = float(used.sum() / known.sum()) if spread and known.any() else 1.0
    return scale, centred, np.nan if spread and used.any() and not known.any() else inflation


def _lonely(design: SurveyDesign, stratum: int) -> Problem:
    name = design.stratum_names[stratum] if design.stratum_names else str(stratum)
    return Problem(
        "has one company in the sample, which says nothing of how companies differ there",
        column="stratum",
        value=name,
        to_do="join it to a like stratum, or say what it adds: lonely: adjust, average, certainty or remove",
    )
