"""Passages that several sections share: bases, cautions, and blocks that stand where evidence is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from reports.evidence import Evidence
from reports.report import Callout, Column, Unit
from reports.tables import declared_text, missing_reasons, number_text
from reports.titles import title_of
from reports.wording import known_word
from survey.language import look_up, mark, say, say_n
from survey.ledger import named

CLASSES = {
    mark("best in class"): mark("Best in class"),
    mark("average"): mark("Average"),
    mark("laggard"): mark("Laggard"),
    mark("world-class"): mark("World-class"),
    mark("rest"): mark("Rest"),
}
"""Classes, the best first, and the headings of their columns."""

FUNCTIONS = {mark("sales"): mark("Sales"), mark("marketing"): mark("Marketing")}
"""Functions inside a sentence, and in cells."""


def base(evidence: Evidence, companies: float, *, when: str = "") -> str:
    """Base and source line of a figure or table."""
    return say(
        "Base: {n} companies, {when}. Source: simulated data."
        if evidence.facts.simulated
        else "Base: {n} companies, {when}. Source: answers and records of this study.",
        n=number_text(companies, "count"),
        when=when or evidence.facts.latest,
    )


def all_waves(evidence: Evidence) -> str:
    """Name the years that pooled estimates stand on."""
    waves = evidence.facts.waves
    return say("{first} to {last}", first=waves[0], last=waves[-1]) if len(waves) > 1 else str(waves[0])


def not_available(title: str, reason: str) -> Callout:
    """Say in its place why something cannot be shown."""
    return Callout("caution", title, say("Not available: {reason}.", reason=reason))


def too_few(title: str, evidence: Evidence, *, times: int = 1, companies: int | None = None) -> Callout:
    """Say why a table is withheld: too few companies, or what it would tell beside the others.

    A percentile needs `times` as many companies as a mean. `companies` have it: those with the index, if not said.
    """
    minimum = times * evidence.facts.minimum_companies
    known = evidence.panel.wave(evidence.facts.latest).frame["alignment"].count()
    reason = (
        say("fewer than {minimum} companies have it, the least that is shown", minimum=minimum)
        if (known if companies is None else companies) < minimum
        else say("beside the other tables it would give a company away")
    )
    return not_available(title, reason)


def has_values(table: pd.DataFrame, column: str = "estimate") -> bool:
    """Whether there is anything to show."""
    return len(table) > 0 and bool(table[column].notna().any())


def with_titles(table: pd.DataFrame, evidence: Evidence, *, key: str = "variable") -> pd.DataFrame:
    """Add ``label``: the title of each row's variable."""
    labels = [title_of(str(name), evidence.panel, language=evidence.facts.language) for name in table[key]]
    return table.assign(label=labels)


def classed_companies(evidence: Evidence, basis: str) -> int:
    """How many different companies have a class in any wave."""
    return int(evidence.classes[basis].frame["company"].nunique())


def in_class_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by class, the best first, keeping the order of everything else."""
    order = {name: place for place, name in enumerate(CLASSES)}
    return table.sort_values("class", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def estimate_column(heading: str, unit: Unit) -> Column:
    """Column of an estimate with its 95% interval."""
    return Column("estimate", heading, unit, low="conf_low", high="conf_high", n="n")


def bounded(key: str, heading: str, unit: Unit, *, of: str = "", reason: str = "") -> Column:
    """Column of a number with the ends of its interval, which stand in columns named after it."""
    return Column(f"{key}{of}", heading, unit, f"{key}_low{of}", f"{key}_high{of}", reason=reason)


def side_by_side(table: pd.DataFrame, names: tuple[str, ...], *, key: str) -> pd.DataFrame:
    """One row per `key`, in the order given, with estimate and interval of each class in columns of its own.

    Returns
    -------
    DataFrame
        `key`, ``label``, then ``<class>, <class>_low, <class>_high, <class>_why`` (why there is no number) per class,
        and ``companies``, the smallest class's.
    """
    rows = table[[key, "label"]].drop_duplicates().set_index(key)
    rows["companies"] = table.groupby(key)["companies"].min()
    for name in names:
        part = table[table["class"] == name].set_index(key)
        for column, suffix in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
            rows[f"{name}{suffix}"] = part[column]
        rows[f"{name}_why"] = pd.Series(missing_reasons(part, Column("estimate", name)), index=part.index)
    return rows.reset_index()


def withheld_note(rows: pd.DataFrame) -> list[str]:
    """Say below a figure of classes that a point is missing because it is withheld; nothing if none is."""
    return [say("A class that is missing is withheld.")] if rows["estimate"].isna().any() else []


def class_columns(names: tuple[str, ...], unit: Unit) -> tuple[Column, ...]:
    """Columns of `side_by_side`, one per class with its interval."""
    return tuple(bounded(name, CLASSES[name], unit, reason=f"{name}_why") for name in names)


FAMILY = mark("all comparisons of the table but those selected on what they compare; Benjamini and Hochberg")
"""Within which p values are adjusted, where a table has adjusted ones."""


def family_note(rows: pd.DataFrame) -> str:
    """Say how many comparisons of a table are one family and how many of these hold; "" if none is made."""
    made = rows["p_adjusted"].notna()
    if not made.any():
        return ""
    held = int((rows["p_adjusted"] < 0.05).sum())
    if made.sum() == 1:
        return say("There is one comparison only, so that its adjusted p is its own.")
    return say_n(
        held,
        "These {n} comparisons are one family: if nothing differed, about {false} of their intervals would exclude "
        "zero all the same. {held} of them has an adjusted p below 0.05 (Benjamini and Hochberg 1995, which keeps the "
        "expected share of false finds at 5%).",
        "These {n} comparisons are one family: if nothing differed, about {false} of their intervals would exclude "
        "zero all the same. {held} of them have an adjusted p below 0.05 (Benjamini and Hochberg 1995, which keeps the "
        "expected share of false finds at 5%).",
        n=int(made.sum()),
        false=declared_text(float(f"{0.05 * made.sum():.1g}")),
        held=held,
    )


def sentence_list(parts: Iterator[str] | list[str]) -> str:
    """Join parts with commas and a final "and"."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return say("{items} and {last}", items=", ".join(items[:-1]), last=items[-1])


