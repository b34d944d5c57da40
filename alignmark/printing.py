"""Problems on the screen: a table on a terminal, a line each in a pipe."""

import sys
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from survey.language import digits, look_up, mark, say, say_n, speaking
from survey.problem_table import ProblemTable, as_line, problem_table
from survey.problems import MEANT, SEVERITIES, InputError, Problem, Severity

PER_KIND = 5
"""The screen shows so many problems of a kind; the written table holds every one."""

STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}

LONGEST = 400
"""A line in a pipe, and a cell of prose, is cut to so many characters."""

COLUMNS = ((mark("Where"), 3), (mark("What was found"), 4), (mark("What to do"), 3))
"""Columns of the drawn table, and how wide they are."""

ALLOWED = 120
"""What was allowed is cut shorter in a pipe: what to do stands behind it."""


def print_table(
    table: ProblemTable, summary: str, *, err: bool, written: str = "", whole: bool = False
) -> None:
    """Print what was found, the worst first.

    Where there are errors the rest is only counted: it would push them off the screen.

    Parameters
    ----------
    table
        Every problem.
    summary
        What is said first.
    err
        Whether to print where errors go.
    written
        Name of the file that holds every one, if it was written.
    whole
        Whether the rest is shown all the same, as what it says may be why there are errors.
    """
    typer.echo(summary, err=err)
    terminal = (sys.stderr if err else sys.stdout).isatty()
    shown = table.severities()[:1] if table.count("error") and not whole else table.severities()
    for severity in shown:
        rows = table.shown(severity, PER_KIND)
        rows["more"] = [_more(count, written) for count in rows["more"]]
        title = f"{table.counted(severity)}, {look_up(SEVERITIES[severity])}"
        if terminal:
            Console(stderr=err).print(_drawn(rows, Text(title, STYLES[severity])))
        else:
            typer.echo("\n".join([*([f"{title}:"] if severity != "error" else []), *_lines(rows)]), err=err)
    besides = [table.counted(severity) for severity in table.severities() if severity not in shown]
    if besides:
        typer.echo(say("Besides: {what}.", what=say(" and ").join(besides)), err=err)


def print_refused(error: InputError) -> None:
    """Print why nothing was written, in the language in which it is told, and what the command adds."""
    with speaking(error.language):
        table = problem_table([*error.problems, *error.remarks])
        count = table.count("error")
        said = say_n(
            count, "{n} problem to mend; nothing was written.", "{n} problems to mend; nothing was written.",
            n=count,
        )  # fmt: skip
        print_table(table, said, err=True)
    for note in getattr(error, "__notes__", []):
        typer.echo(note, err=True)


def _allowed(text: str) -> str:
    """Cut what was allowed, but for what was probably meant."""
    before, meant, after = text.partition(f"({look_up(MEANT)}")
    return as_line(before.rstrip(), ALLOWED) + (f" {meant}{after}" if meant else "")


def _lines(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.to_dict("records"):
        line = None if pd.isna(row["row"]) else int(row["row"])
        found = Problem(
            row["problem"], row["file"], line, row["column"], row["value"],
            _allowed(row["allowed"]), row["to_do"],
        )  # fmt: skip
        yield as_line(str(found), LONGEST)
        if row["more"]:
            yield row["more"]


def _more(count: int, written: str) -> str:
    if not count:
        return ""
    more = say_n(count, "... and {n} more like this", "... and {n} more like these", n=digits(count, ",d"))
    return say("{more} in {file}", more=more, file=written) if written else more


def _drawn(rows: pd.DataFrame, title: Text) -> Table:
    """Draw a table of three columns, which is what a terminal of 80 characters has room for."""
    drawn = Table(title=title, title_justify="left", expand=True)
    columns = COLUMNS if rows["to_do"].any() else COLUMNS[:2]
    for heading, ratio in columns:
        drawn.add_column(look_up(heading), ratio=ratio, overflow="fold")
    again = rows.duplicated(["file", "column"])
    for row, told in zip(rows.to_dict("records"), again, strict=True):
        cells = (_where(row, told=told), _found(row), Text(as_line(row["to_do"], LONGEST)))
        drawn.add_row(*cells[: len(columns)], end_section=len(columns) == 3)
    return drawn


def _where(row: dict[Hashable, Any], *, told: bool) -> Text:
    """Say where a problem stands, with the question unless it was told above."""
    line = "" if pd.isna(row["row"]) else say("row {row}", row=row["row"])
    place = ", ".join(part for part in (line, as_line(row["column"])) if part)
    asked = "" if told or row["question"] in row["column"] else as_line(row["question"])
    parts = ((as_line(row["file"]), "bold"), (place, ""), (asked, "italic"))
    return Text("\n").join(Text(text, style) for text, style in parts if text)


def _found(row: dict[Hashable, Any]) -> Text:
    found = [Text(as_line(str(Problem(row["problem"], value=row["value"]))))]
    found += [Text(say("Allowed: {what}", what=as_line(row["allowed"], LONGEST)))] if row["allowed"] else []
    found += [Text(row["more"], "italic")] if row["more"] else []
    return Text("\n").join(found)
