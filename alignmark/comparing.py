"""Waves compared: the index over the years and its changes, on what the ledger allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from alignmark.study import Study
from analysis.infer.tabulation import changes, means
from analysis.measure.comparable import comparable_indices, left_out
from analysis.measure.panel import Panel
from survey.language import look_up, mark
from survey.ledger import named
from survey.responses import Responses

WHY = mark("cannot be compared between the waves")


class Ground(NamedTuple):
    """What some waves have in common.

    `panel` has their rows, levels and indices scored on the statements comparable between all of them;
    without constructs that have no such statement and without other questions that do not compare, which
    its `unavailable` names. `left_out` are the statements and questions that this leaves out.
    """

    panel: Panel
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What compares waves.

    Parameters
    ----------
    ground
        What all waves have in common.
    index_by_wave
        Mean index of all companies of each wave, on that ground.
    changes
        Change between consecutive waves in the companies of both, on the statements comparable between
        these two; ``left_out`` names the others.
    pairs
        What two consecutive waves have in common.
    """

    ground: Ground
    index_by_wave: pd.DataFrame
    changes: pd.DataFrame
    pairs: Mapping[tuple[int, int], Ground] = field(default_factory=dict)


def compare_waves(
    panel: Panel, responses: Responses | None, study: Study, *, levels: Sequence[str]
) -> Compared:
    """Compare the waves of a study.

    Parameters
    ----------
    panel
        With outcomes and facts.
    responses
        The answers with their ledger; None for scores of organisations, which are taken to be comparable.
    study
        The rules of scoring.
    levels
        Columns whose changes are wanted.
    """
    pairs = {pair: common_ground(panel, responses, study, waves=pair) for pair in pairwise(panel.waves)}
    parts = []
    for common, missing in pairs.values():
        there = [name for name in levels if name in common.frame]
        parts.append(changes(common.frame, there).assign(left_out=named(missing)))
    ground = common_ground(panel, responses, study)
    return Compared(
        ground,
        means(ground.panel.frame, ["alignment"], by=["wave"]),
        pd.concat(parts, ignore_index=True) if parts else changes(panel.frame, levels).assign(left_out=""),
        pairs,
    )


def common_ground(
    panel: Panel, responses: Responses | None, study: Study, *, waves: Sequence[int] | None = None
) -> Ground:
    """Return the panel of some waves, all of them unless said, on what they have in common.

    Parameters
    ----------
    panel, responses, study
        As for `compare_waves`.
    waves
        The waves.
    """
    years = panel.waves if waves is None else list(waves)
    rows = panel.frame[panel.frame["wave"].isin(years)]
    if responses is None or len(years) < 2:
        return Ground(replace(panel, frame=rows))
    rule, statements, lost = study.alignment, left_out(responses, years), list[str]()
    barred = responses.ledger.barred(*years) if responses.ledger is not None else []
    questions = [name for name in barred if name in rows]
    kept = rows.drop(columns=questions)
    if statements:
        scored, _ = comparable_indices(
            responses, years, min_answered=rule.minimum_answered, min_share=rule.minimum_constructs
        )
        lost = [name for name in panel.instrument.constructs if name in rows and name not in scored]
        kept, keys = kept.drop(columns=lost), ["company", "wave"]
        renewed = kept.drop(columns=[name for name in scored if name not in keys], errors="ignore")
        joined = renewed.merge(scored, on=keys, how="left")
        kept = joined[[name for name in kept if name in joined]]
    why = dict(panel.unavailable) | dict.fromkeys([*lost, *questions], look_up(WHY))
    return Ground(replace(panel, frame=kept, unavailable=why), (*statements, *questions))
