"""One slope as measured and as corrected for few informants, in every way there is, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.explain.errors_in_variables import errors_in_variables
from analysis.explain.measurement_error import ALL_ERROR, UNSURE
from analysis.explain.partialled import RESTS_ON_MODEL, TOO_NARROW, CorrectedSlope
from analysis.explain.regression import Fit, fit_frame
from analysis.explain.simex import AT_ITS_LIMIT, simex
from analysis.explain.specification import Specification
from survey.language import look_up, mark

COLUMNS = ("method", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "n",
           "companies", "reliability", "note")  # fmt: skip
AS_MEASURED = mark("As measured")
CALIBRATED = mark("Regression calibration")

DOUBTS = (RESTS_ON_MODEL, TOO_NARROW, UNSURE, AT_ITS_LIMIT, ALL_ERROR)
"""Notes by which a correction says that it is not to be trusted."""


def corrected_slopes(
    specification: Specification,
    frame: pd.DataFrame,
    *,
    rng: np.random.Generator,
    unavailable: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Estimate a slope as measured and with each correction for measurement error, on the same rows.

    Parameters
    ----------
    specification
        The model; whether it says `corrected` does not matter here.
    frame
        Panel, one row per company and wave, with ``<regressor>_se``.
    rng
        Source of the error that SIMEX adds.
    unavailable
        Why columns are absent, by column.

    Returns
    -------
    DataFrame
        `COLUMNS`: as measured, regression calibration, SIMEX with a quadratic and with a nonlinear curve, errors in
        variables from the sampling errors and, for the index, from the mean reliability of the companies' scores,
        which is what ICC(2) is for unequal groups. NaN with the reason in ``note`` where there is none.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.normal(50, 10, 500)
    >>> frame = pd.DataFrame({"company": range(500), "alignment_se": 5.0, "growth": 0.2 * truth})
    >>> frame["alignment"] = truth + rng.normal(0, 5, 500)
    >>> corrected_slopes(Specification("m", "growth"), frame, rng=rng)["estimate"].round(2).tolist()
    [0.15, 0.19, 0.19, 0.19, 0.19]
    """
    score, error = specification.regressor, f"{specification.regressor}_se"
    known = frame
    if error in frame and frame[error].notna().any():
        # Rows without an error stay, without a score: they were drawn with the others.
        known = frame.assign(**{score: frame[score].where(frame[error].notna())})
    naive, corrected = (replace(specification, corrected=fix, also=()) for fix in (False, True))
    by_moments = errors_in_variables(naive, known, unavailable=unavailable)
    measured = fit_frame(naive, known, unavailable=unavailable, rng=rng)
    calibrated = fit_frame(corrected, known, unavailable=unavailable, rng=rng)
    rows = [
        CorrectedSlope(
            AS_MEASURED, measured.slope().astype(float), by_moments.reliability, _reason(measured)
        ),
        CorrectedSlope(
            CALIBRATED, calibrated.slope().astype(float), by_moments.reliability, _reason(calibrated)
        ),
        simex(naive, known, rng=rng, unavailable=unavailable),
        simex(naive, known, rng=rng, extrapolation="nonlinear", unavailable=unavailable),
        by_moments,
        *_by_reliability(naive, known),
    ]
    table = pd.concat([row.to_frame() for row in rows], ignore_index=True)
    return table.assign(companies=measured.companies)[list(COLUMNS)]


def spread_of(table: pd.DataFrame) -> tuple[float, float]:
    """Return the smallest and the largest corrected slope of `corrected_slopes`; NaN if there is none.

    Examples
    --------
    >>> spread_of(pd.DataFrame({"method": [AS_MEASURED, "a", "b"], "estimate": [0.1, 0.2, 0.3]}))
    (0.2, 0.3)
    """
    values = table.loc[table["method"] != AS_MEASURED, "estimate"].dropna()
    return (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)


def doubtful(table: pd.DataFrame) -> bool:
    """Tell whether a correction of `corrected_slopes` says itself that it is not to be trusted.

    Examples
    --------
    >>> doubtful(pd.DataFrame({"method": ["a", "b"], "note": ["", "early answers; " + AT_ITS_LIMIT]}))
    True
    """
    notes = table.loc[table["method"] != AS_MEASURED, "note"]
    said = [look_up(doubt).partition("{")[0] for doubt in DOUBTS]
    return any(doubt in note for note in notes for doubt in said)


def _reason(fit: Fit) -> str:
    """Why there is no fit, or that a correction is not to be trusted; the rest of a fit's note is said elsewhere."""
    if fit.frame.empty:
        return fit.note
    return "; ".join(part for part in fit.note.split("; ") if part == look_up(UNSURE))


def _by_reliability(specification: Specification, frame: pd.DataFrame) -> Iterator[CorrectedSlope]:
    if specification.regressor != "alignment" or "reliability" not in frame:
        return
    needed = [name for name in specification.columns if name in frame]
    used = frame[frame[needed].notna().all(axis=1)]
    reliability = used["reliability"].mean()
    if specification.weights in used:
        reliability = float(np.average(used["reliability"], weights=used[specification.weights]))
    if not specification.within and reliability > 0:
        yield errors_in_variables(specification, frame, reliability=float(reliability))
