"""What a command shows while it works and when it is done; nothing but the end in a pipe."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

STAGES = 9
"""Stages of a run, the length of the progress bar."""

ADDED_UP = {"written": "written", "was there": "there already", "failed": "failed"}
"""What is said of scorecards, by their status."""


@contextmanager
def resumable(target: Path) -> Iterator[None]:
    """Say, where somebody stops what is written file by file, that it can go on."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"Stopped. What is in {target} stays; the same command goes on from there.", err=True)
        raise


@contextmanager
def counted(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show how many of many things are done, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda name: bar.update(task, advance=1, description=f"{title}: {name}"[:60])


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on a terminal, one step a stage; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=STAGES)
        yield lambda stage: bar.update(task, advance=1, description=f"{title}: {stage}")


def say_where(target: Path) -> None:
    """Name what a run left."""
    typer.echo(f"Done. Open {target}/report.html")
    for name, what in (
        ("report.pdf", "the same report, to print and to send"),
        ("report.pptx", "the same figures as slides, with charts to edit and notes"),
        ("tables.xlsx", "every table (also as CSV in tables/)"),
        ("crosstabs.xlsx", "crosstab books (also as crosstabs.html)"),
        ("panel.parquet", "one row per company and wave (confidential)"),
        ("companies.csv", "every company among its peers (confidential)"),
        ("profiles.csv", "sales and marketing of every company compared (confidential)"),
        ("cleaning_log.csv", "every dropped row and changed value (confidential)"),
        ("models.csv", "every term of the models (also as LaTeX in models.tex)"),
        ("ledger.csv", "which questions compare between waves"),
        ("weights.csv", "what every company counts, step by step (confidential)"),
        ("respondent_weights.csv", "what every respondent counts (confidential)"),
        ("replicate_weights.csv", "what every company counts in each replicate (confidential)"),
        ("free_text.csv", "free text that the study keeps, reviewed: see free_text_review.csv"),
        ("pack.json", "norms and scoring key to hand out: alignmark compare ANSWERS --pack pack.json"),
        ("release.json", "what was published, for the disclosure check of the next release (confidential)"),
        ("manifest.json", "inputs, versions, seed, row accounting"),
    ):
        if (target / name).exists():
            typer.echo(f"  {name:<22} {what}")


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let a process that is told to end (SIGTERM) take away its temporary folder first, which holds answers."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
