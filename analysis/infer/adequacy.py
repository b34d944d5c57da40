"""How many companies are aligned: relationship stages, and shares under every definition of adequately."""

import numpy as np
import pandas as pd

from analysis.infer.tabulation import shares

STAGES = ("undefined", "defined", "aligned", "integrated")

SLACK = 1e-9
"""A score that equals a cut but for floating point reaches it."""

OTHER_CUTS = (25.0, 50.0, 62.5, 75.0)
"""Index points whose shares are shown beside the declared cut, so that its influence can be seen."""


def stage_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Share of companies in each relationship stage, with its interval.

    Parameters
    ----------
    frame
        Panel rows of one wave, with ``stage`` and, where there is one, their survey design.

    Returns
    -------
    DataFrame
        ``stage`` and the columns of `shares`, from undefined to integrated. Companies without an
        index are no part of the base, though of the sample.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "stage": ["aligned", "aligned", "defined", None]})
    >>> stage_shares(frame)[["stage", "n", "estimate"]].round(1).values.tolist()
    [['undefined', 3, 0.0], ['defined', 3, 33.3], ['aligned', 3, 66.7], ['integrated', 3, 0.0]]
    """
    columns = {name: _yes(frame["stage"].eq(name), frame["stage"].notna()) for name in STAGES}
    table = shares(frame.assign(**columns), STAGES).rename(columns={"variable": "stage"})
    return table[["stage", *table.columns.drop("stage")]]


def adequacy(frame: pd.DataFrame, *, cut: float, said: str | None = None) -> pd.DataFrame:
    """Share of companies that are adequately aligned, as they say and as the index has it.

    Parameters
    ----------
    frame
        Panel rows of one wave, with ``alignment`` and, where there is one, their survey design.
    cut
        Declared index points (0-100) from which a company counts as adequately aligned.
    said
        Column with each company's share of informants who call it adequately aligned. Its mean is the
        share that a survey of one informant per company would find, the design of published figures.

    Returns
    -------
    DataFrame
        ``definition`` ("said" or "index"), ``cut`` (NaN for "said"), ``declared`` (whether the study
        declared this definition) and the columns of `shares`.

    Notes
    -----
    A share above a cut of a score measured with error is pulled towards 50 per cent: the measured
    scores spread wider than the true ones. The share of "said" has no such bias.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "b"], "alignment": [40.0, 60.0], "yes": [0.0, 50.0]})
    >>> adequacy(frame, cut=50, said="yes")[["definition", "cut", "estimate"]].values.tolist()[:2]
    [['said', nan, 25.0], ['index', 25.0, 100.0]]
    """
    parts = []
    if said is not None and said in frame:
        parts.append(shares(frame, said).assign(definition="said", cut=np.nan, declared=True))
    known = frame["alignment"].notna()
    for points in sorted({*OTHER_CUTS, float(cut)}):
        column = _yes(frame["alignment"] >= points - SLACK, known)
        row = shares(frame.assign(share=column), "share")
        parts.append(row.assign(definition="index", cut=points, declared=points == cut))
    table = pd.concat(parts, ignore_index=True).drop(columns="variable")
    first = ["definition", "cut", "declared"]
    return table[[*first, *table.columns.drop(first)]]


def _yes(holds: "pd.Series[bool]", known: "pd.Series[bool]") -> "pd.Series[float]":
    """Return 100 where it holds and 0 where not; missing where it is not known."""
    return holds.astype(float).mul(100).where(known)
