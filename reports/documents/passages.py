"""Passages that several sections share: bases, cautions, and blocks that stand where evidence is missing."""

from collections.abc import Iterator

import pandas as pd

from reports.evidence import Evidence
from reports.report import Callout, Column, Table
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


def in_class_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by class, the best first, keeping the order of everything else."""
    order = {name: place for place, name in enumerate(CLASS_ORDER)}
    return table.sort_values("class", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def estimate_column(heading: str, unit: str, *, key: str = "estimate", reason: str = "") -> Column:
    """Column of an estimate with its 95% interval."""
    return Column(key, heading, unit, low="conf_low", high="conf_high", n="n", reason=reason)  # type: ignore[arg-type]


def class_table(
    id: str, caption: str, table: pd.DataFrame, base: str, *, unit: str, notes: tuple[str, ...]
) -> Table:  # noqa: A002, PLR0913
    """One row per label and class with interval and base."""
    columns = (
        Column("label", "What"),
        Column("class", "Class"),
        estimate_column("Mean" if unit != "percent" else "Share", unit),
        Column("companies", "Companies", "count"),
    )
    return Table(id, caption, table, columns, base, notes)


def sentence_list(parts: Iterator[str] | list[str]) -> str:
    """Join parts with commas and a final "and"."""
    items = list(parts)
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
