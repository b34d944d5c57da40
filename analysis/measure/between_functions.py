"""How differently two functions of a company see it, with intervals from resampling its respondents."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measure.alignment import KEYS
from analysis.measure.profile_intervals import intervals
from analysis.measure.profiles import MEASURES, measures_of, profile_moments
from analysis.measure.resampling import Sample, draw_noise, sample_of
from survey.language import look_up, mark
from survey.responses import FUNCTIONS

Floats = NDArray[np.float64]

OF_FORM = [MEASURES.index(name) for name in ("shape", "profile_r", "profile_icc")]
"""Measures of highs and lows: two points always make a line, up or down, so that they need three."""

FEWEST_CONSTRUCTS = 3

CHUNK = 2_000_000
"""Resampled answers held in memory at once."""

SILENT = mark("no respondent of a function scored every construct")
ALONE = mark("too few respondents of a function to draw from: no interval")
FLAT = mark("a profile that does not vary has no correlation")
SHORT = mark("a profile of fewer than three constructs has neither shape nor correlation")


def between_functions(
    scores: pd.DataFrame,
    constructs: Sequence[str],
    *,
    rng: np.random.Generator,
    functions: tuple[str, str] = FUNCTIONS,
    resamples: int = 1000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the profiles of two functions of each company and wave over the constructs.

    D2 and its parts elevation, scatter and shape (Cronbach & Gleser 1953), the profile correlation and the
    double-entry intraclass correlation (McCrae 2008); see `profile_similarity`. The intervals come from a
    bootstrap over respondents, whose deviations from their company's mean are drawn from all companies of the
    function and wave: this supposes that companies spread alike. See `intervals` for how well they cover.

    Parameters
    ----------
    scores
        Scores of respondents from `score`; those without a score on every construct are left out.
    constructs
        What makes up the profile.
    rng
        Source of the resamples.
    functions
        The two that are compared.
    resamples
        How many.
    level
        Confidence level, 0 to 1.

    Returns
    -------
    DataFrame
        company, wave, measure (`MEASURES`), estimate (squared units of the scores, or -1 to 1), corrected (without
        what sampling few people adds; of a correlation little is known where its interval is wide), conf_low,
        conf_high, n_first, n_second (respondents of each function), note (what is absent and why; empty else).
        Companies and waves are sorted; the order of rows makes no difference.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": "X", "wave": 2025, "function": ["sales"] * 3 + ["marketing"] * 3,
    ...                        "goals": [40.0, 50, 60, 60, 70, 80], "trust": [20.0, 30, 10, 60, 50, 40]})
    >>> found = between_functions(scores, ["goals", "trust"], rng=np.random.default_rng(1))
    >>> found.set_index("measure")["estimate"].round(2).to_dict()["d2"]
    1300.0
    """
    index = pd.MultiIndex.from_frame(scores[KEYS].drop_duplicates().sort_values(KEYS))
    first, second = (
        sample_of(scores[scores["function"] == function], constructs, index=index) for function in functions
    )
    estimate = measures_of(profile_moments(first.means, second.means))
    if len(constructs) < FEWEST_CONSTRUCTS:
        estimate[:, OF_FORM] = np.nan
    corrected, low, high = (np.full(estimate.shape, np.nan) for _ in range(3))
    for rows in _chunks(first, second, resamples):
        noise = (draw_noise(first, rows, resamples, rng=rng), draw_noise(second, rows, resamples, rng=rng))
        found = intervals(first.means[rows], second.means[rows], noise, level=level)
        known = ~np.isnan(estimate[rows])
        corrected[rows], low[rows], high[rows] = (np.where(known, part, np.nan) for part in found)
    kinds = {"estimate": estimate, "corrected": corrected, "conf_low": low, "conf_high": high}
    table = index.repeat(len(MEASURES)).to_frame(index=False)
    return table.assign(
        measure=np.tile(MEASURES, len(index)),
        **{name: values.ravel() for name, values in kinds.items()},
        n_first=np.repeat(first.n, len(MEASURES)),
        n_second=np.repeat(second.n, len(MEASURES)),
        note=_notes(
            first,
            second,
            estimate,
            flat=look_up(FLAT) if len(constructs) >= FEWEST_CONSTRUCTS else look_up(SHORT),
        ).ravel(),
    )


def _chunks(first: Sample, second: Sample, resamples: int) -> list[NDArray[np.intp]]:
    """Return the companies that can be drawn anew, in portions that fit in memory."""
    rows = np.flatnonzero(first.drawable & second.drawable)
    if not len(rows):
        return []
    load = np.cumsum((first.n + second.n)[rows] * resamples * first.means.shape[1])
    return np.split(rows, np.flatnonzero(np.diff(load // CHUNK)) + 1)


def _notes(first: Sample, second: Sample, estimate: Floats, *, flat: str) -> NDArray[np.str_]:
    drawable = (first.drawable & second.drawable)[:, None]
    silent = ((first.n == 0) | (second.n == 0))[:, None]
    note = np.where(np.isnan(estimate), flat, np.where(drawable, "", look_up(ALONE)))
    return np.where(silent, look_up(SILENT), note)
