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
        Panel rows of one wave, with ``stage``.

    Returns
    -------
    DataFrame
        ``stage`` and the columns of `shares`, from undefined to integrated. Companies without an
        index are left out of the base.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcd"), "stage": ["aligned", "aligned", "defined", None]})
    >>> stage_shares(frame)[["stage", "n", "estimate"]].round(1).values.tolist()
    [['undefined', 3, 0.0], ['defined', 3, 33.3], ['aligned', 3, 66.7], ['integrated', 3, 0.0]]
    """
    known = frame[frame["stage"].notna()]
    parts = []
    for name in STAGES:
        column = np.where(known["stage"].eq(name), 100.0, 0.0)
        parts.append(shares(known.assign(share=column), "share").assign(stage=name))
    table = pd.concat(parts, ignore_index=True).drop(columns="variable")
    return table[["stage", *table.columns.drop("stage")]]


def adequacy(frame: pd.DataFrame, *, cut: float, said: str | None = None) -> pd.DataFrame:
    """Share of companies that are adequately aligned, as they say and as the index has it.

    Parameters
    ----------
    frame
        Panel rows of one wave, with ``alignment``.
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
    known = frame[frame["alignment"].notna()]
    for points in sorted({*OTHER_CUTS, float(cut)}):
        column = np.where(known["alignment"] >= points - SLACK, 100.0, 0.0)
        row = shares(known.assign(share=column), "share")
        parts.append(row.assign(definition="index", cut=points, declared=points == cut))
    table = pd.concat(parts, ignore_index=True).drop(columns="variable")
    first = ["definition", "cut", "declared"]
    return table[[*first, *table.columns.drop(first)]]
