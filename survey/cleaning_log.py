"""What cleaning did: every dropped row, every changed value, and the count of rows that proves it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey.language import mark, recognise
from survey.problems import Problem

COLUMNS = ("file", "row", "respondent", "column", "before", "after", "rule", "action")
"""Columns of the log."""

COUNTED_TOGETHER = {
    "careless: ": "flagged as careless",
    "company name accepted at ": "company name accepted as similar",
}
"""Beginnings of rules of which each line says more, such as the signs or the score, and what they are as one."""

RULES = (
    mark("respondent answered more than once; kept: most complete"),
    mark("respondent answered more than once; kept: first"),
    mark("respondent answered more than once; kept: last"),
    mark("respondent in several companies of one wave"),
    mark("preview or test response"),
    mark("blank row"),
    mark("no company named"),
    mark("no company, as somebody decided"),
    mark("company excluded: {why}"),
    mark("excluded: {why}"),
    mark("company not in the register"),
    mark("company name resolved"),
    mark("company name accepted as similar"),
    mark("company name as somebody decided"),
    mark("company by the domain of the e-mail address"),
    mark("no function given"),
    mark("function is neither sales nor marketing"),
    mark("unknown function"),
    mark("job title: it cannot be told whether this is sales or marketing"),
    mark("job title: title and department say one thing and the other"),
    mark("failed attention check"),
    mark("answered less than {share}% of the statements"),
    mark("flagged as careless"),
    mark("outside the scale"),
    mark("rescaled from {asked} to {scale}"),
    mark("not an option of the list"),
    mark("not a time"),
    mark("not a duration in seconds"),
    mark("ended before it started: duration not known"),
    mark("took no time: duration not known"),
    mark("took more than {hours} hours: duration not known"),
)
"""What a rule can be called, beside the checks that a study declares: the log is English, a report in its language."""


@dataclass(frozen=True, slots=True, eq=False)
class CleaningLog:
    """Every dropped row and changed value.

    Parameters
    ----------
    frame
        `COLUMNS`, one line per dropped row (action "dropped") and per changed value ("changed", with
        the value before and after and the column of the clean table); "noted" lines are of what a rule
        found and left as it is. Labels that became codes, "don't know" and declared missing codes are
        readings, not changes.
    accounting
        file, wave, rows_in, rows_kept, rows_dropped; rows_in = rows_kept + rows_dropped in each line.
    """

    frame: pd.DataFrame
    accounting: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the log."""
        return self.frame.copy()

    def reasons(self) -> pd.DataFrame:
        """Return rule, action and the number of rows or values it concerned, most frequent first.

        Rules that differ in their signs or scores alone are one (`COUNTED_TOGETHER`).
        """
        rules = self.frame["rule"]
        for beginning, as_one in COUNTED_TOGETHER.items():
            rules = rules.mask(rules.str.startswith(beginning), as_one)
        counts = self.frame.assign(rule=rules).groupby(["rule", "action"], as_index=False).size()
        return counts.rename(columns={"size": "n"}).sort_values(["n", "rule"], ascending=[False, True])

    def summary(self) -> str:
        """Say in one sentence how many rows came in and how many were kept."""
        rows = self.accounting[["rows_in", "rows_kept", "rows_dropped"]].sum()
        changed = int((self.frame["action"] == "changed").sum())
        return (
            f"{rows['rows_in']} rows read, {rows['rows_kept']} kept, {rows['rows_dropped']} dropped; "
            f"{changed} values changed"
        )

    __repr__ = summary


class Step(NamedTuple):
    """What one step of cleaning leaves: the table, its lines for the log, and the problems it found."""

    table: pd.DataFrame
    lines: list[pd.DataFrame]
    problems: list[Problem]


def one_after_another(table: pd.DataFrame, steps: Sequence[Callable[[pd.DataFrame], Step]]) -> Step:
    """Hand a table from step to step, and gather the lines and problems of all."""
    lines: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for step in steps:
        table, new_lines, new_problems = step(table)
        lines += new_lines
        problems += new_problems
    return Step(table, lines, problems)


def rule_said(rule: str) -> str:
    """Say a rule in the language that is being written.

    Examples
    --------
    >>> rule_said("failed attention check")
    'failed attention check'
    """
    return recognise(rule, RULES)


def dropped(rows: pd.DataFrame, rule: str | pd.Series) -> pd.DataFrame:
    """Return log lines for rows that are dropped.

    Parameters
    ----------
    rows
        Rows with file, row and respondent.
    rule
        Why; one text, or one per row.
    """
    lines = rows[["file", "row", "respondent"]].assign(
        column="", before="", after="", rule=rule, action="dropped"
    )
    return lines[list(COLUMNS)]


def drop(table: pd.DataFrame, mask: pd.Series, rule: str | pd.Series) -> Step:
    """Take the rows of `mask` out of the table and into the log."""
    if not mask.any():
        return Step(table, [], [])
    why = rule if isinstance(rule, str) else rule[mask]
    return Step(table[~mask], [dropped(table[mask], why)], [])


def changed(
    rows: pd.DataFrame, column: str, *, before: pd.Series, after: pd.Series | str, rule: str
) -> pd.DataFrame:
    """Return log lines for values of one column that are changed; an empty `after` means missing."""
    lines = rows[["file", "row", "respondent"]].assign(
        column=column, before=before, after=after, rule=rule, action="changed"
    )
    return lines[list(COLUMNS)]


def noted(rows: pd.DataFrame, column: str, found: pd.Series, rule: str) -> pd.DataFrame:
    """Return log lines for what a rule found in one column and left as it is."""
    lines = rows[["file", "row", "respondent"]].assign(
        column=column, before=found.astype("str"), after=found.astype("str"), rule=rule, action="noted"
    )
    return lines[list(COLUMNS)]


def make_log(lines: Iterable[pd.DataFrame], read: pd.DataFrame, kept: pd.DataFrame) -> CleaningLog:
    """Put log lines together and account for every row.

    Parameters
    ----------
    lines
        What `dropped` and `changed` returned, in any order.
    read, kept
        Rows as they were read and those that are left, with file, row and wave.

    Raises
    ------
    AssertionError
        If a row is neither kept nor in the log, or both: a fault of the program, not of the data.
    """
    empty = pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in COLUMNS})
    full = [line for line in lines if len(line)]
    frame = pd.concat(full, ignore_index=True) if full else empty
    frame = frame.sort_values(["file", "row", "action", "column"], kind="stable", ignore_index=True)
    gone = frame.loc[frame["action"] == "dropped", ["file", "row"]]
    state = read[["file", "row", "wave"]].assign(
        rows_in=1,
        rows_kept=_among(read, kept).astype(int),
        rows_dropped=_among(read, gone).astype(int),
    )
    accounting = state.groupby(["file", "wave"], dropna=False, as_index=False)[
        ["rows_in", "rows_kept", "rows_dropped"]
    ].sum()
    once = (state["rows_kept"] + state["rows_dropped"] == 1).all()
    if not once or len(gone) != state["rows_dropped"].sum() or len(kept) != state["rows_kept"].sum():
        raise AssertionError("a row was neither kept nor logged as dropped, or both")
    return CleaningLog(frame, accounting)


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Say which of `rows` stand among `others`, by file and row."""
    places = pd.MultiIndex.from_frame(rows[["file", "row"]])
    return np.asarray(places.isin(pd.MultiIndex.from_frame(others[["file", "row"]])))
