"""Passages that several sections share: bases, cautions, and blocks that stand where evidence is missing."""

from collections.abc import Iterator

import pandas as pd

from reports.evidence import Evidence
from reports.report import Callout, Column, Unit
from reports.tables import number_text
from reports.titles import title_of

CLASS_ORDER = ("best in class", "average", "laggard", "world-class", "rest")


def base(evidence: Evidence, companies: float, *, when: str = "") -> str:
    """Base and source line of a figure or table."""
    source = "simulated data" if evidence.facts.simulated else evidence.facts.title
    count = number_text(companies, "count")
    return f"Base: {count} companies, {when or evidence.facts.latest}. Source: {source}."


def all_waves(evidence: Evidence) -> str:
    """Name the years that pooled estimates stand on."""
    waves = evidence.facts.waves
    return f"{waves[0]} to {waves[-1]}" if len(waves) > 1 else str(waves[0])


def not_available(title: str, reason: str) -> Callout:
    """Say in its place why something cannot be shown."""
    return Callout("caution", title, f"Not available: {reason}.")


def with_titles(table: pd.DataFrame, evidence: Evidence, *, key: str = "variable") -> pd.DataFrame:
    """Add ``label``: the title of each row's variable."""
    labels = [title_of(str(name), evidence.panel, language=evidence.facts.language) for name in table[key]]
    return table.assign(label=labels)


def classed_companies(evidence: Evidence, basis: str) -> int:
    """How many different companies have a class in any wave."""
    return int(evidence.classes[basis].frame["company"].nunique())


def in_class_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by class, the best first, keeping the order of everything else."""
    order = {name: place for place, name in enumerate(CLASS_ORDER)}
    return table.sort_values("class", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def estimate_column(heading: str, unit: Unit) -> Column:
    """Column of an estimate with its 95% interval."""
    return Column("estimate", heading, unit, low="conf_low", high="conf_high", n="n")


def side_by_side(table: pd.DataFrame, names: tuple[str, ...], *, key: str) -> pd.DataFrame:
    """One row per `key`, in the order given, with estimate and interval of each class in columns of its own.

    Returns
    -------
    DataFrame
        `key`, ``label``, then ``<class>, <class>_low, <class>_high`` per class, and ``companies``, the
        smallest class's.
    """
    rows = table[[key, "label"]].drop_duplicates().set_index(key)
    rows["companies"] = table.groupby(key)["companies"].min()
    for name in names:
        part = table[table["class"] == name].set_index(key)
        for column, suffix in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
            rows[f"{name}{suffix}"] = part[column]
    return rows.reset_index()


def class_columns(names: tuple[str, ...], unit: Unit) -> tuple[Column, ...]:
    """Columns of `side_by_side`, one per class with its interval."""
    return tuple(Column(name, name.capitalize(), unit, f"{name}_low", f"{name}_high") for name in names)


def sentence_list(parts: Iterator[str] | list[str]) -> str:
    """Join parts with commas and a final "and"."""
    items = list(parts)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
