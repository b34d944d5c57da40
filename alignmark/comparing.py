"""Waves compared: the index over the years and its changes, on what the ledger allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from alignmark.inputs import Inputs
from alignmark.study import Study
from analysis.infer.tabulation import changes, means
from analysis.measure.comparable import comparable_indices
from analysis.measure.panel import Panel


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What compares waves.

    Parameters
    ----------
    panel
        The panel, its levels and indices scored on the statements comparable between all waves.
    left_out
        The statements that this leaves out.
    index_by_wave
        Mean index of all companies of each wave, from this panel.
    changes
        Change between consecutive waves in the companies of both, on the statements comparable between
        these two; ``left_out`` names the others.
    """

    panel: Panel
    left_out: tuple[str, ...]
    index_by_wave: pd.DataFrame
    changes: pd.DataFrame


def compare_waves(panel: Panel, inputs: Inputs, study: Study, *, levels: Sequence[str]) -> Compared:
    """Compare the waves of a study.

    Parameters
    ----------
    panel
        With outcomes and facts.
    inputs
        The answers and their ledger; scores of organisations are taken to be comparable.
    study
        The rules of scoring.
    levels
        Columns whose changes are wanted.
    """
    overall, without = _on_common_ground(panel, inputs, study, panel.waves)
    parts = []
    for pair in pairwise(panel.waves):
        common, missing = _on_common_ground(panel, inputs, study, pair)
        there = [name for name in levels if name in common]
        parts.append(changes(common, there).assign(left_out=", ".join(missing)))
    return Compared(
        Panel(overall, panel.instrument, panel.unavailable, panel.outcomes), without,
        means(overall, ["alignment"], by=["wave"]),
        pd.concat(parts, ignore_index=True) if parts else changes(panel.frame, levels).assign(left_out=""),
    )  # fmt: skip


def _on_common_ground(
    panel: Panel, inputs: Inputs, study: Study, waves: Sequence[int]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the panel's rows of some waves, scored on what they have in common, and what that leaves out."""
    rows = panel.frame[panel.frame["wave"].isin(waves)]
    if inputs.responses is None:
        return rows, ()
    rule = study.alignment
    found, without = comparable_indices(
        inputs.responses, waves, min_answered=rule.minimum_answered, min_share=rule.minimum_constructs
    )
    if not without:
        return rows, ()
    keys = ["company", "wave"]
    scored = [name for name in found if name not in keys]
    lost = [name for name in panel.instrument.constructs if name in rows and name not in scored]
    joined = rows.drop(columns=[*scored, *lost], errors="ignore").merge(found, on=keys, how="left")
    return joined[[name for name in rows if name in joined]], without
