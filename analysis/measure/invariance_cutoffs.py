"""When a level of measurement invariance holds: published cut-offs for what equal parameters may cost."""

from typing import NamedTuple

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


class Change(NamedTuple):
    """How fit differs from the level before: CFI falls below 0, RMSEA and SRMR rise above it."""

    cfi: float
    rmsea: float
    srmr: float


def cheung_rensvold(change: Change) -> bool:
    """Tell whether CFI falls by no more than 0.010 (Cheung & Rensvold 2002)."""
    return change.cfi >= -CHEUNG_RENSVOLD


def chen(change: Change, level: str, *, n: int) -> bool:
    """Tell whether a level passes Chen (2007).

    It fails where CFI falls by 0.010 and either RMSEA rises by 0.015 or SRMR by 0.030 (loadings) or 0.010
    (intercepts, residuals); up to 300 respondents by 0.005, 0.010, and 0.025 or 0.005.

    Examples
    --------
    >>> change = Change(cfi=-0.008, rmsea=0.012, srmr=0.002)
    >>> chen(change, "metric", n=2000), chen(change, "metric", n=200)
    (True, False)
    """
    cfi, rmsea, srmr = CHEN[level]["small" if n <= SMALL_SAMPLE else "large"]
    return not (change.cfi <= -cfi and (change.rmsea >= rmsea or change.srmr >= srmr))