def common_ground(evidence: Evidence) -> tuple[str, ...]:
    """Say what stands left out where all waves stand side by side; nothing if everything compares."""
    if not evidence.left_out:
        return ()
    return (
        say(
            "Without {questions}, which cannot be compared between all waves.",
            questions=named(evidence.left_out),
        ),
    )


def class_gap(rows: pd.DataFrame, first: str, last: str) -> pd.Series:
    """First class less last, by label, where both are shown."""
    wide = rows.pivot_table("estimate", "label", "class", sort=False).reindex(columns=[first, last])
    return (wide[first] - wide[last]).dropna()


def class_years(evidence: Evidence, basis: str) -> str:
    """Count the company-years behind classes, and name their years."""
    n = number_text(len(evidence.classes[basis].frame), "count")
    return say("{n} company-years, {when}", n=n, when=all_waves(evidence))


def too_few_in_class(evidence: Evidence, basis: str) -> str:
    """Say why a comparison of classes is blank."""
    classes = evidence.classes[basis]
    sizes = classes.frame.groupby("class")["company"].nunique()
    if sizes.reindex(classes.names, fill_value=0).min() >= evidence.facts.minimum_companies:
        return say("beside the other tables it would give a company away")
    counted = sentence_list([f"{known_word(name)} {int(sizes.get(name, 0))}" for name in classes.names])
    return say(
        "a class has fewer than {minimum} companies, the least that is shown (companies in {counted})",
        minimum=evidence.facts.minimum_companies,
        counted=counted,
    )


def by_function(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``class``, the role that draws each row's function, and ``who``, its name; no name where there is none."""
    known = rows["function"].ne("")
    return rows.assign(
        **{"class": rows["function"].where(known, "study")}, who=rows["function"].map(FUNCTIONS).fillna("")
    )


def who_columns(rows: pd.DataFrame) -> list[Column]:
    """Column of the function, where the study has functions."""
    return [Column("who", "Function")] if rows["function"].ne("").any() else []


def functions_of(rows: pd.DataFrame) -> dict[str, str]:
    """Return the functions of some rows, in their order, with their names inside a sentence."""
    return {name: look_up(name) for name in rows["function"].unique() if name}


def across(
    rows: pd.DataFrame, keys: list[str], columns: tuple[Column, ...], *, by: str, called: Mapping[str, str]
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Set rows that differ in `by` alone side by side: each column once for every value that is `called` something.

    Returns
    -------
    DataFrame, tuple of Column
        One row per `keys`, in their order; every column of `columns` as ``<column>_<value>``, and how to show them.

    Examples
    --------
    >>> rows = pd.DataFrame({"item": ["a", "a"], "function": ["sales", "marketing"], "n": [3, 4]})
    >>> column = Column("n", "Answers", "count")
    >>> wide, shown = across(rows, ["item"], (column,), by="function", called={"marketing": "m", "sales": "s"})
    >>> wide.columns.tolist(), [column.heading for column in shown]
    (['item', 'n_marketing', 'why_n_marketing', 'n_sales', 'why_n_sales'], ['Answers, m', 'Answers, s'])
    """
    wide = rows[keys].drop_duplicates(ignore_index=True)
    shown = []
    for name, title in called.items():
        own = rows[rows[by] == name]
        for column in columns:
            needed = [part for part in (column.key, column.low, column.high, column.n) if part]
            names = {part: f"{part}_{name}" for part in dict.fromkeys(needed)}
            part = own.rename(columns=names)[[*keys, *(new for new in names.values() if new not in wide)]]
            why = f"why_{column.key}_{name}"
            wide = wide.merge(part.assign(**{why: missing_reasons(own, column)}), on=keys, how="left")
            low, high, n = (names.get(part, "") for part in (column.low, column.high, column.n))
            heading = f"{look_up(column.heading)}, {title}"
            shown.append(
                replace(column, key=names[column.key], heading=heading, low=low, high=high, n=n, reason=why)
            )
    return wide, tuple(shown)


def people(evidence: Evidence, rows: pd.DataFrame) -> str:
    """Base line of what rests on respondents of the latest wave."""
    told = [
        say(
            "{n} respondents of {function} in {companies} companies"
            if name
            else "{n} respondents in {companies} companies",
            function=look_up(str(name)),
            n=number_text(own["n"].max(), "count"),
            companies=number_text(own["companies"].max(), "count"),
        )
        for name, own in rows.groupby("function", sort=False)
    ]
    return say(
        "Base: {people}, {when}. Source: simulated data."
        if evidence.facts.simulated
        else "Base: {people}, {when}. Source: answers of this study.",
        people=sentence_list(told),
        when=evidence.facts.latest,
    )


def in_functions(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by function, keeping the order of everything else, for a table under the functions' names."""
    return rows.sort_values("function", kind="stable", ignore_index=True)


def grouped(rows: pd.DataFrame) -> str:
    """Column that gathers rows under their function; none where there are no functions."""
    return "who" if rows["function"].ne("").any() else ""
