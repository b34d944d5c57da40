"""The command line. Heavy libraries are imported inside the commands, so that --help answers at once."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PROBLEMS, FAULT = 1, 70

app = typer.Typer(
    help="Are sales and marketing aligned, how does a company compare, and does alignment go with growth?",
    epilog="Exit codes: 0 done, 1 the input has problems, 2 wrong usage, 70 a fault in alignmark itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file (YAML).")]
DataPath = Annotated[Path | None, typer.Option(help="Folder of the data files, if not beside the study.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]


@app.command()
def run(
    study: StudyPath,
    out: Annotated[Path | None, typer.Option(help="Output folder; out/<study folder> by default.")] = None,
    data: DataPath = None,
) -> None:
    """Run a study: from exports to report."""
    from alignmark.run import run as run_study
    from alignmark.study import read_study

    target = out or Path("out") / study.resolve().parent.name
    with _progress("Running the study") as step:
        run_study(read_study(study, data=data), target, step=step)
    _say_where(target)


@app.command()
def demo(out: Annotated[Path, typer.Option(help="Output folder.")] = Path("out/demo")) -> None:
    """Run the example study that ships, in out/demo."""
    run(EXAMPLES / "alignment_study" / "study.yaml", out=out)


@app.command()
def check(study: StudyPath, data: DataPath = None) -> None:
    """Find every problem of a study in one pass, writing nothing."""
    from alignmark.run import check as check_study
    from alignmark.study import read_study

    with _progress("Checking the study") as step:
        report = check_study(read_study(study, data=data), step=step)
    typer.echo(report)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    seed: Seed = 1,
) -> None:
    """Write a study folder that runs at once, with invented data to replace by your own."""
    from alignmark.new_study import write_new_study

    with _progress("Writing the study"):
        write_new_study(folder, companies=60, seed=seed)
    typer.echo(f"{folder}/study.yaml is ready. Next: alignmark run {folder}/study.yaml")
    typer.echo("Then put your own exports in its place, name them in study.yaml, and type: alignmark check")


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    companies: Annotated[int, typer.Option(min=10, help="Number of companies.")] = 300,
    seed: Seed = 1,
    halo: Annotated[float, typer.Option(help="How far growth colours the answers (0: not at all).")] = 0.0,
    confounder: Annotated[float, typer.Option(help="How far something unobserved drives both.")] = 0.0,
) -> None:
    """Write a study with invented answers and known truth (truth.json)."""
    from alignmark.new_study import write_new_study

    with _progress("Simulating"):
        write_new_study(folder, companies=companies, seed=seed, halo=halo, confounder=confounder)
    typer.echo(
        f"{folder}/study.yaml and {folder}/truth.json are ready. Next: alignmark run {folder}/study.yaml"
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; problems of the input come out as words, never as a traceback."""
    try:
        app(args=arguments)
    except Exception as error:
        _explain(error)


def _explain(error: Exception) -> None:
    from survey.problems import InputError

    if isinstance(error, InputError):
        typer.echo(str(error), err=True)
        sys.exit(PROBLEMS)
    if isinstance(error, OSError):
        typer.echo(f"{error.filename or 'a file'}: {error.strerror or error}", err=True)
        sys.exit(PROBLEMS)
    if os.environ.get("ALIGNMARK_DEBUG"):
        raise error
    typer.echo(f"alignmark failed where it should not have ({type(error).__name__}: {error}).", err=True)
    typer.echo("Nothing was written. Set ALIGNMARK_DEBUG=1 and run again to see where.", err=True)
    sys.exit(FAULT)


@contextmanager
def _progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show a progress line on a terminal; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)
        yield lambda stage: bar.update(task, description=f"{title}: {stage}")


def _say_where(target: Path) -> None:
    typer.echo(f"Done. Open {target}/report.html")
    for name, what in (
        ("tables.xlsx", "every table (also as CSV in tables/)"),
        ("panel.parquet", "one row per company and wave"),
        ("cleaning_log.csv", "every dropped row and changed value"),
        ("manifest.json", "inputs, versions, seed, row accounting"),
    ):
        if (target / name).exists():
            typer.echo(f"  {name:<17} {what}")
