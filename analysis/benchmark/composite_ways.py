"""Ways in which constructs are made into one index: weightings, aggregations, and weights of one's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from survey.problems import Problem

Weighting: TypeAlias = Literal["equal", "reliability", "first principal component"]
Aggregation: TypeAlias = Literal["arithmetic", "geometric", "gap-penalised"]

EQUAL: Final = "equal"
RELIABILITY: Final = "reliability"
COMPONENT: Final = "first principal component"
ARITHMETIC: Final = "arithmetic"
GEOMETRIC: Final = "geometric"
PENALISED: Final = "gap-penalised"

WEIGHTINGS: tuple[Weighting, ...] = (EQUAL, RELIABILITY, COMPONENT)
AGGREGATIONS: tuple[Aggregation, ...] = (ARITHMETIC, GEOMETRIC, PENALISED)

PENALTY = 0.5
"""Points taken off a construct's level for each point of gap between the functions."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Which composites are built; equal weights and the mean always are, as the one that others are compared with.

    Parameters
    ----------
    weightings, aggregations
        Of `WEIGHTINGS` and `AGGREGATIONS`.
    own
        Weightings of one's own by name: a weight of at least 0 for each construct, 0 for those not named. They are
        made to add up to 1.
    penalty
        Points off per point of gap, 0-1.

    Examples
    --------
    >>> [problem.what for problem in Ways(own={"experts": {"gaols": 2}}).problems(["goals"])]
    ["the weighting 'experts' names what is no construct of the index"]
    """

    weightings: Sequence[str] = WEIGHTINGS
    aggregations: Sequence[str] = AGGREGATIONS
    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    penalty: float = PENALTY

    def problems(self, constructs: Sequence[str]) -> Iterator[Problem]:
        """Yield what cannot be built from these constructs."""
        for names, known in ((self.weightings, WEIGHTINGS), (self.aggregations, AGGREGATIONS)):
            for name in names:
                if name not in known:
                    yield Problem(
                        "there is no such way to make the index", value=name, allowed=", ".join(known)
                    )
        for name, weights in self.own.items():
            strange = [key for key in weights if key not in constructs]
            if strange:
                what = f"the weighting {name!r} names what is no construct of the index"
                yield Problem(what, value=", ".join(strange), allowed=", ".join(constructs))
            elif name in WEIGHTINGS or not _can_weigh(weights):
                allowed = "a name of its own, and weights of at least 0 that are not all 0"
                what = f"the weighting {name!r} is impossible"
                yield Problem(what, value=str(dict(weights)), allowed=allowed)
        if not 0 <= self.penalty <= 1:
            yield Problem("the penalty is impossible", value=f"{self.penalty:g}", allowed="0-1")


def _can_weigh(weights: Mapping[str, float]) -> bool:
    return bool(weights) and min(weights.values()) >= 0 and sum(weights.values()) > 0


USUAL = Ways()
"""All weightings and aggregations, and none of one's own."""
