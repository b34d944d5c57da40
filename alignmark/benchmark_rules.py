"""What a study declares of its benchmarks: peers, composites, and figures that somebody else has published of it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from alignmark.checked import Checked
from alignmark.study_files import Code, TableFile
from analysis.benchmark.composite_ways import AGGREGATIONS, PENALTY, WEIGHTINGS, Aggregation, Ways, Weighting
from survey.declaration import Fault


class Grouping(Checked):
    """Groups of one's own among the values of a fact: ``{of: industry, groups: {makers: [Machinery, Chemicals]}}``.

    Companies whose value no group names are in none.
    """

    of: str = Field(min_length=1)
    groups: dict[str, list[Code]] = Field(min_length=1)

    def faults(self) -> Iterator[Fault]:
        """Yield groups of nothing, and values that two groups claim."""
        taken: dict[str, str] = {}
        for group, values in self.groups.items():
            if not values:
                yield Fault(
                    ("groups", group), "is a group of nothing", "values of the fact, such as [Machinery]"
                )
            for number, value in enumerate(values):
                if value in taken:
                    what = f"{value!r} is in the group {taken[value]!r} already"
                    yield Fault(("groups", group, number), what, "each value in one group")
                taken[value] = group


class PeerRule(Checked):
    """Whom companies are compared with: rungs of facts that peers share, from the closest to the widest.

    An empty rung stands for all companies. Without a ladder peers share industry, size and region as far as they are
    known, then one thing less at a time. `minimum` is how many others a group needs; without it, what the disclosure
    rule demands. `bands` cuts numbers, `groups` joins values; both may then stand in a rung under their name.
    """

    ladder: list[list[str]] = Field(default_factory=list)
    minimum: int | None = Field(default=None, ge=1)
    bands: dict[str, Annotated[list[float], Field(min_length=1)]] = Field(default_factory=dict)
    groups: dict[str, Grouping] = Field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """Yield rungs that stand twice or are never reached, cuts out of order, and names that are taken."""
        for place, rung in enumerate(self.ladder):
            if set(rung) in [set(other) for other in self.ladder[:place]]:
                yield Fault(("ladder", place), "stands on the ladder already", "each rung once")
            elif [] in self.ladder[:place]:
                yield Fault(
                    ("ladder", place), "is never reached: the rung before is all companies", "[] last"
                )
            for number, name in enumerate(rung):
                if name in rung[:number]:
                    yield Fault(
                        ("ladder", place, number), f"{name!r} stands twice in this rung", "each name once"
                    )
        for name, cuts in self.bands.items():
            if any(low >= high for low, high in pairwise(cuts)):
                yield Fault(("bands", name), "has cuts that do not rise", "such as [50, 250]")
        for name in self.groups:
            if name in self.bands:
                yield Fault(("groups", name), f"{name!r} is the name of a band already", "another name")


class CompositeRule(Checked):
    """Other ways to make the index of its constructs, under which ranks and classes are shown as well.

    `own` holds weightings of the study: a name, and a weight for each construct; those not named weigh nothing.
    """

    weightings: list[Weighting] = Field(default_factory=lambda: [*WEIGHTINGS])
    aggregations: list[Aggregation] = Field(default_factory=lambda: [*AGGREGATIONS])
    own: dict[str, dict[str, Annotated[float, Field(ge=0)]]] = Field(default_factory=dict)
    penalty: float = Field(default=PENALTY, ge=0, le=1)

    @property
    def ways(self) -> Ways:
        """The ways as the analysis takes them."""
        return Ways(tuple(self.weightings), tuple(self.aggregations), self.own, self.penalty)

    def faults(self) -> Iterator[Fault]:
        """Yield weightings that weigh nothing, and names that are taken."""
        for name, weights in self.own.items():
            if name in WEIGHTINGS:
                yield Fault(("own", name), f"{name!r} is built anyway, under this name", "another name")
            if not sum(weights.values()) > 0:
                yield Fault(("own", name), "weighs nothing", "a weight above 0 for at least one construct")


class PublishedFigures(TableFile):
    """Figures that somebody else has published of the same data, by wave, for this study to reproduce.

    `columns` maps ``wave`` and columns of the panel, such as ``alignment``, to headings of the file, and ``source`` if
    the file names its sources.
    """

    statistic: Literal["median", "mean"] = "median"
    needed = ("wave",)
