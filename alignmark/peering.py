"""Peer groups as a study declares them: facts joined to groups of its own, and the ladder."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from alignmark.benchmark_rules import PeerRule
from alignmark.names import SEGMENTS
from alignmark.study import Study
from analysis.benchmark.peers import PeerLadder, banded
from analysis.measure.panel import Panel
from survey.declaration import suggest
from survey.problems import Problem, raise_if_any


def with_peer_columns(panel: Panel, rule: PeerRule) -> Panel:
    """Give the panel a column for each group of the study's own, and words for the bands of its numbers.

    Raises
    ------
    InputError
        If a group names a value that no company has.
    """
    raise_if_any(_unknown_values(panel.frame, rule))
    columns = {name: banded(panel.frame[name], cuts) for name, cuts in rule.bands.items()}
    for name, grouping in rule.groups.items():
        of = {value: group for group, values in grouping.groups.items() for value in values}
        columns[name] = panel.frame[grouping.of].astype("str").map(of)
    return replace(panel, frame=panel.frame.assign(**columns))


def peer_ladder(frame: pd.DataFrame, study: Study) -> PeerLadder | None:
    """Return the declared ladder, or that of all that is known; None where nothing is known of the companies."""
    rule = study.peers
    minimum = rule.minimum or study.disclosure.minimum_companies
    rungs = tuple(tuple(rung) for rung in rule.ladder)
    if not rungs:
        known = [name for name in SEGMENTS if name in frame]
        if not known:
            return None
        rungs = tuple(tuple(known[:size]) for size in range(len(known), -1, -1))
    return PeerLadder(rungs, max(minimum, study.disclosure.minimum_companies))


def peer_facts(frame: pd.DataFrame, study: Study) -> list[str]:
    """Return the facts by which norms are shown: those of the ladder, in the order in which they first stand there."""
    ladder = peer_ladder(frame, study)
    return [] if ladder is None else list(dict.fromkeys(name for rung in ladder.rungs for name in rung))


def _unknown_values(frame: pd.DataFrame, rule: PeerRule) -> Iterator[Problem]:
    for name, grouping in rule.groups.items():
        known = sorted(frame[grouping.of].dropna().astype("str").unique())
        for group, values in grouping.groups.items():
            for number, value in enumerate(values):
                if value not in known:
                    what = f"no company has the {grouping.of.replace('_', ' ')} {value!r}"
                    key = f"peers.groups.{name}.groups.{group}.{number}"
                    yield Problem(what, column=key, value=value, allowed=suggest(value, known))
