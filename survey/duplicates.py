"""One row of each respondent in a company and wave, and respondents in two companies."""

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from survey.cleaning_log import Step, drop, noted
from survey.matching import MatchedExport
from survey.stacking import bad_cells


def without_duplicates(
    table: pd.DataFrame, *, waves: Sequence[MatchedExport], asked: Sequence[str], keep: str
) -> Step:
    """Keep one row of each respondent per company and wave; see `survey.cleaning_rules.Rules`."""
    person = _people(table, waves).assign(company=table["company"])
    several = table[person.duplicated(keep=False)]
    order = several.reindex(columns=["file", "row", "started"])
    by = ["started", "file", "row"]
    if keep == "most_complete":
        told = several[["function", *asked]]
        order = pd.concat([order.assign(blank=told.isna().sum(axis=1)), told], axis=1)
        by = ["blank", "started", *told, "file", "row"]
    of_several = person.loc[order.sort_values(by).index]
    second = of_several.duplicated(keep="last" if keep == "last" else "first")
    again = second.reindex(table.index, fill_value=False)
    return drop(table, again, f"respondent answered more than once; kept: {keep.replace('_', ' ')}")


def settle_several_companies(
    table: pd.DataFrame, *, waves: Sequence[MatchedExport], rule: Literal["keep", "drop", "error"]
) -> Step:
    """Note, drop or refuse the rows of respondents whose id stands in two companies of one wave."""
    people = _people(table, waves)
    companies = table["company"].groupby([people[name] for name in people]).transform("nunique")
    several, what = companies > 1, "respondent in several companies of one wave"
    if not several.any():
        return Step(table, [], [])
    if rule == "drop":
        return drop(table, several, what)
    if rule == "keep":
        return Step(table, [noted(table[several], "company", table.loc[several, "company"], what)], [])
    allowed = "one company for each respondent and wave, or cleaning: several_companies: keep or drop"
    problems = bad_cells(table, "respondent", several, waves, what=f"is a {what}", allowed=allowed)
    return Step(table, [], problems)


def _people(table: pd.DataFrame, waves: Sequence[MatchedExport]) -> pd.DataFrame:
    """Return what tells people apart: wave, id and, where a platform gave the id, the file.

    Ids that a platform gives are its own: number 17 of one file is nobody known in another.
    """
    own = [n for n, read in enumerate(waves) if read.columns.get("respondent") in read.export.metadata]
    counted_in = table["export"].where(table["export"].isin(own), -1).rename("counted_in")
    return table[["wave", "respondent"]].join(counted_in)
