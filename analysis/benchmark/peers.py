"""Peer groups: whom a company is compared with, and on which rung of a ladder enough of them were found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.columns import Codes, numeric
from survey.problems import Problem, raise_if_any

EVERYBODY = "all companies"
NO_GROUP = "no peer group: too few companies share anything that the ladder names"


@dataclass(frozen=True, slots=True)
class PeerLadder:
    """How peers are chosen, from the closest group to the widest.

    Parameters
    ----------
    rungs
        Columns that peers share, rung by rung; () stands for all companies. Any column will do: industry,
        size, region, or one of a study's own.
    minimum
        Companies that a group needs besides the company itself, at least 1.
    bands
        Cuts of numeric columns into bands: ``{"employees": (50, 250)}`` makes three.
    """

    rungs: tuple[tuple[str, ...], ...] = (
        ("industry", "size", "region"),
        ("industry", "size"),
        ("industry",),
        (),
    )
    minimum: int = 5
    bands: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class PeerGroups:
    """The peer group of every company.

    Parameters
    ----------
    frame
        ``company, rung`` (from 1, the closest; 0 without a group), ``peers`` (the group in words), ``n_peers``
        (companies besides itself), ``note`` (why no closer group serves, empty on the first rung), sorted by company.
    labels
        Companies x rungs: the group of each company on every rung in words, missing where a key is unknown.
    """

    frame: pd.DataFrame
    labels: pd.DataFrame

    def groups(self) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.bool_]]]:
        """Yield each group that serves: its words, which companies belong to it, and whom it serves."""
        served = self.frame[self.frame["rung"] > 0]
        for rung, peers in served[["rung", "peers"]].drop_duplicates().itertuples(index=False):
            serves = (self.frame["rung"] == rung) & (self.frame["peers"] == peers)
            among = self.labels[rung - 1] == peers
            yield str(peers), among.to_numpy(dtype=bool), serves.to_numpy(dtype=bool)

    def summary(self) -> str:
        """Return how many companies are compared on which rung, as text."""
        counts = self.frame.groupby("rung").size()
        lines = [f"rung {rung}: {n}" if rung else f"without a group: {n}" for rung, n in counts.items()]
        return "Peer groups, companies by rung: " + ", ".join(lines)

    __repr__ = summary


def peer_groups(frame: pd.DataFrame, ladder: PeerLadder) -> PeerGroups:
    """Find each company's closest group that is large enough.

    A group serves if it has more than `minimum` companies. Where only few members of a wider group would
    fall back to it, what is published of the wider group and of the closer groups inside it would tell of
    these few by subtraction; then the wider group serves all its members.

    Parameters
    ----------
    frame
        One row per company, such as a wave of a panel; only companies that are to be compared.
    ladder
        The rungs.

    Returns
    -------
    PeerGroups
        With every company of the frame.

    Raises
    ------
    InputError
        If a column is absent, a company stands twice, or the ladder is impossible.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcdefgh"), "industry": ["steel"] * 4 + ["media"] * 3 + [None]})
    >>> found = peer_groups(frame, PeerLadder((("industry",), ()), minimum=3))
    >>> found.frame[["rung", "peers", "n_peers"]].drop_duplicates().values.tolist()
    [[1, 'industry steel', 3], [2, 'all companies', 7]]
    >>> found.frame["note"].tolist()[4], found.frame["note"].tolist()[7]
    ('too few companies share industry', 'industry is not known')
    """
    _check(frame, ladder)
    table = frame.sort_values("company", ignore_index=True)
    labels = pd.DataFrame({at: _labels(table, rung, ladder.bands) for at, rung in enumerate(ladder.rungs)})
    sizes = np.column_stack([labels[at].map(labels[at].value_counts()).fillna(0) for at in labels])
    rung = _without_remainders(_closest(sizes, ladder.minimum), labels, ladder.minimum)
    found, at = rung < len(ladder.rungs), np.minimum(rung, len(ladder.rungs) - 1)
    rows = np.arange(len(table))
    words = np.where(found, labels.to_numpy(dtype=object)[rows, at], "none")
    result = pd.DataFrame({"company": table["company"], "rung": np.where(found, rung + 1, 0)})
    result["peers"] = pd.Series(words, dtype="str")
    result["n_peers"] = np.where(found, sizes[rows, at] - 1, 0).astype(np.int64)
    result["note"] = pd.Series(np.where(found, _reasons(rung, labels, ladder, sizes), NO_GROUP), dtype="str")
    return PeerGroups(result, labels)


def _closest(sizes: NDArray[np.float64], minimum: int) -> Codes:
    """First rung whose group is large enough, or the number of rungs."""
    enough = sizes > minimum
    rung: Codes = np.where(enough.any(axis=1), enough.argmax(axis=1), sizes.shape[1]).astype(np.int64)
    return rung


def _without_remainders(rung: Codes, labels: pd.DataFrame, minimum: int) -> Codes:
    """Let all members of a group use it where only few would fall back to it."""
    chosen = rung.copy()
    for at in range(1, labels.shape[1]):
        group = labels[at]
        falling = pd.Series(chosen >= at).groupby(group).transform("sum").fillna(0).to_numpy()
        size = group.map(group.value_counts()).fillna(0).to_numpy()
        chosen[(falling > 0) & (falling <= minimum) & (size > minimum)] = at
    return chosen


def _labels(
    table: pd.DataFrame, rung: Sequence[str], bands: Mapping[str, Sequence[float]]
) -> "pd.Series[str]":
    """Say the group of each company on a rung in words; missing where a key is unknown."""
    if not rung:
        return pd.Series(EVERYBODY, index=table.index, dtype="str")
    parts = []
    for name in rung:
        values = banded(table[name], bands[name]) if name in bands else table[name].astype("str")
        parts.append((f"{name.replace('_', ' ')} " + values).where(table[name].notna()))
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + ", " + part
    return joined


def banded(values: pd.Series, cuts: Sequence[float]) -> "pd.Series[str]":
    """Say the band of each number in words; missing where it is not known.

    Examples
    --------
    >>> banded(pd.Series([10.0, 50, None]), (50, 250)).tolist()
    ['under 50', '50 to under 250', nan]
    """
    names = np.array(band_names(cuts), dtype=object)
    bands = names[np.searchsorted(cuts, values.fillna(0), side="right")]
    return pd.Series(bands, index=values.index, dtype="str").where(values.notna())


def band_names(cuts: Sequence[float]) -> list[str]:
    """Name the bands that cuts make; a band holds its lower cut.

    Examples
    --------
    >>> band_names((50, 250))
    ['under 50', '50 to under 250', '250 and over']
    """
    inner = [f"{low:g} to under {high:g}" for low, high in pairwise(cuts)]
    return [f"under {cuts[0]:g}", *inner, f"{cuts[-1]:g} and over"]


def _reasons(
    rung: Codes, labels: pd.DataFrame, ladder: PeerLadder, sizes: NDArray[np.float64]
) -> NDArray[np.str_]:
    """Say why the rung before the chosen one does not serve."""
    before = np.clip(rung - 1, 0, len(ladder.rungs) - 1)
    rows = np.arange(len(rung))
    names = np.array([_shared(columns) for columns in ladder.rungs], dtype=object)[before]
    unknown = labels.isna().to_numpy()[rows, before]
    served = sizes[rows, before] > ladder.minimum
    said = np.where(unknown, names + " is not known", "too few companies share " + names)
    said = np.where(~unknown & served, "closer groups would tell of the few companies outside them", said)
    return np.asarray(np.where(rung == 0, "", said), dtype=np.str_)


def _shared(columns: Sequence[str]) -> str:
    names = [name.replace("_", " ") for name in columns] or [EVERYBODY]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _check(frame: pd.DataFrame, ladder: PeerLadder) -> None:
    columns = dict.fromkeys(name for rung in ladder.rungs for name in rung)
    numeric(frame, list(ladder.bands), keys=("company", *columns))
    problems = []
    if not ladder.rungs:
        problems.append(Problem("the ladder has no rung", allowed="at least one; () is all companies"))
    if ladder.minimum < 1:
        problems.append(Problem("the minimum is impossible", value=str(ladder.minimum), allowed="1 or more"))
    problems += [
        Problem("the cuts of its bands are not in rising order", column=name, value=str(list(cuts)))
        for name, cuts in ladder.bands.items()
        if not len(cuts) or any(low >= high for low, high in pairwise(cuts))
    ]
    if frame["company"].duplicated().any():
        problems.append(Problem("a company stands twice; peers are found within one wave", column="company"))
    raise_if_any(problems)
