"""Whose values the tables of classes are made of: means, shares, both sides of contrasts, and classes cut otherwise."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alignmark.cell_members import cells_in, values_of, wanted
from analysis.benchmark.classes import ALL, REST, Classes, OutcomeClasses, with_class
from analysis.benchmark.held_out import classes_on_others
from analysis.benchmark.norm_table import MEAN
from analysis.benchmark.practices import areas_in_place
from analysis.measure.panel import Panel

GAPS = ("class_gaps", "practice_gaps", "world_practices", "class_trend")
"""Tables of the first class less others; those of practices are of one kind of classes each."""

OF_OUTCOMES = ("practices", "practice_gaps", "areas", "targets")
"""Tables without a basis that stand on the classes on outcomes."""

OF_PRACTICES = ("world_practices",)


def cells_of_classes(
    published: dict[str, pd.DataFrame], panel: Panel, basis: str, found: Classes, *, latest: int
) -> Iterator[pd.DataFrame]:
    """Yield means and shares by class, and both sides of contrasts.

    Parameters
    ----------
    published, panel
        As for `alignmark.membership.membership`.
    basis, found
        Classes and what they stand on.
    latest
        The wave of profiles.
    """
    mine = {name: table for name, table in _of_basis(published, basis) if len(table)}
    frame = wanted(panel.frame, published)
    values = _classed(frame, found)
    own, groups = f"classes by {basis}", _groups(values, found)
    yield cells_in("class_means", mine, values, ["class", "variable"], table=own)
    yield cells_in("targets", mine, values, ["class", "variable"], table=own)
    yield cells_in("practices", mine, _named(values, "practice"), ["class", "practice"], table=own)
    if "profile" in mine:
        rows = mine["profile"][mine["profile"]["statistic"] == MEAN]
        now = groups[groups["wave"] == latest]
        yield cells_in("profile", {"profile": rows}, now, ["class", "variable"], table=f"profile by {basis}")
    if "areas" in mine:
        names = [
            "company",
            "wave",
            *(name for name in ("weight",) if name in panel.frame),
            *mine["areas"]["area"].unique(),
        ]
        areas = _classed(areas_in_place(panel.frame, panel.instrument)[names], found)
        yield cells_in("areas", mine, _named(areas, "area"), ["class", "area"], table=own)
    for name in GAPS:
        yield from _of_gaps(name, mine, groups, basis)
    yield from _of_trend(mine, frame)


def cells_of_other_classes(
    published: dict[str, pd.DataFrame], panel: Panel, classes: dict[str, Classes]
) -> Iterator[pd.DataFrame]:
    """Yield both sides of the contrasts of classes that are cut on all outcomes but the one compared.

    The other shares of the best are not among them: `alignmark.gate` thins these out, as they lie in one another.
    """
    found = classes.get("outcomes")
    if found is None or not isinstance(found.definition, OutcomeClasses):
        return
    frame, others = wanted(panel.frame, published), published.get("held_out", pd.DataFrame())
    if len(others):
        for outcome, made in classes_on_others(panel, found.definition):
            rows = others[others["outcome"] == outcome]
            groups = _groups(_classed(frame, made), made)
            yield from _of_gaps("held_out", {"held_out": rows}, groups, f"all but {outcome}")


def _of_basis(published: dict[str, pd.DataFrame], basis: str) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, table in published.items():
        if "basis" in table:
            yield name, table[table["basis"] == basis]
        elif name in (OF_OUTCOMES if basis == "outcomes" else OF_PRACTICES):
            yield name, table


def _classed(frame: pd.DataFrame, found: Classes) -> pd.DataFrame:
    """Return the values of the companies that have a class, with it."""
    classed = with_class(frame, found)
    values = values_of(classed.assign(**{"class": classed["class"].astype(object)}), ["class"])
    return values[values["class"].notna()]


def _groups(values: pd.DataFrame, found: Classes) -> pd.DataFrame:
    """Add the rest and all to the classes."""
    rest = values[values["class"] != found.names[0]].assign(**{"class": REST})
    named = values[values["class"] != REST]
    return pd.concat([named, rest, values.assign(**{"class": ALL})], ignore_index=True)


def _named(values: pd.DataFrame, key: str) -> pd.DataFrame:
    return values.rename(columns={"variable": key})


def _of_gaps(
    name: str, mine: dict[str, pd.DataFrame], groups: pd.DataFrame, basis: str
) -> Iterator[pd.DataFrame]:
    """Yield both sides of contrasts, of all waves or of the one that a row names."""
    if name not in mine:
        return
    rows = mine[name]
    what = next(key for key in ("variable", "practice", "outcome") if key in rows)
    when = ["wave"] if "wave" in rows else []
    for side, key in (("a", "a"), ("b", "contrast")):
        sided = _named(groups, what).rename(columns={"class": key})
        yield cells_in(name, mine, sided, [key, what, *when], side=side, table=f"{name} {side} by {basis}")


def _of_trend(mine: dict[str, pd.DataFrame], frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the change of all since the wave before that stands beside the practices of the world-class."""
    last = sorted(frame["wave"].unique())[-2:]
    if "world_practices" not in mine or len(last) < 2:
        return
    values = _named(values_of(frame[frame["wave"].isin(last)]), "practice")
    both = values[values.groupby(["company", "practice"])["wave"].transform("size") == 2]
    signed = both.assign(sign=np.where(both["wave"] == last[0], -1.0, 1.0))
    yield cells_in("world_practices", mine, signed, ["practice"], side="trend", table="trend of practices")
