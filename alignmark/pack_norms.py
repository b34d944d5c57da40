"""The norms that a pack would hold, before it is known which of them may stand beside the tables of the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from alignmark.inputs import Inputs
from alignmark.peering import peer_facts, with_peer_columns
from alignmark.study import Study
from analysis.benchmark.published_norms import STRICTER, Norm, norms_of, safe_groups, weights_tell
from analysis.measure.panel import Panel
from reports.pack import Group

FEWEST = 5
"""Companies that a number of a pack stands for at least, whatever a study shows in its own report."""

INDEX = ("alignment", "alignment_sales", "alignment_marketing", "gap")
"""Without the size of the gap: its mean less that of the gap is twice what the companies with one below 0 add to it."""

CELLS = ("segment", "group", "variable", "n")
"""Columns of what a pack would publish: norms of all companies have no segment."""


@dataclass(frozen=True, slots=True, eq=False)
class PackNorms:
    """What a pack stands on.

    Parameters
    ----------
    known
        Companies that have the index in the wave. Norms of other scores rest on all companies that have them, as those
        of the report do: means of nearly the same companies would give the few between them away.
    constructs
        Those of the index.
    norms, groups
        Norms of all of them and of groups.
    minimum
        Companies that a number stands for at least.
    why_not
        Why there can be no pack; "" if there can.
    """

    known: pd.DataFrame
    constructs: list[str]
    norms: dict[str, Norm] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    minimum: int = FEWEST
    why_not: str = ""

    @property
    def cells(self) -> pd.DataFrame:
        """What it would publish, as the table that passes the gate: `CELLS`."""
        rows = [("", "", name, norm.n) for name, norm in self.norms.items()]
        rows += [
            (one.key, one.value, name, norm.n) for one in self.groups for name, norm in one.norms.items()
        ]
        return pd.DataFrame([] if self.why_not else rows, columns=list(CELLS))

    def beside(self, shown: pd.DataFrame, gaps: pd.DataFrame) -> "PackNorms":
        """Keep what passed; without the index there is nothing to keep.

        Parameters
        ----------
        shown
            `cells` with ``withheld``.
        gaps
            Gaps by construct that the report shows: of level and gap follows what each function says.
        """
        if self.why_not:
            return self
        hidden = shown[shown["withheld"].ne("")]
        told = set(hidden.loc[hidden["segment"].eq(""), "variable"])
        if "alignment" in told:
            return replace(self, why_not="beside the tables of the report and what was released before, its norm of "
                           "the index would tell of too few companies")  # fmt: skip
        if len(gaps):
            told |= {f"gap_{name}" for name in gaps.loc[gaps["estimate"].isna(), "variable"]}
        norms = {name: norm for name, norm in self.norms.items() if name not in told}
        gone = set(hidden[["segment", "group"]].itertuples(index=False, name=None))
        groups = [group for group in self.groups if (group.key, group.value) not in gone]
        return replace(self, norms=norms, groups=groups)


def pack_norms(inputs: Inputs, study: Study, panel: Panel, *, wave: int) -> PackNorms:
    """Make the norms of a pack.

    What counts each company once, such as the models of shrinkage, could give one away beside a weighted mean of the
    same ones: scores of which it would are left out, and with the index or one of its constructs the pack. So is a pack
    where weights leave too few groups.

    Parameters
    ----------
    inputs, study, panel
        As in `alignmark.run.evidence_of`.
    wave
        The wave that the norms are of.
    """
    minimum = max(study.disclosure.minimum_companies, FEWEST)
    now = panel.wave(wave).frame
    known = now[now["alignment"].notna()].reset_index(drop=True)
    known = known if "alignment_se" in known else known.assign(alignment_se=np.nan)
    constructs = [name for name in panel.instrument.alignment_constructs if name in known]
    share = study.disclosure.rules.largest_share
    safe = {name for name in now if not _told(now[now[name].notna()], minimum, share)}
    made = PackNorms(known, constructs, minimum=minimum)
    if inputs.responses is None:
        return replace(made, why_not="there are no answers of people, by which a pack scores")
    if len(known) < STRICTER * minimum:
        found = f"{len(known)} companies have the index in {wave}"
        return replace(made, why_not=f"{found}, and a pack needs {STRICTER * minimum}")
    if not {"alignment", *constructs} <= safe:
        return replace(
            made, why_not="means with the weights of the companies, beside those without, would tell of few"
        )
    practices = [name for group in panel.instrument.practices.values() for name in group.items]
    scored = [*(name for name in INDEX if name in known), *constructs]
    scored += [f"gap_{name}" for name in constructs if f"gap_{name}" in known]
    told = [name for name in (*scored, *practices) if name in safe]
    norms = norms_of(now, told, minimum=minimum, largest_share=share)
    if not all(norms[name].steps for name in ("alignment", *constructs)):
        return replace(made, why_not="the weights of the companies leave too few groups of neighbours")
    grouped = with_peer_columns(panel, study.peers).wave(wave).frame
    kinds = grouped[grouped["alignment"].notna()].reset_index(drop=True)
    return replace(made, norms=norms, groups=list(_groups(kinds, peer_facts(kinds, study), minimum, share)))


def _told(companies: pd.DataFrame, minimum: int, share: float) -> bool:
    """Tell whether weighted means of the report and means of the pack give some of these companies away."""
    weighted = "weight" in companies and len(companies) > 0
    return weighted and weights_tell(companies["weight"], minimum=minimum, share=share)


def _groups(known: pd.DataFrame, facts: Sequence[str], minimum: int, share: float) -> Iterator[Group]:
    """Make the norms of the index in groups by facts, which is what comparisons and scorecards show of them.

    Of a segment there are none if one of them or what they leave tells: all less the rest is it.
    """
    size = {name: known.groupby(name)[name].transform("size") for name in facts}
    parts = {name: known[name].astype(object).where(size[name] >= STRICTER * minimum) for name in facts}
    keys = [
        name for name, part in parts.items()
        if not any(_told(rows, minimum, share) for _, rows in known.groupby(part, dropna=False))
    ]  # fmt: skip
    for (key, value), inside in safe_groups(known, keys, minimum=minimum, fewest=STRICTER * minimum).items():
        yield Group(
            key=key,
            value=value,
            norms=norms_of(known[inside], ["alignment"], minimum=minimum, largest_share=share),
        )
