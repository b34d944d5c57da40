"""When a level of measurement invariance holds: published cut-offs for what equal parameters may cost."""

from typing import NamedTuple

import numpy as np

SMALL_SAMPLE = 300
"""Respondents up to which Chen's stricter cut-offs hold."""
CONFIGURAL_CFI, CONFIGURAL_SRMR = 0.90, 0.08
"""Below or above these the same factor does not stand behind the items in the first place (Hu & Bentler 1999)."""
CHEUNG_RENSVOLD = 0.010
CHEN = {
    "metric": {"large": (0.010, 0.015, 0.030), "small": (0.005, 0.010, 0.025)},
    "scalar": {"large": (0.010, 0.015, 0.010), "small": (0.005, 0.010, 0.005)},
    "residual": {"large": (0.010, 0.015, 0.010), "small": (0.005, 0.010, 0.005)},
}
"""Fall of CFI, rise of RMSEA, rise of SRMR (Chen 2007, p. 501)."""


SIGNIFICANCE = 0.05
"""Of the test of the difference, where RMSEA and SRMR cannot judge."""


class Change(NamedTuple):
    """How fit differs from the level before: CFI falls below 0, RMSEA and SRMR rise above it.

    RMSEA and SRMR are NaN where the level before has as many parameters as moments: both are 0 there whatever the
    answers are, so that all misfit of the next level would be taken for a change. RMSEA of few degrees of
    freedom exceeds cut-offs by chance besides (Kenny, Kaniskan & McCoach 2015, Sociological Methods & Research
    44, 486-507).
    """

    cfi: float
    rmsea: float
    srmr: float


def cheung_rensvold(change: Change) -> bool:
    """Tell whether CFI falls by no more than 0.010 (Cheung & Rensvold 2002)."""
    return change.cfi >= -CHEUNG_RENSVOLD


def chen(change: Change, level: str, *, n: int, p_value: float = np.nan) -> bool:
    """Tell whether a level passes Chen (2007).

    It fails where CFI falls by 0.010 and either RMSEA rises by 0.015 or SRMR by 0.030 (loadings) or 0.010
    (intercepts, residuals); up to 300 respondents by 0.005, 0.010, and 0.025 or 0.005. Where neither RMSEA nor SRMR
    can judge, the test of the difference stands in for them: it fails where CFI falls so far and the test rejects
    at 5%. The literature has no cut-offs for this case; this rule is ours.

    Examples
    --------
    >>> change = Change(cfi=-0.008, rmsea=0.012, srmr=0.002)
    >>> chen(change, "metric", n=2000), chen(change, "metric", n=200)
    (True, False)
    """
    cfi, rmsea, srmr = CHEN[level]["small" if n <= SMALL_SAMPLE else "large"]
    judged = not (np.isnan(change.rmsea) and np.isnan(change.srmr))
    worse = change.rmsea >= rmsea or change.srmr >= srmr if judged else p_value < SIGNIFICANCE
    return not (change.cfi <= -cfi and worse)
